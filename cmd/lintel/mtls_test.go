// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"lintel/gateway"
)

// testRoot signs certificates for both sides.
type testRoot struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// sign makes a certificate; one without a root is a root itself.
func (a *testRoot) sign(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert == nil {
		a.cert, a.key = leaf, key
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func writePEM(t *testing.T, dir, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestMutualTLS calls a workspace whose contract asks for certificates, over TLS, as different callers.
func TestMutualTLS(t *testing.T) {
	root, stranger := &testRoot{}, &testRoot{}
	root.sign(t, "root")
	stranger.sign(t, "root")
	server, teller := root.sign(t, "api.example"), root.sign(t, "teller-desk")
	dir := copyWorkspace(t, "testdata/secure", map[string]string{
		"security:\n  schemes:\n": "gateway: {tls: {certificate: server.pem, key: server.key, clients: roots.pem}}\nsecurity:\n  schemes:\n    device: {certificates: devices.yaml}\n",
	})
	edit(t, dir, "openapi.yaml", "      security: [{login: []}, {}]\n", "      security: [{device: [clerk]}]\n")
	edit(t, dir, "openapi.yaml", "  securitySchemes:\n", "  securitySchemes:\n    device: {type: mutualTLS}\n")
	edit(t, dir, "transforms/getGreeting.yaml", "public: true\n", "")
	edit(t, dir, "tests/getGreeting.yaml", "request: {}", "request: {identity: {subject: guest, roles: [clerk]}}")
	edit(t, dir, "tests/getGreeting.yaml", "body: {name: HELLO}", "body: {name: HELLO, user: guest}")
	key, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(teller.Certificate[0])
	writePEM(t, dir, "server.pem", "CERTIFICATE", server.Certificate[0])
	writePEM(t, dir, "server.key", "PRIVATE KEY", key)
	writePEM(t, dir, "roots.pem", "CERTIFICATE", root.cert.Raw)
	writePEM(t, dir, "issuer.pem", "CERTIFICATE", root.cert.Raw)
	devices := "teller: {sha256: \"" + hex.EncodeToString(sum[:]) + "\", roles: [clerk]}\nbranch: {dns: branch.example, roles: [clerk]}\nguest: {dns: guest.example}\n"
	if err := os.WriteFile(filepath.Join(dir, "devices.yaml"), []byte(devices), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := serveTLS(t, dir)
	for _, c := range []struct {
		name   string
		cert   *tls.Certificate
		status int // 0: the handshake fails
		want   string
	}{
		{"fingerprint", &teller, 200, `"user":"teller"`},
		{"name", ptr(root.sign(t, "branch.example")), 200, `"user":"branch"`},
		{"without the role", ptr(root.sign(t, "guest.example")), 403, `"code":"forbidden"`},
		{"unknown", ptr(root.sign(t, "other.example")), 401, `"code":"unauthorized"`},
		{"none", nil, 401, `"code":"unauthorized"`},
		{"of another root", ptr(stranger.sign(t, "branch.example")), 0, ""},
	} {
		status, body := callTLS(t, addr, root.cert, c.cert)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// serveTLS serves a workspace in front of simulated hosts and returns the address of its data port.
func serveTLS(t *testing.T, dir string) string {
	t.Helper()
	p := mustCompile(t, dir, func(name string) (string, bool) { return "https://127.0.0.1:1", name == "ISSUER" })
	var out bytes.Buffer
	log := newLogging(&out)
	t.Cleanup(log.close)
	sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard}, log: log, on: true}
	t.Cleanup(sims.close)
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	certs, err := certificates(p.ws.FS, &p.ws.Config.Gateway, log)
	if err != nil {
		t.Fatal(err)
	}
	s, err := gateway.NewServer(t.Context(), h.gateway, gateway.ServerOptions{Listen: "127.0.0.1:0", Admin: "off", Certificates: certs})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s.Addr().String()
}

// callTLS asks for the greeting; the status is 0 when the handshake fails.
func callTLS(t *testing.T, addr string, root *x509.Certificate, cert *tls.Certificate) (status int, body string) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(root)
	c := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if cert == nil {
			return &tls.Certificate{}, nil
		}
		return cert, nil
	}}
	tr := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+addr+"/greeting", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: tr, Timeout: time.Minute}).Do(r)
	if err != nil {
		// Who is refused may still be writing the request when the connection goes away.
		if !strings.Contains(err.Error(), "tls:") && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			t.Error(err)
		}
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(text)
}
