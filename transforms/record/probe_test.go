// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

const probed = `
01 R.
   05 NAME PIC X(5).
   05 AMOUNT PIC 9(3)V99 COMP-3.
   05 KIND PIC X.
      88 SMALL VALUE 'S'.
   05 DAY PIC 9(8).
   05 FULL PIC S9(4) COMP-5.
   05 WIDE PIC X(10).
   05 N PIC 9.
   05 T PIC X OCCURS 1 TO 3 DEPENDING ON N.
`

func TestProbe(t *testing.T) {
	rules := []*specs.FieldRule{{Name: "DAY", Date: specs.Text{Value: "yyyyMMdd"}, Empty: []specs.EmptyValue{{Text: specs.Text{Value: "00000000"}}}}}
	c := compile(t, probed, Options{Rules: rules})
	for _, one := range []struct{ field, json, code string }{
		{"name", `"ABCDE"`, ""},
		{"name", `"ABCDEF"`, "length"},
		{"name", `"\u017B"`, "unmappable"},
		{"name", `null`, "null"},
		{"amount", `999.99`, ""},
		{"amount", `1000`, "overflow"},
		{"amount", `0.001`, "scale"},
		{"amount", `-1`, "sign"},
		{"kind", `"small"`, ""},
		{"kind", `"huge"`, "enum"},
		{"day", `"2024-02-29"`, ""},
		{"day", `"20240229"`, "date"},
		{"day", `null`, ""},
	} {
		err := c.Try(c.Type().Member(one.field), transforms.JSONValue([]byte(one.json)))
		code := ""
		if err != nil {
			code = err.Code
		}
		if code != one.code {
			t.Errorf("%s = %s: %q, want %q", one.field, one.json, code, one.code)
		}
	}
	table := c.Type().Member("t")
	for n, fits := range []bool{false, true, true, true, false} {
		if err := c.Try(table, transforms.Value{Kind: transforms.Array, Len: int32(n)}); (err == nil) != fits {
			t.Errorf("%d entries: %v", n, err)
		}
	}
	if table.Counter != c.Type().Member("n") {
		t.Errorf("counter is %v", table.Counter)
	}
	full := c.Type().Member("full")
	if full.Minimum != "-32768" || full.Maximum != "32767" {
		t.Errorf("full range is %s to %s", full.Minimum, full.Maximum)
	}
	if err := c.Try(&transforms.Type{}, transforms.Value{Kind: transforms.Null}); err != nil {
		t.Errorf("a type of another format: %v", err)
	}
}

func TestBlank(t *testing.T) {
	rules := []*specs.FieldRule{{Name: "DAY", Date: specs.Text{Value: "yyyyMMdd"}, Empty: []specs.EmptyValue{{Text: specs.Text{Value: "00000000"}}}}}
	c := compile(t, probed, Options{Rules: rules})
	for _, one := range []struct {
		field, json string
		valid       bool
	}{
		{"name", `""`, true}, {"amount", `0.00`, true}, {"kind", ``, false}, {"day", `null`, true}, {"full", `0`, true},
	} {
		got, valid := c.Blank(c.Type().Member(one.field))
		if string(got) != one.json || valid != one.valid {
			t.Errorf("%s: %s %v, want %s %v", one.field, got, valid, one.json, one.valid)
		}
	}
}

// TestSafeLength fills fields of mixed pages with what takes most room.
func TestSafeLength(t *testing.T) {
	for _, one := range []struct {
		page, widest string
	}{{"cp1399", "\u4E9C"}, {"utf-8", "\U0001F600"}} {
		c := compile(t, probed, Options{Page: page(t, one.page)})
		wide := c.Type().Member("wide")
		n := wide.SafeLength
		if n < 1 {
			t.Errorf("%s: nothing is safe", one.page)
			continue
		}
		mixed := ""
		for i := range n {
			mixed += []string{one.widest, "A"}[i%2]
		}
		for _, text := range []string{strings.Repeat(one.widest, n), mixed} {
			if err := c.Try(wide, transforms.Value{Kind: transforms.String, Text: transforms.AppendQuoted(nil, text)}); err != nil {
				t.Errorf("%s: %d characters do not fit: %v", one.page, n, err)
			}
		}
	}
}

// TestOverlays tells alternatives of one block apart, FILLER groups included.
func TestOverlays(t *testing.T) {
	c := compile(t, `
01 R.
   05 A PIC X(4).
   05 FILLER REDEFINES A.
      10 B PIC XX.
      10 C PIC XX.
   05 D PIC X.
`, Options{})
	m := func(name string) *transforms.Type { return c.Type().Member(name) }
	if m("a").Overlay == 0 || m("a").Overlay != m("b").Overlay || m("a").Alternative == m("b").Alternative {
		t.Error("a and b are not alternatives")
	}
	if m("b").Alternative != m("c").Alternative {
		t.Error("b and c are not in one alternative")
	}
	if m("d").Overlay != 0 {
		t.Error("d is in no block")
	}
}
