// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// plannedOperation is an operation with the records that are made for it.
type plannedOperation struct {
	spec           *specs.Operation
	book           string
	request, reply *bookRecord
	// fields are the lines of the mapping of the request.
	fields []string
	// status is the field that tells how it went; success the status that the main body belongs to.
	status  *bookItem
	success string
	// body is the item of the main answer, others the answers of other statuses.
	body    *bookItem
	headers []string
	others  []plannedAnswer
}

// plannedAnswer is an answer beside the main one.
type plannedAnswer struct {
	status string
	body   *bookItem
	title  string
}

func (m *contractFirst) record(op *specs.Operation, kind, prefix string) *bookRecord {
	return &bookRecord{contractFirst: m, reply: kind == "REPLY", name: cobolName("", op.ID, 20) + "-" + kind, prefix: prefix, names: map[string]bool{}}
}

// plan lays out the records of an operation.
func (m *contractFirst) plan(op *specs.Operation) *plannedOperation {
	p := &plannedOperation{spec: op, request: m.record(op, "REQUEST", "Q-"), reply: m.record(op, "REPLY", "P-")}
	p.book = "copybooks/" + p.request.name[:len(p.request.name)-len("-REQUEST")] + ".cpy"
	for _, r := range []*bookRecord{p.request, p.reply} {
		fmt.Fprintf(&m.rules, "%s: {prefix: %s}\n", r.name, r.prefix)
	}
	p.planRequest()
	p.planReply()
	return p
}

func (p *plannedOperation) planRequest() {
	r, op := p.request, p.spec
	name := &bookItem{name: r.unique("operation"), clauses: fmt.Sprintf(" PIC X(%d)", max(len(op.ID), 1))}
	r.items = append(r.items, name)
	p.fields = append(p.fields, name.name+": "+yamlText(op.ID))
	for _, param := range op.Parameters {
		i := r.item(param.Name, json.TypeOf(param.Schema), fmt.Sprintf("%s, %s parameter %s", op.ID, param.In, param.Name))
		r.items = append(r.items, i)
		p.fields = append(p.fields, fmt.Sprintf("%s: =%s%s", i.name, param.In, memberAccess(param.Name)))
	}
	if op.Body == nil {
		return
	}
	schema, ok := jsonContent(op.Body.Content)
	at := op.ID + ", request body"
	if !ok {
		r.wrong = append(r.wrong, at+": no application/json")
		return
	}
	i := r.item("body", withoutHidden(json.TypeOf(schema), schema, true), at)
	r.items = append(r.items, i)
	p.fields = append(p.fields, i.name+": =body")
}

// jsonContent is the schema of the JSON document among some media types; an empty list has none.
func jsonContent(list []*specs.MediaType) (*specs.Schema, bool) {
	for _, m := range list {
		base, _, _ := strings.Cut(strings.ToLower(m.Type), ";")
		if base = strings.TrimSpace(base); base == "application/json" || strings.HasSuffix(base, "+json") && base != "application/problem+json" || base == "*/*" || base == "application/*" {
			return m.Schema, true
		}
	}
	return nil, false
}

// withoutHidden leaves members out that are not sent in a direction: those only read in requests, those
// only written in replies. Only members of the document itself are looked at, and of objects in it.
func withoutHidden(t *transforms.Type, s *specs.Schema, request bool) *transforms.Type {
	hidden := map[string]bool{}
	collectHidden(s, request, hidden, 0)
	if len(hidden) == 0 || t.Shape != transforms.ObjectShape {
		return t
	}
	out := *t
	out.Members = nil
	for _, m := range t.Members {
		if !hidden[m.Name] {
			out.Members = append(out.Members, m)
		}
	}
	return &out
}

// alternatives reports whether a document may have one of several forms, by its kind or by a condition; null is none.
func alternatives(s *specs.Schema, depth int) bool {
	if s == nil || depth > maxSampleDepth {
		return false
	}
	forms := 0
	for _, b := range slices.Concat(s.OneOf, s.AnyOf) {
		if b == nil || len(b.Types) != 1 || b.Types[0] != "null" {
			forms++
		}
		if alternatives(b, depth+1) {
			return true
		}
	}
	if forms > 1 || s.If != nil || len(s.DependentSchemas) > 0 || alternatives(s.Items, depth+1) {
		return true
	}
	for _, p := range s.Properties {
		if alternatives(p.Schema, depth+1) {
			return true
		}
	}
	return slices.ContainsFunc(s.AllOf, func(part *specs.Schema) bool { return alternatives(part, depth+1) })
}

func collectHidden(s *specs.Schema, request bool, out map[string]bool, depth int) {
	const deepest = 8
	if s == nil || depth > deepest {
		return
	}
	for _, p := range s.Properties {
		if p.Schema != nil && (request && p.Schema.ReadOnly || !request && p.Schema.WriteOnly) {
			out[p.Name] = true
		}
	}
	for _, part := range s.AllOf {
		collectHidden(part, request, out, depth+1)
	}
}

func (p *plannedOperation) planReply() {
	r, op := p.reply, p.spec
	p.status = &bookItem{name: r.unique("status"), clauses: " PIC X(3)"}
	r.items = append(r.items, p.status)
	for _, answer := range op.Responses {
		at := op.ID + ", response " + answer.Status
		schema, hasJSON := jsonContent(answer.Content)
		switch {
		case len(answer.Status) != 3 || strings.HasSuffix(answer.Status, "XX"):
			continue // classes and default are for what Lintel answers by itself
		case answer.Status < "300" && p.success == "":
			p.success = answer.Status
			if !hasJSON && len(answer.Content) > 0 {
				r.wrong = append(r.wrong, at+": no application/json")
			}
			if hasJSON {
				if alternatives(schema, 0) {
					r.assumed = append(r.assumed, at+" has alternatives (oneOf, anyOf) or conditions (if, dependentSchemas): the record has the members of all of them, and the transform must say which are there when")
				}
				p.body = r.item("body", withoutHidden(json.TypeOf(schema), schema, false), at)
				r.items = append(r.items, p.body)
			}
			p.planHeaders(answer, at)
		default:
			o := plannedAnswer{status: answer.Status, title: "The host answered " + answer.Status}
			if hasJSON {
				o.body = r.item("body"+answer.Status, withoutHidden(json.TypeOf(schema), schema, false), at)
				r.items = append(r.items, o.body)
			}
			p.others = append(p.others, o)
		}
	}
	if p.success == "" {
		r.wrong = append(r.wrong, op.ID+": no response with a status from 200 to 299")
	}
}

func (p *plannedOperation) planHeaders(answer *specs.Response, at string) {
	for _, h := range answer.Headers {
		i := p.reply.item("header "+h.Name, json.TypeOf(h.Schema), at+", header "+h.Name)
		p.reply.items = append(p.reply.items, i)
		p.headers = append(p.headers, fmt.Sprintf("%s: =reply%s", h.Name, memberAccess("header "+h.Name)))
	}
}

func (p *plannedOperation) copybook() string {
	var b strings.Builder
	fmt.Fprintf(&b, "      * %s %s\n", p.spec.Method, p.spec.Path)
	for _, r := range []*bookRecord{p.request, p.reply} {
		fmt.Fprintf(&b, "       01  %s.\n", r.name)
		bookLines(&b, r.items, 5)
	}
	return b.String()
}

func (p *plannedOperation) transform(backend string) string {
	y := &yamlLines{}
	y.line("operation: %s", p.spec.ID)
	y.line("backend: %s", backend)
	if !p.spec.Secured() {
		y.line("public: true # everybody may call it; take the line out when the contract asks for security")
	}
	y.within("request", func() {
		y.line("record: %s#%s", p.book, p.request.name)
		y.within("fields", func() {
			for _, f := range p.fields {
				y.line("%s", f)
			}
		})
	})
	y.within("reply", func() {
		y.line("record: %s#%s", p.book, p.reply.name)
		y.within("outcomes", func() {
			for _, o := range p.others {
				p.outcome(y, o)
			}
			y.line("- when: =reply.status != %q", p.success)
			y.line("  status: 502")
			y.line("  problem: {title: The host answered what nobody expected}")
		})
		y.line("status: %s", p.success)
		if len(p.headers) > 0 {
			y.within("headers", func() {
				for _, h := range p.headers {
					y.line("%s", h)
				}
			})
		}
		if p.body != nil {
			p.body.answer(y, "body", "reply.body", 0)
		}
	})
	return y.b.String()
}

func (p *plannedOperation) outcome(y *yamlLines, o plannedAnswer) {
	y.line("- when: =reply.status == %q", o.status)
	y.line("  status: %s", o.status)
	switch {
	case o.body != nil:
		y.indent++
		o.body.answer(y, "body", "reply.body"+o.status, 0)
		y.indent--
	case o.status >= "400":
		y.line("  problem: {title: %s}", yamlText(o.title))
	}
}
