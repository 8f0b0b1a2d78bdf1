// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lintel/specs"
)

// Whatever the path: the answer is one that is meant, and a parameter is what the path says.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/a/1", "/a/%2e%2e/b", "//a", "/a/b;x=1", "/a/%c3%a9", "/b/x-y.json", "/a/*", "/a/{id}", "/a/%00"} {
		f.Add(s)
	}
	g := newGateway(f, Options{}, routeOf("GET", "/a/{id}", nil), routeOf("GET", "/b/{x}-{y}.json", nil), routeOf("GET", "/a/me", nil))
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		u.RawQuery = ""
		w := httptest.NewRecorder()
		g.ServeHTTP(w, &http.Request{Method: "GET", URL: u, Header: http.Header{}, ProtoMajor: 1})
		if w.Code != 200 && w.Code != 404 && w.Code != 400 {
			t.Fatalf("%q: %d %s", path, w.Code, w.Body)
		}
		var got struct {
			Params struct{ Path map[string]string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%q: %v in %s", path, err, w.Body)
		}
		if id, ok := got.Params.Path["id"]; ok && "/a/"+id != u.Path {
			t.Errorf("%q: id %q", path, id)
		}
		if w.Code == 200 && strings.Contains(u.Path, "..") && strings.Contains(u.Path, "/../") {
			t.Errorf("%q is served", path)
		}
	})
}

// Whatever the template of a contract: it is refused or can be served, and never panics.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"/a/{x}", "/{x}{y}", "/a/{x:[0-9]+}", "/*", "/a/{x", "/}", "/{x}.{y}", "/%2f", "/{*}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		g, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := routeOf("GET", "/", nil)
		r.Operation = &specs.Operation{ID: "op", Method: "GET", Path: path}
		p, err := parseTemplate(path)
		for _, name := range p.names {
			r.Operation.Parameters = append(r.Operation.Parameters, &specs.Parameter{Name: name, In: "path", Style: "simple"})
		}
		if swapped := g.Swap([]Route{r}); err == nil && swapped != nil && !strings.Contains(swapped.Error(), "UTF-8") {
			t.Errorf("%q: %v", path, swapped)
		}
	})
}

func FuzzTraceParent(f *testing.F) {
	f.Add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Add("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x")
	f.Fuzz(func(t *testing.T, parent string) {
		if id := traceID(parent); id != "" && (len(id) != 32 || !isLowerHex(id) || isZeros(id)) {
			t.Errorf("%q: %q", parent, id)
		}
	})
}

func FuzzContentType(f *testing.F) {
	f.Add("application/json")
	f.Add("application/problem+json; charset=utf-8; profile=\"x\"")
	plan, err := compileBody(&specs.Operation{Body: &specs.Body{Content: []*specs.MediaType{specs.NewMediaType("application/*", nil, specs.Pos{})}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, media string) {
		if plan.accepts(media) != 0 && !strings.Contains(strings.ToLower(media), "json") {
			t.Errorf("%q is taken", media)
		}
	})
}
