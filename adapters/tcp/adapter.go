// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"lintel/adapters"
	"lintel/adapters/stream"
)

// DefaultMaxReply is the largest reply unless Options say otherwise.
const DefaultMaxReply = 1 << 20

// Options say how to reach a host.
type Options struct {
	// Address, Connect, Idle, MaxIdle and TLS are those of stream.Options.
	Address       string
	Connect, Idle time.Duration
	MaxIdle       int
	TLS           *tls.Config
	// Frame delimits messages; the zero value is a 4-byte big-endian length that does not count itself.
	Frame Frame
	// MaxReply is the largest body of a reply in bytes; 0 means DefaultMaxReply.
	MaxReply int
}

// Adapter carries messages in frames over TCP. It is safe for concurrent use.
type Adapter struct {
	*stream.Pool
	frame Frame
}

var (
	_ adapters.Adapter    = (*Adapter)(nil)
	_ adapters.Prober     = (*Adapter)(nil)
	_ adapters.Distruster = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	if o.Frame.Bytes == 0 {
		o.Frame.Bytes = 4
	}
	if err := o.Frame.check(); err != nil {
		return nil, fmt.Errorf("tcp frame: %w", err)
	}
	if o.MaxReply < 0 {
		return nil, errors.New("tcp options: sizes cannot be negative")
	}
	if o.MaxReply == 0 {
		o.MaxReply = DefaultMaxReply
	}
	a := &Adapter{frame: o.Frame}
	pool, err := stream.New(
		stream.Options{Address: o.Address, Connect: o.Connect, Idle: o.Idle, MaxIdle: o.MaxIdle, TLS: o.TLS},
		func(*stream.Conn) stream.Session { return &session{frameReader: newFrameReader(o.Frame, o.MaxReply)} },
		turn,
	)
	if err != nil {
		return nil, fmt.Errorf("tcp %w", err)
	}
	a.Pool = pool
	return a, nil
}

// Exchange writes m as one frame and reads one frame. Properties are not carried by this wire.
//
// The fate of a failure: not sent as long as the last byte of the frame has not left, since a host
// that was announced more bytes never held a whole request; in doubt once it has; applied when a
// reply began and cannot be read. A request of which the kernel took no byte is sent once more over
// a fresh connection; nothing else is ever sent again.
func (a *Adapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	if err := a.checkRequest(m.Body); err != nil {
		return adapters.Message{}, err
	}
	return a.Pool.Exchange(ctx, m)
}

func (a *Adapter) checkRequest(body []byte) error {
	if len(body) == 0 {
		return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Internal, Detail: "an empty message cannot be framed"}
	}
	if limit := a.frame.maxBody(); int64(len(body)) > limit {
		return &adapters.Error{
			Fate: adapters.NotSent, Kind: adapters.TooLarge,
			Detail: fmt.Sprintf("the request has %d bytes, its length field counts to %d", len(body), limit),
		}
	}
	return nil
}
