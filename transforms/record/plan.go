// SPDX-License-Identifier: Apache-2.0

package record

// plan is a list of steps that append JSON. Groups are flattened into the plan they stand in; only
// table entries and alternatives have plans of their own.
type plan struct{ steps []step }

type opcode uint8

const (
	opLeaf opcode = iota
	opOpen
	opClose
	opTable
	opBlock
	opNote
)

// step is kept within one cache line.
type step struct {
	leaf leaf
	name string
	n    *node
	sub  *subPlans
	off  int32
	size int32
	op   opcode
}

// subPlans are the plans of the entries of a table, or of alternatives.
type subPlans struct {
	entry plan
	alts  []altPlan
}

type altPlan struct {
	n *node
	p *plan
}

// wholePlan decodes n as one JSON value: an object for a group, a value for an elementary item.
func (c *Codec) wholePlan(n *node) *plan {
	p := &plan{}
	c.addEntry(p, n, "")
	return p
}

func (c *Codec) addEntry(p *plan, n *node, name string) {
	if !n.isGroup() {
		p.steps = append(p.steps, step{op: opLeaf, name: name, off: int32(n.off()), size: int32(n.size()), leaf: n.leaf, n: n})
		return
	}
	p.steps = append(p.steps, step{op: opOpen, name: name, off: int32(n.off()), size: int32(n.size()), n: n})
	c.addParts(p, n)
	p.steps = append(p.steps, step{op: opClose, off: int32(n.off()), n: n, name: name})
}

func (c *Codec) addParts(p *plan, n *node) {
	for _, part := range n.parts {
		if part.block == nil {
			c.addNode(p, part.node)
			continue
		}
		b := part.block
		s := step{op: opBlock, off: int32(b.off), size: int32(b.size), n: b.alts[0], sub: &subPlans{}}
		for _, alt := range b.alts {
			c.addNotes(p, alt)
			sub := &plan{}
			c.addNode(sub, alt)
			if len(sub.steps) > 0 {
				s.sub.alts = append(s.sub.alts, altPlan{alt, sub})
			}
		}
		p.steps = append(p.steps, s)
	}
}

// addNotes notes the positions of counters and discriminators inside an alternative, whether it is
// chosen or not.
func (c *Codec) addNotes(p *plan, alt *node) {
	alt.walk(func(n *node) {
		if n.reg >= 0 && n.tables() == alt.parentTables() {
			p.steps = append(p.steps, step{op: opNote, off: int32(n.off()), n: n})
		}
	})
}

// parentTables counts the tables around n.
func (n *node) parentTables() int {
	if n.parent == nil {
		return 0
	}
	return n.parent.tables()
}

// addNode adds a member (or, for a FILLER, what is in it).
func (c *Codec) addNode(p *plan, n *node) {
	if n.reg >= 0 {
		p.steps = append(p.steps, step{op: opNote, off: int32(n.off()), n: n})
	}
	switch {
	case n.table != nil:
		if n.name == "" && !n.variable {
			return
		}
		sub := &subPlans{}
		c.addEntry(&sub.entry, n, "")
		p.steps = append(p.steps, step{op: opTable, name: string(n.member), off: int32(n.off()), size: int32(n.size()), n: n, sub: sub})
	case n.name != "":
		c.addEntry(p, n, string(n.member))
	case n.isGroup():
		c.addParts(p, n)
	}
}
