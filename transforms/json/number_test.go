// SPDX-License-Identifier: Apache-2.0

package json

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// decimalText draws a JSON number whose exponent math/big can still expand.
var decimalText = rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?`)

func rat(t testing.TB, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("big.Rat does not read %q", text)
	}
	return r
}

func checkNumbers(t testing.TB, a, b string) {
	x, y := parseNumber([]byte(a)), parseNumber([]byte(b))
	ra, rb := rat(t, a), rat(t, b)
	if got, want := compareNumbers(&x, &y), ra.Cmp(rb); got != want {
		t.Errorf("compare %s with %s: %d, want %d", a, b, got, want)
	}
	if got, want := x.integral(), ra.IsInt(); got != want {
		t.Errorf("%s integral: %v", a, got)
	}
	if d, ok := newDivisor(&y); ok {
		if got, want := d.divides(&x), new(big.Rat).Quo(ra, rb).IsInt(); got != want {
			t.Errorf("%s multiple of %s: %v", a, b, got)
		}
	}
}

func TestNumbersAgainstBigRat(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := decimalText.Draw(rt, "a")
		b := decimalText.Draw(rt, "b")
		checkNumbers(t, a, b)
		checkNumbers(t, a, a+"0"[:boolInt(strings.ContainsRune(a, '.') && !strings.ContainsAny(a, "eE"))])
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-0", "0.0e5", "1e3", "1000", "12.50", "-12.5", "99999999999999999999.1", "1E-5", "0.1e-40", "0E10000000000000000000"} {
		f.Add(s, "0.01")
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !validNumber([]byte(a)) || !validNumber([]byte(b)) {
			return
		}
		x, y := parseNumber([]byte(a)), parseNumber([]byte(b))
		if x.huge || y.huge {
			return
		}
		compareNumbers(&x, &y)
		if sane(&x) && sane(&y) && readable(a) && readable(b) {
			checkNumbers(t, a, b)
		}
	})
}

// readable tells that big.Rat reads a number: of a zero any exponent is sane.
func readable(text string) bool {
	_, ok := new(big.Rat).SetString(text)
	return ok
}

func sane(v *number) bool { return v.zero || v.point > -300 && v.point < 300 && v.n < 300 }

func TestLargeNumbers(t *testing.T) {
	ones := strings.Repeat("1", 1<<20)
	for _, c := range []struct {
		a, b string
		want int
	}{
		{ones, ones, 0},
		{ones + "1", ones, 1},
		{"-" + ones, ones, -1},
		{"0." + ones, "0." + ones + "1", -1},
		{"1e999999999999999", "1e999999999999998", 1},
		{"-1e999999999999999", "1e-999999999999999", -1},
		{"0e999999999999999", "-0.0", 0},
		{"9007199254740993", "9007199254740992", 1},
	} {
		x, y := parseNumber([]byte(c.a)), parseNumber([]byte(c.b))
		if got := compareNumbers(&x, &y); got != c.want {
			t.Errorf("%.20s with %.20s: %d", c.a, c.b, got)
		}
	}
	d := parseNumber([]byte("7"))
	seven, _ := newDivisor(&d)
	x := parseNumber([]byte(strings.Repeat("7", 1<<20) + "e999999999999999"))
	if !seven.divides(&x) {
		t.Error("sevens are a multiple of seven")
	}
}

func TestValidNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0": true, "10": true, "1.5": true, "1e5": true, "1E+05": true, "-0.10e-1": true,
		"": false, "-": false, "01": false, "+1": false, ".5": false, "5.": false, "1e": false, "1e+": false, "1 ": false, "NaN": false, "0x1": false,
	} {
		if got := validNumber([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
