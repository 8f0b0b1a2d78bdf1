// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// TestHostSchema reads schemas that stand alone, good ones and bad ones.
func TestHostSchema(t *testing.T) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"s/good.json": `{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://host.example/x", "type": "object",
 "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"$ref": "more.yaml#/B"}, "me": {"$ref": "#"}}, "$defs": {"A": {"type": "string"}}}`,
		"s/more.yaml":  "B: {type: integer}\n",
		"s/draft.json": `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}`,
		"s/then.json":  `{"then": {}, "$defs": {"A": {"$id": "x"}}}`,
		"s/cycle.json": `{"allOf": [{"$ref": "#"}]}`,
		"s/empty.json": ``,
		"s/bad.json":   `{"a": `,
		"api.yaml":     "openapi: 3.0.3\ncomponents: {schemas: {T: {type: string, nullable: true}}}\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ws := &Workspace{FS: files}
	for _, tt := range []struct{ ref, want string }{
		{"s/good.json", ""},
		{"s/good.json#/$defs/A", ""},
		{"s/good.json#", ""},
		{"api.yaml#/components/schemas/T", ""},
		{"s/good.json#/$defs/B", "LNT1603 t.yaml:3:7"},
		{"s/good.json#A", "LNT1603 t.yaml:3:7"},
		{"s/none.json", "LNT1001 t.yaml:3:7"},
		{"../x.json", "LNT1013 t.yaml:3:7"},
		{"s", "LNT1001 t.yaml:3:7"},
		{"s/empty.json", "LNT1102 t.yaml:3:7"},
		{"s/bad.json", "LNT1004 s/bad.json:1:7"},
		{"s/draft.json", "LNT1606 s/draft.json:1:13"},
		{"s/then.json", "LNT1606 s/then.json:1:30 LNT1108 s/then.json:1:2"},
		{"s/cycle.json", "LNT1604 s/cycle.json:1:1"},
	} {
		s, findings := ws.HostSchema(&Node{Text: tt.ref, Pos: Pos{"t.yaml", 3, 7}})
		var got []string
		for _, f := range findings {
			got = append(got, fmt.Sprintf("%s %s", f.Code, f.Pos))
		}
		if strings.Join(got, " ") != tt.want || (s != nil) != (tt.want == "") {
			t.Errorf("%s: %v\n%v", tt.ref, findings, s)
		}
	}
	s, _ := ws.HostSchema(&Node{Text: "api.yaml#/components/schemas/T"})
	if len(s.Types) != 2 {
		t.Errorf("types %v: nullable of OpenAPI 3.0 is lost", s.Types)
	}
}
