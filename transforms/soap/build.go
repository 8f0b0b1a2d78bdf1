// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"

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
	// overrides are the rules of soap.yaml; owner is the label of the type being made.
	overrides *overrides
	owner     label
}

func newBuilder(d *documents) *builder {
	b := &builder{
		documents: d, types: map[xname]*ctype{}, elems: map[xname]*elem{}, heads: map[xname][]*component{},
		spaces: []string{"", uriXML, nsEnvelope11, nsEnvelope12, nsXSI, nsEncoding11, nsXOP}, making: map[xname]bool{}, told: map[string]bool{},
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
	outer := b.owner
	b.owner = label{}
	b.fillElement(e, c.n, c.doc)
	b.owner = outer
	return e
}

// fillElement gives an element its type and what else its declaration says.
func (b *builder) fillElement(e *elem, n *node, doc *schemaDoc) {
	e.pos, e.nillable = n.pos, isTrue(n.get("nillable"))
	e.fixed, e.def = n.get("fixed"), n.get("default")
	e.mediaType = n.expectedMediaType()
	switch inner := n.first(nsXSD, "complexType"); {
	case n.get("type") != "":
		if x, ok := b.name(n, doc, n.get("type")); ok {
			e.typ = b.typeNamed(x, n)
		}
	case inner != nil:
		e.typ = &ctype{pos: inner.pos, label: b.owner.below(e.xname)}
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
	if slices.Contains(builtinSpaces(), x.space) {
		return b.builtinType(x, at)
	}
	c := b.documents.types[x]
	if c == nil {
		b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no type %s", x), "import the schema that declares it")
		return nil
	}
	t := &ctype{xname: x, pos: c.n.pos, label: label{x.space, x.local}}
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
	s := b.builtin(x.local)
	if x.space == nsSwaRef && x.local == "swaRef" {
		s = swaRef()
	} else if x.space == nsXMIME || x.space == nsXMIMEOld || x.space == nsSwaRef {
		return b.mimeType(x, at)
	}
	if s == nil {
		b.tell(specs.Error, codeReference, at.pos, fmt.Sprintf("there is no type %s", x), "")
		return nil
	}
	t := &ctype{xname: x, simple: s}
	b.types[x] = t
	b.seal(t)
	return t
}
