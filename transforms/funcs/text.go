// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"strings"
	"unicode/utf8"

	"lintel/transforms"
)

// maxPad bounds how long padding can make a text, in characters.
const maxPad = 4096

func textFuncs() []transforms.Func {
	one := []any{new(func(string) string)}
	two := []any{new(func(string, string) bool)}
	return []transforms.Func{
		{
			Name: "trim", Group: "text", Signature: "trim(text) text", Types: one,
			Doc:      "Takes blanks away at both ends.",
			Call:     text1(strings.TrimSpace),
			Examples: []transforms.FuncExample{{Expression: `trim("  ACME ")`, Result: `"ACME"`}},
		},
		{
			Name: "upper", Group: "text", Signature: "upper(text) text", Types: one,
			Doc:      "Turns letters into capitals.",
			Call:     text1(strings.ToUpper),
			Examples: []transforms.FuncExample{{Expression: `upper("acme")`, Result: `"ACME"`}},
		},
		{
			Name: "lower", Group: "text", Signature: "lower(text) text", Types: one,
			Doc:      "Turns letters into small ones.",
			Call:     text1(strings.ToLower),
			Examples: []transforms.FuncExample{{Expression: `lower("ACME")`, Result: `"acme"`}},
		},
		{
			Name: "hasPrefix", Group: "text", Signature: "hasPrefix(text, prefix) boolean", Types: two,
			Doc:      "Tells whether the text begins with the prefix.",
			Call:     test2(strings.HasPrefix),
			Examples: []transforms.FuncExample{{Expression: `hasPrefix("DE89", "DE")`, Result: `true`}},
		},
		{
			Name: "hasSuffix", Group: "text", Signature: "hasSuffix(text, suffix) boolean", Types: two,
			Doc:      "Tells whether the text ends with the suffix.",
			Call:     test2(strings.HasSuffix),
			Examples: []transforms.FuncExample{{Expression: `hasSuffix("A.pdf", ".pdf")`, Result: `true`}},
		},
		{
			Name: "indexIn", Group: "text", Signature: "indexIn(text, part) number", Types: []any{new(func(string, string) int)},
			Doc:      "Gives the place of the first occurrence of part in text, counted in characters from 0; -1 if there is none.",
			Call:     indexIn,
			Examples: []transforms.FuncExample{{Expression: `indexIn("größe", "e")`, Result: `4`}, {Expression: `indexIn("abc", "x")`, Result: `-1`}},
		},
		{
			Name: "part", Group: "text", Signature: "part(text, from, length) text", Types: []any{new(func(string, int, int) string)},
			Doc:      "Cuts out length characters from the place from, counted from 0. It fails when the text is shorter.",
			Call:     part,
			Examples: []transforms.FuncExample{{Expression: `part("20240131", 4, 2)`, Result: `"01"`}, {Expression: `part("abc", 2, 5)`, Error: "shorter"}},
		},
		{
			Name: "padLeft", Group: "text", Signature: "padLeft(text, length, fill) text", Types: []any{new(func(string, int, string) string)},
			Doc:      "Puts the fill character in front until the text has that length. It fails when the text is longer.",
			Call:     padLeft,
			Examples: []transforms.FuncExample{{Expression: `padLeft("4711", 10, "0")`, Result: `"0000004711"`}, {Expression: `padLeft("4711", 3, "0")`, Error: "longer"}},
		},
	}
}

func text1(f func(string) string) func(...any) (any, error) {
	return func(args ...any) (any, error) { return f(str(args[0])), nil }
}

func test2(f func(a, b string) bool) func(...any) (any, error) {
	return func(args ...any) (any, error) { return f(str(args[0]), str(args[1])), nil }
}

func str(x any) string {
	s, _ := x.(string)
	return s
}

func integer(x any) int {
	i, _ := x.(int)
	return i
}

func indexIn(args ...any) (any, error) {
	before, _, found := strings.Cut(str(args[0]), str(args[1]))
	if !found {
		return -1, nil
	}
	return utf8.RuneCountInString(before), nil
}

func part(args ...any) (any, error) {
	runes := []rune(str(args[0]))
	from, length := integer(args[1]), integer(args[2])
	if from < 0 || length < 0 {
		return nil, fail("part: place and length must not be negative")
	}
	if from > len(runes) || length > len(runes)-from {
		return nil, fail("part: text is shorter")
	}
	return string(runes[from : from+length]), nil
}

func padLeft(args ...any) (any, error) {
	text, length, fill := str(args[0]), integer(args[1]), str(args[2])
	n := utf8.RuneCountInString(text)
	switch {
	case utf8.RuneCountInString(fill) != 1:
		return nil, fail("padLeft: fill must be one character")
	case n > length:
		return nil, fail("padLeft: text is longer")
	case length > maxPad:
		return nil, fail("padLeft: length is over 4096")
	}
	return strings.Repeat(fill, length-n) + text, nil
}
