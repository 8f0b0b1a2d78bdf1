// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sony/gobreaker/v2"
)

// BreakerState is what a breaker does with calls.
type BreakerState uint8

const (
	// Closed lets calls through.
	Closed BreakerState = iota
	// Opened refuses calls until a time.
	Opened
	// HalfOpen lets one call at a time through as a probe. A breaker with a ping does so only when the
	// ping cannot tell anything.
	HalfOpen
	// Held refuses calls because an operator said so.
	Held
)

// String gives the word used in metrics and by operators: "closed", "open", "half-open", "held".
func (s BreakerState) String() string {
	return [...]string{"closed", "open", "half-open", "held"}[s]
}

// verdict is what one exchange tells about the host.
type verdict uint8

const (
	// excluded exchanges tell nothing: the caller went away, or the trouble was our own.
	excluded verdict = iota
	succeeded
	failed
)

func (v verdict) String() string { return [...]string{"excluded", "succeeded", "failed"}[v] }

// breaker decides from completed calls whether the host is up. The counting, the decision to trip
// and the three states are gobreaker's; around it stands what it lacks.
//
// A call is reported to gobreaker when it completes, in one step. gobreaker drops the result of a
// call that outlives its window and counts calls in flight as if they had succeeded; reported on
// completion neither can happen, and no call can keep a half-open breaker waiting. Who may pass is
// decided here: gobreaker's own open time is a nanosecond, so it follows the times kept here, which
// can grow, be jittered and be told to a caller. Its callback writes one field and nothing else.
//
// All methods are called under the mutex of the Guard.
type breaker struct {
	o  BreakerOptions
	cb *gobreaker.CircuitBreaker[struct{}]
	// ok and bad are the two reports, made once.
	ok, bad func() (struct{}, error)
	// inner is gobreaker's state after the last report; force makes the next failure trip it.
	inner gobreaker.State
	force bool

	state BreakerState
	since time.Time
	until time.Time
	// reason says why the state was entered.
	reason string
	// epoch grows with every change of state. A call begun in another epoch is not counted.
	epoch uint64
	// probe is the number of the probe under way, 0 if there is none.
	probe, lastProbe     uint64
	probeBegun, probeEnd time.Time
	// probing is the word for it: a call is a "probe", what the Guard sends a "ping".
	probing string
	// pinged tells that the Guard sends the probes itself: no call is one.
	pinged bool
	// pings is how many pings failed in a row.
	pings int
	// streak is how often it opened without having been closed for a whole window in between.
	streak   int
	closedAt time.Time
	recent   window
}

var errHostFailed = errors.New("host failed")

// leastRetry is what a caller is told to wait when the next probe is due at this moment.
const leastRetry = time.Millisecond

func newBreaker(name string, o BreakerOptions, now time.Time) *breaker {
	b := &breaker{o: o, since: now, recent: newWindow(o.Window, now)}
	b.ok = func() (struct{}, error) { return struct{}{}, nil }
	b.bad = func() (struct{}, error) { return struct{}{}, errHostFailed }
	b.cb = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         name,
		MaxRequests:  1,
		Interval:     o.Window,
		BucketPeriod: max(o.Window/windowParts, 1),
		Timeout:      1,
		ReadyToTrip:  b.ready,
		OnStateChange: func(_ string, _, to gobreaker.State) {
			b.inner = to
		},
	})
	return b
}

// ready is the failure rule: a ratio of completed calls.
func (b *breaker) ready(c gobreaker.Counts) bool {
	done := uint64(c.TotalSuccesses) + uint64(c.TotalFailures)
	return b.force || (done >= uint64(b.o.Minimum) && uint64(c.TotalFailures)*100 >= uint64(b.o.Failures)*done)
}

// admit says whether a call may pass now. A refusal tells when it makes sense to come back.
func (b *breaker) admit(now time.Time) (retry time.Duration, ok bool) {
	if b.state == Opened && !b.pinged && !now.Before(b.until) {
		b.enter(HalfOpen, now, "open time is over")
	}
	b.expire(now)
	switch {
	case b.probe != 0:
		return b.probeEnd.Sub(now), false
	case b.state == Opened:
		return max(b.until.Sub(now), leastRetry), false
	}
	return 0, true
}

// expire ends a probe that outlived its own deadline; whatever it still brings is too late.
func (b *breaker) expire(now time.Time) {
	if b.probe != 0 && !now.Before(b.probeEnd) {
		b.failedProbe(now, b.probing+" hangs")
	}
}

// begin marks a call that was admitted. It returns the number of the probe, 0 for a plain call.
func (b *breaker) begin(now, deadline time.Time) (probe uint64) {
	if b.state != HalfOpen {
		return 0
	}
	return b.beginProbe(now, deadline, "probe")
}

func (b *breaker) beginProbe(now, deadline time.Time, word string) uint64 {
	b.lastProbe++
	b.probe, b.probeBegun, b.probeEnd, b.probing = b.lastProbe, now, deadline, word
	return b.probe
}

// done counts a call that completed.
func (b *breaker) done(now time.Time, t ticket, v verdict) {
	if t.epoch != b.epoch || t.probe != b.probe {
		return
	}
	slow := b.o.SlowOver > 0 && now.Sub(t.begun) > b.o.SlowOver
	switch {
	case v == excluded && t.ping:
		b.pingTellsNothing(now)
		return
	case v == excluded:
		b.probe = 0
		return
	case t.probe != 0 && (slow || v == failed):
		b.failedProbe(now, b.probing+" failed")
		return
	case t.probe != 0:
		b.report(now, succeeded, b.probing+" succeeded")
		return
	}
	b.recent.add(now, v == failed, slow)
	b.report(now, v, "failures")
	if b.state == Closed && b.slowRule(0) {
		b.trip(now, "slow calls")
	}
}

// failedProbe keeps it open, or opens it again, after a probe that failed.
func (b *breaker) failedProbe(now time.Time, reason string) {
	if b.state == HalfOpen {
		b.report(now, failed, reason)
		return
	}
	b.probe, b.reason = 0, reason
	b.until = b.nextPing(now)
}

// pingTellsNothing is for a ping that ended by a fault of our own, which says nothing of the host: one call
// may find out, as without a ping, and the ping goes on trying.
func (b *breaker) pingTellsNothing(now time.Time) {
	if b.state == Opened {
		b.enter(HalfOpen, now, "the ping tells nothing: one call is let through")
	}
	b.probe, b.until = 0, b.nextPing(now)
}

// nextPing is when the next ping is due after one that did not succeed: every pause is twice the one before,
// measured from beginning to beginning, and never the same twice.
func (b *breaker) nextPing(now time.Time) time.Time {
	b.pings++
	d := grown(b.o.Open, b.pings, b.o.PingEvery)
	d -= rand.N(d/5 + 1)
	next := b.probeBegun.Add(d)
	if least := now.Add(d / 5); next.Before(least) {
		return least
	}
	return next
}

// pingDue is when the Guard has to look after its ping: when one is to be sent, or must have ended. Zero while
// it has nothing to do.
func (b *breaker) pingDue() time.Time {
	switch {
	case !b.pinged || b.state == Closed:
		return time.Time{}
	case b.probe != 0:
		return b.probeEnd
	}
	return b.until
}

// slowRule tells whether too many calls are slow, counting overdue ones that still run.
func (b *breaker) slowRule(overdue int) bool {
	if b.o.SlowOver <= 0 {
		return false
	}
	slow, all := b.recent.sum.slow+overdue, b.recent.sum.completed+overdue
	return all >= b.o.Minimum && slow*100 >= b.o.SlowRatio*all
}

// trip opens a closed breaker for a reason that gobreaker does not know.
func (b *breaker) trip(now time.Time, reason string) {
	b.force = true
	b.report(now, failed, reason)
	b.force = false
}

// report hands one result to gobreaker and follows it into its new state.
func (b *breaker) report(now time.Time, v verdict, reason string) {
	before := b.state
	call := b.ok
	if v == failed {
		call = b.bad
	}
	_, _ = b.cb.Execute(call)
	switch {
	case b.inner == gobreaker.StateOpen:
		if before == Closed {
			c := b.recent.sum
			reason = fmt.Sprintf("%s (of %d calls in the window %d failed, %d were slow)", reason, c.completed, c.failed, c.slow)
		}
		b.enter(Opened, now, reason)
	case before != Closed && b.inner == gobreaker.StateClosed:
		b.enter(Closed, now, reason)
	}
}

func (b *breaker) enter(s BreakerState, now time.Time, reason string) {
	before := b.state
	b.state, b.since, b.reason = s, now, reason
	b.probe = 0
	b.epoch++
	b.recent.clear(now)
	switch {
	case s == Opened && before == HalfOpen && b.pinged:
		b.until = b.nextPing(now)
	case s == Opened:
		b.until = now.Add(b.openTime(now))
	case s == Closed:
		b.until, b.closedAt, b.pings = time.Time{}, now, 0
	}
}

// openTime doubles with every opening that followed another closely, and is never the same twice.
func (b *breaker) openTime(now time.Time) time.Duration {
	if !b.closedAt.IsZero() && now.Sub(b.closedAt) >= b.o.Window && b.closedAt.After(b.until) {
		b.streak = 0
	}
	d := grown(b.o.Open, b.streak, b.o.MaxOpen)
	b.streak++
	return d + rand.N(d/5+1)
}

// grown is d doubled so many times, at most the limit.
func grown(d time.Duration, times int, limit time.Duration) time.Duration {
	for i := 0; i < times && d < limit; i++ {
		d *= 2
	}
	return min(d, limit)
}

// limit is how many slots of m may be used: fewer while ramping up.
func (b *breaker) limit(now time.Time, m int) int {
	if b.o.Ramp <= 0 || b.closedAt.IsZero() || b.state != Closed {
		return m
	}
	since := now.Sub(b.closedAt)
	if since >= b.o.Ramp {
		return m
	}
	return max(1, int(float64(m)*float64(since)/float64(b.o.Ramp)))
}
