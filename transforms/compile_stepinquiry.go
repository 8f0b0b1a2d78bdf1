// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"

	"lintel/specs"
)

// inquiry compiles what asks whether a step was done. It sees what is known when nobody waits for an answer any more.
func (b *planner) inquiry(own *visibleStep, past []visibleStep, input *Transform) *Transform {
	a := own.spec.Inquiry
	be := b.backend(a.Backend.Value)
	if be == nil {
		return nil
	}
	k := b.part(&specs.Transform{File: b.doc.File, Root: own.spec.Root.Get("inquiry"), Backend: a.Backend, Request: a.Request, Reply: a.Reply, About: true}, input)
	k.steps.past, k.steps.asks = past, own
	k.openInput()
	k.stepDocuments()
	k.compileExchange(be)
	own.told = k.told()
	return b.complete(k)
}

// kept are steps as undo and inquiry see them, which may be sent when the call is long over: the replies of those that
// change nothing are not kept.
func (b *planner) kept(past []visibleStep) []visibleStep {
	past = slices.Clone(past)
	for i := range past {
		past[i].forgotten = past[i].spec.IsSafe(b.doc, b.op)
	}
	return past
}

// tells compiles what the step replied, as far as the reply to its inquiry tells.
func (k *compilation) tells(o *outcome, body *specs.Node, sc *scope) {
	own := k.steps.asks
	if own.reply == nil {
		k.findings.Add(codeTemplate, body.Pos, fmt.Sprintf("step %q goes on after several replies, or none, so that an inquiry cannot say what it replied", own.spec.Name.Value), "remove body")
		return
	}
	m := &Mapping{Type: own.reply.Type}
	o.mapping, o.tells = m, own.variant
	o.probe, _ = own.reply.Format.(Prober)
	if own.reply.Type.Foreign {
		k.template(body, m, sc) // a document that lacks something could not be read
	} else {
		k.tellsRecord(body, m, sc)
	}
	k.writerLater(&o.body, own.reply.Format, m)
}

// tellsRecord compiles the members of a record that the body names; no other can be named after the inquiry.
func (k *compilation) tellsRecord(n *specs.Node, m *Mapping, sc *scope) {
	k.nodes[m] = n
	if n.Kind != specs.MapNode || m.Type.Shape != ObjectShape {
		k.template(n, m, sc)
		return
	}
	for _, f := range n.Fields {
		t := m.Type.Member(f.Key.Text)
		if t == nil {
			k.findings.Add(codeTemplate, f.Key.Pos, fmt.Sprintf("the reply of step %q has no %q here", k.steps.asks.spec.Name.Value, f.Key.Text), memberHint(m.Type, f.Key.Text))
			continue
		}
		sub := &Mapping{Type: t}
		k.tellsRecord(f.Value, sub, sc)
		m.Members = append(m.Members, sub)
	}
}

// told are the members of the step's reply that its inquiry tells in every case.
func (k *compilation) told() []*Type {
	out := []*Type{}
	for i, v := range k.t.variants {
		var here []*Type
		for _, o := range v.outcomes {
			if o.goesOn && o.mapping != nil {
				here = o.mapping.whole()
			}
		}
		if i == 0 {
			out = append(out, here...)
			continue
		}
		out = slices.DeleteFunc(out, func(t *Type) bool { return !slices.Contains(here, t) })
	}
	return out
}

// whole are the members that a mapping always fills as a whole.
func (m *Mapping) whole() []*Type {
	var out []*Type
	for _, sub := range m.Members {
		filled := sub.Source != nil || sub.Each != nil || sub.Type.Foreign && sub.Members != nil ||
			len(sub.Members) > 0 && len(sub.whole()) == len(sub.Type.Members)
		if filled && sub.When == nil {
			out = append(out, sub.Type)
		}
	}
	return out
}

// withhold takes out of the type of a step what is not known when it is named, and says why.
func (v *visibleStep) withhold(t *Type) {
	name := v.spec.Name.Value
	switch {
	case v.forgotten:
		t.Members = nil
		t.withheld = func(string) (string, string) {
			return fmt.Sprintf("step %q changes nothing, and its reply is not kept for undo and inquiry", name), "name what the request brought, or a step that changes something"
		}
	case v.told != nil:
		whole := t.Members
		t.Members = slices.Clone(v.told)
		t.withheld = func(member string) (string, string) {
			if !slices.ContainsFunc(whole, func(m *Type) bool { return m.Name == member }) {
				return "", ""
			}
			return fmt.Sprintf("%q is not known when it is the inquiry that says that step %q was done", member, name), "add it to body in the reply of the inquiry, or do without it"
		}
	}
}
