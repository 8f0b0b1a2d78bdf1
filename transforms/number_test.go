// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"testing"

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
