// SPDX-License-Identifier: Apache-2.0

package queue

import "sync"

// Waiters are the exchanges that wait for replies, by their ids. The zero value is ready. R is what a wait ends with.
type Waiters[ID comparable, R any] struct {
	mu      sync.Mutex
	waiting map[ID]chan R
}

// Wait announces an exchange. What it gets comes out of the channel, once. Forget must follow.
func (w *Waiters[ID, R]) Wait(id ID) chan R {
	ch := make(chan R, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.waiting = map[ID]chan R{}
	}
	w.waiting[id] = ch
	return ch
}

// Forget takes an exchange back. What came when nobody looked any more is left in its channel.
func (w *Waiters[ID, R]) Forget(id ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiting, id)
}

// Give hands a reply to the exchange that waits for an id; false if none does. When Forget has returned,
// nothing more is given.
func (w *Waiters[ID, R]) Give(id ID, r R) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := w.waiting[id]
	if ch == nil {
		return false
	}
	delete(w.waiting, id)
	ch <- r // there is room for the one that it gets
	return true
}

// Claim takes the exchange that waits for an id, nil if there is none: only one reply can have it. The channel has room for
// that.
func (w *Waiters[ID, R]) Claim(id ID) chan<- R {
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := w.waiting[id]
	delete(w.waiting, id)
	return ch
}

// Waits reports whether an exchange waits for an id.
func (w *Waiters[ID, R]) Waits(id ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting[id] != nil
}

// Already takes what came, if anything did.
func Already[R any](ch <-chan R) (r R, ok bool) {
	select {
	case r = <-ch:
		return r, true
	default:
		return r, false
	}
}
