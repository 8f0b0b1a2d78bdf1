// SPDX-License-Identifier: Apache-2.0

package json

import "math/bits"

// maxExponentDigits bounds the exponent of a number: beyond it a number is "huge" and refused.
const maxExponentDigits = 15

// number is a JSON number taken apart without copying: it is 0.d1d2d3... x 10^point, where d1 is
// the first and the n-th digit the last one that is not zero.
type number struct {
	digits []byte // from the first to the last digit that is not zero; may hold one '.'
	point  int64
	n      int
	neg    bool
	zero   bool
	huge   bool // the exponent has more digits than can be compared
}

// parseNumber takes apart the text of a valid JSON number. Its time is linear in the text.
func parseNumber(text []byte) number {
	var v number
	i := 0
	if i < len(text) && text[i] == '-' {
		v.neg = true
		i++
	}
	intDigits, seen := -1, 0 // digits before the point; digits seen so far
	first, last := -1, -1    // text offsets of the first and last digit that is not zero
	firstAt, lastAt := 0, 0  // the same as digit numbers
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' {
			intDigits = seen
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		if c != '0' {
			if first < 0 {
				first, firstAt = i, seen
			}
			last, lastAt = i, seen
		}
		seen++
	}
	if intDigits < 0 {
		intDigits = seen
	}
	if first < 0 {
		return number{zero: true}
	}
	v.digits = text[first : last+1]
	v.n = lastAt - firstAt + 1
	v.point = int64(intDigits - firstAt)
	if i < len(text) { // 'e' or 'E'
		exp, huge := parseExponent(text[i+1:])
		v.point += exp
		v.huge = huge
	}
	return v
}

func parseExponent(text []byte) (exp int64, huge bool) {
	neg := false
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		neg = text[0] == '-'
		text = text[1:]
	}
	for len(text) > 0 && text[0] == '0' {
		text = text[1:]
	}
	if len(text) > maxExponentDigits {
		return 0, true
	}
	for _, c := range text {
		exp = exp*10 + int64(c-'0')
	}
	if neg {
		exp = -exp
	}
	return exp, false
}

// integral reports whether the value has no fraction: 1, 1.0 and 1e2 have none.
func (v *number) integral() bool { return v.zero || v.point >= int64(v.n) }

// compareNumbers orders two numbers that are not huge by value.
func compareNumbers(a, b *number) int {
	switch {
	case a.zero && b.zero:
		return 0
	case a.zero:
		return sign(!b.neg, -1)
	case b.zero:
		return sign(!a.neg, 1)
	case a.neg != b.neg:
		return sign(a.neg, -1)
	}
	c := compareMagnitude(a, b)
	if a.neg {
		return -c
	}
	return c
}

// sign gives v if holds, else -v.
func sign(holds bool, v int) int {
	if holds {
		return v
	}
	return -v
}

func compareMagnitude(a, b *number) int {
	if a.point != b.point {
		return sign(a.point < b.point, -1)
	}
	i, j := 0, 0
	for i < len(a.digits) && j < len(b.digits) {
		x, y := a.digits[i], b.digits[j]
		switch {
		case x == '.':
			i++
		case y == '.':
			j++
		case x != y:
			return sign(x < y, -1)
		default:
			i++
			j++
		}
	}
	// The last digit of each is not zero: whoever has digits left is the larger one.
	switch {
	case i < len(a.digits):
		return 1
	case j < len(b.digits):
		return -1
	default:
		return 0
	}
}

// divisor is the value of multipleOf: m x 10^exp with m not divisible by ten.
type divisor struct {
	m   uint64
	exp int64
}

// newDivisor fails if the number is not positive or has more than 19 significant digits.
func newDivisor(v *number) (divisor, bool) {
	if v.zero || v.neg || v.huge || v.n > 19 {
		return divisor{}, false
	}
	var m uint64
	for _, c := range v.digits {
		if c != '.' {
			m = m*10 + uint64(c-'0')
		}
	}
	return divisor{m: m, exp: v.point - int64(v.n)}, true
}

// divides reports whether v is an exact multiple of the divisor. Its time is linear in the digits
// and logarithmic in the exponent of v.
func (d divisor) divides(v *number) bool {
	if v.zero {
		return true
	}
	k := v.point - int64(v.n) - d.exp
	if k < 0 {
		// The last digit of v is finer than any multiple can be, because d.m has no factor ten.
		return false
	}
	return mulMod(digitsMod(v.digits, d.m), powMod(10, uint64(k), d.m), d.m) == 0
}

// digitsMod gives the integer that the digits spell, modulo m.
func digitsMod(digits []byte, m uint64) uint64 {
	const chunk = 1e18
	var r, part uint64
	scale := uint64(1)
	for _, c := range digits {
		if c == '.' {
			continue
		}
		part = part*10 + uint64(c-'0')
		scale *= 10
		if scale == chunk {
			r = addMod(mulMod(r, chunk%m, m), part%m, m)
			part, scale = 0, 1
		}
	}
	return addMod(mulMod(r, scale%m, m), part%m, m)
}

// addMod adds two values below m.
func addMod(a, b, m uint64) uint64 {
	if a >= m-b {
		return a - (m - b)
	}
	return a + b
}

func mulMod(a, b, m uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return bits.Rem64(hi, lo, m)
}

func powMod(base, exp, m uint64) uint64 {
	r := 1 % m
	base %= m
	for ; exp > 0; exp >>= 1 {
		if exp&1 == 1 {
			r = mulMod(r, base, m)
		}
		base = mulMod(base, base, m)
	}
	return r
}

// validNumber reports whether the text is exactly one number in the grammar of RFC 8259.
func validNumber(b []byte) bool {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	n := digitRun(b[i:])
	if n == 0 || n > 1 && b[i] == '0' {
		return false
	}
	i += n
	if i < len(b) && b[i] == '.' {
		if n = digitRun(b[i+1:]); n == 0 {
			return false
		}
		i += n + 1
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if n = digitRun(b[i:]); n == 0 {
			return false
		}
		i += n
	}
	return i == len(b)
}

func digitRun(b []byte) int {
	for i, c := range b {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(b)
}
