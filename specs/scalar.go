// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// At returns the place in the file of a byte offset in Text: right for plain, quoted and block
// scalars. An offset outside Text gives the nearest place.
func (n *Node) At(offset int) Pos {
	if n == nil {
		return Pos{}
	}
	offset = min(max(offset, 0), len(n.Text))
	i, found := slices.BinarySearchFunc(n.lines, offset, func(l linePos, o int) int { return l.offset - o })
	if !found {
		i--
	}
	if i < 0 {
		return n.Pos
	}
	seg := n.lines[i]
	return Pos{File: n.Pos.File, Line: seg.line, Column: seg.column + utf8.RuneCountInString(n.Text[seg.offset:offset])}
}

// tracer walks a scalar's Text and its source side by side and notes where they part: at escapes,
// folded lines and indentation. Between two notes they run in step, character by character.
type tracer struct {
	lines [][]byte
	line  int // index into lines
	col   int // bytes into the line
	text  string
	pos   int   // bytes into text
	ends  []int // where the content of each line ends, in bytes
	out   []linePos
	// The characters in front of a column that was noted before, so that long lines are counted once.
	countedLine, countedCol, counted int
}

// segments notes for a scalar where the pieces of its text stand.
func (p *yamlReader) segments(y *yaml.Node) []linePos {
	if y.Line < 1 || y.Line > len(p.lines) {
		return nil
	}
	t := &tracer{lines: p.lines, ends: p.ends, line: y.Line - 1, text: y.Value}
	t.col = p.byteColumn(y.Line-1, y.Column)
	t.countedLine, t.countedCol, t.counted = t.line, t.col, p.cursor.column-1
	t.skipProperties()
	switch {
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		t.block()
	case y.Style&yaml.SingleQuotedStyle != 0:
		t.col++
		t.flow('\'')
	case y.Style&yaml.DoubleQuotedStyle != 0:
		t.col++
		t.flow('"')
	default:
		t.flow(0)
	}
	return t.out
}

// cursor is the place that was looked up last. Scalars come in the order of the document, so that a
// long line is walked only once.
type cursor struct{ line, column, offset int }

// byteColumn turns a column in characters, from 1, into a byte offset in the line.
func (p *yamlReader) byteColumn(line, column int) int {
	c := &p.cursor
	if c.line != line || c.column > column {
		*c = cursor{line: line, column: 1}
	}
	text := p.lines[line]
	for c.column < column && c.offset < len(text) {
		_, n := utf8.DecodeRune(text[c.offset:])
		c.offset += n
		c.column++
	}
	return c.offset
}

// skipProperties steps over an anchor or tag in front of the scalar.
func (t *tracer) skipProperties() {
	for {
		rest := t.rest()
		if len(rest) == 0 || rest[0] != '&' && rest[0] != '!' {
			return
		}
		word := bytes.IndexAny(rest, " \t")
		if word < 0 || len(bytes.TrimLeft(rest[word:], " \t")) == 0 {
			if t.nextContent() == 0 { // the scalar begins on a later line, or is empty
				return
			}
			continue
		}
		t.col += len(rest) - len(bytes.TrimLeft(rest[word:], " \t"))
	}
}

// rest is what is left of the line.
func (t *tracer) rest() []byte {
	line := t.lines[t.line]
	return line[min(t.col, len(line)):]
}

// note writes down that the text at pos stands here.
func (t *tracer) note() {
	col := min(t.col, len(t.lines[t.line]))
	if t.countedLine != t.line || t.countedCol > col {
		t.countedLine, t.countedCol, t.counted = t.line, 0, 0
	}
	t.counted += utf8.RuneCount(t.lines[t.line][t.countedCol:col])
	t.countedCol = col
	l := linePos{offset: t.pos, line: t.line + 1, column: t.counted + 1}
	if k := len(t.out); k > 0 && t.out[k-1].offset == t.pos {
		t.out[k-1] = l
		return
	}
	t.out = append(t.out, l)
}

// nextContent goes to the first character that is no white space, on a later line; it returns how many line breaks were crossed.
func (t *tracer) nextContent() int {
	breaks := 0
	for t.line+1 < len(t.lines) {
		t.line++
		breaks++
		line := t.lines[t.line]
		t.col = len(line) - len(bytes.TrimLeft(line, " \t"))
		if t.col < len(line) {
			break
		}
	}
	return breaks
}

// flow traces a plain (quote 0), single- or double-quoted scalar.
func (t *tracer) flow(quote byte) {
	t.note()
	for t.pos < len(t.text) {
		if t.col >= t.ends[t.line] {
			if !t.fold() {
				return
			}
			continue
		}
		rest := t.rest()
		switch {
		case quote == '\'' && rest[0] == '\'':
			t.col += 2
			t.pos++
			t.note()
		case quote == '"' && rest[0] == '\\':
			t.escape(rest)
		default:
			_, n := utf8.DecodeRune(rest)
			t.col += n
			_, n = utf8.DecodeRuneInString(t.text[t.pos:])
			t.pos += n
		}
	}
}

// fold steps over a line break inside a flow scalar: one break is a space, more are one less newlines.
func (t *tracer) fold() bool {
	t.col = len(t.lines[t.line])
	t.note()
	breaks := t.nextContent()
	if breaks == 0 {
		return false
	}
	t.pos = min(t.pos+max(breaks-1, 1), len(t.text))
	t.note()
	return true
}

// escape steps over one escape sequence of a double-quoted scalar.
func (t *tracer) escape(rest []byte) {
	if len(rest) == 1 {
		// An escaped line break joins the lines; blank lines behind it are newlines.
		breaks := t.nextContent()
		t.pos = min(t.pos+max(breaks-1, 0), len(t.text))
		t.note()
		if breaks == 0 {
			t.pos = len(t.text)
		}
		return
	}
	size := 2
	switch rest[1] {
	case 'x':
		size = 4
	case 'u':
		size = 6
		if surrogatePair(rest) != 0 {
			size = pairLength
		}
	case 'U':
		size = 10
	}
	t.note()
	t.col += size
	_, n := utf8.DecodeRuneInString(t.text[t.pos:])
	t.pos += n
	t.note()
}

// block traces a literal or folded scalar: every line of the source is looked up in the text.
func (t *tracer) block() {
	explicit := 0
	for _, c := range t.rest()[min(1, len(t.rest())):] {
		if c >= '1' && c <= '9' {
			explicit = int(c - '0')
		} else if c != '+' && c != '-' {
			break
		}
	}
	indent := -1
	for t.line++; t.line < len(t.lines) && t.pos < len(t.text); t.line++ {
		line := t.lines[t.line]
		lead := len(line) - len(bytes.TrimLeft(line, " "))
		if lead == len(line) && (indent < 0 || lead <= indent) {
			continue
		}
		if indent < 0 {
			indent = lead
			if explicit > 0 {
				// With an indicator the leading spaces of the text itself say what the indentation is.
				own := strings.TrimLeft(t.text, "\n")
				indent = max(lead-(len(own)-len(strings.TrimLeft(own, " "))), 0)
			}
		}
		if lead < indent {
			return
		}
		content := string(line[indent:])
		for t.pos < len(t.text) && !strings.HasPrefix(t.text[t.pos:], content) && (t.text[t.pos] == '\n' || t.text[t.pos] == ' ') {
			t.pos++
		}
		if !strings.HasPrefix(t.text[t.pos:], content) {
			return
		}
		t.col = indent
		t.note()
		t.pos += len(content)
	}
}
