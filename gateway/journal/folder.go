// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"errors"
	"os"
	"runtime"
)

// SyncFolder brings the names in a folder to stable storage, where that is a thing to do: a file that is there is not found
// without its name.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
