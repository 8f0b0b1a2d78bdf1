// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
	"time"

	"lintel/adapters"
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

// store keeps answers, and knows what is asked for at the moment.
type store struct {
	*lru

	flying  sync.Mutex
	flights map[cacheKey]*flight
}

// flight is an exchange that several calls wait for.
type flight struct {
	done chan struct{}
	kept *kept // nil if there is nothing to share
	err  error // why, if the exchange failed in a way that holds for all
}

func newStore(entries int, bytes int64) *store {
	return &store{lru: newLRU(entries, int(bytes)), flights: map[cacheKey]*flight{}}
}

// join returns the flight of a key and whether the caller flies it: it then must land it.
func (s *store) join(key cacheKey) (f *flight, leads bool) {
	s.flying.Lock()
	defer s.flying.Unlock()
	if f = s.flights[key]; f != nil {
		return f, false
	}
	f = &flight{done: make(chan struct{})}
	s.flights[key] = f
	return f, true
}

func (s *store) land(key cacheKey, f *flight) {
	s.flying.Lock()
	delete(s.flights, key)
	s.flying.Unlock()
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
		if k, _ := s.get(key, c.g.options.Now(), caching.Gateway); k != nil {
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
	c.output = k.output()
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
	k := keep(o, c.g.options.Now())
	if c.route.Caching.Gateway > 0 {
		c.g.store.put(*c.keepUnder, k)
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
