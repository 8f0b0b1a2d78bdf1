// SPDX-License-Identifier: Apache-2.0

package oracle_test

import "strings"

// edited draws a numeric-edited picture, or a numeric one with BLANK WHEN ZERO.
func (d *drawer) edited(it *item) {
	it.kind = edited
	if d.chance(15) {
		it.digits = 1 + d.IntN(9)
		it.scale = 0
		it.pic = strings.Repeat("9", it.digits)
		d.blankWhenZero(it)
		return
	}
	lead, trail := "", ""
	switch d.IntN(8) {
	case 0:
		lead = pick(d, "+", "-")
	case 1:
		trail = pick(d, "+", "-")
	case 2:
		trail = pick(d, "CR", "DB")
	case 3:
		lead = "$"
	case 4:
		lead, trail = "$", pick(d, "+", "-", "CR", "DB")
	}
	it.signed = strings.Trim(lead+trail, "$") != ""
	var body string
	if d.chance(35) && lead != "" {
		body = d.floating(it, lead)
		lead = ""
	} else {
		body = d.suppressed(it)
	}
	it.pic = lead + body + trail
	it.asText = strings.ContainsAny(it.pic, "0D") // see the edges
	if !strings.Contains(it.pic, "*") && d.chance(15) {
		d.blankWhenZero(it)
	}
}

func (d *drawer) blankWhenZero(it *item) {
	it.clauses = append(it.clauses, pick(d, "BLANK WHEN ZERO", "BLANK ZERO"))
}

// suppressed is a body of Z or * and 9, with insertions.
func (d *drawer) suppressed(it *item) string {
	sym := pick(d, "Z", "Z", "*", "")
	front, back := 0, 0
	if sym != "" {
		front = 1 + d.IntN(7)
	}
	back = d.IntN(5)
	if front+back == 0 {
		back = 1
	}
	whole := d.inserted(strings.Repeat(sym, front) + strings.Repeat("9", back))
	it.digits = front + back
	if d.chance(45) {
		return whole
	}
	n := 1 + d.IntN(4)
	it.scale, it.digits = n, it.digits+n
	if back == 0 && d.chance(50) { // every digit is suppressed
		return whole + "." + strings.Repeat(sym, n)
	}
	return whole + pick(d, ".", ".", ".", "V") + strings.Repeat("9", n)
}

// floating is a body of a floating symbol: one symbol more than digits.
func (d *drawer) floating(it *item, sym string) string {
	front := 1 + d.IntN(6)
	back := d.IntN(3)
	it.digits = front + back
	whole := d.inserted(strings.Repeat(sym, front+1) + strings.Repeat("9", back))
	if d.chance(45) {
		return whole
	}
	n := 1 + d.IntN(3)
	it.scale, it.digits = n, it.digits+n
	if back == 0 && sym != "$" && d.chance(50) { // with $ GnuCOBOL refuses it, see the edges
		return whole + "." + strings.Repeat(sym, n)
	}
	return whole + "." + strings.Repeat("9", n)
}

// inserted puts commas in groups of three, or B 0 / anywhere, between the symbols.
func (d *drawer) inserted(symbols string) string {
	switch c := d.IntN(100); {
	case c < 40 && len(symbols) > 3:
		var b strings.Builder
		for i := range len(symbols) {
			if i > 0 && (len(symbols)-i)%3 == 0 {
				b.WriteByte(',')
			}
			b.WriteByte(symbols[i])
		}
		return b.String()
	case c < 60 && len(symbols) > 1:
		at := 1 + d.IntN(len(symbols)-1)
		return symbols[:at] + pick(d, "B", "0", "/") + symbols[at:]
	}
	return symbols
}
