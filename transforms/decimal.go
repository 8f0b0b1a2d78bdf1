// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// maxDecimalDigits bounds the digits a decimal may have in an expression: more than twice what a
// COBOL number can hold.
const maxDecimalDigits = 80

// maxDecimalExponent bounds the power of ten, so that no text makes arithmetic expensive.
const maxDecimalExponent = 120

// Decimal is an exact decimal number in an expression. It is immutable.
type Decimal struct {
	d *apd.Decimal
}

// errDecimal is what arithmetic reports; the operands are never part of it.
var (
	errNotANumber    = errors.New("value is not a number")
	errMixed         = errors.New("values are of different types")
	errAbsentNumber  = errors.New("number is absent")
	errDivideByZero  = errors.New("division by zero")
	errDecimalTooBig = fmt.Errorf("number has more than %d digits", maxDecimalDigits)
)

// ParseDecimal reads a JSON number.
func ParseDecimal(text string) (Decimal, error) {
	if d, ok := parseShort(text); ok {
		return d, nil
	}
	if len(text) > 2*maxDecimalDigits {
		return Decimal{}, errDecimalTooBig
	}
	d, _, err := apd.NewFromString(text)
	if err != nil || d.Form != apd.Finite {
		return Decimal{}, errNotANumber
	}
	return checked(d)
}

// parseShort reads what most numbers are: up to 18 digits without an exponent.
func parseShort(text string) (Decimal, bool) {
	d := new(apd.Decimal)
	return Decimal{d}, readShort(d, text)
}

// readShort is parseShort into a decimal that is zero.
func readShort(d *apd.Decimal, text string) bool {
	i, point, m := 0, -1, int64(0)
	if strings.HasPrefix(text, "-") {
		i = 1
	}
	if len(text)-i < 1 || len(text)-i > 18 || text[i] == '.' || text[len(text)-1] == '.' {
		return false
	}
	neg := i == 1
	for ; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '.' && point < 0:
			point = i
		case c < '0' || c > '9':
			return false
		default:
			m = m*10 + int64(c-'0')
		}
	}
	d.Coeff.SetInt64(m)
	d.Negative = neg
	if point >= 0 {
		d.Exponent = int32(point + 1 - len(text))
	}
	return true
}

// numbers hands out decimals of one piece of memory. None is handed out twice.
type numbers struct{ free []apd.Decimal }

// parse is ParseDecimal.
func (n *numbers) parse(text string) (Decimal, error) {
	if len(n.free) == 0 {
		n.free = make([]apd.Decimal, 32)
	}
	d := &n.free[0]
	if !readShort(d, text) {
		return ParseDecimal(text)
	}
	n.free = n.free[1:]
	return Decimal{d}, nil
}

func checked(d *apd.Decimal) (Decimal, error) {
	if d.NumDigits() > maxDecimalDigits || d.Exponent > maxDecimalExponent || d.Exponent < -maxDecimalExponent {
		return Decimal{}, errDecimalTooBig
	}
	return Decimal{d}, nil
}

// DecimalFromInt makes a decimal of an integer.
func DecimalFromInt(i int64) Decimal { return Decimal{apd.New(i, 0)} }

// String writes the decimal as a JSON number without an exponent, its scale kept: 100.50.
func (x Decimal) String() string { return string(x.append(nil)) }

// append appends what String gives. Zero has no sign.
func (x Decimal) append(dst []byte) []byte {
	if x.d == nil || x.d.Exponent > 0 && x.d.IsZero() { // apd writes 0E+1 as 00
		return append(dst, '0')
	}
	if x.d.Exponent <= 0 && x.d.Exponent >= -18 && x.d.Form == apd.Finite && x.d.Coeff.IsUint64() {
		return appendShort(dst, x.d.Coeff.Uint64(), int(-x.d.Exponent), x.d.Negative)
	}
	start := len(dst)
	dst = x.d.Append(dst, 'f')
	if x.d.IsZero() && dst[start] == '-' {
		dst = append(dst[:start], dst[start+1:]...)
	}
	return dst
}

// appendShort appends the number n / 10^scale.
func appendShort(dst []byte, n uint64, scale int, negative bool) []byte {
	if negative && n != 0 {
		dst = append(dst, '-')
	}
	start := len(dst)
	dst = strconv.AppendUint(dst, n, 10)
	if scale == 0 {
		return dst
	}
	if missing := scale + 1 - (len(dst) - start); missing > 0 { // digits of 0.05
		dst = append(dst, "0000000000000000000"[:missing]...)
		copy(dst[start+missing:], dst[start:len(dst)-missing])
		copy(dst[start:], "0000000000000000000"[:missing])
	}
	dst = append(dst, 0)
	point := len(dst) - 1 - scale
	copy(dst[point+1:], dst[point:len(dst)-1])
	dst[point] = '.'
	return dst
}

// Cmp compares by value: -1, 0 or 1.
func (x Decimal) Cmp(y Decimal) int {
	a, aOK := x.short()
	b, bOK := y.short()
	if aOK && bOK {
		return a.cmp(b)
	}
	return x.d.Cmp(y.d)
}

// numeric marks Decimal as a Numeric.
func (x Decimal) numeric() {}

// Numeric is the type of a number that may be absent: a Decimal or nil.
type Numeric interface{ numeric() }

func decimalOf(v any) (Decimal, error) {
	switch v := v.(type) {
	case Decimal:
		return v, nil
	case int:
		return DecimalFromInt(int64(v)), nil
	case nil:
		return Decimal{}, errAbsentNumber
	default:
		return Decimal{}, errNotANumber
	}
}

// arithmetic applies one operator exactly. Division keeps up to 38 significant digits, rounding
// half to even; everything else is exact or an error.
func arithmetic(op string, a, b any) (Decimal, error) {
	if d, ok := shortArithmetic(op, a, b); ok {
		return d, nil
	}
	return longArithmetic(op, a, b)
}

func longArithmetic(op string, a, b any) (Decimal, error) {
	x, err := decimalOf(a)
	if err != nil {
		return Decimal{}, err
	}
	y, err := decimalOf(b)
	if err != nil {
		return Decimal{}, err
	}
	ctx := apd.Context{
		Precision: maxDecimalDigits, MaxExponent: 2 * maxDecimalExponent,
		MinExponent: -2 * maxDecimalExponent, Rounding: apd.RoundHalfEven, Traps: apd.DefaultTraps | apd.Inexact,
	}
	z := new(apd.Decimal)
	switch op {
	case "+":
		_, err = ctx.Add(z, x.d, y.d)
	case "-":
		_, err = ctx.Sub(z, x.d, y.d)
	case "*":
		_, err = ctx.Mul(z, x.d, y.d)
	case "/", "%":
		if y.d.IsZero() {
			return Decimal{}, errDivideByZero
		}
		ctx.Precision, ctx.Traps = 38, apd.DefaultTraps
		if op == "%" {
			_, err = ctx.Rem(z, x.d, y.d)
		} else if _, err = ctx.Quo(z, x.d, y.d); err == nil {
			z.Reduce(z)
			if z.Exponent > 0 {
				_, err = ctx.Quantize(z, z, 0)
			}
		}
	}
	if err != nil {
		return Decimal{}, errDecimalTooBig
	}
	return checked(z)
}

// cmpNumbers compares two numbers by value.
func cmpNumbers(a, b any) (int, error) {
	x, xOK := shortOf(a)
	y, yOK := shortOf(b)
	if xOK && yOK {
		return x.cmp(y), nil
	}
	d, err := decimalOf(a)
	if err != nil {
		return 0, err
	}
	e, err := decimalOf(b)
	if err != nil {
		return 0, err
	}
	return d.Cmp(e), nil
}

// compare applies a comparison operator. Only == and != accept an absent number.
func compare(op string, a, b any) (bool, error) {
	if (a == nil || b == nil) && (op == "==" || op == "!=") {
		return (a == nil && b == nil) == (op == "=="), nil
	}
	c, err := cmpNumbers(a, b)
	if err != nil {
		return false, err
	}
	switch op {
	case "==":
		return c == 0, nil
	case "!=":
		return c != 0, nil
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	default:
		return c >= 0, nil
	}
}
