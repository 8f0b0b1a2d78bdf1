// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxDepth bounds how deep the folders of a workspace are walked: links may make a circle.
const maxDepth = 16

// look sums up names, sizes and times of all files of a workspace. Links are followed, also those
// that a mounted volume exchanges as a whole. What is hidden is not looked at.
func look(dir string) [sha256.Size]byte {
	h := sha256.New()
	walk(dir, maxDepth, h, func(_ string, info fs.FileInfo) {
		number(h, info.Size())
		number(h, info.ModTime().UnixNano())
		// A link that leads elsewhere now may lead to a file of the same size and time.
		number(h, inode(info))
	})
	return [sha256.Size]byte(h.Sum(nil))
}

// digest sums up names and contents of all files of a workspace: the same files give the same
// digest on every machine.
func digest(dir string) string {
	h := sha256.New()
	walk(dir, maxDepth, h, func(file string, info fs.FileInfo) {
		if !info.Mode().IsRegular() { // a pipe would block
			return
		}
		number(h, info.Size())
		f, err := os.Open(file)
		if err != nil {
			_, _ = io.WriteString(h, "unreadable")
			return
		}
		_, _ = io.Copy(h, io.LimitReader(f, info.Size()))
		_ = f.Close() // it was only read
	})
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func number(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// walk calls file for every file below dir, in the order of names, and puts the names into h.
func walk(dir string, depth int, h hash.Hash, file func(string, fs.FileInfo)) {
	entries, err := os.ReadDir(dir)
	if err != nil || depth == 0 {
		_, _ = io.WriteString(h, "unreadable")
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		_, _ = io.WriteString(h, e.Name()+"\x00")
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		switch {
		case err != nil:
			_, _ = io.WriteString(h, "unreadable")
		case info.IsDir():
			walk(path, depth-1, h, file)
			_, _ = io.WriteString(h, "/")
		default:
			file(path, info)
		}
	}
}
