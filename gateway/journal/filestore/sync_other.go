// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package filestore

import (
	"os"
	"runtime"
)

// syncData brings a file to stable storage.
func syncData(f *os.File) error { return f.Sync() }

// syncFolder does nothing where folders cannot be synced: there, creating a file is durable by itself.
func syncFolder(f *os.File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return f.Sync()
}
