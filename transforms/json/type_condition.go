// SPDX-License-Identifier: Apache-2.0

package json

import (
	"slices"

	"lintel/specs"
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
