// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
)

// patience is a deadline that a test does not mean to reach.
const patience = time.Minute

// Setup is a running host and an adapter that talks to it.
type Setup struct {
	Adapter adapters.Adapter
	// Ledger counts the whole requests the host saw.
	Ledger *Ledger
	// Stop ends the host; afterwards it cannot be reached.
	Stop func()
	// Ended, if set, waits until the adapter has noticed that its connection ended: for those that do not look before they
	// use it.
	Ended func()
}

// Want is how an exchange must end.
type Want struct {
	Kind adapters.Kind
	Fate adapters.Fate
}

// Harness connects the contract suite to one wire.
type Harness struct {
	// New starts a host that follows script, and an adapter. Both end with the test.
	New func(t testing.TB, script Script) Setup
	// Without names acts that the wire does not have, and why.
	Without map[Act]string
	// Ends overrides how an act ends, where the wire gives better or worse evidence.
	Ends map[Act]Want
	// LateRuns is how many exchanges race against late replies; 0 means 20,000, a tenth with -short.
	LateRuns int
	// Correlates says that replies find their requests by ids: the race then has replies that come twice, and replies to
	// nobody.
	Correlates bool
}

// Run checks everything that an adapter promises.
func Run(t *testing.T, h Harness) {
	leaks := goleak.IgnoreCurrent()
	t.Run("clean", h.clean)
	t.Run("sizes", h.sizes)
	t.Run("concurrent", h.concurrent)
	t.Run("faults", h.faults)
	t.Run("tricky replies", h.tricky)
	t.Run("N10 total deadline", h.totalDeadline)
	t.Run("no time", h.noTime)
	t.Run("cancel", h.cancel)
	t.Run("N11 late replies", h.lateReplies)
	t.Run("close", h.close)
	t.Run("stopped host", h.stopped)
	goleak.VerifyNone(t, leaks)
}

// once answers the first request with the step and echoes the others.
func once(s Step) Script {
	return func(n int, _ []byte) Step {
		if n == 0 {
			return s
		}
		return Step{}
	}
}

func exchange(t *testing.T, s Setup, body []byte, timeout time.Duration) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	m, err := s.Adapter.Exchange(ctx, adapters.Message{Body: body})
	return m.Body, err
}

// mustEcho makes one exchange that has to work.
func mustEcho(t *testing.T, s Setup, body []byte) []byte {
	t.Helper()
	got, err := exchange(t, s, body, patience)
	if err != nil {
		t.Fatalf("exchange: %v", err)
	}
	if !bytes.Equal(got, body) {
		t.Fatalf("got %d bytes back that are not the %d sent", len(got), len(body))
	}
	return got
}

func mustFail(t *testing.T, err error, w Want) {
	t.Helper()
	var e *adapters.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *adapters.Error", err)
	}
	if e.Kind != w.Kind || e.Fate != w.Fate {
		t.Errorf("got %v (%v), want %v (%v): %v", e.Kind, e.Fate, w.Kind, w.Fate, err)
	}
}

// body is a message of n bytes, each number another.
func body(number, n int) []byte {
	b := make([]byte, max(n, 8))
	binary.BigEndian.PutUint64(b, uint64(number)+0x40404040_00000000)
	for i := 8; i < len(b); i++ {
		b[i] = byte(i*7 + number)
	}
	return b
}

func (h Harness) clean(t *testing.T) {
	s := h.New(t, func(int, []byte) Step { return Step{} })
	var kept, want [][]byte
	for i := range 20 {
		b := body(i, 300)
		want = append(want, bytes.Clone(b))
		kept = append(kept, mustEcho(t, s, b))
		if !bytes.Equal(b, want[i]) {
			t.Fatal("the adapter changed the request")
		}
		clear(b)
	}
	for i := range kept {
		if !bytes.Equal(kept[i], want[i]) {
			t.Fatal("a reply changed after it was handed out")
		}
		if s.Ledger.Times(want[i]) != 1 {
			t.Errorf("request %d was seen %d times", i, s.Ledger.Times(want[i]))
		}
	}
	if p, ok := s.Adapter.(adapters.Prober); ok {
		if err := p.Probe(t.Context()); err != nil {
			t.Errorf("probe: %v", err)
		}
		if got := s.Ledger.Total(); got != len(want) {
			t.Errorf("the probe did work on the host: %d requests", got)
		}
	}
}

func (h Harness) sizes(t *testing.T) {
	s := h.New(t, func(int, []byte) Step { return Step{} })
	for _, n := range []int{1, 2, 3, 4, 4091, 4092, 4093, 4096, 16379, 16380, 16381, 32000} {
		mustEcho(t, s, body(n, n)[:n])
	}
}

func (h Harness) concurrent(t *testing.T) {
	s := h.New(t, func(n int, _ []byte) Step { return Step{After: time.Duration(n%3) * time.Millisecond} })
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 25 {
				b := body(w*1000+i, 64+i)
				got, err := s.Adapter.Exchange(t.Context(), adapters.Message{Body: b})
				if err != nil || !bytes.Equal(got.Body, b) || s.Ledger.Times(b) != 1 {
					t.Errorf("worker %d, exchange %d: seen %d times, %v", w, i, s.Ledger.Times(b), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// faults: each ends as it must, the host saw the request once, and the next exchange is a clean one.
func (h Harness) faults(t *testing.T) {
	inDoubt := Want{adapters.Broken, adapters.InDoubt}
	timeout := Want{adapters.Timeout, adapters.InDoubt}
	unreadable := Want{adapters.Framing, adapters.Applied}
	for _, tt := range []struct {
		name string
		step Step
		want Want
		// short exchanges are meant to run out of time.
		short bool
	}{
		{"end before the reply", Step{Do: CutBefore}, inDoubt, false},
		{"break before the reply", Step{Do: ResetBefore}, inDoubt, false},
		{"host's direction ends", Step{Do: HalfClose}, inDoubt, false},
		{"no reply", Step{Do: Never}, timeout, true},
		{"end after one byte", Step{Do: CutWithin, Bytes: 1}, unreadable, false},
		{"end within the reply", Step{Do: CutWithin, Bytes: 30}, unreadable, false},
		{"silence within the reply", Step{Do: StallWithin, Bytes: 30}, timeout, true},
		{"garbage", Step{Do: Garbage}, unreadable, false},
		{"length 0", Step{Do: BadLength, Length: 0}, unreadable, false},
		{"length 2^31-1", Step{Do: BadLength, Length: 1<<31 - 1}, unreadable, false},
		{"length 2^32-1", Step{Do: BadLength, Length: 1<<32 - 1}, unreadable, false},
		{"endless reply", Step{Do: Endless, Length: 1<<32 - 1}, unreadable, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.skip(t, tt.step.Do)
			s := h.New(t, once(tt.step))
			want := tt.want
			if w, ok := h.Ends[tt.step.Do]; ok {
				want = w
			}
			first := body(1, 60)
			ask := func(limit time.Duration) error {
				_, err := exchange(t, s, first, limit)
				return err
			}
			if tt.short {
				mustFail(t, OutOfTime(s.Ledger, first, ask), want)
			} else {
				mustFail(t, ask(patience), want)
			}
			mustEcho(t, s, body(2, 60))
			if got := s.Ledger.Times(first); got != 1 {
				t.Errorf("the host saw the request %d times", got)
			}
		})
	}
}

func (h Harness) skip(t *testing.T, a Act) {
	t.Helper()
	if why, ok := h.Without[a]; ok {
		t.Skipf("%s: %s", a, why)
	}
}

// tricky replies are right, but what comes with them must not reach the next exchange.
func (h Harness) tricky(t *testing.T) {
	for name, step := range map[string]Step{
		"N09 drip":             {Do: Drip, Gap: 5 * time.Millisecond},
		"N12 two replies":      {Do: Twice},
		"N12 unsolicited":      {Do: Chatter},
		"N12 unsolicited late": {Do: Chatter, Gap: 2 * time.Millisecond},
		"end after the reply":  {Do: ReplyAndEnd},
	} {
		t.Run(name, func(t *testing.T) {
			h.skip(t, step.Do)
			taken, over := make(chan struct{}), make(chan struct{})
			step.Taken, step.Done = taken, func() { close(over) }
			s := h.New(t, once(step))
			mustEcho(t, s, body(1, 60))
			close(taken)
			<-over
			if step.Do == ReplyAndEnd && s.Ended != nil {
				s.Ended()
			}
			time.Sleep(50 * time.Millisecond) // what is on its way arrives
			for i := range 5 {
				mustEcho(t, s, body(2+i, 60))
			}
			if got := s.Ledger.Total(); got != 6 {
				t.Errorf("the host saw %d requests, want 6", got)
			}
		})
	}
}

// totalDeadline: a reply that never pauses for long is cut all the same.
func (h Harness) totalDeadline(t *testing.T) {
	h.skip(t, Drip)
	s := h.New(t, once(Step{Do: Drip, Gap: 10 * time.Millisecond}))
	first := body(1, 2000)
	// A deadline that is moved by every byte would let the whole reply come, seconds later.
	err := OutOfTime(s.Ledger, first, func(limit time.Duration) error {
		_, err := exchange(t, s, first, limit)
		return err
	})
	mustFail(t, err, Want{adapters.Timeout, adapters.InDoubt})
	mustEcho(t, s, body(2, 60))
}

func (h Harness) noTime(t *testing.T) {
	s := h.New(t, func(int, []byte) Step { return Step{} })
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err := s.Adapter.Exchange(ctx, adapters.Message{Body: body(1, 60)})
	mustFail(t, err, Want{adapters.Timeout, adapters.NotSent})
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	_, err = s.Adapter.Exchange(ctx, adapters.Message{Body: body(1, 60)})
	mustFail(t, err, Want{adapters.Canceled, adapters.NotSent})
	if got := s.Ledger.Total(); got != 0 {
		t.Errorf("the host saw %d requests", got)
	}
}

func (h Harness) cancel(t *testing.T) {
	h.skip(t, Never)
	held := make(chan struct{})
	s := h.New(t, func(n int, _ []byte) Step {
		if n == 0 {
			close(held)
			return Step{Do: Never}
		}
		return Step{}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-held
		cancel()
	}()
	_, err := s.Adapter.Exchange(ctx, adapters.Message{Body: body(1, 60)})
	mustFail(t, err, Want{adapters.Canceled, adapters.InDoubt})
	mustEcho(t, s, body(2, 60))
}

// lateReplies: whatever comes when, nobody gets the reply to somebody else's request.
func (h Harness) lateReplies(t *testing.T) {
	runs := h.LateRuns
	if runs == 0 {
		runs = 20_000
	}
	if testing.Short() {
		runs /= 10
	}
	if n, err := strconv.Atoi(os.Getenv("LINTEL_LATE_RUNS")); err == nil {
		runs = n
	}
	// The deadline is as short as this machine allows today: half of a small sample must make it.
	limit := 2 * time.Millisecond
	for h.race(t, 100, limit) < 50 && limit < time.Second {
		limit *= 2
	}
	right := h.race(t, runs, limit)
	t.Logf("%d of %d replies within %v", right, runs, limit)
	if right == 0 || right == runs {
		t.Error("the race did not happen")
	}
}

// race makes exchanges whose replies come around the deadline, and returns how many came in time.
func (h Harness) race(t *testing.T, runs int, limit time.Duration) int {
	t.Helper()
	s := h.New(t, func(int, []byte) Step {
		switch n := rand.IntN(16); {
		case n < 4:
			return Step{After: limit/2 + rand.N(limit)}
		case n == 4 && h.Correlates:
			return Step{Do: Twice, After: rand.N(limit)}
		case n == 5 && h.Correlates:
			return Step{Do: Chatter, After: rand.N(limit)}
		}
		return Step{}
	})
	var next, right atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(runs) && !t.Failed(); n = next.Add(1) {
				b := body(int(n), 40)
				got, err := exchange(t, s, b, limit)
				if err == nil {
					right.Add(1)
					if !bytes.Equal(got, b) {
						t.Errorf("run %d got a reply that is not its own", n)
					}
				}
				if times := s.Ledger.Times(b); times > 1 {
					t.Errorf("run %d was sent %d times", n, times)
				}
			}
		})
	}
	wg.Wait()
	s.Stop()
	return int(right.Load())
}

func (h Harness) close(t *testing.T) {
	h.skip(t, Never)
	held := make(chan struct{})
	s := h.New(t, once(Step{Do: Never}))
	c, ok := s.Adapter.(io.Closer)
	if !ok {
		t.Skip("this adapter has nothing to close")
	}
	var err error
	go func() {
		defer close(held)
		_, err = s.Adapter.Exchange(t.Context(), adapters.Message{Body: body(1, 60)})
	}()
	for s.Ledger.Total() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	<-held
	mustFail(t, err, Want{adapters.Broken, adapters.InDoubt})
	_, err = exchange(t, s, body(2, 60), patience)
	mustFail(t, err, Want{adapters.Unreachable, adapters.NotSent})
}

func (h Harness) stopped(t *testing.T) {
	s := h.New(t, func(int, []byte) Step { return Step{} })
	mustEcho(t, s, body(1, 60))
	s.Stop()
	for n := range 3 {
		_, err := exchange(t, s, body(2, 60), patience)
		var e *adapters.Error
		if n == 0 && errors.As(err, &e) && e.Kind == adapters.Broken && e.Fate == adapters.InDoubt {
			continue // the end of the connection that was open had not come through yet: nobody can know
		}
		mustFail(t, err, Want{adapters.Unreachable, adapters.NotSent})
	}
	if p, ok := s.Adapter.(adapters.Prober); ok {
		mustFail(t, p.Probe(t.Context()), Want{adapters.Unreachable, adapters.NotSent})
	}
}
