// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"maps"
	"sync"
	"time"

	"lintel/gateway"
	"lintel/transforms"
)

// kept is where a recorder puts exchanges: a file, or the memory of lintel dev.
type kept interface {
	add(x *taped) error
	// size is how many bytes it has.
	size() int64
	Close() error
}

// recorder keeps exchanges with hosts. Calls never wait for it: what cannot be taken in time is left out
// and counted. Sensitive values are masked before anything is written.
type recorder struct {
	tape kept
	most int64
	log  logging
	in   chan *exchanged
	done chan struct{}

	mu     sync.Mutex
	closed bool
	counts tapeCounts
	// flows are those of the transforms by name; a reload puts others in their place.
	flows map[string]transformFlow
}

// tapeCounts says what became of the exchanges.
type tapeCounts struct{ kept, masked, unmaskable, missed, beyond int }

// exchanged is one exchange as it happened.
type exchanged struct {
	op      *operation
	in      transforms.Input
	begun   time.Time
	request transforms.Message
	reply   *transforms.Message
	took    time.Duration
	output  *tapedAnswer
	variant string
	// goesOn tells that the reply let an operation of several steps go on: output is then no answer.
	goesOn bool
	// whole is the call of an operation of several steps, which comes after its exchanges.
	whole bool
	// heard is a message of a listener.
	heard *heardMessage
}

// transformFlow is a transform with its flow.
type transformFlow struct {
	of   *transforms.Transform
	flow transforms.Flow
}

// waitingExchanges is how many exchanges wait to be written.
const waitingExchanges = 1024

func newRecorder(tape kept, most int64, log logging) *recorder {
	r := &recorder{
		tape: tape, most: most, log: log, in: make(chan *exchanged, waitingExchanges), done: make(chan struct{}),
		flows: map[string]transformFlow{},
	}
	go func() {
		defer close(r.done)
		for x := range r.in {
			r.keep(x)
		}
	}()
	return r
}

// Close writes what waits and ends the recording.
func (r *recorder) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	close(r.in)
	r.mu.Unlock()
	<-r.done
	return r.tape.Close()
}

// start begins uses of a transform that are recorded; a nil recorder records nothing.
func (r *recorder) start(op *operation) func() gateway.Runner {
	if r == nil {
		return func() gateway.Runner { return op.transform.Start() }
	}
	return func() gateway.Runner { return &recordedRun{Run: op.transform.Start(), to: r, op: op} }
}

// recordedRun is a run of a transform whose exchange is kept.
type recordedRun struct {
	*transforms.Run
	to *recorder
	op *operation
	x  *exchanged
}

// Request implements gateway.Runner.
func (r *recordedRun) Request(in transforms.Input) (transforms.Message, error) {
	m, err := r.Run.Request(in)
	if err == nil {
		kept := in
		kept.Params, kept.Body, kept.Identity, kept.Steps = bytes.Clone(in.Params), bytes.Clone(in.Body), nil, nil
		r.x = &exchanged{op: r.op, in: kept, begun: time.Now(), request: cloneMessage(m)}
	}
	return m, err
}

// Reply implements gateway.Runner.
func (r *recordedRun) Reply(m transforms.Message) (transforms.Output, error) {
	if r.x != nil {
		reply := cloneMessage(m)
		r.x.reply, r.x.took = &reply, time.Since(r.x.begun)
	}
	out, err := r.Run.Reply(m)
	if r.x != nil && err == nil {
		r.x.output, r.x.variant, r.x.goesOn = &tapedAnswer{Status: out.Status, Outcome: out.Outcome, Body: bytes.Clone(out.Body)}, out.Variant, out.Continue
	}
	return out, err
}

// Release implements gateway.Runner.
func (r *recordedRun) Release() {
	if r.x != nil {
		r.to.put(r.x)
		r.x = nil
	}
	r.Run.Release()
}

func cloneMessage(m transforms.Message) transforms.Message {
	return transforms.Message{Body: bytes.Clone(m.Body), Properties: maps.Clone(m.Properties)}
}

// put hands an exchange over, unless too many wait.
func (r *recorder) put(x *exchanged) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	select {
	case r.in <- x:
	default:
		r.counts.missed++
	}
}

// keep masks an exchange and writes it.
func (r *recorder) keep(x *exchanged) {
	count := func(n *int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		*n++
	}
	if r.tape.size() >= r.most {
		if r.counts.beyond == 0 {
			r.log.Warn("the recording has reached its size: nothing more is recorded", "bytes", r.tape.size())
		}
		count(&r.counts.beyond)
		return
	}
	kept, err := r.masked(x)
	if err != nil {
		count(&r.counts.unmaskable)
		return
	}
	if err := r.tape.add(kept); err != nil {
		r.log.Error("an exchange was not recorded", "error", err.Error())
		count(&r.counts.missed)
		return
	}
	if kept.Request == nil {
		return // it belongs to exchanges that were counted
	}
	count(&r.counts.kept)
	if kept.Request.Masked > 0 || kept.Reply != nil && kept.Reply.Masked > 0 {
		count(&r.counts.masked)
	}
}
