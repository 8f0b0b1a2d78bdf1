// SPDX-License-Identifier: Apache-2.0

package record

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// types makes the tree of Types.
func (k *compiler) types() {
	k.root.typ = k.objectType(k.root)
	k.root.entry = k.root.typ
	k.root.typ.Name = ""
	k.choosers()
}

// choosers tells the members of alternatives which values of which field choose them.
func (k *compiler) choosers() {
	k.root.walk(func(n *node) {
		x := n
		for x != nil && x.block == nil && (x == n || x.name == "") { // members of a group without a name stand in the one around
			x = x.parent
		}
		if n.typ == nil || x == nil || x.block == nil || x != n && x.name != "" || x.block.disc == nil {
			return
		}
		n.typ.Chooser = x.block.disc.typ
		for _, c := range x.block.choices {
			if c.alt != x {
				continue
			}
			if text, ok := plainJSON(c.json); ok {
				n.typ.ChosenBy = append(n.typ.ChosenBy, text)
			}
		}
	})
}

// plainJSON is the text of a JSON string, and any other value as it is.
func plainJSON(text []byte) (string, bool) {
	if len(text) == 0 || text[0] != '"' {
		return string(text), len(text) > 0
	}
	plain, err := transforms.Unquote(nil, text)
	return string(plain), err == nil
}

func (k *compiler) objectType(n *node) *transforms.Type {
	t := k.newType(n, transforms.ObjectShape)
	for _, m := range k.members(n) {
		m.entry = k.entryType(m)
		m.typ = m.entry
		if m.table != nil {
			m.typ = k.newType(m, transforms.ArrayShape)
			m.typ.Items = m.entry
			m.typ.MinItems, m.typ.MaxItems = m.table.min, m.table.max
			if m.table.counter != nil {
				m.typ.Counter = m.table.counter.typ // it stands in front of its table
			}
			m.entry.Name = ""
		}
		m.typ.Optional = k.optional(m, n)
		m.typ.Overlay, m.typ.Alternative = k.overlay(m, n)
		t.Members = append(t.Members, m.typ)
	}
	return t
}

// optional members may be absent: they are, or are in, an alternative of a REDEFINES block.
func (k *compiler) optional(m, top *node) bool {
	for x := m; x != nil && x != top; x = x.parent {
		if x.block != nil {
			return true
		}
	}
	return false
}

// overlay tells which REDEFINES block of its group a member is in, and in which of its alternatives.
func (k *compiler) overlay(m, top *node) (block, alternative int) {
	for x := m; x != nil && x != top; x = x.parent {
		if x.block != nil {
			return x.block.id + 1, slices.Index(x.block.alts, x)
		}
	}
	return 0, 0
}

func (k *compiler) newType(n *node, s transforms.Shape) *transforms.Type {
	t := &transforms.Type{
		Name: n.name, HostName: n.item.Name, Shape: s, Pos: n.item.Pos, Picture: picture(n.item), Ref: n,
		MaxItems: transforms.Unbounded, MaxLength: transforms.Unbounded, Digits: transforms.Unbounded,
	}
	if n.rule.rule != nil {
		t.Sensitive = n.rule.rule.Sensitive
	}
	return t
}

func (k *compiler) entryType(n *node) *transforms.Type {
	if n.isGroup() {
		return k.objectType(n)
	}
	t := k.newType(n, transforms.StringShape)
	describe(n.leaf, n.item, t)
	if n.lenient {
		t.Nullable, t.Lenient = true, true
	}
	return t
}

// describer is a leaf that says more about its type.
type describer interface{ describe(t *transforms.Type) }

func describe(l leaf, it *copybook.Item, t *transforms.Type) {
	if e, nulls := l.(*emptyLeaf); nulls {
		describe(e.leaf, it, t)
		t.Nullable = true
		for i := range e.values {
			if text := e.values[i].json; text != nil && string(text) != "null" {
				t.Blanks = append(t.Blanks, string(text))
			}
		}
		return
	}
	if d, says := l.(describer); says {
		d.describe(t)
		if b, isBinary := l.(*binaryLeaf); isBinary && b.full {
			b.fullBounds(it.Size, t)
		}
		if s, special := l.(interface{ nullable() bool }); special && s.nullable() {
			t.Nullable = true
		}
		return
	}
	t.MaxLength = it.Size
}

// describe implements describer.
func (s *scaled) describe(t *transforms.Type) {
	t.Shape = transforms.NumberShape
	t.Signed = s.signed
	t.Scale = max(s.scale, 0)
	t.Integer = s.scale <= 0
	t.Digits = max(s.n, s.n-s.scale, s.scale)
	if s.scale < 0 { // the last digits are zeros
		t.Minimum, t.Maximum = "0", strings.Repeat("9", s.n)+strings.Repeat("0", -s.scale)
		if s.signed {
			t.Minimum = "-" + t.Maximum
		}
	}
}

// describe implements describer.
func (l *binaryLeaf) describe(t *transforms.Type) {
	l.scaled.describe(t)
	if l.full {
		t.Digits = max(l.fullDigits, t.Scale)
	}
}

// fullBounds gives the exact bounds of a binary number that uses all of its bits.
func (l *binaryLeaf) fullBounds(size int, t *transforms.Type) {
	if l.scale < 0 {
		return
	}
	high := new(big.Int).Lsh(big.NewInt(1), uint(size)*8)
	low := new(big.Int)
	if l.signed {
		high.Rsh(high, 1)
		low.Neg(high)
	}
	high.Sub(high, big.NewInt(1))
	t.Minimum, t.Maximum = scaledText(low, l.scale), scaledText(high, l.scale)
}

// scaledText writes an integer with the last digits behind the point.
func scaledText(n *big.Int, scale int) string {
	if scale == 0 {
		return n.String()
	}
	return n.String() + "e-" + strconv.Itoa(scale)
}

// describe implements describer.
func (l *textLeaf) describe(t *transforms.Type) { textBounds(t, l.size, l.trim) }

func textBounds(t *transforms.Type, n int, trim Trim) {
	t.MaxLength = n
	if trim == TrimNone {
		t.MinLength = n
	}
}

// describe implements describer.
func (l *wideLeaf) describe(t *transforms.Type) {
	t.MaxLength = l.size / max(len(l.pad), 1)
	page, mixed := l.set.(*codepage.Page)
	switch {
	case !mixed || len(l.pad) > 1:
	case page.EBCDIC(): // two bytes a character and two shifts around, at worst around every other one
		t.SafeLength = min(max(l.size-2, 0)/2, l.size/5*2+l.size%5/4)
	default: // UTF-8
		t.SafeLength = l.size / 4
	}
}
