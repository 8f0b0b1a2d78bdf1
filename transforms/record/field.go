// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"

	"lintel/transforms"
)

// leafField decodes one captured elementary item.
type leafField struct{ n *node }

var (
	_ transforms.Field   = (*leafField)(nil)
	_ transforms.Locator = (*leafField)(nil)
	_ transforms.Field   = (*groupField)(nil)
	_ transforms.Locator = (*groupField)(nil)
)

// AppendJSON implements transforms.Field.
func (l *leafField) AppendJSON(dst, raw []byte) ([]byte, error) {
	out, f := l.n.leaf.decode(dst, raw)
	if f != ok {
		if l.n.lenient {
			return append(dst, "null"...), nil // the reader has noted it
		}
		offset := -1
		if l.n.tables() == 0 {
			offset = l.n.off()
		}
		return dst, l.n.fail(f, offset, l.n.size(), nil)
	}
	return out, nil
}

// Locate implements transforms.Locator.
func (l *leafField) Locate(err *transforms.FieldError, v transforms.Value) {
	err.Offset = int(v.First)
	err.Field = l.n.qualified(l.n.occurrences(v.Len))
}

// occurrences takes a row number apart into the indexes of the tables around n.
func (n *node) occurrences(row int32) []int32 {
	occ := make([]int32, n.tables())
	i := len(occ)
	for x := n; x != nil; x = x.parent {
		if x.table != nil && x.table.max > 0 {
			i--
			occ[i] = row % int32(x.table.max)
			row /= int32(x.table.max)
		}
	}
	return occ
}

// groupField decodes a captured group from its bytes.
type groupField struct {
	c    *Codec
	n    *node
	plan *plan
}

// AppendJSON implements transforms.Field.
func (g *groupField) AppendJSON(dst, raw []byte) ([]byte, error) {
	w := g.c.startWalk(raw)
	defer g.c.endWalk(w)
	for range g.n.tables() {
		w.occ = append(w.occ, 0)
	}
	out, _, err := w.decode(g.plan, dst, -g.n.off())
	if err != nil {
		return dst, err
	}
	return out[:len(out)-1], nil
}

// Locate implements transforms.Locator: the error has its offset from the group, and the first
// occurrence of every table around the group.
func (g *groupField) Locate(err *transforms.FieldError, v transforms.Value) {
	if err.Offset >= 0 {
		err.Offset += int(v.First)
	}
	around := g.n.tables()
	zero := g.n.qualified(make([]int32, around))
	if rest, found := strings.CutPrefix(err.Field, zero); found {
		err.Field = g.n.qualified(g.n.occurrences(v.Len)) + rest
	}
}
