// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"regexp"
	"slices"
	"strings"

	"lintel/specs"
)

// types is a set of JSON types. Integers are numbers: a schema that takes numbers has both.
type types uint8

const (
	nullType types = 1 << iota
	booleanType
	integerType
	fractionType // numbers that are no integers
	stringType
	arrayType
	objectType
	allTypes = nullType | booleanType | integerType | fractionType | stringType | arrayType | objectType
)

// typeNames are the words of the types, in the order of their bits.
func typeNames() []string {
	return []string{"null", "boolean", "integer", "number", "string", "array", "object"}
}

// String lists the types.
func (t types) String() string {
	var words []string
	for i, name := range typeNames() {
		if t&(1<<i) == 0 || name == "integer" && t&fractionType != 0 {
			continue
		}
		words = append(words, name)
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " or ")
}

func typeSet(list []string) types {
	if len(list) == 0 {
		return allTypes
	}
	var t types
	for _, name := range list {
		if name == "number" {
			t |= integerType | fractionType
			continue
		}
		if i := slices.Index(typeNames(), name); i >= 0 {
			t |= 1 << i
		}
	}
	return t
}

// flat is what a conjunction asks for, without allOf, anyOf and oneOf: all its parts have been met.
type flat struct {
	pos   specs.Pos
	types types
	// values are the only ones that are accepted, as JSON; nil means that there is no list.
	values []string
	listed bool

	low, high bound
	multiples []string

	minLength, maxLength int
	patterns             []string
	formats              []string

	minItems, maxItems int
	unique             bool
	items              []*specs.Schema

	minMembers, maxMembers int
	required               []string
	objects                []*specs.Schema

	nots []*specs.Schema
	// branch names the alternatives that were taken: of a discriminator the value.
	branch []string
	// exclusive tells that it is an alternative of oneOf, without a discriminator that decides.
	exclusive bool
	// opaque tells that there are too many alternatives to know what it accepts.
	opaque bool
	// seen are the schemas in it.
	seen []*specs.Schema
}

func newFlat() *flat {
	return &flat{types: allTypes, maxLength: -1, maxItems: -1, maxMembers: -1}
}

func (f *flat) clone() *flat {
	c := *f
	for _, list := range []*[]string{&c.values, &c.multiples, &c.patterns, &c.formats, &c.required, &c.branch} {
		*list = slices.Clone(*list)
	}
	for _, list := range []*[]*specs.Schema{&c.items, &c.objects, &c.nots, &c.seen} {
		*list = slices.Clone(*list)
	}
	return &c
}

// maxAlternatives is how many combinations of alternatives one schema may have.
const maxAlternatives = 64

// alternatives are the flat schemas of which a value must hold in one. An empty list accepts nothing.
func (s *schemas) alternatives(c *conj) []*flat {
	if c.flats != nil {
		return c.flats
	}
	e := &expander{request: s.request}
	first := newFlat()
	first.pos = c.pos()
	e.expand(first, slices.Clone(c.all))
	c.flats = []*flat{}
	for _, f := range e.out {
		if f.tidy(); f.types != 0 {
			c.flats = append(c.flats, f)
		}
	}
	return c.flats
}

// expander multiplies out the alternatives of schemas.
type expander struct {
	request bool
	out     []*flat
}

func (e *expander) expand(f *flat, pending []*specs.Schema) {
	for len(pending) > 0 {
		m := pending[0]
		pending = pending[1:]
		if m == nil || slices.Contains(f.seen, m) {
			continue
		}
		f.seen = append(f.seen, m)
		f.meet(m)
		pending = append(slices.Clone(m.AllOf), pending...)
		for _, union := range []struct {
			list []*specs.Schema
			one  bool
		}{{m.AnyOf, false}, {m.OneOf, true}} {
			if len(union.list) == 0 {
				continue
			}
			rest := slices.Clone(pending)
			if !union.one && len(m.OneOf) > 0 { // both: the other one is left for later
				rest = append(rest, &specs.Schema{OneOf: m.OneOf, Discriminator: m.Discriminator, MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1, Pos: m.Pos})
			}
			e.branch(f, m, union.list, union.one && len(union.list) > 1, rest)
			return
		}
	}
	e.out = append(e.out, f)
}

func (e *expander) branch(f *flat, m *specs.Schema, list []*specs.Schema, one bool, pending []*specs.Schema) {
	for _, b := range list {
		if len(e.out) >= maxAlternatives {
			f.opaque = true
			e.out = append(e.out, f)
			return
		}
		c := f.clone()
		name, decided := branchName(m, b)
		if name != "" {
			c.branch = append(c.branch, name)
		}
		c.exclusive = c.exclusive || one && !decided
		if b != nil {
			c.pos = b.Pos
		}
		if decided {
			c.tag(m.Discriminator.Property, name)
		}
		e.expand(c, append([]*specs.Schema{b}, pending...))
	}
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

// tag asks for a member with one value: how a discriminator decides.
func (f *flat) tag(property, value string) {
	text := quote(value)
	f.meet(&specs.Schema{
		Pos: f.pos, Types: []string{"object"}, Required: []string{property},
		Properties: []*specs.Property{{Name: property, Schema: &specs.Schema{
			Const: &text, MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1,
		}}},
		MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1,
	})
}

// matches reports whether a pattern of the contract is in a text; one that does not compile is in every text.
func matches(pattern, text string) bool {
	re, err := regexp.Compile(pattern)
	return err != nil || re.MatchString(text)
}
