// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Property is one value of a folder of an MQRFH2.
type Property struct {
	// Name is the name below the folder; the names of groups in it are joined by points.
	Name string
	// Type is the attribute dt: string, boolean, i1, i2, i4, i8, int, r4, r8, bin.hex; empty for string.
	Type string
	// Value is the text.
	Value string
	// Null is true for xsi:nil.
	Null bool
}

// Folder is one folder of an MQRFH2: usr, mcd, jms, mq_amqp ...
type Folder struct {
	Name       string
	Properties []Property
}

// maxFolders bounds the folders of one header and the properties of one folder.
const (
	maxFolders    = 64
	maxProperties = 1000
	maxDepth      = 16
)

// Folders reads the folders of an MQRFH2.
func (h *Header) Folders() ([]Folder, error) {
	fail := func(at int, reason string) error { return &Error{Header: h.Kind.Name, Offset: at, Reason: reason} }
	ccsid, err := h.Int("nameValueCCSID")
	if err != nil {
		return nil, err
	}
	var out []Folder
	for at := h.Kind.Lengths[0]; at < len(h.Raw); {
		if len(h.Raw)-at < 4 || len(out) == maxFolders {
			return nil, fail(at, "the folders do not end where the header ends, or there are too many")
		}
		size := h.Coding.order.Uint32(h.Raw[at:])
		at += 4
		if size%4 != 0 || uint64(size) > uint64(len(h.Raw)-at) {
			return nil, fail(at-4, "the length of a folder is no multiple of 4, or leads out of the header")
		}
		text, err := nameValueText(h.Raw[at:at+int(size)], ccsid, h.Coding.order)
		if err != nil {
			return nil, fail(at, err.Error())
		}
		if strings.TrimRight(text, " \x00") != "" {
			f, err := parseFolder(text)
			if err != nil {
				return nil, fail(at, err.Error())
			}
			out = append(out, f)
		}
		at += int(size)
	}
	return out, nil
}

// nameValueText decodes the text of a folder: UTF-8, or UTF-16 in the order of the header.
func nameValueText(p []byte, ccsid int32, order binary.ByteOrder) (string, error) {
	switch ccsid {
	case UTF8:
		if !utf8.Valid(p) {
			return "", errors.New("a folder is not UTF-8")
		}
		return string(p), nil
	case 1200, 13488, 17584:
		units := make([]uint16, len(p)/2)
		for i := range units {
			units[i] = order.Uint16(p[2*i:])
		}
		return string(utf16.Decode(units)), nil
	}
	return "", fmt.Errorf("nameValueCCSID %d is none of 1208, 1200, 13488 and 17584", ccsid)
}

// parseFolder reads <usr><Name dt="i4">5</Name></usr>.
func parseFolder(text string) (Folder, error) {
	bad := errors.New("a folder is no well-formed text <name>...</name>")
	d := xml.NewDecoder(strings.NewReader(strings.TrimRight(text, " \x00")))
	d.Strict = true
	var f Folder
	var path []string
	var open *Property
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, bad
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if f.Name != "" && len(path) == 0 || len(path) >= maxDepth || len(f.Properties) >= maxProperties {
				return f, bad
			}
			if len(path) == 0 {
				f.Name = rawName(t.Name)
			} else {
				open = property(append(path[1:len(path):len(path)], rawName(t.Name)), t.Attr)
			}
			path = append(path, rawName(t.Name))
		case xml.CharData:
			if open != nil {
				open.Value += string(t)
			} else if strings.TrimSpace(string(t)) != "" {
				return f, bad
			}
		case xml.EndElement:
			if len(path) == 0 || path[len(path)-1] != rawName(t.Name) {
				return f, bad
			}
			path = path[:len(path)-1]
			if open != nil {
				f.Properties = append(f.Properties, *open)
				open = nil
			}
		default: // no comments, no declarations, no entities
			return f, bad
		}
	}
	if f.Name == "" || len(path) > 0 {
		return f, bad
	}
	return f, nil
}

func rawName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func property(path []string, attrs []xml.Attr) *Property {
	p := &Property{Name: strings.Join(path, ".")}
	for _, a := range attrs {
		switch rawName(a.Name) {
		case "dt":
			p.Type = a.Value
		case "xsi:nil":
			p.Null = a.Value == "true"
		}
	}
	return p
}

// SetFolders replaces the folders of an MQRFH2, and its length with them. Names with points become groups.
func (h *Header) SetFolders(folders ...Folder) error {
	ccsid, err := h.Int("nameValueCCSID")
	if err != nil {
		return err
	}
	out := append([]byte(nil), h.Raw[:h.Kind.Lengths[0]]...)
	for _, f := range folders {
		text, err := f.text()
		if err != nil {
			return err
		}
		p, err := nameValueBytes(text, ccsid, h.Coding.order)
		if err != nil {
			return &Error{Header: h.Kind.Name, Field: f.Name, Reason: err.Error()}
		}
		out = h.Coding.order.AppendUint32(out, uint32(len(p))) //nolint:gosec // bounded by what was given
		out = append(out, p...)
	}
	f, _ := h.Kind.Field("strucLength")
	h.Coding.order.PutUint32(out[f.Offset:], uint32(len(out))) //nolint:gosec // bounded by what was given
	h.Raw = out
	return nil
}

// nameValueBytes encodes the text of a folder and fills it up with blanks to a multiple of 4 bytes.
func nameValueBytes(text string, ccsid int32, order binary.AppendByteOrder) ([]byte, error) {
	var p []byte
	switch ccsid {
	case UTF8:
		p = []byte(text)
		for len(p)%4 != 0 {
			p = append(p, ' ')
		}
	case 1200, 13488, 17584:
		for _, u := range utf16.Encode([]rune(text)) {
			p = order.AppendUint16(p, u)
		}
		for len(p)%4 != 0 {
			p = order.AppendUint16(p, ' ')
		}
	default:
		return nil, fmt.Errorf("nameValueCCSID %d is none of 1208, 1200, 13488 and 17584", ccsid)
	}
	return p, nil
}

// text writes a folder.
func (f Folder) text() (string, error) {
	var b strings.Builder
	if !validName(f.Name) {
		return "", &Error{Header: "mqrfh2", Field: f.Name, Reason: "the name of a folder cannot be used"}
	}
	b.WriteString("<" + f.Name + ">")
	for _, p := range f.Properties {
		names := strings.Split(p.Name, ".")
		for _, n := range names {
			if !validName(n) {
				return "", &Error{Header: "mqrfh2", Field: f.Name + "." + p.Name, Reason: "the name of a property cannot be used"}
			}
		}
		last := len(names) - 1
		for _, n := range names[:last] {
			b.WriteString("<" + n + ">")
		}
		b.WriteString("<" + names[last])
		if p.Type != "" {
			b.WriteString(` dt="` + p.Type + `"`)
		}
		if p.Null {
			b.WriteString(` xsi:nil="true"`)
		}
		b.WriteString(">")
		if err := xml.EscapeText(&b, []byte(p.Value)); err != nil {
			return "", err
		}
		b.WriteString("</" + names[last] + ">")
		for i := last - 1; i >= 0; i-- {
			b.WriteString("</" + names[i] + ">")
		}
	}
	b.WriteString("</" + f.Name + ">")
	return b.String(), nil
}

// validName reports whether a name can be an element.
func validName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c > 0x7F
		if !letter && (i == 0 || c != '-' && c != ':' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= 256
}
