// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"

	"lintel/specs"
)

func (c *contracts) parameters(old, now *specs.Operation) {
	names := pathNames(old.Path)
	after := pathNames(now.Path)
	for _, p := range old.Parameters {
		name := p.Name
		if k := slices.Index(names, name); p.In == "path" && k >= 0 && k < len(after) {
			name = after[k] // the same place of the route, whatever it is called
		}
		where := p.In + " parameter " + p.Name
		q := parameter(now, p.In, name)
		if q == nil {
			c.add(Callers, "request-parameter-removed", where, p.Pos, specs.Pos{}, "the parameter is gone: callers that send it are not understood any more")
			continue
		}
		c.parameter(where, p, q)
	}
	for _, q := range now.Parameters {
		name := q.Name
		if k := slices.Index(after, name); q.In == "path" && k >= 0 && k < len(names) {
			name = names[k]
		}
		if parameter(old, q.In, name) != nil {
			continue
		}
		where := q.In + " parameter " + q.Name
		if q.Required {
			c.add(Callers, "request-parameter-required", where, specs.Pos{}, q.Pos, "the parameter is new and required")
			continue
		}
		c.add(Safe, "request-parameter-added", where, specs.Pos{}, q.Pos, "the parameter is new")
	}
}

// pathNames are the names of the parameters of a path, in its order.
func pathNames(path string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return out
		}
		name, after, _ := strings.Cut(rest, "}")
		out, path = append(out, name), after
	}
}

// parameter finds one; the names of headers have no case.
func parameter(o *specs.Operation, in, name string) *specs.Parameter {
	for _, p := range o.Parameters {
		if p.In == in && (p.Name == name || in == "header" && strings.EqualFold(p.Name, name)) {
			return p
		}
	}
	return nil
}

func (c *contracts) parameter(where string, p, q *specs.Parameter) {
	switch {
	case q.Required && !p.Required:
		c.add(Callers, "request-parameter-required", where, p.Pos, q.Pos, "the parameter is required now")
	case p.Required && !q.Required:
		c.add(Safe, "request-parameter-optional", where, p.Pos, q.Pos, "the parameter is optional now")
	}
	if p.JSON != q.JSON {
		c.add(Callers, "request-parameter-style", where, p.Pos, q.Pos, "written as JSON (content): was %t and is %t", p.JSON, q.JSON)
	}
	if structured(c.requests, p.Schema) || structured(c.requests, q.Schema) {
		if p.Style != q.Style || p.Explode != q.Explode {
			c.add(Callers, "request-parameter-style", where, p.Pos, q.Pos, "style and explode were %s, %t and are %s, %t: the value is written in another way", p.Style, p.Explode, q.Style, q.Explode)
		}
	}
	if p.AllowReserved != q.AllowReserved {
		c.add(effectIf(p.AllowReserved, Callers), "request-parameter-reserved", where, p.Pos, q.Pos, "allowReserved was %t and is %t", p.AllowReserved, q.AllowReserved)
	}
	c.schema(c.requests, "request-parameter", where, p.Schema, q.Schema, p.Pos, q.Pos)
}

// structured reports whether values of a schema may be arrays or objects.
func structured(s *schemas, schema *specs.Schema) bool {
	for _, f := range s.alternatives(s.conj(schema)) {
		if f.types&(arrayType|objectType) != 0 {
			return true
		}
	}
	return false
}

// effectIf is the effect if something holds, else Safe.
func effectIf(holds bool, e Effect) Effect {
	if holds {
		return e
	}
	return Safe
}

func (c *contracts) body(old, now *specs.Operation) {
	const where = "request body"
	switch a, b := old.Body, now.Body; {
	case a == nil && b == nil:
	case a == nil:
		if b.Required {
			c.add(Callers, "request-body-required", where, old.Pos, b.Pos, "a body is required now")
			return
		}
		c.add(Safe, "request-body-added", where, old.Pos, b.Pos, "a body may be sent now")
	case b == nil:
		c.add(Callers, "request-body-removed", where, a.Pos, now.Pos, "the operation takes no body any more")
	default:
		switch {
		case b.Required && !a.Required:
			c.add(Callers, "request-body-required", where, a.Pos, b.Pos, "the body is required now")
		case a.Required && !b.Required:
			c.add(Safe, "request-body-optional", where, a.Pos, b.Pos, "the body is optional now")
		}
		c.content(c.requests, "request-body", where, a.Content, b.Content, a.Pos, b.Pos)
	}
}

// content compares media types and their schemas.
func (c *contracts) content(s *schemas, rule, where string, a, b []*specs.MediaType, old, now specs.Pos) {
	for _, m := range a {
		n := mediaType(b, m.Type)
		if n == nil {
			c.add(Callers, rule+"-media-type-removed", where, m.Pos, now, "%s is gone", m.Type)
			continue
		}
		at := where
		if len(a) > 1 || len(b) > 1 {
			at += " " + m.Type
		}
		c.schema(s, rule, at, m.Schema, n.Schema, m.Pos, n.Pos)
	}
	for _, n := range b {
		if mediaType(a, n.Type) == nil {
			c.add(Safe, rule+"-media-type-added", where, old, n.Pos, "%s is new", n.Type)
		}
	}
}

// mediaType finds the media type that is written alike: case and blanks do not matter.
func mediaType(list []*specs.MediaType, name string) *specs.MediaType {
	canonical := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }
	for _, m := range list {
		if canonical(m.Type) == canonical(name) {
			return m
		}
	}
	return nil
}

// schema reports the differences of two schemas. rule is what the names of the changes begin with.
func (c *contracts) schema(s *schemas, rule, where string, a, b *specs.Schema, old, now specs.Pos) {
	for _, d := range s.differences(a, b) {
		e := Safe
		switch {
		case d.means:
			e = Callers
		case d.review:
			e = Review
		case s.request && d.narrows, !s.request && d.widens:
			e = Callers
		}
		place := where
		if d.path != "" {
			place += " " + d.path
		}
		if d.old == (specs.Pos{}) && d.now == (specs.Pos{}) {
			d.old, d.now = old, now
		}
		c.add(e, rule+"-"+d.rule, place, d.old, d.now, "%s", d.message)
	}
}
