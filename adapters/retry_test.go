// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// TestB14RetriesHaveABudget: half of the calls fail before they are sent, and the host sees at most a
// tenth more attempts than calls.
func TestB14RetriesHaveABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			attempts++
			if attempts%2 == 0 {
				return adapters.Message{}, &adapters.Error{Kind: adapters.Unreachable, Fate: adapters.NotSent}
			}
			return m, nil
		}), adapters.GuardOptions{Retries: 2, Breaker: adapters.BreakerOptions{Failures: 100}})
		const calls = 1000
		good := 0
		for range calls {
			if call(g) == nil {
				good++
			}
		}
		s := g.State().Totals
		if attempts > calls*11/10+1 || attempts != calls+int(s.Retried) || s.Retried < 90 {
			t.Errorf("%d attempts for %d calls, %d retried", attempts, calls, s.Retried)
		}
		if good < calls/2+50 {
			t.Errorf("%d of %d calls were good", good, calls)
		}
	})
}

func TestB14OnlyWhatWasNotSentIsSentAgain(t *testing.T) {
	for _, tt := range []struct {
		kind     adapters.Kind
		fate     adapters.Fate
		attempts int
	}{
		{adapters.Unreachable, adapters.NotSent, 2},
		{adapters.Broken, adapters.NotSent, 2},
		{adapters.Broken, adapters.InDoubt, 1},
		{adapters.Timeout, adapters.InDoubt, 1},
		{adapters.Timeout, adapters.NotSent, 1},
		{adapters.TooLarge, adapters.NotSent, 1},
		{adapters.Config, adapters.NotSent, 1},
		{adapters.Canceled, adapters.NotSent, 1},
		{adapters.Internal, adapters.NotSent, 1},
		{adapters.Broken, adapters.NotApplied, 1},
		{adapters.Framing, adapters.Applied, 1},
	} {
		t.Run(tt.kind.String()+" "+tt.fate.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				g := guard(t, host(func(context.Context, adapters.Message) (adapters.Message, error) {
					attempts++
					return adapters.Message{}, &adapters.Error{Kind: tt.kind, Fate: tt.fate}
				}), adapters.GuardOptions{Retries: 1})
				want(t, call(g), tt.kind.String()+" "+tt.fate.String())
				if attempts != tt.attempts {
					t.Errorf("%d attempts", attempts)
				}
			})
		})
	}
}

// refuseFirst refuses so many attempts.
func refuseFirst(n int, attempts *int) host {
	return func(_ context.Context, m adapters.Message) (adapters.Message, error) {
		*attempts++
		if *attempts <= n {
			return adapters.Message{}, &adapters.Error{Kind: adapters.Unreachable, Fate: adapters.NotSent}
		}
		return m, nil
	}
}

// saveUp makes calls until the budget is full.
func saveUp(t *testing.T, g *adapters.Guard) {
	t.Helper()
	for range 100 {
		want(t, call(g), "")
	}
}

func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		m := &moody{}
		g := guard(t, m, adapters.GuardOptions{Retries: 2})
		for name, tt := range map[string]struct {
			lane     adapters.LaneOptions
			refused  int
			timeout  time.Duration
			want     string
			attempts int
		}{
			"twice":                      {adapters.LaneOptions{}, 2, time.Second, "", 3},
			"never three times":          {adapters.LaneOptions{}, 5, time.Second, "unreachable not sent", 3},
			"an operation allows fewer":  {adapters.LaneOptions{Retries: 1}, 5, time.Second, "unreachable not sent", 2},
			"an operation allows none":   {adapters.LaneOptions{Retries: -1}, 5, time.Second, "unreachable not sent", 1},
			"no time for the pause":      {adapters.LaneOptions{}, 1, 4 * time.Millisecond, "unreachable not sent", 1},
			"no time for what it needs":  {adapters.LaneOptions{Needs: 99 * time.Millisecond}, 1, 100 * time.Millisecond, "unreachable not sent", 1},
			"time for what it does need": {adapters.LaneOptions{Needs: 80 * time.Millisecond}, 1, 100 * time.Millisecond, "", 2},
		} {
			m.set(echo)
			saveUp(t, g)
			attempts = 0
			m.set(refuseFirst(tt.refused, &attempts))
			_, err := g.Exchange(t.Context(), adapters.Call{Lane: lane(t, g, tt.lane), Timeout: tt.timeout})
			if want(t, err, tt.want); attempts != tt.attempts {
				t.Errorf("%s: %d attempts, want %d", name, attempts, tt.attempts)
			}
		}
	})
}

func TestNoRetryOnceTheBreakerIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		m := &moody{}
		m.set(echo)
		g := guard(t, m, adapters.GuardOptions{Retries: 2, Breaker: adapters.BreakerOptions{Minimum: 1}})
		saveUp(t, g)
		time.Sleep(time.Minute) // the window is empty again
		m.set(refuseFirst(5, &attempts))
		want(t, call(g), "unreachable not sent")
		if attempts != 1 {
			t.Errorf("%d attempts, the first opened the breaker", attempts)
		}
		s := state(t, g, adapters.Opened)
		time.Sleep(time.Until(s.Until))
		want(t, call(g), "unreachable not sent")
		if attempts != 2 {
			t.Errorf("a probe was sent %d times", attempts-1)
		}
		state(t, g, adapters.Opened)
	})
}

// TestHedge: the second attempt answers when the first hangs; only one reply is judged.
func TestHedge(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second time.Duration
		safe          bool
		took          time.Duration
		attempts      int32
	}{
		"first answers in time":  {50 * time.Millisecond, 0, true, 50 * time.Millisecond, 1},
		"second is faster":       {time.Second, 50 * time.Millisecond, true, 150 * time.Millisecond, 2},
		"first is faster still":  {150 * time.Millisecond, time.Second, true, 150 * time.Millisecond, 2},
		"both at the same time":  {150 * time.Millisecond, 50 * time.Millisecond, true, 150 * time.Millisecond, 2},
		"never for unsafe calls": {time.Second, 0, false, time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				g := guard(t, host(func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
					d := tt.first
					if attempts.Add(1) > 1 {
						d = tt.second
					}
					select {
					case <-time.After(d):
						return m, nil
					case <-ctx.Done():
						return hanging(ctx, m)
					}
				}), adapters.GuardOptions{})
				var judged atomic.Int32
				start := time.Now()
				m, err := g.Exchange(t.Context(), adapters.Call{
					Safe: tt.safe, Lane: lane(t, g, adapters.LaneOptions{Hedge: 100 * time.Millisecond}),
					Message: adapters.Message{Body: []byte("x")},
					Judge:   func(adapters.Message) adapters.Judgement { judged.Add(1); return adapters.Judgement{} },
				})
				want(t, err, "")
				if d := time.Since(start); d != tt.took || attempts.Load() != tt.attempts || judged.Load() != 1 || string(m.Body) != "x" {
					t.Errorf("took %v, %d attempts, judged %d times, reply %q", d, attempts.Load(), judged.Load(), m.Body)
				}
				synctest.Wait()
				s := state(t, g, adapters.Closed)
				if s.Inflight != 0 || s.Totals.Failed != 0 || s.Totals.Hedged != uint64(tt.attempts-1) {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestHedgeFailures: a failure waits for the other attempt; without one it is the answer.
func TestHedgeFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second host
		want          string
	}{
		"fails before the second begins": {failing(adapters.Broken, adapters.InDoubt), echo, "broken in doubt"},
		"second is good":                 {after(200*time.Millisecond, failing(adapters.Broken, adapters.InDoubt)), after(200*time.Millisecond, echo), ""},
		"first is good":                  {after(200*time.Millisecond, echo), failing(adapters.Broken, adapters.InDoubt), ""},
		"both fail":                      {hanging, failing(adapters.Broken, adapters.InDoubt), "broken in doubt"},
		"first ends its goroutine": {func(context.Context, adapters.Message) (adapters.Message, error) {
			runtime.Goexit()
			return adapters.Message{}, nil
		}, echo, "internal in doubt"},
		"second panics": {after(200*time.Millisecond, echo), func(context.Context, adapters.Message) (adapters.Message, error) { panic("x") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				g := guard(t, host(func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
					if attempts.Add(1) == 1 {
						return tt.first(ctx, m)
					}
					return tt.second(ctx, m)
				}), adapters.GuardOptions{})
				_, err := g.Exchange(t.Context(), adapters.Call{Safe: true, Lane: lane(t, g, adapters.LaneOptions{Hedge: 100 * time.Millisecond})})
				want(t, err, tt.want)
				synctest.Wait()
				if s := g.State(); s.Inflight != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func after(d time.Duration, h host) host {
	return func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
		time.Sleep(d)
		return h(ctx, m)
	}
}

// TestHedgesHaveABudget and take no slot from others.
func TestHedgesHaveABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			attempts.Add(1)
			time.Sleep(time.Second)
			return m, nil
		}), adapters.GuardOptions{Max: 2})
		l := lane(t, g, adapters.LaneOptions{Hedge: 10 * time.Millisecond})
		for range 100 {
			_, err := g.Exchange(t.Context(), adapters.Call{Safe: true, Lane: l})
			want(t, err, "")
			time.Sleep(time.Second)
		}
		if n := attempts.Load(); n > 112 || n < 105 { // a hedge is a start too, and brings its tenth
			t.Errorf("%d attempts for 100 calls", n)
		}
		saved := g.State().Totals.Hedged
		for range 200 {
			want(t, call(g), "")
		}
		done := make(chan error)
		go func() { done <- call(g) }()
		synctest.Wait()
		_, err := g.Exchange(t.Context(), adapters.Call{Safe: true, Lane: l})
		want(t, err, "")
		if got := g.State().Totals.Hedged; got != saved {
			t.Error("hedged although no slot was free")
		}
		want(t, <-done, "")
	})
}
