// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// TestReversalIsRecordedFirst: once a reversal was sent, nothing but its acknowledgement counts, over a restart too: that the
// work was done, which the host says before it and after it, says nothing of whether it was taken back.
func TestReversalIsRecordedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		var knows, acknowledges atomic.Bool
		var reversed atomic.Int32
		means := func(_ *Options, r *Route) {
			r.Means.Inquiry = ask(w, func(string) (string, error) {
				if !knows.Load() {
					return "", lost
				}
				return "done by inquiry", nil
			})
			r.Means.Reversal = ask(w, func(string) (string, error) {
				reversed.Add(1)
				if !acknowledges.Load() {
					return "", lost
				}
				return "done", nil
			})
		}
		w.serve(means)
		w.host = func(_ context.Context, id string) error { w.apply(id); return lost }
		told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
		w.resolving(func() { time.Sleep(time.Minute) })
		if reversed.Load() == 0 {
			t.Fatal("nothing was taken back")
		}
		knows.Store(true)
		id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
		for restart := range 2 {
			if restart == 1 {
				w.close()
				w.open()
				w.serve(means)
			}
			if late(t, w, id[:], "done late") == adapters.LateTaken {
				t.Error("a late reply was taken")
			}
			w.resolving(func() { time.Sleep(time.Minute) })
			told(t, w.pay(keyA, `{}`), 409, "operation-in-doubt unknown same-key-after")
		}
		acknowledges.Store(true)
		w.resolving(func() { time.Sleep(2 * time.Minute) })
		told(t, w.pay(keyA, `{}`), 502, "not-applied not-applied new-key")
		w.close()
	})
}
