// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lintel/gateway"
	"lintel/specs"
)

func clientKeys() []*specs.ClientKey {
	day := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	return []*specs.ClientKey{
		{Client: "mobile", Hash: sha256.Sum256([]byte("key-of-mobile")), Roles: []string{"app"}},
		{Client: "mobile", Hash: sha256.Sum256([]byte("next-of-mobile"))},
		{Client: "branch", Hash: sha256.Sum256([]byte("key-of-branch")), Expires: day},
	}
}

func TestKeys(t *testing.T) {
	now := time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)
	clock := func() time.Time { return now }
	request := func(url string, header http.Header) *http.Request {
		r := httptest.NewRequest("GET", url, nil)
		r.Header = header
		return r
	}
	header := func(keys ...string) *http.Request { return request("/", http.Header{"X-Api-Key": keys}) }
	cookie := func(text string) *http.Request { return request("/", http.Header{"Cookie": {text}}) }
	inHeader := NewKeys(&specs.SecurityScheme{In: "header", Parameter: "x-api-key"}, clientKeys(), clock)
	inQuery := NewKeys(&specs.SecurityScheme{In: "query", Parameter: "api key"}, clientKeys(), clock)
	inCookie := NewKeys(&specs.SecurityScheme{In: "cookie", Parameter: "key"}, clientKeys(), clock)
	cases := []struct {
		name   string
		keys   *Keys
		r      *http.Request
		client string
		err    error
	}{
		{"good", inHeader, header("key-of-mobile"), "mobile", nil},
		{"second key", inHeader, header("next-of-mobile"), "mobile", nil},
		{"before it expires", inHeader, header("key-of-branch"), "branch", nil},
		{"none", inHeader, header(), "", gateway.ErrNoCredential},
		{"equal length", inHeader, header("key-of-mobilf"), "", gateway.ErrBadCredential},
		{"prefix", inHeader, header("key-of-mobil"), "", gateway.ErrBadCredential},
		{"case", inHeader, header("KEY-OF-MOBILE"), "", gateway.ErrBadCredential},
		{"empty", inHeader, header(""), "", gateway.ErrBadCredential},
		{"twice", inHeader, header("key-of-mobile", "key-of-mobile"), "", gateway.ErrBadCredential},
		{"too long", inHeader, header(strings.Repeat("k", maxKey+1)), "", gateway.ErrBadCredential},
		{"the hash itself", inHeader, header(string(clientKeys()[0].Hash[:])), "", gateway.ErrBadCredential},
		{"query", inQuery, request("/?a=1&api%20key=key%2Dof-mobile", nil), "mobile", nil},
		{"query plus", inQuery, request("/?api+key=key-of-mobile", nil), "mobile", nil},
		{"query twice", inQuery, request("/?api+key=key-of-mobile&api%20key=key-of-mobile", nil), "", gateway.ErrBadCredential},
		{"query not there", inQuery, request("/?apikey=key-of-mobile", nil), "", gateway.ErrNoCredential},
		{"cookie", inCookie, cookie("a=b; key=key-of-mobile"), "mobile", nil},
		{"cookie twice", inCookie, cookie("key=key-of-mobile; key=x"), "", gateway.ErrBadCredential},
	}
	for _, c := range cases {
		id, err := c.keys.Authenticate(c.r)
		if !errors.Is(err, c.err) || err == nil && (id.Subject != c.client || id.Client != c.client) {
			t.Errorf("%s: %v %v", c.name, id, err)
		}
	}
	now = now.Add(time.Second)
	if _, err := inHeader.Authenticate(header("key-of-branch")); !errors.Is(err, gateway.ErrBadCredential) {
		t.Errorf("expired: %v", err)
	}
}

// TestS04ManyKeys tries wrong keys of equal length (S04).
func TestS04ManyKeys(t *testing.T) {
	k := NewKeys(&specs.SecurityScheme{In: "header", Parameter: "X-Api-Key"}, clientKeys(), nil)
	r := httptest.NewRequest("GET", "/", nil)
	key := []byte("key-of-mobile")
	for i := range 100_000 {
		guess := []byte(string(key))
		guess[i%len(key)] ^= byte(1 + i/len(key)%255)
		r.Header["X-Api-Key"] = []string{string(guess)}
		if _, err := k.Authenticate(r); !errors.Is(err, gateway.ErrBadCredential) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
}

func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		set, err := parseKeySet(doc)
		if err != nil {
			return
		}
		for _, alg := range []string{"RS256", "ES256", "EdDSA", "HS256", "none", ""} {
			if key := set.find("", alg); key != nil && (alg == "HS256" || alg == "none" || alg == "") {
				t.Errorf("a key fits %q", alg)
			}
		}
	})
}

func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"sub":"a","aud":["b"],"exp":1e9,"scope":"x y","realm":{"roles":["t"]}}`), "realm.roles")
	f.Fuzz(func(_ *testing.T, doc []byte, roles string) {
		if c, ok := parseClaims(doc); ok {
			if from, until, ok := c.times(); ok {
				(&remembered{from: from, until: until}).current(time.Unix(0, 0), time.Minute)
			}
			c.has(specs.RequiredClaim{Name: roles, Value: "t"})
			c.identity(doc, roles)
		}
	})
}

func FuzzCredential(f *testing.F) {
	f.Add("Bearer abc", "key=1&key=2")
	f.Fuzz(func(t *testing.T, authorization, query string) {
		token, err := bearer(http.Header{"Authorization": {authorization}})
		if (err == nil) == (token == "") || len(token) > maxToken {
			t.Errorf("%q gives %q, %v", authorization, token, err)
		}
		inQuery(query, "key")
	})
}
