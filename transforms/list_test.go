// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"slices"
	"strings"
	"testing"

	"lintel/specs"
)

// TestListTemplates checks the entries of lists that a body writes one by one, by their places.
func TestListTemplates(t *testing.T) {
	const pair = "{type: array, prefixItems: [{type: number, minimum: 0, maximum: 9}, {type: string}], items: false, minItems: 2}"
	for _, tt := range []struct {
		answer, body string
		want         []string
	}{
		{pair, `[=reply.n, =reply.b]`, nil},
		{pair, `[=reply.b, =reply.b]`, []string{"LNT4047 reply.b (B PIC X) can be any text, and the contract has a number for entry 0"}},
		{pair, `[=reply.n]`, []string{"LNT4004 the list has the length 1, and the contract allows 2"}},
		{pair, `[=reply.n, x, y]`, []string{"LNT4004 the list has the length 3, and the contract allows 2"}},
		{pair, `[=reply.n, {when: true, then: x}]`, []string{"LNT4012 a condition stands at a member of an object"}},
		{pair, `[=reply.n, =query.q]`, []string{"LNT4045 the contract requires entry 1, and query.q can be absent"}},
		{pair, `[=reply.n, '=query.q ?? "none"']`, nil},
		{"{type: array, items: {type: string}, maxItems: 3}", `[=reply.b, a, '7']`, nil},
		{"{type: array, items: {type: string}, maxItems: 3}", `[=reply.b, {a: x}]`, []string{"LNT4004 the contract has a string here, not an object"}},
		{"{type: array, items: {type: array, items: {type: string}}}", `[[=reply.b], []]`, nil},
		{"{}", `[1, {a: =reply.b}, [x]]`, nil},
		{"{type: object}", `[1]`, []string{"LNT4004 the contract has an object here, not an array"}},
	} {
		s := small{
			parameters: `[{name: q, in: query, schema: {type: string}}]`,
			body:       `{type: object, properties: {o: {type: string}}}`,
			answer:     "{type: object, required: [v], properties: {v: " + tt.answer + "}}",
			copybook:   "       01  IN.\n           05  A  PIC X.\n       01  OUT.\n           05  B  PIC X.\n           05  N  PIC 9.\n",
			transform:  "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {A: x}\nreply:\n  record: copybooks/BOOK.cpy#OUT\n  body: {v: " + tt.body + "}\n",
		}
		_, findings := compileWorkspace(s.files())
		var got []string
		for _, f := range findings {
			if f.Severity != specs.Info && strings.HasPrefix(f.Code, "LNT40") && f.Code != "LNT4049" {
				got = append(got, f.Code+" "+f.Message)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s for %s: %q, want %v", tt.body, tt.answer, got, tt.want)
		}
	}
}
