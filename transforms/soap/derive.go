// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strings"

	"lintel/specs"
)

// complexType fills t. original is what it redefines.
func (b *builder) complexType(t *ctype, n *node, doc *schemaDoc, original *component) {
	if b.depth++; b.depth > 200 {
		b.unsupported(n, "a nesting of types this deep")
		b.seal(t)
		b.depth--
		return
	}
	outer := b.owner
	b.owner = t.label
	defer func() { b.depth--; b.owner = outer }()
	t.abstract, t.mixed = isTrue(n.get("abstract")), isTrue(n.get("mixed"))
	switch {
	case n.first(nsXSD, "simpleContent") != nil:
		b.derivation(t, n.first(nsXSD, "simpleContent"), doc, original)
	case n.first(nsXSD, "complexContent") != nil:
		cc := n.first(nsXSD, "complexContent")
		t.mixed = t.mixed || isTrue(cc.get("mixed"))
		b.derivation(t, cc, doc, original)
	default:
		t.content = b.contentOf(t, n, doc)
		t.attrs = b.attributesOf(t, n, doc, nil)
	}
	if t.mixed && !t.wild {
		b.tell(specs.Warning, codeNotWritten, n.pos, "text between the elements of this type is left out", "")
	}
	b.seal(t)
}

// derivation makes a type that extends or restricts another.
func (b *builder) derivation(t *ctype, n *node, doc *schemaDoc, original *component) {
	d := n.first(nsXSD, "extension")
	extends := d != nil
	if d == nil {
		d = n.first(nsXSD, "restriction")
	}
	if d == nil {
		b.tell(specs.Error, codeSchema, n.pos, "neither an extension nor a restriction", "")
		return
	}
	x, ok := b.name(d, doc, d.get("base"))
	if !ok {
		return
	}
	var base *ctype
	switch {
	case original != nil && x == t.xname:
		base = &ctype{xname: x, pos: original.n.pos}
		b.complexType(base, original.n, original.doc, original.original)
	case x == (xname{nsXSD, "anyType"}):
		base = &ctype{}
	case x == (xname{nsEncoding11, "Array"}):
		b.encodedArray(t, d, doc)
		return
	default:
		base = b.typeNamed(x, d)
	}
	if base == nil {
		return
	}
	if !base.sealed && base.simple == nil && base.xname != (xname{}) {
		b.tell(specs.Error, codeSchema, d.pos, "the type is derived from itself", "")
		return
	}
	t.base, t.wild = base, base.wild && extends
	if n.local == "simpleContent" {
		t.simple = base.simple
		if !extends && base.simple != nil {
			t.simple = b.restrict(base.simple, d, doc)
		}
		t.attrs = b.attributesOf(t, d, doc, base.attrs)
		return
	}
	own := b.contentOf(t, d, doc)
	t.content = own
	if extends {
		t.content = joined(base.content, own)
	}
	t.attrs = b.attributesOf(t, d, doc, base.attrs)
}

// joined is one content after the other.
func joined(a, b *particle) *particle {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a.copy()
	}
	return &particle{sort: sortSequence, min: 1, max: 1, kids: []*particle{a.copy(), b}}
}

// encodedArray makes a type of SOAP encoding: <restriction base="enc:Array"> with wsdl:arrayType.
func (b *builder) encodedArray(t *ctype, d *node, doc *schemaDoc) {
	item := ""
	for _, a := range d.in(nsXSD, "attribute") {
		for _, x := range a.attrs {
			if x.xname == (xname{nsWSDL, "arrayType"}) {
				item = x.value
				d = a
			}
		}
	}
	name, dims, ok := strings.Cut(item, "[")
	if !ok || strings.Contains(dims, ",") || strings.Contains(dims, "[") {
		b.unsupported(d, "an encoded array without a type or of more than one dimension")
		return
	}
	x, ok := b.name(d, doc, name)
	if !ok {
		return
	}
	e := &elem{xname: xname{"", "item"}, typ: b.typeNamed(x, d), nillable: true, pos: d.pos}
	if e.typ == nil {
		return
	}
	t.encoded = true
	t.content = &particle{sort: sortElem, min: 0, max: unbounded, elem: e}
}
