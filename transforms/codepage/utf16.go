// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// decode16 is AppendDecode of UTF-16, big-endian.
func (d *DBCS) decode16(dst, src []byte) ([]byte, error) {
	for i := 0; i < len(src); i += 2 {
		if i+1 == len(src) {
			return dst, d.malformed(i, ErrHalfPair)
		}
		r := rune(binary.BigEndian.Uint16(src[i:]))
		if utf16.IsSurrogate(r) {
			if i+3 >= len(src) {
				return dst, d.malformed(i, ErrHalfSurrogate)
			}
			r = utf16.DecodeRune(r, rune(binary.BigEndian.Uint16(src[i+2:])))
			if r == utf8.RuneError {
				return dst, d.malformed(i, ErrHalfSurrogate)
			}
			i += 2
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, nil
}

// put16 writes the UTF-16 of a character and returns its length.
func put16(to *[4]byte, r rune) int {
	if r <= 0xFFFF {
		binary.BigEndian.PutUint16(to[:], uint16(r))
		return 2
	}
	hi, lo := utf16.EncodeRune(r)
	binary.BigEndian.PutUint16(to[:], uint16(hi))
	binary.BigEndian.PutUint16(to[2:], uint16(lo))
	return 4
}
