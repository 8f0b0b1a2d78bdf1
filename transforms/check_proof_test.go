// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"slices"
	"strings"
	"testing"

	"lintel/specs"
)

// TestGuards has values that may be absent or null under conditions: what a condition proves needs no default,
// and what it does not is told.
func TestGuards(t *testing.T) {
	const book = `       01  IN.
           05  A  PIC X.
       01  OUT.
           05  RC  PIC X.
           05  D  PIC 9(8).
           05  KIND  PIC X.
           05  CAR  PIC X(8).
           05  HOME REDEFINES CAR.
               10  STREET  PIC X(6).
               10  NR  PIC 9(2).
           05  NUM  PIC 9.
           05  ALT1  PIC X(4).
           05  ALT2 REDEFINES ALT1 PIC 9(4).
           05  ROW OCCURS 3 TIMES.
               10  RT  PIC X.
               10  RD  PIC 9(8).
`
	const rules = "D: {date: yyyyMMdd, empty: zeros}\nRD: {date: yyyyMMdd, empty: zeros}\nCAR: {redefines: {by: KIND, C: CAR, H: HOME}}\n" +
		"ALT1: {redefines: {by: NUM, 1: ALT1, 2: ALT2}}\n"
	for _, tt := range []struct {
		body string
		want []string
	}{
		{`{v: =reply.d}`, []string{"error LNT4044"}},
		{`{v: {when: =reply.d != nil, then: =reply.d, else: none}}`, nil},
		{`{v: {when: =reply.d == nil, then: none, else: =reply.d}}`, nil},
		{`{v: {when: =not (reply.d == nil), then: =reply.d, else: none}}`, nil},
		{`{v: {when: =reply.d != nil and reply.rc == "0", then: =reply.d, else: none}}`, nil},
		{`{v: {when: =reply.d == nil or reply.rc == "0", then: none, else: =reply.d}}`, nil},
		{`{v: {when: =reply.d != nil or reply.rc == "0", then: =reply.d, else: none}}`, []string{"warning LNT4044"}},
		{`{v: {when: =reply.rc == "0", then: =reply.d, else: none}}`, []string{"warning LNT4044"}},
		{`{v: {when: =reply.rc == "0", then: '=reply.d ?? "none"', else: none}}`, nil},
		{`{v: {when: =reply.d == "2024-01-01", then: =reply.d, else: none}}`, nil},
		{`{v: '=reply.d != nil ? reply.d : "none"'}`, nil},
		{`{v: '=reply.rc == "0" ? reply.d : "none"'}`, []string{"error LNT4045"}},
		{`{v: '=reply.d != nil ? "at " + reply.d : "none"'}`, nil},
		{`{v: {when: =body.o != nil, then: =body.o, else: none}}`, nil},
		{`{v: {when: =reply.rc == "0", then: =body.o, else: none}}`, []string{"error LNT4045"}},
		{`{v: {when: '=header["X-Branch"] != nil', then: '=header["X-Branch"]', else: none}}`, nil},
		{`{v: {when: =reply.kind == "C", then: =reply.car, else: =reply.home.street}}`, []string{"warning LNT4045"}},
		{`{v: {when: =reply.kind == "C", then: =reply.car, else: '=reply.home?.street ?? ""'}}`, nil},
		{`{v: {when: '=reply.kind in ["C", "X"]', then: =reply.car, else: none}}`, []string{"warning LNT4045"}},
		{`{v: {when: =reply.kind == "H" and reply.rc == "0", then: =reply.home.street, else: none}}`, nil},
		{`{v: '=reply.kind == "H" ? reply.home.street : "none"'}`, nil},
		{`{v: {when: =reply.num == 1, then: =reply.alt1, else: none}}`, nil},
		{`{v: {when: =reply.num == 2, then: =reply.alt1, else: none}}`, []string{"warning LNT4045"}},
		{`{v: a, l: {each: =reply.row, as: r, to: =r.rd}}`, []string{"error LNT4044"}},
		{`{v: a, l: {each: =reply.row, as: r, where: =r.rd != nil, to: =r.rd}}`, nil},
		{`{v: a, l: {each: =reply.row, as: r, where: '=r.rt == "A"', to: =r.rd}}`, []string{"warning LNT4044"}},
		{`{v: a, m: {each: =reply.row, as: r, to: {x: {when: =r.rd != nil, then: =r.rd, else: none}}}}`, nil},
		{`{v: a, m: {each: =reply.row, as: r, to: {x: {when: '=r.rt == "A"', then: =r.rd, else: none}}}}`, []string{"warning LNT4044"}},
	} {
		s := small{
			parameters: `[{name: X-Branch, in: header, schema: {type: string}}]`,
			body:       `{type: object, properties: {o: {type: string}}}`,
			answer: `{type: object, required: [v], properties: {v: {type: string}, l: {type: array, items: {type: string}}, ` +
				`m: {type: array, items: {type: object, required: [x], properties: {x: {type: string}}}}}}`,
			copybook: book, records: rules,
			transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {A: x}\nreply:\n  record: copybooks/BOOK.cpy#OUT\n  body: " + tt.body + "\n",
		}
		_, findings := compileWorkspace(s.files())
		var got []string
		for _, f := range findings {
			if f.Severity != specs.Info && strings.HasPrefix(f.Code, "LNT404") && f.Code != "LNT4049" {
				got = append(got, f.Severity.String()+" "+f.Code)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v\n%v", tt.body, got, tt.want, findings)
		}
	}
}

// TestConditionGuards has members that a condition of the contract asks for.
func TestConditionGuards(t *testing.T) {
	const kind = "type: object, required: [kind], properties: {kind: {type: string, enum: [car, van, home]}, plate: {type: string}, since: {type: string}}"
	const vehicle = "if: {properties: {kind: {enum: [car, van]}}, required: [kind]}, then: {required: [plate]}"
	for _, tt := range []struct {
		schema, when string
		proven       bool
	}{
		{"{" + kind + ", " + vehicle + "}", `=body.kind == "car"`, true},
		{"{" + kind + ", " + vehicle + "}", `=body.kind in ["car", "van"]`, true},
		{"{" + kind + ", " + vehicle + "}", `=body.kind in ["car", "home"]`, false},
		{"{" + kind + ", allOf: [{" + vehicle + "}, {if: {properties: {kind: {const: home}}}, then: {required: [plate]}}]}", `=body.kind in ["car", "home"]`, true},
		{"{" + kind + ", if: {properties: {kind: {const: home}}}, else: {required: [plate]}}", `=body.kind == "van"`, true},
		{"{" + kind + ", if: {properties: {kind: {const: home}}}, else: {required: [plate]}}", `=body.kind == "home"`, false},
		{"{" + kind + ", if: {properties: {kind: {const: car}}, required: [since]}, then: {required: [plate]}}", `=body.kind == "car"`, false},
		{"{" + kind + ", if: {properties: {kind: {const: car}, since: {const: x}}}, then: {required: [plate]}}", `=body.kind == "car"`, false},
		{"{" + kind + ", if: {properties: {kind: {const: car, type: number}}}, then: {required: [plate]}}", `=body.kind == "car"`, false},
	} {
		s := small{
			body: tt.schema, answer: "{type: object, required: [v], properties: {v: {type: string}}}",
			copybook:  "       01  IN.\n           05  A  PIC X.\n       01  OUT.\n           05  B  PIC X.\n",
			transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {A: x}\nreply:\n  record: copybooks/BOOK.cpy#OUT\n  body: {v: {when: '" + tt.when + "', then: =body.plate, else: none}}\n",
		}
		_, findings := compileWorkspace(s.files())
		if got := !strings.Contains(findings.Error(), "LNT4045"); got != tt.proven {
			t.Errorf("%s with %s: %v", tt.when, tt.schema, findings)
		}
	}
}

// TestDiscriminatorGuards has members that some alternatives of the contract require.
func TestDiscriminatorGuards(t *testing.T) {
	for when, want := range map[string]bool{
		`=body.kind == "car"`:                      true,
		`=body.kind in ["car", "van"]`:             true,
		`=body.kind != "home" and body.kind != ""`: false,
		`=body.kind in ["car", "home"]`:            false,
	} {
		s := small{
			body: `{oneOf: [{$ref: "#/components/schemas/Car"}, {$ref: "#/components/schemas/Van"}, {$ref: "#/components/schemas/Home"}], discriminator: {propertyName: kind, ` +
				`mapping: {car: "#/components/schemas/Car", van: "#/components/schemas/Van", home: "#/components/schemas/Home"}}}`,
			schemas: "Car: {type: object, required: [kind, plate], properties: {kind: {type: string, const: car}, plate: {type: string}}}\n" +
				"Van: {type: object, required: [kind, plate], properties: {kind: {type: string, const: van}, plate: {type: string}}}\n" +
				"Home: {type: object, required: [kind], properties: {kind: {type: string, const: home}, street: {type: string}}}\n",
			answer:    "{type: object, required: [v], properties: {v: {type: string}}}",
			copybook:  "       01  IN.\n           05  A  PIC X.\n       01  OUT.\n           05  B  PIC X.\n",
			transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {A: x}\nreply:\n  record: copybooks/BOOK.cpy#OUT\n  body: {v: {when: '" + when + "', then: =body.plate, else: none}}\n",
		}
		_, findings := compileWorkspace(s.files())
		if got := !strings.Contains(findings.Error(), "LNT4045"); got != want {
			t.Errorf("%s: %v", when, findings)
		}
	}
}
