// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// Every fate and kind of an exchange, for operations that change something and those that do not.
func TestExchangeProblems(t *testing.T) {
	for _, c := range []struct {
		fate           adapters.Fate
		kind           adapters.Kind
		status         int
		typ            string
		outcome, retry string
		safeStatus     int
		safeType       string
	}{
		{adapters.NotSent, adapters.Open, 503, "backend-unavailable", "not-sent", "later", 503, "backend-unavailable"},
		{adapters.NotSent, adapters.Busy, 503, "overloaded", "not-sent", "later", 503, "overloaded"},
		{adapters.NotSent, adapters.Timeout, 503, "overloaded", "not-sent", "later", 503, "overloaded"},
		{adapters.NotSent, adapters.Unreachable, 503, "backend-unreachable", "not-sent", "later", 503, "backend-unreachable"},
		{adapters.NotSent, adapters.Broken, 503, "backend-unreachable", "not-sent", "later", 503, "backend-unreachable"},
		{adapters.NotSent, adapters.Config, 503, "backend-unreachable", "not-sent", "later", 503, "backend-unreachable"},
		{adapters.NotSent, adapters.Canceled, 503, "canceled", "not-sent", "later", 503, "canceled"},
		{adapters.NotSent, adapters.TooLarge, 422, "message-too-large", "not-sent", "changed", 422, "message-too-large"},
		{adapters.NotSent, adapters.Internal, 500, "internal", "not-sent", "later", 500, "internal"},
		{adapters.NotApplied, adapters.Broken, 502, "not-applied", "not-applied", "later", 502, "not-applied"},
		{adapters.Applied, adapters.Unreadable, 502, "reply-unreadable", "applied", "never", 502, "reply-unreadable"},
		{adapters.Applied, adapters.TooLarge, 502, "reply-unreadable", "applied", "never", 502, "reply-unreadable"},
		{adapters.Applied, adapters.Internal, 500, "internal", "applied", "never", 500, "internal"},
		{adapters.InDoubt, adapters.Timeout, 504, "in-doubt", "unknown", "never", 504, "no-reply"},
		{adapters.InDoubt, adapters.Broken, 504, "in-doubt", "unknown", "never", 504, "no-reply"},
		{adapters.InDoubt, adapters.Canceled, 504, "in-doubt", "unknown", "never", 504, "no-reply"},
		{adapters.InDoubt, adapters.Framing, 504, "in-doubt", "unknown", "never", 502, "reply-unreadable"},
		{adapters.InDoubt, adapters.Internal, 504, "in-doubt", "unknown", "never", 500, "internal"},
	} {
		e := &adapters.Error{Fate: c.fate, Kind: c.kind, Backend: "core", Detail: "secret of operators", RetryAfter: 1500 * time.Millisecond}
		g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) { r.Backend = fails(e) }), routeOf("GET", "/a", func(r *Route) { r.Backend = fails(e) }))
		w := do(g, "POST", "/a", "{}")
		p := problemIn(t, w)
		if w.Code != c.status || p.Type != "/problems/"+c.typ || p.Outcome != c.outcome || p.Retry != c.retry || p.OperationID != "post-a" {
			t.Errorf("%s %s: %d %+v", c.fate, c.kind, w.Code, p)
		}
		after := ""
		if c.status == 503 {
			after = "2"
		}
		if got := w.Header().Get("Retry-After"); got != after {
			t.Errorf("%s %s: Retry-After %q", c.fate, c.kind, got)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s %s: detail for operators in the answer", c.fate, c.kind)
		}
		w = do(g, "GET", "/a", "")
		if p := problemIn(t, w); w.Code != c.safeStatus || p.Type != "/problems/"+c.safeType || p.Retry == "never" {
			t.Errorf("safe %s %s: %d %+v", c.fate, c.kind, w.Code, p)
		}
	}
}

func TestTransformProblems(t *testing.T) {
	issues := []transforms.Issue{
		{Pointer: "/body/amount", Code: "type", Detail: "must be a number"},
		{Pointer: "/body", Code: "required", Detail: "needs currency"},
		{Pointer: "/query/li~1mit", Code: "maximum", Detail: "must be at most 100"},
		{Pointer: "/query/filter/min", Code: "type", Detail: "must be a number"},
	}
	request := func(err error) func(*Route) {
		return func(r *Route) {
			r.Start = func() Runner {
				return fakeRunner{request: func(transforms.Input) (transforms.Message, error) { return transforms.Message{}, err }}
			}
		}
	}
	reply := func(o transforms.Output, err error) func(*Route) {
		return func(r *Route) {
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) { return o, err }}
			}
		}
	}
	field := &transforms.FieldError{Pointer: "/body/name", Field: "REQ.NAME", Code: "length", Reason: "longer than 20 characters"}
	invalid := &transforms.InvalidError{Issues: issues[:1]}
	broken := errors.New("broken")
	for _, c := range []struct {
		name   string
		edit   func(*Route)
		status int
		want   string // members of the problem
	}{
		{"invalid", request(&transforms.InvalidError{Issues: issues}), 400, `"type":"/problems/invalid-request","code":"invalid-request","outcome":"not-sent","retry":"changed",` +
			`"errors":[{"pointer":"/amount","code":"type","detail":"must be a number"},{"pointer":"","code":"required","detail":"needs currency"},` +
			`{"parameter":"li/mit","in":"query","code":"maximum","detail":"must be at most 100"},{"parameter":"filter","in":"query","pointer":"/min","code":"type","detail":"must be a number"}]`},
		{"syntax", request(&transforms.InvalidError{Syntax: true, Issues: issues[:1]}), 400, `"type":"/problems/malformed-body"`},
		{"unmappable", request(field), 422, `"type":"/problems/field-unmappable","outcome":"not-sent","errors":[{"pointer":"/name","code":"length","detail":"longer than 20 characters"}]`},
		{"fault", request(broken), 500, `"type":"/problems/internal","outcome":"not-sent"`},
		{"unreadable", reply(transforms.Output{}, field), 502, `"type":"/problems/reply-unreadable","outcome":"applied","retry":"never"`},
		{"unreadable JSON", reply(transforms.Output{}, invalid), 502, `"type":"/problems/reply-unreadable"`},
		{"reply fault", reply(transforms.Output{}, broken), 500, `"type":"/problems/internal","outcome":"applied","retry":"never"`},
		{"no status", reply(transforms.Output{Status: 42}, nil), 500, `"type":"/problems/internal","outcome":"applied"`},
		{"breaks the contract", reply(transforms.Output{Status: 200, Body: []byte("{}"), Invalid: invalid}, nil), 502, `"type":"/problems/response-invalid","outcome":"applied"`},
		{
			"outcome", reply(transforms.Output{Status: 409, Outcome: "409#1", Problem: &transforms.Problem{
				Title: "No funds", Detail: "Not enough", Code: "E17",
				Members: []transforms.Member{{Name: "balance", JSON: []byte("12.50")}, {Name: "status", JSON: []byte("200")}},
			}}, nil), 409,
			`"type":"/problems/host-outcome","title":"No funds","detail":"Not enough","code":"E17","balance":12.50,"status":409`,
		},
		{
			"outcome with type", reply(transforms.Output{Status: 404, NotApplied: true, Problem: &transforms.Problem{Type: "https://x.example/p"}}, nil), 404,
			`"type":"https://x.example/p","title":"Not Found","outcome":"not-applied"`,
		},
		{"abend", reply(transforms.Output{Status: 502, HostFailed: true, Problem: &transforms.Problem{}}, nil), 502, `"outcome":"unknown","retry":"never"`},
	} {
		g := newGateway(t, Options{}, routeOf("POST", "/a", c.edit))
		w := do(g, "POST", "/a", "{}")
		var got, want map[string]json.RawMessage
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v in %s", c.name, err, w.Body)
		}
		if err := json.Unmarshal([]byte("{"+c.want+"}"), &want); err != nil {
			t.Fatal(err)
		}
		for k, v := range want {
			if string(got[k]) != string(v) {
				t.Errorf("%s: %s is %s, want %s", c.name, k, got[k], v)
			}
		}
		if w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", c.name, w.Code, w.Header())
		}
		if strings.Contains(w.Body.String(), "REQ.NAME") {
			t.Errorf("%s: host field in the answer", c.name)
		}
	}
}

// TestUnreadableFields looks for what log and metrics say of fields that could not be read.
func TestUnreadableFields(t *testing.T) {
	var log bytes.Buffer
	g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil))}, routeOf("GET", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				bad := &transforms.FieldError{Field: "R.SUM", Picture: "PIC 9(4)", Offset: 8, Length: 4, Code: "not-numeric", Reason: "a byte is not a decimal digit"}
				return transforms.Output{Status: 200, Body: []byte(`{}`), Unreadable: transforms.Unreadable{Fields: []*transforms.FieldError{bad}, More: 2}}, nil
			}}
		}
	}))
	if w := do(g, "GET", "/a", ""); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if want := `"count":3,"fields":["field R.SUM (PIC 9(4)) at offset 8: a byte is not a decimal digit"]`; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %s: %s", want, log.String())
	}
	families, err := g.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "lintel_reply_unreadable_fields_total" && f.GetMetric()[0].GetCounter().GetValue() == 3 {
			return
		}
	}
	t.Error("the metric does not count 3 fields")
}

func TestResponsesReportAndOff(t *testing.T) {
	for mode, logged := range map[string]bool{ResponsesReport: true, ResponsesOff: false} {
		var log bytes.Buffer
		g := newGateway(t, Options{Responses: mode, Log: slog.New(slog.NewJSONHandler(&log, nil))}, routeOf("GET", "/a", func(r *Route) {
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
					return transforms.Output{Status: 200, Body: []byte(`{"x":1}`), Invalid: &transforms.InvalidError{Issues: []transforms.Issue{{Pointer: "/x", Detail: "unknown"}}}}, nil
				}}
			}
		}))
		if w := do(g, "GET", "/a", ""); w.Code != 200 || w.Body.String() != `{"x":1}` {
			t.Errorf("%s: %d %s", mode, w.Code, w.Body)
		}
		if strings.Contains(log.String(), "/x: unknown") != logged {
			t.Errorf("%s: %s", mode, log.String())
		}
	}
	if _, err := New(Options{Responses: "maybe"}); err == nil {
		t.Error("responses: maybe is taken")
	}
}

// B05: a panic in any part costs the caller an answer, never the process; and what is said about the
// host is true.
func TestB05Panics(t *testing.T) {
	boom := func() { panic("boom canary") }
	for _, c := range []struct {
		name   string
		edit   func(*Route)
		status int
		typ    string
	}{
		{"start", func(r *Route) { r.Start = func() Runner { boom(); return nil } }, 500, "internal"},
		{"request", func(r *Route) {
			r.Start = func() Runner {
				return fakeRunner{request: func(transforms.Input) (transforms.Message, error) { boom(); return transforms.Message{}, nil }}
			}
		}, 500, "internal"},
		{"exchange", func(r *Route) {
			r.Backend = exchange(func(context.Context, adapters.Call) (adapters.Message, error) { boom(); return adapters.Message{}, nil })
		}, 504, "in-doubt"},
		{"foreign error", func(r *Route) {
			r.Backend = exchange(func(context.Context, adapters.Call) (adapters.Message, error) {
				return adapters.Message{}, errors.New("x")
			})
		}, 504, "in-doubt"},
		{"reply", func(r *Route) {
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) { boom(); return transforms.Output{}, nil }}
			}
			r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) { return c.Message, nil })
		}, 500, "internal"},
	} {
		var log bytes.Buffer
		g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil))}, routeOf("POST", "/a", c.edit), routeOf("GET", "/ok", nil))
		w := do(g, "POST", "/a", "{}")
		if p := problemIn(t, w); w.Code != c.status || p.Type != "/problems/"+c.typ {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if strings.Contains(log.String(), "canary") || strings.Contains(w.Body.String(), "canary") {
			t.Errorf("%s: the value of the panic was told", c.name)
		}
		if c.name != "foreign error" && !strings.Contains(log.String(), `"msg":"panic"`) {
			t.Errorf("%s: not logged: %s", c.name, log.String())
		}
		if w := do(g, "GET", "/ok", ""); w.Code != 200 || g.InFlight() != 0 {
			t.Errorf("%s: then %d, %d in flight", c.name, w.Code, g.InFlight())
		}
	}
}

func TestAnswerHeaders(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				return transforms.Output{Status: 200, Body: []byte(`{"a":1}`), Headers: []transforms.Header{{Name: "x-total", Value: "7"}, {Name: "Cache-Control", Value: "max-age=5"}}}, nil
			}}
		}
	}), routeOf("DELETE", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) { return transforms.Output{Status: 204}, nil }}
		}
	}))
	w := do(g, "GET", "/a", "")
	for k, want := range map[string]string{"X-Total": "7", "Cache-Control": "max-age=5", "Content-Type": "application/json", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(k); got != want {
			t.Errorf("%s: %q", k, got)
		}
	}
	if w = do(g, "HEAD", "/a", ""); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "7" {
		t.Errorf("HEAD: %d %q %v", w.Code, w.Body, w.Header())
	}
	if w = do(g, "OPTIONS", "/a", ""); w.Code != 204 || w.Header().Get("Allow") != "DELETE, GET, HEAD, OPTIONS" {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	if w = do(g, "DELETE", "/a", ""); w.Code != 204 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("DELETE: %d %v", w.Code, w.Header())
	}
}

// What the exchange is given: the route's timeout within the call's, the judge, and safety.
func TestCallOfTheExchange(t *testing.T) { synctest.Test(t, callOfTheExchange) }

func callOfTheExchange(t *testing.T) {
	var got adapters.Call
	var deadline bool
	spy := func(timeout time.Duration) func(*Route) {
		return func(r *Route) {
			r.Timeout = timeout
			r.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
				got = c
				_, deadline = ctx.Deadline()
				if !c.Judge(c.Message).HostFailed {
					t.Error("the judge does not tell host trouble")
				}
				return c.Message, nil
			})
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
					return transforms.Output{Status: 200, HostFailed: true}, nil
				}}
			}
		}
	}
	for _, c := range []struct {
		name            string
		timeout, budget time.Duration
		want            time.Duration // at most
		deadline        bool
	}{
		{"its own", time.Second, time.Minute, time.Second, false},
		{"the call's", time.Minute, time.Second, time.Second, false},
		{"none", 0, time.Second, 0, true},
	} {
		g := newGateway(t, Options{Timeout: c.budget}, routeOf("GET", "/a", spy(c.timeout)))
		do(g, "GET", "/a", "")
		if got.Timeout > c.want || c.want > 0 && got.Timeout < c.want/2 || !got.Safe || deadline != c.deadline {
			t.Errorf("%s: %v, safe %v, deadline %v", c.name, got.Timeout, got.Safe, deadline)
		}
	}
}

func TestSwapKeepsCallsInFlight(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
			close(entered)
			<-leave
			return c.Message, nil
		})
	}))
	done := make(chan int)
	go func() { done <- do(g, "GET", "/a", "").Code }()
	<-entered
	if err := g.Swap([]Route{routeOf("GET", "/b", nil)}); err != nil {
		t.Fatal(err)
	}
	if err := g.Swap([]Route{{}}); err == nil {
		t.Error("a bad table is taken")
	}
	if a, b := do(g, "GET", "/a", "").Code, do(g, "GET", "/b", "").Code; a != 404 || b != 200 {
		t.Errorf("after the swap: /a %d, /b %d", a, b)
	}
	close(leave)
	if code := <-done; code != 200 {
		t.Errorf("call in flight: %d", code)
	}
}

func TestNotReady(t *testing.T) {
	g, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := do(g, "GET", "/a", "")
	if p := problemIn(t, w); w.Code != http.StatusServiceUnavailable || p.Outcome != "not-sent" || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestTraceParent(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", nil))
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	for parent, taken := range map[string]bool{
		"00-" + id + "-00f067aa0ba902b7-01":                       true,
		"cc-" + id + "-00f067aa0ba902b7-01-more":                  true,
		"00-" + id + "-00f067aa0ba902b7-01-more":                  false,
		"ff-" + id + "-00f067aa0ba902b7-01":                       false,
		"00-" + strings.ToUpper(id) + "-00f067aa0ba902b7-01":      false,
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01": false,
		"00-" + id + "-0000000000000000-01":                       false,
		"00-" + id + "-00f067aa0ba902b7":                          false,
		"":                                                        false,
		"00-" + id + "-00f067aa0ba902b7-0\n":                      false,
		strings.Repeat("0", 55):                                   false,
		"00-" + id + "x00f067aa0ba902b7-01":                       false,
	} {
		p := problemIn(t, do(g, "GET", "/nowhere", "", "traceparent", parent))
		if (p.TraceID == id) != taken || len(p.TraceID) != 32 {
			t.Errorf("%q: %s", parent, p.TraceID)
		}
	}
}

func TestExchangeIDs(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for i := range 1000 {
		now := time.UnixMilli(1_700_000_000_000 + int64(i))
		id, trace := newIDs(now)
		if len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || len(trace) != 32 || seen[id] || id <= last {
			t.Fatalf("%s after %s, trace %s", id, last, trace)
		}
		seen[id], last = true, id
	}
}
