// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// decoder turns single bytes into UTF-8.
type decoder struct {
	ascii [256]byte   // the character if it is below U+0080, else 0x80
	seq   [256]uint32 // the UTF-8 bytes, the first lowest; the length in the top byte
}

func newDecoder(t *[256]rune) *decoder {
	d := &decoder{}
	for b, r := range t {
		if r == none {
			continue
		}
		var buf [4]byte
		n := utf8.EncodeRune(buf[:], r) // at most 3 bytes: the tables lie in the BMP
		buf[3] = byte(n)
		d.seq[b] = binary.LittleEndian.Uint32(buf[:])
		d.ascii[b] = 0x80
		if r < utf8.RuneSelf {
			d.ascii[b] = byte(r)
		}
	}
	return d
}

// append decodes src behind dst. Host fields are ASCII in the main, so it
// first hopes for that, one load and store a byte, and turns to the wide way
// at the first run that has something else.
func (d *decoder) append(dst, src []byte) []byte {
	dst = slices.Grow(dst, len(src))
	at := len(dst)
	dst = dst[:at+len(src)]
	n := d.decodeASCII(dst[at:], src)
	if n == len(src) {
		return dst
	}
	return d.appendWide(dst[:at+n], src[n:])
}

// decodeASCII decodes the runs of eight bytes (and the rest) that are all
// ASCII, and returns how many bytes it did.
func (d *decoder) decodeASCII(dst, src []byte) int {
	t := &d.ascii
	n := 0
	for len(src)-n >= 8 {
		s, o := src[n:n+8:n+8], dst[n:n+8:n+8]
		a, b, c, e := t[s[0]], t[s[1]], t[s[2]], t[s[3]]
		f, g, h, i := t[s[4]], t[s[5]], t[s[6]], t[s[7]]
		if (a|b|c|e|f|g|h|i)&0x80 != 0 {
			return n
		}
		o[0], o[1], o[2], o[3] = a, b, c, e
		o[4], o[5], o[6], o[7] = f, g, h, i
		n += 8
	}
	for ; n < len(src); n++ {
		c := t[src[n]]
		if c&0x80 != 0 {
			return n
		}
		dst[n] = c
	}
	return n
}

// appendWide writes four bytes for each byte and goes on by its true length;
// the last bytes go exactly, so that nothing behind the result is touched.
func (d *decoder) appendWide(dst, src []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 3*len(src)+1)
	room := dst[:cap(dst)]
	exact := max(len(src)-3, 0)
	for _, b := range src[:exact] {
		s := d.seq[b]
		binary.LittleEndian.PutUint32(room[at:at+4], s)
		at += int(s >> 24)
	}
	for _, b := range src[exact:] {
		for s := d.seq[b]; s>>24 != 0; s = s>>8&0xFFFF | (s>>24-1)<<24 {
			room[at] = byte(s)
			at++
		}
	}
	return dst[:at]
}

// nearEnd is the first code point that is looked up by search: all letters,
// currency signs and most punctuation lie below.
const nearEnd = 0x2200

// hit marks a used place of encoder.near.
const hit = 0x100

// encoder finds the single byte of a code point.
type encoder struct {
	near [nearEnd]uint16 // hit plus the byte, 0 for none
	far  []farByte       // the others, by code point
}

type farByte struct {
	r rune
	b byte
}

func newEncoder(t *[256]rune) *encoder {
	e := &encoder{}
	for b, r := range t {
		switch {
		case r == none:
		case r < nearEnd:
			e.near[r] = hit | uint16(b)
		default:
			e.far = append(e.far, farByte{r, byte(b)})
		}
	}
	slices.SortFunc(e.far, func(a, b farByte) int { return int(a.r - b.r) })
	return e
}

func (e *encoder) byteOf(r rune) (byte, bool) {
	if uint32(r) < nearEnd {
		v := e.near[r]
		return byte(v), v&hit != 0
	}
	i, ok := slices.BinarySearchFunc(e.far, r, func(f farByte, r rune) int { return int(f.r - r) })
	if !ok {
		return 0, false
	}
	return e.far[i].b, true
}

// encodeSingle is AppendEncode of the single-byte pages. A character never
// takes more bytes there than in UTF-8, so the room is known at once.
func (p *Page) encodeSingle(dst, src []byte) ([]byte, error) {
	at := len(dst)
	dst = slices.Grow(dst, len(src))
	n, _, err := p.encodeTo(dst[at:at+len(src)], src)
	return dst[:at+n], err
}

// encodeTo encodes text into field until that is full.
func (p *Page) encodeTo(field, text []byte) (n, used int, err error) {
	near := &p.encode.near
	for used < len(text) && n < len(field) {
		if c := text[used]; c < utf8.RuneSelf {
			v := near[c]
			if v&hit == 0 {
				return n, used, &UnmappableError{Page: p.name, Offset: used, Rune: rune(c)}
			}
			field[n] = byte(v)
			n++
			used++
			continue
		}
		r, size, err := runeAt(text, used)
		if err != nil {
			return n, used, err
		}
		b, ok := p.encode.byteOf(r)
		if !ok {
			return n, used, &UnmappableError{Page: p.name, Offset: used, Rune: r}
		}
		field[n] = b
		n++
		used += size
	}
	return n, used, nil
}

// runeAt reads the character at offset i of UTF-8 text.
func runeAt(src []byte, i int) (rune, int, error) {
	r, n := utf8.DecodeRune(src[i:])
	if r == utf8.RuneError && n <= 1 {
		return 0, 0, &InvalidError{Offset: i}
	}
	return r, n, nil
}
