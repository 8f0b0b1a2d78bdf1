// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"slices"

	"lintel/specs"
	"lintel/transforms"
)

// envelope reads what stands around the body of a message.
type envelope struct {
	s *scanner
	f *Format
	// ns is the namespace of the envelope: SOAP 1.1 or 1.2.
	ns int
	// header tells that the Header just began; otherwise the Body did.
	header bool
}

// begin reads up to the start of Header or Body.
func (e *envelope) begin(msg []byte) error {
	e.s.reset(msg, e.f.op.b.spaces)
	if err := e.s.prolog(); err != nil {
		return err
	}
	tok, err := e.start()
	if err != nil {
		return err
	}
	e.ns = e.s.name.ns
	if tok != tokenStart || string(e.s.name.local) != "Envelope" || e.ns != nsNumber11 && e.ns != nsNumber12 {
		return misfit("type", "the message is no SOAP envelope")
	}
	if tok, err = e.start(); err != nil {
		return err
	}
	if tok == tokenStart && e.s.name.ns == e.ns && string(e.s.name.local) == "Header" {
		e.header = true
		return e.understood()
	}
	return e.isAtBody(tok)
}

func (e *envelope) isAtBody(tok token) error {
	if tok != tokenStart || e.s.name.ns != e.ns || string(e.s.name.local) != "Body" {
		return misfit("type", "the envelope has no body where one must stand")
	}
	return nil
}

// start is the next start or end, past white space.
func (e *envelope) start() (token, error) {
	for {
		tok, err := e.s.next()
		if err != nil || tok != tokenText {
			return tok, err
		}
		if len(bytes.TrimLeft(e.s.text, " \t\r\n")) > 0 {
			return tok, misfit("type", "text stands between the elements of the envelope")
		}
	}
}

// body moves from the end of the header to the start of the body.
func (e *envelope) body() error {
	tok, err := e.start()
	if err != nil {
		return err
	}
	return e.isAtBody(tok)
}

// entry moves to the first element of the body, or to its end.
func (e *envelope) entry() (token, error) { return e.start() }

// isFault accepts a fault in the namespace of either version: some hosts mix them.
func (e *envelope) isFault() bool {
	return string(e.s.name.local) == "Fault" && (e.s.name.ns == nsNumber11 || e.s.name.ns == nsNumber12)
}

// isBody tells whether the present element is the one that is expected. In rpc style the name of the
// wrapper of a reply has no meaning (SOAP 1.1, section 7.1).
func (e *envelope) isBody() bool {
	b := e.f.m.body
	return b != nil && (b.ns == e.s.name.ns && b.local == string(e.s.name.local) || e.f.op.RPC && e.f.reply)
}

func (f *Format) bodyName() string {
	if f.m.body == nil {
		return "none"
	}
	return f.m.body.local
}

// finish reads from the end of the body's element, or of the body, to the end of the message. Encoded
// messages have further elements, which others refer to.
func (e *envelope) finish(tok token) error {
	var err error
	for tok == tokenStart {
		if tok, err = e.start(); err != nil {
			return err
		}
		if tok == tokenStart {
			if !e.f.op.Encoded {
				return misfit("occurs", "the body holds a second element")
			}
			if err := e.s.skip(); err != nil {
				return err
			}
		}
	}
	if tok, err = e.start(); err != nil {
		return err
	}
	if tok != tokenEnd {
		return misfit("type", "something stands behind the body")
	}
	_, err = e.s.next()
	return err
}

// DecodeJSON implements transforms.Codec.
func (f *Format) DecodeJSON(dst, msg []byte) ([]byte, error) { return f.decodeTyped(dst, "", msg) }

func (f *Format) decodeTyped(dst []byte, mediaType string, msg []byte) ([]byte, error) {
	out, err := f.decode(dst, mediaType, msg)
	if err != nil {
		return dst, fieldError(err, f.op.Name)
	}
	return out, nil
}

// nothing tells that a message is the empty answer to a one-way operation.
func (f *Format) nothing(msg []byte) bool {
	return f.reply && f.op.OneWay && len(bytes.TrimSpace(msg)) == 0
}

func (f *Format) decode(dst []byte, mediaType string, msg []byte) ([]byte, error) {
	if f.nothing(msg) {
		return append(dst, "{}"...), nil
	}
	u, err := f.unpack(mediaType, msg)
	if err != nil {
		return dst, err
	}
	msg, err = toUTF8(u.envelope, u.charset)
	if err != nil {
		return dst, misfit("encoding", "the message is in a character encoding that is not read")
	}
	s := &scanner{}
	e := envelope{s: s, f: f}
	if err := e.begin(msg); err != nil {
		return dst, err
	}
	d := &decoder{s: s, spaces: f.op.b.spaces, rows: maxRows, encoded: f.op.Encoded, parts: u.parts}
	if d.encoded {
		if d.ids, err = places11(msg, f.op.b.spaces); err != nil {
			return dst, err
		}
	}
	var header []byte
	if e.header {
		if f.headers != nil {
			header, err = d.object(nil, f.headers, f.headers)
		} else {
			err = s.skip()
		}
		if err == nil {
			err = e.body()
		}
		if err != nil {
			return dst, err
		}
	}
	tok, err := e.entry()
	if err != nil {
		return dst, err
	}
	open := len(dst)
	dst = append(dst, '{')
	fault := tok == tokenStart && e.isFault()
	switch {
	case fault:
		dst = append(transforms.AppendQuoted(dst, f.fault), ':')
		if dst, err = f.decodeFault(d, dst); err != nil {
			return dst, err
		}
	case tok == tokenStart && e.isBody():
		if f.m.wrapped {
			dst, err = d.element(dst[:open], f.m.body)
			if err == nil && dst[open] == '{' {
				dst = dst[:len(dst)-1]
			}
		} else {
			dst = append(transforms.AppendQuoted(dst, jsonName(f.m.body.local)), ':')
			dst, err = d.element(dst, f.m.body)
		}
		if err != nil {
			return dst, err
		}
	case tok == tokenStart:
		return dst, misfit("type", "the body holds another element than "+f.bodyName())
	case f.m.body != nil:
		return dst, misfit("missing", "the body is empty")
	}
	if header != nil {
		dst = append(f.lead(dst, open, f.header), header...)
	}
	if dst, err = f.appendParts(dst, open, d.parts, fault); err != nil {
		return dst, err
	}
	return append(dst, '}'), e.finish(tok)
}

// lead appends the name of a member, and what separates it from those before it.
func (f *Format) lead(dst []byte, open int, name string) []byte {
	if len(dst) > open+1 {
		dst = append(dst, ',')
	}
	return append(transforms.AppendQuoted(dst, name), ':')
}

// appendParts appends the members that are attachments; those that the WSDL declares may be missing
// beside a fault.
func (f *Format) appendParts(dst []byte, open int, a *attachments, fault bool) ([]byte, error) {
	for i, name := range f.attached {
		one := a.part(i)
		if one == nil {
			if fault {
				continue
			}
			return dst, below(misfit("missing", "the attachment is missing"), name)
		}
		dst, _ = binary{}.AppendJSON(f.lead(dst, open, name), one.Body)
	}
	if f.others != "" {
		dst = a.appendOthers(f.lead(dst, open, f.others))
	}
	return dst, nil
}

// places11 finds the elements with an id.
func places11(msg []byte, spaces []string) (map[string]place, error) {
	s := &scanner{}
	s.reset(msg, spaces)
	if err := s.prolog(); err != nil {
		return nil, err
	}
	out := map[string]place{}
	for {
		tok, err := s.next()
		if err != nil || tok == tokenEOF {
			return out, err
		}
		if tok != tokenStart {
			continue
		}
		if id, ok := s.attrOf(nsNone, "id"); ok {
			outer := s.binds[:s.open[len(s.open)-1].marks]
			out[string(id)] = place{s.at, append([]binding(nil), outer...)}
		}
	}
}

// outside are the members of a message that do not stand in its body.
type outside struct {
	header, fault, others []byte
	attached              [][]byte
}

// aside takes what belongs beside the body from a message; the rest is an object of its own.
func (f *Format) aside(json []byte) (body []byte, o outside) {
	if len(f.attached) > 0 {
		o.attached = make([][]byte, len(f.attached))
	}
	places := map[string]*[]byte{`"` + f.header + `"`: &o.header, `"` + f.fault + `"`: &o.fault, `"` + f.others + `"`: &o.others}
	for i, name := range f.attached {
		places[`"`+name+`"`] = &o.attached[i]
	}
	body = append(make([]byte, 0, 64), '{')
	for name, v := range members(json) {
		if place := places[string(name)]; place != nil && string(name) != `""` {
			*place = v
			continue
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(append(body, name...), ':'), v...)
	}
	return append(body, '}'), o
}

// EncodeJSON implements transforms.Codec.
func (f *Format) EncodeJSON(dst, json []byte) ([]byte, error) {
	start := len(dst)
	out := newOutgoing(f, json)
	dst = slices.Grow(dst, len(json)+1024)
	if out != nil {
		dst = out.begin(dst, f)
	}
	dst, err := f.encode(dst, json, out)
	if err == nil && out != nil {
		dst, err = out.finish(dst, start, f)
	}
	if err != nil {
		return dst[:start], fieldError(err, f.op.Name)
	}
	return dst, nil
}

func (f *Format) encode(dst, json []byte, out *outgoing) ([]byte, error) {
	body, o := f.aside(json)
	e := &encoder{dst: dst, prefixes: f.prefixes, spaces: f.op.b.spaces, encoded: f.op.Encoded, out: out}
	e.str(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<soap:Envelope" + f.declarations + ">")
	if o.header != nil && f.headers != nil {
		vals, err := e.gather(f.headers, o.header)
		if err != nil {
			return dst, below(err, f.header)
		}
		e.str("<soap:Header>")
		if err := e.particle(f.headers.content, vals, true); err != nil {
			return dst, below(err, f.header)
		}
		e.str("</soap:Header>")
	}
	e.str("<soap:Body>")
	if err := f.encodeBody(e, body, o.fault); err != nil {
		return dst, err
	}
	e.str("</soap:Body></soap:Envelope>")
	if o.fault == nil {
		if err := f.attachNamed(out, o.attached); err != nil {
			return dst, err
		}
	}
	return e.dst, f.attachOthers(out, o.others)
}

func (f *Format) encodeBody(e *encoder, body, fault []byte) error {
	switch {
	case fault != nil && fault[0] == '{':
		return f.encodeFault(e, fault)
	case f.m.body == nil:
		return nil
	case f.m.wrapped:
		return e.element(f.m.body, body)
	}
	for name, v := range members(body) {
		if string(name) != `"`+jsonName(f.m.body.local)+`"` {
			return misfit("unknown", "the message has no place for a member")
		}
		return e.element(f.m.body, v)
	}
	return misfit("missing", "the message has no body")
}

// Writer implements transforms.Format. What a mapping says is first written as JSON and then, in the
// order of the schema, as XML.
func (f *Format) Writer(m *transforms.Mapping) (transforms.Writer, specs.Findings) {
	return newWriter(f, m)
}
