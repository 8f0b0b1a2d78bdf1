// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"lintel/specs"
)

// exportedRequest is one request of a workspace.
type exportedRequest struct {
	operation, name, method, url string
	headers                      []exportedHeader
	body                         string
}

// exportedHeader is one header; with a secret its value has the name of a variable in it.
type exportedHeader struct{ name, text, secret string }

// value is the text with the secret in the form that a tool has for variables.
func (h exportedHeader) value(variable func(string) string) string {
	if h.secret == "" {
		return h.text
	}
	return h.text + variable(h.secret)
}

// requests lists the requests of all tests, and one for each operation that has none.
func (c *exportCommand) requests(ws *specs.Workspace, base string) ([]exportedRequest, error) {
	shown, err := c.shownOperations(ws)
	if err != nil {
		return nil, err
	}
	var out []exportedRequest
	for _, op := range ws.Contract.Operations {
		if shown != nil && !shown[op.Method+" "+op.ID] {
			continue
		}
		cases := casesOf(ws, op.ID)
		if len(cases) == 0 {
			cases = []*specs.TestCase{sampleCase(op)}
		}
		for _, t := range cases {
			r, err := exportRequest(ws, op, t, base)
			if err != nil {
				return nil, &exitError{code: exitLoad, err: fmt.Errorf("%s/%s: %w", op.ID, t.Name, err)}
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// shownOperations are the operations of the public contract; nil if all are asked for.
func (c *exportCommand) shownOperations(ws *specs.Workspace) (map[string]bool, error) {
	if !c.public {
		return nil, nil
	}
	text, _, err := ws.Contract.Public(ws.FS)
	if err != nil {
		return nil, &exitError{code: exitLoad, err: err}
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, &exitError{code: exitInternal, err: err}
	}
	out := map[string]bool{}
	for _, item := range doc.Paths {
		for method, raw := range item {
			var op struct {
				ID string `json:"operationId"`
			}
			if json.Unmarshal(raw, &op) == nil && op.ID != "" {
				out[strings.ToUpper(method)+" "+op.ID] = true
			}
		}
	}
	return out, nil
}

// casesOf are the tests of an operation that have a request.
func casesOf(ws *specs.Workspace, operation string) []*specs.TestCase {
	var out []*specs.TestCase
	for _, f := range ws.Tests {
		if f.Operation != operation {
			continue
		}
		for _, t := range f.Cases {
			if t.Request != nil {
				out = append(out, t)
			}
		}
	}
	return out
}

func exportRequest(ws *specs.Workspace, op *specs.Operation, t *specs.TestCase, base string) (exportedRequest, error) {
	const stand = "http://lintel.invalid" // in the place of a base that is no URL
	req, err := caseRequest(context.Background(), stand, op, t)
	if err != nil {
		return exportedRequest{}, err
	}
	r := exportedRequest{operation: op.ID, name: t.Name, method: op.Method, url: base + strings.TrimPrefix(req.URL.String(), stand)}
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return r, err
		}
		r.body = string(b)
	}
	names := make([]string, 0, len(req.Header))
	for name := range req.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range req.Header[name] {
			r.headers = append(r.headers, exportedHeader{name: name, text: v})
		}
	}
	r.credentials(ws, op)
	return r, nil
}

// credentials adds what the first alternative of the contract asks for, as variables.
func (r *exportedRequest) credentials(ws *specs.Workspace, op *specs.Operation) {
	if len(op.Security) == 0 {
		return
	}
	for _, use := range op.Security[0].Schemes {
		s := ws.Contract.Scheme(use.Name)
		switch {
		case s == nil:
		case s.Key() && s.In == "header":
			r.headers = append(r.headers, exportedHeader{s.Parameter, "", "API_KEY"})
		case s.Basic():
			r.headers = append(r.headers, exportedHeader{"Authorization", "Basic ", "CREDENTIALS"})
		case s.Bearer():
			r.headers = append(r.headers, exportedHeader{"Authorization", "Bearer ", "TOKEN"})
		}
	}
}

// sampleCase makes a request of an operation that has no test.
func sampleCase(op *specs.Operation) *specs.TestCase {
	groups := map[string]*specs.Node{}
	add := func(group, name, value string) {
		if groups[group] == nil {
			groups[group] = &specs.Node{Kind: specs.MapNode}
		}
		node, _ := specs.ParseYAML("sample", []byte(value))
		if node == nil {
			return
		}
		groups[group].Fields = append(groups[group].Fields, specs.NodeField{Key: &specs.Node{Text: name}, Value: node})
	}
	for _, p := range op.Parameters {
		if p.Required {
			add(p.In, p.Name, sampleJSON(p.Schema, 0))
		}
	}
	request := &specs.Node{Kind: specs.MapNode}
	if op.Body != nil && len(op.Body.Content) > 0 {
		if body, _ := specs.ParseYAML("sample", []byte(sampleJSON(op.Body.Content[0].Schema, 0))); body != nil {
			groups["body"] = body
		}
	}
	for _, name := range []string{"path", "query", "header", "cookie", "body"} {
		if g := groups[name]; g != nil {
			request.Fields = append(request.Fields, specs.NodeField{Key: &specs.Node{Text: name}, Value: g})
		}
	}
	return &specs.TestCase{Name: "made from the contract", Request: request}
}

// maxSampleDepth is how deep samples go.
const maxSampleDepth = 8

// sampleJSON is a value of a schema that is easy to change into a right one: patterns are not looked at.
func sampleJSON(s *specs.Schema, depth int) string {
	if s == nil || depth > maxSampleDepth {
		return "null"
	}
	switch {
	case s.Const != nil:
		return *s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Default != "":
		return s.Default
	case len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0 && len(s.Properties) == 0:
		return sampleJSON(slices.Concat(s.OneOf, s.AnyOf, s.AllOf)[0], depth+1)
	}
	kind := "object"
	if len(s.Types) > 0 {
		kind = s.Types[0]
	}
	switch kind {
	case "string":
		return sampleText(s)
	case "integer", "number":
		return sampleNumber(s)
	case "boolean":
		return "true"
	case "array":
		items := s.PrefixItems
		if len(items) == 0 {
			items = []*specs.Schema{s.Items}
		}
		texts := make([]string, len(items))
		for i, item := range items {
			texts[i] = sampleJSON(item, depth+1)
		}
		return "[" + strings.Join(texts, ",") + "]"
	case "null":
		return "null"
	}
	var members []string
	for _, p := range s.Properties {
		if p.Schema == nil || p.Schema.ReadOnly {
			continue
		}
		name, err := json.Marshal(p.Name)
		if err != nil {
			continue
		}
		members = append(members, string(name)+":"+sampleJSON(p.Schema, depth+1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func sampleText(s *specs.Schema) string {
	text := "text"
	switch s.Format {
	case "date":
		text = "2024-01-31"
	case "date-time":
		text = "2024-01-31T12:30:00Z"
	case "uuid":
		text = "01900000-0000-7000-8000-000000000000"
	}
	if s.MaxLength >= 0 && len(text) > s.MaxLength {
		text = text[:s.MaxLength]
	}
	for len(text) < s.MinLength {
		text += "x"
	}
	return `"` + text + `"`
}

func sampleNumber(s *specs.Schema) string {
	if s.Minimum != "" && !strings.HasPrefix(s.Minimum, "-") {
		return s.Minimum
	}
	return "1"
}
