// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"context"
	"sync"
	"time"

	"lintel/adapters"
)

// Limits of late replies: how many are handed over at once, the pauses between attempts, and how long one may take.
const (
	lateAtOnce   = 64
	latePause    = 200 * time.Millisecond
	lateLongest  = 10 * time.Second
	latePatience = 5 * time.Second
)

// LateDesk takes in replies that no exchange waits for. The zero value takes none.
type LateDesk struct {
	// Most bounds the replies that wait to be recorded, MostBytes what they hold; 0 is no bound: for a wire that gives no
	// more than it gets back.
	Most, MostBytes int

	mu          sync.Mutex
	to          adapters.Late // nil if nobody wants them
	turns       chan struct{}
	held, bytes int
	// taken and duplicates count replies by what they were.
	taken, duplicates uint64
}

// Open names who gets the replies.
func (d *LateDesk) Open(to adapters.Late) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to, d.turns = to, make(chan struct{}, lateAtOnce)
}

// Opened reports whether anybody wants them.
func (d *LateDesk) Opened() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.to != nil
}

// Take hands an end over, beside the receiving of others, again and again until it was recorded or is of no use; then
// done is told. It gives up when lost is closed. false means that it is not taken: nobody wants it, or too many wait.
func (d *LateDesk) Take(lost <-chan struct{}, id []byte, end adapters.LateEnd, done func(adapters.LateVerdict)) bool {
	size := len(end.Reply.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to == nil || d.Most > 0 && d.held >= d.Most || d.MostBytes > 0 && d.held > 0 && d.bytes+size > d.MostBytes {
		return false
	}
	d.held++
	d.bytes += size
	go func() {
		d.handOver(lost, id, end, done)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held--
		d.bytes -= size
	}()
	return true
}

func (d *LateDesk) handOver(lost <-chan struct{}, id []byte, end adapters.LateEnd, done func(adapters.LateVerdict)) {
	for pause := latePause; ; pause = min(2*pause, lateLongest) {
		select {
		case d.turns <- struct{}{}:
		case <-lost:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), latePatience)
		verdict, err := d.to(ctx, id, end)
		cancel()
		<-d.turns
		if err == nil {
			d.count(verdict)
			done(verdict)
			return
		}
		select {
		case <-time.After(pause):
		case <-lost:
			return
		}
	}
}

func (d *LateDesk) count(verdict adapters.LateVerdict) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch verdict {
	case adapters.LateTaken:
		d.taken++
	case adapters.LateDuplicate:
		d.duplicates++
	}
}

// Counts tells how many replies ended an exchange in doubt, and how many had been recorded before.
func (d *LateDesk) Counts() (taken, duplicates uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.taken, d.duplicates
}
