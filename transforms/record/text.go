// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// textLeaf is PIC X and A in a single-byte page.
type textLeaf struct {
	space     byte
	rightOnly bool // the trimming that nearly all fields have
	size      int
	cs        *charset
	justified bool
	trim      Trim
	overflow  Overflow
	subst     bool
}

func (l *textLeaf) decode(dst, raw []byte) ([]byte, fault) {
	dst = l.appendMember(dst, nil, 0, raw)
	return dst[:len(dst)-1], ok
}

// appendMember appends the name in lab, of that length, the text as a JSON string, and a comma.
func (l *textLeaf) appendMember(dst []byte, lab *label, named int, raw []byte) []byte {
	if l.rightOnly {
		raw = trimRight(raw, l.space)
	} else {
		raw = trimBlanks(raw, l.space, l.trim, l.justified)
	}
	at := len(dst)
	if cap(dst)-at < len(raw)+len(lab)+3 {
		dst = slices.Grow(dst, len(raw)+len(lab)+3)
	}
	if lab != nil {
		lab.put(dst[at:at+len(lab)], named)
	}
	at += named + 1
	out := dst[:at+len(raw)+2]
	out[at-1] = '"'
	body := out[at:][:len(raw)]
	plain := &l.cs.plain
	for i, b := range raw {
		c := plain[b]
		if c == 0 {
			return append(l.decodeRest(out[:at+i], raw[i:]), ',')
		}
		body[i] = c
	}
	out[len(out)-2], out[len(out)-1] = '"', ','
	return out
}

// decodeRest goes on where a byte is no plain ASCII character.
func (l *textLeaf) decodeRest(dst, raw []byte) []byte {
	for _, b := range raw {
		if c := l.cs.plain[b]; c != 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, l.cs.escaped[b]...)
		}
	}
	return append(dst, '"')
}

// trimRight takes the blanks off the end, eight at a time.
func trimRight(raw []byte, space byte) []byte {
	spaces := uint64(space) * eachByte
	for len(raw) >= 8 {
		if x := binary.LittleEndian.Uint64(raw[len(raw)-8:]) ^ spaces; x != 0 {
			return raw[:len(raw)-bits.LeadingZeros64(x)>>3]
		}
		raw = raw[:len(raw)-8]
	}
	for len(raw) > 0 && raw[len(raw)-1] == space {
		raw = raw[:len(raw)-1]
	}
	return raw
}

func trimBlanks(raw []byte, space byte, trim Trim, justified bool) []byte {
	if trim == TrimNone {
		return raw
	}
	if !justified || trim == TrimBoth {
		for len(raw) > 0 && raw[len(raw)-1] == space {
			raw = raw[:len(raw)-1]
		}
	}
	if justified || trim == TrimBoth {
		for len(raw) > 0 && raw[0] == space {
			raw = raw[1:]
		}
	}
	return raw
}

func (l *textLeaf) encode(field []byte, v scalar) fault {
	text, f := scalarText(v)
	if f != ok {
		return f
	}
	if l.justified && l.overflow == OverflowTruncate {
		if text, f = lastCharacters(text, len(field), v.kind == transforms.String); f != ok {
			return f
		}
	}
	o := 0
	from := &l.cs.fromASCII
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf || c == '\\' {
			n, f := l.encodeSlow(field[o:], text[i:], v.kind)
			if f != ok {
				return f
			}
			o += n
			break
		}
		b := from[c]
		if o == len(field) {
			if l.overflow == OverflowTruncate {
				break
			}
			return faultLength
		}
		if b == 0 {
			if !l.subst {
				return faultUnmappable
			}
			b = uint16(l.cs.subst)
		}
		field[o] = byte(b)
		o++
		i++
	}
	l.pad(field, o)
	return ok
}

// pad fills the rest of a field of which o bytes were written.
func (l *textLeaf) pad(field []byte, o int) {
	if l.justified {
		copy(field[len(field)-o:], field[:o])
		fillBytes(field[:len(field)-o], l.cs.space)
		return
	}
	fillBytes(field[o:], l.cs.space)
}

func fillBytes(b []byte, c byte) {
	for i := range b {
		b[i] = c
	}
}

// encodeSlow writes text that has escapes or characters beyond ASCII and returns the bytes written.
func (l *textLeaf) encodeSlow(field, text []byte, kind transforms.Kind) (int, fault) {
	o := 0
	for len(text) > 0 {
		r, size := nextRune(text, kind == transforms.String)
		if size == 0 {
			return o, faultText
		}
		text = text[size:]
		if o == len(field) {
			if l.overflow == OverflowTruncate {
				return o, ok
			}
			return o, faultLength
		}
		b, found := l.cs.page.EncodeByte(r)
		if !found {
			if !l.subst {
				return o, faultUnmappable
			}
			b = l.cs.subst
		}
		field[o] = b
		o++
	}
	return o, ok
}

// nextRune takes one character off the inside of a JSON string. size 0 means that it is not valid.
func nextRune(text []byte, escapes bool) (r rune, size int) {
	if text[0] != '\\' || !escapes {
		r, size = utf8.DecodeRune(text)
		if r == utf8.RuneError && size <= 1 {
			return 0, 0
		}
		return r, size
	}
	if len(text) < 2 {
		return 0, 0
	}
	switch text[1] {
	case '"', '\\', '/':
		return rune(text[1]), 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'u':
		return escapedRune(text)
	}
	return 0, 0
}

func escapedRune(text []byte) (r rune, size int) {
	hi, valid := hex4(text)
	if !valid {
		return 0, 0
	}
	if hi < 0xD800 || hi > 0xDFFF {
		return hi, 6
	}
	lo, valid := hex4(text[6:])
	if !valid || hi > 0xDBFF || lo < 0xDC00 || lo > 0xDFFF {
		return 0, 0 // half of a pair stands for no character
	}
	return (hi-0xD800)<<10 + (lo - 0xDC00) + 0x10000, 12
}

func hex4(text []byte) (r rune, valid bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		d, valid := hexValue(c)
		if !valid {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

func hexValue(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// scalarText gives the inside of a JSON string, escapes and all, or the text of a number.
func scalarText(v scalar) ([]byte, fault) {
	switch {
	case v.kind == transforms.String && len(v.text) >= 2:
		return v.text[1 : len(v.text)-1], ok
	case v.kind == transforms.Number:
		return v.text, ok
	default:
		return nil, faultBool
	}
}

// plainText gives the characters of a JSON string; it points into token where nothing is escaped.
func plainText(token []byte) ([]byte, fault) {
	if len(token) < 2 {
		return nil, faultSyntax
	}
	if bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1], ok
	}
	out, err := jsontext.AppendUnquote(nil, token)
	if err != nil {
		return nil, faultText
	}
	return out, ok
}
