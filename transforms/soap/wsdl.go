// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"io/fs"
	"path"

	"lintel/specs"
)

// WSDL is what a service offers.
type WSDL struct {
	File string
	// Files are all documents that were read, imported ones included.
	Files []string
	// Operations of all ports, in the order of the document.
	Operations []*Operation
	overrides  *overrides
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
	// wsaAction is the action of WS-Addressing that the WSDL writes out, defaultAction the one that it has by
	// its names.
	wsaAction, defaultAction string
	// demands are what policies of the WSDL ask for.
	demands []Demand
	pos     specs.Pos
	in      *message
	out     *message
	faults  []*elem
	rules   *specs.SOAPRules
	b       *builder
	open    func()
	opened  bool
	found   specs.Findings
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

// Load reads a WSDL 1.1 and all that it imports from a file system. Findings carry the place in the
// file concerned, or at, which names the WSDL, if it is not there; w is nil if there is none to speak of.
// rules are what soap.yaml says about the WSDL, nil for nothing.
func Load(fsys fs.FS, file string, at specs.Pos, rules *specs.SOAPRules) (w *WSDL, findings specs.Findings) {
	d := newDocuments(fsys, &findings)
	d.catalog(path.Dir(file))
	l := &wsdlReader{documents: d, rules: rules, messages: map[xname]*part{}, portTypes: map[xname]*part{}, bindings: map[xname]*part{}, policies: map[string]*node{}}
	l.read(file, at)
	if findings.HasErrors() {
		return nil, findings.Sort()
	}
	w = &WSDL{File: file, Files: d.files, overrides: newOverrides(rules)}
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
	// policies are those of WS-Policy by their identifiers.
	policies map[string]*node
	rules    *specs.SOAPRules
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
			l.policy(k)
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
