// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
)

func describeRune(r rune) string {
	if r > ' ' && r < 0x7f {
		return fmt.Sprintf("%q", r)
	}
	return fmt.Sprintf("%U", r)
}

// checkAreas warns of code in the parts of a fixed line that do not count: left of the indicator and right of
// the margin.
func (c *cutter) checkAreas(l *line) {
	left, right := c.p.o.LeftMargin, c.p.o.RightMargin
	if signOfFree(l, left) && l.first(1) < left && !startsWithLevel(l, left+1) {
		c.p.warnAt(codeSequenceArea, c.pos(l, l.first(1)), "fixed format ignores the level number in the sequence area",
			"set free format, or the left margin if the book is shifted")
	}
	beyond := l.first(right + 1)
	if beyond == 0 {
		return
	}
	text := strings.TrimSpace(string(l.runes[right:]))
	if looksLikeCode(text) || l.at(right) != ' ' && l.at(right) != '.' && beyond == right+1 && !isSequence(text) {
		c.p.warnAt(codeBeyondMargin, c.pos(l, beyond), fmt.Sprintf("text behind column %d is ignored, but looks like code", right),
			"move it to the left, or set the right margin or free format")
	}
}

func startsWithLevel(l *line, from int) bool {
	at := l.first(from)
	if at == 0 {
		return false
	}
	word, _ := cutWord(string(l.runes[at-1:]))
	return isLevelWord(word)
}

// looksLikeCode reports text that ends as an entry does or begins with a word of a clause.
func looksLikeCode(text string) bool {
	if text == "" {
		return false
	}
	if strings.HasSuffix(text, ".") && text != "." || text == "." {
		return true
	}
	word, rest := cutWord(strings.ToUpper(text))
	if rest != "" && isLevelWord(word) {
		return true
	}
	return isClauseWord(word)
}
