// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guideFiles writes the files of a guide page (a block after <!-- file: NAME -->) to a folder.
func guideFiles(t *testing.T, page string) string {
	t.Helper()
	src, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```\\w+\n(.*?)```\n").FindAllStringSubmatch(string(src), -1) {
		file := filepath.Join(dir, filepath.FromSlash(m[1]))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(m[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// simulated serves a workspace with simulated hosts in this process.
func simulated(t *testing.T, p *plan) http.Handler {
	t.Helper()
	h, _ := simulatedWith(t, p)
	return h
}

// simulatedWith is simulated, and gives the simulation.
func simulatedWith(t *testing.T, p *plan) (http.Handler, *simulation) {
	t.Helper()
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}, log: log, on: true}
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
	return h.gateway, sims
}

func get(h http.Handler, target string) (int, string) { return send(h, http.MethodGet, target, "") }

// send calls a handler with a JSON body, or none if it is empty.
func send(h http.Handler, method, target, body string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", rand.Text())
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// TestGuideFirstAPI follows docs/guide/first-api.md with its own files.
func TestGuideFirstAPI(t *testing.T) {
	p := mustCompile(t, guideFiles(t, "../../docs/guide/first-api.md"), noEnv)
	if playTests(t, p, nil) == 0 {
		t.Error("the guide has no exchanges")
	}
	h := simulated(t, p)
	want := `{"name":"MARIA FERNANDEZ","born":"1980-02-29","credit":1200.50,"phones":[{"kind":"mobile","number":"+34 600 000 000"}]}`
	if code, body := get(h, "/customers/0000042"); code != 200 || body != want {
		t.Errorf("status %d\n%s\nwant\n%s", code, body, want)
	}
	if code, body := get(h, "/customers/0000043"); code != 404 || !strings.Contains(body, "Customer not found") {
		t.Errorf("status %d %s, want the declared 404", code, body)
	}
	if code, body := get(h, "/customers/42"); code != 400 || !strings.Contains(body, `"number"`) {
		t.Errorf("status %d %s, want 400 that names the parameter", code, body)
	}
}

// TestGuideTenMinutes keeps docs/guide/ten-minutes.md and its story the same: every command of the page is in the story.
func TestGuideTenMinutes(t *testing.T) {
	story, err := os.ReadFile("testdata/script/tenminutes.txtar")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(story), "'", `"`)
	n := 0
	for line := range strings.Lines(readDoc(t, "../../docs/guide/ten-minutes.md")) {
		command, is := strings.CutPrefix(strings.TrimRight(line, "\n"), "    lintel ")
		if !is {
			continue
		}
		n++
		command = strings.NewReplacer("dev stock", "dev --port 0 stock", "simulate stock", "simulate --listen core=127.0.0.1:0 stock", "serve stock", "serve --listen 127.0.0.1:0 --admin 127.0.0.1:0 stock", "http://127.0.0.1:39353", "$dev_ADMIN").Replace(command)
		if !strings.Contains(text, command) {
			t.Errorf("the story does not run: lintel %s", command)
		}
	}
	if n < 10 {
		t.Errorf("%d commands", n)
	}
	_, book, _ := strings.Cut(string(story), "-- STOCKINQ.cpy --\n")
	if page := readDoc(t, "../../docs/guide/ten-minutes.md"); !strings.Contains(page, "```cobol\n"+book+"```\n") {
		t.Error("the page has another copybook than the story")
	}
}
