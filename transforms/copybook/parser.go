// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"path"
	"strings"

	"lintel/specs"
)

// parser holds what one call of Parse collects.
type parser struct {
	o        Options
	findings specs.Findings
	// errors and warnings count the findings; over is the place of the first that is beyond the limit.
	errors, warnings int
	over             specs.Pos
	entries          []*entry
	// constants are the level 78 names seen so far, by upper-case name.
	constants map[string]*Literal
	book      *Book
	// count is the number of text words read, copied books included.
	count int
	// inIdentification is set behind headers whose paragraphs hold free text.
	inIdentification bool
	// implied is the record of a book that begins at another level than 01.
	implied []*entry
	// byName finds entries with storage; see named.
	byName map[string][]*entry
	// read is the number of bytes of all books.
	read int
	// incomplete is set when a copied book is missing: structure and references are not checked then.
	incomplete bool
	// dropped is set when an entry was dropped: a group without items may have had it.
	dropped bool
	// stopped is set when a limit was passed: the rest is not read.
	stopped bool
}

// entry is one data description entry as written.
type entry struct {
	level int
	name  string
	pos   specs.Pos
	// namePos is the place of the name, or of the level number without one.
	namePos specs.Pos
	comment string

	redefines *ref
	picture   *token
	picText   string
	usage     *usageClause
	sign      *signClause
	occurs    *occursClause
	sync      *token
	justified *token
	blank     *token
	values    []ValueRange
	valuePos  specs.Pos
	whenFalse *Literal
	renames   *ref
	thru      *ref
	bytes     int // BYTE-LENGTH n of PIC U, 0 if absent
	national  *token

	// bad entries have a finding already; what follows from it is not reported.
	bad bool

	// dialect overrides that of the book, nil if it does not.
	dialect *Dialect

	item     *Item
	parent   *entry
	children []*entry
	// conditions and aliases are the level 88 and 66 entries below.
	conditions, aliases []*entry
}

// ref is a data-name with its qualifiers, innermost first.
type ref struct {
	names []string
	pos   specs.Pos
}

func (r *ref) String() string { return strings.Join(r.names, " OF ") }

func (p *parser) errorAt(code string, pos specs.Pos, message, hint string) {
	if p.errors++; p.room(p.errors, pos) {
		p.findings.Add(code, pos, message, hint)
	}
}

func (p *parser) warnAt(code string, pos specs.Pos, message, hint string) {
	if p.warnings++; p.room(p.warnings, pos) {
		p.findings.Warn(code, pos, message, hint)
	}
}

// found counts the findings so far, those beyond the limit too.
func (p *parser) found() int { return p.errors + p.warnings }

// room tells that a finding is within the limit, and notes the place of the first that is not.
func (p *parser) room(number int, pos specs.Pos) bool {
	if number > p.o.Limits.Findings && p.over.Line == 0 {
		p.over = pos
	}
	return number <= p.o.Limits.Findings
}

// leftOut says how many findings are not shown.
func (p *parser) leftOut() {
	p.findings.LeftOut(CodeMore, p.over, max(p.errors-p.o.Limits.Findings, 0), max(p.warnings-p.o.Limits.Findings, 0))
}

// Parse reads one copybook. File is the name for places and, below Options.FS, the folder where COPY looks first. All
// findings are collected; with an error among them the Book is nil.
func Parse(file string, src []byte, o Options) (*Book, specs.Findings) {
	p := &parser{o: o.withDefaults(), constants: map[string]*Literal{}}
	p.book = &Book{File: file, Dialect: p.o.Dialect}
	p.checkOptions(file)
	var words []token
	if !p.stopped {
		words = p.expand(file, src)
	}
	if !p.stopped {
		p.readEntries(joinWords(words))
	}
	if len(p.entries) == 0 && len(p.book.Constants) == 0 && !p.findings.HasErrors() {
		p.errorAt(codeEmpty, specs.Pos{File: file, Line: 1, Column: 1}, "the book holds no data description entry",
			"check that the file is a copybook, and its format")
	}
	if !p.stopped && !p.incomplete {
		p.layout()
	}
	p.leftOut()
	found := withHints(p.findings.Sort())
	if found.HasErrors() {
		return nil, found
	}
	return p.book, found
}

// baseName is the name of a record whose book does not name it: the file's name without folder and extension.
func baseName(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	if ext := path.Ext(base); ext != "" && ext != base {
		base = strings.TrimSuffix(base, ext)
	}
	return strings.ToUpper(base)
}

// readEntries splits the words at periods and reads each entry.
func (p *parser) readEntries(words []token) {
	begin := 0
	for i := range words {
		if words[i].kind != period {
			continue
		}
		if !p.readSentence(words[begin:i]) {
			return
		}
		begin = i + 1
	}
	if begin < len(words) {
		last := &words[len(words)-1]
		if !last.brokenLiteral() {
			p.errorAt(codePeriod, last.pos(), fmt.Sprintf("the last entry does not end with a period after %s", describe(last)), "put a period behind it")
		}
		p.readSentence(words[begin:])
	}
}

// readSentence reads the words up to a period: a header, or an entry. It reports whether reading goes on.
func (p *parser) readSentence(ws []token) bool {
	if len(ws) == 0 {
		return true
	}
	if ws[0].kind != word || !isNumber(ws[0].upper) {
		return p.header(ws)
	}
	for len(ws) > 0 {
		n := p.missingPeriod(ws)
		p.readEntry(ws[:n])
		if p.stopped {
			return false
		}
		ws = ws[n:]
	}
	return true
}

// missingPeriod returns where the entry at the beginning of ws ends: at its end, or before a line that begins with a level
// number and a word, where the period was forgotten.
func (p *parser) missingPeriod(ws []token) int {
	for i := 1; i+1 < len(ws); i++ {
		t := &ws[i]
		if t.kind != word || !isLevelWord(t.upper) || takesNumber(&ws[i-1]) || !beginsEntry(&ws[i+1], t.first) {
			continue
		}
		if ws[i-1].brokenLiteral() {
			return i
		}
		p.errorAt(codePeriod, ws[i-1].pos(), fmt.Sprintf("the period is missing after %s, before the entry with level %s", describe(&ws[i-1]), t.text),
			"end every entry with a period")
		return i
	}
	return len(ws)
}

// beginsEntry reports whether a word behind a level number can be the name of an item, or its picture where the
// number begins a line.
func beginsEntry(t *token, first bool) bool {
	switch {
	case t.kind != word || isNumber(t.upper) || figurative(t.upper) != "" || !isLetter(t.upper[0]) && !strings.ContainsRune("0123456789:", rune(t.upper[0])):
		return false
	case t.is("TIMES") || t.is("TO") || t.is("THRU") || t.is("THROUGH") || t.is("WHEN") || t.is("FALSE") || t.is("SET") || t.is("ALL"):
		return false
	case isClauseWord(t.upper):
		return first && (t.is("PIC") || t.is("PICTURE") || t.is("REDEFINES"))
	}
	return true
}

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' || b >= 0x80 }

// takesNumber reports words that a number may follow on the next line.
func takesNumber(t *token) bool {
	switch t.upper {
	case "OCCURS", "TO", "VALUE", "VALUES", "IS", "ARE", "THRU", "THROUGH", "BYTE-LENGTH", "LIMIT", "PIC", "PICTURE":
		return t.kind == word
	}
	return false
}

func isNumber(w string) bool {
	if w == "" {
		return false
	}
	for i := 0; i < len(w); i++ {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return true
}

func describe(t *token) string {
	if t.kind == literal {
		return "the literal"
	}
	return fmt.Sprintf("%q", clip(t.text))
}

// clip keeps words in messages short.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:37]) + "..."
	}
	return s
}

func (p *parser) readEntry(ws []token) {
	if len(p.entries) >= p.o.Limits.Items {
		p.errorAt(codeItems, ws[0].pos(), fmt.Sprintf("the book has more than %d entries", p.o.Limits.Items), "split the book, or raise the limit of items")
		p.stopped = true
		return
	}
	level := 0
	if len(ws[0].upper) <= 2 {
		for _, d := range ws[0].upper {
			level = level*10 + int(d-'0')
		}
	}
	if !validLevel(level) {
		p.errorAt(codeLevel, ws[0].pos(), fmt.Sprintf("%q is no level number", clip(ws[0].text)), "levels are 01 to 49, 66, 77, 78 and 88")
		p.dropped = true
		return
	}
	e := &entry{level: level, pos: ws[0].pos(), namePos: ws[0].pos(), comment: p.commentAbove(&ws[0])}
	c := &clauses{p: p, e: e, ws: ws[1:]}
	c.dataName()
	if level == 78 || c.isConstant() {
		c.constant()
		return
	}
	c.readAll()
	p.entries = append(p.entries, e)
}

// commentAbove joins the comment lines directly above a word.
func (p *parser) commentAbove(t *token) string {
	var lines []string
	for n := t.line - 1; n > 0; n-- {
		text, ok := t.file.comments[n]
		if !ok {
			break
		}
		if text != "" {
			lines = append([]string{text}, lines...)
		}
	}
	return strings.Join(lines, "\n")
}
