// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Bounds of every document, against input that costs more than it should.
const (
	maxDepth    = 256
	maxAttrs    = 256
	maxBindings = 1024
	maxName     = 1024
)

// syntaxError says why bytes are not the XML this package reads, and where. It never holds them.
type syntaxError struct {
	offset int
	what   string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("offset %d: %s", e.offset, e.what) }

// token is the sort of thing next found.
type token uint8

const (
	tokenEOF token = iota
	tokenStart
	tokenEnd
	tokenText
)

// Namespaces that mean something by themselves; names in others are numbered from nsFirst on.
const (
	nsOther = -1 // bound, but to nothing that is asked for
	nsNone  = 0
	nsXML   = 1
)

const (
	uriXML   = "http://www.w3.org/XML/1998/namespace"
	uriXMLNS = "http://www.w3.org/2000/xmlns/"
)

// qname is a name of a document: namespace number and local part.
type qname struct {
	ns    int
	local []byte
}

// attr is one attribute of a start tag; value is raw.
type attr struct {
	qname
	prefix, value []byte
	offset        int
}

// binding is a namespace declaration in scope.
type binding struct {
	prefix []byte
	uri    []byte
	ns     int
}

// openTag is an element that was not closed yet.
type openTag struct {
	name  []byte
	marks int
}

// scanner reads a document in UTF-8 token by token, strictly: it is well-formed, with namespaces, has no
// document type declaration, and no entities but the five of XML and characters by number. It neither
// opens nor looks up anything.
type scanner struct {
	src []byte
	pos int
	// known are the namespaces that get a number: index into it.
	known []string
	// lenient documents may have processing instructions: those that authors write.
	lenient bool

	open  []openTag
	binds []binding
	// Of the present token: where it begins; name and attributes of a start tag; raw span of a text.
	at     int
	name   qname
	prefix []byte
	attrs  []attr
	text   []byte
	cdata  bool
	// pending tells that the present start tag closed itself: its end comes next.
	pending bool
	rooted  bool
	// tagMarks is how many bindings came from tags that are open.
	tagMarks int
}

// reset begins a document.
func (s *scanner) reset(src []byte, known []string) {
	s.src, s.pos, s.known = src, 0, known
	s.open, s.attrs = s.open[:0], s.attrs[:0]
	s.pending, s.rooted = false, false
	if cap(s.binds) == 0 {
		s.binds = make([]binding, 0, 8)
		s.binds = append(s.binds, binding{prefix: []byte("xml"), uri: []byte(uriXML), ns: nsXML})
	}
	s.binds = s.binds[:1]
	s.tagMarks = 1
}

func (s *scanner) fail(at int, what string) error { return &syntaxError{at, what} }

// prolog checks the encoding and the XML declaration.
func (s *scanner) prolog() error {
	if bytes.HasPrefix(s.src, []byte("\xEF\xBB\xBF")) {
		s.pos = 3
	}
	if !utf8.Valid(s.src) {
		return s.fail(0, "not UTF-8")
	}
	if len(s.src) >= s.pos+6 && string(s.src[s.pos:s.pos+5]) == "<?xml" && isSpace(s.src[s.pos+5]) {
		end := bytes.Index(s.src[s.pos:], []byte("?>"))
		if end < 0 {
			return s.fail(s.pos, "XML declaration without an end")
		}
		if err := s.declaration(s.pos+5, s.pos+end); err != nil {
			return err
		}
		s.pos += end + 2
	}
	return nil
}

// declaration checks version, encoding and standalone of the XML declaration.
func (s *scanner) declaration(from, to int) error {
	sub := scanner{src: s.src[:to], pos: from}
	order := 0
	for {
		had := sub.space()
		if sub.pos == to {
			if order == 0 {
				return s.fail(from, "XML declaration without a version")
			}
			return nil
		}
		start := sub.pos
		name, err := sub.rawName()
		if err != nil || !had {
			return s.fail(start, "malformed XML declaration")
		}
		value, err := sub.attrValue()
		if err != nil {
			return s.fail(start, "malformed XML declaration")
		}
		place := map[string]int{"version": 1, "encoding": 2, "standalone": 3}[string(name)]
		if place <= order || order == 0 && place != 1 {
			return s.fail(start, "malformed XML declaration")
		}
		order = place
		switch {
		case place == 1 && string(value) != "1.0":
			return s.fail(start, "XML of another version than 1.0")
		case place == 2 && !isUTF8Name(value):
			return s.fail(start, "a character encoding that is not read")
		case place == 3 && string(value) != "yes" && string(value) != "no":
			return s.fail(start, "malformed XML declaration")
		}
	}
}

func isUTF8Name(name []byte) bool {
	return bytes.EqualFold(name, []byte("utf-8")) || bytes.EqualFold(name, []byte("us-ascii")) || bytes.EqualFold(name, []byte("utf8"))
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// space skips white space and reports whether there was any.
func (s *scanner) space() bool {
	from := s.pos
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

// next moves to the next token. Comments are skipped.
func (s *scanner) next() (token, error) {
	if s.pending {
		s.pending = false
		s.at = s.pos
		s.close()
		return tokenEnd, nil
	}
	for {
		s.at = s.pos
		if s.pos >= len(s.src) {
			if len(s.open) > 0 {
				return 0, s.fail(s.pos, "document ends within an element")
			}
			if !s.rooted {
				return 0, s.fail(s.pos, "document has no element")
			}
			return tokenEOF, nil
		}
		if s.src[s.pos] != '<' {
			return tokenText, s.chars()
		}
		if s.pos+1 >= len(s.src) {
			return 0, s.fail(s.pos, "document ends within a tag")
		}
		switch s.src[s.pos+1] {
		case '/':
			return tokenEnd, s.endTag()
		case '!':
			if bytes.HasPrefix(s.src[s.pos:], []byte("<![CDATA[")) {
				return tokenText, s.section()
			}
			if err := s.comment(); err != nil {
				return 0, err
			}
		case '?':
			if err := s.instruction(); err != nil {
				return 0, err
			}
		default:
			return tokenStart, s.startTag()
		}
	}
}

// chars takes a run of character data as it stands.
func (s *scanner) chars() error {
	from := s.pos
	end, err := s.runOfChars(from)
	if err != nil {
		return err
	}
	s.text, s.pos, s.cdata = s.src[from:end], end, false
	if len(s.open) == 0 && len(bytes.TrimLeft(s.text, " \t\r\n")) > 0 {
		return s.fail(from, "text outside the root element")
	}
	return nil
}

// runOfChars checks character data up to the next < and returns where that is.
func (s *scanner) runOfChars(i int) (int, error) {
	src := s.src
	for i < len(src) {
		c := src[i]
		if c > ']' && c != 0xEF || c >= 0x20 && c != '&' && c != '<' && c != ']' {
			i++
			continue
		}
		switch {
		case c == '<':
			return i, nil
		case isSpace(c):
			i++
		case c == '&':
			n, err := s.reference(i)
			if err != nil {
				return 0, err
			}
			i += n
		case c == ']':
			if bytes.HasPrefix(src[i:], []byte("]]>")) {
				return 0, s.fail(i, "]]> in text")
			}
			i++
		case c == 0xEF && notChar(src[i:]), c < 0x80:
			return 0, s.fail(i, "a character that XML does not have")
		default:
			i++
		}
	}
	return i, nil
}

// notChar tells whether text that begins with 0xEF begins with U+FFFE or U+FFFF.
func notChar(b []byte) bool { return len(b) > 2 && b[1] == 0xBF && b[2] >= 0xBE }

// reference checks the reference at i and returns its length.
func (s *scanner) reference(i int) (int, error) {
	_, n := decodeReference(s.src[i:])
	if n == 0 {
		return 0, s.fail(i, "an entity that XML does not have by itself")
	}
	return n, nil
}

// decodeReference reads &amp; and its like; n is 0 if it is none.
func decodeReference(b []byte) (r rune, n int) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(b[1:end]); name {
	case "lt":
		return '<', 4
	case "gt":
		return '>', 4
	case "amp":
		return '&', 5
	case "quot":
		return '"', 6
	case "apos":
		return '\'', 6
	}
	if b[1] != '#' {
		return 0, 0
	}
	digits, base := b[2:end], rune(10)
	if b[2] == 'x' {
		digits, base = b[3:end], 16
	}
	if len(digits) == 0 {
		return 0, 0
	}
	for _, c := range digits {
		d := rune(99)
		switch {
		case c >= '0' && c <= '9':
			d = rune(c - '0')
		case c >= 'a' && c <= 'f':
			d = rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			d = rune(c-'A') + 10
		}
		if d >= base || r > utf8.MaxRune {
			return 0, 0
		}
		r = r*base + d
	}
	if !isChar(r) {
		return 0, 0
	}
	return r, end + 1
}

// isChar reports whether r is a Char of XML 1.0.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// section takes a CDATA section.
func (s *scanner) section() error {
	from := s.pos + len("<![CDATA[")
	end := bytes.Index(s.src[from:], []byte("]]>"))
	if end < 0 {
		return s.fail(s.pos, "CDATA section without an end")
	}
	if len(s.open) == 0 {
		return s.fail(s.pos, "text outside the root element")
	}
	if err := s.plainChars(from, from+end); err != nil {
		return err
	}
	s.text, s.pos, s.cdata = s.src[from:from+end], from+end+3, true
	return nil
}

// plainChars checks that only characters of XML stand in a span without markup.
func (s *scanner) plainChars(from, to int) error {
	for i := from; i < to; i++ {
		c := s.src[i]
		if c < 0x20 && !isSpace(c) || c == 0xEF && notChar(s.src[i:]) {
			return s.fail(i, "a character that XML does not have")
		}
	}
	return nil
}

func (s *scanner) comment() error {
	if !bytes.HasPrefix(s.src[s.pos:], []byte("<!--")) {
		return s.fail(s.pos, "a document type declaration")
	}
	from := s.pos + 4
	end := bytes.Index(s.src[from:], []byte("--"))
	if end < 0 || from+end+2 >= len(s.src) || s.src[from+end+2] != '>' {
		return s.fail(s.pos, "malformed comment")
	}
	if err := s.plainChars(from, from+end); err != nil {
		return err
	}
	s.pos = from + end + 3
	return nil
}

func (s *scanner) instruction() error {
	end := bytes.Index(s.src[s.pos:], []byte("?>"))
	if !s.lenient || end < 0 {
		return s.fail(s.pos, "a processing instruction")
	}
	sub := scanner{src: s.src[:s.pos+end], pos: s.pos + 2}
	name, err := sub.rawName()
	if err != nil || bytes.EqualFold(name, []byte("xml")) || bytes.IndexByte(name, ':') >= 0 || sub.pos < len(sub.src) && !isSpace(sub.src[sub.pos]) {
		return s.fail(s.pos, "malformed processing instruction")
	}
	if err := s.plainChars(sub.pos, s.pos+end); err != nil {
		return err
	}
	s.pos += end + 2
	return nil
}
