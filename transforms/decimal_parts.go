// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// NewDecimal makes the number coefficient / 10^scale. It fails when the number has more digits
// than a Decimal may have.
func NewDecimal(coefficient *big.Int, scale int) (Decimal, error) {
	if scale > maxDecimalExponent || scale < -maxDecimalExponent {
		return Decimal{}, errDecimalTooBig
	}
	return checked(apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(coefficient), int32(-scale)))
}

// Parts returns the whole number and the scale whose quotient coefficient / 10^scale the decimal is.
// The coefficient is the caller's own; it is nil for a Decimal that holds no number.
func (x Decimal) Parts() (coefficient *big.Int, scale int) {
	if x.d == nil {
		return nil, 0
	}
	c := x.d.Coeff.MathBigInt()
	if x.d.Negative {
		c = new(big.Int).Neg(c)
	}
	return c, -int(x.d.Exponent)
}
