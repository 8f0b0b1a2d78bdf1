// SPDX-License-Identifier: Apache-2.0

package specs

import "slices"

// baseSchema is a schema with a discriminator and no alternatives beside it: other schemas build on it with
// allOf, and are its alternatives wherever it is named as the schema of a value (OpenAPI 3.1.0, 4.8.25.4).
type baseSchema struct {
	node, discriminator *Node
	// any is one of the alternatives; nil until it is asked for.
	any *Schema
}

// base notes a schema that others may build on, before its keywords are read.
func (c *contractReader) base(n *Node, s *Schema) {
	d := n.Get("discriminator")
	if d == nil || n.Get("oneOf") != nil || n.Get("anyOf") != nil {
		return
	}
	if c.bases == nil {
		c.bases = map[*Schema]*baseSchema{}
	}
	c.bases[s] = &baseSchema{node: n, discriminator: d}
}

func (c *contractReader) choosesNothing(discriminator *Node) {
	c.warn(CodeNotEnforced, discriminator, "the discriminator chooses nothing: there is no oneOf or anyOf beside it, and no schema of components builds on this one with allOf",
		"list the alternatives in oneOf beside it, or build on it with allOf")
}

// alternatives is what a reference to s stands for: s itself, or one of those that build on it.
func (c *contractReader) alternatives(s *Schema) *Schema {
	b := c.bases[s]
	if b == nil {
		return s
	}
	if b.any != nil {
		return b.any
	}
	heirs := c.heirs(b.node, nil)
	if len(heirs) == 0 {
		c.choosesNothing(b.discriminator)
		b.any = s
		return s
	}
	b.any = &Schema{} // those that lead back here have its place already
	out := unbounded(b.node)
	out.Name, out.Title, out.Description = s.Name, s.Title, s.Description
	out.Types = []string{"object"}
	d := c.discriminatorOf(b.discriminator)
	if d == nil {
		*b.any = *s
		return b.any
	}
	add := func(name string, alternative *Schema) {
		if !slices.Contains(out.OneOf, alternative) {
			out.OneOf = append(out.OneOf, alternative)
		}
		for _, m := range d.Mapping {
			if m.Value == name || m.Schema == alternative {
				return
			}
		}
		d.Mapping = append(d.Mapping, DiscriminatorCase{Value: name, Schema: alternative})
	}
	for _, h := range heirs {
		add(h.Key.Text, c.schema(h.Value))
	}
	add(s.Name, s)
	out.Discriminator = d
	*b.any = *out
	return b.any
}

// heirs appends the schemas of components that build on n, directly or by way of others.
func (c *contractReader) heirs(n *Node, found []NodeField) []NodeField {
	schemas := c.root.Get("components").Get("schemas")
	if schemas == nil || schemas.Kind != MapNode {
		return found
	}
	for _, f := range schemas.Fields {
		list := f.Value.Get("allOf")
		if list == nil || list.Kind != ListNode || slices.ContainsFunc(found, func(h NodeField) bool { return h.Key == f.Key }) {
			continue
		}
		for _, item := range list.Items {
			if ref := item.Get("$ref"); ref != nil && c.lookup(ref) == n {
				found = c.heirs(f.Value, append(found, f))
				break
			}
		}
	}
	return found
}
