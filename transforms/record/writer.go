// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strconv"
	"sync"

	"lintel/transforms"
)

// recordWriter is the plan of one Mapping.
type recordWriter struct {
	c    *Codec
	plan *writePlan
	// frame is how many slots for located members a walk needs.
	frame int
	// base is the record with every field at its default and literals in place.
	base []byte
	pool sync.Pool
}

// writing is the state of one walk.
type writing struct {
	walk
	c   *Codec
	w   *recordWriter
	run *transforms.Run
	// document is the JSON text of EncodeJSON.
	document []byte
	frame    []transforms.Value
	chosen   []chosenAlts // by block
	out      []byte
	start    int // of the record in out
}

// writePlan is a list of steps; steps of groups are flattened into it.
type writePlan struct{ steps []writeStep }

type writeOp uint8

const (
	writeFill writeOp = iota
	writeNote
	writeLeaf
	writeBytes
	writeLocate
	writeWhen
	writeTable
	writeBlock
	writeSettle
)

type writeStep struct {
	n      *node
	source transforms.Source // nil when the value is in slot
	slot   int
	off    int
	size   int
	bytes  []byte
	table  *objectTable
	when   transforms.Condition
	sub    *writePlan
	blank  *writePlan // when the condition does not hold, or nothing fills an entry
	each   *transforms.Each
	entry  *objectTable // of entries that are JSON objects
	scalar int          // slot of entries that are scalars
	alts   []writeAlt
	op     writeOp
}

// documentSource stands for the JSON text of EncodeJSON.
type documentSource struct{}

// Value implements transforms.Source; the writer never calls it.
func (documentSource) Value(*transforms.Run) (transforms.Value, error) {
	return transforms.Value{}, nil
}

// Write implements transforms.Writer.
func (r *recordWriter) Write(dst []byte, run *transforms.Run) ([]byte, error) {
	return r.write(dst, nil, run)
}

func (r *recordWriter) write(dst, document []byte, run *transforms.Run) ([]byte, error) {
	w, _ := r.pool.Get().(*writing)
	w.run, w.document, w.out, w.start = run, document, dst, len(dst)
	w.occ = w.occ[:0]
	w.scratch = w.scratch[:0]
	w.entries = r.c.opts.Limits.entries()
	for i := range w.regs {
		w.regs[i] = register{pos: -1}
	}
	_, err := w.exec(r.plan, 0)
	out := w.out
	w.run, w.document, w.out = nil, nil, nil
	clear(w.frame)
	if cap(w.scratch) <= maxScratch {
		r.pool.Put(w)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// exec runs a plan.
func (w *writing) exec(p *writePlan, delta int) (int, error) {
	for i := range p.steps {
		s := &p.steps[i]
		pos := w.start + s.off + delta
		switch s.op {
		case writeFill:
			w.out = append(w.out, w.w.base[s.off:s.off+s.size]...)
		case writeNote:
			w.regs[s.n.reg] = register{pos: pos}
		case writeBytes:
			copy(w.out[pos:], s.bytes)
			w.given(s.n)
		case writeLeaf:
			if err := w.leaf(s, pos); err != nil {
				return delta, err
			}
		case writeLocate:
			if err := w.locateStep(s); err != nil {
				return delta, err
			}
		case writeWhen:
			var err error
			if delta, err = w.whenStep(s, delta); err != nil {
				return delta, err
			}
		case writeTable:
			var err error
			if delta, err = w.table(s, delta); err != nil {
				return delta, err
			}
		case writeBlock:
			if err := w.block(s, delta); err != nil {
				return delta, err
			}
		case writeSettle:
			if err := w.settle(s, delta); err != nil {
				return delta, err
			}
		}
	}
	return delta, nil
}

func (w *writing) whenStep(s *writeStep, delta int) (int, error) {
	holds, err := s.when.Holds(w.run)
	if err != nil {
		return delta, err
	}
	if holds {
		return w.exec(s.sub, delta)
	}
	return w.exec(s.blank, delta)
}

// given notes that a counter or discriminator has a value of its own.
func (w *writing) given(n *node) {
	if n.reg >= 0 {
		w.regs[n.reg].set = true
	}
}

// value gets the value of a step in its JSON form.
func (w *writing) value(s *writeStep) (transforms.Value, error) {
	if s.source == nil {
		return w.frame[s.slot], nil
	}
	if _, whole := s.source.(documentSource); whole {
		return transforms.JSONValue(w.document), nil
	}
	v, err := s.source.Value(w.run)
	if err != nil || v.Kind != transforms.Host {
		return v, err
	}
	start := len(w.scratch)
	out, err := v.AppendJSON(w.scratch)
	if err != nil {
		return v, err
	}
	w.scratch = out
	return transforms.JSONValue(out[start:len(out):len(out)]), nil
}

func (w *writing) leaf(s *writeStep, pos int) error {
	v, err := w.value(s)
	if err != nil {
		return err
	}
	if v.Kind == transforms.Absent {
		return nil
	}
	if f := encodeValue(s.n.leaf, w.out[pos:pos+s.size], v); f != ok {
		return w.failAt(s.n, f, pos)
	}
	w.given(s.n)
	return nil
}

// failAt is fail with the pointer of the source where the writer knows it.
func (w *writing) failAt(n *node, f fault, pos int) *transforms.FieldError {
	at := -1
	if pos >= 0 {
		at = pos - w.start
	}
	err := n.fail(f, at, n.size(), w.occ)
	if w.document != nil {
		err.Pointer = n.pointer(w.occ)
	}
	return err
}

func (w *writing) fail(n *node, f fault, pos int) *transforms.FieldError { return w.failAt(n, f, pos) }

// locateStep finds the members of a group that is filled from a JSON object.
func (w *writing) locateStep(s *writeStep) error {
	clear(w.frame[s.table.first : s.table.first+s.table.size])
	v, err := w.value(s)
	if err != nil {
		return err
	}
	switch v.Kind {
	case transforms.Absent:
		return nil
	case transforms.Null:
		return w.fail(s.n, faultNull, -1)
	}
	if _, ferr := w.locate(s.table, v.Text, 0); ferr != nil {
		return ferr
	}
	return nil
}

// table writes the entries of a table and its counter.
func (w *writing) table(s *writeStep, delta int) (int, error) {
	entries, v, err := w.entriesOf(s, delta)
	if err != nil {
		return delta, err
	}
	if w.walk.entries -= entries; w.walk.entries < 0 {
		return delta, w.fail(s.n, faultEntries, -1)
	}
	given := v.Kind != transforms.Absent
	at, item, more := delta, 0, false
	if s.each == nil && given {
		item, more = nextItem(v.Text, 1)
	}
	w.occ = append(w.occ, 0)
	for i := range entries {
		w.occ[len(w.occ)-1] = int32(i)
		filled := given && (s.each != nil && i < int(v.Len) || more)
		if s.each != nil && filled {
			w.run.Enter(s.each.Depth, int(v.First)+i*s.each.Size)
		} else if more {
			var ferr *transforms.FieldError
			if item, ferr = w.item(s, v.Text, item); ferr != nil {
				return delta, ferr
			}
			item, more = nextItem(v.Text, item)
		}
		if at, err = w.entry(s, at, filled); err != nil {
			return delta, err
		}
		at += s.size
	}
	w.occ = w.occ[:len(w.occ)-1]
	if s.n.variable {
		delta = at - s.n.total()
	}
	return delta, nil
}

// entry runs the plan of one entry. Entries of a variable table are appended, those of a fixed one
// are there already; an entry that nothing fills keeps its defaults.
func (w *writing) entry(s *writeStep, at int, filled bool) (int, error) {
	if filled {
		return w.exec(s.sub, at)
	}
	if !s.n.variable {
		return at, nil
	}
	return w.exec(s.blank, at)
}

// item notes the value of one entry of a JSON array.
func (w *writing) item(s *writeStep, text []byte, i int) (int, *transforms.FieldError) {
	if s.entry == nil {
		end := skipValue(text, i)
		w.frame[s.scalar] = transforms.JSONValue(text[i:end:end])
		return end, nil
	}
	clear(w.frame[s.entry.first : s.entry.first+s.entry.size])
	return w.locate(s.entry, text, i)
}

// entriesOf finds how many entries a table gets, and keeps its counter in step.
func (w *writing) entriesOf(s *writeStep, delta int) (int, transforms.Value, error) {
	v, err := w.tableValue(s)
	if err != nil {
		return 0, v, err
	}
	t := s.n.table
	counter := t.counter
	if v.Kind == transforms.Absent {
		entries := t.max
		if counter != nil {
			entries = t.min
			if w.regs[counter.reg].set {
				var ferr *transforms.FieldError
				if entries, ferr = w.givenCount(s.n); ferr != nil {
					return 0, v, ferr
				}
			} else {
				err = w.setCount(s.n, entries)
			}
		}
		return entries, v, err
	}
	entries := int(v.Len)
	if s.each == nil {
		entries = countItems(v.Text, t.max+1)
	}
	if entries < t.min && w.c.opts.Policy.FillTables {
		entries = t.min
	}
	if entries < t.min || entries > t.max {
		return 0, v, w.fail(s.n, faultOccurs, -1)
	}
	if counter == nil {
		return entries, v, nil
	}
	if !w.regs[counter.reg].set {
		return entries, v, w.setCount(s.n, entries)
	}
	count, ferr := w.givenCount(s.n)
	if ferr != nil {
		return 0, v, ferr
	}
	if count != entries {
		return 0, v, w.fail(counter, faultAgree, w.regs[counter.reg].pos)
	}
	return entries, v, nil
}

// tableValue gets the array a table is filled from.
func (w *writing) tableValue(s *writeStep) (transforms.Value, error) {
	var v transforms.Value
	var err error
	switch {
	case s.each != nil:
		v, err = s.each.Source.Value(w.run)
	case s.source != nil || s.slot >= 0:
		v, err = w.value(s)
	}
	switch {
	case err != nil:
		return v, err
	case v.Kind == transforms.Null:
		return v, w.fail(s.n, faultNull, -1)
	case v.Kind != transforms.Array && v.Kind != transforms.Absent:
		return v, w.fail(s.n, faultArray, -1)
	}
	return v, nil
}

// countItems counts the items of an array, up to limit.
func countItems(text []byte, limit int) int {
	n := 0
	item, more := nextItem(text, 1)
	for more && n < limit {
		n++
		item, more = nextItem(text, skipValue(text, item))
	}
	return n
}

// givenCount reads back a counter that was written before.
func (w *writing) givenCount(n *node) (int, *transforms.FieldError) {
	c := n.table.counter
	pos := w.regs[c.reg].pos
	count, f := w.number(c, w.out[pos:pos+c.size()])
	if f != ok {
		return 0, w.fail(c, f, pos)
	}
	if count < n.table.min || count > n.table.max {
		return 0, w.fail(c, faultOccurs, pos)
	}
	return count, nil
}

// setCount writes the counter of a table.
func (w *writing) setCount(n *node, count int) error {
	c := n.table.counter
	reg := &w.regs[c.reg]
	start := len(w.scratch)
	w.scratch = strconv.AppendInt(w.scratch, int64(count), 10)
	f := c.base.encode(w.out[reg.pos:reg.pos+c.size()], transforms.Value{Kind: transforms.Number, Text: w.scratch[start:]})
	w.scratch = w.scratch[:start]
	if f != ok {
		return w.fail(c, f, reg.pos)
	}
	reg.set = true
	return nil
}
