// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
)

// maxContractFiles is how many files a contract may consist of.
const maxContractFiles = 200

// contractReader builds a Contract from the node trees of its documents. References are resolved by
// node, so that the places of everything are known and cyclic schemas are no problem.
type contractReader struct {
	binder
	fsys fs.FS
	// docs holds every document by its file name; nil for those that could not be read.
	docs map[string]*Node
	root *Node
	// v31 is set for OpenAPI 3.1, host for a schema that is no part of the contract.
	v31, host bool
	schemas   map[*Node]*Schema
	// bases are the schemas that others build on.
	bases map[*Schema]*baseSchema
	// index finds the values of large maps by their keys.
	index map[*Node]map[string]*Node
	once  map[onceKey]bool
	// badPath is set while the operations of a path with a faulty template are read.
	badPath bool
	out     *Contract
}

type onceKey struct {
	code string
	pos  Pos
}

// addOnce reports a fault that may be met on several ways.
func (c *contractReader) addOnce(code string, n *Node, message, hint string) {
	if c.first(code, n.Pos) {
		c.add(code, n, message, hint)
	}
}

// first reports whether a code is met at a place for the first time.
func (c *contractReader) first(code string, at Pos) bool {
	key := onceKey{code, at}
	met := c.once[key]
	c.once[key] = true
	return !met
}

// contract reads the contract that lintel.yaml names. It returns nil when there is none to be read.
func (l *loader) contract(name Text) *Contract {
	file, ok := localPath(name.Value)
	if !ok {
		l.findings.Add(CodeOutside, name.Pos, "contract must name a file below the workspace", "copy the contract to the workspace and name it with forward slashes")
		return nil
	}
	src, err := readFile(l.fsys, file)
	if err != nil {
		l.findings.Add(CodeFile, name.Pos, "the contract cannot be read: "+reason(err), "check the name; it is relative to the workspace")
		return nil
	}
	before := len(l.findings)
	root, found := ParseYAML(file, src)
	l.findings = append(l.findings, found...)
	if root == nil {
		if len(found) == 0 {
			l.findings.Add(CodeWrongType, Pos{File: file, Line: 1, Column: 1}, "the contract is empty", "write an OpenAPI 3.0 or 3.1 document")
		}
		return nil
	}
	c := &contractReader{
		binder: l.binder, fsys: l.fsys, docs: map[string]*Node{file: root}, root: root,
		schemas: map[*Node]*Schema{}, index: map[*Node]map[string]*Node{}, once: map[onceKey]bool{}, out: &Contract{File: file, Raw: src},
	}
	if !c.read() {
		return nil
	}
	l.checkDocument(c, src, l.findings[before:])
	return c.out
}

// read reads the document. It gives false if its operations could not be found at all.
func (c *contractReader) read() bool {
	if !c.isMap(c.root, "the contract") || !c.openapi() {
		return false
	}
	skip := func(*Node) {}
	var paths *Node
	c.objectX(c.root, "the contract",
		required("openapi", skip),
		required("info", c.info),
		optional("jsonSchemaDialect", func(n *Node) {
			c.add(CodeNotEnforced, n, "jsonSchemaDialect is not used by Lintel", "remove it: the dialect of OpenAPI is used")
		}),
		optional("servers", skip),
		required("paths", func(n *Node) { paths = n }),
		optional("webhooks", func(n *Node) { c.add(CodeNotEnforced, n, "webhooks are not sent by Lintel", "remove them") }),
		optional("components", c.components),
		optional("security", skip),
		optional("tags", func(n *Node) { c.isList(n, "tags") }),
		optional("externalDocs", skip),
	)
	if paths == nil || !c.isMap(paths, "paths") {
		return false
	}
	if n := c.root.Get("components").Get("securitySchemes"); n != nil {
		c.schemes(n)
	}
	c.paths(paths, c.basePath(c.root.Get("servers")))
	c.componentSchemas()
	c.inPlaceCycles()
	return true
}

// info reads what the document says about itself.
func (c *contractReader) info(n *Node) {
	var title, version Text
	c.objectX(n, "info",
		required("title", c.text(&title, "title")),
		optional("summary", func(*Node) {}),
		optional("description", func(*Node) {}),
		optional("termsOfService", func(*Node) {}),
		optional("contact", func(*Node) {}),
		optional("license", func(*Node) {}),
		required("version", c.text(&version, "version")),
	)
	c.out.Title, c.out.Version = title.Value, version.Value
}

// components checks the names of the sections; what is in them is read where it is referred to.
func (c *contractReader) components(n *Node) {
	var known []field
	for _, k := range []string{"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links", "callbacks", "pathItems"} {
		known = append(known, optional(k, func(n *Node) { c.isMap(n, k) }))
	}
	c.objectX(n, "components", known...)
}

// openapi reads the version of the document.
func (c *contractReader) openapi() bool {
	n := c.root.Get("openapi")
	if n == nil {
		hint := "begin the document with openapi: 3.1.0 or openapi: 3.0.3"
		if c.root.Get("swagger") != nil {
			hint = "convert the Swagger 2.0 document to OpenAPI 3"
		}
		c.add(CodeVersion, c.root, "the document does not say which version of OpenAPI it is", hint)
		return false
	}
	c.out.OpenAPI = n.Text
	c.v31 = strings.HasPrefix(n.Text, "3.1.")
	if !c.v31 && !strings.HasPrefix(n.Text, "3.0.") {
		c.add(CodeVersion, n, fmt.Sprintf("OpenAPI %s is not supported", show(n)), "use version 3.0.x or 3.1.x, written in full as 3.1.0")
		return false
	}
	return true
}

// basePath is the path of the first server, without a slash at its end.
func (c *contractReader) basePath(servers *Node) string {
	if servers == nil || servers.Kind != ListNode || len(servers.Items) == 0 {
		return ""
	}
	base := ""
	for i, s := range servers.Items {
		u := s.Get("url")
		if u == nil {
			continue
		}
		p, ok := serverPath(u.Text, s.Get("variables"))
		switch {
		case !ok:
			c.add(CodeServer, u, fmt.Sprintf("the server URL %s cannot be read", show(u)), "write a URL, or a path such as /v1; variables need a default")
		case i == 0:
			base = p
		case p != base:
			c.warn(CodeServer, u, "only the path of the first server is served", "remove this server, or give it the same path")
		}
	}
	return base
}

// serverPath takes the path out of a server URL, with the defaults of its variables.
func serverPath(text string, variables *Node) (string, bool) {
	for range 20 {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			return "", false
		}
		def := variables.Get(text[open+1 : open+end]).Get("default")
		if def == nil {
			return "", false
		}
		text = text[:open] + def.Text + text[open+end+1:]
	}
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(u.Path, "{}*") {
		return "", false
	}
	p := strings.TrimRight(u.Path, "/")
	if p != "" && p[0] != '/' {
		p = "/" + p
	}
	return p, true
}

// methods are the HTTP methods a path item may have, in lower case as the document has them.
func methods() []string {
	return []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
}

func (c *contractReader) paths(paths *Node, base string) {
	shapes := map[string]*Node{}
	ids := map[string]*Node{}
	for _, f := range paths.Fields {
		if strings.HasPrefix(f.Key.Text, "x-") {
			continue
		}
		shape, names, ok := c.template(f.Key)
		if before := shapes[shape]; ok && before != nil {
			c.add(CodeAmbiguousPath, f.Key, fmt.Sprintf("the path %s differs from %s only in the names of its parameters", show(f.Key), show(before)),
				fmt.Sprintf("the other is in line %d; put the operations together under one path", before.Pos.Line))
			continue
		}
		shapes[shape] = f.Key
		item := c.target(f.Value)
		if item == nil || !c.isMap(item, "a path") {
			continue
		}
		// The operations of a path with a fault are read too: their transforms should find them.
		c.badPath = !ok
		c.pathItem(item, base+f.Key.Text, names, ids)
	}
}

// template checks a path template: parameters take whole segments.
func (c *contractReader) template(key *Node) (shape string, names []string, ok bool) {
	bad := func(message, hint string) (string, []string, bool) {
		c.add(CodePathTemplate, key, message, hint)
		return "", nil, false
	}
	if !strings.HasPrefix(key.Text, "/") {
		return bad(fmt.Sprintf("the path %s does not begin with /", show(key)), "put a / in front")
	}
	segments := strings.Split(key.Text[1:], "/")
	for i, s := range segments {
		if !strings.ContainsAny(s, "{}*?#") {
			continue
		}
		name, found := strings.CutPrefix(s, "{")
		name, closed := strings.CutSuffix(name, "}")
		if !found || !closed || name == "" || strings.ContainsAny(name, "{}*?#:") {
			return bad(fmt.Sprintf("the path %s has a segment that is not a text and not one parameter", show(key)), "a parameter takes a whole segment: /accounts/{id}")
		}
		if slices.Contains(names, name) {
			return bad(fmt.Sprintf("the path %s has the parameter %q twice", show(key), name), "give each parameter a name of its own")
		}
		names = append(names, name)
		segments[i] = "{}"
	}
	return "/" + strings.Join(segments, "/"), names, true
}

func (c *contractReader) pathItem(item *Node, path string, names []string, ids map[string]*Node) {
	known := append(methods(), "summary", "description", "parameters", "servers", "$ref")
	for _, f := range item.Fields {
		key := f.Key.Text
		switch {
		case strings.HasPrefix(key, "x-"):
		case key == "servers":
			c.addOnce(CodeNotEnforced, f.Key, "servers of a path are not used by Lintel", "put the path of the server in front of the path")
		case !slices.Contains(known, key):
			c.addOnce(CodeUnknownKey, f.Key, fmt.Sprintf("unknown key %s in a path", show(f.Key)), didYouMean(key, known))
		}
	}
	shared := c.parameters(item.Get("parameters"))
	for _, m := range methods() {
		if n := item.Get(m); n != nil && c.isMap(n, m) {
			c.operation(item.Key(m), n, path, names, shared, ids)
		}
	}
}
