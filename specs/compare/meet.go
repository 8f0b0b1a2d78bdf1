// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"

	"lintel/specs"
)

// meet adds what one schema asks for, without its alternatives.
func (f *flat) meet(m *specs.Schema) {
	if f.pos == (specs.Pos{}) {
		f.pos = m.Pos
	}
	f.types &= typeSet(m.Types)
	if m.Never {
		f.types = 0
	}
	if m.Enum != nil {
		f.list(m.Enum)
	}
	if m.Const != nil {
		f.list([]string{*m.Const})
	}
	f.low = f.low.tighter(newBound(m.Minimum, false), true).tighter(newBound(m.ExclusiveMinimum, true), true)
	f.high = f.high.tighter(newBound(m.Maximum, false), false).tighter(newBound(m.ExclusiveMaximum, true), false)
	if m.MultipleOf != "" {
		f.multiples = addNew(f.multiples, m.MultipleOf)
	}
	f.minLength, f.maxLength = max(f.minLength, m.MinLength), lower(f.maxLength, m.MaxLength)
	if m.Pattern != "" {
		f.patterns = addNew(f.patterns, m.Pattern)
	}
	f.format(m.Format)
	f.minItems, f.maxItems = max(f.minItems, m.MinItems), lower(f.maxItems, m.MaxItems)
	f.unique = f.unique || m.UniqueItems
	if m.Items != nil || len(m.PrefixItems) > 0 {
		f.arrays = append(f.arrays, m)
	}
	if m.Contains != nil {
		f.counted = append(f.counted, m.Contains)
	}
	f.minMembers, f.maxMembers = max(f.minMembers, m.MinProperties), lower(f.maxMembers, m.MaxProperties)
	for _, name := range m.Required {
		f.required = addNew(f.required, name)
	}
	if len(m.Properties) > 0 || len(m.PatternProperties) > 0 || m.Additional != nil {
		f.objects = append(f.objects, m)
	}
	f.meetNames(m)
	if m.Not != nil {
		f.nots = append(f.nots, m.Not)
	}
	if m.UnevaluatedProperties != nil || m.UnevaluatedItems != nil {
		f.left = append(f.left, m)
	}
}

// meetNames adds what is asked of the names of members, and of members beside others.
func (f *flat) meetNames(m *specs.Schema) {
	if m.PropertyNames != nil {
		f.named = append(f.named, m.PropertyNames)
	}
	for _, d := range m.DependentRequired {
		for _, name := range d.Names {
			f.needs = append(f.needs, need{d.Name, name})
		}
	}
	for _, d := range m.DependentSchemas {
		f.needs = append(f.needs, need{of: d.Name, name: d.Name})
	}
}

// list meets an enum.
func (f *flat) list(values []string) {
	if !f.listed {
		f.values, f.listed = slices.Clone(values), true
		return
	}
	f.values = slices.DeleteFunc(f.values, func(v string) bool {
		return !slices.ContainsFunc(values, func(w string) bool { return equalJSON(v, w) })
	})
}

func addNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// lower is the smaller of two limits, of which -1 means none.
func lower(a, b int) int {
	switch {
	case a < 0:
		return b
	case b < 0:
		return a
	default:
		return min(a, b)
	}
}

// format meets a format: those of whole numbers are bounds, words that nothing enforces are left out.
func (f *flat) format(word string) {
	bits := map[string]uint{"int8": 7, "int16": 15, "int32": 31, "int64": 63}
	if n, ok := bits[word]; ok {
		low, high := wholeRange(n)
		f.low, f.high = f.low.tighter(low, true), f.high.tighter(high, false)
		f.types &^= fractionType
		return
	}
	known := []string{"date", "time", "date-time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri", "byte", "decimal"}
	if slices.Contains(known, word) {
		f.formats = addNew(f.formats, word)
	}
}

// tidy brings a flat schema into the one form that is compared: what follows from something else is
// left out or written out.
func (f *flat) tidy() {
	if f.types&fractionType == 0 && f.types&integerType != 0 {
		f.low, f.high = f.low.whole(true), f.high.whole(false)
	}
	if f.types&(integerType|fractionType) != 0 && f.low.above(f.high) {
		f.types &^= integerType | fractionType
	}
	if f.maxLength >= 0 && f.minLength > f.maxLength {
		f.types &^= stringType
	}
	if f.maxItems >= 0 && f.minItems > f.maxItems {
		f.types &^= arrayType
	}
	if f.maxMembers >= 0 && f.minMembers > f.maxMembers {
		f.types &^= objectType
	}
	f.tidyNeeds()
	slices.Sort(f.multiples)
	slices.Sort(f.patterns)
	slices.Sort(f.formats)
	if !f.listed && f.types != 0 && f.types&^(nullType|booleanType) == 0 { // few enough to be listed
		f.listed = true
		for _, v := range []struct {
			t    types
			text string
		}{{nullType, "null"}, {booleanType, "false"}, {booleanType, "true"}} {
			if f.types&v.t != 0 {
				f.values = append(f.values, v.text)
			}
		}
	}
	if f.listed {
		f.values = slices.DeleteFunc(f.values, func(v string) bool { return f.accepts(v) == no })
		if len(f.values) == 0 {
			f.types = 0
		}
	}
}
