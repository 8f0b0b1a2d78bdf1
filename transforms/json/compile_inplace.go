// SPDX-License-Identifier: Apache-2.0

package json

import (
	"slices"
	"strings"

	"lintel/specs"
)

// inPlace compiles what applies to the same value.
func (c *compiler) inPlace(p *plan, s *specs.Schema, pl *place, chain []*specs.Schema) {
	compileAll := func(list []*specs.Schema) []*plan {
		var out []*plan
		for _, sub := range list {
			out = append(out, c.plan(sub, pl, nil, chain))
		}
		return out
	}
	p.allOf = slices.DeleteFunc(compileAll(s.AllOf), func(q *plan) bool { return q == nil || p.takeOver(q) })
	p.anyOf = compileAll(s.AnyOf)
	p.oneOf = compileAll(s.OneOf)
	if s.Not != nil {
		p.not = c.plan(s.Not, pl, nil, chain)
	}
	c.discriminator(p, s, pl, chain)
	c.condition(p, s, pl, chain)
	c.dependents(p, s, pl, chain)
	c.leftover(p, s, pl)
	if c.strict(pl) {
		p.anyForeign = c.foreign(s, each(s.AnyOf), pl)
		p.oneForeign = c.foreign(s, each(s.OneOf), pl)
	}
	p.inPlace = len(p.allOf) > 0 || p.anyOf != nil || p.oneOf != nil || p.not != nil || p.cond != nil || p.deps != nil || p.left != nil
}

// condition compiles if, then and else.
func (c *compiler) condition(p *plan, s *specs.Schema, pl *place, chain []*specs.Schema) {
	if s.If == nil {
		return
	}
	branch := func(s *specs.Schema) *plan {
		if s == nil {
			return nil
		}
		return c.plan(s, pl, nil, chain)
	}
	p.cond = &condition{test: branch(s.If), then: branch(s.Then), otherwise: branch(s.Else)}
	if c.strict(pl) {
		p.cond.foreign = c.foreign(s, [][]*specs.Schema{{s.If, s.Then}, {s.Else}}, pl)
	}
}

// dependents compiles dependentSchemas.
func (c *compiler) dependents(p *plan, s *specs.Schema, pl *place, chain []*specs.Schema) {
	if len(s.DependentSchemas) == 0 {
		return
	}
	p.deps = &dependents{index: map[string]int{}}
	for i, d := range s.DependentSchemas {
		one := dependent{}
		if d.Schema != nil {
			one.plan = c.plan(d.Schema, pl, nil, chain)
		}
		if c.strict(pl) {
			one.foreign = c.foreign(s, [][]*specs.Schema{{d.Schema}, nil}, pl)
		}
		p.deps.index[d.Name] = i
		p.deps.list = append(p.deps.list, one)
	}
}

// leftover compiles unevaluatedProperties and unevaluatedItems.
func (c *compiler) leftover(p *plan, s *specs.Schema, pl *place) {
	if s.UnevaluatedProperties == nil && s.UnevaluatedItems == nil {
		return
	}
	p.left = &leftover{}
	if s.UnevaluatedProperties != nil {
		p.left.members = c.located(s.UnevaluatedProperties, c.place(pl.rest...), nil)
	}
	if s.UnevaluatedItems != nil {
		p.left.items = c.located(s.UnevaluatedItems, c.place(pl.itemsAt(pl.tuple())...), nil)
	}
}

// each makes an alternative of every schema of a list.
func each(list []*specs.Schema) [][]*specs.Schema {
	out := make([][]*specs.Schema, len(list))
	for i, s := range list {
		out[i] = []*specs.Schema{s}
	}
	return out
}

// takeOver makes the checks of q, a schema of allOf, checks of p itself, where q is about scalars and none of
// its checks gets in the way of another: the value is then gone over once. $ref with a maxLength beside it is
// such a case.
func (p *plan) takeOver(q *plan) bool {
	const nested = kindArray | kindObject
	switch {
	case q.kinds&nested != 0 || q.never || q.inPlace || q.slot >= 0,
		p.kinds != kindAny && (p.kinds != q.kinds || p.typeDetail != q.typeDetail),
		p.enum != nil && q.enum != nil, p.num != nil && q.num != nil,
		p.str != nil && q.str != nil && !p.str.joins(q.str):
		return false
	}
	p.kinds, p.typeDetail, p.integral = q.kinds, q.typeDetail, p.integral || q.integral
	if q.enum != nil {
		p.enum = q.enum
	}
	if q.num != nil {
		p.num = q.num
	}
	switch {
	case p.str == nil:
		p.str = q.str
	case q.str != nil:
		p.str = p.str.join(q.str)
	}
	return true
}

// joins tells that no keyword is in both checks.
func (s *stringCheck) joins(t *stringCheck) bool {
	return (s.min.n <= 0 || t.min.n <= 0) && (s.max.n < 0 || t.max.n < 0) && (s.pattern == nil || t.pattern == nil) && (s.format == nil || t.format == nil)
}

// join puts two checks with different keywords together.
func (s *stringCheck) join(t *stringCheck) *stringCheck {
	j := *s
	if t.min.n > 0 {
		j.min = t.min
	}
	if t.max.n >= 0 {
		j.max = t.max
	}
	if t.pattern != nil {
		j.pattern = t.pattern
	}
	if t.format != nil {
		j.format = t.format
	}
	j.plain = j.quick()
	return &j
}

// discriminates gives the schemas that a discriminator picks from, and the list it stands for; both
// are nil if s has none.
func discriminates(s *specs.Schema) (cases, list []*specs.Schema) {
	list = s.OneOf
	if list == nil {
		list = s.AnyOf
	}
	if s.Discriminator == nil || len(s.Discriminator.Mapping) == 0 || list == nil {
		return nil, nil
	}
	for _, m := range s.Discriminator.Mapping {
		cases = append(cases, m.Schema)
	}
	return cases, list
}

func (c *compiler) discriminator(p *plan, s *specs.Schema, pl *place, chain []*specs.Schema) {
	cases, list := discriminates(s)
	if cases == nil {
		return
	}
	d := &discriminator{property: s.Discriminator.Property, cases: map[string]discriminated{}}
	var words []string
	for _, m := range s.Discriminator.Mapping {
		one := discriminated{plan: c.plan(m.Schema, pl, nil, chain)}
		if i := slices.Index(list, m.Schema); i >= 0 && i < 64 {
			one.bit = 1 << i
		}
		d.cases[m.Value] = one
		words = append(words, m.Value)
	}
	d.detail = "must name one of the alternatives: " + strings.Join(words, ", ")
	p.disc = d
}

// foreign finds the members that only some of the alternatives of s know, and nothing else that
// applies to the value. Each alternative is what applies together.
func (c *compiler) foreign(s *specs.Schema, list [][]*specs.Schema, pl *place) foreign {
	if len(list) < 2 || len(list) > 64 {
		return nil
	}
	base := &place{members: map[string][]*specs.Schema{}}
	seen := map[*specs.Schema]bool{}
	for _, root := range pl.schemas {
		base.collect(root, s, seen)
	}
	f := foreign{}
	alternatives := make([]*place, len(list))
	for i, together := range list {
		alternatives[i] = &place{members: map[string][]*specs.Schema{}}
		for _, sub := range together {
			alternatives[i].collect(sub, nil, map[*specs.Schema]bool{})
		}
	}
	for _, alternative := range alternatives {
		for _, name := range slices.Concat(alternative.names, alternative.asked) {
			if c.knows(s, base, name) {
				continue
			}
			for i, other := range alternatives {
				if !c.knows(s, other, name) {
					f[name] |= 1 << i
				}
			}
		}
	}
	return f
}

// knows reports whether a place names a member or has a pattern for it.
func (c *compiler) knows(s *specs.Schema, pl *place, name string) bool {
	if _, ok := pl.members[name]; ok || slices.Contains(pl.asked, name) {
		return true
	}
	for _, re := range c.patterns(s, pl.patterns) {
		if re != nil && re.MatchString(name) {
			return true
		}
	}
	return false
}
