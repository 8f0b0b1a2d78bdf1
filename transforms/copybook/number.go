// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"cmp"
	"strings"
)

// compareNumbers compares two plain decimal numbers; floating-point numbers count as equal.
func compareNumbers(a, b string) int {
	if strings.ContainsRune(a+b, 'E') {
		return 0
	}
	da, na := strings.CutPrefix(a, "-")
	db, nb := strings.CutPrefix(b, "-")
	c := compareDigits(da, db)
	zero := strings.Trim(da+db, "0.") == ""
	switch {
	case zero:
		return 0
	case na != nb && na:
		return -1
	case na != nb:
		return 1
	case na:
		return -c
	}
	return c
}

func compareDigits(a, b string) int {
	wa, fa, _ := strings.Cut(a, ".")
	wb, fb, _ := strings.Cut(b, ".")
	wa, wb = strings.TrimLeft(wa, "0"), strings.TrimLeft(wb, "0")
	fa, fb = strings.TrimRight(fa, "0"), strings.TrimRight(fb, "0")
	return cmp.Or(cmp.Compare(len(wa), len(wb)), cmp.Compare(wa, wb), cmp.Compare(fa, fb))
}
