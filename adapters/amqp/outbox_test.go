// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slowConn takes what is written when it is allowed to, and fails after some bytes.
type slowConn struct {
	net.Conn
	gate chan struct{}
	room int

	mu     sync.Mutex
	writes [][]byte
	closed chan struct{}
	once   sync.Once
}

var errCut = errors.New("cut")

func (c *slowConn) Write(p []byte) (int, error) {
	select {
	case <-c.gate:
	case <-c.closed:
		return 0, net.ErrClosed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(p), c.room)
	c.room -= n
	c.writes = append(c.writes, bytes.Clone(p[:n]))
	if n < len(p) {
		return n, errCut
	}
	return n, nil
}

func (c *slowConn) SetWriteDeadline(time.Time) error { return nil }

func (c *slowConn) Close() error { c.once.Do(func() { close(c.closed) }); return nil }

func transferOf(size int) []byte {
	return append([]byte{0, 0, 0, byte(11 + size), 2, 0, 0, 0, 0, 0x53, transfer}, make([]byte, size)...)
}

// TestOutbox: frames that wait are written together and in order, and of those that a failure left behind it is known that
// they never left.
func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &slowConn{gate: make(chan struct{}), closed: make(chan struct{}), room: 14 + 2*14 + 13}
		var failure error
		o := newOutbox(c, time.Second, func(err error) { failure = err })
		for range 2 {
			if err := o.add(transferOf(3)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		_, _ = o.add(transferOf(3)), o.add(transferOf(3))
		if n := o.number(); n != 4 {
			t.Errorf("%d put", n)
		}
		c.gate <- struct{}{} // the first
		c.gate <- struct{}{} // the others, the last of which is cut off by one byte
		<-o.done
		if len(c.writes) != 2 || len(c.writes[0]) != 14 || len(c.writes[1]) != 2*14+13 {
			t.Errorf("written: %v", c.writes)
		}
		if !errors.Is(failure, errCut) || !errors.Is(o.add(transferOf(1)), errCut) {
			t.Errorf("failed with %v", failure)
		}
		if o.lost(3) || !o.lost(4) {
			t.Error("which left is not known")
		}
		if err := o.close(true); err != nil {
			t.Error(err)
		}
	})
}

// TestOutboxBounded: who puts more than may wait waits for room, until the end; what waits at a clean end still leaves.
func TestOutboxBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, clean := range []bool{false, true} {
			c := &slowConn{gate: make(chan struct{}), closed: make(chan struct{}), room: 10 * mostWaiting}
			o := newOutbox(c, time.Second, func(error) {})
			big := make([]byte, mostWaiting)
			if err := o.add(big); err != nil { // it is being written
				t.Fatal(err)
			}
			synctest.Wait()
			if err := o.add(big); err != nil { // it waits
				t.Fatal(err)
			}
			third := make(chan error)
			go func() { third <- o.add(big) }()
			synctest.Wait()
			select {
			case err := <-third:
				t.Fatal("there is room without end", err)
			default:
			}
			if clean {
				go func() { c.gate <- struct{}{}; c.gate <- struct{}{} }()
			}
			go func() { _ = o.close(clean) }()
			if err := <-third; !errors.Is(err, net.ErrClosed) && !(clean && err == nil) {
				t.Error(err)
			}
			<-o.done
			if clean && len(c.writes) < 2 || !clean && len(c.writes) > 0 {
				t.Errorf("clean %v: %d writes", clean, len(c.writes))
			}
			synctest.Wait()
		}
	})
}
