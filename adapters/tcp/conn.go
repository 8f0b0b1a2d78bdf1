// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"lintel/adapters"
	"lintel/adapters/stream"
)

// joinUpTo is the size up to which length field and body are copied together for one write.
const joinUpTo = 16 << 10

// session is what is kept for one connection.
type session struct {
	*frameReader
	out []byte
}

// turn writes one frame and reads one.
func turn(ctx context.Context, c *stream.Conn, m adapters.Message) stream.Outcome {
	s, _ := c.Session.(*session)
	before := c.Written()
	whole, err := s.send(c, m.Body)
	if err != nil {
		if whole {
			return stream.Outcome{Err: stream.Fail(ctx, err, adapters.InDoubt, "connection ended with the request")}
		}
		// The length field announced more than was sent, so the host never held a whole request.
		return stream.Outcome{
			Err:       stream.Fail(ctx, err, adapters.NotSent, "connection ended within the request"),
			Untouched: c.Written() == before && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded),
		}
	}
	reply, began, err := s.next(c.Stream)
	if err != nil {
		return stream.Outcome{Err: readFailure(ctx, began, err)}
	}
	return stream.Outcome{Reply: adapters.Message{Body: reply}, Reusable: !s.Extra()}
}

// send writes length field and body in one write. whole tells whether all of it left.
func (s *session) send(c *stream.Conn, body []byte) (whole bool, err error) {
	size := s.frame.Bytes + len(body)
	if size > joinUpTo && !c.Secure() {
		var head [4]byte
		s.frame.put(head[:], len(body))
		n, err := c.WriteParts(net.Buffers{head[:s.frame.Bytes], body})
		return n == int64(size), err
	}
	buf := s.out
	if cap(buf) < size {
		buf = make([]byte, size)
		if size <= joinUpTo {
			s.out = buf
		}
	}
	buf = buf[:size]
	s.frame.put(buf, len(body))
	copy(buf[s.frame.Bytes:], body)
	n, err := c.Stream.Write(buf)
	return n == size, err
}

// readFailure gives the fate of an exchange whose request left whole.
//
// Nothing came: in doubt. A reply that began and then broke off, or that is no frame, is taken for
// what it is, the reply to this request: the host did its part, and what it said cannot be read
// (applied, framing). Where time or the caller ended a running reply the cut is ours and says
// nothing about the host, so the exchange stays in doubt.
func readFailure(ctx context.Context, began bool, err error) *adapters.Error {
	switch {
	case errors.Is(err, errLengthTooSmall), errors.Is(err, errLengthTooLarge):
		return &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: "reply is no frame", Cause: err}
	case stream.Ended(ctx, err):
		return stream.Fail(ctx, err, adapters.InDoubt, "no whole reply")
	case began:
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: "reply breaks off", Cause: err}
	}
	return stream.Fail(ctx, err, adapters.InDoubt, "connection ended before the reply")
}
