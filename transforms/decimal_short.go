// SPDX-License-Identifier: Apache-2.0

package transforms

import "github.com/cockroachdb/apd/v3"

// Most numbers are short. They are compared, added and multiplied as integers, with the results that the
// arithmetic for all numbers has.

// short is the number m / 10^scale.
type short struct {
	m     int64
	scale int
}

const (
	// maxShort bounds m, so that sums and one power of ten more cannot leave int64.
	maxShort = 1e17
	// maxShortScale bounds the decimals.
	maxShortScale = 17
)

// short gives a number of up to 17 digits and decimals.
func (x Decimal) short() (short, bool) {
	d := x.d
	if d == nil || d.Form != apd.Finite || d.Exponent > 0 || d.Exponent < -maxShortScale || !d.Coeff.IsUint64() {
		return short{}, false
	}
	n := d.Coeff.Uint64()
	if n > maxShort {
		return short{}, false
	}
	m := int64(n)
	if d.Negative {
		m = -m
	}
	return short{m, int(-d.Exponent)}, true
}

func shortOf(v any) (short, bool) {
	switch v := v.(type) {
	case Decimal:
		return v.short()
	case int:
		return short{m: int64(v)}, v <= maxShort && v >= -maxShort
	}
	return short{}, false
}

// rescaled gives the number with as many decimals, if it stays short.
func (s short) rescaled(scale int) (int64, bool) {
	m := s.m
	for range scale - s.scale {
		if m > maxShort/10 || m < -maxShort/10 {
			return 0, false
		}
		m *= 10
	}
	return m, true
}

func (s short) cmp(o short) int {
	scale := max(s.scale, o.scale)
	a, aOK := s.rescaled(scale)
	b, bOK := o.rescaled(scale)
	switch {
	case !aOK: // it is beyond whatever the other one is; both cannot be, since one keeps its scale
		return sign(s.m)
	case !bOK:
		return -sign(o.m)
	default:
		return sign(a - b)
	}
}

func sign(m int64) int {
	switch {
	case m < 0:
		return -1
	case m > 0:
		return 1
	}
	return 0
}

// shortArithmetic adds, subtracts and multiplies short numbers; ok is false for all else.
func shortArithmetic(op string, a, b any) (d Decimal, ok bool) {
	x, ok := shortOf(a)
	if !ok {
		return Decimal{}, false
	}
	y, ok := shortOf(b)
	if !ok {
		return Decimal{}, false
	}
	scale := max(x.scale, y.scale)
	var m int64
	switch op {
	case "+", "-":
		p, pOK := x.rescaled(scale)
		q, qOK := y.rescaled(scale)
		if !pOK || !qOK {
			return Decimal{}, false
		}
		if op == "-" {
			q = -q
		}
		m = p + q
	case "*":
		const half = 1 << 31
		if x.m >= half || x.m <= -half || y.m >= half || y.m <= -half {
			return Decimal{}, false
		}
		m, scale = x.m*y.m, x.scale+y.scale
	default:
		return Decimal{}, false
	}
	return Decimal{apd.New(m, int32(-scale))}, true
}
