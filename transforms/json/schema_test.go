// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// schemaOf reads the schema that a JSON text writes, with $ref to its own $defs.
func schemaOf(t testing.TB, text string) *specs.Schema {
	t.Helper()
	d := stdjson.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		t.Fatalf("schema: %v", err)
	}
	p := &schemaParser{t: t, root: root, refs: map[string]*specs.Schema{}}
	return p.parse(root)
}

type schemaParser struct {
	t    testing.TB
	root any
	refs map[string]*specs.Schema
}

func (p *schemaParser) parse(v any) *specs.Schema {
	if v == nil {
		return nil
	}
	s := anything()
	p.into(s, v)
	return s
}

func (p *schemaParser) into(s *specs.Schema, v any) {
	if b, ok := v.(bool); ok {
		s.Never = !b
		return
	}
	m := v.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		p.keyword(s, key, m[key])
	}
}

func (p *schemaParser) schema(v any) *specs.Schema {
	if m, ok := v.(map[string]any); ok {
		if ref, ok := m["$ref"].(string); ok {
			return p.ref(ref)
		}
	}
	return p.parse(v)
}

func (p *schemaParser) ref(ref string) *specs.Schema {
	if s, ok := p.refs[ref]; ok {
		return s
	}
	s := anything()
	p.refs[ref] = s
	name := strings.TrimPrefix(ref, "#/$defs/")
	v, ok := p.root.(map[string]any)["$defs"].(map[string]any)[name]
	if !ok {
		p.t.Fatalf("no definition for %s", ref)
	}
	s.Name = name
	p.into(s, v)
	return s
}

func (p *schemaParser) keyword(s *specs.Schema, key string, v any) {
	text := func() string { return v.(stdjson.Number).String() }
	count := func() int {
		n, err := v.(stdjson.Number).Int64()
		if err != nil {
			p.t.Fatalf("%s: %v", key, err)
		}
		return int(n)
	}
	list := func() (out []*specs.Schema) {
		for _, e := range v.([]any) {
			out = append(out, p.schema(e))
		}
		return out
	}
	props := func() (out []*specs.Property) {
		m := v.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(m)) {
			out = append(out, &specs.Property{Name: name, Schema: p.schema(m[name])})
		}
		return out
	}
	switch key {
	case "$ref":
		s.AllOf = append(s.AllOf, p.ref(v.(string)))
	case "$defs":
	case "type":
		if one, ok := v.(string); ok {
			s.Types = []string{one}
			return
		}
		for _, e := range v.([]any) {
			s.Types = append(s.Types, e.(string))
		}
	case "enum":
		s.Enum = []string{}
		for _, e := range v.([]any) {
			s.Enum = append(s.Enum, p.text(e))
		}
	case "const":
		c := p.text(v)
		s.Const = &c
	case "format":
		s.Format = v.(string)
	case "pattern":
		s.Pattern = v.(string)
	case "minimum":
		s.Minimum = text()
	case "maximum":
		s.Maximum = text()
	case "exclusiveMinimum":
		s.ExclusiveMinimum = text()
	case "exclusiveMaximum":
		s.ExclusiveMaximum = text()
	case "multipleOf":
		s.MultipleOf = text()
	case "minLength":
		s.MinLength = count()
	case "maxLength":
		s.MaxLength = count()
	case "minItems":
		s.MinItems = count()
	case "maxItems":
		s.MaxItems = count()
	case "minProperties":
		s.MinProperties = count()
	case "maxProperties":
		s.MaxProperties = count()
	case "uniqueItems":
		s.UniqueItems = v.(bool)
	case "properties":
		s.Properties = props()
	case "patternProperties":
		s.PatternProperties = props()
	case "required":
		for _, e := range v.([]any) {
			s.Required = append(s.Required, e.(string))
		}
	case "additionalProperties":
		s.Additional = p.schema(v)
	case "items":
		s.Items = p.schema(v)
	case "allOf":
		s.AllOf = append(s.AllOf, list()...)
	case "anyOf":
		s.AnyOf = list()
	case "oneOf":
		s.OneOf = list()
	case "not":
		s.Not = p.schema(v)
	case "if":
		s.If = p.schema(v)
	case "then":
		s.Then = p.schema(v)
	case "else":
		s.Else = p.schema(v)
	case "dependentSchemas":
		s.DependentSchemas = props()
	case "dependentRequired":
		m := v.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(m)) {
			d := &specs.DependentRequired{Name: name}
			for _, e := range m[name].([]any) {
				d.Names = append(d.Names, e.(string))
			}
			s.DependentRequired = append(s.DependentRequired, d)
		}
	case "propertyNames":
		s.PropertyNames = p.schema(v)
	case "prefixItems":
		s.PrefixItems = list()
	case "contains", "minContains", "maxContains":
		if s.Contains == nil {
			s.Contains = &specs.Contains{Min: 1, Max: -1}
		}
		switch key {
		case "contains":
			s.Contains.Schema = p.schema(v)
		case "minContains":
			s.Contains.Min = count()
		default:
			s.Contains.Max = count()
		}
	case "unevaluatedProperties":
		s.UnevaluatedProperties = p.schema(v)
	case "unevaluatedItems":
		s.UnevaluatedItems = p.schema(v)
	case "readOnly":
		s.ReadOnly = v.(bool)
	case "writeOnly":
		s.WriteOnly = v.(bool)
	case "discriminator":
		p.discriminator(s, v.(map[string]any))
	default:
		p.t.Fatalf("unknown keyword %s", key)
	}
}

func (p *schemaParser) discriminator(s *specs.Schema, m map[string]any) {
	d := &specs.Discriminator{Property: m["propertyName"].(string)}
	cases := m["mapping"].(map[string]any)
	for _, value := range slices.Sorted(maps.Keys(cases)) {
		d.Mapping = append(d.Mapping, specs.DiscriminatorCase{Value: value, Schema: p.ref(cases[value].(string))})
	}
	s.Discriminator = d
}

func (p *schemaParser) text(v any) string {
	b, err := stdjson.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// newType makes the message type of a schema text and fails on findings.
func newType(t testing.TB, schema string, o Options) *transforms.MessageType {
	t.Helper()
	mt, fs := New(schemaOf(t, schema), o)
	if len(fs) > 0 {
		t.Fatalf("findings: %v", fs)
	}
	return mt
}

// check reads doc without capturing and gives "pointer code" of every issue.
func check(t testing.TB, mt *transforms.MessageType, doc string) []string {
	t.Helper()
	r, fs := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	if len(fs) > 0 {
		t.Fatalf("findings: %v", fs)
	}
	var slots transforms.Slots
	msg := []byte(doc)
	kept := bytes.Clone(msg)
	err := r.Read(msg, &slots, 0)
	if !bytes.Equal(msg, kept) {
		t.Fatal("the reader changed the document")
	}
	return issues(t, err)
}

func issues(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var inv *transforms.InvalidError
	if !errors.As(err, &inv) {
		t.Fatalf("error of type %T: %v", err, err)
	}
	var out []string
	for _, is := range inv.Issues {
		out = append(out, strings.TrimSpace(is.Pointer+" "+is.Code))
	}
	return out
}
