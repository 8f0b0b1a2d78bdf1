// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/transforms"
	"lintel/transforms/copybook"
)

// defaults writes the default of n, and of all below it, into buf: VALUE if the policy says so, else
// what MOVE of SPACES and ZEROS would give by category, X'00' for bytes that belong to no item.
func (c *Codec) defaults(n *node, buf []byte, delta int) {
	times := 1
	if n.table != nil {
		times = n.table.max
	}
	if times == 0 {
		return
	}
	at := n.off() + delta
	if n.leaf != nil {
		c.leafDefault(n, buf[at:at+n.size()])
	}
	for i := len(n.kids) - 1; i >= 0; i-- { // the first alternative of a block prevails
		c.defaults(n.kids[i], buf, delta)
	}
	first := buf[at : at+n.size()]
	for i := 1; i < times; i++ {
		copy(buf[at+i*n.size():], first)
	}
}

// defaulter is a leaf with a default of its own.
type defaulter interface{ setDefault(field []byte) bool }

func (c *Codec) leafDefault(n *node, field []byte) {
	if d, own := n.leaf.(defaulter); own && d.setDefault(field) {
		return
	}
	if n.policy.UseValue && n.item.Value != nil && c.literal(n, n.item.Value, field) == ok {
		return
	}
	for _, v := range []scalar{
		{kind: transforms.Number, text: []byte("0")},
		{kind: transforms.String, text: []byte(`""`)},
	} {
		if isText(n.item) && v.kind == transforms.Number {
			continue
		}
		if n.base.encode(field, v) == ok {
			return
		}
	}
	clear(field)
}

// isText tells that an item holds characters.
func isText(it *copybook.Item) bool {
	switch it.Category {
	case copybook.Alphabetic, copybook.Alphanumeric, copybook.AlphanumericEdited, copybook.NationalText, copybook.NationalEdited,
		copybook.DBCSText, copybook.UTF8Text:
		return true
	}
	return false
}

// literal writes a literal of the copybook into a field, as VALUE does.
func (c *Codec) literal(n *node, l *copybook.Literal, field []byte) fault {
	switch {
	case l.Figurative != "":
		return c.figurative(n, l.Figurative, field)
	case l.All:
		return c.all(n, l, field)
	case l.Bytes != nil:
		return c.hexLiteral(n, l, field)
	case l.Number != "":
		v := scalar{kind: transforms.Number, text: []byte(l.Number)}
		return n.base.encode(field, v)
	default:
		return n.base.encode(field, scalar{kind: transforms.String, text: transforms.AppendQuoted(nil, l.Text)})
	}
}

func (c *Codec) figurative(n *node, word string, field []byte) fault {
	switch word {
	case "SPACE", "SPACES":
		if _, national := n.base.(interface{ widen(field, narrow []byte) }); national {
			wide := wideLeaf{pad: []byte{0, ' '}}
			wide.fill(field)
			return ok
		}
		if !isText(n.item) {
			fillBytes(field, n.cs.space)
			return ok
		}
		return n.base.encode(field, scalar{kind: transforms.String, text: []byte(`""`)})
	case "ZERO", "ZEROS", "ZEROES":
		if isText(n.item) {
			return c.repeat(n, "0", field)
		}
		return n.base.encode(field, scalar{kind: transforms.Number, text: []byte("0")})
	case "LOW-VALUE", "LOW-VALUES", "NULL", "NULLS":
		clear(field)
	case "HIGH-VALUE", "HIGH-VALUES":
		fillBytes(field, 0xFF)
	case "QUOTE", "QUOTES":
		return c.repeat(n, `"`, field)
	default:
		return faultType
	}
	return ok
}

func (c *Codec) all(n *node, l *copybook.Literal, field []byte) fault {
	if l.Bytes != nil {
		for i := range field {
			field[i] = l.Bytes[i%max(len(l.Bytes), 1)]
		}
		return ok
	}
	return c.repeat(n, l.Text, field)
}

// repeat fills a text field with as many copies of text as it has room for.
func (c *Codec) repeat(n *node, text string, field []byte) fault {
	if text == "" {
		return faultType
	}
	room := len(field)
	switch wide := n.base.(type) {
	case *wideLeaf:
		room /= len(wide.pad)
	case *charsLeaf:
		room = wide.most
	}
	runes := []rune(text)
	out := make([]rune, room)
	for i := range out {
		out[i] = runes[i%len(runes)]
	}
	return n.base.encode(field, scalar{kind: transforms.String, text: transforms.AppendQuoted(nil, string(out))})
}

// hexLiteral puts the bytes as they are, and pads like text.
func (c *Codec) hexLiteral(n *node, l *copybook.Literal, field []byte) fault {
	if len(l.Bytes) > len(field) {
		return faultLength
	}
	if wide, isWide := n.base.(interface{ fill(b []byte) }); isWide {
		wide.fill(field)
	} else {
		fillBytes(field, n.cs.space)
	}
	copy(field, l.Bytes)
	return ok
}
