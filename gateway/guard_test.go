// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// adapter is an adapters.Adapter.
type adapter func(ctx context.Context, m adapters.Message) (adapters.Message, error)

func (f adapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	return f(ctx, m)
}

// The gateway and the real guard agree on what a call, its judge and its errors are.
func TestWithGuard(t *testing.T) {
	echo := adapter(func(_ context.Context, m adapters.Message) (adapters.Message, error) { return m, nil })
	hangs := adapter(func(ctx context.Context, _ adapters.Message) (adapters.Message, error) {
		<-ctx.Done()
		return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	})
	panics := fakeRunner{reply: func(transforms.Message) (transforms.Output, error) { panic("boom") }}
	for _, c := range []struct {
		name    string
		adapter adapter
		run     fakeRunner
		method  string
		timeout time.Duration
		status  int
		want    string
	}{
		{"fine", echo, fakeRunner{}, "POST", time.Second, 200, `{"params"`},
		{"panic in the judge", echo, panics, "POST", time.Second, 500, `"outcome":"applied"`},
		{"hangs", hangs, fakeRunner{}, "POST", 20 * time.Millisecond, 504, "in-doubt"},
		{"hangs, safe", hangs, fakeRunner{}, "GET", 20 * time.Millisecond, 504, "no-reply"},
		{"hangs, the backend's timeout", hangs, fakeRunner{}, "GET", 0, 504, "no-reply"},
	} {
		synctest.Test(t, func(t *testing.T) {
			guard, err := adapters.NewGuard("core", c.adapter, adapters.GuardOptions{Timeout: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			g := newGateway(t, Options{}, routeOf(c.method, "/a", func(r *Route) {
				r.Backend, r.Timeout = guard, c.timeout
				r.Start = func() Runner { return c.run }
			}))
			body := ""
			if c.method == "POST" {
				body = "{}"
			}
			for range 3 {
				if w := do(g, c.method, "/a", body); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
					t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
				}
			}
			if n := guard.State().Inflight; n != 0 {
				t.Errorf("%s: %d slots are not given back", c.name, n)
			}
			if err := guard.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// B05: a goroutine that ends in the middle of a call still leaves an answer and no trace.
func TestB05Goexit(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
		r.Backend = exchange(func(context.Context, adapters.Call) (adapters.Message, error) {
			runtime.Goexit()
			return adapters.Message{}, nil
		})
	}))
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := httptest.NewRequest("POST", "/a", strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		g.ServeHTTP(w, r)
	}()
	<-done
	if p := problemIn(t, w); p.Type != "/problems/in-doubt" || g.InFlight() != 0 {
		t.Errorf("%+v, %d in flight", p, g.InFlight())
	}
}
