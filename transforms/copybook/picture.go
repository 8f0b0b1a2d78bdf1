// SPDX-License-Identifier: Apache-2.0

package copybook

// Picture is an analyzed PICTURE character string.
type Picture struct {
	// Symbols is the string with its repetitions written out: "S9(3)V99" is "S999V99". A picture of more than
	// 4,096 positions, which is no edited one, keeps its repetitions.
	Symbols string
	// Length is the number of character positions in storage, before the usage is applied.
	Length int
	// Digits counts 9, Z, * and floating positions and P; Scale those behind the point. The first of
	// the floating symbols is no digit.
	Digits, Scale int
	// LeadingP and TrailingP count the P at either end.
	LeadingP, TrailingP int
	Signed              bool
	Category            Category
	// Currency is the currency sign's text where the picture has one, else empty.
	Currency string
	// CommaPoint is true where DECIMAL-POINT IS COMMA exchanged the two.
	CommaPoint bool

	// Point is the index in Symbols of the decimal point that is printed ("." or, with CommaPoint, ","), or -1.
	Point int
	// Suppress is 'Z' or '*' where leading zeros are suppressed, else 0.
	Suppress byte
	// Floating is '+', '-' or '$' (for any currency sign) where that symbol floats, else 0.
	Floating byte
	// SignSymbol is "+", "-", "CR" or "DB" of an edited number, or empty; SignTrailing tells that it stands at the end.
	SignSymbol   string
	SignTrailing bool
	// Exponent is set for external floating point: Digits and Scale describe the mantissa.
	Exponent *Exponent
}

// Exponent describes an external floating-point picture such as -9V99E+99. '+' prints either sign, '-' a
// blank for a positive value.
type Exponent struct {
	// Mantissa and Sign are the sign symbols of mantissa and exponent, '+' or '-'.
	Mantissa, Sign byte
	// Digits is the number of exponent digits, two by the standard.
	Digits int
}

// Stored is the number of digits that are kept in storage: Digits without P.
func (p *Picture) Stored() int { return p.Digits - p.LeadingP - p.TrailingP }

// Integers is the number of digit positions before the decimal point, P at the right end included.
func (p *Picture) Integers() int { return max(0, p.Digits-max(p.Scale, 0)) }
