// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"lintel/transforms/record"
)

// drawer draws one record.
type drawer struct {
	*rand.Rand
	play  *play
	names int
	// fields that may still be drawn.
	fields int
	// sync allows SYNCHRONIZED, and then no item stands behind a table of variable length.
	sync bool
	// fixed records have no table of variable length.
	fixed bool
	// odo counts tables with DEPENDING ON.
	odo int
}

// drawLayout draws the record with that number; the same seed gives the same record.
func drawLayout(p *play, number int, seed uint64) *layout {
	r := rand.New(rand.NewPCG(seed, 0x1A7E1))
	d := &drawer{Rand: r, play: p, fields: 2 + r.IntN(9)}
	d.sync, d.fixed = r.IntN(2) == 0, r.IntN(3) == 0
	root := &item{level: 1, name: "REC", prefix: fmt.Sprintf("L%04d-", number), cut: p.cut}
	l := &layout{number: number, seed: seed, root: root, play: p}
	for d.fields > 0 {
		d.fill(root, root, 1+d.IntN(4))
	}
	if d.sync && !d.fixed {
		d.lastTable(root)
	}
	return l
}

// chance is true in percent of the cases.
func (d *drawer) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d *drawer, of ...T) T { return of[d.IntN(len(of))] }

func (d *drawer) named(letter string) string {
	d.names++
	return fmt.Sprintf("%s%02d", letter, d.names)
}

// add hangs an item under a group.
func (d *drawer) add(to, it *item) *item {
	it.parent = to
	it.level = to.level + 1 + d.IntN(4)
	if len(to.kids) > 0 {
		it.level = to.kids[0].level
	}
	to.kids = append(to.kids, it)
	return it
}

// fill adds up to n members to a group.
func (d *drawer) fill(root, to *item, n int) {
	deep := depth(to) >= 5
	for range n {
		if d.fields <= 0 && len(to.kids) > 0 {
			return
		}
		switch c := d.IntN(100); {
		case c < 8:
			d.filler(to)
		case c < 20 && !deep:
			d.subgroup(root, to)
		case c < 34 && !deep && len(to.tables()) < 3:
			d.table(root, to)
		case c < 44 && !deep:
			d.block(to)
		case c < 54 && !deep && !d.sync && !d.fixed && d.odo < 2:
			d.variable(root, to)
		default:
			d.elementary(to)
		}
	}
	if !hasField(to) {
		d.elementary(to)
	}
}

func hasField(g *item) bool {
	found := false
	g.each(func(it *item) { found = found || !it.isGroup() && !it.filler })
	return found
}

func depth(it *item) int {
	n := 0
	for x := it.parent; x != nil; x = x.parent {
		n++
	}
	return n
}

func (d *drawer) filler(to *item) {
	d.add(to, &item{name: d.named("X"), filler: true, kind: text, pic: fmt.Sprintf("X(%d)", 1+d.IntN(5))})
}

func (d *drawer) subgroup(root, to *item) {
	g := d.add(to, &item{name: d.named("G")})
	g.filler = d.chance(15)
	if d.chance(25) {
		d.uniform(g)
		return
	}
	d.fill(root, g, 1+d.IntN(3))
}

// uniform gives a group a USAGE or SIGN clause and members that take it over.
func (d *drawer) uniform(g *item) {
	clause := pick(d, "COMP", "BINARY", "COMP-3", "PACKED-DECIMAL", "COMP-5", "SIGN LEADING SEPARATE", "SIGN IS TRAILING SEPARATE", "LEADING")
	g.clauses = []string{clause}
	for range 1 + d.IntN(3) {
		d.fields--
		name := d.named("F")
		for {
			it := &item{name: name, inherited: clause, fullRange: clause == "COMP-5", signed: strings.Contains(clause, "ING")}
			if d.picture(it, 18); !touchesItem(d.play, it) {
				d.add(g, it)
				break
			}
		}
	}
}

// table is a fixed one, of a group or an elementary item.
func (d *drawer) table(root, to *item) {
	var it *item
	if d.chance(50) {
		it = d.elementary(to)
	} else {
		it = d.add(to, &item{name: d.named("G")})
		it.occurs = &occurs{}
		d.fill(root, it, 1+d.IntN(3))
	}
	n := 1 + d.IntN(4)
	it.occurs = &occurs{min: n, max: n}
	d.phrases(it)
}

// phrases adds KEY and INDEXED BY, which take no storage.
func (d *drawer) phrases(it *item) {
	var words []string
	if k := it.key(); k != nil && d.chance(25) {
		words = append(words, pick(d, "ASCENDING KEY IS", "DESCENDING")+" @")
		it.occurs.key = k
	}
	if d.chance(25) {
		words = append(words, "INDEXED BY", "#-I")
	}
	it.occurs.extra = strings.Join(words, "|")
}

// key is an item of a table that may be its key.
func (it *item) key() *item {
	for x := it.parent; x != nil; x = x.parent {
		if x.filler {
			return nil // see the edges
		}
	}
	for _, k := range it.kids {
		if !k.isGroup() && !k.filler && k.occurs == nil && k.kind == number {
			return k
		}
	}
	return nil
}

// variable is a table with DEPENDING ON. Its counter stands somewhere before it, outside of all tables. Where
// tables are at their maximum, it is a member of the record itself: see the edges.
func (d *drawer) variable(root, to *item) {
	if d.play.storage == record.Maximum {
		to = root
	}
	for _, t := range to.tables() {
		if t.occurs.counter != nil {
			to = root
		}
	}
	d.odo++
	at := to
	if d.chance(50) {
		at = root
	}
	for len(at.tables()) > 0 {
		at = at.parent
	}
	n := 1 + d.IntN(5)
	c := d.counter(n)
	switch {
	case at == to:
		d.add(at, c)
	default: // in front of all, so that it comes before the table
		d.add(at, c)
		copy(at.kids[1:], at.kids[:len(at.kids)-1])
		at.kids[0] = c
	}
	var it *item
	if d.chance(40) {
		it = d.elementary(to)
	} else {
		it = d.add(to, &item{name: d.named("T")})
		it.occurs = &occurs{counter: c}
		d.fill(root, it, 1+d.IntN(3))
	}
	it.occurs = &occurs{min: d.IntN(n), max: n, counter: c}
	c.counterFor = it
	d.fields--
}

// lastTable puts a table of variable length at the end of a record with SYNCHRONIZED.
func (d *drawer) lastTable(root *item) { d.variable(root, root) }

// counter is an integer that can hold n.
func (d *drawer) counter(n int) *item {
	for {
		if c := d.anyCounter(n); !touchesItem(d.play, c) {
			return c
		}
	}
}

func (d *drawer) anyCounter(n int) *item {
	c := &item{name: d.named("N"), kind: number, digits: 1 + d.IntN(4)}
	if n > 9 {
		c.digits = max(c.digits, 2)
	}
	c.pic = fmt.Sprintf("9(%d)", c.digits)
	if u := pick(d, "", "COMP", "COMP-3", "COMP-5", "BINARY"); u != "" {
		c.clauses = append(c.clauses, u)
		c.fullRange = u == "COMP-5"
	}
	return c
}

// block is an item that others redefine. In a record of variable length it gets a group of its own: see the
// edges.
func (d *drawer) block(to *item) {
	if !d.fixed {
		to = d.add(to, &item{name: d.named("B")})
	}
	sync := d.sync
	d.sync = false // a redefining item gets no slack in front
	first := d.alternative(to, nil)
	for range 1 + d.IntN(2) {
		d.alternative(to, first)
	}
	d.sync = sync
}

func (d *drawer) alternative(to, first *item) *item {
	if d.chance(40) {
		it := d.elementary(to)
		it.redefines = first
		return it
	}
	g := d.add(to, &item{name: d.named("R"), redefines: first})
	for range 1 + d.IntN(3) {
		it := d.elementary(g)
		if d.chance(20) {
			n := 1 + d.IntN(3)
			it.occurs = &occurs{min: n, max: n}
		}
	}
	return g
}
