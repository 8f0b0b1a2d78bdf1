// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"runtime"
	"time"
)

// turn lets all others who can go on have a turn.
type turn struct{ network *event }

func newTurn() turn { return turn{network: newEvent()} }

// take waits until everybody has had a turn who can go on, those too who are about to hear from the network; it takes
// atMost, and longer only while none of the processors is free for it.
func (t turn) take(atMost time.Duration) {
	runtime.Gosched()
	if t.network != nil {
		t.network.await(time.Now().Add(atMost))
		runtime.Gosched() // those who heard something go first
	}
}

func (t turn) close() {
	if t.network != nil {
		_ = t.network.file.Close()
	}
}
