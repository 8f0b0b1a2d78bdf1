// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strings"

	"lintel/transforms"
)

// typer makes the tree that transforms are checked against. Types that occur several times share the
// members of one, so that recursive ones end.
type typer struct {
	made map[*ctype]*transforms.Type
	// uses are copies of a type that get its members once all are known.
	uses map[*transforms.Type]*ctype
}

func newTyper() *typer {
	return &typer{made: map[*ctype]*transforms.Type{}, uses: map[*transforms.Type]*ctype{}}
}

// settle gives all uses the members of their types.
func (t *typer) settle() {
	for use, of := range t.uses {
		use.Members = t.made[of].Members
	}
}

// object is a type with members.
func (t *typer) object(c *ctype) *transforms.Type {
	out := &transforms.Type{Foreign: true, Shape: transforms.ObjectShape, HostName: c.local, Pos: c.pos, Picture: c.local}
	t.uses[out] = c
	if t.made[c] != nil {
		return out
	}
	proto := &transforms.Type{}
	t.made[c] = proto
	if len(c.derived) > 0 || c.abstract {
		names := []string{}
		for _, v := range c.variants() {
			names = append(names, string(transforms.AppendQuoted(nil, v.local)))
		}
		proto.Members = append(proto.Members, &transforms.Type{
			Name: typeMember, HostName: "xsi:type", Shape: transforms.StringShape, MaxLength: transforms.Unbounded, Enum: names, Optional: !c.abstract,
		})
	}
	own := len(c.members)
	for i, m := range c.all() {
		if proto.Member(m.json) != nil {
			continue
		}
		u := t.member(m)
		u.Optional = u.Optional || i >= own
		proto.Members = append(proto.Members, u)
	}
	return out
}

// variants are the types that an element of type c can have.
func (c *ctype) variants() []*ctype {
	if c.abstract {
		return c.derived
	}
	return append([]*ctype{c}, c.derived...)
}

// all are the members of a type and then of those derived from it.
func (c *ctype) all() []*member {
	out := c.members[:len(c.members):len(c.members)]
	for _, d := range c.derived {
		out = append(out, d.members...)
	}
	return out
}

// plain tells that an element of the type is a single value in JSON.
func (c *ctype) plain() bool { return c.simple != nil && len(c.attrs) == 0 && len(c.derived) == 0 }

func (t *typer) member(m *member) *transforms.Type {
	var one *transforms.Type
	switch {
	case m.attr != nil:
		one = scalar(m.attr.typ)
		one.HostName, one.Pos = m.attr.local, m.attr.pos
	case m.text:
		return &transforms.Type{Name: m.json, Shape: transforms.StringShape, MaxLength: transforms.Unbounded}
	case m.group != nil:
		one = t.object(m.group)
	default:
		one = t.element(m.elem)
	}
	if m.array {
		one = &transforms.Type{
			Shape: transforms.ArrayShape, Items: one, MinItems: m.min, MaxItems: m.max, HostName: one.HostName, Pos: one.Pos,
		}
		if m.chosen {
			one.MinItems = 0
		}
	}
	one.Name, one.Optional, one.Ref, one.Foreign = m.json, m.optional, m, true
	return one
}

func (t *typer) element(e *elem) *transforms.Type {
	var one *transforms.Type
	if e.typ.plain() {
		one = scalar(e.typ.simple)
	} else {
		one = t.object(e.typ)
		if e.typ.simple != nil {
			proto := t.made[e.typ]
			for i, m := range proto.Members {
				if m.Ref == nil && m.Name != typeMember { // the text
					text := scalar(e.typ.simple)
					text.Name = m.Name
					proto.Members[i] = text
				}
			}
		}
	}
	one.HostName, one.Pos, one.Nullable = e.local, e.pos, e.nillable || one.Nullable
	return one
}

// scalar is the type of a single value.
func scalar(s *simple) *transforms.Type {
	out := &transforms.Type{
		MaxLength: transforms.Unbounded, MaxItems: transforms.Unbounded, Digits: transforms.Unbounded, Scale: transforms.Unbounded,
		Signed: true, Picture: s.name, Ref: s,
	}
	if s.list != nil {
		out.Shape, out.Items = transforms.ArrayShape, scalar(s.list)
		out.MinItems, out.MaxItems = s.minLength, s.maxLength
		return out
	}
	switch s.kind {
	case kindBool:
		out.Shape = transforms.BoolShape
	case kindInteger, kindDecimal:
		if s.asText {
			out.Shape = transforms.StringShape
			break
		}
		out.Shape, out.Integer = transforms.NumberShape, s.kind == kindInteger
		out.Minimum, out.Maximum, out.Signed = s.min, s.max, s.min == "" || s.min[0] == '-'
		if s.fractionDigits >= 0 {
			out.Scale = s.fractionDigits
		}
		if s.totalDigits >= 0 {
			out.Digits = s.totalDigits
			limit := limitOf(max(s.totalDigits-max(s.fractionDigits, 0), 1), s.fractionDigits)
			if out.Maximum == "" {
				out.Maximum = limit
			}
			if out.Minimum == "" {
				out.Minimum = "-" + limit
			}
		}
	case kindFloat: // its text is decimal: it is moved as it is, like any number
		if s.asText {
			out.Shape = transforms.StringShape
			break
		}
		out.Nullable = s.nonFinite == nonFiniteNull
		out.Shape, out.Minimum, out.Maximum = transforms.NumberShape, s.min, s.max
	case kindString:
		out.Shape, out.MinLength, out.MaxLength = transforms.StringShape, s.minLength, s.maxLength
	case kindBase64, kindSwaRef:
		out.Shape, out.Format = transforms.StringShape, "byte"
	default:
		out.Shape = transforms.StringShape
	}
	for _, e := range s.enums {
		if json, code, _ := s.appendJSON(nil, e); code == "" {
			out.Enum = append(out.Enum, string(json))
		}
	}
	return out
}

// limitOf is the largest number with so many digits.
func limitOf(whole, fraction int) string {
	out := strings.Repeat("9", whole)
	if fraction > 0 {
		out += "." + strings.Repeat("9", fraction)
	}
	return out
}
