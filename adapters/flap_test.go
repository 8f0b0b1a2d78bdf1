// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// TestB10Flapping: a host that is up for a second and down for one, for ten minutes. The times for which the breaker is open
// grow to the longest, none is like another, and what comes to the host is hardly more than the calls that were let through.
func TestB10Flapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts, through, refused atomic.Int64
		began := time.Now()
		end := began.Add(10 * time.Minute)
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			attempts.Add(1)
			time.Sleep(5 * time.Millisecond)
			if time.Since(began)/time.Second%2 == 1 {
				return adapters.Message{}, &adapters.Error{Kind: adapters.Unreachable, Fate: adapters.NotSent}
			}
			return m, nil
		}), adapters.GuardOptions{Retries: 2})
		for range 8 {
			go func() {
				for time.Now().Before(end) {
					var e *adapters.Error
					if err := call(g); errors.As(err, &e) && (e.Kind == adapters.Open || e.Kind == adapters.Busy) {
						refused.Add(1)
					} else {
						through.Add(1)
					}
					time.Sleep(40 * time.Millisecond)
				}
			}()
		}
		var opened []time.Duration
		var last time.Time
		for ; time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if s := g.State(); s.Breaker == adapters.Opened && !s.Since.Equal(last) {
				last = s.Since
				opened = append(opened, s.Until.Sub(s.Since))
			}
		}
		time.Sleep(time.Second) // for those who call
		if a, c := attempts.Load(), through.Load(); a > c*11/10 || c > refused.Load()/10 {
			t.Errorf("%d attempts for %d calls, %d were refused", a, c, refused.Load())
		}
		if len(opened) < 10 {
			t.Fatalf("it was open %d times", len(opened))
		}
		for i, d := range opened {
			least := min(adapters.DefaultOpen<<i, 4*adapters.DefaultOpen)
			if d < least || d > least*6/5 {
				t.Errorf("it was open for %s at first, then %s: the next is %s", opened[0], opened[1:i], d)
			}
		}
		slices.Sort(opened)
		if n := len(slices.Compact(opened)); n < len(opened) {
			t.Errorf("of %d times only %d differ", len(opened), n)
		}
	})
}

// TestB10HalfUp: of what comes to a host that is up for half of the time, as much is in vain as the breaker's share of failures
// allows, and hardly more; with a small share it is at most a tenth of what is useful.
func TestB10HalfUp(t *testing.T) {
	for _, failures := range []int64{50, 20, 5, 2} {
		synctest.Test(t, func(t *testing.T) {
			var attempts, useful atomic.Int64
			began := time.Now()
			end := began.Add(10 * time.Minute)
			if failures == 2 { // so near its bound that the jitter of the breaker counts
				end = end.Add(20 * time.Minute)
			}
			g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
				attempts.Add(1)
				time.Sleep(5 * time.Millisecond)
				if time.Since(began)/time.Second%2 == 1 {
					return adapters.Message{}, &adapters.Error{Kind: adapters.Unreachable, Fate: adapters.NotSent}
				}
				useful.Add(1)
				return m, nil
			}), adapters.GuardOptions{Retries: 2, Breaker: adapters.BreakerOptions{Failures: int(failures)}})
			var wg sync.WaitGroup
			for range 32 {
				wg.Go(func() {
					for time.Now().Before(end) {
						_ = call(g)
						time.Sleep(40 * time.Millisecond)
					}
				})
			}
			wg.Wait()
			a, u := attempts.Load(), useful.Load()
			if u < 1000 || a*10*(100-failures) > u*11*100 {
				t.Errorf("failures %d%%: %d attempts, %d useful", failures, a, u)
			}
			if failures == 2 && a*10 > u*11 {
				t.Errorf("%d attempts are more than 1.1 for each of %d that are useful", a, u)
			}
		})
	}
}
