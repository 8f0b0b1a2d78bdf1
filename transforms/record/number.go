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
	// digits holds the digits and at most one point.
	digits []byte
	// point is how many of the digits stand before the point, exponent included.
	point int
	neg   bool
}

// parseNumeral takes a number apart. It accepts the grammar of JSON numbers, and also leading
// zeros, a plus sign, and a missing integer part or fraction, which texts may have.
func parseNumeral(text []byte) (x numeral, f fault) {
	if len(text) > maxNumberText {
		return x, faultNumber
	}
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		x.neg = text[i] == '-'
		i++
	}
	start, count, dot := i, 0, -1
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && dot < 0 {
			dot = count
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		count++
	}
	if count == 0 {
		return x, faultNotNumeric
	}
	x.digits = text[start:i]
	x.point = count
	if dot >= 0 {
		x.point = dot
	}
	if i == len(text) {
		return x, ok
	}
	exp, f := parseExponent(text[i:])
	x.point += exp
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
func numeralOf(v transforms.Value) (numeral, fault) {
	switch v.Kind {
	case transforms.Number:
		return parseNumeral(v.Text)
	case transforms.String:
		text, f := plainText(v.Text)
		if f != ok {
			return numeral{}, faultNotNumeric
		}
		return parseNumeral(text)
	default:
		return numeral{}, faultBool
	}
}

// place puts the digits of x into d, values 0 to 9, right-aligned at the scale of s. neg is false for zero.
func (s *scaled) place(x numeral, d []byte) (neg bool, f fault) {
	clear(d)
	at := s.n - x.point - s.scale // the place of the next digit
	round, any := false, false
	for _, c := range x.digits {
		if c == '.' {
			continue
		}
		c -= '0'
		switch {
		case c == 0:
		case at < 0:
			if s.overflow == OverflowReject {
				return false, faultOverflow
			}
		case at >= len(d):
			if s.decimals == DecimalsReject {
				return false, s.lost()
			}
			if at == len(d) && c >= 5 {
				round = s.decimals == DecimalsRound
			}
		default:
			d[at] = c
			any = true
		}
		at++
	}
	if round {
		if f := s.roundUp(d); f != ok {
			return false, f
		}
		any = true
	}
	if x.neg && any && !s.signed {
		return false, faultNegative
	}
	return x.neg && any, ok
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
	if neg && !allZero(d) {
		dst = append(dst, '-')
	}
	whole := len(d) - s.scale // digits before the point
	if whole <= 0 {
		dst = append(dst, '0')
	} else {
		i, stop := 0, min(whole, len(d))
		for i < stop-1 && d[i] == 0 {
			i++
		}
		if whole > len(d) && i == stop-1 && d[i] == 0 {
			return append(dst, '0')
		}
		for ; i < stop; i++ {
			dst = append(dst, '0'+d[i])
		}
		for i = len(d); i < whole; i++ {
			dst = append(dst, '0')
		}
	}
	if s.scale <= 0 {
		return dst
	}
	dst = append(dst, '.')
	for i := whole; i < 0; i++ {
		dst = append(dst, '0')
	}
	for _, c := range d[max(whole, 0):] {
		dst = append(dst, '0'+c)
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
