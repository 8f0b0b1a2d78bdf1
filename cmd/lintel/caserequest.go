// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lintel/specs"
)

// caseRequest makes the HTTP request of a test: what an app would send, with parameters in the styles
// that the contract declares. base is scheme and host, without a path.
func caseRequest(ctx context.Context, base string, op *specs.Operation, c *specs.TestCase) (*http.Request, error) {
	var body io.Reader
	contentType := ""
	if c.Request.Get("body") != nil {
		content, media, err := caseBody(op, c.Request)
		if err != nil {
			return nil, err
		}
		body, contentType = bytes.NewReader(content), media
	}
	target := base + casePath(op, c.Request.Get("path"))
	if q := caseQuery(op, c.Request.Get("query")); q != "" {
		target += "?" + q
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, target, body)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be made: %w", err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	eachParam(op, "header", c.Request.Get("header"), func(p *specs.Parameter, n *specs.Node) {
		r.Header.Add(p.Name, simpleValue(p, n, func(s string) string { return s }))
	})
	var cookies []string
	eachParam(op, "cookie", c.Request.Get("cookie"), func(p *specs.Parameter, n *specs.Node) {
		cookies = append(cookies, strings.ReplaceAll(formPairs(p, n, url.QueryEscape), "&", "; "))
	})
	if len(cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	return r, nil
}

// eachParam visits the values that a test gives for one group, each with its parameter; one that the
// contract does not declare is sent in the default style.
func eachParam(op *specs.Operation, in string, group *specs.Node, visit func(*specs.Parameter, *specs.Node)) {
	if group == nil {
		return
	}
	for _, f := range group.Fields {
		p := &specs.Parameter{Name: f.Key.Text, In: in, Style: "simple"}
		if in == "query" || in == "cookie" {
			p.Style, p.Explode = "form", true
		}
		same := func(q *specs.Parameter) bool {
			return q.In == in && (q.Name == p.Name || in == "header" && strings.EqualFold(q.Name, p.Name))
		}
		if i := slices.IndexFunc(op.Parameters, same); i >= 0 {
			p = op.Parameters[i]
		}
		visit(p, f.Value)
	}
}

// casePath fills the template of the path; a parameter that the test does not give stays empty.
func casePath(op *specs.Operation, group *specs.Node) string {
	values := map[string]string{}
	eachParam(op, "path", group, func(p *specs.Parameter, n *specs.Node) { values[p.Name] = pathValue(p, n) })
	var out strings.Builder
	rest := op.Path
	for rest != "" {
		literal, after, found := strings.Cut(rest, "{")
		out.WriteString(literal)
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		out.WriteString(values[name])
		rest = tail
	}
	return out.String()
}

// pathValue writes a path parameter in its style (OpenAPI 3.1, 4.8.12.4).
func pathValue(p *specs.Parameter, n *specs.Node) string {
	switch p.Style {
	case "label":
		if p.Explode {
			return "." + strings.Join(valueParts(n, "=", url.PathEscape), ".")
		}
		return "." + simpleValue(p, n, url.PathEscape)
	case "matrix":
		switch {
		case p.Explode && n.Kind == specs.MapNode:
			return ";" + strings.Join(valueParts(n, "=", url.PathEscape), ";")
		case p.Explode && n.Kind == specs.ListNode:
			return ";" + p.Name + "=" + strings.Join(valueParts(n, "=", url.PathEscape), ";"+p.Name+"=")
		}
		return ";" + p.Name + "=" + simpleValue(p, n, url.PathEscape)
	}
	return simpleValue(p, n, url.PathEscape)
}

// simpleValue writes the style simple: parts with commas between them.
func simpleValue(p *specs.Parameter, n *specs.Node, escape func(string) string) string {
	if p.JSON {
		return escape(string(paramJSON(p, n)))
	}
	between := ","
	if p.Explode {
		between = "="
	}
	return strings.Join(valueParts(n, between, escape), ",")
}

// valueParts gives the texts of a scalar, an array or an object; between stands between name and value
// of a member.
func valueParts(n *specs.Node, between string, escape func(string) string) []string {
	switch n.Kind {
	case specs.ListNode:
		out := make([]string, len(n.Items))
		for i, item := range n.Items {
			out[i] = escape(item.Text)
		}
		return out
	case specs.MapNode:
		out := make([]string, len(n.Fields))
		for i, f := range n.Fields {
			out[i] = escape(f.Key.Text) + between + escape(f.Value.Text)
		}
		return out
	default:
		return []string{escape(n.Text)}
	}
}

func caseQuery(op *specs.Operation, group *specs.Node) string {
	var out []string
	eachParam(op, "query", group, func(p *specs.Parameter, n *specs.Node) {
		if pairs := formPairs(p, n, url.QueryEscape); pairs != "" {
			out = append(out, pairs)
		}
	})
	return strings.Join(out, "&")
}

// formPairs writes a parameter of the query or a cookie in its style.
func formPairs(p *specs.Parameter, n *specs.Node, escape func(string) string) string {
	name := escape(p.Name)
	switch {
	case p.JSON:
		return name + "=" + escape(string(paramJSON(p, n)))
	case p.Style == "deepObject" && n.Kind == specs.MapNode:
		out := make([]string, len(n.Fields))
		for i, f := range n.Fields {
			out[i] = name + "%5B" + escape(f.Key.Text) + "%5D=" + escape(f.Value.Text)
		}
		return strings.Join(out, "&")
	case p.Explode && n.Kind == specs.MapNode:
		return strings.Join(valueParts(n, "=", escape), "&")
	case p.Explode && n.Kind == specs.ListNode:
		out := valueParts(n, "=", escape)
		for i := range out {
			out[i] = name + "=" + out[i]
		}
		return strings.Join(out, "&")
	}
	comma := map[string]string{"spaceDelimited": "%20", "pipeDelimited": "%7C"}[p.Style]
	if comma == "" {
		comma = ","
	}
	return name + "=" + strings.Join(valueParts(n, ",", escape), comma)
}
