// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/transforms"
)

// StepRoute is how one step of an operation is served, or how it is taken back.
type StepRoute struct {
	Name string
	// Group numbers what runs at the same time, from 0.
	Group int
	// Start begins one use of the step's transform.
	Start       func() Runner
	Backend     Exchanger
	BackendName string
	Lane        *adapters.Lane
	// Timeout bounds the exchange; it must be set.
	Timeout time.Duration
	// Safe steps change nothing at their host. Optional ones may fail.
	Safe, Optional bool
	// Undo takes back what the step did; nil if nothing does. UndoInDoubt lets it be sent also when it
	// is not known whether the step was done.
	Undo        *StepRoute
	UndoInDoubt bool
	// Inquiry asks the host whether the step was done when that is not known; nil if nothing does. Its Output goes on if
	// it was; Body and Variant are then the reply of the step, if that is told. Told says that all is told of it that
	// the answer of the operation needs.
	Inquiry *Ask
	Told    bool

	metrics *routeMetrics
}

// Answerer is one use of what an operation of several steps answers.
type Answerer interface {
	// Admit checks the input, before the first step; see Runner.Request for its errors.
	Admit(in transforms.Input) error
	// Finish makes the answer from what the steps replied.
	Finish(steps []transforms.StepResult) (transforms.Output, error)
	// Release ends the use; what Finish returned is not valid after it.
	Release()
}

// headerPartial names the optional steps that failed.
const headerPartial = "Lintel-Partial"

// course is an operation of several steps under way.
type course struct {
	c       *call
	in      transforms.Input
	answer  Answerer
	results []transforms.StepResult
	ends    []stepEnd
	// recording is held while the journal is told of a step.
	recording sync.Mutex
	// good tells that the operation succeeded: nothing has to be taken back.
	good bool
	// changed tells that a step has changed something, so that the others no longer depend on the caller.
	changed bool
}

// stepEnd is what became of a step.
type stepEnd struct {
	run    Runner
	output transforms.Output
	// err ended the step at stage; nil if a reply was understood.
	err   error
	stage stage
	// asked tells that the host was asked; fate, kind and took are about that.
	asked   bool
	fate    adapters.Fate
	kind    string
	took    time.Duration
	skipped bool
	undone  bool
	// entry and undoEntry are those of the journal; zero if there are none.
	entry, undoEntry journal.ID
	// kept is what the journal has of a step whose call is over, said the answer that it has for the operation, and
	// inquired tells that the step is known by its inquiry.
	kept      *journal.Entry
	said      []byte
	inquired  bool
	recording *adapters.Recording
}

// serveSteps is the line of an operation of several steps, once its input is read.
func (c *call) serveSteps(in transforms.Input) {
	n := len(c.route.Steps)
	k := &course{c: c, in: in, results: make([]transforms.StepResult, n), ends: make([]stepEnd, n)}
	c.course = k
	k.answer = c.route.Answer()
	if err := k.answer.Admit(in); err != nil {
		c.countDenied(err)
		c.refuse(err)
		return
	}
	if c.keyed.on {
		if c.recall() {
			return
		}
		if wait, ok := prefersAsync(c.r.Header); ok {
			c.respondAsync(wait, func(*call) { k.run() })
			return
		}
	}
	if c.route.Caching.keeps() {
		if done, err := c.fromStore(); done {
			if err != nil {
				c.refuse(err)
			}
			return
		}
	}
	k.run()
}

// run runs the steps and answers.
func (k *course) run() {
	for from := 0; from < len(k.ends); {
		to := k.group(from)
		if i := k.failed(from, to); i >= 0 {
			k.stop(i)
			return
		}
		from = to
	}
	k.finish()
}

// group runs the steps that begin together, and returns the number of the step after them.
func (k *course) group(from int) int {
	steps := k.c.route.Steps
	to := from + 1
	for to < len(steps) && steps[to].Group == steps[from].Group {
		to++
	}
	ctx := k.c.r.Context()
	if k.changed {
		ctx = context.WithoutCancel(ctx)
	}
	k.nameSteps(from, to)
	if to == from+1 {
		k.step(ctx, from)
	} else {
		var wg sync.WaitGroup
		for i := from; i < to; i++ {
			wg.Go(func() { k.step(ctx, i) })
		}
		wg.Wait()
	}
	for i := from; i < to; i++ {
		k.observe(i)
	}
	return to
}

// step runs one step. It leaves what became of it in k.ends, also when it panics.
func (k *course) step(ctx context.Context, i int) {
	s, e := &k.c.route.Steps[i], &k.ends[i]
	over := false
	defer func() {
		if p := recover(); p != nil || !over {
			k.c.g.metrics.panics.Inc()
			e.err = &panicked{stack: debug.Stack()}
			if e.asked && e.stage != stageReply {
				e.fate, e.stage = adapters.InDoubt, stageExchange
			}
		}
	}()
	e.fate = adapters.NotSent
	e.run = s.Start()
	in := k.in
	in.Steps = k.results
	began := k.c.g.options.Now()
	m, err := e.run.Request(in)
	s.metrics.wrote(k.c.g.options.Now().Sub(began), err)
	switch {
	case errors.Is(err, transforms.ErrSkipped):
		e.skipped = true
	case err != nil:
		e.err = err
	default:
		var reply adapters.Message
		if reply = k.exchange(ctx, s, e, m); e.err == nil && e.output.Continue {
			k.results[i] = e.output.Result(transforms.Message(reply))
		}
	}
	over = true
}

// exchange carries the message of a step, within what is left of the call's time.
func (k *course) exchange(ctx context.Context, s *StepRoute, e *stepEnd, m transforms.Message) adapters.Message {
	c := k.c
	before := c.g.options.Now()
	left := c.budget - before.Sub(c.start)
	if left <= 0 {
		e.err = tooShort(s.BackendName)
		e.kind = adapters.Short.String()
		return adapters.Message{}
	}
	e.asked, e.stage = true, stageExchange
	judge := func(reply adapters.Message) adapters.Judgement {
		e.stage = stageReply
		began := c.g.options.Now()
		e.output, e.err = e.run.Reply(transforms.Message(reply))
		s.metrics.understood(c.g.options.Now().Sub(began), e.err)
		return adapters.Judgement{HostFailed: e.err == nil && e.output.HostFailed, Foreign: isForeign(e.err)}
	}
	call := adapters.Call{Message: adapters.Message(m), Judge: judge, Timeout: min(s.Timeout, left), Safe: s.Safe, Lane: s.Lane, Client: c.client(), Waited: s.metrics.waited}
	if c.keyed.on && !s.Safe {
		call.Recording = e.recording
		call.Before = func(ctx context.Context) (err error) {
			e.entry, err = k.recordStep(ctx, s.Name, s.BackendName)
			return err
		}
	}
	reply, err := s.Backend.Exchange(ctx, call)
	e.took = c.g.options.Now().Sub(before)
	if err != nil {
		e.stage, e.err = stageExchange, err
		fate, kind := fateOf(err)
		e.fate, e.kind = parseFate(fate), kind
		k.recordEnd(e, reply)
		return reply
	}
	if e.stage != stageReply {
		judge(reply)
	}
	e.fate, e.kind = adapters.Applied, "none"
	if e.output.NotApplied {
		e.fate = adapters.NotApplied
	}
	k.recordEnd(e, reply)
	return reply
}

// failed returns the first step that ends the operation, or -1.
func (k *course) failed(from, to int) int {
	for i := from; i < to; i++ {
		e, s := &k.ends[i], &k.c.route.Steps[i]
		if e.skipped || e.err == nil && e.output.Continue {
			k.changed = k.changed || !e.skipped && !s.Safe
			continue
		}
		if !s.Optional {
			return i
		}
	}
	return -1
}

// observe counts the exchange of a step.
func (k *course) observe(i int) {
	e, s := &k.ends[i], &k.c.route.Steps[i]
	if !e.asked {
		return
	}
	x := s.metrics.exchange(e.fate.String(), e.kind, e.output.Outcome)
	x.count.Inc()
	x.seconds.Observe(e.took.Seconds())
	k.c.took += e.took
}

// stop ends an operation because of a step: with the answer that its reply declares, or with the
// problem that its failure is. What other steps changed is taken back, unless the answer is a success.
func (k *course) stop(i int) {
	c, e, s := k.c, &k.ends[i], &k.c.route.Steps[i]
	c.stage = e.stage
	if e.err == nil && e.output.Status < 400 {
		c.output, k.good = e.output, true
		k.say()
		c.answer()
		return
	}
	k.takeBack()
	left := k.left()
	k.say()
	if !c.keyed.begun && c.answerWithheld() {
		return
	}
	switch {
	case e.err == nil && left == nothingLeft:
		c.output = e.output
		c.output.NotApplied = c.output.NotApplied || k.unchanged()
		c.answer()
	case e.err == nil:
		c.fault = fmt.Errorf("step %s ended the operation with outcome %s", s.Name, e.output.Outcome)
		k.refuse(left, problem{})
	default:
		c.fault = fmt.Errorf("step %s: %w", s.Name, e.err)
		k.refuse(left, problemFor(e.err, e.stage, s.Safe))
	}
}

// finish makes the answer after the last step.
func (k *course) finish() {
	c := k.c
	c.stage = stageReply
	out, err := k.answer.Finish(k.results)
	if err != nil {
		k.good = true // the work is done; only how to say so failed
		k.say()
		c.refuse(fmt.Errorf("answer: %w", err))
		return
	}
	if out.Status >= 400 {
		k.takeBack()
		if left := k.left(); left != nothingLeft {
			k.say()
			c.fault = fmt.Errorf("answer %s after steps that could not be taken back", out.Outcome)
			k.refuse(left, problem{})
			return
		}
		out.NotApplied = k.unchanged()
	}
	k.good = out.Status < 400
	k.say()
	c.output = out
	if names := k.partial(); names != "" {
		c.partial = names
	}
	c.answer()
}

// partial names the optional steps that failed.
func (k *course) partial() string {
	var names []string
	for i := range k.ends {
		e := &k.ends[i]
		if s := &k.c.route.Steps[i]; s.Optional && !e.skipped && (e.err != nil || !e.output.Continue) {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ", ")
}

func parseFate(word string) adapters.Fate {
	for _, f := range []adapters.Fate{adapters.NotSent, adapters.NotApplied, adapters.Applied} {
		if f.String() == word {
			return f
		}
	}
	return adapters.InDoubt
}

func tooShort(backend string) *adapters.Error {
	return &adapters.Error{
		Fate: adapters.NotSent, Kind: adapters.Short, Backend: backend,
		Detail: "no time left for the exchange", RetryAfter: time.Second,
	}
}

// release gives the transforms back.
func (k *course) release() {
	for i := range k.ends {
		if r := k.ends[i].run; r != nil {
			r.Release()
		}
	}
	k.answer.Release()
}
