// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"strings"

	"lintel/transforms"
)

func numberFuncs() []transforms.Func {
	return []transforms.Func{
		{
			Name: "number", Group: "numbers", Signature: "number(text) number", Types: []any{new(func(string) transforms.Decimal)},
			Doc: "Reads a number with an optional sign and point; leading zeros and blanks around it are allowed.",
			Call: func(args ...any) (any, error) {
				return toNumber(str(args[0]))
			},
			Examples: []transforms.FuncExample{
				{Expression: `number("000123.40")`, Result: `123.40`},
				{Expression: `number("-7") + 10`, Result: `3`},
				{Expression: `number("12A")`, Error: "no number"},
			},
		},
		{
			Name: "text", Group: "numbers", Signature: "text(number) text",
			Types: []any{new(func(transforms.Decimal) string), new(func(int) string)},
			Doc:   "Writes a number as text, its decimals kept.",
			Call: func(args ...any) (any, error) {
				if i, ok := args[0].(int); ok {
					return transforms.DecimalFromInt(int64(i)).String(), nil
				}
				d, ok := args[0].(transforms.Decimal)
				if !ok {
					return nil, fail("text: number is absent")
				}
				return d.String(), nil
			},
			Examples: []transforms.FuncExample{{Expression: `text(100.50)`, Result: `"100.50"`}, {Expression: `text(7)`, Result: `"7"`}},
		},
	}
}

func toNumber(s string) (any, error) {
	s = strings.TrimSpace(s)
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if strings.Trim(s, "0123456789.") != "" || s == "" || strings.Count(s, ".") > 1 || s == "." {
		return nil, fail("number: text is no number")
	}
	d, err := transforms.ParseDecimal(sign + s)
	if err != nil {
		return nil, fail("number: text is no number")
	}
	return d, nil
}
