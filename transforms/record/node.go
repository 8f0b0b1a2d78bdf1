// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strconv"
	"strings"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

// node is one item of the layout, compiled.
type node struct {
	item   *copybook.Item
	parent *node
	// kids are the items of a group in layout order, fillers and redefining items included.
	kids []*node
	// parts are the same with REDEFINES blocks drawn together: what has bytes of its own.
	parts []part

	// name is the JSON name; empty for what is no member. member is the name as it stands in JSON, with
	// the colon.
	name   string
	member []byte

	// leaf is the codec of an elementary item, nil for groups; base the one beneath date, enum and
	// boolean rules.
	leaf, base leaf
	partial    bool // text: a cut field is read as far as it goes

	// lenient tells that here or below is a field that becomes null where its bytes cannot be read.
	lenient bool

	table *table
	block *block
	// variable tells that the length differs from message to message.
	variable bool
	// registers: where the walk notes the position of counters and discriminators, -1 for none.
	reg int
	// least is the least length of one occurrence.
	least int

	typ, entry *transforms.Type
	rule       nodeRules
	// policy and code page are those of the record as its fields may change them.
	policy Policy
	cs     *charset
	// prefixes are dropped from the names of level-88 entries.
	prefixes []string
}

// part is a child or a block of alternatives.
type part struct {
	node  *node
	block *block
}

// table is an OCCURS clause.
type table struct {
	min, max int
	counter  *node // nil for a fixed table
}

// block is an item with those that redefine it.
type block struct {
	alts      []*node
	off, size int
	// chosen by a rule: the discriminator and the value of each choice as decoded JSON text.
	disc    *node
	choices []choice
	// rest is the alternative for values without a choice, or nil.
	rest *node
	id   int
	// discBehind tells that the discriminator stands behind the block.
	discBehind bool
}

// choice is one value of a discriminator.
type choice struct {
	json  []byte // as the discriminator decodes
	bytes []byte // as it is written
	alt   *node
}

// off is the offset at maximum, of the first occurrence.
func (n *node) off() int { return n.item.Offset }

// size is the length of one occurrence at maximum.
func (n *node) size() int { return n.item.Size }

// total is the length of all occurrences at maximum.
func (n *node) total() int {
	if n.table != nil {
		return n.item.Size * n.table.max
	}
	return n.item.Size
}

// isGroup tells groups from elementary items.
func (n *node) isGroup() bool { return len(n.item.Children) > 0 || n.item.Category == copybook.Group }

// picture is the picture and usage for messages.
func picture(it *copybook.Item) string {
	if len(it.Children) > 0 {
		return ""
	}
	var b strings.Builder
	if it.Picture != "" {
		b.WriteString("PIC " + it.Picture)
	}
	if it.UsageClause != "" && it.UsageClause != "DISPLAY" {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(it.UsageClause)
	}
	if it.Signed {
		switch it.Sign {
		case copybook.Leading:
			b.WriteString(" SIGN LEADING")
		case copybook.TrailingSeparate:
			b.WriteString(" SIGN TRAILING SEPARATE")
		case copybook.LeadingSeparate:
			b.WriteString(" SIGN LEADING SEPARATE")
		}
	}
	return b.String()
}

// fail makes the error for a field. occ are the indexes, from 0, of the occurrences of the tables
// around it, from the outside in; tables beyond the list are named without a number.
func (n *node) fail(f fault, offset, length int, occ []int32) *transforms.FieldError {
	code, reason := f.explain()
	return &transforms.FieldError{
		Field: n.qualified(occ), Offset: offset, Length: length, Picture: picture(n.item), Code: code, Reason: reason,
	}
}

// qualified is the path with occurrence numbers.
func (n *node) qualified(occ []int32) string {
	var chain []*node
	for x := n; x != nil; x = x.parent {
		chain = append(chain, x)
	}
	var b strings.Builder
	for i := len(chain) - 1; i >= 0; i-- {
		x := chain[i]
		numbered := x.table != nil && len(occ) > 0
		if x.item.Filler && !numbered && x != n || x.parent == nil && x.item.Level == -1 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(x.item.Name)
		if numbered {
			b.WriteByte('(')
			b.WriteString(strconv.Itoa(int(occ[0]) + 1))
			b.WriteByte(')')
			occ = occ[1:]
		}
	}
	return b.String()
}

// pointer is the JSON pointer of a member, with the given occurrences.
func (n *node) pointer(occ []int32) string {
	var chain []*node
	for x := n; x != nil; x = x.parent {
		chain = append(chain, x)
	}
	var b strings.Builder
	for i := len(chain) - 1; i >= 0; i-- {
		x := chain[i]
		if x.name == "" {
			continue
		}
		b.WriteByte('/')
		b.WriteString(escapePointer(x.name))
		if x.table != nil && len(occ) > 0 {
			b.WriteByte('/')
			b.WriteString(strconv.Itoa(int(occ[0])))
			occ = occ[1:]
		}
	}
	return b.String()
}

// escapePointer writes a member name as a reference token of RFC 6901.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// tables counts the tables around and at n.
func (n *node) tables() int {
	d := 0
	for x := n; x != nil; x = x.parent {
		if x.table != nil {
			d++
		}
	}
	return d
}

// within tells that n is anc or below it.
func (n *node) within(anc *node) bool {
	for x := n; x != nil; x = x.parent {
		if x == anc {
			return true
		}
	}
	return false
}

// walk calls f for n and all below it, in layout order.
func (n *node) walk(f func(*node)) {
	f(n)
	for _, k := range n.kids {
		k.walk(f)
	}
}
