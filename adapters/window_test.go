// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWindow compares the rolling counts with a list of all calls.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 10 * time.Second
		start := time.Unix(1_000_000, 0)
		w := newWindow(length, start)
		type seen struct {
			at        time.Time
			bad, slow bool
		}
		var calls []seen
		now := start
		for range rapid.IntRange(0, 60).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "gap")) * time.Millisecond)
			c := seen{now, rapid.Bool().Draw(t, "bad"), rapid.Bool().Draw(t, "slow")}
			calls = append(calls, c)
			w.add(now, c.bad, c.slow)
			var want tally
			// The oldest part is left as a whole, so the window begins with a part.
			from := now.Sub(start)/w.part - windowParts + 1
			for _, c := range calls {
				if c.at.Sub(start)/w.part < from {
					continue
				}
				want.completed++
				if c.bad {
					want.failed++
				}
				if c.slow {
					want.slow++
				}
			}
			if w.sum != want {
				t.Fatalf("got %+v, want %+v", w.sum, want)
			}
		}
	})
}
