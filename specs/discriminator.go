// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strings"
)

// discriminator resolves the values of a discriminator to the schemas of its oneOf or anyOf.
func (r *schemaReader) discriminator(n *Node) {
	choices := r.n.Get("oneOf")
	if choices == nil {
		choices = r.n.Get("anyOf")
	}
	if choices == nil {
		if r.s.Name == "" {
			r.choosesNothing(n)
		}
		return // others may build on it
	}
	d := r.discriminatorOf(n)
	if d == nil {
		return
	}
	mapped := map[string]bool{}
	for _, c := range d.Mapping {
		mapped[c.Value] = true
	}
	r.implicitMapping(d, choices, mapped)
	r.s.Discriminator = d
}

// discriminatorOf reads a discriminator with the mapping that it writes out; nil for one that is broken.
func (c *contractReader) discriminatorOf(n *Node) *Discriminator {
	d := &Discriminator{}
	var property Text
	var mapping *Node
	ok := c.objectX(n, "discriminator",
		required("propertyName", c.text(&property, "propertyName")),
		optional("mapping", func(n *Node) {
			if c.isMap(n, "mapping") {
				mapping = n
			}
		}),
	)
	if !ok || property.Value == "" {
		return nil
	}
	d.Property = property.Value
	if mapping != nil {
		for _, f := range mapping.Fields {
			if s := c.mappingTarget(f.Value); s != nil {
				d.Mapping = append(d.Mapping, DiscriminatorCase{Value: f.Key.Text, Schema: s})
			}
		}
	}
	return d
}

// implicitMapping adds the names of the referenced alternatives that no mapping names.
func (r *schemaReader) implicitMapping(d *Discriminator, choices *Node, mapped map[string]bool) {
	for _, item := range choices.Items {
		target, name := r.resolve(item)
		if target == nil {
			continue
		}
		if name == "" {
			r.addOnce(CodeDiscriminator, item, "an alternative of a discriminator must be a $ref", "move the schema to components/schemas and refer to it")
			continue
		}
		s := r.schema(item)
		named := false
		for _, c := range d.Mapping {
			named = named || c.Schema == s
		}
		if !named && !mapped[name] && s != nil {
			d.Mapping = append(d.Mapping, DiscriminatorCase{Value: name, Schema: s})
		}
	}
}

// mappingTarget resolves a value of mapping: a reference, or the name of a component.
func (c *contractReader) mappingTarget(v *Node) *Schema {
	if !c.scalar(v, "a value of mapping") {
		return nil
	}
	ref := *v
	if !strings.ContainsAny(v.Text, "/#.") {
		ref.Text = "#/components/schemas/" + escapePointer(v.Text)
	}
	target := c.lookup(&ref)
	if target == nil {
		return nil
	}
	if end, _ := c.resolve(target); end == nil {
		return nil
	}
	return c.schema(target)
}

// componentSchemas reads the schemas no operation uses: their faults count too.
func (c *contractReader) componentSchemas() {
	schemas := c.root.Get("components").Get("schemas")
	if schemas == nil || schemas.Kind != MapNode {
		return
	}
	for _, f := range schemas.Fields {
		c.schema(f.Value)
	}
}

// inPlaceCycles finds schemas that contain themselves without a property or item between: to check
// a value against one would never end.
func (c *contractReader) inPlaceCycles() {
	state := map[*Schema]int{} // 1 while it is being looked at, 2 when it is done
	var visit func(s *Schema)
	visit = func(s *Schema) {
		if s == nil || state[s] == 2 {
			return
		}
		if state[s] == 1 {
			if c.first(CodeRefCycle, s.Pos) {
				c.fs.Add(CodeRefCycle, s.Pos, fmt.Sprintf("the schema %s contains itself", schemaName(s)), "a schema may come back to itself only below properties or items")
			}
			return
		}
		state[s] = 1
		for _, list := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
			for _, next := range list {
				visit(next)
			}
		}
		for _, d := range s.DependentSchemas {
			visit(d.Schema)
		}
		state[s] = 2
	}
	// In the order of the places, so that every load reports the same one.
	for _, s := range sortedSchemas(c.schemas) {
		visit(s)
	}
}

func schemaName(s *Schema) string {
	if s.Name != "" {
		return s.Name
	}
	return "here"
}
