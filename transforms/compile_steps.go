// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"

	"lintel/specs"
)

// stepping is what a part of an operation with several steps knows of the others.
type stepping struct {
	// input has the documents of the request that another part opened; nil for the first part.
	input *Transform
	// past are the steps that can be named.
	past []visibleStep
	// answer is set for the answer, which must have a status.
	answer bool
	// asks is set for an inquiry: the step that it asks about.
	asks *visibleStep
}

// visibleStep is a step as those after it see it.
type visibleStep struct {
	index int
	spec  *specs.StepSpec
	// reply is the one message that lets the operation go on; nil if there are several, or none.
	reply   *MessageType
	variant string
	// surely tells that the step has run where it is named.
	surely bool
	// told are the members of reply that are known after its inquiry; nil if there is none to count with.
	told []*Type
	// forgotten tells that the reply is not kept until the step is named.
	forgotten bool
}

// CompilePlan compiles an operation of several steps. backend gives the backend with a name, or nil.
// Either the plan is usable or the findings have an error.
func (c *Compiler) CompilePlan(doc *specs.Transform, op *specs.Operation, backend func(name string) *specs.Backend) (*Plan, specs.Findings) {
	b := &planner{c: c, doc: doc, op: op, backend: backend, plan: &Plan{Operation: op}}
	b.compile()
	if b.findings.HasErrors() {
		return nil, b.findings
	}
	b.together()
	return b.plan, b.findings
}

type planner struct {
	c       *Compiler
	doc     *specs.Transform
	op      *specs.Operation
	backend func(name string) *specs.Backend
	plan    *Plan
	// parts are the compilations that came to their end, first the answer's.
	parts    []*compilation
	visible  []visibleStep
	findings specs.Findings
}

// compile goes through the steps. The answer is compiled last, and opens the request first.
func (b *planner) compile() {
	answer := b.part(&specs.Transform{File: b.doc.File, Root: b.doc.Root, Allow: b.doc.Allow, Reply: b.doc.Answer}, nil)
	answer.steps.answer = true
	answer.openInput()
	for i, s := range b.doc.Steps {
		be := b.backend(s.Backend.Value)
		if be == nil {
			return // reported when the workspace was loaded
		}
		b.step(i, s, be, answer.t)
	}
	answer.steps.past = b.visible
	answer.stepDocuments()
	answer.compileAllow()
	answer.compileAnswer()
	t := b.complete(answer)
	b.plan.Answer = t
	b.findings = append(b.findings, sharedAnswers(b.doc, b.parts...)...)
}

// part begins the compilation of a part.
func (b *planner) part(doc *specs.Transform, input *Transform) *compilation {
	wire := ""
	if be := b.backend(doc.Backend.Value); be != nil {
		wire = be.Wire
	}
	k := b.c.compilation(doc, b.op, wire)
	k.steps = &stepping{input: input}
	return k
}

func (b *planner) complete(k *compilation) *Transform {
	t, fs := k.complete()
	b.findings = append(b.findings, fs...)
	b.parts = append(b.parts, k)
	return t
}

// step compiles one step and its undo.
func (b *planner) step(i int, s *specs.StepSpec, be *specs.Backend, input *Transform) {
	k := b.part(&specs.Transform{File: b.doc.File, Root: s.Root, Backend: s.Backend, Request: s.Request, Reply: s.Reply}, input)
	for _, v := range b.visible {
		if v.spec.Group < s.Group {
			k.steps.past = append(k.steps.past, v)
		}
	}
	k.openInput()
	k.stepDocuments()
	if s.When != nil {
		k.t.when = k.condition(s.When, k.requestScope())
	}
	k.compileExchange(be)
	own := visibleStep{index: i, spec: s, surely: s.When == nil && !s.Optional}
	own.reply, own.variant = k.continuing()
	step := &Step{Spec: s, Transform: b.complete(k)}
	b.plan.Steps = append(b.plan.Steps, step)
	kept := b.kept(k.steps.past)
	if s.Inquiry != nil {
		step.Inquiry = b.inquiry(&own, kept, input)
	}
	if s.Undo != nil {
		own.surely = !s.Undo.InDoubt
		step.Undo = b.undo(s, append(kept, own), input)
	}
	step.told, own.told = own.told, nil
	own.surely = s.When == nil && !s.Optional
	b.visible = append(b.visible, own)
}

func (b *planner) undo(s *specs.StepSpec, past []visibleStep, input *Transform) *Transform {
	u := s.Undo
	be := b.backend(u.Backend.Value)
	if be == nil {
		return nil
	}
	k := b.part(&specs.Transform{File: b.doc.File, Root: u.Root, Backend: u.Backend, Request: u.Request, Reply: u.Reply}, input)
	k.steps.past = past
	k.openInput()
	k.stepDocuments()
	k.compileExchange(be)
	return b.complete(k)
}

// continuing finds the one variant of the reply after which the operation goes on.
func (k *compilation) continuing() (*MessageType, string) {
	var found *variant
	for _, v := range k.t.variants {
		if !slices.ContainsFunc(v.outcomes, func(o *outcome) bool { return o.goesOn }) {
			continue
		}
		if found != nil {
			return nil, ""
		}
		found = v
	}
	if found == nil {
		return nil, ""
	}
	return found.reply.typ, found.ref
}

// stepDocuments makes the documents of the steps that can be named: what they replied, and whether
// they ran.
func (k *compilation) stepDocuments() {
	done := &Type{Name: "done", Shape: ObjectShape}
	for i := range k.steps.past {
		p := &k.steps.past[i]
		for len(done.Members) <= p.index { // numbered as the steps are; those that cannot be named have no name
			done.Members = append(done.Members, &Type{Shape: BoolShape})
		}
		done.Members[p.index] = &Type{Name: p.spec.Name.Value, Shape: BoolShape}
		if p.reply != nil {
			k.t.past = append(k.t.past, &pastStep{index: p.index, variant: p.variant, doc: newDocument(p.reply)})
		}
	}
	k.t.done = newDocument(&MessageType{Type: done})
}

// stepsRoot is the name steps: an object with the replies of the steps before.
func (k *compilation) stepsRoot() root {
	all := &Type{Name: "steps", Shape: ObjectShape}
	r := root{name: "steps", typ: all, capture: &Capture{Type: all, Slot: -1}, frame: &Capture{Type: all, Slot: -1}, parts: map[*Type]*document{}}
	for _, v := range k.steps.past {
		t := &Type{Name: v.spec.Name.Value, Shape: ObjectShape}
		for _, p := range k.t.past {
			if p.index == v.index {
				whole := *p.doc.typ.Type
				t = &whole
				t.Name = v.spec.Name.Value
				r.parts[t] = p.doc
			}
		}
		v.withhold(t)
		t.Optional = !v.surely
		all.Members = append(all.Members, t)
	}
	return r
}

// compileAnswer compiles what the app gets when all steps went well: a reply without a message.
func (k *compilation) compileAnswer() {
	r := &k.doc.Reply
	v := &variant{}
	k.t.variants = []*variant{v}
	sc := k.requestScope()
	for i, o := range r.Outcomes {
		if out := k.compileOutcome(i, o, sc); out != nil {
			v.outcomes = append(v.outcomes, out)
		}
	}
	k.lastOutcome(v, &outcome{name: "ok"}, r, sc)
}

// together checks what only all parts together can tell.
func (b *planner) together() {
	all := b.parts[len(b.parts)-1] // the answer
	k := &checker{compilation: all}
	before := len(all.findings)
	var variants []*variant
	params, body := &Capture{Slot: -1}, &Capture{Slot: -1}
	for _, p := range b.parts {
		variants = append(variants, p.t.variants...)
		if p.t.params != nil {
			params.merge(p.t.params.capture)
		}
		if p.t.body != nil {
			body.merge(p.t.body.capture)
		}
	}
	at := b.doc.Root.Key("steps").Pos
	k.unusedIn(params, body, at)
	k.silentStatuses(variants)
	b.findings = append(b.findings, all.findings[before:]...)
}

// merge adds what another capture wants, to find out what is wanted by any.
func (c *Capture) merge(o *Capture) {
	if c.Type == nil {
		c.Type = o.Type
	}
	c.Slot = max(c.Slot, o.Slot)
	for _, m := range o.Members {
		captureAt(c, []*Type{m.Type}).merge(m)
	}
	if o.Each != nil {
		if c.Each == nil {
			c.Each = &Capture{Slot: -1}
		}
		c.Each.merge(o.Each)
	}
}
