// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

// choose decides what fills the fields of the request, and what tells success in the reply.
func (i *imported) choose() error {
	for _, step := range []func() error{i.chooseLiterals, i.chooseParams, i.chooseQueries, i.chooseRC} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// field finds a field of a record by data-name or JSON name.
func (r *importedRecord) field(name string) *transforms.Type {
	for f := range r.codec.Fields() {
		if f.Type != nil && len(f.Item.Children) == 0 && !strings.Contains(f.Pointer, "*") &&
			(strings.EqualFold(f.Item.Name, name) || strings.EqualFold(f.Path, name) || f.Type.Name == name) {
			return f.Type
		}
	}
	return nil
}

// leaves are the single fields of a record that stand in no table, in order.
func (r *importedRecord) leaves() []*transforms.Type {
	var out []*transforms.Type
	for f := range r.codec.Fields() {
		if f.Type != nil && f.Pointer != "" && len(f.Item.Children) == 0 && !strings.Contains(f.Pointer, "*") && !r.left[f.Type] {
			out = append(out, f.Type)
		}
	}
	return out
}

// access writes the path of a field in an expression: reply.header.status.
func (r *importedRecord) access(root string, t *transforms.Type) string {
	for f := range r.codec.Fields() {
		if f.Type == t {
			for _, name := range strings.Split(f.Pointer, "/")[1:] {
				root += memberAccess(name)
			}
			return root
		}
	}
	return root
}

// chooseLiterals takes the values of --set and of VALUE clauses.
func (i *imported) chooseLiterals() error {
	given := map[*transforms.Type]string{}
	for _, text := range i.set {
		name, value, ok := strings.Cut(text, "=")
		t := i.req.field(name)
		if !ok || t == nil {
			return usageError("--set %s: there is no such field in %s", text, i.request)
		}
		given[t] = yamlText(value)
	}
	for f := range i.req.codec.Fields() {
		if f.Type == nil || len(f.Item.Children) > 0 || strings.Contains(f.Pointer, "*") {
			continue
		}
		text, ok := given[f.Type]
		if !ok {
			text, ok = i.req.valueOf(f.Item, f.Type)
		}
		if ok && !i.req.left[f.Type] {
			i.literals = append(i.literals, literalField{f.Type, f.Item, text})
			i.req.left[f.Type] = true
		}
	}
	return nil
}

// valueOf is the VALUE of an item as its field has it: a name where the field is an enum. ok is false if
// there is none that the field can have.
func (r *importedRecord) valueOf(it *copybook.Item, t *transforms.Type) (text string, ok bool) {
	text, ok = valueLiteral(it)
	if !ok {
		return "", false
	}
	for n, c := range it.Conditions {
		if v := c.Values[0].From; len(t.Enum) > n && v != nil && v.Text == it.Value.Text && v.Number == it.Value.Number {
			text = t.Enum[n]
		}
	}
	return text, jsontext.Value(text).IsValid() && r.codec.Try(t, transforms.JSONValue([]byte(text))) == nil
}

// chooseParams finds the field for each parameter of the path.
func (i *imported) chooseParams() error {
	given := map[string]string{}
	for _, text := range i.params {
		name, field, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains(i.pathNames, name) || i.req.field(field) == nil {
			return usageError("--param %s: it must be NAME=FIELD, with a parameter of the path and a field of %s", text, i.request)
		}
		given[name] = field
	}
	for _, name := range i.pathNames {
		field := given[name]
		if field == "" {
			best := i.likely(name)
			if best == nil {
				return usageError("no field of %s is left for the parameter {%s}; name one with --param", i.request, name)
			}
			field = i.ask.text(fmt.Sprintf("Which field of the request does {%s} fill?", name), best.HostName)
		}
		t := i.req.field(field)
		if t == nil || i.req.left[t] {
			return usageError("there is no free field %q in %s for the parameter {%s}", field, i.request, name)
		}
		i.filled[name] = t
		i.req.left[t] = true
	}
	return nil
}

// likely is the field that a parameter of the path fills most likely: one of that name, else one whose
// name says that it is a key, else the first.
func (i *imported) likely(name string) *transforms.Type {
	var free []*transforms.Type
	for _, t := range i.req.leaves() {
		if t.Shape == transforms.StringShape || t.Shape == transforms.NumberShape {
			free = append(free, t)
		}
	}
	low := strings.ToLower(name)
	for _, fits := range []func(t *transforms.Type) bool{
		func(t *transforms.Type) bool { return strings.EqualFold(t.Name, name) },
		func(t *transforms.Type) bool { return strings.HasSuffix(strings.ToLower(t.Name), low) },
		func(t *transforms.Type) bool { return strings.Contains(low, strings.ToLower(t.Name)) },
		func(t *transforms.Type) bool {
			return slices.ContainsFunc([]string{"NUMBER", "NUM", "NO", "ID", "KEY", "ACCOUNT", "ACCT", "CODE"}, func(word string) bool {
				return slices.Contains(strings.FieldsFunc(t.HostName, func(r rune) bool { return r == '-' || r == '_' }), word)
			})
		},
		func(*transforms.Type) bool { return true },
	} {
		if n := slices.IndexFunc(free, fits); n >= 0 {
			return free[n]
		}
	}
	return nil
}

// hasBody tells that the method carries the fields of the request in a body.
func (i *imported) hasBody() bool {
	return i.method == "POST" || i.method == "PUT" || i.method == "PATCH"
}

// chooseQueries takes the fields that are parameters of the query.
func (i *imported) chooseQueries() error {
	names := i.query
	if len(names) == 0 && !i.hasBody() {
		var free []string
		for _, t := range i.req.leaves() {
			free = append(free, t.HostName)
		}
		if len(free) > 0 {
			answer := i.ask.text("Which of these fields are parameters of the query: "+strings.Join(free, ", ")+"?", "")
			names = strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	for _, name := range names {
		t := i.req.field(name)
		if t == nil || i.req.left[t] {
			return usageError("--query %s: there is no such field left in %s", name, i.request)
		}
		if slices.ContainsFunc(i.queries, func(q *transforms.Type) bool { return q.Name == t.Name }) {
			return usageError("--query %s: another field already has the name %s in JSON; give one a json rule in records.yaml", name, t.Name)
		}
		i.queries = append(i.queries, t)
		i.req.left[t] = true
	}
	return nil
}

// chooseRC takes the field of the reply that tells success.
func (i *imported) chooseRC() error {
	rule := i.rc
	if rule == "" {
		rule = i.ask.text("Which field of the reply tells success, and with which value (FIELD=VALUE)?", "")
	}
	if rule == "" {
		return nil
	}
	name, values, ok := strings.Cut(rule, "=")
	t := i.rep.field(name)
	if !ok || t == nil || values == "" {
		return usageError("--rc %s: it must be FIELD=VALUE with a field of %s", rule, i.reply)
	}
	i.rcField = t
	for _, v := range strings.Split(values, ",") {
		text := string(transforms.AppendQuoted(nil, v))
		switch {
		case t.Shape == transforms.NumberShape:
			text = v
		case len(t.Enum) > 0 && !slices.Contains(t.Enum, text):
			if name, listed := i.rep.codec.EnumName(t, v); listed {
				text = name // it was said as the host says it
				break
			}
			return usageError("--rc %s: %s is not one of the values %s", rule, text, strings.Join(t.Enum, ", "))
		}
		i.rcTexts = append(i.rcTexts, text)
	}
	return nil
}
