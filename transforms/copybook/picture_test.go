// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func noConstant(string) string { return "" }

// TestPicture pins what the analysis of a picture gives to the codec.
func TestPicture(t *testing.T) {
	for _, c := range []struct {
		text  string
		comma bool
		want  Picture
	}{
		{"X(3)", false, Picture{Symbols: "XXX", Length: 3, Category: Alphanumeric, Point: -1}},
		{"S9(3)V99", false, Picture{Symbols: "S999V99", Length: 5, Digits: 5, Scale: 2, Signed: true, Category: Numeric, Point: -1}},
		{"9(3)PP", false, Picture{Symbols: "999PP", Length: 3, Digits: 5, Scale: -2, TrailingP: 2, Category: Numeric, Point: -1}},
		{"PP9(3)", false, Picture{Symbols: "PP999", Length: 3, Digits: 5, Scale: 5, LeadingP: 2, Category: Numeric, Point: -1}},
		{"SVPP9", false, Picture{Symbols: "SVPP9", Length: 1, Digits: 3, Scale: 3, LeadingP: 2, Signed: true, Category: Numeric, Point: -1}},
		{"ZZ9.99-", false, Picture{Symbols: "ZZ9.99-", Length: 7, Digits: 5, Scale: 2, Signed: true, Category: NumericEdited, Point: 3, Suppress: 'Z', SignSymbol: "-", SignTrailing: true}},
		{"$$,$$9.99CR", false, Picture{Symbols: "$$,$$9.99CR", Length: 11, Digits: 6, Scale: 2, Signed: true, Category: NumericEdited, Currency: "$", Point: 6, Floating: '$', SignSymbol: "CR", SignTrailing: true}},
		{"$ZZZZ9999", false, Picture{Symbols: "$ZZZZ9999", Length: 9, Digits: 8, Category: NumericEdited, Currency: "$", Point: -1, Suppress: 'Z'}},
		{"+(4)9", false, Picture{Symbols: "++++9", Length: 5, Digits: 4, Signed: true, Category: NumericEdited, Point: -1, Floating: '+', SignSymbol: "+"}},
		{"-9(2)", false, Picture{Symbols: "-99", Length: 3, Digits: 2, Signed: true, Category: NumericEdited, Point: -1, SignSymbol: "-"}},
		{"***.**", false, Picture{Symbols: "***.**", Length: 6, Digits: 5, Scale: 2, Category: NumericEdited, Point: 3, Suppress: '*'}},
		{"Z.ZZ9,99", true, Picture{Symbols: "Z.ZZ9,99", Length: 8, Digits: 6, Scale: 2, Category: NumericEdited, CommaPoint: true, Point: 5, Suppress: 'Z'}},
		{"ZZ9V99", false, Picture{Symbols: "ZZ9V99", Length: 5, Digits: 5, Scale: 2, Category: NumericEdited, Point: -1, Suppress: 'Z'}},
		{"+$$$9", false, Picture{Symbols: "+$$$9", Length: 5, Digits: 3, Signed: true, Category: NumericEdited, Currency: "$", Point: -1, Floating: '$', SignSymbol: "+"}},
		{"Z9PP", false, Picture{Symbols: "Z9PP", Length: 2, Digits: 4, Scale: -2, TrailingP: 2, Category: NumericEdited, Point: -1, Suppress: 'Z'}},
		{"-9.9(3)E+99", false, Picture{Symbols: "-9.999E+99", Length: 10, Digits: 4, Scale: 3, Signed: true, Category: FloatEdited, Point: 2, Exponent: &Exponent{Mantissa: '-', Sign: '+', Digits: 2}}},
		{"XXBXX", false, Picture{Symbols: "XXBXX", Length: 5, Category: AlphanumericEdited, Point: -1}},
		{"A(2)", false, Picture{Symbols: "AA", Length: 2, Category: Alphabetic, Point: -1}},
		{"A9", false, Picture{Symbols: "A9", Length: 2, Category: Alphanumeric, Point: -1}},
		{"N/N", false, Picture{Symbols: "N/N", Length: 3, Category: NationalEdited, Point: -1}},
		{"X(5000)", false, Picture{Symbols: "X(5000)", Length: 5000, Category: Alphanumeric, Point: -1}},
	} {
		got, bad := parsePicture(c.text, pictureRules{comma: c.comma, constant: noConstant})
		if bad != nil {
			t.Errorf("%s: %v", c.text, bad.message)
			continue
		}
		if diff := cmp.Diff(c.want, *got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.text, diff)
		}
	}
}

// TestPictureStored: P is a digit, but is not stored.
func TestPictureStored(t *testing.T) {
	for text, want := range map[string][2]int{"9(5)": {5, 5}, "9(3)PP": {3, 5}, "PP9(3)": {3, 0}, "9V99": {3, 1}, "V99": {2, 0}, "ZZ9.9": {4, 3}} {
		p, bad := parsePicture(text, pictureRules{constant: noConstant})
		if bad != nil {
			t.Fatal(bad.message)
		}
		if got := [2]int{p.Stored(), p.Integers()}; got != want {
			t.Errorf("%s: stored and integer digits %v, want %v", text, got, want)
		}
	}
}

// FuzzPicture: no panic, and what is accepted is consistent.
func FuzzPicture(f *testing.F) {
	for _, s := range []string{"S9(3)V99", "$$,$$9.99CR", "+9.99E+99", "PP9", "X(10)", "ZZ.ZZ", "A(", "9)(", "N(3)B"} {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		p, bad := parsePicture(strings.ToUpper(text), pictureRules{comma: comma, constant: noConstant})
		if bad != nil {
			if n := len([]rune(strings.ToUpper(text))); bad.at < 0 || bad.at > n {
				t.Fatalf("place %d is outside of the picture of %d characters", bad.at, n)
			}
			return
		}
		if p.Length < 0 || p.Digits < 0 || p.Stored() < 0 || p.Scale > p.Digits || p.Point >= len(p.Symbols) {
			t.Fatalf("%+v", p)
		}
	})
}
