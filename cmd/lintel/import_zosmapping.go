// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// zosOperation is an operation that is taken over.
type zosOperation struct {
	*zosProject
	op     *specs.Operation
	folder string
	y      *yamlLines
	reply  *transforms.Type
}

// operation makes the transform of one operation.
func (z *zosProject) operation(op *specs.Operation, folder string) error {
	about := z.document(path.Join(folder, "operation.yaml"))
	named := about.Get("zasset")
	if named == nil {
		z.leave(op.Pos, "", "%s has no operation.yaml that names an asset: write transforms/%s.yaml", folder, op.ID)
		return nil
	}
	a := z.assets[named.Text]
	if a == nil || a.request == "" || a.reply == "" {
		z.leave(named.Pos, "", "the asset %s was not taken over: write transforms/%s.yaml", named.Text, op.ID)
		return nil
	}
	o := &zosOperation{zosProject: z, op: op, folder: folder, y: &yamlLines{}}
	o.reply = z.typeOf(a, a.reply)
	y := o.y
	y.line("operation: %s", op.ID)
	y.line("backend: %s", a.backend())
	if !op.Secured() {
		y.line("public: true # everybody may call it; take the line out when the contract asks for security")
	}
	y.within("request", func() {
		y.line("record: %s", a.request)
		o.requestFields(z.typeOf(a, a.request))
	})
	y.within("reply", func() {
		y.line("record: %s", a.reply)
		o.responses()
	})
	return z.draft.write("transforms/"+op.ID+".yaml", y.b.String())
}

// typeOf opens a record; nil if it has findings, which are printed at the end.
func (z *zosProject) typeOf(a *zosAsset, ref string) *transforms.Type {
	backend := z.ws.Config.Backend(a.backend())
	if backend == nil {
		return nil
	}
	t, _ := z.records.Open(&specs.Node{Text: ref}, backend, false)
	if t == nil {
		return nil
	}
	return t.Type
}

// remark leaves something out, and says so in the transform.
func (o *zosOperation) remark(n *specs.Node, subject, source string, err error) {
	o.leave(n.Pos, source, "%s: %v", subject, err)
	o.y.line("# not taken over: %s: %s", subject, strings.Join(strings.Fields(source), " "))
}

// requestFields writes the mapping of the request.
func (o *zosOperation) requestFields(t *transforms.Type) {
	root := o.document(path.Join(o.folder, "request.yaml"))
	var leaves func(n *specs.Node, t *transforms.Type, names []string)
	started := false
	leaves = func(n *specs.Node, t *transforms.Type, names []string) {
		eachMapping(n, func(key, v *specs.Node) {
			below := append(names[:len(names):len(names)], key.Text)
			if len(below) <= 2 { // commarea or message, and the record
				leaves(v, t, below)
				return
			}
			if !started {
				o.y.line("fields:")
				o.y.indent++
				started = true
			}
			member := hostMember(t, key.Text)
			switch {
			case member == nil:
				o.remark(key, strings.Join(below[1:], "."), "", fmt.Errorf("the record has no such field"))
			case v.Get("mappings") != nil:
				leaves(v, member, below)
			default:
				o.requestField(below[2:], key, v)
			}
		})
	}
	leaves(root, t, nil)
	if started {
		o.y.indent--
	}
}

func (o *zosOperation) requestField(names []string, key, v *specs.Node) {
	name := strings.Join(names, ".")
	value, source, err := mappedValue(&jsonata{}, v)
	if err != nil {
		o.remark(key, name, source, err)
		return
	}
	o.y.line("%s: %s", name, yamlText(value))
}

// mappedValue is the value of a mapping: its template or its expression.
func mappedValue(j *jsonata, v *specs.Node) (value, source string, err error) {
	switch {
	case v.Get("template") != nil:
		source = v.Get("template").Text
		value, err = j.template(source)
	case v.Get("expression") != nil:
		source = v.Get("expression").Text
		if value, err = j.expression(source); err == nil {
			value = "=" + value
		}
	default:
		source, err = v.JSON(), errJSONata
	}
	return value, source, err
}

// eachMapping visits the entries of mappings: a list of maps with one key each.
func eachMapping(n *specs.Node, visit func(key, value *specs.Node)) {
	list := n.Get("mappings")
	if list == nil {
		return
	}
	for _, item := range list.Items {
		for _, f := range item.Fields {
			visit(f.Key, f.Value)
		}
	}
}

func hostMember(t *transforms.Type, name string) *transforms.Type {
	if t == nil {
		return nil
	}
	if t.Shape == transforms.ArrayShape {
		t = t.Items
	}
	for _, m := range t.Members {
		if strings.EqualFold(m.HostName, name) {
			return m
		}
	}
	return nil
}

// zosResponse is one entry of response_mapping.yaml.
type zosResponse struct {
	file, status string
	when         string
	always       bool
}

// responses writes the outcomes: conditions are tried in their order, and the one that always holds is the
// answer itself.
func (o *zosOperation) responses() {
	root := o.document(path.Join(o.folder, "response_mapping.yaml"))
	var list []zosResponse
	var last *zosResponse
	if root != nil {
		for _, f := range root.Fields {
			if f.Value.Kind != specs.MapNode {
				continue // version
			}
			r, ok := o.response(f)
			switch {
			case !ok:
			case r.always && last == nil:
				last = &r
			case last == nil:
				list = append(list, r)
			default:
				o.leave(f.Key.Pos, "", "%s is never reached: the condition before it always holds", f.Key.Text)
			}
		}
	}
	if len(list) > 0 {
		o.y.within("outcomes", func() {
			for _, r := range list {
				o.y.line("- when: %s", yamlText("="+r.when))
				o.y.indent++
				o.y.line("status: %s", r.status)
				o.answer(r.file)
				o.y.indent--
			}
		})
	}
	if last == nil {
		o.leave(o.op.Pos, "", "%s: no condition of %s always holds; the answer is 500 if none does", o.op.ID, path.Join(o.folder, "response_mapping.yaml"))
		o.y.line("status: 500")
		return
	}
	o.y.line("status: %s", last.status)
	o.answer(last.file)
}

func (o *zosOperation) response(f specs.NodeField) (zosResponse, bool) {
	r := zosResponse{file: f.Key.Text}
	if s := f.Value.Get("httpStatusCode"); s != nil {
		r.status = s.Text
	}
	c := f.Value.Get("condition")
	if c == nil || c.Text == "true" {
		r.always = true
		return r, true
	}
	when, err := (&jsonata{reply: o.reply}).expression(c.Text)
	if err != nil {
		o.remark(c, "the condition of "+r.file, c.Text, err)
		return r, false
	}
	r.when = when
	return r, true
}

// answer writes headers and body of a response.
func (o *zosOperation) answer(file string) {
	root := o.document(path.Join(o.folder, file))
	if root == nil {
		o.leave(o.op.Pos, "", "%s has no %s: the answer has no body", o.folder, file)
		return
	}
	eachMapping(root, func(key, v *specs.Node) {
		switch key.Text {
		case "body":
			o.member("body", key, v, &jsonata{reply: o.reply}, 0)
		case "headers":
			o.y.within("headers", func() {
				eachMapping(v, func(key, v *specs.Node) { o.member(yamlText(key.Text), key, v, &jsonata{reply: o.reply}, 0) })
			})
		default:
			o.remark(key, file+" "+key.Text, v.JSON(), errJSONata)
		}
	})
}

// member writes one value of an answer under its key.
func (o *zosOperation) member(name string, key, v *specs.Node, j *jsonata, depth int) {
	switch each := v.Get("foreach"); {
	case each != nil:
		o.each(name, key, each, j, depth)
	case v.Get("mappings") != nil:
		o.y.within(name, func() {
			eachMapping(v, func(key, v *specs.Node) { o.member(yamlText(key.Text), key, v, j, depth) })
		})
	default:
		value, source, err := mappedValue(j, v)
		if err != nil {
			o.remark(key, key.Text, source, err)
			return
		}
		o.y.line("%s: %s", name, yamlText(value))
	}
}

func (o *zosOperation) each(name string, key, each *specs.Node, j *jsonata, depth int) {
	input := each.Get("input")
	if input == nil {
		o.remark(key, key.Text, each.JSON(), errJSONata)
		return
	}
	list, err := j.expression(input.Text)
	entries := (*transforms.Type)(nil)
	if err == nil {
		entries = typeAt(j, list)
	}
	if err != nil || entries == nil {
		o.remark(key, key.Text, input.Text, errJSONata)
		return
	}
	item := fmt.Sprintf("entry%d", depth+1)
	inner := &jsonata{reply: j.reply, item: entries, itemName: item}
	o.y.within(name, func() {
		o.y.line("each: =%s", list)
		o.y.line("as: %s", item)
		if each.Get("mappings") == nil {
			o.member("to", key, each, inner, depth+1)
			return
		}
		o.y.within("to", func() {
			eachMapping(each, func(key, v *specs.Node) { o.member(yamlText(key.Text), key, v, inner, depth+1) })
		})
	})
}

// typeAt is the type of the entries of the array that a path of an answer names.
func typeAt(j *jsonata, list string) *transforms.Type {
	root, rest, _ := strings.Cut(list, ".")
	t := j.reply
	if root == j.itemName {
		t = j.item
	} else if root != "reply" {
		return nil
	}
	for _, step := range strings.Split(rest, ".") {
		if t == nil {
			return nil
		}
		t = t.Member(step)
	}
	if t == nil || t.Shape != transforms.ArrayShape {
		return nil
	}
	return t.Items
}
