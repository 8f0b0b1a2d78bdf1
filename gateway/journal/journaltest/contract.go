// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
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

func steps(t *testing.T, open Opener) {
	s := open(t)
	parent := Entry(0)
	insert(t, s, parent)
	for n := 1; n < 4; n++ {
		e := Entry(n)
		e.Parent, e.Step = parent.ID, fmt.Sprint("step", n)
		insert(t, s, e)
	}
	must(t, s.Move(t.Context(), change(Entry(2), journal.Released)))
	for range 2 {
		list, err := s.List(t.Context(), journal.Filter{Parent: parent.ID})
		must(t, err)
		if len(list) != 2 || list[0].Step != "step1" || list[1].Step != "step3" {
			t.Errorf("steps: %v", list)
		}
		must(t, s.Close())
		s = open(t)
	}
	must(t, s.Close())
}

func lists(t *testing.T, open Opener) {
	s := opened(t, open)
	for n := range 10 {
		insert(t, s, Entry(n))
		if n%2 == 0 {
			must(t, s.Move(t.Context(), change(Entry(n), journal.InDoubt)))
		}
	}
	list, err := s.List(t.Context(), journal.Filter{State: journal.InDoubt, Limit: 3})
	must(t, err)
	var got []journal.ID
	for _, e := range list {
		got = append(got, e.ID)
	}
	if diff := cmp.Diff([]journal.ID{Entry(0).ID, Entry(2).ID, Entry(4).ID}, got); diff != "" {
		t.Error(diff)
	}
	list, err = s.List(t.Context(), journal.Filter{State: journal.InDoubt, After: list[2].Cursor(), Limit: 3})
	must(t, err)
	if len(list) != 2 || list[0].ID != Entry(6).ID || list[1].ID != Entry(8).ID {
		t.Errorf("behind the third: %v", list)
	}
	if list, err = s.List(t.Context(), journal.Filter{State: journal.InDoubt, After: list[1].Cursor()}); err != nil || len(list) != 0 {
		t.Errorf("behind the last: %v, %v", list, err)
	}
	if list, err = s.List(t.Context(), journal.Filter{}); err != nil || len(list) != 10 {
		t.Errorf("all: %d, %v", len(list), err)
	}
	for limit := 1; limit <= 11; limit++ { // page by page: each once, and in order
		var page []journal.Entry
		for n := 0; n < len(list); n += limit {
			at := journal.Cursor{}
			if n > 0 {
				at = page[limit-1].Cursor()
			}
			page, err = s.List(t.Context(), journal.Filter{After: at, Limit: limit})
			must(t, err)
			if diff := cmp.Diff(list[n:min(n+limit, len(list))], page); diff != "" {
				t.Fatalf("%d behind %d: %s", limit, n, diff)
			}
		}
	}
}

// heads: a list of heads has all of the entries but what may be large, and the same ones in the same order.
func heads(t *testing.T, open Opener) {
	s := opened(t, open)
	parent := Entry(0)
	for n, to := range []journal.State{journal.InDoubt, journal.Intent, journal.Complete, journal.InDoubt} {
		e := Entry(n)
		if n == 3 {
			e.Parent, e.Step = parent.ID, "a"
		}
		insert(t, s, e)
		if to != journal.Intent {
			c := change(e, to)
			c.Contested, c.Tell = n == 0, true
			must(t, s.Move(t.Context(), c))
		}
	}
	for _, f := range []journal.Filter{{}, {State: journal.InDoubt}, {Parent: parent.ID}, {Limit: 1}} {
		whole, err := s.List(t.Context(), f)
		must(t, err)
		f.Heads = true
		list, err := s.List(t.Context(), f)
		must(t, err)
		if len(list) == 0 || len(list) != len(whole) {
			t.Fatalf("%+v: %d heads of %d entries", f, len(list), len(whole))
		}
		for i := range list {
			want := whole[i]
			if want.Who == nil {
				t.Error("an entry is not whole")
			}
			want.Who, want.Request, want.Reply = nil, nil, nil
			sameEntry(t, &list[i], &want)
		}
	}
}

// stock counts more than List returns at once, and whatever was recorded before.
func stock(t *testing.T, open Opener) {
	s := open(t)
	counts := func(want journal.Stock) {
		t.Helper()
		got, err := s.Stock(t.Context())
		must(t, err)
		if !got.Oldest.Equal(want.Oldest) || !got.OldestUntold.Equal(want.OldestUntold) {
			t.Errorf("oldest %s and %s, want %s and %s", got.Oldest, got.OldestUntold, want.Oldest, want.OldestUntold)
		}
		got.Oldest, got.OldestUntold, want.Oldest, want.OldestUntold = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	counts(journal.Stock{})
	const doubts = journal.DefaultLimit + 5
	atOnce(doubts+3, func(n int) {
		ctx, c := context.Background(), change(Entry(n), journal.InDoubt)
		if c.Contested = n == 4; n >= doubts {
			c = change(Entry(n), journal.Complete)
			c.Tell = n > doubts
		}
		if there, err := s.Insert(ctx, Entry(n)); err != nil || there != nil {
			t.Errorf("insert: %v %v", there, err)
		}
		if err := s.Move(ctx, c); err != nil {
			t.Error(err)
		}
	})
	want := journal.Stock{InDoubt: doubts, Contested: 1, Oldest: at(0), Untold: 2, OldestUntold: change(Entry(doubts+1), journal.Complete).At}
	counts(want)
	must(t, s.Move(t.Context(), change(Entry(0), journal.Complete)))
	want.InDoubt, want.Oldest = doubts-1, at(1)
	counts(want)
	must(t, s.Move(t.Context(), change(Entry(4), journal.NotApplied)))
	want.InDoubt, want.Contested = doubts-2, 0
	must(t, s.Close())
	s = opened(t, open)
	counts(want)
}

// telling claims entries that somebody is to be told of: each claim is for a time that doubles, and the mark stays
// until it is taken away, whatever process comes next.
func telling(t *testing.T, open Opener) {
	s := open(t)
	for n, to := range []journal.State{journal.Complete, journal.NotApplied, journal.InDoubt, journal.Complete} {
		insert(t, s, Entry(n))
		c := change(Entry(n), to)
		c.Tell = n != 3
		must(t, s.Move(t.Context(), c))
	}
	claimed := func(at time.Time, limit int) (n []int) {
		t.Helper()
		list, err := s.Claim(t.Context(), journal.Claim{Now: at, Pause: time.Second, MaxPause: time.Hour, Limit: limit})
		must(t, err)
		for _, e := range list {
			if !e.Untold || e.State.Open() {
				t.Errorf("claimed %v", e)
			}
			n = append(n, int(binary.BigEndian.Uint64(e.ID[:]))-1)
		}
		return n
	}
	want := func(got []int, want ...int) {
		t.Helper()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("claimed %v, want %v", got, want)
		}
	}
	first := at(1).Add(time.Minute) // when entry 1 ended
	waits := func(want int, since time.Time) {
		t.Helper()
		if got, err := s.Stock(t.Context()); err != nil || got.Untold != want || !got.OldestUntold.Equal(since) {
			t.Errorf("%d wait, since %s: %v; want %d since %s", got.Untold, got.OldestUntold, err, want, since)
		}
	}
	waits(2, at(0).Add(time.Minute))
	want(claimed(first, 1), 0)
	want(claimed(first, 9), 1)
	want(claimed(first, 9))
	must(t, s.Told(t.Context(), Entry(0).ID))
	must(t, s.Told(t.Context(), Entry(0).ID)) // again is no harm
	waits(1, first)
	want(claimed(first.Add(time.Second), 9), 1)
	want(claimed(first.Add(1999*time.Millisecond), 9)) // now for a second, as it is since it ended
	want(claimed(first.Add(2*time.Second), 9), 1)
	want(claimed(first.Add(3999*time.Millisecond), 9))
	last := change(Entry(2), journal.Complete) // one that was in doubt
	last.Tell, last.At = true, last.At.Add(time.Hour)
	must(t, s.Move(t.Context(), last))
	must(t, s.Close())
	s = opened(t, open)
	want(claimed(first.Add(48*time.Hour), 9), 1, 2)
	want(claimed(first.Add(49*time.Hour-time.Second), 9))
	must(t, s.Told(t.Context(), Entry(1).ID))
	must(t, s.Told(t.Context(), Entry(2).ID))
	waits(0, time.Time{})
	want(claimed(first.Add(96*time.Hour), 9))
	if got, err := s.Get(t.Context(), Entry(2).ID); err != nil || got.State != journal.Complete || string(got.Reply) != "reply of complete" {
		t.Errorf("%v, %v", got, err)
	}
	if err := s.Told(t.Context(), Entry(99).ID); !errors.Is(err, journal.ErrNoEntry) {
		t.Errorf("told of what is not there: %v", err)
	}
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
