// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
)

// Bounds of MIME multipart bodies, against input that costs more than it should.
const (
	maxBodyParts   = 1000
	maxPartHeaders = 32
	maxPartHead    = 16 << 10
)

// Part is one part of a MIME multipart body.
type Part struct {
	// Headers of the part, names in lower case.
	Headers []Header
	// Body is a span of the body it is part of, unless a transfer encoding had to be undone.
	Body []byte
	// Offset is where the part begins in the whole, with its headers.
	Offset int
}

// Header is the value of a header by its lower-case name; empty if the part does not have it.
func (p *Part) Header(name string) string {
	for _, h := range p.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// PartError says what is wrong with a multipart body, and where. It never holds any of it.
type PartError struct {
	// Offset into the body, in bytes.
	Offset int
	// Part is the number of the part, from 1; 0 for what stands around them.
	Part   int
	Reason string
}

// Error gives part, offset and reason.
func (e *PartError) Error() string {
	if e.Part == 0 {
		return fmt.Sprintf("multipart body, offset %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("multipart body, part %d, offset %d: %s", e.Part, e.Offset, e.Reason)
}

// SplitParts cuts a multipart body (RFC 2046, section 5.1) at its boundary. Bodies of parts are not
// copied. Lines end with CRLF; if lax is set, those of a body whose first delimiter ends with LF alone
// end so. Text before the first delimiter is skipped; behind the last one only blanks may stand.
// Errors are *PartError.
func SplitParts(msg []byte, boundary string, lax bool) ([]Part, error) {
	if !isBoundary(boundary) {
		return nil, &PartError{Reason: "the boundary is none"}
	}
	s := &splitter{msg: msg, dash: []byte("--" + boundary), eol: []byte("\r\n"), lax: lax}
	return s.split()
}

// isBoundary reports whether text may be a boundary: 1 to 70 characters, no blank at the end.
func isBoundary(text string) bool {
	if text == "" || len(text) > 70 || strings.HasSuffix(text, " ") {
		return false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && strings.IndexByte("'()+_,-./:=? ", c) < 0 {
			return false
		}
	}
	return true
}

type splitter struct {
	msg       []byte
	dash, eol []byte
	lax       bool
	pos       int
	parts     []Part
}

func (s *splitter) fail(at int, reason string) error {
	return &PartError{Offset: at, Part: len(s.parts), Reason: reason}
}

func (s *splitter) split() ([]Part, error) {
	last, err := s.first()
	for ; err == nil && !last; last, err = s.part() {
		if len(s.parts) == maxBodyParts {
			return nil, s.fail(s.pos, fmt.Sprintf("there are more than %d parts", maxBodyParts))
		}
	}
	if err != nil {
		return nil, err
	}
	if rest := bytes.TrimLeft(s.msg[s.pos:], " \t\r\n"); len(rest) > 0 {
		return nil, &PartError{Offset: len(s.msg) - len(rest), Reason: "something stands behind the last boundary"}
	}
	if len(s.parts) == 0 {
		return nil, s.fail(s.pos, "there is no part")
	}
	return s.parts, nil
}

// first moves behind the first delimiter.
func (s *splitter) first() (last bool, err error) {
	if !bytes.HasPrefix(s.msg, s.dash) {
		i := bytes.Index(s.msg, append([]byte{'\n'}, s.dash...))
		if i < 0 || i > maxPartHead {
			return false, s.fail(0, "the body does not begin with its boundary")
		}
		s.pos = i + 1
	}
	return s.afterDash()
}

// afterDash moves from a delimiter to what follows its line; last tells that it was the one that closes.
func (s *splitter) afterDash() (last bool, err error) {
	s.pos += len(s.dash)
	if bytes.HasPrefix(s.msg[s.pos:], []byte("--")) {
		s.pos += 2
		return true, nil
	}
	for s.pos < len(s.msg) && (s.msg[s.pos] == ' ' || s.msg[s.pos] == '\t') {
		s.pos++
	}
	if s.lax && len(s.parts) == 0 && bytes.HasPrefix(s.msg[s.pos:], []byte("\n")) {
		s.eol = s.eol[1:]
	}
	if !bytes.HasPrefix(s.msg[s.pos:], s.eol) {
		return false, s.fail(s.pos, "a boundary is followed by something else than the end of the line")
	}
	s.pos += len(s.eol)
	return false, nil
}

// part takes one part and moves behind the delimiter that ends it.
func (s *splitter) part() (last bool, err error) {
	s.parts = append(s.parts, Part{Offset: s.pos})
	p := &s.parts[len(s.parts)-1]
	if err := s.head(p); err != nil {
		return false, err
	}
	from := s.pos
	delimiter := append(bytes.Clone(s.eol), s.dash...)
	// A part without any content may end with the delimiter right behind its head.
	if back := from - len(s.eol); bytes.HasPrefix(s.msg[back:], delimiter) && s.delimits(back+len(delimiter)) {
		s.pos = from
	} else {
		i := s.find(from, delimiter)
		if i < 0 {
			return false, s.fail(from, "the part has no end")
		}
		p.Body, s.pos = s.msg[from:i:i], i+len(s.eol)
	}
	if err := s.decode(p); err != nil {
		return false, err
	}
	return s.afterDash()
}

// find is where a delimiter stands, and not the beginning of a longer boundary.
func (s *splitter) find(from int, delimiter []byte) int {
	for {
		i := bytes.Index(s.msg[from:], delimiter)
		if i < 0 {
			return -1
		}
		end := from + i + len(delimiter)
		if s.delimits(end) {
			return from + i
		}
		from = end
	}
}

// delimits reports whether the boundary that ends at end is one, and not the beginning of a longer word. What
// begins as a delimiter line and does not go on as one is refused by afterDash: to take it for content would be to
// see other parts than the next reader does.
func (s *splitter) delimits(end int) bool {
	return end == len(s.msg) || strings.IndexByte(" \t\r\n-", s.msg[end]) >= 0
}

// head reads the headers of a part and the empty line behind them. Folded lines are joined.
func (s *splitter) head(p *Part) error {
	start := s.pos
	for {
		i := bytes.Index(s.msg[s.pos:min(len(s.msg), start+maxPartHead)], s.eol)
		if i < 0 {
			return s.fail(start, "the headers of the part do not end, or are too long")
		}
		at, line := s.pos, s.msg[s.pos:s.pos+i]
		s.pos += i + len(s.eol)
		if len(line) == 0 {
			return s.sane(p, start)
		}
		if bytes.ContainsAny(line, "\r\n\x00") {
			return s.fail(at, "the part has a malformed header line")
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(p.Headers) == 0 {
				return s.fail(at, "the part has a malformed header line")
			}
			p.Headers[len(p.Headers)-1].Value += " " + string(bytes.Trim(line, " \t"))
			continue
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || len(name) == 0 || bytes.ContainsAny(name, " \t\"()<>@,;\\/[]?={}") || len(p.Headers) == maxPartHeaders {
			return s.fail(at, "the part has a malformed header line, or too many")
		}
		p.Headers = append(p.Headers, Header{Name: strings.ToLower(string(name)), Value: string(bytes.Trim(value, " \t"))})
	}
}

// sane refuses headers that stand twice where only one can count.
func (s *splitter) sane(p *Part, start int) error {
	seen := map[string]bool{}
	for _, h := range p.Headers {
		switch h.Name {
		case "content-type", "content-id", "content-disposition", "content-transfer-encoding":
			if seen[h.Name] {
				return s.fail(start, "the part has the header "+h.Name+" twice")
			}
			seen[h.Name] = true
		}
	}
	return nil
}

// decode undoes the transfer encoding of a part.
func (s *splitter) decode(p *Part) error {
	switch strings.ToLower(p.Header("content-transfer-encoding")) {
	case "", "binary", "8bit", "7bit":
		return nil
	case "base64":
		out := make([]byte, base64.StdEncoding.DecodedLen(len(p.Body)))
		n, err := base64.StdEncoding.Decode(out, p.Body) // it skips ends of lines
		if err != nil {
			return s.fail(p.Offset, "the part is no base64, as its header says")
		}
		p.Body = out[:n]
		return nil
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(p.Body)))
		if err != nil {
			return s.fail(p.Offset, "the part is not quoted-printable, as its header says")
		}
		p.Body = out
		return nil
	}
	return s.fail(p.Offset, "the part has a transfer encoding that is not known")
}
