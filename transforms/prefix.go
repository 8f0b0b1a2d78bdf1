// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
)

// prefixWord is the key of request and reply that says what stands in front of the message, and the name
// by which expressions read it.
const prefixWord = "mqHeaders"

// Prefix is the Format of what stands in front of a message of another format, such as the headers of a
// queued message.
type Prefix interface {
	Format
	Codec
	// Close completes a prefix when all is written: what follows it begins at index body of msg.
	Close(msg []byte, body int) error
	// DecodePrefix is DecodeJSON for a prefix; rest is what follows.
	DecodePrefix(dst, msg []byte) (json, rest []byte, err error)
}

// PrefixReader is the Reader of a Prefix.
type PrefixReader interface {
	Reader
	// ReadPrefix is Read; it returns what follows.
	ReadPrefix(msg []byte, slots *Slots, base int) (rest []byte, err error)
}

// requestPrefix is what stands in front of the request.
type requestPrefix struct {
	typ     *MessageType
	format  Prefix
	mapping *Mapping
	writer  Writer
}

// openPrefix opens a list of headers; nil if there is none, or one that was found wrong.
func (k *compilation) openPrefix(n *specs.Node, backend *specs.Backend) (*MessageType, Prefix) {
	if n == nil {
		return nil, nil
	}
	t := k.open(prefixWord, n, backend, true)
	if t == nil {
		return nil, nil
	}
	p, _ := t.Format.(Prefix)
	return t, p
}

// compilePrefix compiles what stands in front of the request: each entry is a name, or a map from one name
// to its fields.
func (k *compilation) compilePrefix(backend *specs.Backend) {
	n := k.doc.Request.MQHeaders
	t, p := k.openPrefix(n, backend)
	if p == nil {
		return
	}
	x := &requestPrefix{typ: t, format: p, mapping: &Mapping{Type: t.Type}}
	sc := k.requestScope()
	for _, item := range n.Items {
		if item.Kind != specs.MapNode {
			continue
		}
		for _, f := range item.Fields {
			if t.Type.Member(f.Key.Text) == nil {
				continue // it is about the others, and was read when it was opened
			}
			if target := k.hostTarget(f.Key, x.mapping); target != nil {
				k.hostValue(f.Value, target, sc)
			}
		}
	}
	k.t.prefix = x
	k.writerLater(&x.writer, p, x.mapping)
}

// replyPrefix opens what stands in front of the reply. Expressions of the reply may name it.
func (k *compilation) replyPrefix(backend *specs.Backend, sc *scope) *scope {
	t, p := k.openPrefix(k.doc.Reply.MQHeaders, backend)
	if p == nil {
		return sc
	}
	k.t.front = newDocument(t)
	return sc.with(documentRoot(prefixWord, k.t.front))
}

// withPrefixes gives the message types that tools see what stands in front of them.
func (t *Transform) withPrefixes() {
	for _, v := range t.variants {
		if v.reply == nil {
			continue // the answer of several steps is no message
		}
		v.whole = v.reply.typ
		if t.front != nil {
			v.whole = withPrefix(v.whole, t.front.typ)
		}
	}
	if t.prefix != nil {
		t.Request = withPrefix(t.Request, t.prefix.typ)
	}
}

// writePrefixed writes the request with what stands in front of it.
func (r *Run) writePrefixed(dst []byte) ([]byte, error) {
	p := r.t.prefix
	if p == nil {
		return r.t.request.Write(dst, r)
	}
	out, err := p.writer.Write(dst, r)
	if err != nil {
		return dst, err
	}
	body := len(out)
	if out, err = r.t.request.Write(out, r); err != nil {
		return dst, err
	}
	return out, p.format.Close(out, body)
}

// readPrefix reads what stands in front of the reply and returns the rest.
func (r *Run) readPrefix(body []byte) ([]byte, error) {
	d := r.t.front
	if d == nil {
		return body, nil
	}
	reader, ok := d.reader.(PrefixReader)
	if !ok {
		return nil, fmt.Errorf("%s has no reader", prefixWord)
	}
	return reader.ReadPrefix(body, &r.slots, d.base)
}

// headed is a message with what stands in front of it, for tools: in JSON it is a member beside the others.
type headed struct {
	Format
	prefix Prefix
	inner  Codec
}

// withPrefix is the message type of a message behind a prefix.
func withPrefix(t *MessageType, prefix *MessageType) *MessageType {
	if t == nil || prefix == nil {
		return t
	}
	p, isPrefix := prefix.Format.(Prefix)
	inner, isCodec := t.Format.(Codec)
	if !isPrefix || !isCodec {
		return t
	}
	return &MessageType{Type: t.Type, Format: headed{t.Format, p, inner}}
}

// DecodeJSON implements Codec.
func (h headed) DecodeJSON(dst, msg []byte) ([]byte, error) {
	front, rest, err := h.prefix.DecodePrefix(nil, msg)
	if err != nil {
		return dst, err
	}
	body, err := h.inner.DecodeJSON(nil, rest)
	if err != nil {
		return dst, err
	}
	dst = append(append(dst, `{"`+prefixWord+`":`...), front...)
	if body = bytes.TrimSpace(body); len(body) < 2 || body[0] != '{' {
		return dst, errors.New("a message behind headers must be an object")
	}
	if len(bytes.TrimSpace(body[1:len(body)-1])) > 0 {
		dst = append(dst, ',')
	}
	return append(dst, body[1:]...), nil
}

// EncodeJSON implements Codec.
func (h headed) EncodeJSON(dst, json []byte) ([]byte, error) {
	front, body := []byte("{}"), []byte{'{'}
	err := eachChild(json, func(name string, _ int, raw []byte) error {
		if name == prefixWord {
			front = raw
			return nil
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(AppendQuoted(body, name), ':'), raw...)
		return nil
	})
	if err != nil {
		return dst, err
	}
	out, err := h.prefix.EncodeJSON(dst, front)
	if err != nil {
		return dst, err
	}
	at := len(out)
	if out, err = h.inner.EncodeJSON(out, append(body, '}')); err != nil {
		return dst, err
	}
	return out, h.prefix.Close(out, at)
}

// LiteralMapping makes a mapping of literals from a JSON object, for the codecs of formats. Members that the
// type does not have are an error.
func LiteralMapping(t *Type, json []byte) (*Mapping, error) {
	if jsontext.Value(json).Kind() != '{' {
		return nil, errors.New("not an object")
	}
	m := &Mapping{Type: t}
	return m, eachChild(json, func(name string, _ int, raw []byte) error {
		sub := t.Member(name)
		if sub == nil {
			return fmt.Errorf("there is no member %q", name)
		}
		if sub.Shape == ObjectShape {
			inner, err := LiteralMapping(sub, raw)
			m.Members = append(m.Members, inner)
			return err
		}
		m.Members = append(m.Members, &Mapping{Type: sub, Source: literal{value: JSONValue(raw)}})
		return nil
	})
}
