// SPDX-License-Identifier: Apache-2.0

package security

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lintel/gateway"
	"lintel/specs"
)

// TokenOptions say how tokens are verified. Scheme is required, all else has a useful zero value.
type TokenOptions struct {
	Scheme *specs.SchemeConfig
	// KeySet is the document of Scheme.JWKS where that is a file; nil if keys are fetched.
	KeySet []byte
	// Roots are trusted for the issuer; nil means those of the system.
	Roots *x509.CertPool
	// Now is the clock for exp, nbf and iat; default time.Now.
	Now func() time.Time
	// Log gets a line when keys cannot be loaded; nil means none.
	Log *slog.Logger
	// Refresh is the time between two fetches of the keys, RotationGap the least time between two
	// that tokens with unknown keys cause; defaults 15 min and 30 s.
	Refresh, RotationGap time.Duration
	// Before is the authenticator whose place this one takes; nil if there is none. Its keys are
	// used until others are loaded, if it is about the same issuer.
	Before *Tokens
}

// Tokens verifies JSON Web Tokens (RFC 7519) that one issuer has signed.
type Tokens struct {
	scheme *specs.SchemeConfig
	parser *jwt.Parser
	now    func() time.Time
	fixed  *keySet // keys from a file; nil if there is a store
	store  *store
	// verified are tokens that need not be verified again.
	verified verified
}

var _ gateway.Authenticator = (*Tokens)(nil)

// NewTokens makes the authenticator of a token scheme. It does not wait for the issuer. Close ends it.
func NewTokens(o TokenOptions) (*Tokens, error) {
	c := o.Scheme
	for _, alg := range c.Algorithms {
		if alg == "none" || strings.HasPrefix(alg, "HS") {
			return nil, errors.New("algorithm of tokens is not one with public keys")
		}
	}
	if c.Issuer.Value == "" || len(c.Audiences) == 0 || len(c.Algorithms) == 0 {
		return nil, errors.New("tokens need an issuer, an audience and algorithms")
	}
	t := &Tokens{scheme: c, now: o.Now}
	if t.now == nil {
		t.now = time.Now
	}
	t.parser = jwt.NewParser(jwt.WithValidMethods(c.Algorithms), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
	if o.KeySet != nil {
		var err error
		t.fixed, err = parseKeySet(o.KeySet)
		return t, err
	}
	t.store = newStore(o)
	t.store.start()
	return t, nil
}

func newStore(o TokenOptions) *store {
	c := o.Scheme
	s := &store{
		load: newFetcher(c.Issuer.Value, c.JWKS.Value, o.Roots).load, name: c.Name,
		log: o.Log, gap: o.RotationGap, every: o.Refresh,
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.gap == 0 {
		s.gap = rotationGap
	}
	if s.every == 0 {
		s.every = refreshEvery
	}
	if b := o.Before; b != nil && b.store != nil && b.scheme.Issuer.Value == c.Issuer.Value && b.scheme.JWKS.Value == c.JWKS.Value {
		s.set.Store(b.store.set.Load())
	}
	return s
}

// Wait waits until keys are there, or the first try to load them has failed, or ctx ends. It
// reports whether tokens can be verified.
func (t *Tokens) Wait(ctx context.Context) bool {
	if t.store == nil {
		return true
	}
	if t.store.set.Load() == nil {
		wait(ctx, t.store.fetch(fetchTimeout), 2*fetchTimeout)
	}
	return t.store.set.Load() != nil
}

// Close ends the refreshing of keys. Calls that still use the authenticator go on with those it has.
func (t *Tokens) Close() error {
	if t.store != nil {
		t.store.close()
	}
	return nil
}

// Authenticate implements gateway.Authenticator.
func (t *Tokens) Authenticate(r *http.Request) (*gateway.Identity, error) {
	text, err := bearer(r.Header)
	if err != nil {
		return nil, err
	}
	hash, keys := sha256.Sum256([]byte(text)), t.keys()
	if known := t.verified.find(hash, keys); known != nil {
		if !known.current(t.now(), t.scheme.Skew) {
			return nil, gateway.ErrBadCredential
		}
		return known.identity, nil
	}
	if !isToken68(text) {
		return nil, gateway.ErrBadCredential
	}
	payload, err := t.verify(r.Context(), text)
	if err != nil {
		return nil, err
	}
	fresh, err := t.examine(payload)
	if err != nil {
		return nil, err
	}
	// Verified with these keys or with others that came meanwhile: then it is verified once more.
	fresh.keys = keys
	t.verified.add(hash, fresh)
	return fresh.identity, nil
}

// examine checks the claims of a token whose signature is right.
func (t *Tokens) examine(payload []byte) (*remembered, error) {
	c, ok := parseClaims(payload)
	if !ok || c.text("iss") != t.scheme.Issuer.Value {
		return nil, gateway.ErrBadCredential
	}
	r := &remembered{}
	if r.from, r.until, ok = c.times(); !ok || !r.current(t.now(), t.scheme.Skew) {
		return nil, gateway.ErrBadCredential
	}
	if !slices.ContainsFunc(textsOf(c["aud"]), func(a string) bool { return slices.Contains(t.scheme.Audiences, a) }) {
		return nil, gateway.ErrBadCredential
	}
	for _, want := range t.scheme.Claims {
		if !c.has(want) {
			return nil, gateway.ErrBadCredential
		}
	}
	if r.identity = c.identity(payload, t.scheme.Roles); r.identity.Subject == "" {
		return nil, gateway.ErrBadCredential
	}
	return r, nil
}

// keys are those that tokens are verified with now; nil if there are none yet.
func (t *Tokens) keys() *keySet {
	if t.fixed != nil {
		return t.fixed
	}
	return t.store.set.Load()
}

// payload keeps the claims of a token as they are written.
type payload struct {
	jwt.RegisteredClaims
	raw []byte
}

// UnmarshalJSON keeps the text.
func (p *payload) UnmarshalJSON(raw []byte) error {
	p.raw = slices.Clone(raw)
	return nil
}

// verify checks the signature and returns the payload.
func (t *Tokens) verify(ctx context.Context, text string) ([]byte, error) {
	var p payload
	_, err := t.parser.ParseWithClaims(text, &p, func(token *jwt.Token) (any, error) { return t.key(ctx, token) })
	switch {
	case errors.Is(err, gateway.ErrUnavailable):
		return nil, gateway.ErrUnavailable
	case err != nil:
		return nil, gateway.ErrBadCredential
	}
	return p.raw, nil
}

// key finds the key of a token by its header. Of the header only alg, kid, typ and crit are read:
// keys and URLs that a token brings itself mean nothing.
func (t *Tokens) key(ctx context.Context, token *jwt.Token) (crypto.PublicKey, error) {
	if _, critical := token.Header["crit"]; critical || !acceptableType(token.Header) {
		return nil, gateway.ErrBadCredential // RFC 7515, 4.1.11: none of the extensions is known here
	}
	id, isText := token.Header["kid"].(string)
	if _, there := token.Header["kid"]; there && !isText {
		return nil, gateway.ErrBadCredential
	}
	alg := token.Method.Alg()
	if t.fixed != nil {
		return found(t.fixed.find(id, alg))
	}
	if set := t.store.set.Load(); set != nil {
		if key := set.find(id, alg); key != nil {
			return key, nil
		}
	}
	t.store.unknown(ctx)
	set := t.store.set.Load()
	if set == nil {
		return nil, gateway.ErrUnavailable
	}
	return found(set.find(id, alg))
}

func found(key crypto.PublicKey) (crypto.PublicKey, error) {
	if key == nil {
		return nil, gateway.ErrBadCredential
	}
	return key, nil
}

// acceptableType takes tokens that are declared as what they are for (RFC 8725, 3.11; RFC 9068, 4),
// and those that declare nothing. Others, such as logout tokens, are signed with the same keys.
func acceptableType(header map[string]any) bool {
	typ, there := header["typ"]
	if !there {
		return true
	}
	text, _ := typ.(string)
	switch strings.TrimPrefix(strings.ToLower(text), "application/") {
	case "jwt", "at+jwt":
		return true
	}
	return false
}
