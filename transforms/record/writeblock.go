// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"fmt"
	"slices"

	"lintel/transforms"
)

// writeAlt is one alternative of a REDEFINES block, as a writer sees it.
type writeAlt struct {
	n *node
	p *writePlan
	// An alternative is there when its condition holds and one of its slots or sources has a value;
	// always is for one that is filled from literals only.
	when    transforms.Condition
	slots   []int
	sources []transforms.Source
	always  bool
	// literal is the first literal of the alternative, for findings.
	literal *transforms.Mapping
	// template is the block with this alternative at its defaults; mask marks the bytes of its
	// named fields.
	template, mask []byte
	// counted are the tables with a counter in it: entries beyond the counter do not count.
	counted []*node
}

// chosenAlts are the alternatives that were written, and where.
type chosenAlts struct {
	alts []*node
	pos  int
	step *writeStep
	// kept tells that the block had bytes before, which stay where nothing is given.
	kept bool
}

// block compiles the alternatives of a REDEFINES block.
func (b *writeBuilder) block(p *writePlan, blk *block, from bind) {
	s := writeStep{op: writeBlock, n: blk.alts[0], off: blk.off, size: blk.size, parts: &stepParts{}}
	for _, alt := range blk.alts {
		alt.walk(func(n *node) {
			if n.tables() == alt.parentTables() {
				b.note(p, n)
			}
		})
		a := writeAlt{n: alt, p: &writePlan{}}
		a.template, a.mask = b.c.altBytes(blk, alt)
		alt.walk(func(n *node) {
			if n.table != nil && n.table.counter != nil && n.tables() == alt.parentTables()+1 {
				a.counted = append(a.counted, n)
			}
		})
		b.presence(&a, alt, from)
		b.node(a.p, alt, from)
		s.parts.alts = append(s.parts.alts, a)
	}
	b.literalAlts(s.parts.alts, blk)
	p.steps = append(p.steps, s)
	if blk.disc == nil {
		return
	}
	if blk.discBehind {
		b.settle = append(b.settle, blk.alts[0])
	} else {
		p.steps = append(p.steps, writeStep{op: writeSettle, n: blk.alts[0]})
	}
}

// literalAlts reports two alternatives that literals always fill, and fill differently: no message
// could be written.
func (b *writeBuilder) literalAlts(alts []writeAlt, blk *block) {
	var area, mask []byte
	var first *node
	for i := range alts {
		a := &alts[i]
		if !a.always || a.when != nil {
			continue
		}
		field := append([]byte(nil), a.template...)
		for j := range a.p.steps {
			switch s := &a.p.steps[j]; s.op {
			case writeBytes:
				copy(field[s.off-blk.off:], s.parts.bytes)
			case writeWhen:
				return // what it writes is not known here
			}
		}
		if first == nil {
			first, area, mask = a.n, field, append([]byte(nil), a.mask...)
			continue
		}
		if !merge(field, area, mask, a.mask) {
			b.findingWithHint(codeMapping, a.literal, fmt.Sprintf("%s and %s are alternatives of one REDEFINES, and both are always filled", first.item.Name, a.n.item.Name),
				"fill one of them, or give each a when")
			return
		}
		area = field
	}
}

// presence finds out by what an alternative shows that it is there.
func (b *writeBuilder) presence(a *writeAlt, n *node, from bind) {
	if n.name == "" {
		for _, kid := range n.kids {
			b.presence(a, kid, from)
		}
		return
	}
	if e := from.slots[n]; e != nil {
		a.slots = append(a.slots, e.slot)
	}
	for _, m := range from.maps[n] {
		if n == a.n {
			a.when = m.When
		}
		a.gather(m)
	}
	if len(a.sources) > 0 {
		a.always = false
	}
}

func (a *writeAlt) gather(m *transforms.Mapping) {
	if m.Source != nil {
		if k, isConstant := m.Source.(constant); isConstant {
			if _, known := k.Constant(); known {
				a.always = true
				if a.literal == nil {
					a.literal = m
				}
				return
			}
		}
		a.sources = append(a.sources, m.Source)
	}
	if m.Each != nil {
		a.sources = append(a.sources, m.Each.Source)
	}
	for _, sub := range m.Members {
		a.gather(sub)
	}
}

// present tells whether the alternative is to be written.
func (a *writeAlt) present(w *writing) (bool, error) {
	if a.when != nil {
		if holds, err := a.when.Holds(w.run); err != nil || !holds {
			return false, err
		}
	}
	for _, s := range a.slots {
		if w.frame[s].end != 0 {
			return true, nil
		}
	}
	for _, s := range a.sources {
		v, err := s.Value(w.run)
		if err != nil {
			return false, err
		}
		if v.Kind != transforms.Absent {
			return true, nil
		}
	}
	return a.always, nil
}

// block writes the alternatives that are there. Several must agree on the bytes they share.
func (w *writing) block(s *writeStep, delta int) error {
	chosen := &w.chosen[s.n.block.id]
	*chosen = chosenAlts{alts: chosen.alts[:0], pos: w.start + s.off + delta, step: s}
	area := w.out[chosen.pos : chosen.pos+s.size]
	old := w.exact.before(chosen.pos-w.start, len(area))
	chosen.kept = old != nil
	base := len(w.scratch)
	var marks []byte // of what was written so far
	for i := range s.parts.alts {
		a := &s.parts.alts[i]
		there, err := a.present(w)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		first := len(chosen.alts) == 0
		if !first {
			w.scratch = append(append(w.scratch[:base], area...), marks...)
		}
		writes := w.exact.writes
		copy(area, a.template)
		copy(area, old)
		if _, err = w.exec(a.p, delta); err != nil {
			return err
		}
		if old != nil && s.n.block.disc == nil && writes == w.exact.writes { // nothing of it changed: it has no say
			if !first {
				copy(area, w.scratch[base:base+s.size])
			}
			continue
		}
		chosen.alts = append(chosen.alts, a.n)
		mask := w.maskOf(a, s.n.block)
		if first {
			marks = mask
			continue
		}
		marks = slices.Clone(w.scratch[base+s.size : base+2*s.size])
		if !merge(area, w.scratch[base:base+s.size], marks, mask) {
			return w.fail(a.n, faultRedefines, chosen.pos)
		}
	}
	w.scratch = w.scratch[:base]
	return nil
}

// maskOf marks the bytes of an alternative that count: those of its fields, without the entries of
// tables that their counters leave out.
func (w *writing) maskOf(a *writeAlt, b *block) []byte {
	if len(a.counted) == 0 {
		return a.mask
	}
	mask := slices.Clone(a.mask)
	for _, n := range a.counted {
		if count, err := w.givenCount(n); err == nil {
			clear(mask[n.off()-b.off+count*n.size():][:(n.table.max-count)*n.size()])
		}
	}
	return mask
}

// merge puts the bytes written before (old, those that count marked in oldMask) over the area of
// one more alternative. It reports whether the two agree where both count.
func merge(area, old, oldMask, mask []byte) bool {
	for i := range area {
		switch {
		case oldMask[i] != 0 && mask[i] != 0 && old[i] != area[i]:
			return false
		case oldMask[i] != 0 || mask[i] == 0:
			area[i] = old[i]
		}
		oldMask[i] |= mask[i]
	}
	return true
}

// settle brings the discriminator of a block and the alternative written into step.
func (w *writing) settle(s *writeStep, _ int) error {
	b := s.n.block
	chosen := &w.chosen[b.id]
	reg := &w.regs[b.disc.reg]
	field := w.out[reg.pos : reg.pos+b.disc.size()]
	if reg.set {
		n := w.chooseBy(b, field)
		if len(chosen.alts) == 0 {
			if chosen.kept {
				return nil
			}
			for i := range chosen.step.parts.alts {
				if a := &chosen.step.parts.alts[i]; a.n == n {
					copy(w.out[chosen.pos:chosen.pos+b.size], a.template)
				}
			}
			return nil
		}
		for _, alt := range chosen.alts {
			if alt == n {
				return nil
			}
		}
		return w.fail(b.disc, faultDiscriminator, reg.pos)
	}
	if len(chosen.alts) == 0 || chosen.kept && w.chooseBy(b, field) == chosen.alts[0] {
		return nil
	}
	for i := range b.choices {
		if b.choices[i].alt == chosen.alts[0] {
			if !bytes.Equal(field, b.choices[i].bytes) && w.overlaid(b.disc) {
				return w.fail(b.disc, faultRedefines, reg.pos)
			}
			copy(field, b.choices[i].bytes)
			w.exact.changed(reg.pos - w.start + len(field))
			reg.set = true
			return nil
		}
	}
	return w.fail(b.disc, faultDiscriminator, reg.pos)
}

// overlaid tells that a field is in an alternative of a REDEFINES block of which another one was given:
// its bytes are not free.
func (w *writing) overlaid(n *node) bool {
	for x := n; x != nil; x = x.parent {
		if x.block != nil {
			given := w.chosen[x.block.id].alts
			if len(given) > 0 && !slices.Contains(given, x) {
				return true
			}
		}
	}
	return false
}

// altBytes renders a block with one alternative at its defaults and marks the bytes of its fields.
func (c *Codec) altBytes(b *block, alt *node) (template, mask []byte) {
	template = append([]byte(nil), c.template[b.off-c.root.off():][:b.size]...)
	mask = make([]byte, b.size)
	c.defaults(alt, template, -b.off)
	c.mark(alt, mask, -b.off)
	return template, mask
}

// mark sets the bytes of named fields.
func (c *Codec) mark(n *node, mask []byte, delta int) {
	times := 1
	if n.table != nil {
		times = n.table.max
	}
	for i := range times {
		at := delta + i*n.size()
		if n.leaf != nil && n.name != "" {
			fillBytes(mask[n.off()+at:][:n.size()], 1)
		}
		for _, kid := range n.kids {
			c.mark(kid, mask, at)
		}
	}
}
