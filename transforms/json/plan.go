// SPDX-License-Identifier: Apache-2.0

package json

import "regexp"

// plan is a schema compiled for one place: what is checked there and what is captured. A nil plan
// accepts everything and captures nothing. Plans are immutable and may be cyclic.
type plan struct {
	// kinds are the JSON types allowed here; integral numbers must have no fraction.
	kinds    kind
	integral bool
	never    bool
	// typeDetail says what types are wanted.
	typeDetail string
	// slot is where the value goes, -1 if it is not wanted.
	slot int

	enum *enumCheck
	num  *numberCheck
	str  *stringCheck
	obj  *objectCheck
	arr  *arrayCheck

	// in-place parts are checked on the same value.
	inPlace             bool
	allOf, anyOf, oneOf []*plan
	not                 *plan
	disc                *discriminator
	// anyForeign and oneForeign belong to anyOf and oneOf, or to the discriminator of either.
	anyForeign, oneForeign foreign
	cond                   *condition
	deps                   *dependents
	left                   *leftover
}

// condition is if with then and else; nil plans ask for nothing.
type condition struct {
	test, then, otherwise *plan
	// foreign has two alternatives: the condition holds, or it does not.
	foreign foreign
}

// dependents are the schemas of dependentSchemas by the members they depend on.
type dependents struct {
	index map[string]int
	list  []dependent
}

type dependent struct {
	plan *plan
	// foreign has two alternatives: the member is there, or it is not.
	foreign foreign
}

// leftover checks members and items that nothing else looks at; nil checks nothing.
type leftover struct{ members, items *plan }

// foreign lists members that only some alternatives know: the bits of the alternatives that do not.
// A member is refused when no alternative that fits knows it.
type foreign map[string]uint64

// bound is a numeric bound.
type bound struct {
	value  number
	set    bool
	detail string
}

type numberCheck struct {
	min, max, above, below bound
	multiple               *divisor
	multipleDetail         string
	format                 *formatCheck
	// bounds are all of these for numbers of few digits, nil if they cannot be had.
	bounds *quickBounds
}

// limit is a bound of length or count.
type limit struct {
	n      int
	detail string
}

type stringCheck struct {
	min, max limit
	pattern  *pattern
	format   *formatCheck
	// plain is all of these for plain strings, nil if it cannot be had.
	plain *quickText
}

type objectCheck struct {
	names names
	// required lists the entries that must be there.
	required []int
	patterns []patternMember
	// additional checks members that are not declared; nil accepts them unless closed.
	additional *plan
	closed     bool
	// strict refuses members that neither this schema nor one applied in place knows.
	strict         bool
	strictPatterns []*regexp.Regexp
	min, max       limit
	// nameOf checks the names of members, as texts.
	nameOf *plan
	needs  []need
}

// need lists the entries that must be there where one is.
type need struct {
	of      int
	entries []int
	detail  string
}

type patternMember struct {
	match *regexp.Regexp
	plan  *plan
}

type arrayCheck struct {
	items *plan
	// prefix checks the first items, by their places, in place of items.
	prefix   []*plan
	min, max limit
	unique   bool
	contains *containsCheck
	// first is how many of the items prefixItems itself describes; rest tells that items describes all others.
	first int
	rest  bool
	// size is the number of slots per entry, 0 if entries are not captured; nested tells that
	// entries capture the entries of arrays of their own.
	size   int
	nested bool
}

// containsCheck counts the items that fit a plan.
type containsCheck struct {
	plan     *plan
	min, max limit
}

type discriminator struct {
	property string
	cases    map[string]discriminated
	detail   string
}

// discriminated is the alternative for one value; bit is its place among the alternatives.
type discriminated struct {
	plan *plan
	bit  uint64
}

type enumCheck struct {
	strings []string // without quotes and escapes
	numbers []number
	others  []string // JSON texts of any other kind
	kinds   kind
	code    string
	detail  string
}
