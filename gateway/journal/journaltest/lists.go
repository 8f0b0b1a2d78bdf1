// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/gateway/journal"
)

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
