// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
	"lintel/specs"
	"lintel/transforms"
)

// states is a StateSource.
type states map[string]any

func (s states) BackendStates() map[string]any { return s }

func someStates() states {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return states{
		"core": adapters.State{
			Endpoints: []adapters.EndpointState{{Name: "mvs1:9301", Used: 5}, {Name: "mvs2:9301", Resting: true, Until: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC), Used: 2, Failed: 2}},
			Breaker:   adapters.Opened, Since: at, Until: at.Add(time.Second), Reason: "too many failures", Limit: 8, Inflight: 2,
			LastErrorAt: at, LastError: &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Backend: "core", Cause: errors.New("refused")},
			Totals: adapters.Totals{Started: 9, Failed: 3, Refused: 4},
			Ping:   &adapters.PingState{Next: at.Add(time.Second), Last: "failed", LastAt: at, Failed: 3},
		},
		"policy": map[string]string{"breaker": "closed"},
	}
}

func TestAdmin(t *testing.T) {
	g, err := New(Options{Version: "1.2.3", Backends: someStates(), Admin: AdminOptions{Hosts: []string{"lintel.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	admin := g.Admin()
	get := func(path string, headers ...string) (int, string) {
		w := do(admin, "GET", "http://127.0.0.1:9901"+path, "", headers...)
		return w.Code, w.Body.String()
	}
	check := func(path string, code int, parts ...string) {
		t.Helper()
		got, body := get(path)
		for _, part := range parts {
			if got != code || !strings.Contains(body, part) {
				t.Errorf("%s: %d %s, want %d %s", path, got, body, code, part)
			}
		}
	}
	check("/livez", 200, "ok")
	check("/readyz", 503, "no routes yet")
	if err := g.Swap([]Route{routeOf("GET", "/a", nil)}); err != nil {
		t.Fatal(err)
	}
	check("/readyz", 200, "ok")
	check("/readyz?verbose", 200, `backend core {"breaker":"open"`, `backend policy {"breaker":"closed"}`)
	check("/version", 200, `"version": "1.2.3"`)
	check("/backends", 200, `"breaker": "open"`, `"until": "2026-01-02T03:04:06Z"`, `"error": "backend core: unreachable (not sent): refused"`, `"started": 9`, `"next": "2026-01-02T03:04:06Z"`, `"last": "failed"`)
	check("/metrics", 200, `lintel_breaker_state{backend="core",state="open"} 1`, `lintel_breaker_state{backend="core",state="closed"} 0`,
		`lintel_breaker_rejected_total{backend="core"} 4`, `lintel_breaker_pings_total{backend="core",verdict="failed"} 3`, `lintel_config_reload_total{result="ok"} 1`)
	check("/problems/in-doubt", 200, "# Outcome is in doubt")
	check("/problems/nothing", 404, "no such problem")
	check("/a", 404, "")
	g.Drain()
	check("/readyz", 503, "draining")
	check("/livez", 200, "ok")
	// S02: nothing of the admin port is on the data port.
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/backends", "/version", "/problems/in-doubt", "/debug/pprof/", "/status", "/config", "/findings", "/log", "/reload", "/backends/core/hold"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			if w := do(g, method, path, ""); w.Code != 404 {
				t.Errorf("data port: %s %s: %d", method, path, w.Code)
			}
		}
	}
}

// Changes of a breaker are logged and counted.
func TestBreakerChanged(t *testing.T) {
	var log bytes.Buffer
	g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	g.BreakerChanged(adapters.Change{Backend: "core", From: adapters.Closed, To: adapters.Opened, Reason: "failures"})
	g.BreakerChanged(adapters.Change{Backend: "core", From: adapters.Opened, To: adapters.HalfOpen, Reason: "open time is over"})
	for _, want := range []string{`"level":"WARN","msg":"breaker","backend":"core","from":"closed","to":"open","reason":"failures"`, `"level":"INFO","msg":"breaker"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s lacks %s", log.String(), want)
		}
	}
	if m := do(g.Admin(), "GET", "http://localhost/metrics", "").Body.String(); !strings.Contains(m, `lintel_breaker_transitions_total{backend="core",state="open"} 1`) {
		t.Error("not counted")
	}
}

// S01: a page in a browser that had its name resolve to this machine gets nothing.
func TestS01AdminHosts(t *testing.T) {
	g := newGateway(t, Options{Admin: AdminOptions{Hosts: []string{"lintel.example"}}})
	admin := g.Admin()
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:9901": 200, "127.0.0.1:9901": 200, "[::1]:9901": 200, "10.1.2.3": 200, "lintel.example": 200, "lintel.example:9901": 200,
		"evil.example": 403, "evil.example:9901": 403, "localhost.evil.example": 403, "": 403, "127.0.0.1.evil.example": 403,
	} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "/livez", nil)
		r.Host = host
		if w := serve(admin, r); w.Code != want {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
	for site, want := range map[string]int{"same-origin": 200, "none": 200, "cross-site": 403, "same-site": 403} {
		if w := do(admin, "GET", "http://localhost/livez", "", "Sec-Fetch-Site", site); w.Code != want {
			t.Errorf("%s: %d", site, w.Code)
		}
	}
	for origin, want := range map[string]int{"http://localhost": 200, "https://localhost": 200, "http://evil.example": 403, "null": 403} {
		if w := do(admin, "GET", "http://localhost/livez", "", "Origin", origin); w.Code != want {
			t.Errorf("origin %s: %d", origin, w.Code)
		}
	}
}

func TestAccessLog(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: func() time.Time { now = now.Add(time.Millisecond); return now }},
		routeOf("GET", "/accounts/{id}", nil))
	w := do(g, "GET", "/accounts/4711", "", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, log.String())
	}
	if id, _ := line["exchange"].(string); len(id) != 36 {
		t.Errorf("exchange %v", line["exchange"])
	}
	delete(line, "exchange")
	want := map[string]any{
		"time": "2026-01-02T03:04:05.008Z", "level": "INFO", "msg": "call", "method": "GET", "route": "/accounts/{id}", "status": 200.0,
		"bytes": float64(w.Body.Len()), "ms": 6.0, "trace": "4bf92f3577b34da6a3ce929d0e0e4736", "operation": "get-accounts-id", "backend": "core", "backendMs": 3.0,
		"fate": "applied", "kind": "none", "outcome": "ok",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

// The line that is written straight to the writer is the one that slog's handler makes.
func TestAccessLogTwoWays(t *testing.T) {
	routes := func() []Route {
		return []Route{
			routeOf("GET", "/accounts/{id}", func(r *Route) { r.Caching = &Caching{Gateway: time.Hour} }), routeOf("GET", "/<b>&/\u00e9", nil),
			routeOf("GET", "/down", func(r *Route) { r.Backend = fails(&adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}) }),
		}
	}
	run := func(direct bool) string {
		var out bytes.Buffer
		w := NewLogWriter(&out, 0)
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		step := time.Duration(0)
		o := Options{Log: slog.New(slog.NewJSONHandler(w, nil)), Now: func() time.Time { step += 1_234_567; now = now.Add(step); return now }}
		if direct {
			o.LogWriter = w
		}
		g := newGateway(t, o, routes()...)
		for _, path := range []string{"/accounts/1", "/accounts/1", "/%3Cb%3E&/%C3%A9", "/down", "/nothing", "/accounts/1?x=1"} {
			do(g, "GET", path, "", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		}
		do(g, "OPTIONS", "/accounts/1", "")
		do(g, "MAKE", "/accounts/1", "")
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		calls := regexp.MustCompile(`(?m)^.*"msg":"call".*\n`).FindAllString(out.String(), -1) // other lines have their own time
		return regexp.MustCompile(`"(exchange|trace)":"[-0-9a-f]+"`).ReplaceAllString(strings.Join(calls, ""), `"$1":""`)
	}
	if diff := cmp.Diff(run(false), run(true)); diff != "" {
		t.Error(diff)
	}
	if got := run(true); strings.Count(got, `"msg":"call"`) != 8 {
		t.Error(got)
	}
}

// S03, the part of the edge: no value that came in or back is in a log line, a metric or a problem.
// S08: nothing that came in can break a line.
func TestS03Canaries(t *testing.T) {
	const canary = "canary4711"
	var log bytes.Buffer
	secret := &transforms.FieldError{Field: "REQ.NAME", Code: "length", Reason: "too long"}
	routes := []Route{routeOf("POST", "/a/{id}", func(r *Route) {
		r.Operation.Parameters = append(r.Operation.Parameters, query("q", "integer"), &specs.Parameter{Name: "X-H", In: "header", Style: "simple", Schema: schema("integer")})
	}), routeOf("PUT", "/a/{id}", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{request: func(transforms.Input) (transforms.Message, error) { return transforms.Message{}, secret }}
		}
	}), routeOf("PATCH", "/a/{id}", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) { return transforms.Output{}, secret }}
		}
	})}
	g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, routes...)
	body := `{"password":"` + canary + `"}`
	var answers strings.Builder
	for _, c := range [][]string{
		{"POST", "/a/" + canary + "?q=" + canary},
		{"POST", "/a/1", "X-H", canary},
		{"PUT", "/a/" + canary},
		{"PATCH", "/a/" + canary},
		{"POST", "/b/" + canary},
		{"DELETE", "/a/" + canary},
		{canary, "/a/1"},
		{"POST", "/a/1", "Content-Encoding", canary},
		{"POST", "/a/1", "traceparent", canary + "\x1b[31m"},
		{"POST", "/a/1", "Authorization", canary, "Cookie", canary},
	} {
		w := do(g, c[0], c[1], body, c[2:]...)
		if w.Code != 200 {
			answers.WriteString(w.Body.String())
		}
	}
	metrics := do(g.Admin(), "GET", "http://localhost/metrics", "").Body.String()
	for name, text := range map[string]string{"log": log.String(), "problems": answers.String(), "metrics": metrics} {
		if i := strings.Index(text, canary); i >= 0 {
			t.Errorf("%s: %s", name, text[max(0, i-200):i+20])
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("%s: escape", name)
		}
	}
	if n := strings.Count(log.String(), "\n"); n < 10 {
		t.Errorf("%d lines", n)
	}
}

var update = flag.Bool("update", false, "rewrite the generated reference")

const problemsDoc = "../docs/reference/problems.md"

// The reference of problems is made from their table.
func TestProblemsReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(problemsHead)
	b.WriteString("| type | status | outcome | retry | when |\n|---|---|---|---|---|\n")
	kinds := problemKinds[:]
	list := slices.SortedFunc(slices.Values(kinds), func(a, b problemKind) int {
		return a.status*1000 - b.status*1000 + strings.Compare(a.name, b.name)
	})
	dash := func(s string) string {
		if s == "" {
			return "depends"
		}
		return "`" + s + "`"
	}
	for _, k := range list {
		b.WriteString("| [`" + k.name + "`](#" + k.name + ") | " + statusLabel(k.status) + " | " + dash(k.outcome) + " | " + dash(k.retry) + " | " + k.cause + " |\n")
	}
	for _, k := range list {
		b.WriteString("\n## " + k.name + "\n\n**" + k.title + ".** " + k.markdown())
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(problemsDoc), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(problemsDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(problemsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("%s is stale, run go test ./gateway -update\n%s", problemsDoc, diff)
	}
	for _, k := range kinds {
		if k.name == "" || k.title == "" || k.detail == "" || k.cause == "" || k.cure == "" || http.StatusText(k.status) == "" {
			t.Errorf("problem %q is not described", k.name)
		}
		if k.status == 503 && k.outcome != outcomeNotSent {
			t.Errorf("%s: 503 has Retry-After, but something may have been sent", k.name)
		}
	}
}

const problemsHead = `# Problems

<!-- Generated from gateway/problem_kinds.go by: go test ./gateway -update -->

Every error answer of the gateway is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with the media type
` + "`application/problem+json`" + `. Its members are described in [http.md](http.md#problems). The admin port serves a page for
each type under ` + "`/problems/NAME`" + `.

`

const metricsRef = "../docs/reference/metrics.md"

// The reference of metrics is made from the code that makes them.
func TestMetricsReference(t *testing.T) {
	g := newGateway(t, Options{Backends: someStates()}, routeOf("GET", "/a", nil))
	var b strings.Builder
	b.WriteString(metricsHead)
	docs := slices.SortedFunc(slices.Values(g.metrics.registry.docs), func(a, b metricDoc) int { return strings.Compare(a.name, b.name) })
	for _, d := range docs {
		labels := make([]string, len(d.labels))
		for i, l := range d.labels {
			labels[i] = "`" + l + "`"
		}
		b.WriteString("| `" + d.name + "` | " + d.kind + " | " + strings.Join(labels, ", ") + " | " + d.help + " |\n")
	}
	b.WriteString(metricsTail)
	if *update {
		if err := os.WriteFile(metricsRef, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(metricsRef)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("%s is stale, run make gen\n%s", metricsRef, diff)
	}
	do(g, "GET", "/a", "")
	g.metrics.fallbacks.WithLabelValues("a", "last")
	g.metrics.undos.WithLabelValues("a", "b", "done")
	g.metrics.rateRefused.WithLabelValues("any")
	g.Describe(Running{Digest: "d"})
	families, err := g.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		name := f.GetName()
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
			continue
		}
		i := slices.IndexFunc(docs, func(d metricDoc) bool { return d.name == name })
		if i < 0 {
			t.Errorf("metric %s is not in the reference", name)
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		if !slices.Equal(labels, slices.Sorted(slices.Values(docs[i].labels))) {
			t.Errorf("metric %s has labels %v, the reference says %v", name, labels, docs[i].labels)
		}
	}
}

const metricsHead = `# Metrics

<!-- Generated from gateway/metrics.go by: make gen -->

The admin port serves them at ` + "`/metrics`" + ` in the Prometheus format. Values of labels are words of the contract, of the workspace and of
Lintel; nothing that a caller or a host sends becomes one. Times are in seconds.

| metric | type | labels | what it counts |
|---|---|---|---|
`

const metricsTail = `
Besides these there are the metrics of the Go runtime and of the process (` + "`go_`, `process_`" + `).
`

// http.md names every field of the access log and every path of the admin port.
func TestHTTPReference(t *testing.T) {
	doc, err := os.ReadFile("../docs/reference/http.md")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil))}, routeOf("GET", "/a", func(r *Route) {
		r.Caching = &Caching{Gateway: time.Hour}
	}), routeOf("GET", "/b", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				return transforms.Output{Status: 200, Outcome: "ok", Invalid: &transforms.InvalidError{}}, nil
			}}
		}
	}), routeOf("GET", "/c", func(r *Route) {
		word := "lost"
		r.Start, r.Backend, r.Fallbacks = worded, hostOf(&word), []Fallback{{}}
	}), routeOf("POST", "/steps", func(r *Route) {
		_, steps := play("a optional: lost\nb: ok / undo ok\nc: refused")
		r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} }
	}))
	for _, path := range []string{"/a", "/a", "/b", "/c"} {
		do(g, "GET", path, "")
	}
	do(g, "POST", "/steps", "{}")
	for line := range strings.Lines(log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		for f := range fields {
			if !strings.Contains(string(doc), "| `"+f+"` |") {
				t.Errorf("field %s of the log is not in http.md", f)
			}
		}
	}
	for _, path := range []string{
		"GET /livez", "GET /readyz", "GET /backends", "GET /metrics", "GET /version", "GET /problems/NAME", "GET /status", "GET /config", "GET /findings",
		"POST /reload", "POST /backends/NAME/hold", "POST /backends/NAME/release", "GET /log", "PUT /log",
		"GET /journal", "GET /doubts", "GET /doubts/ID", "POST /doubts/ID", "POST /journal/accept-loss",
	} {
		if !strings.Contains(string(doc), "`"+path+"`") {
			t.Errorf("%s is not in http.md", path)
		}
	}
}
