// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SecurityConfig is the security section of lintel.yaml.
type SecurityConfig struct {
	Schemes []*SchemeConfig
}

// SchemeConfig says how one security scheme of the contract is verified. It has Keys, for API keys and
// basic authentication, Certificates, for mutual TLS, or an Issuer, for tokens.
type SchemeConfig struct {
	Name string
	Pos  Pos
	// KeysFile is the file with the hashes of API keys; Keys is what is in it.
	KeysFile Text
	Keys     []*ClientKey

	// Basic allows the keys as passwords of HTTP basic authentication.
	Basic bool

	// CertificatesFile is the file that says whose the certificates of clients are; Certificates is what is in it.
	CertificatesFile Text
	Certificates     []*ClientCertificate

	// Issuer is an https URL: the claim iss of every token, and where discovery begins.
	Issuer Text
	// Audiences are the values of which the claim aud must have one.
	Audiences []string
	// JWKS is a file below the workspace or an https URL; empty means discovery from the issuer.
	JWKS Text
	// CA is a PEM file with the roots trusted for the issuer; empty means the system's.
	CA Text
	// Algorithms are those that tokens may be signed with; default RS256, PS256, ES256, EdDSA.
	Algorithms []string
	// Skew is how far clocks may differ; default 1 min.
	Skew time.Duration
	// Claims are claims that a token must have with that text.
	Claims []RequiredClaim
	// Roles is the claim with the caller's roles: names joined by dots lead into objects.
	Roles string
	// LogClient allows the name of the client in the access log.
	LogClient bool
}

// RequiredClaim is a claim and the text it must be, or hold as one of a list.
type RequiredClaim struct{ Name, Value string }

// JWKSIsFile reports whether JWKS names a file.
func (s *SchemeConfig) JWKSIsFile() bool {
	return s.JWKS.Value != "" && !strings.Contains(s.JWKS.Value, "://")
}

// Scheme returns the configuration of that scheme, or nil.
func (s *SecurityConfig) Scheme(name string) *SchemeConfig {
	for _, c := range s.Schemes {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// asymmetric lists the algorithms that tokens may be signed with. Neither none nor the HS family is
// among them: a secret shared with the issuer could sign tokens as well as verify them.
func asymmetric() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// security binds the section of that name.
func (l *loader) security(s *SecurityConfig, n *Node) {
	l.object(n, "security", optional("schemes", func(n *Node) {
		if !l.isMap(n, "schemes") {
			return
		}
		for _, f := range n.Fields {
			s.Schemes = append(s.Schemes, l.schemeConfig(f.Key, f.Value))
		}
	}))
}

func (l *loader) schemeConfig(key, n *Node) *SchemeConfig {
	s := &SchemeConfig{
		Name: key.Text, Pos: key.Pos, Skew: time.Minute,
		Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"},
	}
	var roles Text
	what := fmt.Sprintf("scheme %q", s.Name)
	ok := l.object(n, what,
		optional("keys", func(n *Node) {
			if l.file(&s.KeysFile, "keys")(n); s.KeysFile.Value != "" {
				s.Keys = l.clientKeys(s.KeysFile)
			}
		}),
		optional("basic", l.boolean(&s.Basic, "basic")),
		optional("certificates", func(n *Node) {
			if l.file(&s.CertificatesFile, "certificates")(n); s.CertificatesFile.Value != "" {
				s.Certificates = l.clientCertificates(s.CertificatesFile)
			}
		}),
		optional("issuer", l.httpsURL(&s.Issuer, "issuer")),
		optional("audience", func(n *Node) { s.Audiences = l.texts(n, "audience") }),
		optional("jwks", func(n *Node) { l.jwks(&s.JWKS, n) }),
		optional("ca", l.file(&s.CA, "ca")),
		optional("algorithms", func(n *Node) { s.Algorithms = l.algorithms(n) }),
		optional("skew", l.duration(&s.Skew, "skew", 0, 10*time.Minute)),
		optional("claims", func(n *Node) { s.Claims = l.requiredClaims(n) }),
		optional("roles", l.text(&roles, "roles")),
		optional("logClient", l.boolean(&s.LogClient, "logClient")),
	)
	s.Roles = roles.Value
	if ok {
		l.schemeKind(key, n, what)
	}
	return s
}

// schemeKind checks that a scheme is one of API keys, one of certificates or one of tokens.
func (l *loader) schemeKind(key, n *Node, what string) {
	keys, issuer := n.Key("keys"), n.Key("issuer")
	if certificates := n.Key("certificates"); certificates != nil {
		l.certificatesKind(n, what)
		return
	}
	if basic := n.Key("basic"); basic != nil && keys == nil {
		l.add(CodeTogether, basic, "basic needs keys: the passwords are keys", "add keys: with a file of hashes, or remove basic")
	}
	switch {
	case keys == nil && issuer == nil:
		l.add(CodeMissingKey, key, what+" does not say how callers are verified", "add keys: with a file of hashes for API keys, certificates: for mutual TLS, or issuer: and audience: for tokens")
	case keys != nil && issuer != nil:
		l.add(CodeExclusive, issuer, what+" has keys and an issuer", "keep keys for API keys, issuer for tokens")
	case issuer != nil && n.Get("audience") == nil:
		l.add(CodeMissingKey, issuer, what+` needs the key "audience"`, "add audience: with the name that the issuer gives to this API; without it, tokens for every other API would be taken")
	case keys != nil:
		for _, k := range []string{"audience", "jwks", "ca", "algorithms", "skew", "claims", "roles"} {
			if at := n.Key(k); at != nil {
				l.add(CodeExclusive, at, fmt.Sprintf("%s is for tokens, and %s has API keys", k, what), "remove it")
			}
		}
	}
}

// certificatesKind checks that a scheme of certificates has nothing of the others.
func (l *loader) certificatesKind(n *Node, what string) {
	for _, f := range n.Fields {
		if k := f.Key.Text; k != "certificates" && k != "logClient" {
			l.add(CodeExclusive, f.Key, fmt.Sprintf("%s does not go with the certificates of %s", k, what), "remove it")
		}
	}
}

// httpsURL binds a URL that nobody on the way can change.
func (l *loader) httpsURL(to *Text, name string) func(*Node) {
	return func(n *Node) {
		var t Text
		l.text(&t, name)(n)
		if t.Value == "" {
			return
		}
		u, err := url.Parse(t.Value)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "" && name == "issuer" {
			l.add(CodeURL, n, name+" must be a plain https URL", "write https://host/path, without a user, a query or a fragment; keys that come over http could be anybody's")
			return
		}
		*to = t
	}
}

// jwks binds the place of the issuer's keys: a file, or a URL.
func (l *loader) jwks(to *Text, n *Node) {
	if n.Kind == ScalarNode && strings.Contains(n.Text, "://") {
		l.httpsURL(to, "jwks")(n)
		return
	}
	l.file(to, "jwks")(n)
}

// texts binds one text or a list of them.
func (l *loader) texts(n *Node, what string) []string {
	items := l.oneOrMany(n)
	var out []string
	for _, i := range items {
		var t Text
		if l.text(&t, what)(i); t.Value != "" {
			out = append(out, t.Value)
		}
	}
	if len(items) == 0 {
		l.add(CodeOutOfRange, n, what+" must not be empty", "")
	}
	return out
}

func (l *loader) algorithms(n *Node) []string {
	if !l.isList(n, "algorithms") {
		return nil
	}
	var out []string
	for _, i := range n.Items {
		switch {
		case !l.scalar(i, "an algorithm"):
		case strings.EqualFold(i.Text, "none"):
			l.add(CodeAlgorithm, i, "tokens without a signature are never accepted", "remove none")
		case strings.HasPrefix(i.Text, "HS"):
			l.add(CodeAlgorithm, i, fmt.Sprintf("%s needs a secret shared with the issuer, and whoever can verify with it can sign", show(i)), "let the issuer sign with RS256, PS256, ES256 or EdDSA")
		case !slices.Contains(asymmetric(), i.Text):
			l.add(CodeAlgorithm, i, fmt.Sprintf("%s is not an algorithm that tokens are verified with", show(i)), "known are "+strings.Join(asymmetric(), ", "))
		default:
			out = append(out, i.Text)
		}
	}
	if len(n.Items) == 0 {
		l.add(CodeOutOfRange, n, "algorithms must not be empty", "remove it for the default")
	}
	return out
}

func (l *loader) requiredClaims(n *Node) []RequiredClaim {
	if !l.isMap(n, "claims") {
		return nil
	}
	var out []RequiredClaim
	for _, f := range n.Fields {
		if l.scalar(f.Value, "a claim") {
			out = append(out, RequiredClaim{f.Key.Text, f.Value.Text})
		}
	}
	return out
}

// checkSecurity makes sure that nothing is open by oversight, and that every scheme that is asked
// for can be verified.
func (l *loader) checkSecurity(ws *Workspace) {
	for _, t := range ws.Transforms {
		o := ws.Contract.Operation(t.Operation.Value)
		if o == nil {
			continue
		}
		switch {
		case !o.Secured() && !t.Public:
			l.findings.Add(CodePublic, o.Pos, fmt.Sprintf("operation %q can be called without security and is not declared public", o.ID),
				fmt.Sprintf("add public: true to %s if everybody may call it", t.File))
		case o.Secured() && t.Public:
			l.add(CodeSecurity, t.Root.Get("public"), fmt.Sprintf("operation %q is declared public, and the contract asks for security", o.ID),
				"remove public: true, or write security: [] in the contract")
		}
	}
	used := map[string]bool{}
	for _, o := range ws.Contract.Operations {
		for _, r := range o.Security {
			for _, u := range r.Schemes {
				if s := ws.Contract.Scheme(u.Name); s != nil && !used[s.Name] {
					used[s.Name] = true
					l.checkScheme(s, ws.Config.Security.Scheme(s.Name), ws.Config.Gateway.Edge.TLS)
				}
			}
		}
	}
	for _, c := range ws.Config.Security.Schemes {
		if !used[c.Name] {
			l.findings.Warn(CodeSchemeUnused, c.Pos, fmt.Sprintf("no operation of the contract asks for the scheme %q", c.Name), didYouMean(c.Name, sorted(namesOf(ws.Contract.Schemes))))
		}
	}
}

func namesOf(schemes []*SecurityScheme) []string {
	var out []string
	for _, s := range schemes {
		out = append(out, s.Name)
	}
	return out
}

// checkScheme compares a scheme of the contract with what lintel.yaml says about it.
func (l *loader) checkScheme(s *SecurityScheme, c *SchemeConfig, listen *ListenTLS) {
	add := func(pos Pos, message, hint string) {
		l.findings.Add(CodeSecurity, pos, fmt.Sprintf("the scheme %q %s", s.Name, message), hint)
	}
	switch {
	case s.Type == "":
		// reported where it is defined
	case !s.Key() && !s.Bearer() && !s.Basic() && !s.Certificate():
		l.findings.Add(CodeSecurity, s.Pos, fmt.Sprintf("the security scheme %q is %s %s, which Lintel cannot verify", s.Name, s.Type, s.HTTP),
			"use apiKey, http bearer, http basic, oauth2, openIdConnect or mutualTLS")
	case c == nil:
		l.findings.Add(CodeSecurity, s.Pos, fmt.Sprintf("lintel.yaml does not say how the security scheme %q is verified", s.Name),
			fmt.Sprintf("add security: {schemes: {%s: ...}} to lintel.yaml", s.Name))
	case s.Certificate() && (c.Issuer.Value != "" || c.KeysFile.Value != ""):
		add(c.Pos, "is mutual TLS in the contract, and has no certificates here", "give it certificates:")
	case s.Certificate() && (listen == nil || listen.Clients.Value == ""):
		add(c.Pos, "is mutual TLS, and the gateway asks for no certificates", "add gateway: {tls: {certificate: ..., key: ..., clients: ...}}; TLS must end at the gateway")
	case !s.Certificate() && c.CertificatesFile.Value != "":
		add(c.Pos, "is not mutual TLS in the contract, and has certificates here", "give it what its type needs")
	case s.Key() && c.Issuer.Value != "":
		add(c.Pos, "is an API key in the contract, and has an issuer of tokens here", "give it keys:")
	case s.Bearer() && c.KeysFile.Value != "":
		add(c.Pos, "takes tokens in the contract, and has API keys here", "give it issuer: and audience:")
	case s.Basic() && c.Issuer.Value != "":
		add(c.Pos, "is basic authentication in the contract, and has an issuer of tokens here", "give it keys: and basic: true")
	case s.Basic() && !c.Basic:
		add(c.Pos, "is basic authentication, which sends the password with every call", "add basic: true if old clients need it")
	case c.Basic && !s.Basic():
		add(c.Pos, "is not basic authentication in the contract", "remove basic")
	}
}

// Secured reports whether nobody can call the operation without a credential: there are
// alternatives, and none of them is empty.
func (o *Operation) Secured() bool {
	return len(o.Security) > 0 && !slices.ContainsFunc(o.Security, func(r SecurityRequirement) bool { return len(r.Schemes) == 0 })
}

// Identifies reports whether a caller of the operation may show who it is.
func (o *Operation) Identifies() bool {
	return slices.ContainsFunc(o.Security, func(r SecurityRequirement) bool { return len(r.Schemes) > 0 })
}
