// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// message is one direction of an operation: what stands in Body and Header.
type message struct {
	// body is the element below Body; nil for an empty Body.
	body *elem
	// headers are the elements below Header.
	headers []*elem
	// attached are the parts that travel as attachments (mime:content).
	attached []*elem
	// wrapped bodies have no object of their own in JSON: their members stand at the top.
	wrapped bool
}

// messages makes what an operation sends and gets.
func (p *portReader) messages(op *Operation, o, abstract, in, out *node) {
	if in == nil || out != nil && slices.Index(abstract.kids, out) < slices.Index(abstract.kids, in) {
		p.b.tell(specs.Error, codeUnsupported, abstract.pos, "an operation that the host begins is not supported", "")
		return
	}
	op.in = p.message(op, in, o.first(nsWSDL, "input"), op.Name)
	if out != nil {
		op.out = p.message(op, out, o.first(nsWSDL, "output"), op.Name+"Response")
	}
	for _, f := range abstract.in(nsWSDL, "fault") {
		if e := p.fault(f, o); e != nil {
			op.faults = append(op.faults, e)
		}
	}
}

// parts finds the parts of a message.
func (p *portReader) parts(n *node) ([]*node, bool) {
	x, ok := n.qname(n.get("message"))
	m := p.l.messages[x]
	if !ok || m == nil {
		p.b.tell(specs.Error, codeReference, n.pos, fmt.Sprintf("there is no message %s", x), "")
		return nil, false
	}
	return m.n.in(nsWSDL, "part"), true
}

// message makes one direction of an operation.
func (p *portReader) message(op *Operation, abstract, bound *node, wrapper string) *message {
	parts, ok := p.parts(abstract)
	if ok && bound == nil {
		p.b.tell(specs.Error, codeReference, abstract.pos, "the binding does not say how this message is written", "")
	}
	if !ok || bound == nil {
		return nil
	}
	m := &message{}
	body := findBelow(bound, p.space, "body")
	if body == nil {
		p.b.tell(specs.Error, codeUnsupported, bound.pos, "a message without soap:body is not supported", "")
		return nil
	}
	for _, h := range append(bound.in(p.space, "header"), findAll(bound, p.space, "header")...) {
		if e := p.header(h); e != nil && !slices.Contains(m.headers, e) {
			m.headers = append(m.headers, e)
			if part := h.get("part"); h.get("message") == abstract.get("message") {
				parts = slices.DeleteFunc(slices.Clone(parts), func(n *node) bool { return n.get("name") == part })
			}
		}
	}
	parts = p.attached(m, parts, bound)
	if names, given := body.lookup("parts"); given {
		parts = slices.DeleteFunc(slices.Clone(parts), func(n *node) bool { return !slices.Contains(strings.Fields(names), n.get("name")) })
	}
	encoded := body.get("use") == "encoded"
	op.Encoded = op.Encoded || encoded
	if op.RPC {
		m.body, m.wrapped = p.rpcWrapper(parts, body, wrapper, wrapper != op.Name), true
		return m
	}
	if encoded {
		p.b.tell(specs.Error, codeUnsupported, body.pos, "document style with use encoded is not supported", "")
		return nil
	}
	return p.documentBody(m, parts, body)
}

// findBelow finds an element below a binding's input, also within mime:multipartRelated.
func findBelow(n *node, space, local string) *node {
	if all := findAll(n, space, local); len(all) > 0 {
		return all[0]
	}
	return nil
}

func findAll(n *node, space, local string) []*node {
	var out []*node
	for _, k := range allNodes(n) {
		if k.space == space && k.local == local {
			out = append(out, k)
		}
	}
	return out
}

func (p *portReader) header(h *node) *elem {
	parts, ok := p.parts(h)
	if !ok {
		return nil
	}
	for _, n := range parts {
		if n.get("name") == h.get("part") {
			if x, ok := n.qname(n.get("element")); ok && n.get("element") != "" {
				return p.b.element(x, n)
			}
			p.b.tell(specs.Error, codeUnsupported, n.pos, "a header that is not declared by an element is not supported", "")
			return nil
		}
	}
	p.b.tell(specs.Error, codeReference, h.pos, fmt.Sprintf("there is no part %q", h.get("part")), "")
	return nil
}

// documentBody is the one element of a message in document style. Its members stand at the top in JSON,
// unless it is a single value or may be nil.
func (p *portReader) documentBody(m *message, parts []*node, body *node) *message {
	if len(parts) == 0 {
		return m
	}
	if len(parts) > 1 {
		p.b.tell(specs.Error, codeUnsupported, body.pos, "a body of several elements is not supported", "name the one part of the body in soap:body parts")
		return nil
	}
	ref := parts[0].get("element")
	if ref == "" {
		p.b.tell(specs.Error, codeUnsupported, parts[0].pos, "a body in document style that is declared by a type is not supported", "declare an element of that type")
		return nil
	}
	x, ok := parts[0].qname(ref)
	if !ok {
		return nil
	}
	if m.body = p.b.element(x, parts[0]); m.body == nil {
		return nil
	}
	m.wrapped = m.body.typ.simple == nil && !m.body.nillable
	return m
}

// rpcWrapper makes the element around the parts of a message in rpc style. The parts themselves are in
// no namespace (WS-I Basic Profile 1.1, R2735).
func (p *portReader) rpcWrapper(parts []*node, body *node, name string, reply bool) *elem {
	space := body.get("namespace")
	t := &ctype{pos: body.pos, label: label{space, name}, content: &particle{sort: sortSequence, min: 1, max: 1}}
	for _, n := range parts {
		if n.get("type") == "" {
			p.b.tell(specs.Error, codeUnsupported, n.pos, "a part in rpc style that is declared by an element is not supported", "declare it by a type")
			continue
		}
		x, ok := n.qname(n.get("type"))
		if !ok {
			continue
		}
		e := &elem{xname: xname{"", n.get("name")}, pos: n.pos, nillable: reply && body.get("use") == "encoded"}
		if e.typ = p.b.typeNamed(x, n); e.typ == nil {
			continue
		}
		t.content.kids = append(t.content.kids, &particle{min: 1, max: 1, elem: e})
	}
	p.b.seal(t)
	return &elem{xname: xname{space, name}, ns: p.b.space(space), typ: t, pos: body.pos}
}

// fault is the element in the detail of a declared fault.
func (p *portReader) fault(f, bound *node) *elem {
	parts, ok := p.parts(f)
	if !ok || len(parts) != 1 {
		return nil
	}
	if ref := parts[0].get("element"); ref != "" {
		if x, ok := parts[0].qname(ref); ok {
			return p.b.element(x, parts[0])
		}
		return nil
	}
	x, ok := parts[0].qname(parts[0].get("type"))
	if !ok {
		return nil
	}
	e := &elem{xname: xname{"", parts[0].get("name")}, pos: parts[0].pos}
	for _, b := range bound.in(nsWSDL, "fault") {
		if sf := b.first(p.space, "fault"); sf != nil && b.get("name") == f.get("name") {
			e.space = sf.get("namespace") // as that of soap:body for a wrapper in rpc style
		}
	}
	e.ns = p.b.space(e.space)
	if e.typ = p.b.typeNamed(x, parts[0]); e.typ == nil {
		return nil
	}
	return e
}
