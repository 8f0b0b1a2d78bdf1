// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"iter"
)

// The JSON that is walked here was checked by the one that wrote it: the contract's reader, or the
// writer of a transform.

// jsonEnd returns where the value at i ends.
func jsonEnd(b []byte, i int) int {
	switch {
	case i >= len(b):
		return i
	case b[i] == '"':
		for i++; i < len(b) && b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return min(i+1, len(b))
	case b[i] != '{' && b[i] != '[':
		for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && !isSpace(b[i]) {
			i++
		}
		return i
	}
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = jsonEnd(b, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (isSpace(b[i]) || b[i] == ',' || b[i] == ':') {
		i++
	}
	return i
}

// items gives the values of an array.
func items(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := skipSpace(b, 1); i < len(b) && b[i] != ']'; {
			end := jsonEnd(b, i)
			if end == i || !yield(b[i:end]) {
				return
			}
			i = skipSpace(b, end)
		}
	}
}

// members gives the names, still quoted, and the values of an object.
func members(b []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := skipSpace(b, 1); i < len(b) && b[i] != '}'; {
			nameEnd := jsonEnd(b, i)
			at := skipSpace(b, nameEnd)
			end := jsonEnd(b, at)
			if end == at || !yield(b[i:nameEnd], b[at:end]) {
				return
			}
			i = skipSpace(b, end)
		}
	}
}
