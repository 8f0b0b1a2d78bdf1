// SPDX-License-Identifier: Apache-2.0

package copybook

import "fmt"

// editStage orders the parts of an edited number from left to right.
type editStage uint8

const (
	stageLead editStage = iota
	stageFloat
	stageDigits
	stageTrail
)

// editor walks an edited numeric picture.
type editor struct {
	*analysis
	stage      editStage
	seenPoint  bool
	suppressed int // positions that suppress or float, before the point
	nines      int
	// fracNine and fracFloat tell which positions were seen behind the point.
	fracNine, fracFloat bool
}

// edited reads pictures of edited numbers: 9 Z * $ + - CR DB B 0 / , . V P.
func (a *analysis) edited() *pictureError {
	p := a.pic
	p.Category = NumericEdited
	if s := a.find("S"); s != nil {
		return &pictureError{codePicture, "S cannot stand in an edited picture", s.at}
	}
	if a.has("Z") && a.has("*") {
		return &pictureError{codePicture, "Z and * exclude each other", a.find("*").at}
	}
	p.Length = 0
	for _, u := range a.runs {
		p.Length += width(u)
	}
	if p.Length > maxEdited {
		return &pictureError{codePictureSize, fmt.Sprintf("an edited number has at most %d positions", maxEdited), 0}
	}
	if bad := a.floating(); bad != nil {
		return bad
	}
	e := &editor{analysis: a}
	for i, u := range a.runs {
		if bad := e.step(i, u); bad != nil {
			return bad
		}
	}
	return e.finish()
}

// isCurrency reports the currency symbol.
func (a *analysis) isCurrency(sym string) bool {
	return sym == "$" || a.currency != "" && sym == a.currency
}

// floating finds which symbol floats, if any: one of + - and the currency sign that stands more than once.
func (a *analysis) floating() *pictureError {
	for _, u := range a.runs {
		var as byte
		switch {
		case u.sym == "+" || u.sym == "-":
			as = u.sym[0]
		case a.isCurrency(u.sym):
			as = '$'
			a.pic.Currency = u.sym
		default:
			continue
		}
		if a.count(u.sym) < 2 || a.pic.Floating == as {
			continue
		}
		if a.pic.Floating != 0 || a.has("Z") || a.has("*") {
			return &pictureError{codePicture, fmt.Sprintf("%s cannot float beside another floating or suppressing symbol", u.sym), u.at}
		}
		a.pic.Floating = as
	}
	for sym, as := range map[string]byte{"Z": 'Z', "*": '*'} {
		if a.has(sym) {
			a.pic.Suppress = as
		}
	}
	return nil
}

func (e *editor) floats(sym string) bool {
	f := e.pic.Floating
	return f != 0 && (sym == string(rune(f)) || f == '$' && e.isCurrency(sym))
}

// step takes one run in order.
func (e *editor) step(i int, u run) *pictureError {
	point, comma := ".", ","
	if e.comma {
		point, comma = ",", "."
	}
	switch {
	case u.sym == "B" || u.sym == "0" || u.sym == "/" || u.sym == comma:
		return nil
	case u.sym == point || u.sym == "V":
		return e.point(i, u, u.sym == point)
	case u.sym == "9":
		return e.nine(u)
	case u.sym == "P":
		return e.scaling(i, u)
	case u.sym == "Z" || u.sym == "*" || e.floats(u.sym):
		return e.suppress(u)
	case u.sym == "+" || u.sym == "-" || u.sym == "CR" || u.sym == "DB":
		return e.sign(i, u)
	case e.isCurrency(u.sym):
		return e.currencySign(u)
	}
	return &pictureError{codePicture, fmt.Sprintf("%s cannot stand in an edited number", u.sym), u.at}
}

func (e *editor) point(i int, u run, printed bool) *pictureError {
	if e.seenPoint || u.n > 1 {
		return &pictureError{codePicture, "a picture has one decimal point", u.at}
	}
	if e.stage == stageTrail {
		return &pictureError{codePicture, "the decimal point cannot follow a trailing sign", u.at}
	}
	e.seenPoint = true
	if printed {
		e.pic.Point = e.offset(i)
	}
	return nil
}

func (e *editor) nine(u run) *pictureError {
	if e.stage == stageTrail {
		return &pictureError{codePicture, "a digit cannot follow a trailing sign", u.at}
	}
	if e.pic.TrailingP > 0 {
		return &pictureError{codePicture, "P stands at one end of a picture", u.at}
	}
	if e.fracFloat {
		return &pictureError{codePicture, "9 cannot follow a suppressing or floating symbol behind the point", u.at}
	}
	e.stage = stageDigits
	e.nines += u.n
	e.pic.Digits += u.n
	if e.seenPoint {
		e.fracNine = true
		e.pic.Scale += u.n
	}
	return nil
}

func (e *editor) suppress(u run) *pictureError {
	switch e.stage {
	case stageTrail:
		return &pictureError{codePicture, fmt.Sprintf("%s cannot follow a trailing sign", u.sym), u.at}
	case stageDigits:
		return &pictureError{codePicture, fmt.Sprintf("%s cannot follow 9", u.sym), u.at}
	}
	if e.pic.TrailingP > 0 {
		return &pictureError{codePicture, "P stands at one end of a picture", u.at}
	}
	n := u.n
	if e.floats(u.sym) && e.suppressed == 0 && e.stage == stageLead {
		n--
	}
	e.stage = stageFloat
	e.suppressed += u.n
	e.pic.Digits += n
	if e.seenPoint {
		e.fracFloat = true
		e.pic.Scale += n
	}
	return nil
}

// scaling takes P in an edited number, which stands at one end.
func (e *editor) scaling(i int, u run) *pictureError {
	before, after := i, len(e.runs)-1-i
	switch {
	case e.pic.Digits == 0 && e.pic.LeadingP == 0 && e.pic.TrailingP == 0 && before <= 2:
		e.pic.LeadingP, e.seenPoint = u.n, true
		e.pic.Scale += u.n
	case e.pic.Digits > 0 && e.pic.LeadingP == 0 && e.pic.TrailingP == 0 && !e.seenPoint && after <= 2:
		e.pic.TrailingP = u.n
		e.pic.Scale -= u.n
	default:
		return &pictureError{codePicture, "P stands at one end of a picture", u.at}
	}
	e.pic.Digits += u.n
	return nil
}

func (e *editor) sign(i int, u run) *pictureError {
	p := e.pic
	switch {
	case u.n > 1 || p.SignSymbol != "" || p.Floating == '+' || p.Floating == '-':
		return &pictureError{codePicture, "an edited number has one sign", u.at}
	case i == 0 && len(u.sym) == 1 && len(e.runs) > 1:
	case e.stage == stageLead && len(u.sym) == 1 && p.Digits == 0 && i <= 1 && e.isCurrency(e.runs[0].sym):
	case i == len(e.runs)-1:
		p.SignTrailing = true
		e.stage = stageTrail
	default:
		return &pictureError{codePicture, fmt.Sprintf("%s stands at an end of an edited number", u.sym), u.at}
	}
	p.SignSymbol, p.Signed = u.sym, true
	return nil
}

func (e *editor) currencySign(u run) *pictureError {
	if e.stage != stageLead {
		return &pictureError{codePicture, "the currency sign stands in front of the digits", u.at}
	}
	return nil
}

func (e *editor) finish() *pictureError {
	p := e.pic
	if p.Floating == '+' || p.Floating == '-' {
		p.SignSymbol, p.Signed = string(rune(p.Floating)), true
	}
	if p.Digits == 0 {
		return &pictureError{codePicture, "an edited number needs at least one digit position", 0}
	}
	if e.fracFloat && e.nines > 0 {
		return &pictureError{codePicture, "behind the point, positions are all 9 or all suppressed, as in front of it", 0}
	}
	return nil
}
