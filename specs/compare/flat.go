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
	// arrays are the schemas that describe items.
	arrays  []*specs.Schema
	counted []*specs.Contains

	minMembers, maxMembers int
	required               []string
	needs                  []need
	objects                []*specs.Schema
	// named are the schemas of the names of members.
	named []*specs.Schema

	nots []*specs.Schema
	// left are the schemas with an opinion about what nothing else in them looks at.
	left []*specs.Schema
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
	for _, list := range []*[]*specs.Schema{&c.arrays, &c.objects, &c.named, &c.nots, &c.left, &c.seen} {
		*list = slices.Clone(*list)
	}
	c.counted, c.needs = slices.Clone(c.counted), slices.Clone(c.needs)
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
	e.expand(first, slices.Clone(c.all), nil)
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

// expand meets the schemas, and then goes on with each way of the choices that are left.
func (e *expander) expand(f *flat, pending []*specs.Schema, left []choice) {
	var own []choice
	for len(pending) > 0 {
		m := pending[0]
		pending = pending[1:]
		if m == nil || slices.Contains(f.seen, m) {
			continue
		}
		f.seen = append(f.seen, m)
		f.meet(m)
		pending = append(slices.Clone(m.AllOf), pending...)
		own = append(own, choicesOf(m)...)
	}
	left = append(own, left...)
	if len(left) == 0 {
		e.out = append(e.out, f)
		return
	}
	for _, way := range left[0] {
		if len(e.out) >= maxAlternatives {
			f.opaque = true
			e.out = append(e.out, f)
			return
		}
		c := f.clone()
		way.take(c)
		e.expand(c, slices.Clone(way.all), left[1:])
	}
}

// matches reports whether a pattern of the contract is in a text; one that does not compile is in every text.
func matches(pattern, text string) bool {
	re, err := regexp.Compile(pattern)
	return err != nil || re.MatchString(text)
}
