// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lintel/transforms/copybook"
)

// edge is a point in which GnuCOBOL and we are known to differ. What an edge describes is not drawn,
// and TestEdges proves that the difference is still there.
type edge struct {
	name string
	// ours is true where Lintel is wrong and GnuCOBOL right.
	ours bool
	// plays are the dialects it is for; none means all.
	plays []string
	// what happens, and why we do otherwise.
	what string
	// item and layout tell whether the edge is touched; layout sees records that are laid out.
	item   func(it *item) bool
	layout func(l *layout) bool
	// proof is a copybook that shows the edge; check is what fails with it, "refused" if cobc does not take it, or
	// empty where there is nothing to show.
	proof, check string
}

func (e *edge) applies(p *play) bool { return len(e.plays) == 0 || slices.Contains(e.plays, p.name) }

// touchesItem tells that a field is not to be drawn.
func touchesItem(p *play, it *item) bool {
	for _, e := range edges() {
		if e.applies(p) && e.item != nil && e.item(it) {
			return true
		}
	}
	return false
}

// touchesLayout names the edge that a laid out record touches, or nothing.
func touchesLayout(p *play, l *layout) string {
	for _, e := range edges() {
		if e.applies(p) && e.layout != nil && e.layout(l) {
			return e.name
		}
	}
	return ""
}

// TestEdges proves that each edge is still there: one that is gone leaves the list, and what it kept
// from being drawn is compared from then on.
func TestEdges(t *testing.T) {
	needCOBOL(t)
	for _, e := range edges() {
		if e.proof == "" {
			continue
		}
		for _, p := range plays() {
			if !e.applies(&p) {
				continue
			}
			t.Run(e.name+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				proveEdge(t, &e, &p)
			})
			if len(e.plays) == 0 {
				break // one dialect is proof enough
			}
		}
	}
}

func proveEdge(t *testing.T, e *edge, p *play) {
	l, err := layoutOf(p, e.proof)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := compare(t, p, []*layout{l}, roundsOf)
	if err != nil {
		if e.check == "refused" && strings.Contains(err.Error(), "error:") || e.check == "output" && errors.Is(err, errOutput) {
			return
		}
		t.Fatal(err)
	}
	for _, f := range failures {
		if f.check == e.check {
			return
		}
		t.Errorf("%s differs: %s", f.check, f.detail)
	}
	t.Errorf("the edge is gone: %s no longer fails, so take it off the list\n%s", e.check, e.proof)
}

// layoutOf makes a layout of the text of a copybook: what drawLayout draws, but written by hand.
func layoutOf(p *play, text string) (*layout, error) {
	l := &layout{seed: 1, play: p, text: fixedForm(text)}
	c, err := compileText(l, p)
	if err != nil {
		return nil, err
	}
	l.root = itemOf(nil, c, map[*copybook.Item]*item{})
	l.root.cut = p.cut
	return l, nil
}

func fixedForm(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		b.WriteString("       " + line + "\n")
	}
	return b.String()
}

func compileText(l *layout, p *play) (*copybook.Item, error) {
	book, findings := copybook.Parse("EDGE.cpy", []byte(l.text), copybook.Options{
		Dialect: p.dialect, Format: copybook.Fixed, DecimalComma: p.comma,
	})
	if book == nil {
		return nil, &findings
	}
	return book.Records[0], nil
}

// itemOf makes our model of an item of the copybook reader.
func itemOf(parent *item, c *copybook.Item, known map[*copybook.Item]*item) *item {
	it := &item{
		level: c.Level, name: c.Name, filler: c.Filler, parent: parent, pic: c.Picture, digits: c.Digits, scale: c.Scale,
		signed: c.Signed, fullRange: c.FullRange && (c.Usage == copybook.Native || strings.HasPrefix(c.Picture, "X")), justified: c.Justified, letters: c.Category == copybook.Alphabetic,
		clauses: []string{c.UsageClause}, laid: c, redefines: known[c.Redefines],
	}
	known[c] = it
	if c.Synchronized {
		it.clauses = append(it.clauses, "SYNC")
	}
	if c.Pic != nil {
		it.digits -= c.Pic.LeadingP + c.Pic.TrailingP
	}
	switch c.Category {
	case copybook.Group:
		it.kind = group
	case copybook.Numeric:
		it.kind = number
	case copybook.NumericEdited:
		it.kind = edited
	case copybook.AlphanumericEdited:
		it.kind = textEdited
	case copybook.Alphabetic, copybook.Alphanumeric:
		it.kind = text
	case copybook.FloatEdited:
		it.kind = opaque
	default:
		it.kind = map[copybook.Usage]kind{copybook.Native: number, copybook.Float: float}[c.Usage]
		if it.kind == group {
			it.kind = opaque
		}
	}
	if o := c.Occurs; o != nil {
		it.occurs = &occurs{min: o.Min, max: o.Max}
		if o.DependingOn != nil {
			it.occurs.counter = known[o.DependingOn]
			it.occurs.counter.counterFor = it
		}
	}
	for _, k := range c.Children {
		it.kids = append(it.kids, itemOf(it, k, known))
	}
	return it
}
