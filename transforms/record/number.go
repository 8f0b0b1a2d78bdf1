// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"lintel/transforms"
)

// scaled is the decimal shape of a number: n stored digits, of which the last has the weight
// 10^-scale. Both P and V are expressed by it: 9(3)PP is n 3, scale -2; VPP9(3) is n 3, scale 5.
type scaled struct {
	n, scale int
	signed   bool
	hasP     bool
	overflow Overflow
	decimals Decimals
}

// maxNumberText bounds the text of a number, in bytes, and maxExponent its exponent.
const (
	maxNumberText = 400
	maxExponent   = 1000
)

// numeral is a JSON number (or digits in a text) taken apart, without a copy.
type numeral struct {
	// whole and frac are the digits before and behind the point; exp the exponent to the base 10.
	whole, frac []byte
	exp         int
	neg         bool
}

// parseNumeral takes a number apart. It accepts the grammar of JSON numbers, and also leading
// zeros, a plus sign, and a missing integer part or fraction, which texts may have.
func parseNumeral(text []byte) (x numeral, f fault) {
	if len(text) > maxNumberText {
		return x, faultNumber
	}
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		x.neg = text[0] == '-'
		text = text[1:]
	}
	i := 0
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	x.whole = text[:i]
	if i < len(text) && text[i] == '.' {
		from := i + 1
		for i = from; i < len(text) && text[i]-'0' <= 9; {
			i++
		}
		x.frac = text[from:i]
	}
	if len(x.whole)+len(x.frac) == 0 {
		return x, faultNotNumeric
	}
	if i < len(text) {
		x.exp, f = parseExponent(text[i:])
	}
	return x, f
}

func parseExponent(text []byte) (int, fault) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, faultNotNumeric
	}
	text = text[1:]
	neg := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		neg = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, faultNotNumeric
	}
	exp := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, faultNotNumeric
		}
		if exp = exp*10 + int(c-'0'); exp > maxExponent {
			exp = maxExponent // far out of any picture, and zeros stay zeros
		}
	}
	if neg {
		exp = -exp
	}
	return exp, ok
}

// numeralOf takes the number in a JSON number or string.
func numeralOf(v scalar) (numeral, fault) {
	switch v.kind {
	case transforms.Number:
		return parseNumeral(v.text)
	case transforms.String:
		text, f := plainText(v.text)
		if f != ok {
			return numeral{}, faultNotNumeric
		}
		return parseNumeral(text)
	default:
		return numeral{}, faultBool
	}
}

// put puts the digits of a value into d; see place. It takes numbers without an exponent whose
// digits all have a place, which are nearly all there are, straight from their text.
func (s *scaled) put(v scalar, d []byte) (neg bool, f fault) {
	point := len(d) - s.scale
	if v.kind == transforms.Number && point >= 0 && s.scale >= 0 {
		text := v.text
		if len(text) > 0 && text[0] == '-' {
			neg = true
			text = text[1:]
		}
		whole := 0
		for whole < len(text) && text[whole]-'0' <= 9 {
			whole++
		}
		end := whole
		if whole < len(text) && text[whole] == '.' {
			for end++; end < len(text) && text[end]-'0' <= 9; end++ {
			}
		}
		if end == len(text) && whole <= point && end-whole-1 <= s.scale && whole > 0 {
			clear(d)
			return s.sign(neg, copyDigits(d[point-whole:], text[:whole])|copyDigits(d[point:], text[min(whole+1, end):]))
		}
	}
	x, f := numeralOf(v)
	if f != ok {
		return false, f
	}
	return s.place(x, d)
}

// copyDigits turns characters into digits; the result is not 0 if any digit is not.
func copyDigits(d, text []byte) (any byte) {
	d = d[:len(text)]
	for i, c := range text {
		c -= '0'
		d[i] = c
		any |= c
	}
	return any
}

// sign checks the sign of a number of which any tells whether it is something else than zero.
func (s *scaled) sign(neg bool, any byte) (bool, fault) {
	switch {
	case !neg || any == 0:
		return false, ok
	case !s.signed:
		return false, faultNegative
	default:
		return true, ok
	}
}

// place puts the digits of x into d, values 0 to 9, right-aligned at the scale of s. d has s.n
// bytes. neg is false for zero.
func (s *scaled) place(x numeral, d []byte) (neg bool, f fault) {
	clear(d)
	point := len(d) - s.scale
	var any byte
	if x.exp == 0 && len(x.whole) <= point && len(x.frac) <= s.scale {
		any = copyDigits(d[point-len(x.whole):], x.whole) | copyDigits(d[point:], x.frac)
	} else if any, f = s.placeFar(x, d, point); f != ok {
		return false, f
	}
	return s.sign(x.neg, any)
}

// placeFar places digits of which some may lie outside of d, where only zeros are without loss. It
// returns a value other than 0 if any digit in d is.
func (s *scaled) placeFar(x numeral, d []byte, point int) (any byte, f fault) {
	at := point - len(x.whole) - x.exp // the place of the next digit
	round := false
	for part, digits := range [2][]byte{x.whole, x.frac} {
		if part == 1 {
			at = point - x.exp
		}
		for _, c := range digits {
			c -= '0'
			switch {
			case c == 0:
			case at < 0:
				if s.overflow == OverflowReject {
					return 0, faultOverflow
				}
			case at >= len(d):
				if s.decimals == DecimalsReject {
					return 0, s.lost()
				}
				if at == len(d) && c >= 5 {
					round = s.decimals == DecimalsRound
				}
			default:
				d[at] = c
				any |= c
			}
			at++
		}
	}
	if round {
		any = 1
		f = s.roundUp(d)
	}
	return any, f
}

func (s *scaled) lost() fault {
	if s.hasP {
		return faultPScale
	}
	return faultScale
}

func (s *scaled) roundUp(d []byte) fault {
	for i := len(d) - 1; i >= 0; i-- {
		if d[i] < 9 {
			d[i]++
			return ok
		}
		d[i] = 0
	}
	if s.overflow == OverflowReject {
		return faultOverflow
	}
	return ok
}

// appendDecimal appends the number with the digits d (values 0 to 9) as JSON: no leading zeros,
// and all the decimals the picture has.
func (s *scaled) appendDecimal(dst, d []byte, neg bool) []byte {
	var buf digitBuf
	return s.appendDigits(dst, &buf, copy(buf[:maxDigits], d), neg)
}

// maxDecimal is room for any number with maxDigits, and for writing eight digits at a time.
const maxDecimal = maxDigits + 16

// appendDigits is appendDecimal for the first n digits of buf; what stands behind them is not used.
func (s *scaled) appendDigits(dst []byte, buf *digitBuf, n int, neg bool) []byte {
	neg = neg && !allZero(buf[:n])
	whole := n - s.scale // digits before the point
	if whole <= 0 || s.scale < 0 {
		if neg {
			dst = append(dst, '-')
		}
		return s.appendFar(dst, buf[:n], whole)
	}
	at := len(dst)
	if cap(dst)-at < maxDecimal {
		dst = slices.Grow(dst, maxDecimal)
	}
	out := dst[at : at+maxDecimal]
	o := 0
	if neg {
		out[0] = '-'
		o = 1
	}
	i := 0
	for i < whole {
		x := binary.LittleEndian.Uint64(buf[i:])
		if x != 0 {
			i += bits.TrailingZeros64(x) >> 3
			break
		}
		i += 8
	}
	i = min(i, whole-1)
	for k := i; k < whole; k += 8 {
		binary.LittleEndian.PutUint64(out[o+k-i:], binary.LittleEndian.Uint64(buf[k:])|eachZero)
	}
	o += whole - i
	if s.scale > 0 {
		out[o] = '.'
		o++
		for k := whole; k < n; k += 8 {
			binary.LittleEndian.PutUint64(out[o+k-whole:], binary.LittleEndian.Uint64(buf[k:])|eachZero)
		}
		o += n - whole
	}
	return dst[:at+o]
}

// appendFar is appendDecimal for numbers whose point does not stand among or around their digits.
func (s *scaled) appendFar(dst, d []byte, whole int) []byte {
	if whole <= 0 {
		dst = append(dst, '0', '.')
		for i := whole; i < 0; i++ {
			dst = append(dst, '0')
		}
		for _, c := range d {
			dst = append(dst, '0'+c)
		}
		return dst
	}
	if allZero(d) {
		return append(dst, '0')
	}
	i := 0
	for d[i] == 0 {
		i++
	}
	for _, c := range d[i:] {
		dst = append(dst, '0'+c)
	}
	for i := len(d); i < whole; i++ {
		dst = append(dst, '0')
	}
	return dst
}

func allZero(d []byte) bool {
	for _, c := range d {
		if c != 0 {
			return false
		}
	}
	return true
}

// fill tells that all bytes of raw are b.
func filled(raw []byte, b byte) bool {
	for _, c := range raw {
		if c != b {
			return false
		}
	}
	return len(raw) > 0
}

// specials is the policy for numbers that are all blanks, low-values or high-values.
type specials struct {
	space            byte
	blank, low, high Special
}

// special is asked after a number was found invalid: it appends what the policy makes of special
// contents. f is the fault found.
func (p *specials) special(dst, raw []byte, zero func([]byte) []byte, f fault) ([]byte, fault) {
	var s Special
	var what fault
	switch {
	case filled(raw, p.space):
		s, what = p.blank, faultBlank
	case filled(raw, 0):
		s, what = p.low, faultLow
	case filled(raw, 0xFF):
		s, what = p.high, faultHigh
	default:
		return dst, f
	}
	switch s {
	case SpecialNull:
		return append(dst, "null"...), ok
	case SpecialZero:
		return zero(dst), ok
	default:
		return dst, what
	}
}

// encodeNull implements nuller: the special contents that a policy reads as null are what null is
// written as, blanks before low-values before high-values.
func (p *specials) encodeNull(field []byte) fault {
	switch SpecialNull {
	case p.blank:
		fillBytes(field, p.space)
	case p.low:
		clear(field)
	case p.high:
		fillBytes(field, 0xFF)
	default:
		return faultNull
	}
	return ok
}

// Eight digits at a time: a byte of x is a digit if it is 0 to 9.
const (
	eachSix  = 0x0606060606060606
	eachHigh = 0xF0F0F0F0F0F0F0F0
	eachByte = 0x0101010101010101
	eachZero = 0x3030303030303030
	eachTop  = 0x8080808080808080
	eachLow  = 0x000F000F000F000F
)

// plainDigits takes the zone off digits, all of which have the zone of zero, and reports whether
// they are all digits. d has the length of raw. Where the length is no multiple of eight, the last
// eight (or four) overlap those before.
func plainDigits(d, raw []byte, zero byte) bool {
	n := len(raw)
	d = d[:n]
	zones := uint64(zero) * eachByte
	if n < 4 {
		good := true
		for i, b := range raw {
			c := b - zero
			d[i] = c
			good = good && c <= 9
		}
		return good
	}
	if n < 8 {
		x := uint64(binary.LittleEndian.Uint32(raw)) ^ zones&0xFFFFFFFF
		y := uint64(binary.LittleEndian.Uint32(raw[n-4:])) ^ zones&0xFFFFFFFF
		binary.LittleEndian.PutUint32(d, uint32(x))
		binary.LittleEndian.PutUint32(d[n-4:], uint32(y))
		return (x|(x+eachSix)|y|(y+eachSix))&eachHigh == 0
	}
	bad := uint64(0)
	for i := 0; i < n; i += 8 {
		if i > n-8 {
			i = n - 8
		}
		x := binary.LittleEndian.Uint64(raw[i:]) ^ zones
		bad |= x | (x + eachSix)
		binary.LittleEndian.PutUint64(d[i:], x)
	}
	return bad&eachHigh == 0
}

// plainPacked spreads bytes of two digits each, and reports whether they are all digits. d has
// twice the length of raw.
func plainPacked(d, raw []byte) bool {
	bad := uint64(0)
	i := 0
	for ; i+4 <= len(raw); i += 4 {
		x := uint64(binary.LittleEndian.Uint32(raw[i:]))
		x = (x | x<<16) & 0x0000FFFF0000FFFF
		x = (x | x<<8) & 0x00FF00FF00FF00FF
		x = x>>4&eachLow | x&eachLow<<8
		bad |= (x + eachSix) & eachHigh
		binary.LittleEndian.PutUint64(d[2*i:], x)
	}
	good := bad == 0
	for ; i < len(raw); i++ {
		hi, lo := raw[i]>>4, raw[i]&0x0F
		d[2*i], d[2*i+1] = hi, lo
		good = good && hi <= 9 && lo <= 9
	}
	return good
}
