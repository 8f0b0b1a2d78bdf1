// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Admission is what is known of a backend to refuse in time what it could not serve in time.
type Admission struct {
	// Slots is how many exchanges run at once; 0 turns this off.
	Slots int
	// Queue is how many calls may wait for a slot, Wait how long one may.
	Queue int
	Wait  time.Duration
}

// bound counts calls against a number; 0 is none.
type bound struct {
	max     int64
	running atomic.Int64
}

func (b *bound) enter(extra int64) bool {
	if n := b.running.Add(1); b.max > 0 && n > b.max+extra {
		b.running.Add(-1)
		return false
	}
	return true
}

func (b *bound) leave() { b.running.Add(-1) }

// admit lets a call in before anything is looked at but its route, or refuses it.
func (c *call) admit() error {
	r := c.route
	extra := int64(0)
	if r.Critical {
		extra = c.g.all.max/10 + 1
	}
	if !c.g.all.enter(extra) {
		// One whose caller does not go on gives its place: nothing of it was sent, or all of it is done.
		s := c.connection()
		if s == nil || !s.among.cutSlow() {
			return c.busy(shedAll)
		}
		c.g.all.running.Add(1) // the other is about to leave
	}
	c.admitted = &c.g.all
	return c.ratesBefore()
}

// head bounds what has come before anything of it is looked at.
func (c *call) head() error {
	if len(c.r.RequestURI) > c.g.options.URLLimit {
		return &fault{kind: kindURLTooLong, closes: true}
	}
	if headerLines(c.r.Header) > c.g.options.HeaderLimit {
		return &fault{kind: kindTooManyHeaders, closes: true}
	}
	return nil
}

func headerLines(h map[string][]string) int {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	return n
}

// queue lets a call that is ready to be sent in to its backend.
func (c *call) queue(now time.Time) error {
	if c.route.shed == nil {
		return nil
	}
	t, ok := c.route.shed.enter(now, c.route.Critical, c)
	if !ok {
		return c.busy(shedBackend)
	}
	c.ticket = t
	return nil
}

// dequeue ends what queue began. took is the time of the exchange, 0 if the host was not asked.
func (c *call) dequeue(now time.Time, took time.Duration) {
	if c.ticket.shed != nil {
		c.ticket.leave(now, took)
		c.ticket = ticket{}
	}
}

// leave gives back everything that is still held.
func (c *call) leave() {
	c.dequeue(c.start, 0) // after a panic
	if c.admitted != nil {
		c.admitted.leave()
	}
}

// Words of the label reason of lintel_shed_total.
const (
	shedAll     = "gateway"
	shedBackend = "backend"
)

func (c *call) busy(reason string) error {
	c.g.metrics.shed.WithLabelValues(reason).Inc()
	return &fault{kind: kindOverloaded, detail: "The gateway serves as many requests as it can. Nothing was sent to the host."}
}

// compileLimits gives a route its bounds. What is in place already goes on with its counts.
func (t *table) compileLimits(r *route, before *table) error {
	for _, name := range r.Rates {
		p := t.rates[name]
		if p == nil {
			return fmt.Errorf("operation %s: there is no rate policy %s", r.Operation.ID, name)
		}
		r.rates = append(r.rates, p)
	}
	if r.Admission.Slots > 0 {
		r.shed = t.shedder(r, before)
	}
	return nil
}

// shedder returns that of the backend of a route: the one in place, if nothing has changed for it.
func (t *table) shedder(r *route, before *table) *shedder {
	if s := t.sheds[r.BackendName]; s != nil {
		return s
	}
	s := &shedder{Admission: r.Admission}
	if before != nil {
		if old := before.sheds[r.BackendName]; old != nil && old.Admission == s.Admission {
			s = old
		}
	}
	t.sheds[r.BackendName] = s
	return s
}
