// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
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

// BenchmarkWire compares the edge with a handler that does nothing, over real connections.
func BenchmarkWire(b *testing.B) {
	answer := bytes.Repeat([]byte(`{"a":"b"},`), 40)
	g := newGateway(b, Options{Log: slog.New(slog.NewJSONHandler(&nullWriter{}, nil))}, routeOf("GET", "/accounts/{id}", func(r *Route) {
		run := Runner(fakeRunner{
			request: func(transforms.Input) (transforms.Message, error) { return transforms.Message{}, nil },
			reply: func(transforms.Message) (transforms.Output, error) {
				return transforms.Output{Status: 200, Body: answer, Outcome: "ok"}, nil
			},
		})
		r.Start = func() Runner { return run }
	}))
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
	for _, h := range []struct {
		name    string
		handler http.Handler
	}{{"plain", plain}, {"gateway", g}} {
		b.Run(h.name, func(b *testing.B) {
			s := httptest.NewServer(h.handler)
			defer s.Close()
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				conn, err := net.Dial("tcp", s.Listener.Addr().String())
				if err != nil {
					b.Error(err)
					return
				}
				defer func() { _ = conn.Close() }()
				in := make([]byte, 4096)
				for pb.Next() {
					_, err := io.WriteString(conn, "GET /accounts/0000004711 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n")
					n := 0
					for err == nil && !bytes.HasSuffix(in[:n], answer[len(answer)-20:]) {
						var m int
						m, err = conn.Read(in[n:])
						n += m
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
