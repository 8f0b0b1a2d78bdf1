// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"slices"
	"strings"
)

// says looks for a word in the clauses of an item, those of its group included.
func (it *item) says(word string) bool {
	for _, c := range it.clauses {
		if strings.Contains(c, word) {
			return true
		}
	}
	return strings.Contains(it.inherited, word)
}

// compX tells COMP-X, and COMP-N, which GnuCOBOL stores alike.
func (it *item) compX() bool {
	return it.says("COMP-X") || it.says("TATIONAL-X") || it.says("COMP-N") || it.says("TATIONAL-N")
}

func (it *item) zoned() bool { return !it.packed() && !it.says("COMP") && !it.says("BINARY") }

func (it *item) packed() bool {
	return it.says("COMP-3") || it.says("TATIONAL-3") || it.says("PACKED") || it.says("COMP-6") || it.says("TATIONAL-6")
}

// insertedAmidSuppressed tells that a 0 or / stands among Z, * or a floating symbol, or right behind them.
func insertedAmidSuppressed(pic string) bool {
	for _, sym := range "Z*$+-" {
		n := strings.Count(pic, string(sym))
		if n < 2 && (n == 0 || sym != 'Z' && sym != '*') {
			continue
		}
		behind := strings.LastIndexByte(strings.TrimRight(pic, "+-"), byte(sym)) + 1
		if at := strings.IndexAny(pic, "0/"); at >= strings.IndexRune(pic, sym) && at <= behind {
			return true
		}
	}
	return false
}

// total is the length of all occurrences.
func (it *item) total() int {
	if it.occurs != nil {
		return it.occurs.max * it.laid.Size
	}
	return it.laid.Size
}

// brokenFloat tells that a picture is all floating and has an insertion in it, or a sign behind $.
func brokenFloat(pic string) bool {
	return !strings.ContainsAny(pic, "9Z*") && (strings.ContainsAny(pic, "B0/") || pic[0] == '$' && strings.ContainsAny(pic, "+-"))
}

// variable tells that a table of variable length is in it.
func (it *item) variable() bool {
	found := false
	it.each(func(x *item) { found = found || x.occurs != nil && x.occurs.counter != nil })
	return found
}

func (l *layout) any(f func(*item) bool) bool { return slices.ContainsFunc(l.items(), f) }
