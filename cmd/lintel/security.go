// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"time"

	"lintel/gateway"
	"lintel/gateway/security"
	"lintel/specs"
)

// issuerWait is how long a start or reload waits for the keys of issuers. After it the routes are
// served: one issuer that is down must not keep the operations of others down. Calls that need its
// keys are refused until they are there.
const issuerWait = 3 * time.Second

// authenticators verify the credentials of one workspace.
type authenticators struct {
	schemes map[string]*gateway.Scheme
	tokens  map[string]*ownTokens
}

// ownTokens is an authenticator of tokens with the configuration it was made for.
type ownTokens struct {
	*security.Tokens
	config *specs.SchemeConfig
}

// newAuthenticators makes the authenticators of all schemes of a workspace. Those of before that
// nothing has changed for are kept, and with them the keys of their issuers.
func newAuthenticators(p *plan, before map[string]*ownTokens, log *slog.Logger) (*authenticators, error) {
	a := &authenticators{schemes: map[string]*gateway.Scheme{}, tokens: map[string]*ownTokens{}}
	for _, s := range p.ws.Contract.Schemes {
		c := p.ws.Config.Security.Scheme(s.Name)
		if c == nil {
			continue
		}
		scheme := &gateway.Scheme{LogClient: c.LogClient}
		switch {
		case s.Key():
			scheme.Challenge, scheme.Authenticator = "ApiKey", security.NewKeys(s, c.Keys, nil)
			switch s.In {
			case "header":
				scheme.Header = s.Parameter
			case "query":
				scheme.Query = s.Parameter
			}
		case s.Basic():
			scheme.Challenge, scheme.Authenticator = "Basic", security.NewBasic(security.NewKeys(s, c.Keys, nil))
		case s.Certificate():
			scheme.Challenge, scheme.Authenticator = "Certificate", security.NewCertificates(c.Certificates, nil)
		case s.Bearer():
			t, err := newTokens(p.ws.FS, c, before[s.Name], log)
			if err != nil {
				a.closeBut(before)
				return nil, fmt.Errorf("scheme %s: %w", s.Name, err)
			}
			a.tokens[s.Name] = t
			scheme.Challenge, scheme.Authenticator = "Bearer", t.Tokens
		default:
			continue
		}
		a.schemes[s.Name] = scheme
	}
	a.wait()
	return a, nil
}

// wait gives issuers a moment to tell their keys.
func (a *authenticators) wait() {
	ctx, cancel := context.WithTimeout(context.Background(), issuerWait)
	defer cancel()
	for _, t := range a.tokens {
		t.Wait(ctx)
	}
}

// closeBut closes the authenticators that are not among others.
func (a *authenticators) closeBut(others map[string]*ownTokens) {
	for name, t := range a.tokens {
		if others[name] != t {
			_ = t.Close()
		}
	}
}

func newTokens(fsys fs.FS, c *specs.SchemeConfig, before *ownTokens, log *slog.Logger) (*ownTokens, error) {
	if before != nil && sameScheme(before.config, c) {
		return before, nil
	}
	o := security.TokenOptions{Scheme: c, Log: log}
	if before != nil {
		o.Before = before.Tokens
	}
	if c.JWKSIsFile() {
		doc, err := fs.ReadFile(fsys, c.JWKS.Value)
		if err != nil {
			return nil, errors.New("the file of keys cannot be read")
		}
		o.KeySet = doc
	}
	if c.CA.Value != "" {
		pem, err := fs.ReadFile(fsys, c.CA.Value)
		if err != nil {
			return nil, errors.New("the file of CA certificates cannot be read")
		}
		o.Roots = x509.NewCertPool()
		if !o.Roots.AppendCertsFromPEM(pem) {
			return nil, errors.New("the file of CA certificates holds none in PEM")
		}
	}
	t, err := security.NewTokens(o)
	if err != nil {
		return nil, err
	}
	return &ownTokens{t, c}, nil
}

// sameScheme reports whether two configurations say the same. Ones with files never do: the files
// may have changed.
func sameScheme(a, b *specs.SchemeConfig) bool {
	if a.CA.Value != "" || b.CA.Value != "" || a.JWKSIsFile() || b.JWKSIsFile() {
		return false
	}
	plain := func(c *specs.SchemeConfig) specs.SchemeConfig {
		out := *c
		out.Pos, out.Issuer.Pos, out.JWKS.Pos = specs.Pos{}, specs.Pos{}, specs.Pos{}
		return out
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// checkSecurity reads the files of schemes that only their users understand.
func checkSecurity(ws *specs.Workspace) specs.Findings {
	var findings specs.Findings
	for _, c := range ws.Config.Security.Schemes {
		if c.JWKSIsFile() {
			if doc, err := fs.ReadFile(ws.FS, c.JWKS.Value); err == nil {
				if _, err := security.ParseKeySet(doc); err != nil {
					findings.Add(specs.CodeKeys, c.JWKS.Pos, "the file of keys cannot be used: "+err.Error(), "write a JSON Web Key Set with public keys for signatures")
				}
			}
		}
		if c.CA.Value != "" {
			if pem, err := fs.ReadFile(ws.FS, c.CA.Value); err == nil && !x509.NewCertPool().AppendCertsFromPEM(pem) {
				findings.Add(specs.CodeKeys, c.CA.Pos, "the file of CA certificates holds none in PEM", "")
			}
		}
	}
	return findings
}
