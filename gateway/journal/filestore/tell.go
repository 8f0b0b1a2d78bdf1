// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"context"

	"lintel/gateway/journal"
)

// Claim implements journal.Store. One process has the store: that it claimed an entry ends with it.
func (s *Store) Claim(_ context.Context, c journal.Claim) ([]journal.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []journal.Entry
	var later []claim
	defer func() {
		for _, x := range later {
			s.untold.put(x)
		}
	}()
	for len(out) < c.Limit {
		x, ok := s.untold.next(c.Now)
		if !ok {
			break
		}
		there := s.find(x.id)
		if there == nil || s.gone(there) {
			s.untold.drop(x.id)
			continue
		}
		if !there.pending {
			e, err := s.entry(x.id, there)
			if err != nil {
				later = append(later, x)
				return nil, err
			}
			x.due = c.Until(e.Changed)
			out = append(out, *e)
		}
		later = append(later, x)
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
	there := s.find(id)
	if there == nil || s.gone(there) {
		return nil, journal.ErrNoEntry
	}
	if !there.untold {
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
	s.move(id, there)
	s.enqueue(o)
	return o, nil
}
