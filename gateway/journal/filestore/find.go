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

// List implements journal.Store. Of very many that fit it keeps no more than it needs: nothing is recorded meanwhile.
func (s *Store) List(_ context.Context, f journal.Filter) ([]journal.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	after := found{f.After.ID, &slot{}}
	if !f.After.Begun.IsZero() {
		after.begun = f.After.Begun.UnixNano()
	}
	all := firsts{most: cmp.Or(f.Limit, journal.DefaultLimit)}
	fits := func(id journal.ID, there *slot) {
		if x := (found{id, there}); there != nil && (f.State == 0 || there.state == f.State) && inOrder(x, after) > 0 && !s.gone(there) {
			all.add(x)
		}
	}
	if !f.Parent.IsZero() {
		for _, id := range s.steps[f.Parent] {
			fits(id, s.find(id))
		}
	} else {
		for id, there := range s.moving {
			fits(id, there)
		}
		if !f.State.Open() {
			for id, m := range s.resting {
				fits(id, &slot{mark: m, rested: true})
			}
		}
	}
	return s.entries(all.cut(), f.Heads)
}

// found is an entry that is to be listed.
type found struct {
	id journal.ID
	*slot
}

func inOrder(a, b found) int {
	return cmp.Or(cmp.Compare(a.begun, b.begun), slices.Compare(a.id[:], b.id[:]))
}

// firsts are the first of all that were added, no more than most of them once they are cut.
type firsts struct {
	most int
	list []found
	last *found // none behind it is one of them
}

func (f *firsts) add(x found) {
	if f.last != nil && inOrder(x, *f.last) > 0 {
		return
	}
	if f.list = append(f.list, x); len(f.list) >= 2*f.most {
		f.cut()
		f.last = &f.list[f.most-1]
	}
}

func (f *firsts) cut() []found {
	slices.SortFunc(f.list, inOrder)
	f.list = f.list[:min(len(f.list), f.most)]
	return f.list
}

// entries returns copies of what was found, or of its heads.
func (s *Store) entries(all []found, heads bool) ([]journal.Entry, error) {
	out := make([]journal.Entry, 0, len(all))
	for _, x := range all {
		e, err := s.entry(x.id, x.slot)
		if err != nil {
			return nil, err
		}
		if heads {
			e.Who, e.Request, e.Reply = nil, nil, nil
		}
		out = append(out, *e)
	}
	return out, nil
}
