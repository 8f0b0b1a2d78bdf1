// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// maxFrame is the largest frame that this side takes, in bytes; it is told to the broker.
const maxFrame = 64 << 10

// header is the beginning of a protocol header where a frame has its size.
const header = 0x414D5150 // AMQP

// patience bounds how long the end of a connection is held back.
const patience = time.Second

// errFrame says that the broker announced a frame that it may not send.
var errFrame = errors.New("the broker announced a frame that is larger than allowed")

// wire is the connection below the driver. It counts the frames that carry messages and left as a whole, and looks at
// the size of every frame that comes: the driver would wait for, and keep, whatever is announced. The driver hands over
// one frame with each write.
//
// Where replies are counted it also holds the end back. When a connection ends the driver drops what it has read and not
// yet handed over; so it learns of the end only by reading, when every reply that came was taken.
type wire struct {
	net.Conn
	transfers atomic.Uint64

	// holds tells that replies are counted: those that came, and those that were taken.
	holds       atomic.Bool
	came, taken atomic.Uint64
	// broken tells that a write failed. Nothing leaves any more.
	broken atomic.Bool

	// Of the reader: the frame that comes, what came behind the beginning of a frame that is held back, and why nothing
	// more is read.
	frame incoming
	held  bool
	rest  []byte
	stop  error
}

func newWire(c net.Conn) *wire { return &wire{Conn: c} }

// hold begins or ends the counting of replies.
func (w *wire) hold(on bool) { w.holds.Store(on) }

// Write counts a transfer once the connection took all of it. A failure is kept from the driver while replies are counted,
// and ends the connection a little later if that does not end by itself: there may be replies in the other direction.
func (w *wire) Write(p []byte) (int, error) {
	if w.broken.Load() {
		return len(p), nil
	}
	n, err := w.Conn.Write(p)
	switch {
	case err == nil && performative(p) == transfer:
		w.transfers.Add(1)
	case err != nil && w.holds.Load() && !errors.Is(err, net.ErrClosed):
		w.broken.Store(true)
		time.AfterFunc(patience, func() { _ = w.Conn.Close() })
		return len(p), nil
	}
	return n, err
}

// Read gives what came, unless a frame in it is too large.
func (w *wire) Read(p []byte) (int, error) {
	if w.held || w.stop != nil {
		w.drain()
		w.held = false
	}
	if w.stop != nil {
		return 0, w.stop
	}
	n, err := w.next(p)
	for i := 0; i < n; {
		step, event, wrong := w.frame.take(p[i:n])
		if wrong != nil { // what came before it is right
			w.stop = wrong
			if i == 0 {
				return w.Read(p)
			}
			return i, nil
		}
		i += step
		switch {
		case event == reply:
			w.came.Add(1)
		case event == ending && w.holds.Load():
			w.held, w.rest = true, append(append([]byte(nil), p[i:n]...), w.rest...)
			return i, nil
		}
	}
	return n, err
}

// next reads from what is held back, or else from the connection.
func (w *wire) next(p []byte) (int, error) {
	if len(w.rest) > 0 {
		n := copy(p, w.rest)
		w.rest = w.rest[n:]
		return n, nil
	}
	n, err := w.Conn.Read(p)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		w.drain()
	}
	return n, err
}

// drain waits until every reply that came was taken.
func (w *wire) drain() {
	for until := time.Now().Add(patience); w.holds.Load() && w.taken.Load() < w.came.Load() && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}
