// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// startTag reads a start tag with its attributes and namespace declarations.
func (s *scanner) startTag() error {
	if len(s.open) >= maxDepth {
		return s.fail(s.pos, "elements nest too deep")
	}
	if len(s.open) == 0 && s.rooted {
		return s.fail(s.pos, "a second root element")
	}
	s.rooted = true
	s.pos++
	raw, err := s.rawName()
	if err != nil {
		return err
	}
	marks := len(s.binds)
	s.attrs = s.attrs[:0]
	for {
		had := s.space()
		if s.pos >= len(s.src) {
			return s.fail(s.at, "document ends within a tag")
		}
		c := s.src[s.pos]
		if c == '>' {
			s.pos++
			break
		}
		if c == '/' {
			if s.pos+1 >= len(s.src) || s.src[s.pos+1] != '>' {
				return s.fail(s.pos, "malformed tag")
			}
			s.pos += 2
			s.pending = true
			break
		}
		if !had {
			return s.fail(s.pos, "malformed tag")
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
	s.open = append(s.open, openTag{raw, marks})
	s.tagMarks = len(s.binds)
	return s.resolve(raw)
}

// attribute reads one attribute, or a namespace declaration.
func (s *scanner) attribute() error {
	at := s.pos
	raw, err := s.rawName()
	if err != nil {
		return err
	}
	value, err := s.attrValue()
	if err != nil {
		return err
	}
	prefix, local, ok := splitName(raw)
	if !ok {
		return s.fail(at, "a name with two colons")
	}
	if len(raw) >= 5 && string(raw[:5]) == "xmlns" && (len(raw) == 5 || raw[5] == ':') {
		if len(raw) == 5 {
			local = nil
		}
		return s.bind(at, local, value)
	}
	if len(s.attrs) >= maxAttrs {
		return s.fail(at, "too many attributes")
	}
	s.attrs = append(s.attrs, attr{qname{nsNone, local}, prefix, value, at})
	return nil
}

// bind takes a namespace declaration.
func (s *scanner) bind(at int, prefix, value []byte) error {
	uri := value
	if bytes.IndexByte(value, '&') >= 0 || bytes.ContainsAny(value, "\t\r\n") {
		uri = appendAttrText(nil, value)
	}
	switch {
	case len(s.binds) >= maxBindings:
		return s.fail(at, "too many namespace declarations")
	case string(prefix) == "xml" && string(uri) == uriXML:
		return nil
	case string(prefix) == "xml", string(prefix) == "xmlns", string(uri) == uriXML, string(uri) == uriXMLNS, len(uri) == 0 && prefix != nil:
		return s.fail(at, "a namespace declaration that XML does not allow")
	}
	for i := len(s.binds) - 1; i >= s.tagMarks; i-- {
		if bytes.Equal(s.binds[i].prefix, prefix) {
			return s.fail(at, "an attribute that stands twice")
		}
	}
	s.binds = append(s.binds, binding{prefix, uri, s.number(uri)})
	return nil
}

// number is the number of a namespace.
func (s *scanner) number(uri []byte) int {
	if len(uri) == 0 {
		return nsNone
	}
	for i := nsXML + 1; i < len(s.known); i++ {
		if string(uri) == s.known[i] {
			return i
		}
	}
	return nsOther
}

// lookup finds what a prefix is bound to.
func (s *scanner) lookup(prefix []byte) *binding {
	for i := len(s.binds) - 1; i >= 0; i-- {
		if bytes.Equal(s.binds[i].prefix, prefix) {
			return &s.binds[i]
		}
	}
	return nil
}

// resolve gives element and attributes their namespaces and finds attributes that stand twice.
func (s *scanner) resolve(raw []byte) error {
	prefix, local, ok := splitName(raw)
	if !ok {
		return s.fail(s.at, "a name with two colons")
	}
	s.prefix, s.name = prefix, qname{nsNone, local}
	if b := s.lookup(prefix); b != nil {
		s.name.ns = b.ns
	} else if prefix != nil {
		return s.fail(s.at, "a prefix that is not bound")
	}
	for i := range s.attrs {
		a := &s.attrs[i]
		var uri []byte
		if a.prefix != nil {
			b := s.lookup(a.prefix)
			if b == nil {
				return s.fail(a.offset, "a prefix that is not bound")
			}
			a.ns, uri = b.ns, b.uri
		}
		for j := range s.attrs[:i] {
			o := &s.attrs[j]
			if bytes.Equal(o.local, a.local) && (bytes.Equal(o.prefix, a.prefix) || o.prefix != nil && a.prefix != nil && bytes.Equal(s.lookup(o.prefix).uri, uri)) {
				return s.fail(a.offset, "an attribute that stands twice")
			}
		}
	}
	return nil
}

// endTag reads an end tag.
func (s *scanner) endTag() error {
	s.pos += 2
	if len(s.open) == 0 {
		return s.fail(s.at, "an end tag without its element")
	}
	want := s.open[len(s.open)-1].name
	if !bytes.HasPrefix(s.src[s.pos:], want) {
		return s.fail(s.at, "an end tag of another element")
	}
	s.pos += len(want)
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '>' {
		return s.fail(s.at, "an end tag of another element")
	}
	s.pos++
	s.close()
	return nil
}

func (s *scanner) close() {
	last := len(s.open) - 1
	s.binds = s.binds[:s.open[last].marks]
	s.open = s.open[:last]
	s.tagMarks = len(s.binds)
}

// rawName reads a name, prefix included.
func (s *scanner) rawName() ([]byte, error) {
	from, i := s.pos, s.pos
	for i < len(s.src) {
		c := s.src[i]
		if c < utf8.RuneSelf {
			if !nameByte(c) || i == from && (c == '-' || c == '.' || c >= '0' && c <= '9') {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(s.src[i:])
		if !nameRune(r, i == from) {
			break
		}
		i += n
	}
	if i == from || i-from > maxName {
		return nil, s.fail(from, "malformed name")
	}
	s.pos = i
	return s.src[from:i], nil
}

// The ASCII characters of names, as bits: letters, digits, _ : - and the point.
const (
	nameLow  = 0x07FF_6000_0000_0000
	nameHigh = 0x07FF_FFFE_87FF_FFFE
)

func nameByte(c byte) bool {
	if c < 64 {
		return uint64(nameLow)>>c&1 != 0
	}
	return uint64(nameHigh)>>(c-64)&1 != 0
}

// nameRune reports whether r may stand in a name (XML 1.0, fifth edition, section 2.3).
func nameRune(r rune, first bool) bool {
	switch {
	case r == 0xD7 || r == 0xF7 || r == 0x37E || r == utf8.RuneError:
		return false
	case r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040:
		return !first
	case r < 0xC0:
		return false
	case r >= 0x2000 && r <= 0x206F:
		return r == 0x200C || r == 0x200D
	case r >= 0x2190 && r <= 0x2BFF, r >= 0x2FF0 && r <= 0x3000, r >= 0xD800 && r <= 0xF8FF, r >= 0xFDD0 && r <= 0xFDEF, r >= 0xFFFE && r <= 0xFFFF, r > 0xEFFFF:
		return false
	}
	return !unicode.IsControl(r)
}

// splitName cuts a name at its colon; both parts must be names.
func splitName(raw []byte) (prefix, local []byte, ok bool) {
	i := bytes.IndexByte(raw, ':')
	if i < 0 {
		return nil, raw, true
	}
	local = raw[i+1:]
	if i == 0 || len(local) == 0 || bytes.IndexByte(local, ':') >= 0 {
		return nil, nil, false
	}
	r, _ := utf8.DecodeRune(local)
	if r < utf8.RuneSelf && (r == '-' || r == '.' || r >= '0' && r <= '9') || r >= utf8.RuneSelf && !nameRune(r, true) {
		return nil, nil, false
	}
	return raw[:i], local, true
}

// attrValue reads = and a quoted value, which it returns raw.
func (s *scanner) attrValue() ([]byte, error) {
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '=' {
		return nil, s.fail(s.pos, "an attribute without a value")
	}
	s.pos++
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '"' && s.src[s.pos] != '\'' {
		return nil, s.fail(s.pos, "an attribute without quotes")
	}
	quote := s.src[s.pos]
	from := s.pos + 1
	for i := from; i < len(s.src); {
		switch c := s.src[i]; {
		case c == quote:
			s.pos = i + 1
			return s.src[from:i], nil
		case c == '&':
			n, err := s.reference(i)
			if err != nil {
				return nil, err
			}
			i += n
		case c == '<', c < 0x20 && !isSpace(c), c == 0xEF && notChar(s.src[i:]):
			return nil, s.fail(i, "a character that an attribute cannot have")
		default:
			i++
		}
	}
	return nil, s.fail(s.pos, "an attribute without an end")
}

// leaf reads the content of the element that just began, which has no elements in it, and its end. The
// span is raw: decode it with appendText.
func (s *scanner) leaf() ([]byte, error) {
	if s.pending {
		s.pending = false
		s.close()
		return nil, nil
	}
	from := s.pos
	for {
		end, err := s.runOfChars(s.pos)
		if err != nil {
			return nil, err
		}
		s.pos, s.at = end, end
		if end+1 >= len(s.src) {
			return nil, s.fail(end, "document ends within an element")
		}
		switch s.src[end+1] {
		case '/':
			return s.src[from:end], s.endTag()
		case '!':
			if bytes.HasPrefix(s.src[end:], []byte("<![CDATA[")) {
				err = s.section()
			} else {
				err = s.comment()
			}
		case '?':
			err = s.instruction()
		default:
			return nil, s.fail(end, "an element where only text can stand")
		}
		if err != nil {
			return nil, err
		}
	}
}

// skip reads to the end of the element that just began.
func (s *scanner) skip() error {
	depth := len(s.open)
	for {
		t, err := s.next()
		if err != nil {
			return err
		}
		if t == tokenEnd && len(s.open) < depth {
			return nil
		}
	}
}
