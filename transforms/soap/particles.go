// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"
	"strconv"

	"lintel/specs"
)

// copy gives particles of their own to a type that takes over the content of another.
func (p *particle) copy() *particle {
	c := *p
	c.m, c.kids = nil, nil
	for _, k := range p.kids {
		c.kids = append(c.kids, k.copy())
	}
	return &c
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
