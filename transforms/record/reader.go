// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/specs"
	"lintel/transforms"
)

// recordReader is the plan of one Capture.
type recordReader struct {
	c    *Codec
	plan *capturePlan
}

type capturePlan struct{ steps []captureStep }

type captureStep struct {
	n    *node
	sub  *capturePlan // entries of a table
	alts []altCapture
	// slot for the value, -1 for none; field decodes it.
	field transforms.Field
	slot  int
	each  int // slots of one entry
	op    opcode
	// eager groups are decoded at once, because what they need stands outside of them.
	eager *plan
}

type altCapture struct {
	n *node
	p *capturePlan
}

// Reader compiles a plan that takes what c wants out of a record.
func (c *Codec) Reader(want *transforms.Capture) (transforms.Reader, specs.Findings) {
	r := &recordReader{c: c, plan: &capturePlan{}}
	if want.Slot >= 0 {
		c.captureWhole(r.plan, c.root, want.Slot)
	}
	c.captureParts(r.plan, c.root, wanted(want.Members))
	return r, nil
}

// wanted indexes captures by node.
func wanted(cs []*transforms.Capture) map[*node]*transforms.Capture {
	m := make(map[*node]*transforms.Capture, len(cs))
	for _, c := range cs {
		if n, isNode := c.Type.Ref.(*node); isNode {
			m[n] = c
		}
	}
	return m
}

func (c *Codec) captureParts(p *capturePlan, n *node, want map[*node]*transforms.Capture) {
	for _, part := range n.parts {
		if part.block == nil {
			c.captureNode(p, part.node, want)
			continue
		}
		s := captureStep{op: opBlock, n: part.block.alts[0]}
		for _, alt := range part.block.alts {
			c.captureNotes(p, alt)
			sub := &capturePlan{}
			c.captureNode(sub, alt, want)
			if len(sub.steps) > 0 {
				s.alts = append(s.alts, altCapture{alt, sub})
			}
		}
		if len(s.alts) > 0 {
			p.steps = append(p.steps, s)
		}
	}
}

func (c *Codec) captureNotes(p *capturePlan, alt *node) {
	alt.walk(func(n *node) {
		if n.reg >= 0 && n.tables() == alt.parentTables() {
			p.steps = append(p.steps, captureStep{op: opNote, n: n})
		}
	})
}

func (c *Codec) captureNode(p *capturePlan, n *node, want map[*node]*transforms.Capture) {
	if n.reg >= 0 {
		p.steps = append(p.steps, captureStep{op: opNote, n: n})
	}
	cap := want[n]
	switch {
	case n.table != nil:
		c.captureTable(p, n, cap)
	case !n.isGroup():
		if cap != nil && cap.Slot >= 0 {
			p.steps = append(p.steps, captureStep{op: opLeaf, n: n, slot: cap.Slot, field: &leafField{n}})
		}
		p.probed(n)
	case n.name == "":
		c.captureParts(p, n, want)
	default:
		var members []*transforms.Capture
		if cap != nil {
			if cap.Slot >= 0 {
				c.captureWhole(p, n, cap.Slot)
			}
			members = cap.Members
		}
		c.captureParts(p, n, wanted(members))
	}
}

// captureWhole takes a group, or an entry, as one value.
func (c *Codec) captureWhole(p *capturePlan, n *node, slot int) {
	switch {
	case !n.isGroup():
		p.steps = append(p.steps, captureStep{op: opLeaf, n: n, slot: slot, field: &leafField{n}})
	case c.selfContained(n):
		p.steps = append(p.steps, captureStep{op: opOpen, n: n, slot: slot, field: &groupField{c: c, n: n, plan: c.wholePlan(n)}})
	default:
		p.steps = append(p.steps, captureStep{op: opOpen, n: n, slot: slot, eager: c.wholePlan(n)})
	}
}

// selfContained tells that a group (or one entry of a table) can be decoded from its bytes alone.
func (c *Codec) selfContained(n *node) bool {
	alone := true
	n.walk(func(x *node) {
		if x != n && x.table != nil && x.table.counter != nil && !x.table.counter.within(n) {
			alone = false
		}
		if x != n && x.block != nil && x.block.disc != nil && !x.block.disc.within(n) {
			alone = false
		}
	})
	return alone
}

func (c *Codec) captureTable(p *capturePlan, n *node, cap *transforms.Capture) {
	if cap == nil && !n.variable && !n.lenient {
		return
	}
	s := captureStep{op: opTable, n: n, slot: -1, sub: &capturePlan{}}
	var members []*transforms.Capture
	if cap != nil {
		s.slot = cap.Slot
		if cap.Each != nil {
			s.each = cap.Each.Size
			members = cap.Each.Members
			if cap.Each.Slot >= 0 {
				c.captureWhole(s.sub, n, cap.Each.Slot)
			}
		}
	}
	if n.isGroup() {
		c.captureParts(s.sub, n, wanted(members))
	}
	s.sub.probed(n)
	p.steps = append(p.steps, s)
}
