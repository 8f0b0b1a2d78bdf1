// SPDX-License-Identifier: Apache-2.0

package format

import "strings"

// isItem reports whether a text begins an entry of a list.
func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

// isEntry reports whether a text begins an entry of a map.
func isEntry(text string) bool { return keyEnd(text) >= 0 }

// keyEnd is where the key of a text ends, behind its colon; -1 if it has none.
func keyEnd(text string) int {
	if text == "" {
		return -1
	}
	switch text[0] {
	case '"', '\'':
		o := newOpenValue(quoteKind(text[0]))
		n := o.feed(text)
		if !o.closed {
			return -1
		}
		rest := strings.TrimLeft(text[n:], " ")
		if rest == ":" || strings.HasPrefix(rest, ": ") {
			return len(text) - len(rest) + 1
		}
		return -1
	case '{', '[', '|', '>', '#', '%', '@', '`':
		return -1
	}
	for i := range len(text) {
		switch {
		case text[i] == '#' && i > 0 && text[i-1] == ' ':
			return -1
		case text[i] == ':' && (i+1 == len(text) || text[i+1] == ' ' || text[i+1] == '\t'):
			return i + 1
		}
	}
	return -1
}

// kind is what a value is that begins in a line.
type kind uint8

const (
	nothing kind = iota // a comment, an anchor or a tag may stand there
	plain
	block
	flow
	single
	double
)

func quoteKind(c byte) kind {
	if c == '"' {
		return double
	}
	return single
}

// kindOf tells what a value begins with, behind anchors and tags.
func kindOf(value string) kind {
	for {
		value = strings.TrimLeft(value, " \t")
		if value == "" || value[0] == '#' {
			return nothing
		}
		if value[0] != '&' && value[0] != '!' {
			break
		}
		_, value, _ = strings.Cut(value, " ")
	}
	switch value[0] {
	case '|', '>':
		return block
	case '{', '[':
		return flow
	case '"', '\'':
		return quoteKind(value[0])
	default:
		return plain
	}
}

// openValue follows a value over lines to its end.
type openValue struct {
	kind   kind
	begun  bool
	depth  int
	within byte // the quote that is open in a flow collection
	closed bool
}

func newOpenValue(k kind) *openValue { return &openValue{kind: k} }

// feed takes a line, or its end, and returns how much of it belongs to the value.
func (o *openValue) feed(text string) int {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if o.kind == flow && o.within == 0 {
			if c == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t') {
				return i
			}
			o.brackets(c, text, i)
		} else {
			i = o.quoted(c, text, i)
		}
		if o.closed {
			return i + 1
		}
	}
	return len(text)
}

func (o *openValue) brackets(c byte, text string, i int) {
	switch c {
	case '{', '[':
		o.depth++
	case '}', ']':
		o.depth--
		o.closed = o.depth == 0
	case '"', '\'': // a quote within a plain text is a character
		before := strings.TrimRight(text[:i], " ")
		if before == "" || strings.ContainsRune("{[,:", rune(before[len(before)-1])) {
			o.within = c
		}
	}
}

// quoted takes a character of a quoted text; it returns the place of the last one that it took.
func (o *openValue) quoted(c byte, text string, i int) int {
	quote := o.within
	if o.kind != flow {
		quote = '"'
		if o.kind == single {
			quote = '\''
		}
		if !o.begun {
			o.begun = c == quote
			return i
		}
	}
	switch {
	case quote == '"' && c == '\\':
		return i + 1
	case c != quote:
		return i
	case quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
		return i + 1
	case o.kind == flow:
		o.within = 0
	default:
		o.closed = true
	}
	return i
}
