// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"slices"

	"lintel/transforms/soap"
)

// namespace is a declaration that the canonical form has written.
type namespace struct{ prefix, uri []byte }

// canonicalizer writes elements in exclusive canonical form, without comments (Exclusive XML
// Canonicalization 1.0): the bytes that signatures are over.
type canonicalizer struct {
	t *soap.Tokens
	// message has the content that attachments stand for; nil if there are none.
	message *soap.Package
	// inclusive are prefixes that are declared wherever they are bound: PrefixList. The empty one is
	// #default.
	inclusive []string
	written   []namespace
	marks     []int
	used      [][]byte
	attrs     []soap.Attribute
	scratch   []byte
	names     [][]byte
}

// appendCanonical appends the canonical form of the element that t stands at the start of, to its end. Content that is
// an attachment of the message is in it.
func appendCanonical(dst []byte, t *soap.Tokens, inclusive []string, message *soap.Package) ([]byte, error) {
	c := &canonicalizer{t: t, inclusive: inclusive, message: message}
	kind, _, _ := t.At()
	for {
		switch kind {
		case soap.StartTag:
			included, err := false, error(nil)
			if dst, included, err = c.message.Include(dst, t); err != nil {
				return dst, err
			}
			if !included {
				dst = c.start(dst)
			}
		case soap.EndTag:
			last := len(c.names) - 1
			dst = append(append(append(dst, "</"...), c.names[last]...), '>')
			c.written = c.written[:c.marks[last]]
			c.names, c.marks = c.names[:last], c.marks[:last]
			if last == 0 {
				return dst, nil
			}
		case soap.Characters:
			c.scratch = t.AppendText(c.scratch[:0])
			dst = appendCanonicalText(dst, c.scratch)
		}
		var err error
		if kind, err = t.Next(); err != nil {
			return dst, err
		}
	}
}

func (c *canonicalizer) start(dst []byte) []byte {
	_, prefix, local := c.t.Name()
	name := local
	if prefix != nil {
		name = slices.Concat(prefix, []byte{':'}, local)
	}
	c.names, c.marks = append(c.names, name), append(c.marks, len(c.written))
	c.used, c.attrs = append(c.used[:0], prefix), c.attrs[:0]
	for i := range c.t.Attributes() {
		a := c.t.Attribute(i)
		c.attrs = append(c.attrs, a)
		if a.Prefix != nil {
			c.used = append(c.used, a.Prefix)
		}
	}
	for _, p := range c.inclusive {
		if _, bound := c.t.Bound([]byte(p)); bound || p == "" {
			c.used = append(c.used, []byte(p))
		}
	}
	dst = append(append(dst, '<'), name...)
	return append(c.attributes(c.declarations(dst)), '>')
}

// declarations writes what the element has to declare, in the order of prefixes.
func (c *canonicalizer) declarations(dst []byte) []byte {
	slices.SortFunc(c.used, bytes.Compare)
	for i, p := range c.used {
		if i > 0 && bytes.Equal(p, c.used[i-1]) || string(p) == "xml" {
			continue
		}
		uri, _ := c.t.Bound(p)
		if bytes.Equal(c.inForce(p), uri) {
			continue
		}
		c.written = append(c.written, namespace{p, uri})
		dst = append(dst, " xmlns"...)
		if len(p) > 0 {
			dst = append(append(dst, ':'), p...)
		}
		dst = append(appendCanonicalValue(append(dst, `="`...), uri), '"')
	}
	return dst
}

// inForce is what a prefix was last declared as in the output; nil for nothing.
func (c *canonicalizer) inForce(prefix []byte) []byte {
	for _, n := range slices.Backward(c.written) {
		if bytes.Equal(n.prefix, prefix) {
			return n.uri
		}
	}
	return nil
}

// attributes writes the attributes in the order of namespace and name.
func (c *canonicalizer) attributes(dst []byte) []byte {
	slices.SortFunc(c.attrs, func(a, b soap.Attribute) int {
		if d := bytes.Compare(a.Space, b.Space); d != 0 {
			return d
		}
		return bytes.Compare(a.Local, b.Local)
	})
	for i := range c.attrs {
		a := &c.attrs[i]
		dst = append(dst, ' ')
		if a.Prefix != nil {
			dst = append(append(dst, a.Prefix...), ':')
		}
		dst = append(append(dst, a.Local...), `="`...)
		c.scratch = a.AppendValue(c.scratch[:0])
		dst = append(appendCanonicalValue(dst, c.scratch), '"')
	}
	return dst
}

// appendCanonicalText writes characters of an element (Canonical XML 1.0, section 2.3).
func appendCanonicalText(dst, text []byte) []byte {
	for _, b := range text {
		switch b {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '\r':
			dst = append(dst, "&#xD;"...)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// appendCanonicalValue writes the value of an attribute.
func appendCanonicalValue(dst, text []byte) []byte {
	for _, b := range text {
		switch b {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '"':
			dst = append(dst, "&quot;"...)
		case '\t':
			dst = append(dst, "&#x9;"...)
		case '\n':
			dst = append(dst, "&#xA;"...)
		case '\r':
			dst = append(dst, "&#xD;"...)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}
