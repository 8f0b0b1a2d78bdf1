// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxInstances bounds the processes that use a folder at the same time.
const maxInstances = 64

// nameLength is the length of the name in a file, in bytes; it is written as hexadecimal digits.
const nameLength = 16

// Instance names this process among those that use a folder and have a journal in common elsewhere. The name is in a
// file that only this process has, until it closes it or ends: no two that live have the same, and the next one that
// starts in the folder has the name of one that ended.
func Instance(folder string) (name string, held io.Closer, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", nil, fmt.Errorf("the folder of the journal cannot be made: %w", err)
	}
	for n := 1; n <= maxInstances; n++ {
		f, err := os.OpenFile(filepath.Join(folder, fmt.Sprintf("instance.%d", n)), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return "", nil, fmt.Errorf("the folder of the journal cannot be used: %w", err)
		}
		if lock(f) != nil {
			_ = f.Close()
			continue
		}
		if name, err = nameIn(f); err != nil {
			return "", nil, errors.Join(fmt.Errorf("the name of this process cannot be kept: %w", err), f.Close())
		}
		return name, f, nil
	}
	return "", nil, errors.New("too many processes use the folder of the journal")
}

// nameIn reads the name in a file. One that was not written whole is made anew: nobody has it.
func nameIn(f *os.File) (string, error) {
	b, err := io.ReadAll(io.LimitReader(f, 3*nameLength))
	if err != nil {
		return "", err
	}
	name := strings.TrimSpace(string(b))
	if raw, err := hex.DecodeString(name); err == nil && len(raw) == nameLength {
		return name, nil
	}
	var raw [nameLength]byte
	_, _ = rand.Read(raw[:]) // never fails
	name = hex.EncodeToString(raw[:])
	if err := f.Truncate(0); err != nil {
		return "", err
	}
	_, err = f.WriteAt([]byte(name+"\n"), 0)
	return name, errors.Join(err, f.Sync())
}
