// SPDX-License-Identifier: Apache-2.0

package record

import (
	"iter"

	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// FieldInfo describes one item of a record for tools.
type FieldInfo struct {
	// Item is the entry of the copybook; it is not changed by anyone.
	Item *copybook.Item
	// Depth is 0 for the record, 1 for its children.
	Depth int
	// Path is the qualified data-name, Pointer the JSON pointer with "*" for every array entry; empty for items
	// that are no members.
	Path, Pointer string
	// Offset is in bytes from 0, with tables at their maximum and the first occurrence of tables around the item;
	// Length that of one occurrence.
	Offset, Length int
	// Moves tells that the item stands behind a table of variable length, so that Offset is its greatest.
	Moves bool
	// Picture is picture and usage, empty for groups.
	Picture string
	// MinOccurs and MaxOccurs are 1 for items that are no tables.
	MinOccurs, MaxOccurs int
	// Counter is the data-name of the counter of a variable table.
	Counter string
	// Page is the code page of the item.
	Page *codepage.Page
	// Type is the member's type, nil for items that are no members.
	Type *transforms.Type
}

// Fields walks all items in layout order, FILLER and redefining items included.
func (c *Codec) Fields() iter.Seq[FieldInfo] {
	return func(yield func(FieldInfo) bool) {
		moved := false
		c.fields(c.root, 0, &moved, yield)
	}
}

func (c *Codec) fields(n *node, depth int, moved *bool, yield func(FieldInfo) bool) bool {
	info := FieldInfo{
		Item: n.item, Depth: depth, Path: n.qualified(nil), Offset: n.off(), Length: n.size(), Moves: *moved,
		Picture: picture(n.item), MinOccurs: 1, MaxOccurs: 1, Type: n.typ, Page: n.cs.page,
	}
	if n.name != "" {
		info.Pointer = n.pointerPattern()
	}
	if n.table != nil {
		info.MinOccurs, info.MaxOccurs = n.table.min, n.table.max
		if n.table.counter != nil {
			info.Counter = n.table.counter.item.Name
		}
	}
	if !yield(info) {
		return false
	}
	for _, kid := range n.kids {
		if !c.fields(kid, depth+1, moved, yield) {
			return false
		}
	}
	*moved = *moved || n.variable && n.table != nil
	return true
}

// pointerPattern is the JSON pointer of a member with "*" for the entries of tables.
func (n *node) pointerPattern() string {
	if n.parent == nil {
		return ""
	}
	s := n.parent.pointerPattern()
	if n.name == "" {
		return s
	}
	s += "/" + escapePointer(n.name)
	if n.table != nil {
		s += "/*"
	}
	return s
}
