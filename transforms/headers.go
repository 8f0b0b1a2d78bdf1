// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// headerSource is a header of an answer.
type headerSource struct {
	name   string
	source Source
	pos    specs.Pos
	// typ is what the contract says of its value, and probe the format of that; nil if it says nothing.
	typ   *Type
	probe Prober
	// check reads the value as JSON where answers are checked and the value is not known at load; nil if it need not be looked at.
	check Reader
}

// headers compiles the headers of an answer. resp is what the contract declares of the answer, or nil.
func (k *compilation) headers(n *specs.Node, resp *specs.Response, pos specs.Pos, sc *scope) []headerSource {
	var out []headerSource
	switch {
	case n == nil:
	case n.Kind != specs.MapNode:
		k.findings.Add(codeOutcome, n.Pos, "headers must be a map from names to literals and =expressions", "")
		return nil
	default:
		pos = n.Pos
		for _, f := range n.Fields {
			if h, ok := k.header(f, resp, sc); ok {
				out = append(out, h)
			}
		}
	}
	k.missingHeaders(n, resp, pos)
	return out
}

func (k *compilation) header(f specs.NodeField, resp *specs.Response, sc *scope) (h headerSource, ok bool) {
	if !isToken(f.Key.Text) || f.Value.Kind != specs.ScalarNode {
		k.findings.Add(codeOutcome, f.Key.Pos, fmt.Sprintf("%q cannot be a header", f.Key.Text), "")
		return h, false
	}
	if forbidden := []string{"content-length", "transfer-encoding", "connection", "content-type", "date"}; slices.Contains(forbidden, strings.ToLower(f.Key.Text)) {
		k.findings.Add(codeOutcome, f.Key.Pos, fmt.Sprintf("header %s is written by the gateway itself", f.Key.Text), "remove it")
		return h, false
	}
	h = headerSource{name: f.Key.Text, pos: f.Value.Pos}
	want := &Type{Shape: StringShape}
	if declared := declaredHeader(resp, h.name); declared != nil {
		h.typ, h.probe, h.check = k.headerType(declared)
		if h.typ != nil && h.typ.Shape == BoolShape {
			want = h.typ
		}
	}
	h.source = k.source(f.Value, sc, want)
	if _, known := h.source.(literal); known {
		h.check = nil // it was looked at when it was loaded
	}
	return h, h.source != nil
}

// declaredHeader finds a header that the contract declares for an answer; upper and lower case are the same.
func declaredHeader(resp *specs.Response, name string) *specs.Parameter {
	if resp == nil {
		return nil
	}
	for _, p := range resp.Headers {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// headerType is what the contract says of the value of a header, as far as it is a single one.
func (k *compilation) headerType(p *specs.Parameter) (*Type, Prober, Reader) {
	mt, fs := k.JSON(p.Schema, true, "")
	k.findings = append(k.findings, fs...)
	if mt == nil || mt.Type.Shape == ObjectShape || mt.Type.Shape == ArrayShape {
		return nil, nil, nil
	}
	t := *mt.Type
	t.Name, t.Optional = p.Name, !p.Required
	probe, _ := mt.Format.(Prober)
	if !k.Answers {
		return &t, probe, nil
	}
	check, fs := mt.Format.Reader(&Capture{Type: mt.Type, Slot: -1})
	k.findings = append(k.findings, fs...)
	return &t, probe, check
}

// holds checks the text of a header against the contract, as the JSON value that it stands for.
func (h *headerSource) holds(text string, there bool, r *Run) error {
	switch {
	case h.check == nil || !there && h.typ.Optional:
		return nil
	case !there:
		return &InvalidError{Issues: []Issue{{Code: "required", Detail: "header " + h.name + " is required"}}}
	}
	json := []byte(text)
	if number := h.typ.Shape == NumberShape && isJSONNumber(text); !number && (h.typ.Shape != BoolShape || text != "true" && text != "false") {
		json = AppendQuoted(nil, text)
	}
	err := h.check.Read(json, &r.slots, 0)
	invalid := invalidIn(err)
	if invalid == nil {
		return err
	}
	out := &InvalidError{}
	for _, is := range invalid.Issues {
		out.Issues = append(out.Issues, Issue{Code: is.Code, Detail: "header " + h.name + " " + is.Detail})
	}
	return out
}

// missingHeaders reports headers that the contract requires of an answer and nothing sets.
func (k *compilation) missingHeaders(n *specs.Node, resp *specs.Response, pos specs.Pos) {
	if resp == nil {
		return
	}
	for _, p := range resp.Headers {
		if !p.Required || gatewayHeader(p.Name) || n != nil && slices.ContainsFunc(n.Fields, func(f specs.NodeField) bool { return strings.EqualFold(f.Key.Text, p.Name) }) {
			continue
		}
		k.findings.Add(codeMissing, pos, fmt.Sprintf("the contract requires the header %s of status %s, which is never set", p.Name, resp.Status),
			fmt.Sprintf("set it under headers, or make it optional in the contract (%s)", p.Pos))
	}
}

// gatewayHeader tells that the gateway writes a header of answers itself.
func gatewayHeader(name string) bool {
	name = strings.ToLower(name)
	own := []string{
		"age", "allow", "cache-control", "content-length", "content-type", "date", "etag", "idempotent-replay", "journal-degraded",
		"lintel-fallback", "lintel-partial", "ratelimit", "ratelimit-policy", "retry-after", "vary", "www-authenticate",
	}
	return slices.Contains(own, name)
}

// headers compares the values of the headers of an answer with what the contract declares of them.
func (k *checker) headers(o *outcome) {
	for _, h := range o.headers {
		if h.typ != nil {
			k.gives(k.factsOf(h.source), h.typ, giving{at: h.pos, member: true, probe: h.probe}, false)
		}
	}
}

// isToken reports whether s is a token of RFC 9110.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7F || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
