// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/gateway/journal/journaltest"
)

// TestO13ClockIsSetWhileInDoubt: the clock jumps while operations are in doubt, with and without a restart. The host
// does the work of one of them late: a clock that is ahead must not make "not applied" of it. One that is behind
// keeps it in doubt for longer, and no pace stands still.
func TestO13ClockIsSetWhileInDoubt(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, jump := range []time.Duration{-time.Hour, time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
				edit := func(_ *Options, r *Route) { r.Means.Inquiry = ask(w, w.knows) }
				w.serve(edit)
				const never, atOnce, late = keyA, keyB, "key-late-0123456789"
				w.host = func(context.Context, string) error { return lost }
				told(t, w.pay(never, `{}`), 504, "in-doubt unknown never")
				w.host = func(_ context.Context, id string) error { w.apply(id); return lost }
				told(t, w.pay(atOnce, `{}`), 504, "in-doubt unknown never")
				w.host = func(_ context.Context, id string) error {
					time.AfterFunc(5*time.Second, func() { w.apply(id) })
					return lost
				}
				told(t, w.pay(late, `{}`), 504, "in-doubt unknown never")
				w.ahead.Store(int64(jump))
				if restart {
					w.close()
					w.open()
					w.serve(edit)
				}
				w.host = func(context.Context, string) error { t.Error("sent again"); return nil }
				w.resolving(func() {
					time.Sleep(3 * time.Minute)
					for _, key := range []string{atOnce, late} {
						if r := w.pay(key, `{}`); r.Code != 201 {
							t.Errorf("jump %s: applied, and told %d %s", jump, r.Code, r.Body)
						}
					}
					if jump < 0 {
						told(t, w.pay(never, `{}`), 409, "operation-in-doubt unknown same-key-after")
						time.Sleep(time.Hour)
					}
					if r := w.pay(never, `{}`); r.Code != 422 {
						t.Errorf("jump %s: never applied, and told %d %s", jump, r.Code, r.Body)
					}
				})
				w.close()
			})
		}
	}
}

// TestSettledDown: that the host begins no more is known when the time for it has passed by the clock on the wall, and as much
// while this process looked on; and for what others found overdue, which its own process may still be at, a call's time more.
func TestSettledDown(t *testing.T) {
	began := time.Unix(1_700_000_000, 0)
	for _, tt := range []struct {
		proof       string
		known, wall time.Duration // since it was found; since it was begun
		want        bool
	}{
		{"restart", 9 * time.Second, time.Hour, false},
		{"restart", 10 * time.Second, 14 * time.Second, false},
		{"restart", 10 * time.Second, 15 * time.Second, true},
		{journal.ProofOverdue, 14 * time.Second, time.Hour, false},
		{journal.ProofOverdue, 15 * time.Second, time.Hour, true},
		{journal.ProofOverdue, time.Hour, 14 * time.Second, false},
	} {
		g := newGateway(t, Options{Now: func() time.Time { return began.Add(tt.wall) }})
		e := &journal.Entry{Proof: tt.proof, Begun: began, Deadline: began.Add(5 * time.Second)}
		if got := g.settledDown(e, &Ask{After: 10 * time.Second}, tt.known); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}

// TestSimulatedClock: the clock of the simulation is as that of a machine whose clock was set.
func TestSimulatedClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := journaltest.WallAndMono(0)
		time.Sleep(1500 * time.Millisecond)
		later := journaltest.WallAndMono(-3600)
		if d := later.Sub(began); d != 1500*time.Millisecond {
			t.Errorf("%s went by", d)
		}
		if want := time.Now().Add(-time.Hour); !later.Round(0).Equal(want) {
			t.Errorf("the clock says %s, want %s", later, want)
		}
	})
}
