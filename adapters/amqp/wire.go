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

// chunk is how much is read from a connection at once, in bytes: the driver alone would ask for a message or two.
const chunk = 16 << 10

// wire is the connection below the driver. It gathers the frames that go into fewer writes, knows which of those that
// carry messages left as a whole, and looks at the size of every frame that comes: the driver would wait for, and keep,
// whatever is announced. The driver hands over one frame with each write.
//
// Where replies are counted it also holds the end back. When a connection ends the driver drops what it has read and not
// yet handed over; so it learns of the end only by reading, when every reply that came was taken.
type wire struct {
	net.Conn
	out *outbox
	// detached is told when the broker ends a link; nil if nobody wants to know.
	detached func()
	// holds tells that replies are counted: those that came, and those that were taken.
	holds       atomic.Bool
	came, taken atomic.Uint64
	// broken tells that a write failed. Nothing leaves any more.
	broken atomic.Bool
	// Of the reader: until when it may wait, what was read and not handed over, the frame that comes, what came behind the
	// beginning of a frame that is held back, and why nothing more is read.
	until  time.Time
	chunk  []byte
	unread []byte
	frame  incoming
	held   bool
	rest   []byte
	stop   error
}

func newWire(c net.Conn, timeout time.Duration) *wire {
	w := &wire{Conn: c, chunk: make([]byte, chunk)}
	w.out = newOutbox(c, timeout, w.writeFailed)
	return w
}

// hold begins or ends the counting of replies.
func (w *wire) hold(on bool) { w.holds.Store(on) }

// Write takes a frame. A failure is kept from the driver while replies are counted.
func (w *wire) Write(p []byte) (int, error) {
	if w.broken.Load() {
		return len(p), nil
	}
	if err := w.out.add(p); err != nil && !w.broken.Load() {
		return 0, err
	}
	return len(p), nil
}

// writeFailed ends the connection, while replies are counted a little later if it does not end by itself: there may be
// some in the other direction.
func (w *wire) writeFailed(err error) {
	if !w.holds.Load() || errors.Is(err, net.ErrClosed) {
		_ = w.Conn.Close()
		return
	}
	w.broken.Store(true)
	time.AfterFunc(patience, func() { _ = w.Conn.Close() })
}

// SetWriteDeadline implements net.Conn. Each write has a limit of its own.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline implements net.Conn, for reading.
func (w *wire) SetDeadline(t time.Time) error {
	w.until = t
	return w.Conn.SetReadDeadline(t)
}

// SetReadDeadline implements net.Conn. The driver moves it a little before each read, which costs more than it is worth.
func (w *wire) SetReadDeadline(t time.Time) error {
	if ahead := t.Sub(w.until); ahead >= 0 && ahead < deadlineStep && !w.until.IsZero() {
		return nil
	}
	return w.SetDeadline(t)
}

// deadlineStep is by how much a read may end too early.
const deadlineStep = 200 * time.Millisecond

// Close implements net.Conn: it drops what waits to be written.
func (w *wire) Close() error { return w.out.close(false) }

// finish closes when what waits was written, if that can be done at once.
func (w *wire) finish() error { return w.out.close(true) }

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
		case event == unlinking && w.detached != nil:
			w.detached()
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
	if len(w.unread) == 0 {
		n, err := w.Conn.Read(w.chunk)
		if n == 0 {
			if err != nil && !errors.Is(err, net.ErrClosed) {
				w.drain()
			}
			return 0, err
		}
		w.unread = w.chunk[:n] // an error comes again with the next read
	}
	n := copy(p, w.unread)
	w.unread = w.unread[n:]
	return n, nil
}

// drain waits until every reply that came was taken.
func (w *wire) drain() {
	for until := time.Now().Add(patience); w.holds.Load() && w.taken.Load() < w.came.Load() && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}
