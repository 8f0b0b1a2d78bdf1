// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// wire is the TCP connection below TLS, or the connection itself. It counts the bytes that the
// kernel took, because TLS reports only whole records, and can be asked what is there to read.
type wire struct {
	net.Conn
	raw     syscall.RawConn
	written int64
	// peeking makes Read return at once, with errNothing when nothing is there.
	peeking bool
}

// errNothing says that nothing can be read now. It is temporary, so that TLS does not remember it.
type errNothing struct{}

func (errNothing) Error() string   { return "nothing to read" }
func (errNothing) Timeout() bool   { return true }
func (errNothing) Temporary() bool { return true }

func newWire(nc net.Conn) (*wire, error) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil, errors.New("the connection is no socket")
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &wire{Conn: nc, raw: raw}, nil
}

// Read waits for bytes, unless the wire is peeking.
func (w *wire) Read(p []byte) (int, error) {
	if w.peeking {
		return w.readNow(p)
	}
	return w.Conn.Read(p)
}

// Write counts what the kernel took.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.written += int64(n)
	return n, err
}

// readSoon is readNow for systems without a plain non-blocking read: it waits for a moment.
func (w *wire) readSoon(p []byte) (int, error) {
	if err := w.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(p)
	if n > 0 {
		return n, nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, errNothing{}
	}
	return 0, err
}
