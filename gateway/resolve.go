// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

// Means are the ways to find out what became of an exchange in doubt, or to undo it. Nothing is ever
// guessed: without means, or when they cannot tell, it stays in doubt until an operator decides.
type Means struct {
	// Inquiry asks the host whether it did the work. The outcome of its reply is that of the exchange:
	// an answer of the operation, "not applied", or "in doubt" if the host does not know.
	Inquiry *Ask
	// Reversal undoes the work if it was done. It is sent until it is acknowledged; then the exchange is
	// not applied.
	Reversal *Ask
}

// Ask is an exchange about another exchange. Its transform gets the input of the first.
type Ask struct {
	// Start begins one use of the transform.
	Start   func() Runner
	Backend Exchanger
	// Timeout bounds one attempt; 0 means the backend's.
	Timeout time.Duration
	// After is how long the host may still begin the work when the gateway has given up: an answer
	// "not applied" before that proves nothing, and a reversal could come too early.
	After time.Duration
	// Every is the pause before the second attempt; it doubles up to a minute. Default 1 s.
	Every time.Duration
}

// Limits of the resolver.
const (
	resolveEvery   = 250 * time.Millisecond
	resolveAtOnce  = 8
	maxEvery       = time.Minute
	maxResolveList = 10_000
)

// resolver works off what is in doubt.
type resolver struct {
	g *Gateway
	// next is when an entry is looked at again.
	next map[journal.ID]attempt
}

// attempt is when an entry is tried again. Its times are of the clock that nobody can set.
type attempt struct {
	at    time.Time
	since time.Time // when the entry was first seen
	pause time.Duration
	seen  bool
}

// Resolve works off what is in doubt until ctx ends. One at a time may run.
func (g *Gateway) Resolve(ctx context.Context) {
	if g.options.Journal == nil {
		return
	}
	r := &resolver{g: g, next: map[journal.ID]attempt{}}
	tick := time.NewTicker(resolveEvery)
	defer tick.Stop()
	for {
		r.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round looks once at everything that is due.
func (r *resolver) round(ctx context.Context) {
	list, err := r.g.options.Journal.List(ctx, journal.Filter{State: journal.InDoubt, Limit: maxResolveList})
	if err != nil {
		return // the journal says so itself
	}
	now := time.Now()
	var due []*journal.Entry
	for id, a := range r.next {
		a.seen = false
		r.next[id] = a
	}
	for i := range list {
		e := &list[i]
		a, known := r.next[e.ID]
		if !known {
			a.since = now
		}
		a.seen = true
		if !e.Contested && e.Parent.IsZero() && !now.Before(a.at) {
			due = append(due, e)
			a.pause = min(max(2*a.pause, r.g.pause(e)), maxEvery)
			a.at = now.Add(a.pause)
		}
		r.next[e.ID] = a
	}
	for id, a := range r.next {
		if !a.seen {
			delete(r.next, id)
		}
	}
	slots := make(chan struct{}, resolveAtOnce)
	var wg sync.WaitGroup
	for _, e := range due {
		slots <- struct{}{}
		known := now.Sub(r.next[e.ID].since)
		wg.Go(func() {
			defer func() { <-slots }()
			r.g.resolve(ctx, e, known)
		})
	}
	wg.Wait()
}

// pause is the first pause between attempts to resolve an entry.
func (g *Gateway) pause(e *journal.Entry) time.Duration {
	every := time.Second
	if r := g.recorded(e.Operation); r != nil {
		for _, a := range []*Ask{r.Means.Inquiry, r.Means.Reversal} {
			if a != nil && a.Every > 0 {
				every = a.Every
				break
			}
		}
	}
	return every
}

// recorded returns the route of an operation whose exchanges are recorded, or nil.
func (g *Gateway) recorded(operation string) *route {
	t := g.table.Load()
	if t == nil {
		return nil
	}
	return t.routes[operation]
}

// evidence is what one means says of an exchange.
type evidence struct {
	means string
	to    journal.State // Complete, NotApplied, or InDoubt for no answer
	reply []byte
}

// Proofs that mean something to others than people.
const (
	// proofReversal marks entries whose reversal, or the undo of whose steps, has begun: from then on only its
	// acknowledgement counts.
	proofReversal = "reversal sent"
	// proofReversed and proofUndone are those of entries of which that is known.
	proofReversed = "reversal"
	proofUndone   = "undo"
	// proofStepUndone is that of a step.
	proofStepUndone = "undone"
)

// resolve tries all means for one entry, of which this process has known for some time.
func (g *Gateway) resolve(ctx context.Context, e *journal.Entry, known time.Duration) {
	defer func() {
		if p := recover(); p != nil {
			g.metrics.panics.Inc()
			g.options.Log.Error("resolving an operation failed", "operation", e.ID.String())
		}
	}()
	route := g.recorded(e.Operation)
	if route == nil {
		return
	}
	in, ok := g.inputOf(e)
	if !ok {
		return
	}
	if len(route.Steps) > 0 {
		g.resolveSteps(ctx, route, e, in, known)
		return
	}
	if e.Proof != proofReversal {
		if g.conclude(ctx, e, g.look(ctx, route, e, in, known)) {
			return
		}
	}
	if route.Means.Reversal != nil && g.settledDown(e, route.Means.Reversal, known) {
		g.reverse(ctx, route, e, in)
	}
}

// settledDown reports that the host does not begin the work any more. The deadline is a time of day, and clocks
// are set: that it is long ago counts only if this process has waited as well.
func (g *Gateway) settledDown(e *journal.Entry, a *Ask, known time.Duration) bool {
	return known >= givenUp(e)+a.After && !g.options.Now().Before(e.Deadline.Add(a.After))
}

// givenUp is how long after an entry was found in doubt its exchange may still be under way. Its own process ends it
// before it says so; what others found overdue may be theirs, if clocks differ or were set.
func givenUp(e *journal.Entry) time.Duration {
	if e.Proof != journal.ProofOverdue {
		return 0
	}
	return max(0, e.Deadline.Sub(e.Begun))
}

// look asks every means that changes nothing.
func (g *Gateway) look(ctx context.Context, route *route, e *journal.Entry, in transforms.Input, known time.Duration) []evidence {
	var found []evidence
	if r, ok := route.Backend.(adapters.Recoverer); ok {
		if m, err := r.Recover(ctx, e.ID[:]); err == nil {
			found = append(found, g.read(route, "late reply", e, route.Start(), in, m))
		}
	}
	if a := route.Means.Inquiry; a != nil {
		v := g.ask(ctx, route, "inquiry", e, a, in, true)
		if v.to == journal.NotApplied && !g.settledDown(e, a, known) {
			v.to = journal.InDoubt
		}
		found = append(found, v)
	}
	return found
}

// ask makes one exchange about an exchange.
func (g *Gateway) ask(ctx context.Context, route *route, means string, e *journal.Entry, a *Ask, in transforms.Input, safe bool) evidence {
	run := a.Start()
	m, err := run.Request(in)
	if err != nil {
		run.Release()
		g.options.Log.Error("an operation in doubt cannot be asked for", "operation", e.ID.String(), "means", means, "error", logText(err))
		return evidence{means: means, to: journal.InDoubt}
	}
	ctx, cancel := context.WithTimeout(ctx, g.options.Timeout)
	defer cancel()
	var out evidence
	read := false
	judge := func(reply adapters.Message) adapters.Judgement {
		read = true
		o, err := run.Reply(transforms.Message(reply))
		out = g.weigh(route, means, e, &o, err, nil)
		return adapters.Judgement{HostFailed: err == nil && o.HostFailed, Foreign: isForeign(err)}
	}
	reply, err := a.Backend.Exchange(ctx, adapters.Call{Message: adapters.Message(m), Judge: judge, Timeout: a.Timeout, Safe: safe})
	if err != nil {
		// The exchange may still hold the buffers of the run: it is not given back.
		return evidence{means: means, to: journal.InDoubt}
	}
	if !read {
		judge(reply)
	}
	run.Release()
	return out
}

// read reads a reply to the exchange itself.
func (g *Gateway) read(route *route, means string, e *journal.Entry, run Runner, in transforms.Input, m adapters.Message) evidence {
	defer run.Release()
	if _, err := run.Request(in); err != nil {
		return evidence{means: means, to: journal.InDoubt}
	}
	o, err := run.Reply(transforms.Message(m))
	return g.weigh(route, means, e, &o, err, sumReply(m))
}

// weigh says what a reply proves. sum sums up one that may come again.
func (g *Gateway) weigh(route *route, means string, e *journal.Entry, o *transforms.Output, err error, sum []byte) evidence {
	if err != nil {
		return evidence{means: means, to: journal.InDoubt}
	}
	v := evidence{means: means, to: endOf(o)}
	if !v.to.Open() {
		a := g.answerLater(route, e.ID, v.to, o)
		a.sum = sum
		v.reply = encodeAnswer(a)
	}
	return v
}

// answerLater makes the answer that the caller will get when it asks again. o is nil where nobody but
// a person knows what the host did.
func (g *Gateway) answerLater(route *route, id journal.ID, to journal.State, o *transforms.Output) *storedAnswer {
	held := &heldAnswer{header: http.Header{}}
	c := newCall(g)
	c.w, c.r, c.route = held, &http.Request{Method: http.MethodPost, Header: http.Header{}, ProtoMajor: 2}, route
	c.exchange, c.trace = newIDs(g.options.Now())
	c.keyed = keyedCall{on: true, id: id, end: to}
	switch {
	case o != nil:
		c.output = *o
		c.answer()
	case to == journal.NotApplied:
		c.commonHeaders(held.header)
		c.write(problemOf(kindNotApplied))
	default:
		c.commonHeaders(held.header)
		c.write(problemOf(kindAnswerLost))
	}
	return &storedAnswer{status: held.status, header: held.header, body: held.body}
}

// conclude records what the means agree on. Two that contradict each other leave it to a person.
func (g *Gateway) conclude(ctx context.Context, e *journal.Entry, found []evidence) bool {
	var proof *evidence
	for i := range found {
		v := &found[i]
		g.metrics.resolved.WithLabelValues(v.means, statusWord(v.to)).Inc()
		switch {
		case v.to.Open():
		case proof == nil:
			proof = v
		case proof.to != v.to:
			g.metrics.contradictions.Inc()
			g.options.Log.Error("journal: two proofs contradict each other, an operator has to decide", "operation", e.ID.String())
			_ = g.options.Journal.Finish(ctx, e.ID, journal.End{To: journal.InDoubt, Proof: "contradiction", Contested: true})
			return true
		}
	}
	if proof == nil {
		return false
	}
	return g.finish(ctx, e, journal.End{To: proof.to, Proof: proof.means, Reply: proof.reply})
}

// finish records a proof and tells who waits for it.
func (g *Gateway) finish(ctx context.Context, e *journal.Entry, end journal.End) bool {
	end.Tell = g.tells()
	if end.Proof != proofReversed && end.Proof != proofUndone {
		end.Unless = proofReversal
	}
	err := g.options.Journal.Finish(ctx, e.ID, end)
	if errors.Is(err, journal.ErrState) {
		if now, gerr := g.options.Journal.Get(ctx, e.ID); gerr == nil && now != nil && now.State != end.To && now.Proof != proofReversal {
			g.contradiction(e.ID, end.To)
		}
		return true
	}
	if err == nil && !end.To.Open() {
		g.options.Log.Info("journal: an operation in doubt was resolved", "operation", e.ID.String(), "state", end.To.String(), "proof", end.Proof)
		g.options.Webhook.wakeUp()
	}
	return err == nil
}

// reverse sends the reversal. That it was begun is recorded first: after that the host may have
// undone the work, and only the acknowledgement says so.
func (g *Gateway) reverse(ctx context.Context, route *route, e *journal.Entry, in transforms.Input) {
	if e.Proof != proofReversal {
		if !g.beginReversal(ctx, e) {
			return
		}
	}
	v := g.ask(ctx, route, "reversal", e, route.Means.Reversal, in, false)
	g.metrics.resolved.WithLabelValues(v.means, statusWord(v.to)).Inc()
	if v.to.Open() {
		return
	}
	// Whether it was there to be undone or not, it is not there any more.
	reply := encodeAnswer(g.answerLater(route, e.ID, journal.NotApplied, nil))
	g.finish(ctx, e, journal.End{To: journal.NotApplied, Proof: proofReversed, Reply: reply})
}

// beginReversal records that what was done is being taken back.
func (g *Gateway) beginReversal(ctx context.Context, e *journal.Entry) bool {
	return g.options.Journal.Finish(ctx, e.ID, journal.End{To: journal.InDoubt, Proof: proofReversal, AtOnce: true}) == nil
}
