// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"unicode/utf8"

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

func (k *compiler) edited(n *node, cs *charset, size int) leaf {
	pic := n.item.Pic
	if pic == nil {
		return k.unsupported(n, "its picture is not known")
	}
	l := &editedLeaf{
		scaled: k.scaledOf(n), cs: cs, size: size, fill: cs.space, allSuppressed: true,
		blankWhenZero: n.item.BlankWhenZero, text: n.policy.EditedText, specials: k.specialsOf(n, cs),
	}
	l.signed = pic.SignSymbol != ""
	l.signPlus, l.minus = l.cs.space, l.cs.minus
	if pic.SignSymbol == "+" {
		l.signPlus = l.cs.plus
	}
	l.plus = l.signPlus
	if pic.Suppress == '*' {
		l.fill = l.cs.byteOf('*')
	}
	l.floating = pic.Floating != 0
	l.showInsert = k.dialectOf(n).Name == "gnucobol"
	if !l.tokenize(pic) {
		return k.unsupported(n, "its picture has a symbol that the code page lacks")
	}
	digits := 0
	for _, t := range l.tokens {
		if t.kind == editNine || t.kind == editSuppress || t.kind == editFloat && t.digit {
			digits++
		}
	}
	if len(l.tokens) != size || digits != l.n || l.n < 1 || l.n > maxDigits-2 {
		return k.unsupported(n, fmt.Sprintf("the layout gives it %d bytes and the picture %d, with %d digits", size, len(l.tokens), digits))
	}
	return l
}

// tokenize takes the picture apart.
func (l *editedLeaf) tokenize(pic *copybook.Picture) bool {
	point, comma := '.', ','
	if pic.CommaPoint {
		point, comma = ',', '.'
	}
	currency, _ := utf8.DecodeRuneInString(pic.Currency)
	floated := false
	symbols := []rune(pic.Symbols)
	for i := 0; i < len(symbols); i++ {
		c := symbols[i]
		t := editToken{b: l.cs.space}
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
				b, found := l.cs.page.EncodeByte(c)
				if !found {
					return false
				}
				l.plus, l.minus = b, b
			}
		case c == point:
			t.kind, t.b = editPoint, l.cs.byteOf(byte(point))
		case c == comma || c == '0' || c == '/':
			t.kind, t.b, t.digit = editInsert, l.cs.byteOf(byte(c)), c != comma
		case c == 'B':
			t.kind = editInsert
		case c == '+' || c == '-':
			t.kind = editSign
		case c == 'C' || c == 'D':
			l.tokens = append(l.tokens, editToken{kind: editCredit, b: l.cs.byteOf(byte(c))})
			i++
			t.kind, t.b = editCredit, l.cs.byteOf(byte(symbols[min(i, len(symbols)-1)]))
		default:
			b, found := l.cs.page.EncodeByte(c)
			if !found {
				return false
			}
			t.kind, t.b = editCurrency, b
		}
		l.tokens = append(l.tokens, t)
	}
	return true
}
