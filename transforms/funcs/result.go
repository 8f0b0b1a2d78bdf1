// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// withResults adds what is known about results when a workspace is checked: lengths and forms. What
// is not listed here is known by its signature only.
func withResults(tables []*specs.Table, list []transforms.Func) []transforms.Func {
	for i := range list {
		if list[i].Result = resultOf(list[i].Name); list[i].Name == "lookup" {
			list[i].Result = func(args []*transforms.Type) *transforms.Type { return columnValues(tables, args) }
		}
	}
	return list
}

func resultOf(name string) func(args []*transforms.Type) *transforms.Type {
	switch name {
	case "trim", "trimLeft", "trimRight", "squeeze", "before", "after":
		return noLonger
	case "upper", "lower", "mask":
		return sameLength
	case "onlyDigits":
		return digitsOnly
	case "cutTo":
		return func(args []*transforms.Type) *transforms.Type { return sized(args, 1, false) }
	case "padLeft", "padRight":
		return func(args []*transforms.Type) *transforms.Type { return sized(args, 1, true) }
	case "part":
		return func(args []*transforms.Type) *transforms.Type { return sized(args, 2, true) }
	case "uuid":
		return func([]*transforms.Type) *transforms.Type {
			return &transforms.Type{Shape: transforms.StringShape, Format: "uuid", MinLength: 36, MaxLength: 36}
		}
	case "digits":
		return func(args []*transforms.Type) *transforms.Type { return digitText(args, 1, 0) }
	case "luhnDigit", "mod10Digit":
		return func(args []*transforms.Type) *transforms.Type { return digitText(args, -1, 1) }
	case "mod97Digits":
		return func(args []*transforms.Type) *transforms.Type { return digitText(args, -1, 2) }
	case "date", "addDays", "addMonths", "monthEnd":
		return func([]*transforms.Type) *transforms.Type {
			return &transforms.Type{Shape: transforms.StringShape, Format: "date", MinLength: 10, MaxLength: 10}
		}
	case "formatDate":
		return pictured
	default:
		return nil
	}
}

// textArg is the type of an argument, if that is known to be text of some greatest length.
func textArg(args []*transforms.Type) *transforms.Type {
	if len(args) == 0 || args[0] == nil || args[0].Shape != transforms.StringShape || args[0].MaxLength < 0 {
		return nil
	}
	return args[0]
}

func noLonger(args []*transforms.Type) *transforms.Type {
	t := textArg(args)
	if t == nil {
		return nil
	}
	return &transforms.Type{Shape: transforms.StringShape, MaxLength: t.MaxLength, Patterns: onlyDigits(t)}
}

// onlyDigits are the patterns of a text that has no other characters; nil of any other.
func onlyDigits(t *transforms.Type) []string {
	const digits = "^[0-9]*$"
	if t == nil || t.Shape != transforms.StringShape {
		return nil
	}
	for _, p := range t.Patterns {
		for _, class := range []string{"^[0-9]", `^\d`} {
			if rest, ok := strings.CutPrefix(p, class); ok && strings.Trim(rest, "{}0123456789,*+$") == "" && strings.HasSuffix(rest, "$") {
				return []string{digits}
			}
		}
	}
	for _, text := range t.Enum {
		if strings.Trim(text, `0123456789"`) != "" {
			return nil
		}
	}
	if len(t.Enum) > 0 {
		return []string{digits}
	}
	return nil
}

func sameLength(args []*transforms.Type) *transforms.Type {
	t := textArg(args)
	if t == nil {
		return nil
	}
	return &transforms.Type{Shape: transforms.StringShape, MinLength: t.MinLength, MaxLength: t.MaxLength}
}

func digitsOnly(args []*transforms.Type) *transforms.Type {
	t := noLonger(args)
	if t == nil {
		t = &transforms.Type{Shape: transforms.StringShape, MaxLength: transforms.Unbounded}
	}
	t.Patterns = []string{"^[0-9]*$"}
	return t
}

// digitText is a text of so many digits: n, or what an argument says that is written out.
func digitText(args []*transforms.Type, arg, n int) *transforms.Type {
	if arg >= 0 {
		t := sized(args, arg, true)
		if t == nil {
			return &transforms.Type{Shape: transforms.StringShape, MaxLength: transforms.Unbounded, Patterns: []string{"^[0-9]*$"}}
		}
		n = t.MaxLength
	}
	return &transforms.Type{Shape: transforms.StringShape, MinLength: n, MaxLength: n, Patterns: []string{fmt.Sprintf("^[0-9]{%d}$", n)}}
}

// columnValues are those of the column that a lookup names, and its default.
func columnValues(tables []*specs.Table, args []*transforms.Type) *transforms.Type {
	const most = 1000
	words := make([]string, len(args))
	for i, a := range args {
		if a == nil || len(a.Enum) != 1 {
			continue
		}
		if text, err := transforms.Unquote(nil, []byte(a.Enum[0])); err == nil {
			words[i] = string(text)
		}
	}
	i := slices.IndexFunc(tables, func(t *specs.Table) bool { return len(words) > 2 && t.Name == words[0] })
	if i < 0 || len(tables[i].Rows) > most || len(args) > 3 && (args[3] == nil || args[3].Enum == nil) {
		return nil
	}
	column := slices.Index(tables[i].Columns, words[2])
	if column < 0 {
		return nil
	}
	out := &transforms.Type{Shape: transforms.StringShape, MinLength: 1 << 20}
	add := func(text string) {
		if quoted := string(transforms.AppendQuoted(nil, text)); !slices.Contains(out.Enum, quoted) {
			out.Enum = append(out.Enum, quoted)
		}
		out.MinLength, out.MaxLength = min(out.MinLength, runes(text)), max(out.MaxLength, runes(text))
	}
	for _, row := range tables[i].Rows {
		add(row[column])
	}
	if len(args) > 3 {
		for _, text := range args[3].Enum {
			if plain, err := transforms.Unquote(nil, []byte(text)); err == nil {
				add(string(plain))
			}
		}
	}
	return out
}

// sized is a text whose length an argument gives that is written out in the expression.
func sized(args []*transforms.Type, arg int, exact bool) *transforms.Type {
	if len(args) <= arg || args[arg] == nil || len(args[arg].Enum) != 1 {
		return nil
	}
	n, err := strconv.Atoi(args[arg].Enum[0])
	if err != nil || n < 0 {
		return nil
	}
	t := &transforms.Type{Shape: transforms.StringShape, MaxLength: n}
	if exact {
		t.MinLength = n
	}
	if len(args) < 3 || args[2] != nil && (args[2].Shape == transforms.NumberShape || onlyDigits(args[2]) != nil) { // what it is padded with
		t.Patterns = onlyDigits(args[0])
	}
	return t
}

// pictured is a date written by a picture that stands in the expression.
func pictured(args []*transforms.Type) *transforms.Type {
	if len(args) < 2 || args[1] == nil || len(args[1].Enum) != 1 {
		return nil
	}
	picture, err := transforms.Unquote(nil, []byte(args[1].Enum[0]))
	if err != nil {
		return nil
	}
	n := runes(string(picture))
	t := &transforms.Type{Shape: transforms.StringShape, MinLength: n, MaxLength: n}
	if strings.Trim(string(picture), "yMdDHms") == "" {
		t.Patterns = []string{fmt.Sprintf("^[0-9]{%d}$", n)}
	}
	return t
}
