// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"os"
	"syscall"
)

// syncData brings the data of a file, and what is needed to read it again, to stable storage.
func syncData(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
