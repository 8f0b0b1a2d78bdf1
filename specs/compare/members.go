// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"
)

// members compares the members of objects.
func (w *walk) members(path string, a, b *flat) {
	names := w.names(a)
	for _, name := range w.names(b) {
		names = addNew(names, name)
	}
	for _, name := range names {
		w.property(path+"/"+pointerStep(name), name, a, b)
	}
	w.patterned(path, a, b)
	w.needed(path, a, b)
	w.namesOf(path, a, b)
	switch r := w.relation(w.others(a), w.others(b)); {
	case r == relation{}:
	case r.narrows && !r.widens:
		w.change(path, a, b, r, "additional-narrowed", "fewer members without a name are allowed (additionalProperties)")
	case r.widens && !r.narrows:
		w.change(path, a, b, r, "additional-widened", "more members without a name are allowed (additionalProperties)")
	default:
		w.change(path, a, b, r, "additional-changed", "the schema of members without a name has changed (additionalProperties)")
	}
}

// pointerStep writes a name as a step of a JSON pointer.
func pointerStep(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func (w *walk) property(path, name string, a, b *flat) {
	ca, inA := w.member(a, name)
	cb, inB := w.member(b, name)
	needA, needB := slices.Contains(a.required, name) && !w.hiddenIn(a, name), slices.Contains(b.required, name) && !w.hiddenIn(b, name)
	switch {
	case inA && !inB:
		w.removed(path, a, b, ca, cb, needA)
	case inB && !inA:
		w.added(path, a, b, ca, cb, needB)
	}
	switch {
	case needB && !needA && (inA || !inB): // of a new one it was said
		w.change(path, a, b, relation{narrows: true}, "property-required", "the member is required now")
	case needA && !needB && (inB || !inA):
		w.change(path, a, b, relation{widens: true}, "property-optional", "the member may be missing now")
	}
	if inA != inB {
		return
	}
	if inA || a.expects(name) || b.expects(name) || w.hiddenIn(a, name) || w.hiddenIn(b, name) {
		w.conj(path, ca, cb)
	}
}

// hiddenIn reports whether a schema has the member only for the other direction.
func (w *walk) hiddenIn(f *flat, name string) bool {
	for _, part := range f.objects {
		for _, p := range part.Properties {
			if p.Name == name && w.hidden(p.Schema) {
				return true
			}
		}
	}
	return false
}

// removed reports a member that has no name any more. Callers read what they are given: in answers it
// breaks them although they may have known that it can be missing.
func (w *walk) removed(path string, a, b *flat, ca, cb *conj, needed bool) {
	d := difference{path: path, rule: "property-removed", message: "the member is gone", old: a.pos, now: b.pos}
	if len(ca.all) > 0 {
		d.old = ca.pos()
	}
	r := w.relation(ca, cb)
	d.narrows, d.widens = r.narrows, r.widens || needed
	d.means = !w.request && len(w.alternatives(ca)) > 0
	d.review = w.request && !d.narrows
	w.add(d)
}

func (w *walk) added(path string, a, b *flat, ca, cb *conj, needed bool) {
	d := difference{path: path, rule: "property-added", message: "the member is new", old: a.pos, now: b.pos}
	if len(cb.all) > 0 {
		d.now = cb.pos()
	}
	r := w.relation(ca, cb)
	d.narrows, d.widens = r.narrows || needed, r.widens
	if needed {
		d.message = "the member is new and required"
		if !w.request {
			d.message = "the member is new and always there"
		}
	}
	w.add(d)
}

// patterned compares patternProperties: equal patterns by their schemas. What another pattern covers is
// not decided.
func (w *walk) patterned(path string, a, b *flat) {
	was, is := patternsOf(a), patternsOf(b)
	if !slices.Equal(was, is) {
		missing := func(from, in []string) bool {
			return slices.ContainsFunc(from, func(s string) bool { return !slices.Contains(in, s) })
		}
		if missing(was, is) || missing(is, was) {
			w.change(path, a, b, relation{true, true}, "pattern-properties-changed", "patternProperties was %s and is %s", orNone(was), orNone(is))
			return
		}
	}
	for _, pattern := range was {
		w.conj(path+"/*", w.patternMember(a, pattern), w.patternMember(b, pattern))
	}
}

func patternsOf(f *flat) []string {
	var out []string
	for _, part := range f.objects {
		for _, p := range part.PatternProperties {
			out = addNew(out, p.Name)
		}
	}
	slices.Sort(out)
	return out
}

func (w *walk) patternMember(f *flat, pattern string) *conj {
	out := w.schemas.conj()
	for _, part := range f.objects {
		for _, p := range part.PatternProperties {
			if p.Name == pattern {
				out = w.schemas.conj(append(slices.Clone(out.all), p.Schema)...)
			}
		}
	}
	return out
}
