// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/funcs"
	"lintel/transforms/json"
	"lintel/transforms/record"
)

// records opens records of a workspace, as the program does.
type records struct{ ws *specs.Workspace }

// Open implements transforms.Opener.
func (o records) Open(ref *specs.Node, backend *specs.Backend, head bool) (*transforms.MessageType, specs.Findings) {
	var findings specs.Findings
	refuse := func(reason string) (*transforms.MessageType, specs.Findings) {
		findings.Add("LNT0000", ref.Pos, reason, "")
		return nil, findings
	}
	file, name, _ := strings.Cut(ref.Text, "#")
	page, err := codepage.Lookup(backend.CodePage.Value)
	if err != nil {
		return refuse(err.Error())
	}
	src, err := fs.ReadFile(o.ws.FS, file)
	if err != nil {
		return refuse("the copybook cannot be read")
	}
	book, fs := copybook.Parse(file, src, copybook.Options{FS: o.ws.FS, SearchPath: []string{"copybooks"}})
	if findings = append(findings, fs...); findings.HasErrors() {
		return nil, findings
	}
	item := book.Record(name)
	if name == "" && len(book.Records) == 1 {
		item = book.Records[0]
	}
	if item == nil {
		return refuse("there is no such record")
	}
	options := record.Options{Page: page, Dialect: book.Dialect, Rules: o.ws.Records.Fields}
	options.PolicyOf = func(item *copybook.Item, around record.Policy) record.Policy {
		for _, rule := range o.ws.Records.Fields {
			for _, option := range rule.Options {
				if rule.Name == item.Name && option.Key.Text == "unreadable" && option.Value.Text == "null" {
					around.Unreadable = record.UnreadableNull
				}
			}
		}
		return around
	}
	if head {
		options.Policy.Excess = record.ExcessIgnore
	}
	codec, fs := record.Compile(item, options)
	if findings = append(findings, fs...); codec == nil || findings.HasErrors() {
		return nil, findings
	}
	return &transforms.MessageType{Type: codec.Type(), Format: codec}, findings
}

func openSchema(s *specs.Schema, answer bool, prefix string) (*transforms.MessageType, specs.Findings) {
	o := json.Options{Prefix: prefix}
	if answer {
		o.Direction = json.Response
	}
	return json.New(s, o)
}

// compiled is one operation of a compiled workspace.
type compiled struct {
	*transforms.Transform
	request, reply transforms.Codec
}

// compileWorkspace compiles all transforms of a workspace; those with errors are left out.
func compileWorkspace(fsys fs.FS) (map[string]compiled, specs.Findings) {
	return compileOn("", fsys)
}

// compileOn is compileWorkspace with another wire than the workspace has; "" leaves it.
func compileOn(wire string, fsys fs.FS) (map[string]compiled, specs.Findings) {
	ws, findings := specs.LoadFS("test", fsys, func(string) (string, bool) { return "", false })
	if wire != "" {
		for _, b := range ws.Config.Backends {
			b.Wire = wire
		}
	}
	out := map[string]compiled{}
	if ws == nil || ws.Contract == nil || ws.Config == nil {
		return out, findings
	}
	c := &transforms.Compiler{
		JSON: openSchema, Formats: map[string]transforms.Opener{"record": records{ws}}, Funcs: funcs.All(ws.Tables...), Answers: true,
	}
	for _, doc := range ws.Transforms {
		op, backend := ws.Contract.Operation(doc.Operation.Value), ws.Config.Backend(doc.Backend.Value)
		if op == nil || backend == nil {
			continue
		}
		t, fs := c.Compile(doc, op, backend)
		findings = append(findings, fs...)
		if t == nil || t.Request == nil || t.Answer("") == nil {
			continue
		}
		one := compiled{Transform: t}
		one.request, _ = t.Request.Format.(transforms.Codec)
		one.reply, _ = t.Answer("").Format.(transforms.Codec)
		out[op.ID] = one
	}
	return out, findings
}

// small is a workspace with one operation, "op", in which tests replace what they are about.
type small struct {
	path       string // default /op
	parameters string // YAML of the operation's parameters
	body       string // YAML flow schema of the request body, empty for none
	answer     string // YAML flow schema of the answer, empty for none
	statuses   string // further responses, YAML at the level of "200"
	schemas    string // components/schemas
	copybook   string // with the records IN and OUT
	records    string // records.yaml
	transform  string // request and reply
	codepage   string // default cp1047
	wire       string // default tcp
}

// files lays the workspace out as a file system.
func (s small) files() fstest.MapFS {
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	var c strings.Builder
	fmt.Fprintf(&c, "openapi: 3.1.0\ninfo: {title: t, version: \"1\"}\npaths:\n  %s:\n    post:\n      operationId: op\n", or(s.path, "/op"))
	if s.parameters != "" {
		fmt.Fprintf(&c, "      parameters: %s\n", s.parameters)
	}
	if s.body != "" {
		fmt.Fprintf(&c, "      requestBody:\n        required: true\n        content: {application/json: {schema: %s}}\n", s.body)
	}
	c.WriteString("      responses:\n        \"200\":\n          description: good\n")
	if s.answer != "" {
		fmt.Fprintf(&c, "          content: {application/json: {schema: %s}}\n", s.answer)
	}
	for line := range strings.Lines(s.statuses) {
		c.WriteString("        " + line)
	}
	if s.schemas != "" {
		c.WriteString("\ncomponents:\n  schemas:\n")
		for line := range strings.Lines(s.schemas) {
			c.WriteString("    " + line)
		}
	}
	c.WriteString("\n")
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	out := fstest.MapFS{
		"lintel.yaml": file("lintel: 1\ncontract: openapi.yaml\nbackends:\n  core:\n    tcp: {address: \"127.0.0.1:9301\", frame: {length: {bytes: 4, includes: self}}}\n    codepage: " +
			or(s.codepage, "cp1047") + "\n"),
		"openapi.yaml":       file(c.String()),
		"transforms/op.yaml": file("operation: op\nbackend: core\npublic: true\nsafe: true\n" + s.transform),
		"copybooks/BOOK.cpy": file(s.copybook),
	}
	if s.records != "" {
		out["records.yaml"] = file(s.records)
	}
	return out
}

// compile compiles the operation and fails the test on errors.
func (s small) compile(tb testing.TB) compiled {
	tb.Helper()
	all, findings := compileOn(s.wire, s.files())
	one, ok := all["op"]
	if !ok || findings.HasErrors() {
		tb.Fatalf("workspace does not compile:\n%v", findings)
	}
	return one
}
