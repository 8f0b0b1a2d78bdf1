// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// slowHost answers after a time that can change. Between it and the gateway is a real guard. Time in
// these tests is that of a synctest bubble: computing takes none, so the figures are exact.
type slowHost struct {
	service atomic.Int64 // ns
	// parallel, if it is not 0, is how many calls it works on at once; others wait inside of it.
	parallel chan struct{}
}

func (h *slowHost) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	if h.parallel != nil {
		h.parallel <- struct{}{}
		defer func() { <-h.parallel }()
	}
	// Half of the time is fixed, half is chance.
	d := time.Duration(h.service.Load())
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return m, nil
	case <-ctx.Done():
		return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
}

// load is what a kind of callers sends and how it went.
type load struct {
	name     string
	path     string
	client   string
	perSec   float64
	mu       sync.Mutex
	ok, no   int
	accepted []time.Duration
	rejected []time.Duration
}

func (l *load) run(g *Gateway, wg *sync.WaitGroup, d time.Duration) {
	gap := time.Duration(float64(time.Second) / l.perSec)
	time.Sleep(rand.N(gap))
	settled := time.Now().Add(time.Second) // the time of an exchange is known by then
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(gap) {
		wg.Go(func() {
			r := httptest.NewRequest("GET", l.path, nil)
			r.RemoteAddr = l.client + ":1000"
			start := time.Now()
			w := serve(g, r)
			took := time.Since(start)
			l.mu.Lock()
			defer l.mu.Unlock()
			if w.Code != 200 {
				l.no++
				l.rejected = append(l.rejected, took)
				return
			}
			l.ok++
			if start.After(settled) {
				l.accepted = append(l.accepted, took)
			}
		})
	}
}

func percentile(d []time.Duration, p float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(p*float64(len(d))))]
}

const overloadSlots = 8

// overload sends loads to a gateway with a guard of 8 slots in front of a host and returns the gateway.
func overload(t *testing.T, host *slowHost, d time.Duration, loads ...*load) *Gateway {
	t.Helper()
	guard, err := adapters.NewGuard("core", host, adapters.GuardOptions{
		Timeout: 2 * time.Second, Max: overloadSlots, Wait: 100 * time.Millisecond, Queue: 4 * overloadSlots,
		Breaker: adapters.BreakerOptions{Window: 30 * time.Second, Failures: 50, Minimum: 1000},
	})
	if err != nil {
		t.Fatal(err)
	}
	route := func(path string, critical bool) Route {
		return routeOf("GET", path, func(r *Route) {
			r.Backend, r.Critical = guard, critical
			r.Admission = Admission{Slots: overloadSlots, Queue: 4 * overloadSlots, Wait: 100 * time.Millisecond}
		})
	}
	g := newGateway(t, Options{}, route("/a", false), route("/critical", true))
	var wg, callers sync.WaitGroup
	for _, l := range loads {
		callers.Go(func() { l.run(g, &wg, d) })
	}
	callers.Wait()
	wg.Wait()
	_ = guard.Close()
	for _, l := range loads {
		t.Logf("%s: %d ok p50 %v p99 %v, %d refused p99 %v", l.name, l.ok, percentile(l.accepted, .5), percentile(l.accepted, .99), l.no, percentile(l.rejected, .99))
	}
	return g
}

// B11: ten times more than the host can do. What it can do is still done, in good time, and the rest
// is refused at once.
func TestB11Overload(t *testing.T) {
	const service, seconds = 10 * time.Millisecond, 10
	var peak float64
	for _, times := range []float64{1, 10} {
		synctest.Test(t, func(t *testing.T) {
			host := &slowHost{}
			host.service.Store(int64(service))
			capacity := overloadSlots * float64(time.Second) / float64(service)
			var all []*load
			for i := range 40 {
				all = append(all, &load{name: fmt.Sprintf("%gx", times), path: "/a", client: fmt.Sprintf("10.0.0.%d", i), perSec: times * capacity / 40})
			}
			overload(t, host, seconds*time.Second, all...)
			ok, accepted, rejected := 0, []time.Duration(nil), []time.Duration(nil)
			for _, l := range all {
				ok += l.ok
				accepted, rejected = append(accepted, l.accepted...), append(rejected, l.rejected...)
			}
			goodput := float64(ok) / seconds
			t.Logf("%gx: goodput %.0f/s of %.0f/s, p99 %v, refused p99 %v", times, goodput, capacity, percentile(accepted, .99), percentile(rejected, .99))
			if times == 1 {
				peak = goodput
				return
			}
			if goodput < 0.9*capacity || goodput < 0.9*peak {
				t.Errorf("goodput %.0f/s, alone %.0f/s", goodput, peak)
			}
			if got, alone := percentile(accepted, .99), service*3/2; got > 2*alone+time.Millisecond {
				t.Errorf("accepted p99 %v, an exchange takes up to %v", got, alone)
			}
			if got := percentile(rejected, .99); got > 5*time.Millisecond {
				t.Errorf("refused p99 %v", got)
			}
		})
	}
}

// B12: critical operations are served in an overload of others.
func TestB12Critical(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &slowHost{}
		host.service.Store(int64(10 * time.Millisecond))
		critical := &load{name: "critical", path: "/critical", client: "10.0.0.1", perSec: 400}
		all := []*load{critical}
		for i := range 20 {
			all = append(all, &load{name: "normal", path: "/a", client: fmt.Sprintf("10.0.1.%d", i), perSec: 180})
		}
		overload(t, host, 10*time.Second, all...)
		if total := critical.ok + critical.no; critical.no*1000 > total {
			t.Errorf("%d of %d critical calls refused", critical.no, total)
		}
	})
}

// B13: one caller that floods does not take the others' share.
func TestB13OneFloods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &slowHost{}
		host.service.Store(int64(10 * time.Millisecond))
		flood := &load{name: "flood", path: "/a", client: "10.9.9.9", perSec: 8000}
		all := []*load{flood}
		for i := range 20 {
			all = append(all, &load{name: "other", path: "/a", client: fmt.Sprintf("10.0.1.%d", i), perSec: 10})
		}
		overload(t, host, 10*time.Second, all...)
		ok, no := 0, 0
		for _, l := range all[1:] {
			ok, no = ok+l.ok, no+l.no
		}
		if no*1000 > ok+no {
			t.Errorf("%d of %d calls of others refused", no, ok+no)
		}
		if flood.ok < 3000 {
			t.Errorf("the rest of the host is not used: %d calls of the flood served", flood.ok)
		}
	})
}

// B16: a host that halves its capacity is followed within 5 s, and the limit then stays where it is.
func TestB16HostSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &slowHost{parallel: make(chan struct{}, overloadSlots)}
		host.service.Store(int64(80 * time.Millisecond))
		var all []*load
		for i := range 20 {
			all = append(all, &load{name: "all", path: "/a", client: fmt.Sprintf("10.0.1.%d", i), perSec: 40})
		}
		var limits []int
		guard, err := adapters.NewGuard("core", host, adapters.GuardOptions{
			Timeout: 2 * time.Second, Max: overloadSlots, Wait: 100 * time.Millisecond, Queue: 4 * overloadSlots,
			Breaker: adapters.BreakerOptions{Window: 30 * time.Second, Failures: 50, Minimum: 100_000},
		})
		if err != nil {
			t.Fatal(err)
		}
		g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
			r.Backend, r.Admission = guard, Admission{Slots: overloadSlots, Queue: 4 * overloadSlots, Wait: 100 * time.Millisecond}
		}))
		shed := g.table.Load().sheds["core"]
		done := make(chan struct{})
		go func() {
			for range 300 {
				time.Sleep(100 * time.Millisecond)
				shed.mu.Lock()
				limits = append(limits, shed.limit(false))
				shed.mu.Unlock()
				if len(limits) == 100 {
					for range overloadSlots / 2 { // half of its workers are gone
						host.parallel <- struct{}{}
					}
				}
			}
			close(done)
		}()
		var wg, callers sync.WaitGroup
		for _, l := range all {
			callers.Go(func() { l.run(g, &wg, 30*time.Second) })
		}
		callers.Wait()
		wg.Wait()
		<-done
		_ = guard.Close()
		before, after := limits[60:100], limits[150:]
		t.Logf("limit before %v, after %v", before, after)
		mean := func(v []int) float64 {
			sum := 0
			for _, x := range v {
				sum += x
			}
			return float64(sum) / float64(len(v))
		}
		if mean(after) > 0.85*mean(before) {
			t.Errorf("limit %.1f before and %.1f after", mean(before), mean(after))
		}
		for i, v := range after {
			if f := float64(v); f < 0.8*mean(after)-0.5 || f > 1.2*mean(after)+0.5 {
				t.Errorf("limit %d at %d, mean %.1f", v, i, mean(after))
			}
		}
	})
}

// TestConcurrencyLimits bounds all calls; critical ones get a little more.
func TestConcurrencyLimits(t *testing.T) {
	enter, leave := make(chan string, 100), make(chan struct{})
	hold := func(critical bool) func(*Route) {
		return func(r *Route) {
			r.Critical = critical
			r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
				enter <- r.Operation.ID
				<-leave
				return c.Message, nil
			})
		}
	}
	g := newGateway(t, Options{Concurrency: 3}, routeOf("GET", "/a", hold(false)), routeOf("GET", "/b", hold(false)), routeOf("GET", "/c", hold(true)))
	var wg sync.WaitGroup
	start := func(path string) {
		wg.Go(func() {
			if w := do(g, "GET", path, ""); w.Code != 200 {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		})
		<-enter
	}
	refused := func(path string) {
		t.Helper()
		w := do(g, "GET", path, "")
		if p := problemIn(t, w); w.Code != 503 || p.Code != "overloaded" || p.Outcome != outcomeNotSent || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	start("/a")
	start("/a")
	start("/b")
	refused("/b")
	start("/c")
	refused("/c")
	close(leave)
	wg.Wait()
	if got := g.all.running.Load(); got != 0 {
		t.Errorf("%d calls are still counted", got)
	}
	if w := do(g, "GET", "/a", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "params") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
