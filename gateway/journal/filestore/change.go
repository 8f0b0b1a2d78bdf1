// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"context"
	"fmt"

	"lintel/gateway/journal"
)

// Insert implements journal.Store.
func (s *Store) Insert(ctx context.Context, e *journal.Entry) (*journal.Entry, error) {
	s.mu.Lock()
	old := s.find(e.ID)
	if old != nil && !s.gone(old) {
		defer s.mu.Unlock()
		return s.entry(e.ID, old)
	}
	if e.Fenced && !s.running(e.Parent) {
		s.mu.Unlock()
		return nil, fmt.Errorf("%w: its call is no intent any more", journal.ErrState)
	}
	err := s.takes(e)
	if err == nil && old != nil && old.pending {
		err = fmt.Errorf("%w: an old entry of that name is being changed", journal.ErrUnavailable)
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	o := s.newOp(s.expect(e, old), e)
	o.insert = true
	s.enqueue(o)
	s.mu.Unlock()
	return nil, s.wait(ctx, o)
}

// maxRecord is the most that is recorded of an entry, in bytes, beside what is short.
const maxRecord = maxFrame - 1<<20

// takes tells why an entry cannot be recorded now, or at all.
func (s *Store) takes(e *journal.Entry) error {
	if len(e.Who)+len(e.Request)+len(e.Reply) > maxRecord {
		return journal.ErrTooLarge
	}
	return s.usable()
}

// Move implements journal.Store.
func (s *Store) Move(ctx context.Context, c journal.Change) error {
	s.mu.Lock()
	o, err := s.prepare(&c)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.wait(ctx, o)
}

// prepare queues a change.
func (s *Store) prepare(c *journal.Change) (*op, error) {
	there := s.find(c.ID)
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
	if err := s.takes(&next); err != nil {
		return nil, err
	}
	s.move(c.ID, there)
	o := s.newOp(there, nil)
	o.last = next
	o.entry = &o.last
	if next.State.Open() {
		kept := next // by the index
		o.entry = &kept
	}
	s.enqueue(o)
	return o, nil
}
