// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"strings"

	"lintel/specs"
)

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
		RPC: p.at.get("style") == "rpc", rules: p.l.rules,
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
	p.actions(op, abstract)
	op.demands = p.demands(o, abstract)
	q := *p
	op.open = func() {
		d := *p.l.documents
		d.findings = &op.found
		op.b = newBuilder(&d)
		op.b.overrides = p.w.overrides
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
