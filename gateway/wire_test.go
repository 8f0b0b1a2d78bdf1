// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// serving starts a Server on loopback and returns it with the function that stops it.
func serving(t *testing.T, g *Gateway, o ServerOptions) (s *Server, stop func() error) {
	t.Helper()
	o.Listen = "127.0.0.1:0"
	if o.Admin == "" {
		o.Admin = "127.0.0.1:0"
	}
	if o.HeadTime == 0 {
		o.HeadTime = time.Minute // a machine that stands still is no slow caller
	}
	s, err := NewServer(context.Background(), g, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = stop() })
	return s, stop
}

// raw sends bytes and returns all that comes back until the server closes.
func raw(t *testing.T, addr net.Addr, request string, half bool) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if half {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	var out bytes.Buffer
	_, _ = io.Copy(&out, conn)
	return out.String()
}

// H01: no framing trick makes two requests of one or brings a cut body to the host.
func TestH01Framing(t *testing.T) {
	var hosts atomic.Int32
	var cut atomic.Bool
	count := func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{request: func(in transforms.Input) (transforms.Message, error) {
				hosts.Add(1)
				if in.Body != nil && string(in.Body) != `{"a":1}` {
					cut.Store(true)
				}
				return transforms.Message{Body: []byte(`{}`)}, nil
			}}
		}
	}
	g := newGateway(t, Options{BodyTimeout: time.Second}, routeOf("POST", "/a", count), routeOf("GET", "/b", count))
	s, _ := serving(t, g, ServerOptions{Admin: "off"})
	const head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	const smuggled = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, c := range []struct {
		name, request string
		half          bool
		want          string // the start of the answer, "" for a closed connection without one
		hosts         int32
	}{
		{"length and chunks", head + "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n" + smuggled, false, "HTTP/1.1 200", 1},
		{"chunks then another", head + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n" + smuggled, false, "HTTP/1.1 200", 1},
		{"two lengths", head + "Content-Length: 7\r\nContent-Length: 8\r\n\r\n{\"a\":1}" + smuggled, false, "HTTP/1.1 400", 0},
		{"xchunked", head + "Transfer-Encoding: xchunked\r\n\r\n{\"a\":1}", false, "HTTP/1.1 501", 0},
		{"space before colon", head + "Content-Length : 7\r\n\r\n{\"a\":1}", false, "HTTP/1.1 400", 0},
		{"bad chunk", head + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\nzz\r\n\r\n" + smuggled, false, "HTTP/1.1 400", 0},
		{"chunk without its end", head + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n", true, "HTTP/1.1 400", 0},
		{"body shorter than its length", head + "Content-Length: 70\r\n\r\n{\"a\":1}", true, "HTTP/1.1 400", 0},
		{"body that never comes", head + "Content-Length: 70\r\n\r\n{\"a\":1}", false, "HTTP/1.1 408", 0},
		{"body that never comes for no path", "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 70\r\n\r\n", false, "HTTP/1.1 404", 0},
		{"length below zero", head + "Content-Length: -1\r\n\r\n", false, "HTTP/1.1 400", 0},
		{"body where none is taken", "GET /b HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"a\":1}", false, "HTTP/1.1 400", 0},
		{"chunks where none are taken", "GET /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n", false, "HTTP/1.1 400", 0},
		{"an expectation", head + "Expect: wonders\r\nContent-Length: 7\r\n\r\n{\"a\":1}" + smuggled, false, "HTTP/1.1 417", 0},
		{"another version", "GET /b HTTP/2.0\r\nHost: x\r\n\r\n" + smuggled, false, "HTTP/1.1 505", 0},
		{"no body in chunks", "GET /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, false, "HTTP/1.1 200", 1},
	} {
		hosts.Store(0)
		got := raw(t, s.Addr(), c.request, c.half)
		if !strings.HasPrefix(got, c.want) || strings.Count(got, "HTTP/1.1 ") != 1 || hosts.Load() != c.hosts {
			t.Errorf("%s: %d exchanges, answer %q", c.name, hosts.Load(), got)
		}
	}
	if cut.Load() {
		t.Error("a cut body reached the host")
	}
}

// H06: heads have a limit.
func TestH06Heads(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", nil))
	s, _ := serving(t, g, ServerOptions{Admin: "off"})
	for name, request := range map[string]string{
		"one header":   "GET /a HTTP/1.1\r\nHost: x\r\nX-Big: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"many headers": "GET /a HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Many: abcdef\r\n", 4000) + "\r\n",
		"long url":     "GET /a?" + strings.Repeat("x", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		// The server may close before it has read everything, which the client can see as a reset.
		if got := raw(t, s.Addr(), request, false); got != "" && !strings.HasPrefix(got, "HTTP/1.1 431") {
			t.Errorf("%s: %.80q", name, got)
		}
	}
}

func TestBodies(t *testing.T) {
	g := newGateway(t, Options{BodyLimit: 16}, routeOf("POST", "/a", nil), routeOf("GET", "/b", nil),
		routeOf("PUT", "/opt", func(r *Route) { r.Operation.Body.Required = false }),
		routeOf("PATCH", "/patch", func(r *Route) { r.Operation.Body.Content[0].Type = "application/merge-patch+json" }))
	s, _ := serving(t, g, ServerOptions{Admin: "off"})
	for _, c := range []struct {
		name, method, path, media, encoding string
		body                                io.Reader
		want                                int
	}{
		{"fine", "POST", "/a", "application/json", "", strings.NewReader(`{}`), 200},
		{"charset", "POST", "/a", "application/json; charset=UTF-8", "", strings.NewReader(`{}`), 200},
		{"other charset", "POST", "/a", "application/json; charset=latin1", "", strings.NewReader(`{}`), 415},
		{"none", "POST", "/a", "", "", strings.NewReader(`{}`), 415},
		{"text", "POST", "/a", "text/plain", "", strings.NewReader(`{}`), 415},
		{"undeclared", "POST", "/a", "application/vnd.x+json", "", strings.NewReader(`{}`), 415},
		{"declared", "PATCH", "/patch", "Application/Merge-Patch+JSON", "", strings.NewReader(`{}`), 200},
		{"broken", "POST", "/a", "application/json;;=", "", strings.NewReader(`{}`), 415},
		{"compressed", "POST", "/a", "application/json", "gzip", strings.NewReader(`{}`), 415},
		{"identity", "POST", "/a", "application/json", "identity", strings.NewReader(`{}`), 200},
		{"missing", "POST", "/a", "application/json", "", nil, 400},
		{"missing in chunks", "POST", "/a", "application/json", "", io.MultiReader(), 400},
		{"optional", "PUT", "/opt", "", "", nil, 200},
		{"at the limit", "POST", "/a", "application/json", "", strings.NewReader(`"aaaaaaaaaaaaaa"`), 200},
		{"over the limit", "POST", "/a", "application/json", "", strings.NewReader(`"aaaaaaaaaaaaaaa"`), 413},
		{"at the limit in chunks", "POST", "/a", "application/json", "", io.MultiReader(strings.NewReader(`"aaaaaaaaaaaaaa"`)), 200},
		{"over the limit in chunks", "POST", "/a", "application/json", "", io.MultiReader(strings.NewReader(`"aaaaaaaaaaaaaaa"`)), 413},
		{"unexpected", "GET", "/b", "application/json", "", strings.NewReader(`{}`), 400},
	} {
		r, err := http.NewRequestWithContext(context.Background(), c.method, "http://"+s.Addr().String()+c.path, c.body)
		if err != nil {
			t.Fatal(err)
		}
		r.Close = true
		if c.media != "" {
			r.Header.Set("Content-Type", c.media)
		}
		if c.encoding != "" {
			r.Header.Set("Content-Encoding", c.encoding)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, body)
		}
	}
}

// Expect: 100-continue is answered only for requests that are taken.
func TestExpectContinue(t *testing.T) {
	g := newGateway(t, Options{BodyLimit: 16, BodyTimeout: 300 * time.Millisecond}, routeOf("POST", "/a", nil))
	s, _ := serving(t, g, ServerOptions{Admin: "off"})
	const head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
	if got := raw(t, s.Addr(), head+"Content-Length: 99\r\n\r\n", false); !strings.HasPrefix(got, "HTTP/1.1 413") {
		t.Errorf("%q", got)
	}
	if got := raw(t, s.Addr(), head+"Connection: close\r\nContent-Length: 2\r\n\r\n{}", false); !strings.HasPrefix(got, "HTTP/1.1 100") || !strings.Contains(got, "HTTP/1.1 200") {
		t.Errorf("%q", got)
	}
}

// O06: a stop under load loses no request, whether clients keep their connections or not.
func TestO06DrainLosesNothing(t *testing.T) {
	for _, keep := range []bool{true, false} {
		t.Run(fmt.Sprintf("keep-alive %v", keep), func(t *testing.T) {
			g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
				r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
					time.Sleep(2 * time.Millisecond)
					return c.Message, nil
				})
			}))
			s, stop := serving(t, g, ServerOptions{Admin: "off", Drain: time.Minute, Linger: time.Second})
			var served, failed atomic.Int64
			var wg sync.WaitGroup
			for range 50 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					client(s.Addr().String(), keep, &served, &failed)
				}()
			}
			until(t, "callers are served", func() bool { return served.Load() >= 200 })
			if err := stop(); err != nil {
				t.Error(err)
			}
			wg.Wait()
			t.Logf("%d served, %d failed", served.Load(), failed.Load())
			if failed.Load() != 0 || served.Load() < 50 {
				t.Errorf("%d served, %d failed", served.Load(), failed.Load())
			}
		})
	}
}

// client sends requests until nobody accepts its connections any more. A request fails when its
// connection was made and no whole answer came.
func client(addr string, keep bool, served, failed *atomic.Int64) {
	for {
		conn, err := net.DialTimeout("tcp", addr, time.Minute)
		if err != nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		in := bufio.NewReader(conn)
		for again := true; again; {
			_, err := io.WriteString(conn, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
			var resp *http.Response
			if err == nil {
				resp, err = http.ReadResponse(in, nil)
			}
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			if err != nil || resp.StatusCode != 200 {
				failed.Add(1)
				break
			}
			served.Add(1)
			again = keep && !resp.Close
		}
		_ = conn.Close()
	}
}

func TestDrainWaitsAndGivesUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		drain time.Duration
		fails bool
	}{{"waits", time.Minute, false}, {"gives up", 50 * time.Millisecond, true}} {
		entered, leave := make(chan struct{}), make(chan struct{})
		g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
			r.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
				close(entered)
				select {
				case <-leave:
				case <-ctx.Done():
				}
				return c.Message, nil
			})
		}))
		s, stop := serving(t, g, ServerOptions{Drain: c.drain})
		answer := make(chan string, 1)
		go func() { answer <- raw(t, s.Addr(), "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", false) }()
		<-entered
		stopped := make(chan error, 1)
		go func() { stopped <- stop() }()
		for g.Ready() {
			time.Sleep(time.Millisecond)
		}
		if !c.fails {
			if got := raw(t, s.AdminAddr(), "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n", false); !strings.Contains(got, "503") {
				t.Errorf("%s: ready while draining: %s", c.name, got)
			}
			close(leave)
		}
		err, got := <-stopped, <-answer
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.fails && (!strings.HasPrefix(got, "HTTP/1.1 200") || !strings.Contains(got, "Connection: close")) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestNewServerFails(t *testing.T) {
	g := newGateway(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := NewServer(context.Background(), g, ServerOptions{Listen: l.Addr().String()}); err == nil || !strings.Contains(err.Error(), "data port") {
		t.Errorf("%v", err)
	}
	if _, err := NewServer(context.Background(), g, ServerOptions{Listen: "127.0.0.1:0", Admin: l.Addr().String()}); err == nil || !strings.Contains(err.Error(), "admin port") {
		t.Errorf("%v", err)
	}
}

// until polls for some minutes at most.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
