// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"

	"lintel/gateway"
	"lintel/specs"
	"lintel/transforms"
)

// caseMedia is the media type of a test's body and its number in the contract, counted from 1: the one
// that the test names, else JSON, else the first that is read. It is 0 where the contract has none.
func caseMedia(op *specs.Operation, request *specs.Node) (m *specs.MediaType, number int) {
	if op.Body == nil {
		return nil, 0
	}
	if n := request.Get("media"); n != nil {
		i := slices.IndexFunc(op.Body.Content, func(m *specs.MediaType) bool { return m.Base() == strings.ToLower(n.Text) })
		if i < 0 {
			return nil, 0
		}
		return op.Body.Content[i], i + 1
	}
	for i, c := range op.Body.Content {
		if c.Kind == specs.MediaJSON || m == nil && c.Received() {
			m, number = c, i+1
		}
		if c.Kind == specs.MediaJSON {
			break
		}
	}
	return m, number
}

// caseBody is the body of a test as the app sends it, with its Content-Type.
func caseBody(op *specs.Operation, request *specs.Node) (body []byte, contentType string, err error) {
	n := request.Get("body")
	m, _ := caseMedia(op, request)
	switch {
	case m == nil && request.Get("media") != nil:
		return nil, "", fmt.Errorf("the contract has no body of the media type %s", request.Get("media").Text)
	case m == nil || m.Kind == specs.MediaJSON:
		contentType = "application/json"
		if m != nil && !strings.Contains(m.Type, "*") {
			contentType = m.Type
		}
		return nodeJSON(n), contentType, nil
	case m.Kind == specs.MediaForm:
		return []byte(strings.Join(formFields(n), "&")), m.Type, nil
	case m.Kind == specs.MediaMultipart:
		return caseParts(m, n)
	case n.Kind != specs.ScalarNode:
		return nil, "", fmt.Errorf("a body of %s is one text", m.Base())
	case m.Kind == specs.MediaBinary:
		b, err := base64.StdEncoding.DecodeString(n.Text)
		if err != nil {
			return nil, "", errors.New("the body of bytes is not written in base64")
		}
		return b, strings.Replace(m.Base(), "/*", "/octet-stream", 1), nil
	default:
		return []byte(n.Text), strings.Replace(m.Base(), "/*", "/plain", 1), nil
	}
}

// caseParts is a multipart body of a test.
func caseParts(m *specs.MediaType, n *specs.Node) (body []byte, contentType string, err error) {
	parts, err := gateway.NewParts(m)
	if err != nil {
		return nil, "", err
	}
	body, boundary, err := parts.Write(nil, nodeJSON(n), true)
	if err != nil {
		return nil, "", fmt.Errorf("the body is not one of %s: %w", m.Base(), err)
	}
	return body, m.Base() + `; boundary="` + boundary + `"`, nil
}

// formFields writes the fields of a form; those of an array repeat.
func formFields(n *specs.Node) []string {
	var out []string
	for _, f := range n.Fields {
		values := []*specs.Node{f.Value}
		if f.Value.Kind == specs.ListNode {
			values = f.Value.Items
		}
		for _, v := range values {
			out = append(out, url.QueryEscape(f.Key.Text)+"="+url.QueryEscape(v.Text))
		}
	}
	return out
}

// caseValue is the body of a test as the transform reads it.
func caseValue(op *specs.Operation, request *specs.Node) (value []byte, media int) {
	n := request.Get("body")
	if n == nil {
		return nil, 0
	}
	m, media := caseMedia(op, request)
	if m != nil && n.Kind == specs.ScalarNode && (m.Kind == specs.MediaText || m.Kind == specs.MediaBinary) {
		return transforms.AppendQuoted(nil, n.Text), media
	}
	return nodeJSON(n), media
}

// answeredValue is the body of an answer, and the one that a test wants, as JSON values.
func answeredValue(op *specs.Operation, a *httpAnswer, want *specs.Node) (got, wanted []byte) {
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case media == "" || media == "application/json" || strings.HasSuffix(media, "+json"):
		return a.body, nodeJSON(want)
	case strings.HasPrefix(media, "multipart/"):
		if got = answeredParts(op, a); got != nil {
			return got, nodeJSON(want)
		}
		got = a.body
	case strings.HasPrefix(media, "text/"):
		got = transforms.AppendQuoted(nil, string(a.body))
	default:
		got = transforms.AppendQuoted(nil, base64.StdEncoding.EncodeToString(a.body))
	}
	if want.Kind == specs.ScalarNode {
		return got, transforms.AppendQuoted(nil, want.Text)
	}
	return got, nodeJSON(want)
}

// answeredParts is the JSON object of a multipart answer; nil if the contract has no such answer.
func answeredParts(op *specs.Operation, a *httpAnswer) []byte {
	contentType := a.header.Get("Content-Type")
	for _, r := range op.Responses {
		for _, m := range r.AnswerMedia() {
			parts, err := gateway.NewParts(m)
			if err != nil || !strings.HasPrefix(contentType, m.Base()+";") {
				continue
			}
			if got, err := parts.Read(nil, a.body, contentType); err == nil {
				return got
			}
		}
	}
	return nil
}
