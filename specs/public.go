// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Public returns the contract as callers may see it, as JSON and YAML, in one document: what other files
// hold is moved to its components. Left out are all keys that begin with x-, everything that is declared
// x-internal: true (operations, paths, parameters, properties), and every definition that nothing refers
// to any more. fsys is the file system of the workspace.
func (c *Contract) Public(fsys fs.FS) (json, yaml []byte, err error) {
	root, found := ParseYAML(c.File, c.Raw)
	if root == nil || found.HasErrors() {
		return nil, nil, errors.New("the contract cannot be read")
	}
	var faults Findings
	p := &publisher{
		c: &contractReader{
			binder: binder{fs: &faults}, fsys: fsys, docs: map[string]*Node{c.File: root}, root: root,
			index: map[*Node]map[string]*Node{}, once: map[onceKey]bool{},
		},
		names: map[definition]string{}, taken: map[string]bool{}, sections: map[string]*Node{},
		schemes: map[string]bool{}, tags: map[string]bool{},
	}
	out := p.document(root)
	if faults.HasErrors() {
		return nil, nil, faults
	}
	return append([]byte(out.JSON()), '\n'), appendYAML(nil, out, 0), nil
}

// part is a kind of object of an OpenAPI document: what its keys hold.
type part struct {
	// section is where definitions of the kind stand in components; empty if they cannot.
	section string
	// one, list and byName are the kinds of the values of keys: of the value itself, of the items of a list, of
	// the values of a map. All other keys are taken over as they are.
	one, list, byName map[string]string
}

// parts describes the kinds by name.
func publicParts() map[string]part {
	media := map[string]string{"content": "media", "examples": "example", "headers": "header"}
	schemaOf := map[string]string{"schema": "schema"}
	item := part{list: map[string]string{"parameters": "parameter"}, one: map[string]string{}}
	for _, m := range methods() {
		item.one[m] = "operation"
	}
	return map[string]part{
		"item":      item,
		"operation": {one: map[string]string{"requestBody": "body"}, list: item.list, byName: map[string]string{"responses": "response"}},
		"parameter": {section: "parameters", one: schemaOf, byName: media},
		"header":    {section: "headers", one: schemaOf, byName: media},
		"body":      {section: "requestBodies", byName: media},
		"response":  {section: "responses", byName: media},
		"media":     {one: schemaOf, byName: media},
		"example":   {section: "examples"},
		"schema": {
			section: "schemas",
			one: map[string]string{
				"items": "schema", "additionalProperties": "schema", "not": "schema", "propertyNames": "schema", "contains": "schema",
				"if": "schema", "then": "schema", "else": "schema", "unevaluatedProperties": "schema", "unevaluatedItems": "schema",
			},
			list:   map[string]string{"allOf": "schema", "anyOf": "schema", "oneOf": "schema", "prefixItems": "schema"},
			byName: map[string]string{"properties": "schema", "patternProperties": "schema", "dependentSchemas": "schema"},
		},
	}
}

// definition is a node as a kind of object.
type definition struct {
	kind string
	node *Node
}

// publisher copies a contract.
type publisher struct {
	c     *contractReader
	kinds map[string]part
	// names are those of definitions that are in components, taken those that are in use.
	names    map[definition]string
	taken    map[string]bool
	sections map[string]*Node
	schemes  map[string]bool
	tags     map[string]bool
	// hidden are the internal properties of the schemas around, while what applies to the same value is copied.
	hidden []string
}

func scalarNode(text string) *Node { return &Node{Text: text, Quoted: true} }

func (n *Node) put(key string, value *Node) {
	n.Fields = append(n.Fields, NodeField{Key: scalarNode(key), Value: value})
}

func (p *publisher) document(root *Node) *Node {
	p.kinds = publicParts()
	out := &Node{Kind: MapNode}
	paths := &Node{Kind: MapNode}
	for _, f := range root.Get("paths").Fields {
		if strings.HasPrefix(f.Key.Text, "x-") {
			continue
		}
		if item := p.copyOf("item", f.Value); item != nil && slices.ContainsFunc(item.Fields, func(f NodeField) bool { return slices.Contains(methods(), f.Key.Text) }) {
			paths.put(f.Key.Text, item)
		}
	}
	for _, f := range root.Fields {
		switch key := f.Key.Text; key {
		case "openapi", "info", "servers", "externalDocs":
			out.put(key, plainCopy(f.Value))
		case "security":
			p.requirements(f.Value)
			out.put(key, plainCopy(f.Value))
		case "tags":
			if tags := p.usedTags(f.Value); len(tags.Items) > 0 {
				out.put(key, tags)
			}
		case "paths":
			out.put(key, paths)
		}
	}
	if components := p.components(root); len(components.Fields) > 0 {
		out.put("components", components)
	}
	return out
}

func (p *publisher) usedTags(tags *Node) *Node {
	out := &Node{Kind: ListNode}
	for _, t := range tags.Items {
		if name := t.Get("name"); name != nil && p.tags[name.Text] {
			out.Items = append(out.Items, plainCopy(t))
		}
	}
	return out
}

func (p *publisher) components(root *Node) *Node {
	out := &Node{Kind: MapNode}
	for _, section := range []string{"schemas", "responses", "parameters", "examples", "requestBodies", "headers"} {
		if s := p.sections[section]; s != nil {
			out.put(section, s)
		}
	}
	schemes := &Node{Kind: MapNode}
	if all := root.Get("components").Get("securitySchemes"); all != nil {
		for _, f := range all.Fields {
			if target := p.c.target(f.Value); target != nil && p.schemes[f.Key.Text] {
				schemes.put(f.Key.Text, plainCopy(target))
			}
		}
	}
	if len(schemes.Fields) > 0 {
		out.put("securitySchemes", schemes)
	}
	return out
}

// requirements notes the security schemes of a list of requirements.
func (p *publisher) requirements(n *Node) {
	for _, r := range n.Items {
		for _, f := range r.Fields {
			p.schemes[f.Key.Text] = true
		}
	}
}

// plainCopy copies everything but extensions.
func plainCopy(n *Node) *Node {
	out := *n
	out.Fields, out.Items = nil, nil
	for _, f := range n.Fields {
		if !strings.HasPrefix(f.Key.Text, "x-") {
			out.put(f.Key.Text, plainCopy(f.Value))
		}
	}
	for _, i := range n.Items {
		out.Items = append(out.Items, plainCopy(i))
	}
	return &out
}

func internal(n *Node) bool {
	v := n.Get("x-internal")
	return v != nil && v.Text == "true"
}

// copyOf copies an object of a kind; nil if it is internal.
func (p *publisher) copyOf(kind string, n *Node) *Node {
	if n.Kind != MapNode {
		return n // a boolean schema
	}
	if internal(n) {
		return nil
	}
	out := &Node{Kind: MapNode}
	if ref := n.Get("$ref"); ref != nil {
		target := p.c.lookup(ref)
		if target == nil || internal(target) {
			return nil
		}
		if p.kinds[kind].section == "" {
			return p.copyOf(kind, target)
		}
		out.put("$ref", scalarNode(p.define(kind, target, ref.Text)))
	}
	for _, f := range n.Fields {
		if key := f.Key.Text; key != "$ref" && !strings.HasPrefix(key, "x-") {
			p.field(out, kind, key, f.Value, n)
		}
	}
	return out
}

// field copies one key of an object.
func (p *publisher) field(out *Node, kind, key string, v, in *Node) {
	k := p.kinds[kind]
	around := p.hidden
	defer func() { p.hidden = around }()
	if p.hidden = nil; kind == "schema" && appliesInPlace(key) {
		p.hidden = append(around[:len(around):len(around)], p.internalProperties(in.Get("properties"))...)
	} else if key == "properties" || key == "required" || key == "dependentRequired" {
		p.hidden = around
	}
	switch {
	case kind == "operation" && key == "security":
		p.requirements(v)
	case kind == "operation" && key == "tags":
		for _, t := range v.Items {
			p.tags[t.Text] = true
		}
	case kind == "operation" && key == "callbacks":
		return
	case kind == "schema" && key == "discriminator":
		out.put(key, p.discriminator(v))
		return
	case kind == "schema" && (key == "$defs" || key == "definitions"): // those that something refers to are in components
		return
	case kind == "schema" && key == "required" && v.Kind == ListNode:
		v = p.required(v, in.Get("properties"))
	case kind == "schema" && (key == "dependentRequired" || key == "dependentSchemas") && v.Kind == MapNode:
		v = p.dependents(v, in.Get("properties"))
	}
	switch {
	case k.one[key] != "":
		if c := p.copyOf(k.one[key], v); c != nil {
			out.put(key, c)
		}
	case k.list[key] != "" && v.Kind == ListNode:
		list := &Node{Kind: ListNode}
		for _, i := range v.Items {
			if c := p.copyOf(k.list[key], i); c != nil {
				list.Items = append(list.Items, c)
			}
		}
		out.put(key, list)
	case k.byName[key] != "" && v.Kind == MapNode:
		byName := &Node{Kind: MapNode}
		hidden := p.hidden
		if key == "properties" { // below them other names are meant
			p.hidden = nil
		}
		for _, f := range v.Fields {
			if kind == "schema" && key != "patternProperties" && slices.Contains(hidden, f.Key.Text) {
				continue
			}
			if c := p.copyOf(k.byName[key], f.Value); c != nil && (key != "responses" || !strings.HasPrefix(f.Key.Text, "x-")) {
				byName.put(f.Key.Text, c)
			}
		}
		out.put(key, byName)
	default:
		out.put(key, v)
	}
}

// required leaves internal properties out.
func (p *publisher) required(list, properties *Node) *Node {
	out := &Node{Kind: ListNode}
	for _, i := range list.Items {
		if !p.internalIn(properties, i.Text) {
			out.Items = append(out.Items, i)
		}
	}
	return out
}

// appliesInPlace reports whether a keyword holds schemas for the same value.
func appliesInPlace(key string) bool {
	return slices.Contains([]string{"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"}, key)
}

// internalProperties lists the internal ones of some properties.
func (p *publisher) internalProperties(properties *Node) []string {
	if properties == nil {
		return nil
	}
	var out []string
	for _, f := range properties.Fields {
		if p.internalIn(properties, f.Key.Text) {
			out = append(out, f.Key.Text)
		}
	}
	return out
}

// internalIn reports whether a property is internal, here or in a schema around.
func (p *publisher) internalIn(properties *Node, name string) bool {
	if slices.Contains(p.hidden, name) {
		return true
	}
	v := properties.Get(name)
	return v != nil && (internal(v) || v.Get("$ref") != nil && internal(p.c.lookup(v.Get("$ref"))))
}

// dependents leaves internal properties out of what depends on properties.
func (p *publisher) dependents(byName, properties *Node) *Node {
	out := &Node{Kind: MapNode}
	for _, f := range byName.Fields {
		switch {
		case p.internalIn(properties, f.Key.Text):
		case f.Value.Kind == ListNode:
			out.put(f.Key.Text, p.required(f.Value, properties))
		default:
			out.put(f.Key.Text, f.Value)
		}
	}
	return out
}

func (p *publisher) discriminator(d *Node) *Node {
	out := &Node{Kind: MapNode}
	for _, f := range d.Fields {
		switch key := f.Key.Text; {
		case strings.HasPrefix(key, "x-"):
		case key != "mapping":
			out.put(key, f.Value)
		default:
			mapping := &Node{Kind: MapNode}
			for _, m := range f.Value.Fields {
				ref := *m.Value
				if !strings.ContainsAny(ref.Text, "/#.") {
					ref.Text = "#/components/schemas/" + escapePointer(ref.Text)
				}
				if target := p.c.lookup(&ref); target != nil && !internal(target) {
					mapping.put(m.Key.Text, scalarNode(p.define("schema", target, ref.Text)))
				}
			}
			out.put(key, mapping)
		}
	}
	return out
}

// define puts a definition into the components, once, and returns the reference to it.
func (p *publisher) define(kind string, target *Node, ref string) string {
	section := p.kinds[kind].section
	d := definition{kind, target}
	name := p.names[d]
	if name == "" {
		name = p.newName(section, ref)
		p.names[d] = name
		if p.sections[section] == nil {
			p.sections[section] = &Node{Kind: MapNode}
		}
		around := p.hidden
		p.hidden = nil // others refer to it too
		at := len(p.sections[section].Fields)
		p.sections[section].put(name, &Node{Kind: MapNode}) // in front of what it refers to
		if c := p.copyOf(kind, target); c != nil {
			p.sections[section].Fields[at].Value = c
		}
		p.hidden = around
	}
	return "#/components/" + section + "/" + escapePointer(name)
}

// newName takes the name that a reference gives to a definition, or one like it.
func (p *publisher) newName(section, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	name := unescapePointer(fragment[strings.LastIndexByte(fragment, '/')+1:])
	if name == "" {
		name = strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (isLetterOrDigit(byte(r)) || strings.ContainsRune("._-", r)) {
			return r
		}
		return '_'
	}, name)
	for i, base := 2, name; p.taken[section+"/"+name]; i++ {
		name = base + strconv.Itoa(i)
	}
	p.taken[section+"/"+name] = true
	return name
}

func isLetterOrDigit(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// appendYAML writes a node as YAML: maps and lists in block form, texts in JSON quotes where they need them.
func appendYAML(b []byte, n *Node, depth int) []byte {
	indent := strings.Repeat("  ", depth)
	switch {
	case n.Kind == MapNode && len(n.Fields) > 0:
		for _, f := range n.Fields {
			b = append(append(append(b, indent...), yamlText(f.Key)...), ':')
			b = appendYAMLValue(b, f.Value, depth)
		}
	case n.Kind == ListNode && len(n.Items) > 0:
		for _, i := range n.Items {
			b = append(append(b, indent...), '-')
			b = appendYAMLValue(b, i, depth)
		}
	}
	return b
}

func appendYAMLValue(b []byte, n *Node, depth int) []byte {
	if len(n.Fields) > 0 || len(n.Items) > 0 {
		return appendYAML(append(b, '\n'), n, depth+1)
	}
	return append(append(append(b, ' '), yamlText(n)...), '\n')
}

// yamlText writes what has no parts. A text of plain words stands without quotes.
func yamlText(n *Node) string {
	text := n.JSON()
	if n.Kind != ScalarNode || !strings.HasPrefix(text, `"`) {
		return text
	}
	plain := n.Text != "" && isPlainStart(n.Text[0]) && !isYAMLWord(n.Text)
	for i := 0; i < len(n.Text) && plain; i++ {
		plain = isLetterOrDigit(n.Text[i]) || strings.IndexByte("_-./{}$", n.Text[i]) >= 0
	}
	if plain {
		return n.Text
	}
	return text
}

func isPlainStart(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '/' || b == '$'
}

func isYAMLWord(s string) bool {
	return slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(s))
}
