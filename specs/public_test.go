// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const splitContract = `
openapi: 3.1.0
info: {title: Bank, version: "1", x-owner: team 7}
servers: [{url: https://bank.example/v1}]
x-secret: hush
security: [{key: []}]
tags: [{name: accounts}, {name: staff}]
paths:
  /accounts/{id}:
    parameters: [{$ref: parts/common.yaml#/Id}]
    get:
      operationId: getAccount
      tags: [accounts]
      x-lintel: {program: ACCT0001}
      responses:
        "200":
          description: "yes"
          content: {application/json: {schema: {$ref: parts/schemas.yaml#/Account}, example: {x-note: kept, id: "007"}}}
        default: {$ref: "#/components/responses/Problem"}
  /staff:
    x-internal: true
    get: {operationId: listStaff, tags: [staff], responses: {"200": {description: ok}}}
  /mixed:
    get: {operationId: getMixed, x-internal: true, security: [{staff: []}], responses: {"200": {description: ok}}}
    post:
      operationId: postMixed
      security: []
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Tree"}}}}
      responses: {"204": {description: done}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, x-hint: none}
    staff: {type: apiKey, in: header, name: X-Staff}
  responses:
    Problem: {description: no}
  schemas:
    Account: {type: string}
    Unused: {type: string}
    Tree:
      type: object
      required: [kids, cost]
      properties:
        kids: {type: array, items: {$ref: "#/components/schemas/Tree"}}
        cost: {type: integer, x-internal: true}
        x-ray: {type: boolean}
`

// TestPublic publishes a contract of several files: one document, without what is internal.
func TestPublic(t *testing.T) {
	fsys := fstest.MapFS{
		"openapi.yaml":       {Data: []byte(splitContract)},
		"parts/common.yaml":  {Data: []byte("Id: {name: id, in: path, required: true, schema: {$ref: 'schemas.yaml#/Number'}}\n")},
		"parts/schemas.yaml": {Data: []byte("Number: {type: string, pattern: '^[0-9]+$'}\nAccount: {type: object, properties: {id: {$ref: '#/Number'}, next: {$ref: '#/Account'}}}\n")},
	}
	c := &Contract{File: "openapi.yaml", Raw: []byte(splitContract)}
	json, yaml, err := c.Public(fsys)
	if err != nil {
		t.Fatal(err)
	}
	const want = `openapi: "3.1.0"
info:
  title: Bank
  version: "1"
servers:
  -
    url: "https://bank.example/v1"
security:
  -
    key: []
tags:
  -
    name: accounts
paths:
  /accounts/{id}:
    parameters:
      -
        $ref: "#/components/parameters/Id"
    get:
      operationId: getAccount
      tags:
        - accounts
      responses:
        "200":
          description: "yes"
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Account"
              example:
                x-note: kept
                id: "007"
        default:
          $ref: "#/components/responses/Problem"
  /mixed:
    post:
      operationId: postMixed
      security: []
      requestBody:
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Tree"
      responses:
        "204":
          description: done
components:
  schemas:
    Number:
      type: string
      pattern: "^[0-9]+$"
    Account:
      type: object
      properties:
        id:
          $ref: "#/components/schemas/Number"
        next:
          $ref: "#/components/schemas/Account"
    Tree:
      type: object
      required:
        - kids
      properties:
        kids:
          type: array
          items:
            $ref: "#/components/schemas/Tree"
        x-ray:
          type: boolean
  responses:
    Problem:
      description: "no"
  parameters:
    Id:
      name: id
      in: path
      required: true
      schema:
        $ref: "#/components/schemas/Number"
  securitySchemes:
    key:
      type: apiKey
      in: header
      name: X-Key
`
	if diff := cmp.Diff(want, string(yaml)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again, found := ParseYAML("openapi.yaml", yaml)
	if len(found) > 0 || again.JSON()+"\n" != string(json) {
		t.Errorf("JSON and YAML differ: %v\n%s\n%s", found, again.JSON(), json)
	}
}

// TestPublicExample publishes the contract of the example: what comes out is a contract without findings.
func TestPublicExample(t *testing.T) {
	ws, found := Load("../examples/bank", noEnv)
	if found.HasErrors() {
		t.Fatal(found)
	}
	json, yaml, err := ws.Contract.Public(ws.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"openapi.json": json, "openapi.yaml": yaml} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS("../examples/bank")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		config, err := os.ReadFile(dir + "/lintel.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/lintel.yaml", bytes.Replace(config, []byte("contract: openapi.yaml"), []byte("contract: "+name), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		again, found := Load(dir, noEnv)
		if len(found) > 0 || len(again.Contract.Operations) != len(ws.Contract.Operations) {
			t.Errorf("%s:\n%s", name, printFindings(found))
		}
	}
}

// TestPublicConditions publishes schemas that apply to the same value: what is internal does not come back in them, and
// references below every keyword are moved.
func TestPublicConditions(t *testing.T) {
	src := `openapi: 3.1.0
info: {title: Bank, version: "1"}
paths:
  /a:
    post:
      operationId: a
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}
      responses: {"204": {description: done}}
components:
  schemas:
    A:
      type: object
      properties: {a: {}, cost: {x-internal: true}, deep: {required: [cost]}}
      required: [a, cost]
      if: {required: [a, cost], properties: {cost: {const: 1}, a: {$ref: "#/components/schemas/A/$defs/Text"}}}
      then: {allOf: [{required: [cost, a]}]}
      else: {properties: {deep: {properties: {cost: {}}}}}
      dependentRequired: {a: [cost, deep], cost: [a]}
      dependentSchemas: {cost: {required: [a]}, a: {required: [cost], prefixItems: [{$ref: parts.yaml#/Number}]}}
      propertyNames: {$ref: parts.yaml#/Number}
      unevaluatedProperties: {contains: {$ref: parts.yaml#/Number}, unevaluatedItems: {$ref: parts.yaml#/Number}}
      $defs: {Text: {type: string, x-secret: hush}}
`
	fsys := fstest.MapFS{"openapi.yaml": {Data: []byte(src)}, "parts.yaml": {Data: []byte("Number: {type: string}\n")}}
	json, _, err := (&Contract{File: "openapi.yaml", Raw: []byte(src)}).Public(fsys)
	if err != nil {
		t.Fatal(err)
	}
	const number = `{"$ref":"#/components/schemas/Number"}`
	const want = `"components":{"schemas":{"A":{"type":"object","properties":{"a":{},"deep":{"required":["cost"]}},"required":["a"],` +
		`"if":{"required":["a"],"properties":{"a":{"$ref":"#/components/schemas/Text"}}},"then":{"allOf":[{"required":["a"]}]},"else":{"properties":{"deep":{"properties":{"cost":{}}}}},` +
		`"dependentRequired":{"a":["deep"]},"dependentSchemas":{"a":{"required":[],"prefixItems":[` + number + `]}},"propertyNames":` + number + `,` +
		`"unevaluatedProperties":{"contains":` + number + `,"unevaluatedItems":` + number + `}},"Text":{"type":"string"},"Number":{"type":"string"}}}}` + "\n"
	_, got, _ := bytes.Cut(json, []byte(`"components":`))
	if diff := cmp.Diff(want, `"components":`+string(got)); diff != "" {
		t.Error(diff)
	}
}
