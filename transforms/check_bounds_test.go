// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"strings"
	"testing"

	"lintel/specs"
)

// TestOneSidedBounds moves numbers of the request into the answer, where either has one bound only.
func TestOneSidedBounds(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"minimum: 0", "minimum: 0", ""},
		{"minimum: 0", "minimum: -5", ""},
		{"minimum: 5", "minimum: 0", ""},
		{"minimum: -5", "minimum: 0", "any number from -5, and the contract has minimum 0"},
		{"maximum: 9", "maximum: 9", ""},
		{"maximum: 9", "maximum: 10", ""},
		{"maximum: 9", "maximum: 8", "any number up to 9, and the contract has maximum 8"},
		{"minimum: 0", "maximum: 9", "any number from 0, and the contract has maximum 9"},
		{"maximum: 9", "minimum: 0", "any number up to 9, and the contract has minimum 0"},
		{"exclusiveMinimum: 0", "minimum: 0", ""},
		{"minimum: 0, maximum: 9", "minimum: 0", ""},
		{"minimum: 0, maximum: 9", "maximum: 5", "0 to 9, and the contract has maximum 5"},
		{"minimum: 0", "", ""},
		{"", "minimum: 0", "any number, and the contract has minimum 0"},
	} {
		s := small{
			body:     "{type: object, required: [v], properties: {v: {type: integer, " + tt.from + "}}}",
			answer:   "{type: object, required: [v], properties: {v: {type: integer, " + tt.to + "}}}",
			copybook: "       01  IN.\n           05  A  PIC X.\n       01  OUT.\n           05  B  PIC X.\n",
			transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {A: x}\nreply:\n  record: copybooks/BOOK.cpy#OUT\n" +
				"  body: {v: =body.v}\n",
		}
		_, findings := compileWorkspace(s.files())
		got := ""
		for _, f := range findings {
			if f.Severity != specs.Info && f.Code == "LNT4041" {
				got += f.Message
			}
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s to %s: %q", tt.from, tt.to, got)
		}
	}
}
