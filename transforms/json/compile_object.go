// SPDX-License-Identifier: Apache-2.0

package json

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"lintel/specs"
	"lintel/transforms"
)

// place is where a value stands: all schemas that apply to it from different parts of the contract,
// for example those of one member under properties and under the properties of an allOf. Only
// together they tell which members are known.
type place struct {
	schemas []*specs.Schema
	// names in the order found, and the schemas of each.
	names   []string
	members map[string][]*specs.Schema
	// asked are the names that something asks for, or that something depends on: they are known, although no
	// schema may describe them.
	asked []string
	// patterns of pattern properties.
	patterns []string
	// rest are the schemas of all members that are not named.
	rest []*specs.Schema
	// arrays are the schemas that describe items.
	arrays []*specs.Schema
	// open is true if one of the schemas lets members in that are not named.
	open bool
}

// place returns the one place of these schemas, in whatever order they come.
func (c *compiler) place(schemas ...*specs.Schema) *place {
	key := c.placeKey(schemas)
	if pl, ok := c.places[key]; ok {
		return pl
	}
	pl := &place{schemas: schemas, members: map[string][]*specs.Schema{}}
	c.places[key] = pl
	seen := map[*specs.Schema]bool{}
	for _, s := range schemas {
		pl.collect(s, nil, seen)
	}
	return pl
}

// placeKey numbers the schemas as they come up and joins the numbers in order.
func (c *compiler) placeKey(schemas []*specs.Schema) string {
	ids := make([]int, 0, len(schemas))
	for _, s := range schemas {
		if s == nil {
			continue
		}
		id, ok := c.ids[s]
		if !ok {
			id = len(c.ids)
			c.ids[s] = id
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return fmt.Sprint(slices.Compact(ids))
}

// member is the place of a member's value.
func (c *compiler) member(pl *place, name string) *place {
	return c.place(append(pl.members[name][:len(pl.members[name]):len(pl.members[name])], pl.rest...)...)
}

// collect adds a schema and what it applies to the same value, but not the alternatives of skip.
func (pl *place) collect(s, skip *specs.Schema, seen map[*specs.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for _, p := range s.Properties {
		if _, known := pl.members[p.Name]; !known {
			pl.names = append(pl.names, p.Name)
		}
		pl.members[p.Name] = append(pl.members[p.Name], p.Schema)
	}
	pl.asked = append(pl.asked, s.Required...)
	for _, d := range s.DependentRequired {
		pl.asked = append(append(pl.asked, d.Name), d.Names...)
	}
	for _, d := range s.DependentSchemas {
		pl.asked = append(pl.asked, d.Name)
	}
	for _, p := range s.PatternProperties {
		pl.patterns = append(pl.patterns, p.Name)
		pl.rest = append(pl.rest, p.Schema)
	}
	if s.Additional != nil && !s.Additional.Never {
		pl.open = true
		pl.rest = append(pl.rest, s.Additional)
	}
	if s.UnevaluatedProperties != nil && !s.UnevaluatedProperties.Never {
		pl.open = true
		pl.rest = append(pl.rest, s.UnevaluatedProperties)
	}
	if s.Items != nil || len(s.PrefixItems) > 0 || s.UnevaluatedItems != nil {
		pl.arrays = append(pl.arrays, s)
	}
	lists := [][]*specs.Schema{s.AllOf}
	if s != skip {
		lists = append(lists, s.AnyOf, s.OneOf, []*specs.Schema{s.If, s.Then, s.Else})
		for _, d := range s.DependentSchemas {
			lists = append(lists, []*specs.Schema{d.Schema})
		}
		if cases, _ := discriminates(s); cases != nil {
			lists = append(lists, cases)
		}
	}
	for _, list := range lists {
		for _, sub := range list {
			pl.collect(sub, skip, seen)
		}
	}
}

// tuple is how many of the first items the schemas describe one by one.
func (pl *place) tuple() int {
	n := 0
	for _, s := range pl.arrays {
		n = max(n, len(s.PrefixItems))
	}
	return n
}

// itemsAt are the schemas of the item at a place of the array.
func (pl *place) itemsAt(i int) []*specs.Schema {
	var out []*specs.Schema
	for _, s := range pl.arrays {
		out = append(out, s.ItemAt(i), s.UnevaluatedItems)
	}
	return out
}

// refuses tells whether a member may not be sent in this direction, and the code for it.
func (c *compiler) refuses(schemas []*specs.Schema) string {
	for _, s := range schemas {
		if code := c.refusesOne(s, 0); code != "" {
			return code
		}
	}
	return ""
}

func (c *compiler) refusesOne(s *specs.Schema, depth int) string {
	const deep = 16 // an allOf in a circle is reported elsewhere
	switch {
	case s == nil || depth > deep:
		return ""
	case c.o.Direction == Request && s.ReadOnly:
		return "readOnly"
	case c.o.Direction == Response && s.WriteOnly:
		return "writeOnly"
	}
	for _, sub := range s.AllOf {
		if code := c.refusesOne(sub, depth+1); code != "" {
			return code
		}
	}
	return ""
}

// object compiles the keywords about members; nil if there is nothing to do but skip.
func (c *compiler) object(s *specs.Schema, pl *place, want *transforms.Capture) *objectCheck {
	o := &objectCheck{
		min: atLeast(s.MinProperties, "member"), max: atMost(s.MaxProperties, "member"),
	}
	b := &entries{at: map[string]int{}, wanted: map[string]*transforms.Capture{}}
	if want != nil {
		for _, m := range want.Members {
			b.wanted[m.Type.Name] = m
		}
	}
	for _, p := range s.Properties {
		e := b.entry(p.Name)
		e.declared = true
		e.refuse = c.refuses(pl.members[p.Name])
		e.plan = c.located(p.Schema, c.member(pl, p.Name), b.wanted[p.Name])
	}
	c.required(o, b, s, pl)
	c.needs(o, b, s, pl)
	c.additional(o, s, pl)
	if s.PropertyNames != nil {
		o.nameOf = c.located(s.PropertyNames, c.place(s.PropertyNames), nil)
	}
	if slices.Contains(pl.schemas, s) && c.strict(pl) {
		o.strict = true
		for _, name := range slices.Concat(pl.names, pl.asked) {
			c.undeclared(b, name, s, pl)
		}
		o.strictPatterns = slices.DeleteFunc(c.patterns(s, pl.patterns), func(re *regexp.Regexp) bool { return re == nil })
	}
	if want != nil {
		for _, m := range want.Members {
			c.undeclared(b, m.Type.Name, s, pl)
		}
	}
	o.names = newNames(b.list)
	if len(b.list) > 0 || o.patterns != nil || o.nameOf != nil || o.additional != nil || o.closed || o.min.n > 0 || o.max.n >= 0 {
		return o
	}
	return nil
}

// required notes the members that must be there. What only the other direction has is not asked for.
func (c *compiler) required(o *objectCheck, b *entries, s *specs.Schema, pl *place) {
	for _, name := range s.Required {
		if c.refuses(pl.members[name]) != "" {
			continue
		}
		c.undeclared(b, name, s, pl)
		if i := b.at[name]; !slices.Contains(o.required, i) {
			o.required = append(o.required, i)
		}
	}
}

// needs notes the members that must be there beside others.
func (c *compiler) needs(o *objectCheck, b *entries, s *specs.Schema, pl *place) {
	for _, d := range s.DependentRequired {
		c.undeclared(b, d.Name, s, pl)
		n := need{of: b.at[d.Name], detail: "the member must be there beside " + strconv.Quote(d.Name)}
		for _, name := range d.Names {
			if c.refuses(pl.members[name]) == "" {
				c.undeclared(b, name, s, pl)
				n.entries = append(n.entries, b.at[name])
			}
		}
		if len(n.entries) > 0 {
			o.needs = append(o.needs, n)
		}
	}
}

// undeclared makes the entry of a member that is not listed under properties here.
func (c *compiler) undeclared(b *entries, name string, s *specs.Schema, pl *place) {
	if _, known := b.at[name]; known {
		return
	}
	e := b.entry(name)
	e.plan = c.located(s.Additional, c.member(pl, name), b.wanted[name])
}

func (c *compiler) additional(o *objectCheck, s *specs.Schema, pl *place) {
	switch {
	case s.Additional == nil:
	case s.Additional.Never:
		o.closed = true
	default:
		o.additional = c.located(s.Additional, c.place(pl.rest...), nil)
	}
	texts := make([]string, 0, len(s.PatternProperties))
	for _, p := range s.PatternProperties {
		texts = append(texts, p.Name)
	}
	for i, re := range c.patterns(s, texts) {
		if re != nil {
			o.patterns = append(o.patterns, patternMember{match: re, plan: c.patternPlan(s.PatternProperties[i].Schema, pl)})
		}
	}
}

// patternPlan compiles a pattern property. Which members are known there depends on the names that
// match, so members of its objects are not refused for being unknown to it alone.
func (c *compiler) patternPlan(s *specs.Schema, pl *place) *plan {
	all := slices.Clone(pl.rest)
	for _, name := range pl.names {
		all = append(all, pl.members[name]...)
	}
	return c.located(s, c.place(all...), nil)
}

// strict tells whether members that no schema knows are refused although nothing says so.
func (c *compiler) strict(pl *place) bool {
	return (c.o.Named || c.o.Direction == Request && !c.o.AllowUnknown) && !pl.open && len(pl.names)+len(pl.patterns) > 0
}

// patterns compiles the patterns of member names; one that cannot be compiled is nil.
func (c *compiler) patterns(s *specs.Schema, texts []string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, 0, len(texts))
	for _, text := range texts {
		p, err := compilePattern(text)
		if err != nil {
			c.reportPattern(s, err)
			out = append(out, nil)
			continue
		}
		out = append(out, p.re)
	}
	return out
}

// entries collects the entries of a name table.
type entries struct {
	list []entry
	at   map[string]int
	// wanted are the captures of members by name.
	wanted map[string]*transforms.Capture
}

// entry returns the entry of a name; the pointer is good until the next call.
func (b *entries) entry(name string) *entry {
	i, ok := b.at[name]
	if !ok {
		i = len(b.list)
		b.at[name] = i
		b.list = append(b.list, entry{name: name})
	}
	return &b.list[i]
}
