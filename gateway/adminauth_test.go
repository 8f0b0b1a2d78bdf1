// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lintel/specs"
)

// operator is an Operator that notes what it was asked for.
type operator struct {
	did     []string
	refusal *Refusal
}

func (o *operator) Reload() *Refusal {
	o.did = append(o.did, "reload")
	return o.refusal
}

func (o *operator) Hold(backend string, held bool) bool {
	if backend != "core" {
		return false
	}
	o.did = append(o.did, map[bool]string{true: "hold", false: "release"}[held])
	return true
}

// S01: without the token nothing can be changed, and over a unix socket its permissions decide.
func TestS01AdminToken(t *testing.T) {
	const token = "0123456789abcdef01234567"
	op, level := &operator{}, new(slog.LevelVar)
	var log bytes.Buffer
	g := newGateway(t, Options{
		Log: slog.New(slog.NewJSONHandler(&log, nil)), Backends: someStates(),
		Admin: AdminOptions{Token: token, Operator: op, Level: level},
	})
	admin := g.Admin()
	changes := [][3]string{
		{"POST", "/reload", ""}, {"POST", "/backends/core/hold", ""}, {"POST", "/backends/core/release", ""}, {"PUT", "/log", `{"level":"debug"}`},
	}
	for _, c := range changes {
		for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer " + token[1:], "Bearer x" + token[1:], "Bearer " + token + "x", "Basic " + token, token} {
			if w := do(admin, c[0], "http://localhost"+c[1], c[2], "Authorization", auth); w.Code != 401 || w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s %s with %q: %d", c[0], c[1], auth, w.Code)
			}
		}
		if w := do(admin, c[0], "http://localhost"+c[1], c[2], "Authorization", "Bearer "+token, "Origin", "http://evil.example"); w.Code != 403 {
			t.Errorf("%s %s for a foreign page: %d", c[0], c[1], w.Code)
		}
	}
	if len(op.did) != 0 || level.Level() != slog.LevelInfo {
		t.Fatalf("something was done: %v, level %s", op.did, level)
	}
	for _, c := range changes {
		if w := do(admin, c[0], "http://localhost"+c[1], c[2], "Authorization", "Bearer "+token); w.Code != 200 {
			t.Errorf("%s %s: %d %s", c[0], c[1], w.Code, w.Body)
		}
	}
	if got := strings.Join(op.did, " "); got != "reload hold release" || level.Level() != slog.LevelDebug {
		t.Errorf("done: %s, level %s", got, level)
	}
	for _, c := range [][2]string{{"/backends/other/hold", ""}, {"/backends/core/hold/", ""}} {
		if w := do(admin, "POST", "http://localhost"+c[0], c[1], "Authorization", "Bearer "+token); w.Code != 404 {
			t.Errorf("%s: %d", c[0], w.Code)
		}
	}
	for _, body := range []string{"", "{", `{"level":"loud"}`, `{"level":"info+2"}`, `{"level":"info","more":1}`} {
		if w := do(admin, "PUT", "http://localhost/log", body, "Authorization", "Bearer "+token); w.Code != 400 {
			t.Errorf("level %q: %d", body, w.Code)
		}
	}
	if strings.Count(log.String(), `"msg":"operator"`) != 4 || strings.Contains(log.String(), token) {
		t.Errorf("what operators did is not in the log, or the token is: %s", log.String())
	}
	op.refusal = &Refusal{Error: "it has errors", Findings: specs.Findings{{Code: "LNT0000", Message: "wrong"}}}
	if w := do(admin, "POST", "http://localhost/reload", "", "Authorization", "Bearer "+token); w.Code != 422 || !strings.Contains(w.Body.String(), "LNT0000") {
		t.Errorf("refused reload: %d %s", w.Code, w.Body)
	}
}

func TestAdminWithoutToken(t *testing.T) {
	op := &operator{}
	g := newGateway(t, Options{Admin: AdminOptions{Operator: op}})
	if w := do(g.Admin(), "POST", "http://localhost/reload", "", "Authorization", "Bearer "); w.Code != 403 {
		t.Errorf("no token is set: %d", w.Code)
	}
	path := filepath.Join(t.TempDir(), "admin.sock")
	// One that a process left behind is replaced, one in use is not.
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewServer(context.Background(), g, ServerOptions{Listen: "127.0.0.1:0", Admin: "unix:" + path}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a socket in use: %v", err)
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	_, stop := serving(t, g, ServerOptions{Admin: "unix:" + path})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
	resp, err := client.Post("http://localhost/reload", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != 200 || len(op.did) != 1 {
		t.Errorf("over the socket: %d %s", resp.StatusCode, body)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left behind")
	}
}
