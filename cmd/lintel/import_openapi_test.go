// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// contractDrawer draws contracts.
type contractDrawer struct {
	t     *rapid.T
	names int
}

func (d *contractDrawer) name() string {
	d.names++
	word := rapid.SampledFrom([]string{"account", "orderLine", "date_of", "X-Code", "count", "status", "value", "a very long name of a member that COBOL has no room for", "名", "date"}).Draw(d.t, "word")
	return fmt.Sprintf("%s%d", word, d.names)
}

func (d *contractDrawer) scalar() string {
	null := rapid.IntRange(0, 5).Draw(d.t, "null") == 0
	kind := func(word string) string {
		if null {
			return `type: [` + word + `, "null"]`
		}
		return "type: " + word
	}
	switch rapid.IntRange(0, 10).Draw(d.t, "scalar") {
	case 0:
		return "{" + kind("boolean") + "}"
	case 1:
		return "{" + kind("integer") + ", minimum: 0, maximum: " + rapid.SampledFrom([]string{"9", "12", "99999"}).Draw(d.t, "max") + "}"
	case 2:
		return "{" + kind("integer") + ", minimum: -500, maximum: 7}"
	case 3:
		return "{" + kind("number") + ", minimum: -99.99, maximum: 99999.99, multipleOf: 0.01}"
	case 4:
		return "{type: integer, format: " + rapid.SampledFrom([]string{"int32", "int64"}).Draw(d.t, "bits") + "}"
	case 5:
		return "{type: string, enum: [open, closed, in doubt]}"
	case 6:
		return "{" + kind("string") + ", format: date}"
	case 7:
		return "{type: string, pattern: '^[0-9]{3,5}$'}"
	case 8:
		return "{" + kind("string") + "}"
	case 9:
		return "{type: integer}"
	default:
		return "{" + kind("string") + fmt.Sprintf(", maxLength: %d}", rapid.IntRange(1, 40).Draw(d.t, "length"))
	}
}

func (d *contractDrawer) schema(depth int) string {
	switch k := rapid.IntRange(0, 5).Draw(d.t, "kind"); {
	case k == 0 && depth > 0:
		return d.object(depth - 1)
	case k == 1 && depth > 0:
		bounds := rapid.SampledFrom([]string{"", ", maxItems: 3", ", minItems: 1, maxItems: 4", ", minItems: 2, maxItems: 2"}).Draw(d.t, "bounds")
		items := d.object(depth - 1)
		if rapid.Bool().Draw(d.t, "scalars") {
			items = strings.Replace(strings.Replace(d.scalar(), `, "null"]`, "", 1), "type: [", "type: ", 1)
		}
		return "{type: array, items: " + items + bounds + "}"
	default:
		return d.scalar()
	}
}

func (d *contractDrawer) object(depth int) string {
	var props, required []string
	for range rapid.IntRange(1, 4).Draw(d.t, "members") {
		name := d.name()
		props = append(props, fmt.Sprintf("%q: %s", name, d.schema(depth)))
		if rapid.Bool().Draw(d.t, "required") {
			required = append(required, fmt.Sprintf("%q", name))
		}
	}
	closed := rapid.SampledFrom([]string{"", ", additionalProperties: false"}).Draw(d.t, "closed")
	return "{type: object, properties: {" + strings.Join(props, ", ") + "}, required: [" + strings.Join(required, ", ") + "]" + closed + "}"
}

func (d *contractDrawer) contract() string {
	var b strings.Builder
	b.WriteString("openapi: 3.1.0\ninfo: {title: t, version: \"1\"}\npaths:\n")
	for n := range rapid.IntRange(1, 3).Draw(d.t, "operations") {
		fmt.Fprintf(&b, "  /things%d/{id}:\n", n)
		method := rapid.SampledFrom([]string{"get", "post"}).Draw(d.t, "method")
		fmt.Fprintf(&b, "    %s:\n      operationId: op%d\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: string, maxLength: 9}}\n", method, n)
		if rapid.Bool().Draw(d.t, "query") {
			fmt.Fprintf(&b, "        - {name: %q, in: query, schema: {type: integer, minimum: 0, maximum: 50}}\n", "q-1")
		}
		if method == "post" {
			fmt.Fprintf(&b, "      requestBody: {required: true, content: {application/json: {schema: %s}}}\n", d.object(2))
		}
		b.WriteString("      responses:\n")
		if rapid.IntRange(0, 5).Draw(d.t, "empty") == 0 {
			b.WriteString("        \"204\": {description: done}\n")
		} else {
			fmt.Fprintf(&b, "        \"200\": {description: fine, content: {application/json: {schema: %s}}}\n", d.object(3))
		}
		b.WriteString("        \"404\": {description: none}\n        \"409\": {description: taken, content: {application/json: {schema: {type: object, properties: {why: {type: string, maxLength: 20}}}}}}\n")
	}
	return b.String()
}

// TestImportOpenAPIRandom makes workspaces for random contracts: import itself checks what it made and plays
// its tests through the gateway.
func TestImportOpenAPIRandom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := &contractDrawer{t: rt}
		text := d.contract()
		dir, err := os.MkdirTemp(t.TempDir(), "w")
		if err != nil {
			rt.Fatal(err)
		}
		file := filepath.Join(dir, "in.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			rt.Fatal(err)
		}
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"import", "openapi", file, "--dir", filepath.Join(dir, "w")}, &out, &errs); code != exitOK {
			rt.Fatalf("exit code %d\n%s\n%s", code, errs.String(), text)
		}
		if strings.Contains(out.String(), "has no test") {
			rt.Fatalf("no example was found\n%s\n%s", out.String(), text)
		}
	})
}

// TestImportOpenAPIExamples makes new workspaces for the contracts of the examples, but for claims: its photos are
// files, for which a record has no room.
func TestImportOpenAPIExamples(t *testing.T) {
	for _, example := range []string{"bank", "orders"} {
		var out, errs bytes.Buffer
		dir := filepath.Join(t.TempDir(), example)
		if code := run(t.Context(), []string{"import", "openapi", "../../examples/" + example + "/openapi.yaml", "--dir", dir}, &out, &errs); code != exitOK {
			t.Errorf("%s: exit code %d\n%s", example, code, errs.String())
		}
		if code := run(t.Context(), []string{"check", dir}, &out, &errs); code != exitOK {
			t.Errorf("%s: exit code %d of check\n%s", example, code, out.String())
		}
	}
}

// TestImportOpenAPIConditions makes a workspace for a contract whose members depend on each other: its tests keep to
// every condition.
func TestImportOpenAPIConditions(t *testing.T) {
	const contract = `openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /payments:
    post:
      operationId: pay
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}}
      responses:
        "200": {description: fine, content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}}
components:
  schemas:
    Payment:
      type: object
      required: [kind, at]
      properties:
        kind: {type: string, enum: [iban, card]}
        at: {type: array, prefixItems: [{type: integer, minimum: 0, maximum: 99}, {type: integer, minimum: 100, maximum: 200}], items: false, minItems: 2}
        marks: {type: array, items: {type: string, maxLength: 4}, contains: {const: main}, maxItems: 3}
      if: {properties: {kind: {const: card}}}
      then: {required: [number], properties: {number: {type: string, pattern: '^[0-9]{4}$', maxLength: 4}}}
      else: {required: [iban], properties: {iban: {type: string, maxLength: 34}}}
      dependentRequired: {number: [kind]}
      propertyNames: {maxLength: 6}
      unevaluatedProperties: false
`
	dir := t.TempDir()
	file := filepath.Join(dir, "in.yaml")
	if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"import", "openapi", file, "--dir", filepath.Join(dir, "w")}, &out, &errs); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	if got := out.String(); strings.Contains(got, "has no test") || !strings.Contains(got, "response 200 has alternatives (oneOf, anyOf) or conditions (if, dependentSchemas)") {
		t.Errorf("%s", got)
	}
	tests, err := os.ReadFile(filepath.Join(dir, "w", "tests", "pay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `body: {"kind":"iban","at":[1,100],"marks":["main"],"iban":"TEXT"}`; strings.Count(string(tests), want) != 3 {
		t.Errorf("want %s in\n%s", want, tests)
	}
}
