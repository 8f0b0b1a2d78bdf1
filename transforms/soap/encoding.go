// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errEncoding = errors.New("a character encoding that is not read")

// toUTF8 converts a document from the encoding that its first bytes, its media type (charset, empty for
// none) and its XML declaration say, in this order (RFC 7303, section 3.2): UTF-8, UTF-16, ISO-8859-1,
// ISO-8859-15, windows-1252 or US-ASCII. A document in UTF-8 is returned as it is.
func toUTF8(src []byte, charset string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(src, []byte("\xFE\xFF")):
		return fromUTF16(src[2:], 1, 0)
	case bytes.HasPrefix(src, []byte("\xFF\xFE")):
		return fromUTF16(src[2:], 0, 1)
	case bytes.HasPrefix(src, []byte("\xEF\xBB\xBF")):
		charset = ""
	case strings.EqualFold(charset, "utf-16le"):
		return fromUTF16(src, 0, 1)
	case strings.EqualFold(charset, "utf-16be"), strings.EqualFold(charset, "utf-16"):
		return fromUTF16(src, 1, 0)
	}
	name, rest := declared(src)
	if charset != "" {
		if isUTF8Name([]byte(charset)) && isUTF8Name(name) {
			return src, nil
		}
		name = []byte(charset)
	}
	if isUTF8Name(name) {
		if charset != "" {
			return rest, nil
		}
		return src, nil
	}
	upper, ok := upperHalf(strings.ToLower(string(name)))
	if !ok {
		return nil, errEncoding
	}
	out := make([]byte, 0, len(rest)+len(rest)/8)
	for _, c := range rest {
		r := rune(c)
		if other, ok := upper[c]; ok {
			r = other
		}
		if r == utf8.RuneError {
			return nil, errEncoding
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// declared is the encoding that the XML declaration of a document names, UTF-8 without one, and what stands
// behind the declaration.
func declared(src []byte) (name, rest []byte) {
	usual := []byte("utf-8")
	start := bytes.TrimPrefix(src, []byte("\xEF\xBB\xBF"))
	head, rest, ok := bytes.Cut(start, []byte("?>"))
	if !bytes.HasPrefix(start, []byte("<?xml")) || !ok || len(head) > 200 {
		return usual, start
	}
	_, after, ok := bytes.Cut(head, []byte("encoding"))
	if !ok {
		return usual, rest
	}
	if after = bytes.TrimLeft(after, " \t\r\n="); len(after) == 0 {
		return usual, rest
	}
	name, _, _ = bytes.Cut(after[1:], after[:1])
	return name, rest
}

// upperHalf is where an encoding of one byte differs from ISO-8859-1; false for one that is not read.
func upperHalf(name string) (map[byte]rune, bool) {
	switch name {
	case "iso-8859-1", "latin1", "iso_8859-1":
		return nil, true
	case "iso-8859-15", "latin9", "iso_8859-15":
		return map[byte]rune{0xA4: '€', 0xA6: 'Š', 0xA8: 'š', 0xB4: 'Ž', 0xB8: 'ž', 0xBC: 'Œ', 0xBD: 'œ', 0xBE: 'Ÿ'}, true
	case "windows-1252", "cp1252":
		upper := map[byte]rune{}
		for i, r := range []rune("€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ") {
			upper[byte(0x80+i)] = r //nolint:gosec // 32 of them
		}
		return upper, true
	}
	return nil, false
}

// fromUTF16 converts a document and drops its XML declaration, which speaks of UTF-16.
func fromUTF16(src []byte, high, low int) ([]byte, error) {
	if len(src)%2 != 0 {
		return nil, errEncoding
	}
	units := make([]uint16, len(src)/2)
	for i := range units {
		units[i] = uint16(src[2*i+1-high])<<8 | uint16(src[2*i+1-low])
	}
	out := make([]byte, 0, len(src))
	for _, r := range utf16.Decode(units) {
		if r == utf8.RuneError {
			return nil, errEncoding
		}
		out = utf8.AppendRune(out, r)
	}
	if bytes.HasPrefix(out, []byte("<?xml")) {
		if _, rest, ok := bytes.Cut(out, []byte("?>")); ok {
			return rest, nil
		}
	}
	return out, nil
}
