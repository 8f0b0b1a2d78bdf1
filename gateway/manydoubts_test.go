// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// TestManyDoubts: however many wait for a person, one that came after them is asked for.
func TestManyDoubts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for n := range 2*resolvePage + 1 {
			c := &journal.Call{Operation: "gone", Key: strconv.Itoa(n), Deadline: time.Now()}
			if _, err := w.journal.Begin(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		w.close() // the next start finds them in doubt
		w.open()
		time.Sleep(time.Second)
		w.serve(func(_ *Options, r *Route) { r.Means.Inquiry = ask(w, w.knows) })
		w.host = func(_ context.Context, id string) error {
			w.apply(id)
			return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		}
		told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
		w.resolving(func() { time.Sleep(5 * time.Second) })
		if r := w.pay(keyA, `{}`); r.Code != 201 {
			t.Errorf("behind many: %d %s", r.Code, r.Body)
		}
		w.close()
	})
}
