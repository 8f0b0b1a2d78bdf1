// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms"
)

// Read implements transforms.Reader.
func (r *recordReader) Read(msg []byte, slots *transforms.Slots, base int) error {
	w := r.c.startWalk(msg)
	defer r.c.endWalk(w)
	w.slots = slots
	delta, err := w.capture(r.plan, base, 0, 0)
	if err == nil {
		err = r.c.checkEnd(msg, delta)
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
		case opProbe:
			w.probe(s.n, pos)
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
			if w.tolerates(s.n) {
				*w.slots.At(base + s.slot) = nullValue()
				return nil
			}
			return w.fail(s.n, faultShort, pos)
		}
		end = len(w.msg)
	}
	*w.slots.At(base + s.slot) = transforms.Value{Kind: transforms.Host, Text: w.msg[pos:end:end], Field: s.field, First: int32(pos), Len: row}
	return nil
}

func (w *walk) captureGroup(s *captureStep, base, pos, delta int, row int32) *transforms.FieldError {
	if pos >= len(w.msg) && (s.eager == nil || !w.isEmpty(s.n)) {
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
	if s.each > 0 || n.variable || n.lenient {
		w.occ = append(w.occ, 0)
		for i := range present {
			w.occ[len(w.occ)-1] = int32(i)
			if n.off()+at >= len(w.msg) && !w.isEmpty(n) {
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
	if entries == 0 || n.variable && n.least == 0 && w.isEmpty(n) {
		return entries, nil
	}
	least := max(n.leastEntry(), 1)
	if start+(entries-1)*least < len(w.msg) {
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
	strict := w.strict
	w.strict = strict || chosen == nil
	defer func() { w.strict = strict }()
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
