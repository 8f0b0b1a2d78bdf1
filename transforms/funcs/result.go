// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"strconv"
	"strings"

	"lintel/transforms"
)

// withResults adds what is known about results when a workspace is checked: lengths and forms. What
// is not listed here is known by its signature only.
func withResults(list []transforms.Func) []transforms.Func {
	for i := range list {
		list[i].Result = resultOf(list[i].Name)
	}
	return list
}

func resultOf(name string) func(args []*transforms.Type) *transforms.Type {
	switch name {
	case "trim", "trimLeft", "trimRight", "squeeze", "before", "after":
		return noLonger
	case "upper", "lower":
		return sameLength
	case "onlyDigits":
		return digitsOnly
	case "cutTo":
		return func(args []*transforms.Type) *transforms.Type { return sized(args, 1, false) }
	case "padLeft", "padRight":
		return func(args []*transforms.Type) *transforms.Type { return sized(args, 1, true) }
	case "part":
		return func(args []*transforms.Type) *transforms.Type { return sized(args, 2, true) }
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
	return &transforms.Type{Shape: transforms.StringShape, MaxLength: t.MaxLength}
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
	if t != nil {
		t.Patterns = []string{"^[0-9]*$"}
	}
	return t
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
