// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lintel/gateway"
	"lintel/specs"
)

func TestBasic(t *testing.T) {
	now := time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)
	b := NewBasic(NewKeys(&specs.SecurityScheme{Type: "http", HTTP: "basic"}, clientKeys(), func() time.Time { return now }))
	for _, c := range []struct {
		name, user, password string
		client               string
		err                  error
	}{
		{"good", "mobile", "key-of-mobile", "mobile", nil},
		{"second", "mobile", "next-of-mobile", "mobile", nil},
		{"key of another client", "mobile", "key-of-branch", "", gateway.ErrBadCredential},
		{"unknown user", "nobody", "key-of-mobile", "", gateway.ErrBadCredential},
		{"no user", "", "key-of-mobile", "", gateway.ErrBadCredential},
		{"wrong password", "mobile", "key-of-mobilf", "", gateway.ErrBadCredential},
		{"no password", "mobile", "", "", gateway.ErrBadCredential},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth(c.user, c.password)
		id, err := b.Authenticate(r)
		if !errors.Is(err, c.err) || err == nil && id.Subject != c.client {
			t.Errorf("%s: %v, %v", c.name, id, err)
		}
	}
	for header, want := range map[string]error{
		"":                                       gateway.ErrNoCredential,
		"Bearer x":                               gateway.ErrNoCredential,
		"Basic":                                  gateway.ErrBadCredential,
		"Basic !!":                               gateway.ErrBadCredential,
		"basic bW9iaWxl":                         gateway.ErrBadCredential,
		"Basic " + strings.Repeat("A", 3*maxKey): gateway.ErrBadCredential,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if _, err := b.Authenticate(r); !errors.Is(err, want) {
			t.Errorf("%.20q: %v", header, err)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth("mobile", "key-of-mobile")
	r.Header.Add("Authorization", r.Header.Get("Authorization"))
	if _, err := b.Authenticate(r); !errors.Is(err, gateway.ErrBadCredential) {
		t.Errorf("twice: %v", err)
	}
}

func TestCertificates(t *testing.T) {
	now := time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC)
	print := sha256.Sum256([]byte("raw 1"))
	c := NewCertificates([]*specs.ClientCertificate{
		{Client: "print", Fingerprint: &print, Roles: []string{"teller"}},
		{Client: "dns", DNS: "dns.example"},
		{Client: "uri", URI: "spiffe://bank/uri"},
		{Client: "name", CommonName: "Name"},
		{Client: "gone", DNS: "gone.example", Expires: now},
	}, func() time.Time { return now })
	spiffe, _ := url.Parse("spiffe://bank/uri")
	for _, k := range []struct {
		name   string
		leaf   x509.Certificate
		client string
	}{
		{"fingerprint", x509.Certificate{Raw: []byte("raw 1")}, "print"},
		{"fingerprint before names", x509.Certificate{Raw: []byte("raw 1"), DNSNames: []string{"dns.example"}}, "print"},
		{"dns", x509.Certificate{DNSNames: []string{"other.example", "dns.example"}}, "dns"},
		{"uri", x509.Certificate{URIs: []*url.URL{spiffe}}, "uri"},
		{"common name", x509.Certificate{Subject: pkix.Name{CommonName: "Name"}}, "name"},
		{"two clients", x509.Certificate{DNSNames: []string{"dns.example"}, URIs: []*url.URL{spiffe}}, ""},
		{"case", x509.Certificate{DNSNames: []string{"DNS.example"}}, ""},
		{"name of another kind", x509.Certificate{Subject: pkix.Name{CommonName: "dns.example"}}, ""},
		{"expired entry", x509.Certificate{DNSNames: []string{"gone.example"}}, ""},
		{"unknown", x509.Certificate{DNSNames: []string{"x.example"}}, ""},
		{"expired meanwhile", x509.Certificate{DNSNames: []string{"dns.example"}, NotAfter: now.Add(-time.Second)}, ""},
	} {
		leaf := k.leaf
		if leaf.NotAfter.IsZero() {
			leaf.NotAfter = now.Add(time.Hour)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{&leaf}, VerifiedChains: [][]*x509.Certificate{{&leaf}}}
		id, err := c.Authenticate(r)
		if k.client == "" && !errors.Is(err, gateway.ErrBadCredential) || k.client != "" && (err != nil || id.Subject != k.client) {
			t.Errorf("%s: %+v, %v", k.name, id, err)
		}
		r.TLS.VerifiedChains = nil
		if _, err := c.Authenticate(r); !errors.Is(err, gateway.ErrBadCredential) {
			t.Errorf("%s, not verified: %v", k.name, err)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	if _, err := c.Authenticate(r); !errors.Is(err, gateway.ErrNoCredential) {
		t.Errorf("plain HTTP: %v", err)
	}
}
