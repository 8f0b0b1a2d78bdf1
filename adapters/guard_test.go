// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lintel/adapters"
)

func TestMain(m *testing.M) {
	if os.Getenv("LINTEL_RANDOM") == "" {
		_ = flag.Set("rapid.seed", "1") // random tests begin at the same place; make fuzz lets them begin anywhere
	}
	goleak.VerifyTestMain(m)
}

// host is an adapter made of a function.
type host func(ctx context.Context, m adapters.Message) (adapters.Message, error)

func (h host) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	return h(ctx, m)
}

func echo(_ context.Context, m adapters.Message) (adapters.Message, error) { return m, nil }

func failing(kind adapters.Kind, fate adapters.Fate) host {
	return func(context.Context, adapters.Message) (adapters.Message, error) {
		return adapters.Message{}, &adapters.Error{Kind: kind, Fate: fate}
	}
}

// hanging waits for the end of the context, as a good adapter does.
func hanging(ctx context.Context, _ adapters.Message) (adapters.Message, error) {
	<-ctx.Done()
	kind := adapters.Timeout
	if errors.Is(ctx.Err(), context.Canceled) {
		kind = adapters.Canceled
	}
	return adapters.Message{}, &adapters.Error{Kind: kind, Fate: adapters.InDoubt}
}

// dead ignores its context, as no adapter may.
func dead(d time.Duration) host {
	return func(context.Context, adapters.Message) (adapters.Message, error) {
		time.Sleep(d)
		return adapters.Message{}, nil
	}
}

func guard(t testing.TB, a adapters.Adapter, o adapters.GuardOptions) *adapters.Guard {
	t.Helper()
	g, err := adapters.NewGuard("core", a, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}

// want checks an error against "kind fate", or "" for none.
func want(t *testing.T, err error, kindAndFate string) {
	t.Helper()
	_ = wantError(t, err, kindAndFate)
}

// wantError is want for those who look closer.
func wantError(t *testing.T, err error, kindAndFate string) *adapters.Error {
	t.Helper()
	got := ""
	var e *adapters.Error
	if err != nil {
		if !errors.As(err, &e) {
			t.Fatalf("not an *adapters.Error: %v", err)
		}
		got = e.Kind.String() + " " + e.Fate.String()
		if e.Backend != "core" {
			t.Errorf("backend %q", e.Backend)
		}
	}
	if got != kindAndFate {
		t.Fatalf("got %q, want %q: %v", got, kindAndFate, err)
	}
	return e
}

func state(t *testing.T, g *adapters.Guard, s adapters.BreakerState) adapters.State {
	t.Helper()
	got := g.State()
	if got.Breaker != s {
		t.Fatalf("breaker is %v, want %v: %+v", got.Breaker, s, got)
	}
	return got
}

func call(g *adapters.Guard) error {
	_, err := g.Exchange(context.Background(), adapters.Call{Safe: true})
	return err
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]adapters.GuardOptions{
		"negative timeout":     {Timeout: -1},
		"negative max":         {Max: -1},
		"too many slots":       {Max: 1 << 20},
		"failures over 100":    {Breaker: adapters.BreakerOptions{Failures: 101}},
		"negative slow":        {Breaker: adapters.BreakerOptions{SlowOver: -1}},
		"slow ratio over 100":  {Breaker: adapters.BreakerOptions{SlowRatio: 101}},
		"open over its limit":  {Breaker: adapters.BreakerOptions{Open: time.Minute, MaxOpen: time.Second}},
		"B03 window too short": {Timeout: 10 * time.Second, Breaker: adapters.BreakerOptions{Window: 9 * time.Second}},
	} {
		if _, err := adapters.NewGuard("core", host(echo), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := adapters.NewGuard("core", nil, adapters.GuardOptions{}); err == nil {
		t.Error("no adapter: no error")
	}
}

// TestBefore: what is refused before it is sent is not sent, has no say in the breaker, and gives its
// slot back.
func TestBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		g := guard(t, host(func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
			sent++
			return echo(ctx, m)
		}), adapters.GuardOptions{Max: 1, Breaker: adapters.BreakerOptions{Minimum: 1}})
		no := errors.New("no")
		for range 50 {
			_, err := g.Exchange(t.Context(), adapters.Call{Before: func(ctx context.Context) error {
				if _, ok := ctx.Deadline(); !ok {
					t.Error("Before has no deadline")
				}
				return no
			}})
			if e := wantError(t, err, "withheld not sent"); !errors.Is(e.Cause, no) {
				t.Errorf("cause %v", e.Cause)
			}
		}
		_, err := g.Exchange(t.Context(), adapters.Call{Before: func(context.Context) error { panic("before") }})
		want(t, err, "internal not sent")
		if sent != 0 {
			t.Errorf("%d were sent", sent)
		}
		_, err = g.Exchange(t.Context(), adapters.Call{Before: func(context.Context) error { return nil }})
		want(t, err, "")
		state(t, g, adapters.Closed)
	})
}

func TestVerdicts(t *testing.T) {
	opts := adapters.GuardOptions{Breaker: adapters.BreakerOptions{Minimum: 3}}
	for _, tt := range []struct {
		name  string
		kind  adapters.Kind
		fate  adapters.Fate
		opens bool
	}{
		{"unreachable", adapters.Unreachable, adapters.NotSent, true},
		{"broken, not sent", adapters.Broken, adapters.NotSent, true},
		{"broken, in doubt", adapters.Broken, adapters.InDoubt, true},
		{"timeout", adapters.Timeout, adapters.InDoubt, true},
		{"framing", adapters.Framing, adapters.Applied, true},
		{"reply too large", adapters.TooLarge, adapters.Applied, true},
		{"request too large", adapters.TooLarge, adapters.NotSent, false},
		{"unreadable", adapters.Unreadable, adapters.Applied, false},
		{"caller went away", adapters.Canceled, adapters.InDoubt, false},
		{"config", adapters.Config, adapters.NotSent, false},
		{"internal, not sent", adapters.Internal, adapters.NotSent, false},
		{"internal, in doubt", adapters.Internal, adapters.InDoubt, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := guard(t, failing(tt.kind, tt.fate), opts)
			for range 3 {
				want(t, call(g), tt.kind.String()+" "+tt.fate.String())
			}
			if got := g.State().Breaker == adapters.Opened; got != tt.opens {
				t.Errorf("open %v, want %v", got, tt.opens)
			}
		})
	}
}

func TestForeignErrors(t *testing.T) {
	for wantErr, err := range map[string]error{
		"internal in doubt": errors.New("driver"),
		"timeout in doubt":  fmt.Errorf("driver: %w", context.DeadlineExceeded),
		"canceled in doubt": context.Canceled,
	} {
		g := guard(t, host(func(context.Context, adapters.Message) (adapters.Message, error) {
			return adapters.Message{}, err
		}), adapters.GuardOptions{})
		want(t, call(g), wantErr)
	}
}

func TestB01AllFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		g := guard(t, host(func(context.Context, adapters.Message) (adapters.Message, error) {
			calls++
			return adapters.Message{}, &adapters.Error{Kind: adapters.Unreachable, Fate: adapters.NotSent}
		}), adapters.GuardOptions{})
		for range 20 {
			want(t, call(g), "unreachable not sent")
		}
		s := state(t, g, adapters.Opened)
		if s.LastError == nil || s.LastError.Kind != adapters.Unreachable || s.LastErrorAt.IsZero() {
			t.Errorf("last error %v at %v", s.LastError, s.LastErrorAt)
		}
		time.Sleep(4 * time.Second)
		e := wantError(t, call(g), "open not sent")
		if calls != 20 {
			t.Errorf("host was called %d times", calls)
		}
		if got := time.Until(s.Until); e.RetryAfter != got || got < 6*time.Second || got > 8*time.Second {
			t.Errorf("retry after %v, reopens in %v", e.RetryAfter, got)
		}
	})
}

func TestRatioOfCompletedCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad atomic.Bool
		release := make(chan struct{})
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			if len(m.Body) > 0 {
				<-release
			}
			if bad.Load() {
				return adapters.Message{}, &adapters.Error{Kind: adapters.Broken}
			}
			return m, nil
		}), adapters.GuardOptions{Max: 2000})
		for range 1000 { // in flight, and counted as nothing
			go func() {
				_, _ = g.Exchange(context.Background(), adapters.Call{Message: adapters.Message{Body: []byte("x")}})
			}()
		}
		synctest.Wait()
		for range 10 {
			want(t, call(g), "")
		}
		bad.Store(true)
		for range 9 {
			want(t, call(g), "broken in doubt")
		}
		state(t, g, adapters.Closed)
		want(t, call(g), "broken in doubt")
		state(t, g, adapters.Opened)
		close(release)
		synctest.Wait()
		state(t, g, adapters.Opened)
	})
}

func TestB02HungHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{
			Timeout: 5 * time.Second, Max: 24,
			Breaker: adapters.BreakerOptions{SlowOver: time.Second},
		})
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() { _ = call(g) })
		}
		synctest.Wait()
		want(t, call(g), "busy not sent") // waits 100 ms
		time.Sleep(time.Second)
		start := time.Now()
		want(t, call(g), "open not sent")
		if d := time.Since(start); d != 0 {
			t.Errorf("refused after %v", d)
		}
		if s := state(t, g, adapters.Opened); !strings.Contains(s.Reason, "hang") {
			t.Errorf("reason %q", s.Reason)
		}
		wg.Wait()
		state(t, g, adapters.Opened)
	})
}

func TestB02TimeoutsOpenWithoutSlowRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{Max: 20})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { want(t, call(g), "timeout in doubt") })
		}
		wg.Wait()
		state(t, g, adapters.Opened)
	})
}

func TestSlowCallsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, dead(1100*time.Millisecond), adapters.GuardOptions{
			Breaker: adapters.BreakerOptions{SlowOver: time.Second, Minimum: 5},
		})
		for range 5 {
			state(t, g, adapters.Closed)
			want(t, call(g), "")
		}
		if s := state(t, g, adapters.Opened); !strings.Contains(s.Reason, "slow") {
			t.Errorf("reason %q", s.Reason)
		}
	})
}

func TestB03FailuresSlowerThanWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{
			Timeout: time.Second, Max: 50, Breaker: adapters.BreakerOptions{Window: time.Second},
		})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, _ = g.Exchange(context.Background(), adapters.Call{Timeout: 10 * time.Second})
			})
		}
		wg.Wait()
		state(t, g, adapters.Opened)
	})
}

// open makes failing calls until the breaker opens, and waits until it lets a probe through.
func open(t *testing.T, g *adapters.Guard) {
	t.Helper()
	for range 100 {
		if s := g.State(); s.Breaker == adapters.Opened {
			time.Sleep(time.Until(s.Until))
			state(t, g, adapters.HalfOpen)
			return
		}
		_ = call(g)
	}
	t.Fatal("breaker did not open")
}

// moody is a host that can be changed under way.
type moody struct{ now atomic.Pointer[host] }

func (m *moody) set(h host) { m.now.Store(&h) }

func (m *moody) Exchange(ctx context.Context, msg adapters.Message) (adapters.Message, error) {
	return (*m.now.Load())(ctx, msg)
}

func TestB04ProbeHangs(t *testing.T) {
	for _, tt := range []struct {
		name   string
		during host
		want   string
	}{
		{"probe obeys its deadline", hanging, "timeout in doubt"},
		{"probe ignores its deadline", dead(time.Hour), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &moody{}
				m.set(failing(adapters.Broken, adapters.InDoubt))
				g := guard(t, m, adapters.GuardOptions{Max: 2})
				open(t, g)
				m.set(tt.during)
				go func() { want(t, call(g), tt.want) }()
				synctest.Wait()
				e := wantError(t, call(g), "open not sent")
				if e.RetryAfter != 5*time.Second {
					t.Errorf("retry after %v", e.RetryAfter)
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				want(t, call(g), "open not sent")
				s := state(t, g, adapters.Opened)
				m.set(echo)
				time.Sleep(time.Until(s.Until))
				want(t, call(g), "")
				state(t, g, adapters.Closed)
				time.Sleep(2 * time.Hour)
				state(t, g, adapters.Closed)
			})
		})
	}
}

func TestB04ProbeExcluded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		m.set(failing(adapters.Broken, adapters.InDoubt))
		g := guard(t, m, adapters.GuardOptions{})
		open(t, g)
		m.set(failing(adapters.Canceled, adapters.InDoubt))
		want(t, call(g), "canceled in doubt")
		state(t, g, adapters.HalfOpen)
		m.set(echo)
		want(t, call(g), "")
		state(t, g, adapters.Closed)
	})
}

func TestB05PanicAndGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		g := guard(t, m, adapters.GuardOptions{Max: 1, Breaker: adapters.BreakerOptions{Minimum: 4}})
		m.set(func(context.Context, adapters.Message) (adapters.Message, error) { panic("4711 secret") })
		e := wantError(t, call(g), "internal in doubt")
		if strings.Contains(e.Error(), "secret") {
			t.Errorf("payload in %v", e)
		}
		m.set(echo)
		_, err := g.Exchange(t.Context(), adapters.Call{Judge: func(adapters.Message) adapters.Judgement {
			var none []int
			return adapters.Judgement{HostFailed: none[len(none)] == 0}
		}})
		if e := wantError(t, err, "internal applied"); !strings.Contains(e.Error(), "index out of range") {
			t.Errorf("cause is missing: %v", e)
		}
		m.set(func(context.Context, adapters.Message) (adapters.Message, error) {
			runtime.Goexit()
			return adapters.Message{}, nil
		})
		for range 3 {
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = call(g)
			}()
			<-done
		}
		s := state(t, g, adapters.Opened)
		if s.Inflight != 0 {
			t.Errorf("%d slots lost", s.Inflight)
		}
		// The probe ends its goroutine too: it counts as failed.
		time.Sleep(time.Until(s.Until))
		go func() { _ = call(g) }()
		synctest.Wait()
		s = state(t, g, adapters.Opened)
		m.set(echo)
		time.Sleep(time.Until(s.Until))
		want(t, call(g), "")
		state(t, g, adapters.Closed)
	})
}

func TestB06CallersGoAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{Max: 10, Wait: time.Hour, Timeout: 2 * time.Hour, Queue: 1000})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				_, err := g.Exchange(ctx, adapters.Call{Safe: true})
				var e *adapters.Error
				if !errors.As(err, &e) || e.Kind != adapters.Canceled {
					t.Errorf("%v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		s := state(t, g, adapters.Closed)
		want := adapters.Totals{Started: s.Totals.Started, Excluded: s.Totals.Started}
		if diff := cmp.Diff(want, s.Totals); diff != "" || s.Inflight+s.Waiting != 0 {
			t.Errorf("%+v\n%s", s, diff)
		}
	})
}

func TestB06CallersInAHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{})
		hurry := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			_, err := g.Exchange(ctx, adapters.Call{})
			want(t, err, "timeout in doubt")
		}
		for range 100 {
			hurry(5 * time.Millisecond)
		}
		state(t, g, adapters.Closed)
		// A refusal comes before any deadline, and counts for callers in a hurry too.
		refused := guard(t, failing(adapters.Unreachable, adapters.NotSent), adapters.GuardOptions{})
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			_, err := refused.Exchange(ctx, adapters.Call{})
			cancel()
			want(t, err, "unreachable not sent")
		}
		state(t, refused, adapters.Opened)
		var wg sync.WaitGroup
		for range 30 { // just below the backend's own timeout: these do count
			wg.Go(func() { hurry(4 * time.Second) })
		}
		wg.Wait()
		state(t, g, adapters.Opened)
	})
}

func TestB07BusinessRefusals(t *testing.T) {
	g := guard(t, failing(adapters.Unreadable, adapters.NotApplied), adapters.GuardOptions{})
	for range 200 {
		_ = call(g)
	}
	state(t, g, adapters.Closed)
	g = guard(t, host(echo), adapters.GuardOptions{})
	judge := func(failed bool) {
		_, err := g.Exchange(t.Context(), adapters.Call{Judge: func(adapters.Message) adapters.Judgement { return adapters.Judgement{HostFailed: failed} }})
		want(t, err, "")
	}
	for range 19 {
		judge(false)
	}
	state(t, g, adapters.Closed)
	for range 19 {
		judge(true) // an abend that the transform declared
	}
	state(t, g, adapters.Opened)
}

// nosy asks the guard about everything from its callback, and takes its time.
type nosy struct {
	g   *adapters.Guard
	mu  sync.Mutex
	got []string
}

func (n *nosy) BreakerChanged(c adapters.Change) {
	n.mu.Lock()
	n.got = append(n.got, c.From.String()+">"+c.To.String())
	n.mu.Unlock()
	_ = n.g.State()
	_ = call(n.g)
	time.Sleep(time.Hour)
	panic("an observer's own trouble")
}

func TestB08Observer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &nosy{}
		m := &moody{}
		m.set(failing(adapters.Broken, adapters.InDoubt))
		n.g = guard(t, m, adapters.GuardOptions{Observer: n})
		start := time.Now()
		for range 20 {
			_ = call(n.g)
		}
		n.g.Hold()
		n.g.Release()
		if d := time.Since(start); d != 0 {
			t.Errorf("calls took %v", d)
		}
		m.set(echo)
		time.Sleep(time.Until(n.g.State().Until))
		_ = call(n.g)
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		n.mu.Lock()
		defer n.mu.Unlock()
		want := []string{"closed>open", "open>held", "held>open", "open>half-open", "half-open>closed"}
		if diff := cmp.Diff(want, n.got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestB09RecoveryRamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		m.set(failing(adapters.Broken, adapters.InDoubt))
		g := guard(t, m, adapters.GuardOptions{Max: 10, Wait: -1, Breaker: adapters.BreakerOptions{Ramp: 10 * time.Second}})
		open(t, g)
		m.set(echo)
		want(t, call(g), "")
		m.set(dead(time.Millisecond))
		for sec := range 11 {
			limit := max(1, sec)
			if got := state(t, g, adapters.Closed).Limit; got != limit {
				t.Errorf("after %d s: limit %d, want %d", sec, got, limit)
			}
			var wg sync.WaitGroup
			var through atomic.Int64
			for range 10 {
				wg.Go(func() {
					if call(g) == nil {
						through.Add(1)
					}
				})
			}
			wg.Wait()
			if got := int(through.Load()); got != limit {
				t.Errorf("after %d s: %d calls got through, want %d", sec, got, limit)
			}
			time.Sleep(time.Second - time.Millisecond)
		}
	})
}

func TestB10OpenTimeGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		m.set(failing(adapters.Broken, adapters.InDoubt))
		g := guard(t, m, adapters.GuardOptions{Breaker: adapters.BreakerOptions{Open: time.Second, MaxOpen: 4 * time.Second}})
		for range 20 {
			_ = call(g)
		}
		for _, base := range []time.Duration{1, 2, 4, 4} {
			s := state(t, g, adapters.Opened)
			if d := s.Until.Sub(s.Since); d < base*time.Second || d > base*time.Second*6/5 {
				t.Errorf("open for %v, want %v and up to a fifth", d, base*time.Second)
			}
			time.Sleep(time.Until(s.Until))
			_ = call(g) // the probe fails
		}
		// Closed for a whole window, it starts anew.
		s := g.State()
		time.Sleep(time.Until(s.Until))
		m.set(echo)
		want(t, call(g), "")
		time.Sleep(time.Minute)
		m.set(failing(adapters.Broken, adapters.InDoubt))
		for range 20 {
			_ = call(g)
		}
		s = state(t, g, adapters.Opened)
		if d := s.Until.Sub(s.Since); d > 1200*time.Millisecond {
			t.Errorf("open for %v after a good time", d)
		}
	})
}

func TestHold(t *testing.T) {
	g := guard(t, host(echo), adapters.GuardOptions{})
	g.Hold()
	want(t, call(g), "open not sent")
	state(t, g, adapters.Held)
	g.Release()
	want(t, call(g), "")
	state(t, g, adapters.Closed)
}

func TestQueueIsFairAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []byte
		var mu sync.Mutex
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			mu.Lock()
			order = append(order, m.Body...)
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			return m, nil
		}), adapters.GuardOptions{Max: 1, Queue: 3, Wait: 25 * time.Millisecond})
		var wg sync.WaitGroup
		errs := make([]error, 5)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = g.Exchange(t.Context(), adapters.Call{Message: adapters.Message{Body: []byte{byte('a' + i)}}})
			})
			synctest.Wait()
		}
		if s := g.State(); s.Inflight != 1 || s.Waiting != 3 || s.Limit != 1 {
			t.Errorf("%+v", s)
		}
		wg.Wait()
		// a runs, b and c follow in turn, d waits too long, e found the queue full.
		want(t, errs[0], "")
		want(t, errs[1], "")
		want(t, errs[2], "")
		want(t, errs[3], "busy not sent")
		if e := wantError(t, errs[4], "busy not sent"); e.RetryAfter <= 0 {
			t.Error("no retry time")
		}
		if string(order) != "abc" {
			t.Errorf("order %s", order)
		}
	})
}

func TestOpeningFreesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{
			Max: 1, Wait: time.Hour, Timeout: time.Second, Breaker: adapters.BreakerOptions{Minimum: 1},
		})
		go func() { _ = call(g) }()
		synctest.Wait()
		start := time.Now()
		_, err := g.Exchange(t.Context(), adapters.Call{Timeout: 5 * time.Second})
		want(t, err, "open not sent")
		if d := time.Since(start); d != time.Second {
			t.Errorf("waited %v", d)
		}
	})
}

func TestN20CallerGoesAway(t *testing.T) {
	for _, safe := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			applied := false
			g := guard(t, host(func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
				select {
				case <-ctx.Done():
					return adapters.Message{}, &adapters.Error{Kind: adapters.Canceled, Fate: adapters.InDoubt}
				case <-time.After(time.Second):
					applied = true
					return m, nil
				}
			}), adapters.GuardOptions{Max: 1})
			ctx, cancel := context.WithCancel(t.Context())
			judged := false
			go func() {
				time.Sleep(time.Millisecond)
				cancel()
			}()
			_, err := g.Exchange(ctx, adapters.Call{Safe: safe, Judge: func(adapters.Message) adapters.Judgement { judged = true; return adapters.Judgement{} }})
			if safe {
				want(t, err, "canceled in doubt")
			} else {
				want(t, err, "")
			}
			if applied == safe || judged == safe {
				t.Errorf("safe %v: applied %v judged %v", safe, applied, judged)
			}
			// Before it holds a slot every call is canceled.
			_, err = g.Exchange(ctx, adapters.Call{Safe: safe})
			want(t, err, "canceled not sent")
		})
	}
}

func TestDetachedCallKeepsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{})
		ctx, cancel := context.WithCancel(t.Context())
		canceled := time.AfterFunc(time.Second, cancel)
		defer canceled.Stop()
		start := time.Now()
		_, err := g.Exchange(ctx, adapters.Call{Timeout: 3 * time.Second})
		want(t, err, "timeout in doubt")
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("ended after %v", d)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(hanging), adapters.GuardOptions{Max: 1, Wait: time.Minute, Timeout: time.Minute})
		var wg sync.WaitGroup
		wg.Go(func() { want(t, call(g), "timeout in doubt") })
		synctest.Wait()
		wg.Go(func() { want(t, call(g), "open not sent") })
		synctest.Wait()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		want(t, call(g), "open not sent")
		wg.Wait()
	})
}

func TestStateWords(t *testing.T) {
	for s, word := range map[adapters.BreakerState]string{
		adapters.Closed: "closed", adapters.Opened: "open", adapters.HalfOpen: "half-open", adapters.Held: "held",
	} {
		if s.String() != word {
			t.Errorf("%v is not %s", s, word)
		}
	}
}

func BenchmarkGuard(b *testing.B) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	m := adapters.Message{Body: []byte("x")}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		a := host(echo)
		for b.Loop() {
			_, _ = a.Exchange(ctx, m)
		}
	})
	for _, safe := range []bool{true, false} {
		b.Run(fmt.Sprintf("safe=%v", safe), func(b *testing.B) {
			b.ReportAllocs()
			g := guard(b, host(echo), adapters.GuardOptions{})
			for b.Loop() {
				_, _ = g.Exchange(ctx, adapters.Call{Message: m, Safe: safe})
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		g := guard(b, host(echo), adapters.GuardOptions{})
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = g.Exchange(ctx, adapters.Call{Message: m, Safe: true})
			}
		})
	})
}

// TestEndedExchangesAreNotOverdue: only what still runs can be taken for hanging. While the limit
// ramps up, a call can find no slot although others of them rest, for a minute here.
func TestEndedExchangesAreNotOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		m.set(func(context.Context, adapters.Message) (adapters.Message, error) {
			time.Sleep(time.Millisecond)
			return adapters.Message{}, &adapters.Error{Kind: adapters.Broken}
		})
		g := guard(t, m, adapters.GuardOptions{
			Max: 4, Wait: -1, Breaker: adapters.BreakerOptions{SlowOver: time.Second, Minimum: 3, Ramp: time.Hour},
		})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _ = call(g) })
		}
		wg.Wait()
		open(t, g)
		m.set(echo)
		want(t, call(g), "")
		time.Sleep(time.Minute)
		m.set(dead(time.Millisecond))
		wg.Go(func() { want(t, call(g), "") })
		synctest.Wait()
		want(t, call(g), "busy not sent")
		state(t, g, adapters.Closed)
		wg.Wait()
	})
}

func TestNoTimeLeft(t *testing.T) {
	g := guard(t, host(echo), adapters.GuardOptions{})
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err := g.Exchange(ctx, adapters.Call{})
	want(t, err, "timeout not sent")
	if s := state(t, g, adapters.Closed); s.Totals.Started != 0 {
		t.Errorf("%+v", s)
	}
}

// TestResultsOfAnEarlierTime: calls that began before the breaker opened say nothing about the host
// after it closed again.
func TestResultsOfAnEarlierTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		m.set(func(context.Context, adapters.Message) (adapters.Message, error) {
			time.Sleep(20 * time.Second)
			return adapters.Message{}, &adapters.Error{Kind: adapters.Broken}
		})
		g := guard(t, m, adapters.GuardOptions{Breaker: adapters.BreakerOptions{Minimum: 2, Open: time.Second}})
		for range 10 {
			go func() { _, _ = g.Exchange(context.Background(), adapters.Call{Timeout: time.Minute}) }()
		}
		synctest.Wait()
		m.set(failing(adapters.Broken, adapters.InDoubt))
		open(t, g)
		m.set(echo)
		want(t, call(g), "")
		time.Sleep(30 * time.Second)
		s := state(t, g, adapters.Closed)
		if s.Totals.Failed != 12 || s.Failed != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestO08NothingIsSentLate: recording the intent took longer than the call has, or the process stood still meanwhile.
func TestO08NothingIsSentLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			t.Error("it was sent")
			return m, nil
		}), adapters.GuardOptions{Timeout: time.Second})
		_, err := g.Exchange(t.Context(), adapters.Call{Before: func(context.Context) error { time.Sleep(2 * time.Second); return nil }})
		want(t, err, "short not sent")
	})
}
