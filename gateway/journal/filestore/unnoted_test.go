// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"testing"
	"time"

	"lintel/gateway/journal"
)

// withoutNotes is the disk as it was written before there were notes, but for the first segments, which keep theirs.
func withoutNotes(t *testing.T, from *Memory, noted int) *Memory {
	t.Helper()
	to := &Memory{}
	names, _ := from.Names()
	sealed := uint64(0)
	for n, name := range names {
		f, err := from.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := (&segment{file: f}).readAll(-1)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := parseHeader(frameAt(b))
		h.sealed = sealed
		out := appendFrame(nil, h.append)
		for off := len(out); ; {
			content := frameAt(b[off:])
			if content == nil {
				break
			}
			off += frameHead + len(content)
			if e, err := readRecord(content[1:]); err == nil && e.ID == noteID && n >= noted { // a record alone, behind its length
				continue
			}
			out = appendFrame(out, func(b []byte) []byte { return append(b, content...) })
		}
		sealed = uint64(len(out))
		made, err := to.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := made.WriteAt(out, 0); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestBeforeNotes: a journal from before there were notes is opened, whatever was forgotten of it; from then on a loss of its
// oldest segment is noticed. What reads no notes passes over them.
func TestBeforeNotes(t *testing.T) {
	disk := &Memory{}
	open := func(d Disk) *Store {
		t.Helper()
		s, err := Open(Options{Disk: d, SegmentSize: 1})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	insert := func(s *Store, n byte) {
		t.Helper()
		if _, err := s.Insert(t.Context(), &journal.Entry{ID: journal.ID{n}, State: journal.Intent, Begun: time.Unix(int64(n), 0)}); err != nil {
			t.Fatal(err)
		}
	}
	s := open(disk)
	for n := range byte(4) {
		insert(s, n+1)
	}
	_ = s.Close()
	before := withoutNotes(t, disk, 0)
	names, _ := before.Names()
	gap := withoutNotes(t, before, 0)
	_ = gap.Remove(names[1])
	if _, err := Open(Options{Disk: gap}); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("a segment between two others is missing: %v", err)
	}
	between := withoutNotes(t, disk, 2) // a gateway from before there were notes had it meanwhile, and forgot
	_ = between.Remove(names[0])
	s = open(between)
	_ = s.Close()
	for forgotten := range 3 {
		for _, name := range names[:forgotten] {
			_ = before.Remove(name)
		}
		for _, records := range []int{0, 1} {
			d := withoutNotes(t, before, 0) // a copy: there are none
			s := open(d)
			if e, err := s.Get(t.Context(), journal.ID{4}); err != nil || e == nil {
				t.Errorf("%d forgotten: %v %v", forgotten, e, err)
			}
			for n := range records {
				insert(s, byte(10+n))
			}
			_ = s.Close()
			again := open(d)
			_ = again.Close()
			left, _ := d.Names()
			_ = d.Remove(left[0])
			if s, err := Open(Options{Disk: d}); !errors.Is(err, journal.ErrDamaged) {
				_ = s.Close()
				t.Errorf("%d forgotten, %d records since: the loss of the oldest is not noticed: %v", forgotten, records, err)
			}
		}
	}
	if e, err := readRecord(appendRecord(nil, note(7))); err != nil || e.State != journal.Released || e.Proof != segmentName(7) {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestNoteFails: a note that cannot be written leaves nothing behind that could be taken for an entry.
func TestNoteFails(t *testing.T) {
	s, err := Open(Options{Disk: &Memory{}, Retry: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s.fail(errors.New("injected"))
	s.mu.Lock()
	o := s.enqueueNote()
	s.mu.Unlock()
	if err := s.wait(t.Context(), o); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("got %v, want that it cannot be written", err)
	}
	if list, err := s.List(t.Context(), journal.Filter{}); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
	_ = s.Close()
}
