// SPDX-License-Identifier: Apache-2.0

package record

import "encoding/binary"

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
	opProbe
)

// step is kept within one cache line.
type step struct {
	leaf  leaf
	n     *node
	sub   *subPlans
	label *label // nil for a name that is longer
	off   int32
	size  int32
	// named is the length of the name as it stands in JSON, 0 for a value without a name.
	named int32
	op    opcode
}

// label is a name as it stands in JSON, in an array that is copied as a whole: that is less work
// than copying some bytes.
type label [32]byte

// put copies a name of that length; what is behind it does not matter.
func (l *label) put(out []byte, named int) {
	_ = out[len(l)-1]
	binary.LittleEndian.PutUint64(out, binary.LittleEndian.Uint64(l[:]))
	binary.LittleEndian.PutUint64(out[8:], binary.LittleEndian.Uint64(l[8:]))
	if named > 16 {
		binary.LittleEndian.PutUint64(out[16:], binary.LittleEndian.Uint64(l[16:]))
		binary.LittleEndian.PutUint64(out[24:], binary.LittleEndian.Uint64(l[24:]))
	}
}

// setName gives a step the name of its node.
func (s *step) setName() {
	s.named = int32(len(s.n.member))
	if s.named <= int32(len(s.label)) {
		s.label = new(label)
		copy(s.label[:], s.n.member)
	}
}

// appendName appends the name of the step.
func (s *step) appendName(dst []byte) []byte {
	at := len(dst)
	if s.label == nil || cap(dst)-at < len(s.label) {
		return append(dst, s.n.member[:s.named]...)
	}
	s.label.put(dst[at:at+len(s.label)], int(s.named))
	return dst[:at+int(s.named)]
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

// plain tells that a plan has fields and groups only.
func (p *plan) plain() bool {
	for i := range p.steps {
		if op := p.steps[i].op; op != opLeaf && op != opOpen && op != opClose {
			return false
		}
	}
	return true
}

// wholePlan decodes n as one JSON value: an object for a group, a value for an elementary item.
func (c *Codec) wholePlan(n *node) *plan {
	p := &plan{}
	c.addEntry(p, n, false)
	return p
}

func (c *Codec) addEntry(p *plan, n *node, named bool) {
	s := step{op: opOpen, off: int32(n.off()), size: int32(n.size()), leaf: n.leaf, n: n}
	if named {
		s.setName()
	}
	if !n.isGroup() {
		s.op = opLeaf
		p.steps = append(p.steps, s)
		return
	}
	p.steps = append(p.steps, s)
	c.addParts(p, n)
	s.op = opClose
	p.steps = append(p.steps, s)
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
		if n.name != "" {
			c.addEntry(&sub.entry, n, false)
		} else {
			c.addParts(&sub.entry, n) // only what varies in length in it counts
		}
		s := step{op: opTable, off: int32(n.off()), size: int32(n.size()), n: n, sub: sub}
		s.setName()
		p.steps = append(p.steps, s)
	case n.name != "":
		c.addEntry(p, n, true)
	case n.isGroup():
		c.addParts(p, n)
	}
}
