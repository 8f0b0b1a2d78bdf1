// SPDX-License-Identifier: Apache-2.0

package filestore

import "errors"

func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.broken = err
	}
}

// repair begins a new segment after a failed write.
func (s *Store) repair() {
	s.mu.Lock()
	well := s.broken == nil || s.missing
	s.mu.Unlock()
	if well {
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

// create makes a segment with a header and a note on stable storage, under the next number that no file has.
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
	s.mu.Lock()
	if s.first == 0 {
		s.first = number
	}
	first := s.first
	s.mu.Unlock()
	if err := s.put(g, appendNote(appendFrame(nil, h.append), first)); err != nil {
		return nil, errors.Join(err, f.Close(), s.disk.Remove(segmentName(number)))
	}
	return g, nil
}
