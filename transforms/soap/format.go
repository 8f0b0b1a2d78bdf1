// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// Numbers of the namespaces that newBuilder puts first.
const (
	nsNumber11       = 2
	nsNumber12       = 3
	nsNumberXSI      = 4
	nsNumberEncoding = 5
	nsNumberXOP      = 6
)

// Format is the grammar of one direction of an operation. It is safe for concurrent use.
type Format struct {
	op    *Operation
	m     *message
	reply bool
	typ   *transforms.Type
	// root is a type made up of what stands at the top in JSON: members of the body, header, fault.
	headers *ctype
	// header and fault are the names of those members; empty if there are none.
	header, fault string
	faults        *ctype
	prefixes      []string
	// before and after are the envelope around the body, for messages without headers.
	declarations string
	// addressing is nil for messages without it.
	addressing *Addressing
	// attached are the members that travel as attachments, in the order of m.attached; others is the member
	// with those that nothing names, empty if they are not asked for.
	attached []string
	others   string
	// mtom messages have their binary content as attachments; refers tells that some have references.
	mtom, refers bool
}

var (
	_ transforms.Format  = (*Format)(nil)
	_ transforms.Codec   = (*Format)(nil)
	_ transforms.Carried = (*Format)(nil)
	_ transforms.Faulted = (*Format)(nil)
)

// Find returns the operation that a name means: OPERATION, or PORT.OPERATION. Ports that offer it in the
// same form over SOAP 1.1 and 1.2 are one: the first is taken.
func (w *WSDL) Find(name string) (*Operation, error) {
	port, op, qualified := strings.Cut(name, ".")
	if i := strings.LastIndexByte(name, '.'); qualified {
		port, op = name[:i], name[i+1:]
	}
	var found []*Operation
	for _, o := range w.Operations {
		if o.Name == name || qualified && o.Name == op && o.Port == port {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no operation %s in %s", name, w.File)
	}
	return found[0], nil
}

// Names lists the operations, each once.
func (w *WSDL) Names() []string {
	var out []string
	for _, o := range w.Operations {
		if !slices.Contains(out, o.Name) {
			out = append(out, o.Name)
		}
	}
	return out
}

// Request is the format of what the host gets.
func (o *Operation) Request() *transforms.MessageType { return newFormat(o, o.in, false) }

// Reply is the format of what the host sends; of a one-way operation it has no members.
func (o *Operation) Reply() *transforms.MessageType {
	m := o.out
	if m == nil {
		m = &message{}
	}
	return newFormat(o, m, true)
}

func newFormat(o *Operation, m *message, reply bool) *transforms.MessageType {
	f := &Format{op: o, m: m, reply: reply}
	names := nameTaker{}
	t := newTyper()
	root := &transforms.Type{Foreign: true, Shape: transforms.ObjectShape, HostName: o.Name, Picture: "SOAP"}
	if m.body != nil {
		if m.wrapped {
			body := t.object(m.body.typ)
			t.settle()
			root.Members = slices.Clone(body.Members)
		} else {
			one := t.element(m.body)
			one.Name = jsonName(m.body.local)
			root.Members = append(root.Members, one)
		}
		for _, x := range root.Members {
			names.take(x.Name)
		}
	}
	f.attach(root, names)
	if len(m.headers) > 0 {
		f.headers = choiceOf(o.b, m.headers)
		f.header = names.take("header")
		h := t.object(f.headers)
		h.Name, h.Optional = f.header, true
		root.Members = append(root.Members, h)
	}
	if reply {
		f.fault = names.take("fault")
		f.faults = choiceOf(o.b, o.faults)
		f.faults.mixed = true // some hosts put text into the detail
		root.Members = append(root.Members, f.faultType(t))
	}
	t.settle()
	f.typ = root
	f.name()
	return &transforms.MessageType{Type: root, Format: f}
}

// choiceOf is a type of which any of the elements may be there.
func choiceOf(b *builder, elems []*elem) *ctype {
	p := &particle{sort: sortAll, min: 1, max: 1}
	for _, e := range elems {
		p.kids = append(p.kids, &particle{min: 0, max: 1, elem: e})
	}
	t := &ctype{content: p}
	b.seal(t)
	return t
}

// faultType is what a fault is in JSON, the same for both versions.
func (f *Format) faultType(t *typer) *transforms.Type {
	text := func(name, host string) *transforms.Type {
		return &transforms.Type{Name: name, HostName: host, Shape: transforms.StringShape, MaxLength: transforms.Unbounded, Optional: name != "code" && name != "string"}
	}
	detail := t.object(f.faults)
	detail.Name, detail.HostName, detail.Optional = "detail", "detail", true
	return &transforms.Type{
		Name: f.fault, HostName: "Fault", Shape: transforms.ObjectShape, Optional: true,
		Members: []*transforms.Type{text("code", "faultcode"), text("subcode", "Subcode"), text("string", "faultstring"), text("actor", "faultactor"), detail},
	}
}

// name gives prefixes to the namespaces that can occur in a message.
func (f *Format) name() {
	used := f.used() // which may number further namespaces
	spaces := f.op.b.spaces
	f.prefixes = make([]string, len(spaces))
	var b strings.Builder
	env := nsEnvelope11
	if f.op.Version == 12 {
		env = nsEnvelope12
	}
	b.WriteString(` xmlns:soap="` + env + `"`)
	if used[nsNumberXSI] || f.op.Encoded {
		b.WriteString(` xmlns:xsi="` + nsXSI + `"`)
	}
	if f.op.Encoded {
		used[nsNumberEncoding] = true
		b.WriteString(` xmlns:xsd="` + nsXSD + `"`)
	}
	for i, uri := range spaces {
		if i > nsXML && i != nsNumber11 && i != nsNumber12 && i != nsNumberXSI && used[i] {
			prefix := fmt.Sprintf("n%d", max(0, i-nsNumberXOP)) // n0 is that of encoding
			f.prefixes[i] = prefix + ":"
			b.WriteString(` xmlns:` + prefix + `="` + string(appendEscapedAttr(nil, uri)) + `"`)
		}
	}
	f.declarations = b.String()
}

// used are the namespaces of all elements and attributes that a message can have.
func (f *Format) used() map[int]bool {
	used := map[int]bool{}
	seen := map[*ctype]bool{}
	var walkType func(t *ctype)
	var walk func(p *particle)
	element := func(e *elem) {
		used[e.ns] = true
		used[nsNumberXSI] = used[nsNumberXSI] || e.nillable
		walkType(e.typ)
	}
	walk = func(p *particle) {
		if p == nil {
			return
		}
		if p.elem != nil {
			element(p.elem)
		}
		for _, k := range p.kids {
			walk(k)
		}
	}
	walkType = func(t *ctype) {
		if seen[t] {
			return
		}
		seen[t] = true
		f.refers = f.refers || t.simple != nil && t.simple.kind == kindSwaRef
		for _, a := range t.attrs {
			used[a.ns] = true
		}
		walk(t.content)
		for _, m := range t.elems {
			if m.group != nil {
				walkType(m.group)
			}
		}
		if len(t.derived) > 0 || t.abstract || f.op.Encoded {
			used[nsNumberXSI] = true
			if t.space != "" && t.space != nsXSD {
				used[f.op.b.space(t.space)] = true
			}
		}
		for _, d := range t.derived {
			walkType(d)
		}
	}
	if f.m.body != nil {
		element(f.m.body)
	}
	if f.headers != nil {
		walkType(f.headers)
	}
	if f.faults != nil {
		walkType(f.faults)
	}
	return used
}

// FaultMember implements transforms.Faulted.
func (f *Format) FaultMember() string { return f.fault }

// Properties implements transforms.Carried: media type and action, as each version has them.
func (f *Format) Properties() map[string]string {
	if f.op.Version == 12 {
		media := "application/soap+xml; charset=utf-8"
		if f.op.Action != "" {
			media += `; action="` + f.op.Action + `"`
		}
		return map[string]string{"contentType": media}
	}
	return map[string]string{"contentType": "text/xml; charset=utf-8", "soapAction": f.op.Action}
}

// Reader implements transforms.Format.
func (f *Format) Reader(c *transforms.Capture) (transforms.Reader, specs.Findings) {
	return f.newReader(c), nil
}
