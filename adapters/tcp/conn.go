// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"lintel/adapters"
)

// joinUpTo is the size up to which length field and body are copied together for one write.
const joinUpTo = 16 << 10

// conn is one connection. It is used by one exchange at a time.
type conn struct {
	// stream is what messages are written to and read from: the wire, or TLS over it.
	stream net.Conn
	wire   *wire
	secure bool
	frame  Frame
	in     *frameReader
	out    []byte
	// idle is when the last exchange ended.
	idle time.Time
	// epoch is that of the pool when the connection was opened.
	epoch uint64
}

func newConn(w *wire, f Frame, maxReply int) *conn {
	return &conn{stream: w, wire: w, frame: f, in: newFrameReader(f, maxReply)}
}

// handshake puts TLS over the wire.
func (c *conn) handshake(ctx context.Context, cfg *tls.Config) error {
	t := tls.Client(c.wire, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		return err
	}
	c.stream, c.secure = t, true
	return nil
}

// clean reports whether nothing came since the last reply: no byte, no end of stream. One read
// through the stream also takes up what belongs to TLS itself.
func (c *conn) clean() bool {
	// The deadline of the last exchange may have passed since, and would end the look too.
	if c.in.extra() || c.wire.SetReadDeadline(time.Time{}) != nil {
		return false
	}
	c.wire.peeking = true
	defer func() { c.wire.peeking = false }()
	var one [1]byte
	n, err := c.stream.Read(one[:])
	var nothing errNothing
	return n == 0 && errors.As(err, &nothing)
}

// abort ends the connection at once; TLS gets no farewell, since the stream may be stuck.
func (c *conn) abort() { _ = c.wire.Close() }

// retire ends a connection that was idle.
func (c *conn) retire() { _ = c.stream.Close() }

// outcome is how an exchange on one connection ended.
type outcome struct {
	reply []byte
	err   *adapters.Error
	// untouched means that the kernel took no byte of the request: it may be sent elsewhere.
	untouched bool
	// reusable means one clean reply and nothing else.
	reusable bool
}

// exchange writes one frame and reads one. The deadline is total: it is set once and no read or
// write moves it. When ctx is canceled the connection is made unusable from outside.
func (c *conn) exchange(ctx context.Context, body []byte) outcome {
	deadline, _ := ctx.Deadline()
	if err := c.wire.SetDeadline(deadline); err != nil {
		return outcome{err: fail(ctx, err, adapters.NotSent, "connection ended before the request"), untouched: true}
	}
	stop := func() bool { return true }
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, func() { _ = c.wire.SetDeadline(time.Unix(1, 0)) })
	}
	o := c.turn(ctx, body)
	if !stop() {
		// The deadline may be moved at any moment from now on: never pool it.
		o.reusable = false
	}
	return o
}

func (c *conn) turn(ctx context.Context, body []byte) outcome {
	before := c.wire.written
	whole, err := c.send(body)
	if err != nil {
		if whole {
			return outcome{err: fail(ctx, err, adapters.InDoubt, "connection ended with the request")}
		}
		// The length field announced more than was sent, so the host never held a whole request.
		return outcome{
			err:       fail(ctx, err, adapters.NotSent, "connection ended within the request"),
			untouched: c.wire.written == before && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded),
		}
	}
	reply, began, err := c.in.next(c.stream)
	if err != nil {
		return outcome{err: c.readFailure(ctx, began, err)}
	}
	return outcome{reply: reply, reusable: !c.in.extra()}
}

// send writes length field and body in one write. whole tells whether all of it left.
func (c *conn) send(body []byte) (whole bool, err error) {
	size := c.frame.Bytes + len(body)
	if size > joinUpTo && !c.secure {
		var head [4]byte
		c.frame.put(head[:], len(body))
		parts := net.Buffers{head[:c.frame.Bytes], body}
		n, err := parts.WriteTo(c.wire.Conn)
		c.wire.written += n
		return n == int64(size), err
	}
	buf := c.out
	if cap(buf) < size {
		buf = make([]byte, size)
		if size <= joinUpTo {
			c.out = buf
		}
	}
	buf = buf[:size]
	c.frame.put(buf, len(body))
	copy(buf[c.frame.Bytes:], body)
	n, err := c.stream.Write(buf)
	return n == size, err
}

// readFailure gives the fate of an exchange whose request left whole.
//
// Nothing came: in doubt. A reply that began and then broke off, or that is no frame, is taken for
// what it is, the reply to this request: the host did its part, and what it said cannot be read
// (applied, framing). Where time or the caller ended a running reply the cut is ours and says
// nothing about the host, so the exchange stays in doubt.
func (c *conn) readFailure(ctx context.Context, began bool, err error) *adapters.Error {
	switch {
	case errors.Is(err, errLengthTooSmall), errors.Is(err, errLengthTooLarge):
		return &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: "reply is no frame", Cause: err}
	case ended(ctx, err):
		return fail(ctx, err, adapters.InDoubt, "no whole reply")
	case began:
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: "reply breaks off", Cause: err}
	}
	return fail(ctx, err, adapters.InDoubt, "connection ended before the reply")
}

// ended reports whether time or the caller ended the exchange.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded)
}

// fail makes the error of an exchange that the wire ended: by the caller, by time, or by a break.
func fail(ctx context.Context, err error, fate adapters.Fate, detail string) *adapters.Error {
	e := &adapters.Error{Fate: fate, Kind: adapters.Broken, Detail: detail, Cause: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Detail = adapters.Canceled, "caller went away"
	case ended(ctx, err):
		e.Kind, e.Detail = adapters.Timeout, "time ran out"
	}
	return e
}
