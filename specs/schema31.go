// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
)

// keyword31 reads the keywords that only OpenAPI 3.1 has: conditions, what depends on a member, tuples, names and
// what is left over. It reports whether the keyword is one.
func (r *schemaReader) keyword31(key, v *Node) bool {
	s := r.s
	switch k := key.Text; k {
	case "if":
		s.If = r.given(v)
	case "then":
		s.Then = r.schema(v)
	case "else":
		s.Else = r.schema(v)
	case "dependentSchemas":
		s.DependentSchemas = r.properties(v, k)
	case "dependentRequired":
		r.dependentRequired(v)
	case "propertyNames":
		s.PropertyNames = r.given(v)
	case "prefixItems":
		s.PrefixItems = r.list(v, k)
	case "contains":
		r.contains().Schema = r.given(v)
	case "minContains":
		r.whole(&r.contains().Min, k, v)
	case "maxContains":
		r.whole(&r.contains().Max, k, v)
	case "unevaluatedProperties":
		s.UnevaluatedProperties = r.given(v)
	case "unevaluatedItems":
		s.UnevaluatedItems = r.given(v)
	default:
		return false
	}
	r.only31(key)
	return true
}

// given reads a schema of which it matters that it is there, although it may accept everything.
func (r *schemaReader) given(v *Node) *Schema {
	if s := r.schema(v); s != nil {
		return s
	}
	return unbounded(v)
}

// contains is what the three keywords about it say together.
func (r *schemaReader) contains() *Contains {
	if r.s.Contains == nil {
		r.s.Contains = &Contains{Min: 1, Max: -1}
	}
	return r.s.Contains
}

func (r *schemaReader) dependentRequired(v *Node) {
	if !r.isMap(v, "dependentRequired") {
		return
	}
	for _, f := range v.Fields {
		d := &DependentRequired{Name: f.Key.Text, Names: r.names(f.Value, "dependentRequired"), Pos: f.Key.Pos}
		if slices.Contains(d.Names, d.Name) {
			r.warnOnce(CodeOutOfRange, f.Key, fmt.Sprintf("the property %s is asked for where it is there", show(f.Key)), "remove it from its own list")
		}
		r.s.DependentRequired = append(r.s.DependentRequired, d)
	}
}

// warnOnce is addOnce for what does no harm.
func (r *schemaReader) warnOnce(code string, n *Node, message, hint string) {
	if r.first(code, n.Pos) {
		r.warn(code, n, message, hint)
	}
}

// finish31 checks what depends on several of these keywords, and puts schemas that say the same in one way.
func (r *schemaReader) finish31() {
	r.finishCondition()
	r.finishContains()
	r.finishItems()
	r.finishUnevaluated()
}

func (r *schemaReader) finishCondition() {
	condition := r.n.Get("if")
	for _, k := range []string{"then", "else"} {
		if v := r.n.Get(k); v != nil && condition == nil {
			r.addOnce(CodeTogether, r.n.Key(k), fmt.Sprintf("%s means nothing without if", k), "add if, or move what it says beside it")
			r.s.Then, r.s.Else = nil, nil
		}
	}
	if condition != nil && r.n.Get("then") == nil && r.n.Get("else") == nil {
		r.warnOnce(CodeTogether, r.n.Key("if"), "if asks for nothing without then and else", "add then or else, or remove it")
	}
}

func (r *schemaReader) finishContains() {
	c := r.s.Contains
	if c == nil {
		return
	}
	if c.Schema == nil {
		for _, k := range []string{"minContains", "maxContains"} {
			if key := r.n.Key(k); key != nil {
				r.addOnce(CodeTogether, key, fmt.Sprintf("%s means nothing without contains", k), "add contains, or write minItems and maxItems")
			}
		}
		r.s.Contains = nil
		return
	}
	switch {
	case c.Max >= 0 && c.Min > c.Max:
		at := r.n.Get("maxContains")
		if r.n.Get("minContains") != nil {
			r.addOnce(CodeOutOfRange, at, "maxContains is smaller than its minimum: nothing is valid", "")
		} else {
			r.addOnce(CodeOutOfRange, at, "maxContains is 0, but contains asks for one item: nothing is valid", "add minContains: 0, or write items with not")
		}
	case r.s.MaxItems >= 0 && c.Min > r.s.MaxItems:
		r.addOnce(CodeOutOfRange, r.n.Get("maxItems"), fmt.Sprintf("maxItems is smaller than the %d items that contains asks for: nothing is valid", c.Min), "")
	case c.Min == 0 && c.Max < 0:
		r.warnOnce(CodeOutOfRange, r.n.Get("minContains"), "contains asks for nothing with minContains: 0 and without maxContains", "add maxContains, or remove both")
	}
}

// finishItems looks at tuples that can never be as long as they must be, or as they say.
func (r *schemaReader) finishItems() {
	s, n := r.s, len(r.s.PrefixItems)
	if n == 0 {
		return
	}
	if s.Items != nil && s.Items.Never && s.MinItems > n {
		r.addOnce(CodeOutOfRange, r.n.Get("minItems"), fmt.Sprintf("minItems asks for more than the %d items of prefixItems, and items allows no others: nothing is valid", n), "")
	}
	if s.MaxItems >= 0 && s.MaxItems < n {
		r.warnOnce(CodeOutOfRange, r.n.Get("maxItems"), fmt.Sprintf("prefixItems describes %d items, of which maxItems allows only %d", n, s.MaxItems), "raise maxItems, or remove the items that cannot be there")
	}
}

// finishUnevaluated makes additionalProperties and items of what is left over where nothing applies in place: they
// say the same then, and are enforced at less cost.
func (r *schemaReader) finishUnevaluated() {
	s := r.s
	beside := func(key, other string) {
		r.warnOnce(CodeExclusive, r.n.Key(key), fmt.Sprintf("%s has nothing left to look at beside %s", key, other), "remove one of them")
	}
	if s.UnevaluatedProperties != nil && s.Additional != nil {
		beside("unevaluatedProperties", "additionalProperties")
		s.UnevaluatedProperties = nil
	}
	if s.UnevaluatedItems != nil && s.Items != nil {
		beside("unevaluatedItems", "items")
		s.UnevaluatedItems = nil
	}
	if r.n.Get("$ref") != nil || s.appliesInPlace() {
		return
	}
	if s.UnevaluatedProperties != nil {
		s.Additional, s.UnevaluatedProperties = s.UnevaluatedProperties, nil
	}
	if s.UnevaluatedItems != nil && s.Contains == nil {
		s.Items, s.UnevaluatedItems = s.UnevaluatedItems, nil
	}
}

// ItemAt is what s itself says about the item at a place of an array, the first at 0: nil if nothing.
func (s *Schema) ItemAt(i int) *Schema {
	if i < len(s.PrefixItems) {
		return s.PrefixItems[i]
	}
	return s.Items
}

// appliesInPlace reports whether s holds schemas for the same value that can say which parts of it are known.
func (s *Schema) appliesInPlace() bool {
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf)+len(s.DependentSchemas) > 0 || s.If != nil
}
