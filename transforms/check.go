// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// checker compares both sides of one transform: what the contract allows with what the host's record
// holds, and what the record can bring with what the contract promises.
//
// An error is what can only go wrong once it comes to pass: null without a host value, a listed value
// without a code, a required member that is not there. A warning is a range that is wider on the
// giving side than on the taking one: most values will fit. Nothing here looks at what is only
// computed; such values are checked when they are written.
type checker struct {
	*compilation
	// passes are the expressions by the node they stand in.
	passes map[*specs.Node]*pathPass
	// labels name captured values as their expressions do.
	labels map[*slotRef]string
	// world is what the outcomes passed so far rule out.
	world world
	// probe asks the request's format; nil if it cannot tell.
	probe Prober
	// never are conditions that compare with a value that does not exist, which is an error of its own.
	never map[*specs.Node]bool
	// present are the values that are proven to be there where a source stands.
	present []string
	// compared are the objects that were compared as a whole.
	compared map[comparison]bool
}

// check reports everything that both sides of the transform say about each other.
func (c *compilation) check() {
	k := &checker{
		compilation: c, passes: map[*specs.Node]*pathPass{}, labels: map[*slotRef]string{}, world: world{},
		never: map[*specs.Node]bool{}, compared: map[comparison]bool{},
	}
	broken := c.findings.HasErrors() // then what is not there may only be spelt wrong
	if c.foreignErrors() {
		return // types that are wrong themselves say nothing about each other
	}
	for _, p := range c.seen {
		k.passes[p.node] = p
		if p.single != nil {
			k.labels[p.single] = p.src
		}
		for _, v := range p.vars {
			k.labels[v.ref] = v.path
		}
	}
	k.comparisons()
	if p := c.t.prefix; p != nil {
		k.probe, _ = p.typ.Format.(Prober)
		k.fields(p.mapping, c.doc.Request.MQHeaders.Pos, false)
	}
	if r := c.t.Request; r != nil && c.t.mapping != nil {
		k.probe, _ = r.Format.(Prober)
		if c.doc.Request.Body != nil {
			k.body(c.t.mapping, giving{at: c.doc.Request.Body.Pos, probe: k.probe})
		} else {
			k.fields(c.t.mapping, k.requestPos(), false)
		}
	}
	k.checkProperties()
	for _, v := range c.t.variants {
		k.outcomes(v)
	}
	for _, v := range c.t.fallbacks {
		if v != nil {
			k.outcomes(v)
		}
	}
	k.missing()
	if !broken && c.steps == nil {
		k.unusedInput()
		k.silentStatuses(c.t.variants)
	}
}

// foreignErrors tells that a schema or a record has errors of its own.
func (c *compilation) foreignErrors() bool {
	return slices.ContainsFunc(c.findings, func(f specs.Finding) bool {
		return f.Severity == specs.Error && !strings.HasPrefix(f.Code, "LNT4")
	})
}

func (k *checker) requestPos() specs.Pos {
	if k.doc.Request.From != nil {
		return k.doc.Request.From.Pos
	}
	return k.doc.Request.Pos
}

// place is where a mapping is written; what "from" mapped stands at from.
func (k *checker) place(m *Mapping, around specs.Pos) specs.Pos {
	if n := k.nodes[m]; n != nil {
		return n.Pos
	}
	return around
}

// chosen describes the array that a loop goes over, as long as it is after where.
func (k *checker) chosen(e *Each) facts {
	f := k.factsOf(e.Source)
	if e.Where != nil && f.typ != nil {
		t := *f.typ
		t.MinItems = 0
		f.typ = &t
	}
	return f
}

// report adds a finding.
func (k *checker) report(s specs.Severity, code string, at specs.Pos, message, hint string) {
	k.findings = append(k.findings, specs.Finding{Severity: s, Code: code, Pos: at, Message: message, Hint: hint})
}

// hostField names a field with its picture.
func hostField(t *Type) string {
	if t.Picture == "" {
		return targetLabel(t)
	}
	return fmt.Sprintf("%s (%s)", targetLabel(t), t.Picture)
}

// name names the source of a value, with its picture if it is a host field.
func (f facts) name() string {
	if f.typ == nil || f.typ.Picture == "" {
		return f.label
	}
	return fmt.Sprintf("%s (%s %s)", f.label, f.typ.HostName, f.typ.Picture)
}

// side names what a type belongs to: the contract, or the schema of a host.
func side(t *Type) string {
	if t != nil && t.Foreign {
		return "the host's schema"
	}
	return "the contract"
}

// inContract says where in the contract a change is to be made.
func inContract(t *Type) string {
	if t == nil || t.HostName != "" || t.Pos.Line == 0 {
		return " in the contract"
	}
	return fmt.Sprintf(" in %s (%s)", side(t), t.Pos)
}

// fixIn says where the bounds of a source are to be changed: in the contract, or by a function.
func (f facts) fixIn() string {
	if f.typ != nil && f.typ.HostName == "" && f.typ.Pos.Line > 0 {
		return inContract(f.typ)
	}
	return ""
}

// meets tells that a value of one shape can become one of another: text and numbers convert.
func meets(from, to Shape) bool {
	if from == AnyShape || to == AnyShape || from == to {
		return true
	}
	convert := func(s Shape) bool { return s == StringShape || s == NumberShape || s == FloatShape }
	return convert(from) && convert(to)
}

// misfit reports shapes that cannot meet.
func (k *checker) misfit(f facts, t *Type, at specs.Pos) {
	k.report(specs.Error, codeMismatch, at, fmt.Sprintf("%s is %s and cannot fill %s, which is %s", f.name(), f.typ.Shape.one(), hostField(t), t.Shape.one()), "")
}
