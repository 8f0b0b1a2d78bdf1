// SPDX-License-Identifier: Apache-2.0

package json

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/transforms"
)

// TestUnknownMembers reads requests: which members are known is decided by all schemas that apply
// to a value together.
func TestUnknownMembers(t *testing.T) {
	const parts = `{"allOf":[
		{"type":"object","properties":{"a":{"type":"object","properties":{"x":{}}},"l":{"type":"array","items":{"properties":{"x":{}}}}}},
		{"type":"object","properties":{"a":{"type":"object","properties":{"y":{}}},"l":{"type":"array","items":{"properties":{"y":{}}}}}}]}`
	const union = `{"type":"object","properties":{"k":{}},"oneOf":[
		{"properties":{"card":{"type":"object","properties":{"no":{}},"required":["no"]}},"required":["card"]},
		{"properties":{"iban":{"type":"string"}},"required":["iban"]}]}`
	const either = `{"type":"object","anyOf":[{"properties":{"k":{},"a":{"type":"number"}},"required":["a"]},{"properties":{"k":{},"b":{"type":"number"}},"required":["b"]},
		{"properties":{"c":{}},"required":["c"]}]}`
	const open = `{"type":"object","properties":{"a":{}},"additionalProperties":{}}`
	const free = `{"type":"object","properties":{"meta":{"type":"object"},"any":{}}}`
	const patterns = `{"type":"object","properties":{"a":{}},"allOf":[{"patternProperties":{"^x-":{"type":"string"}}}]}`
	const nested = `{"not":{"required":["a"],"properties":{"a":{"properties":{"x":{"const":1}}}}}}`
	for _, c := range []struct {
		name, schema, doc string
		want              []string
	}{
		{"both parts", parts, `{"a":{"x":1,"y":2},"l":[{"x":1,"y":2}]}`, nil},
		{"neither part", parts, `{"a":{"z":1},"l":[{"z":1}],"b":1}`, []string{"/a/z unknown", "/b unknown", "/l/0/z unknown"}},
		{"first alternative", union, `{"k":1,"card":{"no":1}}`, nil},
		{"unknown below an alternative", union, `{"card":{"no":1,"cvv":2}}`, []string{"/card/cvv unknown"}},
		{"unknown beside an alternative", union, `{"iban":"x","bic":"y"}`, []string{"/bic unknown"}},
		{"member of another alternative", union, `{"card":{"no":1},"iban":7}`, []string{"/iban unknown"}},
		{"both of anyOf", either, `{"k":1,"a":1,"b":2}`, nil},
		{"one of anyOf", either, `{"a":1,"b":"x"}`, []string{"/b unknown"}},
		{"alternative without a rest", either, `{"c":1,"a":"x","b":"x"}`, []string{"/a unknown", "/b unknown"}},
		{"picked alternative", pets, `{"kind":"dog","name":"x","lives":9}`, []string{"/lives unknown"}},
		{"open", open, `{"b":{"c":1}}`, nil},
		{"no member named", free, `{"meta":{"b":1},"any":{"c":{"d":1}}}`, nil},
		{"pattern elsewhere", patterns, `{"x-1":"s"}`, nil},
		{"no pattern", patterns, `{"y-1":"s"}`, []string{"/y-1 unknown"}},
		{"not keeps its plain meaning", nested, `{"a":{"x":1,"y":2}}`, []string{"not"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := check(t, newType(t, c.schema, Options{}), c.doc)
			if c.want != nil {
				// Issues come in the order of the walk, which goes schema by schema.
				opt := cmp.Transformer("set", func(list []string) map[string]bool {
					set := map[string]bool{}
					for _, s := range list {
						set[s] = true
					}
					return set
				})
				if diff := cmp.Diff(c.want, got, opt); diff != "" || len(got) != len(c.want) {
					t.Errorf("got %v: %s", got, diff)
				}
			} else if got != nil {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestCapturesThroughComposition takes members out of objects that several schemas describe.
func TestCapturesThroughComposition(t *testing.T) {
	for name, schema := range map[string]string{
		"allOf":  `{"allOf":[{"type":"object","properties":{"k":{"type":"string"}}},{"type":"object","properties":{"o":{"type":"object","properties":{"n":{"type":"number"}}}}}]}`,
		"anyOf":  `{"anyOf":[{"type":"null"},{"type":"object","properties":{"k":{"type":"string"},"o":{"type":"object","properties":{"n":{"type":"number"}}}}}]}`,
		"nested": `{"type":"object","properties":{"k":{}},"allOf":[{"anyOf":[{"type":"object","properties":{"o":{"$ref":"#/$defs/O"}}}]}],"$defs":{"O":{"type":"object","properties":{"n":{}}}}}`,
		"discriminator": `{"oneOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}],"discriminator":{"propertyName":"k","mapping":{"a":"#/$defs/A","b":"#/$defs/B"}},
			"$defs":{"A":{"type":"object","properties":{"k":{"type":"string"},"o":{"type":"object","properties":{"n":{}}}}},"B":{"type":"object","properties":{"k":{"type":"string"}}}}}`,
		"additional": `{"type":"object","properties":{"k":{},"o":{"type":"object","properties":{"n":{}},"additionalProperties":{"type":"number"}}}}`,
	} {
		for _, direction := range []Direction{Request, Response} {
			t.Run(name, func(t *testing.T) {
				mt := newType(t, schema, Options{Direction: direction})
				c, at := want(t, mt.Type, "k", "o", "o.n")
				r, _ := mt.Format.Reader(c)
				var s transforms.Slots
				s.Reset(c.Size)
				if err := r.Read([]byte(`{"o":{"n":1.0},"k":"a"}`), &s, 0); err != nil {
					t.Fatal(err)
				}
				got := []string{string(s.At(at["k"]).Text), string(s.At(at["o"]).Text), string(s.At(at["o.n"]).Text)}
				if diff := cmp.Diff([]string{`"a"`, `{"n":1.0}`, `1.0`}, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}
