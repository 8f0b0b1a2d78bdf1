// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// A call that has to wait for a slot is told how long it did, whether it got one or not.
func TestWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(t, dead(time.Second), adapters.GuardOptions{Max: 1, Queue: 2, Wait: 1500 * time.Millisecond, Timeout: time.Minute})
		waited := make(chan time.Duration, 3)
		for range 3 {
			go func() {
				_, _ = g.Exchange(context.Background(), adapters.Call{Waited: func(d time.Duration) { waited <- d }})
			}()
			synctest.Wait()
		}
		first, second := <-waited, <-waited
		if first != time.Second || second != 1500*time.Millisecond || len(waited) != 0 {
			t.Errorf("waited %s and %s, and %d more", first, second, len(waited))
		}
		time.Sleep(time.Minute)
	})
}
