// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"
)

// Part is one part of a multipart body: a property of its schema.
type Part struct {
	Name string
	// Kind is MediaBinary for bytes, MediaJSON for an object, MediaText for any single value.
	Kind MediaKind
	// Schema is that of one value; nil accepts everything.
	Schema *Schema
	// List tells that the property is an array: each of its items is a part of that name.
	List bool
	// Types are the media types or ranges that encoding gives it; none means any.
	Types []string
}

// Parts lists the parts of a multipart media type, in the order of its schema; nil for another kind.
func (m *MediaType) Parts() []*Part {
	if m.Kind != MediaMultipart || m.Schema == nil {
		return nil
	}
	out := make([]*Part, len(m.Schema.Properties))
	for i, p := range m.Schema.Properties {
		one := &Part{Name: p.Name, Schema: p.Schema, Types: m.Encoding[p.Name]}
		if one.Schema != nil && slices.Contains(one.Schema.Types, "array") {
			one.List, one.Schema = true, one.Schema.Items
		}
		switch s := one.Schema; {
		case bytesOf(s):
			one.Kind = MediaBinary
		case slices.Contains(s.Types, "object"), slices.Contains(s.Types, "array"), !s.plain():
			one.Kind = MediaJSON
		default:
			one.Kind = MediaText
		}
		out[i] = one
	}
	return out
}

// Takes reports whether the part may have a media type, in lower case and without parameters; empty means
// that it came without one.
func (p *Part) Takes(media string) bool {
	if media == "" {
		return true
	}
	if len(p.Types) == 0 {
		return p.Kind != MediaJSON || media == "application/json" || strings.HasSuffix(media, "+json")
	}
	return slices.ContainsFunc(p.Types, func(t string) bool {
		kind, ranged := strings.CutSuffix(t, "/*")
		return t == media || ranged && (kind == "*" || strings.HasPrefix(media, kind+"/"))
	})
}

// MediaType is the one that the part is sent with.
func (p *Part) MediaType() string {
	for _, t := range p.Types {
		if !strings.HasSuffix(t, "/*") {
			return t
		}
	}
	switch p.Kind {
	case MediaBinary:
		return "application/octet-stream"
	case MediaJSON:
		return "application/json"
	default:
		return "text/plain; charset=utf-8"
	}
}

// multipartValue is the schema of the JSON object that a multipart body is to transforms: bytes are texts in
// base64 there.
func (m *MediaType) multipartValue() *Schema {
	if m.Schema == nil {
		return nil
	}
	out := *m.Schema
	out.Name, out.Properties = "", slices.Clone(m.Schema.Properties)
	for i, p := range m.Parts() {
		if p.Kind != MediaBinary {
			continue
		}
		one := *out.Properties[i]
		bytes := (&MediaType{Kind: MediaBinary, Schema: p.Schema, Pos: one.Pos}).Value()
		if p.List {
			list := *one.Schema
			list.Name, list.Items = "", bytes
			one.Schema = &list
		} else {
			one.Schema = bytes
		}
		out.Properties[i] = &one
	}
	return &out
}

// encoding reads what the media types of the parts are.
func (c *contractReader) encoding(m *MediaType, n *Node) {
	if !strings.HasPrefix(m.Base(), "multipart/") {
		c.addOnce(CodeNotEnforced, n, "encoding is not used by Lintel", "remove it: the fields of a form are read in the style form, exploded")
		return
	}
	if !c.isMap(n, "encoding") {
		return
	}
	m.Encoding = map[string][]string{}
	for _, f := range n.Fields {
		c.objectX(f.Value, "the encoding of a part",
			optional("contentType", func(n *Node) { m.Encoding[f.Key.Text] = c.partTypes(n) }),
			optional("headers", func(n *Node) {
				c.addOnce(CodeNotEnforced, n, "headers of parts are not used by Lintel", "remove them")
			}),
		)
	}
}

// partTypes reads the media types of a part: one, or several with commas.
func (c *contractReader) partTypes(n *Node) []string {
	if !c.scalar(n, "contentType") {
		return nil
	}
	var out []string
	for t := range strings.SplitSeq(n.Text, ",") {
		media, _, err := mime.ParseMediaType(strings.TrimSpace(t))
		if err != nil || !strings.Contains(media, "/") {
			c.addOnce(CodeMediaType, n, fmt.Sprintf("%s is no list of media types", show(n)), "write image/png, or several with commas")
			return nil
		}
		out = append(out, media)
	}
	return out
}

// parts checks that a multipart body has parts that Lintel can tell apart.
func (c *contractReader) parts(m *MediaType) {
	if m.Kind != MediaMultipart {
		return
	}
	s := m.Schema
	if s == nil || len(s.Properties) == 0 || s.appliesInPlace() {
		if c.first(CodeMediaType, m.Pos) {
			c.fs.Add(CodeMediaType, m.Pos, "a multipart body needs a schema of the type object whose properties are the parts", "write properties: with one for each part, and no allOf, anyOf, oneOf, if or dependentSchemas beside them")
		}
		return
	}
	for _, p := range s.Properties {
		if strings.ContainsAny(p.Name, "\"\\\r\n") && c.first(CodeMediaType, p.Pos) {
			c.fs.Add(CodeMediaType, p.Pos, fmt.Sprintf("%q cannot be the name of a part", p.Name), "use letters and digits")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Encoding)) {
		if !slices.ContainsFunc(s.Properties, func(p *Property) bool { return p.Name == name }) && c.first(CodeMediaType, m.Pos) {
			c.fs.Add(CodeMediaType, m.Pos, fmt.Sprintf("encoding names the part %q, which is no property of the schema", name), "correct the name, or remove it")
		}
	}
}
