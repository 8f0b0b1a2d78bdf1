// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"lintel/specs"
)

func sited(t *testing.T, o Options, s Site) *Gateway {
	t.Helper()
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Put(s); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestCORS answers pages of allowed origins, and nothing but the usual to others.
func TestCORS(t *testing.T) {
	secured := securedRoute(false, requirement("A"))
	post := routeOf("POST", "/a", func(r *Route) {
		r.Operation.Parameters = []*specs.Parameter{{Name: "x-request-note", In: "header", Style: "simple", Schema: &specs.Schema{Types: []string{"string"}}}}
	})
	exact := &CORS{Origins: []string{"https://app.example"}, Headers: []string{"X-More"}, Expose: []string{"X-Seen"}, Credentials: true, MaxAge: time.Minute}
	g := sited(t, Options{}, Site{Routes: []Route{secured, post}, CORS: exact})
	w := do(g, "OPTIONS", "/a", "", "Origin", "https://app.example", "Access-Control-Request-Method", "POST")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://app.example", "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "60",
		"Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST", "Access-Control-Allow-Headers": "A, Authorization, Content-Type, Idempotency-Key, If-None-Match, Traceparent, Tracestate, X-Request-Note, X-More",
		"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	} {
		if got := w.Header().Get(name); got != want || w.Code != 204 {
			t.Errorf("preflight %d %s: %q, want %q", w.Code, name, got, want)
		}
	}
	for _, origin := range []string{"https://evil.example", "null", "https://app.example.evil.example", "https://APP.example", "http://app.example"} {
		for _, method := range []string{"OPTIONS", "GET"} {
			w := do(g, method, "/a", "", "Origin", origin, "Access-Control-Request-Method", "POST", "A", "good")
			for name := range w.Header() {
				if strings.HasPrefix(name, "Access-Control") {
					t.Errorf("%s %s: %v", method, origin, w.Header())
				}
			}
			if !strings.HasPrefix(w.Header().Get("Vary"), "Origin") {
				t.Errorf("%s %s: Vary %q", method, origin, w.Header()["Vary"])
			}
		}
	}
	// Errors can be read too: they say what is wrong.
	if w := do(g, "GET", "/a", "", "Origin", "https://app.example"); w.Code != 401 || w.Header().Get("Access-Control-Allow-Origin") == "" || !strings.Contains(w.Header().Get("Access-Control-Expose-Headers"), "X-Seen") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := do(g, "OPTIONS", "/a", ""); w.Code != 204 || w.Header().Get("Allow") != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("plain OPTIONS: %d %v", w.Code, w.Header())
	}
	g = sited(t, Options{}, Site{Routes: []Route{post}, CORS: &CORS{Origins: []string{"*"}}})
	if w := do(g, "POST", "/a", "{}", "Origin", "https://any.example"); w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Vary") != "" {
		t.Errorf("%v", w.Header())
	}
	if g, err := New(Options{}); err != nil || g.Put(Site{CORS: &CORS{Origins: []string{"*"}, Credentials: true}}) == nil {
		t.Error("credentials for every origin are served")
	}
}

// TestDocuments serves what stands beside the operations, and operations before it.
func TestDocuments(t *testing.T) {
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	_, _ = zw.Write([]byte("alert(1)"))
	_ = zw.Close()
	g := sited(t, Options{}, Site{
		Routes: []Route{routeOf("GET", "/taken", nil)},
		Documents: []Document{
			{Path: "/openapi.json", Type: "application/json", Body: []byte(`{}`)},
			{Path: "/taken", Type: "text/plain", Body: []byte("never")},
			{Path: "/docs", Redirect: "docs/"},
			{Path: "/docs/x.js", Type: "text/javascript", GzipBody: packed.Bytes(), Policy: "script-src 'self'"},
		},
	})
	w := do(g, "GET", "/openapi.json", "")
	etag := w.Header().Get("Etag")
	if w.Code != 200 || w.Body.String() != "{}" || w.Header().Get("Content-Security-Policy") != noContent || w.Header().Get("Cache-Control") != "no-cache" || etag == "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	for _, c := range []struct {
		method, path string
		headers      []string
		code         int
		body         string
	}{
		{"GET", "/openapi.json", []string{"If-None-Match", `"x", W/` + etag}, 304, ""},
		{"GET", "/openapi.json", []string{"If-None-Match", `"x"`}, 200, "{}"},
		{"HEAD", "/openapi.json", nil, 200, ""},
		{"OPTIONS", "/openapi.json", nil, 204, ""},
		{"GET", "/openapi.JSON", nil, 404, "not-found"},
		{"DELETE", "/openapi.json", nil, 405, "method-not-allowed"},
		{"GET", "/taken", nil, 200, "params"},
		{"GET", "/docs", nil, 302, ""},
		{"GET", "/docs/x.js", nil, 200, "alert(1)"},
		{"GET", "/docs/x.js", []string{"Accept-Encoding", "gzip;q=0, br"}, 200, "alert(1)"},
		{"GET", "/docs/x.js", []string{"Accept-Encoding", "br, gzip"}, 200, packed.String()},
	} {
		w := do(g, c.method, c.path, "", c.headers...)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.body) || c.body == "" && w.Body.Len() > 0 {
			t.Errorf("%s %s %v: %d %v %.200q", c.method, c.path, c.headers, w.Code, w.Header(), w.Body)
		}
		if c.code == 405 && w.Header().Get("Allow") != documentMethods {
			t.Errorf("Allow %q", w.Header().Get("Allow"))
		}
	}
}
