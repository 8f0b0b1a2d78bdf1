// SPDX-License-Identifier: Apache-2.0

package record

import (
	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

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

// DecodeJSON appends the JSON object of a whole record to dst. Errors are *transforms.FieldError.
func (c *Codec) DecodeJSON(dst, msg []byte) ([]byte, error) {
	w := c.startWalk(msg)
	defer c.endWalk(w)
	start := len(dst)
	out, delta, err := w.decode(c.plan, dst, 0)
	if err == nil {
		err = c.checkEnd(w, delta)
	}
	if err != nil {
		return dst[:start], err
	}
	if len(out) == start {
		return append(out, "{}"...), nil
	}
	return out[:len(out)-1], nil // the last comma
}

// EncodeJSON appends the record that a JSON object describes to dst. Errors are
// *transforms.FieldError, or *transforms.InvalidError for what is not JSON.
func (c *Codec) EncodeJSON(dst, json []byte) ([]byte, error) {
	if !jsontext.Value(json).IsValid(c.syntax...) {
		return dst, &transforms.InvalidError{Syntax: true, Issues: []transforms.Issue{{Code: "syntax", Detail: "the document is not JSON"}}}
	}
	at := skipSpace(json, 0)
	return c.encoder.write(dst, json[at:], nil)
}

// checkEnd refuses bytes behind the end of the record.
func (c *Codec) checkEnd(w *walk, delta int) *transforms.FieldError {
	if end := c.max + delta; len(w.msg) > end && c.root.policy.Excess == ExcessReject {
		code, reason := faultExcess.explain()
		return &transforms.FieldError{Field: c.root.item.Name, Offset: end, Length: len(w.msg) - end, Code: code, Reason: reason}
	}
	return nil
}

// decode runs a plan. Every value it appends ends in a comma.
func (w *walk) decode(p *plan, dst []byte, delta int) ([]byte, int, *transforms.FieldError) {
	for i := range p.steps {
		s := &p.steps[i]
		pos := int(s.off) + delta
		switch s.op {
		case opLeaf:
			end := pos + int(s.size)
			if end > len(w.msg) {
				if pos >= len(w.msg) {
					continue
				}
				end = len(w.msg)
				if !s.n.partial {
					if w.tolerant {
						dst = w.badField(s, dst, faultShort, pos)
						continue
					}
					return dst, delta, w.fail(s.n, faultShort, pos)
				}
			}
			dst = append(dst, s.name...)
			before := len(dst)
			var f fault
			if dst, f = s.leaf.decode(dst, w.msg[pos:end]); f != ok {
				if w.tolerant {
					dst = w.badField(s, dst[:before-len(s.name)], f, pos)
					continue
				}
				return dst, delta, w.fail(s.n, f, pos)
			}
			dst = append(dst, ',')
		case opOpen:
			dst = append(append(dst, s.name...), '{')
		case opClose:
			dst = closeObject(dst, len(s.name), pos >= len(w.msg) && s.n.size() > 0 && s.n.parent != nil)
		case opNote:
			w.regs[s.n.reg].pos = pos
		case opTable:
			var err *transforms.FieldError
			if dst, delta, err = w.decodeTable(s, dst, delta); err != nil {
				return dst, delta, err
			}
		case opBlock:
			var err *transforms.FieldError
			if dst, err = w.decodeBlock(s, dst, delta); err != nil {
				return dst, delta, err
			}
		}
	}
	return dst, delta, nil
}

// closeObject ends an object; an empty one that lies behind the end of the message is taken back.
func closeObject(dst []byte, name int, absent bool) []byte {
	last := len(dst) - 1
	switch {
	case dst[last] == ',':
		dst[last] = '}'
	case absent:
		return dst[:last-name]
	default:
		dst = append(dst, '}')
	}
	return append(dst, ',')
}

func (w *walk) decodeTable(s *step, dst []byte, delta int) ([]byte, int, *transforms.FieldError) {
	entries, err := w.count(s.n)
	if err != nil {
		return dst, delta, err
	}
	start := int(s.off) + delta
	if entries < 0 || entries > 0 && start >= len(w.msg) && s.n.table.counter == nil {
		return dst, delta, nil // absent, and so is all that follows
	}
	dst = append(append(dst, s.name...), '[')
	w.occ = append(w.occ, 0)
	at := delta
	for i := range entries {
		w.occ[len(w.occ)-1] = int32(i)
		if int(s.off)+at >= len(w.msg) {
			if s.n.table.counter == nil {
				break
			}
			return dst, delta, w.fail(s.n, faultShort, int(s.off)+at)
		}
		var after int
		if dst, after, err = w.decode(&s.sub.entry, dst, at); err != nil {
			return dst, delta, err
		}
		at = after + int(s.size)
	}
	w.occ = w.occ[:len(w.occ)-1]
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = ']'
	} else {
		dst = append(dst, ']')
	}
	dst = append(dst, ',')
	if s.n.variable {
		delta = at - s.n.total()
	}
	return dst, delta, nil
}

// decodeBlock decodes the alternative that the rule chooses; without a rule all that can be
// decoded, and the error of the first if none can.
func (w *walk) decodeBlock(s *step, dst []byte, delta int) ([]byte, *transforms.FieldError) {
	b := s.n.block
	if b.disc != nil {
		chosen := w.choose(b, delta)
		for i := range s.sub.alts {
			if s.sub.alts[i].n == chosen {
				out, _, err := w.decode(s.sub.alts[i].p, dst, delta)
				return out, err
			}
		}
		return dst, nil
	}
	var first *transforms.FieldError
	good := false
	tolerant := w.tolerant
	w.tolerant = false // one that cannot be read is not there
	depth := len(w.occ)
	for i := range s.sub.alts {
		before := len(dst)
		out, _, err := w.decode(s.sub.alts[i].p, dst, delta)
		if err != nil {
			w.occ = w.occ[:depth]
			dst = out[:before]
			if first == nil {
				first = err
			}
			continue
		}
		dst, good = out, true
	}
	w.tolerant = tolerant
	if !good && first != nil {
		if !tolerant {
			return dst, first
		}
		w.noteBad(first)
	}
	return dst, nil
}

// badField lists a field that cannot be read and makes it null.
func (w *walk) badField(s *step, dst []byte, f fault, pos int) []byte {
	w.noteBad(w.fail(s.n, f, pos))
	return append(append(dst, s.name...), "null,"...)
}
