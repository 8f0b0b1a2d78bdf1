// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

// The journal has an entry for the call, made before the first step that changes something, and one
// below it for each such step and each undo. After a crash the resolver knows from them what there is
// to take back, and takes it back: the app got no answer, so nothing was promised.

// undoSuffix makes the name of the entry of an undo.
const undoSuffix = ".undo"

// storedStep is the reply of a step as the journal keeps it.
type storedStep struct {
	Body    []byte `json:"body"`
	Variant string `json:"variant"`
	// Sum is that of a reply that may come again. Only it is kept of one that nothing goes on with: Bare.
	Sum  []byte `json:"sum,omitempty"`
	Bare bool   `json:"bare,omitempty"`
}

// keepStep writes what the journal keeps of the reply of a step; nil for nothing.
func keepStep(m adapters.Message, out *transforms.Output, sum []byte) []byte {
	s := storedStep{Sum: sum, Bare: !out.Continue || out.NotApplied}
	if s.Bare && sum == nil {
		return nil
	}
	if !s.Bare { // later steps name fields of the reply, never its properties
		s.Body, s.Variant = m.Body, out.Variant
	}
	b, _ := json.Marshal(s)
	return b
}

// recordStep is called before the first byte of a step, or an undo, that changes something.
func (k *course) recordStep(ctx context.Context, name, backend string) (journal.ID, error) {
	c := k.c
	k.recording.Lock()
	defer k.recording.Unlock()
	if !c.keyed.begun {
		c.keyed.deadline = c.start.Add(c.budget + c.g.undoPatience + time.Second)
		if err := c.recordIntent(ctx); err != nil {
			return journal.ID{}, err
		}
	}
	j := c.g.options.Journal
	call := j.Step(&c.keyed.call, name, backend)
	call.Fenced = !strings.HasSuffix(name, undoSuffix)
	f, err := j.Begin(ctx, call)
	if err == nil && f.Verdict != journal.Unknown {
		err = errKnown
	}
	return j.ID(call), err
}

// stepID is the identity of the entry of a step.
func (k *course) stepID(s *StepRoute) journal.ID {
	j := k.c.g.options.Journal
	return j.ID(j.Step(&k.c.keyed.call, s.Name, s.BackendName))
}

// recordEnd records what became of a step.
func (k *course) recordEnd(e *stepEnd, reply adapters.Message) {
	if e.entry.IsZero() {
		return
	}
	end := journal.End{To: journal.InDoubt, Proof: e.kind}
	var sum []byte
	if e.recording.Held() {
		sum = sumReply(reply)
	}
	switch {
	case e.fate == adapters.NotSent:
		end.To = journal.Released
	case e.fate == adapters.NotApplied:
		end.To, end.Proof = journal.NotApplied, "reply"
		end.Reply = keepStep(reply, &e.output, sum)
	case e.fate == adapters.Applied && e.err == nil && !e.output.HostFailed && !e.output.InDoubt:
		end.To, end.Proof = journal.Complete, "reply"
		end.Reply = keepStep(reply, &e.output, sum)
	}
	if k.record(e.entry, end) {
		e.recording.Settle()
	}
}

// record tells whether the end of a step is on stable storage.
func (k *course) record(id journal.ID, end journal.End) bool {
	if err := k.c.g.options.Journal.Finish(context.WithoutCancel(k.c.r.Context()), id, end); err != nil && !errors.Is(err, journal.ErrState) {
		k.c.g.metrics.degraded.Inc() // the journal tries again until it can
		return false
	}
	return true
}

// ending is what became of the call as a whole, for the journal.
func (k *course) ending() journal.State {
	sent := false
	for i := range k.ends {
		if e := &k.ends[i]; !k.c.route.Steps[i].Safe && e.asked && e.fate != adapters.NotSent {
			sent = true
		}
	}
	switch {
	case k.good:
		return journal.Complete
	case k.left() == somethingDoubtful:
		return journal.InDoubt
	case !sent:
		return journal.Released
	case k.unchanged():
		return journal.NotApplied
	default:
		return journal.Complete
	}
}

// resolveSteps takes back what the steps of a call in doubt changed. One step of which that cannot be
// done leaves all as it is, for a person.
func (g *Gateway) resolveSteps(ctx context.Context, r *route, e *journal.Entry, in transforms.Input, known time.Duration) {
	if known < givenUp(e) {
		return
	}
	children, err := g.options.Journal.List(ctx, journal.Filter{Parent: e.ID})
	if err != nil {
		return
	}
	k := g.retrace(ctx, r, e, in, children)
	for i := range k.ends {
		s := &r.Steps[i]
		if !s.Safe && !s.Optional && !k.ends[i].undone && (k.doubtful(i) || k.ends[i].fate == adapters.Applied) && !k.canUndo(i) {
			return
		}
	}
	marked := e.Proof == proofReversal
	for i := len(k.ends) - 1; i >= 0; i-- {
		if !k.canUndo(i) {
			continue
		}
		if marked = marked || g.beginReversal(ctx, e); !marked {
			return
		}
		if err := k.undoOnce(&r.Steps[i], i); err != nil {
			return // the next round tries again
		}
		k.undone(i)
	}
	g.conclude(ctx, e, []evidence{{means: proofUndone, to: journal.NotApplied, reply: encodeAnswer(g.answerLater(r, e.ID, journal.NotApplied, nil))}})
}

// retrace makes the course of a call from what the journal has of it.
func (g *Gateway) retrace(ctx context.Context, r *route, e *journal.Entry, in transforms.Input, children []journal.Entry) *course {
	c := newCall(g)
	c.w, c.r = &heldAnswer{}, (&http.Request{Method: http.MethodPost, Header: http.Header{}, ProtoMajor: 2}).WithContext(ctx)
	c.route, c.start, c.budget, c.exchange = r, g.options.Now(), g.options.Timeout, in.ExchangeID
	c.keyed = keyedCall{on: true, id: e.ID, begun: true, in: in}
	c.keyed.call = journal.Call{Operation: e.Operation, Fingerprint: e.Fingerprint, Version: e.Version, Deadline: g.options.Now().Add(g.options.Timeout)}
	if who, err := g.options.Journal.WhoBegan(e); err == nil {
		c.keyed.call.Tenant, c.keyed.call.Key = who.Tenant, who.Key
	}
	n := len(r.Steps)
	k := &course{c: c, in: in, results: make([]transforms.StepResult, n), ends: make([]stepEnd, n)}
	for i := range r.Steps {
		for j := range children {
			child := &children[j]
			switch child.Step {
			case r.Steps[i].Name:
				k.remembered(i, child)
			case r.Steps[i].Name + undoSuffix:
				k.ends[i].undone = child.State == journal.Complete
			}
		}
	}
	return k
}

var errReplyUnknown = errors.New("the reply of the step is not known")

// remembered fills in what the journal has of a step.
func (k *course) remembered(i int, child *journal.Entry) {
	e := &k.ends[i]
	e.asked, e.entry, e.fate = true, child.ID, adapters.InDoubt
	switch child.State {
	case journal.Released:
		e.fate = adapters.NotSent
	case journal.NotApplied:
		e.fate = adapters.NotApplied
	case journal.Complete:
		e.fate = adapters.Applied
		var s storedStep
		b, err := k.c.g.options.Journal.ReplyOf(child)
		if err != nil || len(b) == 0 || json.Unmarshal(b, &s) != nil || s.Bare {
			// An operator said so. What the step replied, which its undo may need, is not known.
			e.err = errReplyUnknown
			return
		}
		e.output = transforms.Output{Continue: true, Variant: s.Variant}
		k.results[i] = transforms.StepResult{Ran: true, Reply: transforms.Message{Body: s.Body}, Variant: s.Variant}
	}
}

// undone notes that a step was taken back.
func (k *course) undone(i int) {
	e := &k.ends[i]
	e.undone = true
	k.c.g.metrics.undos.WithLabelValues(k.c.route.Operation.ID, k.c.route.Steps[i].Name, "done").Inc()
	if !e.entry.IsZero() && e.fate == adapters.InDoubt {
		k.record(e.entry, journal.End{To: journal.NotApplied, Proof: proofStepUndone})
	}
	if !e.undoEntry.IsZero() {
		k.record(e.undoEntry, journal.End{To: journal.Complete, Proof: "reply"})
	}
}
