// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"cmp"
	"context"
	"slices"

	"lintel/gateway/journal"
)

// Claim implements journal.Store. One process has the store: that it claimed an entry ends with it.
func (s *Store) Claim(_ context.Context, c journal.Claim) ([]journal.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []journal.ID
	for id, at := range s.untold {
		if there := s.index[id]; !c.Now.Before(at) && !there.pending && !s.gone(there) {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, func(a, b journal.ID) int {
		return cmp.Or(cmp.Compare(s.index[a].changed, s.index[b].changed), slices.Compare(a[:], b[:]))
	})
	var out []journal.Entry
	for _, id := range due[:min(len(due), c.Limit)] {
		e, err := s.entry(id, s.index[id])
		if err != nil {
			return nil, err
		}
		s.untold[id] = c.Until(e.Changed)
		out = append(out, *e)
	}
	return out, nil
}

// Told implements journal.Store.
func (s *Store) Told(ctx context.Context, id journal.ID) error {
	s.mu.Lock()
	o, err := s.prepareTold(id)
	s.mu.Unlock()
	if err != nil || o == nil {
		return err
	}
	return s.wait(ctx, o)
}

// prepareTold queues the entry without its mark; nil if it has none.
func (s *Store) prepareTold(id journal.ID) (*op, error) {
	there := s.index[id]
	if there == nil || s.gone(there) {
		return nil, journal.ErrNoEntry
	}
	if _, untold := s.untold[id]; !untold {
		return nil, nil
	}
	if there.pending {
		return nil, journal.ErrBusy
	}
	if err := s.usable(); err != nil {
		return nil, err
	}
	e, err := s.entry(id, there)
	if err != nil {
		return nil, err
	}
	e.Untold = false
	o := s.newOp(there, e)
	there.pending = true
	s.enqueue(o)
	return o, nil
}
