// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Numbers of up to 16 digits are read in one word, a half-byte for each digit, and written from it
// eight digits at a time. What is not plainly right is left to the ways of zoned.go and packed.go,
// which know all the reasons.

const quickDigits = 16

// quick tells that a number can go this way: its point stands among or behind its digits.
func (s *scaled) quick() bool { return s.n <= quickDigits && s.scale >= 0 && s.scale < s.n }

// Masks of the steps that spread half-bytes over bytes and back.
const (
	eachQuad  = 0x0000FFFF0000FFFF
	eachPair  = 0x00FF00FF00FF00FF
	eachLower = 0x0F0F0F0F0F0F0F0F
	eachCarry = 0x1111111111111110
)

// spread makes eight characters of eight digits.
func spread(x uint32) uint64 {
	v := uint64(x)
	v = (v | v<<16) & eachQuad
	v = (v | v<<8) & eachPair
	v = (v | v<<4) & eachLower
	return v | eachZero
}

// gather is the way back, from bytes 0 to 9.
func gather(v uint64) uint64 {
	v = (v | v>>4) & eachPair
	v = (v | v>>8) & eachQuad
	return (v | v>>16) & 0xFFFFFFFF
}

// decimal tells that all half-bytes of x are digits: adding 6 to each makes no carry.
func decimal(x uint64) bool {
	const sixes = 0x0666666666666666
	return x>>60 <= 9 && ((x&^(0xF<<60)+sixes)^x&^(0xF<<60)^sixes)&eachCarry == 0
}

// appendQuick appends the number whose n digits are the lowest half-bytes of x.
func (s *scaled) appendQuick(dst []byte, x uint64, neg bool) []byte {
	at := len(dst)
	if cap(dst)-at < maxDecimal {
		dst = slices.Grow(dst, maxDecimal)
	}
	out := dst[at : at+maxDecimal]
	o := 0
	whole := s.n - s.scale
	if neg && x != 0 {
		out[0] = '-'
		o = 1
	}
	x <<= uint(4*(quickDigits-s.n)) & 63 // the first digit is now on top
	skip := min(bits.LeadingZeros64(x)>>2, whole-1)
	if s.n <= 8 { // all of it is in one word
		high := spread(uint32(x >> 32))
		binary.BigEndian.PutUint64(out[o:], high<<(uint(8*skip)&63))
		o += whole - skip
		if s.scale > 0 {
			out[o] = '.'
			binary.BigEndian.PutUint64(out[o+1:], high<<(uint(8*whole)&63))
			o += 1 + s.scale
		}
		return dst[:at+o]
	}
	putDigits(out[o:], x<<(uint(4*skip)&63), whole-skip)
	o += whole - skip
	if s.scale > 0 {
		out[o] = '.'
		putDigits(out[o+1:], x<<(uint(4*whole)&63), s.scale)
		o += 1 + s.scale
	}
	return dst[:at+o]
}

// putDigits writes the n topmost half-bytes of x as characters; what it writes behind them does
// not matter.
func putDigits(out []byte, x uint64, n int) {
	binary.BigEndian.PutUint64(out, spread(uint32(x>>32)))
	if n > 8 {
		binary.BigEndian.PutUint64(out[8:], spread(uint32(x)))
	}
}

// readQuick reads a packed number of up to eight bytes.
func (l *packedLeaf) readQuick(raw []byte) (x uint64, neg, fine bool) {
	n := len(raw)
	switch {
	case n == 8:
		x = binary.BigEndian.Uint64(raw)
	case n >= 4 && n < 8:
		x = uint64(binary.BigEndian.Uint32(raw))<<(uint(8*(n-4))&63) | uint64(binary.BigEndian.Uint32(raw[n-4:]))
	case n < 4:
		for _, b := range raw {
			x = x<<8 | uint64(b)
		}
	default:
		return 0, false, false
	}
	sign := l.signs[x&0x0F]
	x >>= 4
	neg = sign == signMinus
	fine = sign != signBad && decimal(x) && x>>(uint(4*l.n)&63) == 0 && (l.signed || !neg)
	return x, neg, fine
}

// readQuick reads a zoned number whose sign, if any, has no byte of its own.
func (l *zonedLeaf) readQuick(raw []byte) (x uint64, neg, fine bool) {
	m := len(raw) - 1
	if m < 0 || m >= quickDigits || m+1 != l.n {
		return 0, false, false
	}
	var sign uint8
	if l.leading {
		sign = l.signOf[raw[0]]
		raw = raw[1:]
	} else {
		sign = l.signOf[raw[m]]
		raw = raw[:m]
	}
	var bad uint64
	zones := uint64(l.zero) * eachByte
	switch {
	case m >= 8:
		a, b := binary.BigEndian.Uint64(raw)^zones, binary.BigEndian.Uint64(raw[m-8:])^zones
		bad = a | (a + eachSix) | b | (b + eachSix)
		x = gather(a)<<(uint(4*(m-8))&63) | gather(b) // the digits in the middle are in both
	case m >= 4:
		a := uint64(binary.BigEndian.Uint32(raw)) ^ zones&0xFFFFFFFF
		b := uint64(binary.BigEndian.Uint32(raw[m-4:])) ^ zones&0xFFFFFFFF
		bad = a | (a + eachSix) | b | (b + eachSix)
		x = gather(a)<<(uint(4*(m-4))&63) | gather(b)
	default:
		for _, c := range raw {
			d := uint64(c ^ l.zero)
			bad |= d | (d + 6)
			x = x<<4 | d
		}
	}
	digit := uint64(sign & 0x0F)
	if l.leading {
		x |= digit << (uint(4*m) & 63)
	} else {
		x = x<<4 | digit
	}
	neg = sign&signMinus != 0
	return x, neg, bad&eachHigh == 0 && sign != signBad && (l.signed || !neg)
}
