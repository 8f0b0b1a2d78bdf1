// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSuggestions is among how many words one is looked for; more would take too long.
const maxSuggestions = 1000

// suggest picks the word that was probably meant, or returns "".
func suggest(got string, words []string) string {
	best, bestCost := "", 0
	if len(got) > 100 || len(words) > maxSuggestions {
		return ""
	}
	low := strings.ToLower(got)
	for _, w := range words {
		long, short := utf8.RuneCountInString(got), utf8.RuneCountInString(w)
		if long < short {
			long, short = short, long
		}
		limit := max(1, short/3)
		if long-short > limit {
			continue
		}
		cost := editDistance(low, strings.ToLower(w))
		if cost > limit {
			continue
		}
		if best == "" || cost < bestCost {
			best, bestCost = w, cost
		}
	}
	return best
}

// Suggest picks the word among words that was probably meant by got, or returns "".
func Suggest(got string, words []string) string { return suggest(got, words) }

// didYouMean writes the hint for a word that is not one of words.
func didYouMean(got string, words []string) string {
	if s := suggest(got, words); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	if len(words) == 0 || len(words) > 20 {
		return ""
	}
	return "known here: " + strings.Join(words, ", ")
}

// editDistance counts the insertions, deletions, replacements and swaps between a and b.
func editDistance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	before, last := make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		row := make([]int, len(rb)+1)
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(rb)]
}

// sorted returns a sorted copy.
func sorted(words []string) []string {
	out := slices.Clone(words)
	slices.Sort(out)
	return out
}
