// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"cmp"
	"slices"

	"lintel/gateway/journal"
)

// place is a place in the order in which records are written.
type place struct {
	segment uint64 // its number; 0 is none
	offset  int64
}

// at is where a record lies.
type at struct {
	place
	length uint32 // maxFrame bounds it
}

// mark is what the index knows of an entry. It has no pointer: of a journal with millions of entries the garbage
// collector has nothing to look at.
type mark struct {
	place          // of its record
	begun, changed int64
	length         uint32 // of its record
	state          journal.State
	// untold marks an entry that is in Store.untold.
	untold bool
}

// slot is an entry that can still change, or of which a record is on its way.
type slot struct {
	mark
	// entry is there while the entry is open: as it is on stable storage, or as the first intent that is
	// on its way there. It is not changed: another takes its place.
	entry *journal.Entry
	// pending says that a record is on its way.
	pending bool
	// rested says that the entry is in Store.resting.
	rested bool
}

// find returns what is known of an entry: its slot, a slot of its own for one that rests, or nil.
func (s *Store) find(id journal.ID) *slot {
	if there := s.moving[id]; there != nil {
		return there
	}
	if m, ok := s.resting[id]; ok {
		return &slot{mark: m, rested: true}
	}
	return nil
}

// move makes an entry one of which a record is on its way.
func (s *Store) move(id journal.ID, there *slot) {
	if there.rested { // else the index, which is large, need not be looked at
		delete(s.resting, id)
		there.rested = false
	}
	there.pending = true
	s.moving[id] = there
}

// rest is what becomes of an entry of which no record is on its way any more.
func (s *Store) rest(id journal.ID, there *slot) {
	there.pending = false
	if !there.state.Open() {
		delete(s.moving, id)
		s.resting[id] = there.mark
	}
}

// gone reports whether an entry is final and old. One that was recorded since is not, whatever the clock said then.
func (s *Store) gone(x *slot) bool {
	if x.state.Open() || x.changed >= s.forgotten {
		return false
	}
	return x.segment < s.forgottenTo.segment || x.segment == s.forgottenTo.segment && x.offset <= s.forgottenTo.offset
}

// running reports that an entry is an intent, and that no other state of it is on its way.
func (s *Store) running(id journal.ID) bool {
	there := s.moving[id]
	return there != nil && there.state == journal.Intent && !there.pending
}

// segment returns the segment with a number, or nil.
func (s *Store) segment(number uint64) *segment {
	if last := s.segments[len(s.segments)-1]; last.number == number {
		return last
	}
	i, ok := slices.BinarySearchFunc(s.segments, number, func(g *segment, n uint64) int { return cmp.Compare(g.number, n) })
	if !ok {
		return nil
	}
	return s.segments[i]
}

// expect makes the slot of an intent that is on its way to stable storage. Of an old entry in its place only the
// record stays, until the new one counts.
func (s *Store) expect(e *journal.Entry, old *slot) *slot {
	first := &slot{mark: mark{state: e.State, begun: e.Begun.UnixNano()}, entry: e}
	if old != nil {
		first.place, first.length, first.untold, first.rested = old.place, old.length, old.untold, old.rested
	}
	s.move(e.ID, first)
	return first
}

// commit makes a record the last one of its entry, which is not to be changed after that.
func (s *Store) commit(there *slot, e *journal.Entry, where at) {
	if there.segment != 0 {
		s.segment(there.segment).live--
		there.place = place{}
	} else if !e.Parent.IsZero() {
		s.steps[e.Parent] = append(s.steps[e.Parent], e.ID)
	}
	if e.State == journal.Released {
		s.drop(e.ID, e.Parent)
		return
	}
	s.segment(where.segment).live++
	s.last = where.place
	there.place, there.length, there.state = where.place, where.length, e.State
	there.begun, there.changed = e.Begun.UnixNano(), e.Changed.UnixNano()
	switch {
	case e.Untold:
		s.untold.put(claim{id: e.ID, changed: there.changed})
	case there.untold:
		s.untold.drop(e.ID)
	}
	there.untold = e.Untold
	there.entry = nil
	if e.State.Open() {
		there.entry = e
	}
	s.rest(e.ID, there)
}

// drop takes an entry out of the index.
func (s *Store) drop(id, parent journal.ID) {
	if there := s.find(id); there != nil && there.segment != 0 {
		s.segment(there.segment).live--
	}
	delete(s.moving, id)
	delete(s.resting, id)
	s.untold.drop(id)
	if !parent.IsZero() {
		s.steps[parent] = slices.DeleteFunc(s.steps[parent], func(x journal.ID) bool { return x == id })
		if len(s.steps[parent]) == 0 {
			delete(s.steps, parent)
		}
	}
}
