// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"lintel/adapters/tcp"
)

// canaries makes texts that stand nowhere else, and remembers them.
type canaries struct {
	mu   sync.Mutex
	n    int
	made []string
}

// text is a canary of ten characters, which is what most fields hold.
func (c *canaries) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	s := fmt.Sprintf("KNRY%06d", c.n)
	c.made = append(c.made, s)
	return s
}

// number is a canary of ten digits.
func (c *canaries) number() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	s := fmt.Sprintf("77393%05d", c.n)
	c.made = append(c.made, s)
	return s
}

// in returns the canaries that a text holds.
func (c *canaries) in(text string) (found []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.made {
		if strings.Contains(text, s) {
			found = append(found, s)
		}
	}
	return found
}

// canaryHost answers every message with canaries: some as fields of a reply, some as no reply at all.
func canaryHost(t *testing.T, c *canaries) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	frame := tcp.Frame{Bytes: 4, IncludesSelf: true}
	var wg sync.WaitGroup
	wg.Go(func() {
		for turn := 0; ; turn++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				in := bufio.NewReader(conn)
				for n := turn; ; n++ {
					message, err := frame.Read(in, 1<<20)
					if err != nil {
						return
					}
					if n%7 == 6 {
						return // no reply: in doubt
					}
					// The head of the region's messages, and then canaries in all fields.
					reply := append([]byte(nil), message[:min(len(message), 8)]...)
					reply = append(reply, "OK  "...)
					for len(reply) < 40+100*(n%5) {
						reply = append(reply, c.text()...)
					}
					out, err := frame.Append(nil, reply)
					if err != nil {
						return
					}
					if _, err := conn.Write(out); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return l.Addr().String()
}

// S03: texts that came from callers, from hosts, from the environment and from files of secrets are in no
// log line, metric, span, problem, or page of the admin port.
func TestS03Canaries(t *testing.T) {
	c := &canaries{}
	var spans bytes.Buffer
	var mu sync.Mutex
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&spans, z)
	}))
	defer collector.Close()
	token := filepath.Join(t.TempDir(), "token")
	secret := c.text() + c.text() + c.text()
	if err := os.WriteFile(token, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	ws := copyWorkspace(t, "../../examples/bank", map[string]string{
		"minimum: 20": "minimum: 1000000",
		"contract: openapi.yaml": "contract: openapi.yaml\noperations: {adminToken: \"${file:" + token + "}\", log: {level: debug}, serverTiming: true, " +
			"traces: {endpoint: " + collector.URL + ", sample: 100%, headers: {Authorization: \"${env:TRACE_KEY}\"}}}",
	})
	g := startGateway(t, ws, []string{"CORE_ADDRESS=" + canaryHost(t, c), "CORE_CODEPAGE=iso8859-1", "TRACE_KEY=" + c.text()})
	problems := canaryCalls(t, g, c)

	if len(c.made) < 200 {
		t.Errorf("only %d canaries", len(c.made))
	}
	outputs := map[string]string{"problems": problems}
	for _, path := range []string{"/metrics", "/status", "/config", "/findings", "/backends", "/readyz?verbose"} {
		_, outputs[path] = adminGet(t, g.admin, path)
	}
	if err := g.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := g.wait(t); err != nil {
		t.Error(err)
	}
	outputs["standard error"] = g.text()
	mu.Lock()
	outputs["spans"] = spans.String()
	mu.Unlock()
	for name, text := range outputs {
		if found := c.in(text); len(found) > 0 {
			i := strings.Index(text, found[0])
			t.Errorf("%s holds %d canaries, the first in: %.300s", name, len(found), text[max(0, i-150):])
		}
		if strings.ContainsAny(text, "\x1b") && name != "spans" {
			t.Errorf("%s holds an escape", name)
		}
		if len(text) < 30 {
			t.Errorf("%s says nothing: %q", name, text)
		}
	}
	// S08: what came in breaks no line.
	for line := range strings.Lines(outputs["standard error"]) {
		if strings.Contains(line, `"msg"`) && !regexp.MustCompile(`^\{.*\}\n$`).MatchString(line) {
			t.Errorf("broken line: %s", line)
		}
	}
}

// canaryCalls puts canaries wherever a request has room, but for the names of parameters and members, which
// a problem tells to whom sent them, and returns what is answered to those that fail.
func canaryCalls(t *testing.T, g *gatewayProcess, c *canaries) string {
	t.Helper()
	var problems strings.Builder
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	call := func(method, path, body string, headers ...string) {
		req, err := http.NewRequest(method, "http://"+g.api+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "Idempotency-Key", "User-Agent", "Referer", "X-Forwarded-For", "Accept-Language", "Tracestate"} {
			req.Header.Set(name, c.text())
		}
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode >= 400 {
			problems.Write(text)
			problems.WriteString("\n")
		}
	}
	for range 10 {
		call("GET", "/accounts/"+c.number(), "")
		call("GET", "/accounts/"+c.text(), "")
		call("GET", "/accounts/"+c.number()+"/transactions?limit="+c.number()+"&unknown="+c.text(), "")
		call("GET", "/accounts/"+c.number()+"/transactions?limit=5", "")
		call("GET", "/"+c.text()+"/%1b[31m"+c.text(), "")
		call("POST", "/transfers", transferBody(c.number(), c.number(), "1.00", c.text()))
		call("POST", "/transfers", transferBody(c.text(), c.text(), c.number()+".123", c.text()+c.text()+c.text()+"\\u001b[31m"))
		call("POST", "/transfers", `{"unknown":"`+c.text()+`","from":`+c.number()+`}`)
		call("POST", "/transfers", `{"from": `+c.text())
		call("POST", "/accounts", `{"type":"`+c.text()+`","currency":"`+c.text()+`","branch":`+c.number()+`,"owners":[{"name":"`+c.text()+`小林","role":"holder"}]}`)
		call("POST", "/transfers", "{}", "Content-Type", "application/"+c.text())
		call(c.text(), "/transfers", c.text(), "Content-Encoding", c.text())
		call("GET", "/accounts/"+c.number(), "", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	}
	return problems.String()
}
