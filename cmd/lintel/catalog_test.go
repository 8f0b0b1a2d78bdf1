// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"lintel/gateway"
	"lintel/specs"
	"lintel/transforms"
)

// Tests of the catalog of faults and bad input, by their ids, over a whole gateway: the bank in front
// of its simulated host.

// bankHouse is the bank, wired in this process; its log and what was said to the host are kept.
type bankHouse struct {
	gateway *gateway.Gateway
	log     *bytes.Buffer
	keys    int
	close   func()
}

func startBankHouse(t *testing.T, edits map[string]string) *bankHouse {
	t.Helper()
	dir := copyWorkspace(t, "../../examples/bank", edits)
	p := mustCompile(t, dir, func(string) (string, bool) { return "", false })
	b := &bankHouse{log: &bytes.Buffer{}}
	log := newLogging(b.log)
	prog := &program{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	sims := &simulation{ctx: t.Context(), p: prog, log: log, on: true}
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	b.gateway = h.gateway
	done := false
	b.close = func() {
		if !done {
			done = true
			_ = h.Close()
			sims.close()
			log.close()
		}
	}
	t.Cleanup(b.close)
	return b
}

func (b *bankHouse) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == "POST" {
		b.keys++
		r.Header.Set("Idempotency-Key", fmt.Sprintf("key-of-the-catalog-%d", b.keys))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.gateway.ServeHTTP(w, r)
	return w
}

const goodTransfer = `{"from":"0000004711","to":"0000004712","amount":{"amount":250.00,"currency":"EUR"},"reference":"RENT-2024-03"}`

// transferWith is the good transfer with one text replaced.
func transferWith(t *testing.T, before, after string) string {
	t.Helper()
	if !strings.Contains(goodTransfer, before) {
		t.Fatalf("the transfer has no %s", before)
	}
	return strings.Replace(goodTransfer, before, after, 1)
}

// firstPlace is the place and code of the first error of a problem.
func firstPlace(w *httptest.ResponseRecorder) string {
	var p struct {
		Code, Outcome string
		Errors        []struct{ Pointer, Parameter, Code string }
	}
	if json.Unmarshal(w.Body.Bytes(), &p) != nil || len(p.Errors) == 0 {
		return p.Code
	}
	return p.Errors[0].Parameter + p.Errors[0].Pointer + " " + p.Errors[0].Code
}

type badInput struct {
	name, body string
	status     int
	place      string // pointer and code of the first error, or the code of the problem; "" for any
}

func (b *bankHouse) refuses(t *testing.T, inputs ...badInput) {
	t.Helper()
	for _, in := range inputs {
		w := b.do("POST", "/transfers", in.body)
		got := firstPlace(w)
		if w.Code != in.status || in.place != "" && got != in.place || w.Code >= 400 && !strings.Contains(w.Body.String(), `"outcome":"not-sent"`) {
			t.Errorf("%s: %d at %q, want %d at %q\n%.300s", in.name, w.Code, got, in.status, in.place, w.Body)
		}
	}
}

// X01: documents that nest too deep.
func TestX01Depth(t *testing.T) {
	b := startBankHouse(t, nil)
	b.refuses(t,
		badInput{"33", transferWith(t, `"RENT-2024-03"`, strings.Repeat("[", 33)+strings.Repeat("]", 33)), 400, ""},
		badInput{"10,001", transferWith(t, `"RENT-2024-03"`, strings.Repeat("[", 10_001)+strings.Repeat("]", 10_001)), 400, ""},
		badInput{"1 MiB", strings.Repeat("[", 1<<20), 400, ""},
		badInput{"objects", strings.Repeat(`{"amount":`, 100_000), 400, ""},
	)
}

// X03: members that stand twice.
func TestX03DuplicateKeys(t *testing.T) {
	b := startBankHouse(t, nil)
	b.refuses(t,
		badInput{"twice", transferWith(t, `"from":`, `"from":"0000004711","from":`), 400, "/from duplicate"},
		badInput{"by an escape", transferWith(t, `"from":`, `"\u0066rom":"0000004719","from":`), 400, "/from duplicate"},
		badInput{"by case", transferWith(t, `"from":`, `"From":"0000004719","from":`), 400, "/From unknown"},
		badInput{"deep", transferWith(t, `"amount":250.00`, `"amount":1,"amount":250.00`), 400, "/amount/amount duplicate"},
	)
}

// X04: numbers are exact or refused, however they are written.
func TestX04Numbers(t *testing.T) {
	b := startBankHouse(t, nil)
	number := func(text string) string { return transferWith(t, "250.00", text) }
	b.refuses(t,
		badInput{"exponent", number("1e999999999"), 400, "/amount/amount maximum"},
		badInput{"a million digits", number(strings.Repeat("9", 1_000_000)), 400, ""},
		badInput{"2^53+1", number("9007199254740993"), 400, "/amount/amount maximum"},
		badInput{"minus zero", number("-0"), 400, "/amount/amount exclusiveMinimum"},
		badInput{"tiny", number("0.1e-400"), 400, "/amount/amount multipleOf"},
		badInput{"NaN", number("NaN"), 400, ""},
		badInput{"Infinity", number("Infinity"), 400, ""},
		badInput{"plus", number("+1"), 400, ""},
		badInput{"leading zero", number("0250"), 400, ""},
		badInput{"text", number(`"250.00"`), 400, "/amount/amount type"},
		badInput{"three decimals", number("250.001"), 400, "/amount/amount multipleOf"},
		badInput{"the same number", number("2.5E+2"), 201, ""},
		badInput{"with more zeros", number("250.000000000000000000000"), 201, ""},
	)
}

// X05: what has a digit or sign more than the host's record is never cut.
func TestX05Overflow(t *testing.T) {
	b := startBankHouse(t, nil)
	b.refuses(t,
		badInput{"one digit too long", transferWith(t, "250.00", "100000000000.00"), 400, "/amount/amount maximum"},
		badInput{"sign", transferWith(t, "250.00", "-250.00"), 400, "/amount/amount exclusiveMinimum"},
		badInput{"text one too long", transferWith(t, "RENT-2024-03", strings.Repeat("R", 21)), 400, "/reference maxLength"},
		badInput{"eleven digits", transferWith(t, "0000004711", "00000004711"), 400, ""},
	)
}

// X06: texts that the host cannot write.
func TestX06Characters(t *testing.T) {
	b := startBankHouse(t, nil)
	for name, text := range map[string]string{
		"lone surrogate": `\ud800`, "overlong": "\xc0\xaf", "NUL": `\u0000`, "right to left": "\u202e", "emoji": "\U0001f600",
		"combining mark": "e\u0301", "not UTF-8": "\xff", "line end": `\r\n`,
	} {
		w := b.do("POST", "/transfers", transferWith(t, "RENT-2024-03", "A"+text+"B"))
		if w.Code != 400 || !strings.Contains(w.Body.String(), `"outcome":"not-sent"`) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// X10: members that are unknown, missing or null.
func TestX10Members(t *testing.T) {
	b := startBankHouse(t, nil)
	b.refuses(t,
		badInput{"unknown", transferWith(t, `"from"`, `"host":"other","from"`), 400, "/host unknown"},
		badInput{"unknown inside", transferWith(t, `"currency"`, `"x":1,"currency"`), 400, "/amount/x unknown"},
		badInput{"missing", transferWith(t, `,"reference":"RENT-2024-03"`, ""), 400, "/reference required"},
		badInput{"null for a number", transferWith(t, "250.00", "null"), 400, "/amount/amount type"},
		badInput{"null for an object", `null`, 400, ""},
		badInput{"nothing", "", 400, " required"},
	)
}

// X17: compressed bodies are not taken at all, so that none can blow up.
func TestX17CompressedBodies(t *testing.T) {
	b := startBankHouse(t, nil)
	for _, coding := range []string{"gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP"} {
		if w := b.do("POST", "/transfers", "\x1f\x8b\x08", "Content-Encoding", coding); w.Code != 415 {
			t.Errorf("%s: %d", coding, w.Code)
		}
	}
}

// H02: naming headers in Connection takes nothing away from the request.
func TestH02HopByHop(t *testing.T) {
	s := startSecured(t)
	alice := s.token(t, nil)
	w := s.do("GET", "/customers/4711", "", "Authorization", alice, "Connection", "Authorization, Idempotency-Key, X-Forwarded-For")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"user":"alice"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// S02: the data port knows nothing of the admin port.
func TestS02AdminOnDataPort(t *testing.T) {
	b := startBankHouse(t, nil)
	for _, path := range []string{
		"/livez", "/readyz", "/backends", "/metrics", "/version", "/problems/in-doubt", "/config", "/findings", "/log", "/reload", "/debug/pprof/", "/admin",
		"/backends/core/hold", "/in-doubt", "/.well-known/lintel", "/lintel.yaml", "/transforms/getAccount.yaml",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PURGE"} {
			if w := b.do(method, path, ""); w.Code != 404 {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
}

// S05: an object of another customer is refused by the rule of the operation.
func TestS05Ownership(t *testing.T) {
	s := startSecured(t)
	alice := s.token(t, nil)
	if w := s.do("GET", "/customers/4711", "", "Authorization", alice); w.Code != 200 {
		t.Errorf("own: %d %s", w.Code, w.Body)
	}
	for _, id := range []string{"4712", "0000", "9999"} {
		if w := s.do("GET", "/customers/"+id, "", "Authorization", alice); w.Code != 403 {
			t.Errorf("%s: %d %s", id, w.Code, w.Body)
		}
	}
}

// S07: nothing in a request names the host, its program, queue or user: every place where such a name
// could be smuggled in leaves the message as it is.
func TestS07HostIsNotTheCallers(t *testing.T) {
	b := startBankHouse(t, nil)
	want := b.do("GET", "/accounts/0000004711", "").Body.String()
	for _, header := range []string{
		"SOAPAction", "ReplyTo", "Reply-To", "X-Backend", "X-Host", "X-Program", "X-Transaction-Code", "X-Queue", "X-Correlation-Id", "X-User-Id",
		"X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Method-Override",
	} {
		if w := b.do("GET", "/accounts/0000004711", "", header, "http://127.0.0.1:1/EVIL"); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
	}
	for _, query := range []string{"?_method=DELETE", "?backend=other", "?program=XFER"} {
		if w := b.do("GET", "/accounts/0000004711"+query, ""); w.Code != 400 || firstPlace(w) == "" {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := b.do("GET", "http://127.0.0.1:1/accounts/0000004711", ""); w.Code != 200 || w.Body.String() != want {
		t.Errorf("absolute target: %d", w.Code)
	}
}

// S08: what callers send cannot write lines or colors into the log.
func TestS08LogEscapes(t *testing.T) {
	b := startBankHouse(t, nil)
	evil := "x\r\n{\"level\":\"INFO\",\"msg\":\"forged\"}\x1b[31mred\u2028"
	b.do("GET", "/accounts/0000004711", "", "Traceparent", evil, "User-Agent", evil, "X-Request-Id", evil, "Authorization", evil)
	b.do("POST", "/transfers", transferWith(t, "RENT-2024-03", strings.ReplaceAll(evil, "\"", `\"`)))
	b.do("EVIL", "/accounts/0000004711", "")
	b.do("GET", "/accounts/%0d%0aforged", "")
	b.close()
	n := 0
	for line := range strings.Lines(b.log.String()) {
		n++
		var doc map[string]any
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Errorf("a line is no JSON object: %q", line)
		}
		if strings.Contains(line, "forged") || strings.ContainsAny(line, "\x1b\u2028") {
			t.Errorf("line %q", line)
		}
	}
	if n < 4 {
		t.Errorf("%d lines", n)
	}
}

// TestPublished serves the contract and its page, and leaves them out where that is asked for.
func TestPublished(t *testing.T) {
	b := startBankHouse(t, nil)
	w := b.do("GET", "/docs/", "")
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<title>Bank accounts</title>") || !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "script-src 'self' 'unsafe") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	// Everything that the page names is here; nothing in it is code or comes from elsewhere.
	for _, part := range strings.Split(w.Body.String(), `"`) {
		if strings.HasPrefix(part, "http") || strings.HasPrefix(part, "//") {
			t.Errorf("the page refers to %s", part)
		}
		if strings.HasSuffix(part, ".js") || strings.HasSuffix(part, ".css") || strings.HasSuffix(part, ".png") {
			if w := b.do("GET", "/docs/"+part, ""); w.Code != 200 || w.Body.Len() == 0 {
				t.Errorf("%s: %d", part, w.Code)
			}
		}
	}
	if w := b.do("GET", "/openapi.json", ""); w.Code != 200 || !json.Valid(w.Body.Bytes()) || !strings.Contains(w.Body.String(), `"operationId":"transfer"`) {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
	off := startBankHouse(t, map[string]string{"contract: openapi.yaml": "contract: openapi.yaml\ngateway: {publish: {contract: false, docs: false}}"})
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/docs", "/docs/", "/docs/start.js"} {
		if w := off.do("GET", path, ""); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestRatePolicy reads policies from lintel.yaml and puts changed ones in place with a reload.
func TestRatePolicy(t *testing.T) {
	dir := copyWorkspace(t, "../../examples/bank", map[string]string{
		"contract: openapi.yaml": "contract: openapi.yaml\ngateway: {rate: {policies: {slow: {requests: 1, per: 1h, operations: [getAccount]}}}}",
	})
	env := func(string) (string, bool) { return "", false }
	p := mustCompile(t, dir, env)
	log := newLogging(&bytes.Buffer{})
	defer log.close()
	sims := &simulation{ctx: t.Context(), p: &program{stderr: &bytes.Buffer{}}, log: log, on: true}
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
	get := func(path string) int {
		w := httptest.NewRecorder()
		h.gateway.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	if a, b, c := get("/accounts/0000004711"), get("/accounts/0000004711"), get("/accounts/0000004711/transactions"); a != 200 || b != 429 || c != 200 {
		t.Errorf("%d, %d and %d", a, b, c)
	}
	file := filepath.Join(dir, "lintel.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("requests: 1,"), []byte("requests: 2,"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	next := mustCompile(t, dir, env)
	if h.pending(next) {
		t.Error("a change of policies waits for the next start")
	}
	if err := h.put(next, backends); err != nil {
		t.Fatal(err)
	}
	if a, b, c := get("/accounts/0000004711"), get("/accounts/0000004711"), get("/accounts/0000004711"); a != 200 || b != 200 || c != 429 {
		t.Errorf("after the reload %d, %d and %d", a, b, c)
	}
}

// X08, X09: counters that their table cannot have, and packed numbers that are none, are errors and not numbers.
func TestX08X09HostileReplies(t *testing.T) {
	a, err := txtar.ParseFile("testdata/language/hostile.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range a.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	ws, findings := specs.LoadFS("hostile", files, noEnv)
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Fatal(findings)
	}
	op := p.exchanges()[0]
	for _, c := range []struct{ name, reply, code string }{
		{"more rows than the table has", "12345CF0F4C1C1C2C2C3C3C4C4", "ANSWER.COUNTED"},
		{"fewer rows than none", "12345CF0D1C1C1", "ANSWER.COUNTED"},
		{"rows beyond the data", "12345CF0F3C1C1", "ANSWER.ROWS"},
		{"a counter that is no number", "12345C4040C1C1", "ANSWER.COUNTED"},
		{"a digit that is none", "1A345CF0F0", "ANSWER.AMOUNT"},
		{"a sign that is none", "123459F0F0", "ANSWER.AMOUNT"},
		{"blanks in a packed field", "404040F0F0", "ANSWER.AMOUNT"},
	} {
		reply, err := hex.DecodeString(c.reply)
		if err != nil {
			t.Fatal(err)
		}
		run := op.transform.Start()
		if _, err := run.Request(transforms.Input{Params: []byte(transforms.NoParams), Body: []byte(`{"text":"a"}`)}); err != nil {
			t.Fatal(err)
		}
		out, err := run.Reply(transforms.Message{Body: reply})
		var field *transforms.FieldError
		if !errors.As(err, &field) || !strings.HasPrefix(field.Field, c.code) {
			t.Errorf("%s: %s, %v", c.name, out.Body, err)
		}
		run.Release()
	}
}
