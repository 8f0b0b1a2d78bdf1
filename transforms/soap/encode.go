// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

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

// variant is the type that $type names, or the declared one, and writes xsi:type where it has to stand.
func (e *encoder) variant(t *ctype, json []byte) (*ctype, error) {
	if len(t.derived) == 0 && !t.abstract {
		e.typeAttr(t)
		return t, nil
	}
	for name, value := range members(json) {
		if string(name) != `"`+typeMember+`"` {
			continue
		}
		for _, v := range t.variants() {
			if string(value) == `"`+v.local+`"` {
				e.str(` xsi:type="`)
				e.typeName(v)
				e.str(`"`)
				return v, nil
			}
		}
		return nil, below(misfit("enum", "no type of that name can stand here"), typeMember)
	}
	if t.abstract {
		return nil, below(misfit("missing", "the type is abstract: one of those derived from it must be named"), typeMember)
	}
	e.typeAttr(t)
	return t, nil
}

// typeAttr says the type of an element of an encoded message.
func (e *encoder) typeAttr(t *ctype) {
	if !e.encoded || t.encoded || t.xname == (xname{}) && t.simple == nil {
		return
	}
	e.str(` xsi:type="`)
	e.typeName(t)
	e.str(`"`)
}

func (e *encoder) typeName(t *ctype) {
	if t.space == nsXSD || t.space == "" || t.simple != nil && len(t.attrs) == 0 && t.space == nsEncoding11 {
		local := t.local
		if t.simple != nil {
			local = strings.TrimPrefix(t.simple.name, "xs:")
		}
		e.str("xsd:" + local)
		return
	}
	for i, s := range e.spaces {
		if s == t.space && e.prefixes[i] != "" {
			e.str(e.prefixes[i] + t.local)
			return
		}
	}
}

// arrayType says the type and the number of the items of an encoded array.
func (e *encoder) arrayType(t *ctype, vals [][]byte) {
	n := 0
	for range items(vals[0]) {
		n++
	}
	e.str(` xsi:type="` + e.prefixes[nsNumberEncoding] + `Array" ` + e.prefixes[nsNumberEncoding] + `arrayType="`)
	e.typeName(t.elems[0].elem.typ)
	e.str("[" + strconv.Itoa(n) + `]"`)
}

// gather finds the values of the members of a type in a JSON object.
func (e *encoder) gather(t *ctype, json []byte) ([][]byte, error) {
	vals := make([][]byte, len(t.members))
	for name, value := range members(json) {
		plain, err := transforms.Unquote(nil, name)
		if err != nil {
			return nil, misfit("syntax", "the name of a member cannot be read")
		}
		if string(plain) == typeMember {
			continue
		}
		m := t.byName[string(plain)]
		if m == nil {
			return nil, below(misfit("unknown", "the message has no place for this member"), string(plain))
		}
		vals[m.index] = value
	}
	return vals, nil
}

// given tells whether there is any value for a content model.
func (p *particle) given(vals [][]byte) bool {
	if p.m != nil {
		v := vals[p.m.index]
		if v == nil || !p.m.array {
			return v != nil
		}
		for range items(v) {
			return true
		}
		return false
	}
	for _, k := range p.kids {
		if k.given(vals) {
			return true
		}
	}
	return false
}

// empty tells whether a content model allows that nothing stands there.
func (p *particle) empty() bool {
	if p.min == 0 {
		return true
	}
	switch {
	case p.sort == sortElem:
		return false
	case p.sort == sortChoice:
		for _, k := range p.kids {
			if k.empty() {
				return true
			}
		}
		return len(p.kids) == 0
	}
	for _, k := range p.kids {
		if !k.empty() {
			return false
		}
	}
	return true
}

// particle writes what a content model asks for.
func (e *encoder) particle(p *particle, vals [][]byte, needed bool) error {
	if p == nil {
		return nil
	}
	if p.m != nil {
		return e.member(p, vals[p.m.index], needed)
	}
	if p.sort == sortElem { // nothing of it has a form in JSON
		if needed {
			for range p.min {
				e.str("<")
				e.name(p.elem.ns, p.elem.local)
				e.str("/>")
			}
		}
		return nil
	}
	if p.min == 0 && !p.given(vals) {
		return nil
	}
	if p.sort != sortChoice {
		for _, k := range p.kids {
			if err := e.particle(k, vals, k.min > 0); err != nil {
				return err
			}
		}
		return nil
	}
	var chosen *particle
	for _, k := range p.kids {
		if !k.given(vals) {
			continue
		}
		if chosen != nil {
			return misfit("choice", fmt.Sprintf("only one of %s can stand here", p.names()))
		}
		chosen = k
	}
	if chosen == nil {
		if !needed || p.empty() {
			return nil
		}
		return misfit("choice", fmt.Sprintf("one of %s must stand here", p.names()))
	}
	return e.particle(chosen, vals, true)
}

// names lists the alternatives of a choice.
func (p *particle) names() string {
	var out []string
	var walk func(p *particle)
	walk = func(p *particle) {
		if p.m != nil {
			out = append(out, p.m.json)
			return
		}
		for _, k := range p.kids {
			walk(k)
		}
	}
	walk(p)
	return strings.Join(out, ", ")
}

// member writes an element, or the elements of an array or a repeated group.
func (e *encoder) member(p *particle, json []byte, needed bool) error {
	m := p.m
	if json == nil && m.elem != nil && !m.array {
		switch {
		case !needed || p.min == 0:
			return nil
		case m.elem.fixed != "" && m.elem.typ.plain():
			return below(e.element(m.elem, transforms.AppendQuoted(nil, m.elem.fixed)), m.json)
		}
		return below(misfit("missing", "the element is missing"), m.json)
	}
	if !m.array {
		return below(e.element(m.elem, json), m.json)
	}
	if json != nil && json[0] != '[' {
		return below(misfit("type", "an array is needed here"), m.json)
	}
	n := 0
	for item := range items(json) {
		var err error
		if m.elem != nil {
			err = e.element(m.elem, item)
		} else {
			err = e.group(m.group, item)
		}
		if err != nil {
			return below(err, m.json+"["+strconv.Itoa(n)+"]")
		}
		if n++; m.max != unbounded && n > m.max {
			return below(misfit("occurs", "there are more elements than allowed"), m.json)
		}
	}
	if n < m.min && (needed || n > 0) {
		return below(misfit("occurs", "there are fewer elements than needed"), m.json)
	}
	return nil
}

func (e *encoder) group(g *ctype, json []byte) error {
	if len(json) == 0 || json[0] != '{' {
		return misfit("type", "an object is needed here")
	}
	vals, err := e.gather(g, json)
	if err != nil {
		return err
	}
	return e.particle(g.content, vals, true)
}
