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
	if cap == nil && !n.variable {
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
	p.steps = append(p.steps, s)
}

// Read implements transforms.Reader.
func (r *recordReader) Read(msg []byte, slots *transforms.Slots, base int) error {
	w := r.c.startWalk(msg)
	defer r.c.endWalk(w)
	w.slots = slots
	delta, err := w.capture(r.plan, base, 0, 0)
	if err == nil {
		err = r.c.checkEnd(w, delta)
	}
	if err != nil {
		return err
	}
	return nil
}

// capture runs a plan: base is the frame of slots, row the number of the entry among all those of
// the tables around it.
func (w *walk) capture(p *capturePlan, base, delta int, row int32) (int, *transforms.FieldError) {
	for i := range p.steps {
		s := &p.steps[i]
		pos := s.n.off() + delta
		switch s.op {
		case opNote:
			w.regs[s.n.reg].pos = pos
		case opLeaf:
			if err := w.captureLeaf(s, base, pos, row); err != nil {
				return delta, err
			}
		case opOpen:
			if err := w.captureGroup(s, base, pos, delta, row); err != nil {
				return delta, err
			}
		case opTable:
			var err *transforms.FieldError
			if delta, err = w.captureRows(s, base, delta, row); err != nil {
				return delta, err
			}
		case opBlock:
			if err := w.captureBlock(s, base, delta, row); err != nil {
				return delta, err
			}
		}
	}
	return delta, nil
}

func (w *walk) captureLeaf(s *captureStep, base, pos int, row int32) *transforms.FieldError {
	end := pos + s.n.size()
	if end > len(w.msg) {
		if pos >= len(w.msg) {
			return nil
		}
		if !s.n.partial {
			return w.fail(s.n, faultShort, pos)
		}
		end = len(w.msg)
	}
	*w.slots.At(base + s.slot) = transforms.Value{Kind: transforms.Host, Text: w.msg[pos:end:end], Field: s.field, First: int32(pos), Len: row}
	return nil
}

func (w *walk) captureGroup(s *captureStep, base, pos, delta int, row int32) *transforms.FieldError {
	if pos >= len(w.msg) {
		return nil
	}
	if s.eager != nil {
		return w.captureEager(s, base, delta)
	}
	end := pos + s.n.size()
	if end > len(w.msg) || s.n.variable {
		end = len(w.msg) // where the group ends is found when it is decoded
	}
	*w.slots.At(base + s.slot) = transforms.Value{Kind: transforms.Host, Text: w.msg[pos:end:end], Field: s.field, First: int32(pos), Len: row}
	return nil
}

// captureEager decodes a group at once into a buffer of its own.
func (w *walk) captureEager(s *captureStep, base, delta int) *transforms.FieldError {
	out, _, err := w.decode(s.eager, make([]byte, 0, 2*s.n.size()), delta)
	if err != nil {
		return err
	}
	if len(out) > 0 {
		*w.slots.At(base + s.slot) = transforms.Value{Kind: transforms.Object, Text: out[:len(out)-1]}
	}
	return nil
}

// captureRows walks the entries of a table.
func (w *walk) captureRows(s *captureStep, base, delta int, row int32) (int, *transforms.FieldError) {
	n := s.n
	entries, err := w.count(n)
	if err != nil {
		return delta, err
	}
	present, err := w.present(n, entries, delta)
	if err != nil {
		return delta, err
	}
	if present < 0 {
		return delta, nil
	}
	first := 0
	if s.each > 0 {
		first = w.slots.Grow(present * s.each)
	}
	at := delta
	if s.each > 0 || n.variable {
		w.occ = append(w.occ, 0)
		for i := range present {
			w.occ[len(w.occ)-1] = int32(i)
			if n.off()+at >= len(w.msg) {
				return delta, w.fail(n, faultShort, n.off()+at)
			}
			after, err := w.capture(s.sub, first+i*s.each, at, row*int32(n.table.max)+int32(i))
			if err != nil {
				return delta, err
			}
			at = after + n.size()
		}
		w.occ = w.occ[:len(w.occ)-1]
	}
	if s.slot >= 0 {
		*w.slots.At(base + s.slot) = transforms.Value{Kind: transforms.Array, First: int32(first), Len: int32(present)}
	}
	if n.variable {
		delta = at - n.total()
	}
	return delta, nil
}

// present is how many of the entries of a table are in the message, -1 for an absent table. Rows
// are only made for entries of which the message has bytes, so that memory follows its length.
func (w *walk) present(n *node, entries, delta int) (int, *transforms.FieldError) {
	if entries < 0 {
		return -1, nil
	}
	start := n.off() + delta
	least := max(n.leastEntry(), 1)
	if entries == 0 || start+(entries-1)*least < len(w.msg) {
		return entries, nil
	}
	if n.table.counter != nil {
		return 0, w.fail(n, faultShort, start)
	}
	if start >= len(w.msg) {
		return -1, nil
	}
	return (len(w.msg) - start + n.size() - 1) / n.size(), nil
}

// leastEntry is the least length of one entry.
func (n *node) leastEntry() int {
	if n.variable {
		return n.least
	}
	return n.size()
}

func (w *walk) captureBlock(s *captureStep, base, delta int, row int32) *transforms.FieldError {
	b := s.n.block
	var chosen *node
	if b.disc != nil {
		if chosen = w.choose(b, delta); chosen == nil {
			return nil
		}
	}
	depth := len(w.occ)
	for i := range s.alts {
		if chosen != nil && s.alts[i].n != chosen {
			continue
		}
		if _, err := w.capture(s.alts[i].p, base, delta, row); err != nil {
			if chosen != nil {
				return err
			}
			w.occ = w.occ[:depth] // an alternative that cannot be read is not there
		}
	}
	return nil
}
