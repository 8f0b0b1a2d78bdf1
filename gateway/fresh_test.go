// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"

	"lintel/adapters"
	"lintel/specs"
	"lintel/transforms"
)

func TestCompression(t *testing.T) {
	long := `{"a":"` + strings.Repeat("lintel ", 1000) + `"}`
	g := newGateway(t, Options{Compress: 1 << 10}, routeOf("GET", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				return transforms.Output{Status: 200, Body: []byte(long)}, nil
			}}
		}
	}), routeOf("GET", "/b", nil))
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "zstd": "zstd", "gzip, zstd": "zstd", "zstd;q=0.5, gzip": "gzip", "gzip;q=0": "", "br, x-gzip": "gzip", "GZIP ; q=1.0": "gzip",
		"gzip;q=2": "", "gzip;q=x": "", "gzip;level=9": "", "identity": "", "*": "", "zstd;q=0.001": "zstd", "gzip;q=NaN": "",
	} {
		w := do(g, "GET", "/a", "", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary is %q", accept, w.Header().Get("Vary"))
		}
		size := w.Body.Len()
		body := decompress(t, want, w.Body.Bytes())
		if body != long || want != "" && size >= len(long)/2 {
			t.Errorf("%q: %d bytes became %d and then %.40s", accept, len(long), size, body)
		}
		if h := do(g, "HEAD", "/a", "", "Accept-Encoding", accept); h.Header().Get("Content-Length") != strconv.Itoa(size) && size > bufferedByServer {
			t.Errorf("%q: HEAD says %s, GET has %d", accept, h.Header().Get("Content-Length"), size)
		}
	}
	if w := do(g, "GET", "/b", "", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" {
		t.Errorf("a small answer: %v", w.Header())
	}
	off := newGateway(t, Options{}, routeOf("GET", "/a", nil))
	if w := do(off, "GET", "/a", "", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("switched off: %v", w.Header())
	}
}

func decompress(t *testing.T, coding string, body []byte) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(body)
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(r) // of the standard library, which did not write it
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		r = z
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestEndOfOperations(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Operation.Deprecated, r.Operation.DeprecatedAt, r.Operation.Sunset = true, at, at.AddDate(1, 0, 0)
	}), routeOf("GET", "/b", func(r *Route) { r.Operation.Deprecated = true }), routeOf("GET", "/c", nil))
	for path, want := range map[string][2]string{
		"/a": {"@1767312000", "Sat, 02 Jan 2027 00:00:00 GMT"}, "/a?x=1": {"@1767312000", "Sat, 02 Jan 2027 00:00:00 GMT"}, "/b": {"true", ""}, "/c": {"", ""}, "/d": {"", ""},
	} {
		h := do(g, "GET", path, "").Header()
		if got := [2]string{h.Get("Deprecation"), h.Get("Sunset")}; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// cacheable makes a route whose host gives another answer every time.
func cacheable(path string, c Caching, asked *atomic.Int32, edit func(*Route)) Route {
	return routeOf("GET", path, func(r *Route) {
		r.Caching = &c
		r.Operation.Parameters = append(r.Operation.Parameters, query("q", "string"))
		r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
			return adapters.Message{Body: fmt.Appendf(nil, `{"n":%d}`, asked.Add(1))}, nil
		})
		if edit != nil {
			edit(r)
		}
	})
}

func TestETag(t *testing.T) {
	var asked atomic.Int32
	same := func(r *Route) { r.Backend = nil; r.Backend = exchange(nil) }
	g := newGateway(t, Options{Compress: 1}, cacheable("/a", Caching{Apps: time.Minute}, &asked, same), cacheable("/all", Caching{AllCallers: true}, &asked, same), routeOf("GET", "/c", nil))
	first := do(g, "GET", "/a", "")
	tag := first.Header().Get("ETag")
	if first.Code != 200 || !strings.HasPrefix(tag, `W/"`) || first.Header().Get("Cache-Control") != "private, max-age=60" {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	if got := do(g, "GET", "/all", "").Header().Get("Cache-Control"); got != "public, no-cache" {
		t.Errorf("for all: %s", got)
	}
	for match, want := range map[string]int{
		tag: 304, strings.TrimPrefix(tag, "W/"): 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200, `W/"x"`: 200,
	} {
		w := do(g, "GET", "/a", "", "If-None-Match", match)
		if w.Code != want || w.Header().Get("ETag") != tag || want == 304 && w.Body.Len() != 0 {
			t.Errorf("%q: %d %v", match, w.Code, w.Header())
		}
	}
	if w := do(g, "HEAD", "/a", "", "If-None-Match", tag); w.Code != 304 {
		t.Errorf("HEAD: %d", w.Code)
	}
	if w := do(g, "GET", "/a", "", "If-None-Match", tag, "Accept-Encoding", "gzip"); w.Code != 304 {
		t.Errorf("compressed: %d", w.Code)
	}
	if w := do(g, "GET", "/c", "", "If-None-Match", "*"); w.Code != 200 || w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("an operation that declares nothing: %d %v", w.Code, w.Header())
	}
	if w := do(g, "GET", "/a?q=1&q=2", ""); w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
		t.Errorf("a problem may not be kept: %v", w.Header())
	}
	if _, err := New(Options{}); err != nil {
		t.Fatal(err)
	}
	if err := newGateway(t, Options{}).Swap([]Route{routeOf("POST", "/a", func(r *Route) { r.Caching = &Caching{} })}); err == nil {
		t.Error("an unsafe operation may be kept")
	}
}

// callers gives a route callers by the key in a header.
func callers(r *Route) {
	r.Public = false
	r.Operation.Security = []specs.SecurityRequirement{requirement("key")}
	r.Schemes = map[string]*Scheme{"key": {Challenge: "ApiKey", Header: "X-Key", Authenticator: authenticator(func(r *http.Request) (*Identity, error) {
		if r.Header.Get("X-Key") == "" {
			return nil, ErrNoCredential
		}
		return &Identity{Subject: r.Header.Get("X-Key")}, nil
	})}}
}

func TestCache(t *testing.T) {
	var asked atomic.Int32
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	g := newGateway(t, Options{Now: func() time.Time { return now }, CacheEntries: 3},
		cacheable("/each", Caching{Gateway: time.Minute}, &asked, callers), cacheable("/all", Caching{Gateway: time.Minute, AllCallers: true}, &asked, callers),
		cacheable("/failing", Caching{Gateway: time.Minute}, &asked, func(r *Route) {
			r.Backend = exchange(func(context.Context, adapters.Call) (adapters.Message, error) {
				asked.Add(1)
				return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
			})
		}))
	ask := func(path, key string, want int32, hit bool) {
		t.Helper()
		before := asked.Load()
		w := do(g, "GET", path, "", "X-Key", key)
		if w.Code != 200 || asked.Load()-before != want || (w.Header().Get("Age") != "") != hit {
			t.Errorf("%s by %s: %d, host asked %d times, age %q", path, key, w.Code, asked.Load()-before, w.Header().Get("Age"))
		}
	}
	ask("/each", "ada", 1, false)
	ask("/each", "ada", 0, true)
	ask("/each", "eva", 1, false) // nobody gets the answer of another caller
	ask("/each?q=1", "ada", 1, false)
	ask("/each", "ada", 0, true)
	ask("/all", "ada", 1, false)
	ask("/all", "eva", 0, true)
	if w := do(g, "GET", "/all", ""); w.Code != 401 {
		t.Errorf("a caller without a key gets %d from the cache", w.Code)
	}
	now = now.Add(time.Minute)
	ask("/all", "ada", 1, false)
	for range 2 {
		before := asked.Load()
		if w := do(g, "GET", "/failing", ""); w.Code != 504 || asked.Load() != before+1 {
			t.Errorf("a failure: %d", w.Code)
		}
	}
	if n, bytes := g.store.state(); n > 3 || bytes <= 0 {
		t.Errorf("%d answers of %d bytes are kept", n, bytes)
	}
	metrics := do(g.Admin(), "GET", "http://localhost/metrics", "").Body.String()
	if !strings.Contains(metrics, `lintel_cache_total{operation="get-all",result="hit"} 1`) || !strings.Contains(metrics, `lintel_cache_total{operation="get-all",result="miss"} 2`) {
		t.Error("hits and misses are not counted")
	}
	// Another workspace may map the same reply to something else.
	if err := g.Swap([]Route{cacheable("/all", Caching{Gateway: time.Minute, AllCallers: true}, &asked, callers)}); err != nil {
		t.Fatal(err)
	}
	ask("/all", "ada", 1, false)
}

// Calls that ask for the same at the same time share one exchange, and its failure; not that its caller
// went away.
func TestCoalescing(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		code  int
		asked int32
	}{
		{"answer", nil, 200, 1},
		{"failure", &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}, 503, 1},
		{"caller went away", &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Canceled}, 0, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				g := newGateway(t, Options{}, cacheable("/a", Caching{Coalesce: true}, &asked, func(r *Route) {
					r.Backend = exchange(func(context.Context, adapters.Call) (adapters.Message, error) {
						asked.Add(1)
						time.Sleep(time.Second)
						return adapters.Message{Body: []byte(`{}`)}, c.err
					})
				}))
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() {
						if w := do(g, "GET", "/a", ""); c.code != 0 && w.Code != c.code {
							t.Errorf("%d", w.Code)
						}
					})
				}
				wg.Wait()
				if asked.Load() != c.asked || len(g.store.flights) != 0 {
					t.Errorf("host asked %d times, want %d; %d flights left", asked.Load(), c.asked, len(g.store.flights))
				}
				if do(g, "GET", "/a", ""); asked.Load() != c.asked+1 {
					t.Error("an answer is given again after its time")
				}
			})
		})
	}
}

// A call that panics ends the wait of those that share it.
func TestCoalescingPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		g := newGateway(t, Options{}, cacheable("/a", Caching{Coalesce: true}, &asked, func(r *Route) {
			r.Backend = exchange(func(context.Context, adapters.Call) (adapters.Message, error) {
				time.Sleep(time.Second)
				if asked.Add(1) == 1 {
					panic("no")
				}
				return adapters.Message{Body: []byte(`{}`)}, nil
			})
		}))
		codes := make(chan int, 2)
		for range 2 {
			go func() { codes <- do(g, "GET", "/a", "").Code }()
		}
		if a, b := <-codes, <-codes; a+b != 200+500 && a+b != 200+504 {
			t.Errorf("%d, %d", a, b)
		}
	})
}

func TestServerTiming(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := Options{ServerTiming: true, Now: func() time.Time { now = now.Add(time.Millisecond); return now }}
	w := do(newGateway(t, o, routeOf("GET", "/a", nil)), "GET", "/a", "")
	if got := w.Header().Get("Server-Timing"); got != "validate;dur=1, encode;dur=1, backend;dur=2, decode;dur=1" {
		t.Error(got)
	}
	o.ServerTiming = false
	if w := do(newGateway(t, o, routeOf("GET", "/a", nil)), "GET", "/a", ""); w.Header().Get("Server-Timing") != "" {
		t.Error("told without being asked")
	}
	if w := do(newGateway(t, Options{ServerTiming: true}), "GET", "/", ""); w.Code != http.StatusNotFound || w.Header().Get("Server-Timing") != "" {
		t.Error(w.Header())
	}
}
