// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"lintel/gateway/journal"
	"lintel/transforms"
)

// Limits of the resolver.
const (
	resolveEvery  = 250 * time.Millisecond
	resolveAtOnce = 8
	maxEvery      = time.Minute
	// resolvePage is how many entries a round looks at. Where more are in doubt, the next round goes on behind them: what
	// only a person can resolve does not keep others from their turn.
	resolvePage = 1000
)

// resolver works off what is in doubt.
type resolver struct {
	g *Gateway
	// next is when an entry is looked at again.
	next map[journal.ID]attempt
	// after is up to where the last round came; zero when it came to the end.
	after journal.Cursor
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

// round looks once at what is due among the next entries in doubt.
func (r *resolver) round(ctx context.Context) {
	list, err := r.g.options.Journal.List(ctx, journal.Filter{State: journal.InDoubt, After: r.after, Limit: resolvePage, Heads: true})
	if err != nil {
		return // the journal says so itself
	}
	now := time.Now()
	var due []*journal.Entry
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
			a.at = now.Add(a.pause - spread(e.ID, a.pause))
		}
		r.next[e.ID] = a
	}
	if r.after = (journal.Cursor{}); len(list) == resolvePage {
		r.after = list[resolvePage-1].Cursor()
	} else {
		r.forget()
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

// forget drops what was not seen since it was last called: it is not in doubt any more.
func (r *resolver) forget() {
	for id, a := range r.next {
		if !a.seen {
			delete(r.next, id)
			continue
		}
		a.seen = false
		r.next[id] = a
	}
}

// pause is the first pause between attempts to resolve an entry: that of the inquiry, of the reversal, or the least one
// of the inquiries of steps.
func (g *Gateway) pause(e *journal.Entry) time.Duration {
	r := g.recorded(e.Operation)
	if r == nil {
		return time.Second
	}
	for _, a := range []*Ask{r.Means.Inquiry, r.Means.Reversal} {
		if a != nil && a.Every > 0 {
			return a.Every
		}
	}
	every := time.Duration(0)
	for i := range r.Steps {
		if a := r.Steps[i].Inquiry; a != nil && a.Every > 0 && (every == 0 || a.Every < every) {
			every = a.Every
		}
	}
	return cmp.Or(every, time.Second)
}

// spread shortens the pause of an entry by up to an eighth, each by its own part: what fell into doubt together, when a
// host went down, does not ask it all at once again and again.
func spread(id journal.ID, pause time.Duration) time.Duration {
	return pause / 8 * time.Duration(id[0]) / 256
}

// recorded returns the route of an operation whose exchanges are recorded, or nil.
func (g *Gateway) recorded(operation string) *route {
	t := g.table.Load()
	if t == nil {
		return nil
	}
	return t.routes[operation]
}

// Proofs that mean something to others than people.
const (
	meansLate    = "late reply"
	meansInquiry = "inquiry"
	// proofReversal marks entries whose reversal, or the undo of whose steps, has begun: from then on only its
	// acknowledgement counts.
	proofReversal = "reversal sent"
	// proofSteps is that of calls of which all steps were done.
	proofSteps = "steps"
	// proofReversed and proofUndone are those of entries of which that is known.
	proofReversed = "reversal"
	proofUndone   = "undo"
	// proofStepUndone is that of a step.
	proofStepUndone = "undone"
)

// resolve tries all means for one entry, of which this process has known for some time. All that is there of it is its head.
func (g *Gateway) resolve(ctx context.Context, head *journal.Entry, known time.Duration) {
	defer func() {
		if p := recover(); p != nil {
			g.metrics.panics.Inc()
			g.options.Log.Error("resolving an operation failed", "operation", head.ID.String())
		}
	}()
	route := g.recorded(head.Operation)
	if route == nil {
		return
	}
	e, err := g.options.Journal.Get(ctx, head.ID)
	if err != nil || e == nil || e.State != journal.InDoubt || e.Contested { // it may have been resolved meanwhile
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

// finish records a proof and tells who waits for it. Nobody waits for a step.
func (g *Gateway) finish(ctx context.Context, e *journal.Entry, end journal.End) bool {
	end.Tell = g.tells() && e.Parent.IsZero()
	if end.Proof != proofReversed && end.Proof != proofUndone {
		end.Unless = proofReversal
	}
	err := g.options.Journal.Finish(ctx, e.ID, end)
	if errors.Is(err, journal.ErrState) {
		// That a step was never sent does not contradict that it was not done.
		if now, gerr := g.options.Journal.Get(ctx, e.ID); gerr == nil && now != nil && now.State != end.To && now.State != journal.Released && now.Proof != proofReversal {
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
	v := g.ask(ctx, "reversal", e.ID, route.Means.Reversal, in, false, g.answers(route, e.ID))
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
