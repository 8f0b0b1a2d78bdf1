// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"io/fs"
	"syscall"
)

// inode is the number of a file on its disk.
func inode(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(s.Ino)
	}
	return 0
}
