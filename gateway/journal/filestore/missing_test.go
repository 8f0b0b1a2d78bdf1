// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"lintel/gateway/journal"
)

// failsOnce is a file of which one write fails, after something else has happened.
type failsOnce struct {
	File
	before func()
}

// Stat is that of the file.
func (f *failsOnce) Stat() (os.FileInfo, error) { return f.File.(*directFile).Stat() }

// WriteAt implements File.
func (f *failsOnce) WriteAt(b []byte, at int64) (int, error) {
	if before := f.before; before != nil {
		f.before = nil
		before()
		return 0, syscall.EIO
	}
	return f.File.WriteAt(b, at)
}

// TestMissingAndBroken: a segment whose write failed while its files were missing is not written to again when they are back.
func TestMissingAndBroken(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	s, err := Open(Options{Folder: dir, Retry: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	s.mu.Lock()
	failed := s.active()
	failed.file = &failsOnce{failed.file, func() {
		if err := os.Rename(dir, dir+".away"); err != nil {
			t.Error(err)
		}
		s.Check()
	}}
	s.mu.Unlock()
	insert := func(n byte) error {
		_, err := s.Insert(t.Context(), &journal.Entry{ID: journal.ID{n}, State: journal.Intent, Begun: time.Now(), Changed: time.Now()})
		return err
	}
	size := failed.size
	if err := insert(1); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("the write that failed: %v", err)
	}
	if err := s.Health(); !errors.Is(err, errMissing) {
		t.Errorf("while the files are away: %v", err)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	s.Check()
	for end := time.Now().Add(time.Minute); s.Health() != nil && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if err := insert(2); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active() == failed || failed.size != size {
		t.Error("the segment was written to again")
	}
}
