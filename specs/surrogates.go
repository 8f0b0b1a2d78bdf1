// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// JSON writes characters beyond U+FFFF as a pair of \u escapes; YAML has \U for them and refuses
// halves of a pair. surrogates rewrites the pairs of a JSON document and remembers where, so that
// columns can be put right afterwards.
type surrogates struct {
	// columns holds for a line (from 1) the columns in the rewritten text behind which two
	// characters are missing.
	columns map[int][]int
}

// pairLength is the length of two \u escapes; the \U escape in their place is shorter by pairLoss.
const (
	pairLength = 12
	pairLoss   = 2
)

// rewrite replaces the pairs in src, which must be JSON: a backslash stands in strings only.
func (s *surrogates) rewrite(src []byte) []byte {
	if !bytes.Contains(src, []byte(`\u`)) {
		return src
	}
	s.columns = map[int][]int{}
	out := make([]byte, 0, len(src))
	line, column := 1, 1
	for i := 0; i < len(src); {
		n := 1
		switch {
		case src[i] == '\n':
			line, column = line+1, 0
		case src[i] == '\\' && surrogatePair(src[i:]) != 0:
			out = fmt.Appendf(out, `\U%08X`, surrogatePair(src[i:]))
			i, column = i+pairLength, column+pairLength-pairLoss
			s.columns[line] = append(s.columns[line], column)
			continue
		case src[i] == '\\' && i+1 < len(src) && src[i+1] < utf8.RuneSelf && src[i+1] != '\n':
			n = 2
			column++
		default:
			_, n = utf8.DecodeRune(src[i:])
		}
		out = append(out, src[i:i+n]...)
		column++
		i += n
	}
	return out
}

// surrogatePair reads the character that two \u escapes at the start of text stand for, or 0.
func surrogatePair(text []byte) rune {
	if len(text) < pairLength || text[1] != 'u' || text[6] != '\\' || text[7] != 'u' {
		return 0
	}
	high, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	low, err := strconv.ParseUint(string(text[8:12]), 16, 16)
	if err != nil {
		return 0
	}
	r := utf16.DecodeRune(rune(high), rune(low))
	if r == utf8.RuneError {
		return 0
	}
	return r
}

// restore puts the columns of a tree right. seen keeps what an alias shares from being moved twice.
func (s *surrogates) restore(n *yaml.Node, seen map[*yaml.Node]bool) {
	if n == nil || seen[n] || len(s.columns) == 0 {
		return
	}
	seen[n] = true
	before, _ := slices.BinarySearch(s.columns[n.Line], n.Column+1)
	n.Column += before * pairLoss
	for _, c := range n.Content {
		s.restore(c, seen)
	}
}
