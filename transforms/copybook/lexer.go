// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"strings"
	"unicode/utf8"

	"lintel/specs"
)

// kind is the kind of a token.
type kind uint8

const (
	word kind = iota
	// literal has its content in text and the letters before the quote in prefix.
	literal
	period
	// pseudo is the delimiter ==.
	pseudo
)

// token is one text word.
type token struct {
	kind kind
	// glued: no separator stands between this token and the one before.
	glued bool
	// first: it is the first of its line.
	first bool
	// composed: it was put together of pieces that do not stand side by side in the file.
	composed bool
	// quote is the delimiter of a literal.
	quote byte
	line  int32
	col   int32
	file  *file
	// text is the word as written, or the content of a literal; upper is the word in upper case.
	text, upper string
	prefix      string
}

func (t *token) pos() specs.Pos {
	return specs.Pos{File: t.file.name, Line: int(t.line), Column: int(t.col)}
}

// is reports whether the token is the word w, which is in upper case.
func (t *token) is(w string) bool { return t.kind == word && t.upper == w }

// lexer makes text words of cells. Parentheses and colons are words of their own, as COPY REPLACING wants them;
// joinWords puts the pieces together afterwards.
type lexer struct {
	p     *parser
	f     *file
	cells []cell
	at    int
	out   []token
}

func (p *parser) lex(f *file, cells []cell) []token {
	x := &lexer{p: p, f: f, cells: cells}
	first, glued := true, false
	for x.at < len(cells) {
		c := cells[x.at]
		switch {
		case c.r == '\n':
			first, glued = true, false
			x.at++
			continue
		case c.r == ' ':
			glued = false
			x.at++
			continue
		case (c.r == ',' || c.r == ';') && x.separates(x.at+1):
			glued = false
			x.at++
			continue
		}
		n := len(x.out)
		x.token(c)
		if len(x.out) > n {
			x.out[n].first, x.out[n].glued = first, glued
		}
		first, glued = false, true
	}
	return x.out
}

func (x *lexer) peek(i int) rune {
	if i < len(x.cells) {
		return x.cells[i].r
	}
	return '\n'
}

// separates reports whether the cell at i ends a word in front of it: a blank, a line end, or a quote.
func (x *lexer) separates(i int) bool {
	switch x.peek(i) {
	case ' ', '\n', '\'', '"':
		return true
	}
	return false
}

func (x *lexer) token(c cell) {
	switch {
	case c.r == '\'' || c.r == '"':
		x.literal(c, "")
	case c.r == '=' && x.peek(x.at+1) == '=':
		x.emit(token{kind: pseudo, text: "==", upper: "==", line: c.line, col: c.col})
		x.at += 2
	case c.r == '.' && x.endsEntry(x.at+1):
		x.emit(token{kind: period, text: ".", upper: ".", line: c.line, col: c.col})
		x.at++
	case c.r == '(' || c.r == ')' || c.r == ':':
		x.emit(token{text: string(c.r), upper: string(c.r), line: c.line, col: c.col})
		x.at++
	default:
		x.word(c)
	}
}

// endsEntry: a point ends an entry before a blank, a line end or the end of pseudo-text.
func (x *lexer) endsEntry(i int) bool {
	r := x.peek(i)
	return r == ' ' || r == '\n' || r == '=' && x.peek(i+1) == '='
}

func (x *lexer) emit(t token) {
	t.file = x.f
	x.out = append(x.out, t)
}

func (x *lexer) word(c cell) {
	var b strings.Builder
	for x.at < len(x.cells) {
		r := x.cells[x.at].r
		stop := false
		switch r {
		case ' ', '\n', '(', ')', ':', '\'', '"':
			stop = true
		case '=':
			stop = x.peek(x.at+1) == '='
		case '.':
			stop = x.endsEntry(x.at + 1)
		case ',', ';':
			stop = x.separates(x.at + 1)
		}
		if stop {
			break
		}
		if r < ' ' || r == 0x7f {
			x.p.errorAt(codeCharacter, specs.Pos{File: x.f.name, Line: int(x.cells[x.at].line), Column: int(x.cells[x.at].col)},
				"the control character "+describeRune(r)+" has no place in a copybook", "remove it; if the whole book looks like that, set its encoding")
			r = '-'
		}
		b.WriteRune(r)
		x.at++
	}
	text := b.String()
	if text == "" {
		x.at++
		return
	}
	upper := strings.ToUpper(text)
	if r := x.peek(x.at); (r == '\'' || r == '"') && isLiteralPrefix(upper) {
		x.literal(c, upper)
		return
	}
	x.emit(token{text: text, upper: upper, line: c.line, col: c.col})
}

func isLiteralPrefix(w string) bool {
	switch w {
	case "X", "N", "NX", "G", "GX", "Z", "U", "UX", "B", "BX", "H":
		return true
	}
	return false
}

// literal reads a literal whose opening quote is the present cell; a doubled quote is one character.
func (x *lexer) literal(begin cell, prefix string) {
	quote := x.cells[x.at].r
	x.at++
	var b strings.Builder
	for x.at < len(x.cells) {
		r := x.cells[x.at].r
		x.at++
		if r == quote {
			if x.peek(x.at) != quote {
				break
			}
			x.at++
		}
		if r != '\n' {
			b.WriteRune(r)
		}
	}
	x.emit(token{kind: literal, text: b.String(), prefix: prefix, quote: byte(quote), line: begin.line, col: begin.col})
}

// joinWords puts glued words together again: ":" "TAG" ":" "-NAME" is one word, and so is a picture with its parentheses.
func joinWords(in []token) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in); {
		t := in[i]
		if n := len(out); n > 1 && t.kind == literal && t.first && out[n-1].is("-") && out[n-1].glued && out[n-2].kind == literal {
			// Free form continues a literal with a hyphen behind its closing quote.
			out[n-2].text += t.text
			out = out[:n-1]
			i++
			continue
		}
		end := i + 1
		for t.kind == word && end < len(in) && in[end].kind == word && in[end].glued {
			end++
		}
		if end > i+1 {
			t = joined(in[i:end])
		}
		out = append(out, t)
		i = end
	}
	return out
}

// joined makes one word of glued ones.
func joined(ws []token) token {
	t := ws[0]
	var text, upper strings.Builder
	width := int32(0)
	for i := range ws {
		w := &ws[i]
		if w.line != t.line || w.file != t.file || w.col != t.col+width || w.composed {
			t.composed = true
		}
		width += int32(utf8.RuneCountInString(w.text))
		text.WriteString(w.text)
		upper.WriteString(w.upper)
	}
	t.text, t.upper = text.String(), upper.String()
	return t
}
