// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/gateway/journal"
)

// Opener opens the same store again and again: what one closes, or loses by a crash, the next finds.
type Opener func(t *testing.T) journal.Store

// Entry makes an intent with a number of its own.
func Entry(n int) *journal.Entry {
	e := &journal.Entry{
		Operation: "transfer", Backend: "core", State: journal.Intent, Version: "v1", Owner: "one",
		Begun: at(n), Changed: at(n), Deadline: at(n).Add(time.Second),
		Who: []byte("who"), Request: []byte("request"),
	}
	binary.BigEndian.PutUint64(e.ID[:], uint64(n)+1)
	e.Fingerprint[0] = byte(n)
	return e
}

func at(n int) time.Time { return time.Unix(1_700_000_000+int64(n), 0) }

// change makes a change of an entry.
func change(e *journal.Entry, to journal.State) journal.Change {
	return journal.Change{ID: e.ID, To: to, At: e.Begun.Add(time.Minute), Proof: "test", Reply: []byte("reply of " + to.String())}
}

// Run runs the contract. start returns an Opener for a store of its own, empty at first.
func Run(t *testing.T, start func(t *testing.T) Opener) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open Opener)
	}{
		{"transitions", transitions},
		{"keeps everything", keeps},
		{"the same key at the same time (I02)", same},
		{"intents of a process that ended (I07)", ended},
		{"overdue intents", overdue},
		{"forgetting (I17)", forgetting},
		{"steps", steps},
		{"fences", fences},
		{"attempts", attempts},
		{"lists", lists},
		{"heads", heads},
		{"stock", stock},
		{"telling", telling},
		{"many at once", many},
		{"epoch (I15)", epoch},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, start(t)) })
	}
}

func opened(t *testing.T, open Opener) journal.Store {
	t.Helper()
	s := open(t)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func insert(t *testing.T, s journal.Store, e *journal.Entry) {
	t.Helper()
	there, err := s.Insert(t.Context(), e)
	if err != nil || there != nil {
		t.Fatalf("insert: %v, %v", there, err)
	}
}

func state(t *testing.T, s journal.Store, id journal.ID) journal.State {
	t.Helper()
	e, err := s.Get(t.Context(), id)
	must(t, err)
	if e == nil {
		return 0
	}
	return e.State
}

// transitions tries every move from every state.
func transitions(t *testing.T, open Opener) {
	s := opened(t, open)
	n := 0
	for _, from := range []journal.State{journal.Intent, journal.Complete, journal.NotApplied, journal.Released, journal.InDoubt} {
		for _, to := range []journal.State{journal.Intent, journal.Complete, journal.NotApplied, journal.Released, journal.InDoubt} {
			n++
			e := Entry(n)
			insert(t, s, e)
			if from != journal.Intent {
				must(t, s.Move(t.Context(), change(e, from)))
			}
			err := s.Move(t.Context(), change(e, to))
			want := from
			if journal.CanMove(from, to) {
				want = to
			}
			if (err == nil) != journal.CanMove(from, to) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if err != nil && !errors.Is(err, journal.ErrState) && !errors.Is(err, journal.ErrNoEntry) {
				t.Errorf("%s to %s: %v is neither ErrState nor ErrNoEntry", from, to, err)
			}
			if want == journal.Released {
				want = 0 // forgotten: the key is free
			}
			if got := state(t, s, e.ID); got != want {
				t.Errorf("%s to %s: state is %s, want %s", from, to, got, want)
			}
			there, err := s.Insert(t.Context(), e)
			must(t, err)
			if free := want == 0; free != (there == nil) {
				t.Errorf("%s to %s: inserted again: %v", from, to, there)
			}
		}
	}
	if err := s.Move(t.Context(), change(Entry(999), journal.Complete)); !errors.Is(err, journal.ErrNoEntry) {
		t.Errorf("move of what is not there: %v", err)
	}
}

// sameEntry compares entries but for what times have besides the instant.
func sameEntry(t *testing.T, got, want *journal.Entry) {
	t.Helper()
	times := cmp.Comparer(func(a, b time.Time) bool { return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond)) })
	if diff := cmp.Diff(want, got, times, cmp.Comparer(bytes.Equal)); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func keeps(t *testing.T, open Opener) {
	s := open(t)
	var entries []*journal.Entry
	for i, to := range []journal.State{journal.Complete, journal.NotApplied, journal.InDoubt, journal.Complete} {
		e := Entry(i)
		insert(t, s, e)
		c := change(e, to)
		c.Contested = to == journal.InDoubt
		must(t, s.Move(t.Context(), c))
		want, err := c.Apply(*e)
		must(t, err)
		entries = append(entries, &want)
	}
	big := Entry(10)
	big.Request = make([]byte, 3<<20)
	insert(t, s, big)
	c := change(big, journal.Complete)
	c.Reply = make([]byte, 2<<20)
	must(t, s.Move(t.Context(), c))
	want, err := c.Apply(*big)
	must(t, err)
	entries = append(entries, &want)
	for range 2 {
		for _, want := range entries {
			got, err := s.Get(t.Context(), want.ID)
			must(t, err)
			sameEntry(t, got, want)
		}
		must(t, s.Close())
		s = open(t)
	}
	must(t, s.Close())
}

// same lets many begin the same exchange at the same time.
func same(t *testing.T, open Opener) {
	s := opened(t, open)
	for n := range 20 {
		var begun atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				there, err := s.Insert(context.Background(), Entry(n))
				switch {
				case err != nil:
					t.Error(err)
				case there == nil:
					begun.Add(1)
				case there.State != journal.Intent || there.ID != Entry(n).ID:
					t.Errorf("found %v", there)
				}
			})
		}
		wg.Wait()
		if begun.Load() != 1 {
			t.Fatalf("%d began the same exchange", begun.Load())
		}
	}
}

func ended(t *testing.T, open Opener) {
	s := open(t)
	for n := range 3 {
		insert(t, s, Entry(n))
	}
	must(t, s.Move(t.Context(), change(Entry(1), journal.Complete)))
	must(t, s.Close())
	s = opened(t, open)
	must(t, s.Sweep(t.Context(), journal.Sweep{Now: at(50), Owner: "one", Overdue: time.Hour}))
	for n, want := range []journal.State{journal.InDoubt, journal.Complete, journal.InDoubt} {
		if got := state(t, s, Entry(n).ID); got != want {
			t.Errorf("entry %d is %s, want %s", n, got, want)
		}
	}
	there, err := s.Insert(t.Context(), Entry(0))
	must(t, err)
	if there == nil || there.State != journal.InDoubt || string(there.Request) != "request" {
		t.Errorf("an entry in doubt was begun again, or lost its request: %v", there)
	}
	must(t, s.Move(t.Context(), change(Entry(0), journal.Complete)))
}

func overdue(t *testing.T, open Opener) {
	s := opened(t, open)
	for n, deadline := range []time.Duration{0, time.Hour} {
		e := Entry(n)
		e.Begun = time.Now()
		e.Deadline = e.Begun.Add(deadline)
		insert(t, s, e)
	}
	time.Sleep(10 * time.Millisecond)
	must(t, s.Sweep(t.Context(), journal.Sweep{Now: time.Now(), Overdue: time.Millisecond}))
	if a, b := state(t, s, Entry(0).ID), state(t, s, Entry(1).ID); a != journal.InDoubt || b != journal.Intent {
		t.Errorf("entries are %s and %s", a, b)
	}
}

// fences: no step of a call is begun that somebody found in doubt, but what takes its steps back is; and what was
// found by one means is not changed by another that says so.
func fences(t *testing.T, open Opener) {
	s := opened(t, open)
	call := Entry(0)
	step := func(n int, fenced bool) *journal.Entry {
		e := Entry(n)
		e.Parent, e.Step, e.Fenced = call.ID, fmt.Sprint("step", n), fenced
		return e
	}
	if _, err := s.Insert(t.Context(), step(1, true)); !errors.Is(err, journal.ErrState) {
		t.Errorf("a step without a call: %v", err)
	}
	insert(t, s, call)
	insert(t, s, step(1, true))
	doubt := change(call, journal.InDoubt)
	doubt.Proof = "reversal"
	must(t, s.Move(t.Context(), doubt))
	if _, err := s.Insert(t.Context(), step(2, true)); !errors.Is(err, journal.ErrState) {
		t.Errorf("a step of a call in doubt: %v", err)
	}
	if there, err := s.Insert(t.Context(), step(1, true)); err != nil || there == nil {
		t.Errorf("a step that was begun before: %v %v", there, err)
	}
	insert(t, s, step(3, false))
	for _, to := range []journal.State{journal.Complete, journal.InDoubt} {
		c := change(call, to)
		c.Unless = "reversal"
		if err := s.Move(t.Context(), c); !errors.Is(err, journal.ErrState) {
			t.Errorf("%s in spite of the other proof: %v", to, err)
		}
	}
	c := change(call, journal.NotApplied)
	c.Unless = "inquiry"
	must(t, s.Move(t.Context(), c))
	if _, err := s.Insert(t.Context(), step(4, true)); !errors.Is(err, journal.ErrState) {
		t.Errorf("a step of a call that ended: %v", err)
	}
}

// attempts: what comes late of one attempt does not touch the next one under the same name.
func attempts(t *testing.T, open Opener) {
	s := opened(t, open)
	first := Entry(0)
	insert(t, s, first)
	of := func(e *journal.Entry, to journal.State) journal.Change {
		c := change(first, to)
		c.Begun = e.Begun
		return c
	}
	must(t, s.Move(t.Context(), of(first, journal.Released)))
	second := Entry(0)
	second.Begun = second.Begun.Add(time.Microsecond)
	insert(t, s, second)
	for _, to := range []journal.State{journal.Released, journal.Complete, journal.NotApplied, journal.InDoubt} {
		if err := s.Move(t.Context(), of(first, to)); !errors.Is(err, journal.ErrState) {
			t.Errorf("%s of an attempt that ended: %v", to, err)
		}
	}
	if got := state(t, s, first.ID); got != journal.Intent {
		t.Errorf("the second attempt is %s", got)
	}
	must(t, s.Move(t.Context(), of(second, journal.InDoubt)))
	must(t, s.Move(t.Context(), of(second, journal.Complete)))
}

func forgetting(t *testing.T, open Opener) {
	s := opened(t, open)
	for n := range 6 {
		insert(t, s, Entry(n))
	}
	must(t, s.Move(t.Context(), change(Entry(0), journal.Complete)))
	must(t, s.Move(t.Context(), change(Entry(1), journal.NotApplied)))
	must(t, s.Move(t.Context(), change(Entry(2), journal.InDoubt)))
	late := change(Entry(3), journal.Complete)
	late.At = at(100_000)
	must(t, s.Move(t.Context(), late))
	must(t, s.Sweep(t.Context(), journal.Sweep{Now: at(50_000), Overdue: 100_000 * time.Hour, Forget: at(50_000)}))
	for n, want := range []journal.State{0, 0, journal.InDoubt, journal.Complete, journal.Intent} {
		if got := state(t, s, Entry(n).ID); got != want {
			t.Errorf("entry %d is %s, want %s", n, got, want)
		}
	}
	insert(t, s, Entry(0))
}

// atOnce calls f with every number below n, for some of them at the same time: no more than a slow database with few
// connections serves before patience ends.
func atOnce(n int, f func(n int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 32 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	wg.Wait()
}

func many(t *testing.T, open Opener) {
	s := open(t)
	atOnce(200, func(n int) {
		ctx := context.Background()
		if there, err := s.Insert(ctx, Entry(n)); err != nil || there != nil {
			t.Errorf("insert: %v %v", there, err)
		}
		if err := s.Move(ctx, change(Entry(n), journal.Complete)); err != nil {
			t.Error(err)
		}
	})
	must(t, s.Close())
	s = opened(t, open)
	for n := range 200 {
		if got := state(t, s, Entry(n).ID); got != journal.Complete {
			t.Errorf("entry %d is %s", n, got)
		}
	}
}

func epoch(t *testing.T, open Opener) {
	s := open(t)
	first := s.Epoch()
	insert(t, s, Entry(0))
	must(t, s.Close())
	s = opened(t, open)
	if first == "" || s.Epoch() != first {
		t.Errorf("epoch %q became %q", first, s.Epoch())
	}
}
