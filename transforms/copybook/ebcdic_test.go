// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"errors"
	"strings"
)

// invariant is the part of EBCDIC that copybooks use, by code: the tests need no code page.
func invariant() [256]rune {
	var t [256]rune
	rows := map[int]string{
		0x40: " ", 0x4b: ".<(+", 0x50: "&", 0x5b: "$*);", 0x60: "-/", 0x6b: ",%_>?", 0x7a: ":#@'=\"",
		0x81: "abcdefghi", 0x91: "jklmnopqr", 0xa2: "stuvwxyz", 0xc1: "ABCDEFGHI", 0xd1: "JKLMNOPQR", 0xe2: "STUVWXYZ", 0xf0: "0123456789",
	}
	for at, row := range rows {
		for i, r := range row {
			t[at+i] = r
		}
	}
	t[0x15], t[0x0d] = '\u0085', '\r'
	return t
}

func encodeEBCDIC(text []byte) []byte {
	var back [0x100]byte
	for code, r := range invariant() {
		if r != 0 {
			back[r] = byte(code)
		}
	}
	var out []byte
	for _, b := range text {
		if b == '\n' {
			out = append(out, 0x0d)
			b = 0x85
		}
		out = append(out, back[b])
	}
	return out
}

func decodeEBCDIC(src []byte) ([]byte, error) {
	t := invariant()
	var out strings.Builder
	for _, b := range src {
		if t[b] == 0 {
			return nil, errors.New("byte without a character")
		}
		out.WriteRune(t[b])
	}
	return []byte(out.String()), nil
}
