// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"unicode/utf8"

	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// nationalLeaf is a number in UTF-16, big-endian: 9 NATIONAL, edited and floating-point pictures. It
// makes one byte of each of its characters, for a leaf that reads and writes those.
type nationalLeaf struct {
	inner leaf
	cs    *charset
}

// nationalNumberLeaf is 9 NATIONAL. A sign is separate.
type nationalNumberLeaf struct {
	nationalLeaf
	zoned *zonedLeaf
}

// maxNational is the most characters of a national number: an edited picture has no more.
const maxNational = 256

// narrowPage has one byte for each character that national numbers may have, currency signs included.
const narrowPage = "windows-1252"

// inCharset makes the leaf of a number that is written in characters: those of the code page, or
// national ones.
func (k *compiler) inCharset(n *node, build func(n *node, cs *charset, size int) leaf) leaf {
	if n.item.Usage != copybook.National {
		return build(n, n.cs, n.item.Size)
	}
	page, err := codepage.Lookup(narrowPage)
	if err != nil {
		return k.unsupported(n, "the code page "+narrowPage+" is missing")
	}
	if n.item.Size > 2*maxNational {
		return k.unsupported(n, "a national number has too many characters")
	}
	inner := build(n, k.prepared(page), n.item.Size/2)
	switch l := inner.(type) {
	case nil:
		return nil
	case *zonedLeaf:
		return newNationalNumber(l, k.prepared(page))
	}
	return &nationalLeaf{inner, k.prepared(page)}
}

func newNationalNumber(zoned *zonedLeaf, cs *charset) *nationalNumberLeaf {
	return &nationalNumberLeaf{nationalLeaf{zoned, cs}, zoned}
}

// nationalNumber is 9 NATIONAL with one byte a digit.
func (k *compiler) nationalNumber(n *node, cs *charset, size int) leaf {
	s := k.scaledOf(n)
	l := &zonedLeaf{
		scaled: s, specials: k.specialsOf(n, cs), at: n.item.Sign, zero: cs.zero, plus: cs.plus, minus: cs.minus,
		blankWhenZero: n.item.BlankWhenZero,
	}
	want := s.n
	if s.signed {
		if !l.separate() {
			return k.unsupported(n, "a signed national number needs SIGN SEPARATE")
		}
		want++
	}
	if size != want {
		return k.unsupported(n, fmt.Sprintf("the layout gives it %d bytes and the picture %d", n.item.Size, 2*want))
	}
	return l
}

// narrow makes one byte of each character; X'FFFF', which is none, becomes X'FF'.
func (l *nationalLeaf) narrow(raw []byte, buf *[maxNational]byte) ([]byte, fault) {
	if len(raw)%2 != 0 || len(raw) > 2*maxNational {
		return nil, faultShort
	}
	for i := 0; i < len(raw); i += 2 {
		unit := rune(raw[i])<<8 | rune(raw[i+1])
		b, found := byte(unit), unit < utf8.RuneSelf
		switch {
		case unit == 0xFFFF:
			b, found = 0xFF, true
		case !found:
			b, found = l.cs.page.EncodeByte(unit)
			found = found && b != 0xFF
		}
		if !found {
			return nil, faultZone
		}
		buf[i/2] = b
	}
	return buf[:len(raw)/2], ok
}

// widen is the way back.
func (l *nationalLeaf) widen(field, narrow []byte) {
	table := l.cs.page.DecodeTable()
	for i, c := range narrow {
		unit := rune(0xFFFF)
		if c != 0xFF {
			unit = table[c]
		}
		field[2*i], field[2*i+1] = byte(unit>>8), byte(unit)
	}
}

func (l *nationalLeaf) decode(dst, raw []byte) ([]byte, fault) {
	var buf [maxNational]byte
	narrow, f := l.narrow(raw, &buf)
	if f != ok {
		return dst, f
	}
	return l.inner.decode(dst, narrow)
}

func (l *nationalLeaf) encode(field []byte, v scalar) fault {
	var buf [maxNational]byte
	narrow := buf[:len(field)/2]
	f := l.inner.encode(narrow, v)
	if f == ok {
		l.widen(field, narrow)
	}
	return f
}

// encodeNull implements nuller.
func (l *nationalLeaf) encodeNull(field []byte) fault {
	null, nulls := l.inner.(nuller)
	if !nulls {
		return faultNull
	}
	var buf [maxNational]byte
	narrow := buf[:len(field)/2]
	f := null.encodeNull(narrow)
	if f == ok {
		l.widen(field, narrow)
	}
	return f
}

// nullable tells that some contents are read as null.
func (l *nationalLeaf) nullable() bool {
	s, special := l.inner.(interface{ nullable() bool })
	return special && s.nullable()
}

// describe implements describer.
func (l *nationalLeaf) describe(t *transforms.Type) {
	if d, says := l.inner.(describer); says {
		d.describe(t)
	}
}

// digits implements digiter.
func (l *nationalNumberLeaf) digits(raw []byte, d *digitBuf) (int, fault) {
	var buf [maxNational]byte
	narrow, f := l.narrow(raw, &buf)
	if f != ok {
		return 0, f
	}
	return l.zoned.digits(narrow, d)
}

// setDigits implements digiter.
func (l *nationalNumberLeaf) setDigits(field, digits []byte) fault {
	var buf [maxNational]byte
	narrow := buf[:len(field)/2]
	f := l.zoned.setDigits(narrow, digits)
	l.widen(field, narrow)
	return f
}
