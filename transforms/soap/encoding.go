// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

var errEncoding = errors.New("a character encoding that is not read")

// toUTF8 converts a document from the encoding that its first bytes and its XML declaration say: UTF-8,
// UTF-16, ISO-8859-1 or US-ASCII. A document in UTF-8 is returned as it is.
func toUTF8(src []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(src, []byte("\xFE\xFF")):
		return fromUTF16(src[2:], 1, 0)
	case bytes.HasPrefix(src, []byte("\xFF\xFE")):
		return fromUTF16(src[2:], 0, 1)
	}
	start := bytes.TrimPrefix(src, []byte("\xEF\xBB\xBF"))
	if !bytes.HasPrefix(start, []byte("<?xml")) {
		return src, nil
	}
	head, rest, ok := bytes.Cut(start, []byte("?>"))
	if !ok || len(head) > 200 {
		return src, nil
	}
	_, after, ok := bytes.Cut(head, []byte("encoding"))
	if !ok {
		return src, nil
	}
	after = bytes.TrimLeft(after, " \t\r\n=")
	if len(after) == 0 {
		return src, nil
	}
	name, _, _ := bytes.Cut(after[1:], after[:1])
	if isUTF8Name(name) {
		return src, nil
	}
	if !bytes.EqualFold(name, []byte("iso-8859-1")) && !bytes.EqualFold(name, []byte("latin1")) {
		return nil, errEncoding
	}
	out := make([]byte, 0, len(rest)+len(rest)/8)
	for _, c := range rest {
		out = utf8.AppendRune(out, rune(c))
	}
	return out, nil
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
