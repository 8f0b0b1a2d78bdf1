// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// compiler turns schemas into plans, once per schema and place.
type compiler struct {
	o        *Options
	plans    map[planKey]*plan
	places   map[string]*place
	ids      map[*specs.Schema]int // see placeKey
	findings specs.Findings
	reported map[*specs.Schema]bool
}

// planKey tells plans apart: a schema applied in place belongs to the object it is applied to.
type planKey struct {
	schema  *specs.Schema
	place   *place
	capture *transforms.Capture
}

func newCompiler(o *Options) *compiler {
	return &compiler{
		o: o, plans: map[planKey]*plan{}, places: map[string]*place{}, ids: map[*specs.Schema]int{},
		reported: map[*specs.Schema]bool{},
	}
}

// located compiles the schema of a value of its own: the document, a member, an item.
func (c *compiler) located(s *specs.Schema, pl *place, want *transforms.Capture) *plan {
	if s == nil && want == nil {
		return nil
	}
	return c.plan(s, pl, want, nil)
}

// plan compiles s for a place. chain holds the schemas that are applied to the same value.
func (c *compiler) plan(s *specs.Schema, pl *place, want *transforms.Capture, chain []*specs.Schema) *plan {
	if s != nil && slices.Contains(chain, s) {
		c.report(s, codeCircle, "the schema applies to itself without taking a step into the document",
			"break the circle of allOf, anyOf, oneOf, not, if, dependentSchemas or discriminator")
		return nil
	}
	key := planKey{s, pl, want}
	if p, ok := c.plans[key]; ok {
		return p
	}
	p := &plan{kinds: kindAny, slot: -1}
	c.plans[key] = p
	if want != nil {
		p.slot = want.Slot
	}
	if s == nil {
		s = anything()
	}
	p.never = s.Never
	if s.Never {
		p.kinds = 0
	}
	c.types(p, s)
	p.enum = c.enum(s)
	p.num = c.number(s)
	p.str = c.text(s)
	p.obj = c.object(s, pl, want)
	p.arr = c.array(s, pl, want)
	c.inPlace(p, s, pl, append(chain[:len(chain):len(chain)], s))
	return p
}

// anything is the schema that accepts everything.
func anything() *specs.Schema {
	return &specs.Schema{
		MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1,
	}
}

func (c *compiler) report(s *specs.Schema, code, message, hint string) {
	if c.reported[s] {
		return
	}
	c.reported[s] = true
	c.findings.Add(code, s.Pos, message, hint)
}

func (c *compiler) types(p *plan, s *specs.Schema) {
	if len(s.Types) == 0 {
		return
	}
	p.typeDetail = "must be " + strings.Join(s.Types, " or ")
	var k kind
	whole := false
	for _, t := range s.Types {
		if t == "integer" {
			whole = true
		}
		k |= typeKind(t)
	}
	p.integral = whole && !slices.Contains(s.Types, "number")
	p.kinds &= k
}

func typeKind(word string) kind {
	switch word {
	case "null":
		return kindNull
	case "boolean":
		return kindBool
	case "number", "integer":
		return kindNumber
	case "string":
		return kindString
	case "array":
		return kindArray
	case "object":
		return kindObject
	}
	return 0
}

// enum compiles enum and const: the value must be in both.
func (c *compiler) enum(s *specs.Schema) *enumCheck {
	values, code := s.Enum, "enum"
	if s.Const != nil {
		kept := []string{}
		for _, v := range values {
			if Equal([]byte(v), []byte(*s.Const)) {
				kept = append(kept, v)
			}
		}
		if values == nil {
			kept = []string{*s.Const}
		}
		values, code = kept, "const"
	}
	if values == nil {
		return nil
	}
	e := &enumCheck{code: code, detail: "must be one of " + strings.Join(values[:min(len(values), 20)], ", ")}
	if len(values) > 20 {
		e.detail += " ..."
	}
	if len(values) == 1 {
		e.detail = "must be " + values[0]
	}
	for _, v := range values {
		if wellFormed([]byte(v), 1000, "") != nil {
			c.report(s, codeEnum, "a value of enum or const is not JSON", "")
			continue
		}
		e.add(strings.TrimSpace(v))
	}
	return e
}

func (e *enumCheck) add(v string) {
	k := kindOf(v[0])
	e.kinds |= k
	switch k {
	case kindString:
		e.strings = append(e.strings, string(unquote(nil, []byte(v))))
	case kindNumber:
		e.numbers = append(e.numbers, parseNumber([]byte(v)))
	default:
		e.others = append(e.others, v)
	}
}

func (c *compiler) number(s *specs.Schema) *numberCheck {
	n := &numberCheck{
		min:   c.bound(s, s.Minimum, "must be at least "),
		max:   c.bound(s, s.Maximum, "must be at most "),
		above: c.bound(s, s.ExclusiveMinimum, "must be more than "),
		below: c.bound(s, s.ExclusiveMaximum, "must be less than "),
	}
	if f := formatOf(s.Format); f != nil && f.isNumber != nil {
		n.format = f
	}
	if s.MultipleOf != "" {
		n.multipleDetail = "must be a multiple of " + s.MultipleOf
		v := parseNumber([]byte(s.MultipleOf))
		d, ok := newDivisor(&v)
		if ok && validNumber([]byte(s.MultipleOf)) {
			n.multiple = &d
		} else {
			c.report(s, codeMultipleOf, "multipleOf must be more than 0 and have at most 19 digits", "")
		}
	}
	if n.min.set || n.max.set || n.above.set || n.below.set || n.multiple != nil || n.format != nil {
		n.bounds = n.quick()
		return n
	}
	return nil
}

func (c *compiler) bound(s *specs.Schema, text, words string) bound {
	if text == "" {
		return bound{}
	}
	v := parseNumber([]byte(text))
	if !validNumber([]byte(text)) || v.huge {
		c.report(s, codeBound, fmt.Sprintf("the bound %q is not a number that can be compared", text), "")
		return bound{}
	}
	return bound{value: v, set: true, detail: words + text}
}

func (c *compiler) text(s *specs.Schema) *stringCheck {
	t := &stringCheck{
		min: atLeast(s.MinLength, "character"),
		max: atMost(s.MaxLength, "character"),
	}
	if f := formatOf(s.Format); f != nil && f.isText != nil {
		t.format = f
	}
	if s.Pattern != "" {
		p, err := compilePattern(s.Pattern)
		if err != nil {
			c.reportPattern(s, err)
		}
		t.pattern = p
	}
	if t.min.n > 0 || t.max.n >= 0 || t.format != nil || t.pattern != nil {
		t.plain = t.quick()
		return t
	}
	return nil
}

func (c *compiler) reportPattern(s *specs.Schema, err error) {
	if errors.Is(err, errPatternSize) {
		c.report(s, codePatternSize, err.Error(), "use maxLength for long texts instead of large repetitions")
		return
	}
	c.report(s, codePattern, err.Error(), "look-around and back-references are not available: they cannot be matched in linear time")
}

func atLeast(n int, unit string) limit {
	return limit{n: n, detail: fmt.Sprintf("must have at least %d %s", n, plural(n, unit))}
}

func atMost(n int, unit string) limit {
	return limit{n: n, detail: fmt.Sprintf("must have at most %d %s", n, plural(n, unit))}
}

func plural(n int, unit string) string {
	if n == 1 {
		return unit
	}
	return unit + "s"
}

func (c *compiler) array(s *specs.Schema, pl *place, want *transforms.Capture) *arrayCheck {
	a := &arrayCheck{
		min: atLeast(s.MinItems, "item"), max: atMost(s.MaxItems, "item"), unique: s.UniqueItems,
	}
	var each *transforms.Capture
	if want != nil {
		each = want.Each
	}
	if each != nil {
		a.size, a.nested = each.Size, capturesRows(each)
	}
	a.first, a.rest = len(s.PrefixItems), s.Items != nil
	for i := range max(pl.tuple(), len(s.PrefixItems)) { // of a schema under not the place knows nothing
		a.prefix = append(a.prefix, c.located(s.ItemAt(i), c.place(pl.itemsAt(i)...), each))
	}
	a.items = c.located(s.Items, c.place(pl.itemsAt(len(a.prefix))...), each)
	a.contains = c.contains(s)
	if a.items != nil || a.prefix != nil || a.contains != nil || a.min.n > 0 || a.max.n >= 0 || a.unique || each != nil {
		return a
	}
	return nil
}

// contains compiles the schema that some items must fit: by its plain meaning, as it only counts.
func (c *compiler) contains(s *specs.Schema) *containsCheck {
	if s.Contains == nil {
		return nil
	}
	k := &containsCheck{plan: c.located(s.Contains.Schema, c.place(s.Contains.Schema), nil), min: limit{n: s.Contains.Min}, max: limit{n: s.Contains.Max}}
	k.min.detail = fmt.Sprintf("at least %d %s must fit the schema of contains", k.min.n, plural(k.min.n, "item"))
	k.max.detail = fmt.Sprintf("at most %d %s may fit the schema of contains", k.max.n, plural(k.max.n, "item"))
	return k
}

// capturesRows reports whether the entries of arrays below c are captured.
func capturesRows(c *transforms.Capture) bool {
	if c.Each != nil {
		return true
	}
	return slices.ContainsFunc(c.Members, capturesRows)
}
