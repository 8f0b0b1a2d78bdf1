// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"bytes"
	"errors"
	"fmt"
	"math"
)

// Error says what is wrong with a header.
type Error struct {
	// Header is the structure, Field the field; empty if it is about the whole.
	Header, Field string
	// Offset is where the structure, or the field in it, begins; in bytes from the beginning of the message.
	Offset int
	// Reason never holds a value.
	Reason string
}

// Error prints header, field, offset and reason.
func (e *Error) Error() string {
	name := e.Header
	if e.Field != "" {
		name += "." + e.Field
	}
	return fmt.Sprintf("%s at offset %d: %s", name, e.Offset, e.Reason)
}

// Header is one structure as bytes. Folders of an MQRFH2 follow its fixed part.
type Header struct {
	Kind   *Kind
	Coding Coding
	// Raw is the whole structure.
	Raw []byte
}

// New makes a header with the initial values, of the latest version.
func New(k *Kind, c Coding) (*Header, error) { return NewVersion(k, k.latest(), c) }

// NewVersion makes a header of a version.
func NewVersion(k *Kind, version int32, c Coding) (*Header, error) {
	length, ok := k.Length(version)
	if !ok {
		return nil, &Error{Header: k.Name, Reason: fmt.Sprintf("there is no version %d", version)}
	}
	h := &Header{Kind: k, Coding: c, Raw: make([]byte, length)}
	for _, f := range k.Fields {
		if f.Type == Char && f.Offset < length {
			c.page.Pad(h.Raw[f.Offset : f.Offset+f.Length])
		}
	}
	if err := h.setText("strucId", k.Eye); err != nil {
		return nil, err
	}
	for name, v := range map[string]int{"version": int(version), "strucLength": length} {
		if f, ok := k.Field(name); ok {
			c.order.PutUint32(h.Raw[f.Offset:], uint32(v)) //nolint:gosec // small and positive
		}
	}
	for name, v := range k.values {
		if f, _ := k.Field(name); f.Offset >= length {
			continue
		}
		if err := h.Set(name, v); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Parse reads the header of a kind at the beginning of p. It keeps the bytes of p, not a copy.
func Parse(k *Kind, p []byte, c Coding) (*Header, error) {
	bad := func(reason string) error { return &Error{Header: k.Name, Reason: reason} }
	if len(p) < k.Lengths[0] {
		return nil, bad(fmt.Sprintf("the message ends after %d bytes of a header of %d", len(p), k.Lengths[0]))
	}
	h := &Header{Kind: k, Coding: c, Raw: p}
	if eye, err := h.Text("strucId"); err != nil || eye != string(bytes.TrimRight([]byte(k.Eye), " ")) {
		return nil, bad("the message does not begin with its eye-catcher: it is no such header, or in another code page")
	}
	version, err := h.Int("version")
	if err != nil {
		return nil, err
	}
	length, ok := k.Length(version)
	if !ok {
		return nil, bad("the version is not known, or numbers are in the other byte order")
	}
	if f, has := k.Field("strucLength"); has {
		told := int64(int32(c.order.Uint32(p[f.Offset:]))) //nolint:gosec // as it is meant
		if told < int64(length) || told > int64(len(p)) || k.Name != "mqrfh2" && told != int64(length) {
			return nil, bad("strucLength does not fit the version or the message")
		}
		length = int(told)
	}
	if len(p) < length {
		return nil, bad("the message ends within the header")
	}
	h.Raw = p[:length:length]
	return h, nil
}

// Version is the version of the structure.
func (h *Header) Version() int32 { v, _ := h.Int("version"); return v }

// field finds a field that this version has.
func (h *Header) field(name string, t FieldType) (Field, error) {
	f, ok := h.Kind.Field(name)
	if !ok || f.Type != t {
		return f, &Error{Header: h.Kind.Name, Field: name, Reason: "there is no such field of this type"}
	}
	if f.Offset+f.Length > len(h.Raw) {
		return f, &Error{Header: h.Kind.Name, Field: name, Offset: f.Offset, Reason: "this version does not have the field"}
	}
	return f, nil
}

// Int returns a number.
func (h *Header) Int(name string) (int32, error) {
	f, err := h.field(name, Long)
	if err != nil {
		return 0, err
	}
	return int32(h.Coding.order.Uint32(h.Raw[f.Offset:])), nil //nolint:gosec // as it is meant
}

// Text returns a text without the blanks and zeros at its end.
func (h *Header) Text(name string) (string, error) {
	f, err := h.field(name, Char)
	if err != nil {
		return "", err
	}
	p := bytes.TrimRight(h.Raw[f.Offset:f.Offset+f.Length], "\x00")
	text, err := h.Coding.page.AppendDecode(nil, p)
	if err != nil {
		return "", &Error{Header: h.Kind.Name, Field: name, Offset: f.Offset, Reason: "the bytes are no text of its code page"}
	}
	return string(bytes.TrimRight(text, " ")), nil
}

// Bytes returns bytes; they are part of the header.
func (h *Header) Bytes(name string) ([]byte, error) {
	f, err := h.field(name, Bytes)
	if err != nil {
		return nil, err
	}
	return h.Raw[f.Offset : f.Offset+f.Length : f.Offset+f.Length], nil
}

// Set gives a field a value: int, int32 or int64 for a number, string for text, []byte (of the whole length) for
// bytes. What does not fit is an error; nothing is cut. Fields that this package writes cannot be set.
func (h *Header) Set(name string, v any) error {
	f, ok := h.Kind.Field(name)
	if !ok {
		return &Error{Header: h.Kind.Name, Field: name, Reason: "there is no such field"}
	}
	fault := func(reason string) error {
		return &Error{Header: h.Kind.Name, Field: name, Offset: f.Offset, Reason: reason}
	}
	if f.fixed {
		return fault("the field is written by itself")
	}
	if f.Offset+f.Length > len(h.Raw) {
		return fault("this version does not have the field")
	}
	switch f.Type {
	case Long:
		n, err := long(v)
		if err != nil {
			return fault(err.Error())
		}
		h.Coding.order.PutUint32(h.Raw[f.Offset:], uint32(n)) //nolint:gosec // as it is meant
		return nil
	case Char:
		text, ok := v.(string)
		if !ok {
			return fault("the field takes a text")
		}
		return h.setText(name, text)
	default:
		b, ok := v.([]byte)
		if !ok || len(b) != f.Length {
			return fault(fmt.Sprintf("the field takes %d bytes", f.Length))
		}
		copy(h.Raw[f.Offset:], b)
		return nil
	}
}

func long(v any) (int32, error) {
	var n int64
	switch v := v.(type) {
	case int:
		n = int64(v)
	case int32:
		n = int64(v)
	case int64:
		n = v
	default:
		return 0, errors.New("the field takes a number")
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, errors.New("the number does not fit 32 bits")
	}
	return int32(n), nil
}

func (h *Header) setText(name, text string) error {
	f, err := h.field(name, Char)
	if err != nil {
		return err
	}
	b, err := h.Coding.page.AppendEncode(nil, []byte(text))
	fault := &Error{Header: h.Kind.Name, Field: name, Offset: f.Offset}
	switch {
	case err != nil:
		fault.Reason = "the text has a character that the code page does not have"
	case len(b) > f.Length:
		fault.Reason = fmt.Sprintf("the text is longer than %d bytes", f.Length)
	default:
		n := copy(h.Raw[f.Offset:f.Offset+f.Length], b)
		h.Coding.page.Pad(h.Raw[f.Offset+n : f.Offset+f.Length])
		return nil
	}
	return fault
}
