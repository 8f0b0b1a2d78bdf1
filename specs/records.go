// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strings"
)

// records binds records.yaml: a map from data-names to what the copybook cannot say about them.
func (l *loader) records(r *Records, root *Node) {
	if !l.isMap(root, recordsFile) {
		return
	}
	first := map[string]*Node{}
	for _, f := range root.Fields {
		if f.Key.Text == allRecords {
			l.object(f.Value, `"*"`, optionFields(&r.Options)...)
			continue
		}
		name := strings.ToUpper(f.Key.Text)
		if before := first[name]; before != nil {
			l.add(CodeDuplicateKey, f.Key, fmt.Sprintf("%s stands here twice: upper and lower case are the same", show(f.Key)), fmt.Sprintf("put the rules together; the first is in line %d", before.Pos.Line))
			continue
		}
		first[name] = f.Key
		if !validDataName(f.Key.Text) {
			l.add(CodeFormat, f.Key, fmt.Sprintf("%s is not a data-name", show(f.Key)), "write the name as the copybook has it; GROUP.FIELD when the name alone is not enough")
			continue
		}
		if rule := l.fieldRule(f.Key, f.Value); rule != nil {
			r.Fields = append(r.Fields, rule)
		}
	}
}

// validDataName reports whether s is a COBOL name, or several joined by points.
func validDataName(s string) bool {
	part := 0
	for _, c := range s + "." {
		switch {
		case c == '.':
			if part == 0 {
				return false
			}
			part = 0
			continue
		case c == '-' || c == '_' || c == '#' || c == '@' || c == '$' || c == ':':
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
		default:
			return false
		}
		part++
	}
	return len(s) <= 500
}

func (l *loader) fieldRule(key, n *Node) *FieldRule {
	r := &FieldRule{Name: key.Text, Pos: key.Pos}
	ok := l.object(n, key.Text, append(optionFields(&r.Options),
		optional("json", l.text(&r.JSON, "json")),
		optional("prefix", func(n *Node) { l.prefixes(r, n) }),
		optional("enum", func(n *Node) {
			l.choose(n, n.Kind == ScalarNode && n.Text == "off", l.word("enum", []string{"off"}, func(*Node) { r.Enum = []EnumRule{} }), func(n *Node) { l.enum(r, n) })
		}),
		optional("boolean", func(n *Node) {
			r.Boolean = &BooleanRule{}
			l.object(n, "boolean", required("true", l.value(&r.Boolean.True, "true")), required("false", l.value(&r.Boolean.False, "false")))
			if r.Boolean.True.Pos.Line > 0 && r.Boolean.True.Value == r.Boolean.False.Value {
				l.add(CodeAmbiguous, n, "true and false have the same host value", "give each a value of its own")
			}
		}),
		optional("date", l.text(&r.Date, "date")),
		optional("empty", func(n *Node) { l.empty(r, n) }),
		optional("redefines", func(n *Node) { l.redefines(r, n) }),
		optional("scale", l.integer(&r.Scale, "scale", -18, 18)),
		optional("sensitive", l.boolean(&r.Sensitive, "sensitive")),
	)...)
	if !ok {
		return nil
	}
	kinds := 0
	for _, k := range []string{"enum", "boolean", "date"} {
		if n.Get(k) == nil {
			continue
		}
		if kinds++; kinds > 1 {
			l.add(CodeExclusive, n.Key(k), "a field is an enum, a boolean or a date, not two of them", "keep one of the keys enum, boolean and date")
		}
	}
	if kinds > 0 && n.Get("scale") != nil {
		l.add(CodeExclusive, n.Key("scale"), "the host values of an enum, a boolean or a date have no scale", "remove scale, or the other key")
	}
	return r
}

// value binds a host value: any text, the empty one too.
func (l *loader) value(to *Text, what string) func(*Node) {
	return func(n *Node) {
		if l.scalar(n, what) {
			*to = n.asText()
		}
	}
}

// empty binds the host values that stand for null. The words of COBOL are words without quotes only.
func (l *loader) empty(r *FieldRule, n *Node) {
	for _, i := range l.oneOrMany(n) {
		if !l.scalar(i, "empty") {
			continue
		}
		v := EmptyValue{Text: i.asText()}
		if !i.Quoted {
			v.Word = figurative(i.Text)
		}
		r.Empty = append(r.Empty, v)
	}
	if n.Kind == ListNode && len(n.Items) == 0 {
		l.add(CodeMissingKey, n, "empty must have at least one value", "write the host value that stands for null, or remove empty")
	}
}

// figurative is the figurative constant that a word is, in its plural; "" if it is none.
func figurative(word string) string {
	switch strings.ToUpper(word) {
	case "SPACE", "SPACES":
		return "SPACES"
	case "ZERO", "ZEROS", "ZEROES":
		return "ZEROS"
	case "LOW-VALUE", "LOW-VALUES":
		return "LOW-VALUES"
	case "HIGH-VALUE", "HIGH-VALUES":
		return "HIGH-VALUES"
	default:
		return ""
	}
}

func (l *loader) prefixes(r *FieldRule, n *Node) {
	for _, i := range l.oneOrMany(n) {
		var t Text
		if l.text(&t, "prefix")(i); t.Value != "" {
			r.Prefix = append(r.Prefix, t)
		}
	}
}

func (l *loader) enum(r *FieldRule, n *Node) {
	if !l.isMap(n, "enum") {
		return
	}
	if len(n.Fields) == 0 {
		l.add(CodeMissingKey, n, "enum must have at least one value", "write host value: JSON value")
	}
	seen := map[string]bool{}
	for _, f := range n.Fields {
		if !l.scalar(f.Value, "a value of enum") {
			continue
		}
		if seen[f.Value.Text] {
			l.add(CodeAmbiguous, f.Value, fmt.Sprintf("two host values become %s", show(f.Value)), "give each host value a JSON value of its own, so that it can be written back")
			continue
		}
		seen[f.Value.Text] = true
		r.Enum = append(r.Enum, EnumRule{Host: f.Key.asText(), JSON: f.Value.asText()})
	}
}

// redefines binds {by: FIELD, VALUE: ALTERNATIVE, ...}: every other key is a value of the field.
func (l *loader) redefines(r *FieldRule, n *Node) {
	if !l.isMapWith(n, "redefines", "by") {
		return
	}
	rule := &RedefinesRule{}
	r.Redefines = rule
	for _, f := range n.Fields {
		if f.Key.Text == "by" && !f.Key.Quoted {
			l.text(&rule.By, "by")(f.Value)
			continue
		}
		var t Text
		l.text(&t, "an alternative of redefines")(f.Value)
		if t.Value != "" {
			rule.Choices = append(rule.Choices, RedefinesChoice{Value: f.Key.asText(), Field: t})
		}
	}
	if n.Get("by") == nil {
		l.add(CodeMissingKey, n, `redefines needs the key "by"`, "add by: with the data-name of the field that decides")
	}
	if len(rule.Choices) == 0 {
		l.add(CodeMissingKey, n, "redefines must choose at least one alternative", "write VALUE: DATA-NAME for each value of the field")
	}
}
