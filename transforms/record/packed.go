// SPDX-License-Identifier: Apache-2.0

package record

// packedLeaf is COMP-3 (two digits a byte and a sign half-byte) and COMP-6 (no sign).
type packedLeaf struct {
	scaled
	specials
	noSign bool
	policy Sign
	// signs tells what a sign half-byte means; see signTable of zonedLeaf.
	signs [16]uint8
	// oneWord numbers are read by readQuick.
	oneWord bool
}

func (l *packedLeaf) signTables() {
	for nibble := range 16 {
		l.signs[nibble] = signBad
		if sign, valid := nibbleSign(byte(nibble), l.policy, l.signed); valid {
			l.signs[nibble] = sign
		}
	}
}

// read takes the digits and the sign out of raw.
func (l *packedLeaf) read(raw []byte, buf *digitBuf) (n int, neg bool, f fault) {
	if len(raw) == 0 || 2*len(raw) > maxDigits {
		return 0, false, faultNotNumeric
	}
	last := len(raw) - 1
	good := plainPacked(buf[:2*last], raw[:last])
	o := 2 * last
	hi, lo := raw[last]>>4, raw[last]&0x0F
	buf[o] = hi
	o++
	if l.noSign {
		buf[o] = lo
		o++
		good = good && lo <= 9
	}
	if !good || hi > 9 {
		return o, false, faultNibble
	}
	if !l.noSign {
		s := l.signs[lo]
		if s == signBad {
			return o, false, faultSign
		}
		neg = s&signMinus != 0
	}
	if o > l.n {
		if buf[0] != 0 {
			return o, neg, faultPadNibble
		}
		o = copy(buf[:], buf[1:o])
	}
	if neg && !l.signed {
		if l.policy != SignLax && !allZero(buf[:o]) {
			return o, false, faultNegative
		}
		neg = false
	}
	return o, neg, ok
}

func (l *packedLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if l.oneWord {
		if x, neg, fine := l.readQuick(raw); fine {
			return l.appendQuick(dst, x, neg), ok
		}
	}
	var buf digitBuf
	n, neg, f := l.read(raw, &buf)
	if f != ok {
		return l.special(dst, raw, l.appendZero, f)
	}
	return l.appendDigits(dst, &buf, n, neg), ok
}

func (l *packedLeaf) encode(field []byte, v scalar) fault {
	var buf digitBuf
	d := buf[:l.n]
	neg, f := l.put(v, d)
	if f != ok {
		return f
	}
	l.write(field, d, neg)
	return ok
}

// write packs d from the right: the pad half-byte of an even number of digits stays 0.
func (l *packedLeaf) write(field, d []byte, neg bool) {
	last := len(field) - 1
	if l.noSign {
		pack(field, d)
		return
	}
	pack(field[:last], d[:len(d)-1])
	sign := byte(0xF)
	if l.signed {
		sign = 0xC
		if neg {
			sign = 0xD
		}
	}
	field[last] = d[len(d)-1]<<4 | sign
}

// pack puts two digits into each byte; an odd number of digits leaves the first half-byte 0.
func pack(field, d []byte) {
	if len(d) < 2*len(field) && len(d) > 0 {
		field[0] = d[0]
		field, d = field[1:], d[1:]
	}
	for i := range field {
		field[i] = d[2*i]<<4 | d[2*i+1]
	}
}

// digits implements digiter.
func (l *packedLeaf) digits(raw []byte, buf *digitBuf) (int, fault) {
	n, neg, f := l.read(raw, buf)
	if f == ok && neg {
		f = faultDate
	}
	return n, f
}

// setDigits implements digiter.
func (l *packedLeaf) setDigits(field, digits []byte) fault {
	var buf digitBuf
	if len(digits) > l.n {
		return faultOverflow
	}
	d := buf[:l.n]
	copy(d[l.n-len(digits):], digits)
	l.write(field, d, false)
	return ok
}
