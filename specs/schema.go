// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxSchemas is how many schemas a contract may have. Readers of a contract follow schemas recursively.
const maxSchemas = 10_000

// notEnforced lists the keywords of JSON Schema 2020-12 that Lintel does not enforce, with what to
// do instead.
func notEnforced(keyword string) (hint string, ok bool) {
	switch keyword {
	case "dependencies":
		return "write dependentRequired or dependentSchemas", true
	case "additionalItems":
		return "write items; beside prefixItems it is about the items behind them", true
	case "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor", "$id", "$schema", "$vocabulary":
		return "remove it; $ref with a JSON pointer is supported", true
	case "contentSchema":
		return "remove it, or use pattern", true
	default:
		return "", false
	}
}

// schemaReader reads the keywords of one schema.
type schemaReader struct {
	*contractReader
	s *Schema
	n *Node
	// nullable and the boolean bounds belong to OpenAPI 3.0.
	nullable, exclusiveMin, exclusiveMax bool
}

// schema reads a schema; nil accepts everything. Nodes that were read already give the same Schema.
func (c *contractReader) schema(n *Node) *Schema {
	if s, ok := c.schemas[n]; ok {
		return s
	}
	switch {
	case n.Kind == ScalarNode && (n.Text == "true" || n.Text == "false") && !n.Quoted:
		if !c.v31 {
			c.addOnce(CodeWrongType, n, "a schema must be a map in OpenAPI 3.0", "write {} for anything, or use version 3.1.0")
		}
		if n.Text == "true" {
			return nil
		}
		return never(n)
	case n.Kind != MapNode:
		c.addOnce(CodeWrongType, n, "a schema must be a map, but is "+kindName(n), "write type: and further keywords below it")
		return nil
	}
	if ref := n.Get("$ref"); ref != nil {
		return c.alternatives(c.referencedSchema(n))
	}
	return c.newSchema(n)
}

// part reads a schema of allOf: of one that others build on, only what it says itself.
func (c *contractReader) part(n *Node) *Schema {
	if n.Get("$ref") != nil {
		return c.referencedSchema(n)
	}
	return c.schema(n)
}

// unbounded is a schema at a place that restricts nothing yet.
func unbounded(n *Node) *Schema {
	return &Schema{Pos: n.Pos, MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1}
}

// never is the schema "false".
func never(n *Node) *Schema {
	s := unbounded(n)
	s.Never = true
	return s
}

func (c *contractReader) newSchema(n *Node) *Schema {
	s := unbounded(n)
	if len(c.schemas) >= maxSchemas {
		c.addOnce(CodeTooLarge, c.root, fmt.Sprintf("the contract has more than %d schemas", maxSchemas), "split the contract")
		return s
	}
	c.schemas[n] = s
	if rest, ok := strings.CutPrefix(n.Path, "/components/schemas/"); ok && !strings.Contains(rest, "/") {
		s.Name = unescapePointer(rest)
		c.base(n, s)
	}
	r := &schemaReader{contractReader: c, s: s, n: n}
	for _, f := range n.Fields {
		r.keyword(f.Key, f.Value)
	}
	r.finish()
	return s
}

// referencedSchema follows a $ref. In OpenAPI 3.1 its siblings hold too.
func (c *contractReader) referencedSchema(n *Node) *Schema {
	var siblings []*Node
	for _, f := range n.Fields {
		switch f.Key.Text {
		case "$ref", "description", "summary", "title", "examples", "example", "$comment":
		default:
			if !strings.HasPrefix(f.Key.Text, "x-") {
				siblings = append(siblings, f.Key)
			}
		}
	}
	if !c.v31 {
		for _, k := range siblings {
			c.addOnce(CodeRefSibling, k, fmt.Sprintf("%s beside $ref is ignored in OpenAPI 3.0", show(k)), "put the $ref into allOf, or use version 3.1.0")
		}
		siblings = nil
	}
	if end, _ := c.resolve(n); end == nil { // it leads nowhere, or back
		return nil
	}
	// One step only: what the reference names may be a reference with siblings itself.
	target := c.lookup(n.Get("$ref"))
	if len(siblings) == 0 {
		return c.schema(target)
	}
	s := c.newSchema(n) // $ref itself is no keyword there
	if t := c.schema(target); t != nil {
		s.AllOf = append([]*Schema{t}, s.AllOf...)
	}
	return s
}

// keyword reads one keyword.
func (r *schemaReader) keyword(key, v *Node) {
	s := r.s
	switch k := key.Text; k {
	case "$ref", "$comment", "example", "examples", "externalDocs", "xml":
	case "type":
		r.types(v)
	case "format":
		r.textTo(&s.Format, v, k)
	case "title":
		r.textTo(&s.Title, v, k)
	case "description":
		r.textTo(&s.Description, v, k)
	case "enum":
		r.enum(v)
	case "const":
		text := v.JSON()
		s.Const = &text
		r.only31(key)
	case "default":
		s.Default = v.JSON()
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		r.number(k, v)
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		r.count(k, v)
	case "pattern":
		r.pattern(&s.Pattern, v)
	case "uniqueItems":
		r.boolean(&s.UniqueItems, k)(v)
	case "readOnly":
		r.boolean(&s.ReadOnly, k)(v)
	case "writeOnly":
		r.boolean(&s.WriteOnly, k)(v)
	case "deprecated":
		r.boolean(&s.Deprecated, k)(v)
	case "contentMediaType": // says what the text holds, and asks for nothing (JSON Schema 2020-12, validation, 8.4)
		r.only31(key)
	case "contentEncoding":
		r.only31(key)
		r.contentEncoding(v)
	case "nullable":
		r.nullableKey(key, v)
	case "required":
		r.requiredNames(v)
	default:
		r.applicator(key, v)
	}
}

// applicator reads the keywords that hold further schemas.
func (r *schemaReader) applicator(key, v *Node) {
	s := r.s
	switch k := key.Text; k {
	case "properties":
		s.Properties = r.properties(v, k)
	case "patternProperties":
		r.only31(key)
		s.PatternProperties = r.properties(v, k)
		for _, p := range v.Fields {
			var pattern string
			r.pattern(&pattern, p.Key)
		}
	case "additionalProperties":
		s.Additional = r.additional(v)
	case "items":
		if v.Kind == ListNode {
			r.addOnce(CodeNotEnforced, key, "a list of schemas in items is not enforced by Lintel", "write prefixItems in its place (OpenAPI 3.1), or one schema for all items")
			return
		}
		s.Items = r.given(v)
	case "allOf":
		s.AllOf = r.list(v, k)
	case "anyOf":
		s.AnyOf = r.list(v, k)
	case "oneOf":
		s.OneOf = r.list(v, k)
	case "not":
		if s.Not = r.schema(v); s.Not == nil { // not: {} or not: true
			s.Never = v.Kind == ScalarNode
		}
	case "discriminator":
		// read by finish, when oneOf and anyOf are known
	case "$defs", "definitions":
		r.defs(v, k)
	default:
		if r.keyword31(key, v) || r.hostKeyword(key, v) {
			return
		}
		r.unknown(key)
	}
}

func (r *schemaReader) unknown(key *Node) {
	if strings.HasPrefix(key.Text, "x-") {
		return
	}
	if hint, ok := notEnforced(key.Text); ok {
		r.addOnce(CodeNotEnforced, key, fmt.Sprintf("the keyword %s is not enforced by Lintel", show(key)), hint)
		return
	}
	r.addOnce(CodeUnknownKey, key, fmt.Sprintf("unknown keyword %s in a schema", show(key)), didYouMean(key.Text, keywords()))
}

// keywords are the keywords that a schema may have.
func keywords() []string {
	return []string{
		"type", "format", "title", "description", "enum", "const", "default", "minimum", "maximum", "exclusiveMinimum",
		"exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
		"pattern", "contentEncoding", "contentMediaType", "uniqueItems", "readOnly", "writeOnly", "deprecated", "nullable", "required", "properties",
		"patternProperties", "additionalProperties", "items", "allOf", "anyOf", "oneOf", "not", "discriminator",
		"propertyNames", "dependentRequired", "dependentSchemas", "prefixItems", "contains", "minContains", "maxContains",
		"if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "example", "examples", "externalDocs", "xml",
	}
}

func (r *schemaReader) only31(key *Node) {
	if !r.v31 {
		r.addOnce(CodeNotEnforced, key, fmt.Sprintf("the keyword %s does not exist in OpenAPI 3.0", show(key)), "use version 3.1.0")
	}
}

func (r *schemaReader) nullableKey(key, v *Node) {
	if r.v31 {
		r.addOnce(CodeNotEnforced, key, "nullable does not exist in OpenAPI 3.1", `write type: [string, "null"]`)
		return
	}
	r.boolean(&r.nullable, "nullable")(v)
}

// contentEncoding is enforced where it is what format: byte was in OpenAPI 3.0.
func (r *schemaReader) contentEncoding(v *Node) {
	if !strings.EqualFold(v.Text, "base64") {
		r.addOnce(CodeNotEnforced, v, fmt.Sprintf("the encoding %s is not enforced by Lintel", show(v)), "write base64, or use pattern")
		return
	}
	if r.n.Get("format") == nil {
		r.s.Format = "byte"
	}
}

func (r *schemaReader) textTo(to *string, v *Node, what string) {
	if v.Kind != ScalarNode {
		r.addOnce(CodeWrongType, v, fmt.Sprintf("%s must be a single value, but is %s", what, kindName(v)), "write the text behind the colon")
		return
	}
	*to = v.Text
}

func (r *schemaReader) properties(v *Node, what string) []*Property {
	if !r.isMap(v, what) {
		return nil
	}
	out := make([]*Property, 0, len(v.Fields))
	for _, f := range v.Fields {
		out = append(out, &Property{Name: f.Key.Text, Schema: r.schema(f.Value), Pos: f.Key.Pos})
	}
	return out
}

// additional reads additionalProperties, which may be a boolean in 3.0 too.
func (r *schemaReader) additional(v *Node) *Schema {
	if v.Kind == ScalarNode && v.Text == "false" {
		return never(v)
	}
	if v.Kind == ScalarNode && v.Text == "true" {
		return unbounded(v) // not nil: the contract says so, which opens an object of a request
	}
	return r.schema(v)
}

func (r *schemaReader) list(v *Node, what string) []*Schema {
	if !r.isList(v, what) {
		return nil
	}
	if len(v.Items) == 0 {
		r.addOnce(CodeOutOfRange, v, what+" must have at least one schema", "")
	}
	out := make([]*Schema, 0, len(v.Items))
	read := r.schema
	if what == "allOf" {
		read = r.part
	}
	for _, i := range v.Items {
		out = append(out, read(i))
	}
	return out
}

func (r *schemaReader) defs(v *Node, what string) {
	r.properties(v, what)
}

// finish translates OpenAPI 3.0 to the meaning of 2020-12 and checks what depends on several keywords.
func (r *schemaReader) finish() {
	s := r.s
	if r.nullable && len(s.Types) > 0 { // without a type, nullable has no effect (OpenAPI 3.0.3)
		s.Types = append(s.Types, "null")
	}
	if r.exclusiveMin && s.Minimum != "" {
		s.ExclusiveMinimum, s.Minimum = s.Minimum, ""
	}
	if r.exclusiveMax && s.Maximum != "" {
		s.ExclusiveMaximum, s.Maximum = s.Maximum, ""
	}
	for _, b := range []struct {
		low, high int
		key       string
	}{{s.MinLength, s.MaxLength, "maxLength"}, {s.MinItems, s.MaxItems, "maxItems"}, {s.MinProperties, s.MaxProperties, "maxProperties"}} {
		if b.high >= 0 && b.low > b.high {
			r.addOnce(CodeOutOfRange, r.n.Get(b.key), fmt.Sprintf("%s is smaller than its minimum: nothing is valid", b.key), "")
		}
	}
	r.finish31()
	if d := r.n.Get("discriminator"); d != nil {
		r.discriminator(d)
	}
}

// sortedSchemas lists schemas by their places.
func sortedSchemas(schemas map[*Node]*Schema) []*Schema {
	out := slices.Collect(maps.Values(schemas))
	slices.SortFunc(out, func(a, b *Schema) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return out
}
