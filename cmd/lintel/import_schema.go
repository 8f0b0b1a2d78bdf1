// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"lintel/transforms"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// schemaWriter writes the JSON Schemas of a contract for the types of a record: exactly what the
// fields can hold.
type schemaWriter struct {
	*yamlLines
	// comments are the descriptions of fields, from the comments of the copybook.
	comments map[*transforms.Type]string
	// answer is the side: what the host gives, or what an app may send.
	answer bool
	// left are fields that are not part of the object at the top.
	left map[*transforms.Type]bool
}

// fieldComments collects the comments of a copybook by the types of its fields.
func fieldComments(c *record.Codec) map[*transforms.Type]string {
	out := map[*transforms.Type]string{}
	for f := range c.Fields() {
		if f.Type != nil && f.Item.Comment != "" {
			out[f.Type] = strings.Join(strings.Fields(f.Item.Comment), " ")
		}
	}
	return out
}

// counters are the fields that only count the entries of a table: in JSON an array says it by itself.
func counters(t *transforms.Type, out map[*transforms.Type]bool) map[*transforms.Type]bool {
	if out == nil {
		out = map[*transforms.Type]bool{}
	}
	if t.Counter != nil {
		out[t.Counter] = true
	}
	for _, m := range t.Members {
		counters(m, out)
	}
	if t.Items != nil {
		counters(t.Items, out)
	}
	return out
}

// shown are the members of an object that JSON has.
func (w *schemaWriter) shown(t *transforms.Type) []*transforms.Type {
	var out []*transforms.Type
	for _, m := range t.Members {
		if !w.left[m] {
			out = append(out, m)
		}
	}
	return out
}

// schema writes the keywords of a type.
func (w *schemaWriter) schema(t *transforms.Type) {
	if text := w.comments[t]; text != "" {
		w.line("description: %s", yamlText(text))
	}
	switch t.Shape {
	case transforms.ObjectShape:
		w.object(t)
	case transforms.ArrayShape:
		w.kind(t, "array")
		if t.MinItems > 0 {
			w.line("minItems: %d", t.MinItems)
		}
		if t.MaxItems >= 0 {
			w.line("maxItems: %d", t.MaxItems)
		}
		w.within("items", func() { w.schema(t.Items) })
	case transforms.NumberShape, transforms.FloatShape:
		w.number(t)
	case transforms.BoolShape:
		w.kind(t, "boolean")
	default:
		w.text(t)
	}
}

func (w *schemaWriter) kind(t *transforms.Type, word string) {
	if t.Nullable {
		w.line(`type: [%s, "null"]`, word)
		return
	}
	w.line("type: %s", word)
}

func (w *schemaWriter) object(t *transforms.Type) {
	w.kind(t, "object")
	w.line("additionalProperties: false")
	members := w.shown(t)
	var required []string
	for _, m := range members {
		if !m.Optional {
			required = append(required, yamlText(m.Name))
		}
	}
	if len(required) > 0 {
		w.line("required: [%s]", strings.Join(required, ", "))
	}
	if len(members) == 0 {
		return
	}
	w.within("properties", func() {
		for _, m := range members {
			w.within(yamlText(m.Name), func() { w.schema(m) })
		}
	})
}

func (w *schemaWriter) number(t *transforms.Type) {
	word := "number"
	if t.Integer && t.Shape == transforms.NumberShape {
		word = "integer"
	}
	w.kind(t, word)
	if t.Shape == transforms.FloatShape {
		return
	}
	low, high := t.Bounds()
	w.line("minimum: %s", low)
	w.line("maximum: %s", high)
	if t.Scale > 0 {
		w.line("multipleOf: 0.%s1", strings.Repeat("0", t.Scale-1))
	}
}

func (w *schemaWriter) text(t *transforms.Type) {
	w.kind(t, "string")
	if t.Format != "" {
		w.line("format: %s", t.Format)
		return
	}
	if len(t.Enum) > 0 {
		values := strings.Join(t.Enum, ", ")
		if t.Nullable {
			values += ", null"
		}
		w.line("enum: [%s]", values)
		return
	}
	if t.MinLength > 0 {
		w.line("minLength: %d", t.MinLength)
	}
	if n := t.MaxLength; n >= 0 {
		if t.SafeLength > 0 && !w.answer {
			n = t.SafeLength
		}
		w.line("maxLength: %d", n)
	}
}

// valueLiteral is the text of a VALUE clause that a request sends; ok is false where there is none, or
// one that only fills the field.
func valueLiteral(it *copybook.Item) (text string, ok bool) {
	v := it.Value
	switch {
	case v == nil || v.Figurative != "" || v.All || v.Bytes != nil:
		return "", false
	case v.Number != "":
		return strings.TrimPrefix(v.Number, "+"), true
	case strings.TrimSpace(v.Text) == "":
		return "", false
	}
	return string(transforms.AppendQuoted(nil, strings.TrimRight(v.Text, " "))), true
}
