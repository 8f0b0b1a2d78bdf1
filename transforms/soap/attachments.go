// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"

	"lintel/transforms"
)

// attachments are the MIME parts beside the envelope: SOAP with Attachments, MTOM (XOP), or both.
type attachments struct {
	list []*attachment
	byID map[string]*attachment
	// named are those that the WSDL declares as parts of the message, in its order.
	named []*attachment
	// others are those that neither the envelope nor the WSDL names.
	others []*attachment
}

// attachment is one MIME part. Its id is that of Content-ID, without the angle brackets.
type attachment struct {
	*transforms.Part
	number int
	id     string
	// refs is how many places of the envelope name it.
	refs int
	// claimed tells that it is a part of the message that the WSDL declares.
	claimed bool
}

// unpacked is a message as it came, taken apart.
type unpacked struct {
	envelope []byte
	// charset is the character encoding that the media type names, if any.
	charset string
	parts   *attachments
	// boundary and root are those of a message in several parts: its delimiter, and the part with the envelope.
	boundary string
	root     *transforms.Part
}

// unpack takes a message apart by its media type. Without one, as in tests and tools, a message that
// begins with a boundary has attachments.
func (f *Format) unpack(mediaType string, msg []byte) (unpacked, error) {
	u, err := unpackParts(mediaType, msg)
	if err != nil || u.parts == nil {
		return u, err
	}
	return u, f.link(u)
}

// unpackParts is unpack without a look at what the parts are for.
func unpackParts(mediaType string, msg []byte) (unpacked, error) {
	media, params, err := "", map[string]string(nil), error(nil)
	if mediaType != "" {
		if media, params, err = mime.ParseMediaType(mediaType); err != nil {
			media, params = "", nil // what the bytes are is told by themselves
		}
	}
	boundary := params["boundary"]
	if mediaType == "" {
		boundary = ownBoundary(msg)
	}
	if !strings.HasPrefix(media, "multipart/") && (mediaType != "" || boundary == "") {
		return unpacked{envelope: msg, charset: params["charset"]}, nil
	}
	parts, err := transforms.SplitParts(msg, boundary, true)
	if err != nil {
		return unpacked{}, partFault(err)
	}
	root, a, err := sorted(parts, contentID(params["start"]))
	if err != nil {
		return unpacked{}, err
	}
	_, params, _ = mime.ParseMediaType(root.Header("content-type"))
	return unpacked{envelope: root.Body, charset: params["charset"], parts: a, boundary: boundary, root: root}, nil
}

// ownBoundary is the boundary that a message begins with; empty if it begins with none.
func ownBoundary(msg []byte) string {
	line, _, _ := bytes.Cut(msg[:min(len(msg), 100)], []byte("\n"))
	if !bytes.HasPrefix(line, []byte("--")) {
		return ""
	}
	return string(bytes.TrimRight(line[2:], "\r \t"))
}

func partFault(err error) error {
	var pe *transforms.PartError
	if !errors.As(err, &pe) {
		return err
	}
	return &transforms.FieldError{Offset: pe.Offset, Code: "attachment", Reason: "the message is no multipart message: " + pe.Error()}
}

// sorted finds the part with the envelope: the one that start names, else the first.
func sorted(parts []transforms.Part, start string) (root *transforms.Part, a *attachments, err error) {
	a = &attachments{byID: map[string]*attachment{}}
	for i := range parts {
		p := &parts[i]
		id := contentID(p.Header("content-id"))
		if root == nil && (start == "" || start == id) {
			root = p
			continue
		}
		one := &attachment{Part: p, number: i + 1, id: id}
		if strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7F }) {
			return nil, nil, one.fault("the Content-ID has other characters than those of ASCII")
		}
		if id != "" {
			if a.byID[id] != nil || start != "" && id == start {
				return nil, nil, one.fault("two parts have the same Content-ID")
			}
			a.byID[id] = one
		}
		a.list = append(a.list, one)
	}
	if root == nil {
		return nil, nil, misfit("attachment", "no part is the one that start names")
	}
	return root, a, nil
}

func (a *attachment) fault(reason string) error {
	return &transforms.FieldError{Offset: a.Offset, Code: "attachment", Reason: fmt.Sprintf("part %d: %s", a.number, reason)}
}

// contentID is a Content-ID without its angle brackets (RFC 2392).
func contentID(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") {
		return text[1 : len(text)-1]
	}
	return text
}

// refer finds the part that a cid URL names; ok is false if the text is none.
func (a *attachments) refer(text string) (one *attachment, ok bool) {
	if len(text) < 4 || !strings.EqualFold(text[:4], "cid:") {
		return nil, false
	}
	id, err := url.PathUnescape(text[4:])
	if err != nil {
		return nil, true
	}
	return a.byID[id], true
}

// link looks at what the envelope refers to, wherever that stands: each xop:Include must name a part,
// each part must be named once, or be one that the WSDL or the workspace knows.
func (f *Format) link(u unpacked) error {
	src, err := toUTF8(u.envelope, u.charset)
	if err != nil {
		return misfit("encoding", "the message is in a character encoding that is not read")
	}
	s := &scanner{}
	s.reset(src, f.op.b.spaces)
	if err := s.prolog(); err != nil {
		return err
	}
	for {
		tok, err := s.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokenEOF:
			return f.claim(u.parts)
		case tokenText:
			if one, ok := u.parts.refer(string(trimmed(plainText(s.text)))); ok && one != nil {
				one.refs++
			}
		case tokenStart:
			if err := u.parts.linkTag(s); err != nil {
				return err
			}
		}
	}
}

func (a *attachments) linkTag(s *scanner) error {
	include := s.name.ns == nsNumberXOP && string(s.name.local) == "Include"
	for i := range s.attrs {
		at := &s.attrs[i]
		one, ok := a.refer(string(appendAttrText(nil, at.value)))
		if ok && one != nil {
			one.refs++
		}
		if include && at.ns == nsNone && string(at.local) == "href" && one == nil {
			return &transforms.FieldError{Offset: at.offset, Code: "attachment", Reason: "the element refers to an attachment that is not there"}
		}
	}
	return nil
}

// claim gives the parts that the envelope does not name to those that the WSDL declares: by Content-ID,
// which begins with the name of the part (WS-I Attachments Profile 1.0, R2933), else in their order.
func (f *Format) claim(a *attachments) error {
	a.named = make([]*attachment, len(f.m.attached))
	for i, want := range f.m.attached {
		for _, one := range a.list {
			name, _, ok := strings.Cut(one.id, "=")
			if plain, err := url.PathUnescape(name); ok && err == nil && plain == want.local && !one.claimed && one.refs == 0 {
				a.named[i], one.claimed = one, true
				break
			}
		}
	}
	for _, one := range a.list {
		if one.refs > 1 {
			return one.fault("more than one place of the envelope refers to the attachment")
		}
		if one.refs > 0 || one.claimed {
			continue
		}
		for i := range a.named {
			if a.named[i] == nil {
				a.named[i], one.claimed = one, true
				break
			}
		}
		if !one.claimed {
			a.others = append(a.others, one)
		}
	}
	if len(a.others) > 0 && f.others == "" {
		return a.others[0].fault("nothing refers to the attachment, and the workspace does not ask for others")
	}
	return nil
}

// binary is the field of content that came as an attachment: its bytes are a span of the message.
type binary struct{}

// AppendJSON implements transforms.Field.
func (binary) AppendJSON(dst, raw []byte) ([]byte, error) {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, raw)
	return append(dst, '"'), nil
}

// content is the text of the element that just began, or the attachment that stands for it.
func (d *decoder) content(s *simple) (raw []byte, one *attachment, err error) {
	switch {
	case s.kind == kindQName:
		binds := d.s.binds // those of the element: leaf ends it
		if raw, err = d.s.leaf(); err == nil {
			raw, err = qualified(binds, raw)
		}
		return raw, nil, err
	case s.kind == kindSwaRef:
		if raw, err = d.s.leaf(); err != nil {
			return nil, nil, err
		}
		one, err := d.attached(string(trimmed(plainText(raw))))
		return nil, one, err
	case s.kind != kindBase64 || d.parts == nil || !d.s.childNext():
		raw, err = d.s.leaf()
		return raw, nil, err
	}
	if err := d.s.blanks(tokenStart); err != nil {
		return nil, nil, err
	}
	href, ok := d.s.attrOf(nsNone, "href")
	if d.s.name.ns != nsNumberXOP || string(d.s.name.local) != "Include" || !ok {
		return nil, nil, misfit("type", "an element stands where only text can stand")
	}
	one, err = d.attached(string(appendAttrText(nil, href)))
	if err == nil {
		err = d.s.skip()
	}
	if err == nil {
		err = d.s.blanks(tokenEnd)
	}
	return nil, one, err
}

// attrText is the raw value of an attribute; that of a QName is resolved.
func (d *decoder) attrText(a *attribute, raw []byte) ([]byte, error) {
	if a.typ.kind != kindQName {
		return raw, nil
	}
	return qualified(d.s.binds, raw)
}

// attached finds an attachment; its absence is an error.
func (d *decoder) attached(ref string) (*attachment, error) {
	if d.parts != nil {
		if one, ok := d.parts.refer(ref); ok && one != nil {
			return one, nil
		}
	}
	return nil, misfit("attachment", "the element refers to an attachment that is not there")
}

// childNext tells whether a child element comes next, past white space.
func (s *scanner) childNext() bool {
	rest := bytes.TrimLeft(s.src[s.pos:], " \t\r\n")
	return !s.pending && len(rest) > 1 && rest[0] == '<' && bytes.IndexByte([]byte("/!?"), rest[1]) < 0
}

// blanks moves to the next token of a sort; only white space may come before it.
func (s *scanner) blanks(want token) error {
	for {
		tok, err := s.next()
		switch {
		case err != nil:
			return err
		case tok == want:
			return nil
		case tok != tokenText || len(trimmed(s.text)) > 0:
			return misfit("type", "text or an element stands beside the reference to an attachment")
		}
	}
}

// appendOthers appends the JSON of the attachments that nothing names.
func (a *attachments) appendOthers(dst []byte) []byte {
	dst = append(dst, '[')
	if a != nil {
		for i, one := range a.others {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, '{')
			if one.id != "" {
				dst = append(transforms.AppendQuoted(append(dst, `"contentID":`...), one.id), ',')
			}
			dst = transforms.AppendQuoted(append(dst, `"mediaType":`...), mediaTypeOr(one.Header("content-type")))
			dst, _ = binary{}.AppendJSON(append(dst, `,"content":`...), one.Body)
			dst = append(dst, '}')
		}
	}
	return append(dst, ']')
}

// octets is the media type of an attachment of which nothing is known.
const octets = "application/octet-stream"

func mediaTypeOr(text string) string {
	if media, _, err := mime.ParseMediaType(text); err == nil {
		return media
	}
	return octets
}

// part is the attachment of a part that the WSDL declares; nil if it did not come.
func (a *attachments) part(i int) *attachment {
	if a == nil {
		return nil
	}
	return a.named[i]
}
