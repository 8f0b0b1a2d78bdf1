// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms/codepage"
)

// charset is a code page prepared for fields: what single bytes become in JSON, and back.
type charset struct {
	page  *codepage.Page
	multi bool
	// plain maps bytes to the ASCII characters that stand for themselves in a JSON string; 0 for
	// all others.
	plain [256]byte
	// escaped gives the JSON text of the other bytes of a single-byte page.
	escaped [256][]byte
	// fromASCII maps ASCII characters to bytes, with 1<<8 set for those that exist.
	fromASCII [128]uint16
	space     byte
	zero      byte // the digit 0
	plus      byte
	minus     byte
	point     byte
	quote     byte
	subst     byte // what stands for unmappable characters
}

func newCharset(p *codepage.Page) *charset {
	c := &charset{page: p, multi: p.Multibyte(), space: p.Space(), zero: p.Digit0()}
	for r := range rune(128) {
		if b, found := p.EncodeByte(r); found {
			c.fromASCII[r] = uint16(b) | 1<<8
			if r >= ' ' && r != '"' && r != '\\' && r != 0x7F {
				c.plain[b] = byte(r)
			}
		}
	}
	c.plus, c.minus, c.point = c.byteOf('+'), c.byteOf('-'), c.byteOf('.')
	c.quote, c.subst = c.byteOf('"'), c.byteOf('?')
	if t := p.DecodeTable(); t != nil {
		for b, r := range t {
			if c.plain[b] == 0 {
				c.escaped[b] = appendRune(nil, r)
			}
		}
	}
	return c
}

// byteOf gives the byte of an ASCII character; pages that lack it (there is none among those that
// COBOL uses for the characters of pictures) give a blank.
func (c *charset) byteOf(r byte) byte {
	if v := c.fromASCII[r&0x7F]; v != 0 {
		return byte(v)
	}
	return c.space
}

const hexDigits = "0123456789abcdef"

// appendRune appends one character as it stands in a JSON string.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r < ' ':
		switch r {
		case '\n':
			return append(dst, '\\', 'n')
		case '\r':
			return append(dst, '\\', 'r')
		case '\t':
			return append(dst, '\\', 't')
		case '\b':
			return append(dst, '\\', 'b')
		case '\f':
			return append(dst, '\\', 'f')
		}
		return append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
	default:
		return appendUTF8(dst, r)
	}
}
