// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"maps"
	"time"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/transforms"
)

// answerer begins uses of what an operation of several steps answers; a nil recorder records nothing.
func (r *recorder) answerer(op *operation) func() gateway.Answerer {
	if r == nil {
		return func() gateway.Answerer { return op.steps.Answer.Start() }
	}
	return func() gateway.Answerer { return &recordedAnswer{Run: op.steps.Answer.Start(), to: r, op: op} }
}

// recordedAnswer keeps the call of an operation of several steps: what the app sent, and what it got unless a step ended it.
type recordedAnswer struct {
	*transforms.Run
	to *recorder
	op *operation
	x  *exchanged
}

// Admit implements gateway.Answerer.
func (r *recordedAnswer) Admit(in transforms.Input) error {
	err := r.Run.Admit(in)
	if err == nil {
		kept := in
		kept.Params, kept.Body, kept.Identity, kept.Steps = bytes.Clone(in.Params), bytes.Clone(in.Body), nil, nil
		r.x = &exchanged{op: r.op, in: kept, whole: true}
	}
	return err
}

// Finish implements gateway.Answerer.
func (r *recordedAnswer) Finish(steps []transforms.StepResult) (transforms.Output, error) {
	out, err := r.Run.Finish(steps)
	if r.x != nil && err == nil {
		r.x.output = &tapedAnswer{Status: out.Status, Outcome: out.Outcome, Body: bytes.Clone(out.Body)}
	}
	return out, err
}

// Release implements gateway.Answerer. The exchanges of the steps were released before.
func (r *recordedAnswer) Release() {
	if r.x != nil {
		r.to.put(r.x)
		r.x = nil
	}
	r.Run.Release()
}

// heardMessage is a message of a listener as it came, and what it says; said is nil if it cannot be read.
type heardMessage struct {
	l       *listening
	at      time.Time
	id      string
	message transforms.Message
	said    *said
}

// hear keeps a message of a listener.
func (r *recorder) hear(l *listening, m *adapters.Received, s *said) {
	if r == nil {
		return
	}
	h := &heardMessage{l: l, at: time.Now(), id: l.id(m), message: cloneMessage(transforms.Message(m.Message))}
	if s != nil {
		h.said = &said{attributes: maps.Clone(s.attributes), body: bytes.Clone(s.body)}
	}
	r.put(&exchanged{heard: h})
}

// masked is the message as it may be kept. Of one with sensitive fields the attributes are left out, as properties are.
func (h *heardMessage) masked() (*taped, error) {
	t := h.l.read.Answer("")
	secret := transforms.HasSensitive(t.Type)
	if secret && h.said == nil {
		return nil, errUnmaskable
	}
	out := &taped{Time: h.at, Exchange: h.id, Listener: h.l.config.Name}
	var err error
	if out.Request, err = maskedMessage(t, h.message, secret); err != nil || h.said == nil {
		return out, err
	}
	out.Said = &tapedSaid{}
	if !secret {
		out.Said.Attributes = h.said.attributes
	}
	out.Said.Body, err = transforms.MaskAt(h.said.body, h.l.read.Flow().Answer)
	return out, err
}

// maxGathered bounds how many calls of operations with several steps are read at the same time.
const maxGathered = 10_000

// errGathered says that a recording has more calls under way at once than are gathered.
var errGathered = errors.New("too many calls of operations with several steps at the same time")

// placed is an exchange with its number in the recording.
type placed struct {
	n int
	*taped
}

// gathered collects the exchanges of calls with several steps until the call itself comes.
type gathered map[string][]placed

// take gives the exchanges of a call that is complete: those of its steps, then the call; nil for a step of a call that is not.
func (g gathered) take(n int, x *taped) ([]placed, error) {
	id := x.Operation + " " + x.Exchange
	if x.Request != nil {
		if len(g) >= maxGathered && g[id] == nil {
			return nil, errGathered
		}
		g[id] = append(g[id], placed{n, x})
		return nil, nil
	}
	all := append(g[id], placed{n, x})
	delete(g, id)
	return all, nil
}
