// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"lintel/specs"
)

// WSDL is what a service offers.
type WSDL struct {
	File string
	// Files are all documents that were read, imported ones included.
	Files []string
	// Operations of all ports, in the order of the document.
	Operations []*Operation
}

// Operation is one operation of one port.
type Operation struct {
	Name, Port, Service string
	// Address is where the port listens.
	Address string
	// Documentation is what the WSDL says about it.
	Documentation string
	// Version is 11 or 12, for SOAP 1.1 and 1.2.
	Version int
	// Action is the SOAP action.
	Action string
	// OneWay operations have no reply.
	OneWay bool
	// RPC operations wrap their parts in an element of the operation's name; Encoded ones follow the
	// encoding rules of SOAP 1.1, section 5.
	RPC, Encoded bool
	// Faults are the names of the declared faults.
	Faults []string
	pos    specs.Pos
	in     *message
	out    *message
	faults []*elem
	b      *builder
	open   func()
	opened bool
	found  specs.Findings
}

// Open makes the messages of the operation from the schemas. Findings are about what it uses; with
// errors among them it cannot be used.
func (o *Operation) Open() specs.Findings {
	if !o.opened {
		o.opened = true
		o.open()
		o.b.finish()
		o.found = o.found.Sort()
	}
	return o.found
}

// message is one direction of an operation: what stands in Body and Header.
type message struct {
	// body is the element below Body; nil for an empty Body.
	body *elem
	// headers are the elements below Header.
	headers []*elem
	// wrapped bodies have no object of their own in JSON: their members stand at the top.
	wrapped bool
}

// Load reads a WSDL 1.1 and all that it imports from a file system. Findings carry the place in the
// file concerned, or at, which names the WSDL, if it is not there; w is nil if there is none to speak of.
func Load(fsys fs.FS, file string, at specs.Pos) (w *WSDL, findings specs.Findings) {
	d := newDocuments(fsys, &findings)
	d.catalog(path.Dir(file))
	l := &wsdlReader{documents: d, messages: map[xname]*part{}, portTypes: map[xname]*part{}, bindings: map[xname]*part{}}
	l.read(file, at)
	if findings.HasErrors() {
		return nil, findings.Sort()
	}
	w = &WSDL{File: file, Files: d.files}
	for _, s := range l.services {
		l.service(w, s)
	}
	return w, findings.Sort()
}

// part is a component of a WSDL with the namespace it is declared in.
type part struct {
	n    *node
	tns  string
	file string
}

// wsdlReader collects what WSDL documents declare.
type wsdlReader struct {
	*documents
	messages, portTypes, bindings map[xname]*part
	services                      []*part
}

func (l *wsdlReader) read(file string, pos specs.Pos) {
	key := "wsdl " + file
	if l.loaded[key] {
		return
	}
	l.loaded[key] = true
	root := l.documents.read(file, pos)
	if root == nil {
		return
	}
	if root.xname == (xname{nsXSD, "schema"}) { // some import schemas by wsdl:import
		l.schema(root, file, "")
		return
	}
	if root.xname != (xname{nsWSDL, "definitions"}) {
		l.findings.Add(codeFile, root.pos, file+" is no WSDL 1.1", "a WSDL 1.1 begins with definitions in the namespace "+nsWSDL)
		return
	}
	tns := root.get("targetNamespace")
	for _, k := range root.kids {
		if k.space != nsWSDL {
			continue
		}
		x := xname{tns, k.get("name")}
		p := &part{k, tns, file}
		switch k.local {
		case "import":
			l.imported(k, file)
		case "types":
			for _, s := range k.in(nsXSD, "schema") {
				l.schema(s, file, "")
			}
		case "message":
			l.messages[x] = p
		case "portType":
			l.portTypes[x] = p
		case "binding":
			l.bindings[x] = p
		case "service":
			l.services = append(l.services, p)
		}
	}
}

func (l *wsdlReader) imported(k *node, from string) {
	location := k.get("location")
	file, ok := l.locate(from, location, k.get("namespace"))
	if !ok {
		l.findings.Add(codeFile, k.pos, fmt.Sprintf("the document %q is not a file of the workspace", location),
			"copy it next to this file and name it in catalog.xml; lintel import wsdl does both")
		return
	}
	l.read(file, k.pos)
}

// service adds the operations of all SOAP ports.
func (l *wsdlReader) service(w *WSDL, s *part) {
	for _, port := range s.n.in(nsWSDL, "port") {
		x, ok := port.qname(port.get("binding"))
		b := l.bindings[x]
		if !ok || b == nil {
			l.findings.Add(codeReference, port.pos, fmt.Sprintf("there is no binding %s", x), "")
			continue
		}
		space, version := nsSOAP11, 11
		at := b.n.first(nsSOAP11, "binding")
		if at == nil {
			space, version = nsSOAP12, 12
			at = b.n.first(nsSOAP12, "binding")
		}
		if at == nil {
			continue // HTTP and other bindings are for others
		}
		p := &portReader{l: l, w: w, binding: b, at: at, space: space, version: version, port: port, service: s.n.get("name")}
		if a := port.first(space, "address"); a != nil {
			p.address = a.get("location")
		}
		p.read()
	}
}

// portReader reads the operations of one port.
type portReader struct {
	l       *wsdlReader
	w       *WSDL
	binding *part
	b       *builder
	at      *node
	space   string
	version int
	port    *node
	service string
	address string
}

func (p *portReader) read() {
	x, ok := p.binding.n.qname(p.binding.n.get("type"))
	pt := p.l.portTypes[x]
	if !ok || pt == nil {
		p.l.findings.Add(codeReference, p.binding.n.pos, fmt.Sprintf("there is no portType %s", x), "")
		return
	}
	for _, o := range p.binding.n.in(nsWSDL, "operation") {
		var abstract *node
		again := false
		for _, a := range pt.n.in(nsWSDL, "operation") {
			if a.get("name") == o.get("name") {
				again = again || abstract != nil
				abstract = a
			}
		}
		if abstract == nil {
			p.l.findings.Add(codeReference, o.pos, fmt.Sprintf("the portType has no operation %s", o.get("name")), "")
			continue
		}
		p.operation(o, abstract, again)
	}
}

// operation lists an operation; its messages are made when it is opened.
func (p *portReader) operation(o, abstract *node, again bool) {
	op := &Operation{
		Name: o.get("name"), Port: p.port.get("name"), Service: p.service, Address: p.address, Version: p.version, pos: o.pos,
		RPC: p.at.get("style") == "rpc",
	}
	if d := abstract.first(nsWSDL, "documentation"); d != nil {
		op.Documentation = strings.Join(strings.Fields(d.text), " ")
	}
	if so := o.first(p.space, "operation"); so != nil {
		op.Action = so.get("soapAction")
		if style := so.get("style"); style != "" {
			op.RPC = style == "rpc"
		}
	}
	in, out := abstract.first(nsWSDL, "input"), abstract.first(nsWSDL, "output")
	op.OneWay = out == nil
	for _, f := range abstract.in(nsWSDL, "fault") {
		op.Faults = append(op.Faults, f.get("name"))
	}
	q := *p
	op.open = func() {
		d := *p.l.documents
		d.findings = &op.found
		op.b = newBuilder(&d)
		q.b = op.b
		if again {
			q.b.tell(specs.Error, codeUnsupported, abstract.pos, "an operation that stands twice in a portType is not supported", "")
		}
		if t := p.at.get("transport"); t != "" && !strings.HasSuffix(t, "/http") && !strings.HasSuffix(t, "/HTTP/") {
			q.b.tell(specs.Warning, codeUnsupported, p.at.pos, "the transport of this binding is not HTTP", "")
		}
		q.messages(op, o, abstract, in, out)
	}
	p.w.Operations = append(p.w.Operations, op)
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
		if e := p.fault(f); e != nil {
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
	t := &ctype{pos: body.pos, content: &particle{sort: sortSequence, min: 1, max: 1}}
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
func (p *portReader) fault(f *node) *elem {
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
	if e.typ = p.b.typeNamed(x, parts[0]); e.typ == nil {
		return nil
	}
	return e
}
