// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"

	"lintel/specs"
)

// clauses reads the words of one entry behind its level number.
type clauses struct {
	p  *parser
	e  *entry
	ws []token
	at int
}

type usageClause struct {
	text string
	pos  specs.Pos
	usageInfo
}

type signClause struct {
	place SignPlace
	pos   specs.Pos
}

type occursClause struct {
	min, max  int
	hasTo     bool
	depending *ref
	keys      []ref
	pos       specs.Pos
}

// clauseReader reads one clause whose first word was taken.
type clauseReader func(c *clauses, t *token)

// clauseOf returns the reader of the clause a word begins, or nil.
func clauseOf(w string) clauseReader {
	switch w {
	case "REDEFINES":
		return (*clauses).redefines
	case "RENAMES":
		return (*clauses).renames
	case "PIC", "PICTURE":
		return (*clauses).picture
	case "USAGE":
		return (*clauses).usage
	case "SIGN", "LEADING", "TRAILING":
		return (*clauses).sign
	case "OCCURS":
		return (*clauses).occurs
	case "SYNC", "SYNCHRONIZED":
		return (*clauses).synchronized
	case "JUST", "JUSTIFIED":
		return (*clauses).justified
	case "BLANK":
		return (*clauses).blank
	case "VALUE", "VALUES":
		return (*clauses).value
	case "INDEXED", "ASCENDING", "DESCENDING", "DEPENDING":
		return (*clauses).lateOccurs
	case "EXTERNAL", "GLOBAL", "VOLATILE", "IS", "ALIGNED", "BASED":
		return (*clauses).noEffect
	case "GROUP-USAGE":
		return (*clauses).groupUsage
	case "BYTE-LENGTH":
		return (*clauses).byteLength
	case "DATE":
		return (*clauses).dateFormat
	case "DYNAMIC", "ANY", "TYPEDEF", "TYPE", "SAME", "LIKE", "OBJECT", "PROPERTY", "LIMIT":
		return (*clauses).unsupported
	}
	if _, ok := usageOf(w); ok {
		return (*clauses).bareUsage
	}
	return nil
}

// isClauseWord reports whether a word begins a clause.
func isClauseWord(w string) bool { return clauseOf(w) != nil }

func (c *clauses) more() bool { return c.at < len(c.ws) }

// peek returns the next word, or nil at the end.
func (c *clauses) peek() *token {
	if c.at < len(c.ws) {
		return &c.ws[c.at]
	}
	return nil
}

// accept takes the next word if it is one of these.
func (c *clauses) accept(words ...string) bool {
	if t := c.peek(); t != nil && t.kind == word {
		for _, w := range words {
			if t.upper == w {
				c.at++
				return true
			}
		}
	}
	return false
}

// end is the place to report what is missing: the next word, or the last one of the entry.
func (c *clauses) end() specs.Pos {
	switch {
	case c.at < len(c.ws):
		return c.ws[c.at].pos()
	case len(c.ws) > 0:
		return c.ws[len(c.ws)-1].pos()
	}
	return c.e.pos
}

func (c *clauses) fail(code string, pos specs.Pos, message, hint string) {
	c.e.bad = true
	c.p.errorAt(code, pos, message, hint)
}

func (c *clauses) readAll() {
	for c.more() {
		t := &c.ws[c.at]
		c.at++
		var read clauseReader
		if t.kind == word {
			read = clauseOf(t.upper)
		}
		if read == nil {
			c.fail(codeClause, t.pos(), fmt.Sprintf("%s begins no clause of a data description", describe(t)), hintClause(t))
			c.recover()
			continue
		}
		read(c, t)
	}
}

func hintClause(t *token) string {
	if t.kind == word && strings.ContainsAny(t.upper, "()") || t.is("V") {
		return "a picture has no blanks inside"
	}
	return "check the spelling, and the period that ends the entry before"
}

// recover skips to the next word that begins a clause.
func (c *clauses) recover() {
	for c.more() && (c.ws[c.at].kind != word || !isClauseWord(c.ws[c.at].upper)) {
		c.at++
	}
}

// once reports a clause that is given a second time.
func (c *clauses) once(given bool, t *token) {
	if given {
		c.fail(codeTwice, t.pos(), fmt.Sprintf("the clause %s is given twice", t.upper), "remove one of them")
	}
}

// ref reads a data-name with its qualifiers.
func (c *clauses) ref(what string) *ref {
	t := c.peek()
	if t == nil || t.kind != word || isClauseWord(t.upper) && !isSoftWord(t.upper) {
		c.fail(codeOperand, c.end(), what+" needs a data-name", "")
		return nil
	}
	c.at++
	r := &ref{names: []string{t.upper}, pos: t.pos()}
	for c.accept("OF", "IN") {
		t := c.peek()
		if t == nil || t.kind != word {
			c.fail(codeOperand, c.end(), "OF needs a data-name", "")
			return nil
		}
		c.at++
		r.names = append(r.names, t.upper)
	}
	return r
}

// picture takes the character string and cuts off a clause that is glued to it.
func (c *clauses) picture(t *token) {
	c.once(c.e.picture != nil, t)
	c.accept("IS")
	n := c.peek()
	if n == nil || n.kind != word {
		c.fail(codeOperand, c.end(), "PICTURE needs a character string", "")
		return
	}
	c.e.picture, c.e.picText = n, n.upper
	rs := []rune(n.text)
	if cut := splitPicture(n.upper); cut < len(rs) && cut > 0 && len([]rune(n.upper)) == len(rs) {
		c.e.picText = string([]rune(n.upper)[:cut])
		rest := *n
		rest.text, rest.upper = string(rs[cut:]), string([]rune(n.upper)[cut:])
		if !n.composed {
			rest.col += int32(cut)
		}
		c.ws[c.at] = rest
		return
	}
	c.at++
}

func (c *clauses) redefines(t *token) {
	c.once(c.e.redefines != nil, t)
	c.e.redefines = c.ref("REDEFINES")
}

func (c *clauses) renames(t *token) {
	if c.e.level != 66 {
		c.fail(codeRenames, t.pos(), "RENAMES belongs to level 66", "use REDEFINES, or level 66")
	}
	c.e.renames = c.ref("RENAMES")
	if c.accept("THRU", "THROUGH") {
		c.e.thru = c.ref("THRU")
	}
}

func (c *clauses) sign(t *token) {
	c.once(c.e.sign != nil, t)
	s := &signClause{pos: t.pos()}
	lead := t.is("LEADING")
	if t.is("SIGN") {
		c.accept("IS")
		switch {
		case c.accept("LEADING"):
			lead = true
		case c.accept("TRAILING"):
		default:
			c.fail(codeOperand, c.end(), "SIGN needs LEADING or TRAILING", "")
			return
		}
	}
	separate := c.accept("SEPARATE")
	if separate {
		c.accept("CHARACTER")
	}
	switch {
	case lead && separate:
		s.place = LeadingSeparate
	case lead:
		s.place = Leading
	case separate:
		s.place = TrailingSeparate
	}
	c.e.sign = s
}

func (c *clauses) synchronized(t *token) {
	c.once(c.e.sync != nil, t)
	c.e.sync = t
	c.accept("LEFT", "RIGHT")
}

func (c *clauses) justified(t *token) {
	c.once(c.e.justified != nil, t)
	c.e.justified = t
	if c.accept("LEFT") {
		c.fail(codeUnsupported, t.pos(), "JUSTIFIED LEFT is no clause of Enterprise COBOL", "remove it: text is left-aligned by itself")
	}
	c.accept("RIGHT")
}

func (c *clauses) blank(t *token) {
	c.once(c.e.blank != nil, t)
	c.accept("WHEN")
	if !c.accept("ZERO", "ZEROS", "ZEROES") {
		c.fail(codeOperand, c.end(), "BLANK needs WHEN ZERO", "")
		return
	}
	c.e.blank = t
}

// noEffect takes clauses that do not shape bytes: EXTERNAL, GLOBAL, VOLATILE, ALIGNED, BASED.
func (c *clauses) noEffect(t *token) {
	if t.is("IS") && !c.accept("EXTERNAL", "GLOBAL", "VOLATILE") {
		c.fail(codeClause, t.pos(), "IS begins no clause of a data description", "")
		c.recover()
		return
	}
	if c.accept("AS") {
		if n := c.peek(); n != nil && n.kind == literal {
			c.at++
		}
	}
}

func (c *clauses) groupUsage(t *token) {
	c.accept("IS")
	if c.accept("UTF-8") {
		return // items with PIC U are UTF-8 anyway
	}
	if !c.accept("NATIONAL") {
		c.fail(codeUnsupported, c.end(), "GROUP-USAGE other than NATIONAL and UTF-8 is not supported", "give each item its usage")
		c.recover()
		return
	}
	c.e.national = t
}

func (c *clauses) byteLength(t *token) {
	c.once(c.e.bytes != 0, t)
	c.accept("IS")
	c.e.bytes = c.integer("BYTE-LENGTH")
}

// dateFormat takes the DATE FORMAT clause of the millennium language extensions.
func (c *clauses) dateFormat(t *token) {
	if !c.accept("FORMAT") {
		c.fail(codeClause, t.pos(), "DATE begins no clause of a data description", "check the period that ends the entry before")
		c.recover()
		return
	}
	c.accept("IS")
	if n := c.peek(); n != nil && n.kind == word && !isClauseWord(n.upper) {
		c.at++
	}
}

func (c *clauses) unsupported(t *token) {
	c.fail(codeUnsupported, t.pos(), fmt.Sprintf("%s has no fixed layout and is not supported", t.upper), "describe the bytes of the message with PICTURE, OCCURS and REDEFINES")
	c.recover()
}
