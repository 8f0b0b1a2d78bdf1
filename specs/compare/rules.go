// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"strings"

	"lintel/specs"
)

// Rules compares what records.yaml says. Names of JSON and what is only about showing are left to the
// contract: they change no byte.
func Rules(from, to *specs.Records) []Change {
	r := &rules{}
	r.options("all records", from.Options, to.Options)
	seen := map[string]bool{}
	for _, a := range from.Fields {
		seen[strings.ToUpper(a.Name)] = true
		b := ruleOf(to, a.Name)
		if b == nil {
			r.rule(a, &specs.FieldRule{Name: a.Name})
			continue
		}
		r.rule(a, b)
	}
	for _, b := range to.Fields {
		if !seen[strings.ToUpper(b.Name)] {
			r.rule(&specs.FieldRule{Name: b.Name}, b)
		}
	}
	return Sort(r.out)
}

func ruleOf(r *specs.Records, name string) *specs.FieldRule {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}

type rules struct{ out []Change }

func (r *rules) add(e Effect, rule, where string, old, now specs.Pos, format string, args ...any) {
	r.out = append(r.out, Change{Effect: e, Part: Layout, Rule: rule, Where: where, Message: fmt.Sprintf(format, args...), Old: old, New: now})
}

// options compares record options by their words: they decide how bytes are read and written.
func (r *rules) options(where string, a, b []specs.NodeField) {
	find := func(list []specs.NodeField, key string) *specs.Node {
		for _, f := range list {
			if f.Key.Text == key {
				return f.Value
			}
		}
		return nil
	}
	text := func(n *specs.Node) string {
		if n == nil {
			return "the default"
		}
		return n.JSON()
	}
	pos := func(n *specs.Node) specs.Pos {
		if n == nil {
			return specs.Pos{}
		}
		return n.Pos
	}
	for _, key := range specs.RecordOptionKeys() {
		was, is := find(a, key), find(b, key)
		if text(was) != text(is) {
			r.add(Host, "record-option", where, pos(was), pos(is), "%s was %s and is %s", key, text(was), text(is))
		}
	}
}

func (r *rules) rule(a, b *specs.FieldRule) {
	r.options(b.Name, a.Options, b.Options)
	compare := func(key, was, is string) {
		if was == is {
			return
		}
		switch {
		case was == "":
			r.add(Review, "field-rule", b.Name, a.Pos, b.Pos, "%s is new: %s", key, is)
		case is == "":
			r.add(Host, "field-rule", b.Name, a.Pos, b.Pos, "%s is gone, was %s", key, was)
		default:
			r.add(Host, "field-rule", b.Name, a.Pos, b.Pos, "%s was %s and is %s", key, was, is)
		}
	}
	r.enum(a, b)
	compare("boolean", booleanWords(a.Boolean), booleanWords(b.Boolean))
	compare("date", a.Date.Value, b.Date.Value)
	compare("empty", emptyWords(a.Empty), emptyWords(b.Empty))
	compare("redefines", redefinesWords(a.Redefines), redefinesWords(b.Redefines))
	compare("scale", scaleWords(a.Scale), scaleWords(b.Scale))
	if a.JSON.Value != b.JSON.Value || fmt.Sprint(texts(a.Prefix)) != fmt.Sprint(texts(b.Prefix)) {
		r.add(Safe, "field-json-name", b.Name, a.Pos, b.Pos, "the JSON name is made in another way")
	}
	if a.Sensitive != b.Sensitive {
		r.add(effectIf(!b.Sensitive, Review), "field-sensitive", b.Name, a.Pos, b.Pos, "sensitive was %t and is %t", a.Sensitive, b.Sensitive)
	}
}

// enum compares the host values of names: a new one breaks nothing.
func (r *rules) enum(a, b *specs.FieldRule) {
	is := map[string]string{}
	for _, e := range b.Enum {
		is[e.JSON.Value] = e.Host.Value
	}
	was := map[string]string{}
	for _, e := range a.Enum {
		was[e.JSON.Value] = e.Host.Value
		switch now, ok := is[e.JSON.Value]; {
		case !ok:
			r.add(Host, "value-removed", b.Name, a.Pos, b.Pos, "%s, which stood for %q, is gone", e.JSON.Value, e.Host.Value)
		case now != e.Host.Value:
			r.add(Host, "value-changed", b.Name, a.Pos, b.Pos, "%s stood for %q and stands for %q", e.JSON.Value, e.Host.Value, now)
		}
	}
	for _, e := range b.Enum {
		if _, ok := was[e.JSON.Value]; !ok {
			r.add(Safe, "value-added", b.Name, a.Pos, b.Pos, "%s stands for %q", e.JSON.Value, e.Host.Value)
		}
	}
}

func booleanWords(b *specs.BooleanRule) string {
	if b == nil {
		return ""
	}
	return fmt.Sprintf("true %q, false %q", b.True.Value, b.False.Value)
}

func emptyWords(list []specs.EmptyValue) string {
	words := make([]string, len(list))
	for i, e := range list {
		words[i] = e.Word
		if e.Word == "" {
			words[i] = fmt.Sprintf("%q", e.Value)
		}
	}
	return strings.Join(words, ", ")
}

func redefinesWords(r *specs.RedefinesRule) string {
	if r == nil {
		return ""
	}
	out := "by " + r.By.Value
	for _, c := range r.Choices {
		out += fmt.Sprintf(", %q is %s", c.Value.Value, c.Field.Value)
	}
	return out
}

func scaleWords(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func texts(list []specs.Text) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.Value
	}
	return out
}
