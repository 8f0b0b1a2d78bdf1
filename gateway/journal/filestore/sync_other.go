// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package filestore

import "os"

// syncData brings a file to stable storage.
func syncData(f *os.File) error { return f.Sync() }
