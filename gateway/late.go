// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"slices"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

var _ adapters.Late = (*Gateway)(nil).LateReply

// LateReply takes a reply that came when nobody waited for it any more, by the correlation id of its
// request; it is an adapters.Late. It can only end the exchange that it answers, and never reaches a caller
// but by the key of that exchange. An error says that the journal cannot be asked now.
func (g *Gateway) LateReply(ctx context.Context, correlation []byte, end adapters.LateEnd) (adapters.LateVerdict, error) {
	e, err := g.lateEntry(ctx, correlation)
	result, verdict := "foreign", adapters.LateForeign
	switch {
	case err != nil:
		return verdict, err
	case e == nil:
	case !e.State.Open() && g.recordedBefore(e, end):
		result, verdict = "duplicate", adapters.LateDuplicate
	case !e.State.Open():
		result = "differs"
		g.metrics.contradictions.Inc()
		g.options.Log.Error("journal: another reply than the recorded one came to an operation; what is recorded stays",
			"operation", e.ID.String(), "state", e.State.String(), "proof", e.Proof)
	default:
		taken, err := g.lateFor(ctx, e, end)
		if err != nil {
			return verdict, err
		}
		switch {
		case taken:
			result, verdict = "matched", adapters.LateTaken
		case g.recordedBefore(e, end): // it could not be read then, and still cannot
			result, verdict = "duplicate", adapters.LateDuplicate
		default:
			result = "lost"
		}
	}
	g.metrics.lateReplies.WithLabelValues(result).Inc()
	return verdict, nil
}

// lateEntry finds the entry of a correlation id; nil if there is none.
func (g *Gateway) lateEntry(ctx context.Context, correlation []byte) (*journal.Entry, error) {
	var id journal.ID
	if g.options.Journal == nil || len(correlation) != len(id) {
		return nil, nil
	}
	copy(id[:], correlation)
	return g.options.Journal.Get(ctx, id)
}

// expired is the proof that a request ran out on its queue before anybody read it.
const expired = "expiration report"

// lateFor ends the exchange of an entry, or the step, with its reply, or with the word that there will be none.
func (g *Gateway) lateFor(ctx context.Context, e *journal.Entry, end adapters.LateEnd) (taken bool, err error) {
	route := g.recorded(e.Operation)
	if route == nil || e.Contested || e.Proof == proofReversal {
		return false, nil // a reversal may have undone the work since, or a person has to decide
	}
	if !e.Parent.IsZero() {
		return g.lateStep(ctx, route, e, end)
	}
	v := evidence{means: expired, to: journal.NotApplied}
	if !end.Expired {
		in, ok := g.inputOf(e)
		if !ok || len(route.Steps) > 0 {
			return false, nil
		}
		v = read(meansLate, route.Start(), in, end.Reply, g.answers(route, e.ID))
	}
	if v.to.Open() { // it says nothing
		return false, nil
	}
	if !g.conclude(ctx, e, []evidence{v}) {
		return false, journal.ErrUnavailable
	}
	return true, nil
}

// inputOf is what an exchange was made of.
func (g *Gateway) inputOf(e *journal.Entry) (transforms.Input, bool) {
	stored, err := g.options.Journal.RequestOf(e)
	if err != nil {
		return transforms.Input{}, false
	}
	in, err := decodeInput(stored)
	return in, err == nil
}

// lateStep records what a step did. The resolver then knows what there is to take back.
func (g *Gateway) lateStep(ctx context.Context, r *route, e *journal.Entry, late adapters.LateEnd) (taken bool, err error) {
	j := g.options.Journal
	if late.Expired {
		return finished(j.Finish(ctx, e.ID, journal.End{To: journal.NotApplied, Proof: expired}))
	}
	parent, err := j.Get(ctx, e.Parent)
	if err != nil || parent == nil {
		return false, err
	}
	children, err := j.List(ctx, journal.Filter{Parent: e.Parent})
	if err != nil {
		return false, err
	}
	in, ok := g.inputOf(parent)
	if !ok {
		return false, nil
	}
	k := g.retrace(ctx, r, parent, in, children)
	i := slices.IndexFunc(r.Steps, func(s StepRoute) bool { return s.Name == e.Step })
	if i < 0 {
		return false, nil
	}
	v := k.lateReply(i, late.Reply)
	if v.to.Open() {
		return false, nil
	}
	return finished(j.Finish(ctx, e.ID, journal.End{To: v.to, Proof: v.means, Reply: v.reply}))
}

// finished tells whether a step was ended.
func finished(err error) (taken bool, _ error) {
	if errors.Is(err, journal.ErrState) {
		return false, nil // its own exchange was quicker
	}
	return err == nil, err
}
