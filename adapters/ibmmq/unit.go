// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"sync"
	"time"

	"lintel/adapters"
)

// Limits of a unit of work of a getter: the messages in it, how old it may become, and how long its end waits for replies
// that are not recorded yet. A journal that takes none must not keep the replies of others away.
const (
	mostInUnit   = 100
	longestUnit  = 5 * time.Second
	unitPatience = time.Second
)

// unit is the unit of work of a getter on a permanent queue. Replies of recorded exchanges are held in it until they are
// recorded, so that after a crash the queue still has them; those of others go with them.
type unit struct {
	mu       sync.Mutex
	messages int
	held     int
	number   int
	since    time.Time
	// changed has a token when the last one was released.
	changed chan struct{}
}

func newUnit() *unit { return &unit{changed: make(chan struct{}, 1)} }

// hold keeps the unit open until release is called; a nil unit is none. Further calls of release do nothing.
func (u *unit) hold() (release func()) {
	if u == nil {
		return func() {}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.messages == 0 {
		u.since = time.Now()
	}
	u.messages++
	u.held++
	number := u.number
	return sync.OnceFunc(func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.number != number {
			return // it was ended without
		}
		if u.held--; u.held == 0 {
			select {
			case u.changed <- struct{}{}:
			default:
			}
		}
	})
}

// state tells whether there is anything to commit, whether it may be committed now, and whether it must be soon.
func (u *unit) state() (open, free, full bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.messages > 0, u.held == 0, u.messages >= mostInUnit || time.Since(u.since) > longestUnit
}

// wait waits a little until nothing is held.
func (u *unit) wait(end <-chan struct{}) {
	for t := time.NewTimer(unitPatience); ; {
		if _, free, _ := u.state(); free {
			t.Stop()
			return
		}
		select {
		case <-u.changed:
		case <-t.C:
			return
		case <-end:
			t.Stop()
			return
		}
	}
}

// done empties it. What is still held is so no more.
func (u *unit) done() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.messages, u.held = 0, 0
	u.number++
}

// commit ends the unit of work, if it may end or must. now tells that it must.
func (r *reader) commit(now bool) error {
	if r.unit == nil {
		return nil
	}
	open, free, full := r.unit.state()
	if !open || !free && !full && !now {
		return nil
	}
	if !free {
		r.unit.wait(r.l.ctx.Done())
	}
	if r.l.ctx.Err() != nil {
		return nil // leave knows
	}
	r.unit.done()
	if err := r.manager.Cmit(); !worked(err) {
		return err
	}
	return nil
}

// leave ends the unit of work at the end of the connection, which would commit it: what is not recorded goes back.
func (r *reader) leave() {
	if r.unit == nil {
		return
	}
	if open, free, _ := r.unit.state(); open && !free {
		_ = r.manager.Back()
	}
}

// accept takes what a wait ended with. The reply of a recorded exchange stays on its queue until it is recorded.
func (w *waiter) accept(got result) (adapters.Message, *adapters.Error) {
	switch {
	case got.release == nil:
	case w.recording != nil:
		w.recording.Hold(got.release)
	default:
		got.release()
	}
	return got.reply, got.err
}
