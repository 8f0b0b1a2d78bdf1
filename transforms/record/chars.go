// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"unicode/utf8"

	"lintel/transforms"
)

// charsLeaf is PIC U(n): n characters of UTF-8 in 4 x n bytes. Blanks fill up the characters and the
// bytes that they do not need (Enterprise COBOL for z/OS Programming Guide, "Defining UTF-8 data items").
type charsLeaf struct {
	*wideLeaf
	most int // characters
}

func (l *charsLeaf) decode(dst, raw []byte) ([]byte, fault) {
	end := l.after(raw, l.most)
	if len(bytes.Trim(raw[end:], " ")) > 0 {
		return dst, faultLength
	}
	return l.wideLeaf.decode(dst, raw[:end])
}

// after is the offset behind the first n characters.
func (*charsLeaf) after(text []byte, n int) int {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

func (l *charsLeaf) encode(field []byte, v scalar) fault {
	text := v.text
	switch v.kind {
	case transforms.String:
		var f fault
		if text, f = plainText(v.text); f != ok {
			return f
		}
	case transforms.Number:
	default:
		return faultBool
	}
	count := utf8.RuneCount(text)
	if count > l.most {
		switch {
		case l.overflow == OverflowReject:
			return faultLength
		case l.justified:
			text = text[l.after(text, count-l.most):]
		default:
			text = text[:l.after(text, l.most)]
		}
		count = l.most
	}
	at := 0
	if l.justified {
		at = l.most - count
	}
	l.fill(field)
	n, whole, f := l.put(field[at:], text, nil)
	if f == ok && (!whole || n < len(text)) {
		f = faultLength
	}
	return f
}

// describe implements describer.
func (l *charsLeaf) describe(t *transforms.Type) { textBounds(t, l.most, l.trim) }
