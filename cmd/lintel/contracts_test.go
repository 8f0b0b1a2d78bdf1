// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"
)

// contractCase is what a contract says of one operation, and what becomes of requests.
type contractCase struct {
	name, versions string // 3.0, 3.1 or both
	// path is that of the operation, GET unless there is a body; params, body and schema are flow YAML.
	path, params, body, schema string
	// more goes below components/schemas.
	more string
	// headers are declared for the answer, set are those that the transform sets.
	headers, set string
	value        string // the expression that the answer tells
	// calls: target, body, headers after a |, and what is answered: the value, or "status code place".
	calls []string
}

const contractFrame = `openapi: VERSION
info: {title: t, version: "1"}
paths:
  PATH:
    METHOD:
      operationId: op
      parameters: [PARAMS]
BODY
      responses:
        "200":
          description: it
          headers: {HEADERS}
          content: {application/json: {schema: SCHEMA}}
components:
  schemas:
    None: {type: object}
MORE
`

// serve answers requests by a gateway with that contract, in front of a simulated host.
func (c *contractCase) serve(t *testing.T, version string) func(call string) string {
	t.Helper()
	method, body := "get", ""
	if c.body != "" {
		method, body = "post", "      requestBody: "+c.body
	}
	schema := c.schema
	if schema == "" {
		schema = "{type: object, properties: {v: {}}}"
	}
	contract := strings.NewReplacer("VERSION", version, "PATH", c.path, "METHOD", method, "PARAMS", c.params, "BODY", body, "HEADERS", c.headers, "SCHEMA", schema, "MORE", c.more).Replace(contractFrame)
	value := c.value
	if value == "" {
		value = "{v: =reply.text}"
	}
	files := fstest.MapFS{
		"lintel.yaml":  {Data: []byte("lintel: 1\ncontract: openapi.yaml\nbackends:\n  core: {tcp: {address: \"127.0.0.1:9\", frame: {length: {bytes: 4}}}, codepage: cp037}\n")},
		"openapi.yaml": {Data: []byte(contract)},
		"schemas/other.yaml": {Data: []byte(`Item: {type: object, required: [n], properties: {n: {type: integer, maximum: 9}}}
Limit: {name: limit, in: query, schema: {$ref: 'deep/more.yaml#/Small'}}
`)},
		"schemas/deep/more.yaml": {Data: []byte("Small: {type: integer, maximum: 5, default: 3}\n")},
		"copybooks/Q.cpy":        {Data: []byte("       01  ASK.\n           05  TEXT PIC X(4).\n       01  ANSWER.\n           05  TEXT PIC X(4).\n")},
		"transforms/op.yaml": {Data: []byte("operation: op\nbackend: core\npublic: true\nsafe: true\nrequest: {record: copybooks/Q.cpy#ASK, fields: {TEXT: ask}}\n" +
			"reply: {record: copybooks/Q.cpy#ANSWER, headers: {" + c.set + "}, body: " + value + "}\n")},
		"tests/op.yaml": {Data: []byte("- name: any\n  host: {receives: {fields: {text: ask}}, replies: {fields: {text: told}}}\n")},
	}
	ws, findings := specs.LoadFS("case", files, noEnv)
	patient(ws.Config.Backends)
	p, more := compile(ws)
	for _, f := range append(findings, more...) {
		if f.Severity == specs.Error {
			t.Fatalf("%s\n%s", f, contract)
		}
	}
	log := newLogging(io.Discard)
	prog := &program{stdout: io.Discard, stderr: io.Discard}
	sims := &simulation{ctx: t.Context(), p: prog, log: log, on: true}
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(); sims.close(); log.close() })
	return func(call string) string {
		parts := strings.Split(call+"||", "|")
		r := httptest.NewRequest(strings.ToUpper(method), "/", strings.NewReader(parts[1]))
		target, err := r.URL.Parse(parts[0])
		if err != nil {
			t.Fatal(err)
		}
		r.URL, r.RequestURI = target, parts[0]
		if parts[1] != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if name, text, ok := strings.Cut(parts[2], ": "); ok {
			r.Header.Set(name, text)
		}
		w := httptest.NewRecorder()
		h.gateway.ServeHTTP(w, r)
		return contractAnswer(w)
	}
}

// contractAnswer is a body, or the status with the first fault of a problem.
func contractAnswer(w *httptest.ResponseRecorder) string {
	if w.Code == 200 {
		return w.Body.String()
	}
	doc, _ := tree(w.Body.Bytes())
	m, _ := doc.(map[string]any)
	errs, _ := m["errors"].([]any)
	if len(errs) == 0 {
		code, _ := m["code"].(string)
		return strings.TrimSpace(strings.Join([]string{httpStatus(w.Code), code}, " "))
	}
	e, _ := errs[0].(map[string]any)
	code, _ := e["code"].(string)
	name, _ := e["parameter"].(string)
	pointer, _ := e["pointer"].(string)
	return strings.TrimSpace(httpStatus(w.Code) + " " + code + " " + name + pointer)
}

func httpStatus(code int) string {
	return string([]byte{byte('0' + code/100), byte('0' + code/10%10), byte('0' + code%10)})
}

const pets = `    Pet: {type: object, required: [kind], properties: {kind: {type: string}}, discriminator: {propertyName: kind, mapping: {cat: Cat}}}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, required: [lives], properties: {lives: {type: integer, maximum: 9}}}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {barks: {type: boolean}, friend: {$ref: '#/components/schemas/Pet'}}}]}
    Snake: {type: object, required: [kind, long], properties: {kind: {type: string}, long: {type: number}}}
    One: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Snake'}], discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat'}}}
    Any: {anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Snake'}], discriminator: {propertyName: kind}}`

func contractCases() []contractCase {
	const both, json = "3.0 3.1", `{required: true, content: {application/json: {schema: `
	rgb := "{type: object, properties: {R: {type: integer}, G: {type: integer}}}"
	list := "{type: array, items: {type: integer}}"
	param := func(in, more, schema string) string {
		return "{name: p, in: " + in + ", " + more + "schema: " + schema + "}"
	}
	// echoed is a parameter p that the answer tells.
	echoed := func(name, in, more, schema string, calls ...string) contractCase {
		path := "/x"
		if in == "path" {
			path, more = "/x/{p}", "required: true, "+more
		}
		return contractCase{name: name, versions: both, path: path, params: param(in, more, schema), value: "{v: =" + in + ".p}", calls: calls}
	}
	echoed31 := func(name, in, more, schema string, calls ...string) contractCase {
		c := echoed(name, in, more, schema, calls...)
		c.versions = "3.1"
		return c
	}
	checked := func(name, versions, schema, more string, calls ...string) contractCase {
		return contractCase{name: name, versions: versions, path: "/x", body: json + schema + "}}}", more: more, calls: calls}
	}
	return []contractCase{
		echoed("simple", "path", "", list, "/x/1,2", `{"v":[1,2]}`, "/x/a", "400 type p"),
		echoed("simple object", "path", "explode: true, ", rgb, "/x/R=1,G=2", `{"v":{"R":1,"G":2}}`),
		echoed("label", "path", "style: label, explode: true, ", list, "/x/.1.2", `{"v":[1,2]}`, "/x/1", "400 style p"),
		echoed("matrix", "path", "style: matrix, explode: true, ", list, "/x/;p=1;p=2", `{"v":[1,2]}`),
		echoed("matrix object", "path", "style: matrix, ", rgb, "/x/;p=R,1,G,2", `{"v":{"R":1,"G":2}}`),
		echoed("form is exploded", "query", "", list, "/x?p=1&p=2", `{"v":[1,2]}`, "/x?p=1,2", "400 type p"),
		echoed("form joined", "query", "explode: false, ", list, "/x?p=1,2", `{"v":[1,2]}`),
		echoed("form object", "query", "", rgb, "/x?R=1&G=2", `{"v":{"R":1,"G":2}}`, "/x?R=x", "400 type p/R"),
		echoed("space", "query", "style: spaceDelimited, explode: false, ", list, "/x?p=1%202", `{"v":[1,2]}`),
		echoed("pipe", "query", "style: pipeDelimited, explode: false, ", list, "/x?p=1%7C2", `{"v":[1,2]}`),
		echoed("deepObject", "query", "style: deepObject, explode: true, ", rgb, "/x?p[R]=1&p%5BG%5D=2", `{"v":{"R":1,"G":2}}`, "/x?p[B]=1", "400 unknown p[B]"),
		echoed("default", "query", "", "{type: integer, default: 7}", "/x", `{"v":7}`, "/x?p=8", `{"v":8}`),
		echoed("required", "query", "required: true, ", "{type: string}", "/x", "400 required p", "/x?p=", `{"v":""}`),
		echoed("reserved characters", "query", "allowReserved: true, ", "{type: string}", "/x?p=a/b?c:d@e", `{"v":"a/b?c:d@e"}`),
		echoed("exact numbers", "query", "", "{type: number, maximum: 999999999999999.99}", "/x?p=999999999999999.99", `{"v":999999999999999.99}`, "/x?p=1000000000000000.00", "400 maximum p"),
		echoed("header", "header", "", list, "/x||p: 1, 2", `{"v":[1,2]}`),
		echoed("cookie", "cookie", "", "{type: string, maxLength: 2}", "/x||Cookie: p=a%26", `{"v":"a&"}`, "/x||Cookie: p=abc", "400 maxLength p"),
		{
			name: "parameter of a file", versions: both, path: "/x", params: "{$ref: 'schemas/other.yaml#/Limit'}", value: "{v: =query.limit}",
			calls: []string{"/x", `{"v":3}`, "/x?limit=6", "400 maximum limit"},
		},
		{
			name: "parameter that is JSON", versions: both, path: "/x", value: "{v: =query.p}",
			params: "{name: p, in: query, content: {application/json: {schema: {type: object, properties: {a: {type: number, maximum: 2}}}}}}",
			calls:  []string{"/x?p=%7B%22a%22:1.10%7D", `{"v":{"a":1.10}}`, "/x?p=%7B%22a%22:3%7D", "400 maximum p/a", "/x?p=%7B%22b%22:3%7D", "400 unknown p/b", "/x?p=x", "400 syntax p"},
		},
		{
			name: "parameter of two types", versions: "3.1", path: "/x", params: param("query", "", `{type: [integer, "null"], minimum: 2}`), value: "{v: =query.p}",
			calls: []string{"/x?p=null", `{"v":null}`, "/x?p=1", "400 minimum p", "/x?p=x", "400 type p"},
		},

		checked("readOnly", both, "{type: object, required: [id], properties: {id: {type: string, readOnly: true}, n: {type: integer}}}", "",
			`/x|{"n":1}`, `{"v":"told"}`, `/x|{"id":"1"}`, "400 readOnly /id"),
		checked("writeOnly", both, "{type: object, properties: {pin: {type: string, writeOnly: true}}}", "", `/x|{"pin":"1"}`, `{"v":"told"}`),
		checked("nullable", "3.0", "{type: object, properties: {a: {type: string, nullable: true}, b: {type: string}}}", "",
			`/x|{"a":null}`, `{"v":"told"}`, `/x|{"b":null}`, "400 type /b"),
		checked("nullable enum", "3.0", "{type: object, properties: {a: {type: string, nullable: true, enum: [x, null]}}}", "", `/x|{"a":null}`, `{"v":"told"}`),
		checked("type arrays", "3.1", `{type: object, properties: {a: {type: [string, integer, "null"]}}}`, "",
			`/x|{"a":null}`, `{"v":"told"}`, `/x|{"a":1}`, `{"v":"told"}`, `/x|{"a":1.5}`, "400 type /a", `/x|{"a":true}`, "400 type /a"),
		checked("exclusive bounds of 3.0", "3.0", "{type: object, properties: {a: {type: number, minimum: 0, exclusiveMinimum: true}}}", "", `/x|{"a":0}`, "400 exclusiveMinimum /a", `/x|{"a":0.01}`, `{"v":"told"}`),
		checked("exclusive bounds of 3.1", "3.1", "{type: object, properties: {a: {type: number, exclusiveMinimum: 0}}}", "", `/x|{"a":0}`, "400 exclusiveMinimum /a"),
		checked("const", "3.1", "{type: object, properties: {a: {const: EUR}}}", "", `/x|{"a":"USD"}`, "400 const /a"),
		checked("patternProperties", "3.1", "{type: object, patternProperties: {'^x-': {type: integer}}, additionalProperties: false}", "", `/x|{"x-a":1}`, `{"v":"told"}`, `/x|{"x-a":"1"}`, "400 type /x-a", `/x|{"y":1}`, "400 unknown /y"),
		checked("if, then and else", "3.1", "{type: object, required: [kind], properties: {kind: {enum: [card, iban]}}, if: {properties: {kind: {const: card}}}, then: {required: [no], properties: {no: {type: string}}}, else: {required: [iban], properties: {iban: {type: string}}}}", "",
			`/x|{"kind":"card","no":"1"}`, `{"v":"told"}`, `/x|{"kind":"iban","iban":"1"}`, `{"v":"told"}`, `/x|{"kind":"card","iban":"1"}`, "400 required /no",
			`/x|{"kind":"card","no":"1","iban":"1"}`, "400 unknown /iban", `/x|{"kind":"iban","iban":1}`, "400 type /iban"),
		checked("dependentRequired", "3.1", "{type: object, properties: {card: {type: string}, address: {type: string}}, dependentRequired: {card: [address]}}", "",
			`/x|{"address":"a"}`, `{"v":"told"}`, `/x|{"card":"1"}`, "400 dependentRequired /address"),
		checked("dependentSchemas", "3.1", "{type: object, properties: {card: {type: string}, address: {type: string}}, dependentSchemas: {card: {$ref: '#/components/schemas/Long'}}}", "    Long: {properties: {address: {minLength: 3}}}",
			`/x|{"address":"a"}`, `{"v":"told"}`, `/x|{"card":"1","address":"a"}`, "400 minLength /address"),
		checked("propertyNames", "3.1", "{type: object, additionalProperties: {type: integer}, propertyNames: {pattern: '^[a-z]{1,3}$'}}", "", `/x|{"abc":1}`, `{"v":"told"}`, `/x|{"abcd":1}`, "400 propertyNames /abcd"),
		checked("prefixItems", "3.1", "{type: object, properties: {at: {type: array, prefixItems: [{type: number}, {type: number}], items: false, minItems: 2}}}", "",
			`/x|{"at":[1.5,2]}`, `{"v":"told"}`, `/x|{"at":[1.5,"2"]}`, "400 type /at/1", `/x|{"at":[1,2,3]}`, "400 false /at/2"),
		checked("contains", "3.1", "{type: object, properties: {l: {type: array, contains: {const: main}, maxContains: 1}}}", "",
			`/x|{"l":["a","main"]}`, `{"v":"told"}`, `/x|{"l":["a"]}`, "400 contains /l", `/x|{"l":["main","main"]}`, "400 maxContains /l"),
		checked("unevaluatedProperties", "3.1", "{allOf: [{$ref: '#/components/schemas/Base'}], properties: {b: {type: integer}}, unevaluatedProperties: false}", "    Base: {type: object, properties: {a: {type: integer}}}",
			`/x|{"a":1,"b":2}`, `{"v":"told"}`, `/x|{"c":1}`, "400 unknown /c"),
		checked("unevaluatedItems", "3.1", "{type: object, properties: {l: {allOf: [{$ref: '#/components/schemas/Pair'}], unevaluatedItems: {type: boolean}}}}", "    Pair: {type: array, prefixItems: [{type: integer}, {type: integer}]}",
			`/x|{"l":[1,2,true]}`, `{"v":"told"}`, `/x|{"l":[1,2,3]}`, "400 type /l/2"),
		echoed31("tuple in a query", "query", "", "{type: array, prefixItems: [{type: string}, {type: integer}]}", "/x?p=1&p=2", `{"v":["1",2]}`, "/x?p=a&p=b", "400 type p"),
		echoed31("condition of a parameter", "query", "", "{type: string, if: {pattern: '^A'}, then: {maxLength: 2}}", "/x?p=B12", `{"v":"B12"}`, "/x?p=A1", `{"v":"A1"}`, "/x?p=A12", "400 maxLength p"),
		checked("base64", "3.1", "{type: object, properties: {a: {type: string, contentEncoding: base64, contentMediaType: image/png}}}", "", `/x|{"a":"AP8="}`, `{"v":"told"}`, `/x|{"a":"AP8"}`, "400 format /a"),
		checked("formats", both, "{type: object, properties: {d: {type: string, format: date}, t: {type: string, format: date-time}, u: {type: string, format: uuid}, i: {type: integer, format: int32}, b: {type: string, format: byte}}}", "",
			`/x|{"d":"2024-02-29","t":"2024-02-29T12:00:00Z","u":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","i":2147483647,"b":"AP8="}`, `{"v":"told"}`,
			`/x|{"d":"2023-02-29"}`, "400 format /d", `/x|{"t":"2024-02-29 12:00"}`, "400 format /t", `/x|{"u":"1"}`, "400 format /u", `/x|{"i":2147483648}`, "400 format /i", `/x|{"b":"?"}`, "400 format /b"),
		checked("pattern in linear time", both, "{type: object, properties: {a: {type: string, pattern: '^(a+)+$'}}}", "", `/x|{"a":"`+strings.Repeat("a", 5000)+`!"}`, "400 pattern /a"),
		checked("schema of a file", both, "{$ref: 'schemas/other.yaml#/Item'}", "", `/x|{"n":9}`, `{"v":"told"}`, `/x|{"n":10}`, "400 maximum /n", `/x|{}`, "400 required /n"),
		checked("siblings of a reference", "3.1", "{$ref: '#/components/schemas/Item', maxProperties: 1}", "    Item: {type: object, additionalProperties: true}", `/x|{"a":1}`, `{"v":"told"}`, `/x|{"a":1,"b":2}`, "400 maxProperties"),
		checked("unknown members", both, "{type: object, properties: {a: {}}}", "", `/x|{"b":1}`, "400 unknown /b", `/x|{"a":1,"a":2}`, "400 duplicate /a", `/x|{"a":1,"\u0061":2}`, "400 duplicate /a"),
		checked("oneOf with a discriminator", both, "{$ref: '#/components/schemas/One'}", pets,
			`/x|{"kind":"cat","lives":9}`, `{"v":"told"}`, `/x|{"kind":"cat","lives":10}`, "400 maximum /lives", `/x|{"kind":"Snake","long":1}`, `{"v":"told"}`,
			`/x|{"kind":"Snake","lives":9}`, "400 required /long", `/x|{"kind":"bird"}`, "400 discriminator /kind", `/x|{"lives":9}`, "400 discriminator /kind"),
		checked("anyOf with a discriminator", both, "{$ref: '#/components/schemas/Any'}", pets, `/x|{"kind":"Cat","lives":1}`, `{"v":"told"}`, `/x|{"kind":"Cat","lives":10}`, "400 maximum /lives"),
		checked("allOf with a discriminator", both, "{$ref: '#/components/schemas/Pet'}", pets,
			`/x|{"kind":"cat","lives":1}`, `{"v":"told"}`, `/x|{"kind":"cat"}`, "400 required /lives", `/x|{"kind":"Dog","barks":true}`, `{"v":"told"}`,
			`/x|{"kind":"Dog","friend":{"kind":"cat","lives":10}}`, "400 maximum /friend/lives", `/x|{"kind":"Dog","friend":{"kind":"Dog","barks":true}}`, `{"v":"told"}`, `/x|{"kind":"bird"}`, "400 discriminator /kind"),

		{
			name: "answer of another type", versions: both, path: "/x", schema: "{type: object, required: [v], properties: {v: {type: string, maxLength: 3}}}",
			calls: []string{"/x", "502 response-invalid"},
		},
		{
			name: "condition of an answer", versions: "3.1", path: "/x",
			schema: "{type: object, required: [v], properties: {v: {type: string}}, if: {properties: {v: {const: told}}}, then: {properties: {v: {maxLength: 3}}}}",
			calls:  []string{"/x", "502 response-invalid"},
		},
		{
			name: "answer that meets its conditions", versions: "3.1", path: "/x",
			schema: "{type: object, required: [v], properties: {v: {type: string}, l: {type: array, prefixItems: [{type: string}, {type: integer}, {type: array, items: {type: object}}], items: false, minItems: 3, contains: {const: told}}}, " +
				"if: {required: [l]}, then: {dependentRequired: {v: [l]}}, else: false, propertyNames: {maxLength: 1}, unevaluatedProperties: false}",
			value: "{v: =reply.text, l: ['=reply.text', '=len(reply.text) * 2', [{a: =reply.text}, {}]]}", calls: []string{"/x", `{"v":"told","l":["told",8,[{"a":"told"},{}]]}`},
		},
		{
			name: "list in an answer that is not as the contract wants it", versions: "3.1", path: "/x",
			schema: "{type: object, required: [v], properties: {v: {type: array, items: {type: string}, uniqueItems: true}}}",
			value:  "{v: [a, '=reply.text + \"\"', told]}", calls: []string{"/x", "502 response-invalid"},
		},
		{
			name: "headers of an answer", versions: both, path: "/x", headers: "X-A: {required: true, schema: {type: string, maxLength: 4}}, X-N: {schema: {type: integer, maximum: 5}}",
			set: "X-A: =reply.text, X-N: =len(reply.text)", calls: []string{"/x", `{"v":"told"}`},
		},
		{
			name: "header of another type in an answer", versions: both, path: "/x", headers: "X-N: {schema: {type: integer}}", set: "X-N: =reply.text", calls: []string{"/x", "502 response-invalid"},
		},
		{
			name: "header of an answer that is too long", versions: both, path: "/x", headers: "X-A: {schema: {type: string, maxLength: 5}}", set: "X-A: =reply.text + reply.text", calls: []string{"/x", "502 response-invalid"},
		},
		{
			name: "optional header of an answer that is absent", versions: both, path: "/x", headers: "X-A: {schema: {type: string}}",
			set: `X-A: '=reply.text == "told" ? nil : "x"'`, calls: []string{"/x", `{"v":"told"}`},
		},
		{
			name: "writeOnly in an answer", versions: both, path: "/x", schema: "{type: object, properties: {v: {type: string}, pin: {type: string, writeOnly: true}, id: {type: string, readOnly: true}}}",
			value: "{v: =reply.text, id: x}", calls: []string{"/x", `{"v":"told","id":"x"}`},
		},
	}
}

// TestContracts goes through what OpenAPI 3.0 and 3.1 can say of requests and answers, from the document to the
// status: the same words in both versions where both have them.
func TestContracts(t *testing.T) {
	for _, c := range contractCases() {
		for _, version := range strings.Fields(c.versions) {
			t.Run(c.name+" "+version, func(t *testing.T) {
				do := c.serve(t, map[string]string{"3.0": "3.0.3", "3.1": "3.1.0"}[version])
				for i := 0; i < len(c.calls); i += 2 {
					if got := do(c.calls[i]); got != c.calls[i+1] {
						t.Errorf("%.200s: got %s, want %s", c.calls[i], got, c.calls[i+1])
					}
				}
			})
		}
	}
}
