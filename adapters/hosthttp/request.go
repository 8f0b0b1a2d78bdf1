// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"lintel/adapters"
	"lintel/adapters/stream"
)

// joinUpTo is the size up to which head and body are copied together for one write.
const joinUpTo = 16 << 10

// maxPath bounds the request target, in bytes.
const maxPath = 8 << 10

// head writes request line and headers of m, and more headers unless m has them itself. Errors hold
// names, never values.
func (a *Adapter) head(m adapters.Message, more ...header) ([]byte, error) {
	method, path := a.method, a.path
	var own []header
	for name, value := range m.Properties {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("property %q is no text", name)
		}
		if name == PropertyMethod && isToken(text) {
			method = text
			continue
		}
		if name == PropertyPath && isTarget(text) {
			path = join(a.path, text)
			continue
		}
		h, err := propertyHeader(name, text)
		if err != nil {
			return nil, err
		}
		own = append(own, h)
	}
	if path == "" || path[0] == '?' {
		path = "/" + path
	}
	if len(path) > maxPath {
		return nil, errors.New("the path is too long")
	}
	for _, h := range more {
		if !slices.ContainsFunc(own, func(o header) bool { return o.lower == h.lower }) {
			own = append(own, h)
		}
	}
	sortHeaders(own)
	return a.appendHead(method, path, own, len(m.Body)), nil
}

// propertyHeader is the header that a property becomes.
func propertyHeader(name, text string) (header, error) {
	switch {
	case name == PropertyContentType:
		return makeHeader("Content-Type", text)
	case name == PropertySOAPAction && !strings.ContainsAny(text, `"\\`):
		return makeHeader("SOAPAction", `"`+text+`"`)
	case strings.HasPrefix(name, PropertyHeader):
		return makeHeader(name[len(PropertyHeader):], text)
	}
	return header{}, fmt.Errorf("property %q is not known to this wire or has a value that it cannot carry", name)
}

func (a *Adapter) appendHead(method, path string, own []header, length int) []byte {
	out := make([]byte, 0, 512)
	out = append(append(append(out, method...), ' '), path...)
	out = append(append(append(out, " HTTP/1.1\r\nHost: "...), a.host...), "\r\n"...)
	for _, h := range a.headers {
		if !slices.ContainsFunc(own, func(o header) bool { return o.lower == h.lower }) {
			out = append(out, h.line...)
		}
	}
	for _, h := range own {
		out = append(out, h.line...)
	}
	if length > 0 || !slices.Contains([]string{"GET", "HEAD", "DELETE", "OPTIONS"}, method) {
		out = strconv.AppendInt(append(out, "Content-Length: "...), int64(length), 10)
		out = append(out, "\r\n"...)
	}
	return append(out, "\r\n"...)
}

// join puts a relative path behind that of the host's URL.
func join(base, path string) string {
	if path != "" && path[0] == '/' {
		return strings.TrimSuffix(base, "/") + path
	}
	return base + path
}

// isTarget reports whether path can follow the URL: it begins with / or ?, holds only what may stand
// in a request target, and does not climb.
func isTarget(path string) bool {
	if path == "" || path[0] != '/' && path[0] != '?' {
		return false
	}
	for _, c := range []byte(path) {
		if c <= ' ' || c >= 0x7F || c == '#' || c == '\\' {
			return false
		}
	}
	way, _, _ := strings.Cut(strings.ToLower(path), "?")
	way = strings.ReplaceAll(way, "%2e", ".")
	return !slices.ContainsFunc(strings.FieldsFunc(way, func(r rune) bool { return r == '/' }), func(s string) bool { return s == "." || s == ".." })
}

// makeHeader checks a header. Those that frame the message or belong to the connection are this
// package's own, and keys for repeating a request are not passed on: whether a request may be sent
// again is decided here and nowhere on the way.
func makeHeader(name, value string) (header, error) {
	lower := strings.ToLower(name)
	switch lower {
	case "connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer",
		"transfer-encoding", "upgrade", "proxy-authorization":
		return header{}, fmt.Errorf("header %q belongs to the connection and cannot be set", name)
	case "idempotency-key", "x-idempotency-key":
		return header{}, fmt.Errorf("header %q is not passed on to hosts", name)
	}
	if !isToken(name) {
		return header{}, fmt.Errorf("%q is not the name of a header", name)
	}
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c >= 0x7F {
			return header{}, fmt.Errorf("the value of header %q has a character that HTTP does not carry", name)
		}
	}
	return header{lower, name + ": " + value + "\r\n"}, nil
}

func sortHeaders(h []header) {
	slices.SortFunc(h, func(a, b header) int { return strings.Compare(a.lower, b.lower) })
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7F || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// send writes head and body in one write. whole tells whether all of it left.
func send(c *stream.Conn, head, body []byte) (whole bool, err error) {
	size := len(head) + len(body)
	if size > joinUpTo && !c.Secure() {
		n, err := c.WriteParts(net.Buffers{head, body})
		return n == int64(size), err
	}
	n, err := c.Stream.Write(append(head, body...))
	return n == size, err
}
