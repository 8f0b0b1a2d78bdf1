// SPDX-License-Identifier: Apache-2.0

package record

import (
	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// DecodeJSON appends the JSON object of a whole record to dst. Errors are *transforms.FieldError.
func (c *Codec) DecodeJSON(dst, msg []byte) ([]byte, error) {
	start := len(dst)
	var out []byte
	var delta int
	var err *transforms.FieldError
	if c.plain {
		w := walk{msg: msg} // nothing to remember: it stays on the stack
		out, delta, err = w.decode(c.plan, dst, 0)
	} else {
		w := c.startWalk(msg)
		out, delta, err = w.decode(c.plan, dst, 0)
		c.endWalk(w)
	}
	if err == nil {
		err = c.checkEnd(msg, delta)
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
	at := transforms.SkipSpace(json, 0)
	return c.encoder.write(dst, json[at:], nil)
}

// Whole reports a message that ends before its record does: an error with the offset of its end. Tables count with the
// entries that they have.
func (c *Codec) Whole(msg []byte) error {
	w := c.startWalk(msg)
	defer c.endWalk(w)
	_, delta, err := w.decode(c.plan, nil, 0)
	if err != nil {
		return err
	}
	if end := c.max + delta; len(msg) < end {
		code, reason := faultShort.explain()
		return &transforms.FieldError{Field: c.root.item.Name, Offset: len(msg), Length: end - len(msg), Code: code, Reason: reason}
	}
	return nil
}

// checkEnd refuses bytes behind the end of the record.
func (c *Codec) checkEnd(msg []byte, delta int) *transforms.FieldError {
	if end := c.max + delta; len(msg) > end && c.root.policy.Excess == ExcessReject {
		code, reason := faultExcess.explain()
		return &transforms.FieldError{Field: c.root.item.Name, Offset: end, Length: len(msg) - end, Code: code, Reason: reason}
	}
	return nil
}

// decode runs a plan. Every value it appends ends in a comma.
func (w *walk) decode(p *plan, dst []byte, delta int) ([]byte, int, *transforms.FieldError) {
	msg, steps := w.msg, p.steps
	for i := range steps {
		s := &steps[i]
		pos := int(s.off) + delta
		switch s.op {
		case opLeaf:
			end := pos + int(s.size)
			if end > len(msg) {
				if pos >= len(msg) {
					continue
				}
				end = len(msg)
				if !s.n.partial {
					if w.tolerates(s.n) {
						dst = w.badField(s, dst, faultShort, pos)
						continue
					}
					return dst, delta, w.fail(s.n, faultShort, pos)
				}
			}
			if text, isText := s.leaf.(*textLeaf); isText { // half of all fields, and none of them fails
				if s.label == nil {
					dst = text.appendMember(s.appendName(dst), nil, 0, msg[pos:end])
				} else {
					dst = text.appendMember(dst, s.label, int(s.named), msg[pos:end])
				}
				continue
			}
			before := len(dst)
			dst = s.appendName(dst)
			var f fault
			if dst, f = s.leaf.decode(dst, msg[pos:end]); f != ok {
				if w.tolerates(s.n) {
					dst = w.badField(s, dst[:before], f, pos)
					continue
				}
				return dst, delta, w.fail(s.n, f, pos)
			}
			dst = append(dst, ',')
		case opOpen:
			dst = append(s.appendName(dst), '{')
		case opClose:
			dst = closeObject(dst, int(s.named), pos >= len(msg) && s.n.parent != nil && !w.isEmpty(s.n))
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
	empty := start >= len(w.msg) && w.isEmpty(s.n)
	if entries < 0 || entries > 0 && start >= len(w.msg) && s.n.table.counter == nil && !empty {
		return dst, delta, nil // absent, and so is all that follows
	}
	before := len(dst)
	dst = append(s.appendName(dst), '[')
	w.occ = append(w.occ, 0)
	at := delta
	for i := range entries {
		w.occ[len(w.occ)-1] = int32(i)
		if int(s.off)+at >= len(w.msg) && !empty {
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
	if s.n.variable {
		delta = at - s.n.total()
	}
	if s.named == 0 {
		return dst[:before], delta, nil // FILLER: passed over, not shown
	}
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = ']'
	} else {
		dst = append(dst, ']')
	}
	return append(dst, ','), delta, nil
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
	strict := w.strict
	w.strict = true // one that cannot be read is not there
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
	w.strict = strict
	if !good && first != nil {
		if !w.tolerant || strict {
			return dst, first
		}
		w.noteBad(first)
	}
	return dst, nil
}

// badField makes a field that cannot be read null, and lists it in a tolerant walk.
func (w *walk) badField(s *step, dst []byte, f fault, pos int) []byte {
	if w.tolerant {
		w.noteBad(w.fail(s.n, f, pos))
	}
	return append(s.appendName(dst), "null,"...)
}
