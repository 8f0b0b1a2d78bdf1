// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
)

// usageInfo is what a usage says by itself.
type usageInfo struct {
	usage Usage
	// size is the length of an item that has no picture, 0 where a picture gives it, -1 for the
	// dialect's pointer length.
	size int
	// digits and signed describe BINARY-CHAR .. BINARY-DOUBLE.
	digits int
	signed bool
	// foreign usages are unknown to Enterprise COBOL.
	foreign bool
	// refused usages have no layout here.
	refused bool
}

// usageOf returns what a usage word means.
func usageOf(w string) (usageInfo, bool) {
	switch strings.Replace(w, "COMPUTATIONAL", "COMP", 1) {
	case "DISPLAY":
		return usageInfo{usage: Display}, true
	case "COMP", "COMP-4", "BINARY":
		return usageInfo{usage: Binary}, true
	case "COMP-1":
		return usageInfo{usage: Float, size: 4}, true
	case "COMP-2":
		return usageInfo{usage: Float, size: 8}, true
	case "FLOAT-SHORT":
		return usageInfo{usage: Float, size: 4, foreign: true}, true
	case "FLOAT-LONG":
		return usageInfo{usage: Float, size: 8, foreign: true}, true
	case "COMP-3", "PACKED-DECIMAL":
		return usageInfo{usage: Packed}, true
	case "COMP-5":
		return usageInfo{usage: Native}, true
	case "COMP-6":
		return usageInfo{usage: PackedUnsigned, foreign: true}, true
	case "COMP-X", "COMP-N":
		return usageInfo{usage: CompX, foreign: true}, true
	case "DISPLAY-1":
		return usageInfo{usage: DBCS}, true
	case "NATIONAL":
		return usageInfo{usage: National}, true
	case "UTF-8":
		return usageInfo{usage: UTF8}, true
	case "INDEX":
		return usageInfo{usage: Index, size: 4}, true
	case "POINTER", "FUNCTION-POINTER":
		return usageInfo{usage: Pointer, size: -1}, true
	case "PROGRAM-POINTER":
		return usageInfo{usage: Pointer, size: -1, foreign: true}, true
	case "POINTER-32":
		return usageInfo{usage: Pointer, size: 4}, true
	case "PROCEDURE-POINTER":
		return usageInfo{usage: Pointer, size: 8}, true
	}
	return foreignUsage(w)
}

// foreignUsage returns the usages of COBOL 2002 and other compilers.
func foreignUsage(w string) (usageInfo, bool) {
	native := func(size, digits int, signed bool) (usageInfo, bool) {
		return usageInfo{usage: Native, size: size, digits: digits, signed: signed, foreign: true}, true
	}
	switch w {
	case "BINARY-CHAR":
		return native(1, 3, true)
	case "BINARY-SHORT", "SIGNED-SHORT":
		return native(2, 5, true)
	case "BINARY-LONG", "BINARY-INT", "SIGNED-INT":
		return native(4, 10, true)
	case "BINARY-DOUBLE", "BINARY-LONG-LONG", "SIGNED-LONG":
		return native(8, 19, true)
	case "UNSIGNED-SHORT":
		return native(2, 5, false)
	case "UNSIGNED-INT":
		return native(4, 10, false)
	case "UNSIGNED-LONG":
		return native(8, 20, false)
	case "COMP-0", "COMP-7", "COMP-9", "COMP-10", "COMP-15", "FLOAT-EXTENDED", "FLOAT-BINARY-32", "FLOAT-BINARY-64", "FLOAT-BINARY-128",
		"FLOAT-DECIMAL-16", "FLOAT-DECIMAL-34", "OBJECT", "HANDLE", "BIT":
		return usageInfo{refused: true}, w != "OBJECT" && w != "HANDLE" && w != "BIT"
	}
	return usageInfo{}, false
}

func (c *clauses) usage(*token) {
	c.accept("IS")
	n := c.peek()
	if n == nil || n.kind != word {
		c.fail(codeOperand, c.end(), "USAGE needs a usage, such as COMP-3", "")
		return
	}
	if _, ok := usageOf(n.upper); !ok {
		switch n.upper {
		case "OBJECT", "HANDLE", "BIT":
			c.fail(codeUnsupported, n.pos(), fmt.Sprintf("USAGE %s is not supported", n.upper), "describe the bytes with PIC X")
		default:
			c.fail(codeOperand, n.pos(), fmt.Sprintf("%q is no usage", clip(n.text)), "usages are DISPLAY, COMP, COMP-1 to COMP-6, BINARY, PACKED-DECIMAL, INDEX, POINTER, NATIONAL and the like")
		}
		c.at++
		c.recover()
		return
	}
	c.at++
	c.bareUsage(n)
}

func (c *clauses) bareUsage(t *token) {
	c.once(c.e.usage != nil, t)
	info, _ := usageOf(t.upper)
	if info.refused {
		c.fail(codeUnsupported, t.pos(), fmt.Sprintf("USAGE %s is not supported", t.upper), "describe the bytes with PIC X and convert them yourself")
		return
	}
	u := &usageClause{text: t.upper, pos: t.pos(), usageInfo: info}
	if info.digits > 0 && info.signed {
		switch {
		case c.accept("UNSIGNED"):
			u.signed, u.text = false, u.text+" UNSIGNED"
			if u.size == 8 {
				u.digits = 20
			}
		case c.accept("SIGNED"):
		}
	}
	if t.is("PACKED-DECIMAL") {
		c.packedNoSign(u)
	}
	if info.usage == Pointer && c.accept("TO") {
		c.ref("TO")
	}
	c.accept("NATIVE") // a comment for Enterprise COBOL
	if u.foreign && c.p.o.Dialect.Name == "zos" {
		c.p.warnAt(codeDialect, t.pos(), fmt.Sprintf("USAGE %s is unknown to the compiler of dialect zos", u.text), "set the dialect of the host that made the copybook")
	}
	c.e.usage = u
}

// packedNoSign takes WITH NO SIGN, which makes packed decimal what others call COMP-6.
func (c *clauses) packedNoSign(u *usageClause) {
	at := c.at
	c.accept("WITH")
	if c.accept("NO") && c.accept("SIGN") {
		u.usage, u.text, u.foreign = PackedUnsigned, "PACKED-DECIMAL NO SIGN", true
		return
	}
	c.at = at
}
