// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// replacement is one operand pair of REPLACING or REPLACE, in text words.
type replacement struct {
	mode     ReplaceMode
	from, to []token
	pos      specs.Pos
	// given is the text of a replacement the caller gave.
	given string
	used  bool
}

// replacements reads the operand pairs up to the period.
func (p *parser) replacements(s *copyStatement) []replacement {
	var out []replacement
	for {
		t := s.peek()
		if t == nil || t.kind == period {
			break
		}
		r := replacement{pos: t.pos()}
		switch {
		case s.accept("LEADING"):
			r.mode = ReplaceLeading
		case s.accept("TRAILING"):
			r.mode = ReplaceTrailing
		}
		var ok bool
		if r.from, ok = s.operand(); !ok {
			return out
		}
		if !s.accept("BY") {
			s.fail(codeReplaceSyntax, "REPLACING needs BY behind its first text", "write ==old== BY ==new==")
			return out
		}
		if r.to, ok = s.operand(); !ok {
			return out
		}
		if p.checkReplacement(&r) {
			out = append(out, r)
		} else {
			s.failed = true
		}
	}
	if len(out) == 0 && !s.failed {
		s.fail(codeReplaceSyntax, "REPLACING needs ==old== BY ==new==", "")
	}
	return out
}

// operand reads pseudo-text, a literal, or a data-name with qualifiers.
func (s *copyStatement) operand() ([]token, bool) {
	t := s.peek()
	if t == nil || t.kind == period || t.is("BY") {
		s.fail(codeReplaceSyntax, "a text is missing here", "write ==old== BY ==new==")
		return nil, false
	}
	begin := s.at
	if t.kind == pseudo {
		for s.at++; s.at < len(s.ws); s.at++ {
			if s.ws[s.at].kind == pseudo {
				s.at++
				return s.ws[begin+1 : s.at-1], true
			}
		}
		s.p.errorAt(codeReplaceSyntax, t.pos(), "the pseudo-text is not closed with ==", "")
		s.failed = true
		return nil, false
	}
	s.at++
	for t.kind == word && s.at < len(s.ws) {
		n := &s.ws[s.at]
		qualifier := (n.is("OF") || n.is("IN")) && s.at+1 < len(s.ws)
		if qualifier {
			s.at += 2
			continue
		}
		if !n.glued || n.kind != word {
			break
		}
		s.at++
	}
	return s.ws[begin:s.at], true
}

func (p *parser) checkReplacement(r *replacement) bool {
	switch {
	case len(r.from) == 0:
		p.errorAt(codeReplaceSyntax, r.pos, "the text to replace is empty", "")
	case r.mode != ReplaceWords && (len(r.from) != 1 || r.from[0].kind != word || len(joinWords(r.to)) > 1):
		p.errorAt(codeReplaceSyntax, r.pos, "LEADING and TRAILING replace a part of one word by one word or nothing", "")
	default:
		return true
	}
	return false
}

// replace carries out replacements on the text words of a book. What was put in is not looked at again.
func (p *parser) replace(in []token, rs []replacement) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in); {
		n := 0
		for k := range rs {
			r := &rs[k]
			if r.mode != ReplaceWords {
				if w, ok := r.part(&in[i]); ok {
					out, n, r.used = putPart(out, w), 1, true
					break
				}
				continue
			}
			if r.matches(in[i:]) {
				n, r.used = len(r.from), true
				out = put(out, in, i, n, r.to)
				break
			}
		}
		if n == 0 {
			out = append(out, in[i])
			n = 1
		}
		i += n
		if len(out) > p.o.Limits.Words {
			p.errorAt(codeWords, rs[0].pos, fmt.Sprintf("replacing makes more than %d words", p.o.Limits.Words), "shorten the text that is put in")
			p.stopped = true
			return nil
		}
	}
	p.reportUnused(rs)
	return out
}

// matches compares whole text words: words without regard to case, literals exactly.
func (r *replacement) matches(in []token) bool {
	if len(in) < len(r.from) {
		return false
	}
	for i := range r.from {
		a, b := &r.from[i], &in[i]
		if a.kind != b.kind || a.upper != b.upper {
			return false
		}
		if a.kind == literal && (a.text != b.text || a.prefix != b.prefix) {
			return false
		}
	}
	return true
}

// put appends the words of to in the place of n words of in at i.
func put(out, in []token, i, n int, to []token) []token {
	at := in[i]
	for k, t := range to {
		t.line, t.col, t.file, t.composed = at.line, at.col, at.file, true
		t.first = false
		if k == 0 {
			t.first, t.glued = at.first, at.glued
		}
		out = append(out, t)
	}
	if len(to) == 0 && i+n < len(in) {
		next := &in[i+n]
		next.first = next.first || at.first
		next.glued = next.glued && at.glued
	}
	return out
}

// part replaces the beginning or the end of one word.
func (r *replacement) part(t *token) (token, bool) {
	if t.kind != word {
		return token{}, false
	}
	from, to := r.from[0].upper, ""
	if len(r.to) > 0 {
		to = joinWords(slices.Clone(r.to))[0].text
	}
	w := *t
	switch {
	case len(t.text) != len(t.upper):
		return token{}, false
	case r.mode == ReplaceLeading && strings.HasPrefix(t.upper, from):
		w.text = to + t.text[len(from):]
	case r.mode == ReplaceTrailing && strings.HasSuffix(t.upper, from):
		w.text = t.text[:len(t.text)-len(from)] + to
	default:
		return token{}, false
	}
	w.upper, w.composed = strings.ToUpper(w.text), true
	return w, true
}

func putPart(out []token, w token) []token {
	if w.text == "" {
		return out
	}
	return append(out, w)
}

func (p *parser) reportUnused(rs []replacement) {
	for i := range rs {
		r := &rs[i]
		if r.used {
			continue
		}
		what := "the text"
		if r.given != "" {
			what = fmt.Sprintf("the text %q of the given replacing", clip(r.given))
		}
		p.warnAt(codeReplaceUnused, r.pos, what+" does not occur in the book", "REPLACING compares whole words; parts of words need LEADING, TRAILING or colons as in :TAG:")
	}
}

// replaceStatements carries out REPLACE ... and REPLACE OFF.
func (p *parser) replaceStatements(in []token) []token {
	out := make([]token, 0, len(in))
	var rs []replacement
	begin := 0
	flush := func(end int) {
		part := in[begin:end]
		if len(rs) > 0 {
			part = p.replace(part, rs)
		}
		out = append(out, part...)
	}
	for i := 0; i < len(in); i++ {
		if !in[i].is("REPLACE") || i > 0 && in[i-1].kind != period {
			continue
		}
		flush(i)
		s := &copyStatement{p: p, ws: in, at: i + 1, begin: &in[i]}
		if rs = nil; !s.accept("OFF") {
			s.accept("ALSO")
			rs = p.replacements(s)
		}
		if t := s.peek(); t != nil && t.kind == period {
			s.at++
		} else if !s.failed {
			s.fail(codeReplaceSyntax, "the REPLACE statement does not end with a period here", "")
			s.skip()
		}
		begin, i = s.at, s.at-1
	}
	flush(len(in))
	return out
}
