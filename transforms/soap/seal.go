// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"

	"lintel/specs"
)

// typeMember is the member that names a derived type: xsi:type.
const typeMember = "$type"

// seal settles the members of a type: what its attributes and content are called in JSON. Elements
// choose their names first.
func (b *builder) seal(t *ctype) {
	names := nameTaker{}
	t.elems = b.flatten(nil, names, t.content, false)
	for _, a := range t.attrs {
		t.members = append(t.members, &member{json: names.take(jsonName(a.local)), attr: a, min: 1, max: 1, optional: !a.required})
	}
	if t.simple != nil {
		t.members = append(t.members, &member{json: names.take("value"), text: true, min: 1, max: 1})
	}
	t.members = append(t.members, t.elems...)
	b.override(t)
	t.byName = make(map[string]*member, len(t.members))
	for i, m := range t.members {
		m.index = i
		t.byName[m.json] = m
	}
	t.sealed = true
}

// flatten lists the members that a content model becomes. Sequences and choices that occur once have
// no object of their own; repeated ones are arrays of objects.
func (b *builder) flatten(out []*member, names nameTaker, p *particle, optional bool) []*member {
	if p == nil {
		return out
	}
	optional = optional || p.min == 0
	if p.sort != sortElem && p.max != 1 && len(p.kids) == 1 && p.kids[0].sort == sortElem {
		kid := p.kids[0]
		p.sort, p.elem, p.min = sortElem, kid.elem, p.min*kid.min
		if p.max != unbounded && kid.max != unbounded {
			p.max *= kid.max
		} else {
			p.max = unbounded
		}
		p.kids = nil
	}
	switch {
	case p.sort == sortElem:
		if p.elem.typ.wild && len(p.elem.typ.members) == 0 && p.elem.typ.sealed && p.elem.typ.simple == nil {
			return out // nothing of it has a form in JSON
		}
		p.m = &member{
			json: names.take(jsonName(p.elem.local)), elem: p.elem, array: p.max != 1, min: p.min, max: p.max,
			optional: optional, chosen: optional && p.min != 0,
		}
		return append(out, p.m)
	case p.max != 1:
		inner := p.copy()
		inner.min, inner.max = 1, 1
		name := names.take(p.label)
		g := &ctype{content: inner, label: b.owner.below(xname{"", name})}
		b.seal(g)
		p.m = &member{json: name, group: g, array: true, min: p.min, max: p.max, optional: optional}
		return append(out, p.m)
	}
	for _, k := range p.kids {
		out = b.flatten(out, names, k, optional || p.sort == sortChoice)
	}
	return out
}

// finish finds the types that can stand for others: those that are derived from them.
func (b *builder) finish() {
	if b.children == nil {
		b.children = map[xname][]xname{}
		for _, x := range b.order {
			if c := b.documents.types[x]; c != nil && c.n.local == "complexType" {
				if base, ok := b.baseOf(c); ok && base != x {
					b.children[base] = append(b.children[base], x)
				}
			}
		}
	}
	for len(b.fresh) > 0 {
		t := b.fresh[0]
		b.fresh = b.fresh[1:]
		seen := []xname{t.xname}
		for queue := slices.Clone(b.children[t.xname]); len(queue) > 0; {
			x := queue[0]
			queue = queue[1:]
			if slices.Contains(seen, x) {
				continue
			}
			seen = append(seen, x)
			queue = append(queue, b.children[x]...)
			d := b.typeNamed(x, b.documents.types[x].n)
			if d != nil && !d.abstract {
				t.derived = append(t.derived, d)
			}
		}
		b.joinable(t)
	}
}

// baseOf is the name of the type that a complex type is derived from.
func (b *builder) baseOf(c *component) (xname, bool) {
	for _, k := range c.n.kids {
		if k.space != nsXSD || k.local != "complexContent" && k.local != "simpleContent" {
			continue
		}
		for _, d := range k.kids {
			if d.space == nsXSD && (d.local == "extension" || d.local == "restriction") {
				x, ok := d.qname(d.get("base"))
				if x.space == "" && c.doc.adopted {
					x.space = c.doc.tns
				}
				return x, ok
			}
		}
	}
	return xname{}, false
}

// joinable reports derived types that give one name to different things: they share an object in JSON.
func (b *builder) joinable(t *ctype) {
	names := map[string]*member{}
	for _, v := range append([]*ctype{t}, t.derived...) {
		for _, m := range v.members {
			o := names[m.json]
			if o == nil {
				names[m.json] = m
				continue
			}
			same := o.array == m.array && (o.elem == nil) == (m.elem == nil)
			if same && m.elem != nil {
				same = o.elem.xname == m.elem.xname && (o.elem.typ == m.elem.typ || o.elem.typ.simple != nil && m.elem.typ.simple != nil)
			}
			if !same {
				b.tell(specs.Error, codeUnsupported, v.pos, fmt.Sprintf("types derived from %s that mean different things by %q are not supported", t.local, m.json), "")
			}
		}
	}
}
