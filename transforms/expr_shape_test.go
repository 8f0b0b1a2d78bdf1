// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"fmt"
	"strings"
	"testing"

	"lintel/transforms"
)

// TestExpressionTypes has expressions that expr alone would accept and that could only fail, or be
// wrong, in an exchange: each is a finding.
func TestExpressionTypes(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		// Values that may be absent have no type in Go.
		{`body.may + 1`, "LNT4021"},
		{`body.may == 1 ? "a" : "b"`, "LNT4021"},
		{`(body.may ?? "") + 1`, "LNT4021"},
		{`(body.flag ?? false) + "x"`, "LNT4021"},
		{`upper(body.cnt ?? 0)`, "LNT4021"},
		{`upper(body.flag)`, "LNT4021"},
		{`body.may > 3 ? "a" : "b"`, "LNT4021"},
		{`body.flag contains "x" ? "a" : "b"`, "LNT4021"},
		{`body.may and true ? "a" : "b"`, "LNT4021"},
		{`not body.may ? "a" : "b"`, "LNT4021"},
		{`-body.may`, "LNT4021"},
		{`body.any + 1`, "LNT4021"},
		{`number(body.any) + 1`, "LNT4052"},
		{`number(true)`, "LNT4021"},
		{`body.any ? "a" : "b"`, "LNT4021"},
		{`upper(body.any)`, "LNT4021"},
		{`len(body.any)`, "LNT4021"},
		{`any(body.any, true) ? "a" : "b"`, "LNT4021"},
		{`body.any.x`, "LNT4022"},
		// Branches of different types.
		{`(body.flag == true ? body.num : "x") + 1`, "LNT4021"},
		{`body.flag == true ? body.num : true`, "LNT4021"},
		{`body.may ?? false`, "LNT4021"},
		{`body.may ?? body.list`, "LNT4021"},
		// Arrays and objects.
		{`filter(body.list, .n == 1)`, "LNT4021"},
		{`map(body.list, .t)`, "LNT4021"},
		{`body.words ?? ["a"]`, "LNT4021"},
		{`split("a b", " ")`, "LNT4021"},
		{`find(body.list, .n == 1)`, "LNT4021"},
		{`{"a": 1}`, "LNT4023"},
		{`[1, 2][0:1]`, "LNT4023"},
		{`body.name[0:1]`, "LNT4023"},
		{`body.name[0]`, "LNT4021"},
		{`body.list == body.words ? "a" : "b"`, "LNT4021"},
		{`body.list == "x" ? "a" : "b"`, "LNT4021"},
		{`body.sub == nil ? "a" : "b"`, "LNT4021"},
		{`"x" in body.sub ? "a" : "b"`, "LNT4021"},
		{`"x" in body.name ? "a" : "b"`, "LNT4021"},
		{`1 in body.words ? "a" : "b"`, "LNT4021"},
		{`"1" in [1, 2] ? "a" : "b"`, "LNT4021"},
		{`len(body.num)`, "LNT4021"},
		{`any(body.name, true) ? "a" : "b"`, "LNT4021"},
		{`all(body.list, .t) ? "a" : "b"`, "LNT4021"},
		{`sum(map(body.list, .t ?? "a"))`, "LNT4021"},
		{`sum(map(body.list, body.flag == true ? 1 : "a"))`, "LNT4021"},
		{`join(map(body.list, .n ?? 0), ",")`, "LNT4021"},
		// Names of Go and of expr.
		{`body.num.String()`, "LNT402"},
		{`$env["V0"]`, "LNT402"},
		{`first(body.list)?.typo ?? "x"`, "LNT4022"},
		{`find(body.list, .typo == 1)?.t ?? "x"`, "LNT402"},
		{`body.name matches body.name ? "a" : "b"`, "LNT4023"},
		{`body.name; "x"`, "LNT402"},
		{`+body.num`, "LNT4023"},
		{`#index`, "LNT402"},
		// Values that may not be there.
		{`first(body.list).t ?? "x"`, "LNT4052"},
		{`last(body.list).t ?? "x"`, "LNT4052"},
		{`find(body.list, .n == 1).t ?? "x"`, "LNT4052"},
		{`upper(first(body.words))`, "LNT4052"},
		{`upper(last(body.words))`, "LNT4052"},
		{`body.list[0].t ?? "x"`, "LNT4052"},
		{`body.list[-1].t ?? "x"`, "LNT4052"},
		{`len(body.list) > 1 ? body.list[2].t ?? "x" : "y"`, "LNT4052"},
		{`any(body.list, .n > 1) ? "a" : "b"`, "LNT4052"},
		{`any(body.list, .deep.x == "X") ? "a" : "b"`, "LNT4052"},
		{`sum(map(body.list, .n))`, "LNT40"},
		{`sum(filter(map(body.list, .n), # > 1))`, "LNT40"},
		{`body.cnt > 1 or true ? "a" : "b"`, "LNT4052"},
		{`body.flag ? "a" : "b"`, "LNT4052"},
	} {
		s := expressions(tt.expression)
		s.body = strings.Replace(s.body, "name: {type: string}", "name: {type: string}, any: {}", 1)
		all, findings := compileWorkspace(s.files())
		got := fmt.Sprint(errorsOf(findings))
		if _, ok := all["op"]; ok || !strings.Contains(got, tt.want) {
			t.Errorf("%s: want %s, got\n%v", tt.expression, tt.want, findings)
		}
	}
}

// TestExpressionExact has values that expr knows no type of, and whose results are exact all the same.
func TestExpressionExact(t *testing.T) {
	const body = `{"name":"n","num":1.50,"any":2.00,"big":9007199254740993,"texts":["a","b"],"nums":[1.0,20,3.5],"rows":[{"n":1.10,"t":"x","tags":["p"]},{"n":2,"tags":[]}],"may":"m","cnt":3}`
	for _, tt := range []struct{ expression, want string }{
		{`body.any == 2 ? "y" : "n"`, "y"},
		{`body.any == 2.0 ? "y" : "n"`, "y"},
		{`body.any != 2 ? "y" : "n"`, "n"},
		{`2 == body.any ? "y" : "n"`, "y"},
		{`body.any == "2" ? "y" : "n"`, "n"},
		{`first(body.none2 ?? []) == "a" ? "y" : "n"`, "n"},
		{`first(body.none2 ?? []) != "a" ? "y" : "n"`, "y"},
		{`first(body.none2 ?? []) in ["a", "b"] ? "y" : "n"`, "n"},
		{`first(body.texts) in ["a", "b"] ? "y" : "n"`, "y"},
		{`last(body.nums) == 3.5 ? "y" : "n"`, "y"},
		{`find(body.rows, .n > 9)?.t == "x" ? "y" : "n"`, "n"},
		{`7 % len(body.rows)`, "1"},
		{`((body.cnt == 3 ? body.any : body.num) ?? body.num) ?? 1`, "2.00"},
		{`len(body.name) % ((body.cnt == 3 ? body.nums[0] : -3) ?? (body.may != nil ? body.num : 2))`, "0.0"},
		{`body.any == body.num + 0.5 ? "y" : "n"`, "y"},
		{`body.any in [1, 2] ? "y" : "n"`, "y"},
		{`body.any > 1.99 ? "y" : "n"`, "y"},
		{`body.any > "a" ? "y" : "n"`, "n"},
		{`body.big == 9007199254740993 ? "y" : "n"`, "y"},
		{`body.big == 9007199254740992 ? "y" : "n"`, "n"},
		{`body.num in [1.5, 2] ? "y" : "n"`, "y"},
		{`2 in [1.5, 2.00] ? "y" : "n"`, "y"},
		{`1 in body.nums ? "y" : "n"`, "y"},
		{`3.50 in (body.nums ?? []) ? "y" : "n"`, "y"},
		{`body.num in [1, 2] ? "y" : "n"`, "n"},
		{`body.may in ["m", "k"] ? "y" : "n"`, "y"},
		{`body.none in ["", "k"] ? "y" : "n"`, "n"},
		{`(body.none ?? "") in ["", "k"] ? "y" : "n"`, "y"},
		{`(body.cnt == 3 ? body.num : 0) + 1`, "2.50"},
		{`(body.cnt == 4 ? body.num : 0) + 0.1`, "0.1"},
		{`-(body.cnt == 3 ? body.num : 0)`, "-1.50"},
		{`(body.cnt == 3 ? body.num : 0) * (first(body.nums) ?? 0) - 0.5`, "1.000"},
		{`(first(body.nums) ?? 0) / 4`, "0.25"},
		{`(first(body.nums) ?? 0) < 1.01 ? "y" : "n"`, "y"},
		{`(body.may ?? "") + (body.none ?? "-")`, "m-"},
		{`(body.may ?? "") < "n" ? "y" : "n"`, "y"},
		{`first(body.rows)?.n == 1.1 ? "y" : "n"`, "y"},
		{`(first(body.rows)?.n ?? 0) + (last(body.rows)?.n ?? 0)`, "3.10"},
		{`len(body.rows) > 1 ? body.rows[1].n + 1 : 0`, "3"},
		{`sum(map(body.rows, .n * 2))`, "6.20"},
		{`sum(map(filter(body.rows, "p" in .tags), .n))`, "1.10"},
		{`any(body.rows, .t == "x") ? "y" : "n"`, "y"},
		{`any(body.rows, .t != nil and .t startsWith "x") ? "y" : "n"`, "y"},
		{`find(body.rows, .n > 1.5)?.n ?? 0`, "2"},
		{`count(body.nums ?? [], # >= 1)`, "3"},
		{`body.none == nil and body.may != nil ? "y" : "n"`, "y"},
		{`body.may != nil ? upper(body.may) : "-"`, "M"},
		{`body.may == nil or body.may == "m" ? "y" : "n"`, "y"},
		{`number(body.any ?? 0) + 1`, "3.00"},
		{`text(body.num) + "x"`, "1.50x"},
		{`number(body.flo) * 3`, "0.3"},
		{`text(body.any ?? 0) + "x"`, "2.00x"},
	} {
		s := expressions(tt.expression)
		s.body = `{type: object, required: [name, num, rows, nums], properties: {name: {type: string}, num: {type: number}, any: {}, big: {}, may: {type: string}, none: {type: string}, cnt: {type: integer}, ` +
			`flo: {type: number, default: 0.1}, texts: {type: array, items: {type: string}}, none2: {type: array, items: {type: string}}, nums: {type: array, minItems: 1, items: {type: number}}, ` +
			`rows: {type: array, items: {type: object, required: [n, tags], properties: {n: {type: number}, t: {type: string}, tags: {type: array, items: {type: string}}}}}}}`
		all, findings := compileWorkspace(s.files())
		c, ok := all["op"]
		if !ok {
			t.Errorf("%s: %v", tt.expression, errorsOf(findings))
			continue
		}
		r := c.Start()
		m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body)})
		if got := strings.TrimRight(string(m.Body), " "); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.expression, got, err, tt.want)
		}
		r.Release()
	}
}
