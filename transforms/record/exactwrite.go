// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
)

// exactState is what the writer knows about the bytes it writes over.
type exactState struct {
	// old is the record as it was, nil when there is none; document is what it decodes to.
	old, document []byte
	// inStep tells that what is being written was there before: shift bytes further to the front.
	inStep bool
	shift  int
	// entry is the number that each entry the walk is in had before.
	entry []int32
	// writes counts the fields that were changed; reach is where the last one that is given ends.
	writes, reach int
}

// before gives the old bytes of a place in the record, fewer where the record ended early and nil if
// there are none.
func (x *exactState) before(at, size int) []byte {
	if at -= x.shift; x.old == nil || !x.inStep || at < 0 || at >= len(x.old) {
		return nil
	}
	return x.old[at:min(at+size, len(x.old))]
}

// changed notes that bytes up to there are others than before.
func (x *exactState) changed(end int) {
	x.writes++
	x.reach = max(x.reach, end)
}

// finish gives the record the end it had: what stood behind it, or no more than there was.
func (x *exactState) finish(out []byte, start int) []byte {
	if x.old == nil {
		return out
	}
	size, end := len(out)-start, len(x.old)+x.shift
	if end > size {
		return append(out, x.old[size-x.shift:]...)
	}
	return out[:start+min(size, max(end, x.reach))]
}

// unchanged tells that a field's old bytes already hold the value.
func (w *writing) unchanged(s *writeStep, at int, text []byte) bool {
	old := w.exact.before(at, s.size)
	if old == nil || !w.sameAsBefore(s, old, text) {
		return false
	}
	w.exact.reach = max(w.exact.reach, at+len(old))
	return true
}

func (w *writing) sameAsBefore(s *writeStep, old, text []byte) bool {
	if len(old) < s.size && !s.n.partial {
		return string(text) == "null"
	}
	start := len(w.scratch)
	out, f := s.leaf.decode(w.scratch, old)
	w.scratch = out[:start]
	if f != ok {
		return string(text) == "null"
	}
	return bytes.Equal(out[start:], text)
}

// oldEntries follows the entries of a table through the old bytes.
type oldEntries struct {
	w      *writing
	n      *node
	inStep bool
	// count is how many there were, now how many are given, if any; the last tail of both are the same.
	count, now, tail int
	given            bool
	// dropped tells that the old entries that are there no more were passed over.
	dropped bool
	// shift is that of the table itself.
	shift int
}

// oldEntriesOf begins a table that gets the entries of that JSON array, or keeps its own.
func (w *writing) oldEntriesOf(n *node, array []byte) oldEntries {
	x := oldEntries{w: w, n: n, inStep: w.exact.inStep, shift: w.exact.shift}
	if !x.inStep {
		return x
	}
	w.exact.entry = append(w.exact.entry, 0)
	x.count = w.oldCount(n)
	if len(array) > 0 && n.table.counter != nil {
		x.match(array)
	}
	return x
}

// oldCount is how many entries a table had.
func (w *writing) oldCount(n *node) int {
	c := n.table.counter
	if c == nil {
		return n.table.max
	}
	at := w.regs[c.reg].old
	if at < 0 || at+c.size() > len(w.exact.old) {
		return 0
	}
	count, f := w.number(c, w.exact.old[at:at+c.size()])
	if f != ok {
		return 0
	}
	return min(max(count, 0), n.table.max)
}

// match finds the entries at the end of the table that are the same as before, so that one that is
// put in or taken out in front of them does not cost them their bytes.
func (x *oldEntries) match(array []byte) {
	now := items(array)
	x.given, x.now = true, len(now)
	if x.now == x.count {
		return
	}
	before := items(x.w.oldArray(x.n))
	if len(before) != x.count {
		return
	}
	least := min(len(now), len(before))
	head := 0
	for head < least && sameJSON(now[head], before[head]) {
		head++
	}
	for x.tail < least-head && sameJSON(now[len(now)-1-x.tail], before[len(before)-1-x.tail]) {
		x.tail++
	}
}

// begin goes to entry i, which stands at that place of the output.
func (x *oldEntries) begin(i, at int) {
	if !x.inStep {
		return
	}
	e := &x.w.exact
	was := i
	e.inStep = i < x.count-x.tail
	if tail := x.now - x.tail; x.given && i >= tail {
		if i == tail && x.n.variable {
			x.drop(i, x.count-x.tail)
		}
		was = i - x.now + x.count
		e.inStep = i < x.now
	}
	e.entry[len(e.entry)-1] = int32(was)
	if !x.n.variable {
		x.place(i, was, at)
	}
}

// place brings the old bytes of an entry to its place, in a table that has room for all of its entries.
func (x *oldEntries) place(i, was, at int) {
	e, size := &x.w.exact, x.n.size()
	e.shift = x.shift + (i-was)*size
	switch entry := x.w.out[at : at+size]; {
	case !e.inStep && x.tail == 0: // it is there, whatever the counter says
		e.inStep = true
	case !e.inStep:
		e.changed(at + size - x.w.start)
		copy(entry, x.w.w.base[x.n.off():])
	case i != was:
		e.changed(at + size - x.w.start)
		copy(entry, x.w.w.base[x.n.off():])
		copy(entry, e.before(at-x.w.start, size)) // less, where the record ended early
	}
}

// end leaves an entry that begins at that place of the output.
func (x *oldEntries) end(from int) {
	if e := &x.w.exact; x.inStep && !e.inStep && x.n.variable {
		e.shift += len(x.w.out) - from
		e.changed(len(x.w.out) - x.w.start)
	}
}

// drop passes over the old entries from one number up to another, those that are there no more.
func (x *oldEntries) drop(from, to int) {
	e := &x.w.exact
	x.dropped = true
	delta := len(x.w.out) - x.w.start - e.shift - x.n.off() // of the old entry that is next
	for ; from < to; from++ {
		after := x.w.passOld(x.n, delta) + x.n.size()
		e.shift -= after - delta
		delta = after
	}
}

// finish leaves the table behind its last entry.
func (x *oldEntries) finish(entries int) {
	if !x.inStep {
		return
	}
	e := &x.w.exact
	e.inStep = true
	e.entry = e.entry[:len(e.entry)-1]
	if !x.n.variable {
		e.shift = x.shift
	}
	if !x.n.variable || x.dropped {
		return
	}
	if x.given {
		entries = x.now
	}
	x.drop(entries, x.count)
}

// passOld goes over one old occurrence of n, whose offset plus delta is its place. What follows has the
// delta it returns.
func (w *writing) passOld(n *node, delta int) int {
	for _, kid := range n.kids {
		switch {
		case kid.table == nil:
			if kid.reg >= 0 {
				w.regs[kid.reg].old = kid.off() + delta
			}
			delta = w.passOld(kid, delta)
		case kid.variable:
			at := delta
			for range w.oldCount(kid) {
				at = w.passOld(kid, at) + kid.size()
			}
			delta = at - kid.total()
		}
	}
	return delta
}

// note gives the place of a counter or discriminator, and the one it had.
func (w *writing) note(pos int) register {
	if !w.exact.inStep {
		return register{pos: pos, old: -1}
	}
	return register{pos: pos, old: pos - w.start - w.exact.shift}
}
