// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// mill is a host with so many programs that each work on one request for the same time; further
// requests wait inside it.
type mill struct {
	programs chan struct{}
	work     atomic.Int64
}

func newMill(programs int, work time.Duration) *mill {
	m := &mill{programs: make(chan struct{}, programs)}
	m.work.Store(int64(work))
	return m
}

func (h *mill) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	select {
	case h.programs <- struct{}{}:
	case <-ctx.Done():
		return hanging(ctx, m)
	}
	time.Sleep(time.Duration(h.work.Load()))
	<-h.programs
	return m, nil
}

// result counts how the calls of one source ended.
type result struct {
	mu             sync.Mutex
	good, refused  int
	slow, rejected []time.Duration
}

func (r *result) add(err error, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.good++
		r.slow = append(r.slow, took)
		return
	}
	r.refused++
	r.rejected = append(r.rejected, took)
}

// p99 is the 99th percentile of durations.
func p99(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[(len(d)*99-1)/100]
}

// load makes calls at a rate for so long and waits until they have ended.
func load(g *adapters.Guard, c adapters.Call, every, length time.Duration, clients func(n int) string) *result {
	r := &result{}
	var wg sync.WaitGroup
	for n := range int(length / every) {
		call := c
		if clients != nil {
			call.Client = clients(n)
		}
		wg.Go(func() {
			start := time.Now()
			_, err := g.Exchange(context.Background(), call)
			r.add(err, time.Since(start))
		})
		time.Sleep(every)
	}
	wg.Wait()
	return r
}

func lane(t *testing.T, g *adapters.Guard, o adapters.LaneOptions) *adapters.Lane {
	t.Helper()
	l, err := g.NewLane(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestB11Overload: at ten times what the host can do, it still does its work, those who are served are
// served in time, and the others know at once or after the wait.
func TestB11Overload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 8 programs of 10 ms: 800 a second.
		g := guard(t, newMill(8, 10*time.Millisecond), adapters.GuardOptions{Max: 8, Queue: 8})
		r := load(g, adapters.Call{}, 125*time.Microsecond, 5*time.Second, nil)
		if peak := 800 * 5; r.good < peak*9/10 {
			t.Errorf("%d good of %d possible", r.good, peak)
		}
		if d := p99(r.slow); d > 20*time.Millisecond {
			t.Errorf("served within %v", d)
		}
		if d := p99(r.rejected); d > 5*time.Millisecond {
			t.Errorf("refused after %v", d)
		}
		state(t, g, adapters.Closed)
	})
}

func TestB12CriticalOperationUnderOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, newMill(8, 10*time.Millisecond), adapters.GuardOptions{Max: 8, Queue: 16})
		high := lane(t, g, adapters.LaneOptions{High: true})
		var critical *result
		var wg sync.WaitGroup
		wg.Go(func() { critical = load(g, adapters.Call{Lane: high}, 12500*time.Microsecond, 5*time.Second, nil) })
		wg.Go(func() { load(g, adapters.Call{}, 125*time.Microsecond, 5*time.Second, nil) })
		wg.Wait()
		if critical.refused > 0 {
			t.Errorf("%d critical calls were refused, %d were not", critical.refused, critical.good)
		}
	})
}

func TestB13OneClientFloods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, newMill(8, 10*time.Millisecond), adapters.GuardOptions{Max: 8, Queue: 32})
		var others, flood *result
		var wg sync.WaitGroup
		wg.Go(func() { flood = load(g, adapters.Call{Client: "flood"}, 125*time.Microsecond, 5*time.Second, nil) })
		wg.Go(func() {
			others = load(g, adapters.Call{}, 5*time.Millisecond, 5*time.Second, func(n int) string { return fmt.Sprint(n % 10) })
		})
		wg.Wait()
		if others.refused > 0 {
			t.Errorf("%d calls of others were refused, %d were not", others.refused, others.good)
		}
		if d := p99(others.slow); d > 30*time.Millisecond {
			t.Errorf("others were served within %v", d)
		}
		// What others leave is the flood's.
		if all := flood.good + others.good; all < 800*5*9/10 {
			t.Errorf("%d calls were served", all)
		}
	})
}

// TestOneOperationFloods from many clients: the other one is served all the same.
func TestOneOperationFloods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, newMill(8, 10*time.Millisecond), adapters.GuardOptions{Max: 8, Queue: 32})
		list, pay := lane(t, g, adapters.LaneOptions{}), lane(t, g, adapters.LaneOptions{})
		var paid *result
		var wg sync.WaitGroup
		wg.Go(func() {
			load(g, adapters.Call{Lane: list}, 125*time.Microsecond, 5*time.Second, func(n int) string { return fmt.Sprint(n) })
		})
		wg.Go(func() {
			paid = load(g, adapters.Call{Lane: pay}, 5*time.Millisecond, 5*time.Second, func(n int) string { return fmt.Sprint(n) })
		})
		wg.Wait()
		if paid.refused > 0 {
			t.Errorf("%d calls were refused, %d were not", paid.refused, paid.good)
		}
	})
}

// TestQueueTakesTurns between lanes and clients, and sends away those who have most.
func TestQueueTakesTurns(t *testing.T) {
	for _, tt := range []struct{ name, calls, order string }{
		{"one client in order", "a1 a1 a1", "a1.0 a1.1 a1.2"},
		{"clients take turns", "a1 a1 a1 a2 a3", "a1.0 a2.3 a3.4 a1.1 a1.2"},
		{"lanes take turns, whatever their clients", "a1 a2 a3 b1", "a1.0 b1.3 a2.1 a3.2"},
		{"high before all", "a1 a1 h1 h2", "h1.2 h2.3 a1.0 a1.1"},
		{"the longest line gives way", "a1 a1 a1 a1 a1 a2", "a1.0 a2.5 a1.1 a1.2 a1.3"},
		{"the longest lane gives way", "a1 a2 a3 a4 a5 b1", "a1.0 b1.5 a2.1 a3.2 a4.3"},
		{"normal gives way to high", "a1 a2 b1 b2 b3 h1", "h1.5 a1.0 b1.2 a2.1 b2.3"},
		{"nobody gives way to one who has as much", "a1 a2 b1 b2 b3 b4", "a1.0 b1.2 a2.1 b2.3 b3.4"},
		{"high does not give way to normal", "h1 h2 h3 h4 h5 a1", "h1.0 h2.1 h3.2 h4.3 h5.4"},
	} {
		t.Run(tt.name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { takesTurns(t, tt.calls, tt.order) }) })
	}
}

// takesTurns puts calls, each a lane and a client, into a queue of five behind one slot.
func takesTurns(t *testing.T, calls, order string) {
	var mu sync.Mutex
	var got []string
	g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
		mu.Lock()
		got = append(got, string(m.Body))
		mu.Unlock()
		time.Sleep(10 * time.Millisecond)
		return m, nil
	}), adapters.GuardOptions{Max: 1, Queue: 5, Wait: time.Second})
	lanes := map[byte]*adapters.Lane{
		'a': lane(t, g, adapters.LaneOptions{}), 'b': lane(t, g, adapters.LaneOptions{}),
		'h': lane(t, g, adapters.LaneOptions{High: true}),
	}
	var wg sync.WaitGroup
	ask := func(l *adapters.Lane, client, name string) {
		wg.Go(func() {
			_, _ = g.Exchange(t.Context(), adapters.Call{Lane: l, Client: client, Message: adapters.Message{Body: []byte(name)}})
		})
		synctest.Wait()
	}
	ask(nil, "", "first")
	for n, c := range strings.Fields(calls) {
		ask(lanes[c[0]], c, fmt.Sprintf("%s.%d", c, n))
	}
	wg.Wait()
	if s := strings.Join(got[1:], " "); s != order {
		t.Errorf("order %s, want %s", s, order)
	}
	if s := g.State(); s.Waiting != 0 || s.Inflight != 0 {
		t.Errorf("%+v", s)
	}
}

// TestLaneLimit: an operation with a limit of its own leaves the other slots to the others.
func TestLaneLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, dead(time.Second), adapters.GuardOptions{Max: 4, Wait: 10 * time.Second, Timeout: 20 * time.Second})
		one := lane(t, g, adapters.LaneOptions{Max: 1})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, err := g.Exchange(t.Context(), adapters.Call{Lane: one})
				want(t, err, "")
			})
		}
		synctest.Wait()
		start := time.Now()
		for range 3 {
			wg.Go(func() { want(t, call(g), "") })
		}
		synctest.Wait()
		if s := g.State(); s.Inflight != 4 || s.Waiting != 2 {
			t.Errorf("%d run, %d wait", s.Inflight, s.Waiting)
		}
		wg.Wait()
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("one after the other took %v", d)
		}
	})
}

func TestLaneOptions(t *testing.T) {
	g := guard(t, host(echo), adapters.GuardOptions{})
	for name, o := range map[string]adapters.LaneOptions{
		"negative max": {Max: -1}, "many slots": {Max: 1 << 20}, "negative needs": {Needs: -1},
		"negative hedge": {Hedge: -1}, "many retries": {Retries: 3},
	} {
		if _, err := g.NewLane(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestB15TooLittleTime: what cannot finish is not begun, by declaration and by experience.
func TestB15TooLittleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		g := guard(t, host(func(_ context.Context, m adapters.Message) (adapters.Message, error) {
			calls++
			time.Sleep(50 * time.Millisecond)
			return m, nil
		}), adapters.GuardOptions{Max: 1, Wait: time.Second})
		ask := func(l *adapters.Lane, left time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			defer cancel()
			_, err := g.Exchange(ctx, adapters.Call{Lane: l, Safe: true})
			return err
		}
		declared := lane(t, g, adapters.LaneOptions{Needs: 50 * time.Millisecond})
		want(t, ask(declared, 5*time.Millisecond), "short not sent")
		want(t, ask(declared, 51*time.Millisecond), "")
		learned := lane(t, g, adapters.LaneOptions{})
		for range 10 {
			want(t, ask(learned, 100*time.Millisecond), "")
		}
		before := calls
		e := wantError(t, ask(learned, 5*time.Millisecond), "short not sent")
		if calls != before || e.RetryAfter <= 0 {
			t.Errorf("%d calls reached the host, retry after %v", calls-before, e.RetryAfter)
		}
		// The wait for a slot takes its part: what is left when it comes is too little.
		var wg sync.WaitGroup
		wg.Go(func() { want(t, call(g), "") })
		synctest.Wait()
		want(t, ask(learned, 80*time.Millisecond), "short not sent")
		wg.Wait()
		if s := g.State().Totals; s.Short != 3 {
			t.Errorf("%+v", s)
		}
		// What was learned is forgotten.
		time.Sleep(time.Minute)
		err := ask(learned, 5*time.Millisecond)
		var failure *adapters.Error
		if errors.As(err, &failure) && failure.Kind == adapters.Short {
			t.Error("still refused a minute later")
		}
	})
}

// TestB16HostGetsSlower: the limit follows what the host can do, and stays there.
func TestB16HostGetsSlower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMill(16, 10*time.Millisecond)
		g := guard(t, h, adapters.GuardOptions{Max: 64, Adapt: 2, Queue: 64})
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range 100 { // as many as there is room for, and more
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
						if call(g) != nil {
							time.Sleep(time.Millisecond)
						}
					}
				}
			})
		}
		settled := func(low, high int) {
			t.Helper()
			least, most := 1<<20, 0
			for range 50 {
				time.Sleep(100 * time.Millisecond)
				l := g.State().Limit
				least, most = min(least, l), max(most, l)
			}
			if least < low || most > high || (most-least)*5 > most+4 {
				t.Errorf("limit between %d and %d, want %d to %d and within a fifth", least, most, low, high)
			}
		}
		time.Sleep(5 * time.Second)
		settled(16, 40)
		for range 8 { // half of the programs stop
			h.programs <- struct{}{}
		}
		time.Sleep(5 * time.Second)
		settled(8, 22)
		close(done)
		wg.Wait()
		for range 8 {
			<-h.programs
		}
	})
}
