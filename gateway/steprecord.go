// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"errors"
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
	// Inquired tells that it is what an inquiry told; Body is nil if it told that the step was done, and no more.
	Inquired bool `json:"inquired,omitempty"`
	// Answer is that of the operation, if the step was found not to be done after the call.
	Answer []byte `json:"answer,omitempty"`
}

// keepStep writes what the journal keeps of the reply of a step; nil for nothing.
func keepStep(m adapters.Message, out *transforms.Output, sum []byte) []byte {
	s := storedStep{Sum: sum, Bare: !out.Continue || out.NotApplied}
	if s.Bare && sum == nil {
		return nil
	}
	if !s.Bare {
		r := out.Result(transforms.Message(m))
		s.Body, s.Variant = r.Reply.Body, r.Variant
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
	if call.Fenced = !strings.HasSuffix(name, undoSuffix); call.Fenced {
		if d, bounded := ctx.Deadline(); bounded {
			call.Deadline = c.g.options.Now().Add(time.Until(d))
		}
	}
	f, err := j.Begin(ctx, call)
	if err == nil && f.Verdict != journal.Unknown {
		err = errKnown
	}
	return j.ID(call), err
}

// nameSteps finds the identities of the entries of steps that begin together, before the first of them records the call.
func (k *course) nameSteps(from, to int) {
	j := k.c.g.options.Journal
	for i := from; i < to; i++ {
		if s := &k.c.route.Steps[i]; k.c.keyed.on && !s.Safe {
			id := j.ID(j.Step(&k.c.keyed.call, s.Name, s.BackendName))
			k.ends[i].recording = &adapters.Recording{ID: id[:]}
		}
	}
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
	ctx, j := context.WithoutCancel(k.c.r.Context()), k.c.g.options.Journal
	err := j.Finish(ctx, id, end)
	if errors.Is(err, journal.ErrState) && end.To == journal.Released {
		// Others found it in doubt while it was under way; but nothing was sent.
		err = j.Finish(ctx, id, journal.End{To: journal.NotApplied, Proof: "not sent"})
	}
	if err != nil && !errors.Is(err, journal.ErrState) {
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
