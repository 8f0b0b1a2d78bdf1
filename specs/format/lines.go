// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"lintel/specs"
)

// ErrUnclear is returned for YAML whose levels are not understood: it is left as it is.
var ErrUnclear = errors.New("the levels of the document are not understood")

// step is how many columns a level is indented.
const step = 2

// YAML formats one document. It fails with specs.Findings if it is not one that Lintel reads.
func YAML(file string, src []byte) ([]byte, error) {
	before, findings := specs.ParseYAML(file, src)
	if findings.HasErrors() {
		return nil, findings
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	w := &writer{lines: strings.Split(text, "\n")}
	w.document()
	if w.unclear {
		return nil, ErrUnclear
	}
	out := w.bytes()
	after, findings := specs.ParseYAML(file, out)
	if findings.HasErrors() || !same(before, after) || !slices.Equal(comments(w.lines), comments(strings.Split(string(out), "\n"))) {
		return nil, ErrUnclear
	}
	return out, nil
}

// same reports whether two documents have the same values, written in the same way.
func same(a, b *specs.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Text == b.Text && a.Quoted == b.Quoted && a.Null == b.Null &&
		slices.EqualFunc(a.Items, b.Items, same) &&
		slices.EqualFunc(a.Fields, b.Fields, func(x, y specs.NodeField) bool { return same(x.Key, y.Key) && same(x.Value, y.Value) })
}

// comments are the texts of the lines that are nothing but a comment.
func comments(lines []string) []string {
	var out []string
	for _, l := range lines {
		if t := strings.TrimSpace(l); strings.HasPrefix(t, "#") {
			out = append(out, t)
		}
	}
	return out
}

// level is one map or list that is open at a line.
type level struct {
	was, is int
	list    bool
}

// writer formats the lines of one document.
type writer struct {
	lines []string
	at    int
	out   []string
	stack []level
	// waiting are comments before a line that says where they belong; -1 is an empty line.
	waiting []comment
	unclear bool
}

type comment struct {
	was  int
	text string
}

func (w *writer) document() {
	for w.at < len(w.lines) && !w.unclear {
		line := strings.TrimRight(w.lines[w.at], " \t\r")
		text := strings.TrimLeft(line, " ")
		column := len(line) - len(text)
		switch {
		case text == "":
			w.waiting = append(w.waiting, comment{-1, ""})
			w.at++
		case text[0] == '#':
			w.waiting = append(w.waiting, comment{column, text})
			w.at++
		case column == 0 && (text == "---" || strings.HasPrefix(text, "--- ") || text == "..." || text[0] == '%'):
			w.flush(0, 0)
			w.stack = nil
			w.out = append(w.out, text)
			w.at++
			w.unclear = w.unclear || strings.HasPrefix(text, "--- ") // a document that begins in this line
		case text[0] == '\t' || strings.HasPrefix(text, "? "):
			w.unclear = true
		default:
			w.content(text, column)
		}
	}
	w.flush(-1, 0)
}

// content formats a line that begins a value, and the lines that the value goes on in.
func (w *writer) content(text string, column int) {
	before := slices.Clone(w.stack)
	is := w.place(text, column)
	w.flushFrom(before, column, is)
	head, value, from := w.descend(text, column, is)
	w.out = append(w.out, strings.Repeat(" ", is)+head)
	w.at++
	w.continued(value, from)
}

// place finds the level of a line, and opens it if it is new; it returns the new column.
func (w *writer) place(text string, column int) int {
	list := isItem(text)
	for len(w.stack) > 0 {
		top := w.stack[len(w.stack)-1]
		if top.was < column || top.was == column && (top.list == list || list && !top.list) {
			break
		}
		w.stack = w.stack[:len(w.stack)-1]
	}
	if n := len(w.stack); n > 0 && w.stack[n-1].was == column && w.stack[n-1].list == list {
		return w.stack[n-1].is
	}
	is := 0
	if n := len(w.stack); n > 0 {
		is = w.stack[n-1].is + step
	}
	if list || isEntry(text) {
		w.stack = append(w.stack, level{column, is, list})
	}
	return is
}

// descend opens the levels that begin within a line, behind "- ". It returns the line in its new form, the
// value at its end, and the level that the value belongs to.
func (w *writer) descend(text string, was, is int) (head, value string, owner level) {
	owner = level{was: was, is: is}
	for isItem(text) {
		owner = level{was, is, true}
		rest := strings.TrimLeft(text[1:], " ")
		if rest == "" || rest[0] == '#' {
			return head + text, "", owner
		}
		inner := was + len(text) - len(rest)
		head += "- "
		if isItem(rest) || isEntry(rest) {
			w.stack = append(w.stack, level{inner, is + step, isItem(rest)})
		}
		text, was, is = rest, inner, is+step
	}
	if n := keyEnd(text); n >= 0 {
		return head + text, strings.TrimLeft(text[n:], " "), level{was: was, is: is}
	}
	return head + text, text, owner
}

// continued takes over the further lines of a value that began in the line before.
func (w *writer) continued(value string, owner level) {
	move := func() {
		line := strings.TrimRight(w.lines[w.at], " \t\r")
		w.out = append(w.out, shift(line, owner.is-owner.was))
		w.at++
	}
	deeper := func() bool {
		line := w.lines[w.at]
		text := strings.TrimLeft(line, " ")
		return strings.TrimSpace(text) == "" || len(line)-len(text) > owner.was
	}
	switch k := kindOf(value); k {
	case nothing:
	case block:
		w.block(owner)
	case plain:
		for w.at < len(w.lines) && deeper() && strings.TrimSpace(w.lines[w.at]) != "" && !strings.HasPrefix(strings.TrimSpace(w.lines[w.at]), "#") {
			move()
		}
	default:
		open := newOpenValue(k)
		open.feed(value)
		for !open.closed && w.at < len(w.lines) {
			open.feed(w.lines[w.at])
			move()
		}
		w.unclear = w.unclear || !open.closed
	}
}

// block takes over a text that begins with | or >: only its indentation changes, as a whole. Blanks at the
// end of its lines are part of it.
func (w *writer) block(owner level) {
	var text []string
	for w.at < len(w.lines) {
		line := strings.TrimSuffix(w.lines[w.at], "\r")
		body := strings.TrimLeft(line, " ")
		if body != "" && len(line)-len(body) <= owner.was {
			break
		}
		text = append(text, line)
		w.at++
	}
	end := len(text) // empty lines at the end are between this and what follows
	for end > 0 && strings.TrimSpace(text[end-1]) == "" {
		end--
	}
	for _, line := range text[:end] {
		if strings.TrimSpace(line) == "" {
			w.out = append(w.out, "")
			w.unclear = w.unclear || len(line) > owner.was+step // blanks that may be part of the text
			continue
		}
		w.out = append(w.out, shift(line, owner.is-owner.was))
	}
	if end < len(text) {
		w.out = append(w.out, make([]string, len(text)-end)...)
		w.keep(len(text) - end)
	}
}

// keep marks the last n lines, which are empty, as part of a text: with |+ they are.
func (w *writer) keep(n int) {
	w.out = w.out[:len(w.out)-n]
	for range n {
		w.waiting = append(w.waiting, comment{-1, ""})
	}
}

// shift moves a line by some columns.
func shift(line string, by int) string {
	text := strings.TrimLeft(line, " ")
	if text == "" {
		return ""
	}
	return strings.Repeat(" ", max(len(line)-len(text)+by, 0)) + text
}

// flushFrom writes the comments before a line. One that stood in its column goes with it, else it belongs to
// the level of its own column.
func (w *writer) flushFrom(before []level, column, is int) {
	stack := w.stack
	w.stack = before
	w.flush(column, is)
	w.stack = stack
}

func (w *writer) flush(column, is int) {
	empty := false
	for _, c := range w.waiting {
		if c.was < 0 {
			if !empty && len(w.out) > 0 {
				w.out = append(w.out, "")
			}
			empty = true
			continue
		}
		empty = false
		w.out = append(w.out, strings.Repeat(" ", w.commentColumn(c.was, column, is))+c.text)
	}
	w.waiting = nil
}

func (w *writer) commentColumn(was, column, is int) int {
	if was == column {
		return is
	}
	for i := len(w.stack) - 1; i >= 0; i-- {
		switch l := w.stack[i]; {
		case l.was == was:
			return l.is
		case l.was < was && column >= 0 && was > column:
			return max(l.is+step, is)
		case l.was < was:
			return l.is + step
		}
	}
	return is
}

// bytes is the text, with one end of line at its end.
func (w *writer) bytes() []byte {
	out := bytes.TrimRight([]byte(strings.Join(w.out, "\n")), "\n")
	if len(out) == 0 {
		return nil
	}
	return append(out, '\n')
}
