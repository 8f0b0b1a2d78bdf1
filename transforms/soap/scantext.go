// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"unicode/utf8"
)

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
