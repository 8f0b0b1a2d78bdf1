// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"

	"lintel/specs"
)

// chain is the books that are being copied, innermost first.
type chain struct {
	name  string
	depth int
	up    *chain
}

func (c *chain) holds(name string) bool {
	for ; c != nil; c = c.up {
		if c.name == name {
			return true
		}
	}
	return false
}

// expand reads the root book and carries out COPY and replacing; the result is the text words of the whole.
func (p *parser) expand(name string, src []byte) []token {
	f := &file{name: name}
	words := p.words(f, src, &chain{name: name})
	if p.stopped {
		return nil
	}
	if rs := p.givenReplacements(name); len(rs) > 0 {
		words = p.replace(words, rs)
	}
	return p.replaceStatements(words)
}

// maxBooks bounds what all copied books may hold together, in full books.
const maxBooks = 32

// words gives the text words of one book with its COPY statements carried out.
func (p *parser) words(f *file, src []byte, c *chain) []token {
	if p.read += len(src); p.read > maxBooks*p.o.Limits.FileSize {
		p.errorAt(codeFileSize, specs.Pos{File: f.name, Line: 1, Column: 1}, "the book and what it copies are larger than the limit", "check for books that copy each other many times, or raise the limit of file size")
		p.stopped = true
		return nil
	}
	own := p.lex(f, p.cut(f, p.readLines(f, src)))
	if p.count += len(own); p.count > p.o.Limits.Words {
		p.errorAt(codeWords, specs.Pos{File: f.name, Line: 1, Column: 1}, fmt.Sprintf("the book and what it copies hold more than %d words", p.o.Limits.Words),
			"check for books that copy each other many times, or raise the limit of words")
		p.stopped = true
		return nil
	}
	return p.copies(own, c)
}

// givenReplacements reads the replacing given by the caller.
func (p *parser) givenReplacements(name string) []replacement {
	var out []replacement
	for _, g := range p.o.Replacing {
		r := replacement{mode: g.Mode, pos: specs.Pos{File: name, Line: 1, Column: 1}, given: g.From}
		r.from, r.to = p.pseudoText(name, g.From), p.pseudoText(name, g.To)
		if p.checkReplacement(&r) {
			out = append(out, r)
		}
	}
	return out
}

// pseudoText makes text words of a text given by the caller.
func (p *parser) pseudoText(name, text string) []token {
	f := &file{name: name}
	cells := make([]cell, 0, len(text))
	for _, r := range text {
		if r == '\n' || r == '\t' {
			r = ' '
		}
		cells = append(cells, cell{r, 1, 1})
	}
	return p.lex(f, cells)
}

// copies carries out the COPY statements among the words of one book.
func (p *parser) copies(in []token, c *chain) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in) && !p.stopped; {
		t := &in[i]
		switch {
		case t.is("COPY") && !t.glued, t.is("++INCLUDE"):
			s := &copyStatement{p: p, ws: in, at: i + 1, begin: t}
			s.read()
			out = append(out, p.copyBook(s, c)...)
			i = s.at
		case t.is("EXEC") && i+1 < len(in) && (in[i+1].is("SQL") || in[i+1].is("CICS")):
			var copied []token
			copied, i = p.embedded(in, i, c)
			out = append(out, copied...)
		default:
			out = append(out, *t)
			i++
		}
	}
	return out
}

// embedded takes EXEC SQL ... END-EXEC: INCLUDE copies a book, declarations are skipped. It returns the index behind.
func (p *parser) embedded(in []token, i int, c *chain) ([]token, int) {
	begin := &in[i]
	end := i
	for end < len(in) && !in[end].is("END-EXEC") {
		end++
	}
	if end == len(in) {
		p.errorAt(codeCopySyntax, begin.pos(), "EXEC has no END-EXEC", "")
		return nil, end
	}
	next := end + 1
	if next < len(in) && in[next].kind == period {
		next++
	}
	verb := ""
	if i+2 < end {
		verb = in[i+2].upper
	}
	switch verb {
	case "INCLUDE":
		s := &copyStatement{p: p, ws: in[:end], at: i + 3, begin: begin, noPeriod: true}
		s.read()
		return p.copyBook(s, c), next
	case "DECLARE", "BEGIN", "END", "WHENEVER":
	default:
		p.errorAt(codeUnsupported, begin.pos(), fmt.Sprintf("EXEC %s %s describes no data", in[i+1].upper, clip(verb)), "keep only the data descriptions in the copybook")
	}
	return nil, next
}

// copyBook reads the book a statement names and returns its words, replaced.
func (p *parser) copyBook(s *copyStatement, c *chain) []token {
	if s.failed {
		p.incomplete = true
		return nil
	}
	if c.depth+1 > p.o.Limits.CopyDepth {
		p.errorAt(codeCopyDepth, s.namePos, fmt.Sprintf("COPY is nested deeper than %d books", p.o.Limits.CopyDepth), "raise the limit of copy depth if that is meant")
		p.incomplete = true
		return nil
	}
	name, src, ok := p.find(s, c)
	if !ok {
		p.incomplete = true
		return nil
	}
	if c.holds(name) {
		p.incomplete = true
		p.errorAt(codeCopyCycle, s.namePos, fmt.Sprintf("the book %s copies itself", name), "remove the COPY that closes the circle")
		return nil
	}
	f := &file{name: name}
	words := p.words(f, src, &chain{name: name, depth: c.depth + 1, up: c})
	if len(s.replacing) > 0 {
		words = p.replace(words, s.replacing)
	}
	if len(words) > 0 {
		words[0].first, words[0].glued = true, false
	}
	return words
}
