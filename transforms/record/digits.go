// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

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
