// SPDX-License-Identifier: Apache-2.0

package codepage

import "unicode/utf8"

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
