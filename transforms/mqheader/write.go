// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// writer writes the chain of one transform.
type writer struct {
	c *Chain
	// parts are what fills each entry, nil for those that get their initial values.
	parts []*transforms.Mapping
}

// Writer implements transforms.Format. What is constant is tried at once.
func (c *Chain) Writer(m *transforms.Mapping) (transforms.Writer, specs.Findings) {
	w, findings := c.writer(m)
	if i := len(c.entries); i > 0 && c.entries[i-1].name == entryProgram && w.parts[i-1] == nil {
		findings.Add(codeHeader, c.typ.Pos, "program needs the name of a program", "write - program: NAME")
	}
	return w, findings
}

func (c *Chain) writer(m *transforms.Mapping) (*writer, specs.Findings) {
	w := &writer{c: c, parts: make([]*transforms.Mapping, len(c.entries))}
	var findings specs.Findings
	for i, e := range c.entries {
		for _, sub := range m.Members {
			if sub.Type == e.typ && e.typ != nil {
				w.parts[i] = sub
				constants(c, sub, &findings)
			}
		}
	}
	return w, findings
}

// constants reports literals that do not fit their fields.
func constants(c *Chain, m *transforms.Mapping, findings *specs.Findings) {
	for _, sub := range m.Members {
		constants(c, sub, findings)
	}
	known, ok := m.Source.(interface {
		Constant() (transforms.Value, bool)
	})
	if !ok {
		return
	}
	v, isConstant := known.Constant()
	if !isConstant {
		return
	}
	if err := c.Try(m.Type, v); err != nil {
		pos := c.typ.Pos
		if at, ok := m.Source.(interface{ Pos() specs.Pos }); ok {
			pos = at.Pos()
		}
		findings.Add(codeHeader, pos, err.Error(), "write a value that the field takes")
	}
}

// Write implements transforms.Writer.
func (w *writer) Write(dst []byte, r *transforms.Run) ([]byte, error) {
	var headers []*Header
	var tail []byte
	body := What{Encoding: w.c.coding.encoding, CCSID: w.c.coding.ccsid}
	for i, e := range w.c.entries {
		switch e.name {
		case entrySegment:
			tail = append(tail, 0, 0, 0, 0)
		case entryProgram:
			text, err := programName(w.c, w.parts[i], r)
			if err != nil {
				return dst, err
			}
			tail = append(tail, text...)
		default:
			h, format, err := w.header(e, w.parts[i], r)
			if err != nil {
				return dst, err
			}
			headers, body.Format = append(headers, h), format
		}
	}
	dst, _, err := AppendChain(dst, headers, body)
	return append(dst, tail...), asField(err)
}

// asField makes a field error of an error of this package.
func asField(err error) error {
	var e *Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	name := "mqHeaders." + e.Header
	if e.Field != "" {
		name += "." + e.Field
	}
	return &transforms.FieldError{Field: name, Offset: e.Offset, Code: "header", Reason: e.Reason}
}

func programName(c *Chain, m *transforms.Mapping, r *transforms.Run) ([]byte, error) {
	if m == nil { // only where a message is made for a test
		out := make([]byte, 8)
		c.coding.page.Pad(out)
		return out, nil
	}
	v, err := value(m, r)
	if err != nil {
		return nil, err
	}
	out, fault := c.program(v)
	if fault != nil {
		return nil, pointed(fault, m.Source, r)
	}
	return out, nil
}

// program encodes the name of a program.
func (c *Chain) program(v transforms.Value) ([]byte, *transforms.FieldError) {
	fault := &transforms.FieldError{Field: "mqHeaders." + entryProgram, Offset: -1, Code: "header", Reason: "the name of a program has 1 to 8 characters of the code page"}
	text, ok := textOf(v)
	b, err := c.coding.page.AppendEncode(nil, []byte(text))
	if !ok || err != nil || len(b) == 0 || len(b) > 8 {
		return nil, fault
	}
	out := make([]byte, 8)
	c.coding.page.Pad(out[copy(out, b):])
	return out, nil
}

// header makes one header and tells the format of what follows, as far as the transform says.
func (w *writer) header(e entry, m *transforms.Mapping, r *transforms.Run) (*Header, string, error) {
	h, err := NewVersion(e.kind, e.version, w.c.coding)
	if err != nil || m == nil {
		return h, "", asField(err)
	}
	var folders []Folder
	for _, sub := range m.Members {
		if sub.Type.Shape == transforms.ObjectShape {
			f, err := folder(sub, r)
			if err != nil {
				return nil, "", err
			}
			folders = append(folders, f)
			continue
		}
		v, err := value(sub, r)
		if err != nil {
			return nil, "", err
		}
		if fault := set(h, sub.Type, v); fault != nil {
			return nil, "", pointed(fault, sub.Source, r)
		}
	}
	if folders != nil {
		if err := h.SetFolders(folders...); err != nil {
			return nil, "", asField(err)
		}
	}
	format, err := h.Text("format")
	return h, format, asField(err)
}

// value is what a source gives, in its JSON form.
func value(m *transforms.Mapping, r *transforms.Run) (transforms.Value, error) {
	if m.Source == nil {
		return transforms.Value{}, nil
	}
	v, err := m.Source.Value(r)
	if err != nil {
		return v, err
	}
	return r.JSON(v)
}

// pointed adds where in the input a value stood.
func pointed(fault *transforms.FieldError, s transforms.Source, r *transforms.Run) *transforms.FieldError {
	if from, ok := s.(transforms.Pointed); ok {
		fault.Pointer = from.Pointer(r)
	}
	return fault
}

// folder makes a folder of an MQRFH2. What is absent or null is left out.
func folder(m *transforms.Mapping, r *transforms.Run) (Folder, error) {
	f := Folder{Name: m.Type.Name}
	for _, sub := range m.Members {
		v, err := value(sub, r)
		if err != nil {
			return f, err
		}
		p := Property{Name: sub.Type.Name}
		switch v.Kind {
		case transforms.Absent, transforms.Null:
			continue
		case transforms.Bool:
			p.Type, p.Value = "boolean", map[bool]string{true: "1", false: "0"}[v.Text[0] == 't']
		case transforms.Number:
			p.Type, p.Value = "i8", string(v.Text)
			if _, err := strconv.ParseInt(p.Value, 10, 64); err != nil {
				return f, pointed(&transforms.FieldError{Field: "mqHeaders.mqrfh2." + f.Name + "." + p.Name, Offset: -1, Code: "header", Reason: "the number is no whole number of 64 bits"}, sub.Source, r)
			}
		default:
			text, ok := textOf(v)
			if !ok {
				return f, pointed(&transforms.FieldError{Field: "mqHeaders.mqrfh2." + f.Name + "." + p.Name, Offset: -1, Code: "header", Reason: "a property takes a single value"}, sub.Source, r)
			}
			p.Value = text
		}
		f.Properties = append(f.Properties, p)
	}
	return f, nil
}

func textOf(v transforms.Value) (string, bool) {
	if v.Kind != transforms.String {
		return "", false
	}
	text, err := transforms.Unquote(nil, v.Text)
	return string(text), err == nil
}

// set puts a value into a field. An absent value leaves what is there.
func set(h *Header, t *transforms.Type, v transforms.Value) *transforms.FieldError {
	f, _ := t.Ref.(Field)
	fault := func(reason string) *transforms.FieldError {
		return &transforms.FieldError{Field: "mqHeaders." + h.Kind.Name + "." + f.Name, Offset: -1, Picture: t.Picture, Code: "header", Reason: reason}
	}
	if v.Kind == transforms.Absent || f.Name == "version" {
		return nil
	}
	var x any
	switch f.Type {
	case Long:
		text := string(v.Text)
		if s, ok := textOf(v); ok {
			text = s
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return fault("the value is no whole number of 32 bits")
		}
		x = n
	case Char:
		text, ok := textOf(v)
		if !ok && v.Kind == transforms.Number {
			text, ok = string(v.Text), true
		}
		if !ok {
			return fault("the value is no text")
		}
		x = text
	case Bytes:
		text, ok := textOf(v)
		b, err := hex.DecodeString(text)
		if !ok || err != nil {
			return fault("the value is not made of pairs of hexadecimal digits")
		}
		x = b
	}
	if told(h.Kind, f.Name) {
		return fault("the field is written by itself")
	}
	if err := h.Set(f.Name, x); err != nil {
		var e *Error
		if errors.As(err, &e) {
			return fault(e.Reason)
		}
		return fault("the value does not fit")
	}
	return nil
}

// told reports fields that say what follows, which AppendChain writes.
func told(k *Kind, name string) bool {
	return k.tells && (name == "encoding" || name == "codedCharSetId")
}

// Close implements transforms.Prefix: it writes LL, which counts itself and all that follows.
func (c *Chain) Close(msg []byte, body int) error {
	if n := len(c.entries); n == 0 || c.entries[n-1].name != entrySegment {
		return nil
	}
	size := len(msg) - body + 4
	if size > 1<<15-1 {
		return &transforms.FieldError{Field: "mqHeaders.llzz", Offset: body - 4, Length: 4, Code: "header", Reason: "a segment has at most 32767 bytes"}
	}
	msg[body-4], msg[body-3] = byte(size>>8), byte(size)
	return nil
}

// Try implements transforms.Prober.
func (c *Chain) Try(t *transforms.Type, v transforms.Value) *transforms.FieldError {
	if t.Name == entryProgram && t.Ref == nil {
		_, fault := c.program(v)
		return fault
	}
	f, ok := t.Ref.(Field)
	if !ok {
		return nil
	}
	for _, e := range c.entries {
		if e.kind == nil || e.typ.Member(f.Name) != t {
			continue
		}
		h, err := NewVersion(e.kind, e.version, c.coding)
		if err != nil {
			return &transforms.FieldError{Field: e.name, Offset: -1, Code: "header", Reason: err.Error()}
		}
		return set(h, t, v)
	}
	return nil
}

// Blank implements transforms.Prober: fields have their initial values.
func (c *Chain) Blank(t *transforms.Type) ([]byte, bool) {
	f, ok := t.Ref.(Field)
	if !ok {
		return []byte("null"), t.Name != entryProgram
	}
	for _, e := range c.entries {
		if e.kind == nil || e.typ.Member(f.Name) != t {
			continue
		}
		if h, err := NewVersion(e.kind, e.version, c.coding); err == nil {
			if out, err := appendField(nil, h, f); err == nil {
				return out, true
			}
		}
	}
	return []byte("null"), false
}

// names lists the entries, for messages.
func (c *Chain) names() string {
	out := make([]string, len(c.entries))
	for i, e := range c.entries {
		out[i] = e.name
	}
	return fmt.Sprint(strings.Join(out, ", "))
}
