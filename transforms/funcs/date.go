// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"strings"
	"time"

	"lintel/transforms"
)

func dateFuncs() []transforms.Func {
	two := []any{new(func(string, string) string)}
	return []transforms.Func{
		{
			Name: "date", Group: "dates", Signature: "date(text, picture) text", Types: two,
			Doc: "Reads a date by its picture (yyyy, MM, dd and any other characters as they are) and gives it as yyyy-MM-dd.",
			Call: func(args ...any) (any, error) {
				return convertDate(str(args[0]), str(args[1]), "yyyy-MM-dd")
			},
			Examples: []transforms.FuncExample{
				{Expression: `date("20240131", "yyyyMMdd")`, Result: `"2024-01-31"`},
				{Expression: `date("31.01.2024", "dd.MM.yyyy")`, Result: `"2024-01-31"`},
				{Expression: `date("20240231", "yyyyMMdd")`, Error: "no date"},
			},
		},
		{
			Name: "formatDate", Group: "dates", Signature: "formatDate(date, picture) text", Types: two,
			Doc: "Writes a date given as yyyy-MM-dd by a picture.",
			Call: func(args ...any) (any, error) {
				return convertDate(str(args[0]), "yyyy-MM-dd", str(args[1]))
			},
			Examples: []transforms.FuncExample{{Expression: `formatDate("2024-01-31", "yyyyMMdd")`, Result: `"20240131"`}},
		},
	}
}

func convertDate(text, from, to string) (any, error) {
	in, ok := layout(from)
	out, ok2 := layout(to)
	if !ok || !ok2 {
		return nil, fail("date: picture needs yyyy, MM and dd once each")
	}
	t, err := time.Parse(in, text)
	if err != nil {
		return nil, fail("date: text is no date by its picture")
	}
	return t.Format(out), nil
}

// layout translates a picture to Go's reference date.
func layout(picture string) (string, bool) {
	for _, p := range []string{"yyyy", "MM", "dd"} {
		if strings.Count(picture, p) != 1 {
			return "", false
		}
	}
	if strings.ContainsAny(strings.NewReplacer("yyyy", "", "MM", "", "dd", "").Replace(picture), "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return "", false
	}
	return strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02").Replace(picture), true
}
