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
