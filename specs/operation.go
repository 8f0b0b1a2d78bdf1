// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// operation reads one operation of a path item.
func (c *contractReader) operation(key, n *Node, path string, names []string, shared []*Parameter, ids map[string]*Node) {
	o := &Operation{Method: strings.ToUpper(key.Text), Path: path, Pos: key.Pos}
	c.operationKeys(n)
	c.operationID(o, key, n, ids)
	if d := n.Get("deprecated"); d != nil {
		c.boolean(&o.Deprecated, "deprecated")(d)
	}
	c.day(&o.DeprecatedAt, n.Get("x-deprecated"), "x-deprecated")
	c.day(&o.Sunset, n.Get("x-sunset"), "x-sunset")
	o.Parameters = c.parameters(n.Get("parameters"))
	for _, s := range shared {
		same := func(p *Parameter) bool { return p.Name == s.Name && p.In == s.In }
		if !slices.ContainsFunc(o.Parameters, same) {
			o.Parameters = append(o.Parameters, s)
		}
	}
	if !c.badPath {
		c.pathParameters(o, key, names)
	}
	if b := n.Get("requestBody"); b != nil {
		o.Body = c.body(b)
	}
	c.responses(o, key, n.Get("responses"))
	security := n.Get("security")
	if security == nil {
		security = c.root.Get("security")
	}
	if security != nil {
		c.security(o, security)
	}
	c.out.Operations = append(c.out.Operations, o)
}

// operationKeys reports keys of an operation that are not known, or known and not done.
func (c *contractReader) operationKeys(n *Node) {
	known := []string{"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses", "deprecated", "security", "callbacks", "servers"}
	for _, f := range n.Fields {
		switch key := f.Key.Text; {
		case strings.HasPrefix(key, "x-"):
		case key == "callbacks":
			c.add(CodeNotEnforced, f.Key, "callbacks are not made by Lintel", "remove them")
		case key == "servers":
			c.add(CodeNotEnforced, f.Key, "servers of an operation are not used by Lintel", "put the path of the server in front of the path")
		case !slices.Contains(known, key):
			c.add(CodeUnknownKey, f.Key, fmt.Sprintf("unknown key %s in an operation", show(f.Key)), didYouMean(key, known))
		}
	}
}

func (c *contractReader) operationID(o *Operation, key, n *Node, ids map[string]*Node) {
	id := n.Get("operationId")
	switch {
	case id == nil:
		c.add(CodeOperationID, key, fmt.Sprintf("the operation %s %s has no operationId", o.Method, o.Path), "add operationId: with a name such as getAccount; the transform is named for it")
		return
	case !c.scalar(id, "operationId"):
		return
	case !validOperationID(id.Text):
		c.add(CodeOperationID, id, fmt.Sprintf("the operationId %s cannot name a file", show(id)), "use letters, digits, - and _, beginning with a letter")
		return
	case ids[id.Text] != nil:
		c.add(CodeOperationID, id, fmt.Sprintf("the operationId %s is used twice", show(id)), fmt.Sprintf("the first is in line %d; change one", ids[id.Text].Pos.Line))
		return
	}
	ids[id.Text] = id
	o.ID = id.Text
}

// validOperationID reports whether an operationId can be the name of a file on every system.
func validOperationID(s string) bool {
	for i, c := range s {
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c != '-' && c != '_' && c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= 120
}

// pathParameters compares the parameters of the template with those that are declared.
func (c *contractReader) pathParameters(o *Operation, key *Node, names []string) {
	for _, name := range names {
		if !slices.ContainsFunc(o.Parameters, func(p *Parameter) bool { return p.In == "path" && p.Name == name }) {
			c.add(CodePathParameter, key, fmt.Sprintf("the path parameter %q is not declared", name), fmt.Sprintf("add {name: %s, in: path, required: true, schema: ...} to parameters", name))
		}
	}
	for _, p := range o.Parameters {
		if p.In == "path" && !slices.Contains(names, p.Name) {
			c.fs.Add(CodePathParameter, p.Pos, fmt.Sprintf("the path %s has no parameter %q", o.Path, p.Name), didYouMean(p.Name, names))
		}
	}
}

// security reads the requirements of an operation, its own or those of the document.
func (c *contractReader) security(o *Operation, n *Node) {
	if !c.isList(n, "security") {
		return
	}
	o.HasSecurity = true
	o.Security = []SecurityRequirement{}
	for _, item := range n.Items {
		if !c.isMap(item, "a security requirement") {
			continue
		}
		r := SecurityRequirement{Pos: item.Pos}
		for _, f := range item.Fields {
			r.Schemes = append(r.Schemes, c.schemeUse(f))
		}
		o.Security = append(o.Security, r)
	}
}

func (c *contractReader) body(n *Node) *Body {
	if n = c.target(n); n == nil {
		return nil
	}
	b := &Body{Pos: n.Pos}
	ok := c.objectX(n, "a request body",
		optional("description", func(*Node) {}),
		optional("required", c.boolean(&b.Required, "required")),
		required("content", func(n *Node) { b.Content = c.content(n) }),
	)
	if !ok {
		return nil
	}
	c.media(b.Content, n.Get("content"), "the request body", (*MediaType).Received)
	return b
}

// objectX is object for parts of an OpenAPI document, where keys that begin with x- are allowed.
func (c *contractReader) objectX(n *Node, what string, known ...field) bool {
	if n.Kind == MapNode {
		plain := *n
		plain.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f NodeField) bool { return strings.HasPrefix(f.Key.Text, "x-") })
		n = &plain
	}
	return c.object(n, what, known...)
}

func (c *contractReader) content(n *Node) []*MediaType {
	if !c.isMap(n, "content") {
		return nil
	}
	var out []*MediaType
	for _, f := range n.Fields {
		m := &MediaType{Type: f.Key.Text, Pos: f.Key.Pos}
		c.objectX(f.Value, "a media type",
			optional("schema", func(n *Node) { m.Schema = c.schema(n) }),
			optional("example", func(*Node) {}),
			optional("examples", func(*Node) {}),
			optional("encoding", func(n *Node) {
				c.encoding(m, n)
			}),
		)
		m.Kind = readMediaKind(m)
		out = append(out, m)
	}
	return out
}

func (c *contractReader) responses(o *Operation, key, n *Node) {
	if n == nil {
		c.add(CodeMissingKey, key, `an operation needs the key "responses"`, "add the statuses it answers with")
		return
	}
	if !c.isMap(n, "responses") {
		return
	}
	for _, f := range n.Fields {
		if strings.HasPrefix(f.Key.Text, "x-") {
			continue
		}
		if !validStatus(f.Key.Text) {
			c.addOnce(CodeStatus, f.Key, fmt.Sprintf("%s is not a status", show(f.Key)), "write a status from 200 to 599, a class as 4XX, or default")
			continue
		}
		if r := c.response(f.Key, f.Value); r != nil {
			o.Responses = append(o.Responses, r)
		}
	}
	if len(o.Responses) == 0 {
		c.addOnce(CodeMissingKey, n, "responses must have at least one status", "add the statuses it answers with")
	}
}

func validStatus(s string) bool {
	if s == "default" {
		return true
	}
	if len(s) != 3 || s[0] < '1' || s[0] > '5' {
		return false
	}
	return s[1:] == "XX" || digits(s) == 3
}

func (c *contractReader) response(key, n *Node) *Response {
	if n = c.target(n); n == nil {
		return nil
	}
	r := &Response{Status: key.Text, Pos: key.Pos}
	ok := c.objectX(n, "a response",
		optional("description", func(*Node) {}),
		optional("headers", func(n *Node) { r.Headers = c.headers(n) }),
		optional("content", func(n *Node) { r.Content = c.content(n) }),
		optional("links", func(*Node) {}),
	)
	if !ok {
		return nil
	}
	answers := r.AnswerMedia()
	c.media(r.Content, n.Get("content"), "the response "+r.Status, func(m *MediaType) bool { return slices.Contains(answers, m) })
	return r
}

// day reads a day, which begins in UTC, or a time of RFC 3339.
func (b *binder) day(to *time.Time, n *Node, what string) {
	if n == nil || !b.scalar(n, what) {
		return
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, n.Text); err == nil {
			*to = t
			return
		}
	}
	b.add(CodeFormat, n, fmt.Sprintf("%s must be a day or a time, not %s", what, show(n)), "write 2027-01-31 or 2027-01-31T12:00:00Z")
}
