// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lintel/gateway/journal"
)

// Sweep implements journal.Store. Files go a segment at a time, when all of one is old; what is old
// in a segment that stays is only not shown any more. Owner says nothing here: no process before this one has an intent.
func (s *Store) Sweep(ctx context.Context, w journal.Sweep) error {
	if err := s.overdue(ctx, w); err != nil {
		return err
	}
	if w.Forget.IsZero() {
		return nil
	}
	s.mu.Lock()
	s.forgotten, s.forgottenTo = w.Forget.UnixNano(), s.last
	s.mu.Unlock()
	return s.forgetOldest(ctx, w.Forget)
}

// overdue puts intents in doubt that outlived their deadline.
func (s *Store) overdue(ctx context.Context, w journal.Sweep) error {
	var late []journal.ID
	s.mu.Lock()
	for id, there := range s.moving {
		if there.state == journal.Intent && !there.pending && there.entry.Deadline.Before(w.Now.Add(-w.Overdue)) {
			late = append(late, id)
		}
	}
	s.mu.Unlock()
	for _, id := range late {
		err := s.Move(ctx, journal.Change{ID: id, To: journal.InDoubt, At: w.Now, Proof: journal.ProofOverdue})
		if err != nil && !errors.Is(err, journal.ErrState) && !errors.Is(err, journal.ErrBusy) && !errors.Is(err, journal.ErrNoEntry) {
			return err
		}
	}
	return nil
}

// forgetOldest removes the oldest segments of which everything is old. The last one stays, and so do those that are begun meanwhile.
func (s *Store) forgetOldest(ctx context.Context, before time.Time) error {
	s.mu.Lock()
	sealed := slices.Clone(s.segments[:len(s.segments)-1])
	s.mu.Unlock()
	n := 0
	var err error
	for empty := true; err == nil && empty && n < len(sealed); {
		if empty, err = s.vacate(ctx, sealed[n], before); empty {
			n++
		}
	}
	if n > 0 {
		err = errors.Join(err, s.retire(ctx, n))
	}
	return err
}

// vacate takes what is in a segment out of the index, if all of it is old. Open entries in it are written again. It reports
// false if anything is left.
func (s *Store) vacate(ctx context.Context, oldest *segment, before time.Time) (empty bool, err error) {
	b, err := oldest.readAll(oldest.size)
	if err != nil {
		return false, fmt.Errorf("%w: %w", journal.ErrUnavailable, err)
	}
	old := true
	ids := map[journal.ID]journal.ID{} // to their parents
	_, err = oldest.replay(b, false, func(e journal.Entry, _ at) {
		old = old && e.Changed.Before(before)
		ids[e.ID] = e.Parent
	})
	if err != nil || !old {
		return false, err
	}
	if err := s.carryOver(ctx, oldest, ids); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, parent := range ids {
		if m, ok := s.resting[id]; ok && m.segment == oldest.number {
			s.drop(id, parent)
		}
	}
	return oldest.live == 0, nil
}

// carryOver writes the open entries of a segment again, to the last one.
func (s *Store) carryOver(ctx context.Context, g *segment, ids map[journal.ID]journal.ID) error {
	s.mu.Lock()
	var waiting []*op
	err := s.usable()
	for id := range ids {
		there := s.moving[id]
		if err != nil || there == nil || there.segment != g.number || there.entry == nil || there.pending {
			continue
		}
		o := s.newOp(there, there.entry)
		there.pending = true
		s.enqueue(o)
		waiting = append(waiting, o)
	}
	s.mu.Unlock()
	for _, o := range waiting {
		if err := s.wait(ctx, o); err != nil {
			return err
		}
	}
	return err
}
