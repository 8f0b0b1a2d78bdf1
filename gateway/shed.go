// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// shedder refuses at once the calls of one backend that would wait too long for a slot. A queue makes
// everybody slow and then refuses most of those who waited; who is refused at once can go elsewhere,
// and the host still has all the work it can do.
//
// It holds as many calls as the backend has slots, and beyond these as many as will get a slot in the
// time that the backend lets calls wait: a burst is worked off. When calls have been waiting for a
// whole window, that is no burst, and only as many are held as get a slot within the time of one
// exchange (the idea of CoDel). The time of an exchange is measured: of calls that found a free slot directly, and while all slots are
// taken by what is completed (Little's law), so that a host that slows down is followed within a second.
type shedder struct {
	mu sync.Mutex
	Admission
	// service is the time of an exchange without waiting; 0 until it is known.
	service time.Duration
	// running is how many calls are here, byClient how many of each caller while more than half of the slots are taken.
	running  int
	byClient map[uint64]int
	// standing tells that calls were waiting all through the last window.
	standing bool
	// shared tells that several callers came in the last window; one and several find that out for this one.
	shared, several bool
	one             uint64

	// The window under way: its begin, the least number of calls in it, and what was completed.
	begin     time.Time
	least     int
	completed int
	direct    int
	directSum time.Duration
}

// shedWindow is the least time over which is measured.
const shedWindow = 100 * time.Millisecond

// ticket is what a call that was let in gives back.
type ticket struct {
	shed   *shedder
	client uint64
	// tracked tells that the client is counted, free that there was a free slot.
	tracked, free bool
}

// limit is how many calls there may be. Critical ones may wait longer than others.
func (s *shedder) limit(critical bool) int {
	queue, budget := s.Queue/2, s.Wait*3/4
	switch {
	case critical:
		queue, budget = s.Queue, s.Wait*9/10
	case s.standing:
		budget = min(s.Wait/2, s.service)
	}
	if s.service > 0 {
		queue = min(queue, int(int64(s.Slots)*int64(budget)/int64(s.service)))
	}
	return s.Slots + queue
}

// share is how many calls of one caller are let in while half of the slots are taken. With those that
// it may have from before it can use all slots, and leaves room for others: more if there are others.
func (s *shedder) share() int {
	part := s.limit(false) * 3 / 4
	if s.shared {
		part = s.limit(false) / 2
	}
	return max(1, max(s.Slots, part)-s.Slots/2)
}

// caller tells who calls, when it matters.
type caller interface{ clientHash() uint64 }

// enter lets a call in, or refuses it.
func (s *shedder) enter(now time.Time, critical bool, who caller) (ticket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := ticket{shed: s, free: s.running < s.Slots}
	crowded := 2*s.running >= s.Slots
	if crowded {
		t.client = who.clientHash()
		s.meet(t.client)
	}
	if s.running >= s.limit(critical) {
		return ticket{}, false
	}
	if crowded {
		if !critical && s.byClient[t.client] >= s.share() {
			return ticket{}, false
		}
		if s.byClient == nil {
			s.byClient = map[uint64]int{}
		}
		s.byClient[t.client]++
		t.tracked = true
	}
	if s.begin.IsZero() {
		s.restart(now)
	}
	s.running++
	return t, true
}

// meet notes who comes while slots are scarce.
func (s *shedder) meet(client uint64) {
	if s.one == 0 {
		s.one = client
	}
	if s.one != client {
		s.several = true
		s.shared = true
	}
}

// leave ends a call. took is the time of its exchange, 0 if the host was not asked.
func (t ticket) leave(now time.Time, took time.Duration) {
	s := t.shed
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	s.least = min(s.least, s.running)
	if t.tracked {
		if s.byClient[t.client]--; s.byClient[t.client] <= 0 {
			delete(s.byClient, t.client)
		}
	}
	if took > 0 {
		s.completed++
		if t.free {
			s.direct++
			s.directSum += took
		}
	}
	s.measure(now)
}

// measure ends the window if it is long enough.
func (s *shedder) measure(now time.Time) {
	span := now.Sub(s.begin)
	if span < shedWindow || s.completed == 0 {
		return
	}
	s.standing = s.least > s.Slots
	var sample time.Duration
	switch {
	case s.least >= s.Slots-1: // all slots were taken all the time
		sample = span * time.Duration(s.Slots) / time.Duration(s.completed)
	case s.direct > 0:
		sample = s.directSum / time.Duration(s.direct)
	}
	if sample > 0 {
		if s.service == 0 {
			s.service = sample
		}
		s.service += (sample - s.service) / 4
	}
	s.restart(now)
}

func (s *shedder) restart(now time.Time) {
	s.shared, s.several, s.one = s.several, false, 0
	s.begin, s.least, s.completed, s.direct, s.directSum = now, s.running, 0, 0, 0
}

// clientHash stands for who calls: the verified caller, or else the address.
func (c *call) clientHash() uint64 {
	var h maphash.Hash
	h.SetSeed(c.g.seed)
	if c.subject != "" {
		_, _ = h.WriteString(c.subject)
	} else {
		b := addressBytes(c.clientAddress())
		_, _ = h.Write(b[:])
	}
	return h.Sum64()
}

func addressBytes(a netip.Addr) [16]byte { return neighborhood(a).As16() }
