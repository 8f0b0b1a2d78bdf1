// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"lintel/adapters"
	"lintel/adapters/stream"
)

// Bounds of what stands before the body of a reply.
const (
	maxHead = 64 << 10
	// maxInterim is how many 1xx replies may come before the one that counts.
	maxInterim = 8
)

// formError says what is wrong with a reply's form.
type formError struct{ what string }

func (e *formError) Error() string { return e.what }

func malformed(what string) error { return &formError{what} }

// session reads the replies of one connection.
type session struct {
	in *bufio.Reader
	// began tells whether any byte of the present reply came.
	began bool
	line  []byte
}

func newSession(c *stream.Conn) stream.Session {
	return &session{in: bufio.NewReaderSize(c.Stream, 4<<10)}
}

// Extra implements stream.Session.
func (s *session) Extra() bool { return s.in.Buffered() > 0 }

// reply is one reply as it came.
type reply struct {
	status  int
	headers []field
	body    []byte
	// keep tells whether the connection can carry another exchange.
	keep bool
}

// field is one header, its name in lower case.
type field struct{ name, value string }

// get returns the value of the header with that lower-case name, several joined as RFC 9110 says.
func (r *reply) get(name string) string {
	value, found := "", false
	for _, f := range r.headers {
		switch {
		case f.name != name:
		case found:
			value += ", " + f.value
		default:
			value, found = f.value, true
		}
	}
	return value
}

func (r *reply) has(name string) bool {
	return slices.ContainsFunc(r.headers, func(f field) bool { return f.name == name })
}

func (r *reply) message() adapters.Message {
	p := make(map[string]any, len(r.headers)+1)
	p[PropertyStatus] = int64(r.status)
	for _, f := range r.headers {
		name := PropertyHeader + f.name
		if f.name == "content-type" {
			name = PropertyContentType
		}
		if _, again := p[name]; again {
			p[name] = r.get(f.name)
			continue
		}
		p[name] = f.value
	}
	return adapters.Message{Body: r.body, Properties: p}
}

// read reads one reply, the interim ones before it included.
func (s *session) read(head bool, limit int) (*reply, error) {
	s.began = false
	left := maxHead
	for range maxInterim {
		r, minor, err := s.readHead(&left)
		if err != nil {
			return nil, err
		}
		if r.status == 101 {
			return nil, malformed("the reply switches to another protocol")
		}
		if r.status >= 200 {
			return r, s.readBody(r, minor, head, limit)
		}
	}
	return nil, malformed("too many interim replies")
}

// readHead reads status line and headers, within left bytes.
func (s *session) readHead(left *int) (*reply, int, error) {
	if _, err := s.in.Peek(1); err != nil {
		return nil, 0, err
	}
	s.began = true
	line, err := s.readLine(left)
	if err != nil {
		return nil, 0, err
	}
	// RFC 9112, section 4: HTTP/1.1 200 OK
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[7] != '0' && line[7] != '1' || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return nil, 0, malformed("reply does not begin with a status line of HTTP/1.1")
	}
	status, err := strconv.ParseUint(string(line[9:12]), 10, 16)
	if err != nil || status < 100 || status > 599 {
		return nil, 0, malformed("reply has no status from 100 to 599")
	}
	r, minor := &reply{status: int(status)}, int(line[7]-'0')
	for {
		if line, err = s.readLine(left); err != nil || len(line) == 0 {
			return r, minor, err
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || !isToken(string(name)) { // also refuses folded lines and blanks before the colon
			return nil, 0, malformed("reply has a malformed header line")
		}
		value = bytes.Trim(value, " \t")
		if bytes.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7F }) {
			return nil, 0, malformed("reply has a malformed header line")
		}
		r.headers = append(r.headers, field{strings.ToLower(string(name)), string(value)})
	}
}

// readLine reads a line without its end. It is valid until the next one.
func (s *session) readLine(left *int) ([]byte, error) {
	s.line = s.line[:0]
	for {
		part, err := s.in.ReadSlice('\n')
		if *left -= len(part); *left < 0 {
			return nil, malformed("the head of the reply is too long")
		}
		if err == nil && len(s.line) == 0 {
			return trimEnd(part), nil
		}
		s.line = append(s.line, part...)
		if err == nil {
			return trimEnd(s.line), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

func trimEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
}
