// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestTurn takes turns while there is nothing else to do, and while all processors are busy: none
// waits for the end of the time that it may take.
func TestTurn(t *testing.T) {
	turn := newTurn()
	defer turn.close()
	if runtime.GOOS == "linux" && turn.network == nil {
		t.Fatal("there is no event")
	}
	var busy sync.WaitGroup
	var stop atomic.Bool
	defer busy.Wait()
	defer stop.Store(true)
	for _, workers := range []int{0, 2 * runtime.GOMAXPROCS(0)} {
		for range workers {
			busy.Go(func() {
				for !stop.Load() {
					runtime.Gosched()
				}
			})
		}
		for range 100 {
			turn.take(time.Hour)
		}
	}
}

// TestTurnEnds takes a turn whose time is over before the event can come: the next one is a turn all the same.
func TestTurnEnds(t *testing.T) {
	turn := newTurn()
	defer turn.close()
	for range 100 {
		turn.take(-time.Second)
	}
	turn.take(time.Hour)
}
