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

// Forget takes an exchange back.
func (w *Waiters[ID, R]) Forget(id ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiting, id)
}

// Claim takes the exchange that waits for an id; nil if there is none. Only one reply can have it, and must be given
// with the function.
func (w *Waiters[ID, R]) Claim(id ID) (give func(R)) {
	w.mu.Lock()
	one, ok := w.waiting[id]
	delete(w.waiting, id)
	w.mu.Unlock()
	if !ok {
		return nil
	}
	return func(r R) {
		one.got <- r // there is room for it
		if one.came != nil {
			one.came()
		}
	}
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
