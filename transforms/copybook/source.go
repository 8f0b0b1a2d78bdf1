// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"lintel/specs"
)

// cell is one character of the program text with its place in the file. Line ends are cells too.
type cell struct {
	r         rune
	line, col int32
}

// line is one physical line: its characters with tabs spread out, and the column each came from.
type line struct {
	runes []rune
	cols  []int32
	no    int32
	// raw is the characters before tabs were spread.
	raw []rune
}

// at returns the character in visual column c (from 1), a blank behind the end.
func (l *line) at(c int) rune {
	if c < 1 || c > len(l.runes) {
		return ' '
	}
	return l.runes[c-1]
}

// column maps a visual column to the column in the file.
func (l *line) column(c int) int32 {
	if c >= 1 && c <= len(l.cols) {
		return l.cols[c-1]
	}
	return int32(len(l.raw)) + 1
}

// first returns the visual column of the first non-blank at or behind from, or 0.
func (l *line) first(from int) int {
	for c := max(from, 1); c <= len(l.runes); c++ {
		if l.runes[c-1] != ' ' {
			return c
		}
	}
	return 0
}

// slice returns the text of the visual columns from to to, both included.
func (l *line) slice(from, to int) []rune {
	from, to = max(from, 1), min(to, len(l.runes))
	if from > to {
		return nil
	}
	return l.runes[from-1 : to]
}

// decodeText turns the bytes of a file into characters. A byte that is no UTF-8 is taken as ISO 8859-1; the
// second result is the index of the first of these, or -1.
func decodeText(src []byte) ([]rune, int) {
	switch {
	case bytes.HasPrefix(src, []byte("\xef\xbb\xbf")):
		src = src[3:]
	case bytes.HasPrefix(src, []byte("\xff\xfe")):
		return decodeUTF16(src[2:], true), -1
	case bytes.HasPrefix(src, []byte("\xfe\xff")):
		return decodeUTF16(src[2:], false), -1
	}
	out := make([]rune, 0, len(src))
	bad := -1
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		if r == utf8.RuneError && n == 1 {
			r = rune(src[0])
			if bad < 0 {
				bad = len(out)
			}
		}
		out = append(out, r)
		src = src[n:]
	}
	return out, bad
}

func decodeUTF16(src []byte, little bool) []rune {
	units := make([]uint16, 0, len(src)/2)
	for ; len(src) >= 2; src = src[2:] {
		if little {
			units = append(units, uint16(src[0])|uint16(src[1])<<8)
		} else {
			units = append(units, uint16(src[1])|uint16(src[0])<<8)
		}
	}
	return utf16.Decode(units)
}

// cardLength is the length of the lines of a text that has no line ends: 80-column records.
const cardLength = 80

// span is a line of the text, line end not included.
type span struct{ from, to int }

// splitLines cuts the text at LF, CR, CRLF, NEL and CR NEL (what X'0D15' becomes). A text without any line end whose
// length is a multiple of 80 is cut into cards.
func splitLines(text []rune) []span {
	var lines []span
	begin := 0
	for i := 0; i < len(text); i++ {
		r := text[i]
		if r != '\n' && r != '\r' && r != '\u0085' {
			continue
		}
		lines = append(lines, span{begin, i})
		if r == '\r' && i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\u0085') {
			i++
		}
		begin = i + 1
	}
	rest := len(text) - begin
	if len(lines) == 0 && rest > cardLength && rest%cardLength == 0 {
		for ; begin < len(text); begin += cardLength {
			lines = append(lines, span{begin, begin + cardLength})
		}
		return lines
	}
	if rest > 0 {
		lines = append(lines, span{begin, len(text)})
	}
	return lines
}

// tabStop is the distance of tab stops, as GnuCOBOL and most editors have it.
const tabStop = 8

// spread makes a line of its characters: a tab goes to the next multiple of 8 columns, a no-break space is a
// blank, form feeds and a tail of NULs are blanks too.
func spread(no int, text []rune) line {
	l := line{no: int32(no), raw: text, runes: make([]rune, 0, len(text)), cols: make([]int32, 0, len(text))}
	for len(text) > 0 && text[len(text)-1] == 0 {
		text = text[:len(text)-1]
	}
	for i, r := range text {
		switch r {
		case '\t':
			for {
				l.runes = append(l.runes, ' ')
				l.cols = append(l.cols, int32(i)+1)
				if len(l.runes)%tabStop == 0 {
					break
				}
			}
			continue
		case '\f', '\v':
			r = ' '
		default:
			if wideBlank(r) {
				r = ' '
			}
		}
		l.runes = append(l.runes, r)
		l.cols = append(l.cols, int32(i)+1)
	}
	return l
}

// wideBlank reports blanks that are no U+0020; literals keep them.
func wideBlank(r rune) bool {
	return r == '\u00a0' || r == '\u2007' || r == '\u202f' || r == '\u3000'
}

// looksEBCDIC reports a text that was not decoded: many X'40' and no ASCII blanks.
func looksEBCDIC(src []byte) bool {
	if len(src) < 8 {
		return false
	}
	blanks, at := bytes.Count(src, []byte{' '}), bytes.Count(src, []byte{0x40})
	return at > len(src)/10 && blanks < len(src)/100+1
}

// readLines decodes a file and cuts it into lines; on an error nothing is returned.
func (p *parser) readLines(f *file, src []byte) []line {
	begin := specs.Pos{File: f.name, Line: 1, Column: 1}
	if len(src) > p.o.Limits.FileSize {
		p.errorAt(codeFileSize, begin, "the book is larger than the limit", "raise the limit of file size, or copy only the record that is needed")
		return nil
	}
	if p.o.Decode != nil {
		out, err := p.o.Decode(src)
		if err != nil {
			p.errorAt(codeDecode, begin, "the book is not text in the given encoding: "+err.Error(), "check the encoding that is set for copybooks")
			return nil
		}
		src = out
	} else if looksEBCDIC(src) {
		p.errorAt(codeNotText, begin, "the book looks like EBCDIC, not like ASCII text", "set the encoding of the copybook, for example cp037")
		return nil
	}
	text, bad := decodeText(src)
	spans := splitLines(text)
	lines := make([]line, 0, len(spans))
	for i, s := range spans {
		if bad >= s.from && bad < s.to {
			p.warnAt(codeNotUTF8, specs.Pos{File: f.name, Line: i + 1, Column: bad - s.from + 1},
				"the character is not UTF-8; it was read as ISO 8859-1", "save the book as UTF-8 if literals hold such characters")
		}
		r := text[s.from:s.to]
		if end := indexRune(r, '\x1a'); end >= 0 {
			p.afterEnd(f, text, spans[i:], i, end)
			return append(lines, spread(i+1, r[:end]))
		}
		lines = append(lines, spread(i+1, r))
	}
	return lines
}

// afterEnd refuses text behind Ctrl-Z, the old mark of the end of a file.
func (p *parser) afterEnd(f *file, text []rune, spans []span, first, end int) {
	for n, s := range spans {
		from := s.from
		if n == 0 {
			from += end
		}
		for i, ch := range text[from:s.to] {
			if ch > ' ' && ch != '\u00a0' {
				p.errorAt(codeAfterEnd, specs.Pos{File: f.name, Line: first + n + 1, Column: from - s.from + i + 1},
					"there is text behind the end-of-file mark (Ctrl-Z)", "remove the mark or what follows it")
				return
			}
		}
	}
}

func indexRune(text []rune, want rune) int {
	for i, r := range text {
		if r == want {
			return i
		}
	}
	return -1
}
