// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"slices"
	"sync"

	"lintel/transforms"
)

// reader takes what a transform wants out of envelopes. Elements of which nothing is wanted are only
// checked for their form; a single value is kept as the span of the message it is.
type reader struct {
	f *Format
	// body, header and fault are what is wanted of each; nil for nothing.
	body, header, fault *want
	// whole is what is wanted, where the message has to be read as a whole first.
	whole *want
	// attached are what is wanted of the attachments of the WSDL, others of those that nothing names.
	attached []*want
	others   *want
	pool     sync.Pool
}

// reading is one use of a reader.
type reading struct {
	scanner
	d     decoder
	slots *transforms.Slots
}

func (f *Format) newReader(c *transforms.Capture) transforms.Reader {
	r := &reader{f: f, attached: make([]*want, len(f.attached))}
	r.pool.New = func() any { return &reading{} }
	if f.op.Encoded || c.Slot >= 0 {
		r.whole = wantJSON(c)
		return r
	}
	rest := *c
	rest.Members = nil
	for _, m := range c.Members {
		switch m.Type.Name {
		case f.fault:
			r.fault = wantJSON(m)
		case f.header:
			r.header = wantElement(m, &elem{typ: f.headers}, f.header)
		case f.others:
			r.others = wantJSON(m)
		default:
			if i := slices.Index(f.attached, m.Type.Name); i >= 0 {
				r.attached[i] = wantJSON(m)
				continue
			}
			rest.Members = append(rest.Members, m)
		}
	}
	switch {
	case f.m.body == nil:
	case f.m.wrapped:
		r.body = wantElement(&rest, f.m.body, f.m.body.local)
		r.body.slot = -1
	case len(rest.Members) > 0:
		r.body = wantMember(rest.Members[0], &member{json: rest.Members[0].Type.Name, elem: f.m.body, min: 1, max: 1}, nil, f.op.Name)
	}
	return r
}

// Read implements transforms.Reader.
func (r *reader) Read(msg []byte, slots *transforms.Slots, base int) error {
	return r.ReadTyped("", msg, slots, base)
}

// ReadTyped implements transforms.TypedReader.
func (r *reader) ReadTyped(mediaType string, msg []byte, slots *transforms.Slots, base int) error {
	if r.whole != nil {
		json, err := r.f.decodeTyped(nil, mediaType, msg)
		if err != nil {
			return err
		}
		r.whole.fill(json, slots, base)
		return nil
	}
	g, _ := r.pool.Get().(*reading)
	defer r.pool.Put(g)
	g.slots = slots
	err := r.read(g, mediaType, msg, base)
	g.slots, g.src, g.d.parts = nil, nil, nil
	if err != nil {
		return fieldError(err, r.f.op.Name)
	}
	return nil
}

func (r *reader) read(g *reading, mediaType string, msg []byte, base int) error {
	if r.f.nothing(msg) {
		return nil
	}
	u, err := r.f.unpack(mediaType, msg)
	if err != nil {
		return err
	}
	msg, err = toUTF8(u.envelope, u.charset)
	if err != nil {
		return misfit("encoding", "the message is in a character encoding that is not read")
	}
	e := envelope{s: &g.scanner, f: r.f}
	if err := e.begin(msg); err != nil {
		return err
	}
	g.d = decoder{s: &g.scanner, spaces: r.f.op.b.spaces, rows: maxRows, parts: u.parts}
	if e.header {
		if r.header != nil {
			err = g.object(r.f.headers, r.header, base)
		} else {
			err = g.skip()
		}
		if err == nil {
			err = e.body()
		}
		if err != nil {
			return err
		}
	}
	tok, err := e.entry()
	if err != nil {
		return err
	}
	fault := tok == tokenStart && e.isFault()
	switch {
	case fault:
		if err := r.readFault(g, base); err != nil {
			return err
		}
	case tok == tokenStart && e.isBody():
		if r.body == nil {
			err = g.skip()
		} else {
			err = g.element(r.f.m.body, r.body, base)
		}
		if err != nil {
			return err
		}
	case tok == tokenStart:
		return misfit("type", "the body holds another element than "+r.f.bodyName())
	case r.f.m.body != nil:
		return misfit("missing", "the body is empty")
	}
	if err := r.readParts(g, u.parts, fault, base); err != nil {
		return err
	}
	return e.finish(tok)
}

// readParts takes the attachments that are members of the message.
func (r *reader) readParts(g *reading, a *attachments, fault bool, base int) error {
	for i, w := range r.attached {
		switch one := a.part(i); {
		case w == nil:
		case one != nil:
			g.set(base, w.slot, transforms.Value{Kind: transforms.Host, Text: one.Body, Field: binary{}})
		case !fault:
			return below(misfit("missing", "the attachment is missing"), r.f.attached[i])
		}
	}
	if r.others != nil {
		r.others.fill(a.appendOthers(nil), g.slots, base)
	}
	return nil
}

// readFault takes a fault as JSON: it is rare, and has two shapes.
func (r *reader) readFault(g *reading, base int) error {
	if r.fault == nil {
		return g.skip()
	}
	json, err := r.f.decodeFault(&g.d, nil)
	if err != nil {
		return err
	}
	r.fault.fill(json, g.slots, base)
	return nil
}

func (g *reading) set(base, slot int, v transforms.Value) {
	if slot >= 0 {
		*g.slots.At(base + slot) = v
	}
}

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
