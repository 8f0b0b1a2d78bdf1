// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"math/rand/v2"
	"testing"
	"time"

	"lintel/gateway/journal"
)

// TestUntold compares the order with one that looks at everything.
func TestUntold(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	u, all := newUntold(), map[journal.ID]claim{}
	at := func(n int) time.Time { return time.Unix(int64(n), 0) }
	for now := range 20_000 {
		id := journal.ID{byte(dice.IntN(200))}
		switch dice.IntN(4) {
		case 0, 1:
			c := claim{id: id, changed: int64(1 + dice.IntN(now+1))}
			if dice.IntN(2) == 0 {
				c.due = at(now + dice.IntN(100))
			}
			u.put(c)
			all[id] = c
		case 2:
			u.drop(id)
			delete(all, id)
		default:
			got, ok := u.next(at(now))
			for _, c := range all {
				if due := !at(now).Before(c.due); due && (!ok || u.due.before(&c, &got) < 0) {
					t.Fatalf("%v is due before %v (%t)", c, got, ok)
				}
			}
			if ok {
				u.put(got)
			}
		}
		var oldest int64
		for _, c := range all {
			if oldest == 0 || c.changed < oldest {
				oldest = c.changed
			}
		}
		if got := u.oldest(); got != oldest {
			t.Fatalf("the oldest is %d, want %d", got, oldest)
		}
		if n := len(u.due.list); n > 2*200+minStale+1 {
			t.Fatalf("%d are kept for at most 200", n)
		}
	}
}
