// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// writeAll writes contract, transform and test.
func (i *imported) writeAll() error {
	for _, write := range []func() error{i.writeContract, i.writeTransform, i.writeTest} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// writeContract adds the operation to the contract.
func (i *imported) writeContract() error {
	file := i.ws.Config.Contract.Value
	if !i.draft.has(file) {
		y := &yamlLines{}
		y.line("openapi: 3.1.0")
		y.line("info: {title: %s, version: 1.0.0}", yamlText("API of "+i.backend))
		y.within("paths", func() {
			y.within(yamlText(i.path), func() { i.operationLines(y) })
		})
		return i.draft.write(file, y.b.String())
	}
	src, err := i.draft.read(file)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	text, err := i.insert(file, string(src))
	if err != nil {
		return err
	}
	return i.draft.write(file, text)
}

// insert puts the operation into the text of a contract, which otherwise stays as it is.
func (i *imported) insert(file, src string) (string, error) {
	root, findings := specs.ParseYAML(file, []byte(src))
	if findings.HasErrors() {
		return "", i.failed(i.ws, findings)
	}
	paths := root.Get("paths")
	if paths == nil || paths.Kind != specs.MapNode || len(paths.Fields) > 0 && paths.Fields[0].Key.Pos.Line == root.Key("paths").Pos.Line {
		return "", &exitError{code: exitFindings, err: fmt.Errorf("%s has no paths in lines of their own: the operation cannot be put there; nothing was written", file)}
	}
	lines := strings.SplitAfter(strings.TrimRight(src, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	end := endOf(root, "paths", len(lines))
	if len(paths.Fields) == 0 {
		return "", &exitError{code: exitFindings, err: fmt.Errorf("%s has no path yet: take it away, or add one by hand; nothing was written", file)}
	}
	y := &yamlLines{indent: (paths.Fields[0].Key.Pos.Column - 1) / 2}
	at := end
	if item := paths.Get(i.path); item != nil {
		if item.Get(strings.ToLower(i.method)) != nil {
			return "", &exitError{code: exitFindings, err: fmt.Errorf("%s has %s %s already; nothing was written", file, i.method, i.path)}
		}
		if item.Kind != specs.MapNode || len(item.Fields) == 0 || item.Fields[0].Key.Pos.Line == paths.Key(i.path).Pos.Line {
			return "", &exitError{code: exitFindings, err: fmt.Errorf("%s has %s in one line: write it in several first; nothing was written", file, i.path)}
		}
		y.indent = (item.Fields[0].Key.Pos.Column - 1) / 2
		at = endOf(paths, i.path, end)
		i.operationLines(y)
	} else {
		y.within(yamlText(i.path), func() { i.operationLines(y) })
	}
	return strings.Join(lines[:at], "") + y.b.String() + strings.Join(lines[at:], ""), nil
}

// endOf is the number of the last line of what a key holds: the line before the next key, or last.
func endOf(n *specs.Node, key string, last int) int {
	for k, f := range n.Fields {
		if f.Key.Text == key && k+1 < len(n.Fields) {
			return n.Fields[k+1].Key.Pos.Line - 1
		}
	}
	return last
}

// operationLines writes the operation below its path.
func (i *imported) operationLines(y *yamlLines) {
	y.within(strings.ToLower(i.method), func() {
		y.line("operationId: %s", i.id)
		i.parameterLines(y)
		request := &schemaWriter{yamlLines: y, comments: fieldComments(i.req.codec), left: i.req.left}
		if i.hasBody() && len(request.shown(i.req.codec.Type())) > 0 {
			y.within("requestBody", func() {
				y.line("required: true")
				y.within("content", func() {
					y.within("application/json", func() {
						y.within("schema", func() { request.schema(i.req.codec.Type()) })
					})
				})
			})
		}
		y.within("responses", func() {
			y.within(`"200"`, func() {
				y.line("description: %s", yamlText("what the host replied"))
				y.within("content", func() {
					y.within("application/json", func() {
						reply := &schemaWriter{yamlLines: y, comments: fieldComments(i.rep.codec), left: i.rep.left, answer: true}
						y.within("schema", func() { reply.schema(i.rep.codec.Type()) })
					})
				})
			})
			if i.rcField != nil {
				y.line(`"422": {description: the host refused}`)
			}
		})
	})
}

func (i *imported) parameterLines(y *yamlLines) {
	if len(i.pathNames)+len(i.queries) == 0 {
		return
	}
	y.within("parameters", func() {
		w := &schemaWriter{yamlLines: y, comments: fieldComments(i.req.codec), left: i.req.left}
		one := func(in, name string, t *transforms.Type) {
			y.line("- name: %s", yamlText(name))
			y.indent++
			y.line("in: %s", in)
			y.line("required: true")
			y.within("schema", func() {
				w.schema(t)
				if in == "path" && t.Shape == transforms.StringShape && len(t.Enum) == 0 && t.Format == "" && t.MinLength == 0 {
					y.line("minLength: 1")
				}
			})
			y.indent--
		}
		for _, name := range i.pathNames {
			one("path", name, i.filled[name])
		}
		for _, t := range i.queries {
			one("query", t.Name, t)
		}
	})
}

// writeTransform writes the transform.
func (i *imported) writeTransform() error {
	y := &yamlLines{}
	y.line("operation: %s", i.id)
	y.line("backend: %s", i.backend)
	y.line("public: true # everybody may call it; take the line out when the contract asks for security")
	y.within("request", func() {
		y.line("record: %s", i.request)
		body := &schemaWriter{left: i.req.left}
		if i.hasBody() && len(body.shown(i.req.codec.Type())) > 0 {
			y.line("from: =body")
		}
		if len(i.literals)+len(i.filled)+len(i.queries) == 0 {
			return
		}
		y.within("fields", func() {
			for _, l := range i.literals {
				y.line("%s: %s", i.req.dataName(l.field), l.text)
			}
			for _, name := range i.pathNames {
				y.line("%s: =path%s", i.req.dataName(i.filled[name]), memberAccess(name))
			}
			for _, t := range i.queries {
				y.line("%s: =query%s", i.req.dataName(t), memberAccess(t.Name))
			}
		})
	})
	y.within("reply", func() {
		y.line("record: %s", i.reply)
		if i.rcField != nil {
			y.within("outcomes", func() {
				field := i.rep.access("reply", i.rcField)
				conditions := make([]string, len(i.rcTexts))
				for n, text := range i.rcTexts {
					conditions[n] = field + " != " + text
				}
				y.line("- when: =%s", strings.Join(conditions, " and "))
				y.line("  status: 422")
				y.line("  problem: {title: The host refused}")
			})
		}
		if body := (&schemaWriter{left: i.rep.left}); len(body.shown(i.rep.codec.Type())) > 0 {
			y.within("body", func() { body.template(y, i.rep.codec.Type(), "reply", 0) })
		} else {
			y.line("body: {}")
		}
	})
	return i.draft.write("transforms/"+i.id+".yaml", y.b.String())
}

// whole tells that JSON has every member at and below a type.
func (w *schemaWriter) whole(t *transforms.Type) bool {
	for _, m := range t.Members {
		if w.left[m] || !w.whole(m) {
			return false
		}
	}
	return t.Items == nil || w.whole(t.Items)
}

// template writes the members of an object of the answer: each copied as a whole, or member by member
// where JSON does not have them all.
func (w *schemaWriter) template(y *yamlLines, t *transforms.Type, from string, depth int) {
	for _, m := range w.shown(t) {
		access := from + memberAccess(m.Name)
		entry := fmt.Sprintf("entry%d", depth+1)
		switch {
		case w.whole(m) || m.Shape == transforms.ArrayShape && m.Items.Shape != transforms.ObjectShape:
			y.line("%s: =%s", yamlText(m.Name), access)
		case m.Shape == transforms.ArrayShape:
			y.within(yamlText(m.Name), func() {
				y.line("each: =%s", access)
				y.line("as: %s", entry)
				y.within("to", func() { w.template(y, m.Items, entry, depth+1) })
			})
		default:
			y.within(yamlText(m.Name), func() { w.template(y, m, access, depth) })
		}
	}
	if len(w.shown(t)) == 0 {
		y.line("{}")
	}
}

// memberAccess writes a name as expressions do: those that are no words stand in brackets.
func memberAccess(name string) string {
	if regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
		return "." + name
	}
	return fmt.Sprintf("[%q]", name)
}

// dataName is the name of a field in a mapping: the data-name, with its groups where it is not unique.
func (r *importedRecord) dataName(t *transforms.Type) string {
	if found, unique := r.codec.Type().HostMember(t.HostName); found == t && unique {
		return t.HostName
	}
	for f := range r.codec.Fields() {
		if f.Type == t {
			return f.Path
		}
	}
	return t.HostName
}

// verify checks the workspace as it would be, and runs the tests of the new operation.
func (i *imported) verify() error {
	return verifyDraft(i.ctx, i.p, i.draft, func(operation string) bool { return operation == i.id })
}

// tell prints the layouts, what was written and what to do next.
func (i *imported) tell() error {
	if i.p.output == "json" {
		return i.p.printWritten(i.draft.paths())
	}
	for n, r := range []*importedRecord{i.req, i.rep} {
		if n == 1 && i.rep.ref == i.req.ref {
			break
		}
		if err := printImportedLayout(i.p.stdout, r); err != nil {
			return err
		}
	}
	var b strings.Builder
	for _, name := range i.draft.written {
		fmt.Fprintf(&b, "wrote %s\n", filepath.Join(i.dir, filepath.FromSlash(name)))
	}
	for _, name := range i.pathNames {
		fmt.Fprintf(&b, "{%s} fills %s\n", name, i.req.dataName(i.filled[name]))
	}
	if rest := i.req.unfilled(i.hasBody()); len(rest) > 0 {
		fmt.Fprintf(&b, "not filled, and left at their initial value: %s\n", strings.Join(rest, ", "))
	}
	if len(i.datelike) > 0 {
		fmt.Fprintf(&b, "these look like dates; a rule in records.yaml makes them ones, such as %s: {date: yyyyMMdd, empty: \"00000000\"}: %s\n", i.datelike[0], strings.Join(i.datelike, ", "))
	}
	fmt.Fprintf(&b, "next:\n  lintel check %[1]s\n  lintel test %[1]s\n  lintel serve --simulate %[1]s\n", i.dir)
	_, err := fmt.Fprint(i.p.stdout, b.String())
	return err
}

// unfilled are the fields of the request that nothing fills.
func (r *importedRecord) unfilled(body bool) []string {
	if body {
		return nil
	}
	var out []string
	for _, t := range r.leaves() {
		out = append(out, r.dataName(t))
	}
	return out
}
