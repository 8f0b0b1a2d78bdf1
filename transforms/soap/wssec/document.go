// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"slices"

	"lintel/transforms/soap"
)

// Bounds of what stands around a body.
const (
	maxBlocks = 64
	maxParts  = 64
)

// Error says why a message cannot be secured or is not trusted. It never holds bytes of a message.
type Error struct{ Reason string }

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

func refuse(reason string) error { return &Error{reason} }

// element is where an element of a message stands. What is read and what is verified is told by these
// places, never by a search for an identifier.
type element struct {
	space, local string
	// begin and end are the element's, named where its name ends, inner and outer where its content
	// begins and ends; a tag that ends itself has none.
	begin, named, inner, outer, end int
	// id is what names it for signatures; wsu tells that it is a wsu:Id.
	id  string
	wsu bool
}

func (e *element) is(space, local string) bool { return e.space == space && e.local == local }

// closed tells that the element is a tag that ends itself.
func (e *element) closed() bool { return e.inner == e.outer && e.outer == e.end }

// document is an envelope and the places of what counts in it.
type document struct {
	src      []byte
	soap     string
	envelope element
	// prefixes are those that the envelope declares.
	prefixes []string
	header   element // its local is empty if there is none
	body     element
	// blocks are the elements of the header, parts those of the security block, of which security is
	// the number in blocks, -1 for none.
	blocks, parts []element
	security      int
}

// parse finds the places in an envelope in UTF-8. Security blocks for another actor are not taken.
func parse(src []byte, actor string) (*document, error) {
	t, err := soap.NewTokens(src)
	if err != nil {
		return nil, malformed(err)
	}
	d := &document{src: src, security: -1}
	if err := d.read(t, actor); err != nil {
		return nil, malformed(err)
	}
	return d, nil
}

// malformed makes errors of the tokenizer errors of this package.
func malformed(err error) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // made here, never wrapped
		return e
	}
	return refuse("the message is not the XML that is read here: " + err.Error())
}

func (d *document) read(t *soap.Tokens, actor string) error {
	open := make([]*element, 0, 4)
	inSecurity := false
	for {
		kind, err := t.Next()
		if err != nil || kind == soap.End {
			if err == nil && d.body.local == "" {
				return refuse("the envelope has no body")
			}
			return err
		}
		_, begin, end := t.At()
		depth := t.Depth()
		switch kind {
		case soap.StartTag:
			if depth > 4 || depth > 3 && !inSecurity || depth > 2 && d.body.local != "" {
				continue
			}
			e := newElement(t)
			if depth == 1 {
				for p := range t.Declared() {
					d.prefixes = append(d.prefixes, string(p))
				}
			}
			to, err := d.place(depth, e)
			if err != nil {
				return err
			}
			open = append(open[:depth-1], to)
			if depth == 3 && d.header.end == 0 && e.is(nsWSSE, "Security") && forUs(t, d.soap, actor) {
				if d.security >= 0 {
					return refuse("the envelope has two security headers")
				}
				d.security, inSecurity = len(d.blocks)-1, true
			}
		case soap.EndTag:
			if depth < len(open) {
				open[depth].outer, open[depth].end = begin, end
				if open[depth].inner > begin {
					open[depth].inner = begin
				}
				open = open[:depth]
				inSecurity = inSecurity && depth > 2
			}
		case soap.Characters:
			if (depth < 3 && (depth != 2 || d.body.local == "") || depth == 3 && inSecurity) && len(bytes.TrimLeft(t.AppendText(nil), " \t\r\n")) > 0 {
				return refuse("text stands between the elements of the envelope")
			}
		}
	}
}

// newElement is the element of the present start tag.
func newElement(t *soap.Tokens) element {
	space, prefix, local := t.Name()
	_, begin, end := t.At()
	e := element{space: string(space), local: string(local), begin: begin, named: begin + 1 + len(local), inner: end}
	if prefix != nil {
		e.named += len(prefix) + 1
	}
	for i := range t.Attributes() {
		a := t.Attribute(i)
		if wsu := string(a.Space) == nsWSU; identifies(&a) && (e.id == "" || wsu) {
			e.id, e.wsu = string(a.AppendValue(nil)), wsu
		}
	}
	return e
}

// identifies tells whether an attribute names its element for signatures: wsu:Id, Id of XML Signature
// and Encryption, xml:id, and the spellings that others take for one.
func identifies(a *soap.Attribute) bool {
	return len(a.Local) == 2 && (a.Local[0]|0x20) == 'i' && (a.Local[1]|0x20) == 'd'
}

// place puts an element where it belongs.
func (d *document) place(depth int, e element) (*element, error) {
	switch depth {
	case 1:
		if e.local != "Envelope" || e.space != nsSOAP11 && e.space != nsSOAP12 {
			return nil, refuse("the message is no SOAP envelope")
		}
		d.soap, d.envelope = e.space, e
		return &d.envelope, nil
	case 2:
		switch {
		case e.is(d.soap, "Header") && d.header.local == "" && d.body.local == "":
			d.header = e
			return &d.header, nil
		case e.is(d.soap, "Body") && d.body.local == "":
			d.body = e
			return &d.body, nil
		}
		return nil, refuse("the envelope has another element than one header and one body")
	}
	list, most := &d.blocks, maxBlocks
	if depth == 4 {
		list, most = &d.parts, maxParts
	}
	if len(*list) == most {
		return nil, refuse("the header has more elements than are read")
	}
	if cap(*list) == 0 {
		*list = make([]element, 0, most) // so that places stay where they are
	}
	*list = append(*list, e)
	return &(*list)[len(*list)-1], nil
}

// forUs tells whether a header block is for a receiver with that actor: the ultimate one is the empty one.
func forUs(t *soap.Tokens, version, actor string) bool {
	for i := range t.Attributes() {
		a := t.Attribute(i)
		if string(a.Space) == version && (string(a.Local) == "actor" || string(a.Local) == "role") {
			v := string(a.AppendValue(nil))
			return v == actor || actor == "" && v == nsSOAP12+"/role/ultimateReceiver"
		}
	}
	return actor == ""
}

// count tells how many elements of the whole document carry each identifier.
func (d *document) count(ids []string) ([]int, error) {
	t, err := soap.NewTokens(d.src)
	if err != nil {
		return nil, malformed(err)
	}
	n := make([]int, len(ids))
	last := make([]int, len(ids)) // where it was counted last: an element counts once
	var value []byte
	for {
		kind, err := t.Next()
		if err != nil || kind == soap.End {
			return n, err
		}
		if kind != soap.StartTag {
			continue
		}
		_, _, end := t.At()
		for i := range t.Attributes() {
			a := t.Attribute(i)
			if !identifies(&a) {
				continue
			}
			value = a.AppendValue(value[:0])
			if i := slices.Index(ids, string(value)); i >= 0 && last[i] != end {
				last[i] = end
				n[i]++
			}
		}
	}
}

// canonical returns the canonical forms of elements at places, which do not stand in each other, in the
// order of the document. prefixes has the PrefixList of each, message the content that is attached.
func (d *document) canonical(begins []int, prefixes [][]string, message *soap.Package) ([][]byte, error) {
	t, err := soap.NewTokens(d.src)
	if err != nil {
		return nil, malformed(err)
	}
	out := make([][]byte, len(begins))
	for left := len(begins); left > 0; {
		kind, err := t.Next()
		if err != nil {
			return nil, malformed(err)
		}
		if kind == soap.End {
			return nil, refuse("an element is not where it was")
		}
		_, begin, _ := t.At()
		i := slices.Index(begins, begin)
		if kind != soap.StartTag || i < 0 {
			continue
		}
		if out[i], err = appendCanonical(nil, t, prefixes[i], message); err != nil {
			return nil, malformed(err)
		}
		left--
	}
	return out, nil
}
