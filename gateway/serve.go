// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
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
	// writeGrace is what a caller has to take an answer after the time of the call itself is up.
	writeGrace = 10 * time.Second
	// quiet is how long no call must have come before a stop closes what is still open.
	quiet = 100 * time.Millisecond
	// settle bounds the wait for that quiet, at each step of a stop.
	settle = 500 * time.Millisecond
)

// ServerOptions say where a Gateway is served. The zero value is useful.
type ServerOptions struct {
	// Listen is the address of the data port, default :8080; Admin that of the admin port, default
	// 127.0.0.1:9901, "off" for none.
	Listen, Admin string
	// Drain bounds how long a stop waits for calls in flight; default 30 s.
	Drain time.Duration
	// Linger is how long a stop leaves connections open that callers keep without using them, since
	// a request may be on its way; default 200 ms.
	Linger time.Duration
}

// Server binds a Gateway and its admin handler to their addresses.
type Server struct {
	gateway     *Gateway
	options     ServerOptions
	data, admin *http.Server
	listener    net.Listener
	adminOn     net.Listener
	conns       conns
	errs        chan error
}

// NewServer binds the addresses, so that they are known before anything is served. Serve must be
// called after it.
func NewServer(ctx context.Context, g *Gateway, o ServerOptions) (*Server, error) {
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
	s := &Server{gateway: g, options: o, errs: make(chan error, 2)}
	s.conns.states = map[net.Conn]http.ConnState{}
	var lc net.ListenConfig
	// A multipath listener takes no filter: see refuseNew.
	lc.SetMultipathTCP(false)
	var err error
	if s.listener, err = lc.Listen(ctx, "tcp", o.Listen); err != nil {
		return nil, fmt.Errorf("data port: %w", err)
	}
	if o.Admin != "off" {
		if s.adminOn, err = lc.Listen(ctx, "tcp", o.Admin); err != nil {
			return nil, errors.Join(fmt.Errorf("admin port: %w", err), s.listener.Close())
		}
	}
	log := slog.NewLogLogger(g.options.Log.Handler(), slog.LevelDebug)
	s.data = &http.Server{
		Handler: g, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, ErrorLog: log,
		WriteTimeout: g.options.Timeout + writeGrace, MaxHeaderBytes: maxHeaderBytes, ConnState: s.conns.set,
	}
	s.admin = &http.Server{
		Handler: g.Admin(), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readHeaderTimeout,
		WriteTimeout: writeGrace, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: log,
	}
	return s, nil
}

// Addr returns the address of the data port.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

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
func (s *Server) Serve(ctx context.Context) error {
	go s.run(s.data, s.listener)
	if s.adminOn != nil {
		go s.run(s.admin, s.adminOn)
	}
	var failed error
	select {
	case failed = <-s.errs:
	case <-ctx.Done():
	}
	err := s.drain()
	_ = s.admin.Close()
	return errors.Join(failed, err)
}

func (s *Server) run(server *http.Server, l net.Listener) {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		s.errs <- err
	}
}

// drain stops the data port. net/http's Shutdown alone would drop requests that have arrived on
// idle connections but were not read yet, and resets those the listener had not accepted.
func (s *Server) drain() error {
	deadline := time.Now().Add(s.options.Drain)
	s.gateway.Drain()
	// Callers still come, and are served and sent away, until they find another instance.
	s.wait(earlier(deadline, settle), func() bool { return s.conns.idleFor(quiet) })
	// From here on nobody new gets in; who is at the door already is let in.
	refuseNew(s.listener)
	s.wait(earlier(deadline, settle), func() bool { return backlog(s.listener) == 0 && s.conns.noneNewFor(quiet) })
	_ = s.listener.Close()
	s.wait(deadline, func() bool { return s.gateway.InFlight() == 0 && !s.conns.unread() })
	s.wait(earlier(deadline, settle+s.options.Linger), func() bool { return s.gateway.InFlight() == 0 && s.conns.settled(s.options.Linger) })
	ctx, cancel := context.WithDeadline(context.Background(), maxTime(deadline, time.Now().Add(quiet)))
	defer cancel()
	lost := s.gateway.InFlight()
	if lost == 0 {
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
	if lost > 0 {
		return fmt.Errorf("drain took longer than %s: %d calls were cut off", s.options.Drain, lost)
	}
	return nil
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

// wait polls until done or the deadline.
func (s *Server) wait(deadline time.Time, done func() bool) {
	for !done() && time.Now().Before(deadline) {
		time.Sleep(quiet / 20)
	}
}

// conns follows the connections of the data port.
type conns struct {
	mu     sync.Mutex
	states map[net.Conn]http.ConnState
	// lastNew and lastUse are when a connection last came and when one last changed its state.
	lastNew, lastUse time.Time
}

// set is the ConnState hook.
func (c *conns) set(conn net.Conn, state http.ConnState) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastUse = now
	switch state {
	case http.StateNew:
		c.lastNew = now
		c.states[conn] = state
	case http.StateClosed, http.StateHijacked:
		delete(c.states, conn)
	default:
		c.states[conn] = state
	}
}

// idleFor reports that no connection is left, or that nothing happened on any for d.
func (c *conns) idleFor(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.states) == 0 {
		return time.Since(c.lastNew) > d
	}
	if time.Since(c.lastUse) <= d {
		return false
	}
	for _, state := range c.states {
		if state == http.StateActive {
			return false
		}
	}
	return true
}

// unread reports that a request has arrived on a connection but was not read yet.
func (c *conns) unread() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, state := range c.states {
		if state != http.StateActive && unreadBytes(conn) > 0 {
			return true
		}
	}
	return false
}

// settled reports that the connections left can be closed: none was used for d, and none is waiting
// for its first request.
func (c *conns) settled(d time.Duration) bool {
	c.mu.Lock()
	for _, state := range c.states {
		if state == http.StateNew {
			c.mu.Unlock()
			return false
		}
	}
	c.mu.Unlock()
	return c.idleFor(d) && !c.unread()
}

// noneNewFor reports that no connection came for d.
func (c *conns) noneNewFor(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.lastNew) > d
}
