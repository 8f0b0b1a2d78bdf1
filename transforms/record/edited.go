// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"unicode/utf8"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

// editedLeaf is a numeric-edited item: ZZ,ZZ9.99CR. It is written as MOVE edits a number, and read
// by taking the digits out and editing them again: what does not come out the same is refused.
type editedLeaf struct {
	scaled
	cs     *charset
	size   int
	tokens []editToken
	// fill is the byte that suppressed zeros become; floating tells that a symbol floats.
	fill     byte
	floating bool
	// allSuppressed pictures have no 9: zero makes them all blanks or asterisks.
	allSuppressed bool
	blankWhenZero bool
	plus, minus   byte // what the floating symbol prints
	signPlus      byte // what a fixed sign prints for plus
	text          bool // JSON text instead of numbers
	// showInsert keeps 0 and / among suppressed zeros, as GnuCOBOL does; IBM suppresses them.
	showInsert bool
	specials
}

// editToken is one symbol that takes bytes.
type editToken struct {
	kind editKind
	b    byte // the byte of insertions and of the currency sign
	// digit: floating symbols behind the first stand for digits; of insertions, 0 and / have it.
	digit bool
}

type editKind uint8

const (
	editNine editKind = iota
	editSuppress
	editFloat
	editInsert
	editPoint
	editSign
	editCredit // CR and DB, two tokens
	editCurrency
)

func (k *compiler) edited(n *node) leaf {
	pic := n.item.Pic
	if pic == nil {
		return k.unsupported(n, "its picture is not known")
	}
	l := &editedLeaf{
		scaled: k.scaledOf(n), cs: k.cs, size: n.item.Size, fill: k.cs.space, allSuppressed: true,
		blankWhenZero: n.item.BlankWhenZero, text: n.policy.EditedText, specials: k.specialsOf(n),
	}
	l.signed = pic.SignSymbol != ""
	l.signPlus, l.minus = k.cs.space, k.cs.minus
	if pic.SignSymbol == "+" {
		l.signPlus = k.cs.plus
	}
	l.plus = l.signPlus
	if pic.Suppress == '*' {
		l.fill = k.cs.byteOf('*')
	}
	l.floating = pic.Floating != 0
	l.showInsert = k.opts.Dialect.Name == "gnucobol"
	if !k.editTokens(l, pic) {
		return k.unsupported(n, "its picture has a symbol that the code page lacks")
	}
	digits := 0
	for _, t := range l.tokens {
		if t.kind == editNine || t.kind == editSuppress || t.kind == editFloat && t.digit {
			digits++
		}
	}
	if len(l.tokens) != n.item.Size || digits != l.n || l.n < 1 || l.n > maxDigits-2 {
		return k.unsupported(n, fmt.Sprintf("the layout gives it %d bytes and the picture %d, with %d digits", n.item.Size, len(l.tokens), digits))
	}
	return l
}

// editTokens takes the picture apart.
func (k *compiler) editTokens(l *editedLeaf, pic *copybook.Picture) bool {
	point, comma := '.', ','
	if pic.CommaPoint {
		point, comma = ',', '.'
	}
	currency, _ := utf8.DecodeRuneInString(pic.Currency)
	floated := false
	symbols := []rune(pic.Symbols)
	for i := 0; i < len(symbols); i++ {
		c := symbols[i]
		t := editToken{b: k.cs.space}
		switch {
		case c == 'V' || c == 'P':
			continue
		case c == '9':
			l.allSuppressed = false
		case c == 'Z' || c == '*':
			t.kind = editSuppress
		case pic.Floating != 0 && (c == rune(pic.Floating) || pic.Floating == '$' && c == currency):
			t.kind, t.digit = editFloat, floated
			floated = true
			if pic.Floating == '$' {
				b, found := k.opts.Page.EncodeByte(c)
				if !found {
					return false
				}
				l.plus, l.minus = b, b
			}
		case c == point:
			t.kind, t.b = editPoint, k.cs.byteOf(byte(point))
		case c == comma || c == '0' || c == '/':
			t.kind, t.b, t.digit = editInsert, k.cs.byteOf(byte(c)), c != comma
		case c == 'B':
			t.kind = editInsert
		case c == '+' || c == '-':
			t.kind = editSign
		case c == 'C' || c == 'D':
			l.tokens = append(l.tokens, editToken{kind: editCredit, b: k.cs.byteOf(byte(c))})
			i++
			t.kind, t.b = editCredit, k.cs.byteOf(byte(symbols[min(i, len(symbols)-1)]))
		default:
			b, found := k.opts.Page.EncodeByte(c)
			if !found {
				return false
			}
			t.kind, t.b = editCurrency, b
		}
		l.tokens = append(l.tokens, t)
	}
	return true
}

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
