// SPDX-License-Identifier: Apache-2.0

package stream

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
	DefaultConnect = 2 * time.Second
	DefaultIdle    = 60 * time.Second
	DefaultMaxIdle = 32
)

// Options say how to reach a host.
type Options struct {
	// Address is host:port. A name is resolved anew for every connection.
	Address string
	// Connect bounds dialing and the TLS handshake together; 0 means DefaultConnect.
	Connect time.Duration
	// Idle closes connections that were not used for so long; 0 means DefaultIdle. Keep it below the
	// host's own limit: a request written into a dying connection is in doubt.
	Idle time.Duration
	// MaxIdle is how many connections wait for use; 0 means DefaultMaxIdle. How many exchanges run at
	// once is the Guard's matter.
	MaxIdle int
	// TLS, if set, is used towards the host; a missing ServerName is taken from Address.
	TLS *tls.Config
}

// Turn carries one exchange over a connection. It neither sets deadlines nor closes.
type Turn func(ctx context.Context, c *Conn, m adapters.Message) Outcome

// Pool carries exchanges over connections to one host. It is safe for concurrent use.
type Pool struct {
	opts Options
	tls  *tls.Config
	dial net.Dialer
	open func(*Conn) Session
	turn Turn
	idle idlers
	// life ends with Close, so that a dial under way ends too.
	life context.Context
	end  context.CancelFunc
}

// New checks the options and returns a pool. It does not connect. open makes the session of a new
// connection, turn one exchange on it.
func New(o Options, open func(*Conn) Session, turn Turn) (*Pool, error) {
	host, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	if host == "" || port == "" {
		return nil, errors.New("address: host and port are both needed")
	}
	if o.Connect < 0 || o.Idle < 0 || o.MaxIdle < 0 {
		return nil, errors.New("options: durations and sizes cannot be negative")
	}
	o.Connect = or(o.Connect, DefaultConnect)
	o.Idle = or(o.Idle, DefaultIdle)
	o.MaxIdle = or(o.MaxIdle, DefaultMaxIdle)
	p := &Pool{
		opts: o, open: open, turn: turn,
		idle: idlers{busy: map[*Conn]struct{}{}, maxIdle: o.MaxIdle, maxAge: o.Idle},
	}
	p.life, p.end = context.WithCancel(context.Background())
	if o.TLS != nil {
		p.tls = o.TLS.Clone()
		if p.tls.ServerName == "" {
			p.tls.ServerName = host
		}
	}
	return p, nil
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// Exchange makes one exchange over an idle connection or a new one. A request of which the kernel
// took no byte is sent once more over a fresh connection; nothing else is ever sent again.
func (p *Pool) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	c, err := p.connection(ctx, true)
	if err != nil {
		return adapters.Message{}, err
	}
	o := p.run(ctx, c, m)
	if o.Untouched {
		p.idle.count(func(s *Stats) { s.Resent++ })
		if c, err = p.connection(ctx, false); err != nil {
			return adapters.Message{}, err
		}
		o = p.run(ctx, c, m)
	}
	if o.Err != nil {
		return adapters.Message{}, o.Err
	}
	return o.Reply, nil
}

// run makes one exchange on c and gives c back or closes it, also when the goroutine unwinds.
func (p *Pool) run(ctx context.Context, c *Conn, m adapters.Message) (o Outcome) {
	defer func() {
		if o.Reusable {
			p.idle.put(c)
		} else {
			p.idle.drop(c)
		}
	}()
	return c.exchange(ctx, p.turn, m)
}

// connection takes an idle connection, if pooled allows, or opens one.
func (p *Pool) connection(ctx context.Context, pooled bool) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, Fail(ctx, err, adapters.NotSent, "")
	}
	if pooled {
		if c := p.idle.get(time.Now()); c != nil {
			return c, nil
		}
	}
	if p.life.Err() != nil {
		return nil, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "the adapter is closed"}
	}
	return p.connect(ctx)
}

// connect dials and, if asked for, puts TLS on top, within Options.Connect and ctx.
func (p *Pool) connect(parent context.Context) (*Conn, error) {
	ctx, cancel := context.WithTimeout(parent, p.opts.Connect)
	defer cancel()
	defer context.AfterFunc(p.life, cancel)()
	nc, err := p.dial.DialContext(ctx, "tcp", p.opts.Address)
	if err != nil {
		return nil, unreachable(parent, "no connection", err)
	}
	w, err := newWire(nc)
	if err != nil {
		_ = nc.Close()
		return nil, unreachable(parent, "no connection", err)
	}
	c := &Conn{Stream: w, wire: w}
	if p.tls != nil {
		if err := c.handshake(ctx, p.tls); err != nil {
			c.abort()
			return nil, unreachable(parent, "tls handshake failed", err)
		}
	}
	c.Session = p.open(c)
	if !p.idle.add(c) {
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
func (p *Pool) Probe(ctx context.Context) error {
	c, err := p.connection(ctx, true)
	if err != nil {
		return err
	}
	p.idle.put(c)
	return nil
}

// Stats gives the counters of the connections.
func (p *Pool) Stats() Stats { return p.idle.snapshot() }

// Distrust closes all idle connections, and those in use after their exchange.
func (p *Pool) Distrust() { p.idle.distrust() }

// Close ends all connections. Exchanges under way end with an error that tells their fate; later
// ones are not sent. It never fails and may be called twice.
func (p *Pool) Close() error {
	p.end()
	p.idle.close()
	return nil
}
