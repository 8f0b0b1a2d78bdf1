// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"testing"
	"unicode/utf8"

	"lintel/transforms"
)

// TestResults holds what is said about a result against what the function gives.
func TestResults(t *testing.T) {
	text := func(enum ...string) *transforms.Type {
		return &transforms.Type{Shape: transforms.StringShape, MinLength: 10, MaxLength: 10, Enum: enum}
	}
	number := func(n string) *transforms.Type {
		return &transforms.Type{Shape: transforms.NumberShape, Enum: []string{n}}
	}
	c := &transforms.Compiler{Funcs: All()}
	for _, one := range []struct {
		name, expression string
		args             []*transforms.Type
	}{
		{"trim", `trim("  ABCDE  F")`, []*transforms.Type{text()}},
		{"upper", `upper("abcdefghij")`, []*transforms.Type{text()}},
		{"onlyDigits", `onlyDigits("12-34-5678")`, []*transforms.Type{text()}},
		{"cutTo", `cutTo("ABCDEFGHIJ", 4)`, []*transforms.Type{text(), number("4")}},
		{"padLeft", `padLeft("ABCDEFGHIJ", 12, "0")`, []*transforms.Type{text(), number("12"), text()}},
		{"part", `part("ABCDEFGHIJ", 2, 3)`, []*transforms.Type{text(), number("2"), number("3")}},
		{"date", `date("31.01.2024", "dd.MM.yyyy")`, []*transforms.Type{text(), text()}},
		{"formatDate", `formatDate("2024-01-31", "yyyyMMdd")`, []*transforms.Type{text(), text(`"yyyyMMdd"`)}},
	} {
		typ := resultOf(one.name)(one.args)
		if typ == nil {
			t.Errorf("%s: nothing is known", one.name)
			continue
		}
		got, err := c.Evaluate(one.expression)
		if err != nil {
			t.Fatal(err)
		}
		if n := utf8.RuneCountInString(got) - 2; n < typ.MinLength || n > typ.MaxLength {
			t.Errorf("%s = %s, not of length %d to %d", one.expression, got, typ.MinLength, typ.MaxLength)
		}
	}
	for _, f := range All() {
		if f.Result != nil && f.Result(make([]*transforms.Type, 3)) != nil && f.Result(nil) == nil {
			t.Errorf("%s: knows more about unknown arguments than about none", f.Name)
		}
	}
}
