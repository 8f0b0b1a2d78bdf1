// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lintel/adapters"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// queue is a source in memory with a ledger.
type queue struct {
	mu       sync.Mutex
	waiting  []*adapters.Received
	settled  map[string][]adapters.Settlement
	order    []string
	forwards map[string][]adapters.Message
	fail     bool
	closed   bool
}

func newQueue(ids ...string) *queue {
	q := &queue{settled: map[string][]adapters.Settlement{}, forwards: map[string][]adapters.Message{}}
	for _, id := range ids {
		q.put(id)
	}
	return q
}

func (q *queue) put(id string) {
	m := &adapters.Received{ID: id, Message: adapters.Message{Body: []byte(id), Properties: map[string]any{"messageId": id, "deliveryCount": int64(0)}}}
	m.Delivery = &handle{q, m}
	q.waiting = append(q.waiting, m)
}

type handle struct {
	q *queue
	m *adapters.Received
}

func (h *handle) Forward(_ context.Context, to string, m adapters.Message) error {
	h.q.mu.Lock()
	defer h.q.mu.Unlock()
	if h.q.fail {
		return errors.New("the queue is full")
	}
	h.q.forwards[to] = append(h.q.forwards[to], m)
	return nil
}

// Bury implements adapters.Delivery.
func (h *handle) Bury(ctx context.Context, to string, properties map[string]any) error {
	properties = maps.Clone(properties)
	properties["messageId"] = h.m.Message.Properties["messageId"]
	return h.Forward(ctx, to, adapters.Message{Body: h.m.Message.Body, Properties: properties})
}

func (h *handle) Settle(_ context.Context, s adapters.Settlement) error {
	h.q.mu.Lock()
	defer h.q.mu.Unlock()
	h.q.settled[h.m.ID] = append(h.q.settled[h.m.ID], s)
	h.q.order = append(h.q.order, h.m.ID)
	return nil
}

func (q *queue) Receive(ctx context.Context) (*adapters.Received, error) {
	q.mu.Lock()
	if len(q.waiting) > 0 {
		m := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		return m, nil
	}
	q.mu.Unlock()
	<-ctx.Done()
	return nil, ctx.Err()
}

func (q *queue) Close() error { q.closed = true; return nil }

// play runs a listener on a queue until nothing happens any more, in a bubble of time.
func play(t *testing.T, q *queue, o Options) *Listener {
	t.Helper()
	o.Name, o.Source = "test", q
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx) }()
	time.Sleep(time.Hour)
	cancel()
	<-done
	if !q.closed {
		t.Error("the source is not closed")
	}
	return l
}

// reads makes jobs whose key is what stands before the dash of the body.
func reads(deliver func(id string) error) func(*adapters.Received) (Job, error) {
	return func(m *adapters.Received) (Job, error) {
		id := m.ID
		if id == "unreadable" {
			return Job{}, errors.New("no such record")
		}
		key, _, _ := strings.Cut(id, "-")
		return Job{Key: key, Deliver: func(context.Context) error { return deliver(id) }}, nil
	}
}

// TestOrder: messages of one key come one after the other, whatever fails in between, and all come.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		for i := range 200 {
			ids = append(ids, fmt.Sprintf("%c-%03d", 'a'+i%7, i))
		}
		q := newQueue(ids...)
		var mu sync.Mutex
		seen := map[string][]string{}
		tries := map[string]int{}
		l := play(t, q, Options{Workers: 3, Read: reads(func(id string) error {
			mu.Lock()
			defer mu.Unlock()
			tries[id]++
			if tries[id] == 1 && len(id)%2 == 1 && strings.HasSuffix(id, "5") {
				return errors.New("not now")
			}
			seen[id[:1]] = append(seen[id[:1]], id)
			return nil
		})})
		total := 0
		for key, got := range seen {
			total += len(got)
			if !slices.IsSorted(got) {
				t.Errorf("key %s: %v", key, got)
			}
		}
		if total != len(ids) || l.Stats().Results["done"] != uint64(len(ids)) || l.Stats().Open != 0 {
			t.Errorf("%d of %d delivered, %+v", total, len(ids), l.Stats())
		}
		if l.Stats().Results["retried"] == 0 {
			t.Error("nothing was tried again")
		}
	})
}

// TestPoison: what cannot be read, is refused or fails too often goes to the backout queue, or is given up.
func TestPoison(t *testing.T) {
	for _, backout := range []string{"", "BACKOUT"} {
		synctest.Test(t, func(t *testing.T) {
			q := newQueue("unreadable", "refused-1", "failing-1", "good-1", "later-1", "panic-1")
			tries := map[string]int{}
			var mu sync.Mutex
			begin := time.Now()
			var laterAt time.Duration
			l := play(t, q, Options{Workers: 6, Attempts: 4, Backout: backout, Read: reads(func(id string) error {
				mu.Lock()
				defer mu.Unlock()
				tries[id]++
				switch {
				case id == "refused-1":
					return &Refused{Why: "status 400"}
				case id == "failing-1":
					return errors.New("down")
				case id == "panic-1":
					panic("secret")
				case id == "later-1" && tries[id] == 1:
					return &Later{Why: "status 503", After: 30 * time.Second}
				case id == "later-1":
					laterAt = time.Since(begin)
				}
				return nil
			})})
			if diff := cmp.Diff(map[string]int{"refused-1": 1, "failing-1": 4, "good-1": 1, "later-1": 2, "panic-1": 4}, tries); diff != "" {
				t.Errorf("attempts (-want +got):\n%s", diff)
			}
			if laterAt < 30*time.Second || laterAt > time.Minute {
				t.Errorf("the second attempt came after %v, want 30s", laterAt)
			}
			want := adapters.Dead
			if backout != "" {
				want = adapters.Done
			}
			for _, id := range []string{"unreadable", "refused-1", "failing-1", "panic-1"} {
				if diff := cmp.Diff([]adapters.Settlement{want}, q.settled[id]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", id, diff)
				}
			}
			if backout == "" {
				if l.Stats().Results["dead"] != 4 {
					t.Errorf("%+v", l.Stats())
				}
				return
			}
			if got := len(q.forwards[backout]); got != 4 || l.Stats().Results["backout"] != 4 {
				t.Fatalf("%d messages in the backout queue, %+v", got, l.Stats())
			}
			for _, m := range q.forwards[backout] {
				why := fmt.Sprint(m.Properties["application.LintelReason"])
				if m.Properties["messageId"] == nil || m.Properties["application.LintelListener"] != "test" || strings.Contains(why, "secret") {
					t.Errorf("properties %v", m.Properties)
				}
			}
		})
	}
}

// TestFullBackout: poison that cannot be put away goes back; nothing is lost.
func TestFullBackout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("unreadable")
		q.fail = true
		play(t, q, Options{Backout: "B", Read: reads(nil)})
		if diff := cmp.Diff([]adapters.Settlement{adapters.Back}, q.settled["unreadable"]); diff != "" {
			t.Error(diff)
		}
	})
}

// TestDrain: at the end what runs finishes, what waits goes back, the last first, and every message is settled once.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("a-1", "a-2", "a-3", "a-4")
		l, err := New(Options{Name: "test", Source: q, Workers: 2, Grace: time.Minute, Read: reads(func(id string) error {
			time.Sleep(30 * time.Second)
			return nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); l.Run(ctx) }()
		time.Sleep(10 * time.Second)
		cancel()
		<-done
		want := map[string][]adapters.Settlement{"a-1": {adapters.Done}, "a-2": {adapters.Back}, "a-3": {adapters.Back}, "a-4": {adapters.Back}}
		if diff := cmp.Diff(want, q.settled); diff != "" {
			t.Errorf("settled (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a-1", "a-4", "a-3", "a-2"}, q.order); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

// TestGrace: a delivery that does not end in time is cut, and its message goes back.
func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("a-1")
		l, err := New(Options{
			Name: "test", Source: q, Timeout: time.Hour, Grace: 5 * time.Second,
			Read: func(*adapters.Received) (Job, error) {
				return Job{Deliver: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); l.Run(ctx) }()
		time.Sleep(time.Second)
		begin := time.Now()
		cancel()
		<-done
		if d := time.Since(begin); d != 5*time.Second {
			t.Errorf("it took %v", d)
		}
		if diff := cmp.Diff([]adapters.Settlement{adapters.Back}, q.settled["a-1"]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOptions(t *testing.T) {
	q := newQueue()
	for _, o := range []Options{{}, {Name: "x", Source: q}, {Name: "x", Source: q, Read: reads(nil), Workers: -1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	if got := slices.Sorted(maps.Keys(newQueue("a").settled)); len(got) != 0 {
		t.Error(got)
	}
}

// limited is a source that has to do without something.
type limited struct{ *queue }

func (limited) OnLimit(tell func(string)) { tell("the depth is not known") }

// TestLimited: what a source has to do without is in the log, with the name of the listener.
func TestLimited(t *testing.T) {
	var log strings.Builder
	o := Options{
		Name: "events", Source: limited{newQueue()}, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Read: func(*adapters.Received) (Job, error) { return Job{}, nil },
	}
	if _, err := New(o); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") || !strings.Contains(text, "listener=events") || !strings.Contains(text, "the depth is not known") {
		t.Errorf("log: %s", text)
	}
}
