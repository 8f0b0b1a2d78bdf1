// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
)

// equalName compares data-names as COBOL does: without regard to case.
func equalName(a, b string) bool { return strings.EqualFold(a, b) }

// dataName takes the name of the entry, if it has one.
func (c *clauses) dataName() {
	c.e.name = fillerName
	t := c.peek()
	if t == nil || t.kind != word || isClauseWord(t.upper) && !c.nameLike() {
		return
	}
	c.at++
	c.e.namePos = t.pos()
	if t.upper == fillerName {
		return
	}
	c.e.name = t.upper
	c.checkName(t)
}

// nameLike: a clause word stands where the name does and the entry goes on with PIC, so it can only be a name.
func (c *clauses) nameLike() bool {
	t := &c.ws[c.at]
	last := c.at+1 >= len(c.ws)
	if isSoftWord(t.upper) && (last || isClauseWord(c.ws[c.at+1].upper)) {
		return true
	}
	if last {
		return false
	}
	next := &c.ws[c.at+1]
	if t.is("PIC") || t.is("PICTURE") || !next.is("PIC") && !next.is("PICTURE") {
		return false
	}
	_, usage := usageOf(t.upper)
	switch t.upper {
	case "GLOBAL", "EXTERNAL", "SYNC", "SYNCHRONIZED", "JUST", "JUSTIFIED", "LEADING", "TRAILING":
		return false
	}
	return !usage
}

// isSoftWord reports words that begin a clause in some compilers and are data-names in many books.
func isSoftWord(w string) bool {
	switch w {
	case "DATE", "TYPE", "LIMIT", "SAME", "LIKE", "ANY", "OBJECT", "PROPERTY", "DYNAMIC", "ALIGNED", "BASED", "VOLATILE", "TYPEDEF":
		return true
	}
	return false
}

const (
	fillerName    = "FILLER"
	maxNameLength = 63
)

func (c *clauses) checkName(t *token) {
	switch {
	case len([]rune(t.text)) > maxNameLength:
		c.fail(codeName, t.pos(), fmt.Sprintf("the name %q is longer than %d characters", clip(t.text), maxNameLength), "check for a missing blank or period")
		return
	case strings.Contains(t.text, ":"):
		c.p.warnAt(codeTag, t.pos(), fmt.Sprintf("the name %q looks like a tag that was not replaced", clip(t.text)), "give a replacing for it, for example :TAG: by a prefix")
	}
	letter := false
	for _, r := range t.text {
		switch {
		case r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 0x7f:
			letter = true
		case r >= '0' && r <= '9' || strings.ContainsRune("-_@#$:", r):
		default:
			c.fail(codeName, t.pos(), fmt.Sprintf("the name %q holds %s, which no data-name may hold", clip(t.text), describeRune(r)),
				"names are made of letters, digits, hyphens, and _ @ # $")
			return
		}
	}
	if !letter {
		c.fail(codeName, t.pos(), fmt.Sprintf("%q is no data-name: it holds no letter", clip(t.text)), "give the item a name, or FILLER")
	}
}
