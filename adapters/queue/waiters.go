// SPDX-License-Identifier: Apache-2.0

package queue

import "sync"

// Waiters are the exchanges that wait for replies, by their ids. The zero value is ready. R is what a wait ends with.
type Waiters[ID comparable, R any] struct {
	mu      sync.Mutex
	waiting map[ID]waiter[R]
}

// waiter is one exchange.
type waiter[R any] struct {
	got  chan R
	came func()
}

// Wait announces an exchange. What it gets comes out of the channel, once; then came is called, if it is not nil. Forget
// must follow.
func (w *Waiters[ID, R]) Wait(id ID, came func()) chan R {
	one := waiter[R]{make(chan R, 1), came}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.waiting = map[ID]waiter[R]{}
	}
	w.waiting[id] = one
	return one.got
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
	one, ok := w.waiting[id]
	if ok {
		delete(w.waiting, id)
		one.got <- r // there is room for the one that it gets
	}
	w.mu.Unlock()
	if ok && one.came != nil {
		one.came()
	}
	return ok
}

// Waits reports whether an exchange waits for an id.
func (w *Waiters[ID, R]) Waits(id ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.waiting[id]
	return ok
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
