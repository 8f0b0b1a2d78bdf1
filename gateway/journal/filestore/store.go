// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	index    map[journal.ID]*slot
	open     map[journal.ID]*slot // those of the index that can still change
	steps    map[journal.ID][]journal.ID
	untold   map[journal.ID]time.Time // when each can be claimed again
	segments []*segment               // in order; the last is written to
	queue    []*op
	// forgotten is the time before which final entries count as gone, though their segment is kept.
	forgotten int64
	broken    error // why nothing can be written now
	closed    bool

	pace    pace
	wake    chan struct{}
	stopped sync.WaitGroup
	stop    chan struct{}
}

var _ journal.Store = (*Store)(nil)

// slot is what the index knows of an entry.
type slot struct {
	at             at
	state          journal.State
	begun, changed int64
	// entry is there while the entry is open: as it is on stable storage, or as the first intent that is
	// on its way there.
	entry *journal.Entry
	// pending marks an entry of which a record is on its way.
	pending bool
}

// Open opens a store, or makes one where there is none.
func Open(o Options) (*Store, error) {
	if o.SegmentSize <= 0 {
		o.SegmentSize = 64 << 20
	}
	if o.Retry <= 0 {
		o.Retry = time.Second
	}
	s := &Store{
		options: o, disk: o.Disk, index: map[journal.ID]*slot{}, open: map[journal.ID]*slot{}, steps: map[journal.ID][]journal.ID{}, untold: map[journal.ID]time.Time{},
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
	s.stopped.Add(1)
	go s.write()
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
	s.disk, s.locked = folder(dir), f
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
	return s.broken
}

// Insert implements journal.Store.
func (s *Store) Insert(ctx context.Context, e *journal.Entry) (*journal.Entry, error) {
	s.mu.Lock()
	old := s.index[e.ID]
	if old != nil && !s.gone(old) {
		defer s.mu.Unlock()
		return s.entry(e.ID, old)
	}
	if e.Fenced && !s.running(e.Parent) {
		s.mu.Unlock()
		return nil, fmt.Errorf("%w: its call is no intent any more", journal.ErrState)
	}
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	own := *e
	o := &op{entry: &own, insert: true, done: make(chan error, 1)}
	first := &slot{state: own.State, begun: own.Begun.UnixNano(), entry: &own, pending: true}
	if old != nil {
		first.at = old.at
	}
	s.index[e.ID], s.open[e.ID] = first, first
	s.enqueue(o)
	s.mu.Unlock()
	select {
	case err := <-o.done:
		return nil, err
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case err := <-o.done:
		return nil, err
	default:
		o.abandoned = true
		return nil, fmt.Errorf("%w: the intent was not recorded in time", journal.ErrUnavailable)
	}
}

// running reports that an entry is an intent, and that no other state of it is on its way.
func (s *Store) running(id journal.ID) bool {
	there := s.index[id]
	return there != nil && there.state == journal.Intent && !there.pending
}

func (s *Store) usable() error {
	switch {
	case s.closed:
		return fmt.Errorf("%w: the store is closed", journal.ErrUnavailable)
	case s.broken != nil:
		return fmt.Errorf("%w: %w", journal.ErrUnavailable, s.broken)
	}
	return nil
}

// Move implements journal.Store.
func (s *Store) Move(ctx context.Context, c journal.Change) error {
	s.mu.Lock()
	o, err := s.prepare(&c)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: the change was not recorded in time", journal.ErrUnavailable)
	}
}

// prepare queues a change.
func (s *Store) prepare(c *journal.Change) (*op, error) {
	there := s.index[c.ID]
	switch {
	case there == nil:
		return nil, journal.ErrNoEntry
	case there.entry == nil:
		return nil, fmt.Errorf("%w: it is %s", journal.ErrState, there.state)
	case there.pending:
		return nil, journal.ErrBusy
	}
	next, err := c.Apply(*there.entry)
	if err != nil {
		return nil, err
	}
	if err := s.usable(); err != nil {
		return nil, err
	}
	o := &op{entry: &next, done: make(chan error, 1)}
	there.pending = true
	s.enqueue(o)
	return o, nil
}

// Get implements journal.Store.
func (s *Store) Get(_ context.Context, id journal.ID) (*journal.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := s.index[id]
	if there == nil || s.gone(there) {
		return nil, nil
	}
	return s.entry(id, there)
}

// gone reports whether an entry is final and old.
func (s *Store) gone(x *slot) bool { return !x.state.Open() && x.changed < s.forgotten }

// entry returns a copy of an entry.
func (s *Store) entry(id journal.ID, there *slot) (*journal.Entry, error) {
	if there.entry != nil {
		out := *there.entry
		return &out, nil
	}
	b := make([]byte, there.at.length)
	if _, err := there.at.segment.file.ReadAt(b, there.at.offset); err != nil {
		return nil, fmt.Errorf("%w: an entry cannot be read: %w", journal.ErrUnavailable, err)
	}
	e, err := readRecord(b)
	if err != nil || e.ID != id {
		return nil, fmt.Errorf("%w: %w", journal.ErrUnavailable, damaged(there.at.segment.number, there.at.offset, "an entry is not what was written"))
	}
	return &e, nil
}

// List implements journal.Store.
func (s *Store) List(_ context.Context, f journal.Filter) ([]journal.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type found struct {
		id journal.ID
		*slot
	}
	var all []found
	fits := func(id journal.ID) {
		if there := s.index[id]; there != nil && !s.gone(there) && (f.State == 0 || there.state == f.State) {
			all = append(all, found{id, there})
		}
	}
	among := s.index
	switch {
	case !f.Parent.IsZero():
		among = nil
		for _, id := range s.steps[f.Parent] {
			fits(id)
		}
	case f.State.Open():
		among = s.open
	}
	for id := range among {
		fits(id)
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.begun, b.begun), slices.Compare(a.id[:], b.id[:]))
	})
	all = all[:min(len(all), cmp.Or(f.Limit, journal.DefaultLimit))]
	out := make([]journal.Entry, 0, len(all))
	for _, x := range all {
		e, err := s.entry(x.id, x.slot)
		if err != nil {
			return nil, err
		}
		out = append(out, *e)
	}
	return out, nil
}
