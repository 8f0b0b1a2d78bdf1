// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"maps"
	"net/http"
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

// evidence is what one means says of an exchange.
type evidence struct {
	means string
	to    journal.State // Complete, NotApplied, or InDoubt for no answer
	reply []byte
}

// weigher says what a reply m proves, of which a transform made o. sum sums up a reply that may come again; nil for others.
type weigher func(o *transforms.Output, m adapters.Message, sum []byte) evidence

// look asks every means that changes nothing.
func (g *Gateway) look(ctx context.Context, route *route, e *journal.Entry, in transforms.Input, known time.Duration) []evidence {
	var found []evidence
	if r, ok := route.Backend.(adapters.Recoverer); ok {
		if m, err := r.Recover(ctx, e.ID[:]); err == nil {
			found = append(found, read(meansLate, route.Start(), in, m, g.answers(route, e.ID)))
		}
	}
	if a := route.Means.Inquiry; a != nil {
		v := g.ask(ctx, meansInquiry, e.ID, a, in, true, g.answers(route, e.ID))
		if v.to == journal.NotApplied && !g.settledDown(e, a, known) {
			v.to = journal.InDoubt
		}
		found = append(found, v)
	}
	return found
}

// ask makes one exchange about an exchange.
func (g *Gateway) ask(ctx context.Context, means string, id journal.ID, a *Ask, in transforms.Input, safe bool, weigh weigher) evidence {
	run := a.Start()
	m, err := run.Request(in)
	if err != nil {
		run.Release()
		g.options.Log.Error("an operation in doubt cannot be asked for", "operation", id.String(), "means", means, "error", logText(err))
		return evidence{means: means, to: journal.InDoubt}
	}
	ctx, cancel := context.WithTimeout(ctx, g.options.Timeout)
	defer cancel()
	out := evidence{means: means, to: journal.InDoubt}
	read := false
	judge := func(reply adapters.Message) adapters.Judgement {
		read = true
		o, err := run.Reply(transforms.Message(reply))
		if err == nil {
			out = weigh(&o, reply, nil)
			out.means = means
		}
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
func read(means string, run Runner, in transforms.Input, m adapters.Message, weigh weigher) evidence {
	defer run.Release()
	out := evidence{means: means, to: journal.InDoubt}
	if _, err := run.Request(in); err != nil {
		return out
	}
	if o, err := run.Reply(transforms.Message(m)); err == nil {
		out = weigh(&o, m, sumReply(m))
		out.means = means
	}
	return out
}

// answers weighs what is the answer of an operation.
func (g *Gateway) answers(route *route, id journal.ID) weigher {
	return func(o *transforms.Output, _ adapters.Message, sum []byte) evidence {
		v := evidence{to: endOf(o)}
		if !v.to.Open() {
			a := g.answerLater(route, id, v.to, o)
			a.sum = sum
			v.reply = encodeAnswer(a)
		}
		return v
	}
}

// answerLater makes the answer that the caller will get when it asks again. o is nil where nobody but
// a person knows what the host did.
func (g *Gateway) answerLater(route *route, id journal.ID, to journal.State, o *transforms.Output) *storedAnswer {
	switch {
	case o != nil:
		return g.later(route, id, to, func(c *call) {
			c.output = *o
			c.answer()
		})
	case to == journal.NotApplied:
		return g.problemLater(route, id, to, kindNotApplied)
	default:
		return g.problemLater(route, id, to, kindAnswerLost)
	}
}

// problemLater is answerLater for a problem.
func (g *Gateway) problemLater(route *route, id journal.ID, to journal.State, kind kind) *storedAnswer {
	return g.later(route, id, to, func(c *call) {
		c.commonHeaders(c.w.Header())
		c.write(problemOf(kind))
	})
}

// later holds what a call without a caller answers.
func (g *Gateway) later(route *route, id journal.ID, to journal.State, answer func(c *call)) *storedAnswer {
	held := &heldAnswer{header: http.Header{}}
	c := newCall(g)
	c.w, c.r, c.route = held, &http.Request{Method: http.MethodPost, Header: http.Header{}, ProtoMajor: 2}, route
	c.exchange, c.trace = newIDs(g.options.Now())
	c.keyed = keyedCall{on: true, id: id, end: to}
	answer(c)
	return &storedAnswer{status: held.status, header: held.header, body: held.body}
}

// Verdict is what the reply to an inquiry, or to a reversal, proves.
type Verdict struct {
	// End is Complete, NotApplied, or InDoubt if the reply does not tell.
	End journal.State
	// Answer writes what the app gets when it asks again; nil where the reply makes no answer.
	Answer func(w http.ResponseWriter)
}

// Verdict weighs the reply to the inquiry or the reversal of an operation, or to the inquiry of one of its steps, as if there
// were an exchange in doubt; a transform made o of it. Tests of workspaces ask.
func (g *Gateway) Verdict(operation string, ofStep bool, o *transforms.Output) Verdict {
	v := Verdict{End: endOf(o)}
	if ofStep {
		v.End = endOfStep(o)
	}
	r := g.table.Load().served(operation)
	if r == nil || v.End.Open() || ofStep && v.End == journal.Complete {
		return v
	}
	a := g.answerLater(r, journal.ID{}, v.End, o)
	v.Answer = func(w http.ResponseWriter) {
		maps.Copy(w.Header(), a.header)
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
	}
	return v
}
