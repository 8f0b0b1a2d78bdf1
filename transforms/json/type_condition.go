// SPDX-License-Identifier: Apache-2.0

package json

import (
	"reflect"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// conditions narrows v by what holds under a condition: the condition and then, or else; a schema that depends on
// a member, or nothing.
func (b *typeBuilder) conditions(v *view, s *specs.Schema, depth int) {
	if s.If != nil {
		held := b.view(s.If, depth+1).clone()
		held.narrow(b, b.view(s.Then, depth+1))
		b.eitherOf(v, s, held, b.view(s.Else, depth+1).clone())
	}
	for _, d := range s.DependentSchemas {
		b.eitherOf(v, s, b.view(d.Schema, depth+1).clone(), openView())
	}
}

// eitherOf narrows v, the view of s, by two alternatives; one that nothing fits is none. A condition without a type
// does not make an object of the value: a text meets it too.
func (b *typeBuilder) eitherOf(v *view, s *specs.Schema, one, other *view) {
	one.kinds, other.kinds = one.stated, other.stated
	switch {
	case other.kinds == 0:
	case one.kinds == 0:
		one = other
	default:
		one.widen(b, other, b.merged[s])
	}
	if one.kinds != 0 {
		v.narrow(b, one)
	}
}

// withNeeded lists the members that must be there: those that are asked for, and those that must be there beside them.
func withNeeded(s *specs.Schema) []string {
	out := s.Required
	for range s.DependentRequired {
		before := len(out)
		for _, d := range s.DependentRequired {
			if slices.Contains(out, d.Name) {
				out = union(out, d.Names)
			}
		}
		if len(out) == before {
			break
		}
	}
	return out
}

// items gives the schema that holds for every item; nil if nothing is known of some.
func (b *typeBuilder) items(s *specs.Schema) *specs.Schema {
	if len(s.PrefixItems) == 0 {
		return s.Items
	}
	if t, ok := b.tuples[s]; ok {
		return t
	}
	list := slices.Clone(s.PrefixItems)
	switch {
	case s.Items == nil && (s.MaxItems < 0 || s.MaxItems > len(list)):
		list = append(list, nil)
	case s.Items != nil && !s.Items.Never:
		list = append(list, s.Items)
	}
	if slices.Contains(list, nil) {
		return nil
	}
	t := list[0]
	if slices.ContainsFunc(list, func(o *specs.Schema) bool { return o != t }) {
		t = anything()
		t.Pos, t.AnyOf = s.Pos, list
	}
	b.tuples[s] = t
	return t
}

// closes tells that unevaluatedProperties: false leaves only members that have names in s.
func closes(s *specs.Schema, depth int) bool {
	return s.UnevaluatedProperties != nil && s.UnevaluatedProperties.Never && !opens(s, depth)
}

// opens tells that a schema in place lets in members without names.
func opens(s *specs.Schema, depth int) bool {
	switch {
	case s == nil:
		return false
	case depth > maxMerge, len(s.PatternProperties) > 0, s.Additional != nil && !s.Additional.Never,
		depth > 0 && s.UnevaluatedProperties != nil && !s.UnevaluatedProperties.Never:
		return true
	}
	inPlace := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*specs.Schema{s.If, s.Then, s.Else})
	for _, d := range s.DependentSchemas {
		inPlace = append(inPlace, d.Schema)
	}
	return slices.ContainsFunc(inPlace, func(sub *specs.Schema) bool { return opens(sub, depth+1) })
}

// chosenBy tells the members that a condition asks for by which values of one member they are there, where the
// condition is about nothing else: if kind is card, then number is required. Conditions of allOf count as well.
func (b *typeBuilder) chosenBy(t *transforms.Type, s *specs.Schema, v *view, depth int) {
	if s == nil || depth > maxMerge {
		return
	}
	if name, values, ok := decides(s.If); ok {
		if by := t.Member(name); by != nil {
			b.choose(t, by, s.Then, values)
			if i := v.member(name); i >= 0 {
				if all, known := texts(b.view(v.members[i].schema, 1).enum); known {
					b.choose(t, by, s.Else, slices.DeleteFunc(all, func(text string) bool { return slices.Contains(values, text) }))
				}
			}
		}
	}
	for _, part := range s.AllOf {
		b.chosenBy(t, part, v, depth+1)
	}
}

// choose notes the values of by for the members that s asks for.
func (b *typeBuilder) choose(t, by *transforms.Type, s *specs.Schema, values []string) {
	if s == nil {
		return
	}
	for _, name := range b.view(s, 1).required {
		if m := t.Member(name); m != nil && m != by && m.Optional && (m.Chooser == nil || m.Chooser == by) {
			m.Chooser, m.ChosenBy = by, union(m.ChosenBy, values)
		}
	}
}

// decides tells that a condition holds for an object whose member has one of some values, whatever else is in it.
func decides(s *specs.Schema) (name string, values []string, ok bool) {
	if s == nil || len(s.Properties) != 1 {
		return "", nil, false
	}
	p := s.Properties[0]
	if p.Schema == nil || slices.ContainsFunc(s.Required, func(r string) bool { return r != p.Name }) ||
		len(s.Types) > 0 && !slices.Contains(s.Types, "object") || len(p.Schema.Types) > 0 {
		return "", nil, false
	}
	condition, value := plain(s), plain(p.Schema)
	condition.Properties, condition.Required, condition.Types = s.Properties, s.Required, s.Types
	value.Enum, value.Const = p.Schema.Enum, p.Schema.Const
	if !reflect.DeepEqual(condition, s) || !reflect.DeepEqual(value, p.Schema) {
		return "", nil, false
	}
	list := value.Enum
	if value.Const != nil && list == nil {
		list = []string{*value.Const}
	}
	values, ok = texts(list)
	return p.Name, values, ok
}

// plain is a schema that asks for nothing and is called as s is.
func plain(s *specs.Schema) *specs.Schema {
	p := anything()
	p.Name, p.Title, p.Description, p.Pos = s.Name, s.Title, s.Description, s.Pos
	return p
}

// texts gives JSON texts and whole numbers as conditions of transforms write them; ok is false for other values, and
// where there is no list.
func texts(list []string) (out []string, ok bool) {
	for _, v := range list {
		switch {
		case strings.HasPrefix(v, `"`):
			out = append(out, string(unquote(nil, []byte(v))))
		case v != "" && strings.Trim(v, "0123456789") == "":
			out = append(out, v)
		default:
			return nil, false
		}
	}
	return out, len(list) > 0
}
