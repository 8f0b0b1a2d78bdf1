// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms/copybook"
)

// zonedLeaf is a number with one digit a byte: 9 DISPLAY.
type zonedLeaf struct {
	scaled
	specials
	at    copybook.SignPlace
	zero  byte // the byte of the digit 0
	plus  byte // bytes of a separate sign
	minus byte
	// signOf maps the byte that holds digit and sign, nil where none does.
	signOf *[256]uint8
	// positive and negative give that byte for each digit.
	positive, negative [10]byte
	blankWhenZero      bool
	// absolute takes negative numbers in unsigned fields for positive.
	absolute bool
	// oneWord numbers are read by readQuick; leading tells where their sign is.
	oneWord, leading bool
}

// Values of signOf: the digit, and a bit for minus.
const (
	signMinus = 0x10
	signBad   = 0xFF
)

// separate tells that the sign has a byte of its own.
func (l *zonedLeaf) separate() bool {
	return l.signed && (l.at == copybook.TrailingSeparate || l.at == copybook.LeadingSeparate)
}

// read takes the digits (0 to 9) and the sign out of raw.
func (l *zonedLeaf) read(raw []byte, buf *digitBuf) (n int, neg bool, f fault) {
	if l.signOf == nil {
		return l.readSeparate(raw, buf)
	}
	n = len(raw)
	if n > maxDigits || n == 0 {
		return 0, false, faultNotNumeric
	}
	d := buf[:n]
	i := n - 1
	from, to := 0, i
	if l.signed && l.at == copybook.Leading {
		i, from, to = 0, 1, n
	}
	s := l.signOf[raw[i]]
	good := plainDigits(d[from:to], raw[from:to], l.zero)
	switch {
	case !good:
		return n, false, faultZone
	case s == signBad:
		return n, false, faultSign
	}
	d[i] = s & 0x0F
	neg = s&signMinus != 0
	if neg && !l.signed {
		if !l.absolute && !allZero(d) {
			return n, false, faultNegative
		}
		neg = false
	}
	return n, neg, ok
}

// readSeparate reads a number whose sign, if any, has a byte of its own.
func (l *zonedLeaf) readSeparate(raw []byte, buf *digitBuf) (n int, neg bool, f fault) {
	body := raw
	if l.separate() && len(raw) > 0 {
		sign := raw[len(raw)-1]
		body = raw[:len(raw)-1]
		if l.at == copybook.LeadingSeparate {
			sign, body = raw[0], raw[1:]
		}
		neg = sign == l.minus
		if !neg && sign != l.plus {
			f = faultSign
		}
	}
	n = len(body)
	if n > maxDigits || n == 0 {
		return 0, false, faultNotNumeric
	}
	if !plainDigits(buf[:n], body, l.zero) {
		return n, false, faultZone
	}
	return n, neg, f
}

// signByte is the index of the digit that carries the sign.
func (l *zonedLeaf) signByte(n int) int {
	if l.signed && l.at == copybook.Leading {
		return 0
	}
	return n - 1
}

func (l *zonedLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if l.oneWord {
		if x, neg, fine := l.readQuick(raw); fine {
			return l.appendQuick(dst, x, neg), ok
		}
	}
	var buf digitBuf
	n, neg, f := l.read(raw, &buf)
	if f != ok {
		if l.blankWhenZero && filled(raw, l.space) {
			return l.appendZero(dst), ok
		}
		return l.special(dst, raw, l.appendZero, f)
	}
	return l.appendDigits(dst, &buf, n, neg), ok
}

// appendZero appends zero the way the picture writes it.
func (s *scaled) appendZero(dst []byte) []byte {
	var zeros digitBuf
	return s.appendDigits(dst, &zeros, s.n, false)
}

func (l *zonedLeaf) encode(field []byte, v scalar) fault {
	var buf digitBuf
	d := buf[:l.n]
	neg, f := l.put(v, d)
	if f != ok {
		return f
	}
	if l.blankWhenZero && allZero(d) {
		fillBytes(field, l.space)
		return ok
	}
	return l.write(field, d, neg)
}

func (l *zonedLeaf) write(field, d []byte, neg bool) fault {
	body := field
	if l.separate() {
		sign := l.plus
		if neg {
			sign = l.minus
		}
		if l.at == copybook.LeadingSeparate {
			field[0], body = sign, field[1:]
		} else {
			field[len(field)-1], body = sign, field[:len(field)-1]
		}
	}
	if len(body) != len(d) {
		return faultOverflow
	}
	for i, c := range d {
		body[i] = l.zero + c
	}
	if !l.signed || l.separate() {
		return ok
	}
	i := l.signByte(len(d))
	if neg {
		body[i] = l.negative[d[i]]
	} else {
		body[i] = l.positive[d[i]]
	}
	return ok
}

// digits implements digiter.
func (l *zonedLeaf) digits(raw []byte, buf *digitBuf) (int, fault) {
	n, neg, f := l.read(raw, buf)
	if f == ok && neg {
		f = faultDate
	}
	return n, f
}

// setDigits implements digiter.
func (l *zonedLeaf) setDigits(field, digits []byte) fault {
	var buf digitBuf
	if len(digits) > l.n {
		return faultOverflow
	}
	d := buf[:l.n]
	copy(d[l.n-len(digits):], digits)
	return l.write(field, d, false)
}

// signTables fills the tables of the byte that holds digit and sign.
func (l *zonedLeaf) signTables(cs *charset, ascii copybook.ASCIISign, policy Sign) {
	var t [256]uint8
	fillBytes(t[:], signBad)
	if cs.page.EBCDIC() {
		l.ebcdicSigns(&t, policy)
	} else {
		l.asciiSigns(&t, ascii)
	}
	l.signOf = &t
}

// ebcdicSigns: the sign is in the high half-byte, whatever character the code page shows there
// (IBM Enterprise COBOL Programming Guide, NUMPROC).
func (l *zonedLeaf) ebcdicSigns(t *[256]uint8, policy Sign) {
	for zone := range 16 {
		sign, valid := nibbleSign(byte(zone), policy, l.signed)
		if zone < 10 && policy == SignLax {
			sign, valid = 0, true
		}
		if !valid {
			continue
		}
		for d := range 10 {
			t[zone<<4|d] = uint8(d) | sign
		}
	}
	for d := range 10 {
		l.positive[d] = 0xC0 | byte(d)
		l.negative[d] = 0xD0 | byte(d)
	}
}

// nibbleSign tells what a sign nibble means: 0 or signMinus.
func nibbleSign(nibble byte, policy Sign, signed bool) (sign uint8, valid bool) {
	switch nibble {
	case 0xC:
		return 0, signed || policy != SignPreferred
	case 0xD:
		return signMinus, signed || policy != SignPreferred
	case 0xF:
		return 0, !signed || policy != SignPreferred
	case 0xA, 0xE:
		return 0, policy != SignPreferred
	case 0xB:
		return signMinus, policy != SignPreferred
	}
	return 0, false
}

func (l *zonedLeaf) asciiSigns(t *[256]uint8, table copybook.ASCIISign) {
	var plus, minus string
	switch table {
	case copybook.SignTranslated:
		plus, minus = "{ABCDEFGHI", "}JKLMNOPQR"
	case copybook.SignStandard:
		plus, minus = "0123456789", "pqrstuvwxy"
	case copybook.SignFujitsu:
		plus, minus = "@ABCDEFGHI", "PQRSTUVWXY"
	case copybook.SignRealia:
		plus, minus = "0123456789", " !\"#$%&'()"
	case copybook.SignTandem:
		plus, minus = "0123456789", "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89"
	}
	for d := range 10 {
		t['0'+d] = uint8(d)
		t[plus[d]] = uint8(d)
		t[minus[d]] = uint8(d) | signMinus
		l.positive[d], l.negative[d] = plus[d], minus[d]
	}
}
