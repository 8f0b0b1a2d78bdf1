// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"

	"lintel/transforms"
	"lintel/transforms/codepage"
)

// wideLeaf is text whose characters may take several bytes: PIC X in a mixed or UTF-8 page, PIC G,
// PIC N and PIC U.
type wideLeaf struct {
	size      int
	set       wideSet
	pad       []byte // one blank
	justified bool
	trim      Trim
	overflow  Overflow
	subst     []byte // what stands for unmappable characters, empty to refuse them
}

// wideSet is what codepage.Page and codepage.DBCS have in common.
type wideSet interface {
	AppendDecode(dst, src []byte) ([]byte, error)
	EncodeInto(field, text []byte) (n, used int, err error)
}

func (l *wideLeaf) decode(dst, raw []byte) ([]byte, fault) {
	raw = l.trimmed(raw)
	dst = append(dst, '"')
	start := len(dst)
	dst, err := l.set.AppendDecode(dst, raw)
	if errors.Is(err, codepage.ErrNoShiftIn) && l.overflow == OverflowTruncate {
		const shiftIn = 0x0F // who cuts a text as MOVE does cuts it off
		dst, err = l.set.AppendDecode(dst[:start], append(slices.Clone(raw), shiftIn))
	}
	if err != nil {
		return dst, faultText
	}
	for _, c := range dst[start:] {
		if c < ' ' || c == '"' || c == '\\' {
			quoted := transforms.AppendQuoted(nil, dst[start:])
			return append(dst[:start-1], quoted...), ok
		}
	}
	return append(dst, '"'), ok
}

func (l *wideLeaf) trimmed(raw []byte) []byte {
	k := len(l.pad)
	if l.trim == TrimNone {
		return raw
	}
	if !l.justified || l.trim == TrimBoth {
		for len(raw) >= k && bytes.Equal(raw[len(raw)-k:], l.pad) {
			raw = raw[:len(raw)-k]
		}
	}
	if l.justified || l.trim == TrimBoth {
		for len(raw) >= k && bytes.Equal(raw[:k], l.pad) {
			raw = raw[k:]
		}
	}
	return raw
}

func (l *wideLeaf) encode(field []byte, v scalar) fault {
	text := v.text
	if v.kind == transforms.String {
		var f fault
		if text, f = plainText(v.text); f != ok {
			return f
		}
	} else if v.kind != transforms.Number {
		return faultBool
	}
	if l.justified && l.overflow == OverflowTruncate {
		text = l.lastThatFit(field, text)
	}
	n, whole, f := l.put(field, text, l.subst)
	if f != ok {
		return f
	}
	if !whole && l.overflow == OverflowReject {
		return faultLength
	}
	if l.justified && n < len(field) {
		copy(field[len(field)-n:], field[:n])
		l.fill(field[:len(field)-n])
		return ok
	}
	l.fill(field[n:])
	return ok
}

// put writes as much of text as there is room for, with subst for characters that the code page lacks. It returns
// the bytes written, and whether that was all of it.
func (l *wideLeaf) put(field, text, subst []byte) (n int, whole bool, f fault) {
	n, used, err := l.set.EncodeInto(field, text)
	for err != nil {
		var lacking *codepage.UnmappableError
		if !errors.As(err, &lacking) {
			return 0, false, faultText
		}
		if len(subst) == 0 || lacking.Offset >= len(text) {
			return 0, false, faultUnmappable
		}
		_, size := utf8.DecodeRune(text[lacking.Offset:])
		text = slices.Concat(text[:lacking.Offset], subst, text[lacking.Offset+size:])
		n, used, err = l.set.EncodeInto(field, text)
	}
	return n, used == len(text), ok
}

// fill pads with blanks.
func (l *wideLeaf) fill(b []byte) {
	for i := range b {
		b[i] = l.pad[i%len(l.pad)]
	}
}
