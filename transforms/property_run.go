// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lintel/specs"
)

// maxProperty bounds the value of one property, in bytes.
const maxProperty = 32 << 10

// writeProperties makes the properties of the request; nil if the transform sets none. They are
// valid until Release.
func (r *Run) writeProperties() (map[string]any, error) {
	if r.t.fixed != nil || len(r.t.properties) == 0 {
		return r.t.fixed, nil
	}
	clear(r.properties)
	if r.properties == nil {
		r.properties = make(map[string]any, len(r.t.properties))
	}
	for _, p := range r.t.properties {
		v, err := p.source.Value(r)
		if err != nil {
			return nil, err
		}
		if v, err = r.JSON(v); err != nil {
			return nil, err
		}
		x, given, fault := p.convert(v)
		if fault != nil {
			if from, ok := p.source.(Pointed); ok {
				fault.Pointer = from.Pointer(r)
			}
			return nil, fault
		}
		if given {
			r.properties[p.key] = x
		}
	}
	return r.properties, nil
}

// convert makes the value that the wire takes: string, int64, bool or []byte. Absent and null values
// are not given.
func (p *property) convert(v Value) (x any, given bool, fault *FieldError) {
	if v.Kind == Absent || v.Kind == Null {
		return nil, false, nil
	}
	x, why := propertyValue(p.Type, v)
	if text, ok := x.(string); ok && why == "" && p.Words != nil && !slices.Contains(p.Words, text) {
		why = "it must be one of " + strings.Join(p.Words, ", ")
	}
	if why != "" {
		return nil, false, &FieldError{Field: "properties." + p.key, Offset: -1, Code: "property", Reason: why}
	}
	return x, true, nil
}

// propertyValue converts a JSON value to the type of a property; why says what is wrong with it.
func propertyValue(t specs.PropertyType, v Value) (x any, why string) {
	text := v.Text
	switch v.Kind {
	case Object, Array:
		return nil, "a property takes a single value"
	case String:
		var err error
		if text, err = unquote(v.Text); err != nil {
			return nil, "the text cannot be read"
		}
	}
	if len(text) > maxProperty {
		return nil, fmt.Sprintf("the value has more than %d bytes", maxProperty)
	}
	if t == specs.AnyProperty {
		switch v.Kind {
		case Number:
			t = specs.WholeProperty
		case Bool:
			t = specs.BooleanProperty
		default:
			t = specs.TextProperty
		}
	}
	switch t {
	case specs.WholeProperty:
		return wholeValue(v.Kind, text)
	case specs.BooleanProperty:
		if v.Kind != Bool {
			return nil, "the value is neither true nor false"
		}
		return v.Text[0] == 't', ""
	case specs.BytesProperty:
		b, err := hex.DecodeString(string(text))
		if err != nil || v.Kind != String {
			return nil, "the value is not made of pairs of hexadecimal digits"
		}
		return b, ""
	default:
		return textValue(v.Kind, text)
	}
}

func wholeValue(k Kind, text []byte) (any, string) {
	d, err := ParseDecimal(string(text))
	if k == Bool || err != nil {
		return nil, "the value is no number"
	}
	n, err := d.d.Int64()
	if err != nil {
		return nil, "the value is no whole number of 64 bits"
	}
	return n, ""
}

// textValue takes texts and numbers. Control characters could end a header and begin another.
func textValue(k Kind, text []byte) (any, string) {
	if k == Bool {
		return nil, "the value is no text"
	}
	for _, c := range text {
		if c < ' ' || c == 0x7F {
			return nil, "the text has a control character"
		}
	}
	return string(text), ""
}

// readProperties fills the slots of the properties that the transform names.
func (r *Run) readProperties(properties map[string]any) error {
	if r.t.replied.capture.Size == 0 {
		return nil
	}
	for i := range r.t.wanted {
		w := &r.t.wanted[i]
		x, found := properties[w.key]
		if !found && w.folded {
			x, found = foldedProperty(properties, w.key)
		}
		if !found {
			continue
		}
		v, why := r.propertyJSON(w.typ, x)
		if why != "" {
			return &FieldError{Field: "properties." + w.key, Offset: -1, Code: "property", Reason: why}
		}
		*r.slots.At(r.t.replied.base + w.slot) = v
	}
	return nil
}

func foldedProperty(properties map[string]any, key string) (any, bool) {
	for have, x := range properties {
		if strings.EqualFold(have, key) {
			return x, true
		}
	}
	return nil, false
}

// propertyJSON gives a property's value its JSON form, in the scratch buffer.
func (r *Run) propertyJSON(t *Type, x any) (Value, string) {
	start := len(r.scratch)
	out, kind := r.scratch, String
	switch x := x.(type) {
	case string:
		if !utf8.ValidString(x) {
			return Value{}, "the text is not UTF-8"
		}
		out = AppendQuoted(out, x)
	case []byte:
		out = append(out, '"')
		for _, b := range x {
			out = append(out, "0123456789ABCDEF"[b>>4], "0123456789ABCDEF"[b&15])
		}
		out = append(out, '"')
	case bool:
		out, kind = strconv.AppendBool(out, x), Bool
	case int64:
		out, kind = strconv.AppendInt(out, x, 10), Number
	default:
		return Value{}, "the wire gave a value of an unknown type"
	}
	if want := t.Shape; want != AnyShape && want != [...]Shape{Bool: BoolShape, Number: NumberShape, String: StringShape}[kind] {
		return Value{}, fmt.Sprintf("the wire gave no %s", want)
	}
	r.scratch = out
	return Value{Kind: kind, Text: out[start:len(out):len(out)]}, ""
}

// wantedProperty is a property of the reply that the transform names.
type wantedProperty struct {
	key    string
	slot   int
	typ    *Type
	folded bool
}

// wantedProperties lists what a capture of properties wants.
func wantedProperties(c *Capture, prefix string, folded bool) []wantedProperty {
	var out []wantedProperty
	for _, m := range c.Members {
		key := prefix + m.Type.Name
		if m.Type.Shape == ObjectShape {
			out = append(out, wantedProperties(m, key+".", m.Type.folded)...)
			continue
		}
		if m.Slot >= 0 {
			out = append(out, wantedProperty{key, m.Slot, m.Type, folded})
		}
	}
	return out
}

// LiteralProperties makes the properties of a message that a test writes out, for a wire. request
// tells which way the message goes.
func LiteralProperties(wire string, request bool, n *specs.Node) (map[string]any, specs.Findings) {
	if n == nil {
		return nil, nil
	}
	var findings specs.Findings
	out := map[string]any{}
	for _, f := range n.Fields {
		p, message, hint := findProperty(wire, f.Key.Text, request)
		if message != "" {
			findings.Add(codeProperty, f.Key.Pos, message, hint)
			continue
		}
		one := &property{WireProperty: p, key: f.Key.Text}
		x, given, fault := one.convert(literalValue(f.Value, one.target()))
		if fault != nil {
			findings.Add(codeProperty, f.Value.Pos, fault.Error(), "write a value that the property takes")
		}
		if given {
			out[one.key] = x
		}
	}
	return out, findings
}

// HasProperties tells whether a message has the wanted properties, and with these values. The names
// may differ in upper and lower case.
func HasProperties(have, want map[string]any) bool {
	for key, x := range want {
		got, found := have[key]
		if !found {
			got, found = foldedProperty(have, key)
		}
		if !found || !sameProperty(got, x) {
			return false
		}
	}
	return true
}

func sameProperty(a, b any) bool {
	x, isBytes := a.([]byte)
	y, also := b.([]byte)
	if isBytes || also {
		return isBytes && also && bytes.Equal(x, y)
	}
	return a == b
}
