// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// gather puts the exchanges of an operation of several steps together: the last of each list is the call itself.
func (r *callRecorder) gather(list []*taped) [][]placed {
	calls := gathered{}
	var out [][]placed
	for i, x := range list {
		switch {
		case x.Listener != "":
			r.out["it is a message of a listener; tests are of operations"]++
		case x.Part == "" && x.Request != nil:
			out = append(out, []placed{{i, x}})
		default:
			all, err := calls.take(i, x)
			if err != nil {
				r.out[err.Error()]++
			}
			if len(all) > 1 { // a call alone had no exchange
				out = append(out, all)
			}
		}
	}
	for _, left := range calls {
		r.out[fmt.Sprintf("the call of %s that a step belongs to was not kept", left[0].Operation)]++
	}
	return out
}

// steps makes a test of one call of an operation of several steps. The error is why it is none.
func (r *callRecorder) steps(ctx context.Context, all []placed, pattern string) error {
	x := *all[len(all)-1].taped
	i := slices.IndexFunc(r.plan.operations, func(o *operation) bool { return o.steps != nil && o.spec.ID == x.Operation })
	switch {
	case i < 0:
		return fmt.Errorf("the workspace has no operation %s with steps", x.Operation)
	case x.Params == nil:
		return errors.New("what the app sent was not kept")
	}
	op, masked := r.plan.operations[i], 0
	for _, s := range all[:len(all)-1] {
		switch {
		case r.ops[tapeName(s.Operation, s.Part)] == nil:
			return fmt.Errorf("the workspace has no step %s of %s", s.Part, s.Operation)
		case s.Reply == nil:
			return errors.New("the host gave no reply")
		case s.Answer != nil: // it ended the operation
			x.Answer = s.Answer
		}
		masked += s.Request.Masked + s.Reply.Masked
	}
	if x.Answer == nil {
		return errors.New("a reply could not be read")
	}
	if !matches(pattern, op.spec.ID, r.name(op, &x)) {
		return nil
	}
	lines := append([]string{"request: " + requestText(op, &x)}, r.stepLines(all, nil)...)
	tc, t, a, err := r.tryOut(ctx, op, &x, lines)
	if err != nil {
		return err
	}
	lines = append(lines[:1], r.stepLines(all, t)...)
	lines = append(lines, strings.TrimSuffix(r.stepsAnswer(x.Answer, a, masked), "\n"))
	return r.add(op, tc, lines, masked > 0)
}

// stepLines are the host's sides; the variants of replies are known once t was played.
func (r *callRecorder) stepLines(all []placed, t *turn) []string {
	lines := []string{"steps:"}
	for _, s := range all[:len(all)-1] {
		part := r.ops[tapeName(s.Operation, s.Part)]
		key, name := "step", part.of.doc.Steps[part.step].Name.Value
		if part.undo {
			key = "undo"
		}
		var variant *string
		var but []string
		if t != nil {
			played := t.part(part)
			variant, but = &played.variant, calledBy(played, played.c)
		}
		lines = append(lines, "  - {"+key+": "+string(transforms.AppendQuoted(nil, name))+", "+strings.TrimPrefix(hostText(part, s.taped, variant, but), "{"))
	}
	return lines
}

// stepsAnswer is what the app got: as it was kept, but for problems and masked values.
func (r *callRecorder) stepsAnswer(was *tapedAnswer, played *httpAnswer, masked int) string {
	switch {
	case played.status != was.Status:
		return fmt.Sprintf("response: {status: %d}\n", was.Status)
	case played.status >= http.StatusBadRequest || masked > 0:
		return responseLine(played.status, played.body)
	}
	return responseLine(was.Status, was.Body)
}

// testSteps reads the steps of a test.
func testSteps(list *specs.Node, message func(*specs.Node) *specs.HostMessage) []*specs.TestStep {
	if list == nil {
		return nil
	}
	var out []*specs.TestStep
	for _, item := range list.Items {
		s := &specs.TestStep{Receives: message(item.Get("receives")), Replies: message(item.Get("replies"))}
		name := item.Get("step")
		if name == nil {
			name, s.Undo = item.Get("undo"), true
		}
		if name != nil {
			s.Name = specs.Text{Value: name.Text, Pos: name.Pos}
			out = append(out, s)
		}
	}
	return out
}
