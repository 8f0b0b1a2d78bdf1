// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"lintel/specs"
)

// yamlEdits are changes of single values of a document; the rest of its text stays as it is.
type yamlEdits struct {
	src   string
	lines []int // where each line begins
	list  []yamlEdit
}

type yamlEdit struct {
	from, to int
	text     string
}

// errNoPlace is returned for values whose text cannot be replaced.
var errNoPlace = errors.New("the value has no text of its own that could be replaced")

func newYAMLEdits(src string) *yamlEdits {
	e := &yamlEdits{src: src, lines: []int{0}}
	for i := range len(src) {
		if src[i] == '\n' {
			e.lines = append(e.lines, i+1)
		}
	}
	return e
}

// offset is where a place is in the text; -1 if it is not there.
func (e *yamlEdits) offset(p specs.Pos) int {
	if p.Line < 1 || p.Line > len(e.lines) || p.Column < 1 {
		return -1
	}
	at := e.lines[p.Line-1]
	for range p.Column - 1 {
		_, n := utf8.DecodeRuneInString(e.src[at:])
		if n == 0 {
			return -1
		}
		at += n
	}
	return at
}

// span is the text of a value.
func (e *yamlEdits) span(n *specs.Node) (from, to int, err error) {
	from = e.offset(n.Pos)
	if from < 0 || from >= len(e.src) {
		return 0, 0, errNoPlace
	}
	switch e.src[from] {
	case '{', '[', '"', '\'':
		to = closing(e.src, from)
	case '|', '>', '&', '*', '!':
		return 0, 0, errNoPlace
	default:
		if n.Kind == specs.ScalarNode {
			if n.Quoted || !strings.HasPrefix(e.src[from:], n.Text) || n.Text == "" {
				return 0, 0, errNoPlace
			}
			return from, from + len(n.Text), nil
		}
		return e.blockSpan(n, from)
	}
	if to < 0 {
		return 0, 0, errNoPlace
	}
	return from, to, nil
}

// blockSpan is a map or list in lines of its own: it ends where its last value does.
func (e *yamlEdits) blockSpan(n *specs.Node, from int) (int, int, error) {
	to := from
	for _, child := range slices.Concat(n.Items, fieldValues(n)) {
		_, end, err := e.span(child)
		if err != nil {
			return 0, 0, err
		}
		to = max(to, end)
	}
	return from, to, nil
}

func fieldValues(n *specs.Node) []*specs.Node {
	out := make([]*specs.Node, len(n.Fields))
	for i, f := range n.Fields {
		out[i] = f.Value
	}
	return out
}

// closing is where a bracket or quote that opens at a place is closed, behind it; -1 if it is not.
func closing(src string, from int) int {
	depth := 0
	for i := from; i < len(src); i++ {
		switch c := src[i]; c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"', '\'':
			if i == from || strings.ContainsRune(" \t\n{[,:", rune(src[i-1])) {
				i = quoteEnd(src, i)
			}
		case '#':
			if i > 0 && (src[i-1] == ' ' || src[i-1] == '\n') {
				i += strings.IndexByte(src[i:]+"\n", '\n')
			}
		}
		if i < 0 || i >= len(src) {
			return -1
		}
		if depth == 0 {
			return i + 1
		}
	}
	return -1
}

// quoteEnd is the place of the quote that closes the one at a place.
func quoteEnd(src string, from int) int {
	for i := from + 1; i < len(src); i++ {
		switch {
		case src[from] == '"' && src[i] == '\\':
			i++
		case src[i] != src[from]:
		case src[from] == '\'' && i+1 < len(src) && src[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return len(src)
}

// replace puts a text in the place of a value.
func (e *yamlEdits) replace(n *specs.Node, text string) error {
	from, to, err := e.span(n)
	if err != nil {
		return err
	}
	e.list = append(e.list, yamlEdit{from, to, text})
	return nil
}

// below adds lines behind a map that is written in lines of its own, as further keys of it.
func (e *yamlEdits) below(n *specs.Node, text string) error {
	if n.Kind != specs.MapNode || len(n.Fields) == 0 {
		return errNoPlace
	}
	at := e.offset(n.Pos)
	if at < 0 || e.src[at] == '{' {
		return errNoPlace
	}
	_, end, err := e.blockSpan(n, at)
	if err != nil {
		return err
	}
	if i := strings.IndexByte(e.src[end:], '\n'); i >= 0 {
		end += i + 1
	} else {
		end = len(e.src)
		text = "\n" + text
	}
	indent := strings.Repeat(" ", n.Fields[0].Key.Pos.Column-1)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = indent + l
		}
	}
	e.list = append(e.list, yamlEdit{end, end, strings.Join(lines, "\n") + "\n"})
	return nil
}

// item adds lines as a further item of the list that the document is.
func (e *yamlEdits) item(root *specs.Node, text string) error {
	indent := ""
	if root != nil && len(root.Items) > 0 {
		at := e.lines[root.Items[0].Pos.Line-1]
		line := e.src[at:]
		rest := strings.TrimLeft(line, " ")
		if !strings.HasPrefix(rest, "-") {
			return errNoPlace
		}
		indent = line[:len(line)-len(rest)]
	} else if root != nil && (root.Kind != specs.ScalarNode || !root.Null) {
		return errNoPlace
	}
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n")+"\n", "\n")
	text = indent + strings.Join(lines[:len(lines)-1], indent)
	if e.src != "" && !strings.HasSuffix(e.src, "\n") && len(e.list) == 0 {
		text = "\n" + text
	}
	e.list = append(e.list, yamlEdit{len(e.src), len(e.src), text})
	return nil
}

// text is the document with all changes. Of two that overlap the first one counts.
func (e *yamlEdits) text() string {
	slices.SortStableFunc(e.list, func(a, b yamlEdit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, c := range e.list {
		if c.from < at {
			continue
		}
		b.WriteString(e.src[at:c.from] + c.text)
		at = c.to
	}
	return b.String() + e.src[at:]
}
