// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/adapters"
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
	if t := h.recording.tape; t != nil {
		edge.Admin.Calls, _ = t.tape.(http.Handler)
	}
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
	h.resolver.Go(func() { gw.Tell(ctx) })
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
		g, err := newGuard(p.ws.FS, b, h.gateway, h.gateway.LateReply)
		if err != nil {
			return errors.Join(err, closeGuards(fresh))
		}
		if h.held[b.Name] {
			g.Hold()
		}
		fresh[b.Name] = &ownGuard{g, b}
		next[b.Name] = fresh[b.Name]
	}
	list, err := routes(p, next, auth.schemes, h.recording.tape)
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
	setPings(p, next)
	for name, old := range h.guards {
		if next[name] != old {
			old.SetPing(nil)
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
