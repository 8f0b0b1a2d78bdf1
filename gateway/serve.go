// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Defaults and fixed limits of a Server.
const (
	defaultListen     = ":8080"
	defaultAdmin      = "127.0.0.1:9901"
	defaultDrain      = 30 * time.Second
	defaultLinger     = 200 * time.Millisecond
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 75 * time.Second
	maxHeaderBytes    = 32 << 10
	maxConnections    = 10_000
	// maxAdmin is how many connections the admin port has at once: operators, probes and scrapers are few, and whoever
	// else reaches it shall not use up the files of the data port.
	maxAdmin = 256
	// writeGrace is what a caller has to take an answer after the time of the call itself is up.
	writeGrace = 10 * time.Second
	// quiet is how long no call must have come before a stop closes what is still open.
	quiet = 100 * time.Millisecond
	// settle bounds the wait for that quiet, at each step of a stop.
	settle = 500 * time.Millisecond
	// handoverLinger is how long, after a handover, connections are left open that callers keep
	// without using them. Nobody waits for that.
	handoverLinger = time.Second
	// adminWrite bounds an answer of the admin port; a reload may take its time.
	adminWrite = time.Minute
)

// ErrHandover is the cause of a context that ends because a successor serves the same ports.
var ErrHandover = errors.New("a successor serves the ports")

// ServerOptions say where a Gateway is served. The zero value is useful.
type ServerOptions struct {
	// Listen is the address of the data port, default :8080; Admin that of the admin port, default
	// 127.0.0.1:9901, "unix:" and a path for a unix socket, "off" for none.
	Listen, Admin string
	// ListenOn and AdminOn are listeners that are open already; nil means that the addresses are bound.
	ListenOn, AdminOn net.Listener
	// Shared tells that another process holds the listeners too, and will serve them when this one stops.
	Shared bool
	// Hurry, when closed, ends a stop at once: calls in flight are cut off.
	Hurry <-chan struct{}
	// Ready is called when both ports are served; nil means nobody needs to know.
	Ready func()
	// Drain bounds how long a stop waits for calls in flight; default 30 s.
	Drain time.Duration
	// Linger is how long a stop leaves connections open that callers keep without using them, since
	// a request may be on its way; default 200 ms.
	Linger time.Duration
	// Certificates makes the data port speak TLS; nil means plain HTTP.
	Certificates *Certificates
	// HTTP1 turns HTTP/2 off.
	HTTP1 bool
	// HeadLimit is the largest head of a request in bytes, default 32 KiB. HeadTime bounds how long it may
	// take to come, default 5 s, and Idle how long a connection may be unused, default 75 s.
	HeadLimit      int
	HeadTime, Idle time.Duration
	// Connections is how many there may be at once; default 10,000, and never more than three quarters of
	// the files that the process may open.
	Connections int
}

func (o *ServerOptions) defaults() {
	if o.Listen == "" {
		o.Listen = defaultListen
	}
	if o.Admin == "" {
		o.Admin = defaultAdmin
	}
	if o.Drain <= 0 {
		o.Drain = defaultDrain
	}
	if o.Linger <= 0 {
		o.Linger = defaultLinger
	}
	if o.HeadLimit <= 0 {
		o.HeadLimit = maxHeaderBytes
	}
	if o.HeadTime <= 0 {
		o.HeadTime = readHeaderTimeout
	}
	if o.Idle <= 0 {
		o.Idle = idleTimeout
	}
	if o.Connections <= 0 {
		o.Connections = maxConnections
	}
	if files := openFiles(); files > 0 {
		o.Connections = max(1, min(o.Connections, files/4*3))
	}
}

// Server binds a Gateway and its admin handler to their addresses.
type Server struct {
	gateway     *Gateway
	options     ServerOptions
	data, admin *http.Server
	listener    net.Listener
	adminOn     net.Listener
	conns       conns
	adminConns  conns
	errs        chan error
}

// NewServer binds the addresses, so that they are known before anything is served. Serve must be
// called after it.
func NewServer(ctx context.Context, g *Gateway, o ServerOptions) (*Server, error) {
	o.defaults()
	s := &Server{gateway: g, options: o, errs: make(chan error, 2)}
	for _, c := range []*conns{&s.conns, &s.adminConns} {
		c.states, c.cut = map[net.Conn]*connState{}, g.metrics.cut.Inc
	}
	if err := s.bind(ctx); err != nil {
		return nil, err
	}
	lines := slog.NewLogLogger(g.options.Log.Handler(), slog.LevelDebug)
	s.data = s.dataServer(lines)
	s.admin = &http.Server{
		Handler: g.Admin(), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readHeaderTimeout,
		WriteTimeout: adminWrite, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: lines,
		// Its calls are not counted: any connection may have to make room.
		ConnState: s.adminConns.set, DisableGeneralOptionsHandler: true,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return s.adminConns.enter(markSocket(ctx, c), c)
		},
	}
	return s, nil
}

// dataServer is the server of the data port. What HTTP/2 allows on one connection is bounded like
// everything else: streams, frames, what is read ahead, and how long a peer may not read.
func (s *Server) dataServer(lines *log.Logger) *http.Server {
	o := s.options
	out := &http.Server{
		Handler: s.gateway, ReadHeaderTimeout: o.HeadTime, IdleTimeout: o.Idle, ErrorLog: lines,
		WriteTimeout: s.gateway.options.Timeout + writeGrace, MaxHeaderBytes: o.HeadLimit, ConnState: s.conns.set,
		ConnContext: s.conns.enter,
		Protocols:   &http.Protocols{},
		// net/http would read the body of an OPTIONS * without a limit of time.
		DisableGeneralOptionsHandler: true,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 100, MaxReadFrameSize: 16 << 10, MaxDecoderHeaderTableSize: 4 << 10,
			MaxReceiveBufferPerConnection: 1 << 20, MaxReceiveBufferPerStream: 256 << 10,
			SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second, WriteByteTimeout: writeGrace,
		},
	}
	out.Protocols.SetHTTP1(true)
	if o.Certificates != nil {
		out.TLSConfig = o.Certificates.TLS()
		out.Protocols.SetHTTP2(!o.HTTP1)
	}
	return out
}

// Addr returns the address of the data port.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Listeners returns both listeners, to be handed to a successor; that of the admin port is nil if it
// is off.
func (s *Server) Listeners() (data, admin net.Listener) { return s.listener, s.adminOn }

// AdminAddr returns the address of the admin port, nil if it is off.
func (s *Server) AdminAddr() net.Addr {
	if s.adminOn == nil {
		return nil
	}
	return s.adminOn.Addr()
}

// Serve serves until ctx ends, and then drains: readiness is false at once, every answer asks to
// close its connection, calls in flight end, and only then are connections closed. It returns nil
// after a drain that lost nothing, or an error when calls were still in flight after Options.Drain.
// If the cause of ctx is ErrHandover, it first leaves the ports to the successor.
func (s *Server) Serve(ctx context.Context) error {
	swept := make(chan struct{})
	defer close(swept)
	go s.conns.sweep(swept, s.gateway.options.BodyTimeout)
	go s.run(s.data, &doorman{s.listener, &s.conns, s.options.Connections, s.gateway.metrics.turned.Inc})
	if s.adminOn != nil {
		go s.run(s.admin, &doorman{s.adminOn, &s.adminConns, maxAdmin, s.gateway.metrics.turned.Inc})
	}
	if s.options.Ready != nil {
		s.options.Ready()
	}
	var failed error
	select {
	case failed = <-s.errs:
	case <-ctx.Done():
	}
	err := s.drain(errors.Is(context.Cause(ctx), ErrHandover))
	_ = s.admin.Close()
	return errors.Join(failed, err)
}

func (s *Server) run(server *http.Server, l net.Listener) {
	serve := server.Serve
	if server.TLSConfig != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		s.errs <- err
	}
}

// drain stops the data port. net/http's Shutdown alone would drop requests that have arrived on
// idle connections but were not read yet, and resets those the listener had not accepted.
func (s *Server) drain(handover bool) error {
	deadline := time.Now().Add(s.options.Drain)
	linger, most := s.options.Linger, earlier(deadline, settle+s.options.Linger)
	if handover || s.options.Shared {
		// The copies go first: from now on everybody new meets the other process. A filter on the
		// socket would be one on its socket too.
		leave(s.listener)
		leave(s.adminOn)
		s.admin.SetKeepAlivesEnabled(false)
		s.gateway.Drain()
		if handover {
			linger, most = max(linger, handoverLinger), deadline
		}
	} else {
		s.gateway.Drain()
		s.refuse(deadline)
	}
	s.wait(deadline, func() bool { return s.gateway.InFlight() == 0 && !s.conns.unread() })
	s.wait(most, func() bool { return s.gateway.InFlight() == 0 && s.conns.settled(linger) })
	return s.shut(deadline)
}

// refuse lets nobody new in any more, once those who came were served.
func (s *Server) refuse(deadline time.Time) {
	// Callers still come, and are served and sent away, until they find another instance.
	s.wait(earlier(deadline, settle), func() bool { return s.conns.idleFor(quiet) })
	// From here on nobody new gets in; who is at the door already is let in, however long a machine takes that is busy.
	most := deadline
	if !refuseNew(s.listener) {
		most = earlier(deadline, settle)
	}
	s.wait(most, func() bool { return backlog(s.listener) == 0 && s.conns.noneNewFor(quiet) })
	_ = s.listener.Close()
}

// shut closes what is left and tells what was lost by it.
func (s *Server) shut(deadline time.Time) error {
	ctx, cancel := context.WithDeadline(context.Background(), maxTime(deadline, time.Now().Add(quiet)))
	defer cancel()
	lost := s.gateway.InFlight()
	if lost == 0 || s.hurried() {
		// Connections without a request would be waited for: nothing is lost by closing them.
		short, stop := context.WithTimeout(ctx, settle)
		defer stop()
		ctx = short
	}
	err := s.data.Shutdown(ctx)
	if err == nil {
		return nil
	}
	lost = s.gateway.InFlight()
	_ = s.data.Close()
	switch {
	case lost == 0:
		return nil
	case s.hurried():
		return fmt.Errorf("stopped at once: %d calls were cut off", lost)
	default:
		return fmt.Errorf("drain took longer than %s: %d calls were cut off", s.options.Drain, lost)
	}
}

func (s *Server) hurried() bool {
	select {
	case <-s.options.Hurry:
		return true
	default:
		return false
	}
}

func earlier(deadline time.Time, d time.Duration) time.Time {
	if t := time.Now().Add(d); t.Before(deadline) {
		return t
	}
	return deadline
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// wait polls until done or the deadline, or until it has to hurry.
func (s *Server) wait(deadline time.Time, done func() bool) {
	for !done() && time.Now().Before(deadline) && !s.hurried() {
		time.Sleep(quiet / 20)
	}
}
