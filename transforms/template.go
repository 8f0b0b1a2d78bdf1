// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"strconv"
	"strings"

	"lintel/specs"
)

// template compiles one node of a body template:
//
//	literal or =expression
//	a map of members
//	a list of entries
//	{each: =array, as: name, to: template}
//	{when: =condition, then: template, else: template}   (as a member; without else it is left out)
func (k *compilation) template(n *specs.Node, m *Mapping, sc *scope) {
	k.nodes[m] = n
	switch {
	case n.Broken():
	case n.Kind == specs.ScalarNode:
		m.Source = k.source(n, sc, m.Type)
		if m.Source != nil {
			k.checkMove(n, m.Source, m.Type)
		}
	case n.Kind == specs.ListNode:
		k.templateList(n, m, sc)
	case n.Get("each") != nil && n.Get("to") != nil:
		k.templateLoop(n, m, sc)
	case isConditional(n):
		k.findings.Add(codeTemplate, n.Pos, "a condition stands at a member of an object", "")
	default:
		k.templateObject(n, m, sc)
	}
}

func isConditional(n *specs.Node) bool { return n.Get("when") != nil && n.Get("then") != nil }

func (k *compilation) templateLoop(n *specs.Node, m *Mapping, sc *scope) {
	if m.Type.Shape != ArrayShape && m.Type.Shape != AnyShape {
		k.findings.Add(codeMismatch, n.Pos, fmt.Sprintf(side(m.Type)+" has %s here, not an array", m.Type.Shape.one()), "")
		return
	}
	each, inner := k.loop(n, sc)
	if each == nil {
		return
	}
	items := m.Type.Items
	if items == nil {
		items = &Type{Shape: AnyShape}
	}
	each.To = &Mapping{Type: items}
	m.Each = each
	k.where(n, func() { k.template(n.Get("to"), each.To, inner) })
}

// templateList compiles a list whose entries are written one by one: a tuple, or the only entries of an array.
func (k *compilation) templateList(n *specs.Node, m *Mapping, sc *scope) {
	if m.Type.HostName != "" { // a table of a record, or an element that comes more than once
		k.findings.Add(codeTemplate, n.Pos, "a fixed list cannot be written here", "use {each: =array, as: name, to: ...}")
		return
	}
	if m.Type.Shape != ArrayShape && m.Type.Shape != AnyShape {
		k.findings.Add(codeMismatch, n.Pos, fmt.Sprintf(side(m.Type)+" has %s here, not an array", m.Type.Shape.one()), "")
		return
	}
	least, most := 0, Unbounded
	if m.Type.Shape == ArrayShape {
		least, most = m.Type.MinItems, m.Type.MaxItems
	}
	if size := len(n.Items); size < least || most >= 0 && size > most {
		k.findings.Add(codeMismatch, n.Pos, fmt.Sprintf("the list has the length %d, and %s allows %s", size, side(m.Type), fromTo(least, most)), "")
	}
	m.Members, m.List = []*Mapping{}, true
	for i, item := range n.Items {
		t := Type{Shape: AnyShape}
		switch {
		case i < len(m.Type.Prefix):
			t = *m.Type.Prefix[i]
		case m.Type.Items != nil:
			t = *m.Type.Items
		}
		t.Name, t.Optional, t.entry = strconv.Itoa(i), false, true
		sub := &Mapping{Type: &t}
		k.template(item, sub, sc)
		m.Members = append(m.Members, sub)
	}
}

// fromTo says how many entries there may be.
func fromTo(least, most int) string {
	switch {
	case most < 0:
		return fmt.Sprintf("%d or more", least)
	case least == most:
		return strconv.Itoa(most)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func (k *compilation) templateObject(n *specs.Node, m *Mapping, sc *scope) {
	if m.Type.Shape != ObjectShape && m.Type.Shape != AnyShape {
		k.findings.Add(codeMismatch, n.Pos, fmt.Sprintf(side(m.Type)+" has %s here, not an object", m.Type.Shape.one()), "")
		return
	}
	m.Members = []*Mapping{}
	for _, f := range n.Fields {
		t := k.templateMember(f.Key, m.Type)
		if t == nil {
			continue
		}
		if !isConditional(f.Value) {
			sub := &Mapping{Type: t}
			k.template(f.Value, sub, sc)
			m.Members = append(m.Members, sub)
			continue
		}
		k.conditional(f.Value, t, m, sc)
	}
	k.missingMembers(n, m)
}

// conditional adds a member for then and, with the opposite condition, one for else.
func (k *compilation) conditional(n *specs.Node, t *Type, m *Mapping, sc *scope) {
	when := k.conditionOf(n)
	if when == nil {
		return
	}
	cond := k.condition(when, sc)
	if cond == nil {
		return
	}
	then := &Mapping{Type: t, When: cond}
	k.under(when, true, func() { k.template(n.Get("then"), then, sc) })
	m.Members = append(m.Members, then)
	if e := n.Get("else"); e != nil {
		other := &Mapping{Type: t, When: not{cond}}
		k.under(when, false, func() { k.template(e, other, sc) })
		m.Members = append(m.Members, other)
	}
}

// conditionOf gives the expression of {when:, then:, else:}; nil after reporting what is wrong with it.
func (k *compilation) conditionOf(n *specs.Node) *specs.Node {
	for _, f := range n.Fields {
		if f.Key.Text != "when" && f.Key.Text != "then" && f.Key.Text != "else" {
			k.findings.Add(codeTemplate, f.Key.Pos, fmt.Sprintf("a condition does not know %q", f.Key.Text), "it has when, then and else")
		}
	}
	when := n.Get("when")
	if !when.IsExpression() {
		k.findings.Add(codeTemplate, when.Pos, "when takes an expression", "begin it with =")
		return nil
	}
	return when
}

// templateMember finds the contract's type of a member.
func (k *compilation) templateMember(key *specs.Node, t *Type) *Type {
	if member := t.Member(key.Text); member != nil {
		return member
	}
	if t.Shape == AnyShape || t.Open {
		if near := specs.Suggest(key.Text, memberNames(t)); near != "" {
			k.findings.Warn(codeTemplate, key.Pos, fmt.Sprintf(side(t)+" does not name the member %q, and allows any", key.Text),
				fmt.Sprintf("did you mean %s? With additionalProperties: false in "+side(t)+" this is an error", near))
		}
		return &Type{Name: key.Text, Shape: AnyShape, Optional: true}
	}
	names := memberNames(t)
	hint := side(t) + " has " + strings.Join(names[:min(len(names), 8)], ", ")
	if near := specs.Suggest(key.Text, names); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	k.findings.Add(codeTemplate, key.Pos, fmt.Sprintf(side(t)+" has no member %q here", key.Text), hint)
	return nil
}

// missingMembers reports required members of the contract that the template never sets.
func (k *compilation) missingMembers(n *specs.Node, m *Mapping) {
	var missing []string
	for _, t := range m.Type.Members {
		set := t.Optional
		for _, sub := range m.Members {
			set = set || sub.Type == t
		}
		if !set {
			missing = append(missing, t.Name)
		}
	}
	if len(missing) > 0 {
		k.findings.Add(codeMissing, n.Pos, side(m.Type)+" requires "+strings.Join(missing, ", ")+", which the template never sets",
			"add it, or make it optional in "+side(m.Type))
	}
}
