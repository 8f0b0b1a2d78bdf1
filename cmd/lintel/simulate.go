// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
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
	// tls is nil for a host that is spoken to without TLS.
	tls     *hostTLS
	answers atomic.Pointer[answers]
	log     *slog.Logger
	web     *http.Server
	queue   *simulatedQueue
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

// startSimulated starts a host for a backend on an address, with TLS unless it is nil. A backend with a queue has none:
// its host reads a broker.
func startSimulated(ctx context.Context, address string, b *specs.Backend, a *answers, t *hostTLS, log *slog.Logger) (*simulatedHost, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if t != nil {
		l = t.over(l)
	}
	h := newSimulatedHost(ctx, b, a, log)
	h.listener, h.tls = l, t
	switch {
	case b.TCP != nil:
		f := frameOf(b)
		h.frame = &f
		h.done.Go(h.accept)
	case b.HTTP != nil:
		h.web = &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
		h.done.Go(func() { _ = h.web.Serve(l) })
	default:
		_ = l.Close()
		return nil, errors.New("hosts of this wire cannot be simulated")
	}
	return h, nil
}

func newSimulatedHost(ctx context.Context, b *specs.Backend, a *answers, log *slog.Logger) *simulatedHost {
	h := &simulatedHost{backend: b, log: log, conns: map[net.Conn]struct{}{}}
	h.ctx, h.stop = context.WithCancel(ctx)
	h.answers.Store(a)
	return h
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
	if h.queue == nil && (h.tls != nil) != (b.EncryptedHost() != "") {
		return false
	}
	if b.TCP != nil {
		return h.frame != nil && *h.frame == frameOf(b)
	}
	if b.AMQP != nil || b.MQ != nil {
		return h.queue != nil && h.queue.reads(b)
	}
	return b.HTTP != nil && h.web != nil
}

// Address is where a gateway finds it.
func (h *simulatedHost) Address() string {
	if h.queue != nil {
		address, _ := h.queue.broker.reached(h.backend.EncryptedHost(), nil)
		return address
	}
	return h.listener.Addr().String()
}

// at returns the backend with this host in place of the real one: same wire, with the same TLS.
func (h *simulatedHost) at(b *specs.Backend) *specs.Backend {
	out := *b
	if h.queue != nil {
		out.AMQP, out.MQ = h.queue.at(b), nil
		return &out
	}
	var t *specs.TLSConfig
	scheme := "http://"
	if h.tls != nil {
		t, scheme = h.tls.client(tlsOf(b), b.EncryptedHost()), "https://"
	}
	if b.TCP != nil {
		c := *b.TCP
		c.Addresses, c.TLS = []specs.Text{{Value: h.Address()}}, t
		out.TCP = &c
	}
	if b.HTTP != nil {
		w := *b.HTTP
		w.URLs, w.TLS, w.SOAP = []specs.Text{{Value: scheme + h.Address() + urlPath(b)}}, t, nil // its replies are those of the tests
		out.HTTP = &w
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

// acceptPause is how long a simulated host takes no connection after one could not be taken.
const acceptPause = 20 * time.Millisecond

func (h *simulatedHost) accept() {
	for {
		c, err := h.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, for example
			if !sleep(h.ctx, acceptPause) {
				return
			}
			continue
		}
		h.mu.Lock()
		h.conns[c] = struct{}{}
		if h.ctx.Err() != nil { // whoever closes the others has been here
			_ = c.Close()
		}
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
	// address, if set, says where the host of a backend or the broker of a listener listens, by its name and the address
	// that it has; empty for one that is left out.
	address func(name, original string) string
	// former are hosts that have no backend any more.
	former []*simulatedHost
	// brokers are those of backends and listeners, queues those of listeners by name.
	brokers map[string]*simulatedBroker
	queues  map[string]*broker.Broker
	// root, if set, signs the certificates that are made for the run.
	root *runRoot
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
		if s.address != nil && s.address(b.Name, hostAddress(b)) == "" {
			continue
		}
		h, err := s.host(compiled.ws, b, all[i])
		if err != nil {
			return nil, &exitError{code: exitLoad, err: err}
		}
		out[i] = h.at(b)
	}
	return out, nil
}

// host starts the host of a backend, or gives the one that runs new answers. One that cannot go on is closed where its
// address is needed, else at the end: calls that began with it are not cut off.
func (s *simulation) host(ws *specs.Workspace, b *specs.Backend, a *answers) (*simulatedHost, error) {
	h := s.hosts[b.Name]
	var running *hostTLS
	switch {
	case h == nil:
	case h.speaks(b):
		running = h.tls
	case s.address != nil:
		_ = h.Close()
		h = nil
	default:
		s.former = append(s.former, h)
		h = nil
	}
	goesOn := h != nil
	address := anyPort
	if s.address != nil {
		address = s.address(b.Name, hostAddress(b))
	}
	var err error
	if b.AMQP != nil || b.MQ != nil {
		h, err = s.queueHost(ws, h, b, a, address)
	} else {
		h, err = s.streamHost(ws, h, b, a, address, running)
	}
	if err != nil {
		return nil, fmt.Errorf("simulated host for %s: %w", b.Name, err)
	}
	h.answers.Store(a)
	if goesOn {
		return h, nil
	}
	if s.hosts == nil {
		s.hosts = map[string]*simulatedHost{}
	}
	s.hosts[b.Name] = h
	said := append([]string{count(len(a.cases), "exchange")}, describe(a.sim)...)
	if b.EncryptedHost() != "" {
		said = append(said, "TLS")
	}
	s.tell(fmt.Sprintf("simulated host for %s on %s (%s)", b.Name, h.Address(), strings.Join(said, ", ")))
	return h, nil
}

// streamHost starts a host that listens itself, unless it runs.
func (s *simulation) streamHost(ws *specs.Workspace, h *simulatedHost, b *specs.Backend, a *answers, address string, t *hostTLS) (*simulatedHost, error) {
	if b.EncryptedHost() != "" {
		var err error
		if t, err = s.hostTLSOf(t, ws, b.Name, tlsOf(b), hostNames(b, address)...); err != nil {
			return nil, err
		}
	}
	if h != nil {
		return h, nil
	}
	return startSimulated(s.ctx, address, b, a, t, s.log.Logger)
}

// queueHost starts a host that reads a queue, unless it runs.
func (s *simulation) queueHost(ws *specs.Workspace, h *simulatedHost, b *specs.Backend, a *answers, address string) (*simulatedHost, error) {
	at, err := s.broker(ws, brokerUser{name: b.Name, key: "backend " + b.Name, address: address, host: b.EncryptedHost(), tls: tlsOf(b)})
	if err != nil || h != nil {
		return h, err
	}
	h = newSimulatedHost(s.ctx, b, a, s.log.Logger)
	h.queue, err = newSimulatedQueue(b, at, h.react, h.log)
	return h, err
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
	for _, h := range append(slices.Collect(maps.Values(s.hosts)), s.former...) {
		_ = h.Close()
	}
	for _, b := range s.brokers {
		_ = b.Close()
	}
}
