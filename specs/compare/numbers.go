// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"math/big"
	"strings"
)

// bound is one end of a range of numbers; one without a value is none.
type bound struct {
	value     *big.Rat
	exclusive bool
}

// maxExponent bounds the numbers that are computed with: others are taken as they are written.
const maxExponent = 1000

// number reads a JSON number exactly; nil if it is none, or out of all proportion.
func number(text string) *big.Rat {
	if text == "" || strings.ContainsAny(text, "/xXpP_") || len(text) > maxExponent {
		return nil
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 3 {
		return nil
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return r
}

func newBound(text string, exclusive bool) bound { return bound{number(text), exclusive} }

// wholeRange is the range of signed integers of n bits and a sign.
func wholeRange(n uint) (low, high bound) {
	limit := new(big.Int).Lsh(big.NewInt(1), n)
	low.value = new(big.Rat).SetInt(new(big.Int).Neg(limit))
	high.value = new(big.Rat).SetInt(limit.Sub(limit, big.NewInt(1)))
	return low, high
}

// tighter is the one of two bounds that allows less; least tells that they are lower bounds.
func (b bound) tighter(o bound, least bool) bound {
	switch {
	case o.value == nil:
		return b
	case b.value == nil:
		return o
	}
	c := o.value.Cmp(b.value)
	if !least {
		c = -c
	}
	if c > 0 || c == 0 && o.exclusive {
		return o
	}
	return b
}

// whole is the same bound for whole numbers, which are never excluded.
func (b bound) whole(least bool) bound {
	if b.value == nil {
		return b
	}
	floor := new(big.Int).Div(b.value.Num(), b.value.Denom()) // Euclidean, and the denominator is positive
	exact := b.value.IsInt()
	switch {
	case least && (!exact || b.exclusive):
		floor.Add(floor, big.NewInt(1))
	case !least && exact && b.exclusive:
		floor.Sub(floor, big.NewInt(1))
	}
	return bound{value: new(big.Rat).SetInt(floor)}
}

// above reports whether a lower bound leaves nothing below an upper one.
func (b bound) above(high bound) bool {
	if b.value == nil || high.value == nil {
		return false
	}
	c := b.value.Cmp(high.value)
	return c > 0 || c == 0 && (b.exclusive || high.exclusive)
}

// against compares two bounds: from b to o.
func (b bound) against(o bound, least bool) relation {
	switch {
	case b.value == nil && o.value == nil:
		return relation{}
	case b.value == nil:
		return relation{narrows: true}
	case o.value == nil:
		return relation{widens: true}
	}
	c := o.value.Cmp(b.value)
	if !least {
		c = -c
	}
	switch {
	case c > 0, c == 0 && o.exclusive && !b.exclusive:
		return relation{narrows: true}
	case c < 0, c == 0 && b.exclusive && !o.exclusive:
		return relation{widens: true}
	default:
		return relation{}
	}
}

// String writes the bound as a JSON number, or "none".
func (b bound) String() string {
	if b.value == nil {
		return "none"
	}
	text := b.value.RatString()
	if !b.value.IsInt() {
		if n, exact := b.value.FloatPrec(); exact {
			text = b.value.FloatString(n)
		}
	}
	if b.exclusive {
		text += " (excluded)"
	}
	return text
}

// multiple reports whether every multiple of a is one of b.
func multiple(a, b string) bool {
	x, y := number(a), number(b)
	if x == nil || y == nil || y.Sign() == 0 {
		return a == b
	}
	return new(big.Rat).Quo(x, y).IsInt()
}

// multiplesOf compares two lists of divisors: all of each must divide. Whole numbers are multiples of 1.
func multiplesOf(a, b *flat) relation {
	within := func(from, to []string, whole bool) bool {
		for _, need := range to {
			ok := whole && multiple("1", need)
			for _, have := range from {
				ok = ok || multiple(have, need)
			}
			if !ok {
				return false
			}
		}
		return true
	}
	whole := func(f *flat) bool { return f.types&fractionType == 0 }
	return relation{narrows: !within(a.multiples, b.multiples, whole(a)), widens: !within(b.multiples, a.multiples, whole(b))}
}
