// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
	last int64
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

// issue makes a certificate for a name and loopback.
func (a *authority) issue(t testing.TB, name string, until time.Time) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.last++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.last + 1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, k.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

// files are certificate files that tests change.
type files struct {
	mu sync.Mutex
	CertificateFiles
}

func (f *files) read() (CertificateFiles, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Certificate == nil {
		return CertificateFiles{}, errors.New("file cannot be read")
	}
	return f.CertificateFiles, nil
}

func (f *files) set(c CertificateFiles) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.CertificateFiles = c
}

// servingTLS starts a server with a certificate of the authority.
func servingTLS(t *testing.T, a *authority, g *Gateway, o CertificateOptions, f *files) *Server {
	t.Helper()
	if f.Certificate == nil {
		f.Certificate, f.Key = a.issue(t, "api.example", time.Now().Add(time.Hour))
	}
	o.Read = f.read
	certs, err := NewCertificates(o)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := serving(t, g, ServerOptions{Admin: "off", Certificates: certs, HTTP1: o.HTTP1})
	return s
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// client makes a client that trusts the authority and closes its connections at the end.
func (a *authority) client(t *testing.T, c *tls.Config, http2 bool) *http.Client {
	c.RootCAs = a.pool()
	tr := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: http2}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: time.Minute}
}

// O14: certificates are exchanged under load without a failed request; a broken pair keeps the old one.
func TestO14Certificates(t *testing.T) {
	a := newAuthority(t, "roots")
	var log bytes.Buffer
	f := &files{}
	var logMu sync.Mutex
	logger := slog.New(slog.NewJSONHandler(lockedWriter{&logMu, &log}, nil))
	g := newGateway(t, Options{}, routeOf("GET", "/a", nil))
	first, firstKey := a.issue(t, "first.example", time.Now().Add(time.Hour))
	f.set(CertificateFiles{Certificate: first, Key: firstKey})
	certs, err := NewCertificates(CertificateOptions{Read: f.read, Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := serving(t, g, ServerOptions{Admin: "off", Certificates: certs})
	ctx, cancel := context.WithCancel(t.Context())
	var background sync.WaitGroup
	background.Go(func() { certs.Watch(ctx, 5*time.Millisecond) })
	var served, failed atomic.Int64
	var last atomic.Value
	for range 4 {
		background.Go(func() {
			for ctx.Err() == nil {
				c := a.client(t, &tls.Config{VerifyConnection: func(s tls.ConnectionState) error {
					last.Store(s.PeerCertificates[0].Subject.CommonName)
					return nil
				}}, false)
				resp, err := c.Get("https://" + s.Addr().String() + "/a")
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
				if err != nil {
					failed.Add(1)
					t.Logf("%v", err)
				}
				served.Add(1)
				c.CloseIdleConnections()
			}
		})
	}
	wait := func(name string) {
		t.Helper()
		for end := time.Now().Add(2 * time.Minute); last.Load() != name; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the certificate of %s is not used, but that of %v", name, last.Load())
			}
		}
	}
	wait("first.example")
	second, secondKey := a.issue(t, "second.example", time.Now().Add(time.Hour))
	f.set(CertificateFiles{Certificate: second, Key: secondKey})
	wait("second.example")
	expired, expiredKey := a.issue(t, "expired.example", time.Now().Add(-time.Hour))
	for name, broken := range map[string]CertificateFiles{
		"half": {Certificate: first, Key: secondKey}, "garbage": {Certificate: []byte("x"), Key: firstKey}, "gone": {},
		"expired": {Certificate: expired, Key: expiredKey}, "no roots": {Certificate: first, Key: firstKey, Clients: []byte("x")},
	} {
		f.set(broken)
		if _, err := certs.Reload(); err == nil {
			t.Errorf("%s: is used", name)
		}
		before := served.Load()
		for end := time.Now().Add(2 * time.Minute); served.Load() < before+20 && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
		if got := last.Load(); got != "second.example" {
			t.Errorf("%s: %v is used", name, got)
		}
	}
	third, thirdKey := a.issue(t, "third.example", time.Now().Add(time.Hour))
	f.set(CertificateFiles{Certificate: third, Key: thirdKey})
	wait("third.example")
	cancel()
	background.Wait()
	t.Logf("%d served", served.Load())
	if failed.Load() != 0 || served.Load() < 20 {
		t.Errorf("%d of %d failed", failed.Load(), served.Load())
	}
	logMu.Lock()
	defer logMu.Unlock()
	if !strings.Contains(log.String(), "certificates replaced") || !strings.Contains(log.String(), "new certificates cannot be used") {
		t.Errorf("log %s", &log)
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// TestTLSVersions speaks TLS 1.2 and 1.3, nothing older, HTTP/2 unless it is turned off, and tells
// browsers to stay.
func TestTLSVersions(t *testing.T) {
	a := newAuthority(t, "roots")
	for _, c := range []struct {
		name    string
		o       CertificateOptions
		version uint16
		proto   string // "" for a refused connection
	}{
		{"1.3", CertificateOptions{}, tls.VersionTLS13, "HTTP/2.0"},
		{"1.2", CertificateOptions{}, tls.VersionTLS12, "HTTP/2.0"},
		{"1.1", CertificateOptions{}, tls.VersionTLS11, ""},
		{"1.0", CertificateOptions{}, tls.VersionTLS10, ""},
		{"1.2 where 1.3 is asked for", CertificateOptions{Minimum: tls.VersionTLS13}, tls.VersionTLS12, ""},
		{"without HTTP/2", CertificateOptions{HTTP1: true}, tls.VersionTLS13, "HTTP/1.1"},
	} {
		g := newGateway(t, Options{HSTS: time.Hour}, routeOf("GET", "/a", nil))
		s := servingTLS(t, a, g, c.o, &files{})
		resp, err := a.client(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: c.version}, true).Get("https://" + s.Addr().String() + "/a")
		if c.proto == "" {
			if err == nil {
				_ = resp.Body.Close()
				t.Errorf("%s: served by %s", c.name, resp.Proto)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		_ = resp.Body.Close()
		if resp.Proto != c.proto || resp.StatusCode != 200 || resp.Header.Get("Strict-Transport-Security") != "max-age=3600" {
			t.Errorf("%s: %s %d %v", c.name, resp.Proto, resp.StatusCode, resp.Header)
		}
	}
	g := newGateway(t, Options{HSTS: time.Hour}, routeOf("GET", "/a", nil))
	if w := do(g, "GET", "/a", ""); w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("plain HTTP sends Strict-Transport-Security")
	}
}

// TestClientCertificates asks for certificates of clients, and takes those of its own roots only.
func TestClientCertificates(t *testing.T) {
	a, other := newAuthority(t, "roots"), newAuthority(t, "others")
	pair := func(by *authority, until time.Time) []tls.Certificate {
		cert, key := by.issue(t, "client.example", until)
		p, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return []tls.Certificate{p}
	}
	hour := time.Now().Add(time.Hour)
	for _, c := range []struct {
		name    string
		require bool
		pair    []tls.Certificate
		ok      bool
	}{
		{"own roots", true, pair(a, hour), true},
		{"none", false, nil, true},
		{"none, but required", true, nil, false},
		{"other roots", false, pair(other, hour), false},
		{"expired", false, pair(a, time.Now().Add(-time.Minute)), false},
	} {
		g := newGateway(t, Options{}, routeOf("GET", "/a", nil))
		s := servingTLS(t, a, g, CertificateOptions{Require: c.require}, &files{CertificateFiles: CertificateFiles{Clients: a.pem}})
		config := &tls.Config{}
		if c.pair != nil { // also if the server does not list its issuer
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c.pair[0], nil }
		}
		resp, err := a.client(t, config, false).Get("https://" + s.Addr().String() + "/a")
		if err == nil {
			_ = resp.Body.Close()
		}
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
