// SPDX-License-Identifier: Apache-2.0

package json

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The functions of this file move over JSON text that jsontext has already accepted: they look for
// ends, they do not check. They stay inside the slice whatever it holds.

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the offset behind the string that begins at i, and whether it holds only
// ASCII characters without escapes.
func skipString(b []byte, i int) (end int, plain bool) {
	plain = true
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\':
			plain = false
			i++
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return len(b), plain
}

func skipNumber(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

// skipValue returns the offset behind the value that begins at i.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		end, _ := skipString(b, i)
		return end
	case '{', '[':
		return skipNested(b, i)
	default:
		return skipNumber(b, i) // literals end where numbers end
	}
}

func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i, _ = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return i
}

// nextMember moves from behind '{' or behind a value to the next member. It returns the span of
// the quoted name and the offset of the value; ok is false at the end, and value is then the
// offset behind '}'.
func nextMember(b []byte, i int) (name []byte, value int, plain, ok bool) {
	i = skipSpace(b, i)
	if i < len(b) && b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	if i >= len(b) || b[i] != '"' {
		return nil, min(i+1, len(b)), false, false
	}
	end, plain := skipString(b, i)
	value = skipSpace(b, end)
	value = skipSpace(b, value+1) // behind ':'
	return b[i:end], value, plain, true
}

// nextItem moves from behind '[' or behind an item to the next one; ok is false at the end, and the
// offset is then behind ']'.
func nextItem(b []byte, i int) (item int, ok bool) {
	i = skipSpace(b, i)
	if i < len(b) && b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	if i >= len(b) || b[i] == ']' {
		return min(i+1, len(b)), false
	}
	return i, true
}

// countItems counts the items of the array that begins at i, up to limit.
func countItems(b []byte, i, limit int) int {
	n := 0
	item, ok := nextItem(b, i+1)
	for ok && n < limit {
		n++
		item, ok = nextItem(b, skipValue(b, item))
	}
	return n
}

// unquote gives the text of a quoted JSON string; dst is used when there are escapes.
func unquote(dst, quoted []byte) []byte {
	for _, c := range quoted {
		if c == '\\' {
			out, _ := jsontext.AppendUnquote(dst, quoted) // the text was accepted before
			return out[len(dst):]
		}
	}
	return quoted[1 : len(quoted)-1]
}

// kind is a set of JSON types.
type kind uint8

const (
	kindNull kind = 1 << iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
	kindAny = 1<<iota - 1
)

// kindOf tells the type of a value by its first byte.
func kindOf(c byte) kind {
	switch c {
	case '"':
		return kindString
	case '{':
		return kindObject
	case '[':
		return kindArray
	case 'n':
		return kindNull
	case 't', 'f':
		return kindBool
	default:
		return kindNumber
	}
}
