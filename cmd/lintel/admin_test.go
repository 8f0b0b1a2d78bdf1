// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commandIn runs a command of lintel in this process.
func commandIn(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := &program{stdout: &out, stderr: &errs, env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	code = runWith(t.Context(), args, p)
	return code, out.String(), errs.String()
}

// TestAdminCommands runs the commands of operators against a running gateway, with its token.
func TestAdminCommands(t *testing.T) {
	const token = "0123456789abcdef0123456789abcdef"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ws := copyWorkspace(t, "../../examples/bank", map[string]string{
		"contract: openapi.yaml": "contract: openapi.yaml\noperations: {adminToken: \"${file:" + file + "}\", log: {level: warn}}",
	})
	g := startGateway(t, ws, nil, "--simulate")
	env := map[string]string{"LINTEL_ADMIN": g.admin, "LINTEL_ADMIN_TOKEN_FILE": file}
	without := map[string]string{"LINTEL_ADMIN": g.admin}
	want := func(env map[string]string, code int, part string, args ...string) {
		t.Helper()
		got, out, errs := commandIn(t, env, args...)
		if got != code || !strings.Contains(out+errs, part) {
			t.Errorf("lintel %s: exit code %d, want %d with %q\n%s%s", strings.Join(args, " "), got, code, part, out, errs)
		}
	}
	want(without, 0, "ready since", "status")
	want(without, 0, `"digest"`, "status", "--output", "json")
	want(without, 0, "backend core: closed", "breaker", "list")
	want(without, 0, "", "healthcheck")
	want(without, exitFindings, "401", "reload")
	want(without, exitFindings, "401", "breaker", "hold", "core")
	want(env, exitUsage, "not the name of a backend", "breaker", "hold", "../../reload")
	want(env, exitFindings, "no such backend", "breaker", "hold", "other")
	want(env, 0, "backend core: held", "breaker", "hold", "core")
	hold := func(want int) {
		t.Helper()
		resp, err := http.Get("http://" + g.api + "/accounts/0000004711")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("status %d, want %d", resp.StatusCode, want)
		}
	}
	hold(http.StatusServiceUnavailable)
	edit(t, ws, "lintel.yaml", "every: 5s", "every: 6s") // the backend gets a new guard
	want(env, 0, "reloaded: digest", "reload")
	hold(http.StatusServiceUnavailable)
	want(env, 0, "backend core: closed", "breaker", "release", "core")
	hold(http.StatusOK)

	want(without, 0, "warn", "loglevel")
	want(env, 0, "debug", "loglevel", "debug")
	want(env, exitFindings, "400", "loglevel", "loud")
	want(env, 0, "operations.adminToken: (not shown)    # lintel.yaml:3:", "config", "print", "--origin", "--admin", g.admin)
	want(env, 0, "gateway.admin: 127.0.0.1:0    # flag --admin", "config", "print", "--origin", "--admin", g.admin)
	want(nil, 0, "gateway.timeout: 30s    # default", "config", "print", "--origin", ws)

	edit(t, ws, "transforms/getAccount.yaml", "=reply.balance", "=reply.blance")
	want(env, exitFindings, "transforms/getAccount.yaml:29:34: error LNT4022", "reload")
	want(env, 0, "REFUSED a reload (admin)", "status")
	if code, body := adminGet(t, g.admin, "/findings"); code != 200 || !strings.Contains(body, "LNT4022") {
		t.Errorf("/findings: %d %s", code, body)
	}
	metrics := func() string { _, body := adminGet(t, g.admin, "/metrics"); return body }
	if m := metrics(); !strings.Contains(m, `lintel_config_reload_total{result="refused"} 1`) || strings.Count(m, "lintel_config_info{") != 1 {
		t.Error("the metrics do not tell of the refusal, or of one digest")
	}
	edit(t, ws, "transforms/getAccount.yaml", "=reply.blance", "=reply.balance")
	edit(t, ws, "lintel.yaml", "level: warn", "level: info")
	want(env, 0, "reloaded", "reload")
	want(env, 0, "wait for the next start or handover", "status")
	if strings.Contains(g.text()+metrics(), token) {
		t.Error("the token is in the log or in the metrics")
	}
	want(map[string]string{"LINTEL_ADMIN": "127.0.0.1:1"}, exitUnreachable, "cannot be reached", "status")
	want(map[string]string{"LINTEL_ADMIN": g.api}, exitFindings, "404", "status")
}

// O03: what happens to files while they are changed: links exchanged as Kubernetes does it, a file half
// written, one that cannot be read. What is not whole is refused with its place, and what serves goes on.
func TestO03Files(t *testing.T) {
	root := t.TempDir()
	volume := func(name, title string) {
		t.Helper()
		dir := filepath.Join(root, name)
		if err := os.CopyFS(dir, os.DirFS("../../examples/bank")); err != nil {
			t.Fatal(err)
		}
		giveTime(t, dir)
		edit(t, dir, "transforms/getAccount.yaml", "title: Account not found", "title: "+title)
	}
	link := func(target string) {
		t.Helper()
		next := filepath.Join(root, "..next")
		if err := os.Symlink(target, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(root, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	volume("..2026_01", "First title")
	link("..2026_01")
	entries, err := os.ReadDir(filepath.Join(root, "..data"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Symlink(filepath.Join("..data", e.Name()), filepath.Join(root, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	g := startGateway(t, root, nil, "--simulate", "--watch")
	served := func() string {
		resp, err := http.Get("http://" + g.api + "/accounts/0000000002")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	wait := func(what string, done func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited in vain for %s", what)
			}
		}
	}
	if body := served(); !strings.Contains(body, "First title") {
		t.Fatal(body)
	}
	volume("..2026_02", "Second title")
	link("..2026_02")
	wait("the exchanged link", func() bool { return strings.Contains(served(), "Second title") })

	// Half of a file, and then a file that cannot be read.
	file := filepath.Join(root, "..2026_02", "transforms", "getAccount.yaml")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Each takes the place of what was there in one step, so that nothing else is seen on the way.
	place := func(made string) {
		t.Helper()
		if err := os.Rename(made, file); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(t.TempDir(), "half")
	if err := os.WriteFile(half, whole[:len(whole)*2/3+7], 0o600); err != nil {
		t.Fatal(err)
	}
	place(half)
	wait("the refusal of half a file", func() bool { return strings.Contains(g.text(), "keeps serving") })
	if !strings.Contains(g.text(), "transforms/getAccount.yaml:") {
		t.Error("the place is not told")
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil { // reading it would never end
		t.Fatal(err)
	}
	place(pipe)
	wait("the refusal of a pipe", func() bool { return strings.Count(g.text(), "keeps serving") == 2 })
	if body := served(); !strings.Contains(body, "Second title") {
		t.Errorf("the old workspace does not serve: %s", body)
	}
	_, metrics := adminGet(t, g.admin, "/metrics")
	if !strings.Contains(metrics, `lintel_config_reload_total{result="refused"} 2`) {
		t.Error("the refusals are not counted")
	}
}
