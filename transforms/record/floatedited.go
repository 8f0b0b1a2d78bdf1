// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strconv"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

// floatEditedLeaf is external floating point: -9V99E+99. Its value is decimal and stays exact.
type floatEditedLeaf struct {
	scaled // of the mantissa
	cs     *charset
	size   int
	pic    *copybook.Picture
}

func (k *compiler) floatEdited(n *node, cs *charset, size int) leaf {
	pic := n.item.Pic
	if pic == nil || pic.Exponent == nil {
		return k.unsupported(n, "its picture is not known")
	}
	l := &floatEditedLeaf{scaled: k.scaledOf(n), cs: cs, size: size, pic: pic}
	l.signed = true
	l.overflow = OverflowReject // the exponent takes what the digits cannot
	want := 1 + l.n + 2 + pic.Exponent.Digits
	if pic.Point >= 0 {
		want++
	}
	if want != size || l.n < 1 || l.n > maxDigits-2 || l.scale < 0 || l.scale > l.n || pic.Exponent.Digits < 1 || pic.Exponent.Digits > 3 {
		return k.unsupported(n, "its picture and its length do not agree")
	}
	return l
}

// printSign is what a sign symbol prints.
func (l *floatEditedLeaf) printSign(symbol byte, neg bool) byte {
	switch {
	case neg:
		return l.cs.minus
	case symbol == '+':
		return l.cs.plus
	default:
		return l.cs.space
	}
}

// readSign is the other way round. A '-' symbol takes a plus as well.
func (l *floatEditedLeaf) readSign(b byte, symbol byte) (neg bool, f fault) {
	switch {
	case b == l.cs.minus:
		return true, ok
	case b == l.cs.plus, b == l.cs.space && symbol == '-':
		return false, ok
	}
	return false, faultSign
}

func (l *floatEditedLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if len(raw) != l.size {
		return dst, faultShort
	}
	neg, f := l.readSign(raw[0], l.pic.Exponent.Mantissa)
	if f != ok {
		return dst, f
	}
	var buf digitBuf
	d := buf[:l.n]
	i := 1
	for o := range d {
		if l.pic.Point >= 0 && o == l.n-l.scale {
			if raw[i] != l.pointByte() {
				return dst, faultEdited
			}
			i++
		}
		if d[o] = raw[i] - l.cs.zero; d[o] > 9 {
			return dst, faultNotNumeric
		}
		i++
	}
	if l.pic.Point >= 0 && l.scale == 0 {
		if raw[i] != l.pointByte() {
			return dst, faultEdited
		}
		i++
	}
	if raw[i] != l.cs.byteOf('E') {
		return dst, faultEdited
	}
	expNeg, f := l.readSign(raw[i+1], l.pic.Exponent.Sign)
	if f != ok {
		return dst, f
	}
	exp := 0
	for _, b := range raw[i+2:] {
		if b -= l.cs.zero; b > 9 {
			return dst, faultNotNumeric
		}
		exp = exp*10 + int(b)
	}
	if expNeg {
		exp = -exp
	}
	dst = l.appendDigits(dst, &buf, l.n, neg)
	if exp != 0 && !allZero(d) {
		dst = strconv.AppendInt(append(dst, 'E'), int64(exp), 10)
	}
	return dst, ok
}

func (l *floatEditedLeaf) pointByte() byte {
	if l.pic.CommaPoint {
		return l.cs.byteOf(',')
	}
	return l.cs.point
}

func (l *floatEditedLeaf) encode(field []byte, v scalar) fault {
	x, f := numeralOf(v)
	if f != ok {
		return f
	}
	exp := 0
	if !x.zero() {
		exp = len(x.whole) + x.exp - x.leadingZeros() - (l.n - l.scale) // the first digit takes the first place
		x.exp -= exp
	}
	var buf digitBuf
	d := buf[:l.n]
	neg, f := l.place(x, d)
	if f == faultOverflow { // rounding made 10 of 9.99
		exp++
		x.exp--
		neg, f = l.place(x, d)
	}
	if f != ok {
		return f
	}
	limit := 1
	for range l.pic.Exponent.Digits {
		limit *= 10
	}
	if exp >= limit || exp <= -limit {
		return faultRange
	}
	l.write(field, d, neg, exp)
	return ok
}

func (l *floatEditedLeaf) write(field, d []byte, neg bool, exp int) {
	field[0] = l.printSign(l.pic.Exponent.Mantissa, neg)
	i := 1
	for o, c := range d {
		if l.pic.Point >= 0 && o == l.n-l.scale {
			field[i] = l.pointByte()
			i++
		}
		field[i] = l.cs.zero + c
		i++
	}
	if l.pic.Point >= 0 && l.scale == 0 {
		field[i] = l.pointByte()
		i++
	}
	field[i] = l.cs.byteOf('E')
	field[i+1] = l.printSign(l.pic.Exponent.Sign, exp < 0)
	if exp < 0 {
		exp = -exp
	}
	for j := len(field) - 1; j > i+1; j-- {
		field[j] = l.cs.zero + byte(exp%10)
		exp /= 10
	}
}

// describe implements describer.
func (l *floatEditedLeaf) describe(t *transforms.Type) {
	t.Shape = transforms.FloatShape
	t.Signed = true
}
