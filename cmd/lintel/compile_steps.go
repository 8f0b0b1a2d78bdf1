// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/specs"
	"lintel/transforms"
)

// compileSteps compiles an operation of several steps.
func (p *plan) compileSteps(c *transforms.Compiler, op *operation) specs.Findings {
	steps, findings := c.CompilePlan(op.doc, op.spec, p.ws.Config.Backend)
	if steps == nil || slices.ContainsFunc(steps.Steps, func(s *transforms.Step) bool { return p.ws.Config.Backend(s.Spec.Backend.Value) == nil }) {
		return findings
	}
	op.steps = steps
	for i, s := range steps.Steps {
		part := &operation{
			spec: op.spec, doc: op.doc, backend: p.ws.Config.Backend(s.Spec.Backend.Value), transform: s.Transform, of: op, step: i,
		}
		op.parts = append(op.parts, part)
		if s.Inquiry != nil {
			part.inquiry = &operation{
				spec: op.spec, doc: op.doc, backend: p.ws.Config.Backend(s.Spec.Inquiry.Backend.Value), transform: s.Inquiry, of: op, step: i, asks: specs.AskInquiry,
			}
		}
		if s.Undo != nil {
			op.parts = append(op.parts, &operation{
				spec: op.spec, doc: op.doc, backend: p.ws.Config.Backend(s.Spec.Undo.Backend.Value), transform: s.Undo, of: op, step: i, undo: true,
			})
		}
	}
	p.operations = append(p.operations, op)
	return findings
}

// stepSafe tells whether a step changes nothing at its host.
func (o *operation) stepSafe(s *specs.StepSpec) bool { return s.IsSafe(o.doc, o.spec) }

// starter begins uses of the transform of a part; tests put their own in its place.
type starter func(part *operation) func() gateway.Runner

// stepRoutes are the steps of an operation as the gateway serves them. exchanger gives the backend of a part.
func stepRoutes(op *operation, start starter, exchanger func(part *operation, l *specs.LimitsSpec) (gateway.Exchanger, *adapters.Lane, error)) ([]gateway.StepRoute, error) {
	out := make([]gateway.StepRoute, len(op.doc.Steps))
	for _, part := range op.parts {
		s := op.doc.Steps[part.step]
		r, limits := gateway.StepRoute{Name: s.Name.Value, Group: s.Group, Safe: op.stepSafe(s), Optional: s.Optional}, &s.Limits
		if part.undo {
			r, limits = gateway.StepRoute{Name: s.Name.Value}, &s.Undo.Limits
		}
		var err error
		if r.Backend, r.Lane, err = exchanger(part, limits); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name(), err)
		}
		r.Start, r.BackendName, r.Timeout = start(part), part.backend.Name, cmp.Or(limits.Timeout, part.backend.Timeout)
		if part.undo {
			out[part.step].Undo, out[part.step].UndoInDoubt = &r, s.Undo.InDoubt
			continue
		}
		out[part.step] = r
	}
	return out, nil
}

// stepCase is the host's side of a part in a test, or nil.
func stepCase(part *operation, c *specs.TestCase) *specs.TestCase {
	name := part.of.doc.Steps[part.step].Name.Value
	for _, s := range c.Steps {
		if s.Name.Value == name && s.Undo == part.undo {
			return &specs.TestCase{Name: c.Name, Pos: c.Pos, Request: c.Request, Receives: s.Receives, Replies: s.Replies, Fails: s.Fails}
		}
	}
	return nil
}

// stepResults plays the steps before a part with the replies of a test.
func stepResults(ws *specs.Workspace, part *operation, c *specs.TestCase) ([]transforms.StepResult, error) {
	results := make([]transforms.StepResult, len(part.of.steps.Steps))
	for _, p := range part.of.parts {
		before := p.step < part.step || part.undo && p.step == part.step
		side := stepCase(p, c)
		if p.undo || !before || side == nil || side.Replies == nil {
			continue
		}
		var findings specs.Findings
		reply, err := replyMessage(ws, p, side.Replies, &findings)
		if err == nil && findings.HasErrors() {
			err = findings
		}
		if err != nil {
			return nil, err
		}
		run := p.transform.Start()
		in := caseInput(p, c)
		in.Steps = results
		if _, err = run.Request(in); err == nil {
			var out transforms.Output
			if out, err = run.Reply(reply); err == nil && out.Continue {
				results[p.step] = out.Result(reply)
			}
		}
		run.Release()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name(), err)
		}
	}
	return results, nil
}
