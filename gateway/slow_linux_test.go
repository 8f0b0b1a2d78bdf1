// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lintel/transforms"
)

// slowKinds are the ways to keep a connection busy; the answer of /large does not fit the buffers of
// the kernel.
func slowKinds() []string {
	const post = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
	return []string{
		"GET /a HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		post + "\r\n{\"a\":",
		"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
		post + "Expect: 100-continue\r\n\r\n",
		"", // says nothing at all
	}
}

// slowCallers opens n connections that are slow in every way. A failed one is not an error: the
// gateway may close any of them.
func slowCallers(t *testing.T, addr string, n int) []net.Conn {
	t.Helper()
	small := func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}
	d := net.Dialer{Timeout: 30 * time.Second, Control: small}
	kinds := slowKinds()
	all := make([]net.Conn, 0, n)
	t.Cleanup(func() {
		for _, c := range all {
			_ = c.Close()
		}
	})
	for i := range n {
		c, err := d.DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatalf("slow connection %d: %v", i, err)
		}
		all = append(all, c)
		_, _ = io.WriteString(c, kinds[i%len(kinds)])
	}
	return all
}

// honest callers send requests one after another, each on a new connection or on one that is kept.
type honest struct {
	served, failed atomic.Int64
	first          atomic.Pointer[string]
	stop           context.CancelFunc
	wg             sync.WaitGroup
}

func startHonest(t *testing.T, addr string) *honest {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h := &honest{stop: cancel}
	for i := range 4 {
		tr := &http.Transport{DisableKeepAlives: i%2 == 0}
		h.wg.Go(func() {
			defer tr.CloseIdleConnections()
			for ctx.Err() == nil {
				h.one(t.Context(), &http.Client{Transport: tr, Timeout: time.Minute}, "http://"+addr+"/a")
			}
		})
	}
	t.Cleanup(func() { cancel(); h.wg.Wait() })
	return h
}

func (h *honest) one(ctx context.Context, client *http.Client, url string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err == nil {
		var resp *http.Response
		if resp, err = client.Do(r); err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if err == nil && resp.StatusCode != http.StatusOK {
				err = fmt.Errorf("status %d", resp.StatusCode)
			}
		}
	}
	if err == nil {
		h.served.Add(1)
		return
	}
	h.failed.Add(1)
	text := err.Error()
	h.first.CompareAndSwap(nil, &text)
}

// check ends the callers: 99.9 % of their requests were served. Where a few were not, it takes more requests to say so.
func (h *honest) check(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); h.failed.Load()*1000 > h.served.Load() && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	h.stop()
	h.wg.Wait()
	served, failed := h.served.Load(), h.failed.Load()
	t.Logf("honest callers: %d served, %d failed", served, failed)
	if served < 100 || failed*1000 > served+failed {
		why := h.first.Load()
		if why == nil {
			why = new(string)
		}
		t.Errorf("%d served, %d failed, the first: %s", served, failed, *why)
	}
}

// inUse is the memory of heap and stacks after a collection.
func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

func (c *conns) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states)
}

// slowCount is how many slow connections there are: LINTEL_SLOW says another number.
func slowCount(t *testing.T) int {
	t.Helper()
	text := os.Getenv("LINTEL_SLOW")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		t.Fatalf("LINTEL_SLOW=%s is no number", text)
	}
	if files := openFiles(); files < 2*n+500 {
		t.Fatalf("%d files may be open; %d connections need twice as many, both ends are here", files, n)
	}
	return n
}

func slowServer(t *testing.T, o ServerOptions) *Server {
	t.Helper()
	large := []byte(`"` + strings.Repeat("x", 6<<20) + `"`)
	g := newGateway(t, Options{}, routeOf("GET", "/a", nil), routeOf("POST", "/a", nil), routeOf("GET", "/large", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				return transforms.Output{Status: 200, Body: large, Outcome: "ok"}, nil
			}}
		}
	}))
	o.Admin = "off"
	s, _ := serving(t, g, o)
	return s
}

// slowMemory is what a slow connection may cost in bytes, the stacks of its goroutines included, and
// callerMemory its other end; fixedMemory is what does not grow with their number, such as pools.
const slowMemory, callerMemory, fixedMemory = 24 << 10, 1 << 10, 4 << 20

// H05: callers that are slow with heads, bodies or answers, fewer than there is room for, keep nobody
// out, cost little each, and are gone in the end.
func TestH05SlowConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the time limits of slow callers")
	}
	n := slowCount(t)
	// Where the kernel took the whole answer, the connection is one that waits for its next request.
	s := slowServer(t, ServerOptions{Idle: 5 * time.Second, HeadTime: 10 * time.Second})
	addr := s.Addr().String()
	before := inUse()
	begin := time.Now()
	slow := slowCallers(t, addr, n)
	until(t, "all are connected", func() bool { return s.conns.count() >= n*9/10 || time.Since(begin) > readHeaderTimeout })
	open, used := s.conns.count(), max(inUse(), before)-before
	t.Logf("%d slow connections in %s, %d open, %.1f KiB each", len(slow), time.Since(begin).Round(time.Millisecond), open, float64(used)/1024/float64(max(1, open)))
	if most := uint64(open)*slowMemory + uint64(n)*callerMemory + fixedMemory; used > most {
		t.Errorf("%d connections take %d bytes, at most %d are right", open, used, most)
	}
	h := startHonest(t, addr)
	until(t, "slow connections are gone", func() bool { return s.conns.count() <= 8 })
	t.Logf("gone after %s", time.Since(begin).Round(time.Millisecond))
	h.check(t)
}

// H05: when there are more of them than there is room for, the slow make room for others.
func TestH05SlowConnectionsMakeRoom(t *testing.T) {
	n := slowCount(t)
	s := slowServer(t, ServerOptions{Connections: n / 4})
	addr := s.Addr().String()
	h := startHonest(t, addr)
	slowCallers(t, addr, n)
	if most := s.conns.count(); most > n/4 {
		t.Errorf("%d connections, %d may be", most, n/4)
	}
	done := h.served.Load()
	until(t, "others are served at the bound", func() bool { return h.served.Load()+h.failed.Load() > done+200 })
	h.check(t)
}

// A connection that makes room while its caller is waited for gets nothing done: what came of its
// body is not used, however much that was.
func TestMakeRoomCutsTheWaiting(t *testing.T) {
	var hosts atomic.Int64
	g := newGateway(t, Options{}, routeOf("GET", "/a", nil), routeOf("POST", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{request: func(transforms.Input) (transforms.Message, error) {
				hosts.Add(1)
				return transforms.Message{}, nil
			}}
		}
	}))
	s, _ := serving(t, g, ServerOptions{Admin: "off", Connections: 1})
	slow := slowCallers(t, s.Addr().String(), 2)[1] // its body is not complete
	until(t, "its body is waited for", func() bool {
		s.conns.mu.Lock()
		defer s.conns.mu.Unlock()
		for _, c := range s.conns.states {
			_, slow := c.slow()
			return slow
		}
		return false
	})
	if got := raw(t, s.Addr(), "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false); !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("%q", got)
	}
	_ = slow.SetReadDeadline(time.Now().Add(time.Minute))
	if rest, err := io.ReadAll(slow); len(rest) > 0 || os.IsTimeout(err) {
		t.Errorf("%q %v", rest, err)
	}
	if hosts.Load() != 0 {
		t.Error("half a body was used")
	}
}
