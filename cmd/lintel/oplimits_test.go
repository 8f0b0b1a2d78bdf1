// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/specs"
)

// limitedHost is an adapter that notes what it is asked, and does with the nth exchange what act says.
type limitedHost struct {
	mu            sync.Mutex
	act           func(n int, ctx context.Context) error
	asked         []string
	running, most int
}

// Exchange implements adapters.Adapter.
func (h *limitedHost) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	h.mu.Lock()
	n := len(h.asked)
	h.asked = append(h.asked, string(m.Body))
	h.running++
	h.most = max(h.most, h.running)
	h.mu.Unlock()
	err := h.act(n, ctx)
	h.mu.Lock()
	h.running--
	h.mu.Unlock()
	return m, err
}

// takes is an exchange of a time, or as long as its caller waits.
func takes(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
}

const limitedContract = `
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /ask: {get: {operationId: ask, responses: {"200": {description: fine, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}}
  /other: {get: {operationId: other, responses: {"200": {description: fine, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}}
  /change: {post: {operationId: change, responses: {"204": {description: done}}}}
components: {schemas: {Thing: {type: object, required: [id], properties: {id: {type: string, maxLength: 20}}}}}
`

// exchangeOf is an exchange that sends an id and gets it back.
func exchangeOf(id string) (request, reply string) {
	return "request: {json: 'openapi.yaml#/components/schemas/Thing', body: {id: " + id + "}}", "reply: {json: 'openapi.yaml#/components/schemas/Thing'"
}

// limitedForms are the places where an exchange has limits: the transform of an operation, and a step of one.
func limitedForms() map[string]func(limits string) string {
	request, reply := exchangeOf("ask")
	return map[string]func(string) string{
		"operation": func(limits string) string {
			return "operation: ask\nbackend: core\npublic: true\n" + limits + "\n" + request + "\n" + reply + ", body: {id: =reply.id}}\n"
		},
		"step": func(limits string) string {
			return "operation: ask\npublic: true\nsteps:\n  - step: one\n    backend: core\n    " + limits + "\n    " + request + "\n    " + reply + "}\nanswer: {body: {id: =steps.one.id}}\n"
		},
	}
}

// limitedPlan compiles a workspace whose operation ask has limits of its own, and so has the undo of a step of change.
func limitedPlan(t *testing.T, transform, undo, backend string) *plan {
	t.Helper()
	request, reply := exchangeOf("other")
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"lintel.yaml":         "lintel: 1\ncontract: openapi.yaml\ngateway: {budgetHeader: Request-Timeout}\nbackends:\n  core: {http: {url: 'http://127.0.0.1:1'}, timeout: 10s, breaker: {window: 60s}, " + backend + "}\n",
		"openapi.yaml":        limitedContract,
		"transforms/ask.yaml": transform,
		"transforms/change.yaml": "operation: change\npublic: true\nsteps:\n  - {step: one, backend: core, " + request + ", " + reply + "}, undo: {" + undo + ", " + request + ", " + reply + "}}}\n" +
			"  - {step: two, backend: core, " + request + ", " + reply + "}}\nanswer: {}\n",
		"transforms/other.yaml": "operation: other\nbackend: core\npublic: true\n" + request + "\n" + reply + ", body: {id: =reply.id}}\n",
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ws, findings := specs.LoadFS("limits", fsys, noEnv)
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Fatalf("%v\n%s", findings, transform)
	}
	return p
}

// limited serves a plan before a host.
func limited(t *testing.T, p *plan, h *limitedHost) *gateway.Gateway {
	t.Helper()
	b := p.ws.Config.Backends[0]
	g, err := adapters.NewGuard(b.Name, h, guardOptions(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	list, err := routes(p, map[string]*ownGuard{b.Name: {g, b}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(r gateway.Route) bool { return r.Keys != gateway.KeysOff }) // there is no journal
	gw, err := gateway.New(gatewayOptions(&p.ws.Config.Gateway))
	if err == nil {
		err = gw.Swap(list)
	}
	if err != nil {
		t.Fatal(err)
	}
	return gw
}

// timed calls an operation and returns its status and how long it took.
func timed(gw http.Handler, path string, header ...string) (int, time.Duration) {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, begun := httptest.NewRecorder(), time.Now()
	gw.ServeHTTP(w, r)
	return w.Code, time.Since(begun)
}

// TestLimitsOfOperationsAndSteps: each limit that an operation or one of its steps may declare is kept, and without it the
// same calls go another way.
func TestLimitsOfOperationsAndSteps(t *testing.T) {
	unsent := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	for _, tt := range []struct {
		name, limits, backend string
		act                   func(n int, ctx context.Context) error
		play                  func(gw *gateway.Gateway, h *limitedHost) string
		// with is how it goes with the limits, without how it goes else.
		with, without string
	}{
		{
			name: "timeout", limits: "timeout: 1s",
			act: func(_ int, ctx context.Context) error { return takes(ctx, time.Hour) },
			play: func(gw *gateway.Gateway, _ *limitedHost) string {
				code, took := timed(gw, "/ask")
				return fmt.Sprint(code, " after ", took)
			},
			with: "504 after 1s", without: "504 after 10s",
		},
		{
			name: "needs", limits: "needs: 1s",
			act: func(_ int, ctx context.Context) error { return takes(ctx, 100*time.Millisecond) },
			play: func(gw *gateway.Gateway, h *limitedHost) string {
				code, _ := timed(gw, "/ask", "Request-Timeout", "500")
				return fmt.Sprint(code, ", asked ", len(h.asked))
			},
			with: "503, asked 0", without: "200, asked 1",
		},
		{
			name: "concurrency", limits: "concurrency: {max: 1}", backend: "concurrency: {wait: 5s}",
			act: func(_ int, ctx context.Context) error { return takes(ctx, time.Second) },
			play: func(gw *gateway.Gateway, h *limitedHost) string {
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() { timed(gw, "/ask") })
				}
				wg.Wait()
				return fmt.Sprint("at once ", h.most)
			},
			with: "at once 1", without: "at once 3",
		},
		{
			name: "priority", limits: "priority: high", backend: "concurrency: {max: 1, wait: 5s}",
			act: func(_ int, ctx context.Context) error { return takes(ctx, time.Second) },
			play: func(gw *gateway.Gateway, h *limitedHost) string {
				var wg sync.WaitGroup
				for _, path := range []string{"/other", "/other", "/other", "/ask"} {
					wg.Go(func() { timed(gw, path) })
					time.Sleep(10 * time.Millisecond)
				}
				wg.Wait()
				for i, m := range h.asked {
					if strings.Contains(m, "ask") {
						return fmt.Sprint("after ", i)
					}
				}
				return "never"
			},
			with: "after 1", without: "after 2",
		},
		{
			name: "no retries", limits: "retries: 0", backend: "retries: 2",
			act: func(int, context.Context) error { return unsent },
			play: func(gw *gateway.Gateway, h *limitedHost) string {
				timed(gw, "/ask")
				return fmt.Sprint("asked ", len(h.asked))
			},
			with: "asked 1", without: "asked 2",
		},
		{
			name: "retries", limits: "retries: 1", backend: "retries: 0",
			act: func(int, context.Context) error { return unsent },
			play: func(gw *gateway.Gateway, h *limitedHost) string {
				timed(gw, "/ask")
				return fmt.Sprint("asked ", len(h.asked))
			},
			with: "asked 2", without: "asked 1",
		},
		{
			name: "hedge", limits: "hedge: 300ms",
			act: func(n int, ctx context.Context) error {
				if n == 0 {
					return takes(ctx, 5*time.Second)
				}
				return takes(ctx, 100*time.Millisecond)
			},
			play: func(gw *gateway.Gateway, h *limitedHost) string {
				code, took := timed(gw, "/ask")
				return fmt.Sprint(code, " after ", took, ", asked ", len(h.asked))
			},
			with: "200 after 400ms, asked 2", without: "200 after 5s, asked 1",
		},
	} {
		for form, transform := range limitedForms() {
			t.Run(tt.name+" of an "+form, func(t *testing.T) {
				backend := tt.backend
				if backend == "" {
					backend = "retries: 2"
				}
				for limits, want := range map[string]string{tt.limits: tt.with, "": tt.without} {
					p := limitedPlan(t, transform(limits), "backend: core", backend)
					synctest.Test(t, func(t *testing.T) {
						h := &limitedHost{act: tt.act}
						if got := tt.play(limited(t, p, h), h); got != want {
							t.Errorf("with %q: %s, want %s", limits, got, want)
						}
					})
				}
			})
		}
	}
}

// TestLimitsOfUndo: the undo of a step has limits of its own as well.
func TestLimitsOfUndo(t *testing.T) {
	unsent := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	ask := limitedForms()["operation"]("")
	for limits, want := range map[string]string{
		"timeout: 1s, concurrency: {max: 1}, retries: 0": "timeout 1s, at once 1, asked 1",
		"backend: core": "timeout 10s, at once 2, asked 2",
	} {
		p := limitedPlan(t, ask, limits, "concurrency: {wait: 5s}")
		synctest.Test(t, func(t *testing.T) {
			h := &limitedHost{}
			b := p.ws.Config.Backends[0]
			g, err := adapters.NewGuard(b.Name, h, guardOptions(b))
			if err != nil {
				t.Fatal(err)
			}
			list, err := routes(p, map[string]*ownGuard{b.Name: {g, b}}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(list, func(r gateway.Route) bool { return r.Operation.ID == "change" })
			undo := list[i].Steps[0].Undo
			exchange := func() { _, _ = g.Exchange(t.Context(), adapters.Call{Lane: undo.Lane, Timeout: undo.Timeout}) }
			h.act = func(_ int, ctx context.Context) error { return takes(ctx, time.Hour) }
			begun := time.Now()
			exchange()
			got := fmt.Sprint("timeout ", time.Since(begun))
			h.act, h.most = func(_ int, ctx context.Context) error { return takes(ctx, 100*time.Millisecond) }, 0
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(exchange)
			}
			wg.Wait()
			got += fmt.Sprint(", at once ", h.most)
			h.act, h.asked = func(int, context.Context) error { return unsent }, nil
			exchange()
			if got += fmt.Sprint(", asked ", len(h.asked)); got != want {
				t.Errorf("%s: %s, want %s", limits, got, want)
			}
		})
	}
}

// TestCriticalSteps: an operation with a step of priority high is served when others are refused.
func TestCriticalSteps(t *testing.T) {
	for limits, want := range map[string]bool{"priority: high": true, "priority: normal": false} {
		for form, transform := range limitedForms() {
			p := limitedPlan(t, transform(limits), "backend: core", "retries: 2")
			b := p.ws.Config.Backends[0]
			g, err := adapters.NewGuard(b.Name, &limitedHost{}, guardOptions(b))
			if err != nil {
				t.Fatal(err)
			}
			list, err := routes(p, map[string]*ownGuard{b.Name: {g, b}}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(list, func(r gateway.Route) bool { return r.Operation.ID == "ask" })
			if list[i].Critical != want {
				t.Errorf("%s with %s: critical is %v", form, limits, list[i].Critical)
			}
		}
	}
}
