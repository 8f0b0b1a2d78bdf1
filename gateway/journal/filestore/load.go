// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"crypto/rand"
	"fmt"
	"slices"

	"lintel/gateway/journal"
)

// load reads all segments.
func (s *Store) load() error {
	names, err := s.disk.Names()
	if err != nil {
		return fmt.Errorf("the folder of the journal cannot be read: %w", err)
	}
	numbers := segmentNumbers(names)
	slices.Sort(numbers)
	chain, limits, missing, err := s.chain(numbers)
	if err != nil {
		return err
	}
	if len(chain) == 0 {
		return s.begin()
	}
	for i, g := range chain {
		if err := s.loadSegment(g, limits[i], i == len(chain)-1); err != nil {
			return err
		}
	}
	older, _ := slices.BinarySearch(numbers, missing)
	if err := s.checkOldest(missing, numbers[:older]); err != nil {
		return err
	}
	s.doubt()
	return nil
}

// begin makes the first segment of a new store.
func (s *Store) begin() error {
	_, _ = rand.Read(s.epoch[:]) // never fails
	g, err := s.create(header{epoch: s.epoch})
	if err != nil {
		return fmt.Errorf("the journal cannot be begun: %w", err)
	}
	s.segments, s.noted = []*segment{g}, g.number
	return nil
}

// chain opens the segments that count, the oldest first, each with the length up to which it does (-1
// for the whole). Every segment names the one before it. One that was made but never written to,
// since making it failed, is no part of the chain and is removed. missing is the segment before the oldest, if it has one.
func (s *Store) chain(numbers []uint64) (chain []*segment, limits []int64, missing uint64, err error) {
	want, limit := uint64(0), int64(-1)
	for _, number := range slices.Backward(numbers) {
		if want != 0 && number > want {
			if err := s.disk.Remove(segmentName(number)); err != nil {
				return nil, nil, 0, err
			}
			continue
		}
		if want != 0 && number < want {
			break
		}
		f, err := s.disk.Open(segmentName(number))
		if err != nil {
			return nil, nil, 0, fmt.Errorf("segment %s cannot be opened: %w", segmentName(number), err)
		}
		g := &segment{number: number, file: f}
		s.segments = append([]*segment{g}, s.segments...)
		h, used, err := g.head()
		if err != nil {
			return nil, nil, 0, err
		}
		if !used && want == 0 {
			s.segments = s.segments[1:]
			_ = f.Close()
			if err := s.disk.Remove(segmentName(number)); err != nil {
				return nil, nil, 0, err
			}
			continue
		}
		if len(chain) > 0 && h.epoch != s.epoch {
			return nil, nil, 0, damaged(number, 0, "the segment belongs to another journal")
		}
		s.epoch = h.epoch
		chain, limits = append([]*segment{g}, chain...), append([]int64{limit}, limits...)
		if want, limit = h.before, int64(h.sealed); want == 0 {
			break
		}
	}
	return chain, limits, want, nil
}

// head reads the header. used is false for a segment of which not even the header was written whole: the note that is written
// with it says nothing of its own.
func (g *segment) head() (h header, used bool, err error) {
	b, err := g.readAll(-1)
	if err != nil {
		return h, false, fmt.Errorf("segment %s cannot be read: %w", segmentName(g.number), err)
	}
	if h, ok := parseHeader(frameAt(b)); ok {
		return h, true, nil
	}
	if hasFrame(b, isNote) {
		return h, false, damaged(g.number, 0, "the header is damaged, and records follow")
	}
	return h, false, nil
}

func (s *Store) loadSegment(g *segment, limit int64, last bool) error {
	b, err := g.readAll(limit)
	if err != nil {
		return fmt.Errorf("segment %s cannot be read: %w", segmentName(g.number), err)
	}
	if limit > int64(len(b)) {
		return damaged(g.number, int64(len(b)), "the segment is shorter than the one after it says")
	}
	good, err := g.replay(b, last, func(e journal.Entry, where at) { s.loadRecord(&e, where) })
	if err != nil {
		return err
	}
	g.size = good
	if !last {
		return nil
	}
	// What is behind the last good frame is the end of a write of which nobody was told.
	if err := g.file.Truncate(good); err != nil {
		return fmt.Errorf("the torn end of segment %s cannot be cut off: %w", segmentName(g.number), err)
	}
	return nil
}

func (s *Store) loadRecord(e *journal.Entry, where at) {
	if s.readNote(e, where.segment) {
		return
	}
	there := s.find(e.ID)
	if there == nil {
		there = &slot{}
	}
	s.move(e.ID, there)
	s.commit(there, e, where)
}

// doubt puts all intents in doubt: the process that had them is gone. It is not written down, since
// the next start would find the same.
func (s *Store) doubt() {
	for _, there := range s.moving {
		if there.state == journal.Intent {
			there.state = journal.InDoubt
			there.entry.State, there.entry.Proof = journal.InDoubt, "restart"
		}
	}
}
