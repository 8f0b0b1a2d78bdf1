// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
)

// MediaKind says how Lintel reads and writes the bytes of a media type. To transforms every body is a
// JSON value, whatever its kind.
type MediaKind uint8

// The kinds of media types.
const (
	// MediaOther is neither read nor written.
	MediaOther MediaKind = iota
	// MediaJSON is application/json, any +json, and the ranges application/* and */*.
	MediaJSON
	// MediaText is any type of text in UTF-8: a string.
	MediaText
	// MediaBinary is bytes: a string in base64 (RFC 4648, with padding).
	MediaBinary
	// MediaForm is application/x-www-form-urlencoded, of requests only: an object whose members are the fields.
	MediaForm
	// MediaMultipart is multipart/form-data, in answers also multipart/mixed and multipart/related: an object
	// whose members are the parts.
	MediaMultipart
)

// NewMediaType makes a media type of its name and schema.
func NewMediaType(name string, s *Schema, at Pos) *MediaType {
	m := &MediaType{Type: name, Schema: s, Pos: at}
	m.Kind = readMediaKind(m)
	return m
}

// readMediaKind finds out the kind of a media type. One that Lintel has no grammar for is bytes where
// its schema says so.
func readMediaKind(m *MediaType) MediaKind {
	base := m.Base()
	kind, sub, ok := strings.Cut(base, "/")
	switch {
	case base == "multipart/form-data", base == "multipart/mixed", base == "multipart/related":
		return MediaMultipart
	case !ok || kind == "multipart":
		return MediaOther
	case base == "application/json", strings.HasSuffix(sub, "+json"), base == "application/*", base == "*/*":
		return MediaJSON
	case base == "application/x-www-form-urlencoded":
		return MediaForm
	case kind == "text":
		return MediaText
	case base == "application/octet-stream", bytesOf(m.Schema):
		return MediaBinary
	}
	return MediaOther
}

// bytesOf reports whether a schema describes bytes: OpenAPI 3.1 leaves it out, 3.0 writes format: binary.
func bytesOf(s *Schema) bool {
	return s == nil || s.Format == "binary" || len(s.Types) == 0 && s.plain()
}

// plain reports whether a schema has no schemas below it.
func (s *Schema) plain() bool {
	return len(s.Properties)+len(s.PrefixItems) == 0 && s.Items == nil && s.Contains == nil && s.Not == nil && !s.Never && !s.appliesInPlace()
}

// Base is the media type or range without parameters, in lower case.
func (m *MediaType) Base() string {
	base, _, _ := strings.Cut(m.Type, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

// Has reports whether a media type, in lower case and without parameters, is this one or in its range.
// The ranges application/* and */* stand for JSON only.
func (m *MediaType) Has(media string) bool {
	base := m.Base()
	if base == media {
		return true
	}
	kind, ranged := strings.CutSuffix(base, "/*")
	if !ranged || kind != "*" && !strings.HasPrefix(media, kind+"/") {
		return false
	}
	return m.Kind != MediaJSON || media == "application/json" || strings.HasSuffix(media, "+json")
}

// Value is the schema of the JSON value that a body of this media type is to transforms; nil accepts everything.
func (m *MediaType) Value() *Schema {
	switch m.Kind {
	case MediaText:
		if m.Schema == nil {
			return m.text()
		}
	case MediaBinary:
		out := m.text()
		out.Format = "byte"
		if s := m.Schema; s != nil {
			out.Title, out.Description, out.Name = s.Title, s.Description, s.Name
			if s.MaxLength >= 0 {
				out.MaxLength = (s.MaxLength + 2) / 3 * 4
			}
		}
		return out
	case MediaMultipart:
		return m.multipartValue()
	}
	return m.Schema
}

// Received reports whether a request body of this media type is read.
func (m *MediaType) Received() bool {
	return m.Kind != MediaOther && (m.Kind != MediaMultipart || m.Base() == "multipart/form-data")
}

// text is the schema of a string at the place of the media type.
func (m *MediaType) text() *Schema {
	out := &Schema{Types: []string{"string"}, MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1, Pos: m.Pos}
	if m.Schema != nil {
		out.Pos = m.Schema.Pos
	}
	return out
}

// AnswerMedia are the media types in which a response is answered. The transform makes one value, so that
// they are all of one kind: JSON where there is any, else that of the first one.
func (r *Response) AnswerMedia() []*MediaType {
	kind := MediaOther
	for _, m := range r.Content {
		if m.Kind == MediaJSON || kind == MediaOther && m.Kind != MediaForm {
			kind = m.Kind
		}
	}
	var out []*MediaType
	for _, m := range r.Content {
		if m.Kind == kind && kind != MediaOther {
			out = append(out, m)
		}
	}
	return out
}

// media checks the media types of a body or response against what Lintel reads or writes.
func (c *contractReader) media(content []*MediaType, at *Node, what string, answered func(*MediaType) bool) {
	served := slices.ContainsFunc(content, answered)
	if len(content) > 0 && !served {
		c.addOnce(CodeMediaType, at, what+" has no media type that Lintel "+verbOf(what),
			"add application/json, text/plain, application/octet-stream or multipart/form-data; another type is passed on as bytes with format: binary in its schema")
		return
	}
	for _, m := range content {
		c.parts(m)
		if !answered(m) && c.first(CodeMediaType, m.Pos) {
			c.fs.Warn(CodeMediaType, m.Pos, fmt.Sprintf("Lintel never %s the media type %q here", verbOf(what), m.Type), "remove it, or describe it in an operation of its own")
		}
		want := map[MediaKind]string{MediaText: "string", MediaForm: "object", MediaMultipart: "object"}[m.Kind]
		if want != "" && !m.Schema.takes(want) && c.first(CodeMediaType, m.Pos) {
			c.fs.Add(CodeMediaType, m.Pos, fmt.Sprintf("a body of %s is of the type %s, which its schema does not allow", m.Base(), want), "correct type")
		}
	}
}

func verbOf(what string) string {
	if strings.HasPrefix(what, "the response") {
		return "answers with"
	}
	return "reads"
}

// takes reports whether the types of a schema, where it gives any, have one.
func (s *Schema) takes(kind string) bool {
	return s == nil || len(s.Types) == 0 || slices.Contains(s.Types, kind)
}
