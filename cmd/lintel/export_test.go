// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestExportedCurl runs the exported commands in a shell: what comes is what the tests would send.
func TestExportedCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatal("curl is missing: run scripts/peers.sh curl")
		}
		t.Skip("SKIPPED, NOT TESTED: curl is missing: run scripts/peers.sh curl")
	}
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Idempotency-Key") + " " + r.Header.Get("Content-Type") + " " + string(body)
	}))
	defer server.Close()
	for _, example := range []string{"bank", "orders"} {
		c := &exportCommand{p: &program{}, url: server.URL}
		p := &program{env: noEnv}
		ws, findings, err := p.load("../../examples/" + example)
		if err != nil || findings.HasErrors() {
			t.Fatal(err, findings)
		}
		list, err := c.requests(ws, c.url)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", r.curl()).CombinedOutput()
			if err != nil {
				t.Fatalf("%s\n%v %s", r.curl(), err, out)
			}
			header := http.Header{}
			for _, h := range r.headers {
				header.Set(h.name, h.text)
			}
			want := r.method + " " + strings.TrimPrefix(r.url, server.URL) + " " + header.Get("Idempotency-Key") + " " + header.Get("Content-Type") + " " + r.body
			if have := <-got; have != want {
				t.Errorf("got\n%s\nwant\n%s", have, want)
			}
		}
	}
}

// TestSecretsAreVariables exports an operation with security: no form has a secret, all have its name.
func TestSecretsAreVariables(t *testing.T) {
	r := exportedRequest{
		operation: "o", name: "it's one", method: "GET", url: "{{baseUrl}}/a?b=%20c",
		headers: []exportedHeader{{"X-Key", "", "API_KEY"}, {"Authorization", "Bearer ", "TOKEN"}},
	}
	if got, want := r.curl(), "curl -sS -X GET '{{baseUrl}}/a?b=%20c' \\\n  -H \"X-Key: $API_KEY\" \\\n  -H \"Authorization: Bearer $TOKEN\""; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	bru := r.bru(1)
	for _, want := range []string{"  X-Key: {{API_KEY}}\n", "  Authorization: Bearer {{TOKEN}}\n", "params:query {\n  b:  c\n}\n", "  name: it's one\n"} {
		if !strings.Contains(bru, want) {
			t.Errorf("%q is not in\n%s", want, bru)
		}
	}
	text, err := postmanCollection("t", "http://h", []exportedRequest{r})
	if err != nil || !json.Valid(text) || !bytes.Contains(text, []byte(`"value": "Bearer {{TOKEN}}"`)) || !bytes.Contains(text, []byte(`"key": "API_KEY"`)) {
		t.Errorf("%v\n%s", err, text)
	}
}
