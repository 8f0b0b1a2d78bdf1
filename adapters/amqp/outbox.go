// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"net"
	"runtime"
	"sync"
	"time"
)

// mostWaiting bounds what waits to be written, in bytes, unless one frame alone is larger. It is small beside what a
// socket takes in, and so changes little about what is in doubt when a broker stops reading.
const mostWaiting = 64 << 10

// lastFrames bounds how long the frames that wait at a clean end may take to be written.
const lastFrames = 200 * time.Millisecond

// outbox writes frames in the order in which they are put, and those that wait together by one write: each write is a
// call of the system here, and another for the broker who reads. It knows which frames that carry messages left as a whole.
type outbox struct {
	conn    net.Conn
	timeout time.Duration
	// failed is told once, before anybody else learns that a write failed.
	failed func(error)
	// done is closed when nothing more will leave.
	done chan struct{}

	mu sync.Mutex
	// changed tells whoever waits: for room, for frames, for the end.
	room, some *sync.Cond
	waiting    []byte
	// ends are where the transfers among them end.
	ends []int
	// put and left count transfers that were put, and those that left.
	put, left uint64
	err       error
	ending    bool
}

func newOutbox(c net.Conn, timeout time.Duration, failed func(error)) *outbox {
	o := &outbox{conn: c, timeout: timeout, failed: failed, done: make(chan struct{})}
	o.room, o.some = sync.NewCond(&o.mu), sync.NewCond(&o.mu)
	go o.run()
	return o
}

// add puts one frame. It waits for room while too much waits.
func (o *outbox) add(frame []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil && !o.ending && len(o.waiting) > 0 && len(o.waiting)+len(frame) > mostWaiting {
		o.room.Wait()
	}
	if o.err != nil {
		return o.err
	}
	if o.ending {
		return net.ErrClosed
	}
	o.waiting = append(o.waiting, frame...)
	if performative(frame) == transfer {
		o.put++
		o.ends = append(o.ends, len(o.waiting))
	}
	if len(o.waiting) == len(frame) {
		o.some.Signal()
	}
	return nil
}

// run writes until the end or the first failure.
func (o *outbox) run() {
	defer close(o.done)
	var spare []byte
	var ends []int
	for {
		if !o.wait() {
			return
		}
		runtime.Gosched() // whoever is about to put a frame comes first: it goes along
		o.mu.Lock()
		batch := o.waiting
		o.waiting, spare = spare[:0], batch
		ends, o.ends = o.ends, ends[:0]
		o.room.Broadcast()
		o.mu.Unlock()
		if !o.write(batch, ends) {
			return
		}
		if cap(spare) > 2*mostWaiting { // after a large message
			spare = nil
		}
	}
}

// wait waits until there are frames; false if there will be none.
func (o *outbox) wait() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.waiting) == 0 && !o.ending {
		o.some.Wait()
	}
	return len(o.waiting) > 0
}

// write writes some frames, and notes which left.
func (o *outbox) write(batch []byte, ends []int) bool {
	_ = o.conn.SetWriteDeadline(time.Now().Add(o.timeout))
	n, err := o.conn.Write(batch)
	if err != nil {
		o.failed(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, end := range ends {
		if end <= n {
			o.left++
		}
	}
	if err == nil {
		return true
	}
	o.err, o.waiting = err, nil
	o.room.Broadcast()
	return false
}

// number is how many transfers were put.
func (o *outbox) number() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.put
}

// close ends the outbox, and closes the connection. What waits is written first, if clean is set and the broker takes it at
// once, and else dropped. It returns when nothing more will leave.
func (o *outbox) close(clean bool) error {
	o.mu.Lock()
	o.ending = true
	if !clean {
		o.waiting = nil
	}
	o.some.Signal()
	o.room.Broadcast()
	o.mu.Unlock()
	if clean {
		select {
		case <-o.done:
		case <-time.After(lastFrames):
		}
	}
	err := o.conn.Close()
	<-o.done
	return err
}

// lost reports, once nothing more will leave, whether none of the transfers from a number on left.
func (o *outbox) lost(first uint64) bool {
	<-o.done
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.left < first
}
