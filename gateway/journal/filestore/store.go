// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"lintel/gateway/journal"
)

// Options of a Store.
type Options struct {
	// Folder holds the files; it is made, with permissions for this user only, if it is not there.
	Folder string
	// Disk takes the place of the folder. Tests set it.
	Disk Disk
	// SegmentSize is when a new segment is begun, in bytes; default 64 MiB.
	SegmentSize int64
	// Retry is the time between attempts to go on after a failed write; default 1 s.
	Retry time.Duration
}

// Store is a journal.Store in files.
type Store struct {
	options Options
	disk    Disk
	locked  *os.File
	epoch   [epochSize]byte

	mu       sync.Mutex
	moving   map[journal.ID]*slot // entries that are open, or of which a record is on its way
	resting  map[journal.ID]mark  // all others
	steps    map[journal.ID][]journal.ID
	untold   *untold
	segments []*segment // in order; the last is written to
	queue    []*op
	flight   []*op // what is being written
	late     bool  // it takes long
	idle     bool  // the writer waits for wake
	// forgotten is the time before which final entries count as gone that were recorded before that was said, though their
	// segment is kept.
	forgotten   int64
	forgottenTo place
	last        place // of the last record
	broken      error // why nothing can be written to the last segment
	missing     bool  // the files are not in their folder
	// first is the oldest segment that must be there, noted the segment with the last note of that.
	first, noted uint64
	written      journal.Written
	closed       bool

	ops     sync.Pool // of *op
	watch   *time.Timer
	wake    chan struct{}
	stopped sync.WaitGroup
	stop    chan struct{}
}

var _ journal.Store = (*Store)(nil)

// Open opens a store, or makes one where there is none.
func Open(o Options) (*Store, error) {
	if o.SegmentSize <= 0 {
		o.SegmentSize = 64 << 20
	}
	if o.Retry <= 0 {
		o.Retry = time.Second
	}
	s := &Store{
		options: o, disk: o.Disk, moving: map[journal.ID]*slot{}, resting: map[journal.ID]mark{}, steps: map[journal.ID][]journal.ID{}, untold: newUntold(),
		wake: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	if s.disk == nil {
		if err := s.take(o.Folder); err != nil {
			return nil, err
		}
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.watch = time.AfterFunc(time.Hour, s.lateNow)
	s.watch.Stop()
	s.stopped.Add(1)
	go s.write()
	s.noteOldest()
	return s, nil
}

// take makes the folder and locks it.
func (s *Store) take(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder of the journal cannot be made: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("the folder of the journal cannot be used: %w", err)
	}
	if err := lock(f); err != nil {
		return errors.Join(journal.ErrHeld, f.Close())
	}
	s.disk, s.locked = newFolder(dir), f
	if err := journal.SyncFolder(filepath.Dir(dir)); err != nil { // the folder may be new
		return errors.Join(fmt.Errorf("the folder of the journal cannot be kept: %w", err), s.release())
	}
	return nil
}

// release closes all files.
func (s *Store) release() error {
	var errs []error
	for _, g := range s.segments {
		errs = append(errs, g.file.Close())
	}
	if s.locked != nil {
		errs = append(errs, s.locked.Close())
	}
	return errors.Join(errs...)
}

// Close writes what is on its way and closes the store.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	close(s.stop)
	s.stopped.Wait()
	return s.release()
}

// Epoch implements journal.Store.
func (s *Store) Epoch() string { return epochText(s.epoch) }

// Health returns why nothing can be recorded now, or nil.
func (s *Store) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ill()
}

// ill is why nothing can be written now, or nil.
func (s *Store) ill() error {
	if s.missing {
		return errMissing
	}
	return s.broken
}

func (s *Store) usable() error {
	if s.closed {
		return fmt.Errorf("%w: the store is closed", journal.ErrUnavailable)
	}
	if err := s.ill(); err != nil {
		return fmt.Errorf("%w: %w", journal.ErrUnavailable, err)
	}
	return nil
}

// Written tells how much was recorded since the store was opened.
func (s *Store) Written() journal.Written {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written
}
