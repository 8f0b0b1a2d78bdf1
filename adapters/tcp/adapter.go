// SPDX-License-Identifier: Apache-2.0

package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"lintel/adapters"
)

// Defaults of Options.
const (
	DefaultConnect  = 2 * time.Second
	DefaultIdle     = 60 * time.Second
	DefaultMaxReply = 1 << 20
	DefaultMaxIdle  = 32
)

// Options say how to reach a host.
type Options struct {
	// Address is host:port. A name is resolved anew for every connection.
	Address string
	// Frame delimits messages; the zero value is a 4-byte big-endian length that does not count itself.
	Frame Frame
	// Connect bounds dialing and the TLS handshake together; 0 means DefaultConnect.
	Connect time.Duration
	// Idle closes connections that were not used for so long; 0 means DefaultIdle. Keep it below the
	// host's own limit: a request written into a dying connection is in doubt.
	Idle time.Duration
	// MaxReply is the largest body of a reply in bytes; 0 means DefaultMaxReply.
	MaxReply int
	// MaxIdle is how many connections wait for use; 0 means DefaultMaxIdle. How many exchanges run at
	// once is the Guard's matter.
	MaxIdle int
	// TLS, if set, is used towards the host; a missing ServerName is taken from Address.
	TLS *tls.Config
}

// Adapter carries messages in frames over TCP. It is safe for concurrent use.
type Adapter struct {
	opts Options
	tls  *tls.Config
	dial net.Dialer
	pool pool
	// life ends with Close, so that a dial under way ends too.
	life context.Context
	end  context.CancelFunc
}

var (
	_ adapters.Adapter = (*Adapter)(nil)
	_ adapters.Prober  = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("tcp address: %w", err)
	}
	if host == "" || port == "" {
		return nil, errors.New("tcp address: host and port are both needed")
	}
	if o.Frame.Bytes == 0 {
		o.Frame.Bytes = 4
	}
	if err := o.Frame.check(); err != nil {
		return nil, fmt.Errorf("tcp frame: %w", err)
	}
	if o.Connect < 0 || o.Idle < 0 || o.MaxReply < 0 || o.MaxIdle < 0 {
		return nil, errors.New("tcp options: durations and sizes cannot be negative")
	}
	o.Connect = or(o.Connect, DefaultConnect)
	o.Idle = or(o.Idle, DefaultIdle)
	o.MaxReply = or(o.MaxReply, DefaultMaxReply)
	o.MaxIdle = or(o.MaxIdle, DefaultMaxIdle)
	a := &Adapter{opts: o, pool: pool{busy: map[*conn]struct{}{}, maxIdle: o.MaxIdle, maxAge: o.Idle}}
	a.life, a.end = context.WithCancel(context.Background())
	if o.TLS != nil {
		a.tls = o.TLS.Clone()
		if a.tls.ServerName == "" {
			a.tls.ServerName = host
		}
	}
	return a, nil
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
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
	c, err := a.connection(ctx, true)
	if err != nil {
		return adapters.Message{}, err
	}
	o := a.run(ctx, c, m.Body)
	if o.untouched {
		a.pool.count(func(s *Stats) { s.Resent++ })
		if c, err = a.connection(ctx, false); err != nil {
			return adapters.Message{}, err
		}
		o = a.run(ctx, c, m.Body)
	}
	if o.err != nil {
		return adapters.Message{}, o.err
	}
	return adapters.Message{Body: o.reply}, nil
}

func (a *Adapter) checkRequest(body []byte) error {
	if len(body) == 0 {
		return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Internal, Detail: "an empty message cannot be framed"}
	}
	if limit := a.opts.Frame.maxBody(); int64(len(body)) > limit {
		return &adapters.Error{
			Fate: adapters.NotSent, Kind: adapters.TooLarge,
			Detail: fmt.Sprintf("the request has %d bytes, its length field counts to %d", len(body), limit),
		}
	}
	return nil
}

// run makes one exchange on c and gives c back or closes it, also when the goroutine unwinds.
func (a *Adapter) run(ctx context.Context, c *conn, body []byte) (o outcome) {
	defer func() {
		if o.reusable {
			a.pool.put(c)
		} else {
			a.pool.drop(c)
		}
	}()
	return c.exchange(ctx, body)
}

// connection takes an idle connection, if pooled allows, or opens one.
func (a *Adapter) connection(ctx context.Context, pooled bool) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, fail(ctx, err, adapters.NotSent, "")
	}
	if pooled {
		if c := a.pool.get(time.Now()); c != nil {
			return c, nil
		}
	}
	if a.life.Err() != nil {
		return nil, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "the adapter is closed"}
	}
	return a.open(ctx)
}

// open dials and, if asked for, puts TLS on top, within Options.Connect and ctx.
func (a *Adapter) open(parent context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(parent, a.opts.Connect)
	defer cancel()
	defer context.AfterFunc(a.life, cancel)()
	nc, err := a.dial.DialContext(ctx, "tcp", a.opts.Address)
	if err != nil {
		return nil, unreachable(parent, "no connection", err)
	}
	w, err := newWire(nc)
	if err != nil {
		_ = nc.Close()
		return nil, unreachable(parent, "no connection", err)
	}
	c := newConn(w, a.opts.Frame, a.opts.MaxReply)
	if a.tls != nil {
		if err := c.handshake(ctx, a.tls); err != nil {
			c.abort()
			return nil, unreachable(parent, "tls handshake failed", err)
		}
	}
	if !a.pool.add(c) {
		c.abort()
		return nil, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "the adapter is closed"}
	}
	return c, nil
}

// unreachable is the error of a connection that was not made. Time that ran out here is the host's
// doing, whoever set the limit; a caller who went away is not.
func unreachable(ctx context.Context, detail string, err error) *adapters.Error {
	e := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: detail, Cause: err}
	if errors.Is(ctx.Err(), context.Canceled) {
		e.Kind, e.Detail = adapters.Canceled, "caller went away"
	}
	return e
}

// Probe reports whether the host accepts connections. It sends no message.
func (a *Adapter) Probe(ctx context.Context) error {
	c, err := a.connection(ctx, true)
	if err != nil {
		return err
	}
	a.pool.put(c)
	return nil
}

// Stats gives the counters of the connections.
func (a *Adapter) Stats() Stats { return a.pool.snapshot() }

// Distrust implements adapters.Distruster.
func (a *Adapter) Distrust() { a.pool.distrust() }

// Close ends all connections. Exchanges under way end with an error that tells their fate; later
// ones are not sent. It never fails and may be called twice.
func (a *Adapter) Close() error {
	a.end()
	a.pool.close()
	return nil
}
