// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
)

// builder makes types of what schemas declare. A type is made once; a recursive one is found again
// while it is being made.
type builder struct {
	*documents
	types map[xname]*ctype
	elems map[xname]*elem
	// spaces numbers the namespaces of all names.
	spaces []string
	// heads are the members of substitution groups by their head.
	heads map[xname][]*component
	// making are the simple types being made, for circles.
	making map[xname]bool
	told   map[string]bool
	// fresh are types whose derived types were not looked for yet; children lists by base what is derived.
	fresh    []*ctype
	children map[xname][]xname
	depth    int
}

func newBuilder(d *documents) *builder {
	b := &builder{
		documents: d, types: map[xname]*ctype{}, elems: map[xname]*elem{}, heads: map[xname][]*component{},
		spaces: []string{"", uriXML, nsEnvelope11, nsEnvelope12, nsXSI, nsEncoding11}, making: map[xname]bool{}, told: map[string]bool{},
	}
	for _, x := range d.order {
		c := d.elements[x]
		if c == nil {
			continue
		}
		if head := c.n.get("substitutionGroup"); head != "" {
			if h, ok := d.name(c.n, c.doc, head); ok {
				b.heads[h] = append(b.heads[h], c)
			}
		}
	}
	return b
}

// space is the number of a namespace.
func (b *builder) space(uri string) int {
	if i := slices.Index(b.spaces, uri); i >= 0 {
		return i
	}
	b.spaces = append(b.spaces, uri)
	return len(b.spaces) - 1
}

// tell reports something once for each place.
func (b *builder) tell(sev specs.Severity, code string, pos specs.Pos, message, hint string) {
	key := fmt.Sprint(code, pos, message)
	if b.told[key] {
		return
	}
	b.told[key] = true
	*b.findings = append(*b.findings, specs.Finding{Severity: sev, Code: code, Pos: pos, Message: message, Hint: hint})
}

func (b *builder) unsupported(n *node, what string) {
	b.tell(specs.Error, codeUnsupported, n.pos, what+" is not supported", "")
}

// element makes the element that is declared under a name; nil after a finding.
func (b *builder) element(x xname, at *node) *elem {
	if e := b.elems[x]; e != nil {
		return e
	}
	c := b.elements[x]
	if c == nil {
		b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no element %s", x), "import the schema that declares it")
		return nil
	}
	e := &elem{xname: x, ns: b.space(x.space)}
	b.elems[x] = e
	b.fillElement(e, c.n, c.doc)
	return e
}

// fillElement gives an element its type and what else its declaration says.
func (b *builder) fillElement(e *elem, n *node, doc *schemaDoc) {
	e.pos, e.nillable = n.pos, isTrue(n.get("nillable"))
	e.fixed, e.def = n.get("fixed"), n.get("default")
	switch inner := n.first(nsXSD, "complexType"); {
	case n.get("type") != "":
		if x, ok := b.name(n, doc, n.get("type")); ok {
			e.typ = b.typeNamed(x, n)
		}
	case inner != nil:
		e.typ = &ctype{pos: inner.pos}
		b.complexType(e.typ, inner, doc, nil)
	case n.first(nsXSD, "simpleType") != nil:
		e.typ = b.textType(b.simpleType(n.first(nsXSD, "simpleType"), doc))
	case n.get("substitutionGroup") != "":
		if x, ok := b.name(n, doc, n.get("substitutionGroup")); ok {
			if head := b.element(x, n); head != nil {
				e.typ = head.typ
			}
		}
	default:
		e.typ = b.anyType()
	}
	if e.typ == nil {
		e.typ = b.anyType()
	}
}

func isTrue(s string) bool { return s == "true" || s == "1" }

func (b *builder) textType(s *simple) *ctype {
	t := &ctype{simple: s}
	b.seal(t)
	return t
}

// anyType is the type of elements about which nothing is said: they are skipped.
func (b *builder) anyType() *ctype {
	t := &ctype{xname: xname{nsXSD, "anyType"}, wild: true, mixed: true}
	b.seal(t)
	return t
}

// typeNamed makes the type of a name.
func (b *builder) typeNamed(x xname, at *node) *ctype {
	if t := b.types[x]; t != nil {
		return t
	}
	if x.space == nsXSD || x.space == nsEncoding11 {
		return b.builtinType(x, at)
	}
	c := b.documents.types[x]
	if c == nil {
		b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no type %s", x), "import the schema that declares it")
		return nil
	}
	t := &ctype{xname: x, pos: c.n.pos}
	b.types[x] = t
	b.fresh = append(b.fresh, t)
	if c.n.local == "simpleType" {
		t.simple = b.simpleNamed(x, at)
		b.seal(t)
		return t
	}
	b.complexType(t, c.n, c.doc, c.original)
	return t
}

func (b *builder) builtinType(x xname, at *node) *ctype {
	if x == (xname{nsXSD, "anyType"}) {
		b.tell(specs.Warning, codeNotWritten, at.pos, "anything can stand here, which has no form in JSON: it is left out", "")
		return b.anyType()
	}
	s := builtin(x.local)
	if s == nil {
		b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no type %s", x), "")
		return nil
	}
	t := &ctype{xname: x, simple: s}
	b.types[x] = t
	b.seal(t)
	return t
}

// complexType fills t. original is what it redefines.
func (b *builder) complexType(t *ctype, n *node, doc *schemaDoc, original *component) {
	if b.depth++; b.depth > 200 {
		b.unsupported(n, "a nesting of types this deep")
		b.seal(t)
		b.depth--
		return
	}
	defer func() { b.depth-- }()
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

// copy gives particles of their own to a type that takes over the content of another.
func (p *particle) copy() *particle {
	c := *p
	c.m, c.kids = nil, nil
	for _, k := range p.kids {
		c.kids = append(c.kids, k.copy())
	}
	return &c
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

// contentOf makes the content model that stands below n; nil if there is none.
func (b *builder) contentOf(t *ctype, n *node, doc *schemaDoc) *particle {
	for _, k := range n.kids {
		if k.space == nsXSD && slices.Contains([]string{"sequence", "choice", "all", "group"}, k.local) {
			return b.particle(t, k, doc)
		}
	}
	return nil
}

// particle makes one node of a content model; nil for one that is left out.
func (b *builder) particle(t *ctype, n *node, doc *schemaDoc) *particle {
	p := &particle{min: 1, max: 1}
	if !b.occurs(p, n) {
		return nil
	}
	switch n.local {
	case "element":
		return b.elementParticle(p, n, doc)
	case "any":
		t.wild = true
		b.tell(specs.Warning, codeNotWritten, n.pos, "elements of any name can stand here, which have no form in JSON: they are left out", "")
		return nil
	case "group":
		return b.groupParticle(t, p, n, doc)
	case "sequence", "choice", "all":
		p.sort = map[string]sort{"sequence": sortSequence, "choice": sortChoice, "all": sortAll}[n.local]
		p.label = n.local
		for _, k := range n.kids {
			if k.space != nsXSD || k.local == "annotation" {
				continue
			}
			if kid := b.particle(t, k, doc); kid != nil {
				p.kids = append(p.kids, kid)
			}
		}
		return p
	case "annotation":
		return nil
	}
	b.unsupported(n, "xsd:"+n.local)
	return nil
}

// occurs reads minOccurs and maxOccurs; false if the particle cannot occur.
func (b *builder) occurs(p *particle, n *node) bool {
	read := func(name string, to *int) {
		v, ok := n.lookup(name)
		if !ok {
			return
		}
		if v == "unbounded" && name == "maxOccurs" {
			*to = unbounded
			return
		}
		i, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			b.tell(specs.Error, codeSchema, n.pos, name+" is no number", "")
			return
		}
		*to = int(i) //nolint:gosec // 31 bits fit
	}
	read("minOccurs", &p.min)
	read("maxOccurs", &p.max)
	return p.max != 0
}

func (b *builder) groupParticle(t *ctype, p *particle, n *node, doc *schemaDoc) *particle {
	x, ok := b.name(n, doc, n.get("ref"))
	if !ok {
		return nil
	}
	c := b.groups[x]
	if c == nil {
		b.tell(specs.Error, codeReference, n.pos, fmt.Sprintf("there is no group %s", x), "")
		return nil
	}
	if c.original != nil && doc == c.doc && slices.Contains(allNodes(c.n), n) {
		c = c.original
	}
	if b.depth++; b.depth > 200 {
		b.tell(specs.Error, codeSchema, n.pos, "the group contains itself", "")
		b.depth--
		return nil
	}
	defer func() { b.depth-- }()
	inner := b.contentOf(t, c.n, c.doc)
	if inner == nil {
		return nil
	}
	if p.min == 1 && p.max == 1 {
		return inner
	}
	p.sort, p.kids, p.label = sortSequence, []*particle{inner}, jsonName(x.local)
	return p
}

func allNodes(n *node) []*node {
	out := []*node{n}
	for _, k := range n.kids {
		out = append(out, allNodes(k)...)
	}
	return out
}

// elementParticle makes an element, or a choice of those that can stand in its place.
func (b *builder) elementParticle(p *particle, n *node, doc *schemaDoc) *particle {
	ref := n.get("ref")
	if ref == "" {
		e := &elem{xname: xname{"", n.get("name")}}
		form := n.get("form")
		if form == "qualified" || form == "" && doc.qualifiedElems {
			e.space = doc.tns
		}
		e.ns = b.space(e.space)
		b.fillElement(e, n, doc)
		p.elem = e
		return p
	}
	x, ok := b.name(n, doc, ref)
	if !ok {
		return nil
	}
	all := b.substitutes(x, 0)
	head := b.elements[x]
	if head != nil && !isTrue(head.n.get("abstract")) || len(all) == 0 {
		if p.elem = b.element(x, n); p.elem == nil {
			return nil
		}
	}
	if len(all) == 0 {
		return p
	}
	choice := &particle{sort: sortChoice, min: p.min, max: p.max, label: jsonName(x.local)}
	if p.elem != nil {
		choice.kids = append(choice.kids, &particle{min: 1, max: 1, elem: p.elem})
	}
	for _, c := range all {
		if e := b.element(xname{c.doc.tns, c.n.get("name")}, n); e != nil {
			choice.kids = append(choice.kids, &particle{min: 1, max: 1, elem: e})
		}
	}
	return choice
}

// substitutes lists the elements that can stand for one, those of substitutes included.
func (b *builder) substitutes(x xname, depth int) []*component {
	var out []*component
	if depth > 20 {
		return nil
	}
	for _, c := range b.heads[x] {
		if !isTrue(c.n.get("abstract")) {
			out = append(out, c)
		}
		out = append(out, b.substitutes(xname{c.doc.tns, c.n.get("name")}, depth+1)...)
	}
	return out
}
