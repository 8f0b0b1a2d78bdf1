// SPDX-License-Identifier: Apache-2.0

package record

import (
	"math"
	"sync"

	"lintel/transforms"
)

// recordWriter is the plan of one Mapping.
type recordWriter struct {
	c    *Codec
	plan *writePlan
	// frame is how many slots for located members a walk needs.
	frame int
	// scopes is how many JSON texts are located in.
	scopes int
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
	frame    []span
	// texts are the JSON texts that the spans point into, by scope.
	texts  [][]byte
	chosen []chosenAlts // by block
	out    []byte
	start  int // of the record in out
	exact  exactState
}

// writePlan is a list of steps; steps of groups are flattened into it.
type writePlan struct{ steps []writeStep }

type writeOp uint8

const (
	writeFill writeOp = iota
	writeNote
	writeSlot
	writeLeaf
	writeBytes
	writeLocate
	writeWhen
	writeTable
	writeBlock
	writeSettle
)

// writeStep has what most steps need; the rest is in stepParts.
type writeStep struct {
	n     *node
	leaf  leaf
	parts *stepParts
	off   int
	size  int
	slot  int32 // of a located value
	scope int32
	op    writeOp
}

type stepParts struct {
	source transforms.Source // nil when the value is in slot
	// captured is the source of a field where that is a captured value.
	captured transforms.Captured
	bytes    []byte
	table    *objectTable
	when     transforms.Condition
	sub      *writePlan
	blank    *writePlan // when the condition does not hold, or nothing fills an entry
	each     *transforms.Each
	entry    *objectTable // of entries that are JSON objects
	scalar   int          // slot of entries that are scalars
	inside   int          // scope of the entries
	alts     []writeAlt
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
	return r.writeWith(w, dst, document, run)
}

// writeOver writes a document over the bytes of a record, which decode to before.
func (r *recordWriter) writeOver(dst, document, old, before []byte) ([]byte, error) {
	w, _ := r.pool.Get().(*writing)
	w.exact = exactState{old: old, document: before, inStep: true}
	return r.writeWith(w, dst, document, nil)
}

func (r *recordWriter) writeWith(w *writing, dst, document []byte, run *transforms.Run) ([]byte, error) {
	w.run, w.document, w.out, w.start = run, document, dst, len(dst)
	w.occ = w.occ[:0]
	w.scratch = w.scratch[:0]
	w.entries = r.c.opts.Limits.entries()
	for i := range w.regs {
		w.regs[i] = register{pos: -1}
	}
	_, err := w.exec(r.plan, 0)
	out := w.exact.finish(w.out, w.start)
	w.run, w.document, w.out, w.exact = nil, nil, nil, exactState{}
	clear(w.frame)
	clear(w.texts)
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
			at := len(w.out) - w.start
			w.out = append(w.out, w.w.base[s.off:s.off+s.size]...)
			if w.exact.inStep {
				copy(w.out[w.start+at:], w.exact.before(at, s.size))
			}
		case writeNote:
			w.regs[s.n.reg] = w.note(pos)
		case writeBytes:
			copy(w.out[pos:], s.parts.bytes)
			w.given(s.n)
		case writeSlot:
			at := w.frame[s.slot]
			if at.end == 0 {
				continue
			}
			text := w.texts[s.scope][at.start:at.end]
			if w.exact.old != nil {
				if w.unchanged(s, pos-w.start, text) {
					w.given(s.n)
					continue
				}
				w.exact.changed(pos - w.start + s.size)
			}
			if f := encodeJSON(s.leaf, w.out[pos:pos+s.size], text); f != ok {
				return delta, w.failAt(s.n, f, pos)
			}
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
	holds, err := s.parts.when.Holds(w.run)
	if err != nil {
		return delta, err
	}
	if holds {
		return w.exec(s.parts.sub, delta)
	}
	return w.exec(s.parts.blank, delta)
}

// given notes that a counter or discriminator has a value of its own.
func (w *writing) given(n *node) {
	if n.reg >= 0 {
		w.regs[n.reg].set = true
	}
}

// span is where a located member stands in the text of its scope; the zero span is absent.
type span struct{ start, end int32 }

// located gives the value of a slot.
func (w *writing) located(slot, scope int32) transforms.Value {
	at := w.frame[slot]
	if at.end == 0 {
		return transforms.Value{}
	}
	return transforms.JSONValue(w.texts[scope][at.start:at.end:at.end])
}

// value gets the value of a step in its JSON form.
func (w *writing) value(s *writeStep) (transforms.Value, error) {
	source := s.parts.source
	if source == nil {
		return w.located(s.slot, s.scope), nil
	}
	if _, whole := source.(documentSource); whole {
		return transforms.JSONValue(w.document), nil
	}
	v, err := source.Value(w.run)
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
	if w.captured(s, pos) {
		return nil
	}
	v, err := w.value(s)
	if err != nil {
		return err
	}
	if v.Kind == transforms.Absent {
		return nil
	}
	if f := encodeValue(s.leaf, w.out[pos:pos+s.size], v); f != ok {
		err := w.failAt(s.n, f, pos)
		if from, known := s.parts.source.(transforms.Pointed); known && err.Pointer == "" {
			err.Pointer = from.Pointer(w.run)
		}
		return err
	}
	w.given(s.n)
	return nil
}

// captured writes a field straight from a captured value, which is what most fields are filled from.
// What it cannot write is left to leaf, which has the words for it.
func (w *writing) captured(s *writeStep, pos int) bool {
	if s.parts.captured == nil {
		return false
	}
	v := s.parts.captured.Captured(w.run)
	if v == nil || v.Kind < transforms.Bool || v.Kind > transforms.String {
		return false
	}
	if s.leaf.encode(w.out[pos:pos+s.size], scalar{v.Text, v.Kind}) != ok {
		return false
	}
	w.given(s.n)
	return true
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
	clear(w.frame[s.parts.table.first : s.parts.table.first+s.parts.table.size])
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
	if len(v.Text) > math.MaxInt32 {
		return w.fail(s.n, faultNumber, -1)
	}
	w.texts[s.parts.table.scope] = v.Text
	if _, ferr := w.locate(s.parts.table, v.Text, 0); ferr != nil {
		return ferr
	}
	return nil
}
