// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
)

// maxParameters is how many parameters a list may have.
const maxParameters = 500

// parameters reads a list of parameters.
func (c *contractReader) parameters(n *Node) []*Parameter {
	if n == nil || !c.isList(n, "parameters") {
		return nil
	}
	if len(n.Items) > maxParameters {
		c.addOnce(CodeTooLarge, n, fmt.Sprintf("the list has %d parameters, at most %d are read", len(n.Items), maxParameters), "move some of them to a request body")
		return nil
	}
	var out []*Parameter
	for _, item := range n.Items {
		target := c.target(item)
		if target == nil || !c.isMap(target, "a parameter") {
			continue
		}
		p := c.parameter(target)
		if p == nil {
			continue
		}
		if slices.ContainsFunc(out, func(q *Parameter) bool { return q.Name == p.Name && q.In == p.In }) {
			c.addOnce(CodeParameter, item, fmt.Sprintf("the %s parameter %q stands twice in this list", p.In, p.Name), "remove one of them")
			continue
		}
		out = append(out, p)
	}
	return out
}

// styles are the styles a parameter may have at a place, the default first.
func styles(in string) []string {
	switch in {
	case "path":
		return []string{"simple", "label", "matrix"}
	case "query":
		return []string{"form", "spaceDelimited", "pipeDelimited", "deepObject"}
	case "cookie":
		return []string{"form"}
	default:
		return []string{"simple"}
	}
}

func (c *contractReader) parameter(n *Node) *Parameter {
	p := &Parameter{Pos: n.Pos}
	var name Text
	in := n.Get("in")
	known := append([]field{
		required("name", c.text(&name, "name")),
		required("in", c.word("in", []string{"path", "query", "header", "cookie"}, func(n *Node) { p.In = n.Text })),
	}, c.parameterFields(p, n)...)
	if !c.objectX(n, "a parameter", known...) || p.In == "" || name.Value == "" {
		return nil
	}
	p.Name = name.Value
	if p.In == "path" && !p.Required {
		at := in
		if r := n.Get("required"); r != nil {
			at = r
		}
		c.addOnce(CodeParameter, at, fmt.Sprintf("the path parameter %q must be required", p.Name), "add required: true")
	}
	if p.In == "header" && slices.ContainsFunc([]string{"Accept", "Content-Type", "Authorization"}, func(h string) bool { return strings.EqualFold(h, p.Name) }) {
		c.warn(CodeParameter, in, fmt.Sprintf("the header %s cannot be a parameter: OpenAPI ignores it", p.Name), "remove the parameter; content and security say what these headers mean")
		return nil
	}
	c.style(p, n)
	return p
}

// parameterFields are the keys that parameters and headers share.
func (c *contractReader) parameterFields(p *Parameter, n *Node) []field {
	return []field{
		optional("description", func(*Node) {}),
		optional("required", c.boolean(&p.Required, "required")),
		optional("deprecated", func(*Node) {}),
		optional("allowEmptyValue", func(v *Node) {
			if v.Text != "false" {
				c.addOnce(CodeNotEnforced, n.Key("allowEmptyValue"), "allowEmptyValue is not enforced by Lintel", "remove it; OpenAPI itself advises against it")
			}
		}),
		optional("style", func(n *Node) {
			if c.scalar(n, "style") {
				p.Style = n.Text
			}
		}),
		optional("explode", c.boolean(&p.Explode, "explode")),
		optional("allowReserved", c.boolean(&p.AllowReserved, "allowReserved")),
		optional("schema", func(n *Node) { p.Schema = c.schema(n) }),
		optional("content", func(v *Node) { c.parameterContent(p, n, v) }),
		optional("example", func(*Node) {}),
		optional("examples", func(*Node) {}),
	}
}

// parameterContent reads the media type of a parameter whose value is a document.
func (c *contractReader) parameterContent(p *Parameter, n, v *Node) {
	content := c.content(v)
	for _, key := range []string{"schema", "style", "explode", "allowReserved"} {
		if k := n.Key(key); k != nil {
			c.addOnce(CodeParameter, k, key+" and content exclude each other", "remove one of them")
		}
	}
	switch {
	case len(content) != 1:
		if v.Kind == MapNode {
			c.addOnce(CodeParameter, v, fmt.Sprintf("content of a parameter must have one media type, but has %d", len(content)), "write application/json with its schema")
		}
	case content[0].Kind != MediaJSON:
		c.addOnce(CodeNotEnforced, v, fmt.Sprintf("a parameter of the media type %q is not read by Lintel", content[0].Type), "write application/json, or give the parameter a schema instead")
	default:
		p.JSON, p.Schema = true, content[0].Schema
	}
}

// style checks the style and fills in its default and that of explode.
func (c *contractReader) style(p *Parameter, n *Node) {
	allowed := styles(p.In)
	if p.Style == "" {
		p.Style = allowed[0]
	}
	if !slices.Contains(allowed, p.Style) {
		c.addOnce(CodeParameter, n.Get("style"), fmt.Sprintf("a %s parameter cannot have the style %s", p.In, show(n.Get("style"))), didYouMean(p.Style, allowed))
		p.Style = allowed[0]
	}
	if n.Get("explode") == nil {
		p.Explode = p.Style == "form"
	}
}

// headers reads the headers of a response.
func (c *contractReader) headers(n *Node) []*Parameter {
	if !c.isMap(n, "headers") {
		return nil
	}
	var out []*Parameter
	for _, f := range n.Fields {
		target := c.target(f.Value)
		if target == nil {
			continue
		}
		p := &Parameter{Name: f.Key.Text, In: "header", Pos: f.Key.Pos}
		if !c.objectX(target, "a header", c.parameterFields(p, target)...) {
			continue
		}
		c.style(p, target)
		out = append(out, p)
	}
	return out
}
