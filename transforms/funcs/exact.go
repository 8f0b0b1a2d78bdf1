// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"math/big"
	"strings"

	"lintel/transforms"
)

// maxPlaces is how many decimals a number can be rounded to.
const maxPlaces = 40

// exact is the number c / 10^scale.
type exact struct {
	c     *big.Int
	scale int
}

// exactOf takes a number as expressions have it.
func exactOf(v any) (exact, bool) {
	switch v := v.(type) {
	case int:
		return exact{c: big.NewInt(int64(v))}, true
	case transforms.Decimal:
		c, scale := v.Parts()
		return exact{c, scale}, c != nil
	default:
		return exact{}, false
	}
}

// decimal gives the number back to the expression; one with too many digits fails the call.
func (x exact) decimal(a *arguments) any {
	d, err := transforms.NewDecimal(x.c, x.scale)
	if err != nil {
		return a.fail("result has too many digits")
	}
	return d
}

// rounding says what becomes of decimals that are cut off.
type rounding int

const (
	modeExact rounding = iota
	modeHalfUp
	modeHalfEven
	modeHalfDown
	modeUp
	modeDown
	modeCeiling
	modeFloor
)

// roundings are the words of the modes, in the order of the constants.
func roundings() []string {
	return []string{"exact", "half up", "half even", "half down", "up", "down", "ceiling", "floor"}
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rescale gives x with that many decimals. lossless is false when the mode is exact and decimals
// other than zeros would have been lost.
func (x exact) rescale(places int, mode rounding) (y exact, lossless bool) {
	if places >= x.scale {
		return exact{new(big.Int).Mul(x.c, pow10(places-x.scale)), places}, true
	}
	unit := pow10(x.scale - places)
	q, r := new(big.Int).QuoRem(x.c, unit, new(big.Int))
	if r.Sign() == 0 {
		return exact{q, places}, true
	}
	if mode == modeExact {
		return exact{q, places}, false
	}
	if away(q, r, unit, mode) {
		q.Add(q, big.NewInt(int64(r.Sign())))
	}
	return exact{q, places}, true
}

// away tells whether the quotient q with the remainder r moves one further from zero.
func away(q, r, unit *big.Int, mode rounding) bool {
	half := new(big.Int).Lsh(new(big.Int).Abs(r), 1).Cmp(unit)
	switch mode {
	case modeUp:
		return true
	case modeCeiling:
		return r.Sign() > 0
	case modeFloor:
		return r.Sign() < 0
	case modeHalfUp:
		return half >= 0
	case modeHalfDown:
		return half > 0
	case modeHalfEven:
		return half > 0 || half == 0 && q.Bit(0) == 1
	default:
		return false
	}
}

func align(x, y exact) (exact, exact) {
	scale := max(x.scale, y.scale)
	x, _ = x.rescale(scale, modeExact)
	y, _ = y.rescale(scale, modeExact)
	return x, y
}

// numbers gives an array of numbers; an entry that is absent or no number fails the call.
func (a *arguments) numbers(i int) []exact {
	entries := a.list(i)
	out := make([]exact, len(entries))
	for j, e := range entries {
		x, ok := exactOf(e)
		if !ok {
			a.fail("an entry of " + a.params[i].name + " is absent or no number")
			return nil
		}
		out[j] = x
	}
	return out
}

// digits reads digits only.
func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
