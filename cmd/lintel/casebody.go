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
		if c.Kind == specs.MediaJSON || m == nil && c.Kind != specs.MediaOther {
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
func answeredValue(a *httpAnswer, want *specs.Node) (got, wanted []byte) {
	media, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case media == "" || media == "application/json" || strings.HasSuffix(media, "+json"):
		return a.body, nodeJSON(want)
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
