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

// TestGather: turns are taken as long as each of them brings a record, until many wait, and not for ever.
func TestGather(t *testing.T) {
	for name, x := range map[string]struct {
		waiting int
		brings  []int // by turn; the last for all that follow
		turns   int
	}{
		"nobody comes":          {0, []int{0}, 1},
		"one comes":             {3, []int{1, 0}, 2},
		"one after the other":   {0, []int{1}, maxTurns},
		"all of them come":      {1, []int{full - 1}, 1},
		"many wait as it is":    {full, []int{1}, 0},
		"many wait in the end":  {0, []int{full / 2, full / 2, 1}, 2},
		"nobody comes any more": {full - 2, []int{1, 0, 1}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Store{queue: make([]*op, x.waiting)}
			turns := 0
			s.gather(func(atMost time.Duration) {
				if atMost != longestTurn {
					t.Errorf("a turn of %v", atMost)
				}
				s.queue = append(s.queue, make([]*op, x.brings[min(turns, len(x.brings)-1)])...)
				turns++
			})
			if turns != x.turns {
				t.Errorf("%d turns, not %d", turns, x.turns)
			}
		})
	}
}
