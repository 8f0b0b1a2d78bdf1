// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"

	"lintel/specs"
)

// attributesOf are the attributes that stand below n, after those taken over from a base type.
func (b *builder) attributesOf(t *ctype, n *node, doc *schemaDoc, base []*attribute) []*attribute {
	out := slices.Clone(base)
	for _, k := range n.kids {
		if k.space != nsXSD {
			continue
		}
		switch k.local {
		case "attribute":
			a, prohibited := b.attribute(k, doc)
			if a == nil {
				continue
			}
			out = slices.DeleteFunc(out, func(o *attribute) bool { return o.xname == a.xname })
			if !prohibited {
				out = append(out, a)
			}
		case "attributeGroup":
			out = append(out, b.attributeGroup(t, k, doc)...)
		case "anyAttribute":
			// attributes of any name are skipped, as those that are not known
		}
	}
	return out
}

func (b *builder) attributeGroup(t *ctype, n *node, doc *schemaDoc) []*attribute {
	x, ok := b.name(n, doc, n.get("ref"))
	if !ok {
		return nil
	}
	c := b.attrGroups[x]
	if c == nil {
		b.tell(specs.Error, codeReference, n.pos, fmt.Sprintf("there is no attribute group %s", x), "")
		return nil
	}
	if c.original != nil && slices.Contains(allNodes(c.n), n) {
		c = c.original
	}
	if b.depth++; b.depth > 200 {
		b.tell(specs.Error, codeSchema, n.pos, "the attribute group contains itself", "")
		b.depth--
		return nil
	}
	defer func() { b.depth-- }()
	return b.attributesOf(t, c.n, c.doc, nil)
}

// attribute makes one attribute; nil after a finding, or if it belongs to SOAP itself.
func (b *builder) attribute(n *node, doc *schemaDoc) (a *attribute, prohibited bool) {
	use := n.get("use")
	if ref := n.get("ref"); ref != "" {
		x, ok := b.name(n, doc, ref)
		if !ok || x.space == nsEncoding11 {
			return nil, false
		}
		a = &attribute{xname: x, ns: b.space(x.space), required: use == "required", fixed: n.get("fixed"), pos: n.pos}
		if x.space == uriXML {
			a.typ = builtin("string")
			return a, use == "prohibited"
		}
		if mimeAttribute(a) {
			return a, use == "prohibited"
		}
		c := b.attributes[x]
		if c == nil {
			b.tell(specs.Error, codeReference, n.pos, fmt.Sprintf("there is no attribute %s", x), "")
			return nil, false
		}
		n, doc = c.n, c.doc
	} else {
		a = &attribute{xname: xname{"", n.get("name")}, required: use == "required", pos: n.pos}
		if form := n.get("form"); form == "qualified" || form == "" && doc.qualifiedAttr {
			a.space = doc.tns
		}
		a.ns = b.space(a.space)
	}
	if a.fixed == "" {
		a.fixed = n.get("fixed")
	}
	switch inner := n.first(nsXSD, "simpleType"); {
	case inner != nil:
		a.typ = b.simpleType(inner, doc)
	case n.get("type") != "":
		if x, ok := b.name(n, doc, n.get("type")); ok {
			a.typ = b.simpleNamed(x, n)
		}
	default:
		a.typ = builtin("string")
	}
	if a.typ == nil {
		return nil, false
	}
	if a.typ.kind == kindSwaRef {
		b.unsupported(n, "an attribute that refers to an attachment")
	}
	return a, use == "prohibited"
}

// simpleNamed makes the simple type of a name; nil after a finding.
func (b *builder) simpleNamed(x xname, at *node) *simple {
	if x.space == nsXSD || x.space == nsEncoding11 {
		s := b.builtin(x.local)
		if s == nil {
			b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no type %s", x), "")
		}
		return s
	}
	c := b.documents.types[x]
	if c == nil {
		b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no type %s", x), "import the schema that declares it")
		return nil
	}
	if c.n.local != "simpleType" {
		if t := b.typeNamed(x, at); t != nil && t.simple != nil {
			return t.simple
		}
		b.tell(specs.Error, codeSchema, at.pos, fmt.Sprintf("the type %s is not a simple one", x), "")
		return nil
	}
	if b.making[x] && c.original == nil {
		b.tell(specs.Error, codeSchema, at.pos, "the type is derived from itself", "")
		return nil
	}
	if b.making[x] {
		return b.simpleType(c.original.n, c.original.doc)
	}
	b.making[x] = true
	defer delete(b.making, x)
	return b.simpleType(c.n, c.doc)
}

// simpleType makes a simple type of its declaration.
func (b *builder) simpleType(n *node, doc *schemaDoc) *simple {
	if r := n.first(nsXSD, "restriction"); r != nil {
		var base *simple
		if inner := r.first(nsXSD, "simpleType"); inner != nil {
			base = b.simpleType(inner, doc)
		} else if x, ok := b.name(r, doc, r.get("base")); ok {
			base = b.simpleNamed(x, r)
		}
		if base == nil {
			return nil
		}
		return b.restrict(base, r, doc)
	}
	if l := n.first(nsXSD, "list"); l != nil {
		out := builtin("token")
		if inner := l.first(nsXSD, "simpleType"); inner != nil {
			out.list = b.simpleType(inner, doc)
		} else if x, ok := b.name(l, doc, l.get("itemType")); ok {
			out.list = b.simpleNamed(x, l)
		}
		if out.list == nil {
			return nil
		}
		if out.list.kind == kindQName || out.list.kind == kindSwaRef {
			b.tell(specs.Error, codeUnsupported, l.pos, "a list of "+out.list.name, "")
		}
		out.name = "list of " + out.list.name
		return out
	}
	if u := n.first(nsXSD, "union"); u != nil {
		return b.unionType(u, doc)
	}
	b.tell(specs.Error, codeSchema, n.pos, "a simple type without restriction, list or union", "")
	return nil
}
