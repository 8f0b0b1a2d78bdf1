// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestConditions compares schemas that depend on members, on places in arrays, or on what is left over.
func TestConditions(t *testing.T) {
	const kinds = `"type":"object","required":["kind"],"properties":{"kind":{"enum":["card","iban"]}}`
	const card = kinds + `,"if":{"properties":{"kind":{"const":"card"}}}`
	many := func(last string) string {
		var parts []string
		for i := range 7 {
			parts = append(parts, fmt.Sprintf(`{"if":{"required":["a%d"]},"then":{"required":["b%d"]}}`, i, i))
		}
		return `{"properties":{"a":{}` + last + `},"allOf":[` + strings.Join(parts, ",") + `]}`
	}
	for _, c := range []struct{ name, old, now, want string }{
		{"the same in another order", `{` + card + `,"then":{"required":["no"]}}`, `{"then":{"required":["no"]},` + card + `}`, ""},
		{"a condition is new", `{` + kinds + `}`, `{` + card + `,"then":{"required":["no"]}}`, "narrows condition-added; widens condition-added"},
		{"a condition is gone", `{` + card + `,"then":{"required":["kind"]}}`, `{` + kinds + `}`, "widens condition-removed"},
		{
			"then asks for less", `{` + card + `,"then":{"properties":{"no":{"maxLength":3}},"required":["no"]}}`, `{` + card + `,"then":{"properties":{"no":{"maxLength":4}}}}`,
			"widens /no property-optional; widens /no max-length-changed",
		},
		{
			"else asks for more", `{` + card + `,"else":{"properties":{"iban":{"maxLength":30}}}}`, `{` + card + `,"else":{"properties":{"iban":{"maxLength":20}}}}`,
			"narrows /iban max-length-changed",
		},
		{
			"the condition holds more often", `{` + card + `,"then":{"properties":{"no":{}},"required":["no"]}}`, `{` + kinds + `,"if":{"required":["kind"]},"then":{"properties":{"no":{}},"required":["no"]}}`,
			"narrows not-changed; widens /kind enum-value-added; widens not-changed",
		},
		{"asked for beside another", `{"properties":{"a":{},"b":{}}}`, `{"properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, "narrows /b property-required-beside"},
		{"asked for beside itself", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"dependentRequired":{"a":["a"]}}`, ""},
		{"asked for anyway", `{"properties":{"a":{},"b":{}},"required":["b"]}`, `{"properties":{"a":{},"b":{}},"required":["b"],"dependentRequired":{"a":["b"]}}`, ""},
		{"asked for in all cases now", `{"properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, `{"properties":{"a":{},"b":{}},"required":["b"]}`, "narrows /b property-required"},
		{"not asked for beside another", `{"properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, `{"properties":{"a":{},"b":{}}}`, "widens /b property-optional-beside"},
		{
			"a schema depends on a member", `{"type":"object","properties":{"a":{},"b":{}}}`, `{"type":"object","properties":{"a":{},"b":{}},"dependentSchemas":{"a":{"required":["b"]}}}`, "narrows condition-added",
		},
		{
			"the schema that depends is wider", `{"properties":{"a":{},"b":{}},"dependentSchemas":{"a":{"properties":{"b":{"maximum":3}}}}}`, `{"properties":{"a":{},"b":{}},"dependentSchemas":{"a":{"properties":{"b":{"maximum":4}}}}}`,
			"widens /b maximum-changed",
		},
		{"names", `{"propertyNames":{"maxLength":3}}`, `{"propertyNames":{"maxLength":2}}`, "narrows property-names-changed"},
		{"names as they were", `{"propertyNames":{"maxLength":3}}`, `{"propertyNames":{"type":"string","maxLength":3}}`, ""},
		{"a tuple", `{"type":"array","prefixItems":[{"maximum":1},{"maximum":2}],"items":false}`, `{"type":"array","prefixItems":[{"maximum":1},{"maximum":3}],"items":false}`, "widens /1 maximum-changed"},
		{"a longer tuple", `{"type":"array","prefixItems":[{"maximum":1}],"items":false}`, `{"type":"array","prefixItems":[{"maximum":1},{"maximum":3}],"items":false}`, "widens /1 allowed"},
		{"a tuple that is too long", `{"type":"array","prefixItems":[{"maximum":1}],"maxItems":1}`, `{"type":"array","prefixItems":[{"maximum":1},{"maximum":3}],"maxItems":1}`, ""},
		{"contains", `{"type":"array","contains":{"const":1}}`, `{"type":"array","contains":{"const":1},"minContains":2}`, "narrows contains-changed"},
		{"contains is wider", `{"type":"array","contains":{"enum":[1]}}`, `{"type":"array","contains":{"enum":[1,2]}}`, "widens contains-changed"},
		{"contains, at most", `{"type":"array","contains":{"enum":[1]},"maxContains":3}`, `{"type":"array","contains":{"enum":[1,2]},"maxContains":3}`, "narrows widens contains-changed"},
		{
			"left over through a reference", `{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}`, `{"allOf":[{"properties":{"a":{},"b":{}}}],"unevaluatedProperties":false}`, "widens /b property-added",
		},
		{"left over as a schema", `{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":{"maximum":1}}`, `{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":{"maximum":2}}`, "widens additional-widened"},
		{
			"left over by one of several", `{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}],"unevaluatedProperties":false}`, `{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}],"unevaluatedProperties":false}`, "",
		},
		{"items left over", `{"type":"array","allOf":[{"prefixItems":[{}]}],"unevaluatedItems":false}`, `{"type":"array","allOf":[{"prefixItems":[{},{}]}],"unevaluatedItems":false}`, "narrows widens unevaluated-changed"},
		{"too many conditions that are the same", many(""), many(""), ""},
		{"too many conditions", many(""), many(`,"b":{}`), "narrows undecided; widens /b property-added; widens undecided"},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, now := schemaOf(t, json.RawMessage(c.old)), schemaOf(t, json.RawMessage(c.now))
			var got []string
			for _, d := range newSchemas(true).differences(old, now) {
				words := []string{}
				if d.narrows {
					words = append(words, "narrows")
				}
				if d.widens {
					words = append(words, "widens")
				}
				if d.path != "" {
					words = append(words, d.path)
				}
				if line := strings.Join(append(words, d.rule), " "); len(got) == 0 || got[len(got)-1] != line {
					got = append(got, line)
				}
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), c.want)
			}
		})
	}
}
