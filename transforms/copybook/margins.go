// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"strings"

	"lintel/specs"
)

// file is one book on its way through the reader: the root or a copied one.
type file struct {
	name string
	// open holds the places of literals that were not closed.
	open map[[2]int32]bool
	// comments holds the text of comment lines by line number.
	comments map[int32]string
}

func (f *file) broken(c cell) {
	if f.open == nil {
		f.open = map[[2]int32]bool{}
	}
	f.open[[2]int32{c.line, c.col}] = true
}

// brokenLiteral reports a literal that was not closed: what follows it is not reported.
func (t *token) brokenLiteral() bool {
	return t.kind == literal && t.file.open[[2]int32{t.line, t.col}]
}

// cutter joins the text areas of lines into one stream of cells.
type cutter struct {
	p     *parser
	f     *file
	form  Format
	auto  bool
	cells []cell
	// quote is the delimiter of the literal that is open at the end of the line, and where it began.
	quote rune
	open  cell
	// closedAtMargin: the last line ended with the closing quote of a literal in its last column.
	closedAtMargin bool
}

// cut gives the program text of a file: no margins, comments or directives, continuations joined.
func (p *parser) cut(f *file, lines []line) []cell {
	c := &cutter{p: p, f: f, form: p.o.Format}
	if c.form == Auto {
		c.form, c.auto = p.detectFormat(f, lines), true
	}
	for i := range lines {
		c.line(&lines[i])
	}
	c.closeLiteral()
	return c.cells
}

func (c *cutter) pos(l *line, col int) specs.Pos {
	return specs.Pos{File: c.f.name, Line: int(l.no), Column: int(l.column(col))}
}

func (c *cutter) line(l *line) {
	if form, ok := formatDirective(string(l.runes)); ok {
		c.closeLiteral()
		c.form = form
		return
	}
	if c.form == Free {
		c.freeLine(l)
		return
	}
	c.fixedLine(l)
}

func (c *cutter) freeLine(l *line) {
	at := l.first(1)
	if at == 0 {
		return
	}
	text := string(l.runes[at-1:])
	// A line that begins with * can be no data description: books made for fixed form keep such comments.
	if text[0] == '*' && !isListing(text) || text[0] == '/' {
		c.comment(l, text)
		return
	}
	if c.directive(l, at, text) {
		return
	}
	c.append(l, at, len(l.runes))
	c.closeLiteral()
}

func isListing(text string) bool { return directiveOf(text) == skipLine }

func (c *cutter) fixedLine(l *line) {
	left, right := c.p.o.LeftMargin, c.p.o.RightMargin
	at := l.first(left)
	if at == 0 || at > right {
		c.checkAreas(l)
		return
	}
	ind := l.at(left)
	text := string(l.slice(left, right))
	switch ind {
	case '*', '/':
		if !isListing(text) {
			c.comment(l, text[1:])
		}
		return
	case '$', '>':
		if c.directive(l, left, text) {
			return
		}
	case '-':
		c.continuation(l)
		return
	case ' ':
		if c.directive(l, at, strings.TrimLeft(text, " ")) {
			return
		}
	case 'D', 'd':
		c.debugging(l, left)
		return
	default:
		c.p.errorAt(codeIndicator, c.pos(l, left), "the indicator column holds "+describeRune(ind)+", which is no indicator",
			"if the book is shifted or has no sequence area, set the left margin or free format")
		c.p.incomplete = true
		return
	}
	c.checkAreas(l)
	c.closeLiteral()
	c.append(l, left+1, right)
}

// debugging skips a line with indicator D: it is a comment unless the program says WITH DEBUGGING MODE.
func (c *cutter) debugging(l *line, col int) {
	c.p.warnAt(codeDebugLine, c.pos(l, col), "the debugging line is taken as a comment",
		"put a blank into the indicator column if the line belongs to the record")
}

// directive handles a line that is a directive; it reports whether it was one.
func (c *cutter) directive(l *line, at int, text string) bool {
	switch directiveOf(text) {
	case skipLine:
	case refuseLine:
		c.p.errorAt(codeConditional, c.pos(l, at), "conditional compilation is not carried out",
			"keep the lines that apply to this host and remove the directives")
	case debugLine:
		c.debugging(l, at)
	default:
		return false
	}
	return true
}

func (c *cutter) comment(l *line, text string) {
	text = strings.TrimSpace(strings.Trim(strings.TrimSpace(text), "*>/-=#+|_~"))
	if c.f.comments == nil {
		c.f.comments = map[int32]string{}
	}
	c.f.comments[l.no] = text
}

// append adds the visual columns from..to of a line. In fixed form an open literal reaches to the right margin.
func (c *cutter) append(l *line, from, to int) {
	c.cells = append(c.cells, cell{'\n', l.no, l.column(from)})
	c.add(l, from, to)
}

func (c *cutter) add(l *line, from, to int) {
	end := min(to, len(l.runes))
	c.closedAtMargin = false
	for col := from; col <= end; col++ {
		r := l.runes[col-1]
		if c.quote == 0 && r == '*' && l.at(col+1) == '>' && (col == from || l.at(col-1) == ' ') {
			c.inlineComment(l, col)
			return
		}
		here := cell{r, l.no, l.column(col)}
		switch {
		case c.quote == 0 && (r == '\'' || r == '"'):
			if !c.doubled(r, here) {
				c.open = here
			}
			c.quote = r
		case c.quote != 0 && r == ' ' && wideBlank(l.raw[here.col-1]):
			here.r = l.raw[here.col-1]
		case r == c.quote:
			c.quote = 0
			c.closedAtMargin = c.form != Free && col == to
		}
		c.cells = append(c.cells, here)
	}
	if c.quote != 0 && c.form != Free {
		for col := end + 1; col <= to; col++ {
			c.cells = append(c.cells, cell{' ', l.no, l.column(col)})
		}
	}
}

// doubled reports a quote directly behind a closing one: both are one character of the literal that is open.
func (c *cutter) doubled(r rune, here cell) bool {
	n := len(c.cells)
	return n > 0 && c.open.r == r && c.cells[n-1].r == r && c.cells[n-1].line == here.line && c.cells[n-1] != c.open
}

// inlineComment keeps an inline comment that stands alone on its line.
func (c *cutter) inlineComment(l *line, col int) {
	if l.first(1) == col {
		c.comment(l, string(l.runes[col-1:]))
	}
}

// closeLiteral reports a literal that no continuation went on with, and closes it.
func (c *cutter) closeLiteral() {
	if c.quote == 0 {
		return
	}
	c.p.errorAt(codeOpenLiteral, specs.Pos{File: c.f.name, Line: int(c.open.line), Column: int(c.open.col)},
		"the literal is not closed on its line", "close the quote, or continue the literal with - in the indicator column")
	c.f.broken(c.open)
	n := len(c.cells)
	c.cells = append(c.cells, cell{c.quote, c.cells[n-1].line, c.cells[n-1].col})
	c.quote = 0
}

// continuation joins a line with - in the indicator column to the text before it.
func (c *cutter) continuation(l *line) {
	left, right := c.p.o.LeftMargin, c.p.o.RightMargin
	at := l.first(left + 1)
	if at == 0 || at > right {
		c.p.errorAt(codeContinuation, c.pos(l, left), "the continuation line is empty", "remove the line")
		return
	}
	c.checkAreas(l)
	r := l.at(at)
	switch {
	case c.quote != 0:
		if r != c.quote {
			c.p.errorAt(codeContinuation, c.pos(l, at), "a continued literal must go on with its quote character",
				"put the quote that opened the literal in front of the continuation")
			break
		}
		at++
	case c.closedAtMargin && len(c.cells) > 0 && r == c.cells[len(c.cells)-1].r && l.at(at+1) == r:
		// A quote in the last column and two on the continuation are one quote character within the literal.
		c.quote = r
		c.cells = append(c.cells, cell{r, l.no, l.column(at)})
		at += 2
	default:
		for n := len(c.cells); n > 0 && (c.cells[n-1].r == ' ' || c.cells[n-1].r == '\n'); n-- {
			c.cells = c.cells[:n-1]
		}
	}
	c.add(l, at, right)
}
