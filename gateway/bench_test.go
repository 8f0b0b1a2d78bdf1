// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// nullWriter is a ResponseWriter that keeps nothing.
type nullWriter struct{ h http.Header }

func (w *nullWriter) Header() http.Header             { return w.h }
func (w *nullWriter) WriteHeader(int)                 {}
func (w *nullWriter) Write(b []byte) (int, error)     { return len(b), nil }
func (w *nullWriter) SetReadDeadline(time.Time) error { return nil }

// benchCall measures what the edge itself costs: transform and host are nothing.
func benchCall(b *testing.B, o Options, method, target string, body []byte, routes ...Route) {
	answer := bytes.Repeat([]byte(`{"a":"b"},`), 40)
	run := Runner(fakeRunner{
		request: func(transforms.Input) (transforms.Message, error) { return transforms.Message{}, nil },
		reply: func(transforms.Message) (transforms.Output, error) {
			return transforms.Output{Status: 200, Body: answer, Outcome: "ok"}, nil
		},
	})
	for i := range routes {
		routes[i].Start = func() Runner { return run }
	}
	g := newGateway(b, o, routes...)
	u, err := url.ParseRequestURI(target)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &nullWriter{h: http.Header{}}
		rd := bytes.NewReader(body)
		r := &http.Request{
			Method: method, URL: u, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
			Header: http.Header{"Accept": {"*/*"}, "User-Agent": {"bench"}, "Content-Type": {"application/json"}, "Accept-Encoding": {"gzip"}},
		}
		for pb.Next() {
			clear(w.h)
			rd.Reset(body)
			r.Body = io.NopCloser(rd)
			g.ServeHTTP(w, r)
		}
	})
}

func BenchmarkGet(b *testing.B) {
	benchCall(b, Options{}, "GET", "/accounts/0000004711?limit=20", nil, routeOf("GET", "/accounts/{id}", func(r *Route) {
		r.Operation.Parameters = append(r.Operation.Parameters, query("limit", "integer"))
	}))
}

func BenchmarkGetLogged(b *testing.B) {
	benchCall(b, Options{Log: slog.New(slog.NewJSONHandler(&nullWriter{}, nil))}, "GET", "/accounts/0000004711?limit=20", nil,
		routeOf("GET", "/accounts/{id}", func(r *Route) {
			r.Operation.Parameters = append(r.Operation.Parameters, query("limit", "integer"))
		}))
}

func BenchmarkPost(b *testing.B) {
	benchCall(b, Options{}, "POST", "/transfers", bytes.Repeat([]byte("x"), 400), routeOf("POST", "/transfers", nil))
}

func BenchmarkNotFound(b *testing.B) {
	benchCall(b, Options{}, "GET", "/nowhere", nil, routeOf("GET", "/a", nil))
}

func BenchmarkUnavailable(b *testing.B) {
	benchCall(b, Options{}, "GET", "/a", nil, routeOf("GET", "/a", func(r *Route) {
		r.Backend = fails(&adapters.Error{Fate: adapters.NotSent, Kind: adapters.Open, RetryAfter: time.Second})
	}))
}

func BenchmarkRoutes500(b *testing.B) {
	var routes []Route
	for i := range 500 {
		routes = append(routes, routeOf("GET", "/v1/area"+string(rune('a'+i%26))+"/thing"+string(rune('a'+i/26))+"/{id}", nil))
	}
	benchCall(b, Options{}, "GET", "/v1/areac/thingf/17", nil, routes...)
}
