// SPDX-License-Identifier: Apache-2.0

package json

import (
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// shape is the one shape of the kinds, null aside.
func (v *view) shape() transforms.Shape {
	switch v.kinds &^ kindNull {
	case kindObject:
		return transforms.ObjectShape
	case kindArray:
		return transforms.ArrayShape
	case kindString:
		return transforms.StringShape
	case kindNumber:
		return transforms.NumberShape
	case kindBool:
		return transforms.BoolShape
	default:
		return transforms.AnyShape
	}
}

// bounds takes the numeric bounds; int32 and int64 are bounds too.
func (v *view) bounds(s *specs.Schema) {
	take := func(text string) *number {
		if !validNumber([]byte(text)) {
			return nil
		}
		n := parseNumber([]byte(text))
		if n.huge {
			return nil
		}
		return &n
	}
	v.low = larger(take(s.Minimum), take(s.ExclusiveMinimum))
	v.high = smaller(take(s.Maximum), take(s.ExclusiveMaximum))
	v.minimum = larger(take(s.Minimum), below10(take(s.ExclusiveMinimum)))
	v.maximum = smaller(take(s.Maximum), below10(take(s.ExclusiveMaximum)))
	switch s.Format {
	case "int32":
		v.minimum = larger(v.minimum, take("-2147483648"))
		v.maximum = smaller(v.maximum, take("2147483647"))
	case "int64":
		v.minimum = larger(v.minimum, take("-9223372036854775808"))
		v.maximum = smaller(v.maximum, take("9223372036854775807"))
	}
	if strings.HasPrefix(s.Format, "int") {
		v.low, v.high = larger(v.low, v.minimum), smaller(v.high, v.maximum)
	}
	if m := take(s.MultipleOf); m != nil && !m.zero && int64(m.n)-m.point <= 100 {
		v.scale = max(0, int(int64(m.n)-m.point))
	}
}

// below10 makes 9000 of an exclusive bound 10000: what is less has one digit less. Bounds in a view
// are only read for their digits and their sign.
func below10(n *number) *number {
	if n == nil || n.zero || n.n != 1 || n.digits[0] != '1' || n.point < 1 {
		return n
	}
	less := *n
	less.digits, less.point = []byte("9"), n.point-1
	return &less
}

func larger(a, b *number) *number {
	if a == nil || b != nil && compareNumbers(a, b) < 0 {
		return b
	}
	return a
}

func smaller(a, b *number) *number {
	if a == nil || b != nil && compareNumbers(a, b) > 0 {
		return b
	}
	return a
}

// digits fills in how large a number can be.
func (v *view) digits(t *transforms.Type) {
	t.Integer = v.integer
	t.Scale = v.scale
	if v.integer {
		t.Scale = 0
	}
	t.Signed = v.minimum == nil || v.minimum.neg
	t.Digits = transforms.Unbounded
	t.Minimum, t.Maximum = v.low.text(), v.high.text()
	low, high := v.minimum, v.maximum
	if low == nil && len(v.enum) == 0 || high == nil && len(v.enum) == 0 {
		return
	}
	if len(v.enum) > 0 {
		v.enumDigits(t)
		return
	}
	if t.Scale >= 0 {
		t.Digits = t.Scale + max(wholeDigits(low), wholeDigits(high), 0)
		t.Digits = max(t.Digits, 1)
	}
}

// text writes the number as JSON; nil is empty.
func (n *number) text() string {
	if n == nil {
		return ""
	}
	if n.zero {
		return "0"
	}
	digits := strings.ReplaceAll(string(n.digits), ".", "")
	sign := ""
	if n.neg {
		sign = "-"
	}
	switch whole := int(n.point); {
	case n.point > 1000 || n.point < -1000:
		return sign + "0." + digits + "e" + strconv.FormatInt(n.point, 10)
	case whole >= len(digits):
		return sign + digits + strings.Repeat("0", whole-len(digits))
	case whole > 0:
		return sign + digits[:whole] + "." + digits[whole:]
	default:
		return sign + "0." + strings.Repeat("0", -whole) + digits
	}
}

// enumDigits reads the digits off the values that are allowed.
func (v *view) enumDigits(t *transforms.Type) {
	whole, scale := 0, 0
	t.Signed = false
	for _, text := range v.enum {
		if !validNumber([]byte(text)) {
			continue // null
		}
		n := parseNumber([]byte(text))
		if n.huge || n.point > 1000 || int64(n.n)-n.point > 1000 {
			t.Signed = true
			return
		}
		t.Signed = t.Signed || n.neg
		whole = max(whole, wholeDigits(&n))
		scale = max(scale, int(int64(n.n)-n.point))
	}
	t.Scale, t.Digits = scale, max(whole+scale, 1)
	t.Integer = t.Integer || scale == 0
}

// wholeDigits is the number of digits before the point.
func wholeDigits(n *number) int {
	if n.zero || n.point < 0 {
		return 0
	}
	return int(min(n.point, 1<<20))
}

// narrow adds what must hold as well (allOf).
func (v *view) narrow(b *typeBuilder, o *view) {
	v.kinds &= o.kinds
	v.stated &= o.stated
	if v.kinds == 0 { // what was guessed cannot be
		v.kinds = v.stated
	}
	v.integer = v.integer || o.integer
	switch {
	case v.enum == nil:
		v.enum = o.enum
	case o.enum != nil:
		v.enum = slices.DeleteFunc(slices.Clone(v.enum), func(s string) bool { return !hasText(o.enum, s) })
	}
	if v.format == "" {
		v.format = o.format
	}
	for _, m := range o.members {
		v.narrowMember(b, m)
	}
	v.required = union(v.required, o.required)
	v.open = v.open && o.open
	if v.prefix == nil {
		v.prefix = o.prefix
	}
	switch {
	case v.items == nil:
		v.items = o.items
	case o.items != nil:
		v.items = b.both(v.items, o.items)
	}
	v.minItems, v.minLength = max(v.minItems, o.minItems), max(v.minLength, o.minLength)
	v.maxItems, v.maxLength = least(v.maxItems, o.maxItems), least(v.maxLength, o.maxLength)
	v.minimum, v.maximum = larger(v.minimum, o.minimum), smaller(v.maximum, o.maximum)
	v.low, v.high = larger(v.low, o.low), smaller(v.high, o.high)
	v.patterns = union(v.patterns, o.patterns)
	v.scale = least(v.scale, o.scale)
}

// widen adds what may hold instead (anyOf, oneOf). inside tells that the alternatives are those of a
// value further up: a member that only one of them names may then hold anything.
func (v *view) widen(b *typeBuilder, o *view, inside bool) {
	if v.kinds&^kindNull == 0 || o.kinds&^kindNull == 0 {
		v.widenNull(o)
		return
	}
	v.widenMembers(b, o, inside)
	v.kinds |= o.kinds
	v.stated |= o.stated
	v.integer = v.integer && o.integer
	if v.enum == nil || o.enum == nil {
		v.enum = nil
	} else {
		v.enum = union(v.enum, o.enum)
	}
	if v.format != o.format {
		v.format = ""
	}
	v.open = v.open || o.open
	if v.items != o.items {
		v.items = b.either(v.items, o.items)
	}
	if !slices.Equal(v.prefix, o.prefix) {
		v.prefix = nil
	}
	if !slices.Equal(v.patterns, o.patterns) {
		v.patterns = nil
	}
	v.minItems, v.minLength = min(v.minItems, o.minItems), min(v.minLength, o.minLength)
	v.maxItems, v.maxLength = most(v.maxItems, o.maxItems), most(v.maxLength, o.maxLength)
	v.widenBounds(o)
	v.scale = most(v.scale, o.scale)
}

// widenNull merges two of which one is only null: the other one keeps its bounds.
func (v *view) widenNull(o *view) {
	kinds, stated := v.kinds|o.kinds, v.stated|o.stated
	if v.kinds&^kindNull == 0 {
		*v = *o.clone()
	}
	v.kinds, v.stated = kinds, stated
	if v.enum != nil && !hasText(v.enum, "null") {
		v.enum = append(slices.Clone(v.enum), "null")
	}
}

func (v *view) widenBounds(o *view) {
	if v.minimum == nil || o.minimum == nil {
		v.minimum = nil
	} else {
		v.minimum = smaller(v.minimum, o.minimum)
	}
	if v.low == nil || o.low == nil {
		v.low = nil
	} else {
		v.low = smaller(v.low, o.low)
	}
	if v.high == nil || o.high == nil {
		v.high = nil
	} else {
		v.high = larger(v.high, o.high)
	}
	if v.maximum == nil || o.maximum == nil {
		v.maximum = nil
	} else {
		v.maximum = larger(v.maximum, o.maximum)
	}
}

func (v *view) widenMembers(b *typeBuilder, o *view, inside bool) {
	switch {
	case o.kinds&kindObject == 0: // only v speaks about objects
		return
	case v.kinds&kindObject == 0:
		v.members, v.required = o.members, o.required
		return
	}
	v.members = slices.Clone(v.members)
	for i := range v.members {
		m := &v.members[i]
		if j := o.member(m.name); j < 0 {
			m.setPartial(inside)
		} else {
			m.schema = b.either(m.schema, o.members[j].schema)
			if m.partial || o.members[j].partial {
				m.setPartial(true)
			}
		}
	}
	for _, m := range o.members {
		if v.member(m.name) < 0 {
			m.setPartial(inside)
			v.members = append(v.members, m)
		}
	}
	v.required = slices.DeleteFunc(slices.Clone(v.required), func(s string) bool {
		return !slices.Contains(o.required, s)
	})
}

func (m *viewMember) setPartial(inside bool) {
	m.partial = true
	if inside {
		m.schema = nil
	}
}

// narrowMember adds a member, or merges it with the one of the same name.
func (v *view) narrowMember(b *typeBuilder, m viewMember) {
	i := v.member(m.name)
	if i < 0 {
		v.members = append(slices.Clip(v.members), m)
		return
	}
	v.members = slices.Clone(v.members)
	have := &v.members[i]
	switch {
	case have.partial && m.partial:
		have.schema = nil
	case have.partial:
		have.schema, have.partial = m.schema, false
	case !m.partial:
		have.schema = b.both(have.schema, m.schema)
	}
}

// member is the index of a member, or -1.
func (v *view) member(name string) int {
	return slices.IndexFunc(v.members, func(m viewMember) bool { return m.name == name })
}

// both makes the schema of a value that two schemas apply to.
func (b *typeBuilder) both(x, y *specs.Schema) *specs.Schema {
	switch {
	case x == y:
		return x
	case x == nil || b.merged[y]:
		return y
	case y == nil || b.merged[x]:
		return x
	}
	return b.merge(pairKey{x, y, false})
}

// either makes the schema of a value that one of two schemas applies to.
func (b *typeBuilder) either(x, y *specs.Schema) *specs.Schema {
	switch {
	case x == y:
		return x
	case x == nil || y == nil || b.merged[x] || b.merged[y]:
		return nil
	}
	return b.merge(pairKey{x, y, true})
}

type pairKey struct {
	x, y *specs.Schema
	any  bool
}

// merge gives the same schema for the same two, and merged ones are not merged again, so that
// recursive contracts come to an end.
func (b *typeBuilder) merge(key pairKey) *specs.Schema {
	if s, ok := b.pairs[key]; ok {
		return s
	}
	s := anything()
	s.Pos = key.x.Pos
	if key.any {
		s.AnyOf = []*specs.Schema{key.x, key.y}
	} else {
		s.AllOf = []*specs.Schema{key.x, key.y}
	}
	b.pairs[key] = s
	b.merged[s] = true
	return s
}

func union(a, b []string) []string {
	out := slices.Clip(a)
	for _, s := range b {
		if !hasText(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func hasText(list []string, s string) bool { return slices.Contains(list, s) }

// least is the smaller of two maxima, most the larger; Unbounded is the largest.
func least(a, b int) int {
	switch {
	case a < 0:
		return b
	case b < 0:
		return a
	}
	return min(a, b)
}

func most(a, b int) int {
	if a < 0 || b < 0 {
		return transforms.Unbounded
	}
	return max(a, b)
}
