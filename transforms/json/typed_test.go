// SPDX-License-Identifier: Apache-2.0

package json

import (
	stdjson "encoding/json"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// drawTyped draws a schema as contracts have them: every value has a type, and alternatives are
// of one kind. drawFor then draws documents that mostly fit.
func drawTyped(t *rapid.T, depth int, kind string) map[string]any {
	if kind == "" {
		kinds := []string{"string", "number", "array", "object", "object"}
		kind = rapid.SampledFrom(kinds[:2+3*boolInt(depth > 0)]).Draw(t, "kind")
	}
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "composed") == 0 {
		op := rapid.SampledFrom([]string{"allOf", "anyOf", "oneOf", "oneOf"}).Draw(t, "composition")
		return map[string]any{op: []any{drawTyped(t, depth-1, kind), drawTyped(t, depth-1, kind)}}
	}
	m := map[string]any{"type": kind}
	bound := func(key string, lo, hi int) {
		if rapid.Bool().Draw(t, key) {
			m[key] = jsonNumber(rapid.IntRange(lo, hi).Draw(t, key))
		}
	}
	switch kind {
	case "string":
		bound("minLength", 0, 1)
		bound("maxLength", 1, 3)
	case "number":
		bound("minimum", -10, 0)
		bound("maximum", 1, 20)
		if rapid.Bool().Draw(t, "whole") {
			m["multipleOf"] = stdjson.Number(rapid.SampledFrom([]string{"1", "0.1"}).Draw(t, "step"))
		}
	case "array":
		bound("minItems", 0, 1)
		bound("maxItems", 1, 3)
		m["items"] = drawTyped(t, depth-1, "")
		if rapid.IntRange(0, 3).Draw(t, "tuple") == 0 {
			m["prefixItems"] = []any{drawTyped(t, depth-1, ""), drawTyped(t, depth-1, "")}
			if rapid.Bool().Draw(t, "only the tuple") {
				m["items"] = false
			}
		}
	case "object":
		props := map[string]any{}
		required := []any{}
		for _, name := range []string{"a", "b"} {
			if rapid.IntRange(0, 3).Draw(t, name) > 0 {
				props[name] = drawTyped(t, depth-1, "")
				if rapid.Bool().Draw(t, "required") {
					required = append(required, name)
				}
			}
		}
		m["properties"], m["required"] = props, required
		if rapid.IntRange(0, 5).Draw(t, "closed") == 0 {
			m["additionalProperties"] = false
		}
		drawConditions(t, m)
	}
	return m
}

// drawConditions adds what depends on the members of an object. It asks for plain members: inside a member that
// several schemas describe, what any of them names is known, whether it applies or not.
func drawConditions(t *rapid.T, m map[string]any) {
	one := func(what string) bool { return rapid.IntRange(0, 5).Draw(t, what) == 0 }
	name := func() string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "depends") }
	if one("condition") {
		m["if"] = map[string]any{"required": []any{name()}, "properties": map[string]any{name(): drawTyped(t, 0, "")}}
		m["then"] = drawTyped(t, 0, "object")
		if rapid.Bool().Draw(t, "otherwise") {
			m["else"] = drawTyped(t, 0, "object")
		}
	}
	if one("dependent schemas") {
		m["dependentSchemas"] = map[string]any{name(): drawTyped(t, 0, "object")}
	}
	if one("dependent members") {
		m["dependentRequired"] = map[string]any{name(): []any{name()}}
	}
	if one("nothing left over") {
		m["unevaluatedProperties"] = false
	}
}

func jsonNumber(n int) stdjson.Number {
	b, _ := stdjson.Marshal(n)
	return stdjson.Number(b)
}

func drawFor(t *rapid.T, m map[string]any) any {
	for _, op := range []string{"allOf", "anyOf", "oneOf"} {
		if list, ok := m[op].([]any); ok {
			v := drawFor(t, rapid.SampledFrom(list).Draw(t, "alternative").(map[string]any))
			if obj, ok := v.(map[string]any); ok && op == "allOf" {
				for _, sub := range list {
					if more, ok := drawFor(t, sub.(map[string]any)).(map[string]any); ok {
						maps.Copy(obj, more)
					}
				}
			}
			return v
		}
	}
	switch m["type"] {
	case "string":
		return strings.Repeat("x", rapid.IntRange(0, 3).Draw(t, "length"))
	case "number":
		return stdjson.Number(rapid.SampledFrom([]string{"0", "1", "-2", "15", "0.5", "3.14", "100"}).Draw(t, "value"))
	case "array":
		list := []any{}
		prefix, _ := m["prefixItems"].([]any)
		items, others := m["items"].(map[string]any)
		for i := range rapid.IntRange(0, 3).Draw(t, "items") {
			switch {
			case i < len(prefix):
				list = append(list, drawFor(t, prefix[i].(map[string]any)))
			case others:
				list = append(list, drawFor(t, items))
			}
		}
		return list
	}
	obj := map[string]any{}
	props := m["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(props)) {
		if rapid.IntRange(0, 2).Draw(t, "present") > 0 {
			obj[name] = drawFor(t, props[name].(map[string]any))
		}
	}
	for _, key := range []string{"then", "else"} {
		if sub, ok := m[key].(map[string]any); ok && rapid.Bool().Draw(t, key) {
			if more, ok := drawFor(t, sub).(map[string]any); ok {
				maps.Copy(obj, more)
			}
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "extra") == 0 {
		obj[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")] = drawValue(t, 1)
	}
	return obj
}
