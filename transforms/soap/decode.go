// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"lintel/transforms"
)

// decoder reads XML as JSON. Elements that the schema does not know are skipped, as the members that
// the schema of a JSON host does not name; the order of elements is not insisted on.
type decoder struct {
	s *scanner
	// encoded messages may refer to elements that stand elsewhere: ids has where those begin.
	encoded bool
	ids     map[string]place
	depth   int
	spaces  []string
	// parts are the attachments of the message; nil if it has none.
	parts *attachments
	// rows is how many entries of arrays may still come.
	rows int
}

// place is where an element begins, with the namespaces that are bound there.
type place struct {
	pos   int
	binds []binding
}

// maxRows bounds the entries of the arrays of one message.
const maxRows = 100_000

// state is what is known of an element while its content is read.
type state struct {
	seen []bool
	// last is the member whose elements came last, -1 for none.
	last int
}

// attrOf finds an attribute of the present start tag.
func (s *scanner) attrOf(ns int, local string) ([]byte, bool) {
	for i := range s.attrs {
		if a := &s.attrs[i]; a.ns == ns && string(a.local) == local {
			return a.value, true
		}
	}
	return nil, false
}

// isNil tells whether the present element is nil.
func (s *scanner) isNil() bool {
	v, ok := s.attrOf(nsNumberXSI, "nil")
	return ok && (string(trimmed(v)) == "true" || string(trimmed(v)) == "1")
}

// element appends the JSON of the element that just began, to its end.
func (d *decoder) element(dst []byte, x *elem) ([]byte, error) {
	if d.encoded {
		if v, ok := d.s.attrOf(nsNone, "href"); ok && x.typ.plain() && x.typ.simple.kind == kindBase64 && bytes.HasPrefix(v, []byte("cid:")) {
			return d.besides(dst, v)
		} else if ok {
			return d.referred(dst, x, v)
		}
	}
	if d.s.isNil() {
		if err := d.s.skip(); err != nil {
			return dst, err
		}
		return append(dst, "null"...), nil
	}
	if x.typ.plain() {
		raw, one, err := d.content(x.typ.simple)
		if err != nil {
			return dst, err
		}
		if one != nil {
			return binary{}.AppendJSON(dst, one.Body)
		}
		if len(raw) == 0 && x.def+x.fixed != "" {
			raw = appendEscaped(nil, x.def+x.fixed)
		}
		f := value{simple: x.typ.simple, path: ""}
		return f.AppendJSON(dst, raw)
	}
	t, err := d.variant(x.typ)
	if err != nil {
		return dst, err
	}
	return d.object(dst, t, x.typ)
}

// besides appends the attachment that href of an encoded message names (SOAP with Attachments, section 3).
func (d *decoder) besides(dst, href []byte) ([]byte, error) {
	one, err := d.attached(string(appendAttrText(nil, href)))
	if err == nil {
		err = d.s.skip()
	}
	if err != nil {
		return dst, err
	}
	return binary{}.AppendJSON(dst, one.Body)
}

// referred appends the JSON of the element that href names.
func (d *decoder) referred(dst []byte, x *elem, href []byte) ([]byte, error) {
	at, ok := d.ids[string(bytes.TrimPrefix(href, []byte("#")))]
	if !ok {
		return dst, misfit("reference", "the element refers to one that is not there")
	}
	if d.depth++; d.depth > 64 {
		return dst, misfit("reference", "elements refer to each other in a circle")
	}
	defer func() { d.depth-- }()
	if err := d.s.skip(); err != nil {
		return dst, err
	}
	outer := d.s
	inner := &scanner{src: outer.src, pos: at.pos, known: outer.known, rooted: false}
	inner.binds = append(inner.binds, at.binds...)
	inner.tagMarks = len(inner.binds)
	d.s = inner
	defer func() { d.s = outer }()
	if _, err := inner.next(); err != nil {
		return dst, err
	}
	return d.element(dst, x)
}

// variant is the type of the present element: the one that xsi:type names, or the declared one.
func (d *decoder) variant(t *ctype) (*ctype, error) {
	v, ok := d.s.attrOf(nsNumberXSI, "type")
	if !ok || len(t.derived) == 0 {
		if t.abstract {
			return nil, misfit("type", "the type is abstract, and the element does not say which one it has")
		}
		return t, nil
	}
	prefix, local, ok := splitName(trimmed(v))
	if !ok {
		return nil, misfit("type", "xsi:type is no name")
	}
	ns := nsNone
	if b := d.s.lookup(prefix); b != nil {
		ns = b.ns
	}
	for _, o := range t.variants() {
		if o.local == string(local) && ns >= 0 && d.spaces[ns] == o.space {
			return o, nil
		}
	}
	return nil, misfit("type", "the element has a type that the schema does not know here")
}

// object appends an object: attributes, text and elements of the element that just began.
func (d *decoder) object(dst []byte, t, declared *ctype) ([]byte, error) {
	dst = append(dst, '{')
	open := len(dst)
	if len(declared.derived) > 0 || declared.abstract {
		dst = append(dst, `"`+typeMember+`":`...)
		dst = transforms.AppendQuoted(dst, t.local)
	}
	for _, m := range t.members {
		if m.attr == nil {
			continue
		}
		raw, ok := d.s.attrOf(m.attr.ns, m.attr.local)
		if !ok {
			if m.attr.required {
				return dst, below(misfit("missing", "the attribute is missing"), m.json)
			}
			continue
		}
		dst = d.lead(dst, open, m)
		f := value{simple: m.attr.typ, attr: true}
		raw, err := d.attrText(m.attr, raw)
		if err != nil {
			return dst, below(err, m.json)
		}
		if dst, err = f.AppendJSON(dst, raw); err != nil {
			return dst, below(err, m.json)
		}
	}
	if t.simple != nil {
		raw, one, err := d.content(t.simple)
		if err != nil {
			return dst, err
		}
		for _, m := range t.members {
			if m.text {
				dst = d.lead(dst, open, m)
				var f transforms.Field = &value{simple: t.simple}
				if one != nil {
					f, raw = binary{}, one.Body
				}
				if dst, err = f.AppendJSON(dst, raw); err != nil {
					return dst, below(err, m.json)
				}
			}
		}
		return append(dst, '}'), nil
	}
	tok, err := d.next(t)
	if err != nil {
		return dst, err
	}
	dst, _, err = d.elements(dst, open, t, tok, false)
	if err != nil {
		return dst, err
	}
	return append(dst, '}'), nil
}

func (d *decoder) lead(dst []byte, open int, m *member) []byte {
	if len(dst) > open {
		dst = append(dst, ',')
	}
	return append(transforms.AppendQuoted(dst, m.json), ':')
}

// next is the next start or end of an element. Text between elements is only allowed where it is mixed.
func (d *decoder) next(t *ctype) (token, error) {
	for {
		tok, err := d.s.next()
		if err != nil || tok != tokenText {
			return tok, err
		}
		if !t.mixed && len(bytes.TrimLeft(d.s.text, " \t\r\n")) > 0 {
			return tok, misfit("type", "text stands between elements")
		}
	}
}

// find is the member that the present element belongs to, nil for one that is not known.
func (t *ctype) find(name qname, st *state) *member {
	if t.encoded {
		return t.elems[0]
	}
	var taken *member
	n := len(t.elems)
	from := 0
	if st.last >= 0 {
		from = max(0, st.last-(len(t.members)-n))
	}
	for i := range n {
		m := t.elems[(from+i)%n]
		if !m.takes(name) {
			continue
		}
		if m.array || !st.seen[m.index] {
			return m
		}
		taken = m
	}
	return taken
}

func (m *member) takes(name qname) bool {
	if m.elem != nil {
		return m.elem.ns == name.ns && m.elem.local == string(name.local)
	}
	return slices.ContainsFunc(m.group.elems, func(o *member) bool { return o.takes(name) })
}

// elements appends the members that elements are read for, from the present token on. For a repeated
// group (turn) it ends before the element that begins the next turn, or that is none of the group's; the
// token it returns is the one that was not used.
func (d *decoder) elements(dst []byte, open int, t *ctype, tok token, turn bool) ([]byte, token, error) {
	st := state{seen: make([]bool, len(t.members)), last: -1}
	var err error
	for tok == tokenStart {
		m := t.find(d.s.name, &st)
		if m == nil || turn && !st.goesOn(t, m) {
			if turn {
				break
			}
			if err = d.s.skip(); err != nil {
				return dst, tok, err
			}
			if tok, err = d.next(t); err != nil {
				return dst, tok, err
			}
			continue
		}
		if st.seen[m.index] {
			return dst, tok, below(misfit("occurs", "the element stands again where it cannot"), m.json)
		}
		st.seen[m.index], st.last = true, m.index
		dst = d.lead(dst, open, m)
		if !m.array {
			if dst, err = d.element(dst, m.elem); err != nil {
				return dst, tok, below(err, m.json)
			}
			if tok, err = d.next(t); err != nil {
				return dst, tok, err
			}
			continue
		}
		if dst, tok, err = d.array(dst, t, m); err != nil {
			return dst, tok, err
		}
	}
	dst, err = d.missing(dst, open, t, &st)
	return dst, tok, err
}

// goesOn tells whether an element belongs to the present turn of a repeated group.
func (st *state) goesOn(t *ctype, m *member) bool {
	if st.last < 0 {
		return true
	}
	return t.content.sort != sortChoice && m.index > st.last && !st.seen[m.index]
}

// array appends the elements of an array, the first of which just began, or the turns of a group.
func (d *decoder) array(dst []byte, t *ctype, m *member) ([]byte, token, error) {
	dst = append(dst, '[')
	tok := tokenStart
	var err error
	for n := 0; tok == tokenStart && m.belongs(t, d.s.name); n++ {
		if d.rows--; d.rows < 0 {
			return dst, tok, misfit("occurs", "the message has more entries than are read")
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		if m.elem != nil {
			if dst, err = d.element(dst, m.elem); err == nil {
				tok, err = d.next(t)
			}
		} else {
			dst = append(dst, '{')
			dst, tok, err = d.elements(dst, len(dst), m.group, tok, true)
			dst = append(dst, '}')
		}
		if err != nil {
			return dst, tok, below(err, m.json+"["+strconv.Itoa(n)+"]")
		}
	}
	return append(dst, ']'), tok, nil
}

func (m *member) belongs(t *ctype, name qname) bool { return t.encoded || m.takes(name) }

// missing reports members that have to be there, and appends arrays without elements.
func (d *decoder) missing(dst []byte, open int, t *ctype, st *state) ([]byte, error) {
	for _, m := range t.elems {
		switch {
		case st.seen[m.index] || m.chosen:
		case m.array && m.min == 0:
			dst = append(d.lead(dst, open, m), '[', ']')
		case !m.optional:
			return dst, below(misfit("missing", "the element is missing"), m.json)
		}
	}
	return dst, nil
}

// fieldError makes any error of reading a *transforms.FieldError.
func fieldError(err error, root string) error {
	var se *syntaxError
	if errors.As(err, &se) {
		return &transforms.FieldError{Field: root, Offset: se.offset, Code: "syntax", Reason: "the message is not the XML that is read here: " + se.what}
	}
	return below(err, root)
}
