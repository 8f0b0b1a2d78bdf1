// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/soap"
)

// importedWSDL is the workspace that a WSDL becomes.
type importedWSDL struct {
	p          *program
	w          *soap.WSDL
	backend    string
	operations []*importedOperation
	findings   specs.Findings
	// addressing tells that the host insists on WS-Addressing.
	addressing bool
	// offersMTOM tells that it takes MTOM, in some operation.
	offersMTOM bool
	schemas    schemaMaker
}

// importedOperation is one operation with what it becomes.
type importedOperation struct {
	*soap.Operation
	id, method, path, why string
	safe                  bool
	// mtom tells that the host insists on MTOM.
	mtom           bool
	request, reply *transforms.MessageType
	// inPath is the parameter in the path; the others stand in the query.
	inPath string
}

func newImported(p *program, w *soap.WSDL, f *wsdlFlags) *importedWSDL {
	m := &importedWSDL{p: p, w: w, backend: f.backend, schemas: schemaMaker{names: map[string]bool{}, known: map[*transforms.Type]string{}}}
	ids, paths := map[string]bool{}, map[string]bool{}
	for _, op := range w.Operations {
		if !wanted(f.services, op.Service) || !wanted(f.ports, op.Port) || !wanted(f.ops, op.Name) {
			continue
		}
		id := soap.JSONName(op.Name)
		if ids[id] {
			continue // another port offers it, too
		}
		found := op.Open()
		m.findings = append(m.findings, found...)
		if found.HasErrors() {
			_, _ = fmt.Fprintf(p.stderr, "%s is left out: see above\n", op.Name)
			continue
		}
		ids[id] = true
		o := &importedOperation{Operation: op, id: id, request: op.Request(), reply: op.Reply()}
		o.place()
		base, parameter, given := strings.Cut(o.path, "/{")
		if given {
			parameter = "/{" + parameter
		}
		for i := 2; paths[o.method+o.path]; i++ {
			o.path = fmt.Sprintf("%s-%d%s", base, i, parameter)
		}
		paths[o.method+o.path] = true
		m.operations = append(m.operations, o)
		if m.backend == "" {
			m.backend = strings.Join(soap.Words(op.Service), "-")
		}
	}
	m.demands()
	return m
}

// demands reports what policies ask for and the backend that is written does not have. WS-Addressing and MTOM
// need nothing that is not known here, and are declared.
func (m *importedWSDL) demands() {
	b := &specs.Backend{Name: m.backend, HTTP: &specs.HTTPConfig{URLs: []specs.Text{{Value: m.address()}}, SOAP: &specs.SOAPConfig{Addressing: &specs.AddressingConfig{}}}}
	for _, o := range m.operations {
		for _, d := range o.Demands() {
			m.addressing = m.addressing || d.Need == soap.NeedAddressing && !d.Optional
			o.mtom = o.mtom || d.Need == soap.NeedMTOM && !d.Optional
			m.offersMTOM = m.offersMTOM || d.Need == soap.NeedMTOM
		}
		for _, f := range demandsOf(o.Operation, b, true) {
			if !slices.Contains(m.findings, f) {
				m.findings = append(m.findings, f)
			}
		}
	}
}

func wanted(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }

// place chooses method and path, and says why.
func (o *importedOperation) place() {
	words := soap.Words(o.Name)
	o.method, o.path = "post", "/"+strings.Join(words, "-")
	reading := slices.Contains([]string{"get", "find", "list", "search", "read", "query", "fetch", "lookup", "retrieve", "count", "check", "is", "has"}, words[0])
	if !reading {
		o.why = fmt.Sprintf("%q may change something", words[0])
		return
	}
	o.safe = true
	var params []*transforms.Type
	for _, t := range o.request.Type.Members {
		if t.Shape == transforms.ObjectShape || t.Shape == transforms.ArrayShape || t.Nullable || len(params) == 8 {
			o.why = fmt.Sprintf("%q reads, but its request is more than a few single values", words[0])
			return
		}
		params = append(params, t)
	}
	o.method, o.path = "get", "/"+strings.Join(words[min(1, len(words)-1):], "-")
	o.why = fmt.Sprintf("%q reads, and its request is single values", words[0])
	for _, t := range params {
		w := soap.Words(t.HostName)
		if !t.Optional && slices.Contains([]string{"id", "number", "no", "key", "code", "nr"}, w[len(w)-1]) {
			o.inPath = t.Name
			o.path += "/{" + t.Name + "}"
			o.why += "; " + t.Name + " names the one"
			return
		}
	}
}

// explain says which operation became which path.
func (m *importedWSDL) explain() {
	for _, o := range m.operations {
		_, _ = fmt.Fprintf(m.p.stderr, "%s becomes %s %s: %s\n", o.Name, strings.ToUpper(o.method), o.path, o.why)
	}
	if m.offersMTOM && m.mtom() == "" {
		_, _ = fmt.Fprintf(m.p.stderr, "the host takes MTOM, too: with attachments: mtom in soap.yaml binary content is sent as attachments\n")
	}
}

// views are the operations as --output json shows them.
func (m *importedWSDL) views() []wsdlOperationView {
	out := make([]wsdlOperationView, len(m.operations))
	for i, o := range m.operations {
		out[i] = wsdlOperationView{Name: o.Name, OperationID: o.id, Method: strings.ToUpper(o.method), Path: o.path, Why: o.why}
	}
	return out
}

// files are all files but those of the WSDL.
func (m *importedWSDL) files() map[string]string {
	out := map[string]string{"lintel.yaml": m.config()}
	if rules := m.mtom(); rules != "" {
		out["soap.yaml"] = rules
	}
	for _, o := range m.operations {
		out["transforms/"+o.id+".yaml"] = m.transform(o)
		out["tests/"+o.id+".yaml"] = m.test(o)
	}
	for name, text := range out {
		out[name] = schemaLine(name) + text
	}
	out["openapi.yaml"] = m.contract()
	return out
}

// mtom is the soap.yaml that declares MTOM where the host insists on it; empty if it does so nowhere.
func (m *importedWSDL) mtom() string {
	names, seen := []string{}, map[string]bool{}
	for _, o := range m.operations {
		if o.mtom && !seen[o.Name] {
			seen[o.Name] = true
			names = append(names, o.Name)
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case !slices.ContainsFunc(m.operations, func(o *importedOperation) bool { return !o.mtom }):
		return m.w.File + ": {attachments: mtom}\n"
	}
	out := m.w.File + ":\n  operations:\n"
	for _, n := range names {
		out += "    " + yamlText(n) + ": {attachments: mtom}\n"
	}
	return out
}

// address is where the first operation is.
func (m *importedWSDL) address() string {
	if len(m.operations) == 0 || m.operations[0].Address == "" {
		return "http://127.0.0.1:9302/"
	}
	return m.operations[0].Address
}

func (m *importedWSDL) config() string {
	around := ""
	if m.addressing {
		around = ", soap: {addressing: {}}"
	}
	env := strings.ToUpper(strings.ReplaceAll(m.backend, "-", "_")) + "_URL"
	return fmt.Sprintf("lintel: 1\ncontract: openapi.yaml\nbackends:\n  %s:\n    http: {url: \"${env:%s:-%s}\"%s}\n    timeout: 5s\n", m.backend, env, m.address(), around)
}

// replyMembers are what of a reply the app gets.
func (o *importedOperation) replyMembers() []*transforms.Type {
	f, _ := o.reply.Format.(*soap.Format)
	var out []*transforms.Type
	for _, t := range o.reply.Type.Members {
		if !f.Envelope(t) {
			out = append(out, t)
		}
	}
	return out
}

// declared are the faults that the WSDL declares for the operation.
func (o *importedOperation) declared() []soap.DeclaredFault {
	f, _ := o.reply.Format.(*soap.Format)
	return f.DeclaredFaults()
}

func (m *importedWSDL) transform(o *importedOperation) string {
	var b strings.Builder
	ref := m.w.File + "#" + o.Name
	fmt.Fprintf(&b, "operation: %s\nbackend: %s\npublic: true   # everybody may call it: remove this once the contract has security\n", o.id, m.backend)
	if o.method != "get" {
		fmt.Fprintf(&b, "safe: %t   # whether it changes nothing at the host, by its name\n", o.safe)
	}
	fmt.Fprintf(&b, "request:\n  soap: %s\n", ref)
	switch {
	case len(o.request.Type.Members) == 0:
	case o.method == "get":
		b.WriteString("  body:\n")
		for _, t := range o.request.Type.Members {
			from := "query"
			if t.Name == o.inPath {
				from = "path"
			}
			fmt.Fprintf(&b, "    %s: =%s\n", yamlKey(t.Name), member(from, t.Name))
		}
	default:
		b.WriteString("  body: =body\n")
	}
	fmt.Fprintf(&b, "reply:\n  soap: %s\n", ref)
	first := true
	for _, f := range o.declared() {
		if f.Path == nil {
			continue // nothing in it to know it by
		}
		if first {
			b.WriteString("  outcomes:\n")
			first = false
		}
		status, title := faultStatus(f.Name)
		path := "reply"
		for _, name := range f.Path {
			path = member(path, name)
		}
		fmt.Fprintf(&b, "    - when: '=%s != nil'\n      status: %d\n      fate: not applied\n      problem: {title: %s}\n", path, status, title)
	}
	if members := o.replyMembers(); len(members) > 0 {
		b.WriteString("  body:\n")
		for _, t := range members {
			fmt.Fprintf(&b, "    %s: '=%s'\n", yamlKey(t.Name), member("reply", t.Name))
		}
	}
	return b.String()
}

// member is an expression for a member: names that are no words stand in brackets.
func member(of, name string) string {
	for _, r := range name {
		if r >= 0x80 || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", r) {
			return of + `["` + name + `"]`
		}
	}
	return of + "." + name
}

// yamlKey quotes names that YAML could take for something else.
func yamlKey(name string) string { return `"` + name + `"` }

// faultStatus chooses a status for a declared fault by its name.
func faultStatus(name string) (status int, title string) {
	words := soap.Words(name)
	status = 409
	if slices.Contains(words, "found") || slices.Contains(words, "unknown") || slices.Contains(words, "missing") {
		status = 404
	}
	title = strings.Join(words, " ")
	return status, strings.ToUpper(title[:1]) + title[1:]
}

// test is an exchange with the plainest messages that are valid.
func (m *importedWSDL) test(o *importedOperation) string {
	in, _ := o.request.Format.(*soap.Format)
	out, _ := o.reply.Format.(*soap.Format)
	plain := func(int) int { return 0 }
	request, reply := in.Sample(plain), out.Sample(plain)
	var b strings.Builder
	b.WriteString("- name: an example\n")
	switch {
	case len(o.request.Type.Members) == 0:
		b.WriteString("  request: {}\n")
	case o.method == "get":
		var path, query []string
		for _, t := range o.request.Type.Members {
			value := transforms.JSONAt(request, "/"+t.Name)
			if value == nil {
				continue
			}
			entry := fmt.Sprintf("%q: %s", t.Name, value)
			if t.Name == o.inPath {
				path = append(path, entry)
			} else {
				query = append(query, entry)
			}
		}
		fmt.Fprintf(&b, "  request: {path: {%s}, query: {%s}}\n", strings.Join(path, ", "), strings.Join(query, ", "))
	default:
		fmt.Fprintf(&b, "  request: {body: %s}\n", request)
	}
	fmt.Fprintf(&b, "  host: {replies: {fields: %s}}\n", reply)
	fmt.Fprintf(&b, "  response: {status: %d}\n", o.success())
	return b.String()
}

func (o *importedOperation) success() int {
	switch {
	case len(o.replyMembers()) > 0:
		return 200
	case o.OneWay:
		return 202
	default:
		return 204
	}
}
