// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"slices"

	"lintel/gateway/journal"
)

// slot is what the index knows of an entry.
type slot struct {
	at             at
	begun, changed int64
	// entry is there while the entry is open: as it is on stable storage, or as the first intent that is
	// on its way there. It is not changed: another takes its place.
	entry *journal.Entry
	state journal.State
	// pending marks an entry of which a record is on its way, untold one that is in Store.untold.
	pending, untold bool
}

// place is a place in the order in which records are written.
type place struct {
	segment uint64
	offset  int64
}

// gone reports whether an entry is final and old. One that was recorded since is not, whatever the clock said then.
func (s *Store) gone(x *slot) bool {
	if x.state.Open() || x.changed >= s.forgotten {
		return false
	}
	n := x.at.segment.number
	return n < s.forgottenTo.segment || n == s.forgottenTo.segment && x.at.offset <= s.forgottenTo.offset
}

// running reports that an entry is an intent, and that no other state of it is on its way.
func (s *Store) running(id journal.ID) bool {
	there := s.index[id]
	return there != nil && there.state == journal.Intent && !there.pending
}

// expect puts an intent into the index that is on its way to stable storage. Of an old entry in its
// place only the record stays, until the new one counts.
func (s *Store) expect(e *journal.Entry, old *slot) *slot {
	first := &slot{state: e.State, begun: e.Begun.UnixNano(), entry: e, pending: true}
	if old != nil {
		first.at, first.untold = old.at, old.untold
	}
	s.index[e.ID], s.open[e.ID] = first, first
	return first
}

// find returns the slot of an entry, a new one if there is none.
func (s *Store) find(id journal.ID) *slot {
	there := s.index[id]
	if there == nil {
		there = &slot{}
		s.index[id] = there
	}
	return there
}

// commit makes a record the last one of its entry, which is not to be changed after that.
func (s *Store) commit(there *slot, e *journal.Entry, where at) {
	if there.at.segment != nil {
		there.at.segment.live--
		there.at.segment = nil
	} else if !e.Parent.IsZero() {
		s.steps[e.Parent] = append(s.steps[e.Parent], e.ID)
	}
	if e.State == journal.Released {
		s.drop(e.ID, e.Parent)
		return
	}
	where.segment.live++
	s.last = place{where.segment.number, where.offset}
	there.at, there.state = where, e.State
	there.begun, there.changed = e.Begun.UnixNano(), e.Changed.UnixNano()
	s.keepOpen(there, e)
	switch {
	case e.Untold:
		s.untold.put(claim{id: e.ID, changed: there.changed})
	case there.untold:
		s.untold.drop(e.ID)
	}
	there.untold = e.Untold
}

// keepOpen keeps an entry while it can still change.
func (s *Store) keepOpen(there *slot, e *journal.Entry) {
	switch {
	case !e.State.Open() && there.entry != nil:
		delete(s.open, e.ID)
		there.entry = nil
	case e.State.Open() && there.entry == nil:
		s.open[e.ID] = there
		there.entry = e
	case e.State.Open():
		there.entry = e
	}
}

// drop takes an entry out of the index.
func (s *Store) drop(id, parent journal.ID) {
	if there := s.index[id]; there != nil && there.at.segment != nil {
		there.at.segment.live--
	}
	delete(s.index, id)
	delete(s.open, id)
	s.untold.drop(id)
	if !parent.IsZero() {
		s.steps[parent] = slices.DeleteFunc(s.steps[parent], func(x journal.ID) bool { return x == id })
		if len(s.steps[parent]) == 0 {
			delete(s.steps, parent)
		}
	}
}
