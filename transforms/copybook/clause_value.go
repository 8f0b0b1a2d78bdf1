// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

// value reads the VALUE clause of an item, or the values of a condition-name.
func (c *clauses) value(t *token) {
	c.once(len(c.e.values) > 0, t)
	c.e.valuePos, c.e.values = t.pos(), nil
	before := c.p.found()
	c.accept("IS", "ARE")
	for {
		from := c.literal()
		if from == nil {
			break
		}
		v := ValueRange{From: from}
		if c.accept("THRU", "THROUGH") {
			if v.To = c.literal(); v.To == nil {
				c.missing(before, "THRU needs a literal")
				break
			}
		}
		c.e.values = append(c.e.values, v)
		if !c.atLiteral() {
			break
		}
	}
	if len(c.e.values) == 0 {
		c.missing(before, "VALUE needs a literal")
		c.recover()
	}
	c.falseValue()
}

// missing reports what is not there, unless a finding since before says already what is wrong with it.
func (c *clauses) missing(before int, message string) {
	if c.p.found() == before {
		c.fail(codeOperand, c.end(), message, "")
	}
}

// falseValue reads WHEN SET TO FALSE IS literal.
func (c *clauses) falseValue() {
	when := c.accept("WHEN")
	c.accept("SET")
	c.accept("TO")
	if !c.accept("FALSE") {
		if when {
			c.fail(codeOperand, c.end(), "WHEN needs SET TO FALSE", "")
		}
		return
	}
	c.accept("IS")
	before := c.p.found()
	if c.e.whenFalse = c.literal(); c.e.whenFalse == nil {
		c.missing(before, "FALSE needs a literal")
	}
}

// atLiteral reports whether the next word can begin another literal.
func (c *clauses) atLiteral() bool {
	t := c.peek()
	if t == nil {
		return false
	}
	if t.kind == literal {
		return true
	}
	return t.kind == word && !isClauseWord(t.upper) && !t.is("WHEN") && !t.is("FALSE") && !t.is("SET")
}

// literal reads one literal, or gives nil, with a finding if what stands there is wrong.
func (c *clauses) literal() *Literal {
	t := c.peek()
	if t == nil || t.kind == word && isClauseWord(t.upper) {
		return nil
	}
	c.at++
	var l *Literal
	switch {
	case t.kind == literal:
		l = c.quoted(t)
	case t.is("ALL"):
		l = c.allLiteral()
	default:
		l = c.wordLiteral(t)
	}
	if l != nil {
		l.Pos = t.pos()
	}
	return l
}

func (c *clauses) allLiteral() *Literal {
	before := c.p.found()
	l := c.literal()
	if l == nil {
		c.missing(before, "ALL needs a literal")
		return nil
	}
	if l.Figurative == "" {
		if l.Number != "" || l.Text == "" && len(l.Bytes) == 0 {
			c.fail(codeLiteral, l.Pos, "ALL needs a literal in quotes that is not empty", "")
			return nil
		}
		l.All = true
	}
	return l
}

func (c *clauses) wordLiteral(t *token) *Literal {
	if f := figurative(t.upper); f != "" {
		return &Literal{Figurative: f}
	}
	if k := c.p.constants[t.upper]; k != nil {
		out := *k
		return &out
	}
	if n, ok := numericLiteral(t.text, c.p.o.DecimalComma); ok {
		return &Literal{Number: n}
	}
	hint := "text stands in quotes; a number has digits, one decimal point and a sign in front"
	if strings.ContainsAny(t.text, ",") {
		hint = "values of a list are parted by a comma and a blank; a decimal comma needs DECIMAL-POINT IS COMMA"
	}
	c.fail(codeLiteral, t.pos(), fmt.Sprintf("%q is no literal", clip(t.text)), hint)
	return nil
}

func figurative(w string) string {
	switch w {
	case "SPACE", "SPACES":
		return "SPACE"
	case "ZERO", "ZEROS", "ZEROES":
		return "ZERO"
	case "LOW-VALUE", "LOW-VALUES":
		return "LOW-VALUE"
	case "HIGH-VALUE", "HIGH-VALUES":
		return "HIGH-VALUE"
	case "QUOTE", "QUOTES":
		return "QUOTE"
	case "NULL", "NULLS":
		return "NULL"
	}
	return ""
}

// numericLiteral checks a number and writes it with a point and at least one digit before it.
func numericLiteral(text string, comma bool) (string, bool) {
	sign, rest := "", text
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if rest[0] == '-' {
			sign = "-"
		}
		rest = rest[1:]
	}
	mantissa, exponent, float := strings.Cut(strings.ToUpper(rest), "E")
	if float {
		e := strings.TrimLeft(exponent, "+-")
		if len(exponent)-len(e) > 1 || len(e) > 2 || !isNumber(e) {
			return "", false
		}
		exponent = "E" + exponent
	}
	point := "."
	if comma {
		point = ","
	}
	whole, part, hasPoint := strings.Cut(mantissa, point)
	if whole != "" && !isNumber(whole) || hasPoint && !isNumber(part) || whole == "" && part == "" {
		return "", false
	}
	if whole == "" {
		whole = "0"
	}
	if hasPoint {
		whole += "." + part
	}
	return sign + whole + exponent, true
}

// quoted makes a Literal of a quoted token, and of those joined to it with &.
func (c *clauses) quoted(t *token) *Literal {
	l := c.oneQuoted(t)
	for l != nil && c.accept("&") {
		n := c.peek()
		if n == nil || n.kind != literal {
			c.fail(codeOperand, c.end(), "& needs a literal in quotes", "")
			return l
		}
		c.at++
		m := c.oneQuoted(n)
		if m == nil {
			return nil
		}
		if len(m.Bytes) > 0 != (len(l.Bytes) > 0) || m.National != l.National {
			c.fail(codeLiteral, n.pos(), "literals of different kinds cannot be joined", "")
			return nil
		}
		l.Text += m.Text
		l.Bytes = append(l.Bytes, m.Bytes...)
	}
	return l
}

func (c *clauses) oneQuoted(t *token) *Literal {
	switch t.prefix {
	case "", "G", "U":
		return &Literal{Text: t.text}
	case "N":
		return &Literal{Text: t.text, National: true}
	case "Z":
		return &Literal{Text: t.text + "\x00"}
	case "X", "NX", "GX", "UX", "H":
		return c.hexLiteral(t)
	}
	c.fail(codeUnsupported, t.pos(), fmt.Sprintf("literals with the prefix %s are not supported", t.prefix), "")
	return nil
}

func (c *clauses) hexLiteral(t *token) *Literal {
	raw, err := hex.DecodeString(t.text)
	unit := 1
	if t.prefix == "NX" || t.prefix == "GX" {
		unit = 2
	}
	if err != nil || len(raw) == 0 || len(raw)%unit != 0 {
		c.fail(codeHexLiteral, t.pos(), fmt.Sprintf("a literal %s'...' holds pairs of hexadecimal digits, %d or more", t.prefix, 2*unit), "")
		return nil
	}
	switch t.prefix {
	case "NX":
		units := make([]uint16, 0, len(raw)/2)
		for i := 0; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		return &Literal{Text: string(utf16.Decode(units)), National: true}
	case "H":
		if len(raw) > 8 {
			c.fail(codeHexLiteral, t.pos(), "a literal H'...' holds at most 16 hexadecimal digits", "")
			return nil
		}
		var n uint64
		for _, b := range raw {
			n = n<<8 | uint64(b)
		}
		return &Literal{Number: fmt.Sprint(n)}
	}
	return &Literal{Bytes: raw}
}

// isConstant reports 01 NAME CONSTANT.
func (c *clauses) isConstant() bool {
	t := c.peek()
	return c.e.level == 1 && t != nil && t.is("CONSTANT")
}

// constant reads a level 78 entry, or 01 NAME CONSTANT AS literal.
func (c *clauses) constant() {
	if c.accept("CONSTANT") {
		if c.accept("IS") {
			c.accept("GLOBAL")
		}
		c.accept("AS")
	} else if !c.accept("VALUE", "VALUES") {
		c.fail(codeConstant, c.end(), "a constant needs VALUE and a literal", "")
		return
	} else {
		c.accept("IS")
	}
	if c.e.name == fillerName {
		c.fail(codeConstant, c.e.pos, "a constant needs a name", "")
		return
	}
	before := c.p.found()
	l := c.literal()
	if l == nil && c.p.found() > before {
		return
	}
	if l == nil || c.more() {
		c.fail(codeConstant, c.end(), "a constant is one literal; expressions are not computed", "write the value itself")
		return
	}
	if c.p.constants[c.e.name] != nil {
		c.fail(codeConstant, c.e.namePos, fmt.Sprintf("the constant %s is declared twice", c.e.name), "")
		return
	}
	c.p.constants[c.e.name] = l
	c.p.book.Constants = append(c.p.book.Constants, Condition{Name: c.e.name, Values: []ValueRange{{From: l}}, Pos: c.e.pos})
}
