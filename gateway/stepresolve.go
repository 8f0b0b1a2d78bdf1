// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

// resolveSteps ends a call in doubt that has several steps. It sends no step. First it finds out of each step whether it
// was done; while that is not known of one that counts, nothing else happens. Then what can be taken back is taken back,
// the last first; if the last step was done and cannot be, all of the work was done, and that is the end.
func (g *Gateway) resolveSteps(ctx context.Context, r *route, e *journal.Entry, in transforms.Input, known time.Duration) {
	if known < givenUp(e) {
		return
	}
	children, err := g.options.Journal.List(ctx, journal.Filter{Parent: e.ID})
	if err != nil {
		return
	}
	k := g.retrace(ctx, r, e, in, children)
	k.inquire(ctx, known)
	if k.unknown() {
		return
	}
	failed := true
	if k.whole() && e.Proof != proofReversal {
		var done *evidence
		if done, failed = k.wholly(e.ID); done != nil {
			g.conclude(ctx, e, []evidence{*done})
		}
	}
	if !failed || !k.undoAll(ctx, e) {
		return
	}
	g.conclude(ctx, e, []evidence{k.undoneAs(e.ID)})
}

// inquire asks every means that changes nothing about the steps that are in doubt.
func (k *course) inquire(ctx context.Context, known time.Duration) {
	g := k.c.g
	for i := range k.ends {
		end, s := &k.ends[i], &k.c.route.Steps[i]
		if s.Safe || s.Optional || end.undone || end.kept == nil || !end.kept.State.Open() || end.kept.Contested || k.canUndo(i) {
			continue
		}
		g.conclude(ctx, end.kept, k.lookAt(ctx, i, known))
		if now, err := g.options.Journal.Get(ctx, end.kept.ID); err == nil && now != nil {
			k.remembered(i, now)
		}
	}
}

// lookAt is look for a step.
func (k *course) lookAt(ctx context.Context, i int, known time.Duration) []evidence {
	g, s, e := k.c.g, &k.c.route.Steps[i], k.ends[i].kept
	var found []evidence
	if r, ok := s.Backend.(adapters.Recoverer); ok {
		if m, err := r.Recover(ctx, e.ID[:]); err == nil {
			found = append(found, k.lateReply(i, m))
		}
	}
	if a := s.Inquiry; a != nil {
		in := k.in
		in.Steps = k.results
		v := g.ask(ctx, meansInquiry, e.ID, a, in, true, k.inquired)
		if v.to == journal.NotApplied && !g.settledDown(e, a, known) {
			v.to = journal.InDoubt
		}
		found = append(found, v)
	}
	return found
}

// inquired weighs the reply to the inquiry of a step.
func (k *course) inquired(o *transforms.Output, _ adapters.Message, sum []byte) evidence {
	switch {
	case o.NotApplied:
		return k.notApplied(o, sum)
	case !o.Continue || o.HostFailed || o.InDoubt:
		return evidence{to: journal.InDoubt}
	}
	s := storedStep{Inquired: true}
	if o.Body != nil {
		s.Body, s.Variant = o.Body, o.Variant
	}
	v := evidence{to: journal.Complete}
	v.reply, _ = json.Marshal(s)
	return v
}

// notApplied keeps what the operation answers when all it did before the step is taken back.
func (k *course) notApplied(o *transforms.Output, sum []byte) evidence {
	v := evidence{to: journal.NotApplied}
	answer := encodeAnswer(k.c.g.answerLater(k.c.route, k.c.keyed.id, journal.NotApplied, o))
	v.reply, _ = json.Marshal(storedStep{Sum: sum, Bare: true, Answer: answer})
	return v
}

// lateReply reads the reply of a step that nobody waited for any more.
func (k *course) lateReply(i int, m adapters.Message) evidence {
	in := k.in
	in.Steps = k.results
	return read(meansLate, k.c.route.Steps[i].Start(), in, m, func(o *transforms.Output, m adapters.Message, sum []byte) evidence {
		v := evidence{to: endOf(o)}
		switch v.to {
		case journal.NotApplied:
			return k.notApplied(o, sum)
		case journal.Complete:
			v.reply = keepStep(m, o, sum)
		}
		return v
	})
}

// unknown tells that of a step that counts it is not known what it did, or what it replied, and that it may not be
// taken back without knowing: the others may belong to it.
func (k *course) unknown() bool {
	for i := range k.ends {
		s := &k.c.route.Steps[i]
		if !s.Safe && !s.Optional && !k.ends[i].undone && k.doubtful(i) && !k.canUndo(i) {
			return true
		}
	}
	return false
}

// whole tells that all of the work was done, and that nothing takes back the end of it: of the last steps that count, which
// were sent because all before them had gone well, each was done and has no undo.
func (k *course) whole() bool {
	steps, last := k.c.route.Steps, -1
	for i := range steps {
		if !steps[i].Optional {
			last = steps[i].Group
		}
	}
	for i := range steps {
		s, end := &steps[i], &k.ends[i]
		if s.Group != last || s.Optional {
			continue
		}
		if s.Safe || s.Undo != nil || end.fate != adapters.Applied || !end.output.Continue {
			return false
		}
	}
	return last >= 0
}

// wholly is the end of a call all of whose work was done. It is nil where its answer is one of a failure, so that what can
// be taken back is (failed), and where nobody can tell any more whether it is: the end is for a person then.
func (k *course) wholly(id journal.ID) (v *evidence, failed bool) {
	r := k.c.route
	v = &evidence{means: proofSteps, to: journal.Complete}
	out, release, known := k.answerAgain()
	defer release()
	switch {
	case known && out.Status >= 400:
		return nil, true
	case known:
		v.reply = encodeAnswer(k.c.g.answerLater(r, id, v.to, &out))
	case r.AnswerCanFail:
		return nil, false
	default:
		v.reply = encodeAnswer(k.c.g.answerLater(r, id, v.to, nil))
	}
	return v, false
}

// answerAgain makes the answer of a call from what the journal kept. It is not known if it needs something else: the
// reply of a step that changes nothing, or one that the inquiry did not tell, or whether an optional step was done.
func (k *course) answerAgain() (out transforms.Output, release func(), known bool) {
	release = func() {}
	r := k.c.route
	for i := range r.Steps {
		needed := r.Steps[i].Optional || slices.Contains(r.AnswerNeeds, i)
		if needed && !k.results[i].Ran || k.ends[i].inquired && !r.Steps[i].Told {
			return out, release, false
		}
	}
	a := r.Answer()
	if a.Admit(k.in) != nil {
		return out, a.Release, false
	}
	out, err := a.Finish(k.results)
	return out, a.Release, err == nil && out.Invalid == nil
}

// undoAll takes back what can be, the last first; false if something is left to be done.
func (k *course) undoAll(ctx context.Context, e *journal.Entry) bool {
	marked := e.Proof == proofReversal
	for i := len(k.ends) - 1; i >= 0; i-- {
		if !k.canUndo(i) {
			continue
		}
		if marked = marked || k.c.g.beginReversal(ctx, e); !marked {
			return false
		}
		if err := k.undoOnce(&k.c.route.Steps[i], i); err != nil {
			return false // the next round tries again
		}
		k.undone(i)
	}
	return true
}

// undoneAs is the end of a call of which all that can be taken back was.
func (k *course) undoneAs(id journal.ID) evidence {
	g, r := k.c.g, k.c.route
	if k.left() == somethingStays {
		return evidence{means: proofUndone, to: journal.Complete, reply: encodeAnswer(g.problemLater(r, id, journal.Complete, kindPartlyApplied))}
	}
	for i := range k.ends {
		if said := k.ends[i].said; said != nil {
			return evidence{means: proofUndone, to: journal.NotApplied, reply: said}
		}
	}
	return evidence{means: proofUndone, to: journal.NotApplied, reply: encodeAnswer(g.answerLater(r, id, journal.NotApplied, nil))}
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
	e.asked, e.entry, e.kept, e.fate = true, child.ID, child, adapters.InDoubt
	var s storedStep
	b, err := k.c.g.options.Journal.ReplyOf(child)
	known := err == nil && len(b) > 0 && json.Unmarshal(b, &s) == nil
	switch child.State {
	case journal.Released:
		e.fate = adapters.NotSent
	case journal.NotApplied:
		e.fate = adapters.NotApplied
		e.said = s.Answer
	case journal.Complete:
		e.fate = adapters.Applied
		if !known || s.Bare {
			// An operator said so. What the step replied, which its undo may need, is not known.
			e.err = errReplyUnknown
			return
		}
		e.inquired = s.Inquired
		e.output = transforms.Output{Continue: true, Variant: s.Variant}
		k.results[i] = transforms.StepResult{Ran: true, Reply: transforms.Message{Body: s.Body}, Variant: s.Variant}
	}
}
