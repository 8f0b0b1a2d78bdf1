// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"time"

	"lintel/adapters"
)

// Session is what an adapter keeps for each connection: buffers, what was read too far.
type Session interface {
	// Extra tells whether bytes were read that belong to no reply that was asked for.
	Extra() bool
}

// Conn is one connection. It is used by one exchange at a time.
type Conn struct {
	// Stream is what messages are written to and read from: the socket, or TLS over it.
	Stream net.Conn
	// Session is the adapter's own.
	Session Session

	wire   *wire
	secure bool
	// idle is when the last exchange ended.
	idle time.Time
	// epoch is that of the pool when the connection was opened.
	epoch uint64
}

// Secure tells whether TLS is on top of the socket.
func (c *Conn) Secure() bool { return c.secure }

// Written is how many bytes the kernel took so far, those of TLS included.
func (c *Conn) Written() int64 { return c.wire.written }

// WriteParts writes all parts with one system call; the connection must not be Secure.
func (c *Conn) WriteParts(parts net.Buffers) (int64, error) {
	n, err := parts.WriteTo(c.wire.Conn)
	c.wire.written += n
	return n, err
}

// handshake puts TLS over the wire.
func (c *Conn) handshake(ctx context.Context, cfg *tls.Config) error {
	t := tls.Client(c.wire, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		return err
	}
	c.Stream, c.secure = t, true
	return nil
}

// clean reports whether nothing came since the last reply: no byte, no end of stream. One read
// through the stream also takes up what belongs to TLS itself.
func (c *Conn) clean() bool {
	// The deadline of the last exchange may have passed since, and would end the look too.
	if c.Session.Extra() || c.wire.SetReadDeadline(time.Time{}) != nil {
		return false
	}
	c.wire.peeking = true
	defer func() { c.wire.peeking = false }()
	var one [1]byte
	n, err := c.Stream.Read(one[:])
	var nothing errNothing
	return n == 0 && errors.As(err, &nothing)
}

// abort ends the connection at once; TLS gets no farewell, since the stream may be stuck.
func (c *Conn) abort() { _ = c.wire.Close() }

// retire ends a connection that was idle.
func (c *Conn) retire() { _ = c.Stream.Close() }

// Outcome is how an exchange on one connection ended.
type Outcome struct {
	Reply adapters.Message
	Err   *adapters.Error
	// Untouched means that the kernel took no byte of the request: it may be sent elsewhere.
	Untouched bool
	// Reusable means one clean reply and nothing else.
	Reusable bool
}

// exchange runs one turn. The deadline is total: it is set once and no read or write moves it. When
// ctx is canceled the connection is made unusable from outside.
func (c *Conn) exchange(ctx context.Context, turn Turn, m adapters.Message) Outcome {
	deadline, _ := ctx.Deadline()
	if err := c.wire.SetDeadline(deadline); err != nil {
		return Outcome{Err: Fail(ctx, err, adapters.NotSent, "connection ended before the request"), Untouched: true}
	}
	stop := func() bool { return true }
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, func() { _ = c.wire.SetDeadline(time.Unix(1, 0)) })
	}
	o := turn(ctx, c, m)
	if !stop() {
		// The deadline may be moved at any moment from now on: never pool it.
		o.Reusable = false
	}
	return o
}

// Ended reports whether time or the caller ended the exchange, not the host.
func Ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded)
}

// Fail makes the error of an exchange that the wire ended: by the caller, by time, or by a break.
func Fail(ctx context.Context, err error, fate adapters.Fate, detail string) *adapters.Error {
	e := &adapters.Error{Fate: fate, Kind: adapters.Broken, Detail: detail, Cause: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Detail = adapters.Canceled, "caller went away"
	case Ended(ctx, err):
		e.Kind, e.Detail = adapters.Timeout, "time ran out"
	}
	return e
}
