// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAgainst runs the tests of the bank as a contract test of a running gateway whose host is
// simulated, and of one that answers something else.
func TestAgainst(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	gateway := simulated(t, p)
	seen := http.Header{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		gateway.ServeHTTP(w, r)
	}))
	defer server.Close()
	headers := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(headers, []byte("X-One: 1\nX-Two: 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := lintel(t, "test", "../../examples/bank", "--against", server.URL, "--header", "@"+headers)
	if code != exitOK || !strings.Contains(out, " passed, 0 failed") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if seen.Get("X-One") != "1" || seen.Get("X-Two") != "2" {
		t.Errorf("headers sent: %v", seen)
	}

	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}))
	defer other.Close()
	out, code = lintel(t, "test", "../../examples/bank", "getAccount/a current account", "--against", other.URL)
	if code != exitFindings || !strings.Contains(out, "response status: want 200, got 418") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// TestCaseRequest writes parameters in every style.
func TestCaseRequest(t *testing.T) {
	files := map[string]string{
		"openapi.yaml": `openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /a/{plain}/{label}/{matrix}:
    post:
      operationId: ping
      parameters:
        - {name: plain, in: path, required: true, schema: {type: array, items: {type: string}}}
        - {name: label, in: path, required: true, style: label, explode: true, schema: {type: array, items: {type: string}}}
        - {name: matrix, in: path, required: true, style: matrix, schema: {type: string}}
        - {name: list, in: query, schema: {type: array, items: {type: string}}}
        - {name: pipe, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - {name: deep, in: query, style: deepObject, explode: true, schema: {type: object, properties: {k: {type: string}}}}
        - {name: X-Obj, in: header, explode: true, schema: {type: object, properties: {a: {type: string}, b: {type: string}}}}
        - {name: c, in: cookie, schema: {type: string}}
      requestBody: {required: true, content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {"204": {description: none}}
`,
		"tests/ping.yaml": `- name: all
  request:
    path: {plain: [a/b, c], label: [d, e], matrix: "0 1"}
    query: {list: [x y, "&"], pipe: [p, q], deep: {k: v}, other: "1"}
    header: {X-Obj: {a: 1, b: 2}}
    cookie: {c: z}
    body: {n: 1.10}
`,
		"lintel.yaml":          "lintel: 1\ncontract: openapi.yaml\nbackends:\n  core: {tcp: {address: \"127.0.0.1:9\", frame: {length: {bytes: 4}}}}\n",
		"copybooks/P.cpy":      "       01  P.\n           05  A PIC X.\n",
		"transforms/ping.yaml": "operation: ping\nbackend: core\npublic: true\nrequest: {record: copybooks/P.cpy#P}\nreply: {record: copybooks/P.cpy#P}\n",
	}
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ws, findings, err := (&program{env: noEnv}).load(dir)
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	r, err := caseRequest(t.Context(), "http://h", ws.Contract.Operation("ping"), ws.Tests[0].Cases[0])
	if err != nil {
		t.Fatal(err)
	}
	want := "http://h/a/a%2Fb,c/.d.e/;matrix=0%201?list=x+y&list=%26&pipe=p%7Cq&deep%5Bk%5D=v&other=1"
	if got := r.URL.String(); got != want {
		t.Errorf("URL\n%s\nwant\n%s", got, want)
	}
	if r.Method != http.MethodPost || r.Header.Get("X-Obj") != "a=1,b=2" || r.Header.Get("Cookie") != "c=z" || r.Header.Get("Content-Type") != "application/merge-patch+json" {
		t.Errorf("%s %v", r.Method, r.Header)
	}
}

// lintel runs a command in this process; out is what it wrote to both outputs.
func lintel(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var b strings.Builder
	code = run(t.Context(), args, &b, &b)
	return b.String(), code
}
