// SPDX-License-Identifier: Apache-2.0

package main

import (
	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
	"lintel/transforms/json"
	"lintel/transforms/mqheader"
)

// plan is a compiled workspace: everything that can be decided before a host is called.
type plan struct {
	ws         *specs.Workspace
	operations []*operation
	listeners  []*listening
	// pings are exchanges that no operation makes.
	pings []*operation
	// digest sums up the files that it was read from, findings are its warnings.
	digest   string
	findings specs.Findings
}

// operation is one operation with its transform; or, as a part of one that has several steps, one of
// its exchanges; or the ping of a backend.
type operation struct {
	spec      *specs.Operation
	doc       *specs.Transform
	backend   *specs.Backend
	transform *transforms.Transform
	// steps is set for an operation of several steps, in place of backend and transform. parts are then
	// its exchanges: steps and undoings.
	steps *transforms.Plan
	parts []*operation
	// of, step and undo are set for a part: the operation, the number of the step, and whether it is its undo.
	of   *operation
	step int
	undo bool
	// inquiry and reversal are for exchanges in doubt; nil if there is none.
	inquiry, reversal *operation
	// asks is set for one of these: which it is, in the words of specs.TestAsk. That of a step has of and step too.
	asks string
}

// name is the operation, and for a part of one the step.
func (o *operation) name() string {
	switch {
	case o.doc.Ping:
		return "ping of " + o.spec.ID
	case o.asks != "" && o.of != nil:
		return o.spec.ID + " " + o.asks + " of " + o.of.doc.Steps[o.step].Name.Value
	case o.asks != "":
		return o.spec.ID + " " + o.asks
	case o.of == nil:
		return o.spec.ID
	case o.undo:
		return o.spec.ID + " undo of " + o.of.doc.Steps[o.step].Name.Value
	default:
		return o.spec.ID + " step " + o.of.doc.Steps[o.step].Name.Value
	}
}

// exchanges are all exchanges with hosts: operations, the parts of those that have several steps, and pings.
func (p *plan) exchanges() []*operation {
	var out []*operation
	for _, op := range p.operations {
		if op.steps == nil {
			out = append(out, op)
		}
		out = append(out, op.parts...)
	}
	return append(out, p.pings...)
}

// asks are all exchanges about exchanges: inquiries and reversals of operations, and inquiries of steps.
func (p *plan) asks() []*operation {
	var out []*operation
	for _, op := range p.operations {
		for _, of := range append([]*operation{op}, op.parts...) {
			for _, a := range []*operation{of.inquiry, of.reversal} {
				if a != nil {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// safe tells whether the operation changes nothing at the host: by declaration, else by method.
func (o *operation) safe() bool {
	return o.doc.IsSafe(o.spec)
}

// compile compiles every transform of a workspace. Operations whose documents have errors are left
// out; the findings say why.
func compile(ws *specs.Workspace) (*plan, specs.Findings) {
	p := &plan{ws: ws}
	var findings specs.Findings
	if ws.Contract == nil || ws.Config == nil || ws.Records.Broken {
		return p, findings // without them every name would be reported as unknown
	}
	records, soaps := newRecordOpener(ws), newSOAPOpener(ws)
	c := &transforms.Compiler{
		JSON:    openSchema,
		Formats: map[string]transforms.Opener{"record": records, "json": newJSONOpener(ws), specs.FormatNothing: transforms.Nothing{}, "soap": soaps, "mqHeaders": mqheader.Opener{}},
		Funcs:   funcs.All(ws.Tables...),
		Answers: ws.Config.Gateway.Responses != "off",
	}
	opened := 0 // operations whose records were all asked for
	for _, doc := range ws.Transforms {
		op := &operation{spec: ws.Contract.Operation(doc.Operation.Value), doc: doc, backend: ws.Config.Backend(doc.Backend.Value)}
		if op.spec != nil && len(doc.Steps) > 0 {
			before := len(p.operations)
			findings = append(findings, p.compileSteps(c, op)...)
			opened += len(p.operations) - before
			continue
		}
		if op.spec == nil || op.backend == nil {
			continue
		}
		t, fs := c.Compile(doc, op.spec, op.backend)
		findings = append(findings, fs...)
		if op.asksKnown(ws) {
			opened++
		}
		var ok bool
		if ok, fs = op.compileAsks(c, ws); ok && t != nil {
			op.transform = t
			p.operations = append(p.operations, op)
		}
		findings = append(findings, fs...)
	}
	pings, fs := p.compilePings(c)
	findings = append(findings, fs...)
	listeners, fs := compileListeners(c, ws)
	p.listeners, findings = listeners, append(findings, fs...)
	findings = append(findings, checkSecurity(ws)...)
	findings = append(findings, checkWires(ws)...)
	findings = append(findings, checkListener(ws)...)
	// Where a message could not be opened it is not known which rules are for nothing. A mistake in a mapping is no
	// reason to be silent about them: it may come from a wrong name in a rule.
	if opened == len(ws.Contract.Operations) && pings && !records.failed {
		findings = append(findings, records.findings()...)
	}
	if len(p.operations) == len(ws.Contract.Operations) && pings {
		findings = append(findings, soaps.findings()...)
	}
	return p, findings
}

// asksKnown tells that inquiry and reversal have backends, so that their messages can be opened.
func (o *operation) asksKnown(ws *specs.Workspace) bool {
	for _, a := range []*specs.AskSpec{o.doc.Inquiry, o.doc.Reversal} {
		if a != nil && ws.Config.Backend(a.Backend.Value) == nil {
			return false
		}
	}
	return true
}

// compileAsks compiles inquiry and reversal; false if there are errors.
func (o *operation) compileAsks(c *transforms.Compiler, ws *specs.Workspace) (ok bool, findings specs.Findings) {
	ok = true
	for _, a := range []struct {
		kind string
		doc  *specs.AskSpec
		to   **operation
	}{{specs.AskInquiry, o.doc.Inquiry, &o.inquiry}, {specs.AskReversal, o.doc.Reversal, &o.reversal}} {
		if a.doc == nil {
			continue
		}
		backend := ws.Config.Backend(a.doc.Backend.Value)
		if backend == nil {
			ok = false
			continue
		}
		doc := a.doc.Transform(o.doc)
		t, fs := c.Compile(doc, o.spec, backend)
		findings = append(findings, fs...)
		if t == nil {
			ok = false
			continue
		}
		*a.to = &operation{spec: o.spec, doc: doc, backend: backend, transform: t, asks: a.kind}
	}
	return ok, findings
}

// openSchema makes the message type of a JSON document of the contract.
func openSchema(s *specs.Schema, answer bool, prefix string) (*transforms.MessageType, specs.Findings) {
	o := json.Options{Prefix: prefix}
	if answer {
		o.Direction = json.Response
	}
	return json.New(s, o)
}
