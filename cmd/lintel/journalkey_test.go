// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"lintel/gateway/journal"
)

// TestJournalKeyMadeByMany: of many processes that start at the same time in a new folder all have the same key, whole.
func TestJournalKeyMadeByMany(t *testing.T) {
	log := newLogging(&bytes.Buffer{})
	defer log.close()
	for range 20 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		for range 16 {
			wg.Go(func() {
				key, err := journalKey("", filepath.Join(dir, "journal.key"), log)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || len(key) != 2*journal.MinSecret {
					t.Errorf("%d bytes: %v", len(key), err)
				}
				seen[string(key)] = true
			})
		}
		wg.Wait()
		if list, err := os.ReadDir(dir); len(seen) != 1 || err != nil || len(list) != 1 {
			t.Fatalf("%d keys, %v, %v", len(seen), list, err)
		}
	}
}
