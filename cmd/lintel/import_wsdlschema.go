// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"lintel/transforms"
)

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
		if t.Format != "" {
			s += ", format: " + t.Format
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
