// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"fmt"
	"strings"
)

// elementary adds a random elementary item.
func (d *drawer) elementary(to *item) *item {
	d.fields--
	name := d.named("F")
	for {
		it := d.field()
		if it.name = name; !touchesItem(d.play, it) {
			it.condition = (it.kind == text || it.kind == number && it.pic != "" && it.scale == 0 && !it.fullRange) && d.chance(10)
			return d.add(to, it)
		}
	}
}

func (d *drawer) field() *item {
	it := &item{}
	switch c := d.IntN(100); {
	case c < 14:
		d.text(it)
	case c < 19:
		d.textEdited(it)
	case c < 39:
		d.zoned(it)
	case c < 52:
		d.packed(it)
	case c < 66:
		d.binary(it)
	case c < 74:
		d.native(it)
	case c < 80:
		d.compX(it)
	case c < 84:
		d.float(it)
	case c < 97:
		d.edited(it)
	default:
		d.opaque(it)
	}
	return it
}

func (d *drawer) synchronized(it *item) {
	if d.sync && !d.play.noSync && d.chance(40) {
		it.clauses = append(it.clauses, pick(d, "SYNC", "SYNCHRONIZED", "SYNC LEFT", "SYNC RIGHT"))
	}
}

// usage writes a usage in one of its forms.
func (d *drawer) usage(it *item, word string) {
	form := word
	if rest, is := strings.CutPrefix(word, "COMP"); is && d.chance(30) {
		form = "COMPUTATIONAL" + rest
	}
	it.clauses = append(it.clauses, pick(d, form, form, "USAGE "+form, "USAGE IS "+form))
}

func (d *drawer) text(it *item) {
	it.kind = text
	n := pick(d, 1, 2, 3, 1+d.IntN(20), 1+d.IntN(60))
	switch d.IntN(6) {
	case 0:
		it.letters, it.pic = true, fmt.Sprintf("A(%d)", n)
	case 1:
		it.pic = strings.Repeat("X", min(n, 12))
	case 2:
		it.pic = fmt.Sprintf("X(%d)", n)
		it.justified = true
		it.clauses = append(it.clauses, pick(d, "JUST", "JUSTIFIED RIGHT", "JUST RIGHT"))
	default:
		it.pic = fmt.Sprintf("X(%d)", n)
	}
}

func (d *drawer) textEdited(it *item) {
	it.kind = textEdited
	pic := "X"
	for range 1 + d.IntN(4) {
		pic += pick(d, "B", "/", "0", "X", "XX", "BX", "/X", "0X")
	}
	if !strings.ContainsAny(pic, "B/0") {
		pic += "/X"
	}
	it.pic = pic
}

// picture draws the digits, scale and sign of a number and writes its picture.
func (d *drawer) picture(it *item, most int) {
	n := pick(d, 1, 2, 3, 4, 5, 9, 10, 18, 1+d.IntN(most), 1+d.IntN(most), most)
	n = min(n, most)
	it.kind, it.digits = number, n
	it.signed = it.signed || d.chance(60)
	nines := func(n int) string {
		if n > 3 || n > 0 && d.chance(30) {
			return fmt.Sprintf("9(%d)", n)
		}
		return strings.Repeat("9", n)
	}
	room := most - n
	switch c := d.IntN(100); {
	case c < 6 && room > 0:
		k := 1 + d.IntN(min(room, 4))
		it.scale, it.pic = -k, nines(n)+strings.Repeat("P", k)+pick(d, "", "V")
	case c < 12 && room > 0:
		k := 1 + d.IntN(min(room, 4))
		it.scale, it.pic = n+k, pick(d, "", "V")+strings.Repeat("P", k)+nines(n)
	case c < 55:
		it.scale = pick(d, min(2, n), d.IntN(n+1), n)
		it.pic = nines(n-it.scale) + "V" + nines(it.scale)
	default:
		it.pic = nines(n)
	}
	if it.signed {
		it.pic = "S" + it.pic
	}
}

func (d *drawer) zoned(it *item) {
	d.picture(it, d.play.dialect.MaxDigits)
	if d.chance(10) {
		it.clauses = append(it.clauses, pick(d, "DISPLAY", "USAGE DISPLAY"))
	}
	if !it.signed {
		return
	}
	switch d.IntN(6) {
	case 0:
		it.clauses = append(it.clauses, pick(d, "SIGN IS LEADING", "LEADING"))
	case 1:
		it.clauses = append(it.clauses, pick(d, "SIGN LEADING SEPARATE CHARACTER", "LEADING SEPARATE"))
	case 2:
		it.clauses = append(it.clauses, pick(d, "SIGN IS TRAILING SEPARATE", "TRAILING SEPARATE CHARACTER"))
	case 3:
		it.clauses = append(it.clauses, pick(d, "SIGN IS TRAILING", "TRAILING"))
	}
}

func (d *drawer) packed(it *item) {
	d.picture(it, d.play.dialect.MaxDigits)
	if d.chance(25) {
		d.usage(it, "COMP-6")
		return
	}
	d.usage(it, pick(d, "COMP-3", "COMP-3", "PACKED-DECIMAL"))
}

func (d *drawer) binary(it *item) {
	d.picture(it, 18)
	d.usage(it, pick(d, "COMP", "COMP-4", "BINARY"))
	d.synchronized(it)
}

func (d *drawer) native(it *item) {
	it.kind, it.fullRange = number, true
	if d.chance(60) {
		d.picture(it, 18)
		d.usage(it, "COMP-5")
		d.synchronized(it)
		return
	}
	word := pick(d, "BINARY-CHAR", "BINARY-SHORT", "BINARY-LONG", "BINARY-DOUBLE", "SIGNED-SHORT", "SIGNED-INT", "SIGNED-LONG",
		"UNSIGNED-SHORT", "UNSIGNED-INT", "UNSIGNED-LONG")
	it.signed = !strings.HasPrefix(word, "UNSIGNED")
	if strings.HasPrefix(word, "BINARY") {
		switch d.IntN(3) {
		case 0:
			word, it.signed = word+" UNSIGNED", false
		case 1:
			word += " SIGNED"
		}
	}
	it.clauses = append(it.clauses, word)
	d.synchronized(it)
}

func (d *drawer) compX(it *item) {
	it.kind = number
	if d.chance(50) {
		it.fullRange = true
		it.pic = fmt.Sprintf("X(%d)", 1+d.IntN(8))
	} else {
		it.digits, it.signed = 1+d.IntN(18), d.chance(30)
		it.pic = fmt.Sprintf("9(%d)", it.digits)
		if it.signed {
			it.pic = "S" + it.pic
		}
	}
	d.usage(it, pick(d, "COMP-X", "COMP-X", "COMP-N"))
}

func (d *drawer) float(it *item) {
	it.kind, it.signed = float, true
	it.clauses = append(it.clauses, pick(d, "COMP-1", "COMP-2", "USAGE COMP-1", "USAGE COMP-2", "FLOAT-SHORT", "FLOAT-LONG"))
	d.synchronized(it)
}

func (it *item) single() bool { return it.laid.Size == 4 }

func (d *drawer) opaque(it *item) {
	it.kind = opaque
	it.clauses = append(it.clauses, pick(d, "INDEX", "USAGE INDEX", "POINTER", "USAGE POINTER"))
	d.synchronized(it)
}
