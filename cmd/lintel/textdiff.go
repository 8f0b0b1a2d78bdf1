// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// textDiff shows the differences of two texts line by line, in the unified form with three lines around
// each; empty if there are none.
func textDiff(oldName, newName, from, to string) string {
	if from == to {
		return ""
	}
	edits := lineEdits(splitLines(from), splitLines(to))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", oldName, newName)
	const around = 3
	for i := 0; i < len(edits); {
		if edits[i].sign == ' ' {
			i++
			continue
		}
		first, last := i, i
		for k := i; k < len(edits) && k <= last+2*around; k++ {
			if edits[k].sign != ' ' {
				last = k
			}
		}
		begin, end := max(first-around, 0), min(last+around+1, len(edits))
		writeHunk(&b, edits, begin, end)
		i = end
	}
	return b.String()
}

// lineEdit is a line that is in both texts (' '), in the old one ('-') or in the new one ('+'), with its
// number in each.
type lineEdit struct {
	sign     byte
	text     string
	old, now int
}

func writeHunk(b *strings.Builder, edits []lineEdit, begin, end int) {
	olds, news := 0, 0
	for _, e := range edits[begin:end] {
		if e.sign != '+' {
			olds++
		}
		if e.sign != '-' {
			news++
		}
	}
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", edits[begin].old+1, olds, edits[begin].now+1, news)
	for _, e := range edits[begin:end] {
		fmt.Fprintf(b, "%c%s\n", e.sign, strings.TrimSuffix(e.text, "\n"))
	}
}

func splitLines(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// maxDiffCells bounds the table of the comparison; larger differences are shown as a whole.
const maxDiffCells = 4_000_000

// lineEdits finds a shortest way from one text to the other.
func lineEdits(a, b []string) []lineEdit {
	var out []lineEdit
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		out = append(out, lineEdit{' ', a[first], first, first})
		first++
	}
	endA, endB := len(a), len(b)
	for endA > first && endB > first && a[endA-1] == b[endB-1] {
		endA--
		endB--
	}
	left := commonLengths(a[first:endA], b[first:endB])
	i, k := first, first
	for i < endA || k < endB {
		switch {
		case i < endA && k < endB && a[i] == b[k]:
			out = append(out, lineEdit{' ', a[i], i, k})
			i++
			k++
		case i < endA && (k == endB || left == nil || left[i+1-first][k-first] >= left[i-first][k+1-first]):
			out = append(out, lineEdit{'-', a[i], i, k})
			i++
		default:
			out = append(out, lineEdit{'+', b[k], i, k})
			k++
		}
	}
	for ; i < len(a); i, k = i+1, k+1 {
		out = append(out, lineEdit{' ', a[i], i, k})
	}
	return out
}

// commonLengths tells for each pair of places how many lines the rests of both texts have in common; nil if
// that is too much to compute.
func commonLengths(a, b []string) [][]int32 {
	if (len(a)+1)*(len(b)+1) > maxDiffCells {
		return nil
	}
	out := make([][]int32, len(a)+1)
	for i := range out {
		out[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				out[i][k] = out[i+1][k+1] + 1
				continue
			}
			out[i][k] = max(out[i+1][k], out[i][k+1])
		}
	}
	return out
}
