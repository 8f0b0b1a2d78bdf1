// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// wild is a host of which anything may be expected. It counts how many exchanges run at once.
type wild struct {
	mu      sync.Mutex
	dice    *rand.Rand
	running atomic.Int64
	most    atomic.Int64
	good    atomic.Bool
}

func (w *wild) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(n)
}

func (w *wild) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	now := w.running.Add(1)
	defer w.running.Add(-1)
	for most := w.most.Load(); now > most && !w.most.CompareAndSwap(most, now); most = w.most.Load() {
	}
	if w.good.Load() {
		return m, nil
	}
	time.Sleep(time.Duration(w.roll(300)) * time.Millisecond)
	switch w.roll(10) {
	case 0:
		panic("wild")
	case 1:
		runtime.Goexit()
	case 2:
		return hanging(ctx, m)
	case 3:
		time.Sleep(20 * time.Second) // without a look at the context
	case 4, 5:
		kind := adapters.Kind(w.roll(int(adapters.Short) + 1))
		return adapters.Message{}, &adapters.Error{Kind: kind, Fate: adapters.Fate(w.roll(4))}
	case 6:
		return adapters.Message{}, errors.New("foreign")
	}
	return m, nil
}

// ping goes wrong in all the ways it can.
func (w *wild) ping() (adapters.Message, adapters.Judge, error) {
	judge := func(adapters.Message) adapters.Judgement { return adapters.Judgement{HostFailed: w.roll(2) == 0} }
	if w.good.Load() {
		return adapters.Message{}, nil, nil
	}
	switch w.roll(6) {
	case 0:
		panic("ping")
	case 1:
		runtime.Goexit()
	case 2:
		return adapters.Message{}, nil, errors.New("no ping")
	case 3:
		judge = func(adapters.Message) adapters.Judgement { panic("judge") }
	}
	return adapters.Message{}, judge, nil
}

// TestChaos: whatever hosts, callers and operators do, no slot is lost, the limit holds, every call
// is accounted for, and once the host is well again the guard lets calls through.
func TestChaos(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { chaos(t, seed) }) })
	}
}

func chaos(t *testing.T, seed uint64) {
	w := &wild{dice: rand.New(rand.NewPCG(seed, 1))}
	limit := 1 + w.roll(8)
	g := guard(t, w, adapters.GuardOptions{
		Max: limit, Queue: w.roll(20) - 1, Wait: time.Duration(w.roll(2000)-100) * time.Millisecond,
		Timeout: 2 * time.Second, Retries: w.roll(3), Adapt: w.roll(2) * limit,
		Breaker: adapters.BreakerOptions{
			Minimum: 1 + w.roll(20), SlowOver: time.Duration(w.roll(3)) * 500 * time.Millisecond,
			Open: 100 * time.Millisecond, Ramp: time.Duration(w.roll(2)) * time.Second,
		},
	})
	if seed%2 == 1 {
		g.SetPing(w.ping)
	}
	lanes := []*adapters.Lane{nil}
	for range 3 {
		lanes = append(lanes, lane(t, g, adapters.LaneOptions{
			Max: w.roll(limit + 1), High: w.roll(2) == 0, Retries: w.roll(4) - 1,
			Needs: time.Duration(w.roll(2)*w.roll(200)) * time.Millisecond, Hedge: time.Duration(w.roll(2)*w.roll(500)) * time.Millisecond,
		}))
	}
	var wg sync.WaitGroup
	for range 300 {
		time.Sleep(time.Duration(w.roll(60)) * time.Millisecond)
		ctx, cancel := context.WithCancel(t.Context())
		if w.roll(4) == 0 {
			time.AfterFunc(time.Duration(w.roll(500))*time.Millisecond, cancel)
		}
		switch w.roll(60) {
		case 0:
			g.Hold()
		case 1, 2:
			g.Release()
		}
		c := adapters.Call{Safe: w.roll(2) == 0, Timeout: time.Duration(w.roll(2)*w.roll(3000)) * time.Millisecond}
		c.Lane, c.Client = lanes[w.roll(len(lanes))], fmt.Sprint(w.roll(5))
		if w.roll(3) == 0 {
			c.Judge = func(adapters.Message) adapters.Judgement { return adapters.Judgement{HostFailed: w.roll(3) == 0} }
		}
		wg.Go(func() {
			defer cancel()
			_, err := g.Exchange(ctx, c)
			var e *adapters.Error
			if err != nil && (!errors.As(err, &e) || e.Backend != "core") {
				t.Errorf("error without a backend: %v", err)
			}
			_ = g.State()
		})
	}
	wg.Wait()
	w.good.Store(seed%2 == 1) // pings would go on
	g.Release()
	time.Sleep(time.Minute) // for attempts that nobody waited for any more
	s := g.State()
	if s.Inflight != 0 || s.Waiting != 0 {
		t.Errorf("%d slots and %d waiters left", s.Inflight, s.Waiting)
	}
	if n := s.Totals; n.Started != n.Succeeded+n.Failed+n.Excluded {
		t.Errorf("calls are missing: %+v", n)
	}
	if most := int(w.most.Load()); most > limit {
		t.Errorf("%d exchanges ran at once, limit %d", most, limit)
	}
	w.good.Store(true)
	if s.Breaker == adapters.Opened {
		time.Sleep(time.Until(s.Until))
	}
	want(t, call(g), "")
	state(t, g, adapters.Closed)
}
