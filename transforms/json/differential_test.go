// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	stdjson "encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"lintel/transforms"
)

// The tests of this file compare verdicts with an implementation of JSON Schema that nobody here
// wrote, on schemas and documents that are drawn at random.

var (
	drawnNames   = []string{"a", "b", "x-1", "kind"}
	drawnNumbers = []string{"0", "-0.0", "1", "1.0", "2", "2.5", "-3", "1e1", "100", "0.01", "0.07", "12345678901234567890123", "9007199254740993"}
	drawnTexts   = []string{"", "a", "ab", "é", "😀😀", "DE12", "x-1"}
	drawnTypes   = []string{"null", "boolean", "integer", "number", "string", "array", "object"}
)

func drawValue(t *rapid.T, depth int) any {
	top := 6
	if depth <= 0 {
		top = 4
	}
	switch rapid.IntRange(0, top).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return stdjson.Number(rapid.SampledFrom(drawnNumbers).Draw(t, "number"))
	case 3, 4:
		return rapid.SampledFrom(drawnTexts).Draw(t, "text")
	case 5:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	default:
		m := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			m[rapid.SampledFrom(drawnNames).Draw(t, "name")] = drawValue(t, depth-1)
		}
		return m
	}
}

func drawSchema(t *rapid.T, depth int) any {
	if rapid.IntRange(0, 15).Draw(t, "boolean schema") == 0 {
		return rapid.Bool().Draw(t, "schema")
	}
	m := map[string]any{}
	for range rapid.IntRange(1, 4).Draw(t, "keywords") {
		drawKeyword(t, m, depth)
	}
	return m
}

func drawKeyword(t *rapid.T, m map[string]any, depth int) {
	count := func() any {
		return stdjson.Number(rapid.SampledFrom([]string{"0", "1", "2", "3"}).Draw(t, "count"))
	}
	number := func() any { return stdjson.Number(rapid.SampledFrom(drawnNumbers).Draw(t, "bound")) }
	name := func() string { return rapid.SampledFrom(drawnNames).Draw(t, "name") }
	flat := []func(){
		func() { m["type"] = rapid.SampledFrom(drawnTypes).Draw(t, "type") },
		func() {
			m["type"] = []any{rapid.SampledFrom(drawnTypes[:4]).Draw(t, "type"), rapid.SampledFrom(drawnTypes[4:]).Draw(t, "type")}
		},
		func() { m["enum"] = []any{drawValue(t, 1), []any{"never drawn"}} },
		func() { m["const"] = drawValue(t, 1) },
		func() { m["minimum"] = number() },
		func() { m["maximum"] = number() },
		func() { m["exclusiveMinimum"] = number() },
		func() { m["exclusiveMaximum"] = number() },
		func() {
			m["multipleOf"] = stdjson.Number(rapid.SampledFrom([]string{"1", "0.01", "2.5", "3", "1e1", "0.07"}).Draw(t, "divisor"))
		},
		func() { m["minLength"] = count() },
		func() { m["maxLength"] = count() },
		func() {
			m["pattern"] = rapid.SampledFrom([]string{"^[A-Z]{2}[0-9]{1,2}$", "a", "^.$", "^a?b*$", "^(ab|é)$", "^\\S+$"}).Draw(t, "pattern")
		},
		func() { m["minItems"] = count() },
		func() { m["maxItems"] = count() },
		func() { m["uniqueItems"] = rapid.Bool().Draw(t, "unique") },
		func() { m["minProperties"] = count() },
		func() { m["maxProperties"] = count() },
		func() { m["required"] = []any{name()} },
	}
	list := func() []any {
		out := []any{}
		for range rapid.IntRange(1, 3).Draw(t, "alternatives") {
			out = append(out, drawSchema(t, depth-1))
		}
		return out
	}
	nested := []func(){
		func() { m["properties"] = map[string]any{name(): drawSchema(t, depth-1), "a": drawSchema(t, depth-1)} },
		func() { m["additionalProperties"] = drawSchema(t, depth-1) },
		func() { m["patternProperties"] = map[string]any{"^x-": drawSchema(t, depth-1)} },
		func() { m["items"] = drawSchema(t, depth-1) },
		func() { m["allOf"] = list() },
		func() { m["anyOf"] = list() },
		func() { m["oneOf"] = list() },
		func() { m["not"] = drawSchema(t, depth-1) },
		func() {
			m["if"] = drawSchema(t, depth-1)
			for _, branch := range []string{"then", "else"} {
				if rapid.Bool().Draw(t, branch) {
					m[branch] = drawSchema(t, depth-1)
				}
			}
		},
		func() { m["dependentSchemas"] = map[string]any{name(): drawSchema(t, depth-1)} },
		func() { m["dependentRequired"] = map[string]any{name(): []any{name()}} },
		func() { m["propertyNames"] = drawSchema(t, depth-1) },
		func() { m["prefixItems"] = list() },
		func() {
			m["contains"] = drawSchema(t, depth-1)
			for _, bound := range []string{"minContains", "maxContains"} {
				if rapid.Bool().Draw(t, bound) {
					m[bound] = count()
				}
			}
		},
		func() { m["unevaluatedProperties"] = drawSchema(t, depth-1) },
		func() { m["unevaluatedItems"] = drawSchema(t, depth-1) },
		// Mostly nothing is left over, and mostly nothing may be.
		func() {
			m["unevaluatedProperties"] = false
			m[rapid.SampledFrom([]string{"allOf", "anyOf", "oneOf"}).Draw(t, "list")] = list()
		},
		func() {
			m["unevaluatedItems"] = false
			m[rapid.SampledFrom([]string{"allOf", "anyOf", "oneOf"}).Draw(t, "list")] = list()
		},
	}
	if depth > 0 {
		flat = append(append(flat, nested...), nested...)
	}
	rapid.SampledFrom(flat).Draw(t, "keyword")()
}

// drawBoth draws a schema and a source of documents for it: wild ones, or typed ones that mostly fit.
func drawBoth(rt *rapid.T) (schema any, value func() any) {
	if rapid.Bool().Draw(rt, "wild") {
		return drawSchema(rt, 3), func() any { return drawValue(rt, 3) }
	}
	m := drawTyped(rt, 3, "")
	return m, func() any { return drawFor(rt, m) }
}

func TestVerdictsAgree(t *testing.T) {
	accepted, refused := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		schema, value := drawBoth(rt)
		text := marshal(t, schema)
		theirs, err := theirSchema(text)
		if err != nil {
			rt.Skip(err)
		}
		mt, fs := New(schemaOf(t, string(text)), Options{Direction: Response, AllowUnknown: true})
		if len(fs) > 0 {
			rt.Fatalf("findings for %s: %v", text, fs)
		}
		r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
		for range 4 {
			doc := marshal(t, value())
			parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
			if err != nil {
				rt.Fatal(err)
			}
			want := theirs.Validate(parsed) == nil
			got := r.Read(doc, new(transforms.Slots), 0)
			if (got == nil) != want {
				rt.Fatalf("schema %s\ndocument %s\nours: %v\ntheirs: %v", text, doc, got, theirs.Validate(parsed))
			}
			if want {
				accepted++
			} else {
				refused++
			}
		}
	})
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted, %d refused: the documents prove nothing", accepted, refused)
	}
}

func theirSchema(text []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

// marshal writes numbers as they are and escapes some characters, so that readers must undo it.
func marshal(t testing.TB, v any) []byte {
	b, err := stdjson.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStrictnessOnlyRefuses checks that reading a request never accepts what the plain meaning of
// the schema refuses.
func TestStrictnessOnlyRefuses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		drawn, value := drawBoth(rt)
		text := marshal(t, drawn)
		schema := schemaOf(t, string(text))
		plain, _ := New(schema, Options{Direction: Response})
		strict, _ := New(schema, Options{})
		p, _ := plain.Format.Reader(&transforms.Capture{Type: plain.Type, Slot: -1})
		s, _ := strict.Format.Reader(&transforms.Capture{Type: strict.Type, Slot: -1})
		for range 4 {
			doc := marshal(t, value())
			if s.Read(doc, new(transforms.Slots), 0) == nil && p.Read(doc, new(transforms.Slots), 0) != nil {
				rt.Fatalf("schema %s\ndocument %s passes as a request only", text, doc)
			}
		}
	})
}

// TestTypesHoldTheirDocuments checks that a type never says less than its schema: what a request
// that is accepted holds, its type allows.
func TestTypesHoldTheirDocuments(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		schema, draw := drawBoth(rt)
		text := marshal(t, schema)
		mt, _ := New(schemaOf(t, string(text)), Options{})
		r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
		for range 4 {
			value := draw()
			doc := marshal(t, value)
			if r.Read(doc, new(transforms.Slots), 0) != nil {
				continue
			}
			if why := misfits(mt.Type, value); why != "" {
				rt.Fatalf("schema %s\ndocument %s\n%s", text, doc, why)
			}
		}
	})
}

// misfits compares a value with a type of the same shape; other shapes are let through, because a
// schema that only says something about objects accepts everything else.
func misfits(t *transforms.Type, v any) string {
	if t.Enum != nil && v != nil {
		text, _ := stdjson.Marshal(v)
		found := false
		for _, e := range t.Enum {
			found = found || Equal([]byte(e), text)
		}
		if !found {
			return t.Name + " is not in the enum"
		}
	}
	switch v := v.(type) {
	case map[string]any:
		return misfitsObject(t, v)
	case []any:
		if t.Shape != transforms.ArrayShape {
			return ""
		}
		if len(v) < t.MinItems || t.MaxItems >= 0 && len(v) > t.MaxItems {
			return t.Name + " has another number of items"
		}
		for _, e := range v {
			if why := misfits(t.Items, e); why != "" {
				return why
			}
		}
	case string:
		if n := len([]rune(v)); t.Shape == transforms.StringShape && (n < t.MinLength || t.MaxLength >= 0 && n > t.MaxLength) {
			return t.Name + " has another length"
		}
	case stdjson.Number:
		return misfitsNumber(t, parseNumber([]byte(v)))
	}
	return ""
}

func misfitsObject(t *transforms.Type, v map[string]any) string {
	if t.Shape != transforms.ObjectShape {
		return ""
	}
	for name, e := range v {
		m := t.Member(name)
		if m == nil {
			if !t.Open {
				return "no member " + name
			}
			continue
		}
		if why := misfits(m, e); why != "" {
			return why
		}
	}
	for _, m := range t.Members {
		if _, there := v[m.Name]; !there && !m.Optional {
			return m.Name + " is missing"
		}
	}
	return ""
}

func misfitsNumber(t *transforms.Type, n number) string {
	if t.Shape != transforms.NumberShape {
		return ""
	}
	scale := max(0, n.n-int(n.point))
	switch {
	case n.neg && !t.Signed:
		return t.Name + " is not signed"
	case t.Integer && !n.integral():
		return t.Name + " has no fraction"
	case t.Scale >= 0 && scale > t.Scale:
		return t.Name + " has fewer decimals"
	case t.Digits >= 0 && wholeDigits(&n) > t.Digits-max(t.Scale, 0):
		return t.Name + " has fewer digits"
	}
	return ""
}
