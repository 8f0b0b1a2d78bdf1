// SPDX-License-Identifier: Apache-2.0

package record

import (
	"math/bits"
	"strconv"
)

// binaryLeaf is COMP, COMP-5, COMP-X and their kin: a two's complement integer of 1 to 16 bytes.
type binaryLeaf struct {
	scaled
	specials
	little bool
	// full items hold the whole range of their bytes, others what the picture says.
	full bool
	// fullDigits is how many digits that range has.
	fullDigits int
}

// wide is an unsigned integer of 128 bits.
type wide struct{ hi, lo uint64 }

// load reads the integer as magnitude and sign.
func (l *binaryLeaf) load(raw []byte) (m wide, neg bool) {
	if l.little {
		for i := len(raw) - 1; i >= 0; i-- {
			m.hi = m.hi<<8 | m.lo>>56
			m.lo = m.lo<<8 | uint64(raw[i])
		}
	} else {
		for _, b := range raw {
			m.hi = m.hi<<8 | m.lo>>56
			m.lo = m.lo<<8 | uint64(b)
		}
	}
	return l.magnitude(m, raw)
}

// short reads an integer of up to eight bytes.
func (l *binaryLeaf) short(raw []byte) (m uint64, neg bool) {
	if l.little {
		for i := len(raw) - 1; i >= 0; i-- {
			m = m<<8 | uint64(raw[i])
		}
	} else {
		for _, b := range raw {
			m = m<<8 | uint64(b)
		}
	}
	unused := uint(64-8*len(raw)) & 63
	if v := int64(m<<unused) >> unused; l.signed && v < 0 {
		return -uint64(v), true
	}
	return m, false
}

// magnitude takes the sign off the two's complement in m.
func (l *binaryLeaf) magnitude(m wide, raw []byte) (wide, bool) {
	if !l.signed || len(raw) == 0 {
		return m, false
	}
	top := raw[0]
	if l.little {
		top = raw[len(raw)-1]
	}
	if top < 0x80 {
		return m, false
	}
	return m.negate(len(raw)), true
}

// negate gives the two's complement within n bytes.
func (m wide) negate(n int) wide {
	lo, carry := bits.Add64(^m.lo, 1, 0)
	hi := ^m.hi + carry
	if n <= 8 {
		hi = 0
		if n < 8 {
			lo &= 1<<(8*n) - 1
		}
	} else if n < 16 {
		hi &= 1<<(8*(n-8)) - 1
	}
	return wide{hi, lo}
}

// store writes magnitude and sign; the caller has checked the range.
func (l *binaryLeaf) store(field []byte, m wide, neg bool) {
	if neg {
		m = m.negate(16)
	}
	for i := range field {
		o := len(field) - 1 - i
		if l.little {
			o = i
		}
		field[o] = byte(m.lo)
		m.lo = m.lo>>8 | m.hi<<56
		m.hi >>= 8
	}
}

// digitsOf writes the decimal digits of m, right-aligned in buf, and returns where they begin.
func (m wide) digitsOf(buf *[maxDigits]byte) int {
	i := len(buf)
	for m.hi != 0 {
		var r uint64
		m.hi, r = m.hi/10, m.hi%10
		m.lo, r = bits.Div64(r, m.lo, 10)
		i--
		buf[i] = byte(r)
	}
	lo := m.lo
	for lo != 0 {
		q := lo / 10
		i--
		buf[i] = byte(lo - q*10)
		lo = q
	}
	return i
}

func (l *binaryLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if l.low != SpecialError || l.high != SpecialError || l.blank != SpecialError {
		if out, f, done := l.decodeSpecial(dst, raw); done {
			return out, f
		}
	}
	if l.scale == 0 && len(raw) <= 8 && len(raw) > 0 {
		m, neg := l.short(raw)
		if neg {
			dst = append(dst, '-')
		}
		return strconv.AppendUint(dst, m, 10), ok
	}
	m, neg := l.load(raw)
	if l.scale == 0 && m.hi == 0 {
		if neg {
			dst = append(dst, '-')
		}
		return strconv.AppendUint(dst, m.lo, 10), ok
	}
	var buf [maxDigits]byte
	i := m.digitsOf(&buf)
	// As many digits as the scale needs, so that 5 with two decimals is 0.05.
	for len(buf)-i < max(l.scale+1, 1) && i > 0 {
		i--
	}
	return l.appendDecimal(dst, buf[i:], neg), ok
}

// decodeSpecial applies the policies: for a binary item low-values are plain zero, and blanks and
// high-values are numbers too, unless a policy says that they mean null or zero.
func (l *binaryLeaf) decodeSpecial(dst, raw []byte) (out []byte, f fault, done bool) {
	var s Special
	switch {
	case l.blank != SpecialError && filled(raw, l.space):
		s = l.blank
	case l.low != SpecialError && filled(raw, 0):
		s = l.low
	case l.high != SpecialError && filled(raw, 0xFF):
		s = l.high
	default:
		return dst, ok, false
	}
	if s == SpecialNull {
		return append(dst, "null"...), ok, true
	}
	return l.appendDecimal(dst, make([]byte, max(l.scale+1, 1)), false), ok, true
}

func (l *binaryLeaf) encode(field []byte, v scalar) fault {
	var buf digitBuf
	shape := l.scaled
	if l.full {
		shape.n = maxDigits - 1
	}
	d := buf[:shape.n]
	neg, f := shape.put(v, d)
	if f != ok {
		return f
	}
	return l.storeDigits(field, d, neg)
}

func (l *binaryLeaf) storeDigits(field, d []byte, neg bool) fault {
	var m wide
	for _, c := range d {
		hi, lo := bits.Mul64(m.lo, 10)
		over, top := bits.Mul64(m.hi, 10)
		sum, carry := bits.Add64(top, hi, 0)
		if over != 0 || carry != 0 {
			return faultRange
		}
		m.hi = sum
		m.lo, carry = bits.Add64(lo, uint64(c), 0)
		m.hi, carry = bits.Add64(m.hi, 0, carry)
		if carry != 0 {
			return faultRange
		}
	}
	if !l.fits(m, neg, len(field)) {
		return faultRange
	}
	l.store(field, m, neg)
	return ok
}

// fits checks the range of n bytes.
func (l *binaryLeaf) fits(m wide, neg bool, n int) bool {
	size := 128 - bits.LeadingZeros64(m.hi) // in bits
	if m.hi == 0 {
		size = 64 - bits.LeadingZeros64(m.lo)
	}
	if !l.signed {
		return size <= 8*n
	}
	if size < 8*n {
		return true
	}
	lowest := wide{0, 1 << ((8*n - 1) & 63)}
	if n > 8 {
		lowest = wide{1 << ((8*n - 1) & 63), 0}
	}
	return neg && m == lowest
}

// digits implements digiter: as many as the picture has.
func (l *binaryLeaf) digits(raw []byte, buf *digitBuf) (int, fault) {
	m, neg := l.load(raw)
	var all [maxDigits]byte
	i := m.digitsOf(&all)
	if neg || len(all)-i > l.n {
		return 0, faultDate
	}
	return copy(buf[:], all[len(all)-l.n:]), ok
}

// setDigits implements digiter.
func (l *binaryLeaf) setDigits(field, digits []byte) fault {
	if len(digits) > l.n {
		return faultOverflow
	}
	return l.storeDigits(field, digits, false)
}
