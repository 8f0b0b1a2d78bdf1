// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lintel/gateway"
	"lintel/gateway/security/securitytest"
	"lintel/specs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const audience = "bank-api"

func scheme(i *securitytest.Issuer) *specs.SchemeConfig {
	return &specs.SchemeConfig{
		Name: "login", Issuer: specs.Text{Value: i.URL}, Audiences: []string{audience}, Skew: time.Minute,
		Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"}, Roles: "realm.roles",
	}
}

func roots(i *securitytest.Issuer) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(i.CA)
	return pool
}

// tokens starts an authenticator; edit may be nil.
func tokens(t testing.TB, i *securitytest.Issuer, edit func(*TokenOptions)) *Tokens {
	t.Helper()
	o := TokenOptions{Scheme: scheme(i), Roots: roots(i), RotationGap: time.Nanosecond}
	if edit != nil {
		edit(&o)
	}
	a, err := NewTokens(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	a.Wait(t.Context())
	return a
}

func show(a gateway.Authenticator, authorization ...string) (*gateway.Identity, error) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Authorization"] = authorization
	return a.Authenticate(r)
}

// TestTokens verifies good tokens of every algorithm, by way of discovery.
func TestTokens(t *testing.T) {
	for _, alg := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
		i := securitytest.New(t, alg)
		a := tokens(t, i, nil)
		claims := i.Claims(audience, map[string]any{
			"azp": "mobile", "scope": "read write", "scp": []string{"admin"}, "realm": map[string]any{"roles": []string{"teller"}},
		})
		for _, header := range []map[string]any{nil, {"kid": nil}, {"typ": "at+jwt"}, {"typ": nil}} {
			got, err := show(a, "bearer "+i.Token(t, claims, header))
			if err != nil {
				t.Fatalf("%s %v: %v", alg, header, err)
			}
			got.Claims = nil
			want := &gateway.Identity{Subject: "alice", Client: "mobile", Scopes: []string{"read", "write", "admin"}, Roles: []string{"teller"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", alg, diff)
			}
		}
	}
}

// TestS04BadTokens shows tokens that are wrong in one way each (S04).
func TestS04BadTokens(t *testing.T) {
	i := securitytest.New(t, "RS256")
	other := securitytest.New(t, "RS256")
	a := tokens(t, i, func(o *TokenOptions) { o.Scheme.Claims = []specs.RequiredClaim{{Name: "tenant", Value: "acme"}} })
	good := func(more map[string]any) map[string]any {
		c := i.Claims(audience, map[string]any{"tenant": "acme"})
		for k, v := range more {
			if c[k] = v; v == nil {
				delete(c, k)
			}
		}
		return c
	}
	valid := i.Token(t, good(nil), nil)
	if _, err := show(a, "Bearer "+valid); err != nil {
		t.Fatalf("good token: %v", err)
	}
	hs := func(alg jwt.SigningMethod, key any) string {
		token := jwt.NewWithClaims(alg, jwt.MapClaims(good(nil)))
		token.Header["kid"] = "key-1"
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	der, err := x509.MarshalPKIXPublicKey(i.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	past, future := time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix()
	flipped := []byte(valid)
	flipped[len(flipped)-20] ^= 1 // equal length
	parts := strings.Split(valid, ".")
	twice := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"alice","sub":"bob"}`))
	cases := map[string]string{
		"equal length":       string(flipped),
		"alg none":           hs(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"none by hand":       base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"no signature":       parts[0] + "." + parts[1] + ".",
		"HS with public key": hs(jwt.SigningMethodHS256, public),
		"HS with DER":        hs(jwt.SigningMethodHS256, der),
		"expired":            i.Token(t, good(map[string]any{"exp": past}), nil),
		"never expires":      i.Token(t, good(map[string]any{"exp": nil}), nil),
		"exp is a text":      i.Token(t, good(map[string]any{"exp": "tomorrow"}), nil),
		"not yet":            i.Token(t, good(map[string]any{"nbf": future}), nil),
		"from the future":    i.Token(t, good(map[string]any{"iat": future}), nil),
		"other audience":     i.Token(t, good(map[string]any{"aud": "shop-api"}), nil),
		"no audience":        i.Token(t, good(map[string]any{"aud": nil}), nil),
		"other issuer":       i.Token(t, good(map[string]any{"iss": other.URL}), nil),
		"other issuer's key": other.Token(t, good(nil), nil),
		"claim missing":      i.Token(t, good(map[string]any{"tenant": nil}), nil),
		"claim differs":      i.Token(t, good(map[string]any{"tenant": "evil"}), nil),
		"nobody":             i.Token(t, good(map[string]any{"sub": nil}), nil),
		"kid unknown":        i.Token(t, good(nil), map[string]any{"kid": "../../etc/passwd"}),
		"kid injection":      i.Token(t, good(nil), map[string]any{"kid": "key-1' OR '1'='1"}),
		"kid is a number":    i.Token(t, good(nil), map[string]any{"kid": 1}),
		"key in the header":  other.Token(t, good(nil), map[string]any{"kid": "x", "jku": other.URL + "/jwks", "jwk": map[string]any{"kty": "RSA"}}),
		"critical extension": i.Token(t, good(nil), map[string]any{"crit": []string{"exp"}}),
		"logout token":       i.Token(t, good(nil), map[string]any{"typ": "logout+jwt"}),
		"claims swapped":     parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"root"}`)) + "." + parts[2],
		"member twice":       parts[0] + "." + twice + "." + parts[2],
		"not a token":        "abc", "four parts": valid + ".x", "padding": valid + "=", "blank": "a b", "control": "a\x00b",
		"too long": strings.Repeat("a", maxToken+1),
	}
	for name, token := range cases {
		id, err := show(a, "Bearer "+token)
		if !errors.Is(err, gateway.ErrBadCredential) || id != nil {
			t.Errorf("%s: %v %v", name, id, err)
		}
	}
	if _, err := show(a, "Bearer "+valid, "Bearer "+valid); !errors.Is(err, gateway.ErrBadCredential) {
		t.Errorf("two headers (H03): %v", err)
	}
	for _, none := range []string{"", "Basic YTpi", "bearerx"} {
		if _, err := show(a, none); !errors.Is(err, gateway.ErrNoCredential) {
			t.Errorf("%q: %v", none, err)
		}
	}
}

// TestClaimsTwice makes sure that a signed payload with a member twice is refused.
func TestClaimsTwice(t *testing.T) {
	for _, doc := range []string{`{"sub":"a","sub":"b"}`, `{"x":{"a":1,"a":2}}`, `[]`, `1`, ``, `{"a":"\ud800"}`} {
		if _, ok := parseClaims([]byte(doc)); ok {
			t.Errorf("%s is taken", doc)
		}
	}
}

func TestSkew(t *testing.T) {
	i := securitytest.New(t, "ES256")
	a := tokens(t, i, nil)
	for after, ok := range map[time.Duration]bool{0: true, 59 * time.Minute: true, 60*time.Minute + 30*time.Second: true, 62 * time.Minute: false} {
		token := i.Token(t, i.Claims(audience, nil), nil)
		a.now = func() time.Time { return time.Now().Add(after) }
		if _, err := show(a, "Bearer "+token); (err == nil) != ok {
			t.Errorf("after %s: %v", after, err)
		}
	}
}

// TestRotation changes the key of the issuer: the next token is taken at once, the old one no more,
// and tokens with made-up ids do not make the gateway ask again and again.
func TestRotation(t *testing.T) {
	i := securitytest.New(t, "RS256")
	a := tokens(t, i, func(o *TokenOptions) { o.RotationGap = 200 * time.Millisecond })
	old := i.Token(t, i.Claims(audience, nil), nil)
	if _, err := show(a, "Bearer "+old); err != nil {
		t.Fatal(err)
	}
	time.Sleep(250 * time.Millisecond)
	i.Rotate(t, "ES256")
	if _, err := show(a, "Bearer "+i.Token(t, i.Claims(audience, nil), nil)); err != nil {
		t.Fatalf("new key: %v", err)
	}
	if _, err := show(a, "Bearer "+old); !errors.Is(err, gateway.ErrBadCredential) {
		t.Errorf("old key: %v", err)
	}
	a.store.gap = time.Hour // no other call is under way
	before := i.Fetches()
	for range 200 {
		_, _ = show(a, "Bearer "+i.Token(t, i.Claims(audience, nil), map[string]any{"kid": "made-up"}))
	}
	if n := i.Fetches() - before; n > 0 {
		t.Errorf("%d fetches for made-up ids within the gap", n)
	}
}

// TestIssuerDown starts while the issuer is down: calls are refused as such, and served when it is
// back; when it goes down later the last good keys stay.
func TestIssuerDown(t *testing.T) {
	i := securitytest.New(t, "ES256")
	i.SetDown(true)
	a := tokens(t, i, func(o *TokenOptions) { o.Refresh = 20 * time.Millisecond })
	token := "Bearer " + i.Token(t, i.Claims(audience, nil), nil)
	if _, err := show(a, token); !errors.Is(err, gateway.ErrUnavailable) {
		t.Errorf("no keys: %v", err)
	}
	i.SetDown(false)
	deadline := time.Now().Add(time.Minute)
	for !a.Wait(t.Context()) && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := show(a, token); err != nil {
		t.Errorf("issuer is back: %v", err)
	}
	i.SetDown(true)
	time.Sleep(100 * time.Millisecond)
	if _, err := show(a, token); err != nil {
		t.Errorf("last good keys: %v", err)
	}
	next, err := NewTokens(TokenOptions{Scheme: scheme(i), Before: a})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	if _, err := show(next, token); err != nil {
		t.Errorf("keys of the one before: %v", err)
	}
}

// TestFetch refuses what an issuer must not make the gateway do.
func TestFetch(t *testing.T) {
	i := securitytest.New(t, "ES256")
	load := func(edit func(f *fetcher)) error {
		f := newFetcher(i.URL, "", roots(i))
		edit(f)
		_, err := f.load(t.Context())
		return err
	}
	cases := map[string]func(f *fetcher){
		"redirect":      func(f *fetcher) { f.jwks = i.URL + "/moved" },
		"missing":       func(f *fetcher) { f.jwks = i.URL + "/none" },
		"no key set":    func(f *fetcher) { f.jwks = i.URL + "/.well-known/openid-configuration" },
		"unknown roots": func(f *fetcher) { *f = *newFetcher(i.URL, "", x509.NewCertPool()) },
		"other issuer":  func(f *fetcher) { i.SetMetadata("issuer", "https://evil.example") },
		"plain http":    func(f *fetcher) { i.SetMetadata("issuer", i.URL); i.SetMetadata("jwks_uri", "http://127.0.0.1:1/") },
	}
	if err := load(func(*fetcher) {}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"redirect", "missing", "no key set", "unknown roots", "other issuer", "plain http"} {
		if err := load(cases[name]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	large := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, maxKeySet+1))
	}))
	defer large.Close()
	if err := load(func(f *fetcher) { f.client.Transport, f.jwks = large.Client().Transport, large.URL }); err == nil || !strings.Contains(err.Error(), "large") {
		t.Errorf("large: %v", err)
	}
	large.Client().CloseIdleConnections()
}

func TestKeySetFile(t *testing.T) {
	i := securitytest.New(t, "EdDSA")
	a, err := NewTokens(TokenOptions{Scheme: scheme(i), KeySet: securitytest.KeySet("key-1", "EdDSA", i.PublicKey())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := show(a, "Bearer "+i.Token(t, i.Claims(audience, nil), nil)); err != nil {
		t.Error(err)
	}
	if i.Fetches() != 0 {
		t.Error("the issuer was asked although there is a file")
	}
	for _, doc := range []string{
		"", "{}", `{"keys":[]}`, `{"keys":[{"kty":"oct","k":"AAAA"}]}`, `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`,
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`,
	} {
		if _, err := ParseKeySet([]byte(doc)); err == nil {
			t.Errorf("%s is taken", doc)
		}
	}
}

func TestRefusedAlgorithms(t *testing.T) {
	i := securitytest.New(t, "ES256")
	for _, alg := range []string{"none", "HS256"} {
		s := scheme(i)
		s.Algorithms = []string{alg}
		if _, err := NewTokens(TokenOptions{Scheme: s}); err == nil {
			t.Errorf("%s is taken", alg)
		}
	}
}

// TestS04ManyTokens guesses signatures of equal length (S04): none is taken, and none makes the gateway
// ask its issuer.
func TestS04ManyTokens(t *testing.T) {
	tries := 100_000
	if testing.Short() {
		tries = 5000
	}
	i := securitytest.New(t, "RS256")
	a := tokens(t, i, nil)
	valid := i.Token(t, i.Claims(audience, nil), nil)
	if _, err := show(a, "Bearer "+valid); err != nil {
		t.Fatal(err)
	}
	fetches := i.Fetches()
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	first := strings.LastIndexByte(valid, '.') + 1
	places := len(valid) - first - 1 // not all bits of the last letter count
	for n := range tries {
		guess := []byte(valid)
		at := &guess[first+n%places]
		*at = letters[(strings.IndexByte(letters, *at)+1+n/places%63)%64]
		if n >= places*63 {
			at = &guess[first+(n+1+n/(places*63))%places]
			*at = letters[(strings.IndexByte(letters, *at)+1)%64]
		}
		if id, err := show(a, "Bearer "+string(guess)); !errors.Is(err, gateway.ErrBadCredential) || id != nil {
			t.Fatalf("guess %d: %v %v", n, id, err)
		}
	}
	if n := i.Fetches() - fetches; n != 0 {
		t.Errorf("%d fetches", n)
	}
	if _, err := show(a, "Bearer "+valid); err != nil {
		t.Errorf("the valid one afterwards: %v", err)
	}
}
