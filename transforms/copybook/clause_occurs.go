// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strconv"
)

// maxCount is the greatest count that is read: enough for every limit, far from overflow.
const maxCount = 1 << 31

// integer reads an unsigned integer or a constant that stands for one; -1 after a finding.
func (c *clauses) integer(what string) int {
	t := c.peek()
	if t == nil || t.kind != word {
		c.fail(codeOperand, c.end(), what+" needs an integer", "")
		return -1
	}
	text := t.upper
	if lit := c.p.constants[text]; lit != nil && lit.Number != "" {
		text = lit.Number
	}
	if !isNumber(text) {
		c.fail(codeOperand, t.pos(), fmt.Sprintf("%s needs an integer, not %q", what, clip(t.text)), "a constant must be declared with level 78 before it is used")
		if !isClauseWord(t.upper) {
			c.at++
		}
		return -1
	}
	c.at++
	n, err := strconv.Atoi(text)
	if err != nil || n >= maxCount {
		c.fail(codeOperand, t.pos(), what+" is out of all bounds", "")
		return -1
	}
	return n
}

func (c *clauses) occurs(t *token) {
	c.once(c.e.occurs != nil, t)
	o := &occursClause{pos: t.pos()}
	c.e.occurs = o
	if n := c.peek(); n != nil && (n.is("DYNAMIC") || n.is("UNBOUNDED")) {
		c.at++
		c.unbounded(n)
		return
	}
	o.max = c.integer("OCCURS")
	o.min = o.max
	if c.accept("TO") {
		if n := c.peek(); n != nil && n.is("UNBOUNDED") {
			c.at++
			c.unbounded(n)
			return
		}
		o.hasTo = true
		o.max = c.integer("TO")
	}
	if o.max < 0 || o.min < 0 {
		c.recover()
		c.e.occurs = nil
		return
	}
	c.accept("TIMES")
	c.occursPhrases(o)
	c.checkOccurs(o)
}

func (c *clauses) unbounded(t *token) {
	c.fail(codeUnsupported, t.pos(), "a table without a greatest number of entries has no layout", "give OCCURS an upper bound")
	c.e.occurs = nil
	c.occursPhrases(&occursClause{})
}

func (c *clauses) occursPhrases(o *occursClause) {
	for {
		switch {
		case c.accept("DEPENDING"):
			c.accept("ON")
			o.depending = c.ref("DEPENDING ON")
		case c.accept("ASCENDING", "DESCENDING"):
			c.accept("KEY")
			c.accept("IS")
			o.keys = append(o.keys, c.names("KEY")...)
		case c.accept("INDEXED"):
			c.accept("BY")
			c.names("INDEXED BY")
		default:
			return
		}
	}
}

// names reads one or more data-names.
func (c *clauses) names(what string) []ref {
	var out []ref
	for {
		t := c.peek()
		if t == nil || t.kind != word || isClauseWord(t.upper) {
			if len(out) == 0 {
				c.fail(codeOperand, c.end(), what+" needs a name", "")
			}
			return out
		}
		if r := c.ref(what); r != nil {
			out = append(out, *r)
		}
	}
}

// lateOccurs takes phrases of OCCURS that other clauses separate from it.
func (c *clauses) lateOccurs(t *token) {
	if c.e.occurs == nil {
		c.fail(codeClause, t.pos(), fmt.Sprintf("%s belongs to an OCCURS clause", t.upper), "put it behind OCCURS")
		c.recover()
		return
	}
	c.at--
	c.occursPhrases(c.e.occurs)
	c.checkOccurs(c.e.occurs)
}

func (c *clauses) checkOccurs(o *occursClause) {
	switch {
	case o.depending == nil && o.hasTo && o.min != o.max:
		if c.laterDepending() {
			return
		}
		c.fail(codeOccurs, o.pos, "OCCURS with TO needs DEPENDING ON", "name the item that holds the number of entries, or give one number")
	case o.min > o.max:
		c.fail(codeOccurs, o.pos, fmt.Sprintf("OCCURS %d TO %d: the minimum is greater than the maximum", o.min, o.max), "")
	case o.max == 0:
		c.fail(codeOccurs, o.pos, "a table needs at least one entry", "")
	}
}

func (c *clauses) laterDepending() bool {
	for _, t := range c.ws[c.at:] {
		if t.is("DEPENDING") {
			return true
		}
	}
	return false
}
