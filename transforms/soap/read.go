// SPDX-License-Identifier: Apache-2.0

package soap

import (
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
