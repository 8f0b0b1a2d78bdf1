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

// appendValid is AppendDecode of UTF-8: a check, then a copy.
func (p *Page) appendValid(dst, src []byte) ([]byte, error) {
	if utf8.Valid(src) {
		return append(dst, src...), nil
	}
	n := validPrefix(src)
	reason := ErrUnassigned
	if !utf8.FullRune(src[n:]) { // cut within a character
		reason = ErrHalfPair
	}
	return append(dst, src[:n]...), &DecodeError{Page: p.name, Offset: n, Reason: reason}
}

// appendChecked is AppendEncode of UTF-8.
func appendChecked(dst, src []byte) ([]byte, error) {
	if utf8.Valid(src) {
		return append(dst, src...), nil
	}
	return nil, &InvalidError{Offset: validPrefix(src)}
}

// validPrefix returns the length of the valid UTF-8 at the front.
func validPrefix(src []byte) int {
	n := 0
	for n < len(src) {
		r, size := utf8.DecodeRune(src[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return n
}
