// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"

	"lintel/adapters"
	"lintel/adapters/tcp"
	"lintel/gateway"
	"lintel/specs"
)

// house is a workspace that serves: every part, wired by hand.
type house struct {
	gateway *gateway.Gateway
	guards  guards
}

// guards are the guards of all backends by name.
type guards map[string]*adapters.Guard

// BackendStates implements gateway.StateSource.
func (g guards) BackendStates() map[string]any {
	out := make(map[string]any, len(g))
	for name, guard := range g {
		out[name] = guard.State()
	}
	return out
}

// Close closes all connections to hosts.
func (h *house) Close() error {
	var errs []error
	for _, g := range h.guards {
		errs = append(errs, g.Close())
	}
	return errors.Join(errs...)
}

// build wires a compiled workspace: an adapter behind a guard for each backend, a route for each
// operation.
func build(p *plan, backends []*specs.Backend, log logging) (*house, error) {
	h := &house{guards: guards{}}
	for _, b := range backends {
		g, err := newGuard(p.ws.FS, b)
		if err != nil {
			_ = h.Close()
			return nil, err
		}
		h.guards[b.Name] = g
	}
	c := p.ws.Config.Gateway
	gw, err := gateway.New(gateway.Options{
		BodyLimit: c.BodyLimit, Timeout: c.Timeout, Responses: c.Responses,
		Log: log.Logger, LogWriter: log.writer, Version: readVersion().Version, Backends: h.guards,
	})
	if err == nil {
		err = gw.Swap(h.routes(p))
	}
	if err != nil {
		_ = h.Close()
		return nil, err
	}
	h.gateway = gw
	return h, nil
}

func (h *house) routes(p *plan) []gateway.Route {
	out := make([]gateway.Route, 0, len(p.operations))
	for _, op := range p.operations {
		out = append(out, gateway.Route{
			Operation: op.spec, Start: func() gateway.Runner { return op.transform.Start() },
			Backend: h.guards[op.backend.Name], BackendName: op.backend.Name,
			Safe: op.safe(), Public: op.doc.Public,
			Timeout: cmp.Or(op.doc.Timeout, op.backend.Timeout),
		})
	}
	return out
}

// newGuard makes the adapter of a backend and its guard.
func newGuard(fsys fs.FS, b *specs.Backend) (*adapters.Guard, error) {
	a, err := newAdapter(fsys, b)
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", b.Name, err)
	}
	br := b.Breaker
	return adapters.NewGuard(b.Name, a, adapters.GuardOptions{
		Timeout: b.Timeout, Max: b.Concurrency.Max, Wait: b.Concurrency.Wait, Queue: b.Concurrency.Queue,
		Breaker: adapters.BreakerOptions{
			Window: br.Window, Failures: br.Failures, SlowOver: br.SlowOver, SlowRatio: br.SlowRatio,
			Minimum: br.Minimum, Open: br.Open,
		},
	})
}

// newAdapter is the one list of wires.
func newAdapter(fsys fs.FS, b *specs.Backend) (adapters.Adapter, error) {
	switch {
	case b.TCP != nil:
		t, err := tlsConfig(fsys, b.TCP.TLS)
		if err != nil {
			return nil, err
		}
		return tcp.New(tcp.Options{
			Address: b.TCP.Address.Value, Frame: frameOf(b), Connect: b.TCP.Connect, Idle: b.TCP.Idle,
			MaxReply: int(b.TCP.MaxReply), MaxIdle: b.Concurrency.Max, TLS: t,
		})
	default:
		return nil, errors.New("no wire is configured")
	}
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
