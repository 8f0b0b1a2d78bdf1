// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"context"
	"encoding/binary"
	"errors"

	"lintel/gateway/journal"
)

// Which segment is the oldest that must be there is said by a note: at the begin of every segment, and again in the last
// one before older ones are removed. The last note counts. That segments before it are missing says nothing; that it is
// missing itself, or another behind it, is a loss: what is in it could be done again.
//
// A note is the record of a released entry with a name that no entry can have. What was written before there were notes
// can be read, and what reads no notes passes over them.

// noteID is the ID of notes: those of entries are sums under a secret.
//
//nolint:gochecknoglobals // a constant
var noteID = journal.ID([]byte("lintel: oldest segment\x00\x00"))

// note makes the note that a segment is the oldest that must be there.
func note(first uint64) *journal.Entry {
	return &journal.Entry{ID: noteID, State: journal.Released, Proof: segmentName(first)}
}

// appendNote appends the frame of a note.
func appendNote(b []byte, first uint64) []byte {
	record := appendRecord(nil, note(first))
	return appendFrame(b, func(b []byte) []byte {
		return append(binary.AppendUvarint(b, uint64(len(record))), record...)
	})
}

// isNote reports that a note is all there is in a frame.
func isNote(content []byte) bool {
	n, used := binary.Uvarint(content)
	if used <= 0 || n != uint64(len(content)-used) {
		return false
	}
	e, err := readRecord(content[used:])
	return err == nil && e.ID == noteID
}

// readNote takes over what a note says; false for the record of an entry.
func (s *Store) readNote(e *journal.Entry, segment uint64) bool {
	if e.ID != noteID {
		return false
	}
	for _, first := range segmentNumbers([]string{e.Proof}) {
		s.first, s.noted = first, segment
	}
	return true
}

// checkOldest decides whether a segment that is not there may be missing; 0 is none. older are the segments from before it.
// Where the last records are from before there were notes, only older segments that are there tell that it may not.
func (s *Store) checkOldest(missing uint64, older []uint64) error {
	noted := s.noted != 0 && s.noted >= s.last.segment
	switch {
	case missing == 0:
	case noted && missing >= s.first:
		return damaged(missing, 0, "the segment is missing, and what is in it is not to be forgotten yet")
	case !noted && len(older) > 0:
		return damaged(missing, 0, "the segment is missing, and an older one is there")
	}
	for _, number := range older { // they were to be removed together
		if err := s.disk.Remove(segmentName(number)); err != nil {
			return err
		}
	}
	if !noted {
		s.first = s.segments[0].number
	}
	return nil
}

// noteOldest writes a note in the last segment if it has none: it is from before there were notes, or was cut off behind its
// header. Nobody waits for it.
func (s *Store) noteOldest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noted != s.active().number {
		s.enqueueNote()
	}
}

func (s *Store) enqueueNote() *op {
	o := s.newOp(&slot{}, note(s.first))
	o.insert = true // it leaves nothing behind where it is not written
	s.enqueue(o)
	return o
}

// retire removes the oldest segments, after it is noted that they need not be there any more.
func (s *Store) retire(ctx context.Context, n int) error {
	s.mu.Lock()
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return err
	}
	s.first = max(s.first, s.segments[n].number) // also for a segment that is begun meanwhile
	o := s.enqueueNote()
	s.mu.Unlock()
	if err := s.wait(ctx, o); err != nil {
		return err
	}
	s.mu.Lock()
	old := s.segments[:n:n]
	s.segments = s.segments[n:]
	s.mu.Unlock()
	var errs []error
	for _, g := range old {
		errs = append(errs, g.file.Close(), s.disk.Remove(segmentName(g.number)))
	}
	return errors.Join(errs...)
}
