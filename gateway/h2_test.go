// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"lintel/adapters"
	"lintel/transforms"
)

// rawH2 is an HTTP/2 connection frame by frame.
type rawH2 struct {
	*http2.Framer
	conn *tls.Conn
	head bytes.Buffer
	enc  *hpack.Encoder
	dec  *hpack.Decoder
}

func dialH2(t *testing.T, a *authority, s *Server) *rawH2 {
	t.Helper()
	conn, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{RootCAs: a.pool(), NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(5 * time.Minute))
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	h := &rawH2{Framer: http2.NewFramer(conn, conn), conn: conn, dec: hpack.NewDecoder(4096, nil)}
	h.enc = hpack.NewEncoder(&h.head)
	if err := h.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *rawH2) headers(fields ...string) []byte {
	h.head.Reset()
	for i := 0; i+1 < len(fields); i += 2 {
		_ = h.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return h.head.Bytes()
}

func (h *rawH2) get(stream uint32, end bool) error {
	return h.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, EndStream: true, EndHeaders: end,
		BlockFragment: h.headers(":method", "GET", ":scheme", "https", ":authority", "x", ":path", "/a"),
	})
}

// drain reads frames until the connection ends, or a GOAWAY comes; it reports whether one of both happened.
func (h *rawH2) drain(done chan<- error) {
	for {
		f, err := h.ReadFrame()
		if err != nil {
			done <- err
			return
		}
		if g, ok := f.(*http2.GoAwayFrame); ok && g.ErrCode != http2.ErrCodeNo {
			done <- errors.New(g.ErrCode.String())
			return
		}
	}
}

// H07: floods of HTTP/2 frames cost a connection, not the gateway: what runs and what is held is
// bounded, the connection is dropped, and others are served.
func TestH07Floods(t *testing.T) {
	a := newAuthority(t, "roots")
	var running, most, calls atomic.Int64
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Backend = exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
			n := running.Add(1)
			defer running.Add(-1)
			calls.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
			}
			return c.Message, nil
		})
	}))
	s := servingTLS(t, a, g, CertificateOptions{}, &files{})
	const frames = 20_000
	for _, c := range []struct {
		name string
		// ends tells that the connection must be dropped before all frames were taken.
		ends  bool
		flood func(h *rawH2, i int) error
	}{
		{"rapid reset", false, func(h *rawH2, i int) error {
			if err := h.get(uint32(2*i+1), true); err != nil {
				return err
			}
			return h.WriteRSTStream(uint32(2*i+1), http2.ErrCodeCancel)
		}},
		{"more streams than allowed", false, func(h *rawH2, i int) error { return h.get(uint32(2*i+1), true) }},
		{"continuation", true, func(h *rawH2, i int) error {
			if i == 0 {
				return h.get(1, false)
			}
			return h.WriteContinuation(1, false, h.headers("x-more", strings.Repeat("y", 1000)))
		}},
		{"settings", false, func(h *rawH2, _ int) error {
			return h.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
		}},
		{"ping", false, func(h *rawH2, _ int) error { return h.WritePing(false, [8]byte{}) }},
		{"empty data", false, func(h *rawH2, i int) error {
			if i == 0 {
				return h.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: h.headers(":method", "POST", ":scheme", "https", ":authority", "x", ":path", "/x")})
			}
			return h.WriteData(1, false, nil)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			most.Store(0)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			h := dialH2(t, a, s)
			done := make(chan error, 1)
			go h.drain(done)
			var err error
			n := 0
			for ; n < frames && err == nil; n++ {
				err = c.flood(h, n)
				if len(done) > 0 {
					break
				}
			}
			runtime.ReadMemStats(&after)
			t.Logf("%d frames written, then %v; at most %d calls at once, %d KiB more in use", n, err, most.Load(), (int64(after.HeapInuse)-int64(before.HeapInuse))>>10)
			if c.ends {
				select {
				case err := <-done:
					t.Logf("dropped: %v", err)
				case <-time.After(2 * time.Minute):
					t.Error("the connection stays")
				}
			}
			// What is over the bound of streams, which is 100, is refused or waits unserved. A call that has just
			// been ended may still count.
			if most.Load() > 110 {
				t.Errorf("%d calls at once on a connection", most.Load())
			}
			if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 64<<20 {
				t.Errorf("%d MiB more are in use", grown>>20)
			}
			_ = h.conn.Close()
			resp, err := a.client(t, &tls.Config{}, true).Get("https://" + s.Addr().String() + "/a")
			if err != nil || resp.StatusCode != 200 {
				t.Fatalf("others are not served: %v", err)
			}
			_ = resp.Body.Close()
		})
	}
}

// TestH2Requests makes sure that HTTP/2 cannot say what HTTP/1 may not.
func TestH2Requests(t *testing.T) {
	a := newAuthority(t, "roots")
	var hosts atomic.Int32
	g := newGateway(t, Options{}, routeOf("POST", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{request: func(transforms.Input) (transforms.Message, error) {
				hosts.Add(1)
				return transforms.Message{Body: []byte(`{}`)}, nil
			}}
		}
	}))
	s := servingTLS(t, a, g, CertificateOptions{}, &files{})
	for name, extra := range map[string][]string{
		"transfer-encoding":  {"transfer-encoding", "chunked"},
		"connection":         {"connection", "close"},
		"length too long":    {"content-length", "99"},
		"length too short":   {"content-length", "1"},
		"upper case":         {"X-Up", "1"},
		"line end":           {"x-a", "1\r\nx-b: 2"},
		"pseudo after":       {"x-a", "1", ":path", "/b"},
		"fragment of a path": {":path", "/a"},
	} {
		hosts.Store(0)
		h := dialH2(t, a, s)
		fields := append([]string{":method", "POST", ":scheme", "https", ":authority", "x", ":path", "/a", "content-type", "application/json"}, extra...)
		_ = h.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: h.headers(fields...)})
		_ = h.WriteData(1, true, []byte(`{}`))
		refused := false
		for !refused {
			f, err := h.ReadFrame()
			if err != nil {
				refused = true
				break
			}
			switch f := f.(type) {
			case *http2.RSTStreamFrame, *http2.GoAwayFrame:
				refused = true
			case *http2.HeadersFrame:
				d, err := hpack.NewDecoder(4096, nil).DecodeFull(f.HeaderBlockFragment())
				if err != nil || len(d) == 0 || d[0].Name != ":status" || d[0].Value != "400" {
					t.Errorf("%s: answered %v", name, d)
				}
				refused = true
			}
		}
		if hosts.Load() != 0 {
			t.Errorf("%s: reached the host", name)
		}
		_ = h.conn.Close()
	}
}

// H05 over HTTP/2: a connection on which every call waits for a body that does not come gives its places
// to others, and nothing of those bodies is used. One that also has a call at work is left alone.
func TestH05SlowH2Bodies(t *testing.T) {
	a := newAuthority(t, "roots")
	var hosts atomic.Int32
	busy, free := make(chan struct{}), make(chan struct{})
	g := newGateway(t, Options{Concurrency: 3},
		routeOf("GET", "/a", nil),
		routeOf("GET", "/busy", func(r *Route) {
			r.Timeout = time.Minute
			r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
				close(busy)
				<-free
				return c.Message, nil
			})
		}),
		routeOf("POST", "/a", func(r *Route) {
			r.Start = func() Runner {
				return fakeRunner{request: func(transforms.Input) (transforms.Message, error) {
					hosts.Add(1)
					return transforms.Message{Body: []byte(`{}`)}, nil
				}}
			}
		}))
	s := servingTLS(t, a, g, CertificateOptions{}, &files{})
	half := func(h *rawH2, stream uint32) {
		_ = h.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, EndHeaders: true, BlockFragment: h.headers(
			":method", "POST", ":scheme", "https", ":authority", "x", ":path", "/a", "content-type", "application/json")})
		_ = h.WriteData(stream, false, []byte(`{"a":`))
	}
	worker, idler := dialH2(t, a, s), dialH2(t, a, s)
	_ = worker.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, EndStream: true, EndHeaders: true,
		BlockFragment: worker.headers(":method", "GET", ":scheme", "https", ":authority", "x", ":path", "/busy"),
	})
	<-busy
	half(worker, 3)
	half(idler, 1)
	awaited := func() (n int) {
		s.conns.mu.Lock()
		defer s.conns.mu.Unlock()
		for _, c := range s.conns.states {
			c.mu.Lock()
			n += c.awaited
			c.mu.Unlock()
		}
		return n
	}
	until(t, "both bodies are waited for", func() bool { return awaited() == 2 })
	other := dialH2(t, a, s)
	stream := uint32(1)
	until(t, "another call is served", func() bool {
		if err := other.get(stream, true); err != nil {
			t.Fatal(err)
		}
		stream += 2
		return other.status(t) == "200"
	})
	dropped := make(chan error, 1)
	go idler.drain(dropped)
	select {
	case err := <-dropped:
		t.Logf("dropped: %v", err)
	case <-time.After(time.Minute):
		t.Error("the connection that waits for its caller is still there")
	}
	close(free)
	if got := worker.status(t); got != "200" {
		t.Errorf("the call at work got %s", got)
	}
	if hosts.Load() != 0 {
		t.Error("half a body was used")
	}
}

// status reads frames up to the status of the next answer.
func (h *rawH2) status(t *testing.T) string {
	t.Helper()
	for {
		f, err := h.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if head, ok := f.(*http2.HeadersFrame); ok {
			fields, err := h.dec.DecodeFull(head.HeaderBlockFragment())
			if err != nil {
				t.Fatal(err)
			}
			return fields[0].Value
		}
	}
}
