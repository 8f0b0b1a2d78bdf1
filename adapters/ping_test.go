// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
)

const pingBody = "PING"

// plainPing is a ping whose reply is not looked at.
func plainPing() (adapters.Message, adapters.Judge, error) {
	return adapters.Message{Body: []byte(pingBody)}, nil, nil
}

// pinged is a host that tells pings from calls. It does with both what down says, or answers.
type pinged struct {
	down         atomic.Pointer[host]
	calls, pings atomic.Int64
	mu           sync.Mutex
	at           []time.Time
}

// times is when the pings came.
func (p *pinged) times() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.at)
}

func (p *pinged) set(h host) {
	if h == nil {
		p.down.Store(nil)
		return
	}
	p.down.Store(&h)
}

func (p *pinged) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	if string(m.Body) == pingBody {
		p.pings.Add(1)
		p.mu.Lock()
		p.at = append(p.at, time.Now())
		p.mu.Unlock()
	} else {
		p.calls.Add(1)
	}
	if h := p.down.Load(); h != nil {
		return (*h)(ctx, m)
	}
	return m, nil
}

// pinging makes a guard with a ping before a host that is down, and opens its breaker.
func pinging(t *testing.T, during host, o adapters.GuardOptions) (*adapters.Guard, *pinged) {
	t.Helper()
	h := &pinged{}
	h.set(failing(adapters.Broken, adapters.InDoubt))
	if o.Breaker.Open == 0 {
		o.Breaker.Open, o.Breaker.MaxOpen = time.Second, 40*time.Second
	}
	g := guard(t, h, o)
	g.SetPing(plainPing)
	trip(t, g)
	h.calls.Store(0)
	h.set(during)
	return g, h
}

// trip makes failing calls until the breaker opens.
func trip(t *testing.T, g *adapters.Guard) {
	t.Helper()
	for range 100 {
		if g.State().Breaker == adapters.Opened {
			return
		}
		_ = call(g)
	}
	t.Fatal("breaker did not open")
}

func TestPingOptions(t *testing.T) {
	for name, b := range map[string]adapters.BreakerOptions{
		"negative pause":      {PingEvery: -1},
		"negative timeout":    {PingTimeout: -1},
		"timeout above pause": {PingEvery: time.Second, PingTimeout: 2 * time.Second},
	} {
		if _, err := adapters.NewGuard("core", host(echo), adapters.GuardOptions{Breaker: b}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestB09PingFindsTheHost: after a minute the host is back. While it was down no call reached it, and the first call
// succeeds within one pause between pings and a second. Then calls ramp up.
func TestB09PingFindsTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, h := pinging(t, failing(adapters.Unreachable, adapters.NotSent), adapters.GuardOptions{Breaker: adapters.BreakerOptions{
			Open: time.Second, MaxOpen: 40 * time.Second, Ramp: 5 * time.Second,
		}})
		for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(100 * time.Millisecond) {
			e := wantError(t, call(g), "open not sent")
			if e.RetryAfter <= 0 || e.RetryAfter > 5*time.Second {
				t.Fatalf("retry after %v", e.RetryAfter)
			}
		}
		if h.calls.Load() != 0 || h.pings.Load() < 11 {
			t.Fatalf("%d calls and %d pings in the minute", h.calls.Load(), h.pings.Load())
		}
		h.set(nil)
		for back := time.Now(); call(g) != nil; time.Sleep(50 * time.Millisecond) {
			if time.Since(back) > 6*time.Second {
				t.Fatal("not back after one pause and a second")
			}
		}
		if s := state(t, g, adapters.Closed); s.Limit > 2 || s.Reason != "ping succeeded" {
			t.Errorf("limit %d, reason %q", s.Limit, s.Reason)
		}
		time.Sleep(5 * time.Second)
		if s := g.State(); s.Limit != adapters.DefaultMax {
			t.Errorf("limit %d after the ramp", s.Limit)
		}
	})
}

// TestPingNeedsNoCalls: nobody calls, and the breaker closes.
func TestPingNeedsNoCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, h := pinging(t, failing(adapters.Broken, adapters.InDoubt), adapters.GuardOptions{})
		before := g.State()
		time.Sleep(20 * time.Second)
		s := state(t, g, adapters.Opened)
		if !s.Since.Equal(before.Since) || s.Reason != "ping failed" || s.Ping.Last != "failed" || !s.Ping.Next.Equal(s.Until) {
			t.Errorf("%+v %+v", s, s.Ping)
		}
		h.set(nil)
		time.Sleep(5 * time.Second)
		s = state(t, g, adapters.Closed)
		if s.Ping.Succeeded != 1 || s.Ping.Failed != uint64(h.pings.Load()-1) || s.Ping.Last != "succeeded" || !s.Ping.Next.IsZero() {
			t.Errorf("%+v", s.Ping)
		}
		if diff := cmp.Diff(before.Totals, s.Totals); diff != "" {
			t.Errorf("pings count as calls: %s", diff)
		}
		n := h.pings.Load()
		time.Sleep(time.Hour)
		if h.pings.Load() != n {
			t.Error("a closed breaker pings")
		}
	})
}

// TestPingPausesGrow: from the open time to the longest pause, never quite the same.
func TestPingPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		g, h := pinging(t, failing(adapters.Broken, adapters.InDoubt), adapters.GuardOptions{})
		time.Sleep(time.Minute)
		_ = g.Close()
		last, seen := begun, map[time.Duration]bool{}
		pings := h.times()
		for i, at := range pings {
			low, high := time.Second, 1200*time.Millisecond
			if i > 0 {
				high = min(time.Second<<i, 5*time.Second)
				low = high * 4 / 5
			}
			if d := at.Sub(last); d < low || d > high {
				t.Errorf("pause %d is %v, want %v to %v", i, d, low, high)
			} else {
				seen[d] = true
			}
			last = at
		}
		if len(pings) < 12 || len(seen) < len(pings)-1 {
			t.Errorf("%d pings, %d pauses differ", len(pings), len(seen))
		}
	})
}

// TestPingsOfReplicas: two gateways that open at the same moment do not ping in step.
func TestPingsOfReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, one := pinging(t, failing(adapters.Broken, adapters.InDoubt), adapters.GuardOptions{})
		_, other := pinging(t, failing(adapters.Broken, adapters.InDoubt), adapters.GuardOptions{})
		time.Sleep(time.Minute)
		a, b := one.times(), other.times()
		for i := range min(len(a), len(b)) {
			if a[i].Equal(b[i]) {
				t.Errorf("ping %d came from both at once", i)
			}
		}
	})
}

// TestB04PingHangs: a ping that hangs is given up at its deadline, and the next one closes the breaker.
func TestB04PingHangs(t *testing.T) {
	for name, during := range map[string]host{"ends at its deadline": hanging, "ignores its deadline": dead(time.Hour)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, h := pinging(t, during, adapters.GuardOptions{Max: 2})
				time.Sleep(1200 * time.Millisecond)
				synctest.Wait()
				if n := h.pings.Load(); n != 1 {
					t.Fatalf("%d pings", n)
				}
				if e := wantError(t, call(g), "open not sent"); e.RetryAfter > 2*time.Second {
					t.Errorf("retry after %v", e.RetryAfter)
				}
				h.set(nil)
				time.Sleep(2500 * time.Millisecond)
				state(t, g, adapters.Closed)
				if h.calls.Load() != 0 {
					t.Error("a call was the probe")
				}
				time.Sleep(2 * time.Hour)
				if s := state(t, g, adapters.Closed); s.Inflight != 0 {
					t.Errorf("%d slots are not given back", s.Inflight)
				}
			})
		})
	}
}

// TestB05PingPanics: whatever goes wrong in the ping itself, the slot comes back and the breaker is not stuck: one call
// at a time finds out, as without a ping.
func TestB05PingPanics(t *testing.T) {
	judging := func(j adapters.Judge) adapters.Ping {
		return func() (adapters.Message, adapters.Judge, error) {
			return adapters.Message{Body: []byte(pingBody)}, j, nil
		}
	}
	for name, p := range map[string]adapters.Ping{
		"panic in making":  func() (adapters.Message, adapters.Judge, error) { panic("4711") },
		"Goexit in making": func() (adapters.Message, adapters.Judge, error) { runtime.Goexit(); return plainPing() },
		"cannot be made": func() (adapters.Message, adapters.Judge, error) {
			return adapters.Message{}, nil, errors.New("no")
		},
		"panic in judging": judging(func(adapters.Message) adapters.Judgement { panic("4711") }),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, h := pinging(t, nil, adapters.GuardOptions{Max: 1})
				g.SetPing(p)
				time.Sleep(1500 * time.Millisecond)
				s := state(t, g, adapters.HalfOpen)
				if s.Inflight != 0 || s.Ping.Excluded == 0 || s.LastError == nil || strings.Contains(s.LastError.Error(), "4711") {
					t.Errorf("%+v %+v", s, s.Ping)
				}
				time.Sleep(time.Minute) // and it goes on trying
				if n := g.State().Ping.Excluded; n < 10 {
					t.Errorf("%d tries", n)
				}
				want(t, call(g), "")
				state(t, g, adapters.Closed)
				if h.calls.Load() != 1 {
					t.Errorf("%d calls", h.calls.Load())
				}
			})
		})
	}
}

// TestB05PingEndsInTheAdapter: what an adapter does wrong in a ping counts as it does in a call.
func TestB05PingEndsInTheAdapter(t *testing.T) {
	for name, during := range map[string]host{
		"panic": func(context.Context, adapters.Message) (adapters.Message, error) { panic("4711") },
		"Goexit": func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
			runtime.Goexit()
			return m, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, h := pinging(t, during, adapters.GuardOptions{Max: 1})
				time.Sleep(10 * time.Second)
				if s := state(t, g, adapters.Opened); s.Inflight != 0 || s.Ping.Failed < 2 {
					t.Errorf("%+v %+v", s, s.Ping)
				}
				h.set(nil)
				time.Sleep(5 * time.Second)
				state(t, g, adapters.Closed)
			})
		})
	}
}

// TestPingVerdicts: a ping counts exactly as a call does.
func TestPingVerdicts(t *testing.T) {
	broken := func(m adapters.Message) adapters.Judgement {
		return adapters.Judgement{HostFailed: string(m.Body) == "ABEND"}
	}
	answering := func(body string, after time.Duration) host {
		return func(context.Context, adapters.Message) (adapters.Message, error) {
			time.Sleep(after)
			return adapters.Message{Body: []byte(body)}, nil
		}
	}
	for _, tt := range []struct {
		name   string
		during host
		want   adapters.BreakerState
	}{
		{"an answer", answering("00", 0), adapters.Closed},
		{"a refusal", answering("04", 0), adapters.Closed},
		{"an abend", answering("ABEND", 0), adapters.Opened},
		{"slow", answering("00", 1100*time.Millisecond), adapters.Opened},
		{"unreadable", failing(adapters.Unreadable, adapters.Applied), adapters.Closed},
		{"bytes that are no message", failing(adapters.Framing, adapters.Applied), adapters.Opened},
		{"a mistake in the configuration", failing(adapters.Config, adapters.NotSent), adapters.HalfOpen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, h := pinging(t, tt.during, adapters.GuardOptions{Breaker: adapters.BreakerOptions{SlowOver: time.Second, Open: time.Second}})
				g.SetPing(func() (adapters.Message, adapters.Judge, error) {
					return adapters.Message{Body: []byte(pingBody)}, broken, nil
				})
				time.Sleep(2500 * time.Millisecond)
				state(t, g, tt.want)
				if n := h.pings.Load(); n != 1 {
					t.Errorf("%d pings: one is never sent again", n)
				}
			})
		})
	}
}

// TestB10FlappingWithPing: a host that is up for a second and down for one, for ten minutes. The times between
// openings grow, and few calls are lost on it.
func TestB10FlappingWithPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &pinged{}
		g := guard(t, h, adapters.GuardOptions{Breaker: adapters.BreakerOptions{Open: time.Second, MaxOpen: 40 * time.Second, Ramp: 5 * time.Second}})
		g.SetPing(plainPing)
		begun, bad, good, openings, open := time.Now(), 0, 0, 0, false
		for ; time.Since(begun) < 10*time.Minute; time.Sleep(20 * time.Millisecond) {
			h.set(nil)
			if int(time.Since(begun)/time.Second)%2 == 1 {
				h.set(failing(adapters.Unreachable, adapters.NotSent))
			}
			before := h.calls.Load()
			err := call(g)
			switch sent := h.calls.Load() > before; {
			case sent && err == nil:
				good++
			case sent:
				bad++
			}
			if now := g.State().Breaker == adapters.Opened; now != open {
				open = now
				if open {
					openings++
				}
			}
		}
		if s := g.State(); openings > 25 || openings < 10 {
			t.Errorf("opened %d times: %+v", openings, s)
		}
		t.Logf("%d openings, %d calls succeeded, %d failed, %d pings", openings, good, bad, h.pings.Load())
	})
}

func TestHoldStopsPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, h := pinging(t, nil, adapters.GuardOptions{})
		g.Hold()
		time.Sleep(time.Hour)
		if s := state(t, g, adapters.Held); h.pings.Load() != 0 || !s.Ping.Next.IsZero() {
			t.Errorf("%d pings while held, next %v", h.pings.Load(), s.Ping.Next)
		}
		g.Release()
		time.Sleep(10 * time.Millisecond)
		if state(t, g, adapters.Closed); h.pings.Load() != 1 {
			t.Errorf("%d pings after release", h.pings.Load())
		}
	})
}

// TestHoldDuringPing: a ping under way when an operator holds the host goes on, and what it found holds afterwards.
func TestHoldDuringPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, h := pinging(t, after(time.Second, echo), adapters.GuardOptions{})
		time.Sleep(1300 * time.Millisecond)
		g.Hold()
		time.Sleep(time.Minute)
		state(t, g, adapters.Held)
		g.Release()
		state(t, g, adapters.Closed)
		if h.pings.Load() != 1 {
			t.Errorf("%d pings", h.pings.Load())
		}
	})
}

// TestPingIsTakenAway: without its ping the guard lets a call through again.
func TestPingIsTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, h := pinging(t, failing(adapters.Broken, adapters.InDoubt), adapters.GuardOptions{})
		time.Sleep(10 * time.Second)
		g.SetPing(nil)
		n := h.pings.Load()
		h.set(nil)
		time.Sleep(time.Hour)
		if s := state(t, g, adapters.HalfOpen); s.Ping != nil || h.pings.Load() != n {
			t.Errorf("%d pings more, %+v", h.pings.Load()-n, s.Ping)
		}
		want(t, call(g), "")
		state(t, g, adapters.Closed)
	})
}

// TestCloseEndsPings: also the one under way; and none begins.
func TestCloseEndsPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, h := pinging(t, hanging, adapters.GuardOptions{})
		time.Sleep(1300 * time.Millisecond)
		closed := time.Now()
		_ = g.Close()
		synctest.Wait()
		if s := g.State(); s.Inflight != 0 || time.Since(closed) != 0 {
			t.Errorf("%d in flight after %v", s.Inflight, time.Since(closed))
		}
		time.Sleep(time.Hour)
		if h.pings.Load() != 1 {
			t.Errorf("%d pings", h.pings.Load())
		}
	})
}

// TestPingWaitsForASlot: the host never has more exchanges than its max, pings included.
func TestPingWaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &pinged{}
		h.set(hanging)
		g := guard(t, h, adapters.GuardOptions{Max: 1, Timeout: 10 * time.Second, Breaker: adapters.BreakerOptions{
			Minimum: 1, SlowOver: time.Second, SlowRatio: 50, Open: time.Second, Window: time.Minute,
		}})
		g.SetPing(plainPing)
		go func() { want(t, call(g), "timeout in doubt") }()
		time.Sleep(1100 * time.Millisecond)
		want(t, call(g), "open not sent") // the only slot hangs
		time.Sleep(8 * time.Second)
		if h.pings.Load() != 0 {
			t.Error("a ping beside a call that holds the only slot")
		}
		h.set(nil)
		time.Sleep(2 * time.Second)
		state(t, g, adapters.Closed)
	})
}

// TestPingTakesTheWayOfCalls: with several addresses the ping goes over the one that is well.
func TestPingTakesTheWayOfCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead, well := &pinged{}, &pinged{}
		dead.set(failing(adapters.Unreachable, adapters.NotSent))
		well.set(failing(adapters.Unreachable, adapters.NotSent))
		both, err := adapters.NewEndpoints(false, adapters.Endpoint{Name: "a", Adapter: dead}, adapters.Endpoint{Name: "b", Adapter: well})
		if err != nil {
			t.Fatal(err)
		}
		g := guard(t, both, adapters.GuardOptions{Breaker: adapters.BreakerOptions{Open: time.Second}})
		g.SetPing(plainPing)
		trip(t, g)
		well.set(nil)
		time.Sleep(1500 * time.Millisecond)
		if state(t, g, adapters.Closed); well.pings.Load() != 1 {
			t.Errorf("%d pings over the address that is well", well.pings.Load())
		}
	})
}
