// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"os"
	"syscall"
)

// openDirect opens a file again, to be written past the cache; nil where the file system has no such thing.
func openDirect(f *os.File) writeCloser {
	direct, err := os.OpenFile(f.Name(), os.O_WRONLY|syscall.O_DIRECT, 0)
	if err != nil {
		return nil
	}
	is, err := f.Stat()
	there, err2 := direct.Stat()
	if err != nil || err2 != nil || !os.SameFile(is, there) { // the folder was moved just now
		_ = direct.Close()
		return nil
	}
	return direct
}

// refused reports that a write is not refused for what the disk is, but for how it was made.
func refused(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EOPNOTSUPP)
}
