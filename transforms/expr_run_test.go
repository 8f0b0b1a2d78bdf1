// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"strings"
	"testing"

	"lintel/transforms"
)

// expressions is a workspace whose field A is filled by one expression.
func expressions(expression string) small {
	return small{
		body: `{type: object, required: [name, num, list, sub], properties: {name: {type: string}, num: {type: number}, flag: {type: boolean}, may: {type: string}, ` +
			`cnt: {type: integer}, "null": {type: [number, "null"]}, def: {type: integer, default: 4}, words: {type: array, items: {type: string}}, ` +
			`list: {type: array, items: {type: object, properties: {n: {type: integer}, t: {type: string}, deep: {type: object, properties: {x: {type: string}}}}}}, ` +
			`sub: {type: object, required: [a], properties: {a: {type: string}, b: {type: object, properties: {c: {type: number}}}}}}}`,
		answer:   `{type: object, properties: {v: {}}}`,
		copybook: "       01  IN.\n           05  A  PIC X(30).\n       01  OUT.\n           05  ROWS1 OCCURS 2 TIMES.\n             10  K  PIC X.\n             10  V  PIC S9V9.\n           05  F  COMP-2.\n",
		codepage: "iso8859-1",
		transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields:\n    A: |-\n      =" + expression +
			"\nreply:\n  record: copybooks/BOOK.cpy#OUT\n  body: {v: \"=len(filter(reply.rows1, .v > 0.5))\"}\n",
	}
}

const (
	richBody = `{"name":"n\u0061me","num":1.50,"flag":true,"may":"yes","cnt":3,"null":2,"words":["a","b"],` +
		`"list":[{"n":1,"t":"one","deep":{"x":"X"}},{"n":2},{"t":"three"}],"sub":{"a":"A","b":{"c":0.10}}}`
	poorBody = `{"name":"","num":0,"null":null,"list":[{"n":9}],"sub":{"a":"B"}}`
)

func TestExpressionValues(t *testing.T) {
	for _, tt := range []struct{ expression, rich, poor string }{
		{`body.name + "!"`, "name!", "!"},
		{`body.num + 1`, "2.50", "1"},
		{`body.may ?? "none"`, "yes", "none"},
		{`body.cnt ?? body.def`, "3", "4"},
		{`body.null == nil ? "null" : "number"`, "number", "null"},
		{`body.flag == nil ? "no flag" : body.flag ? "set" : "unset"`, "set", "no flag"},
		{`len(body.list)`, "3", "1"},
		{`any(body.list, .t == "three") ? "y" : "n"`, "y", "n"},
		{`len(body.list) > 0 ? body.list[0].n ?? 0 : 0`, "1", "9"},
		{`len(filter(body.list, .n != nil))`, "2", "1"},
		{`count(body.words ?? [], true)`, "2", "0"},
		{`"b" in (body.words ?? []) ? "y" : "n"`, "y", "n"},
		{`body.sub.a + "-" + (body.may ?? "")`, "A-yes", "B-"},
		{`body.sub.b?.c == nil ? "none" : "some"`, "some", "none"},
		{`first(map(body.list, .n ?? 0)) ?? 0`, "1", "9"},
		{`find(body.list, .n == 9)?.t ?? "no text"`, "no text", "no text"},
		{`body.num > 1 and body.num < 2.0 ? "in" : "out"`, "in", "out"},
		{`-body.num`, "-1.50", "0"},
		{`body.num == 1.5 ? body.name : "zero"`, "name", "zero"},
	} {
		s := expressions(tt.expression)
		all, findings := compileWorkspace(s.files())
		c, ok := all["op"]
		if !ok {
			t.Errorf("%s: %v", tt.expression, errorsOf(findings))
			continue
		}
		// In turns, on runs that are used again: nothing of one exchange may be seen in the next.
		for i := range 6 {
			body, want := richBody, tt.rich
			if i%2 == 1 {
				body, want = poorBody, tt.poor
			}
			r := c.Start()
			m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body)})
			if got := strings.TrimRight(string(m.Body), " "); err != nil || got != want {
				t.Errorf("%s, turn %d: %q, %v; want %q", tt.expression, i, got, err, want)
			}
			r.Release()
		}
	}
}

// TestExpressionFails has expressions that compile and cannot have a value for some input.
func TestExpressionFails(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{`1 / body.num`, "division by zero"},
		{`(body.num + 1e50) * 1e50 + 1`, "more than 80 digits"},
	} {
		c := expressions(tt.expression).compile(t)
		r := c.Start()
		_, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(poorBody)})
		var failed *transforms.ExprError
		if !errors.As(err, &failed) || !strings.Contains(failed.Error(), tt.want) || failed.Pos.Line == 0 {
			t.Errorf("%s: %v; want %q", tt.expression, err, tt.want)
		}
		r.Release()
	}
}

// TestHostTablesInExpressions reads the entries of a host table in an expression.
func TestHostTablesInExpressions(t *testing.T) {
	c := expressions(`body.name`).compile(t)
	for _, tt := range []struct{ reply, want string }{
		{"a05b15", `{"v":1}`}, {"a99b15", `{"v":2}`}, {"a00b00", `{"v":0}`},
	} {
		r := c.Start()
		if _, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(poorBody)}); err != nil {
			t.Fatal(err)
		}
		out, err := r.Reply(transforms.Message{Body: append([]byte(tt.reply), make([]byte, 8)...)})
		if err != nil || string(out.Body) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.reply, out.Body, err, tt.want)
		}
		r.Release()
	}
	r := c.Start()
	defer r.Release()
	if _, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(poorBody)}); err != nil {
		t.Fatal(err)
	}
	_, err := r.Reply(transforms.Message{Body: append([]byte("ax5b15"), make([]byte, 8)...)})
	var field *transforms.FieldError
	if !errors.As(err, &field) || field.Offset != 1 || !strings.Contains(field.Error(), "V") {
		t.Errorf("error %v", err)
	}
}

// TestFrom fills a record by names.
func TestFrom(t *testing.T) {
	s := small{
		body: `{type: object, required: [a, g, rows], properties: {a: {type: string, maxLength: 2}, extra: {type: string}, ` +
			`g: {type: object, required: [b], properties: {b: {type: integer, minimum: 0, maximum: 9}}}, ` +
			`rows: {type: array, minItems: 2, maxItems: 2, items: {type: object, properties: {c: {type: string, maxLength: 1}}}}}}`,
		answer: `{type: object, properties: {a: {type: string}}}`,
		copybook: "       01  IN.\n           05  A  PIC X(2).\n           05  G.\n             10  B  PIC 9.\n           05  ROWS OCCURS 2 TIMES.\n             10  C  PIC X.\n" +
			"           05  Z  PIC X.\n           05  HAND  PIC X.\n",
		codepage:  "iso8859-1",
		transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  from: =body\n  fields: {HAND: h}\nreply:\n  record: copybooks/BOOK.cpy#IN\n  body: {a: =reply.a}\n",
	}
	c := s.compile(t)
	r := c.Start()
	defer r.Release()
	m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"rows":[{"c":"x"},{}],"a":"A","g":{"b":7}}`)})
	if err != nil || string(m.Body) != "A 7x  h" {
		t.Errorf("record %q, %v", m.Body, err)
	}
}
