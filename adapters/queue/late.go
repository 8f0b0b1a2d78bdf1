// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"context"
	"sync"
	"time"

	"lintel/adapters"
)

// Limits of late replies: how many are taken in at once, and the pauses between attempts.
const (
	lateAtOnce   = 64
	latePause    = 200 * time.Millisecond
	lateLongest  = 10 * time.Second
	latePatience = 5 * time.Second
)

// LateDesk takes in replies that no exchange waits for. The zero value takes none.
type LateDesk struct {
	mu   sync.Mutex
	to   adapters.Late // nil if nobody wants them
	busy int
}

// Open names who gets the replies.
func (d *LateDesk) Open(to adapters.Late) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
}

// Opened reports whether anybody wants them.
func (d *LateDesk) Opened() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.to != nil
}

// Take hands an end over, beside the receiving of others, again and again until it was recorded or belongs to nobody;
// then done is told. It gives up when lost is closed. false means that it is not taken.
func (d *LateDesk) Take(lost <-chan struct{}, id []byte, end adapters.LateEnd, done func(taken bool)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to == nil || d.busy >= lateAtOnce {
		return false
	}
	d.busy++
	to := d.to
	go func() {
		handOver(to, lost, id, end, done)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.busy--
	}()
	return true
}

func handOver(to adapters.Late, lost <-chan struct{}, id []byte, end adapters.LateEnd, done func(taken bool)) {
	for pause := latePause; ; pause = min(2*pause, lateLongest) {
		ctx, cancel := context.WithTimeout(context.Background(), latePatience)
		taken, err := to(ctx, id, end)
		cancel()
		if err == nil {
			done(taken)
			return
		}
		select {
		case <-time.After(pause):
		case <-lost:
			return
		}
	}
}
