// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// readContract reads a contract by itself, with further files beside it.
func readContract(t testing.TB, text string, files map[string]string) (*Contract, Findings) {
	t.Helper()
	fsys := fstest.MapFS{"openapi.yaml": {Data: []byte(text)}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	l := &loader{fsys: fsys}
	l.fs = &l.findings
	c := l.contract(Text{Value: "openapi.yaml"})
	return c, l.findings.Sort()
}

func mustContract(t testing.TB, text string, files map[string]string) *Contract {
	t.Helper()
	c, found := readContract(t, text, files)
	if len(found) > 0 {
		t.Fatalf("findings:\n%s", printFindings(found))
	}
	return c
}

// schemaOf reads one schema below components of a document of that version.
func schemaOf(t testing.TB, version, schema string) *Schema {
	t.Helper()
	wild := "{}"
	if version == "3.1.0" {
		wild = "{$ref: '#/components/schemas/Cat', maxProperties: 3}"
	}
	c := mustContract(t, `openapi: `+version+`
info: {title: t, version: "1"}
paths:
  /x: {get: {operationId: x, responses: {"200": {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}}}
components:
  schemas:
    S: `+schema+`
    Cat: {type: object, properties: {kind: {type: string}}}
    Dog: {type: object, properties: {kind: {type: string}}}
    Wild: `+wild+`
`, nil)
	return c.Operation("x").Response("200").Content[0].Schema
}

// none is a schema without any restriction, for comparisons.
func none(change func(s *Schema)) *Schema {
	s := &Schema{MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1}
	change(s)
	return s
}

func TestSchemas(t *testing.T) {
	text := func(s string) *string { return &s }
	str := none(func(s *Schema) { s.Types = []string{"string"} })
	cat := none(func(s *Schema) {
		s.Name, s.Types, s.Properties = "Cat", []string{"object"}, []*Property{{Name: "kind", Schema: str}}
	})
	dog := none(func(s *Schema) {
		s.Name, s.Types, s.Properties = "Dog", []string{"object"}, []*Property{{Name: "kind", Schema: str}}
	})
	cases := []struct {
		name, version, schema string
		want                  func(s *Schema)
	}{
		{"exact numbers", "3.1.0", "{type: number, minimum: -999999999999999.990, maximum: 9007199254740993, multipleOf: 0.010}", func(s *Schema) {
			s.Types, s.Minimum, s.Maximum, s.MultipleOf = []string{"number"}, "-999999999999999.990", "9007199254740993", "0.010"
		}},
		{"exclusive bounds 3.1", "3.1.0", "{exclusiveMinimum: 0, exclusiveMaximum: 1e3}", func(s *Schema) {
			s.ExclusiveMinimum, s.ExclusiveMaximum = "0", "1e3"
		}},
		{"exclusive bounds 3.0", "3.0.3", "{type: number, minimum: 0, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false}", func(s *Schema) {
			s.Types, s.ExclusiveMinimum, s.Maximum = []string{"number"}, "0", "5"
		}},
		{"nullable 3.0", "3.0.0", "{type: string, nullable: true, enum: [a, null]}", func(s *Schema) {
			s.Types, s.Enum = []string{"string", "null"}, []string{`"a"`, "null"}
		}},
		{"nullable without type has no effect", "3.0.3", "{nullable: true, minLength: 1}", func(s *Schema) { s.MinLength = 1 }},
		{"types 3.1", "3.1.0", `{type: [string, "null"], const: "012"}`, func(s *Schema) {
			s.Types, s.Const = []string{"string", "null"}, text(`"012"`)
		}},
		{"values", "3.1.0", `{enum: [1, 1.0, "1", true, {a: [b]}], default: "1"}`, func(s *Schema) {
			s.Enum, s.Default = []string{"1", "1.0", `"1"`, "true", `{"a":["b"]}`}, `"1"`
		}},
		{"strings", "3.1.0", "{type: string, format: date, minLength: 1, maxLength: 10, pattern: '^a'}", func(s *Schema) {
			s.Types, s.Format, s.MinLength, s.MaxLength, s.Pattern = []string{"string"}, "date", 1, 10, "^a"
		}},
		{"objects", "3.1.0", "{type: object, required: [b], properties: {b: true, a: {type: string}}, additionalProperties: false, minProperties: 1, maxProperties: 2, patternProperties: {'^x': {type: string}}}", func(s *Schema) {
			s.Types, s.Required, s.MinProperties, s.MaxProperties = []string{"object"}, []string{"b"}, 1, 2
			s.Properties = []*Property{{Name: "b"}, {Name: "a", Schema: str}}
			s.PatternProperties = []*Property{{Name: "^x", Schema: str}}
			s.Additional = none(func(s *Schema) { s.Never = true })
		}},
		{"arrays", "3.1.0", "{type: array, items: {type: string}, minItems: 0, maxItems: 9, uniqueItems: true}", func(s *Schema) {
			s.Types, s.Items, s.MinItems, s.MaxItems, s.UniqueItems = []string{"array"}, str, 0, 9, true
		}},
		{"combinations", "3.1.0", "{allOf: [{type: string}], anyOf: [true, false], not: {type: string}, readOnly: true, deprecated: true, title: T, description: D}", func(s *Schema) {
			s.AllOf, s.AnyOf, s.Not = []*Schema{str}, []*Schema{nil, none(func(s *Schema) { s.Never = true })}, str
			s.ReadOnly, s.Deprecated, s.Title, s.Description = true, true, "T", "D"
		}},
		{"not anything", "3.1.0", "{not: {}}", func(s *Schema) { s.Not = none(func(*Schema) {}) }},
		{"not true", "3.1.0", "{not: true}", func(s *Schema) { s.Never = true }},
		{"siblings of $ref 3.1", "3.1.0", "{$ref: '#/components/schemas/Cat', minProperties: 2}", func(s *Schema) {
			s.AllOf, s.MinProperties = []*Schema{cat}, 2
		}},
		{"reference to a reference with siblings", "3.1.0", "{$ref: '#/components/schemas/Wild'}", func(s *Schema) {
			s.Name, s.AllOf, s.MaxProperties = "Wild", []*Schema{cat}, 3
		}},
		{"description beside $ref", "3.0.3", "{$ref: '#/components/schemas/Cat', description: x}", func(s *Schema) { *s = *cat }},
		{"discriminator", "3.1.0", "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {c: Cat, k: '#/components/schemas/Cat'}}}", func(s *Schema) {
			s.OneOf = []*Schema{cat, dog}
			s.Discriminator = &Discriminator{Property: "kind", Mapping: []DiscriminatorCase{{"c", cat}, {"k", cat}, {"Dog", dog}}}
		}},
		{"discriminator without mapping", "3.0.3", "{anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind}}", func(s *Schema) {
			s.AnyOf = []*Schema{cat, dog}
			s.Discriminator = &Discriminator{Property: "kind", Mapping: []DiscriminatorCase{{"Cat", cat}, {"Dog", dog}}}
		}},
	}
	noPlaces := cmp.Transformer("noPlaces", func(Pos) string { return "" })
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := schemaOf(t, c.version, c.schema)
			want := none(func(s *Schema) { s.Name = "S" })
			c.want(want)
			if diff := cmp.Diff(want, got, noPlaces); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

const operationsDocument = `openapi: 3.1.0
info: {title: Bank, version: 2.0.0}
servers:
  - url: https://{host}.example/base/{v}/
    variables: {host: {default: api}, v: {default: v1}}
security: [{key: []}, {oauth: [read, write]}]
paths:
  /a/{id}:
    summary: shared
    parameters:
      - $ref: '#/components/parameters/Id'
      - {name: q, in: query, schema: {type: string}}
    get:
      operationId: getA
      parameters:
        - {name: q, in: query, explode: false, required: true, schema: {type: array}}
        - {name: X-H, in: header, schema: {type: string}}
        - {name: c, in: cookie, schema: {type: string}}
        - {name: d, in: query, style: deepObject, explode: true, schema: {type: object}}
      responses:
        default: {$ref: 'parts/common.yaml#/responses/Problem'}
        4XX: {description: x}
        "404": {$ref: '#/components/responses/NotFound'}
    put:
      operationId: putA
      deprecated: true
      security: []
      requestBody: {$ref: '#/components/requestBodies/A'}
      responses: {"204": {description: done}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://x.example/t', scopes: {read: r, write: w}}}}
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string}}
  requestBodies:
    A: {required: true, content: {application/json: {schema: {$ref: 'parts/common.yaml#/schemas/A'}}}}
  responses:
    NotFound:
      description: none
      headers: {X-Trace: {$ref: '#/components/headers/Trace'}, X-Two: {schema: {type: integer}, required: true}}
      content: {application/problem+json: {schema: {type: object}}}
  headers:
    Trace: {schema: {type: string}}
`

const commonDocument = `responses:
  Problem: {description: p, content: {application/problem+json: {schema: {$ref: '#/schemas/A'}}}}
schemas:
  A: {type: object, properties: {next: {$ref: 'more.json#/B'}}}
`

const moreDocument = `{"B": {"type": "object", "properties": {"a": {"$ref": "common.yaml#/schemas/A"}}}}`

func TestOperations(t *testing.T) {
	c := mustContract(t, operationsDocument, map[string]string{"parts/common.yaml": commonDocument, "parts/more.json": moreDocument})
	if c.Title != "Bank" || c.Version != "2.0.0" || c.OpenAPI != "3.1.0" || len(c.Operations) != 2 {
		t.Errorf("contract %+v", c)
	}
	get, put := c.Operation("getA"), c.Operation("putA")
	if get.Path != "/base/v1/a/{id}" || get.Method != "GET" || !get.Safe() || put.Safe() || !put.Deprecated {
		t.Errorf("operations %+v, %+v", get, put)
	}
	if get.Pos != (Pos{"openapi.yaml", 13, 5}) {
		t.Errorf("getA is at %s", get.Pos)
	}
	type parameter struct {
		Name, In, Style   string
		Explode, Required bool
	}
	var got []parameter
	for _, p := range get.Parameters {
		got = append(got, parameter{p.Name, p.In, p.Style, p.Explode, p.Required})
	}
	want := []parameter{
		{"q", "query", "form", false, true},
		{"X-H", "header", "simple", false, false},
		{"c", "cookie", "form", true, false},
		{"d", "query", "deepObject", true, false},
		{"id", "path", "simple", false, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]SecurityRequirement{
		{Schemes: []SchemeUse{{Name: "key"}}}, {Schemes: []SchemeUse{{Name: "oauth", Scopes: []string{"read", "write"}}}},
	}, get.Security, cmp.Transformer("noPlaces", func(Pos) string { return "" })); diff != "" {
		t.Errorf("security -want +got:\n%s", diff)
	}
	if !put.HasSecurity || put.Security == nil || len(put.Security) != 0 {
		t.Errorf("security of putA %v", put.Security)
	}
	for status, want := range map[string]string{"404": "404", "409": "4XX", "500": "default", "200": "default"} {
		if r := get.Response(status); r == nil || r.Status != want {
			t.Errorf("response for %s: %+v", status, r)
		}
	}
	if h := get.Response("404").Headers; len(h) != 2 || h[0].Name != "X-Trace" || !h[1].Required {
		t.Errorf("headers %+v", h)
	}
	a := put.Body.Content[0].Schema
	if a.Pos.File != "parts/common.yaml" || !put.Body.Required {
		t.Errorf("body %+v, schema at %s", put.Body, a.Pos)
	}
	if b := a.Properties[0].Schema; b.Pos.File != "parts/more.json" || b.Properties[0].Schema != a {
		t.Errorf("the references between the files do not close: %s", b.Pos)
	}
	if get.Response("500").Content[0].Schema != a {
		t.Error("one definition has become two schemas")
	}
}

// TestJSONContract reads the same document as JSON: the model is the same, but for the places.
func TestJSONContract(t *testing.T) {
	root, found := ParseYAML("f", []byte(operationsDocument))
	if len(found) > 0 {
		t.Fatal(found)
	}
	files := map[string]string{"parts/common.yaml": commonDocument, "parts/more.json": moreDocument}
	asYAML := mustContract(t, operationsDocument, files)
	asJSON := mustContract(t, root.JSON(), files)
	if got, want := dump(t, asJSON), dump(t, asYAML); got != want {
		t.Errorf("the JSON document has become another contract:\n%s", cmp.Diff(want, got))
	}
}

// dump prints the operations of a contract without places. Its schemas must not be cyclic below the responses.
func dump(t *testing.T, c *Contract) string {
	t.Helper()
	var b strings.Builder
	for _, o := range c.Operations {
		for _, p := range o.Parameters {
			p.Schema, p.Pos = nil, Pos{}
		}
		o.Responses, o.Body, o.Pos = nil, nil, Pos{}
		for i := range o.Security {
			o.Security[i].Pos = Pos{}
		}
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

func TestServerPath(t *testing.T) {
	for text, want := range map[string]string{
		"https://x.example": "", "https://x.example/": "", "/": "", "/v1/": "/v1", "v1": "/v1", "http://x:80/a/b": "/a/b",
	} {
		if got, ok := serverPath(text, nil); !ok || got != want {
			t.Errorf("%s: %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"http://x/{v}", "http://x/{v", "http://[x", "/a*b"} {
		if got, ok := serverPath(text, nil); ok {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func FuzzLoadContract(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "contract-*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if file.Name == "openapi.yaml" {
				f.Add(string(file.Data))
			}
		}
	}
	f.Add(operationsDocument)
	f.Fuzz(func(t *testing.T, text string) {
		c, found := readContract(t, text, map[string]string{"parts/common.yaml": commonDocument, "parts/more.json": moreDocument})
		if c == nil && !found.HasErrors() {
			t.Error("there is no contract and no error")
		}
		for _, f := range found {
			if f.Message == "" || f.Code == "" || f.File == "" {
				t.Errorf("incomplete finding %+v", f)
			}
		}
	})
}
