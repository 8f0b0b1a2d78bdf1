// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// need asks for a member beside another. A member that only needs itself is asked for by nothing, but known.
type need struct{ of, name string }

// tidyNeeds makes members required that are needed by required ones, and drops needs that ask for nothing more.
func (f *flat) tidyNeeds() {
	for range f.needs {
		for _, n := range f.needs {
			if slices.Contains(f.required, n.of) {
				f.required = addNew(f.required, n.name)
			}
		}
	}
}

// expects tells that a member is asked for, or that something depends on it: it is known without a name.
func (f *flat) expects(name string) bool {
	return slices.Contains(f.required, name) ||
		slices.ContainsFunc(f.needs, func(n need) bool { return n.of == name || n.name == name })
}

// asksFor tells whether f asks for a member beside another.
func (w *walk) asksFor(f *flat, n need) bool {
	if n.of == n.name || w.hiddenIn(f, n.of) || w.hiddenIn(f, n.name) {
		return false
	}
	return slices.Contains(f.needs, n) || slices.Contains(f.required, n.name)
}

// needed compares which members are asked for beside others.
func (w *walk) needed(path string, a, b *flat) {
	for _, n := range b.needs {
		if w.asksFor(b, n) && !w.asksFor(a, n) && !slices.Contains(b.required, n.name) {
			w.change(path+"/"+pointerStep(n.name), a, b, relation{narrows: true}, "property-required-beside", "the member is required beside %s now", n.of)
		}
	}
	for _, n := range a.needs {
		if w.asksFor(a, n) && !w.asksFor(b, n) && !slices.Contains(a.required, n.name) {
			w.change(path+"/"+pointerStep(n.name), a, b, relation{widens: true}, "property-optional-beside", "the member may be missing beside %s now", n.of)
		}
	}
}

// namesOf compares what is asked of the names of members.
func (w *walk) namesOf(path string, a, b *flat) {
	if len(a.named)+len(b.named) == 0 {
		return
	}
	text := anything(a.pos)
	text.Types = []string{"string"}
	r := w.plainly(append([]*specs.Schema{text}, a.named...), append([]*specs.Schema{text}, b.named...))
	if r != (relation{}) {
		w.change(path, a, b, r, "property-names-changed", "what is asked of the names of members (propertyNames) has changed")
	}
}

// items compares the items of arrays: those of tuples by their places.
func (w *walk) items(path string, a, b *flat) {
	n := max(a.tuple(), b.tuple())
	for i := range n + 1 {
		if a.maxItems >= 0 && a.maxItems <= i || b.maxItems >= 0 && b.maxItems <= i {
			break
		}
		step := "/*"
		if i < n {
			step = fmt.Sprintf("/%d", i)
		}
		w.conj(path+step, w.schemas.conj(a.itemsAt(i)...), w.schemas.conj(b.itemsAt(i)...))
	}
	w.containsOf(path, a, b)
}

// tuple is how many of the first items have a schema of their own.
func (f *flat) tuple() int {
	n := 0
	for _, m := range f.arrays {
		n = max(n, len(m.PrefixItems))
	}
	return n
}

func (f *flat) itemsAt(i int) []*specs.Schema {
	var out []*specs.Schema
	for _, m := range f.arrays {
		out = append(out, m.ItemAt(i))
	}
	return out
}

// containsOf compares how many items must fit what.
func (w *walk) containsOf(path string, a, b *flat) {
	r := relation{narrows: w.counts(b, a), widens: w.counts(a, b)}
	if r != (relation{}) {
		w.change(path, a, b, r, "contains-changed", "%s and is now %s", "what some items must be (contains) was "+containsWords(a), containsWords(b))
	}
}

func containsWords(f *flat) string {
	if len(f.counted) == 0 {
		return "not said"
	}
	var words []string
	for _, c := range f.counted {
		text := fmt.Sprintf("at least %d", c.Min)
		if c.Max >= 0 {
			text += fmt.Sprintf(" and at most %d", c.Max)
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}

// counts reports whether f may refuse an array for the number of items that fit, which g does not.
func (w *walk) counts(f, g *flat) bool {
	within := func(x, y *specs.Contains) bool { // what fits x fits y
		return !w.plainly([]*specs.Schema{x.Schema}, []*specs.Schema{y.Schema}).narrows
	}
	return slices.ContainsFunc(f.counted, func(c *specs.Contains) bool {
		least := c.Min == 0 || slices.ContainsFunc(g.counted, func(o *specs.Contains) bool { return o.Min >= c.Min && within(o, c) })
		most := c.Max < 0 || slices.ContainsFunc(g.counted, func(o *specs.Contains) bool { return o.Max >= 0 && o.Max <= c.Max && within(c, o) })
		return !least || !most
	})
}
