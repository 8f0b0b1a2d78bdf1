// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"reflect"
	"slices"

	"lintel/specs"
)

// unevaluatedProperties looks at what its schema and those that apply in place leave over. As the ways of a flat
// schema are chosen, the members that these know are known too; only where several ways may hold at the same time
// (anyOf) are they not, and for items nobody keeps book. What is not known must be the same on both sides.

// decided tells that the members that o leaves over are known.
func decided(o *specs.Schema) bool {
	return o.UnevaluatedItems == nil && !slices.ContainsFunc(inPlace(o), func(m *specs.Schema) bool { return len(m.AnyOf) > 1 })
}

// inPlace lists o and what may apply to the same value because of it.
func inPlace(o *specs.Schema) []*specs.Schema {
	var out []*specs.Schema
	var add func(m *specs.Schema)
	add = func(m *specs.Schema) {
		if m == nil || slices.Contains(out, m) {
			return
		}
		out = append(out, m)
		for _, list := range [][]*specs.Schema{m.AllOf, m.AnyOf, m.OneOf, {m.If, m.Then, m.Else}} {
			for _, sub := range list {
				add(sub)
			}
		}
		for _, d := range m.DependentSchemas {
			add(d.Schema)
		}
	}
	add(o)
	return out
}

// leftFor are the schemas of a member that others leave over.
func (f *flat) leftFor(name string) []*specs.Schema {
	return f.leftover(func(m *specs.Schema) bool {
		return slices.ContainsFunc(m.Properties, func(p *specs.Property) bool { return p.Name == name }) ||
			slices.ContainsFunc(m.PatternProperties, func(p *specs.Property) bool { return matches(p.Name, name) })
	})
}

// leftForOthers are the schemas of members without a name.
func (f *flat) leftForOthers() []*specs.Schema {
	return f.leftover(func(*specs.Schema) bool { return false })
}

func (f *flat) leftover(knows func(*specs.Schema) bool) []*specs.Schema {
	var out []*specs.Schema
	for _, o := range f.left {
		if o.UnevaluatedProperties == nil {
			continue
		}
		known := slices.ContainsFunc(inPlace(o), func(m *specs.Schema) bool {
			return slices.Contains(f.seen, m) && (m.Additional != nil || m != o && m.UnevaluatedProperties != nil || knows(m))
		})
		if !known {
			out = append(out, o.UnevaluatedProperties)
		}
	}
	return out
}

// leftOver compares the schemas of which it is not known what they leave over.
func (w *walk) leftOver(path string, a, b *flat) {
	has := func(f *flat, o *specs.Schema) bool {
		return slices.ContainsFunc(f.left, func(m *specs.Schema) bool { return identical(o, m) })
	}
	lacks := func(f, g *flat) bool {
		return slices.ContainsFunc(f.left, func(o *specs.Schema) bool { return !decided(o) && !has(g, o) })
	}
	if lacks(a, b) || lacks(b, a) {
		w.change(path, a, b, relation{true, true}, "unevaluated-changed", "what is left over (unevaluatedProperties, unevaluatedItems) may have changed")
	}
}

// identical reports whether two schemas say the same in the same words; places and descriptions aside.
func identical(a, b *specs.Schema) bool {
	return identicalValues(reflect.ValueOf(a), reflect.ValueOf(b), map[[2]*specs.Schema]bool{})
}

func identicalAll(a, b []*specs.Schema) bool { return slices.EqualFunc(a, b, identical) }

func identicalValues(a, b reflect.Value, met map[[2]*specs.Schema]bool) bool {
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		if s, ok := a.Interface().(*specs.Schema); ok {
			pair := [2]*specs.Schema{s, b.Interface().(*specs.Schema)}
			if s == pair[1] || met[pair] {
				return true
			}
			met[pair] = true
		}
		return identicalValues(a.Elem(), b.Elem(), met)
	case reflect.Slice:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return false
		}
		for i := range a.Len() {
			if !identicalValues(a.Index(i), b.Index(i), met) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if !slices.Contains([]string{"Pos", "Title", "Description"}, name) && !identicalValues(a.Field(i), b.Field(i), met) {
				return false
			}
		}
		return true
	default:
		return a.Interface() == b.Interface()
	}
}
