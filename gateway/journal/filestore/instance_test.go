// SPDX-License-Identifier: Apache-2.0

package filestore_test

import (
	"os"
	"path/filepath"
	"testing"

	"lintel/gateway/journal/filestore"
)

// TestInstance: processes that live have different names; one that starts has that of one that ended.
func TestInstance(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	name := func() (string, func()) {
		t.Helper()
		name, held, err := filestore.Instance(dir)
		if err != nil || len(name) != 32 {
			t.Fatalf("%q %v", name, err)
		}
		return name, func() { _ = held.Close() }
	}
	one, end := name()
	two, endTwo := name()
	defer endTwo()
	if one == two {
		t.Error("two processes have the same name")
	}
	end()
	again, end := name()
	if again != one {
		t.Errorf("after a restart the name is %s, not %s", again, one)
	}
	end()
	if err := os.WriteFile(filepath.Join(dir, "instance.1"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	other, end := name()
	defer end()
	if other == one || other == two {
		t.Errorf("a name that was not written whole became %s", other)
	}
}
