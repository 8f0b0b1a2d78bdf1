// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// reader reads the chain of one transform.
type reader struct {
	c *Chain
	// wanted is what is captured of each entry; nil if nothing.
	wanted []*transforms.Capture
}

var _ transforms.PrefixReader = (*reader)(nil)

// Reader implements transforms.Format.
func (c *Chain) Reader(capture *transforms.Capture) (transforms.Reader, specs.Findings) {
	r := &reader{c: c, wanted: make([]*transforms.Capture, len(c.entries))}
	for i, e := range c.entries {
		for _, m := range capture.Members {
			if m.Type == e.typ && e.typ != nil {
				r.wanted[i] = m
			}
		}
	}
	return r, nil
}

// Read implements transforms.Reader.
func (r *reader) Read(msg []byte, slots *transforms.Slots, base int) error {
	_, err := r.ReadPrefix(msg, slots, base)
	return err
}

// ReadPrefix implements transforms.PrefixReader.
func (r *reader) ReadPrefix(msg []byte, slots *transforms.Slots, base int) ([]byte, error) {
	i := 0
	return r.c.walk(msg, func(e entry, h *Header, text string) error {
		want := r.wanted[i]
		i++
		if want == nil {
			return nil
		}
		return capture(want, e, h, text, slots, base)
	})
}

// capture stores what is wanted of one entry.
func capture(want *transforms.Capture, e entry, h *Header, text string, slots *transforms.Slots, base int) error {
	if want.Slot >= 0 {
		out, err := appendEntry(nil, e, h, text)
		if err != nil {
			return err
		}
		*slots.At(base + want.Slot) = transforms.JSONValue(out)
	}
	for _, m := range want.Members {
		if m.Type.Shape == transforms.ObjectShape {
			if err := captureFolder(m, h, slots, base); err != nil {
				return err
			}
			continue
		}
		f, _ := m.Type.Ref.(Field)
		if m.Slot < 0 || f.Offset+f.Length > len(h.Raw) {
			continue
		}
		out, err := appendField(nil, h, f)
		if err != nil {
			return err
		}
		*slots.At(base + m.Slot) = transforms.JSONValue(out)
	}
	return nil
}

// captureFolder stores what is wanted of a folder.
func captureFolder(want *transforms.Capture, h *Header, slots *transforms.Slots, base int) error {
	folders, err := h.Folders()
	if err != nil {
		return asField(err)
	}
	for _, f := range folders {
		if f.Name != want.Type.Name {
			continue
		}
		if want.Slot >= 0 {
			*slots.At(base + want.Slot) = transforms.JSONValue(appendFolder(nil, want.Type, f))
		}
		for _, m := range want.Members {
			for _, p := range f.Properties {
				if p.Name == m.Type.Name && m.Slot >= 0 {
					*slots.At(base + m.Slot) = transforms.JSONValue(p.appendJSON(nil))
				}
			}
		}
	}
	return nil
}

// walk reads the entries and calls f with each. It returns what follows them.
func (c *Chain) walk(msg []byte, f func(e entry, h *Header, text string) error) ([]byte, error) {
	rest := msg
	of := What{Encoding: c.coding.encoding, CCSID: c.coding.ccsid}
	for _, e := range c.entries {
		at := len(msg) - len(rest)
		var h *Header
		text := ""
		switch {
		case e.name == entryProgram:
			page, err := pageOf(of.CCSID)
			if err != nil || len(rest) < 8 {
				return nil, &transforms.FieldError{Field: "mqHeaders.program", Offset: at, Length: 8, Code: "short", Reason: "the message ends before the name of the program, or it has no code page"}
			}
			name, err := page.AppendDecode(nil, rest[:8])
			if err != nil {
				return nil, &transforms.FieldError{Field: "mqHeaders.program", Offset: at, Length: 8, Code: "unmappable", Reason: "the bytes are no text of their code page"}
			}
			text, rest = strings.TrimRight(string(name), " \x00"), rest[8:]
		case e.name == entrySegment:
			if len(rest) < 4 || int(binary.BigEndian.Uint16(rest)) != len(rest) {
				return nil, &transforms.FieldError{Field: "mqHeaders.llzz", Offset: at, Length: 4, Code: "header", Reason: "LL is not the length of what follows: this is no message of one segment"}
			}
			rest = rest[4:]
		default:
			var err error
			if h, err = parseNext(e.kind, rest, of); err != nil {
				return nil, asField(shifted(err, at))
			}
			rest = rest[len(h.Raw):]
			if of, err = h.follows(of); err != nil {
				return nil, asField(err)
			}
		}
		if err := f(e, h, text); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// appendField appends a field as JSON: a number, a text, or hexadecimal digits in capitals.
func appendField(dst []byte, h *Header, f Field) ([]byte, error) {
	switch f.Type {
	case Long:
		n, err := h.Int(f.Name)
		return strconv.AppendInt(dst, int64(n), 10), asField(err)
	case Char:
		text, err := h.Text(f.Name)
		if err != nil {
			return dst, asField(err)
		}
		return transforms.AppendQuoted(dst, text), nil
	default:
		b, err := h.Bytes(f.Name)
		return transforms.AppendQuoted(dst, strings.ToUpper(hex.EncodeToString(b))), asField(err)
	}
}

// appendEntry appends an entry as JSON.
func appendEntry(dst []byte, e entry, h *Header, text string) ([]byte, error) {
	if h == nil {
		return transforms.AppendQuoted(dst, text), nil
	}
	var folders []Folder
	if e.kind.Name == "mqrfh2" {
		var err error
		if folders, err = h.Folders(); err != nil {
			return dst, asField(err)
		}
	}
	dst = append(dst, '{')
	for _, m := range e.typ.Members {
		f, isField := m.Ref.(Field)
		start := len(dst)
		if start > 0 && dst[start-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(transforms.AppendQuoted(dst, m.Name), ':')
		switch {
		case isField && f.Offset+f.Length <= len(h.Raw):
			var err error
			if dst, err = appendField(dst, h, f); err != nil {
				return dst, err
			}
		case !isField && hasFolder(folders, m.Name):
			for _, x := range folders {
				if x.Name == m.Name {
					dst = appendFolder(dst, m, x)
					break
				}
			}
		default:
			dst = dst[:start] // this version does not have it, or this message
		}
	}
	return append(dst, '}'), nil
}

func hasFolder(folders []Folder, name string) bool {
	for _, f := range folders {
		if f.Name == name {
			return true
		}
	}
	return false
}

// appendFolder appends the properties of a folder that a type names.
func appendFolder(dst []byte, t *transforms.Type, f Folder) []byte {
	dst = append(dst, '{')
	first := true
	for _, m := range t.Members {
		for _, p := range f.Properties {
			if p.Name != m.Name {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = p.appendJSON(append(transforms.AppendQuoted(dst, p.Name), ':'))
			break
		}
	}
	return append(dst, '}')
}

// appendJSON appends the value of a property by its type. Floating-point numbers stay texts: they would not be exact.
func (p Property) appendJSON(dst []byte) []byte {
	if p.Null {
		return append(dst, "null"...)
	}
	text := strings.TrimSpace(p.Value)
	switch p.Type {
	case "boolean":
		return strconv.AppendBool(dst, text == "1" || text == "true" || text == "TRUE")
	case "i1", "i2", "i4", "i8", "int":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return strconv.AppendInt(dst, n, 10)
		}
	}
	return transforms.AppendQuoted(dst, p.Value)
}

// DecodeJSON implements transforms.Codec for a message that is headers and nothing else.
func (c *Chain) DecodeJSON(dst, msg []byte) ([]byte, error) {
	out, rest, err := c.DecodePrefix(dst, msg)
	if err == nil && len(rest) > 0 {
		err = &transforms.FieldError{Field: "mqHeaders", Offset: len(msg) - len(rest), Code: "header", Reason: "the message goes on behind " + c.names()}
	}
	return out, err
}

// DecodePrefix implements transforms.Prefix.
func (c *Chain) DecodePrefix(dst, msg []byte) (json, rest []byte, err error) {
	dst = append(dst, '{')
	first := true
	rest, err = c.walk(msg, func(e entry, h *Header, text string) error {
		if e.typ == nil {
			return nil
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		dst, err = appendEntry(append(transforms.AppendQuoted(dst, e.name), ':'), e, h, text)
		return err
	})
	return append(dst, '}'), rest, err
}

// errNoObject says that what should be headers is none.
var errNoObject = errors.New("headers are an object with a member for each")

// EncodeJSON implements transforms.Codec. Members that are not given get their initial values; those that
// this package writes may be given and are not looked at.
func (c *Chain) EncodeJSON(dst, json []byte) ([]byte, error) {
	m, err := transforms.LiteralMapping(c.typ, json)
	if err != nil {
		return dst, errNoObject
	}
	w, findings := c.writer(withoutOwn(m))
	if findings.HasErrors() {
		return dst, findings
	}
	return w.Write(dst, &transforms.Run{})
}

// withoutOwn leaves out what is written by itself.
func withoutOwn(m *transforms.Mapping) *transforms.Mapping {
	for _, part := range m.Members {
		var keep []*transforms.Mapping
		for _, sub := range part.Members {
			f, isField := sub.Type.Ref.(Field)
			own := f.Name == "version" || f.Name == "encoding" || f.Name == "codedCharSetId"
			if !isField || !own {
				keep = append(keep, sub)
			}
		}
		part.Members = keep
	}
	return m
}
