// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// difference is one way in which two schemas differ.
type difference struct {
	// path leads to the value, as a JSON pointer with * for every item.
	path, rule, message string
	// narrows tells that something that was accepted is not any more, widens that something is accepted that
	// was not. Both may hold, and neither, for what decides nothing.
	narrows, widens bool
	// means tells that the same document means something else, review that it may.
	means, review bool
	old, now      specs.Pos
}

// schemas compares schemas in one direction and keeps what it learned.
type schemas struct {
	// request tells that the documents are those of callers: members that are only read are not among them,
	// and members that nobody named are refused.
	request bool
	// lax tells that schemas are taken by the plain meaning of JSON Schema alone: those that only decide something
	// (not, if, contains) are. plain are the schemas for that.
	lax     bool
	plain   *schemas
	conjs   map[string]*conj
	related map[pair]relation
	steps   int
}

// relation is what differences come to.
type relation struct{ narrows, widens bool }

type pair struct{ a, b *conj }

// maxSteps bounds the work on one pair of documents, maxDepth how deep it goes.
const (
	maxSteps = 50_000
	maxDepth = 48
)

func newSchemas(request bool) *schemas {
	return &schemas{request: request, conjs: map[string]*conj{}, related: map[pair]relation{}}
}

// laxly gives the schemas for the plain meaning.
func (s *schemas) laxly() *schemas {
	if s.lax {
		return s
	}
	if s.plain == nil {
		s.plain = newSchemas(false)
		s.plain.lax = true
	}
	return s.plain
}

// conj is the conjunction of schemas: a value must hold in all of them. One without schemas accepts
// everything. Equal ones are the same pointer.
type conj struct {
	all []*specs.Schema
	// none accepts nothing.
	none  bool
	flats []*flat
}

func (s *schemas) conj(list ...*specs.Schema) *conj {
	var all []*specs.Schema
	for _, m := range list {
		if m != nil && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	keys := make([]string, len(all))
	for i, m := range all {
		keys[i] = fmt.Sprintf("%p", m)
	}
	slices.Sort(keys)
	key := strings.Join(keys, " ")
	if c := s.conjs[key]; c != nil {
		return c
	}
	c := &conj{all: all}
	s.conjs[key] = c
	return c
}

// nothing is the conjunction that accepts nothing.
func (s *schemas) nothing() *conj {
	c := s.conjs["none"]
	if c == nil {
		c = &conj{none: true, flats: []*flat{}}
		s.conjs["none"] = c
	}
	return c
}

// pos is the place of the first schema.
func (c *conj) pos() specs.Pos {
	if len(c.all) == 0 {
		return specs.Pos{}
	}
	return c.all[0].Pos
}

// differences compares two schemas.
func (s *schemas) differences(a, b *specs.Schema) []difference {
	s.steps, s.plain = 0, nil
	w := &walk{schemas: s, open: map[pair]bool{}}
	w.conj("", s.conj(a), s.conj(b))
	return w.out
}

// walk collects the differences of one pair. open are the pairs on the way: a pair that comes again
// below itself holds as far as the others do.
type walk struct {
	*schemas
	open map[pair]bool
	out  []difference
	// quiet tells that only the relation matters.
	quiet bool
	rel   relation
	// assumed tells that the relation rests on a pair that is still open.
	assumed bool
}

func (w *walk) add(d difference) {
	w.rel.narrows = w.rel.narrows || d.narrows
	w.rel.widens = w.rel.widens || d.widens
	if !w.quiet {
		w.out = append(w.out, d)
	}
}

// change adds a difference between two flat schemas.
func (w *walk) change(path string, a, b *flat, r relation, rule, format string, args ...any) {
	w.add(difference{path: path, rule: rule, message: fmt.Sprintf(format, args...), narrows: r.narrows, widens: r.widens, old: a.pos, now: b.pos})
}

// relation compares two conjunctions without a report. Pairs that are open on the way are taken as given.
func (w *walk) relation(a, b *conj) relation {
	if a == b {
		return relation{}
	}
	p := pair{a, b}
	if r, ok := w.related[p]; ok {
		return r
	}
	q := &walk{schemas: w.schemas, open: w.open, quiet: true}
	q.conj("", a, b)
	if !q.assumed {
		w.related[p] = q.rel
	}
	w.assumed = w.assumed || q.assumed
	return q.rel
}

// plainly is the relation of two conjunctions by their plain meaning.
func (w *walk) plainly(a, b []*specs.Schema) relation {
	s := w.laxly()
	q := &walk{schemas: s, open: w.open, quiet: true}
	r := q.relation(s.conj(a...), s.conj(b...))
	w.assumed = w.assumed || q.assumed
	return r
}

func (w *walk) conj(path string, a, b *conj) {
	if a == b {
		return
	}
	p := pair{a, b}
	if w.open[p] {
		w.assumed = true
		return
	}
	if w.steps++; w.steps > maxSteps || len(w.open) > maxDepth {
		w.add(difference{path: path, rule: "undecided", message: "the schemas are too large to be compared", narrows: true, widens: true, old: a.pos(), now: b.pos()})
		return
	}
	w.open[p] = true
	defer delete(w.open, p)
	w.alternativesOf(path, a, b)
	w.meaning(path, a, b)
}

// meaning compares what decides nothing about which documents are accepted.
func (w *walk) meaning(path string, a, b *conj) {
	if len(a.all) != 1 || len(b.all) != 1 || !w.request {
		return
	}
	x, y := a.all[0], b.all[0]
	if equalJSON(x.Default, y.Default) {
		return
	}
	d := difference{path: path, rule: "default-changed", old: x.Pos, now: y.Pos}
	switch {
	case x.Default == "":
		d.review, d.message = true, fmt.Sprintf("an absent value stands for %s now", y.Default)
	case y.Default == "":
		d.review, d.message = true, fmt.Sprintf("an absent value does not stand for %s any more", x.Default)
	default:
		d.means, d.message = true, fmt.Sprintf("an absent value stood for %s and stands for %s", x.Default, y.Default)
	}
	w.add(d)
}
