// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Guard stands before an adapter: deadline, concurrency limit, breaker, retries of what was not sent.
// It is safe for concurrent use.
type Guard struct {
	name    string
	adapter Adapter
	opts    GuardOptions
	news    news
	// correlates tells that the adapter wants to know what is recorded.
	correlates bool
	// common is the lane of calls that name none.
	common *Lane

	mu       sync.Mutex
	slots    slots
	adaptive *adaptive // nil if the limit is fixed
	breaker  *breaker
	budget   budget
	pinger   pinger
	held     bool
	heldAt   time.Time
	closed   bool
	shown    BreakerState
	totals   Totals
	last     *Error
	lastAt   time.Time
}

// NewGuard puts a guard before an adapter. name is the name of the backend.
func NewGuard(name string, a Adapter, o GuardOptions) (*Guard, error) {
	if a == nil {
		return nil, fmt.Errorf("backend %s: no adapter", name)
	}
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("backend %s: %w", name, err)
	}
	now := time.Now()
	g := &Guard{
		name: name, adapter: a, opts: o,
		news:     news{to: o.Observer},
		common:   &Lane{opts: LaneOptions{Retries: o.Retries}},
		slots:    newSlots(o.Max),
		adaptive: newAdaptive(o.Adapt, o.Max, now),
		breaker:  newBreaker(name, o.Breaker, now),
		budget:   attemptCost,
	}
	g.pinger.ctx, g.pinger.end = context.WithCancel(context.Background())
	g.correlate()
	return g, nil
}

// Name is the name of the backend.
func (g *Guard) Name() string { return g.name }

// Exchange carries one call to the host. Every error is an *Error with the backend's name.
//
// The deadline is the earlier one of ctx and the timeout of the call (or of the backend), and covers
// the wait for a slot. Until a slot is held a caller who goes away ends the call. After that only a
// safe call is ended; any other goes on until its deadline, so that what it did is known.
func (g *Guard) Exchange(ctx context.Context, c Call) (Message, error) {
	now := time.Now()
	timeout := g.opts.Timeout
	if c.Timeout > 0 {
		timeout = c.Timeout
	}
	deadline := now.Add(timeout)
	if err := ctx.Err(); err != nil {
		return Message{}, g.ended(err)
	}
	hurried := false
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline, hurried = d, g.tooSoon(d.Sub(now), timeout)
	}
	if c.Lane == nil {
		c.Lane = g.common
	}
	t, refused := g.enter(ctx, now, deadline, c)
	if refused != nil {
		return Message{}, refused
	}
	t.hurried = hurried
	if c.Safe && c.Lane.opts.Hedge > 0 {
		return g.hedged(ctx, t, c)
	}
	return g.run(ctx, t, c)
}

// stage is how far a call came, for the fate of a panic.
type stage uint8

const (
	before stage = iota
	inside
	judging
	over
)

// run makes the exchange in its slot. Whatever happens in it, also a panic or the end of the
// goroutine, the slot comes back and the breaker gets a verdict.
func (g *Guard) run(ctx context.Context, t ticket, c Call) (reply Message, err error) {
	at, v := before, failed
	defer func() {
		if at != over {
			if p := recover(); p != nil {
				var e *Error
				e, v = g.panicked(at, p)
				reply, err = Message{}, e
			}
		}
		g.leave(t, v)
	}()
	if ctx.Err() != nil {
		v, at = excluded, over
		return Message{}, g.ended(ctx.Err())
	}
	inner, cancel := g.within(ctx, t.deadline, c.Safe)
	defer cancel()
	if c.Before != nil {
		if cause := c.Before(inner); cause != nil {
			v, at = excluded, over
			return Message{}, &Error{Fate: NotSent, Kind: Withheld, Backend: g.name, Detail: "withheld before it was sent", Cause: cause}
		}
	}
	if g.correlates && c.Recording != nil {
		inner = WithRecording(inner, c.Recording)
	}
	at = inside
	reply, e := g.attempts(inner, t, c.Message)
	if e != nil {
		v, at = judgeError(e, t.hurried && !time.Now().Before(t.deadline)), over
		g.note(e)
		return Message{}, e
	}
	at, v = judging, succeeded
	if c.Judge != nil {
		j := c.Judge(reply)
		if j.HostFailed {
			v = failed
		}
		if d, can := g.adapter.(Distruster); can && j.Foreign {
			d.Distrust()
		}
	}
	at = over
	return reply, nil
}

// within is the context of the exchange itself. It is the only timer of a call that did not wait.
func (g *Guard) within(ctx context.Context, deadline time.Time, safe bool) (context.Context, context.CancelFunc) {
	if !safe && ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	if d, ok := ctx.Deadline(); ok && !deadline.Before(d) {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline)
}

// tooSoon tells whether the caller's own deadline leaves so much less than the timeout that missing
// it says nothing about the host.
func (g *Guard) tooSoon(left, timeout time.Duration) bool {
	enough := timeout / 2
	if s := g.opts.Breaker.SlowOver; s > 0 {
		enough = min(enough, s)
	}
	return left < enough
}

// panicked makes the error of a panic. Before the adapter nothing was sent; in it, who knows; after
// it the reply was in hand.
func (g *Guard) panicked(at stage, p any) (*Error, verdict) {
	e := &Error{Kind: Internal, Backend: g.name, Detail: "panic in the adapter", Cause: newPanicError(p)}
	switch at {
	case before:
		e.Fate, e.Detail = NotSent, "panic before the exchange"
	case judging:
		e.Fate, e.Detail = Applied, "panic in judging the reply"
	}
	g.note(e)
	return e, judgeError(e, false)
}

// admit says whether a call may pass now: nil, or why not.
func (g *Guard) admit(now time.Time) *Error {
	switch {
	case g.closed:
		return g.refuse("the backend is closed", 0)
	case g.held:
		return g.refuse("held by an operator", 0)
	}
	if retry, ok := g.breaker.admit(now); !ok {
		return g.refuse("the breaker is "+g.breaker.state.String(), retry)
	}
	return nil
}

func (g *Guard) refuse(detail string, retry time.Duration) *Error {
	g.totals.Refused++
	return &Error{Fate: NotSent, Kind: Open, Backend: g.name, Detail: detail, RetryAfter: retry}
}

func (g *Guard) busy(detail string) *Error {
	return &Error{Fate: NotSent, Kind: Busy, Backend: g.name, Detail: detail, RetryAfter: busyRetry}
}

func (g *Guard) short() *Error {
	return &Error{Fate: NotSent, Kind: Short, Backend: g.name, Detail: "the time left is less than an exchange takes", RetryAfter: busyRetry}
}

func (g *Guard) gone() *Error {
	return &Error{Fate: NotSent, Kind: Canceled, Backend: g.name, Detail: "caller went away"}
}

// ended is the error of a call whose caller or time was gone before anything was sent.
func (g *Guard) ended(err error) *Error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Fate: NotSent, Kind: Timeout, Backend: g.name, Detail: "no time left"}
	}
	return g.gone()
}

func (g *Guard) note(e *Error) {
	now := time.Now()
	g.mu.Lock()
	g.last, g.lastAt = e, now
	g.mu.Unlock()
}

// Hold refuses all further calls until Release. Exchanges under way go on.
func (g *Guard) Hold() { g.setHeld(true) }

// Release ends a Hold. The breaker is then what it would be without it.
func (g *Guard) Release() { g.setHeld(false) }

func (g *Guard) setHeld(held bool) {
	now := time.Now()
	g.mu.Lock()
	if g.held != held {
		g.held, g.heldAt = held, now
		g.dispatch(now)
	}
	g.unlock()
}

// Probe asks whether the host is there, if the adapter can; else it returns nil. It needs no slot
// and tells the breaker nothing, since a host that accepts connections may still be stuck.
func (g *Guard) Probe(ctx context.Context) error {
	p, ok := g.adapter.(Prober)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	if err := p.Probe(ctx); err != nil {
		return asError(g.name, err)
	}
	return nil
}

// Close refuses further calls and closes the adapter, which ends exchanges under way.
func (g *Guard) Close() error {
	g.mu.Lock()
	again := g.closed
	g.closed = true
	g.dispatch(time.Now())
	g.unlock()
	g.pinger.end()
	if c, ok := g.adapter.(io.Closer); ok && !again {
		if err := c.Close(); err != nil {
			return fmt.Errorf("backend %s: close: %w", g.name, err)
		}
	}
	return nil
}
