// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"

	"lintel/transforms"
)

// element takes what is wanted of the element that just began, to its end.
func (g *reading) element(x *elem, w *want, base int) error {
	if g.isNil() {
		g.set(base, w.slot, transforms.Value{Kind: transforms.Null, Text: []byte("null")})
		return g.skip()
	}
	if w.field != nil {
		raw, one, err := g.d.content(x.typ.simple)
		if err != nil {
			return err
		}
		if one != nil {
			g.set(base, w.slot, transforms.Value{Kind: transforms.Host, Text: one.Body, Field: binary{}})
			return nil
		}
		if len(raw) == 0 {
			raw = w.empty
		}
		if w.each != nil {
			g.list(w, raw, base)
			return nil
		}
		g.set(base, w.slot, transforms.Value{Kind: transforms.Host, Text: raw, Field: w.field})
		return nil
	}
	if w.slot >= 0 {
		at := g.at
		json, err := g.d.element(nil, x)
		if err != nil {
			return err
		}
		g.set(base, w.slot, transforms.JSONValue(json))
		if len(w.kids) == 0 {
			return nil
		}
		g.pos, g.pending = at, false
		if _, err := g.next(); err != nil {
			return err
		}
	}
	t, err := g.d.variant(x.typ)
	if err != nil {
		return err
	}
	if w.typeSlot >= 0 {
		g.set(base, w.typeSlot, transforms.Value{Kind: transforms.String, Text: transforms.AppendQuoted(nil, t.local)})
	}
	return g.object(t, w, base)
}

// list takes the items of a list as entries.
func (g *reading) list(w *want, raw []byte, base int) {
	fields := bytes.Fields(plainText(raw))
	first := g.slots.Grow(len(fields) * w.size)
	for i, f := range fields {
		g.set(first+i*w.size, w.each.slot, transforms.Value{Kind: transforms.Host, Text: f, Field: w.each.field})
	}
	g.set(base, w.slot, transforms.Value{Kind: transforms.Array, First: int32(first), Len: int32(len(fields))}) //nolint:gosec // bounded by the message
}

// object takes attributes, text and elements of the element that just began.
func (g *reading) object(t *ctype, w *want, base int) error {
	kids := w.of(t)
	if kids == nil {
		return g.skip()
	}
	for _, m := range t.members {
		k := kids[m.index]
		if m.attr == nil || k == nil {
			continue
		}
		if raw, ok := g.attrOf(m.attr.ns, m.attr.local); ok {
			if raw, err := g.d.attrText(m.attr, raw); err != nil {
				return below(err, m.json)
			} else if m.attr.typ.kind == kindQName {
				g.set(base, k.slot, transforms.Value{Kind: transforms.Host, Text: raw, Field: k.field})
				continue
			}
			g.set(base, k.slot, transforms.Value{Kind: transforms.Host, Text: raw, Field: k.field})
		} else if m.attr.required {
			return below(misfit("missing", "the attribute is missing"), m.json)
		}
	}
	if t.simple != nil {
		raw, one, err := g.d.content(t.simple)
		if err != nil {
			return err
		}
		for _, m := range t.members {
			if k := kids[m.index]; m.text && k != nil {
				v := transforms.Value{Kind: transforms.Host, Text: raw, Field: k.field}
				if one != nil {
					v.Text, v.Field = one.Body, binary{}
				}
				g.set(base, k.slot, v)
			}
		}
		return nil
	}
	tok, err := g.d.next(t)
	if err != nil {
		return err
	}
	_, err = g.elements(t, kids, tok, base, false)
	return err
}

// elements is decoder.elements for what is wanted.
func (g *reading) elements(t *ctype, kids []*want, tok token, base int, turn bool) (token, error) {
	var few [64]bool
	st := state{seen: few[:], last: -1}
	if len(t.members) > len(few) {
		st.seen = make([]bool, len(t.members))
	}
	var err error
	for tok == tokenStart {
		m := t.find(g.name, &st)
		if m == nil || turn && !st.goesOn(t, m) {
			if turn {
				break
			}
			if err = g.skip(); err != nil {
				return tok, err
			}
			if tok, err = g.d.next(t); err != nil {
				return tok, err
			}
			continue
		}
		if st.seen[m.index] {
			return tok, below(misfit("occurs", "the element stands again where it cannot"), m.json)
		}
		st.seen[m.index], st.last = true, m.index
		k := kids[m.index]
		switch {
		case m.array:
			tok, err = g.array(t, m, k, base)
		case k == nil:
			if err = g.skip(); err == nil {
				tok, err = g.d.next(t)
			}
		default:
			if err = g.element(m.elem, k, base); err == nil {
				tok, err = g.d.next(t)
			}
		}
		if err != nil {
			return tok, below(err, m.json)
		}
	}
	for _, m := range t.elems {
		k := kids[m.index]
		switch {
		case k == nil || st.seen[m.index] || m.chosen:
		case m.array && m.min == 0:
			g.set(base, k.slot, transforms.Value{Kind: transforms.Array, Text: []byte("[]"), First: 0, Len: 0})
		case !m.optional:
			return tok, below(misfit("missing", "the element is missing"), m.json)
		}
	}
	return tok, nil
}

// array takes the elements of an array, the first of which just began, or the turns of a group.
func (g *reading) array(t *ctype, m *member, w *want, base int) (token, error) {
	if w != nil && w.each == nil && w.slot >= 0 {
		json, tok, err := g.d.array(nil, t, m)
		g.set(base, w.slot, transforms.JSONValue(json))
		return tok, err
	}
	tok := tokenStart
	rows := rows{slots: g.slots}
	if w != nil {
		rows.size = w.size
	}
	var err error
	for tok == tokenStart && m.belongs(t, g.name) {
		if g.d.rows--; g.d.rows < 0 {
			return tok, misfit("occurs", "the message has more entries than are read")
		}
		switch {
		case m.group != nil && w != nil && w.each != nil && w.each.slot >= 0:
			at := rows.add()
			json := []byte{'{'}
			json, tok, err = g.d.elements(json, len(json), m.group, tok, true)
			w.each.fill(append(json, '}'), g.slots, at)
		case m.group != nil && (w == nil || w.each == nil || w.each.of(m.group) == nil):
			tok, err = g.elements(m.group, make([]*want, len(m.group.members)), tok, 0, true)
		case m.group != nil:
			tok, err = g.elements(m.group, w.each.of(m.group), tok, rows.add(), true)
		default:
			if w == nil {
				err = g.skip()
			} else {
				err = g.element(m.elem, w.each, rows.add())
			}
			if err == nil {
				tok, err = g.d.next(t)
			}
		}
		if err != nil {
			return tok, err
		}
	}
	if w != nil {
		g.set(base, w.slot, transforms.Value{Kind: transforms.Array, First: int32(rows.first), Len: int32(rows.n)}) //nolint:gosec // bounded by the message
	}
	return tok, nil
}

// rows are the entries of an array: consecutive slots, although entries of other arrays may be added
// in between.
type rows struct {
	slots          *transforms.Slots
	first, n, room int
	size           int
}

// add makes room for one more entry and returns its first slot.
func (r *rows) add() int {
	if r.n == r.room {
		if r.n > 0 && r.slots.Len() == r.first+r.room*r.size { // nothing came in between
			r.slots.Grow(r.size)
			r.room++
		} else {
			room := max(1, 2*r.room)
			first := r.slots.Grow(room * r.size)
			for i := range r.n * r.size {
				*r.slots.At(first + i) = *r.slots.At(r.first + i)
			}
			r.first, r.room = first, room
		}
	}
	r.n++
	return r.first + (r.n-1)*r.size
}
