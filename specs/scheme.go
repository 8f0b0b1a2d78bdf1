// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
)

// SecurityScheme is one entry of components/securitySchemes: where a caller shows who it is.
type SecurityScheme struct {
	Name string
	// Type is apiKey, http, oauth2, openIdConnect or mutualTLS.
	Type string
	// In and Parameter say where an API key stands: in a header, query or cookie of that name.
	In, Parameter string
	// HTTP is the scheme of RFC 9110 in lower case, for the type http: bearer, basic.
	HTTP string
	// Scopes are those that the flows of an oauth2 scheme declare.
	Scopes []string
	Pos    Pos
}

// Key reports whether the scheme is an API key.
func (s *SecurityScheme) Key() bool { return s.Type == "apiKey" }

// Basic reports whether the scheme is a name and a password in the header Authorization.
func (s *SecurityScheme) Basic() bool { return s.Type == "http" && s.HTTP == "basic" }

// Certificate reports whether the scheme is the certificate of a client.
func (s *SecurityScheme) Certificate() bool { return s.Type == "mutualTLS" }

// Bearer reports whether the scheme is a token in the header Authorization.
func (s *SecurityScheme) Bearer() bool {
	return s.Type == "oauth2" || s.Type == "openIdConnect" || s.Type == "http" && s.HTTP == "bearer"
}

// Scheme returns the security scheme with that name, or nil.
func (c *Contract) Scheme(name string) *SecurityScheme {
	for _, s := range c.Schemes {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// schemes reads components/securitySchemes.
func (c *contractReader) schemes(n *Node) {
	if !c.isMap(n, "securitySchemes") {
		return
	}
	for _, f := range n.Fields {
		if def := c.target(f.Value); def != nil {
			c.out.Schemes = append(c.out.Schemes, c.scheme(f.Key, def))
		}
	}
}

// scheme reads one definition. What its type needs and lacks is reported here, so that nothing is
// half known later.
func (c *contractReader) scheme(key, n *Node) *SecurityScheme {
	s := &SecurityScheme{Name: key.Text, Pos: key.Pos}
	skip := func(*Node) {}
	known := []field{optional("description", skip)}
	types := []string{"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"}
	if t := n.Get("type"); t != nil && slices.Contains(types, t.Text) {
		s.Type = t.Text
	}
	known = append(known, required("type", c.word("type", types, func(*Node) {})))
	switch s.Type {
	case "apiKey":
		var name Text
		known = append(known, required("in", c.word("in", []string{"header", "query", "cookie"}, func(n *Node) { s.In = n.Text })),
			required("name", func(n *Node) {
				c.text(&name, "name")(n)
				if s.Parameter = name.Value; s.In != "query" && name.Value != "" && !validToken(name.Value) {
					c.add(CodeFormat, n, fmt.Sprintf("%s is not the name of a header or cookie", show(n)), "use letters, digits and -")
				}
			}))
	case "http":
		known = append(known, required("scheme", func(n *Node) {
			if c.scalar(n, "scheme") {
				s.HTTP = strings.ToLower(n.Text)
			}
		}), optional("bearerFormat", skip))
	case "oauth2":
		known = append(known, required("flows", func(n *Node) { s.Scopes = c.flowScopes(n) }))
	case "openIdConnect":
		known = append(known, required("openIdConnectUrl", skip))
	}
	if s.Type != "" || n.Kind != MapNode || n.Get("type") == nil {
		c.objectX(n, "a security scheme", known...)
		return s
	}
	c.word("type", types, func(*Node) {})(n.Get("type"))
	return s
}

// flowScopes collects the scopes of all flows.
func (c *contractReader) flowScopes(n *Node) []string {
	var out []string
	if !c.isMap(n, "flows") {
		return nil
	}
	for _, flow := range n.Fields {
		if scopes := flow.Value.Get("scopes"); scopes != nil {
			for _, f := range scopes.Fields {
				out = append(out, f.Key.Text)
			}
		}
	}
	return out
}

// schemeUse reads the use of one scheme in a requirement.
func (c *contractReader) schemeUse(f NodeField) SchemeUse {
	use := SchemeUse{Name: f.Key.Text}
	def := c.out.Scheme(use.Name)
	if def == nil {
		var names []string
		for _, s := range c.out.Schemes {
			names = append(names, s.Name)
		}
		c.addOnce(CodeScheme, f.Key, fmt.Sprintf("the security scheme %s is not defined", show(f.Key)), didYouMean(f.Key.Text, sorted(names)))
	}
	if !c.isList(f.Value, "the scopes of a requirement") {
		return use
	}
	for _, s := range f.Value.Items {
		if !c.scalar(s, "a scope") {
			continue
		}
		use.Scopes = append(use.Scopes, s.Text)
		switch {
		case !validScope(s.Text):
			c.addOnce(CodeScheme, s, fmt.Sprintf("%s is not a scope", show(s)), "a scope has no blanks, quotes or backslashes")
		case def != nil && def.Type == "oauth2" && !slices.Contains(def.Scopes, s.Text):
			c.addOnce(CodeScheme, s, fmt.Sprintf("no flow of the scheme %s declares the scope %s", show(f.Key), show(s)), didYouMean(s.Text, sorted(slices.Clone(def.Scopes))))
		}
	}
	return use
}

// validScope reports whether s is a scope-token of RFC 6749, appendix A.4.
func validScope(s string) bool {
	for i := 0; i < len(s); i++ {
		if b := s[i]; b <= ' ' || b >= 0x7f || b == '"' || b == '\\' {
			return false
		}
	}
	return s != ""
}
