// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"maps"
	"slices"

	"lintel/transforms"
)

// step takes an exchange of an operation of several steps, and compares them all when the call itself comes.
func (s *shadow) step(n int, x *taped) {
	if s.calls == nil {
		s.calls = gathered{}
	}
	all, err := s.calls.take(n, x)
	if err != nil {
		y := newShadowed(n, x)
		y.skipped = err.Error()
		s.count(y)
	}
	if len(all) > 1 { // a call alone had no exchange: its answer was there already
		s.call(all)
	}
}

// rest counts the exchanges whose call never came.
func (s *shadow) rest() {
	left := slices.Concat(slices.Collect(maps.Values(s.calls))...)
	slices.SortFunc(left, func(a, b placed) int { return a.n - b.n })
	for _, x := range left {
		y := newShadowed(x.n, x.taped)
		y.skipped = "the call that it belongs to was not kept"
		s.count(y)
	}
}

// call makes the requests of all steps again, each from what was read of the replies before, and then the answer.
func (s *shadow) call(all []placed) {
	last := all[len(all)-1]
	var op *operation
	if i := slices.IndexFunc(s.plan.operations, func(o *operation) bool { return o.steps != nil && o.spec.ID == last.Operation }); i >= 0 {
		op = s.plan.operations[i]
	}
	var shown []*shadowed
	in := transforms.Input{Params: last.Params, Body: last.Body, Media: last.Media, Now: last.Time, ExchangeID: last.Exchange}
	if op != nil {
		in.Steps = make([]transforms.StepResult, len(op.steps.Steps))
	}
	for _, x := range s.ordered(all[:len(all)-1]) {
		y := newShadowed(x.n, x.taped)
		if part := s.ops[y.Operation]; op == nil || part == nil {
			y.skipped = notThere
		} else {
			y.part(in, x.taped, part)
		}
		shown = append(shown, y)
	}
	if y := newShadowed(last.n, last.taped); op != nil && last.Answer != nil {
		whole := !slices.ContainsFunc(shown, func(y *shadowed) bool { return y.skipped != "" })
		y.finished(in, last.taped, op, whole)
		shown = append(shown, y)
	}
	for _, y := range shown {
		s.count(y)
	}
}

// ordered gives the exchanges of a call in the order of the steps, and then what was taken back.
func (s *shadow) ordered(all []placed) []placed {
	at := func(x placed) int {
		op := s.ops[tapeName(x.Operation, x.Part)]
		switch {
		case op == nil:
			return 0
		case op.undo:
			return 1000 - op.step
		}
		return op.step
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(at(a), at(b)) })
	return all
}

// part compares one step. What its reply says stands in in.Steps for those after it.
func (y *shadowed) part(in transforms.Input, x *taped, op *operation) {
	run := op.transform.Start()
	defer run.Release()
	out, ok := y.again(run, in, x, op)
	if !ok || op.undo {
		return
	}
	switch {
	case out.Continue && x.Answer != nil:
		y.Found = append(y.Found, fieldDifferent{Of: "reply", Detail: "the operation goes on after it now"})
	case !out.Continue && x.Answer == nil:
		y.Found = append(y.Found, fieldDifferent{Of: "reply", Detail: "it ends the operation now"})
	case x.Answer != nil:
		y.answers(op.transform, x.Answer, out)
	}
	if out.Continue {
		in.Steps[op.step] = out.Result(x.Reply.message())
	}
}

// finished compares the answer after all steps; whole tells that all of them were compared.
func (y *shadowed) finished(in transforms.Input, x *taped, op *operation, whole bool) {
	if !whole {
		y.skipped = "a step of it was not compared"
		return
	}
	run := op.steps.Answer.Start()
	defer run.Release()
	results := in.Steps
	in.Steps = nil
	err := run.Admit(in)
	var out transforms.Output
	if err == nil {
		out, err = run.Finish(results)
	}
	if err == nil && out.Invalid != nil {
		err = out.Invalid
	}
	if err != nil {
		y.Found = append(y.Found, fieldDifferent{Of: "answer", Detail: "it cannot be made any more: " + err.Error()})
		return
	}
	y.answers(op.steps.Answer, x.Answer, out)
}

// heard reads a message of a listener again, and compares what it says.
func (s *shadow) heard(x *taped, y *shadowed) {
	i := slices.IndexFunc(s.plan.listeners, func(l *listening) bool { return l.config.Name == x.Listener })
	if i < 0 {
		y.skipped = "the workspace does not have the listener"
		return
	}
	l := s.plan.listeners[i]
	now, err := l.understandAt(x.Request.message(), x.Exchange, x.Time)
	switch {
	case err != nil && x.Said == nil:
		return
	case err != nil && x.Request.Masked > 0:
		y.skipped = "the masked message cannot be read"
		return
	case err != nil:
		y.Found = append(y.Found, fieldDifferent{Of: "message", Detail: "it cannot be read any more: " + err.Error()})
		return
	case x.Said == nil:
		y.Found = append(y.Found, fieldDifferent{Of: "message", Detail: "it can be read now"})
		return
	}
	if x.Said.Attributes != nil {
		for _, name := range slices.Sorted(maps.Keys(maps.Collect(both(x.Said.Attributes, now.attributes)))) {
			if was, is := x.Said.Attributes[name], now.attributes[name]; was != is {
				y.Found = append(y.Found, fieldDifferent{Of: "message", Detail: name, Recorded: was, Now: is})
			}
		}
	}
	body, err := transforms.MaskAt(now.body, l.read.Flow().Answer)
	if err != nil || len(body) == 0 && len(x.Said.Body) == 0 {
		return
	}
	for _, d := range jsonDifferences(body, x.Said.Body, true) {
		y.Found = append(y.Found, fieldDifferent{Of: "message", Pointer: d.Pointer, Recorded: d.Want, Now: d.Got})
	}
}

// both gives the entries of two maps.
func both[V any](a, b map[string]V) func(yield func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, m := range []map[string]V{a, b} {
			for k, v := range m {
				if !yield(k, v) {
					return
				}
			}
		}
	}
}
