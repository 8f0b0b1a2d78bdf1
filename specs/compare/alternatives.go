// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"
)

// alternativesOf compares two conjunctions by their alternatives: each one of the old must be within one
// of the new, or something is not accepted any more, and the other way round.
func (w *walk) alternativesOf(path string, ca, cb *conj) {
	a, b := w.alternatives(ca), w.alternatives(cb)
	if (slices.ContainsFunc(a, isOpaque) || slices.ContainsFunc(b, isOpaque)) && identicalAll(ca.all, cb.all) {
		return
	}
	switch {
	case len(a) == 0 && len(b) == 0:
	case len(a) == 0:
		w.add(difference{path: path, rule: "allowed", message: "a value is allowed now; none was", widens: true, old: ca.pos(), now: cb.pos()})
	case len(b) == 0:
		w.add(difference{path: path, rule: "forbidden", message: "no value is allowed any more", narrows: true, old: ca.pos(), now: cb.pos()})
	case len(a) == 1 && len(b) == 1:
		w.flat(path, a[0], b[0])
	default:
		w.unions(path, a, b)
	}
}

func (w *walk) unions(path string, a, b []*flat) {
	ofA, ofB := partners(a, b), partners(b, a)
	var lost, gained bool
	risky := w.overlap(b) // what fits one alternative of oneOf may fit another one too
	for i, f := range a {
		if slices.ContainsFunc(b, func(g *flat) bool { return (f.exclusive || !g.exclusive || !risky) && !w.flats(f, g).narrows }) {
			continue
		}
		lost = true
		if k := ofA[i]; k >= 0 {
			w.one(path, f, b[k], func(r relation) bool { return r.narrows })
			continue
		}
		w.alone(path, f, b[0], relation{narrows: true})
	}
	for i, g := range b {
		if slices.ContainsFunc(a, func(f *flat) bool { return !w.flats(f, g).widens }) {
			continue
		}
		gained = true
		if k := ofB[i]; k >= 0 {
			w.one(path, a[k], g, func(r relation) bool { return r.widens })
			continue
		}
		w.alone(path, a[0], g, relation{widens: true})
	}
	w.overlaps(path, a, b, relation{narrows: lost, widens: gained})
}

// alone reports an alternative of before that has no partner now, or the other way round.
func (w *walk) alone(path string, was, is *flat, r relation) {
	more := "less"
	if r.widens {
		more = "more"
	}
	switch before, now := was.conditions(), is.conditions(); {
	case now > before:
		w.change(path, was, is, r, "condition-added", "a condition is new (if, dependentSchemas): %s is allowed", more)
	case before > now:
		w.change(path, was, is, r, "condition-removed", "a condition is gone (if, dependentSchemas): %s is allowed", more)
	case r.narrows:
		w.change(path, was, is, r, "alternative-removed", "the alternative%s is gone", was.called())
	default:
		w.change(path, was, is, r, "alternative-added", "the alternative%s is new", is.called())
	}
}

func isOpaque(f *flat) bool { return f.opaque }

// called names an alternative, if it has a name.
func (f *flat) called() string {
	if len(f.branch) == 0 {
		return ""
	}
	return " " + strings.ReplaceAll(strings.Join(f.branch, " "), conditional, "")
}

// partners finds for each alternative the one of the other list that it was or became: by its name, or
// by its place where both lists are as long; -1 if there is none.
func partners(a, b []*flat) []int {
	out := make([]int, len(a))
	for i, f := range a {
		out[i] = -1
		if len(f.branch) > 0 {
			out[i] = slices.IndexFunc(b, func(g *flat) bool { return slices.Equal(f.branch, g.branch) })
		}
		if out[i] < 0 && len(a) == len(b) && len(b[i].branch) == 0 {
			out[i] = i
		}
	}
	return out
}

// flats is the relation of two alternatives, without a report.
func (w *walk) flats(f, g *flat) relation {
	q := &walk{schemas: w.schemas, open: w.open, quiet: true}
	q.flat("", f, g)
	w.assumed = w.assumed || q.assumed
	return q.rel
}

// one reports those differences of two alternatives that matter in one direction.
func (w *walk) one(path string, f, g *flat, matters func(relation) bool) {
	q := &walk{schemas: w.schemas, open: w.open}
	q.flat(path, f, g)
	w.assumed = w.assumed || q.assumed
	for _, d := range q.out {
		if r := (relation{d.narrows, d.widens}); matters(r) {
			if matters(relation{narrows: true}) { // the other direction has its own turn
				d.widens = false
			} else {
				d.narrows = false
			}
			w.add(d)
		}
	}
}

// overlaps looks after oneOf, where a value that holds in two alternatives is refused: what makes an
// alternative wider may then refuse values, and what makes it narrower may accept some.
func (w *walk) overlaps(path string, a, b []*flat, changed relation) {
	if changed.widens && w.overlap(b) {
		w.change(path, a[0], b[0], relation{narrows: true}, "alternatives-overlap", "the alternatives of oneOf may overlap: a value that fits two of them is refused")
	}
	if changed.narrows && w.overlap(a) {
		// What is allowed then fitted two alternatives of before: callers know its form.
		w.add(difference{path: path, rule: "alternatives-overlap", message: "the alternatives of oneOf may have overlapped: a value that fitted two of them may be allowed now", review: true, old: a[0].pos, now: b[0].pos})
	}
}

// overlap reports whether two alternatives of oneOf may hold for the same value.
func (w *walk) overlap(list []*flat) bool {
	for i, f := range list {
		for _, g := range list[i+1:] {
			if f.exclusive && g.exclusive && !w.disjoint(f, g, 0) {
				return true
			}
		}
	}
	return false
}

// disjoint reports whether it is certain that no value holds in both.
func (w *walk) disjoint(f, g *flat, depth int) bool {
	common := f.types & g.types
	switch {
	case common == 0:
		return true
	case f.listed:
		return !slices.ContainsFunc(f.values, func(v string) bool { return g.contains(v) != no })
	case g.listed:
		return !slices.ContainsFunc(g.values, func(v string) bool { return f.contains(v) != no })
	case common&^(integerType|fractionType) == 0:
		return f.low.above(g.high) || g.low.above(f.high)
	case common != objectType || depth > 3:
		return false
	}
	for _, name := range append(slices.Clone(f.required), g.required...) {
		x, _ := w.member(f, name)
		y, _ := w.member(g, name)
		if w.apart(x, y, depth+1) {
			return true
		}
	}
	return false
}

// apart reports whether it is certain that two members have no value in common; a member that one of the
// two always has and the other never is one of them.
func (w *walk) apart(x, y *conj, depth int) bool {
	for _, f := range w.alternatives(x) {
		for _, g := range w.alternatives(y) {
			if !w.disjoint(f, g, depth) {
				return false
			}
		}
	}
	return true
}
