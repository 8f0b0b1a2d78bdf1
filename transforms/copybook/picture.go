// SPDX-License-Identifier: Apache-2.0

package copybook

// Picture is an analysed PICTURE character string.
type Picture struct {
	// Symbols is the string with its repetitions written out: "S9(3)V99" is "S999V99".
	Symbols string
	// Length is the number of character positions in storage, before the usage is applied.
	Length int
	// Digits counts 9, Z, * and floating positions and P; Scale those behind the point.
	Digits, Scale int
	// LeadingP and TrailingP count the P at either end.
	LeadingP, TrailingP int
	Signed              bool
	Category            Category
	// Currency is the currency sign's text where the picture has one, else empty.
	Currency string
	// CommaPoint is true where DECIMAL-POINT IS COMMA exchanged the two.
	CommaPoint bool
}
