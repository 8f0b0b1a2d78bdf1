// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// S06: what a reply has beyond the contract is dropped, at any depth, and counted; what an open object
// has is kept, and numbers stay as they are written.
func TestS06UnnamedReplyMembers(t *testing.T) {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"name":"A","secret":"S3CRET","detail":{"limit":1.10,"pin":"S3CRET"},
			"lines":[{"n":1,"x":"S3CRET"},{"n":2}],"open":{"any":12345678901234567890.10},"kind":{"type":"a","a":1,"b":"S3CRET"}}`)
	}))
	defer host.Close()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"lintel.yaml": "lintel: 1\ncontract: openapi.yaml\nbackends:\n  web: {http: {url: \"" + host.URL + "\"}}\n",
		"openapi.yaml": `openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /account:
    get:
      operationId: getAccount
      responses:
        "200":
          description: the account
          content:
            application/json:
              schema:
                type: object
                required: [name]
                properties:
                  name: {type: string}
                  detail: {type: object, properties: {limit: {type: number}}}
                  lines: {type: array, items: {type: object, properties: {n: {type: integer}}}}
                  open: {type: object, additionalProperties: true, properties: {a: {type: string}}}
                  kind: {oneOf: [{type: object, required: [a], properties: {type: {type: string}, a: {type: integer}}}, {type: object, required: [c], properties: {c: {type: integer}}}]}
`,
		"schemas/host.json":          `{"$defs":{"Any":{"type":"object"}}}`,
		"transforms/getAccount.yaml": "operation: getAccount\nbackend: web\npublic: true\nrequest: {json: \"schemas/host.json#/$defs/Any\", body: {id: x}, properties: {method: POST, path: /}}\nreply:\n  json: \"schemas/host.json#/$defs/Any\"\n  body: =reply\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := mustCompile(t, dir, func(string) (string, bool) { return "", false })
	var out bytes.Buffer
	log := newLogging(&out)
	defer log.close()
	sims := &simulation{ctx: t.Context(), p: &program{stdout: &out, stderr: &out}, log: log}
	defer sims.close()
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	w := httptest.NewRecorder()
	h.gateway.ServeHTTP(w, httptest.NewRequest("GET", "/account", nil))
	const want = `{"name":"A","detail":{"limit":1.10},"lines":[{"n":1},{"n":2}],"open":{"any":12345678901234567890.10},"kind":{"type":"a","a":1}}`
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d %s\nwant %s", w.Code, w.Body, want)
	}
	m := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/metrics", nil)
	r.Host = "localhost"
	h.gateway.Admin().ServeHTTP(m, r)
	if !strings.Contains(m.Body.String(), `lintel_reply_members_dropped_total{operation="getAccount"} 4`) {
		t.Errorf("not counted: %s", m.Body)
	}
}
