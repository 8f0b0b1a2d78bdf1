// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// analysis finds the category of a picture and what belongs to it.
type analysis struct {
	pictureRules
	pic   *Picture
	runs  []run
	total int
}

// only reports whether every symbol is one of set.
func (a *analysis) only(set string) bool {
	for _, u := range a.runs {
		if !strings.Contains(set, u.sym) {
			return false
		}
	}
	return true
}

// count returns how often a symbol occurs.
func (a *analysis) count(sym string) int {
	n := 0
	for _, u := range a.runs {
		if u.sym == sym {
			n += u.n
		}
	}
	return n
}

// find returns the first run of a symbol, or nil.
func (a *analysis) find(sym string) *run {
	for i := range a.runs {
		if a.runs[i].sym == sym {
			return &a.runs[i]
		}
	}
	return nil
}

func (a *analysis) has(sym string) bool { return a.find(sym) != nil }

func (a *analysis) classify() *pictureError {
	p := a.pic
	p.Length = a.total
	switch {
	case a.has("N"):
		return a.wide("N", NationalText, NationalEdited)
	case a.has("G"):
		return a.wide("G", DBCSText, DBCSText)
	case a.has("U"):
		return a.wide("U", UTF8Text, UTF8Text)
	case a.has("A") || a.has("X"):
		return a.text()
	case a.has("E"):
		return a.float()
	case a.only("9SVP"):
		return a.numeric()
	}
	return a.edited()
}

// wide classifies pictures of two-byte and UTF-8 characters, which may hold insertions.
func (a *analysis) wide(sym string, plain, edited Category) *pictureError {
	allowed := sym + "B0/"
	switch sym {
	case "U":
		allowed = sym
	case "G":
		allowed = sym + "B"
	}
	for _, u := range a.runs {
		if !strings.Contains(allowed, u.sym) {
			return &pictureError{codePicture, fmt.Sprintf("%s cannot stand in a picture with %s", u.sym, sym), u.at}
		}
	}
	a.pic.Category = plain
	if len(a.runs) > 1 {
		a.pic.Category = edited
		return a.written()
	}
	return nil
}

// written refuses edited pictures whose symbols are too many to be written out.
func (a *analysis) written() *pictureError {
	if a.total > maxWritten {
		return &pictureError{codePictureSize, fmt.Sprintf("an edited picture has at most %d positions", maxWritten), 0}
	}
	return nil
}

func (a *analysis) text() *pictureError {
	for _, u := range a.runs {
		if !strings.Contains("AX9B0/", u.sym) {
			return &pictureError{codePicture, fmt.Sprintf("%s cannot stand in a picture of text", u.sym), u.at}
		}
	}
	switch {
	case a.has("B") || a.has("0") || a.has("/"):
		a.pic.Category = AlphanumericEdited
		return a.written()
	case a.only("A"):
		a.pic.Category = Alphabetic
	default:
		a.pic.Category = Alphanumeric
	}
	return nil
}

// numeric reads pictures of 9 S V P.
func (a *analysis) numeric() *pictureError {
	p := a.pic
	p.Category = Numeric
	for i, u := range a.runs {
		switch {
		case u.sym == "S" && i > 0:
			return &pictureError{codePicture, "S must be the first symbol", u.at}
		case (u.sym == "S" || u.sym == "V") && u.n > 1:
			return &pictureError{codePicture, u.sym + " may stand only once", u.at}
		}
	}
	if !a.has("9") {
		return &pictureError{codePicture, "a numeric picture needs at least one 9", 0}
	}
	p.Signed = a.has("S")
	if bad := a.points(); bad != nil {
		return bad
	}
	p.Length = p.Stored()
	return nil
}

// points counts digits, scale and P of a picture of 9 S V P and checks where V and P stand.
func (a *analysis) points() *pictureError {
	p := a.pic
	rs := a.runs
	if rs[0].sym == "S" {
		rs = rs[1:]
	}
	seenNine, seenV, endP := false, false, false
	for i, u := range rs {
		switch u.sym {
		case "V":
			if seenV {
				return &pictureError{codePicture, "V may stand only once", u.at}
			}
			if seenV = true; p.LeadingP > 0 {
				return &pictureError{codePicture, "V stands in front of P at the left end", u.at}
			}
		case "P":
			switch {
			case endP || p.LeadingP > 0:
				return &pictureError{codePicture, "P may stand at one end only", u.at}
			case !seenNine:
				p.LeadingP = u.n
			case seenV || i+1 < len(rs) && (rs[i+1].sym != "V" || i+2 != len(rs)):
				return &pictureError{codePicture, "P stands at an end of the picture, and at the right end in front of V", u.at}
			default:
				p.TrailingP, endP = u.n, true
			}
		case "9":
			if seenNine = true; seenV || p.LeadingP > 0 {
				p.Scale += u.n
			}
		}
		if u.sym != "V" {
			p.Digits += u.n
		}
	}
	switch {
	case p.LeadingP > 0:
		p.Scale += p.LeadingP
	case p.TrailingP > 0:
		p.Scale = -p.TrailingP
	}
	return nil
}

// float reads external floating point: sign, mantissa with a point, E, sign, exponent digits.
func (a *analysis) float() *pictureError {
	p := a.pic
	p.Category, p.Signed = FloatEdited, true
	bad := func(at int) *pictureError {
		return &pictureError{codePicture, "a floating-point picture is a sign, a mantissa of 9 with a point, E, a sign and 99", at}
	}
	point := "."
	if a.comma {
		point = ","
	}
	stage, exp := 0, &Exponent{}
	for i, u := range a.runs {
		isSign := (u.sym == "+" || u.sym == "-") && u.n == 1
		switch {
		case stage == 0 && i == 0 && isSign:
			exp.Mantissa, stage = u.sym[0], 1
		case stage == 1 && u.sym == "9":
			if p.Digits += u.n; a.hasPointBefore(i) {
				p.Scale += u.n
			}
		case stage == 1 && (u.sym == point || u.sym == "V") && u.n == 1 && !a.hasPointBefore(i):
			if u.sym == point {
				p.Point = a.offset(i)
			} else {
				p.Length--
			}
		case stage == 1 && u.sym == "E" && u.n == 1 && p.Digits > 0:
			stage = 2
		case stage == 2 && isSign:
			exp.Sign, stage = u.sym[0], 3
		case stage == 3 && u.sym == "9" && u.n == 2:
			exp.Digits, stage = u.n, 4
		default:
			return bad(u.at)
		}
	}
	if stage != 4 {
		return bad(0)
	}
	if p.Digits > 16 {
		return &pictureError{codePictureSize, "a floating-point picture has at most 16 mantissa digits", 0}
	}
	p.Exponent = exp
	return nil
}

func (a *analysis) hasPointBefore(i int) bool {
	for _, u := range a.runs[:i] {
		if u.sym == "." || u.sym == "," || u.sym == "V" {
			return true
		}
	}
	return false
}

// offset is the index of run i in the written-out symbols, in bytes.
func (a *analysis) offset(i int) int {
	n := 0
	for _, u := range a.runs[:i] {
		n += len(u.sym) * u.n
	}
	return n
}

// width is the number of positions a run takes.
func width(u run) int {
	switch u.sym {
	case "V", "P":
		return 0
	case "CR", "DB":
		return 2 * u.n
	}
	return utf8.RuneCountInString(u.sym) * u.n
}
