// SPDX-License-Identifier: Apache-2.0

package queue_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/adapters/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// link is a connection that can be lost.
type link struct {
	once sync.Once
	lost chan struct{}
}

func newLink() *link { return &link{lost: make(chan struct{})} }

func (l *link) Lose(error) { l.once.Do(func() { close(l.lost) }) }

func (l *link) Lost() bool {
	select {
	case <-l.lost:
		return true
	default:
		return false
	}
}

// TestKeeper: one link for all, made anew after a loss; between attempts that failed nobody waits.
func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail, attempts := false, 0
		k := queue.NewKeeper(func(context.Context) (*link, error) {
			attempts++
			time.Sleep(time.Second)
			if fail {
				return nil, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Config, Detail: "no"}
			}
			return newLink(), nil
		}, 0)
		var wg sync.WaitGroup
		got := make([]*link, 10)
		for i := range got {
			wg.Go(func() { got[i], _ = k.Get(t.Context()) })
		}
		wg.Wait()
		for _, l := range got {
			if l != got[0] || l == nil {
				t.Fatal("several links")
			}
		}
		if attempts != 1 {
			t.Errorf("%d attempts", attempts)
		}
		got[0].Lose(nil)
		if _, held := k.Held(); held {
			t.Error("a lost link is held")
		}
		fail = true
		pauses := []time.Duration{}
		for range 3 {
			_, err := k.Get(t.Context())
			var e *adapters.Error
			if !errors.As(err, &e) || e.Kind != adapters.Config {
				t.Fatal(err)
			}
			_, err = k.Get(t.Context()) // at once
			if !errors.As(err, &e) || e.RetryAfter <= 0 {
				t.Fatalf("%v, after %v", err, e.RetryAfter)
			}
			pauses = append(pauses, e.RetryAfter)
			time.Sleep(e.RetryAfter)
		}
		if pauses[0] > 100*time.Millisecond || pauses[2] < 200*time.Millisecond {
			t.Errorf("pauses %v", pauses)
		}
		fail = false
		if l, err := k.Get(t.Context()); err != nil || l == got[0] {
			t.Errorf("%v, %v", l, err)
		}
		if made, failed := k.Counts(); made != 2 || failed != 3 {
			t.Errorf("%d made, %d failed", made, failed)
		}
		k.Close()
		k.Close()
		if _, err := k.Get(t.Context()); err == nil {
			t.Error("a closed keeper gives a link")
		}
	})
}

// TestKeeperPatience: who waits for a connection waits no longer than allowed, and a close ends what is made meanwhile.
func TestKeeperPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := newLink()
		k := queue.NewKeeper(func(context.Context) (*link, error) {
			time.Sleep(time.Minute)
			return made, nil
		}, 2*time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := k.Get(ctx)
		var e *adapters.Error
		if !errors.As(err, &e) || e.Kind != adapters.Unreachable || e.Fate != adapters.NotSent {
			t.Errorf("got %v", err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := k.Get(gone); !errors.As(err, &e) || e.Kind != adapters.Canceled {
			t.Errorf("got %v", err)
		}
		k.Close()
		if !made.Lost() {
			t.Error("a link that was made after the close is kept")
		}
	})
}

func TestWaiters(t *testing.T) {
	var w queue.Waiters[int, string]
	came := 0
	ch := w.Wait(1, func() { came++ })
	if !w.Waits(1) || w.Waits(2) || w.Give(2, "x") {
		t.Error("who waits is not known")
	}
	if !w.Give(1, "a") || w.Give(1, "b") || came != 1 {
		t.Error("a wait has two replies, or none")
	}
	if got, ok := queue.Already(ch); !ok || got != "a" {
		t.Errorf("%q, %t", got, ok)
	}
	if _, ok := queue.Already(ch); ok {
		t.Error("a reply came twice")
	}
	w.Wait(3, nil)
	w.Forget(3)
	if w.Give(3, "x") {
		t.Error("who was forgotten gets a reply")
	}
}

func TestTrace(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx := adapters.WithTrace(t.Context(), adapters.TraceContext{Parent: parent, State: "a=b"})
	m := adapters.Message{Properties: map[string]any{"x": int64(1)}}
	got := queue.Traced(ctx, m)
	if len(m.Properties) != 1 || got.Properties["x"] != int64(1) {
		t.Errorf("%v, %v", m.Properties, got.Properties)
	}
	if diff := cmp.Diff(adapters.TraceContext{Parent: parent, State: "a=b"}, queue.TraceOf(got)); diff != "" {
		t.Error(diff)
	}
	if again := queue.Traced(adapters.WithTrace(ctx, adapters.TraceContext{Parent: "other"}), got); queue.TraceOf(again).Parent != parent {
		t.Error("what a transform set is written over")
	}
	if p := queue.Traced(t.Context(), m).Properties; len(p) != 1 {
		t.Errorf("without a trace %v", p)
	}
	for _, bad := range []string{"", "x", parent + "0", parent[:54] + "\n"} {
		if got := queue.TraceOf(adapters.Message{Properties: map[string]any{"application.traceparent": bad}}); got.Parent != "" {
			t.Errorf("%q is taken for a trace", bad)
		}
	}
	if got := queue.TraceOf(adapters.Message{Properties: map[string]any{"application.traceparent": parent, "application.tracestate": "a\r\nb"}}); got.Parent != parent || got.State != "" {
		t.Errorf("%+v", got)
	}
}

func TestPlain(t *testing.T) {
	for _, test := range []struct{ in, want any }{
		{"a", "a"},
		{true, true},
		{[]byte{1}, []byte{1}},
		{int64(-1), int64(-1)},
		{int8(-1), int64(-1)},
		{int16(-2), int64(-2)},
		{int32(-3), int64(-3)},
		{uint8(1), int64(1)},
		{uint16(2), int64(2)},
		{uint32(3), int64(3)},
		{uint64(4), int64(4)},
		{uint64(math.MaxUint64), "18446744073709551615"},
		{float32(0.1), "0.1"},
		{0.1, "0.1"},
		{nil, nil},
		{struct{}{}, nil},
	} {
		got, ok := queue.Plain(test.in)
		if diff := cmp.Diff(test.want, got); diff != "" || ok != (test.want != nil) {
			t.Errorf("%v (%T): %s", test.in, test.in, diff)
		}
	}
	if _, ok := queue.Whole(int64(5), 0, 4); ok {
		t.Error("5 is taken for 0 to 4")
	}
}
