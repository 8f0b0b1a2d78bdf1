// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"

	"lintel/transforms"
)

// TestShortNumbers compares the quick way to read a number with apd.
func TestShortNumbers(t *testing.T) {
	check := func(t rapid.TB, text string) {
		got, ok := transforms.ParseShort(text)
		if !ok {
			return
		}
		want, _, err := apd.NewFromString(text)
		if err != nil {
			t.Fatalf("%q is no number: %v", text, err)
		}
		scale := int32(0)
		if want.Exponent < 0 {
			scale = -want.Exponent
		}
		text2 := want.Text('f')
		if want.IsZero() && want.Negative {
			text2 = text2[1:]
		}
		if got.String() != text2 {
			t.Fatalf("%q is %s, want %s (scale %d)", text, got, text2, scale)
		}
	}
	for _, text := range []string{"0", "-0", "-0.00", "00", "1.", ".1", "-", "", "1.5.2", "-.5", "999999999999999999", "9999999999999999999", "0.00000000000000001", "1e5", "+1"} {
		check(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringMatching(`-?[0-9]{0,12}\.?[0-9]{0,8}`).Draw(t, "number"))
	})
}

// TestZeroWithExponent has zeros that were written with an exponent.
func TestZeroWithExponent(t *testing.T) {
	for text, want := range map[string]string{"0e5": "0", "-0E1": "0", "0.0e1": "0", "0.0e-1": "0.00", "1e1": "10"} {
		d, err := transforms.ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%s is %s, %v; want %s", text, d, err, want)
		}
	}
}

// TestDecimalText compares the quick way of writing a decimal with the general one.
func TestDecimalText(t *testing.T) {
	for _, text := range []string{
		"0", "0.0", "0.00", "-0.0", "7", "-7", "0.5", "-0.05", "0.000000000000000001", "12.34", "100.50", "-100", "18446744073709551615", "1844674407370955161.5",
		"18446744073709551616", "0.1234567890123456789", "99999999999999999999.99", "1.000000000000000000",
	} {
		d, err := transforms.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimPrefix(text, "-")
		if strings.Trim(want, "0.") != "" {
			want = text
		}
		if d.String() != want {
			t.Errorf("%s is written as %s", text, d)
		}
	}
}

// TestQuoted compares the texts that are plain with those that are not, at every place.
func TestQuoted(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			text := []byte(strings.Repeat("a", 20))
			text[at] = byte(c)
			want, _ := json.Marshal(string(text))
			got := transforms.AppendQuoted(nil, string(text))
			var x, y string
			if !utf8.Valid(got) || json.Unmarshal(want, &x) != nil || json.Unmarshal(got, &y) != nil || x != y {
				t.Fatalf("%q is written as %s", text, got)
			}
		}
	}
}

// TestShortArithmetic compares the operators on short numbers with those for all numbers.
func TestShortArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,17})?`)
		parse := func(name string) transforms.Decimal {
			d, err := transforms.ParseDecimal(number.Draw(t, name))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		a, b := parse("a"), parse("b")
		for _, op := range []string{"+", "-", "*"} {
			got, ok := transforms.ShortArithmetic(op, a, b)
			if want, err := transforms.LongArithmetic(op, a, b); ok && (err != nil || got.String() != want.String()) {
				t.Fatalf("%s %s %s is %s, want %s, %v", a, op, b, got, want, err)
			}
		}
		if got, err := transforms.CompareNumbers(a, b); err != nil || got != transforms.CompareLong(a, b) {
			t.Fatalf("%s compared with %s: %d, %v", a, b, got, err)
		}
		i := rapid.IntRange(-1e18, 1e18).Draw(t, "int")
		if got, err := transforms.CompareNumbers(a, i); err != nil || got != transforms.CompareLong(a, transforms.DecimalFromInt(int64(i))) {
			t.Fatalf("%s compared with %d: %d, %v", a, i, got, err)
		}
	})
}
