// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms"
)

// walk is the state of one walk over a message. Walks are pooled.
//
// Positions: every item has an offset in the layout at maximum. A walk adds delta to it, which
// grows by the length of an entry for each one in a table, and shrinks behind tables that are
// shorter than their maximum.
type walk struct {
	msg []byte
	// regs hold the positions of counters and discriminators passed so far.
	regs []register
	// occ are the occurrences the walk is in, from 0, from the outside in.
	occ     []int32
	entries int
	scratch []byte
	slots   *transforms.Slots
	// bad collects the faults of a tolerant walk; see DecodeTolerant.
	tolerant bool
	// strict ends leniency: an alternative of a REDEFINES that nothing chooses is there only if all of it can be read.
	strict bool
	bad    []BadField
	more   int
}

// register is the position of a field, -1 if it has not been passed.
type register struct {
	pos int
	// old is the position in the bytes that a record is written over, -1 if it has none.
	old int
	// set tells, while a record is written, that the field was given a value; by is the table whose
	// entries it counts, if that is where the value comes from.
	set bool
	by  *node
}

func (c *Codec) startWalk(msg []byte) *walk {
	w, _ := c.walks.Get().(*walk)
	w.msg = msg
	w.occ = w.occ[:0]
	w.entries = c.opts.Limits.entries()
	for i := range w.regs {
		w.regs[i] = register{pos: -1}
	}
	return w
}

// maxScratch bounds the buffer a walk keeps for its next use.
const maxScratch = 64 << 10

func (c *Codec) endWalk(w *walk) {
	w.msg, w.slots, w.bad, w.more, w.tolerant, w.strict = nil, nil, nil, 0, false, false
	if cap(w.scratch) > maxScratch {
		w.scratch = nil
	}
	c.walks.Put(w)
}

// fail makes the error for n at the present occurrences.
func (w *walk) fail(n *node, f fault, pos int) *transforms.FieldError {
	return n.fail(f, pos, n.size(), w.occ)
}

// count returns how many entries a table has, -1 for an absent table. It checks the counter, and the limit on entries.
func (w *walk) count(n *node) (int, *transforms.FieldError) {
	t := n.table
	entries := t.max
	if t.counter != nil {
		var err *transforms.FieldError
		if entries, err = w.counter(n); err != nil {
			return 0, err
		}
	}
	if w.entries -= max(entries, 0); w.entries < 0 {
		return 0, w.fail(n, faultEntries, -1)
	}
	return entries, nil
}

func (w *walk) counter(n *node) (int, *transforms.FieldError) {
	c := n.table.counter
	pos := w.regs[c.reg].pos
	if pos < 0 || pos >= len(w.msg) {
		return -1, nil // the message ends in front of the counter: there is no table either
	}
	if pos+c.size() > len(w.msg) {
		return 0, w.fail(c, faultShort, pos)
	}
	value, f := w.number(c, w.msg[pos:pos+c.size()])
	if f != ok {
		return 0, w.fail(c, f, pos)
	}
	if value < n.table.min || value > n.table.max {
		return 0, w.outOfRange(n, pos)
	}
	return value, nil
}

// isEmpty tells that an occurrence of n has no bytes in this message: all in it are tables, and by
// their counters none has entries with bytes. At the end of the message that is all there is to tell it
// from one that is absent.
func (w *walk) isEmpty(n *node) bool {
	if !n.variable {
		return n.size() == 0
	}
	if n.least > 0 || !n.isGroup() {
		return false
	}
	for _, kid := range n.kids {
		entries := 1
		if kid.table != nil {
			entries = kid.table.max
			if kid.table.counter != nil {
				count, err := w.counter(kid)
				if err != nil || count < 0 {
					return false
				}
				entries = count
			}
		}
		if entries > 0 && !w.isEmpty(kid) {
			return false
		}
	}
	return true
}

// outOfRange says that a counter is not between the bounds of its table.
func (w *walk) outOfRange(n *node, pos int) *transforms.FieldError {
	c := n.table.counter
	err := w.fail(c, faultOccurs, pos)
	err.Reason = "the counter is not between the bounds of table " + n.item.Name
	return err
}

// number reads a counter.
func (w *walk) number(c *node, raw []byte) (int, fault) {
	start := len(w.scratch)
	out, f := c.base.decode(w.scratch, raw)
	text := out[start:]
	w.scratch = out[:start]
	if f != ok {
		return 0, faultCounter
	}
	value := 0
	for i, b := range text {
		switch {
		case b >= '0' && b <= '9' && i < 9:
			value = value*10 + int(b-'0')
		default:
			return -1, ok // negative or far too large: out of any table's range
		}
	}
	return value, ok
}

// choose finds the alternative that the discriminator of b names; nil if none.
func (w *walk) choose(b *block, delta int) *node {
	pos := b.disc.off() + delta
	if b.disc.reg >= 0 && w.regs[b.disc.reg].pos >= 0 {
		pos = w.regs[b.disc.reg].pos
	}
	if pos < 0 || pos+b.disc.size() > len(w.msg) {
		return nil
	}
	return w.chooseBy(b, w.msg[pos:pos+b.disc.size()])
}

func (w *walk) chooseBy(b *block, raw []byte) *node {
	start := len(w.scratch)
	out, f := b.disc.base.decode(w.scratch, raw)
	w.scratch = out[:start]
	if f == ok {
		for i := range b.choices {
			if string(b.choices[i].json) == string(out[start:]) {
				return b.choices[i].alt
			}
		}
	}
	return b.rest
}
