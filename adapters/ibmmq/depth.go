// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
)

// How often the depth of a queue is asked for, in slices, and how long nobody asks after a failure.
const (
	slicesToDepth = 20
	restOfDepth   = time.Minute
)

// depth is how many messages wait on a queue, asked for now and then over a connection of its own: the others may all hold
// a message, and then it is wanted most.
type depth struct {
	opts  *Options
	asks  *questions
	begin sync.Once
	// known is the last one that was told; negative if none is.
	known   atomic.Int64
	stop    chan struct{}
	running sync.WaitGroup
}

func newDepth(o *Options, asks *questions) *depth {
	d := &depth{opts: o, asks: asks, stop: make(chan struct{})}
	d.known.Store(-1)
	return d
}

var _ adapters.Backlog = (*Source)(nil)

// Backlog implements adapters.Backlog: what MQINQ said last, if this user may inquire.
func (s *Source) Backlog() (messages int64, known bool) {
	n := s.depth.known.Load()
	return max(n, 0), n >= 0
}

// start begins to ask, once.
func (d *depth) start() { d.begin.Do(func() { d.running.Go(d.run) }) }

func (d *depth) run() {
	for {
		d.ask()
		d.known.Store(-1)
		if d.wait(restOfDepth) {
			return
		}
	}
}

// ask asks until that fails, or the end.
func (d *depth) ask() {
	if !d.asks.may(ibmmq.MQOT_Q) {
		return
	}
	m, err := d.opts.connect()
	if err != nil {
		return
	}
	defer func() { _ = m.Disc() }()
	q, err := d.asks.open(m, ibmmq.MQOT_Q, d.opts.Queue)
	if !worked(err) {
		return
	}
	for {
		got, err := q.Inq([]int32{ibmmq.MQIA_CURRENT_Q_DEPTH})
		n, ok := got[ibmmq.MQIA_CURRENT_Q_DEPTH].(int32)
		if !worked(err) || !ok {
			return
		}
		d.known.Store(int64(n))
		if d.wait(slicesToDepth * d.opts.Slice) {
			return
		}
	}
}

// wait reports whether the end came.
func (d *depth) wait(how time.Duration) bool {
	t := time.NewTimer(how)
	defer t.Stop()
	select {
	case <-d.stop:
		return true
	case <-t.C:
		return false
	}
}

// close ends it, and waits for a call of the library, but not for ever.
func (d *depth) close() {
	close(d.stop)
	done := make(chan struct{})
	go func() { d.running.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(lastWords):
	}
}
