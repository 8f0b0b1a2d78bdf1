// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock takes a file for this process alone, until it is closed or the process ends.
func lock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
}
