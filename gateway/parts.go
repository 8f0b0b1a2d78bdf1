// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
	"lintel/transforms"
)

// Parts turns multipart bodies (RFC 2046, RFC 7578) into the JSON object that transforms see, and back.
// It is safe for concurrent use.
type Parts struct{ list []partPlan }

// partPlan is one part of the contract, compiled.
type partPlan struct {
	*specs.Part
	key   []byte // the quoted name and a colon
	value *valuePlan
	// least and most bound the number of bytes of a binary part; most is -1 without a bound.
	least, most int
}

// NewParts compiles the parts of a multipart media type.
func NewParts(m *specs.MediaType) (*Parts, error) {
	out := &Parts{}
	for _, p := range m.Parts() {
		key, err := quotedKey(p.Name)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(p.Name, "\"\\\r\n") {
			return nil, fmt.Errorf("%q cannot be the name of a part", p.Name)
		}
		one := partPlan{Part: p, key: key, value: compileValue(p.Schema, 0), most: -1}
		if p.Kind == specs.MediaBinary && p.Schema != nil {
			one.least, one.most = max(0, p.Schema.MinLength), p.Schema.MaxLength
		}
		out.list = append(out.list, one)
	}
	return out, nil
}

// errParts says that a body is not made of the parts that the contract has.
var errParts = errors.New("the body is not made of the parts of the contract")

// Read appends the JSON object of a multipart body to dst. It is for tools: errors do not say what is wrong.
func (ps *Parts) Read(dst, body []byte, contentType string) ([]byte, error) {
	out, issues := ps.read(dst, body, contentType)
	if issues != nil {
		return dst, errParts
	}
	return out, nil
}

// read appends the object to dst, in the order of the contract.
func (ps *Parts) read(dst, body []byte, contentType string) ([]byte, []issue) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return dst, bodyIssue("syntax", "the Content-Type cannot be read")
	}
	parts, err := transforms.SplitParts(body, params["boundary"], false)
	if err != nil {
		return dst, bodyIssue("syntax", err.Error())
	}
	of := make([][]*transforms.Part, len(ps.list))
	w := paramWriter{out: slices.Grow(dst, len(body)/3*4+64)}
	for i := range parts {
		n, fault := ps.find(&parts[i])
		if fault != "" {
			w.partFault("", "part", fmt.Sprintf("part %d: %s", i+1, fault))
			continue
		}
		if of[n] = append(of[n], &parts[i]); len(of[n]) == 2 && !ps.list[n].List {
			w.partFault(pointerTo(ps.list[n].Name), "duplicate", "the part stands twice")
		}
	}
	w.out = append(w.out, '{')
	for n := range ps.list {
		w.part(&ps.list[n], of[n])
	}
	if len(w.issues) > 0 {
		return dst, w.issues
	}
	w.closeObject()
	return w.out, nil
}

// find tells which part of the contract a part is, by its name.
func (ps *Parts) find(p *transforms.Part) (n int, fault string) {
	disposition, params, err := mime.ParseMediaType(p.Header("content-disposition"))
	if err != nil || params["name"] == "" || disposition != "form-data" && disposition != "attachment" {
		return 0, "its Content-Disposition does not give it a name"
	}
	n = slices.IndexFunc(ps.list, func(o partPlan) bool { return o.Name == params["name"] })
	if n < 0 {
		return 0, "the contract has no part of its name"
	}
	return n, ""
}

func (w *paramWriter) partFault(pointer, code, detail string) {
	w.fault(&param{in: "body"}, pointer, code, detail)
}

// part writes the member that the parts of one name are.
func (w *paramWriter) part(plan *partPlan, parts []*transforms.Part) {
	if len(parts) == 0 {
		return
	}
	w.out = append(w.out, plan.key...)
	if !plan.List {
		w.partValue(plan, parts[0], pointerTo(plan.Name))
		w.out = append(w.out, ',')
		return
	}
	w.out = append(w.out, '[')
	for i, p := range parts {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.partValue(plan, p, fmt.Sprintf("%s/%d", pointerTo(plan.Name), i))
	}
	w.out = append(w.out, "],"...)
}

// partValue writes the value of one part.
func (w *paramWriter) partValue(plan *partPlan, p *transforms.Part, pointer string) {
	media, ok := "", true
	if given := p.Header("content-type"); given != "" {
		media, ok = mediaOf(given)
	}
	if !ok || !plan.Takes(media) {
		w.partFault(pointer, "mediaType", "the media type of the part is not one that the contract has")
		return
	}
	switch plan.Kind {
	case specs.MediaBinary:
		limits := mediaType{least: plan.least, most: plan.most}
		for _, i := range limits.lengthIssue(len(p.Body)) {
			w.partFault(pointer, i.Code, i.Detail)
		}
		w.out = base64.StdEncoding.AppendEncode(append(w.out, '"'), p.Body)
		w.out = append(w.out, '"')
	case specs.MediaJSON:
		if v := jsontext.Value(bytes.TrimSpace(p.Body)); v.IsValid() && utf8.Valid(v) {
			w.out = append(w.out, v...)
			return
		}
		w.partFault(pointer, "syntax", "the part is not JSON")
	default:
		if !utf8.Valid(p.Body) {
			w.partFault(pointer, "encoding", "the part is not UTF-8")
			return
		}
		w.scalar(&param{in: "body"}, plan.value, pointer, string(p.Body), encodingNone)
	}
}

// Write appends the multipart body of a JSON object to dst and returns its boundary, a digest of the
// object: nothing in the parts can hold it, and the same object has the same bytes. form tells that it is
// multipart/form-data. Members that the contract does not have are left out.
func (ps *Parts) Write(dst, object []byte, form bool) (body []byte, boundary string, err error) {
	sum := sha256.Sum256(object)
	w := partWriter{out: slices.Grow(dst, len(object)+256), boundary: "lintel-" + hex.EncodeToString(sum[:16]), disposition: "attachment"}
	if form {
		w.disposition = "form-data"
	}
	values, err := memberValues(object)
	if err != nil {
		return dst, "", err
	}
	for i := range ps.list {
		p := &ps.list[i]
		v := values[p.Name]
		if v == nil || string(v) == "null" {
			continue
		}
		if err := w.member(p, v); err != nil {
			return dst, "", err
		}
	}
	if w.count == 0 {
		w.out = append(append(append(w.out, "--"...), w.boundary...), "\r\n\r\n"...) // a body has a part at least
	}
	return append(append(append(w.out, "\r\n--"...), w.boundary...), "--\r\n"...), w.boundary, nil
}

// memberValues are the members of a JSON object.
func memberValues(object []byte) (map[string]jsontext.Value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, errAnswerValue
	}
	out := map[string]jsontext.Value{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, errAnswerValue
		}
		key := name.String()
		v, err := d.ReadValue()
		if err != nil {
			return nil, errAnswerValue
		}
		end := d.InputOffset()
		out[key] = object[end-int64(len(v)) : end] // a span: what the decoder gives does not last
	}
	return out, nil
}

// partWriter writes the parts of one body.
type partWriter struct {
	out                   []byte
	boundary, disposition string
	count                 int
}

// member writes the part of a member, or the parts of an array.
func (w *partWriter) member(p *partPlan, v jsontext.Value) error {
	if !p.List {
		return w.value(p, v)
	}
	d := jsontext.NewDecoder(bytes.NewReader(v))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return errAnswerValue
	}
	for d.PeekKind() != ']' {
		item, err := d.ReadValue()
		if err != nil {
			return errAnswerValue
		}
		if err := w.value(p, item); err != nil {
			return err
		}
	}
	return nil
}

func (w *partWriter) value(p *partPlan, v jsontext.Value) error {
	if w.count++; w.count > 1 {
		w.out = append(w.out, "\r\n"...)
	}
	w.out = append(append(append(w.out, "--"...), w.boundary...), "\r\nContent-Disposition: "...)
	w.out = append(append(append(w.out, w.disposition...), `; name="`...), p.Name...)
	w.out = append(append(append(w.out, "\"\r\nContent-Type: "...), p.MediaType()...), "\r\n\r\n"...)
	switch {
	case p.Kind == specs.MediaJSON, v.Kind() != '"' && p.Kind == specs.MediaText:
		w.out = append(w.out, v...)
		return nil
	case v.Kind() != '"':
		return errAnswerValue
	}
	at := len(w.out)
	var err error
	if w.out, err = jsontext.AppendUnquote(w.out, v); err != nil || p.Kind != specs.MediaBinary {
		return err
	}
	n, err := base64.StdEncoding.Decode(w.out[at:], w.out[at:]) // bytes are never more than their text
	if err != nil {
		return errAnswerValue
	}
	w.out = w.out[:at+n]
	return nil
}

// boundaryOf is the boundary of a body that Write made.
func boundaryOf(body []byte) string {
	line, _, _ := bytes.Cut(body, []byte("\r\n"))
	return string(bytes.TrimPrefix(line, []byte("--")))
}
