// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

// floatLeaf is COMP-1 (4 bytes) and COMP-2 (8 bytes), IBM hexadecimal or IEEE 754. Its value is
// what the bytes say, printed as the shortest decimal that reads back to the same bytes' value.
type floatLeaf struct {
	size   int
	hex    bool
	little bool
}

func (k *compiler) float(n *node) leaf {
	size := n.item.Size
	if size != 4 && size != 8 {
		return k.unsupported(n, "floating-point items have 4 or 8 bytes")
	}
	d := k.dialectOf(n)
	return &floatLeaf{size: size, hex: d.Float == copybook.FloatHex, little: d.Float == copybook.FloatIEEE && d.FloatLittle}
}

func (l *floatLeaf) load(raw []byte) uint64 {
	switch {
	case l.size == 4 && l.little:
		return uint64(binary.LittleEndian.Uint32(raw))
	case l.size == 4:
		return uint64(binary.BigEndian.Uint32(raw))
	case l.little:
		return binary.LittleEndian.Uint64(raw)
	default:
		return binary.BigEndian.Uint64(raw)
	}
}

func (l *floatLeaf) store(field []byte, v uint64) {
	switch {
	case l.size == 4 && l.little:
		binary.LittleEndian.PutUint32(field, uint32(v))
	case l.size == 4:
		binary.BigEndian.PutUint32(field, uint32(v))
	case l.little:
		binary.LittleEndian.PutUint64(field, v)
	default:
		binary.BigEndian.PutUint64(field, v)
	}
}

func (l *floatLeaf) decode(dst, raw []byte) ([]byte, fault) {
	v := l.load(raw)
	if l.hex {
		return l.decodeHex(dst, v), ok
	}
	f, width := math.Float64frombits(v), 64
	if l.size == 4 {
		f, width = float64(math.Float32frombits(uint32(v))), 32
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, faultNotNumeric
	}
	if f == 0 {
		return append(dst, '0'), ok
	}
	return appendFloat(dst, f, width), ok
}

// appendFloat appends in the form of JSON numbers, as ECMAScript does.
func appendFloat(dst []byte, f float64, width int) []byte {
	format := byte('f')
	if a := math.Abs(f); a < 1e-6 || a >= 1e21 {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, width)
}

// decodeHex appends an IBM hexadecimal number: sign, exponent to the base 16 with excess 64, and a
// fraction of 24 or 56 bits without a hidden bit (z/Architecture Principles of Operation).
func (l *floatLeaf) decodeHex(dst []byte, v uint64) []byte {
	fractionBits := 8*l.size - 8
	neg := v>>(fractionBits+7) != 0
	exponent := int(v>>fractionBits) & 0x7F
	fraction := v & (1<<fractionBits - 1)
	if fraction == 0 {
		return append(dst, '0')
	}
	power := 4*(exponent-64) - fractionBits
	start := len(dst)
	least := 6
	if l.size == 8 {
		least = 15
	}
	if fraction>>53 == 0 || fraction&7 == 0 {
		f := math.Ldexp(float64(fraction), power)
		if neg {
			f = -f
		}
		for digits := least; digits <= 17; digits++ {
			dst = appendDigits(dst[:start], f, digits)
			if l.readsBack(dst[start:], v) {
				return dst
			}
		}
	}
	x := new(big.Float).SetPrec(64).SetUint64(fraction)
	x.SetMantExp(x, power)
	if neg {
		x.Neg(x)
	}
	for digits := least; digits <= 19; digits++ {
		dst = x.Append(dst[:start], 'g', digits)
		if l.readsBack(dst[start:], v) {
			break
		}
	}
	return dst
}

// appendDigits appends f with at most that many digits, in the shorter of the forms JSON has.
func appendDigits(dst []byte, f float64, digits int) []byte {
	var buf [32]byte
	rounded, err := strconv.ParseFloat(string(strconv.AppendFloat(buf[:0], f, 'e', digits-1, 64)), 64)
	if err != nil {
		rounded = f
	}
	return appendFloat(dst, rounded, 64)
}

// readsBack tells that text is read as a number equal to v.
func (l *floatLeaf) readsBack(text []byte, v uint64) bool {
	back, f := l.hexOf(text)
	return f == ok && sameHex(back, v, 8*l.size-8)
}

// sameHex compares values: v may not be normalised.
func sameHex(a, v uint64, fractionBits int) bool {
	fraction := v & (1<<fractionBits - 1)
	high := v >> fractionBits
	for fraction>>(fractionBits-4) == 0 && high&0x7F > 0 {
		fraction <<= 4
		high--
	}
	return a == high<<fractionBits|fraction
}

func (l *floatLeaf) encode(field []byte, v scalar) fault {
	text := v.text
	switch v.kind {
	case transforms.Number:
	case transforms.String:
		var f fault
		if text, f = plainText(v.text); f != ok {
			return faultNotNumeric
		}
		if _, f = parseNumeral(text); f != ok {
			return f
		}
	default:
		return faultBool
	}
	if len(text) > maxNumberText {
		return faultNumber
	}
	var bits uint64
	var f fault
	if l.hex {
		bits, f = l.hexOf(text)
	} else {
		bits, f = l.ieeeOf(text)
	}
	if f == ok {
		l.store(field, bits)
	}
	return f
}

// hexOf rounds a decimal to the nearest hexadecimal number, ties to even.
func (l *floatLeaf) hexOf(text []byte) (uint64, fault) {
	x, ok2 := parseNumeral(text)
	if ok2 != ok {
		return 0, ok2
	}
	if magnitude := len(x.whole) + x.exp; magnitude > 400 || magnitude < -400 { // far out of the range, whatever the digits
		if x.zero() {
			return 0, ok
		}
		return 0, faultRange
	}
	f, _, err := big.ParseFloat(string(text), 10, 512, big.ToNearestEven)
	if err != nil {
		return 0, faultNotNumeric
	}
	if f.Sign() == 0 {
		return 0, ok
	}
	fractionBits := 8*l.size - 8
	exp := f.MantExp(nil)
	e16 := max((exp+3)>>2, -64) // below that range only numbers that are not normalised are left
	scaled := new(big.Float).SetMode(big.ToNearestEven).SetPrec(512).SetMantExp(new(big.Float).Abs(f), fractionBits-4*e16)
	integer := scaled.MantExp(nil)
	if integer < 1 {
		return 0, faultRange
	}
	scaled.SetPrec(uint(integer)) // as many bits as the integer part has: rounds it
	fraction, _ := scaled.Uint64()
	if fraction>>fractionBits != 0 {
		fraction >>= 4
		e16++
	}
	if e16 > 63 {
		return 0, faultRange
	}
	bits := uint64(e16+64)<<fractionBits | fraction
	if f.Sign() < 0 {
		bits |= 1 << (fractionBits + 7)
	}
	return bits, ok
}

// zero tells that all digits are zero.
func (x numeral) zero() bool { return x.leadingZeros() == len(x.whole)+len(x.frac) }

// leadingZeros counts the zeros before the first other digit.
func (x numeral) leadingZeros() int {
	for i, c := range x.whole {
		if c != '0' {
			return i
		}
	}
	for i, c := range x.frac {
		if c != '0' {
			return len(x.whole) + i
		}
	}
	return len(x.whole) + len(x.frac)
}

func (l *floatLeaf) ieeeOf(text []byte) (uint64, fault) {
	f, err := strconv.ParseFloat(string(text), 8*l.size)
	if err != nil || math.IsInf(f, 0) {
		return 0, faultRange
	}
	if f == 0 {
		x, bad := parseNumeral(text)
		if bad != ok || !x.zero() {
			return 0, faultRange
		}
		return 0, ok // -0 is written as 0
	}
	if l.size == 4 {
		return uint64(math.Float32bits(float32(f))), ok
	}
	return math.Float64bits(f), ok
}

// describe implements describer.
func (l *floatLeaf) describe(t *transforms.Type) {
	t.Shape = transforms.FloatShape
	t.Signed = true
}
