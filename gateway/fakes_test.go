// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/specs"
	"lintel/transforms"
)

func TestMain(m *testing.M) {
	if os.Getenv("LINTEL_RANDOM") == "" {
		_ = flag.Set("rapid.seed", "1") // random tests begin at the same place; make fuzz lets them begin anywhere
	}
	goleak.VerifyTestMain(m)
}

// fakeRunner is a transform of five lines. The zero value echoes what it was given.
type fakeRunner struct {
	request func(in transforms.Input) (transforms.Message, error)
	reply   func(m transforms.Message) (transforms.Output, error)
}

func (f fakeRunner) Request(in transforms.Input) (transforms.Message, error) {
	if f.request != nil {
		return f.request(in)
	}
	return transforms.Message{Body: append(append([]byte(`{"params":`), in.Params...), `}`...)}, nil
}

func (f fakeRunner) Reply(m transforms.Message) (transforms.Output, error) {
	if f.reply != nil {
		return f.reply(m)
	}
	return transforms.Output{Status: 200, Body: m.Body, Outcome: "ok"}, nil
}

func (f fakeRunner) Release() {}

// exchange is an Exchanger; nil echoes.
type exchange func(ctx context.Context, c adapters.Call) (adapters.Message, error)

func (f exchange) Exchange(ctx context.Context, c adapters.Call) (adapters.Message, error) {
	if f == nil {
		c.Judge(c.Message)
		return c.Message, nil
	}
	return f(ctx, c)
}

func fails(e *adapters.Error) exchange {
	return func(context.Context, adapters.Call) (adapters.Message, error) { return adapters.Message{}, e }
}

// routeOf makes a route; edit may be nil.
func routeOf(method, path string, edit func(*Route)) Route {
	op := &specs.Operation{ID: strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path), Method: method, Path: path}
	for rest := path; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		op.Parameters = append(op.Parameters, &specs.Parameter{Name: name, In: "path", Required: true, Style: "simple", Schema: &specs.Schema{Types: []string{"string"}}})
		rest = tail
	}
	if method == "POST" || method == "PUT" || method == "PATCH" {
		op.Body = &specs.Body{Required: true, Content: []*specs.MediaType{specs.NewMediaType("application/json", nil, specs.Pos{})}}
	}
	r := Route{
		Operation: op, Start: func() Runner { return fakeRunner{} }, Backend: exchange(nil), BackendName: "core",
		Safe: op.Safe(), Public: true, Timeout: time.Second,
	}
	if edit != nil {
		edit(&r)
	}
	return r
}

func query(name, typ string) *specs.Parameter {
	return &specs.Parameter{Name: name, In: "query", Style: "form", Explode: true, Schema: &specs.Schema{Types: []string{typ}}}
}

func newGateway(t testing.TB, o Options, routes ...Route) *Gateway {
	t.Helper()
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Swap(routes); err != nil {
		t.Fatal(err)
	}
	return g
}

func do(g http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" && !slices.Contains(headers, "Content-Type") {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// problemDoc is the envelope as a client reads it.
type problemDoc struct {
	Type, Title, Detail, Instance, Code, OperationID, TraceID, Outcome, Retry, Operation string
	Status                                                                               int
	Errors                                                                               []struct{ Pointer, Parameter, In, Code, Detail string }
}

func problemIn(t testing.TB, w *httptest.ResponseRecorder) problemDoc {
	t.Helper()
	var p problemDoc
	if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %q, body %s", ct, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if p.Status != w.Code {
		t.Errorf("status %d in the body of a %d", p.Status, w.Code)
	}
	return p
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
