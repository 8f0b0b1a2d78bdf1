// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"lintel/adapters"
	"lintel/specs"
)

// answering gives the operation of a route responses: a status and its media types.
func answering(responses ...[]string) func(*Route) {
	return func(r *Route) {
		for _, texts := range responses {
			out := &specs.Response{Status: texts[0]}
			for _, m := range texts[1:] {
				out.Content = append(out.Content, specs.NewMediaType(m, nil, specs.Pos{}))
			}
			r.Operation.Responses = append(r.Operation.Responses, out)
		}
	}
}

func TestAccept(t *testing.T) {
	var hosts atomic.Int64
	const vendor = "application/vnd.bank+json"
	counted := func(responses ...[]string) func(*Route) {
		return func(r *Route) {
			answering(responses...)(r)
			r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
				hosts.Add(1)
				c.Judge(c.Message)
				return c.Message, nil
			})
		}
	}
	g := newGateway(t, Options{},
		routeOf("GET", "/one", counted([]string{"200", "application/json; charset=utf-8"})),
		routeOf("GET", "/vendor", counted([]string{"default", "application/json"}, []string{"2XX", "text/plain", vendor})),
		routeOf("GET", "/two", counted([]string{"200", "application/json", vendor}, []string{"404", "application/problem+json"})),
		routeOf("GET", "/none", counted([]string{"204"})),
		routeOf("POST", "/one", counted([]string{"201", "application/*"})),
	)
	for _, c := range []struct {
		path   string
		accept []string
		want   string // the media type of the answer, "" for 406
	}{
		{"/one", nil, "application/json"},
		{"/one", []string{""}, "application/json"},
		{"/one", []string{"*/*"}, "application/json"},
		{"/one", []string{"application/json"}, "application/json"},
		{"/one", []string{"APPLICATION/*;q=0.1"}, "application/json"},
		{"/one", []string{"text/html, application/xhtml+xml, */*;q=0.8"}, "application/json"},
		{"/one", []string{"text/html", "application/json; charset=utf-8; q=0.001"}, "application/json"},
		{"/one", []string{"application/problem+json"}, "application/json"},
		{"/one", []string{"no media type"}, "application/json"},
		{"/one", []string{"application/json;q=2"}, "application/json"},
		{"/one", []string{"text/html"}, ""},
		{"/one", []string{"application/xml, text/*"}, ""},
		{"/one", []string{"*/*, application/json;q=0, application/problem+json;q=0.000"}, ""},
		{"/one", []string{"application/*;q=0, */*"}, ""},
		{"/one", []string{vendor}, ""},
		{"/vendor", nil, vendor},
		{"/vendor", []string{vendor}, vendor},
		{"/vendor", []string{"application/json"}, vendor}, // the default may be a success too
		{"/two", nil, "application/json"},
		{"/two", []string{vendor}, vendor},
		{"/two", []string{"application/*"}, "application/json"},
		{"/two", []string{"application/json;q=0.5, " + vendor}, vendor},
		{"/two", []string{"application/json;q=0.50, " + vendor + ";q=0.499"}, "application/json"},
		{"/two", []string{"application/json;q=0, */*;q=0.1"}, vendor},
		{"/none", []string{"text/html"}, "application/json"},
	} {
		before := hosts.Load()
		r, err := http.NewRequestWithContext(t.Context(), "GET", c.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.RequestURI = c.path
		if c.accept != nil {
			r.Header["Accept"] = c.accept
		}
		w := serve(g, r)
		if c.want == "" {
			if p := problemIn(t, w); w.Code != 406 || p.Code != "not-acceptable" || p.Outcome != "not-sent" || hosts.Load() != before {
				t.Errorf("%s %q: %d %s", c.path, c.accept, w.Code, w.Body)
			}
			continue
		}
		if w.Code != 200 || w.Header().Get("Content-Type") != c.want || (w.Header().Get("Vary") == "Accept") != (c.path == "/two") {
			t.Errorf("%s %q: %d %v", c.path, c.accept, w.Code, w.Header())
		}
	}
	if w := do(g, "POST", "/one", "{}", "Accept", "image/png"); w.Code != 406 {
		t.Errorf("post: %d", w.Code)
	}
}

// What nearly every caller sends costs no memory.
func TestAcceptAllocates(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/one", answering([]string{"200", "application/json"})))
	c := newCall(g)
	c.route = g.table.Load().paths["/one"].routes[0]
	h := http.Header{"Content-Type": nil}
	for _, accept := range [][]string{nil, {"*/*"}, {"application/json"}} {
		c.r = &http.Request{Header: http.Header{"Accept": accept}}
		if n := testing.AllocsPerRun(100, func() {
			if c.acceptable() != nil {
				t.Error("refused")
			}
			c.contentType(h, c.route.media.of(200), nil)
		}); n != 0 {
			t.Errorf("%q: %v allocations", accept, n)
		}
	}
}
