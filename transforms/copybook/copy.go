// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"lintel/specs"
)

// copyStatement is COPY name OF library SUPPRESS REPLACING ... as written.
type copyStatement struct {
	p        *parser
	ws       []token
	at       int
	begin    *token
	noPeriod bool

	name, library string
	namePos       specs.Pos
	replacing     []replacement
	failed        bool
}

func (s *copyStatement) peek() *token {
	if s.at < len(s.ws) {
		return &s.ws[s.at]
	}
	return nil
}

func (s *copyStatement) accept(w string) bool {
	if t := s.peek(); t != nil && t.is(w) {
		s.at++
		return true
	}
	return false
}

func (s *copyStatement) fail(code string, message, hint string) {
	pos := s.begin.pos()
	if t := s.peek(); t != nil {
		pos = t.pos()
	}
	s.p.errorAt(code, pos, message, hint)
	s.failed = true
}

// read reads the statement behind the word COPY and leaves at behind its period.
func (s *copyStatement) read() {
	s.name, s.namePos = s.text()
	if s.name == "" {
		s.fail(codeCopySyntax, "COPY needs the name of a book", "")
		s.skip()
		return
	}
	if s.accept("OF") || s.accept("IN") {
		if s.library, _ = s.text(); s.library == "" {
			s.fail(codeCopySyntax, "OF needs the name of a library", "")
		}
	}
	if s.accept("SUPPRESS") {
		s.accept("PRINTING")
	}
	if s.accept("REPLACING") {
		s.replacing = s.p.replacements(s)
	}
	t := s.peek()
	switch {
	case s.failed:
		s.skip()
	case s.noPeriod:
	case t != nil && t.kind == period:
		s.at++
	case s.begin.is("++INCLUDE"):
	default:
		s.fail(codeCopySyntax, "the COPY statement does not end with a period here", "put a period behind the name, or REPLACING")
		s.skip()
	}
}

// skip goes on behind the next period, or before the next line, whichever comes first.
func (s *copyStatement) skip() {
	for s.at < len(s.ws) {
		t := &s.ws[s.at]
		if t.kind == period {
			s.at++
			return
		}
		if t.first && t.line > s.begin.line && isLevelWord(t.upper) {
			return
		}
		s.at++
	}
}

// text takes a name: a literal, or a word with the pieces glued to it.
func (s *copyStatement) text() (string, specs.Pos) {
	t := s.peek()
	if t == nil || t.kind != word && t.kind != literal {
		return "", s.begin.pos()
	}
	pos, text := t.pos(), t.text
	for s.at++; t.kind == word && s.at < len(s.ws) && s.ws[s.at].glued && s.ws[s.at].kind == word; s.at++ {
		text += s.ws[s.at].text
	}
	return text, pos
}

// extensions are tried behind a name in this order.
func extensions() []string {
	return []string{"", ".cpy", ".CPY", ".cbl", ".CBL", ".copy", ".COPY", ".cob", ".COB"}
}

// folders lists where a book is looked for: beside the book that copies it, then along the search path.
func (p *parser) folders(c *chain, library string) []string {
	var out []string
	base := append([]string{path.Dir(c.name)}, p.o.SearchPath...)
	for _, dir := range base {
		dir = path.Clean(strings.ReplaceAll(dir, `\`, "/"))
		if library != "" {
			for _, lib := range spellings(library) {
				out = append(out, path.Join(dir, lib))
			}
		}
		out = append(out, dir)
	}
	return out
}

// spellings gives a name as written, in lower case and in upper case.
func spellings(name string) []string {
	out := []string{name}
	for _, s := range []string{strings.ToLower(name), strings.ToUpper(name)} {
		if s != out[0] && s != out[len(out)-1] {
			out = append(out, s)
		}
	}
	return out
}

// find looks for a book and reads it.
func (p *parser) find(s *copyStatement, c *chain) (string, []byte, bool) {
	if p.o.FS == nil {
		p.errorAt(codeCopyNotFound, s.namePos, fmt.Sprintf("the book %s cannot be copied: there is no folder to look in", s.name), "give a search path for copybooks")
		return "", nil, false
	}
	name := strings.ReplaceAll(s.name, `\`, "/")
	for _, dir := range p.folders(c, s.library) {
		for _, spelled := range spellings(name) {
			for _, ext := range extensions() {
				full := path.Join(dir, spelled+ext)
				if !fs.ValidPath(full) || full == "." {
					continue
				}
				src, err := p.readFile(full)
				switch {
				case err == nil:
					return full, src, true
				case errors.Is(err, errTooLarge):
					p.errorAt(codeFileSize, s.namePos, fmt.Sprintf("the book %s is larger than the limit", full), "raise the limit of file size")
					return "", nil, false
				case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, errFolder):
					p.errorAt(codeCopyRead, s.namePos, fmt.Sprintf("the book %s cannot be read", full), "check the file and its permissions")
					return "", nil, false
				}
			}
		}
	}
	p.errorAt(codeCopyNotFound, s.namePos, fmt.Sprintf("the book %s was not found", s.name),
		"looked in "+strings.Join(p.folders(c, s.library), ", ")+"; names are tried as written, in lower and upper case, with .cpy, .cbl, .copy and .cob")
	return "", nil, false
}

var (
	errTooLarge = errors.New("copybook: the file is too large")
	errFolder   = errors.New("copybook: the name is a folder")
)

// readFile reads a file up to the limit.
func (p *parser) readFile(name string) ([]byte, error) {
	f, err := p.o.FS.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return nil, errFolder
	}
	src, err := io.ReadAll(io.LimitReader(f, int64(p.o.Limits.FileSize)+1))
	if err != nil {
		return nil, err
	}
	if len(src) > p.o.Limits.FileSize {
		return nil, errTooLarge
	}
	return src, nil
}
