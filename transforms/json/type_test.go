// SPDX-License-Identifier: Apache-2.0

package json

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/transforms"
)

// sketch prints a type in one line, members down to the given depth.
func sketch(t *transforms.Type, depth int) string {
	var b strings.Builder
	if t.Name != "" {
		b.WriteString(t.Name)
		if t.Optional {
			b.WriteByte('?')
		}
		b.WriteByte(':')
	}
	b.WriteString(strings.ReplaceAll(t.Shape.String(), "any value", "any"))
	switch t.Shape {
	case transforms.NumberShape:
		fmt.Fprintf(&b, "(%d,%d", t.Digits, t.Scale)
		if t.Signed {
			b.WriteString(",signed")
		}
		if t.Integer {
			b.WriteString(",integer")
		}
		b.WriteByte(')')
	case transforms.StringShape:
		fmt.Fprintf(&b, "(%d..%d)", t.MinLength, t.MaxLength)
	case transforms.ArrayShape:
		fmt.Fprintf(&b, "(%d..%d)", t.MinItems, t.MaxItems)
	}
	if t.Format != "" {
		b.WriteString(" " + t.Format)
	}
	if t.Enum != nil {
		fmt.Fprintf(&b, " %v", t.Enum)
	}
	if t.Nullable && t.Shape != transforms.AnyShape {
		b.WriteString(" null")
	}
	if depth > 0 && t.Items != nil {
		b.WriteString(" of " + sketch(t.Items, depth-1))
	}
	if depth > 0 && t.Members != nil {
		var parts []string
		for _, m := range t.Members {
			parts = append(parts, sketch(m, depth-1))
		}
		if t.Open {
			parts = append(parts, "...")
		}
		b.WriteString("{" + strings.Join(parts, " ") + "}")
	}
	return b.String()
}

func TestTypeOf(t *testing.T) {
	for _, c := range []struct{ name, schema, want string }{
		{"any", `{}`, `any`},
		{"string", `{"type":"string","minLength":1,"maxLength":5}`, `string(1..5)`},
		{"date", `{"type":"string","format":"date"}`, `string(0..-1) date`},
		{"nullable", `{"type":["string","null"]}`, `string(0..-1) null`},
		{"number", `{"type":"number"}`, `number(-1,-1,signed)`},
		{"money", `{"type":"number","minimum":0,"maximum":99999.99,"multipleOf":0.01}`, `number(7,2)`},
		{"integer", `{"type":"integer","minimum":-5,"maximum":1000}`, `number(4,0,signed,integer)`},
		{"below a power of ten", `{"type":"integer","minimum":0,"exclusiveMaximum":1000}`, `number(3,0,integer)`},
		{"int32", `{"type":"integer","format":"int32"}`, `number(10,0,signed,integer) int32`},
		{"int64", `{"type":"integer","format":"int64","minimum":0}`, `number(19,0,integer) int64`},
		{"number enum", `{"type":"number","enum":[1.5,20]}`, `number(3,1) [1.5 20]`},
		{"enum without a type", `{"enum":["a","b"]}`, `string(0..-1) ["a" "b"]`},
		{"boolean", `{"type":"boolean"}`, `boolean`},
		{"array", `{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":3}`, `array(1..3) of boolean`},
		{
			"object", `{"type":"object","required":["a"],"properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},"additionalProperties":false}`,
			`object{a:boolean b?:boolean}`,
		},
		{"object without a type", `{"properties":{"a":{"type":"boolean"}}}`, `object{a?:boolean ...}`},
		{
			"allOf", `{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"a":{"maxLength":3},"b":{"type":"boolean"}}}]}`,
			`object{a:string(0..3) b?:boolean ...}`,
		},
		{"nullable by anyOf", `{"anyOf":[{"type":"string","maxLength":3},{"type":"null"}]}`, `string(0..3) null`},
		{"null first", `{"oneOf":[{"type":"null"},{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"]}]}`, `object null{a:boolean ...}`},
		{"oneOf strings", `{"oneOf":[{"type":"string","maxLength":3},{"type":"string","minLength":2,"maxLength":9}]}`, `string(0..9)`},
		{"oneOf constants", `{"oneOf":[{"const":"a"},{"const":"b"}]}`, `string(0..-1) ["a" "b"]`},
		{
			"oneOf objects", `{"oneOf":[{"type":"object","properties":{"k":{"type":"string"},"a":{"type":"boolean"}},"required":["k","a"]},
			{"type":"object","properties":{"k":{"type":"string"},"a":{"type":"string"},"b":{"type":"string"}},"required":["k","b"]}]}`,
			`object{a?:any k:string(0..-1) b?:string(0..-1) ...}`,
		},
		{"mixed", `{"type":["string","number"]}`, `any`},
		{"oneOf mixed", `{"oneOf":[{"type":"string"},{"type":"number"}]}`, `any`},
		{
			"recursive", `{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#/$defs/N"}},"next":{"$ref":"#/$defs/N"}}}}}`,
			`object{kids?:array(0..-1) of object next?:object{kids?:array(0..-1) next?:object ...} ...}`,
		},
		{"never", `false`, `any`},
		{"condition", card, `object{kind?:string(0..-1) no?:string(0..-1) iban?:string(0..-1) ...}`},
		{
			"condition that only narrows", `{"type":"object","properties":{"a":{"type":"string","maxLength":9}},"required":["a"],"if":{"properties":{"a":{"const":"x"}}},"then":{"properties":{"b":{"type":"number"}}}}`,
			`object{a:string(0..9) b?:number(-1,-1,signed) ...}`,
		},
		{"condition of texts", `{"type":"string","if":{"maxLength":3},"then":{"maxLength":2},"else":{"maxLength":8}}`, `string(0..8)`},
		{"dependent schema", `{"type":"object","properties":{"a":{"type":"string"}},"dependentSchemas":{"a":{"properties":{"b":{"type":"boolean"}},"required":["b"]}}}`, `object{a?:string(0..-1) b?:boolean ...}`},
		{"needed beside what is there", `{"type":"object","properties":{"a":{},"b":{},"c":{}},"required":["a"],"dependentRequired":{"b":["c"],"a":["b"]}}`, `object{a:any b:any c:any ...}`},
		{"tuple", `{"type":"array","prefixItems":[{"type":"string","maxLength":2},{"type":"string","maxLength":5}],"items":false}`, `array(0..2) of string(0..5)`},
		{"tuple with a tail", `{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"number"}}`, `array(0..-1) of any`},
		{"tuple of one kind", `{"type":"array","prefixItems":[{"type":"boolean"}],"items":{"type":"boolean"},"maxItems":4}`, `array(0..4) of boolean`},
		{"tuple that goes on", `{"type":"array","prefixItems":[{"type":"boolean"}]}`, `array(0..-1) of any`},
		{"nothing left over", `{"type":"object","allOf":[{"properties":{"a":{"type":"boolean"}}}],"unevaluatedProperties":false}`, `object{a?:boolean}`},
		{"patterns left over", `{"type":"object","allOf":[{"properties":{"a":{"type":"boolean"}},"patternProperties":{"^b":{}}}],"unevaluatedProperties":false}`, `object{a?:boolean ...}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, sketch(TypeOf(schemaOf(t, c.schema)), 2)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTypeOfNil(t *testing.T) {
	if got := TypeOf(nil); got.Shape != transforms.AnyShape || !got.Nullable {
		t.Errorf("%+v", got)
	}
}

func TestTypeIsCyclic(t *testing.T) {
	typ := TypeOf(schemaOf(t, `{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}`))
	for range 100 {
		typ = typ.Member("next")
		if typ == nil || typ.Name != "next" || !typ.Optional || typ.Shape != transforms.ObjectShape {
			t.Fatalf("%+v", typ)
		}
	}
}

// TestTypeComesToAnEnd builds types whose members merge over and over.
func TestTypeComesToAnEnd(t *testing.T) {
	for _, op := range []string{"allOf", "anyOf", "oneOf"} {
		schema := fmt.Sprintf(`{"%s":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}],"$defs":{
			"A":{"type":"object","properties":{"c":{"$ref":"#/$defs/B"},"d":{"%[1]s":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}]}}},
			"B":{"type":"object","properties":{"c":{"$ref":"#/$defs/A"},"d":{"$ref":"#/$defs/A"}}}}}`, op)
		typ := TypeOf(schemaOf(t, schema))
		for range 20 {
			if typ = typ.Member("c"); typ == nil {
				break
			}
		}
	}
}

// TestTypeOfBounds reads patterns and the exact bounds of numbers.
func TestTypeOfBounds(t *testing.T) {
	for _, c := range []struct{ schema, minimum, maximum, patterns string }{
		{`{"type":"number","minimum":0,"maximum":999.99}`, "0", "999.99", ""},
		{`{"type":"number","exclusiveMinimum":-0.05,"exclusiveMaximum":1e4}`, "-0.05", "10000", ""},
		{`{"type":"integer","format":"int32"}`, "-2147483648", "2147483647", ""},
		{`{"type":"integer","format":"int32","maximum":50}`, "-2147483648", "50", ""},
		{`{"allOf":[{"type":"number","maximum":10},{"maximum":5,"minimum":1}]}`, "1", "5", ""},
		{`{"anyOf":[{"type":"number","maximum":10,"minimum":2},{"type":"number","maximum":50}]}`, "", "50", ""},
		{`{"type":"string","pattern":"^a$"}`, "", "", "^a$"},
		{`{"allOf":[{"type":"string","pattern":"^a"},{"pattern":"b$"}]}`, "", "", "^a b$"},
		{`{"anyOf":[{"type":"string","pattern":"^a"},{"type":"string","pattern":"b$"}]}`, "", "", ""},
		{`{"anyOf":[{"type":"string","pattern":"^a"},{"type":"null"}]}`, "", "", "^a"},
	} {
		typ := TypeOf(schemaOf(t, c.schema))
		if got := strings.Join(typ.Patterns, " "); typ.Minimum != c.minimum || typ.Maximum != c.maximum || got != c.patterns {
			t.Errorf("%s: %s to %s, patterns %q", c.schema, typ.Minimum, typ.Maximum, got)
		}
	}
}
