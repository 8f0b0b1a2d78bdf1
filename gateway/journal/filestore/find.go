// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"lintel/gateway/journal"
)

// Get implements journal.Store.
func (s *Store) Get(_ context.Context, id journal.ID) (*journal.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := s.find(id)
	if there == nil || s.gone(there) {
		return nil, nil
	}
	return s.entry(id, there)
}

// entry returns a copy of an entry.
func (s *Store) entry(id journal.ID, there *slot) (*journal.Entry, error) {
	if there.entry != nil {
		out := *there.entry
		return &out, nil
	}
	b := make([]byte, there.length)
	if _, err := s.segment(there.segment).file.ReadAt(b, there.offset); err != nil {
		return nil, fmt.Errorf("%w: an entry cannot be read: %w", journal.ErrUnavailable, err)
	}
	e, err := readRecord(b)
	if err != nil || e.ID != id {
		return nil, fmt.Errorf("%w: %w", journal.ErrUnavailable, damaged(there.segment, there.offset, "an entry is not what was written"))
	}
	return &e, nil
}

// Stock implements journal.Store.
func (s *Store) Stock(context.Context) (journal.Stock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out journal.Stock
	oldest := int64(math.MaxInt64)
	for _, there := range s.moving {
		if there.state != journal.InDoubt {
			continue
		}
		out.InDoubt++
		if there.entry.Contested {
			out.Contested++
		}
		oldest = min(oldest, there.begun)
	}
	if out.InDoubt > 0 {
		out.Oldest = time.Unix(0, oldest)
	}
	if out.Untold = len(s.untold.claims); out.Untold > 0 {
		out.OldestUntold = time.Unix(0, s.untold.oldest())
	}
	return out, nil
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
	after := found{f.After.ID, &slot{}}
	if !f.After.Begun.IsZero() {
		after.begun = f.After.Begun.UnixNano()
	}
	inOrder := func(a, b found) int {
		return cmp.Or(cmp.Compare(a.begun, b.begun), slices.Compare(a.id[:], b.id[:]))
	}
	fits := func(id journal.ID) {
		if there := s.find(id); there != nil && !s.gone(there) && (f.State == 0 || there.state == f.State) && inOrder(found{id, there}, after) > 0 {
			all = append(all, found{id, there})
		}
	}
	switch {
	case !f.Parent.IsZero():
		for _, id := range s.steps[f.Parent] {
			fits(id)
		}
	case f.State.Open():
		for id := range s.moving {
			fits(id)
		}
	default:
		for id := range s.moving {
			fits(id)
		}
		for id := range s.resting {
			fits(id)
		}
	}
	slices.SortFunc(all, inOrder)
	all = all[:min(len(all), cmp.Or(f.Limit, journal.DefaultLimit))]
	out := make([]journal.Entry, 0, len(all))
	for _, x := range all {
		e, err := s.entry(x.id, x.slot)
		if err != nil {
			return nil, err
		}
		if f.Heads {
			e.Who, e.Request, e.Reply = nil, nil, nil
		}
		out = append(out, *e)
	}
	return out, nil
}
