// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"

	"lintel/specs"
)

// inherited is what a group hands down to its items.
type inherited struct {
	usage    *usageClause
	sign     *signClause
	sync     bool
	national bool
	dialect  *Dialect
}

// layout turns the entries into records with offsets. It stops behind the first stage that found errors.
func (p *parser) layout() {
	records := p.tree()
	p.override()
	for _, r := range records {
		p.describe(r, inherited{})
	}
	p.redefinitions(records)
	for _, r := range records {
		p.references(r)
	}
	if p.findings.HasErrors() {
		return
	}
	records = p.appended(records)
	for _, r := range records {
		p.store(r)
		p.book.Records = append(p.book.Records, r.item)
	}
	if p.findings.HasErrors() {
		return
	}
	for _, r := range records {
		p.renamings(r)
		p.check(r)
	}
	p.sameRecords(records)
}

// appended makes one record of several level 01 entries where the caller asked for that.
func (p *parser) appended(records []*entry) []*entry {
	if !p.o.Sequential || len(records) < 2 {
		return records
	}
	all := &entry{name: baseName(p.book.File), pos: records[0].pos}
	all.item = &Item{Level: 1, Name: all.name, Pos: all.pos, Category: Group}
	for _, r := range records {
		r.parent, r.item.Parent = all, all.item
		all.children = append(all.children, r)
		all.item.Children = append(all.item.Children, r.item)
		all.aliases = append(all.aliases, r.aliases...)
	}
	return []*entry{all}
}

// describe sets category, picture and usage of an entry and those below.
func (p *parser) describe(e *entry, from inherited) {
	it := e.item
	if e.dialect == nil {
		e.dialect = from.dialect
	}
	from.dialect, it.Dialect = e.dialect, e.dialect
	if e.usage != nil {
		from.usage = e.usage
	}
	if e.sign != nil {
		from.sign = e.sign
	}
	from.sync = from.sync || e.sync != nil
	from.national = from.national || e.national != nil
	if e.occurs != nil {
		it.Occurs = &Occurs{Min: e.occurs.min, Max: e.occurs.max}
		if e.occurs.depending != nil && !e.occurs.hasTo {
			it.Occurs.Min, it.Occurs.MinImplied = min(p.dialectOf(e).OccursMin, it.Occurs.Max), true
		}
		if e.level == 1 || e.level == 77 {
			p.errorAt(codeOccursLevel, e.occurs.pos, fmt.Sprintf("OCCURS cannot stand at level %02d", e.level), "put the table below a level 01 entry")
		}
	}
	if len(e.children) > 0 {
		p.group(e)
		for _, c := range e.children {
			p.describe(c, from)
		}
		return
	}
	p.elementary(e, from)
	p.values(e)
}

// group checks the clauses of a group.
func (p *parser) group(e *entry) {
	it := e.item
	it.Category = Group
	if len(e.values) > 0 {
		it.Value = e.values[0].From
	}
	if e.usage != nil {
		it.UsageClause = e.usage.text
	}
	switch {
	case e.picture != nil:
		first := e.children[0]
		p.errorAt(codeGroupPicture, e.picture.pos(), fmt.Sprintf("%s has a picture and items below it (level %02d %s)", e.name, first.level, first.name),
			"a group has no PICTURE; check the level numbers")
	case e.justified != nil:
		p.errorAt(codeJustified, e.justified.pos(), "JUSTIFIED cannot stand at a group", "put it to the items")
	case e.blank != nil:
		p.errorAt(codeBlankZero, e.blank.pos(), "BLANK WHEN ZERO cannot stand at a group", "put it to the items")
	}
}

// elementary sets what the picture and the usage of an item say.
func (p *parser) elementary(e *entry, from inherited) {
	it := e.item
	u := from.usage
	if u != nil && u != e.usage && u.usage == Display && e.picture != nil && strings.ContainsAny(e.picText, "NGU") {
		u = nil // DISPLAY handed down by a group does not mean items whose picture has wider characters
	}
	if u != nil {
		it.Usage, it.UsageClause = u.usage, u.text
	} else if from.national {
		u = &usageClause{text: "NATIONAL", pos: e.pos, usageInfo: usageInfo{usage: National}}
		it.Usage, it.UsageClause = National, u.text
	}
	it.Synchronized = from.sync
	if e.picture == nil {
		p.withoutPicture(e, u)
		return
	}
	it.Picture = e.picText
	pic, bad := parsePicture(e.picText, pictureRules{comma: p.o.DecimalComma, currency: p.o.Currency, constant: p.constantNumber})
	if bad != nil {
		p.errorAt(bad.code, p.inPicture(e.picture, bad.at), fmt.Sprintf("picture %s: %s", clip(e.picText), bad.message), "")
		e.bad = true
		return
	}
	it.Pic = pic
	it.Category, it.Digits, it.Scale, it.Signed = pic.Category, pic.Digits, pic.Scale, pic.Signed
	p.pictureUsage(e, u)
	p.signOf(e, from.sign)
	p.editing(e)
	if max := p.dialectOf(e).MaxDigits; max > 0 && (pic.Category == Numeric || pic.Category == NumericEdited) && pic.Digits > max {
		p.errorAt(codeDigits, e.picture.pos(), fmt.Sprintf("%s has %d digits; dialect %s allows %d", e.name, pic.Digits, p.dialectOf(e).Name, max), "set the dialect of the compiler that takes such numbers")
	}
}

func (p *parser) constantNumber(name string) string {
	if l := p.constants[name]; l != nil && isNumber(l.Number) {
		return l.Number
	}
	return ""
}

// inPicture is the place of character at of a picture.
func (p *parser) inPicture(t *token, at int) specs.Pos {
	pos := t.pos()
	if !t.composed {
		pos.Column += at
	}
	return pos
}

// withoutPicture gives items such as COMP-1 and INDEX their size; others need a picture.
func (p *parser) withoutPicture(e *entry, u *usageClause) {
	it := e.item
	it.Category = NoPicture
	if u == nil || u.size == 0 {
		if e.bad || p.dropped {
			return
		}
		p.errorAt(codeNoPicture, e.namePos, fmt.Sprintf("%s has neither a picture nor items below it", e.name), "add PIC, or check the level numbers of what follows")
		return
	}
	it.Size = u.size
	if u.size < 0 {
		it.Size = p.dialectOf(e).Pointer
	}
	it.Digits, it.Signed = u.digits, u.signed
	it.FullRange = u.usage == Native
	it.LittleEndian = p.dialectOf(e).little(it.Usage)
	if e.justified != nil {
		p.errorAt(codeJustified, e.justified.pos(), "JUSTIFIED belongs to text", "remove it")
	}
	if e.blank != nil {
		p.errorAt(codeBlankZero, e.blank.pos(), "BLANK WHEN ZERO belongs to numbers in DISPLAY", "remove it")
	}
	if e.sign != nil {
		p.errorAt(codeSignClause, e.sign.pos, "SIGN belongs to signed numbers with a picture", "remove it")
	}
}

// little is the byte order of a usage.
func (d *Dialect) little(u Usage) bool {
	switch u {
	case Binary:
		return d.BinaryLittle
	case Native:
		return d.NativeLittle
	case Float:
		return d.Float == FloatIEEE && d.FloatLittle
	}
	return false
}

// pictureUsage checks that usage and picture go together, and sets the size.
func (p *parser) pictureUsage(e *entry, u *usageClause) {
	it, pic := e.item, e.item.Pic
	if u == nil {
		switch pic.Category {
		case NationalText, NationalEdited:
			it.Usage = National
		case DBCSText:
			it.Usage = DBCS
		case UTF8Text:
			it.Usage = UTF8
		}
	} else if u.size != 0 {
		p.mismatch(e, u, "has a size of its own and takes no picture")
		return
	}
	size, why := p.sizeOf(e)
	if why != "" {
		p.mismatch(e, u, why)
		return
	}
	it.Size = size
	it.LittleEndian = p.dialectOf(e).little(it.Usage)
	it.FullRange = it.Usage == Native || it.Usage == CompX
}

func (p *parser) mismatch(e *entry, u *usageClause, why string) {
	what, pos := "DISPLAY", e.picture.pos()
	if u != nil {
		what = u.text
		if e.usage == u {
			pos = u.pos
		}
	}
	p.errorAt(codeUsagePicture, pos, fmt.Sprintf("USAGE %s with picture %s: %s", what, clip(e.picText), why), "change the usage or the picture")
	e.bad = true
}

// signOf checks and sets where the sign stands.
func (p *parser) signOf(e *entry, s *signClause) {
	it := e.item
	if s == nil {
		return
	}
	fits := it.Category == Numeric && it.Signed && (it.Usage == Display || it.Usage == National)
	if !fits {
		if e.sign != nil {
			p.errorAt(codeSignClause, s.pos, fmt.Sprintf("SIGN belongs to signed numbers in DISPLAY, but %s is none", e.name), "remove the clause, or add S to the picture")
		}
		return
	}
	it.Sign = s.place
	if s.place == LeadingSeparate || s.place == TrailingSeparate {
		if it.Usage == National {
			it.Size += 2
		} else {
			it.Size++
		}
	} else if it.Usage == National {
		p.errorAt(codeSignClause, s.pos, "a signed number in NATIONAL needs SIGN ... SEPARATE", "")
	}
}

// editing checks JUSTIFIED and BLANK WHEN ZERO.
func (p *parser) editing(e *entry) {
	it := e.item
	if e.justified != nil {
		switch it.Category {
		case Alphabetic, Alphanumeric, AlphanumericEdited, NationalText, NationalEdited, DBCSText, UTF8Text:
			it.Justified = true
		default:
			p.errorAt(codeJustified, e.justified.pos(), fmt.Sprintf("JUSTIFIED belongs to text, but %s is a number", e.name), "remove it")
		}
	}
	if e.blank == nil {
		return
	}
	numeric := it.Category == Numeric && !it.Signed || it.Category == NumericEdited
	if !numeric || it.Usage != Display && it.Usage != National || it.Pic.Suppress == '*' {
		p.errorAt(codeBlankZero, e.blank.pos(), fmt.Sprintf("BLANK WHEN ZERO belongs to unsigned or edited numbers in DISPLAY without *, but %s is none", e.name), "remove it")
		return
	}
	it.BlankWhenZero = true
	it.Category = NumericEdited
}
