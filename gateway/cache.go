// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// Caching says who may keep the answers of a safe operation. Its zero value only lets apps ask whether
// what they have is still right.
type Caching struct {
	// Apps is how long an app may use an answer without asking.
	Apps time.Duration
	// Gateway is how long the gateway answers without asking the host; 0 means that it always asks.
	Gateway time.Duration
	// AllCallers tells that every caller gets the same answer; otherwise one is kept for each.
	AllCallers bool
	// Coalesce lets calls that ask for the same at the same time share one exchange.
	Coalesce bool
}

// keeps reports whether the gateway has to find out which calls ask for the same.
func (c *Caching) keeps() bool { return c != nil && (c.Gateway > 0 || c.Coalesce) }

// kept is an answer with status 200 as it can be given again.
type kept struct {
	body    []byte
	headers []transforms.Header
	outcome string
	made    time.Time
}

// size is about how many bytes it takes.
func (k *kept) size() int {
	n := len(k.body) + 256
	for _, h := range k.headers {
		n += len(h.Name) + len(h.Value) + 32
	}
	return n
}

type cacheKey [sha256.Size]byte

// store keeps answers: bounded in number and bytes, the least used go first.
type store struct {
	entries int
	bytes   int

	mu      sync.Mutex
	used    int
	order   list.List // of *storeEntry, the last used first
	byKey   map[cacheKey]*list.Element
	flights map[cacheKey]*flight
}

type storeEntry struct {
	key     cacheKey
	kept    *kept
	expires time.Time
}

// flight is an exchange that several calls wait for.
type flight struct {
	done chan struct{}
	kept *kept // nil if there is nothing to share
	err  error // why, if the exchange failed in a way that holds for all
}

func newStore(entries int, bytes int64) *store {
	return &store{entries: entries, bytes: int(bytes), byKey: map[cacheKey]*list.Element{}, flights: map[cacheKey]*flight{}}
}

// get returns an answer that is kept and still good.
func (s *store) get(key cacheKey, now time.Time) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.byKey[key]
	if e == nil {
		return nil
	}
	entry, _ := e.Value.(*storeEntry)
	if !now.Before(entry.expires) {
		s.drop(e)
		return nil
	}
	s.order.MoveToFront(e)
	return entry.kept
}

func (s *store) put(key cacheKey, k *kept, expires time.Time) {
	size := k.size()
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byKey[key]; old != nil {
		s.drop(old)
	}
	if size > s.bytes/8 { // one answer must not drive out all others
		return
	}
	s.byKey[key] = s.order.PushFront(&storeEntry{key, k, expires})
	s.used += size
	for s.used > s.bytes || s.order.Len() > s.entries {
		s.drop(s.order.Back())
	}
}

func (s *store) drop(e *list.Element) {
	entry, _ := s.order.Remove(e).(*storeEntry)
	delete(s.byKey, entry.key)
	s.used -= entry.kept.size()
}

// state tells how full it is.
func (s *store) state() (entries, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.order.Len(), s.used
}

// join returns the flight of a key and whether the caller flies it: it then must land it.
func (s *store) join(key cacheKey) (f *flight, leads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f = s.flights[key]; f != nil {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	s.flights[key] = f
	return f, true
}

func (s *store) land(key cacheKey, f *flight) {
	s.mu.Lock()
	delete(s.flights, key)
	s.mu.Unlock()
	close(f.done)
}

// key sums up what an answer depends on: the operation as it is now, what came in, and who calls
// unless all callers get the same.
func (c *call) key() (key cacheKey) {
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], c.route.number)
	h.Write(n[:])
	part(h, c.params.out)
	part(h, c.body)
	if !c.route.Caching.AllCallers {
		part(h, c.identity)
	}
	h.Sum(key[:0])
	return key
}

// part adds bytes with their number in front, so that no two lists of parts look the same.
func part(h hash.Hash, b []byte) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(b)))
	h.Write(n[:])
	h.Write(b)
}

// fromStore gets the answer of a safe operation that may be kept or shared: from the store or from a
// call that asks for the same. It reports whether the call is over; otherwise the host is to be asked.
// The transform has read the request by then, so that its allow rule holds for this caller too.
func (c *call) fromStore() (done bool, err error) {
	caching, s := c.route.Caching, c.g.store
	key := c.key()
	if caching.Gateway > 0 {
		if k := s.get(key, c.g.options.Now()); k != nil {
			c.again(k, "hit")
			return true, nil
		}
	}
	if !caching.Coalesce {
		c.keepUnder = &key
		return false, nil
	}
	f, leads := s.join(key)
	if !leads {
		return c.follow(f)
	}
	c.keepUnder, c.flight = &key, f
	return false, nil
}

// follow waits for the call that asks for the same. If that has nothing to share, the host is asked.
func (c *call) follow(f *flight) (done bool, err error) {
	timer := time.NewTimer(max(c.g.options.Timeout-c.g.options.Now().Sub(c.start), time.Millisecond))
	defer timer.Stop()
	select {
	case <-f.done:
	case <-timer.C:
		return true, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Timeout, Backend: c.route.BackendName, Detail: "no time left"}
	case <-c.r.Context().Done():
		return true, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Canceled, Backend: c.route.BackendName, Detail: "caller went away"}
	}
	switch {
	case f.kept != nil:
		c.again(f.kept, "shared")
		return true, nil
	case f.err != nil:
		return true, f.err
	}
	return false, nil
}

// again answers with what is kept.
func (c *call) again(k *kept, how string) {
	c.cached = how
	c.g.metrics.cache(c.route, how)
	c.output = transforms.Output{Status: 200, Body: k.body, Headers: k.headers, Outcome: k.outcome}
	c.age = c.g.options.Now().Sub(k.made)
	c.answer()
}

// keepAnswer keeps an answer that is about to be sent, and shares it with those who wait: they need not
// wait for this caller to take it.
func (c *call) keepAnswer() {
	o := &c.output
	if c.keepUnder == nil || c.fallback != "" || c.partial != "" || o.Status != 200 || o.Invalid != nil {
		return
	}
	k := &kept{body: append([]byte(nil), o.Body...), outcome: o.Outcome, made: c.g.options.Now()}
	k.headers = append(k.headers, o.Headers...)
	if d := c.route.Caching.Gateway; d > 0 {
		c.g.store.put(*c.keepUnder, k, k.made.Add(d))
	}
	c.g.metrics.cache(c.route, "miss")
	if c.flight != nil {
		c.flight.kept = k
		c.landFlight()
	}
}

// landFlight tells those who wait that there is nothing more to wait for. Every flight lands, whatever
// became of its call.
func (c *call) landFlight() {
	f := c.flight
	if f == nil {
		return
	}
	c.flight = nil
	if f.kept == nil {
		f.err = sharedError(c.fault)
	}
	c.g.store.land(*c.keepUnder, f)
}

// sharedError is the error of an exchange if it would be the same for all who wait.
func sharedError(err error) error {
	if e, ok := err.(*adapters.Error); ok && e.Kind != adapters.Canceled && e.Kind != adapters.Internal { //nolint:errorlint // a wrapped one is about more than the exchange
		return e
	}
	return nil
}
