// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// provider is an OpenID provider that nobody here wrote (oidc-provider from npm), running.
type provider struct {
	dir, node string // of its files, and of its program
	issuer    string
	client    *http.Client
	cmd       *exec.Cmd
	done      chan error
}

// newProvider prepares a provider whose certificate is signed by root.
func newProvider(t *testing.T, root *testRoot) *provider {
	t.Helper()
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(repository, "scripts", "peers.sh"), "oidc").CombinedOutput(); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("the OpenID provider is missing: %v\n%s", err, out)
		}
		t.Skipf("SKIPPED, NOT TESTED: the OpenID provider is missing: %v\n%s", err, out)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root.cert)
	p := &provider{
		dir: t.TempDir(), node: filepath.Join(repository, ".build", "oidc-provider", "node"),
		client: &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}},
	}
	server := root.sign(t, "127.0.0.1")
	key, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, p.dir, "server.pem", "CERTIFICATE", server.Certificate[0])
	writePEM(t, p.dir, "server.key", "PRIVATE KEY", key)
	return p
}

// start runs the provider with one new signing key, on the port that it had before.
func (p *provider) start(t *testing.T, kid string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	secret, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	set, err := json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": text(point[1:33]), "y": text(point[33:]), "d": text(secret),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(p.dir, "keys.json")
	if err := os.WriteFile(keys, set, 0o600); err != nil {
		t.Fatal(err)
	}
	port := "0"
	if p.issuer != "" {
		port = p.issuer[strings.LastIndex(p.issuer, ":")+1:]
	}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), "node", "server.js", port, filepath.Join(p.dir, "server.pem"), filepath.Join(p.dir, "server.key"), keys)
	p.cmd.Dir = p.node
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	p.done = done
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the provider did not start: %v", err)
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "https://127.0.0.1:") {
			p.issuer = line
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		done <- p.cmd.Wait()
	}()
}

func (p *provider) stop(t *testing.T) {
	t.Helper()
	if p.done == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	select {
	case err := <-p.done:
		t.Logf("the provider ended: %v", err)
		p.done = nil
	case <-time.After(patience):
		t.Error("the provider does not end")
	}
}

// token asks for an access token.
func (p *provider) token(t *testing.T, resource, scope string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {resource}, "scope": {scope}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.issuer+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("teller-desk", "secret-of-the-teller-desk")
	resp, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(body, &answer) != nil || strings.Count(answer.Token, ".") != 2 {
		t.Fatalf("the provider answers %d %s", resp.StatusCode, body)
	}
	return answer.Token
}

// TestOpenIDProvider puts a gateway process before callers with tokens of a real provider: its metadata and
// keys are found by discovery, audience and scopes count, and a key that it changes is noticed.
func TestOpenIDProvider(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until the keys of the provider may be asked for again")
	}
	root := &testRoot{}
	root.sign(t, "root")
	p := newProvider(t, root)
	p.start(t, "first")
	t.Cleanup(func() { p.stop(t) })
	dir := copyWorkspace(t, "testdata/secure", nil)
	writePEM(t, dir, "issuer.pem", "CERTIFICATE", root.cert.Raw)
	g := startGateway(t, dir, []string{"ISSUER=" + p.issuer}, "--simulate")
	call := func(path, token string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.api+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := p.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, fmt.Sprint(resp.Header.Values("WWW-Authenticate"), string(body))
	}
	const api, other = "https://bank.example/api", "https://other.example/api"
	first := p.token(t, api, "accounts:read")
	poll(t, "the keys of the provider", func() bool {
		status, _ := call("/customers/4711", first)
		return status != http.StatusServiceUnavailable
	})
	for _, c := range []struct {
		name, path, token string
		status            int
		want              string
	}{
		{"may read", "/customers/4711", first, 200, `"user":"teller-desk"`},
		{"a customer who is not theirs", "/customers/4712", first, 403, "forbidden"},
		{"the scope to write", "/customers/4711", p.token(t, api, "accounts:write"), 403, `insufficient_scope`},
		{"both scopes", "/customers/4711", p.token(t, api, "accounts:read accounts:write"), 200, `"client":"teller-desk"`},
		{"another audience", "/customers/4711", p.token(t, other, "accounts:read"), 401, "invalid_token"},
		{"a changed token", "/customers/4711", first[:len(first)-4] + "AAAA", 401, "invalid_token"},
		{"none", "/customers/4711", "", 401, "Bearer"},
	} {
		if status, text := call(c.path, c.token); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d %s, want %d with %s", c.name, status, text, c.status, c.want)
		}
	}
	p.stop(t)
	if status, text := call("/customers/4711", first); status != http.StatusOK {
		t.Errorf("while the provider is down: %d %s", status, text)
	}
	p.start(t, "second")
	second := p.token(t, api, "accounts:read")
	for end := time.Now().Add(3 * patience); ; time.Sleep(250 * time.Millisecond) {
		status, text := call("/customers/4711", second)
		if status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("a token of the new key: %d %s", status, text)
		}
	}
	if status, text := call("/customers/4711", first); status != http.StatusUnauthorized {
		t.Errorf("a token of the key that is gone: %d %s", status, text)
	}
}
