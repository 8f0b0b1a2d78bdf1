// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"errors"
	"strconv"

	"lintel/transforms"
)

// encoder writes XML from JSON, in the order of the schema whatever that of the JSON is.
type encoder struct {
	dst []byte
	// prefixes of namespaces by their number, colon included.
	prefixes []string
	spaces   []string
	// encoded messages say the type of every element.
	encoded bool
	// out takes attachments; nil if the message has none.
	out *outgoing
}

func misfit(code, reason string) error {
	return &transforms.FieldError{Offset: -1, Code: code, Reason: reason}
}

// below adds a level to the place of an error.
func below(err error, level string) error {
	var fe *transforms.FieldError
	if errors.As(err, &fe) {
		if fe.Field == "" {
			fe.Field = level
		} else {
			fe.Field = level + "." + fe.Field
		}
	}
	return err
}

func (e *encoder) str(s string) { e.dst = append(e.dst, s...) }

func (e *encoder) name(ns int, local string) {
	if ns > 0 {
		e.str(e.prefixes[ns])
	}
	e.str(local)
}

// element writes one element with its value; nil means that it has none.
func (e *encoder) element(x *elem, json []byte) error {
	start := len(e.dst)
	e.str("<")
	e.name(x.ns, x.local)
	err := e.value(x, json)
	if err != nil {
		e.dst = e.dst[:start]
	}
	return err
}

// value writes what stands behind the name of an element.
func (e *encoder) value(x *elem, json []byte) error {
	t := x.typ
	if string(json) == "null" {
		if !x.nillable {
			return misfit("null", "the element cannot be nil")
		}
		e.str(` xsi:nil="true"/>`)
		return nil
	}
	if t.plain() {
		e.typeAttr(t)
		return e.textContent(x, t.simple, json, "")
	}
	if t.wild && len(t.members) == 0 || json == nil {
		e.str("/>")
		return nil
	}
	if json[0] != '{' {
		return misfit("type", "an object is needed here")
	}
	t, err := e.variant(t, json)
	if err != nil {
		return err
	}
	vals, err := e.gather(t, json)
	if err != nil {
		return err
	}
	if t.encoded {
		e.arrayType(t, vals)
	}
	for i, m := range t.members {
		if m.attr != nil {
			if err := e.attribute(m, vals[i]); err != nil {
				return err
			}
		}
	}
	if t.simple != nil {
		for i, m := range t.members {
			if m.text {
				if vals[i] == nil {
					return below(misfit("missing", "the value is missing"), m.json)
				}
				mediaType, err := t.mediaTypeIn(vals)
				if err != nil {
					return err
				}
				return below(e.textContent(x, t.simple, vals[i], mediaType), m.json)
			}
		}
	}
	return e.content(x, t, vals)
}

// content writes the elements of a type and the end tag.
func (e *encoder) content(x *elem, t *ctype, vals [][]byte) error {
	e.str(">")
	open := len(e.dst)
	if err := e.particle(t.content, vals, true); err != nil {
		return err
	}
	if len(e.dst) == open {
		e.dst = append(e.dst[:open-1], "/>"...)
		return nil
	}
	e.end(x)
	return nil
}

func (e *encoder) end(x *elem) {
	e.str("</")
	e.name(x.ns, x.local)
	e.str(">")
}

// mediaTypeIn is the media type that the attribute for it has among the values of a type.
func (t *ctype) mediaTypeIn(vals [][]byte) (string, error) {
	for i, m := range t.members {
		if m.attr == nil || m.attr.local != "contentType" || m.attr.space != nsXMIME && m.attr.space != nsXMIMEOld || vals[i] == nil {
			continue
		}
		text, err := mediaTypeText(vals[i])
		return text, below(err, m.json)
	}
	return "", nil
}

// textContent writes a single value and the end tag.
func (e *encoder) textContent(x *elem, s *simple, json []byte, mediaType string) error {
	if s.kind == kindSwaRef || s.kind == kindBase64 && s.enums == nil && s.patterns == nil && x.fixed == "" {
		return e.binaryContent(x, s, json, mediaType)
	}
	text, err := s.encode(json)
	if err != nil {
		return err
	}
	if x.fixed != "" && s.collapse(x.fixed) != text {
		return misfit("fixed", "the element has one fixed value, and this is another")
	}
	if s.kind == kindQName {
		text = e.qualify(text, "")
	}
	e.str(">")
	e.dst = appendEscaped(e.dst, text)
	e.end(x)
	return nil
}

// binaryContent writes content in base64, or as an attachment, and the end tag.
func (e *encoder) binaryContent(x *elem, s *simple, json []byte, mediaType string) error {
	if e.out != nil && (e.out.mtom || s.kind == kindSwaRef) {
		return e.attach(x, s, json, mediaType)
	}
	text, err := s.base64Text(json)
	if err != nil {
		return err
	}
	e.str(">")
	e.dst = append(e.dst, text...)
	e.end(x)
	return nil
}

// encode is the text of a JSON value, checked against the type.
func (s *simple) encode(json []byte) (string, error) {
	text, ok := s.textOf(json)
	if !ok {
		return "", &transforms.FieldError{Offset: -1, Picture: s.name, Code: "type", Reason: "the value is no " + s.name}
	}
	text = s.collapse(text)
	code, reason := s.check(text)
	if code == "" {
		for _, r := range text {
			if !isChar(r) {
				code, reason = "unmappable", "the value has a character that XML does not have"
			}
		}
	}
	if code != "" {
		return "", &transforms.FieldError{Offset: -1, Picture: s.name, Code: code, Reason: reason}
	}
	return text, nil
}

func (e *encoder) attribute(m *member, json []byte) error {
	a := m.attr
	if json == nil {
		if !a.required {
			return nil
		}
		if a.fixed == "" {
			return below(misfit("missing", "the attribute is missing"), m.json)
		}
		json = transforms.AppendQuoted(nil, a.fixed)
	}
	text, err := a.typ.encode(json)
	if err != nil {
		return below(err, m.json)
	}
	if a.fixed != "" && a.typ.collapse(a.fixed) != text {
		return below(misfit("fixed", "the attribute has one fixed value, and this is another"), m.json)
	}
	if a.typ.kind == kindQName {
		text = e.qualify(text, strconv.Itoa(m.index))
	}
	e.str(" ")
	if a.space == uriXML {
		e.str("xml:" + a.local)
	} else {
		e.name(a.ns, a.local)
	}
	e.str(`="`)
	e.dst = appendEscapedAttr(e.dst, text)
	e.str(`"`)
	return nil
}
