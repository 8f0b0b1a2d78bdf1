// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// How long an answer waits for what its steps changed to be taken back, and the pause between attempts,
// which doubles.
const (
	undoPatience = 5 * time.Second
	undoPause    = 100 * time.Millisecond
)

// takeBack undoes what steps changed, the last one first. If it is not known whether a step was done,
// and that one cannot be taken back without knowing, nothing is: it may well have been done, and then
// the others belong to it.
func (k *course) takeBack() {
	for i := range k.ends {
		s := &k.c.route.Steps[i]
		if !s.Safe && !s.Optional && k.doubtful(i) && !k.canUndo(i) {
			return
		}
	}
	end := time.Now().Add(k.c.g.undoPatience)
	for i := len(k.ends) - 1; i >= 0; i-- {
		if !k.canUndo(i) {
			continue
		}
		if k.undo(i, end); !k.ends[i].undone {
			return // those before it are taken back after it, or not at all
		}
	}
}

// canUndo reports that a step changed something, or may have, and that this can be taken back.
func (k *course) canUndo(i int) bool {
	e, s := &k.ends[i], &k.c.route.Steps[i]
	if s.Safe || s.Undo == nil || !e.asked || e.undone {
		return false
	}
	return e.fate == adapters.Applied && e.output.Continue || s.UndoInDoubt && k.doubtful(i)
}

// doubtful reports that it is not known whether a step changed something: no reply, none that can be
// read, or one that does not say.
func (k *course) doubtful(i int) bool {
	e := &k.ends[i]
	switch e.fate {
	case adapters.InDoubt:
		return e.asked
	case adapters.Applied:
		return e.err != nil || (e.output.HostFailed || e.output.InDoubt) && !e.output.Continue
	default:
		return false
	}
}

// undo takes a step back. It is tried again until the host acknowledges it or the time is over.
func (k *course) undo(i int, end time.Time) {
	s := &k.c.route.Steps[i]
	for pause := undoPause; ; pause *= 2 {
		err := k.undoOnce(s, i)
		if err == nil {
			k.undone(i)
			return
		}
		if !time.Now().Add(pause).Before(end) {
			k.c.g.metrics.undos.WithLabelValues(k.c.route.Operation.ID, s.Name, "open").Inc()
			k.c.g.options.Log.LogAttrs(k.c.r.Context(), slog.LevelError, "step could not be taken back",
				slog.String("exchange", k.c.exchange), slog.String("operation", k.c.route.Operation.ID), slog.String("step", s.Name), slog.String("error", logText(err)))
			return
		}
		time.Sleep(pause)
	}
}

var errNotUndone = errors.New("the host did not take the step back")

// undoOnce sends the undo of a step once; nil means that the host acknowledged it.
func (k *course) undoOnce(s *StepRoute, i int) error {
	u := s.Undo
	run := u.Start()
	in := k.in
	in.Steps = k.results
	m, err := run.Request(in)
	if err != nil {
		run.Release()
		return err
	}
	var out transforms.Output
	var unread error
	judge := func(reply adapters.Message) adapters.Judgement {
		out, unread = run.Reply(transforms.Message(reply))
		return adapters.Judgement{HostFailed: unread == nil && out.HostFailed, Foreign: isForeign(unread)}
	}
	before := time.Now()
	call := adapters.Call{Message: adapters.Message(m), Judge: judge, Timeout: u.Timeout, Lane: u.Lane, Client: k.c.client()}
	if e := &k.ends[i]; k.c.keyed.on && e.undoEntry.IsZero() {
		call.Before = func(ctx context.Context) error {
			id, err := k.recordStep(ctx, s.Name+undoSuffix, u.BackendName)
			if err != nil && !errors.Is(err, errKnown) { // one that was begun before is sent again
				return err
			}
			e.undoEntry = id
			return nil
		}
	}
	_, err = u.Backend.Exchange(context.WithoutCancel(k.c.r.Context()), call)
	fate, kind := adapters.Applied.String(), "none"
	if err != nil {
		fate, kind = fateOf(err)
	}
	x := u.metrics.exchange(fate, kind, out.Outcome)
	x.count.Inc()
	x.seconds.Observe(time.Since(before).Seconds())
	switch {
	case err != nil:
		return err // the run may still be in use
	case unread != nil:
		err = unread
	case !out.Continue:
		err = errNotUndone
	}
	run.Release()
	return err
}

// remains is what is left of the work of an operation that failed.
type remains uint8

const (
	nothingLeft remains = iota
	// somethingStays was changed, and stays as declared.
	somethingStays
	// somethingDoubtful may have been changed, or could not be taken back.
	somethingDoubtful
)

// left looks at what the steps changed and what was taken back of it. Optional steps do not count:
// whether they did their work is no part of what the operation promises.
func (k *course) left() remains {
	worst := nothingLeft
	for i := range k.ends {
		e, s := &k.ends[i], &k.c.route.Steps[i]
		if s.Safe || s.Optional || !e.asked || e.undone {
			continue
		}
		switch {
		case k.doubtful(i),
			e.fate == adapters.Applied && e.output.Continue && s.Undo != nil:
			worst = somethingDoubtful
		case e.fate == adapters.Applied && e.output.Continue:
			worst = max(worst, somethingStays)
		}
	}
	return worst
}

// unchanged reports that all steps that change something provably did not, or were taken back.
func (k *course) unchanged() bool {
	for i := range k.ends {
		e, s := &k.ends[i], &k.c.route.Steps[i]
		if s.Safe || s.Optional || !e.asked || e.undone {
			continue
		}
		if e.fate != adapters.NotSent && e.fate != adapters.NotApplied {
			return false
		}
	}
	return true
}

// refuse answers with a problem for an operation that failed after some of its steps.
func (k *course) refuse(left remains, p problem) {
	c := k.c
	switch {
	case left == somethingDoubtful:
		p = problemOf(kindInDoubt)
	case left == somethingStays:
		p = problemOf(kindPartlyApplied)
	case !c.route.Safe && p.outcome != outcomeNotSent && k.unchanged():
		if p.kind == kindInDoubt { // it was taken back without knowing
			p = problemOf(kindNotApplied)
		}
		p.outcome, p.retry = outcomeNotApplied, retryLater
	case p.outcome == outcomeNotSent && k.anyAsked():
		p.outcome = outcomeNotApplied
	}
	h := c.w.Header()
	clear(h)
	c.commonHeaders(h)
	c.write(p)
}

// anyAsked reports that a step changed something that was taken back since.
func (k *course) anyAsked() bool {
	for i := range k.ends {
		if k.ends[i].undone {
			return true
		}
	}
	return false
}

// say fills in what is told about the whole operation in log and metrics.
func (k *course) say() {
	c := k.c
	var b strings.Builder
	for i := range k.ends {
		e, s := &k.ends[i], &c.route.Steps[i]
		if !e.asked && e.err == nil {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.Name + ": " + e.fate.String())
		if e.undone {
			b.WriteString(", undone")
		}
		if e.asked && e.fate != adapters.NotSent && e.err != nil {
			c.keep = false // what went wrong after it began may still use the buffers
		}
	}
	c.stepFates = b.String()
	if c.keyed.begun {
		c.keyed.end = k.ending()
	}
	c.fate, c.hostKind = k.fate().String(), "none"
	for i := range k.ends {
		if e := &k.ends[i]; e.err != nil && e.kind != "" {
			c.hostKind = e.kind
		}
	}
}

// fate is what became of the operation as a whole.
func (k *course) fate() adapters.Fate {
	if k.good {
		return adapters.Applied
	}
	switch k.left() {
	case somethingDoubtful:
		return adapters.InDoubt
	case somethingStays:
		return adapters.Applied
	}
	asked := false
	for i := range k.ends {
		e := &k.ends[i]
		asked = asked || e.asked && e.fate != adapters.NotSent
		if e.asked && e.fate == adapters.Applied && !e.undone && e.err == nil && e.output.Continue {
			return adapters.Applied
		}
	}
	if asked {
		return adapters.NotApplied
	}
	return adapters.NotSent
}
