// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/transforms"
)

// bounded checks what an lru says of itself, and that it is within its bounds.
func (l *lru) bounded(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := 0
	for e := l.order.Front(); e != nil; e = e.Next() {
		entry, _ := e.Value.(*lruEntry)
		sum += entry.kept.size()
		if l.byKey[entry.key] != e {
			t.Error("an answer is not under its key")
		}
	}
	if sum != l.used || sum > l.bytes || len(l.byKey) != l.order.Len() || l.order.Len() > l.entries {
		t.Errorf("%d answers of %d bytes, counted as %d of %d; bounds are %d and %d", l.order.Len(), sum, len(l.byKey), l.used, l.entries, l.bytes)
	}
}

// TestLRUBounds: many callers keep large answers at the same time, a hundred times of what there is room for. It is never more than
// that, in its books and in memory.
func TestLRUBounds(t *testing.T) {
	const bytes, callers, answers = 4 << 20, 8, 100
	l := newLRU(500, bytes)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	now := time.Now()
	for caller := range callers {
		wg.Go(func() {
			for n := range answers {
				o := &transforms.Output{Status: 200, Body: make([]byte, (n*7919+caller*104729)%(bytes/6))}
				l.put(cacheKey{byte(n), byte(caller % 3)}, keep(o, now)) // some are put by several
				l.get(cacheKey{byte(n / 2), byte(caller)}, now, time.Hour)
				l.bounded(t)
			}
		})
	}
	wg.Wait()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2*bytes {
		t.Errorf("%d bytes more are in use, the bound is %d", grown, bytes)
	}
	// What is left now is a matter of who came last with what size; behind these it is nearly full.
	for n := range 20 {
		l.put(cacheKey{byte(n), 9}, keep(&transforms.Output{Status: 200, Body: make([]byte, bytes/10)}, now))
	}
	l.bounded(t)
	if n, used := l.state(); n == 0 || used < bytes/2 {
		t.Errorf("%d answers of %d bytes are kept", n, used)
	}
}

// TestPushedOut: under a flood of large answers the gateway keeps no more of them than it may. What is pushed out is asked for
// again; what is in the journal is replayed from there, byte by byte, however much was answered since.
func TestPushedOut(t *testing.T) {
	const room, large, callers, each = 1 << 20, 100 << 10, 8, 6
	var asked, paid atomic.Int32
	answer := func(status int, n *atomic.Int32) func() Runner {
		return func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				n := n.Add(1)
				return transforms.Output{Status: status, Outcome: "ok", Body: fmt.Appendf(nil, `{"n":%d,"long":%q}`, n, strings.Repeat(string('a'+n%26), large))}, nil
			}}
		}
	}
	w := newWorld(t)
	w.serve(nil)
	pay := routeOf("POST", "/pay", func(r *Route) { r.Keys, r.Backend, r.Start = KeysRequired, exchange(w.exchange), answer(201, &paid) })
	report := cacheable("/report", Caching{Gateway: time.Hour, AllCallers: true}, &asked, func(r *Route) {
		r.Backend, r.Start = exchange(nil), answer(200, &asked)
	})
	w.gateway = newGateway(t, Options{Journal: w.journal, CacheBytes: room}, report, pay)
	ask := func(q int) *httptest.ResponseRecorder { return do(w.gateway, "GET", fmt.Sprint("/report?q=", q), "") }
	key := func(n int) string { return fmt.Sprintf("key-%d-0123456789", n) }
	first := ask(0)
	if again := ask(0); again.Body.String() != first.Body.String() || again.Header().Get("Age") == "" {
		t.Fatalf("it is not kept: %d %.60s", again.Code, again.Body)
	}
	answers := make([]*httptest.ResponseRecorder, callers*each)
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range each {
				n := caller*each + i
				ask(1 + n)
				answers[n] = w.pay(key(n), `{}`)
				w.gateway.store.bounded(t)
			}
		})
	}
	wg.Wait()
	if again := ask(0); again.Code != 200 || again.Body.String() == first.Body.String() {
		t.Error("it was not pushed out")
	}
	for n, a := range answers {
		again := w.pay(key(n), `{}`)
		if a.Code != 201 || again.Code != 201 || again.Body.String() != a.Body.String() || again.Header().Get(headerReplay) != "true" {
			t.Fatalf("%d: first %d %.60s, again %d %.60s", n, a.Code, a.Body, again.Code, again.Body)
		}
	}
	if n := paid.Load(); n != callers*each {
		t.Errorf("%d were paid, of %d", n, callers*each)
	}
	w.gateway.store.bounded(t)
}
