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
	schemas    schemaMaker
}

// importedOperation is one operation with what it becomes.
type importedOperation struct {
	*soap.Operation
	id, method, path, why string
	safe                  bool
	request, reply        *transforms.MessageType
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
		for base, i := o.path, 2; paths[o.method+o.path]; i++ {
			o.path = fmt.Sprintf("%s-%d", base, i)
		}
		paths[o.method+o.path] = true
		m.operations = append(m.operations, o)
		if m.backend == "" {
			m.backend = strings.Join(soap.Words(op.Service), "-")
		}
	}
	return m
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
}

// files are all files but those of the WSDL.
func (m *importedWSDL) files() map[string]string {
	out := map[string]string{"lintel.yaml": m.config()}
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

func (m *importedWSDL) config() string {
	address := m.operations[0].Address
	if address == "" {
		address = "http://127.0.0.1:9302/"
	}
	env := strings.ToUpper(strings.ReplaceAll(m.backend, "-", "_")) + "_URL"
	return fmt.Sprintf("lintel: 1\ncontract: openapi.yaml\nbackends:\n  %s:\n    http: {url: \"${env:%s:-%s}\"}\n    timeout: 5s\n", m.backend, env, address)
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

// contract writes the OpenAPI document.
func (m *importedWSDL) contract() string {
	var b strings.Builder
	fmt.Fprintf(&b, "openapi: 3.1.0\ninfo: {title: %q, version: \"1\"}\npaths:\n", m.operations[0].Service)
	paths := []string{}
	for _, o := range m.operations {
		if !slices.Contains(paths, o.path) {
			paths = append(paths, o.path)
		}
	}
	for _, path := range paths {
		fmt.Fprintf(&b, "  %s:\n", path)
		for _, o := range m.operations {
			if o.path == path {
				m.operation(&b, o)
			}
		}
	}
	m.schemas.write(&b)
	return b.String()
}

func (m *importedWSDL) operation(b *strings.Builder, o *importedOperation) {
	fmt.Fprintf(b, "    %s:\n      operationId: %s\n", o.method, o.id)
	if o.Documentation != "" {
		fmt.Fprintf(b, "      summary: %s\n", transforms.AppendQuoted(nil, o.Documentation))
	}
	switch {
	case len(o.request.Type.Members) == 0:
	case o.method == "get":
		b.WriteString("      parameters:\n")
		for _, t := range o.request.Type.Members {
			in := "query"
			if t.Name == o.inPath {
				in = "path"
			}
			fmt.Fprintf(b, "        - {name: %q, in: %s, required: %t, schema: %s}\n", t.Name, in, in == "path" || !t.Optional, m.schemas.schema(t))
		}
	default:
		name := m.schemas.object(strings.ToUpper(o.id[:1])+o.id[1:]+"Request", o.request.Type.Members)
		fmt.Fprintf(b, "      requestBody:\n        required: true\n        content: {application/json: {schema: {$ref: \"#/components/schemas/%s\"}}}\n", name)
	}
	fmt.Fprintf(b, "      responses:\n        \"%d\":\n          description: what the host answers\n", o.success())
	if members := o.replyMembers(); len(members) > 0 {
		name := m.schemas.object(strings.ToUpper(o.id[:1])+o.id[1:]+"Reply", members)
		fmt.Fprintf(b, "          content: {application/json: {schema: {$ref: \"#/components/schemas/%s\"}}}\n", name)
	}
	told := map[int]string{422: "the host refused the request"}
	for _, f := range o.declared() {
		status, title := faultStatus(f.Name)
		if told[status] != "" {
			title = told[status] + "; " + title
		}
		told[status] = title
	}
	for _, status := range []int{404, 409, 422} {
		if told[status] != "" {
			fmt.Fprintf(b, "        \"%d\": {description: %q}\n", status, told[status])
		}
	}
}

// schemaMaker collects the schemas of a contract.
type schemaMaker struct {
	names map[string]bool
	// known are the names of objects, by their first member: uses of one type share their members.
	known map[*transforms.Type]string
	out   []string
}

// object makes the schema of an object, and gives its name.
func (m *schemaMaker) object(name string, members []*transforms.Type) string {
	if len(members) > 0 {
		if known := m.known[members[0]]; known != "" {
			return known
		}
	}
	free := name
	for i := 2; m.names[free]; i++ {
		free = fmt.Sprintf("%s%d", name, i)
	}
	m.names[free] = true
	if len(members) > 0 {
		m.known[members[0]] = free
	}
	at := len(m.out)
	m.out = append(m.out, "")
	var b strings.Builder
	fmt.Fprintf(&b, "    %s:\n      type: object\n      additionalProperties: false\n", free)
	var required []string
	for _, t := range members {
		if !t.Optional {
			required = append(required, fmt.Sprintf("%q", t.Name))
		}
	}
	if required != nil {
		fmt.Fprintf(&b, "      required: [%s]\n", strings.Join(required, ", "))
	}
	if len(members) > 0 {
		b.WriteString("      properties:\n")
	}
	for _, t := range members {
		fmt.Fprintf(&b, "        %q: %s\n", t.Name, m.schema(t))
	}
	m.out[at] = b.String()
	return free
}

func (m *schemaMaker) write(b *strings.Builder) {
	if len(m.out) == 0 {
		return
	}
	b.WriteString("components:\n  schemas:\n")
	for _, s := range m.out {
		b.WriteString(s)
	}
}

// schema is the schema of a value, in one line.
func (m *schemaMaker) schema(t *transforms.Type) string {
	switch t.Shape {
	case transforms.ObjectShape:
		name := t.Picture
		if name == "" {
			name = t.HostName
		}
		if name == "" {
			name = "Group"
		}
		ref := fmt.Sprintf(`{$ref: "#/components/schemas/%s"}`, m.object(schemaName(name), t.Members))
		if t.Nullable {
			return `{anyOf: [` + ref + `, {type: "null"}]}`
		}
		return ref
	case transforms.ArrayShape:
		s := `{type: array, items: ` + m.schema(t.Items)
		if t.MinItems > 0 {
			s += fmt.Sprintf(", minItems: %d", t.MinItems)
		}
		if t.MaxItems >= 0 {
			s += fmt.Sprintf(", maxItems: %d", t.MaxItems)
		}
		return s + "}"
	}
	return "{" + scalarSchema(t) + "}"
}

// schemaName is a name that components may have.
func schemaName(name string) string {
	out := strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_') {
			return r
		}
		return -1
	}, name)
	if out == "" {
		return "Type"
	}
	return strings.ToUpper(out[:1]) + out[1:]
}

func scalarSchema(t *transforms.Type) string {
	word := map[transforms.Shape]string{transforms.StringShape: "string", transforms.NumberShape: "number", transforms.FloatShape: "number", transforms.BoolShape: "boolean"}[t.Shape]
	if t.Integer {
		word = "integer"
	}
	s := "type: " + word
	enum := slices.Clone(t.Enum)
	if t.Nullable {
		s = `type: [` + word + `, "null"]`
		if enum != nil {
			enum = append(enum, "null")
		}
	}
	if enum != nil {
		return s + ", enum: [" + strings.Join(enum, ", ") + "]"
	}
	if t.Shape == transforms.StringShape {
		if t.MinLength > 0 {
			s += fmt.Sprintf(", minLength: %d", t.MinLength)
		}
		if t.MaxLength >= 0 {
			s += fmt.Sprintf(", maxLength: %d", t.MaxLength)
		}
		return s
	}
	if t.Shape == transforms.NumberShape {
		s += numberSchema(t)
	}
	return s
}

// numberSchema says bounds and decimals.
func numberSchema(t *transforms.Type) string {
	s := ""
	low, high := t.Minimum, t.Maximum
	if low != "" {
		s += ", minimum: " + low
	}
	if high != "" {
		s += ", maximum: " + high
	}
	if t.Scale > 0 {
		s += ", multipleOf: 0." + strings.Repeat("0", t.Scale-1) + "1"
	}
	return s
}
