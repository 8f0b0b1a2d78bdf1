// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// RateBy says whose calls are counted together.
type RateBy string

// What a RatePolicy counts by.
const (
	// RateByClient counts by the verified caller, and by the address of one who is not known.
	RateByClient RateBy = "client"
	// RateByAddress counts by address, before credentials are looked at.
	RateByAddress RateBy = "address"
	// RateByAll counts all calls together.
	RateByAll RateBy = "all"
	// RateByFailure counts, by address, the calls whose credential is wrong. An address with too many of
	// them is refused whatever it shows. This gateway alone counts them.
	RateByFailure RateBy = "failure"
)

// RatePolicy bounds how many calls are made in a time: a bucket of Requests that fills evenly in Per.
type RatePolicy struct {
	Name     string
	Requests int
	Per      time.Duration
	By       RateBy
}

// RateState is what is left of a bucket.
type RateState struct {
	OK        bool
	Remaining int
	// Reset is how long it takes until the bucket is full, Wait until the next call is allowed.
	Reset, Wait time.Duration
}

// RateCounter counts calls for several gateways together.
type RateCounter interface {
	// Take takes one call out of a bucket of a policy. It must be bounded in time. After an error the
	// gateway counts by itself.
	Take(ctx context.Context, bucket string, p RatePolicy) (RateState, error)
}

// ratePlan is a policy as it is applied; those of one Site share what they count.
type ratePlan struct {
	RatePolicy
	local *localRates
	field string // its member in RateLimit-Policy
}

// take counts a call in the policy.
func (p *ratePlan) take(now time.Time, bucket uint64) RateState {
	return p.local.take(now.UnixNano(), bucket, p.RatePolicy, true)
}

// rateShards is the number of parts of localRates, maxShard what one holds at most.
const (
	rateShards = 32
	maxShard   = 8192
)

// localRates counts in memory by the generic cell rate algorithm: of each bucket it keeps the time at
// which it will be full.
type localRates struct {
	shards [rateShards]rateShard
}

type rateShard struct {
	mu   sync.Mutex
	full map[uint64]int64 // ns
}

// take looks at a bucket and, if charge is set, takes one call out of it.
func (l *localRates) take(now int64, bucket uint64, p RatePolicy, charge bool) RateState {
	s := &l.shards[bucket%rateShards]
	step := int64(p.Per) / int64(p.Requests)
	s.mu.Lock()
	defer s.mu.Unlock()
	full := max(s.full[bucket], now)
	if latest := now + int64(p.Per); full > latest { // the clock was set back, which must lock nobody out
		full = latest
		s.full[bucket] = full
	}
	next := full + step
	if next-now > int64(p.Per) {
		return RateState{Reset: time.Duration(full - now), Wait: time.Duration(next - now - int64(p.Per))}
	}
	if !charge {
		return RateState{OK: true}
	}
	if s.full == nil {
		s.full = map[uint64]int64{}
	}
	if _, there := s.full[bucket]; !there && len(s.full) >= maxShard {
		s.makeRoom(now)
	}
	s.full[bucket] = next
	return RateState{OK: true, Remaining: int((int64(p.Per) - (next - now)) / step), Reset: time.Duration(next - now)}
}

// makeRoom forgets buckets that are full, and if that is not enough, some that are not: memory is
// bounded whoever calls.
func (s *rateShard) makeRoom(now int64) {
	for k, full := range s.full {
		if full <= now {
			delete(s.full, k)
		}
	}
	for k := range s.full {
		if len(s.full) < maxShard*7/8 {
			return
		}
		delete(s.full, k)
	}
}

// rateHash names buckets in memory: nobody outside can find two callers that share one.
func (g *Gateway) rateHash(policy, who string) uint64 {
	var h maphash.Hash
	h.SetSeed(g.seed)
	_, _ = h.WriteString(policy)
	_ = h.WriteByte(0)
	_, _ = h.WriteString(who)
	return h.Sum64()
}

func (g *Gateway) addressHash(policy string, a netip.Addr) uint64 {
	b := neighborhood(a).As16()
	return g.rateHash(policy, string(b[:]))
}

// ratesBefore applies what is counted before credentials are looked at.
func (c *call) ratesBefore() error {
	for _, p := range c.route.rates {
		switch p.By {
		case RateByAddress:
			if err := c.rate(p, "a"+neighborhood(c.clientAddress()).String()); err != nil {
				return err
			}
		case RateByFailure:
			st := p.local.take(c.start.UnixNano(), c.g.addressHash(p.Name, c.clientAddress()), p.RatePolicy, false)
			if !st.OK {
				return c.overRate(p, st)
			}
		}
	}
	return nil
}

// ratesAfter applies what is counted of callers that are known.
func (c *call) ratesAfter() error {
	for _, p := range c.route.rates {
		var err error
		switch p.By {
		case RateByClient:
			who := "c" + c.subject
			if c.subject == "" {
				who = "a" + neighborhood(c.clientAddress()).String()
			}
			err = c.rate(p, who)
		case RateByAll:
			err = c.rate(p, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// countFailure counts a wrong credential.
func (c *call) countFailure() {
	for _, p := range c.route.rates {
		if p.By == RateByFailure {
			p.take(c.start, c.g.addressHash(p.Name, c.clientAddress()))
		}
	}
}

// rate takes one call out of a bucket: of the shared counter if there is one and it answers, else of
// this gateway's own.
func (c *call) rate(p *ratePlan, who string) error {
	var st RateState
	err := errNoCounter
	if counter := c.g.options.Counter; counter != nil {
		if st, err = counter.Take(c.r.Context(), sharedBucket(p.Name, who), p.RatePolicy); err != nil {
			c.g.metrics.rateAlone.Inc()
		}
	}
	if err != nil {
		st = p.take(c.start, c.g.rateHash(p.Name, who))
	}
	if !st.OK {
		return c.overRate(p, st)
	}
	c.rateField(p, st)
	return nil
}

var errNoCounter = fmt.Errorf("calls are counted by this gateway alone")

// sharedBucket names a bucket for a shared counter, which is told neither names nor addresses.
func sharedBucket(policy, who string) string {
	sum := sha256.Sum256([]byte(who))
	return "lintel:rate:" + policy + ":" + hex.EncodeToString(sum[:16])
}

// rateField adds the state of a policy to the fields RateLimit and RateLimit-Policy
// (draft-ietf-httpapi-ratelimit-headers).
func (c *call) rateField(p *ratePlan, st RateState) {
	if c.rateNow != "" {
		c.rateNow, c.ratePolicy = c.rateNow+", ", c.ratePolicy+", "
	}
	c.rateNow += `"` + p.Name + `";r=` + strconv.Itoa(st.Remaining) + ";t=" + strconv.FormatInt(seconds(st.Reset), 10)
	c.ratePolicy += p.field
}

// overRate is the 429. Retry-After has some jitter, so that callers do not come back together.
func (c *call) overRate(p *ratePlan, st RateState) error {
	c.g.metrics.rateRefused.WithLabelValues(p.Name).Inc()
	c.rateNow, c.ratePolicy = "", ""
	wait := seconds(st.Wait)
	c.rateField(p, RateState{Reset: time.Duration(wait) * time.Second})
	jitter := rand.N(time.Duration(1+wait/10)*time.Second + 1) //nolint:gosec // a spread, not a secret
	return &fault{kind: kindRateLimited, retryAfter: time.Duration(wait)*time.Second + jitter.Truncate(time.Second)}
}

func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

func (c *call) rateHeaders(h http.Header) {
	if c.rateNow != "" {
		h["Ratelimit"], h["Ratelimit-Policy"] = []string{c.rateNow}, []string{c.ratePolicy}
	}
}

// clientAddress is where the call comes from, found once.
func (c *call) clientAddress() netip.Addr {
	if !c.addressKnown {
		c.address, c.addressKnown = clientAddress(c.r, c.g.options.Proxies), true
	}
	return c.address
}

// compileRates checks policies and gives each what it counts with. Those that are in place already
// go on with their counts.
func compileRates(policies []RatePolicy, before *table) (map[string]*ratePlan, error) {
	plans := map[string]*ratePlan{}
	for _, p := range policies {
		switch {
		case p.Name == "" || p.Requests <= 0 || p.Per <= 0 || int64(p.Per) < int64(p.Requests):
			return nil, fmt.Errorf("rate policy %q needs a name, requests and a time", p.Name)
		case plans[p.Name] != nil:
			return nil, fmt.Errorf("rate policy %s stands twice", p.Name)
		}
		plan := &ratePlan{RatePolicy: p, local: &localRates{}}
		if before != nil && before.rates[p.Name] != nil && before.rates[p.Name].RatePolicy == p {
			plan.local = before.rates[p.Name].local
		}
		plan.field = `"` + p.Name + `";q=` + strconv.Itoa(p.Requests) + ";w=" + strconv.FormatInt(seconds(p.Per), 10)
		plans[p.Name] = plan
	}
	return plans, nil
}
