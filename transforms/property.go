// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// Message properties are the values that a wire carries beside the bytes: the status of HTTP, the
// headers of a queued message. Which there are, and of which types, is a table of specs.

// property is a message property that a request sets.
type property struct {
	specs.WireProperty
	// key is the whole name: header.X-Branch.
	key    string
	source Source
	node   *specs.Node
}

// compileProperties compiles request.properties.
func (k *compilation) compileProperties(n *specs.Node, sc *scope, backend *specs.Backend) {
	var fields []specs.NodeField
	if n != nil {
		fields = n.Fields
	}
	constant := true
	for _, f := range fields {
		p, message, hint := findProperty(backend.Wire, f.Key.Text, true)
		if message == "" && slices.ContainsFunc(k.t.properties, func(o *property) bool { return o.same(f.Key.Text) }) {
			message, hint = fmt.Sprintf("the property %s is set twice", f.Key.Text), "remove one of the two"
		}
		if message != "" {
			k.findings.Add(codeProperty, f.Key.Pos, message, hint)
			continue
		}
		one := &property{WireProperty: p, key: f.Key.Text, node: f.Value}
		if one.source = k.source(f.Value, sc, one.target()); one.source == nil {
			continue
		}
		if l, isLiteral := one.source.(literal); isLiteral {
			if _, _, err := one.convert(l.value); err != nil {
				k.findings.Add(codeProperty, f.Value.Pos, err.Error(), "write a value that the property takes")
			}
		} else {
			constant = false
			k.checkMove(f.Value, one.source, one.target())
		}
		k.t.properties = append(k.t.properties, one)
	}
	if k.carry(backend) && constant && !k.findings.HasErrors() && len(k.t.properties) > 0 {
		k.t.fixed = map[string]any{}
		for _, p := range k.t.properties {
			if v, given, err := p.convert(p.source.(literal).value); err == nil && given {
				k.t.fixed[p.key] = v
			}
		}
	}
}

func (p *property) same(key string) bool {
	return p.key == key || p.Folded && strings.EqualFold(p.key, key)
}

// findProperty looks up a property of one direction; message says why there is none.
func findProperty(wire, key string, request bool) (p specs.WireProperty, message, hint string) {
	way := "set by a request"
	if !request {
		way = "read from a reply"
	}
	var names []string
	for _, p := range specs.WireProperties(wire) {
		if request && p.Request || !request && p.Reply {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return p, noProperties(wire), "remove it"
	}
	p, found := specs.FindProperty(wire, key)
	if !found || !slices.Contains(names, p.Name) {
		hint = "there is " + openNames(names)
		if near := specs.Suggest(key, names); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return p, fmt.Sprintf("the wire %s has no property %s that can be %s", wire, key, way), hint
	}
	if why := p.Suits(key); why != "" && request {
		return p, fmt.Sprintf("the property %s cannot be set: %s", key, why), "remove it, or correct its name"
	}
	return p, "", ""
}

func noProperties(wire string) string {
	return fmt.Sprintf("messages on the wire %s have no properties", wire)
}

// openNames lists properties for hints; those of open sets as header.NAME.
func openNames(names []string) string {
	out := slices.Clone(names)
	for i, n := range out {
		if strings.HasSuffix(n, ".") {
			out[i] += "NAME"
		}
	}
	return strings.Join(out, ", ")
}

// target is the type of a property, for the checks.
func (p *property) target() *Type {
	t := propertyType(p.Type)
	t.Name = "the property " + p.key
	return t
}

func propertyType(t specs.PropertyType) *Type {
	out := (&Type{}).bare()
	switch t {
	case specs.TextProperty, specs.BytesProperty:
		out.Shape = StringShape
	case specs.WholeProperty:
		out.Shape, out.Integer, out.Digits, out.Scale = NumberShape, true, 19, 0
	case specs.BooleanProperty:
		out.Shape = BoolShape
	case specs.AnyProperty:
	}
	return out
}

// propertiesType is the type of what expressions name by properties: the properties that replies of
// a wire have, open sets as objects that grow as expressions name their members.
func propertiesType(wire string) *Type {
	root := &Type{Name: "properties", Shape: ObjectShape}
	for _, p := range specs.WireProperties(wire) {
		if !p.Reply {
			continue
		}
		t := propertyType(p.Type)
		t.Name, t.Optional = p.Name, !p.Always
		if p.Open() {
			one := t
			t = &Type{Name: strings.TrimSuffix(p.Name, "."), Shape: ObjectShape, growing: true, grown: one, folded: p.Folded, Optional: true}
		}
		root.Members = append(root.Members, t)
	}
	return root
}

// propertiesRoot is the name properties. On a wire without any it is known only to say so.
func (k *compilation) propertiesRoot() root {
	r := documentRoot("properties", k.t.replied)
	r.grows = true
	if len(k.t.replied.typ.Type.Members) == 0 {
		r.refused = &refusal{codeProperty, noProperties(k.wire), "look at the message itself"}
	}
	return r
}

// checkProperties compares what computes the values of properties with their types.
func (k *checker) checkProperties() {
	for _, p := range k.t.properties {
		if p.node == nil {
			continue // the format of the message gives it
		}
		f, t, at := k.factsOf(p.source), p.target(), p.node
		if f.literal {
			continue
		}
		_, plain := p.source.(*slotRef)
		k.each(f, func(f facts) { k.checkProperty(f, t, at.Pos, plain) })
	}
}

func (k *checker) checkProperty(f facts, t *Type, at specs.Pos, plain bool) {
	switch {
	case f.typ == nil:
	case f.typ.Shape == ObjectShape || f.typ.Shape == ArrayShape:
		if !plain || t.Shape == AnyShape {
			k.misfit(f, t, at)
		}
	case !meets(f.typ.Shape, t.Shape):
		if !plain {
			k.misfit(f, t, at)
		}
	case t.Shape == NumberShape && !f.vague && f.typ.Shape == StringShape && !textOf(f.typ).digits:
		k.report(specs.Warning, codeUnsureText, at, fmt.Sprintf("%s can be any text, and %s is a whole number", f.name(), targetLabel(t)), "read it with number()")
	case t.Shape == NumberShape && !f.vague && f.typ.Shape == NumberShape && !f.typ.Integer && f.typ.Scale != 0:
		k.report(specs.Warning, codeRange, at, fmt.Sprintf("%s can have decimals, and %s is a whole number", f.name(), targetLabel(t)), "round it")
	}
}
