// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"slices"
	"unicode/utf8"
)

// A Page is a code page: what the bytes of a host mean as characters. It is
// immutable and safe for concurrent use.
type Page struct {
	name       string
	number     int
	class      class
	about      string
	set        *DBCS      // of a mixed page
	runes      *[256]rune // what each single byte stands for; nil for UTF-8
	single     *decoder
	encode     *encoder
	unassigned [4]uint64 // a bit for each byte the page gives no character
}

// Bytes with a meaning of their own in every EBCDIC page.
const (
	shiftOut = 0x0E // double bytes begin
	shiftIn  = 0x0F // double bytes end
	ebcdicNL = 0x15
	ebcdicLF = 0x25
)

// none marks a byte of a table that has no character.
const none = '\uFFFD'

// spare is the first of the 256 private code points that stand for bytes
// without a character. From 80 on they are those that MirBSD's OPTU encodings use for raw bytes.
const spare = '\uEF00'

func newPage(r row, swap bool, doubles func(int) *doubleSet) *Page {
	p := &Page{name: r.name, number: r.number, class: r.class, about: r.about}
	if r.class == classUTF8 {
		return p
	}
	var t [256]rune
	copy(t[:], []rune(r.table))
	if swap {
		p.name += swapped
		t[ebcdicNL], t[ebcdicLF] = t[ebcdicLF], t[ebcdicNL]
	}
	for b, c := range t {
		if c == none {
			p.unassigned[b>>6] |= 1 << (b & 63)
		}
	}
	if r.class == classMixed {
		p.set = &DBCS{name: p.name, set: doubles(r.set)}
	} else {
		fill(&t)
	}
	p.runes = &t
	p.single = newDecoder(&t)
	p.encode = newEncoder(&t)
	return p
}

// fill makes a table a bijection: a byte 80 to 9F without a character stands
// for the C1 control of the same number if that is free, any other for U+EF00
// plus its value.
func fill(t *[256]rune) {
	for b, c := range t {
		if c != none {
			continue
		}
		t[b] = spare + rune(b)
		if b >= 0x80 && b < 0xA0 && !slices.Contains(t[:], rune(b)) {
			t[b] = rune(b)
		}
	}
}

// Name returns the canonical name, like cp1047 or cp1047,swaplfnl.
func (p *Page) Name() string { return p.name }

// CCSID returns the IBM number the page is known by, 0 if it has none. A swapped variant keeps the number of its page.
func (p *Page) CCSID() int { return p.number }

// About returns a few words on where the page is used.
func (p *Page) About() string { return p.about }

// EBCDIC reports whether the page is of the EBCDIC family.
func (p *Page) EBCDIC() bool { return p.class == classEBCDIC || p.class == classMixed }

// Multibyte reports whether a character may take more than one byte: UTF-8,
// and the mixed pages with double bytes between SO (X'0E') and SI (X'0F').
func (p *Page) Multibyte() bool { return p.class == classMixed || p.class == classUTF8 }

// Space returns the byte of a blank: X'40' in EBCDIC, X'20' elsewhere.
func (p *Page) Space() byte {
	if p.EBCDIC() {
		return 0x40
	}
	return 0x20
}

// Digit0 returns the byte of the digit zero, to which 1 to 9 add: X'F0' in EBCDIC, X'30' elsewhere.
func (p *Page) Digit0() byte {
	if p.EBCDIC() {
		return 0xF0
	}
	return 0x30
}

// DBCS returns the double-byte set of a mixed page, for fields of double
// bytes without shifts (PIC G); nil for the others.
func (p *Page) DBCS() *DBCS { return p.set }

// DecodeTable returns what each byte stands for in a single-byte page, nil for
// a multibyte one. The table is shared: callers must not write to it.
func (p *Page) DecodeTable() *[256]rune {
	if p.Multibyte() {
		return nil
	}
	return p.runes
}

// Assigned reports whether the page itself gives the byte a meaning. The
// other bytes of a single-byte page still decode and encode, by a C1 control
// or by the private code point U+EF00 plus the byte, so nothing is lost; in a
// mixed page they are refused. In mixed pages the shift bytes, and in UTF-8
// the bytes from 80 on, have no meaning alone.
func (p *Page) Assigned(b byte) bool {
	if p.class == classUTF8 {
		return b < utf8.RuneSelf
	}
	return p.unassigned[b>>6]>>(b&63)&1 == 0
}

// EncodeByte returns the single byte of a character; false if it has none, or
// takes several bytes.
func (p *Page) EncodeByte(r rune) (byte, bool) {
	if p.encode == nil {
		return byte(r), r >= 0 && r < utf8.RuneSelf
	}
	return p.encode.byteOf(r)
}

// AppendDecode appends the text of src, in UTF-8, to dst. Single-byte pages
// take any bytes. Multibyte pages give a *DecodeError for bytes that are not
// well formed; the text before them has been appended then.
func (p *Page) AppendDecode(dst, src []byte) ([]byte, error) {
	switch p.class {
	case classUTF8:
		return p.appendValid(dst, src)
	case classMixed:
		return p.decodeMixed(dst, src)
	}
	return p.single.append(dst, src), nil
}

// AppendEncode appends the bytes of the UTF-8 text src to dst. It is strict:
// a character that is not in the page gives an *UnmappableError, text that is
// not UTF-8 an *InvalidError, with dst as it was.
func (p *Page) AppendEncode(dst, src []byte) ([]byte, error) {
	var out []byte
	var err error
	switch p.class {
	case classUTF8:
		out, err = appendChecked(dst, src)
	case classMixed:
		out, err = p.encodeMixed(dst, src)
	default:
		out, err = p.encodeSingle(dst, src)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}
