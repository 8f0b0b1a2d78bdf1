// SPDX-License-Identifier: Apache-2.0

package json

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keywordCase is one document against one schema; keyword is the row of the reference it proves.
type keywordCase struct {
	keyword, schema, doc string
	want                 []string
	o                    Options
}

const pets = `{"oneOf":[{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"}],
		"discriminator":{"propertyName":"kind","mapping":{"cat":"#/$defs/Cat","dog":"#/$defs/Dog"}},
		"$defs":{"Cat":{"type":"object","properties":{"kind":{"type":"string"},"lives":{"type":"integer"}},"required":["kind","lives"]},
		"Dog":{"type":"object","properties":{"kind":{"type":"string"},"name":{"type":"string"}},"required":["kind"]}}}`

// card asks for other members with one kind than with the others.
const card = `{"properties":{"kind":{"type":"string"}},"if":{"properties":{"kind":{"const":"card"}},"required":["kind"]},
	"then":{"properties":{"no":{"type":"string"}},"required":["no"]},"else":{"properties":{"iban":{"type":"string"}},"required":["iban"]}}`

const billing = `{"properties":{"a":{"type":"string"},"b":{}},"dependentSchemas":{"b":{"properties":{"a":{"minLength":3},"c":{}}}}}`

// sealed knows b with one kind only.
const sealed = `{"allOf":[{"$ref":"#/$defs/Base"}],"if":{"properties":{"k":{"const":"x"}},"required":["k"]},"then":{"properties":{"b":true}},
	"patternProperties":{"^x-":{"type":"string"}},"unevaluatedProperties":false,"$defs":{"Base":{"properties":{"a":true,"k":true}}}}`

func keywordCases() []keywordCase {
	yes := func(keyword, schema string, docs ...string) (out []keywordCase) {
		for _, d := range docs {
			out = append(out, keywordCase{keyword: keyword, schema: schema, doc: d})
		}
		return out
	}
	no := func(keyword, schema, issue string, docs ...string) (out []keywordCase) {
		for _, d := range docs {
			out = append(out, keywordCase{keyword: keyword, schema: schema, doc: d, want: strings.Split(issue, "; ")})
		}
		return out
	}
	var all []keywordCase
	add := func(lists ...[]keywordCase) {
		for _, l := range lists {
			all = append(all, l...)
		}
	}
	add(
		yes("type", `{"type":"integer"}`, `1`, `-0`, `1.0`, `1e2`, `15e-0`, `0e99999999999999999999`),
		no("type", `{"type":"integer"}`, "type", `1.5`, `"1"`, `null`, `1e-1`, `true`, `[]`, `{}`),
		yes("type", `{"type":["string","null"]}`, `null`, `"x"`),
		no("type", `{"type":["string","null"]}`, "type", `0`, `false`),
		yes("type", `{"type":"boolean"}`, `true`, `false`),
		yes("type", `{"type":["integer","number"]}`, `1.5`),
		yes("enum", `{"enum":["a\u00e9",1.0,null,{"a":[1,2]}]}`, `"aé"`, `"\u0061\u00e9"`, `1`, `10e-1`, `null`, `{"a":[1.0,2]}`),
		no("enum", `{"enum":["a\u00e9",1.0,null,{"a":[1,2]}]}`, "enum", `"a"`, `2`, `true`, `{"a":[2,1]}`, `[]`),
		yes("const", `{"const":12345678901234567890}`, `12345678901234567890`, `12345678901234567890.0`),
		no("const", `{"const":12345678901234567890}`, "const", `12345678901234567891`, `"12345678901234567890"`),
		yes("minimum", `{"minimum":-0.5}`, `-0.5`, `-5e-1`, `0`, `1e999999999`, `"x"`),
		no("minimum", `{"minimum":-0.5}`, "minimum", `-0.50000000000000000001`, `-1e999999999`),
		yes("maximum", `{"maximum":9007199254740992}`, `9007199254740992`, `9007199254740992.000`),
		no("maximum", `{"maximum":9007199254740992}`, "maximum", `9007199254740993`, `9007199254740992.0000001`),
		yes("exclusiveMinimum", `{"exclusiveMinimum":0}`, `0.1e-400`),
		no("exclusiveMinimum", `{"exclusiveMinimum":0}`, "exclusiveMinimum", `0`, `-0`, `0.0e5`, `-1`),
		yes("exclusiveMaximum", `{"exclusiveMaximum":1}`, `0.99999999999999999999`),
		no("exclusiveMaximum", `{"exclusiveMaximum":1}`, "exclusiveMaximum", `1`, `1.0`, `10e-1`),
		yes("multipleOf", `{"multipleOf":0.01}`, `0.07`, `1e3`, `19.99`, `0`, `-0.01`, `123456789012345678901234567890.01`, `1e999999`),
		no("multipleOf", `{"multipleOf":0.01}`, "multipleOf", `0.001`, `19.999`, `1e-999999`),
		yes("multipleOf", `{"multipleOf":7}`, `7e300`, `14.0`, `999999999999999999999999`),
		no("multipleOf", `{"multipleOf":7}`, "multipleOf", `1e300`, `8`),
		yes("minLength", `{"minLength":2}`, `"ab"`, `"é\ud83d\ude00"`, `5`),
		no("minLength", `{"minLength":2}`, "minLength", `"a"`, `"\ud83d\ude00"`, `"😀"`, `""`),
		yes("maxLength", `{"maxLength":2}`, `"ab"`, `"\ud83d\ude00é"`, `"\u0061\u0062"`),
		no("maxLength", `{"maxLength":2}`, "maxLength", `"abc"`, `"\u0061\u0062\u0063"`),
		yes("pattern", `{"pattern":"^[A-Z]{2}[0-9]{2,4}$"}`, `"DE123"`, `"DE12"`, `"\u0044E1234"`),
		no("pattern", `{"pattern":"^[A-Z]{2}[0-9]{2,4}$"}`, "pattern", `"DE1"`, `"de12"`, `"DE12345"`, `"DE12\n"`, `"ÄE12"`),
		yes("pattern", `{"pattern":"b+"}`, `"abc"`),
		yes("format", `{"format":"date"}`, `"2024-02-29"`),
		no("format", `{"format":"date"}`, "format", `"2023-02-29"`, `"2024-13-01"`, `"24-01-01"`, `"2024-01-01T"`),
		yes("format", `{"format":"no-such-format"}`, `"x"`),
		yes("format", `{"format":"int32"}`, `2147483647`, `-2147483648`, `1.0`),
		no("format", `{"format":"int32"}`, "format", `2147483648`, `1.5`),
		yes("items", `{"items":{"type":"number"}}`, `[]`, `[1,2]`, `{}`),
		no("items", `{"items":{"type":"number"}}`, "/1 type; /2 type", `[1,"2",null]`),
		yes("minItems", `{"minItems":2}`, `[1,2]`),
		no("minItems", `{"minItems":2}`, "minItems", `[1]`, `[]`),
		yes("maxItems", `{"maxItems":2}`, `[1,2]`),
		no("maxItems", `{"maxItems":2}`, "maxItems", `[1,2,3]`),
		yes("uniqueItems", `{"uniqueItems":true}`, `[1,2,"1",[1],{"a":1},{"a":2},true,null]`, `[]`),
		no("uniqueItems", `{"uniqueItems":true}`, "uniqueItems", `[1,1.0]`, `[{"a":1,"b":[2]},{"b":[2.0],"a":1}]`, `["a","\u0061"]`, `[0,-0]`),
		yes("properties", `{"properties":{"a":{"type":"string"}}}`, `{"a":"x"}`, `{}`, `{"\u0061":"x"}`, `3`),
		no("properties", `{"properties":{"a":{"type":"string"}}}`, "/a type", `{"a":1}`, `{"\u0061":1}`),
		no("properties", `{"properties":{"a/b~":false}}`, "/a~1b~0 false", `{"a/b~":1}`),
		no("required", `{"required":["a","b"],"properties":{"a":true}}`, "/b required", `{"a":1}`),
		no("required", `{"required":["a","b"]}`, "/a required; /b required", `{"c":{}}`, `{}`),
		no("additionalProperties", `{"properties":{"a":true},"additionalProperties":false}`, "/b unknown", `{"a":1,"b":1}`),
		yes("additionalProperties", `{"properties":{"a":true},"additionalProperties":{"type":"number"}}`, `{"a":"x","b":1}`),
		no("additionalProperties", `{"properties":{"a":true},"additionalProperties":{"type":"number"}}`, "/b type", `{"b":"x"}`),
		yes("patternProperties", `{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}`, `{"x-a":"1"}`),
		no("patternProperties", `{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}`, "/x-a type; /y unknown", `{"x-a":1,"y":2}`),
		no("minProperties", `{"minProperties":2}`, "minProperties", `{"a":1}`),
		yes("minProperties", `{"minProperties":2}`, `{"a":1,"b":2}`),
		no("maxProperties", `{"maxProperties":1}`, "maxProperties", `{"a":1,"b":2}`),
		yes("maxProperties", `{"maxProperties":1}`, `{"a":1}`, `{}`),
		yes("allOf", `{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":true},"required":["b"]}]}`, `{"a":"x","b":1}`),
		no("allOf", `{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":true},"required":["b"]}]}`, "/c unknown; /a type; /b required", `{"a":1,"c":1}`),
		yes("anyOf", `{"anyOf":[{"type":"string"},{"minimum":3}]}`, `"x"`, `4`),
		no("anyOf", `{"anyOf":[{"type":"string","maxLength":1},{"type":"number","minimum":3}]}`, "minimum", `2`),
		no("anyOf", `{"anyOf":[{"minimum":5},{"minimum":3}]}`, "anyOf", `2`),
		yes("oneOf", `{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}`, `4`, `9`),
		no("oneOf", `{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}`, "oneOf", `6`, `5`),
		yes("not", `{"not":{"type":"string"}}`, `1`),
		no("not", `{"not":{"type":"string"}}`, "not", `"x"`),
	)
	add(
		yes("if", card, `{"kind":"card","no":"1"}`, `{"kind":"iban","iban":"x"}`, `{"iban":"x"}`, `3`),
		no("then", card, "/no required", `{"kind":"card"}`),
		no("then", card, "/no type", `{"kind":"card","no":1}`, `{"\u006bind":"c\u0061rd","no":1.5}`),
		no("then", card, "/iban unknown", `{"kind":"card","no":"1","iban":"x"}`),
		no("else", card, "/iban required", `{"kind":"iban"}`, `{}`),
		no("else", card, "/no unknown", `{"iban":"x","no":"1"}`),
		yes("if", `{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":0.01}}`, `20`, `9.99`),
		no("if", `{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":0.01}}`, "multipleOf", `10.000000000000000000001`, `9.999`),
		yes("dependentRequired", `{"properties":{"a":{},"b":{},"c":{}},"dependentRequired":{"a":["b","c"]}}`, `{}`, `{"b":1}`, `{"c":1,"a":1,"b":1}`, `[]`),
		no("dependentRequired", `{"properties":{"a":{},"b":{},"c":{}},"dependentRequired":{"a":["b","c"]}}`, "/b dependentRequired", `{"a":null,"c":1}`, `{"c":1,"\u0061":1}`),
		yes("dependentRequired", `{"properties":{"a":{},"b":{"readOnly":true}},"dependentRequired":{"a":["b"]}}`, `{"a":1}`),
		yes("dependentSchemas", billing, `{"a":"x"}`, `{"a":"xyz","b":1}`, `{"b":1,"a":"xyz","c":2}`, `7`),
		no("dependentSchemas", billing, "/a minLength", `{"a":"x","b":1}`, `{"\u0062":1,"a":"x"}`),
		no("dependentSchemas", billing, "/c unknown", `{"a":"x","c":1}`),
		yes("propertyNames", `{"propertyNames":{"pattern":"^[a-z]+$","maxLength":3}}`, `{}`, `{"abc":1,"\u0061":{"LONG":1}}`, `"LONG"`),
		no("propertyNames", `{"propertyNames":{"pattern":"^[a-z]+$","maxLength":3}}`, "/abcd propertyNames", `{"abc":1,"abcd":1}`),
		no("propertyNames", `{"propertyNames":{"enum":["a","b"]},"additionalProperties":{"type":"number"}}`, "/A~1 propertyNames; /b type", `{"A/":1,"b":"x","a":2}`),
		no("propertyNames", `{"propertyNames":false}`, "/ propertyNames", `{"":1}`),
		yes("prefixItems", `{"prefixItems":[{"type":"string"},{"type":"number"}],"items":{"type":"boolean"}}`, `[]`, `["a"]`, `["a",1,true,false]`, `{}`),
		no("prefixItems", `{"prefixItems":[{"type":"string"},{"type":"number"}],"items":{"type":"boolean"}}`, "/0 type; /2 type", `[1,1,1]`),
		no("prefixItems", `{"prefixItems":[{"properties":{"x":{}}},{"properties":{"y":{}}}]}`, "/0/y unknown; /1/x unknown", `[{"y":1},{"x":1},{"x":1,"y":1}]`),
		no("prefixItems", `{"prefixItems":[true],"items":false}`, "/1 false", `[1,2]`),
		yes("contains", `{"contains":{"minimum":5}}`, `[1,5]`, `["x"]`, `[1,6,"x",7]`, `{}`),
		no("contains", `{"contains":{"minimum":5}}`, "contains", `[1,4.9]`, `[]`),
		yes("minContains", `{"contains":{"const":1},"minContains":2}`, `[1,0,1.0]`, `[1,1,1]`),
		no("minContains", `{"contains":{"const":1},"minContains":2}`, "minContains", `[1]`, `[]`, `[1,2]`),
		yes("minContains", `{"contains":{"const":1},"minContains":0}`, `[]`, `[2]`),
		yes("maxContains", `{"contains":{"const":1},"maxContains":1}`, `[1,2,3]`),
		no("maxContains", `{"contains":{"const":1},"maxContains":1}`, "maxContains", `[1,1]`, `[1,2,10e-1]`),
		no("maxContains", `{"contains":{"const":1},"maxContains":1}`, "contains", `[2]`),
		yes("unevaluatedProperties", sealed, `{"a":1}`, `{"a":1,"k":"x","b":2}`, `{"a":1,"x-1":"s"}`, `[]`),
		no("unevaluatedProperties", sealed, "/b unknown", `{"a":1,"b":2}`, `{"a":1,"k":"y","b":2}`),
		no("unevaluatedProperties", sealed, "/c unknown", `{"a":1,"c":{"d":1}}`),
		yes("unevaluatedProperties", `{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":{"type":"number"}}`, `{"a":"x","b":1}`),
		no("unevaluatedProperties", `{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":{"type":"number"}}`, "/b type", `{"a":"x","b":"1"}`),
		yes("unevaluatedItems", `{"allOf":[{"prefixItems":[true]}],"contains":{"type":"string"},"unevaluatedItems":{"type":"number"}}`, `[null,"x",1]`, `["x"]`),
		no("unevaluatedItems", `{"allOf":[{"prefixItems":[true]}],"contains":{"type":"string"},"unevaluatedItems":{"type":"number"}}`, "/2 type", `[null,"x",true]`),
		no("unevaluatedItems", `{"anyOf":[{"prefixItems":[true,{"const":1}]},{"prefixItems":[true]}],"unevaluatedItems":false}`, "/1 unevaluatedItems", `[1,2]`),
		yes("unevaluatedItems", `{"anyOf":[{"prefixItems":[true,{"const":1}]},{"prefixItems":[true]}],"unevaluatedItems":false}`, `[1,1]`, `[1]`),
	)
	add(
		yes("discriminator", pets, `{"kind":"cat","lives":9}`, `{"kind":"dog","name":"x"}`, `{"\u006bind":"d\u006fg"}`),
		no("discriminator", pets, "/kind discriminator", `{"kind":"cow"}`, `{"lives":1}`, `{"kind":1}`),
		no("discriminator", pets, "/lives required", `{"kind":"cat"}`),
		no("discriminator", pets, "oneOf", `"cat"`),
		no("readOnly", `{"properties":{"id":{"readOnly":true},"a":{}},"required":["id"]}`, "/id readOnly", `{"id":1,"a":2}`),
		yes("readOnly", `{"properties":{"id":{"readOnly":true},"a":{}},"required":["id"]}`, `{"a":2}`),
		[]keywordCase{
			{
				keyword: "readOnly", schema: `{"properties":{"id":{"readOnly":true}},"required":["id"]}`, doc: `{}`,
				want: []string{"/id required"}, o: Options{Direction: Response},
			},
			{
				keyword: "writeOnly", schema: `{"properties":{"pin":{"writeOnly":true}},"required":["pin"]}`, doc: `{"pin":1}`,
				want: []string{"/pin writeOnly"}, o: Options{Direction: Response},
			},
			{keyword: "writeOnly", schema: `{"properties":{"pin":{"writeOnly":true}},"required":["pin"]}`, doc: `{}`, o: Options{Direction: Response}},
			{keyword: "writeOnly", schema: `{"properties":{"pin":{"writeOnly":true}},"required":["pin"]}`, doc: `{"pin":1}`},
			{keyword: "properties", schema: `{"properties":{"a":{}}}`, doc: `{"b":1}`, want: []string{"/b unknown"}},
			{keyword: "properties", schema: `{"properties":{"a":{}}}`, doc: `{"b":1}`, o: Options{AllowUnknown: true}},
			{keyword: "properties", schema: `{"properties":{"a":{}}}`, doc: `{"b":1}`, o: Options{Direction: Response}},
			{keyword: "properties", schema: `{"type":"object"}`, doc: `{"b":1}`},
		},
	)
	return all
}

func TestKeywords(t *testing.T) {
	for _, c := range keywordCases() {
		t.Run(c.keyword, func(t *testing.T) {
			got := check(t, newType(t, c.schema, c.o), c.doc)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s against %s (-want +got):\n%s", c.doc, c.schema, diff)
			}
		})
	}
}

// TestReferenceTable proves that the reference lists the keywords that have cases, and no others.
func TestReferenceTable(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/json-schema.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = true
	}
	proven := map[string]bool{}
	for _, c := range keywordCases() {
		proven[c.keyword] = true
	}
	if diff := cmp.Diff(proven, listed); diff != "" {
		t.Errorf("keywords with cases against keywords in the reference (-cases +reference):\n%s", diff)
	}
}
