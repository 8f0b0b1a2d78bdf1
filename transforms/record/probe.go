// SPDX-License-Identifier: Apache-2.0

package record

import "lintel/transforms"

var _ transforms.Prober = (*Codec)(nil)

// nullable tells that some contents of a number are read as null.
func (p *specials) nullable() bool {
	return p.blank == SpecialNull || p.low == SpecialNull || p.high == SpecialNull
}

// Try implements transforms.Prober: it encodes the value as a writer would, and forgets the bytes.
// Of an array only Len is looked at.
func (c *Codec) Try(t *transforms.Type, v transforms.Value) *transforms.FieldError {
	n, mine := t.Ref.(*node)
	switch {
	case mine && v.Kind == transforms.Array && n.table != nil:
		if least := n.table.min; int(v.Len) > n.table.max || int(v.Len) < least && !n.policy.FillTables {
			return n.fail(faultOccurs, -1, n.size(), nil)
		}
		return nil
	case !mine || n.leaf == nil:
		return nil
	}
	if f := encodeValue(n.leaf, make([]byte, n.size()), v); f != ok {
		return n.fail(f, -1, n.size(), nil)
	}
	return nil
}

// Blank implements transforms.Prober: it reads back what defaults put into the field.
func (c *Codec) Blank(t *transforms.Type) (json []byte, valid bool) {
	n, mine := t.Ref.(*node)
	if !mine || n.leaf == nil {
		return nil, true
	}
	field := make([]byte, n.size())
	c.leafDefault(n, field)
	json, f := n.leaf.decode(nil, field)
	return json, f == ok
}
