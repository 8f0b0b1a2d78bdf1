// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"lintel/specs"
	"lintel/transforms"
	tjson "lintel/transforms/json"
)

// schemaOf reads a schema.
func schemaOf(t *testing.T, doc any) *specs.Schema {
	t.Helper()
	var plain any
	text, err := json.Marshal(doc)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err == nil {
		mend(plain)
		text, err = json.Marshal(plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	ws := &specs.Workspace{FS: fstest.MapFS{"s.json": {Data: text}}}
	s, findings := ws.HostSchema(&specs.Node{Text: "s.json"})
	if s == nil || findings.HasErrors() {
		t.Fatalf("%s\n%v", text, findings)
	}
	return s
}

// mend takes out what no contract may say: keywords that need others, and bounds that nothing meets.
func mend(doc any) {
	switch v := doc.(type) {
	case []any:
		for _, e := range v {
			mend(e)
		}
	case map[string]any:
		drop := func(need string, keys ...string) {
			for _, k := range keys {
				if v[need] == nil {
					delete(v, k)
				}
			}
		}
		drop("if", "then", "else")
		drop("contains", "minContains", "maxContains")
		if most, bounded := v["maxItems"].(float64); bounded && most < 2 && v["minContains"] != nil {
			v["minContains"] = 1
		}
		for _, e := range v {
			mend(e)
		}
	}
}

// validator is the one that serves requests and answers.
func validator(t *testing.T, s *specs.Schema, request bool) func(string) bool {
	t.Helper()
	o := tjson.Options{Direction: tjson.Response}
	if request {
		o.Direction = tjson.Request
	}
	mt, findings := tjson.New(s, o)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	r, findings := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	return func(doc string) bool { return r.Read([]byte(doc), &transforms.Slots{}, 0) == nil }
}

type schemaDoc = map[string]any

// words are groups of keywords that not every comparison can be exact about.
type words struct{ oneOf, conditions, left bool }

// randomSchema makes a small schema out of few words, so that two of them have something to do with each other.
func randomSchema(r *rand.Rand, depth int, with words) schemaDoc {
	s := schemaDoc{}
	set := func(chance int, key string, value any) {
		if r.IntN(chance) == 0 {
			s[key] = value
		}
	}
	kinds := []string{"string", "integer", "number", "boolean", "null", "object", "array"}
	if depth <= 0 {
		kinds = kinds[:5]
	}
	kind := kinds[r.IntN(len(kinds))]
	set(8, "type", []string{kind, kinds[r.IntN(len(kinds))]})
	if list, ok := s["type"].([]string); ok && list[0] == list[1] {
		s["type"] = kind
	}
	if r.IntN(12) > 0 && s["type"] == nil {
		s["type"] = kind
	}
	switch kind {
	case "string":
		set(2, "maxLength", 1+r.IntN(3))
		set(4, "minLength", r.IntN(2))
		set(6, "pattern", []string{"^a", "^[ab]*$", "b"}[r.IntN(3)])
		set(6, "format", []string{"date", "decimal", "unheard"}[r.IntN(3)])
		set(5, "enum", []any{"a", "b", "ab"}[:1+r.IntN(3)])
	case "integer", "number":
		set(3, "minimum", r.IntN(3)-1)
		set(3, "maximum", []any{1, 2, 2.5, 3}[r.IntN(4)])
		set(6, "exclusiveMaximum", r.IntN(4))
		set(6, "exclusiveMinimum", r.IntN(3)-1)
		set(6, "multipleOf", []any{1, 2, 0.5}[r.IntN(3)])
		set(8, "enum", []any{0, 1, 2.5}[:1+r.IntN(3)])
		set(8, "format", []string{"int32", "int8"}[r.IntN(2)])
	case "array":
		set(1, "items", randomSchema(r, depth-1, with))
		set(3, "maxItems", 1+r.IntN(2))
		set(4, "minItems", r.IntN(2))
		set(5, "uniqueItems", true)
		randomArray(r, s, depth, with)
	case "object":
		randomObject(r, s, depth, with)
	}
	if depth > 0 {
		set(8, "anyOf", []any{randomSchema(r, depth-1, with), randomSchema(r, depth-1, with)})
		set(8, "allOf", []any{randomSchema(r, depth-1, with)})
		set(12, "not", randomSchema(r, 0, words{}))
		if with.oneOf {
			set(8, "oneOf", []any{randomSchema(r, depth-1, with), randomSchema(r, depth-1, with)})
		}
	}
	return s
}

func randomObject(r *rand.Rand, s schemaDoc, depth int, with words) {
	props := schemaDoc{}
	var required []string
	for _, name := range []string{"x", "y", "z"} {
		if r.IntN(2) > 0 {
			props[name] = randomSchema(r, depth-1, with)
			if depth == 2 && r.IntN(6) == 0 {
				props[name].(schemaDoc)[[]string{"readOnly", "writeOnly"}[r.IntN(2)]] = true
			}
			if r.IntN(3) == 0 {
				required = append(required, name)
			}
		}
	}
	if len(props) > 0 {
		s["properties"] = props
	}
	if len(required) > 0 {
		s["required"] = required
	}
	switch r.IntN(6) {
	case 0:
		s["additionalProperties"] = false
	case 1:
		s["additionalProperties"] = randomSchema(r, 0, words{})
	case 2:
		s["patternProperties"] = schemaDoc{"^z": randomSchema(r, 0, words{})}
	case 3:
		s["maxProperties"] = 1 + r.IntN(2)
	case 4:
		if with.left {
			s["unevaluatedProperties"] = []any{false, randomSchema(r, 0, words{})}[r.IntN(2)]
		}
	}
	if with.conditions {
		randomConditions(r, s, depth)
	}
}

func randomArray(r *rand.Rand, s schemaDoc, depth int, with words) {
	if !with.conditions {
		return
	}
	if r.IntN(4) == 0 {
		s["prefixItems"] = []any{randomSchema(r, depth-1, words{}), randomSchema(r, 0, words{})}[:1+r.IntN(2)]
	}
	if r.IntN(5) == 0 {
		s["contains"] = randomSchema(r, min(depth-1, 1), words{})
		if r.IntN(2) == 0 {
			s["minContains"] = r.IntN(2)
			if s["maxItems"] == nil {
				s["minContains"] = r.IntN(3)
			}
		}
		if r.IntN(3) == 0 {
			s["maxContains"] = 2
		}
	}
	if with.left && r.IntN(8) == 0 {
		delete(s, "items")
		s["unevaluatedItems"] = randomSchema(r, 0, words{})
		s["allOf"] = []any{schemaDoc{"prefixItems": []any{randomSchema(r, 0, words{})}}}
	}
}

// randomConditions adds what depends on members.
func randomConditions(r *rand.Rand, s schemaDoc, depth int) {
	name := func() string { return []string{"x", "y", "z"}[r.IntN(3)] }
	part := func() schemaDoc {
		out := schemaDoc{}
		if r.IntN(3) > 0 {
			out["properties"] = schemaDoc{name(): randomSchema(r, min(depth-1, 1), words{})}
		}
		if r.IntN(2) == 0 {
			out["required"] = []string{name()}
		}
		return out
	}
	if r.IntN(4) == 0 {
		s["if"] = part()
		s["then"] = part()
		if r.IntN(2) == 0 {
			s["else"] = part()
		}
	}
	if r.IntN(7) == 0 {
		s["dependentSchemas"] = schemaDoc{name(): part()}
	}
	if r.IntN(7) == 0 {
		s["dependentRequired"] = schemaDoc{name(): []string{name()}}
	}
	if r.IntN(8) == 0 {
		s["propertyNames"] = []schemaDoc{{"pattern": "^[xyz]$"}, {"maxLength": 1}, {"enum": []string{"x", "y"}}}[r.IntN(3)]
	}
}

// randomValue makes a value out of the same words.
func randomValue(r *rand.Rand, depth int) any {
	n := 9
	if depth <= 0 {
		n = 6
	}
	switch r.IntN(n) {
	case 0, 1:
		return []any{"", "a", "b", "ab", "aa", "aba", "2024-01-31", "1.5"}[r.IntN(8)]
	case 2, 3:
		return []any{-1, 0, 1, 2, 3, 200}[r.IntN(6)]
	case 4:
		return []any{0.5, 2.5, -0.5}[r.IntN(3)]
	case 5:
		return []any{true, false, nil}[r.IntN(3)]
	case 6:
		list := []any{}
		for range r.IntN(3) {
			list = append(list, randomValue(r, depth-1))
		}
		return list
	default:
		m := map[string]any{}
		for _, name := range []string{"x", "y", "z", "zz"} {
			if r.IntN(2) == 0 {
				m[name] = randomValue(r, depth-1)
			}
		}
		return m
	}
}

func copyOf[T any](v T) T {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the schemas of this test are JSON
	}
	var out T
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err) // what was marshaled can be read
	}
	return out
}

func relationOf(list []difference) (r relation) {
	for _, d := range list {
		r.narrows = r.narrows || d.narrows
		r.widens = r.widens || d.widens
	}
	return r
}

// TestNothingIsMissed compares random schemas and looks for a value that was accepted and is not any
// more, or the other way round, where the comparison says that there is none.
func TestNothingIsMissed(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 7))
	rounds, narrowed := 2500, 0
	if testing.Short() {
		rounds = 800
	}
	for round := range rounds {
		request := round%2 == 0
		with := words{oneOf: request, conditions: true, left: true}
		a := randomSchema(r, 2, with)
		b := copyOf(a)
		if round%5 == 0 {
			b = randomSchema(r, 2, with)
		} else {
			disturb(r, b)
		}
		sa, sb := schemaOf(t, a), schemaOf(t, b)
		if sa == nil || sb == nil {
			continue
		}
		c := newSchemas(request)
		found := c.differences(sa, sb)
		rel := relationOf(found)
		takesA, takesB := validator(t, sa, request), validator(t, sb, request)
		for range 150 {
			v := text(randomValue(r, 2))
			before, after := takesA(v), takesB(v)
			missed := before && !after && !rel.narrows || !request && after && !before && !rel.widens
			if missed {
				t.Fatalf("round %d, request %t: %s was accepted %t and is %t\n%s\n%s\n%v", round, request, v, before, after, text(a), text(b), found)
			}
			if before && !after {
				narrowed++
			}
		}
	}
	if narrowed < rounds/10 {
		t.Errorf("only %d values were lost in %d rounds: the schemas have too little to do with each other", narrowed, rounds)
	}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// disturb changes something somewhere in a schema.
func disturb(r *rand.Rand, s schemaDoc) {
	for _, child := range shuffled(r, children(s)) {
		if r.IntN(2) == 0 {
			disturb(r, child)
			return
		}
	}
	fresh := copyOf(randomSchema(r, 1, words{conditions: true}))
	keys := slices.Sorted(func(yield func(string) bool) {
		for k := range fresh {
			if !yield(k) {
				return
			}
		}
	})
	for _, k := range keys {
		if r.IntN(2) == 0 {
			s[k] = fresh[k]
		}
	}
	for _, k := range []string{"maxLength", "required", "enum", "type", "minimum", "properties", "additionalProperties", "if", "dependentRequired", "dependentSchemas", "contains", "propertyNames", "prefixItems"} {
		if r.IntN(12) == 0 {
			delete(s, k)
		}
	}
}

func shuffled(r *rand.Rand, list []schemaDoc) []schemaDoc {
	r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list
}

// children are the schemas directly in a schema that only make it wider when they become wider.
func children(s schemaDoc) []schemaDoc {
	var out []schemaDoc
	if props, ok := s["properties"].(schemaDoc); ok {
		for _, name := range []string{"x", "y", "z"} {
			if p, ok := props[name].(schemaDoc); ok {
				out = append(out, p)
			}
		}
	}
	if items, ok := s["items"].(schemaDoc); ok {
		out = append(out, items)
	}
	for _, key := range []string{"then", "else"} {
		if m, ok := s[key].(schemaDoc); ok {
			out = append(out, m)
		}
	}
	for _, key := range []string{"anyOf", "allOf", "prefixItems"} {
		if list, ok := s[key].([]any); ok {
			for _, b := range list {
				if m, ok := b.(schemaDoc); ok {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// widen makes a schema accept more, or at least not less; it reports what it did, or "".
func widen(r *rand.Rand, s schemaDoc) string {
	if list := children(s); len(list) > 0 && r.IntN(2) == 0 {
		return widen(r, list[r.IntN(len(list))])
	}
	keys := []string{"maxLength", "minLength", "pattern", "enum", "minimum", "maximum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf", "maxItems", "minItems", "uniqueItems", "required", "maxProperties", "not", "format"}
	key := keys[r.IntN(len(keys))]
	if s[key] == nil || key == "required" && s["properties"] == nil {
		return ""
	}
	if key == "required" { // a name that only required has may be sent because of it
		props := s["properties"].(schemaDoc)
		for _, name := range s[key].([]any) {
			if props[name.(string)] == nil {
				return ""
			}
		}
	}
	up := func(by float64) { s[key] = s[key].(float64) + by }
	drop := r.IntN(3) == 0
	switch {
	case drop:
		delete(s, key)
	case key == "enum":
		s[key] = append(s[key].([]any), "a new one", 7)
	case key == "required":
		if s[key] = s[key].([]any)[1:]; len(s[key].([]any)) == 0 {
			delete(s, key)
		}
	case key == "maxLength" || key == "maxItems" || key == "maxProperties" || key == "maximum" || key == "exclusiveMaximum":
		up(1)
	case key == "minimum" || key == "exclusiveMinimum":
		up(-1)
	case key == "multipleOf":
		s[key] = s[key].(float64) / 2
	default:
		delete(s, key)
	}
	return fmt.Sprintf("%s, dropped %t", key, drop)
}

// TestWhatIsSafeIsSafe makes random schemas wider in ways that are known to lose nothing: that must never
// be taken for narrower, and its reverse never for wider.
func TestWhatIsSafeIsSafe(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	done := 0
	for done < 1500 {
		a := copyOf(randomSchema(r, 2, words{conditions: true}))
		b := copyOf(a)
		what := widen(r, b)
		if what == "" {
			continue
		}
		done++
		sa, sb := schemaOf(t, a), schemaOf(t, b)
		for _, request := range []bool{true, false} {
			if found := newSchemas(request).differences(sa, sb); relationOf(found).narrows {
				t.Fatalf("%s, request %t: taken for narrower\n%s\n%s\n%v", what, request, text(a), text(b), found)
			}
			if found := newSchemas(request).differences(sb, sa); relationOf(found).widens {
				t.Fatalf("%s reversed, request %t: taken for wider\n%s\n%s\n%v", what, request, text(b), text(a), found)
			}
		}
	}
}

// TestEqualSchemasHaveNoDifference compares schemas with themselves, read twice and written in another way.
func TestEqualSchemasHaveNoDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for range 800 {
		a := randomSchema(r, 2, words{oneOf: true, conditions: true, left: true})
		b := schemaDoc{"allOf": []any{a}}
		for _, request := range []bool{true, false} {
			if found := newSchemas(request).differences(schemaOf(t, a), schemaOf(t, copyOf(a))); len(found) > 0 {
				t.Fatalf("request %t\n%s\n%v", request, text(a), found)
			}
			if found := newSchemas(request).differences(schemaOf(t, a), schemaOf(t, b)); len(found) > 0 {
				t.Fatalf("allOf, request %t\n%s\n%v", request, text(a), found)
			}
		}
	}
}
