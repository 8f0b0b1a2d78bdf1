// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"strings"

	"lintel/specs"
)

// choice lists the ways of which a value takes one: the alternatives of anyOf or oneOf, or what holds with and
// without a condition.
type choice []path

// path is one of the ways of a choice: all must hold, not must not.
type path struct {
	name string
	all  []*specs.Schema
	not  *specs.Schema
	pos  specs.Pos
	// tag is the discriminator that picks the way by its name; exclusive tells that it is one of oneOf without one.
	tag       *specs.Discriminator
	exclusive bool
}

// take notes on f that the way was taken.
func (w *path) take(f *flat) {
	if w.name != "" {
		f.branch = append(f.branch, w.name)
	}
	f.exclusive = f.exclusive || w.exclusive
	if w.pos != (specs.Pos{}) {
		f.pos = w.pos
	}
	if w.not != nil {
		f.nots = append(f.nots, w.not)
	}
	if w.tag != nil {
		text := quote(w.name)
		value := anything(f.pos)
		value.Const = &text
		member := object(f.pos, w.tag.Property)
		member.Properties = []*specs.Property{{Name: w.tag.Property, Schema: value}}
		f.meet(member)
	}
}

// anything is a schema that accepts everything.
func anything(pos specs.Pos) *specs.Schema {
	return &specs.Schema{
		Pos: pos, MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1,
	}
}

// object is the schema of objects that have a member.
func object(pos specs.Pos, required string) *specs.Schema {
	s := anything(pos)
	s.Types, s.Required = []string{"object"}, []string{required}
	return s
}

// choicesOf are the choices of one schema.
func choicesOf(m *specs.Schema) []choice {
	var out []choice
	if len(m.AnyOf) > 0 {
		out = append(out, alternativesOf(m, m.AnyOf, false))
	}
	if len(m.OneOf) > 0 {
		out = append(out, alternativesOf(m, m.OneOf, len(m.OneOf) > 1))
	}
	if m.If != nil {
		out = append(out, choice{
			{name: conditional + "if", all: []*specs.Schema{m.If, m.Then}, pos: m.Pos},
			{name: conditional + "else", all: []*specs.Schema{m.Else}, not: m.If, pos: m.Pos},
		})
	}
	for _, d := range m.DependentSchemas {
		there := object(m.Pos, d.Name)
		out = append(out, choice{
			{name: conditional + "with " + d.Name, all: []*specs.Schema{there, d.Schema}, pos: m.Pos},
			{name: conditional + "without " + d.Name, not: there, pos: m.Pos},
		})
	}
	return out
}

// conditional begins the names of ways that a condition decides.
const conditional = "?"

// conditions counts the conditions that decided on f.
func (f *flat) conditions() int {
	n := 0
	for _, name := range f.branch {
		if strings.HasPrefix(name, conditional) {
			n++
		}
	}
	return n
}

func alternativesOf(m *specs.Schema, list []*specs.Schema, one bool) choice {
	out := make(choice, 0, len(list))
	for _, b := range list {
		name, decided := branchName(m, b)
		w := path{name: name, all: []*specs.Schema{b}, exclusive: one && !decided}
		if b != nil {
			w.pos = b.Pos
		}
		if decided {
			w.tag = m.Discriminator
		}
		out = append(out, w)
	}
	return out
}

// branchName is what an alternative is called; decided tells that a discriminator says so.
func branchName(m, b *specs.Schema) (name string, decided bool) {
	if m.Discriminator != nil {
		for _, c := range m.Discriminator.Mapping {
			if c.Schema == b {
				return c.Value, true
			}
		}
	}
	if b != nil {
		return b.Name, false
	}
	return "", false
}
