// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// TestB15BudgetHeader: what a caller says it waits bounds the exchange, and is refused where it is no
// time or too little of it.
func TestB15BudgetHeader(t *testing.T) { synctest.Test(t, budgetHeader) }

func budgetHeader(t *testing.T) {
	var got adapters.Call
	calls := 0
	host := adapters.Adapter(adapterFunc(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
		calls++
		return m, nil
	}))
	guard, err := adapters.NewGuard("core", host, adapters.GuardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lane, err := guard.NewLane(adapters.LaneOptions{Needs: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, Options{BudgetHeader: "request-timeout", Timeout: 10 * time.Second}, routeOf("GET", "/a", func(r *Route) {
		r.Timeout, r.Lane = 5*time.Second, lane
		r.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
			got = c
			return guard.Exchange(ctx, c)
		})
	}))
	for _, tt := range []struct {
		header         []string
		code           string
		least, most    time.Duration
		reachesTheHost bool
	}{
		{nil, "", 5 * time.Second, 5 * time.Second, true},
		{[]string{"60000"}, "", 5 * time.Second, 5 * time.Second, true},
		{[]string{"2500"}, "", time.Second, 2500 * time.Millisecond, true},
		{[]string{"2500ms"}, "", time.Second, 2500 * time.Millisecond, true},
		{[]string{"2s"}, "", time.Second, 2 * time.Second, true},
		{[]string{"5"}, "deadline-too-short", 0, 5 * time.Millisecond, false},
		{[]string{"0"}, "deadline-too-short", 0, 0, false},
		{[]string{""}, "invalid-request", 0, 0, false},
		{[]string{"-5"}, "invalid-request", 0, 0, false},
		{[]string{"1.5s"}, "invalid-request", 0, 0, false},
		{[]string{"soon"}, "invalid-request", 0, 0, false},
		{[]string{"s"}, "invalid-request", 0, 0, false},
		{[]string{"9999999999"}, "invalid-request", 0, 0, false},
		{[]string{"1s", "2s"}, "invalid-request", 0, 0, false},
	} {
		got, calls = adapters.Call{}, 0
		r := httptest.NewRequest(http.MethodGet, "/a", nil)
		r.Header["Request-Timeout"] = tt.header
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if code := codeOf(t, w); code != tt.code || calls == 1 != tt.reachesTheHost {
			t.Errorf("%q: %d %s, the host got %d", tt.header, w.Code, code, calls)
		}
		if got.Timeout > tt.most || got.Timeout < tt.least {
			t.Errorf("%q: the exchange got %v", tt.header, got.Timeout)
		}
		if tt.code == "deadline-too-short" && (w.Code != 503 || w.Header().Get("Retry-After") == "") {
			t.Errorf("%q: %d, Retry-After %q", tt.header, w.Code, w.Header().Get("Retry-After"))
		}
	}
}

// codeOf is the code of a problem, "" for another answer.
func codeOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code < 400 {
		return ""
	}
	return problemIn(t, w).Code
}

type adapterFunc func(context.Context, adapters.Message) (adapters.Message, error)

func (f adapterFunc) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	return f(ctx, m)
}

// TestClientOfTheQueue: calls are told apart by where they come from when nobody says who calls.
func TestClientOfTheQueue(t *testing.T) {
	var got adapters.Call
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
			got = c
			return c.Message, nil
		})
	}))
	for address, want := range map[string]string{"192.0.2.7:1234": "192.0.2.7", "[2001:db8::1]:80": "2001:db8::1", "@": "@"} {
		r := httptest.NewRequest(http.MethodGet, "/a", nil)
		r.RemoteAddr = address
		g.ServeHTTP(httptest.NewRecorder(), r)
		if got.Client != want {
			t.Errorf("%s: client %q", address, got.Client)
		}
	}
}
