// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintel/gateway/security/securitytest"
	"lintel/specs"
)

// secured is the workspace of testdata/secure, served in front of simulated hosts, and its issuer.
type secured struct {
	keys   int
	issuer *securitytest.Issuer
	dir    string
	house  *house
	sims   *simulation
	prog   *program
	log    *bytes.Buffer
}

const (
	tellerKey  = "lk_teller-key-of-the-test"
	partnerKey = "lk_partner-key-of-the-test"
	expiredKey = "lk_expired-key-of-the-test"
)

func startSecured(t *testing.T) *secured {
	t.Helper()
	s := &secured{issuer: securitytest.New(t, "RS256"), log: &bytes.Buffer{}}
	s.dir = copyWorkspace(t, "testdata/secure", nil)
	if err := os.WriteFile(filepath.Join(s.dir, "issuer.pem"), s.issuer.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) { return s.issuer.URL, name == "ISSUER" }
	p := mustCompile(t, s.dir, env)
	log := newLogging(s.log)
	t.Cleanup(log.close)
	s.prog = &program{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, env: env}
	s.sims = &simulation{ctx: t.Context(), p: s.prog, log: log, on: true}
	t.Cleanup(s.sims.close)
	backends, err := s.sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	if s.house, err = build(p, backends, log, nil, journalPlace{dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.house.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, issuer := range s.house.tokens {
		issuer.Wait(ctx)
	}
	return s
}

// token signs a token for alice, who has the customer 4711 and may read; more changes its claims.
func (s *secured) token(t *testing.T, more map[string]any) string {
	t.Helper()
	c := map[string]any{"tenant": "retail", "scope": "accounts:read", "customers": []string{"4711"}, "realm": map[string]any{"roles": []string{"customer"}}}
	for k, v := range more {
		c[k] = v
	}
	return "Bearer " + s.issuer.Token(t, s.issuer.Claims("bank-api", c), nil)
}

func (s *secured) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		s.keys++
		r.Header.Set("Idempotency-Key", fmt.Sprintf("test-key-%020d", s.keys))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.house.gateway.ServeHTTP(w, r)
	return w
}

// TestSecurity calls every operation as different callers.
func TestSecurity(t *testing.T) {
	s := startSecured(t)
	alice := s.token(t, nil)
	write := s.token(t, map[string]any{"scope": "accounts:write", "azp": "shop", "org": map[string]any{"unit": "retail"}, "level": 2})
	body := `{"name":"BOB"}`
	cases := []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		want                       string // in the body, or in WWW-Authenticate
	}{
		{"own customer", "GET", "/customers/4711", "", []string{"Authorization", alice}, 200, `"user":"alice"`},
		{"S05: customer of another", "GET", "/customers/4712", "", []string{"Authorization", alice}, 403, `"code":"forbidden"`},
		{"no customers at all", "GET", "/customers/4711", "", []string{"Authorization", s.token(t, map[string]any{"customers": nil})}, 403, `"outcome":"not-sent"`},
		{"customers is a text", "GET", "/customers/4711", "", []string{"Authorization", s.token(t, map[string]any{"customers": "4711"})}, 403, "forbidden"},
		{"nobody", "GET", "/customers/4711", "", nil, 401, `Bearer realm="api"`},
		{"S04: other audience", "GET", "/customers/4711", "", []string{"Authorization", s.token(t, map[string]any{"aud": "shop"})}, 401, `error="invalid_token"`},
		{"S04: expired", "GET", "/customers/4711", "", []string{"Authorization", s.token(t, map[string]any{"exp": 1})}, 401, `error="invalid_token"`},
		{"other tenant", "GET", "/customers/4711", "", []string{"Authorization", s.token(t, map[string]any{"tenant": "x"})}, 401, ""},
		{"H03: two tokens", "GET", "/customers/4711", "", []string{"Authorization", alice, "Authorization", alice}, 401, ""},
		{"H02: hop by hop", "GET", "/customers/4711", "", []string{"Authorization", alice, "Connection", "Authorization"}, 200, `"user":"alice"`},
		{"scope missing", "GET", "/customers/4711", "", []string{"Authorization", s.token(t, map[string]any{"scope": "other"})}, 403, `error="insufficient_scope", scope="accounts:read"`},
		{"teller's key", "GET", "/customers/4711", "", []string{"X-Branch-Key", tellerKey}, 200, `"client":"teller-desk"`},
		{"expired key", "GET", "/customers/4711", "", []string{"X-Branch-Key", expiredKey}, 401, `ApiKey realm="api"`},
		{"key of another scheme", "GET", "/customers/4711", "", []string{"X-Branch-Key", partnerKey}, 401, ""},
		{"twin of the key's header", "GET", "/customers/4711", "", []string{"X-Branch-Key", tellerKey, "X_branch_key", "x"}, 400, "ambiguous"},
		{"bad token, good key", "GET", "/customers/4711", "", []string{"X-Branch-Key", tellerKey, "Authorization", "Bearer x"}, 200, ""},
		{"both of two", "PUT", "/customers/4711?key=" + partnerKey, body, []string{"Authorization", write}, 200, `"client":"shop"`},
		{"only the token", "PUT", "/customers/4711", body, []string{"Authorization", write}, 401, ""},
		{"only the key", "PUT", "/customers/4711?key=" + partnerKey, body, nil, 401, ""},
		{"key twice", "PUT", "/customers/4711?key=" + partnerKey + "&key=" + partnerKey, body, []string{"Authorization", write}, 401, ""},
		{"before the body is looked at", "PUT", "/customers/4711", "{", nil, 401, ""},
		{"level too low", "PUT", "/customers/4711?key=" + partnerKey, body, []string{"Authorization", s.token(t, map[string]any{"scope": "accounts:write", "azp": "shop", "org": map[string]any{"unit": "retail"}, "level": 1})}, 403, ""},
		{"level is no number", "PUT", "/customers/4711?key=" + partnerKey, body, []string{"Authorization", s.token(t, map[string]any{"scope": "accounts:write", "azp": "shop", "org": map[string]any{"unit": "retail"}, "level": "9"})}, 403, ""},
		{"anonymous", "GET", "/greeting", "", nil, 200, `"name":"HELLO"`},
		{"known where nobody must be", "GET", "/greeting", "", []string{"Authorization", alice}, 200, `"user":"alice"`},
		{"wrong where nobody must be", "GET", "/greeting", "", []string{"Authorization", "Bearer x"}, 401, ""},
		{"public", "GET", "/open", "", nil, 200, ""},
		{"public with anything", "GET", "/open", "", []string{"Authorization", "Bearer x"}, 200, ""},
		{"options", "OPTIONS", "/customers/4711", "", nil, 204, ""},
	}
	for _, c := range cases {
		w := s.do(c.method, c.target, c.body, c.headers...)
		text := w.Body.String() + strings.Join(w.Header().Values("WWW-Authenticate"), ", ")
		if w.Code != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d, want %d with %s in\n%s", c.name, w.Code, c.status, c.want, text)
		}
		if w.Code == 401 && (w.Header().Get("WWW-Authenticate") == "" || !strings.Contains(text, `"detail":"The request shows no valid credential for this operation."`)) {
			t.Errorf("%s: 401 without a challenge, or with a reason: %s", c.name, text)
		}
	}
}

// TestSecurityLog makes sure that no credential gets into log or problems (S03), and the name of a
// client only where that is configured.
func TestSecurityLog(t *testing.T) {
	s := startSecured(t)
	alice := s.token(t, map[string]any{"azp": "mobile-app-client"})
	s.do("GET", "/customers/4711", "", "Authorization", alice)
	s.do("GET", "/customers/4712", "", "Authorization", alice)
	s.do("GET", "/customers/4711", "", "X-Branch-Key", tellerKey)
	s.do("GET", "/customers/4711", "", "X-Branch-Key", expiredKey)
	s.do("PUT", "/customers/4711?key="+partnerKey, `{}`)
	s.sims.log.close() // writes what is left
	log := s.log.String()
	for _, secret := range []string{strings.TrimPrefix(alice, "Bearer "), tellerKey, expiredKey, partnerKey, "mobile-app-client", "alice"} {
		if strings.Contains(log, secret) {
			t.Errorf("log holds %.20s", secret)
		}
	}
	var clients []string
	for line := range strings.Lines(log) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		if c, ok := fields["client"].(string); ok && fields["msg"] == "call" {
			clients = append(clients, c)
		}
	}
	if len(clients) != 3 || clients[0] != clients[1] || clients[0][0] != '~' || clients[2] != "teller-desk" {
		t.Errorf("clients in the log: %v", clients)
	}
}

// TestSecurityReload rotates the key of the issuer, changes a file of keys, and takes the issuer away.
func TestSecurityReload(t *testing.T) {
	s := startSecured(t)
	r := &reloader{p: s.prog, dir: s.dir, house: s.house, sims: s.sims, log: s.sims.log}
	edit(t, s.dir, "keys.yaml", "roles: [teller]}", "roles: [trainee]}")
	r.reload("test")
	if w := s.do("GET", "/customers/4711", "", "X-Branch-Key", tellerKey); w.Code != http.StatusForbidden {
		t.Errorf("trainee: %d %s", w.Code, w.Body)
	}
	s.issuer.SetDown(true)
	edit(t, s.dir, "lintel.yaml", "logClient: true", "logClient: false")
	r.reload("test")
	alice := s.token(t, nil)
	if w := s.do("GET", "/customers/4711", "", "Authorization", alice); w.Code != http.StatusOK {
		t.Errorf("keys are kept over a reload while the issuer is down: %d %s", w.Code, w.Body)
	}
	edit(t, s.dir, "keys.yaml", "sha256: ", "sha: ")
	r.reload("test")
	if w := s.do("GET", "/customers/4711", "", "X-Branch-Key", tellerKey); w.Code != http.StatusForbidden {
		t.Errorf("a bad file of keys is served: %d %s", w.Code, w.Body)
	}
}

// TestSecurityIssuerDown starts without the issuer: it does not keep the rest down.
func TestSecurityIssuerDown(t *testing.T) {
	issuer := securitytest.New(t, "ES256")
	issuer.SetDown(true)
	dir := copyWorkspace(t, "testdata/secure", nil)
	if err := os.WriteFile(filepath.Join(dir, "issuer.pem"), issuer.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	p := mustCompile(t, dir, func(name string) (string, bool) { return issuer.URL, name == "ISSUER" })
	h := simulated(t, p)
	if code, body := get(h, "/open"); code != http.StatusOK {
		t.Errorf("public operation: %d %s", code, body)
	}
	req := httptest.NewRequest("GET", "/customers/4711", nil)
	req.Header.Set("Authorization", "Bearer "+issuer.Token(t, issuer.Claims("bank-api", nil), nil))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "identity-unavailable") {
		t.Errorf("token: %d %s", w.Code, w.Body)
	}
}

// TestSecurityExchanges runs the exchanges of the workspace's tests offline.
func TestSecurityExchanges(t *testing.T) {
	issuer := securitytest.New(t, "ES256")
	dir := copyWorkspace(t, "testdata/secure", nil)
	if err := os.WriteFile(filepath.Join(dir, "issuer.pem"), issuer.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	p := mustCompile(t, dir, func(string) (string, bool) { return issuer.URL, true })
	if ran := playTests(t, p, nil); ran != 7 {
		t.Errorf("%d exchanges", ran)
	}
}

// TestS04Guessing shows tokens that are wrong in every way of S04: each is a 401 that does not say why,
// and after some the address is refused, whatever it shows, while others are served.
func TestS04Guessing(t *testing.T) {
	s := startSecured(t)
	edit(t, s.dir, "lintel.yaml", "security:\n", "gateway: {rate: {policies: {guesses: {requests: 20, per: 1h, by: failure}}}}\nsecurity:\n")
	(&reloader{p: s.prog, dir: s.dir, house: s.house, sims: s.sims, log: s.sims.log}).reload("test")
	alice := s.token(t, nil)
	parts := strings.Split(strings.TrimPrefix(alice, "Bearer "), ".")
	forge := func(header, signature string) string {
		return "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1] + "." + signature
	}
	flipped := []byte(parts[2])
	flipped[10] ^= 1
	wrong := []string{
		"Bearer " + parts[0] + "." + parts[1] + "." + string(flipped),
		forge(`{"alg":"none","typ":"JWT"}`, ""), forge(`{"alg":"nOnE","typ":"JWT"}`, parts[2]), forge(`{"alg":"HS256","typ":"JWT"}`, parts[2]),
		s.token(t, map[string]any{"exp": 1}), s.token(t, map[string]any{"aud": "shop"}),
	}
	answers := map[int]int{}
	var body string
	for n := range 40 {
		w := s.do("GET", "/customers/4711", "", "Authorization", wrong[n%len(wrong)])
		answers[w.Code]++
		var p struct{ Instance, TraceID string }
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(p.Instance, "", p.TraceID, "").Replace(w.Body.String())
		if w.Code == http.StatusUnauthorized && body != "" && text != body {
			t.Errorf("the answers tell what was wrong: %s, %s", text, body)
		}
		if w.Code == http.StatusUnauthorized {
			body = text
		}
	}
	if answers[401] != 20 || answers[429] != 20 {
		t.Errorf("answers by status: %v", answers)
	}
	if w := s.do("GET", "/customers/4711", "", "Authorization", alice); w.Code != http.StatusTooManyRequests {
		t.Errorf("the right one from there: %d", w.Code)
	}
	r := httptest.NewRequest("GET", "/customers/4711", nil)
	r.RemoteAddr = "198.51.100.7:1000"
	r.Header.Set("Authorization", alice)
	w := httptest.NewRecorder()
	if s.house.gateway.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("the right one from elsewhere: %d %s", w.Code, w.Body)
	}
}

// An answer that is made with identity cannot be kept for every caller; the allow rule may use it.
func TestSharedAnswers(t *testing.T) {
	issuer := securitytest.New(t, "ES256")
	compiled := func(callers string, edits ...string) specs.Findings {
		dir := copyWorkspace(t, "testdata/secure", nil)
		if err := os.WriteFile(filepath.Join(dir, "issuer.pem"), issuer.CA, 0o600); err != nil {
			t.Fatal(err)
		}
		edit(t, dir, "transforms/getCustomer.yaml", "backend: core\n", "backend: core\ncache: {gateway: 1m, callers: "+callers+"}\n")
		for i := 0; i < len(edits); i += 2 {
			edit(t, dir, "transforms/getCustomer.yaml", edits[i], edits[i+1])
		}
		ws, findings := specs.LoadFS("secure", os.DirFS(dir), func(string) (string, bool) { return issuer.URL, true })
		_, more := compile(ws)
		return append(findings, more...)
	}
	without := []string{`"=cutTo(identity.subject, 12)"`, "X", ", user: =identity.subject, client: =identity.client", ""}
	for _, c := range []struct {
		name, callers string
		edits         []string
		want          int
	}{
		{"each", "each", nil, 0},
		{"all, in request and reply", "all", nil, 1},
		{"all, in the reply", "all", without[:2], 1},
		{"all, in the request", "all", without[2:], 1},
		{"all, in the allow rule only", "all", without, 0},
	} {
		found := 0
		for _, f := range compiled(c.callers, c.edits...) {
			if f.Code != specs.CodeCache {
				continue
			}
			if found++; f.File != "transforms/getCustomer.yaml" || f.Line != 3 || f.Column != 31 {
				t.Errorf("%s: %s", c.name, f)
			}
		}
		if found != c.want {
			t.Errorf("%s: %d findings, want %d", c.name, found, c.want)
		}
	}
}
