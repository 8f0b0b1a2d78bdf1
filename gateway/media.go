// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
)

// This file is all that the gateway knows of media types: how bytes that came become the JSON value that
// transforms read, and how the value that a transform made becomes the bytes that are sent.

// mediaType is one media type of a request body, compiled.
type mediaType struct {
	*specs.MediaType
	base string
	// form is how the fields of a form are read; nil for other kinds.
	form *formPlan
	// parts are those of a multipart body; nil for other kinds.
	parts *Parts
	// least and most bound the number of bytes of a binary body; most is -1 without a bound.
	least, most int
}

func compileMediaType(m *specs.MediaType) (mediaType, error) {
	out := mediaType{MediaType: m, base: m.Base(), most: -1}
	switch {
	case m.Kind == specs.MediaForm:
		var err error
		if out.form, err = compileForm(m.Schema); err != nil {
			return out, fmt.Errorf("form: %w", err)
		}
	case m.Kind == specs.MediaMultipart:
		var err error
		if out.parts, err = NewParts(m); err != nil {
			return out, fmt.Errorf("parts: %w", err)
		}
	case m.Kind == specs.MediaBinary && m.Schema != nil:
		out.least, out.most = max(0, m.Schema.MinLength), m.Schema.MaxLength
	}
	return out, nil
}

// mediaOf parses a Content-Type. ok is false for one that cannot be read, or whose charset is not UTF-8
// or a part of it.
func mediaOf(contentType string) (media string, ok bool) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", false
	}
	charset, given := params["charset"]
	return media, !given || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii")
}

// bodyValue turns the body that came into the JSON value that the transform reads.
func (c *call) bodyValue() error {
	m := c.mediaType()
	if m == nil || m.Kind == specs.MediaJSON {
		return nil
	}
	var issues []issue
	switch out := c.out[:0]; m.Kind {
	case specs.MediaText:
		if !utf8.Valid(c.body) {
			issues = bodyIssue("encoding", "the body is not UTF-8")
			break
		}
		c.out, _ = jsontext.AppendQuote(out, c.body) // which only fails for what is not UTF-8
	case specs.MediaBinary:
		if issues = m.lengthIssue(len(c.body)); issues == nil {
			out = append(out, '"')
			out = base64.StdEncoding.AppendEncode(out, c.body)
			c.out = append(out, '"')
		}
	case specs.MediaForm:
		c.out, issues = m.form.read(out, c.body)
	case specs.MediaMultipart:
		c.out, issues = m.parts.read(out, c.body, c.r.Header.Get("Content-Type"))
	}
	if issues != nil {
		return &fault{kind: kindInvalidRequest, issues: issues}
	}
	c.body, c.out = c.out, c.body[:0]
	return nil
}

func bodyIssue(code, detail string) []issue {
	return []issue{{In: "body", Code: code, Detail: detail}}
}

// lengthIssue reports a number of bytes that the contract does not allow.
func (m *mediaType) lengthIssue(n int) []issue {
	switch {
	case n < m.least:
		return bodyIssue("minLength", fmt.Sprintf("must have at least %d bytes", m.least))
	case m.most >= 0 && n > m.most:
		return bodyIssue("maxLength", fmt.Sprintf("must have at most %d bytes", m.most))
	}
	return nil
}

// formPlan reads the fields of a form as the members of an object: as a query would be read that has
// exactly one parameter, an object in the style form, exploded.
type formPlan struct{ inputs inputPlan }

func compileForm(s *specs.Schema) (*formPlan, error) {
	whole := &specs.Parameter{Name: "body", In: "query", Style: "form", Explode: true, Schema: s}
	inputs, err := compileInputs(&specs.Operation{Parameters: []*specs.Parameter{whole}}, nil)
	if err != nil {
		return nil, err
	}
	p := &inputs.query[0]
	if p.value.shapes&shapeObject == 0 || p.value.shapes&shapeArray != 0 {
		return nil, errors.New("its schema is no object")
	}
	p.in, p.key = "body", nil
	return &formPlan{inputs}, nil
}

// maxFields is how many fields a form may have.
const maxFields = 1000

// read appends the object to dst.
func (f *formPlan) read(dst, body []byte) ([]byte, []issue) {
	if bytes.Count(body, []byte("&")) >= maxFields {
		return dst, bodyIssue("fields", fmt.Sprintf("the form has more than %d fields", maxFields))
	}
	w := paramWriter{out: dst, form: true}
	w.scanQuery(&f.inputs, string(body))
	if len(w.issues) > 0 {
		return dst, w.issues
	}
	w.exploded(&f.inputs.query[0], 0, encodingQuery)
	return trimComma(w.out), w.issues
}

// answerForm is how an answer is sent: the media types that it may have, all of one kind.
type answerForm struct {
	kind  specs.MediaKind
	types []answerType
	// limits are those of a binary answer, in bytes.
	limits mediaType
}

// answerType is one media type of an answer, and the Content-Type that says so.
type answerType struct {
	media  string
	header [1]string
}

func compileAnswer(r *specs.Response) answerForm {
	var out answerForm
	for _, m := range r.AnswerMedia() {
		media := m.Base()
		switch media {
		case "*/*", "application/*":
			media = mediaJSON
		case "text/*":
			media = "text/plain"
		}
		if strings.HasSuffix(media, "/*") {
			media = "application/octet-stream"
		}
		t := answerType{media, [1]string{media}}
		if m.Kind == specs.MediaText {
			t.header[0] += "; charset=utf-8"
		}
		if out.offers(media) {
			continue
		}
		out.kind, out.types = m.Kind, append(out.types, t)
		if len(out.types) == 1 {
			out.limits, _ = compileMediaType(m) // a form is no answer
		}
	}
	return out
}

func (a *answerForm) offers(media string) bool {
	for i := range a.types {
		if a.types[i].media == media {
			return true
		}
	}
	return false
}

// errAnswerValue says that a transform made no text where the contract answers with text or bytes.
var errAnswerValue = errors.New("the answer is no string, or no base64 where the contract declares bytes")

// errAnswerLength says that the contract does not allow that number of bytes.
var errAnswerLength = errors.New("the answer has fewer or more bytes than the contract allows")

// represent turns the JSON value of an answer into the bytes that are sent. The result may be in c.out.
func (c *call) represent(form *answerForm, value []byte) ([]byte, error) {
	if form == nil || form.kind == specs.MediaJSON {
		return value, nil
	}
	if form.kind == specs.MediaMultipart {
		if form.limits.parts == nil {
			return nil, errAnswerValue
		}
		body, _, err := form.limits.parts.Write(c.out[:0], value, form.types[0].media == "multipart/form-data")
		c.out = body
		return body, err
	}
	text, err := jsontext.AppendUnquote(c.out[:0], value)
	if err != nil || len(value) == 0 || value[0] != '"' {
		return nil, errAnswerValue
	}
	if c.out = text; form.kind != specs.MediaBinary {
		return text, nil
	}
	n, err := base64.StdEncoding.Decode(text, text) // bytes are never more than their text
	if err != nil {
		return nil, errAnswerValue
	}
	if c.g.options.Responses != ResponsesOff && form.limits.lengthIssue(n) != nil {
		return nil, errAnswerLength
	}
	return text[:n], nil
}
