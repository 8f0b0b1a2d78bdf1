// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms"
)

// sign gives the bytes of a fixed sign.
func (l *editedLeaf) sign(neg bool) byte {
	if neg {
		return l.cs.minus
	}
	return l.signPlus
}

// render edits the digits into field.
func (l *editedLeaf) render(field, d []byte, neg bool) {
	zero := allZero(d)
	if zero && l.blankWhenZero || zero && l.allSuppressed && l.fill == l.cs.space {
		fillBytes(field, l.cs.space)
		return
	}
	if zero && l.allSuppressed {
		for i, t := range l.tokens {
			field[i] = l.fill
			if t.kind == editPoint {
				field[i] = t.b
			}
		}
		return
	}
	started, zone := false, false // digits have begun; suppressing symbols have begun
	last := -1                    // the last position suppressed by floating
	start := func() {
		if !started && l.floating && last >= 0 {
			field[last] = l.plus
			if neg {
				field[last] = l.minus
			}
		}
		started = true
	}
	for i, t := range l.tokens {
		switch t.kind {
		case editNine:
			start()
			field[i], d = l.cs.zero+d[0], d[1:]
		case editSuppress, editFloat:
			zone = true
			value := byte(0)
			if t.kind == editSuppress || t.digit {
				value, d = d[0], d[1:]
			}
			if value != 0 {
				start()
			}
			if started {
				field[i] = l.cs.zero + value
			} else {
				field[i], last = l.fill, i
			}
		case editPoint:
			start()
			field[i] = t.b
		case editInsert:
			field[i] = t.b
			if zone && !started && !(l.showInsert && t.digit) {
				field[i], last = l.fill, i
			}
		case editSign:
			field[i] = l.sign(neg)
		case editCredit:
			field[i] = l.cs.space
			if neg {
				field[i] = t.b
			}
		case editCurrency:
			field[i] = t.b
		}
	}
}

// read takes digits and sign out of field.
func (l *editedLeaf) read(field, d []byte) (neg bool, f fault) {
	clear(d)
	if len(field) != len(l.tokens) {
		return false, faultShort
	}
	if filled(field, l.cs.space) && (l.allSuppressed || l.blankWhenZero) {
		return false, ok
	}
	o := 0
	for i, t := range l.tokens {
		b := field[i]
		switch t.kind {
		case editNine, editSuppress, editFloat:
			if v := b - l.cs.zero; v <= 9 && (t.kind != editFloat || t.digit) {
				d[o] = v
			} else if t.kind == editFloat && b == l.cs.minus && l.minus == l.cs.minus {
				neg = true
			}
			if t.kind != editFloat || t.digit {
				o++
			}
		case editInsert:
			neg = neg || b == l.cs.minus && l.floating && l.minus == l.cs.minus && t.b != l.cs.minus
		case editSign:
			neg = neg || b == l.cs.minus
		case editCredit:
			neg = neg || b == t.b
		}
	}
	return neg, ok
}

func (l *editedLeaf) decode(dst, raw []byte) ([]byte, fault) {
	var buf digitBuf
	d := buf[:l.n]
	neg, f := l.read(raw, d)
	if f == ok && !l.looksLike(raw, d, neg) {
		f = faultEdited
	}
	if f != ok {
		return l.special(dst, raw, l.appendZero, f)
	}
	if !l.text {
		return l.appendDigits(dst, &buf, l.n, neg), ok
	}
	t := textLeaf{cs: l.cs, space: l.cs.space, trim: TrimNone}
	if l.cs.multi {
		w := wideLeaf{set: l.cs.page, pad: []byte{l.cs.space}, trim: TrimNone}
		return w.decode(dst, raw)
	}
	return t.decode(dst, raw)
}

// looksLike edits again and compares.
func (l *editedLeaf) looksLike(raw, d []byte, neg bool) bool {
	if filled(raw, l.cs.space) && (l.allSuppressed || l.blankWhenZero) {
		return true
	}
	var buf [256]byte
	if len(raw) > len(buf) {
		return false
	}
	l.render(buf[:len(raw)], d, neg)
	return string(buf[:len(raw)]) == string(raw)
}

func (l *editedLeaf) encode(field []byte, v scalar) fault {
	x, f := numeralOf(v)
	if f != ok {
		if l.text && v.kind == transforms.String {
			return l.encodeText(field, v)
		}
		return f
	}
	var buf digitBuf
	d := buf[:l.n]
	neg, f := l.place(x, d)
	if f != ok {
		return f
	}
	l.render(field, d, neg)
	return ok
}

// encodeText takes text that is edited already and checks that it is.
func (l *editedLeaf) encodeText(field []byte, v scalar) fault {
	text, f := plainText(v.text)
	if f != ok {
		return f
	}
	n, used, err := l.cs.page.EncodeInto(field, text)
	if err != nil || n != len(field) || used != len(text) {
		return faultEdited
	}
	var buf digitBuf
	neg, f := l.read(field, buf[:l.n])
	if f == ok && !l.looksLike(field, buf[:l.n], neg) {
		f = faultEdited
	}
	return f
}

// describe implements describer.
func (l *editedLeaf) describe(t *transforms.Type) {
	if l.text {
		t.MinLength, t.MaxLength = l.size, l.size
		return
	}
	l.scaled.describe(t)
}
