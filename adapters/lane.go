// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"fmt"
	"time"
)

// Lane is the way of one operation through a Guard: its own limits beside those of the backend, and a
// place of its own in the queue, so that a flood of one operation does not keep out the others.
type Lane struct {
	opts LaneOptions
	// running counts its exchanges; fastest is what they need at least. Both are under the Guard's mutex.
	running int
	fastest shortest
}

// LaneOptions say what is special about an operation. The zero value says nothing.
type LaneOptions struct {
	// Max is how many exchanges of the lane run at once; 0 means as many as the backend allows.
	Max int
	// High puts its waiting calls before all others.
	High bool
	// Needs is the least time that an exchange takes: with less left it is not begun. It is learned
	// from the exchanges as well; 0 means that only that counts.
	Needs time.Duration
	// Retries is how often a request that was provably not sent is tried again, at most MaxRetries;
	// 0 means what the Guard says, negative never.
	Retries int
	// Hedge asks a second time if a safe call has no reply after so long; 0 means never.
	Hedge time.Duration
}

// NewLane makes a lane of this guard.
func (g *Guard) NewLane(o LaneOptions) (*Lane, error) {
	switch {
	case o.Max < 0 || o.Max > mostSlots:
		return nil, fmt.Errorf("backend %s: concurrency max %d of an operation is not between 1 and %d", g.name, o.Max, mostSlots)
	case o.Needs < 0 || o.Hedge < 0:
		return nil, fmt.Errorf("backend %s: needs %v and hedge %v of an operation cannot be negative", g.name, o.Needs, o.Hedge)
	case o.Retries > MaxRetries:
		return nil, fmt.Errorf("backend %s: %d retries of an operation, at most %d", g.name, o.Retries, MaxRetries)
	}
	if o.Retries == 0 {
		o.Retries = g.opts.Retries
	}
	return &Lane{opts: o}, nil
}

func (l *Lane) full() bool { return l.opts.Max > 0 && l.running >= l.opts.Max }

// short tells whether a call with so much time left cannot finish.
func (l *Lane) short(now time.Time, left time.Duration) bool {
	return left < l.opts.Needs || left < l.fastest.least(now)
}

// Learning what an exchange takes at least: the shortest of at least learnFrom exchanges of the last
// learnFor, so that a single lucky one does not count and what was true once is forgotten.
const (
	learnFrom = 10
	learnFor  = 10 * time.Second
)

// shortest is the least of the durations seen lately. It keeps two periods, the current and the last.
type shortest struct {
	since    time.Time
	now, old struct {
		n     int
		least time.Duration
	}
}

func (s *shortest) roll(now time.Time) {
	switch age := now.Sub(s.since); {
	case age < learnFor:
		return
	case age < 2*learnFor:
		s.old = s.now
	default:
		s.old.n = 0
	}
	s.since, s.now.n = now, 0
}

func (s *shortest) add(now time.Time, d time.Duration) {
	s.roll(now)
	if s.now.n == 0 || d < s.now.least {
		s.now.least = d
	}
	s.now.n++
}

// least is 0 if too little is known.
func (s *shortest) least(now time.Time) time.Duration {
	if s.now.n+s.old.n == 0 {
		return 0
	}
	s.roll(now)
	switch {
	case s.now.n+s.old.n < learnFrom:
		return 0
	case s.now.n == 0 || s.old.n > 0 && s.old.least < s.now.least:
		return s.old.least
	}
	return s.now.least
}
