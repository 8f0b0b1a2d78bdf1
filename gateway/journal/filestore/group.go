// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lintel/gateway/journal"
)

// op is one record on its way. All but done is guarded by Store.mu until it is settled. Ops are used again.
type op struct {
	slot   *slot
	entry  *journal.Entry // not changed any more
	last   journal.Entry  // has room for an entry that ends with this, and that nothing keeps
	place  at             // where the record lies
	insert bool
	// abandoned marks an intent that nobody waits for any more: nothing was sent.
	abandoned bool
	// slow tells that done got errSlow, settled that it gets or got what became of the record.
	slow, settled bool
	// done gets errSlow if it takes long, and then what became of the record.
	done chan error
}

// errSlow tells those who wait for a record that it takes long.
var errSlow = errors.New("not yet")

// slow is after what time those who wait look at their context. Before, they wait for nothing but the
// record, which costs less.
const slow = 10 * time.Millisecond

func (s *Store) newOp(there *slot, e *journal.Entry) *op {
	o, _ := s.ops.Get().(*op)
	if o == nil {
		o = &op{done: make(chan error, 2)}
	}
	o.slot, o.entry = there, e
	return o
}

// enqueue gives a record to the goroutine that writes.
func (s *Store) enqueue(o *op) {
	s.queue = append(s.queue, o)
	if s.late {
		o.tellSlow()
	}
	if s.idle {
		s.idle = false
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

func (o *op) tellSlow() {
	if !o.slow && !o.settled {
		o.slow = true
		o.done <- errSlow
	}
}

// wait waits until a record is on stable storage, or will not be, or ctx or patience ends.
func (s *Store) wait(ctx context.Context, o *op) error {
	err := <-o.done
	if err == errSlow { //nolint:errorlint // it is this one
		ctx, cancel := context.WithTimeout(ctx, journal.Patience)
		defer cancel()
		select {
		case err = <-o.done:
		case <-ctx.Done():
			if s.abandon(o) {
				return fmt.Errorf("%w: it was not recorded in time", journal.ErrUnavailable)
			}
			err = <-o.done
		}
	}
	*o = op{done: o.done}
	s.ops.Put(o)
	return err
}

// abandon tells that nobody waits for a record any more; false if it is settled.
func (s *Store) abandon(o *op) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.abandoned = o.insert && !o.settled
	return !o.settled
}

// lateNow is called when what is under way takes long.
func (s *Store) lateNow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = true
	for _, list := range [][]*op{s.flight, s.queue} {
		for _, o := range list {
			o.tellSlow()
		}
	}
}
