// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"

	"lintel/transforms"
)

// nationalNumber is 9 NATIONAL: digits in UTF-16, big-endian, two bytes each; a sign is separate.
type nationalNumberLeaf struct {
	inner *zonedLeaf // the same number with one ASCII byte a digit
}

func (k *compiler) nationalNumber(n *node, s scaled) leaf {
	inner := &zonedLeaf{
		scaled: s, specials: k.specialsOf(n), at: n.item.Sign, zero: '0', plus: '+', minus: '-',
		blankWhenZero: n.item.BlankWhenZero,
	}
	inner.space = ' '
	want := 2 * s.n
	if s.signed {
		if !inner.separate() {
			return k.unsupported(n, "a signed national number needs SIGN SEPARATE")
		}
		want += 2
	}
	if n.item.Size != want {
		return k.unsupported(n, fmt.Sprintf("the layout gives it %d bytes and the picture %d", n.item.Size, want))
	}
	return &nationalNumberLeaf{inner}
}

// maxNational is the most characters of a national number.
const maxNational = maxDigits + 1

func (l *nationalNumberLeaf) narrow(raw []byte, buf *[maxNational]byte) ([]byte, fault) {
	if len(raw)%2 != 0 || len(raw) > 2*maxNational {
		return nil, faultNotNumeric
	}
	for i := 0; i < len(raw); i += 2 {
		if raw[i] != 0 {
			return nil, faultZone
		}
		buf[i/2] = raw[i+1]
	}
	return buf[:len(raw)/2], ok
}

func (l *nationalNumberLeaf) decode(dst, raw []byte) ([]byte, fault) {
	var buf [maxNational]byte
	narrow, f := l.narrow(raw, &buf)
	if f != ok {
		return l.inner.special(dst, raw, l.inner.appendZero, f)
	}
	return l.inner.decode(dst, narrow)
}

func (l *nationalNumberLeaf) encode(field []byte, v scalar) fault {
	var buf [maxNational]byte
	narrow := buf[:len(field)/2]
	if f := l.inner.encode(narrow, v); f != ok {
		return f
	}
	l.widen(field, narrow)
	return ok
}

// encodeNull implements nuller.
func (l *nationalNumberLeaf) encodeNull(field []byte) fault {
	var buf [maxNational]byte
	narrow := buf[:len(field)/2]
	f := l.inner.encodeNull(narrow)
	if f == ok {
		l.widen(field, narrow)
		if narrow[0] == 0xFF {
			fillBytes(field, 0xFF)
		}
	}
	return f
}

func (*nationalNumberLeaf) widen(field, narrow []byte) {
	for i, c := range narrow {
		field[2*i], field[2*i+1] = 0, c
	}
}

// digits implements digiter.
func (l *nationalNumberLeaf) digits(raw []byte, d *digitBuf) (int, fault) {
	var buf [maxNational]byte
	narrow, f := l.narrow(raw, &buf)
	if f != ok {
		return 0, f
	}
	return l.inner.digits(narrow, d)
}

// setDigits implements digiter.
func (l *nationalNumberLeaf) setDigits(field, digits []byte) fault {
	var buf [maxNational]byte
	narrow := buf[:len(field)/2]
	f := l.inner.setDigits(narrow, digits)
	l.widen(field, narrow)
	return f
}

// describe implements describer.
func (l *nationalNumberLeaf) describe(t *transforms.Type) { l.inner.describe(t) }
