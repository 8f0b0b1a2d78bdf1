// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// flat compares two schemas without alternatives.
func (w *walk) flat(path string, a, b *flat) {
	if a == b {
		return
	}
	if a.opaque || b.opaque {
		w.change(path, a, b, relation{true, true}, "undecided", "the schema has too many alternatives to be compared")
		return
	}
	w.notsOf(path, a, b)
	if w.valuesOf(path, a, b) {
		return
	}
	w.typesOf(path, a, b)
	common := a.types & b.types
	if common&stringType != 0 {
		w.texts(path, a, b)
	}
	if common&(integerType|fractionType) != 0 {
		w.numbers(path, a, b)
	}
	if common&arrayType != 0 {
		w.count(path, a, b, "minItems", a.minItems, b.minItems, true)
		w.count(path, a, b, "maxItems", a.maxItems, b.maxItems, false)
		if a.unique != b.unique {
			w.change(path, a, b, relation{narrows: b.unique, widens: a.unique}, "unique-items-changed", "uniqueItems was %t and is %t", a.unique, b.unique)
		}
		w.items(path, a, b)
	}
	if common&objectType != 0 {
		w.count(path, a, b, "minProperties", a.minMembers, b.minMembers, true)
		w.count(path, a, b, "maxProperties", a.maxMembers, b.maxMembers, false)
		w.members(path, a, b)
	}
	w.leftOver(path, a, b)
}

func (w *walk) typesOf(path string, a, b *flat) {
	if a.types == b.types {
		return
	}
	r := relation{narrows: a.types&^b.types != 0, widens: b.types&^a.types != 0}
	rule := "type-changed"
	if (a.types^b.types)&^nullType == 0 {
		rule = "nullable-changed"
	}
	was, is := a.types.String(), b.types.String()
	if a.types == allTypes {
		was = "anything"
	}
	if b.types == allTypes {
		is = "anything"
	}
	w.change(path, a, b, r, rule, "the type was %s and is %s", was, is)
}

func (w *walk) texts(path string, a, b *flat) {
	w.count(path, a, b, "minLength", a.minLength, b.minLength, true)
	w.count(path, a, b, "maxLength", a.maxLength, b.maxLength, false)
	w.words(path, a, b, "pattern", a.patterns, b.patterns)
	w.words(path, a, b, "format", a.formats, b.formats)
}

// words compares lists of which every entry must hold.
func (w *walk) words(path string, a, b *flat, what string, was, is []string) {
	if slices.Equal(was, is) {
		return
	}
	missing := func(from, in []string) bool {
		return slices.ContainsFunc(from, func(s string) bool { return !slices.Contains(in, s) })
	}
	w.change(path, a, b, relation{narrows: missing(is, was), widens: missing(was, is)}, what+"-changed", "%s was %s and is %s", what, orNone(was), orNone(is))
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, " and ")
}

func (w *walk) numbers(path string, a, b *flat) {
	low, high := a.low, a.high
	if a.types&fractionType == 0 != (b.types&fractionType == 0) { // only the whole ones are common
		low, high = low.whole(true), high.whole(false)
		bl, bh := b.low.whole(true), b.high.whole(false)
		w.bound(path, a, b, "minimum", low, bl, true)
		w.bound(path, a, b, "maximum", high, bh, false)
	} else {
		w.bound(path, a, b, "minimum", low, b.low, true)
		w.bound(path, a, b, "maximum", high, b.high, false)
	}
	if r := multiplesOf(a, b); r != (relation{}) {
		w.change(path, a, b, r, "multiple-changed", "multipleOf was %s and is %s", orNone(a.multiples), orNone(b.multiples))
	}
}

func (w *walk) bound(path string, a, b *flat, what string, was, is bound, least bool) {
	if r := was.against(is, least); r != (relation{}) {
		w.change(path, a, b, r, what+"-changed", "%s was %s and is %s", what, was, is)
	}
}

// count compares two limits of a number of things; of an upper one -1 means none.
func (w *walk) count(path string, a, b *flat, what string, was, is int, least bool) {
	if was == is {
		return
	}
	more := is > was
	if !least {
		more = was < 0 || is >= 0 && is < was
	}
	show := func(n int) string {
		if n < 0 {
			return "none"
		}
		return fmt.Sprint(n)
	}
	w.change(path, a, b, relation{narrows: more, widens: !more}, kebab(what)+"-changed", "%s was %s and is %s", what, show(was), show(is))
}

// kebab writes maxLength as max-length.
func kebab(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// notsOf compares what must not hold, where the direction is turned around: what is forbidden now must
// have been forbidden before.
func (w *walk) notsOf(path string, a, b *flat) {
	r := relation{narrows: w.forbids(b, a), widens: w.forbids(a, b)}
	if r != (relation{}) {
		w.change(path, a, b, r, "not-changed", "what must not hold (not) has changed")
	}
}

// forbids reports whether f may forbid something that g does not.
func (w *walk) forbids(f, g *flat) bool {
	return slices.ContainsFunc(f.nots, func(x *specs.Schema) bool {
		return !slices.ContainsFunc(g.nots, func(y *specs.Schema) bool {
			return !w.plainly([]*specs.Schema{x}, []*specs.Schema{y}).narrows
		})
	})
}

// member is what a flat schema asks of a member; named tells that it has a name there.
func (s *schemas) member(f *flat, name string) (c *conj, named bool) {
	var list []*specs.Schema
	for _, part := range f.objects {
		found := false
		for _, p := range part.Properties {
			if p.Name == name {
				if s.hidden(p.Schema) {
					return s.nothing(), false
				}
				list, found = append(list, p.Schema), true
			}
		}
		for _, p := range part.PatternProperties {
			if matches(p.Name, name) {
				list, found = append(list, p.Schema), true
			}
		}
		if !found && part.Additional != nil {
			list = append(list, part.Additional)
		}
		named = named || found
	}
	list = append(list, f.leftFor(name)...)
	if !named && s.closed(f) && !f.expects(name) {
		return s.nothing(), false
	}
	return s.conj(list...), named
}

// hidden reports whether a member is not among the documents of this direction: it is refused there.
func (s *schemas) hidden(m *specs.Schema) bool {
	if m == nil || s.lax {
		return false
	}
	if s.request && m.ReadOnly || !s.request && m.WriteOnly {
		return true
	}
	return slices.ContainsFunc(m.AllOf, func(o *specs.Schema) bool {
		return o != nil && (s.request && o.ReadOnly || !s.request && o.WriteOnly)
	})
}

// closed reports whether members that nobody named are refused although the contract does not say so: in
// requests, where a misspelled member must not be lost.
func (s *schemas) closed(f *flat) bool {
	named := false
	for _, part := range f.objects {
		if part.Additional != nil {
			return false
		}
		named = named || len(part.Properties) > 0 || len(part.PatternProperties) > 0
	}
	for _, o := range f.left {
		if o.UnevaluatedProperties != nil && !o.UnevaluatedProperties.Never {
			return false
		}
	}
	return s.request && named
}

// others is what members without a name must be.
func (s *schemas) others(f *flat) *conj {
	if s.closed(f) {
		return s.nothing()
	}
	var list []*specs.Schema
	for _, part := range f.objects {
		if part.Additional != nil {
			list = append(list, part.Additional)
		}
	}
	return s.conj(append(list, f.leftForOthers()...)...)
}

// names lists the members that a flat schema names or asks for, in the order written.
func (s *schemas) names(f *flat) []string {
	var out []string
	for _, part := range f.objects {
		for _, p := range part.Properties {
			out = addNew(out, p.Name)
		}
	}
	for _, name := range f.required {
		out = addNew(out, name)
	}
	for _, n := range f.needs {
		out = addNew(addNew(out, n.of), n.name)
	}
	return out
}
