// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"

	"lintel/specs"
)

// openBody opens the documents of the request body. Text and bytes are a document of their own, content,
// where the contract has them beside JSON or a form. Media types with schemas of their own make a
// document that is one of several: it is checked against that of its own before it is read.
func (k *compilation) openBody(b *specs.Body) {
	if b == nil {
		return
	}
	var structured, plain bodySchemas
	k.t.media = make([]bodyMedia, len(b.Content))
	for i, m := range b.Content {
		switch m.Kind {
		case specs.MediaJSON, specs.MediaForm, specs.MediaMultipart:
			structured.add(i, m)
		case specs.MediaText, specs.MediaBinary:
			plain.add(i, m)
		}
	}
	switch both := len(structured.of) > 0 && len(plain.of) > 0; {
	case both:
		k.t.body, k.t.content = k.bodyOf(&structured), k.bodyOf(&plain)
		k.t.body.mayLack()
		k.t.content.mayLack()
		for i := range plain.of {
			k.t.media[i].plain = true
		}
	case len(plain.of) > 0:
		k.t.body = k.bodyOf(&plain)
	case len(structured.of) > 0:
		k.t.body = k.bodyOf(&structured)
	}
}

// bodySchemas are the schemas that a body may have, each once, and which the media types have.
type bodySchemas struct {
	schemas []*specs.Schema
	of      map[int]int
	pos     specs.Pos
}

func (b *bodySchemas) add(i int, m *specs.MediaType) {
	s := m.Value()
	n := slices.Index(b.schemas, s)
	if n < 0 {
		n = len(b.schemas)
		b.schemas = append(b.schemas, s)
	}
	if b.of == nil {
		b.of, b.pos = map[int]int{}, m.Pos
	}
	b.of[i] = n
}

// bodyOf opens the document of some media types.
func (k *compilation) bodyOf(b *bodySchemas) *document {
	if len(b.schemas) == 1 {
		return k.openJSON(b.schemas[0], "/body")
	}
	union := anything(b.pos)
	union.AnyOf = b.schemas
	checks := make([]Reader, len(b.schemas))
	for i, s := range b.schemas {
		if t, _ := k.JSON(s, false, "/body"); t != nil { // what is wrong with it is found in all of them together
			checks[i], _ = t.Format.Reader(&Capture{Type: t.Type, Slot: -1})
		}
	}
	for i, n := range b.of {
		k.t.media[i].check = checks[n]
	}
	return k.openJSON(union, "/body")
}

// mayLack notes that the document may be absent, and so everything in it.
func (d *document) mayLack() {
	if d == nil {
		return
	}
	t := d.typ.Type
	t.Optional = true
	for _, m := range t.Members {
		m.Optional, m.Default = true, ""
	}
}

// bodyMedia is what is particular to one media type of the body.
type bodyMedia struct {
	// plain tells that it is read as content.
	plain bool
	// check is nil where all media types have the same schema.
	check Reader
}

// readBody reads the body, if there is one.
func (r *Run) readBody() error {
	if r.in.Body == nil {
		return nil
	}
	d := r.t.body
	if n := r.in.Media - 1; n >= 0 && n < len(r.t.media) {
		m := &r.t.media[n]
		if m.plain {
			d = r.t.content
		}
		if m.check != nil {
			if err := m.check.Read(r.in.Body, &r.slots, 0); err != nil {
				return err
			}
		}
	}
	if d == nil || d.reader == nil {
		return nil
	}
	return d.reader.Read(r.in.Body, &r.slots, d.base)
}

// answerValue is the schema of what an answer of a response is made of; declared is false if it has no
// body. One that may go out under several media types keeps to the schemas of all.
func answerValue(resp *specs.Response) (s *specs.Schema, declared bool) {
	var schemas []*specs.Schema
	media := resp.AnswerMedia()
	for _, m := range media {
		if v := m.Value(); v != nil && !slices.Contains(schemas, v) {
			schemas = append(schemas, v)
		}
	}
	switch len(schemas) {
	case 0:
		return nil, len(media) > 0
	case 1:
		return schemas[0], true
	}
	s = anything(resp.Pos)
	s.AllOf = schemas
	return s, true
}

// anything is a schema that restricts nothing.
func anything(pos specs.Pos) *specs.Schema {
	return &specs.Schema{
		MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1, Pos: pos,
	}
}
