// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"lintel/gateway/journal"
)

// maxGroup bounds the records of one frame, in bytes; one record may be larger.
const maxGroup = 1 << 20

// writer is what the goroutine that writes keeps from one group to the next.
type writer struct {
	buffer, record []byte
	spare          []*op
	// company is how many records the last frame had; 0 if there was nothing to write since.
	company int
	turn    turn
}

// write is the one goroutine that writes: a group at a time.
func (s *Store) write() {
	defer s.stopped.Done()
	retry := time.NewTicker(s.options.Retry)
	defer retry.Stop()
	w := writer{turn: newTurn()}
	defer w.turn.close()
	for stopping := false; ; {
		for s.writeGroup(&w) {
		}
		if stopping {
			return
		}
		select {
		case <-s.wake:
		case <-retry.C:
			s.repair()
		case <-s.stop:
			stopping = true
		}
	}
}

// writeGroup writes what is queued; false if there was nothing.
func (s *Store) writeGroup(w *writer) bool {
	s.gather(w)
	group, active, ill := s.next(w)
	if len(group) == 0 {
		return false
	}
	if ill != nil {
		s.settle(group, ill)
		w.keep(group)
		return true
	}
	for rest := group; len(rest) > 0; {
		n := w.encode(rest, active)
		w.company = n
		err := s.put(active, w.buffer)
		if err != nil {
			s.fail(err)
			s.settle(rest, err)
			break
		}
		s.settle(rest[:n], nil)
		rest = rest[n:]
	}
	w.keep(group)
	if active.size >= s.options.SegmentSize {
		if err := s.rotate(); err != nil {
			s.fail(err)
		}
	}
	return true
}

// A sync takes the processor as long as some ten records do. Where many write at the same time (company), and not
// many wait (full), all others who can go on have a turn before it: some of them have a record to add, and fewer
// and larger frames cost all of them less than that costs each. One that writes alone never waits.
const (
	company = 4
	full    = 16
)

// longestTurn is how long a turn may take: where the processors have enough to do, nobody asks the network.
const longestTurn = 100 * time.Microsecond

func (s *Store) gather(w *writer) {
	if w.company < company {
		return
	}
	s.mu.Lock()
	n := len(s.queue)
	s.mu.Unlock()
	if n < full {
		w.turn.take(longestTurn)
	}
}

// next takes what is queued. Where that is nothing, the next record wakes the writer up.
func (s *Store) next(w *writer) (group []*op, active *segment, ill error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idle = len(s.queue) == 0; s.idle {
		w.company = 0
		s.watch.Stop()
		return nil, nil, nil
	}
	group, s.queue, w.spare = s.queue, w.spare, nil
	s.flight, s.late = group, false
	s.watch.Reset(slow)
	return group, s.active(), s.ill()
}

func (s *Store) active() *segment { return s.segments[len(s.segments)-1] }

// keep keeps the room of a group for a later one.
func (w *writer) keep(group []*op) {
	clear(group)
	w.spare = group[:0]
	if cap(w.buffer) > 4*maxGroup {
		w.buffer = nil
	}
	if cap(w.record) > maxGroup {
		w.record = nil
	}
}

// encode makes the frame of as many records as fit, and notes where each will lie.
func (w *writer) encode(group []*op, g *segment) (n int) {
	w.buffer = appendFrame(w.buffer[:0], func(b []byte) []byte {
		for n < len(group) && (n == 0 || len(b) < maxGroup) {
			w.record = appendRecord(w.record[:0], group[n].entry)
			b = binary.AppendUvarint(b, uint64(len(w.record)))
			group[n].place = at{place: place{g.number, g.size + int64(len(b))}, length: uint32(len(w.record))}
			b = append(b, w.record...)
			n++
		}
		return b
	})
	return n
}

// step is by how much a segment is made longer at a time, in bytes. A write that makes a file longer needs
// a second write by the file system, of what it knows of the file; one into bytes that are there does not.
const step = 1 << 20

// put writes a frame and brings it to stable storage. After an error nobody knows what the file holds
// behind its last good frame: it is not written to again.
func (s *Store) put(g *segment, frame []byte) error {
	if len(frame) > maxFrame {
		return errors.New("a record is too large")
	}
	if end := g.size + int64(len(frame)); end > g.room {
		g.room = end + min(step, s.options.SegmentSize)
		if err := g.file.Extend(g.room); err != nil {
			return err
		}
	}
	if _, err := g.file.WriteAt(frame, g.size); err != nil {
		return err
	}
	if err := g.file.Sync(); err != nil {
		return err
	}
	g.size += int64(len(frame))
	return nil
}

// settle makes records part of what is known, or takes them back, and tells those who wait.
func (s *Store) settle(group []*op, err error) {
	var told error
	if err != nil {
		told = fmt.Errorf("%w: %w", journal.ErrUnavailable, err)
	}
	s.mu.Lock()
	if err == nil {
		s.written.Records += uint64(len(group))
		s.written.Groups++
	}
	s.flight = s.flight[len(group):]
	for _, o := range group {
		o.settled = true
		switch {
		case err == nil:
			s.commit(o.slot, o.entry, o.place)
			if o.abandoned {
				s.releaseAbandoned(o.entry)
			}
		case o.insert:
			s.drop(o.entry.ID, journal.ID{})
		default:
			s.rest(o.entry.ID, o.slot)
		}
	}
	s.mu.Unlock()
	for _, o := range group { // whoever waits has it from then on
		o.done <- told
	}
}

// releaseAbandoned frees a key whose intent was recorded too late for its caller.
func (s *Store) releaseAbandoned(e *journal.Entry) {
	_, _ = s.prepare(&journal.Change{ID: e.ID, To: journal.Released, At: e.Changed, Proof: "too late"})
}
