// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"errors"

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
		return e.textContent(x, t.simple, json)
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
				return e.textContent(x, t.simple, vals[i])
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

// textContent writes a single value and the end tag.
func (e *encoder) textContent(x *elem, s *simple, json []byte) error {
	text, err := s.encode(json)
	if err != nil {
		return err
	}
	if x.fixed != "" && s.collapse(x.fixed) != text {
		return misfit("fixed", "the element has one fixed value, and this is another")
	}
	e.str(">")
	e.dst = appendEscaped(e.dst, text)
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
