// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

func mustache(name string) string { return "{{" + name + "}}" }

// variablesOf are the secrets that requests need.
func variablesOf(list []exportedRequest) []string {
	var out []string
	for _, r := range list {
		for _, h := range r.headers {
			if h.secret != "" && !slices.Contains(out, h.secret) {
				out = append(out, h.secret)
			}
		}
	}
	return out
}

// byOperation puts requests together that are of one operation, in their order.
func byOperation(list []exportedRequest) [][]exportedRequest {
	var out [][]exportedRequest
	for i, r := range list {
		if i == 0 || list[i-1].operation != r.operation {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

// The collection format v2.1 of Postman.
type (
	postmanPair struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	postmanURL struct {
		Raw   string        `json:"raw"`
		Host  []string      `json:"host"`
		Path  []string      `json:"path"`
		Query []postmanPair `json:"query,omitempty"`
	}
	postmanBody struct {
		Mode    string         `json:"mode"`
		Raw     string         `json:"raw"`
		Options map[string]any `json:"options,omitempty"`
	}
	postmanRequest struct {
		Method string        `json:"method"`
		Header []postmanPair `json:"header"`
		URL    postmanURL    `json:"url"`
		Body   *postmanBody  `json:"body,omitempty"`
	}
	postmanItem struct {
		Name    string          `json:"name"`
		Items   []postmanItem   `json:"item,omitempty"`
		Request *postmanRequest `json:"request,omitempty"`
	}
)

func postmanCollection(title, base string, list []exportedRequest) ([]byte, error) {
	folders := []postmanItem{}
	for _, group := range byOperation(list) {
		f := postmanItem{Name: group[0].operation}
		for _, r := range group {
			f.Items = append(f.Items, postmanItem{Name: r.name, Request: r.postman()})
		}
		folders = append(folders, f)
	}
	variables := []postmanPair{{"baseUrl", base}}
	for _, v := range variablesOf(list) {
		variables = append(variables, postmanPair{v, ""})
	}
	var b bytes.Buffer
	err := writeJSON(&b, map[string]any{
		"info":     map[string]string{"name": title, "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
		"item":     folders,
		"variable": variables,
	})
	return b.Bytes(), err
}

func (r *exportedRequest) postman() *postmanRequest {
	out := &postmanRequest{Method: r.method, Header: []postmanPair{}, URL: postmanURL{Raw: r.url, Host: []string{mustache("baseUrl")}}}
	path, query, _ := strings.Cut(strings.TrimPrefix(r.url, mustache("baseUrl")), "?")
	out.URL.Path = strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, pair := range queryPairs(query) {
		out.URL.Query = append(out.URL.Query, postmanPair{pair[0], pair[1]})
	}
	for _, h := range r.headers {
		out.Header = append(out.Header, postmanPair{h.name, h.value(mustache)})
	}
	if r.body != "" {
		out.Body = &postmanBody{Mode: "raw", Raw: r.body}
		if json.Valid([]byte(r.body)) {
			out.Body.Options = map[string]any{"raw": map[string]string{"language": "json"}}
		}
	}
	return out
}

// queryPairs takes a query apart, without undoing its escapes.
func queryPairs(query string) [][2]string {
	var out [][2]string
	for _, pair := range strings.Split(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			out = append(out, [2]string{name, value})
		}
	}
	return out
}

type namedText struct{ name, text string }

// brunoCollection writes a collection in Bru, the language of Bruno.
func brunoCollection(title, base string, list []exportedRequest) ([]namedText, error) {
	about, err := json.MarshalIndent(map[string]any{"version": "1", "name": title, "type": "collection", "ignore": []string{"node_modules", ".git"}}, "", "  ")
	if err != nil {
		return nil, err
	}
	vars := "vars {\n  baseUrl: " + base + "\n}\n"
	if names := variablesOf(list); len(names) > 0 {
		vars += "vars:secret [\n  " + strings.Join(names, ",\n  ") + "\n]\n"
	}
	out := []namedText{{"bruno.json", string(about) + "\n"}, {"environments/gateway.bru", vars}}
	for _, group := range byOperation(list) {
		used := map[string]bool{}
		for i, r := range group {
			name := fileNameOf(r.name)
			for k := 2; used[name]; k++ {
				name = fmt.Sprintf("%s %d", fileNameOf(r.name), k)
			}
			used[name] = true
			out = append(out, namedText{fileNameOf(r.operation) + "/" + name + ".bru", r.bru(i + 1)})
		}
	}
	return out, nil
}

// fileNameOf keeps what file systems take in names.
func fileNameOf(s string) string {
	s = strings.Trim(regexp.MustCompile(`[^\pL\pN ._,()=+-]+`).ReplaceAllString(s, "-"), " .-")
	if s == "" {
		return "request"
	}
	return s
}

// bru is one request. In Bru, lines of a block are indented, and a block ends with a brace in the first column.
func (r *exportedRequest) bru(number int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "meta {\n  name: %s\n  type: http\n  seq: %d\n}\n\n", strings.ReplaceAll(r.name, "\n", " "), number)
	kind := "none"
	switch {
	case r.body == "":
	case json.Valid([]byte(r.body)):
		kind = "json"
	default:
		kind = "text"
	}
	fmt.Fprintf(&b, "%s {\n  url: %s\n  body: %s\n  auth: none\n}\n", strings.ToLower(r.method), r.url, kind)
	_, query, _ := strings.Cut(r.url, "?")
	if pairs := queryPairs(query); len(pairs) > 0 {
		b.WriteString("\nparams:query {\n")
		for _, p := range pairs {
			value, err := url.QueryUnescape(p[1])
			if err != nil {
				value = p[1]
			}
			fmt.Fprintf(&b, "  %s: %s\n", p[0], value)
		}
		b.WriteString("}\n")
	}
	if len(r.headers) > 0 {
		b.WriteString("\nheaders {\n")
		for _, h := range r.headers {
			fmt.Fprintf(&b, "  %s: %s\n", h.name, h.value(mustache))
		}
		b.WriteString("}\n")
	}
	if kind != "none" {
		text := r.body
		var pretty bytes.Buffer
		if kind == "json" && json.Indent(&pretty, []byte(text), "", "  ") == nil {
			text = pretty.String()
		}
		fmt.Fprintf(&b, "\nbody:%s {\n  %s\n}\n", kind, strings.ReplaceAll(text, "\n", "\n  "))
	}
	return b.String()
}
