// SPDX-License-Identifier: Apache-2.0

package record

import (
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

// filled tells that all bytes of raw are b.
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
