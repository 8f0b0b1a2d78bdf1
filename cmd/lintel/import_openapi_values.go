// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"regexp/syntax"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// contractValues makes values that keep to a contract.
type contractValues struct{ request bool }

// value is a value of a schema, as JSON; false if none was found.
func (c contractValues) value(s *specs.Schema) (string, bool) {
	for _, text := range c.candidates(s, 0) {
		if c.valid(s, text) {
			return text, true
		}
	}
	return "", false
}

// valid asks the validator that requests and answers are checked by.
func (c contractValues) valid(s *specs.Schema, text string) bool {
	o := json.Options{Direction: json.Response}
	if c.request {
		o.Direction = json.Request
	}
	mt, findings := json.New(s, o)
	if findings.HasErrors() {
		return false
	}
	r, findings := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	return !findings.HasErrors() && r.Read([]byte(text), &transforms.Slots{}, 0) == nil
}

// candidates are values to try, the best first.
func (c contractValues) candidates(s *specs.Schema, depth int) []string {
	t := json.TypeOf(s)
	switch {
	case s == nil || depth > maxSampleDepth:
		return []string{"null"}
	case s.Const != nil:
		return []string{*s.Const}
	case len(s.Enum) > 0:
		return s.Enum
	case s.Default != "":
		return append([]string{s.Default}, c.byShape(s, t, depth)...)
	default:
		return c.byShape(s, t, depth)
	}
}

func (c contractValues) byShape(s *specs.Schema, t *transforms.Type, depth int) []string {
	switch t.Shape {
	case transforms.ObjectShape:
		return c.objects(s, t, depth)
	case transforms.ArrayShape:
		return c.arrays(s, t, depth)
	case transforms.StringShape:
		return textCandidates(t)
	case transforms.NumberShape, transforms.FloatShape:
		return numberCandidates(s, t)
	case transforms.BoolShape:
		return []string{"true", "false"}
	default:
		return []string{"null"}
	}
}

// objects have all members that the direction may have, or all but those of a condition that does not hold.
func (c contractValues) objects(s *specs.Schema, t *transforms.Type, depth int) []string {
	hidden := map[string]bool{}
	collectHidden(s, c.request, hidden, 0)
	out := []string{c.object(s, t, hidden, depth)}
	for _, without := range withoutConditions(s) {
		maps.Copy(without, hidden)
		out = append(out, c.object(s, t, without, depth))
	}
	return out
}

// withoutConditions lists the members that only conditions name: those of the one branch, those of the other, and all.
func withoutConditions(s *specs.Schema) []map[string]bool {
	always, then, otherwise := map[string]*specs.Schema{}, map[string]*specs.Schema{}, map[string]*specs.Schema{}
	conditional := false
	var collect func(s *specs.Schema, depth int)
	collect = func(s *specs.Schema, depth int) {
		if s == nil || depth > maxSampleDepth {
			return
		}
		for _, p := range s.Properties {
			always[p.Name] = p.Schema
		}
		conditional = conditional || s.If != nil || len(s.DependentSchemas) > 0
		propertiesOf(s.Then, then, depth)
		propertiesOf(s.Else, otherwise, depth)
		for _, d := range s.DependentSchemas {
			propertiesOf(d.Schema, then, depth)
		}
		for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
			collect(part, depth+1)
		}
	}
	collect(s, 0)
	if !conditional {
		return nil
	}
	sets := []map[string]bool{{}, {}, {}}
	for i, names := range []map[string]*specs.Schema{otherwise, then} {
		for name := range names {
			if _, plain := always[name]; !plain {
				sets[i][name], sets[2][name] = true, true
			}
		}
	}
	return sets
}

// object has all members but some.
func (c contractValues) object(s *specs.Schema, t *transforms.Type, hidden map[string]bool, depth int) string {
	schemas := map[string]*specs.Schema{}
	propertiesOf(s, schemas, 0)
	var members []string
	for _, m := range t.Members {
		if hidden[m.Name] {
			continue
		}
		for _, text := range c.candidates(schemas[m.Name], depth+1) {
			if c.valid(schemas[m.Name], text) {
				members = append(members, string(transforms.AppendQuoted(nil, m.Name))+":"+text)
				break
			}
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// propertiesOf finds the schemas of members, the first of each name.
func propertiesOf(s *specs.Schema, out map[string]*specs.Schema, depth int) {
	if s == nil || depth > maxSampleDepth {
		return
	}
	for _, p := range s.Properties {
		if out[p.Name] == nil {
			out[p.Name] = p.Schema
		}
	}
	for _, part := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf, []*specs.Schema{s.Then, s.Else, s.If}) {
		propertiesOf(part, out, depth+1)
	}
	for _, d := range s.DependentSchemas {
		propertiesOf(d.Schema, out, depth+1)
	}
}

func (c contractValues) arrays(s *specs.Schema, t *transforms.Type, depth int) []string {
	items, prefix := s.Items, s.PrefixItems
	for _, part := range s.AllOf {
		if items == nil && prefix == nil && part != nil {
			items, prefix = part.Items, part.PrefixItems
		}
	}
	var out []string
	if tuple, ok := c.tuple(prefix, items, max(t.MinItems, len(prefix)), depth); ok && len(prefix) > 0 {
		out = append(out, tuple)
	}
	if s.Contains != nil {
		for _, text := range c.candidates(s.Contains.Schema, depth+1) {
			out = append(out, "["+strings.TrimSuffix(strings.Repeat(text+",", max(t.MinItems, s.Contains.Min, 1)), ",")+"]")
		}
	}
	for _, text := range c.candidates(items, depth+1) {
		if c.valid(items, text) {
			out = append(out, "["+strings.TrimSuffix(strings.Repeat(text+",", max(t.MinItems, 1)), ",")+"]")
		}
	}
	return append(out, "[]")
}

// tuple has n items: each by its place.
func (c contractValues) tuple(prefix []*specs.Schema, items *specs.Schema, n, depth int) (string, bool) {
	parts := make([]string, 0, n)
	for i := range n {
		s := items
		if i < len(prefix) {
			s = prefix[i]
		}
		texts := c.candidates(s, depth+1)
		at := slices.IndexFunc(texts, func(text string) bool { return c.valid(s, text) })
		if at < 0 {
			return "", false
		}
		parts = append(parts, texts[at])
	}
	return "[" + strings.Join(parts, ",") + "]", true
}

func textCandidates(t *transforms.Type) []string {
	texts := []string{"2024-01-31", "2024-01-31T12:30:00Z", "01900000-0000-7000-8000-000000000000", "A@B.EXAMPLE", "192.0.2.1", "https://a.example/", "12:30:00Z", "12.50", "P1D", "2001:DB8::1", "QQ=="}
	if t.Format == "" {
		texts = append([]string{"TEXT"}, texts...)
	}
	for _, p := range t.Patterns {
		texts = append(texts, fromPattern(p))
	}
	if t.MinLength > 0 && t.MinLength < 1000 {
		texts = append(texts, strings.Repeat("A", t.MinLength), strings.Repeat("1", t.MinLength))
	}
	for _, p := range t.Patterns {
		if text := fromPattern(p); text != "" && t.MinLength > len(text) && t.MinLength < 1000 {
			texts = append(texts, text+strings.Repeat(text[len(text)-1:], t.MinLength-len(text)))
		}
	}
	texts = append(texts, "A", "1", "")
	out := make([]string, len(texts))
	for i, text := range texts {
		if t.MaxLength >= 0 && len(text) > t.MaxLength && i == 0 {
			text = text[:t.MaxLength]
		}
		out[i] = string(transforms.AppendQuoted(nil, text))
	}
	return out
}

func numberCandidates(s *specs.Schema, t *transforms.Type) []string {
	out := []string{"1", "12"}
	if t.Scale > 0 {
		out = append([]string{"1." + ("25" + strings.Repeat("0", t.Scale))[:t.Scale]}, out...)
	}
	for _, bound := range []string{t.Minimum, t.Maximum, s.Minimum, s.Maximum, s.MultipleOf, "0", "2", "10", "100", "0.5"} {
		if bound != "" {
			out = append(out, bound)
		}
	}
	return out
}

// fromPattern makes the shortest text that a regular expression matches.
func fromPattern(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	return matching(re.Simplify(), 0)
}

func matching(re *syntax.Regexp, depth int) string {
	const deepest = 100
	if depth > deepest {
		return ""
	}
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(inClass(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "A"
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(matching(sub, depth+1))
		}
		return b.String()
	case syntax.OpAlternate, syntax.OpCapture, syntax.OpPlus:
		return matching(re.Sub[0], depth+1)
	case syntax.OpRepeat:
		return strings.Repeat(matching(re.Sub[0], depth+1), re.Min)
	default: // empty, anchors, * and ?
		return ""
	}
}

// inClass picks a character of a class: a letter or digit if there is one.
func inClass(ranges []rune) rune {
	for _, wanted := range "A1a" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= wanted && wanted <= ranges[i+1] {
				return wanted
			}
		}
	}
	if len(ranges) == 0 {
		return 'A'
	}
	return ranges[0]
}

// test is a test with an example; false if none was found.
func (p *plannedOperation) test() (string, bool) {
	y := &yamlLines{}
	y.line("- name: an example")
	y.indent++
	ok := true
	y.within("request", func() { ok = p.testRequest(y) })
	reply := []string{fmt.Sprintf("status: %q", p.success)}
	body := ""
	for _, answer := range p.spec.Responses {
		if answer.Status != p.success {
			continue
		}
		values := contractValues{}
		for _, h := range answer.Headers {
			text, found := values.value(h.Schema)
			ok = ok && found
			reply = append(reply, yamlText("header "+h.Name)+": "+text)
		}
		if p.body == nil {
			continue
		}
		schema, _ := jsonContent(answer.Content)
		var found bool
		body, found = values.value(schema)
		ok = ok && found
		reply = append(reply, "body: "+body)
	}
	y.line("host: {replies: {fields: {%s}}}", strings.Join(reply, ", "))
	if body != "" {
		y.line("response: {status: %s, body: %s}", p.success, body)
	} else {
		y.line("response: {status: %s}", p.success)
	}
	return y.b.String(), ok
}

func (p *plannedOperation) testRequest(y *yamlLines) bool {
	values := contractValues{request: true}
	ok := true
	for _, in := range []string{"path", "query", "header", "cookie"} {
		var parts []string
		for _, param := range p.spec.Parameters {
			if param.In != in {
				continue
			}
			text, found := values.value(param.Schema)
			ok = ok && found
			parts = append(parts, yamlText(param.Name)+": "+text)
		}
		if len(parts) > 0 {
			y.line("%s: {%s}", in, strings.Join(parts, ", "))
		}
	}
	if p.spec.Body != nil {
		schema, _ := jsonContent(p.spec.Body.Content)
		text, found := values.value(schema)
		ok = ok && found
		y.line("body: %s", text)
	}
	if len(p.spec.Parameters) == 0 && p.spec.Body == nil {
		y.line("query: {}")
	}
	return ok
}
