// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lintel/adapters/amqp/broker"
	"lintel/adapters/tcp"
	"lintel/specs"
	"lintel/transforms"
)

// simulatedHost plays one backend's host: it listens on loopback, speaks the backend's real wire
// and answers from the workspace's tests.
type simulatedHost struct {
	backend *specs.Backend
	// frame is nil for a backend that is spoken to in HTTP.
	frame    *tcp.Frame
	listener net.Listener
	answers  atomic.Pointer[answers]
	log      *slog.Logger
	web      *http.Server
	queue    *simulatedQueue
	// ctx ends when the host does: nobody waits any more then.
	ctx  context.Context
	stop context.CancelFunc

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	done  sync.WaitGroup
}

// maxSimulated bounds a message that a simulated host takes, in bytes.
const maxSimulated = 4 << 20

// anyPort lets the system pick a port.
const anyPort = "127.0.0.1:0"

// startSimulated starts a host for a backend on an address.
func startSimulated(ctx context.Context, address string, b *specs.Backend, a *answers, log *slog.Logger) (*simulatedHost, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("simulated host for %s: %w", b.Name, err)
	}
	h := &simulatedHost{backend: b, listener: l, log: log, conns: map[net.Conn]struct{}{}}
	h.ctx, h.stop = context.WithCancel(ctx)
	h.answers.Store(a)
	switch {
	case b.TCP != nil:
		f := frameOf(b)
		h.frame = &f
		h.done.Go(h.accept)
	case b.HTTP != nil:
		h.web = &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
		h.done.Go(func() { _ = h.web.Serve(l) })
	case b.AMQP != nil || b.MQ != nil:
		if h.queue, err = newSimulatedQueue(l, b, h.react, log); err != nil {
			return nil, fmt.Errorf("simulated host for %s: %w", b.Name, err)
		}
	default:
		_ = l.Close()
		return nil, fmt.Errorf("backend %s: hosts of this wire cannot be simulated", b.Name)
	}
	return h, nil
}

func frameOf(b *specs.Backend) tcp.Frame {
	f := b.TCP.Frame.Length
	if f == nil {
		return tcp.Frame{Bytes: 4}
	}
	return tcp.Frame{Bytes: f.Bytes, Little: f.Little, IncludesSelf: f.IncludesSelf}
}

// speaks reports whether this host can go on for b.
func (h *simulatedHost) speaks(b *specs.Backend) bool {
	if b.TCP != nil {
		return h.frame != nil && *h.frame == frameOf(b)
	}
	if b.AMQP != nil || b.MQ != nil {
		return h.queue != nil && h.queue.reads(b)
	}
	return b.HTTP != nil && h.web != nil
}

// Address is where it listens.
func (h *simulatedHost) Address() string { return h.listener.Addr().String() }

// at returns the backend with this host in place of the real one: same wire, without TLS.
func (h *simulatedHost) at(b *specs.Backend) *specs.Backend {
	out := *b
	if b.TCP != nil {
		t := *b.TCP
		t.Addresses, t.TLS = []specs.Text{{Value: h.Address()}}, nil
		out.TCP = &t
	}
	if b.HTTP != nil {
		w := *b.HTTP
		w.URLs, w.TLS, w.SOAP = []specs.Text{{Value: "http://" + h.Address() + urlPath(b)}}, nil, nil // its replies are those of the tests
		out.HTTP = &w
	}
	if b.AMQP != nil || b.MQ != nil {
		out.AMQP, out.MQ = h.queue.at(b), nil
	}
	return &out
}

// Close stops it and ends its connections.
func (h *simulatedHost) Close() error {
	h.stop()
	var err error
	switch {
	case h.web != nil:
		err = h.web.Close()
	case h.queue != nil:
		err = h.queue.Close()
	default:
		err = h.listener.Close()
	}
	h.mu.Lock()
	for c := range h.conns {
		_ = c.Close()
	}
	h.mu.Unlock()
	h.done.Wait()
	return err
}

func (h *simulatedHost) accept() {
	for {
		c, err := h.listener.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		h.conns[c] = struct{}{}
		h.mu.Unlock()
		h.done.Go(func() { h.serve(c) })
	}
}

func (h *simulatedHost) serve(c net.Conn) {
	defer func() {
		_ = c.Close()
		h.mu.Lock()
		delete(h.conns, c)
		h.mu.Unlock()
	}()
	r := bufio.NewReader(c)
	for {
		msg, err := h.frame.Read(r, maxSimulated)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				h.log.Warn("simulated host: connection ended", "backend", h.backend.Name, "error", err.Error())
			}
			return
		}
		if !h.send(c, r, h.react(transforms.Message{Body: msg})) {
			return
		}
	}
}

// send does what a reaction says on a connection. It reports whether the connection goes on.
func (h *simulatedHost) send(c net.Conn, in *bufio.Reader, x reaction) bool {
	if !sleep(h.ctx, x.after) {
		return false
	}
	switch x.act {
	case "timeout":
		_, _ = io.Copy(io.Discard, in) // until the other side gives up, or the host ends
		return false
	case "disconnect", "abend":
		return false
	}
	out, err := h.frame.Append(nil, x.reply.Body)
	write := func(b []byte) error {
		_, err := c.Write(b)
		return err
	}
	switch {
	case err != nil:
	case x.act == "drip":
		err = drip(h.ctx, out, x.over, write)
	default:
		err = write(out)
	}
	if err != nil {
		h.log.Warn("simulated host: reply not sent", "backend", h.backend.Name, "error", err.Error())
	}
	return err == nil
}

// react decides what to do with a message and says where that came from.
func (h *simulatedHost) react(msg transforms.Message) reaction {
	x := h.answers.Load().react(msg)
	h.log.Info("simulated host answered", "backend", h.backend.Name, "operation", x.how.operation, "answer", x.how.source)
	return x
}

// simulation is the simulated hosts of a serving workspace; it does nothing when it is off.
type simulation struct {
	ctx   context.Context
	p     *program
	log   logging
	on    bool
	hosts map[string]*simulatedHost
	// flags stand in for values of simulate.yaml, state is what the hosts remember.
	flags simulationFlags
	state hostState
	// with, if set, changes what a host answers from.
	with func(*answers)
	// told, if set, writes the line of a host in place of stderr.
	told func(line string)
	// address, if set, gives the address of the host of a backend; empty for one that is left out.
	address func(b *specs.Backend) string
	// queues are those of listeners.
	queues map[string]*broker.Broker
}

// backends returns the backends of a workspace, each with its simulated host in place of the real
// one if the simulation is on. Hosts of an earlier workspace go on with the new one's tests.
func (s *simulation) backends(compiled *plan) ([]*specs.Backend, error) {
	out := slices.Clone(compiled.ws.Config.Backends)
	if !s.on {
		return out, nil
	}
	if err := s.listeners(compiled); err != nil {
		return nil, err
	}
	sim, err := s.flags.over(compiled.ws.Simulation)
	if err != nil {
		return nil, err
	}
	all := make([]*answers, len(out))
	for i, b := range out {
		a, findings := newAnswers(compiled, b, sim)
		a.state, all[i] = &s.state, a
		if s.with != nil {
			s.with(a)
		}
		if err := printFindings(s.p.stderr, compiled.ws, findings); err != nil {
			return nil, err
		}
		if findings.HasErrors() {
			return nil, &exitError{code: exitFindings, err: errors.New("the tests of the workspace have errors")}
		}
	}
	s.state.begin(sim) // not before: a workspace that is refused leaves the rows as they are
	for i, b := range out {
		if s.address != nil && s.address(b) == "" {
			continue
		}
		h, err := s.host(b, all[i])
		if err != nil {
			return nil, &exitError{code: exitLoad, err: err}
		}
		out[i] = h.at(b)
	}
	return out, nil
}

// host starts the host of a backend, or gives the one that runs new answers.
func (s *simulation) host(b *specs.Backend, a *answers) (*simulatedHost, error) {
	h := s.hosts[b.Name]
	if h != nil && h.speaks(b) {
		h.answers.Store(a)
		return h, nil
	}
	address := anyPort
	if s.address != nil {
		address = s.address(b)
	}
	h, err := startSimulated(s.ctx, address, b, a, s.log.Logger)
	if err != nil {
		return nil, err
	}
	if s.hosts == nil {
		s.hosts = map[string]*simulatedHost{}
	}
	s.hosts[b.Name] = h
	s.tell(fmt.Sprintf("simulated host for %s on %s (%s)", b.Name, h.Address(), strings.Join(append([]string{count(len(a.cases), "exchange")}, describe(a.sim)...), ", ")))
	return h, nil
}

// tell writes a line for the terminal.
func (s *simulation) tell(line string) {
	if s.told != nil {
		s.told(line)
		return
	}
	_, _ = fmt.Fprintln(s.p.stderr, line)
}

// journal says where the journal of a simulation lies: in memory, so that nothing stays of it.
func (s *simulation) journal() journalPlace { return journalPlace{memory: s.on} }

func (s *simulation) close() {
	for _, b := range s.queues {
		_ = b.Close()
	}
	for _, h := range s.hosts {
		_ = h.Close()
	}
}
