// SPDX-License-Identifier: Apache-2.0

// Package securitytest is an issuer of tokens for tests: discovery, key sets and rotation over
// https on loopback, as OpenID Connect Discovery 1.0, RFC 7517 and RFC 7519 have them.
package securitytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Issuer is an issuer with one current key; older ones are forgotten when it rotates.
type Issuer struct {
	// URL is the issuer's name and the root of its discovery.
	URL string
	// CA is its certificate in PEM.
	CA []byte

	server *httptest.Server
	mu     sync.Mutex
	key    crypto.Signer
	alg    string
	kid    string
	turn   int
	down   bool
	gets   map[string]int
	// Metadata replaces members of the discovery document.
	metadata map[string]any
}

// New starts an issuer that signs with alg: RS256, PS256, ES256 or EdDSA. It ends with the test.
func New(t testing.TB, alg string) *Issuer {
	t.Helper()
	i := &Issuer{gets: map[string]int{}, metadata: map[string]any{}}
	i.server = httptest.NewTLSServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.server.Close)
	i.URL = i.server.URL
	i.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw})
	i.Rotate(t, alg)
	return i
}

// Rotate replaces the key by a new one with another id.
func (i *Issuer) Rotate(t testing.TB, alg string) {
	t.Helper()
	key := NewKey(t, alg)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.turn++
	i.key, i.alg, i.kid = key, alg, fmt.Sprintf("key-%d", i.turn)
}

// NewKey makes a key for an algorithm.
func NewKey(t testing.TB, alg string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch alg {
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// SetDown makes every answer 503, or ends that.
func (i *Issuer) SetDown(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// SetMetadata replaces a member of the discovery document.
func (i *Issuer) SetMetadata(name string, value any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.metadata[name] = value
}

// Fetches returns how often the key set was fetched.
func (i *Issuer) Fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.gets["/jwks"]
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.gets[r.URL.Path]++
	switch {
	case i.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.URL.Path == "/.well-known/openid-configuration":
		doc := map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/jwks", "id_token_signing_alg_values_supported": []string{i.alg}}
		maps.Copy(doc, i.metadata)
		_ = json.NewEncoder(w).Encode(doc)
	case r.URL.Path == "/jwks":
		_, _ = w.Write(KeySet(i.kid, i.alg, i.key.Public()))
	case r.URL.Path == "/moved":
		http.Redirect(w, r, i.URL+"/jwks", http.StatusFound)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// KeySet writes a JSON Web Key Set with one key.
func KeySet(kid, alg string, key crypto.PublicKey) []byte {
	b64 := base64.RawURLEncoding.EncodeToString
	k := map[string]any{"kid": kid, "use": "sig", "alg": alg}
	switch key := key.(type) {
	case *rsa.PublicKey:
		k["kty"], k["n"], k["e"] = "RSA", b64(key.N.Bytes()), b64(big.NewInt(int64(key.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return nil
		}
		half := len(point) / 2
		k["kty"], k["crv"], k["x"], k["y"] = "EC", key.Curve.Params().Name, b64(point[1:1+half]), b64(point[1+half:])
	case ed25519.PublicKey:
		k["kty"], k["crv"], k["x"] = "OKP", "Ed25519", b64(key)
	}
	doc, err := json.Marshal(map[string]any{"keys": []any{k}})
	if err != nil {
		return nil
	}
	return doc
}

// PublicKey returns the current key.
func (i *Issuer) PublicKey() crypto.PublicKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.key.Public()
}

// Claims are those of a good token for an audience; more replaces some, nil values take them away.
func (i *Issuer) Claims(audience string, more map[string]any) map[string]any {
	now := time.Now()
	c := map[string]any{"iss": i.URL, "sub": "alice", "aud": audience, "exp": now.Add(time.Hour).Unix(), "iat": now.Unix()}
	for name, v := range more {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

// Token signs claims with the current key. header replaces members of the header; nil values take
// them away.
func (i *Issuer) Token(t testing.TB, claims, header map[string]any) string {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(i.alg), jwt.MapClaims(claims))
	token.Header["kid"] = i.kid
	for name, v := range header {
		if token.Header[name] = v; v == nil {
			delete(token.Header, name)
		}
	}
	text, err := token.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
