// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"lintel/gateway/journal"
)

// maxGroup bounds the records of one frame, in bytes; one record may be larger.
const maxGroup = 1 << 20

// op is one record on its way.
type op struct {
	entry  *journal.Entry // not changed any more
	insert bool
	// abandoned marks an intent that nobody waits for any more: nothing was sent.
	abandoned bool
	done      chan error // buffered
}

func (s *Store) enqueue(o *op) {
	s.queue = append(s.queue, o)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write is the one goroutine that writes: a group at a time.
func (s *Store) write() {
	defer s.stopped.Done()
	retry := time.NewTicker(s.options.Retry)
	defer retry.Stop()
	var buffer []byte
	for stopping := false; ; {
		for s.writeGroup(&buffer) {
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
func (s *Store) writeGroup(buffer *[]byte) bool {
	s.gather()
	s.mu.Lock()
	group := s.queue
	s.queue = nil
	active, broken := s.active(), s.broken
	s.mu.Unlock()
	if len(group) == 0 {
		s.pace = pace{}
		return false
	}
	if broken != nil {
		s.settle(group, nil, nil, broken)
		return true
	}
	for len(group) > 0 {
		n, places := s.encode(buffer, group, active.size)
		begun := time.Now()
		err := s.put(active, *buffer)
		s.pace = pace{records: n, took: time.Since(begun)}
		s.settle(group[:n], places, active, err)
		if err != nil {
			s.settle(group[n:], nil, nil, err)
			return true
		}
		group = group[n:]
	}
	if cap(*buffer) > 4*maxGroup {
		*buffer = nil
	}
	if active.size >= s.options.SegmentSize {
		if err := s.rotate(); err != nil {
			s.fail(err)
		}
	}
	return true
}

// pace is what the last frame was. Only the goroutine that writes knows it.
type pace struct {
	records int
	took    time.Duration
}

// Where many write at the same time, waiting a little makes fewer and larger frames, which costs all of
// them less than it costs each. One that writes alone never waits.
const (
	company   = 4
	mostWait  = time.Millisecond
	waitShare = 2 // half the time of a sync, as PostgreSQL's manual advises for commit_delay
)

func (s *Store) gather() {
	if s.pace.records >= company {
		time.Sleep(min(s.pace.took/waitShare, mostWait))
	}
}

func (s *Store) active() *segment { return s.segments[len(s.segments)-1] }

// encode makes the frame of as many records as fit, and tells where each will lie.
func (s *Store) encode(buffer *[]byte, group []*op, offset int64) (n int, places []at) {
	var record []byte
	*buffer = appendFrame((*buffer)[:0], func(b []byte) []byte {
		for n < len(group) && (n == 0 || len(b) < maxGroup) {
			record = appendRecord(record[:0], group[n].entry)
			b = binary.AppendUvarint(b, uint64(len(record)))
			places = append(places, at{offset: offset + int64(len(b)), length: len(record)})
			b = append(b, record...)
			n++
		}
		return b
	})
	return n, places
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

// settle makes a group part of what is known, or takes it back, and tells those who wait.
func (s *Store) settle(group []*op, places []at, g *segment, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.broken == nil {
		s.broken = err
	}
	for i, o := range group {
		there := s.index[o.entry.ID]
		there.pending = false
		switch {
		case err != nil && o.insert:
			s.drop(o.entry.ID, journal.ID{})
		case err == nil:
			places[i].segment = g
			s.commit(o.entry, places[i])
			if o.abandoned {
				s.releaseAbandoned(o.entry)
			}
		}
		if err != nil {
			o.done <- fmt.Errorf("%w: %w", journal.ErrUnavailable, err)
			continue
		}
		o.done <- nil
	}
}

// releaseAbandoned frees a key whose intent was recorded too late for its caller.
func (s *Store) releaseAbandoned(e *journal.Entry) {
	_, _ = s.prepare(&journal.Change{ID: e.ID, To: journal.Released, At: e.Changed, Proof: "too late"})
}

// commit makes a record the last one of its entry, which is not to be changed after that.
func (s *Store) commit(e *journal.Entry, where at) {
	there := s.index[e.ID]
	if there == nil {
		there = &slot{}
		s.index[e.ID] = there
	}
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
	there.at, there.state, there.entry = where, e.State, nil
	there.begun, there.changed = e.Begun.UnixNano(), e.Changed.UnixNano()
	delete(s.open, e.ID)
	delete(s.untold, e.ID)
	if e.Untold {
		s.untold[e.ID] = time.Time{}
	}
	if e.State.Open() {
		there.entry, s.open[e.ID] = e, there
	}
}

// drop takes an entry out of the index.
func (s *Store) drop(id, parent journal.ID) {
	if there := s.index[id]; there != nil && there.at.segment != nil {
		there.at.segment.live--
	}
	delete(s.index, id)
	delete(s.open, id)
	delete(s.untold, id)
	if !parent.IsZero() {
		s.steps[parent] = slices.DeleteFunc(s.steps[parent], func(x journal.ID) bool { return x == id })
		if len(s.steps[parent]) == 0 {
			delete(s.steps, parent)
		}
	}
}

func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.broken = err
	}
}

// repair begins a new segment after a failed write.
func (s *Store) repair() {
	if s.Health() == nil {
		return
	}
	if s.rotate() != nil {
		return
	}
	s.mu.Lock()
	s.broken = nil
	s.mu.Unlock()
}

// rotate begins the next segment. It says up to where the one before it counts.
func (s *Store) rotate() error {
	s.mu.Lock()
	before := s.active()
	s.mu.Unlock()
	next, err := s.create(header{epoch: s.epoch, before: before.number, sealed: uint64(before.size)})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.segments = append(s.segments, next)
	s.mu.Unlock()
	return nil
}

// create makes a segment with a header on stable storage, under the next number that no file has.
func (s *Store) create(h header) (*segment, error) {
	names, err := s.disk.Names()
	if err != nil {
		return nil, err
	}
	number := h.before + 1
	for _, n := range segmentNumbers(names) {
		number = max(number, n+1)
	}
	f, err := s.disk.Create(segmentName(number))
	if err != nil {
		return nil, err
	}
	g := &segment{number: number, file: f}
	if err := s.put(g, appendFrame(nil, h.append)); err != nil {
		return nil, errors.Join(err, f.Close(), s.disk.Remove(segmentName(number)))
	}
	return g, nil
}
