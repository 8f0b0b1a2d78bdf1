// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// compileRequest compiles what fills the request message into its mapping: fields and from of a
// record, body of a document.
func (k *compilation) compileRequest() {
	m := &Mapping{Type: k.t.Request.Type}
	sc := k.requestScope()
	if f := k.doc.Request.Fields; f != nil {
		k.hostFields(f, m, sc)
	}
	if f := k.doc.Request.From; f != nil {
		k.compileFrom(f, m, sc)
	}
	if b := k.doc.Request.Body; b != nil {
		k.template(b, m, sc)
	}
	k.t.mapping = m
	k.writerLater(&k.t.request, k.t.Request.Format, m)
}

// hostFields compiles a map from host names to what fills them.
func (k *compilation) hostFields(n *specs.Node, m *Mapping, sc *scope) {
	if n.Kind != specs.MapNode {
		k.findings.Add(codeMapping, n.Pos, "fields must be a map from field names to literals and =expressions", "")
		return
	}
	for _, f := range n.Fields {
		target := k.hostTarget(f.Key, m)
		if target == nil {
			continue
		}
		more := target.Type.Shape == ObjectShape && f.Value.Kind == specs.MapNode // a group may be filled in parts
		if target.Source != nil || target.Each != nil || len(target.Members) > 0 && !more {
			k.findings.Add(codeMapping, f.Key.Pos, fmt.Sprintf("%s is filled twice", f.Key.Text), "remove one of the two")
			continue
		}
		if f.Value.Kind == specs.MapNode && f.Value.Get("when") != nil { // words that no data-name can be
			k.hostConditional(f.Value, target, m, sc)
			continue
		}
		k.hostValue(f.Value, target, sc)
	}
}

// hostConditional compiles a field, group or table that is filled in one way or another.
func (k *compilation) hostConditional(n *specs.Node, m, root *Mapping, sc *scope) {
	cond := k.conditionOf(n)
	if cond == nil {
		return
	}
	if n.Get("then") == nil {
		k.findings.Add(codeTemplate, n.Pos, "a condition needs then", "add what fills the field when it holds")
		return
	}
	if m.When = k.condition(cond, sc); m.When == nil || len(m.Members) > 0 {
		if m.When != nil {
			k.findings.Add(codeMapping, n.Pos, m.Type.HostName+" is filled already", "put its fields into then and else")
		}
		return
	}
	k.under(cond, true, func() { k.hostValue(n.Get("then"), m, sc) })
	e := n.Get("else")
	if e == nil {
		return
	}
	other := &Mapping{Type: m.Type, When: not{m.When}}
	around := root.around(m)
	around.Members = append(around.Members, other)
	k.under(cond, false, func() { k.hostValue(e, other, sc) })
}

// around finds the mapping that has m as a member.
func (m *Mapping) around(sub *Mapping) *Mapping {
	if slices.Contains(m.Members, sub) {
		return m
	}
	for _, x := range m.Members {
		if found := x.around(sub); found != nil {
			return found
		}
	}
	return nil
}

// hostTarget finds the field named by key below m and makes the mappings down to it.
func (k *compilation) hostTarget(key *specs.Node, m *Mapping) *Mapping {
	path, unique := hostPath(m.Type, strings.Split(key.Text, "."))
	if path == nil {
		names := hostNames(m.Type)
		hint := ""
		if near := specs.Suggest(key.Text, names); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		} else if len(names) > 0 {
			hint = "there is " + strings.Join(names[:min(len(names), 8)], ", ")
		}
		k.findings.Add(codeUnknownField, key.Pos, fmt.Sprintf("there is no field %s in %s", key.Text, hostLabel(m.Type)), hint)
		return nil
	}
	if !unique {
		k.findings.Add(codeUnknownField, key.Pos, fmt.Sprintf("several fields of %s are named %s", hostLabel(m.Type), key.Text),
			"name its group in front: GROUP."+key.Text)
		return nil
	}
	for _, t := range path {
		i := slices.IndexFunc(m.Members, func(x *Mapping) bool { return x.Type == t })
		if i < 0 {
			m.Members = append(m.Members, &Mapping{Type: t})
			i = len(m.Members) - 1
		}
		if m = m.Members[i]; m.When != nil {
			k.findings.Add(codeMapping, key.Pos, fmt.Sprintf("%s is filled under a condition already", hostLabel(m.Type)), "put the field into then and else")
			return nil
		}
	}
	return m
}

func hostLabel(t *Type) string {
	if t.HostName != "" {
		return t.HostName
	}
	return "this record"
}

// hostPath finds the types from below t down to the field with that qualified name: the last word
// is the field, the ones before are groups around it, from the outside in, as in COBOL's OF.
func hostPath(t *Type, words []string) (path []*Type, unique bool) {
	unique = true
	for _, m := range t.Members {
		rest := words
		if strings.EqualFold(m.HostName, words[0]) {
			rest = words[1:]
		}
		var sub []*Type
		one := true
		switch {
		case len(rest) == 0:
			sub = []*Type{m}
		case m.Shape == ObjectShape:
			if sub, one = hostPath(m, rest); sub != nil {
				sub = append([]*Type{m}, sub...)
			}
		}
		if sub == nil {
			continue
		}
		if path != nil {
			return path, false
		}
		path, unique = sub, one
	}
	return path, unique
}

// hostNames lists the names that can be filled below t.
func hostNames(t *Type) []string {
	var out []string
	for _, m := range t.Members {
		if m.HostName != "" {
			out = append(out, m.HostName)
		}
		if m.Shape == ObjectShape {
			out = append(out, hostNames(m)...)
		}
	}
	return out
}

// hostValue compiles what fills one field, group or table.
func (k *compilation) hostValue(n *specs.Node, m *Mapping, sc *scope) {
	k.nodes[m] = n
	switch {
	case n.Broken():
	case n.Kind == specs.ScalarNode:
		if m.Source = k.source(n, sc, m.Type); m.Source != nil {
			k.checkMove(n, m.Source, m.Type)
		}
	case n.Get("each") != nil && m.Type.Shape == ArrayShape:
		each, inner := k.loop(n, sc)
		if each == nil {
			return
		}
		each.To = &Mapping{Type: m.Type.Items}
		m.Each = each
		k.where(n, func() { k.hostEntry(n.Get("to"), each.To, inner) })
	case n.Kind == specs.MapNode && m.Type.Shape == ObjectShape:
		k.hostFields(n, m, sc)
	case m.Type.Shape == ArrayShape:
		k.findings.Add(codeMapping, n.Pos, fmt.Sprintf("%s is a table: fill it with {each: =array, as: name, to: ...}", m.Type.HostName), "")
	default:
		k.findings.Add(codeMapping, n.Pos, fmt.Sprintf("%s takes a single value", m.Type.HostName), "write a literal or an =expression")
	}
}

func (k *compilation) hostEntry(to *specs.Node, m *Mapping, sc *scope) {
	if m.Type.Shape == ObjectShape && to.Kind == specs.MapNode {
		k.hostFields(to, m, sc)
		return
	}
	k.hostValue(to, m, sc)
}

// checkMove compares the shape of a value with that of its target.
func (k *compilation) checkMove(n *specs.Node, s Source, target *Type) {
	from := AnyShape
	switch s := s.(type) {
	case *slotRef:
		from = s.typ.Shape
	case literal:
		from = [...]Shape{AnyShape, AnyShape, BoolShape, NumberShape, StringShape, ObjectShape, ArrayShape, AnyShape}[s.value.Kind]
	}
	if from == AnyShape || target.Shape == AnyShape || from == target.Shape {
		return
	}
	scalar := func(s Shape) bool { return s != ObjectShape && s != ArrayShape }
	if scalar(from) && scalar(target.Shape) && from != BoolShape && target.Shape != BoolShape {
		return // text and numbers convert exactly or fail
	}
	k.findings.Add(codeMismatch, n.Pos, fmt.Sprintf("%s cannot fill %s, which is %s", from.one(), targetLabel(target), target.Shape.one()), hintFor(from))
}

func hintFor(from Shape) string {
	switch from {
	case ObjectShape:
		return "name its members one by one"
	case ArrayShape:
		return "choose an entry, or join them: first(...), join(...)"
	}
	return ""
}

func targetLabel(t *Type) string {
	if t.entry {
		return "entry " + t.Name
	}
	if t.HostName != "" {
		return t.HostName
	}
	if t.Name != "" {
		return t.Name
	}
	return "the value"
}
