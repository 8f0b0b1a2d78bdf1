// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Package is a message taken apart, for what has to do with its bytes: an envelope, and parts beside it.
type Package struct {
	// Envelope is in UTF-8. Content that is an attachment (XOP) is not in it.
	Envelope []byte
	u        unpacked
	// included are the parts that stand for the content of an element.
	included map[*attachment]bool
}

// Attached is one part beside an envelope.
type Attached struct {
	// ID is the Content-ID without angle brackets, MediaType what the part says it is.
	ID, MediaType string
	// Content is a span of the message, unless something else was put there.
	Content []byte
	one     *attachment
}

// Unpack takes apart a message with that media type, which may be empty. Each xop:Include must name a part of its own.
// Errors never hold bytes of the message.
func Unpack(mediaType string, msg []byte) (*Package, error) {
	u, err := unpackParts(mediaType, msg)
	if err != nil {
		return nil, err
	}
	p := &Package{u: u, included: map[*attachment]bool{}}
	if p.Envelope, err = toUTF8(u.envelope, u.charset); err != nil || u.parts == nil {
		return p, err
	}
	t, err := NewTokens(p.Envelope)
	for err == nil {
		var kind Kind
		if kind, err = t.Next(); kind == End || err != nil {
			break
		}
		if kind == StartTag && t.including() {
			err = p.refer(t)
		}
	}
	return p, err
}

// including tells whether the present start tag stands for the content of an attachment.
func (t *Tokens) including() bool {
	space, _, local := t.Name()
	return string(local) == "Include" && string(space) == nsXOP
}

func (p *Package) refer(t *Tokens) error {
	one := p.includes(t)
	if one == nil {
		return misfit("attachment", "the element refers to an attachment that is not there")
	}
	if p.included[one] {
		return one.fault("more than one place of the envelope refers to the attachment")
	}
	p.included[one] = true
	return nil
}

// includes is the part that the present xop:Include names; nil if there is none.
func (p *Package) includes(t *Tokens) *attachment {
	for i := range t.Attributes() {
		a := t.Attribute(i)
		if a.Space != nil || string(a.Local) != "href" || p.u.parts == nil {
			continue
		}
		one, _ := p.u.parts.refer(string(a.AppendValue(nil)))
		return one
	}
	return nil
}

// Include appends, in base64, the content that the present start tag stands for, and moves to the end of its element;
// false if it is no xop:Include. The infoset of a message, which signatures are over, has that content
// (XOP 1.0, section 2.1): the form in which it travels is none of it.
func (p *Package) Include(dst []byte, t *Tokens) ([]byte, bool, error) {
	if p == nil || !t.including() {
		return dst, false, nil
	}
	one := p.includes(t)
	if one == nil {
		return dst, true, misfit("attachment", "the element refers to an attachment that is not there")
	}
	dst = base64.StdEncoding.AppendEncode(dst, one.Body)
	for depth := t.Depth(); ; {
		kind, err := t.Next()
		if err != nil || kind == EndTag && t.Depth() < depth {
			return dst, true, err
		}
	}
}

// Expand puts the content of attachments into the envelope where it belongs, as if the message had come without
// XOP.
func (p *Package) Expand() error {
	if len(p.included) == 0 {
		return nil
	}
	t, err := NewTokens(p.Envelope)
	if err != nil {
		return err
	}
	size := len(p.Envelope)
	for one := range p.included {
		size += base64.StdEncoding.EncodedLen(len(one.Body))
	}
	out, from := make([]byte, 0, size), 0
	for {
		kind, err := t.Next()
		if err != nil {
			return err
		}
		if kind == End {
			p.Envelope = append(out, p.Envelope[from:]...)
			return nil
		}
		if kind != StartTag || !t.including() {
			continue
		}
		_, begin, _ := t.At()
		if out, _, err = p.Include(append(out, p.Envelope[from:begin]...), t); err != nil {
			return err
		}
		_, _, from = t.At()
	}
}

// Attached are the parts beside the envelope in their order: those that are not the content of an element, or all.
func (p *Package) Attached(all bool) []Attached {
	var out []Attached
	if p.u.parts == nil {
		return nil
	}
	for _, one := range p.u.parts.list {
		if all || !p.included[one] {
			out = append(out, Attached{one.id, mediaTypeOr(one.Header("content-type")), one.Body, one})
		}
	}
	return out
}

// Pack writes the message with another envelope and some of its parts. Its media type stays what it was; that of
// the envelope does, too, unless another is given.
func (p *Package) Pack(envelope []byte, mediaType string, list []Attached) ([]byte, error) {
	if p.u.parts == nil {
		return envelope, nil
	}
	delimiter := "\r\n--" + p.u.boundary
	if bytes.Contains(envelope, []byte(delimiter[1:])) {
		return nil, misfit("attachment", "the envelope holds the boundary of the message")
	}
	size := len(envelope) + 1024
	for i := range list {
		size += len(list[i].Content) + 512
	}
	out := append(make([]byte, 0, size), delimiter[2:]...)
	out = appendPart(out, &attachment{Part: p.u.root}, envelope, mediaType, "8bit")
	for i := range list {
		out = appendPart(append(out, delimiter...), list[i].one, list[i].Content, "", "binary")
	}
	return append(append(out, delimiter...), "--\r\n"...), nil
}

// appendPart writes a part behind its delimiter: headers as they were, but for those that are given.
func appendPart(dst []byte, p *attachment, body []byte, mediaType, encoding string) []byte {
	dst = append(append(dst, "\r\nContent-Transfer-Encoding: "...), encoding...)
	if mediaType != "" {
		dst = append(append(dst, "\r\nContent-Type: "...), mediaType...)
	}
	for _, h := range p.Headers {
		if h.Name == "content-transfer-encoding" || h.Name == "content-type" && mediaType != "" {
			continue
		}
		dst = append(append(append(append(dst, "\r\n"...), headerName(h.Name)...), ": "...), h.Value...)
	}
	return append(append(dst, "\r\n\r\n"...), body...)
}

// headerName writes the name of a header as people do: some readers compare it so.
func headerName(lower string) string {
	words := strings.Split(lower, "-")
	for i, w := range words {
		switch {
		case w == "id":
			words[i] = "ID"
		case w != "":
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "-")
}
