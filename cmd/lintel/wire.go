// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/hosthttp"
	"lintel/adapters/tcp"
	"lintel/gateway"
	"lintel/gateway/listener"
	"lintel/gateway/rates"
	"lintel/gateway/tracing"
	"lintel/specs"
)

// house is a workspace that serves: every part, wired by hand.
type house struct {
	gateway *gateway.Gateway
	// config is what the gateway was started with.
	config *specs.Config

	log *slog.Logger

	recording recording
	stop      context.CancelFunc
	resolver  sync.WaitGroup

	mu     sync.Mutex
	guards map[string]*ownGuard
	tokens map[string]*ownTokens
	// counter is what gateways share to count calls, nil if there is nothing.
	counter *rates.Redis
	traces  *tracing.Tracer // nil if there are none
	// flags are values that the command line gave, by the path of their setting.
	flags map[string]specs.Setting
	// held are the backends that an operator holds: a reload must not release them.
	held map[string]bool
	// hearing is the listeners; logging is what they write to.
	hearing hearing
	logging logging
}

// ownGuard is a guard with the backend it was made for.
type ownGuard struct {
	*adapters.Guard
	backend *specs.Backend
}

// BackendStates implements gateway.StateSource.
func (h *house) BackendStates() map[string]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[string]any, len(h.guards))
	for name, guard := range h.guards {
		out[name] = guard.State()
	}
	return out
}

// Close closes all connections to hosts and ends what runs in the background.
func (h *house) Close() error {
	h.hearing.stop() // before what they call
	h.stop()
	h.resolver.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	(&authenticators{tokens: h.tokens}).closeBut(nil)
	if h.counter != nil {
		_ = h.counter.Close()
	}
	h.endTraces()
	return errors.Join(h.recording.Close(), closeGuards(h.guards))
}

func closeGuards(guards map[string]*ownGuard) error {
	var errs []error
	for _, g := range guards {
		errs = append(errs, g.Close())
	}
	return errors.Join(errs...)
}

// build wires a compiled workspace: an adapter behind a guard for each backend, a route for each
// operation. The operator does what callers of the admin port ask for; it may be nil.
func build(p *plan, backends []*specs.Backend, log logging, operator gateway.Operator, place journalPlace, flags ...specs.Setting) (*house, error) {
	h := &house{config: p.ws.Config, log: log.Logger, logging: log, held: map[string]bool{}, flags: map[string]specs.Setting{}}
	for _, f := range flags {
		h.flags[f.Path] = f
	}
	var err error
	if h.recording, err = openRecord(p, place, log); err != nil {
		return nil, err
	}
	var ctx context.Context
	ctx, h.stop = context.WithCancel(context.Background())
	if err := h.build(ctx, p, backends, log, operator); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *house) build(ctx context.Context, p *plan, backends []*specs.Backend, log logging, operator gateway.Operator) error {
	c, o := p.ws.Config.Gateway, p.ws.Config.Operations
	if err := h.startTraces(o.Traces); err != nil {
		return err
	}
	edge := gatewayOptions(&c)
	edge.Compress, edge.ServerTiming, edge.LogSample, edge.CacheEntries, edge.CacheBytes = o.Compress, o.ServerTiming, o.Log.Sample, o.Cache.Entries, o.Cache.Size
	edge.Journal, edge.Audit, edge.Webhook, edge.Tracer = h.recording.journal, h.recording.audit, h.recording.webhook, h.tracer()
	edge.Log, edge.LogWriter, edge.Version, edge.Backends = log.Logger, log.writer, readVersion().Version, h
	edge.Collectors = []prometheus.Collector{&listener.Collector{Source: h.hearing.listeners}}
	edge.Admin = gateway.AdminOptions{Hosts: o.AdminHosts, Token: o.AdminToken.Value, Operator: operator, Level: log.level}
	var err error
	if h.counter, err = newCounter(&c.Edge.Rate); err != nil {
		return err
	}
	if h.counter != nil {
		edge.Counter = h.counter
	}
	gw, err := gateway.New(edge)
	if err != nil {
		return err
	}
	h.gateway = gw
	if err := h.put(p, backends); err != nil {
		return err
	}
	h.resolver.Go(func() { gw.Resolve(ctx) })
	return nil
}

// put makes a workspace the one that is served, as a whole or not at all. Calls under way end with
// the routes and guards they began with. A backend whose settings did not change keeps its guard,
// and with it connections, counts and breaker; so does a scheme, and with it the keys of its issuer.
// One goroutine at a time may call it.
func (h *house) put(p *plan, backends []*specs.Backend) error {
	auth, err := newAuthenticators(p, h.tokens, h.log)
	if err != nil {
		return err
	}
	if err := h.swap(p, backends, auth); err != nil {
		auth.closeBut(h.tokens)
		return err
	}
	old := authenticators{tokens: h.tokens}
	h.mu.Lock()
	h.tokens = auth.tokens
	h.mu.Unlock()
	old.closeBut(auth.tokens)
	if err := h.hearing.start(p, h, h.logging); err != nil {
		return err
	}
	h.gateway.Describe(gateway.Running{
		Dir: p.ws.Dir, Digest: p.digest, Operations: len(p.operations), Findings: p.findings,
		Settings: h.settings(p), Pending: h.pending(p),
	})
	return nil
}

// swap puts the routes in place with their guards.
func (h *house) swap(p *plan, backends []*specs.Backend, auth *authenticators) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	next, fresh := map[string]*ownGuard{}, map[string]*ownGuard{}
	for _, b := range backends {
		if old := h.guards[b.Name]; old != nil && sameBackend(old.backend, b) {
			next[b.Name] = old
			continue
		}
		g, err := newGuard(p.ws.FS, b, h.gateway)
		if err != nil {
			return errors.Join(err, closeGuards(fresh))
		}
		if h.held[b.Name] {
			g.Hold()
		}
		fresh[b.Name] = &ownGuard{g, b}
		next[b.Name] = fresh[b.Name]
	}
	list, err := routes(p, next, auth.schemes)
	var s gateway.Site
	if err == nil {
		s, err = site(p, backends, list)
	}
	if err == nil {
		err = h.gateway.Put(s)
	}
	if err != nil {
		return errors.Join(err, closeGuards(fresh))
	}
	for name, old := range h.guards {
		if next[name] != old {
			go retire(old, p.ws.Config.Gateway.Timeout)
		}
	}
	h.guards = next
	return nil
}

// retire closes a guard when no call can use it any more: one that was matched before the swap may
// still be reading its body, and has the longest time of a call for everything.
func retire(g *ownGuard, longest time.Duration) {
	time.Sleep(longest + time.Second)
	_ = g.Close()
}

// sameBackend reports whether two backends say the same. One with TLS or WS-Security never does: its files
// may have changed.
func sameBackend(a, b *specs.Backend) bool {
	if tlsOf(a) != nil || tlsOf(b) != nil || securityOf(a) != nil || securityOf(b) != nil {
		return false
	}
	return reflect.DeepEqual(withoutPlaces(a), withoutPlaces(b))
}

// tlsOf is the TLS section of a backend's wire, or nil.
func tlsOf(b *specs.Backend) *specs.TLSConfig {
	switch {
	case b.TCP != nil:
		return b.TCP.TLS
	case b.HTTP != nil:
		return b.HTTP.TLS
	case b.AMQP != nil:
		return b.AMQP.TLS
	default:
		return nil
	}
}

func withoutPlaces(b *specs.Backend) specs.Backend {
	out := *b
	out.Pos, out.CodePage.Pos = specs.Pos{}, specs.Pos{}
	if b.TCP != nil {
		t := *b.TCP
		t.Addresses = slices.Clone(t.Addresses)
		for i := range t.Addresses {
			t.Addresses[i].Pos = specs.Pos{}
		}
		out.TCP = &t
	}
	if b.HTTP != nil {
		h := *b.HTTP
		h.URL.Pos = specs.Pos{}
		h.Headers = slices.Clone(h.Headers)
		for i := range h.Headers {
			h.Headers[i].Value.Pos = specs.Pos{}
		}
		if h.SOAP != nil && h.SOAP.Addressing != nil {
			a := *h.SOAP.Addressing
			a.Pos, a.To.Pos = specs.Pos{}, specs.Pos{}
			h.SOAP = &specs.SOAPConfig{Addressing: &a}
		}
		out.HTTP = &h
	}
	if b.AMQP != nil {
		q := *b.AMQP
		q.Pos = specs.Pos{}
		for _, t := range []*specs.Text{&q.Address, &q.Queue, &q.ReplyTo, &q.Host, &q.Container, &q.SASL.User, &q.SASL.Password} {
			t.Pos = specs.Pos{}
		}
		out.AMQP = &q
	}
	return out
}

func routes(p *plan, guards map[string]*ownGuard, schemes map[string]*gateway.Scheme) ([]gateway.Route, error) {
	out := make([]gateway.Route, 0, len(p.operations))
	for _, op := range p.operations {
		if op.steps != nil {
			r, err := stepsRoute(op, guards)
			if err != nil {
				return nil, err
			}
			r.Schemes, r.Keys, r.Version = schemes, op.keys(), p.digest
			out = append(out, r)
			continue
		}
		guard := guards[op.backend.Name].Guard
		lane, err := newLane(guard, &op.doc.Limits)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", op.spec.ID, err)
		}
		fallbacks, err := fallbacksOf(p, op, guards)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", op.spec.ID, err)
		}
		out = append(out, gateway.Route{
			Fallbacks: fallbacks, Operation: op.spec, Start: func() gateway.Runner { return op.transform.Start() },
			Backend: guard, BackendName: op.backend.Name, Lane: lane,
			Safe: op.safe(), Public: op.doc.Public, Schemes: schemes, Critical: op.doc.Limits.High,
			Timeout: cmp.Or(op.doc.Limits.Timeout, op.backend.Timeout), Caching: caching(op.doc.Cache),
			Keys: op.keys(), Version: p.digest, Means: means(op, guards),
		})
	}
	return out, nil
}

// fallbacksOf are the fallbacks of an operation.
func fallbacksOf(p *plan, op *operation, guards map[string]*ownGuard) ([]gateway.Fallback, error) {
	var out []gateway.Fallback
	for _, f := range op.doc.Fallbacks {
		one := gateway.Fallback{Last: f.Last}
		if name := f.Backend.Value; name != "" {
			guard := guards[name].Guard
			lane, err := newLane(guard, &specs.LimitsSpec{Needs: op.doc.Limits.Needs, High: op.doc.Limits.High})
			if err != nil {
				return nil, err
			}
			one.Backend, one.Lane, one.Timeout = guard, lane, cmp.Or(op.doc.Limits.Timeout, p.ws.Config.Backend(name).Timeout)
		}
		out = append(out, one)
	}
	return out, nil
}

// stepsRoute is the route of an operation of several steps.
func stepsRoute(op *operation, guards map[string]*ownGuard) (gateway.Route, error) {
	steps, err := stepRoutes(op, startPart, func(part *operation, l *specs.LimitsSpec) (gateway.Exchanger, *adapters.Lane, error) {
		guard := guards[part.backend.Name].Guard
		lane, err := newLane(guard, l)
		return guard, lane, err
	})
	return gateway.Route{
		Operation: op.spec, Steps: steps, Answer: func() gateway.Answerer { return op.steps.Answer.Start() },
		Safe: op.safe(), Public: op.doc.Public,
	}, err
}

// newLane makes the lane of an operation.
func newLane(g *adapters.Guard, l *specs.LimitsSpec) (*adapters.Lane, error) {
	return g.NewLane(adapters.LaneOptions{Max: l.Max, High: l.High, Needs: l.Needs, Retries: l.Retries, Hedge: l.Hedge})
}

// newGuard makes the adapter of a backend and its guard; observer learns of changes of its breaker.
func newGuard(fsys fs.FS, b *specs.Backend, observer adapters.Observer) (*adapters.Guard, error) {
	a, err := newAdapter(fsys, b)
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", b.Name, err)
	}
	br := b.Breaker
	return adapters.NewGuard(b.Name, a, adapters.GuardOptions{
		Timeout: b.Timeout, Max: b.Concurrency.Max, Wait: b.Concurrency.Wait, Queue: b.Concurrency.Queue,
		Adapt: b.Concurrency.Min, Retries: b.Retries, Observer: observer,
		Breaker: adapters.BreakerOptions{
			Window: br.Window, Failures: br.Failures, SlowOver: br.SlowOver, SlowRatio: br.SlowRatio,
			Minimum: br.Minimum, Open: br.Open, MaxOpen: br.MaxOpen, Ramp: max(br.Ramp, 0),
		},
	})
}

// newAdapter is the one list of wires.
func newAdapter(fsys fs.FS, b *specs.Backend) (adapters.Adapter, error) {
	t, err := tlsConfig(fsys, tlsOf(b))
	if err != nil {
		return nil, err
	}
	switch {
	case b.TCP != nil:
		return endpoints(b.TCP.Addresses, b.TCP.Spread, func(address string) (adapters.Adapter, error) {
			return tcp.New(tcp.Options{
				Address: address, Frame: frameOf(b), Connect: b.TCP.Connect, Idle: b.TCP.Idle,
				MaxReply: int(b.TCP.MaxReply), MaxIdle: b.Concurrency.Max, TLS: t,
			})
		})
	case b.HTTP != nil:
		h := b.HTTP
		headers := make(map[string]string, len(h.Headers))
		for _, x := range h.Headers {
			headers[x.Name] = x.Value.Value
		}
		a, err := hosthttp.New(hosthttp.Options{
			URL: h.URL.Value, Method: h.Method, Headers: headers, Messages: h.Messages, NotApplied: h.NotApplied, Gzip: h.Gzip,
			MaxReply: int(h.MaxReply), Connect: h.Connect, Idle: h.Idle, MaxIdle: b.Concurrency.Max, TLS: t,
		})
		if err != nil {
			return nil, err
		}
		return aroundSOAP(fsys, b, a)
	case b.AMQP != nil:
		return amqp.New(amqpOptions(b.AMQP, b.Concurrency.Max, t))
	default:
		return nil, errors.New("no wire is configured")
	}
}

// endpoints makes one adapter of those for several addresses.
func endpoints(addresses []specs.Text, spread bool, open func(address string) (adapters.Adapter, error)) (adapters.Adapter, error) {
	if len(addresses) == 1 {
		return open(addresses[0].Value)
	}
	var list []adapters.Endpoint
	for _, a := range addresses {
		one, err := open(a.Value)
		if err != nil {
			return nil, err
		}
		list = append(list, adapters.Endpoint{Name: a.Value, Adapter: one})
	}
	return adapters.NewEndpoints(spread, list...)
}

// checkWires reports what would keep a workspace from being wired.
func checkWires(ws *specs.Workspace) specs.Findings {
	var findings specs.Findings
	for _, b := range ws.Config.Backends {
		if _, err := tlsConfig(ws.FS, tlsOf(b)); err != nil {
			findings.Add(codeTLS, b.Pos, fmt.Sprintf("TLS of backend %q cannot be set up: %v", b.Name, err), "name PEM files below the workspace")
		}
		if s := securityOf(b); s != nil {
			if _, err := securityPolicy(ws.FS, s); err != nil {
				findings.Add(codeWSSecurity, s.Pos, fmt.Sprintf("WS-Security of backend %q cannot be set up: %v", b.Name, err), "name PEM files with keys of RSA (2048 bits or more) or ECDSA")
			}
		}
	}
	return findings
}

// tlsConfig reads the PEM files of a tls section.
func tlsConfig(fsys fs.FS, c *specs.TLSConfig) (*tls.Config, error) {
	if c == nil {
		return nil, nil
	}
	out := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CA.Value != "" {
		pem, err := fs.ReadFile(fsys, c.CA.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: CA certificates cannot be read: %w", c.CA.Pos, err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: file holds no certificate in PEM", c.CA.Pos)
		}
	}
	if c.Certificate.Value == "" {
		return out, nil
	}
	cert, err := fs.ReadFile(fsys, c.Certificate.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: certificate cannot be read: %w", c.Certificate.Pos, err)
	}
	key, err := fs.ReadFile(fsys, c.Key.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: key cannot be read: %w", c.Key.Pos, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s: certificate and key do not belong together or cannot be used", c.Certificate.Pos)
	}
	out.Certificates = []tls.Certificate{pair}
	return out, nil
}
