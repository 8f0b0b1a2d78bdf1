// SPDX-License-Identifier: Apache-2.0

//go:build unix

package filestore

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock takes a file for this process alone, until it is closed or the process ends.
func lock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
