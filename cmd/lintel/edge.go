// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"lintel/gateway"
	"lintel/gateway/docspage"
	"lintel/gateway/rates"
	"lintel/specs"
)

// certificateEvery is how often the files of TLS are read again.
const certificateEvery = 5 * time.Second

// gatewayOptions is what lintel.yaml says about the edge and takes effect at the start only.
func gatewayOptions(c *specs.GatewayConfig) gateway.Options {
	e := &c.Edge
	return gateway.Options{
		BodyLimit: c.BodyLimit, Timeout: c.Timeout, BudgetHeader: c.BudgetHeader, Responses: c.Responses, BodyTimeout: e.Limits.BodyTime,
		Concurrency: e.Concurrency.Max, URLLimit: int(e.Limits.URL), HeaderLimit: e.Limits.Headers,
		Proxies: e.Proxies, HSTS: e.HSTS,
	}
}

// startOnly is the part of the gateway section that a reload does not change, without places.
func startOnly(c specs.GatewayConfig) specs.GatewayConfig {
	c.ReplicasPos = specs.Pos{}
	e := &c.Edge
	e.CORS, e.Publish, e.Rate.Policies = nil, specs.PublishConfig{}, nil
	e.Concurrency = specs.EdgeConcurrency{Max: e.Concurrency.Max}
	e.Rate.Redis.Pos = specs.Pos{}
	if e.TLS != nil {
		t := *e.TLS
		t.Pos, t.Certificate.Pos, t.Key.Pos, t.Clients.Pos = specs.Pos{}, specs.Pos{}, specs.Pos{}, specs.Pos{}
		e.TLS = &t
	}
	return c
}

// newCounter makes the counter that gateways share; nil if each counts its own.
func newCounter(c *specs.RateConfig) (*rates.Redis, error) {
	if c.Redis.IsZero() {
		return nil, nil
	}
	return rates.NewRedis(c.Redis.Reveal())
}

// site is everything that a workspace serves: its routes with their bounds, and what is told about them.
func site(p *plan, backends []*specs.Backend, routes []gateway.Route) (gateway.Site, error) {
	e := &p.ws.Config.Gateway.Edge
	s := gateway.Site{Routes: routes}
	for i := range s.Routes {
		bounds(&s.Routes[i], e, backends)
	}
	for _, r := range e.Rate.Policies {
		s.Rates = append(s.Rates, gateway.RatePolicy{Name: r.Name.Value, Requests: r.Requests, Per: r.Per, By: gateway.RateBy(r.By)})
	}
	if c := e.CORS; c != nil {
		s.CORS = &gateway.CORS{Origins: c.Origins, Headers: c.Headers, Expose: c.Expose, Credentials: c.Credentials, MaxAge: c.MaxAge}
	}
	var err error
	s.Documents, err = documents(p.ws, e.Publish)
	return s, err
}

// bounds gives a route what the gateway section says about its operation.
func bounds(r *gateway.Route, e *specs.EdgeConfig, backends []*specs.Backend) {
	is := func(t specs.Text) bool { return t.Value == r.Operation.ID }
	for _, p := range e.Rate.Policies {
		if len(p.Operations) == 0 || slices.ContainsFunc(p.Operations, is) {
			r.Rates = append(r.Rates, p.Name.Value)
		}
	}
	for _, b := range backends {
		if b.Name == r.BackendName && e.Concurrency.Adaptive {
			r.Admission = gateway.Admission{Slots: b.Concurrency.Max, Queue: max(b.Concurrency.Queue, 0), Wait: max(b.Concurrency.Wait, 0)}
		}
	}
}

// documents are the contract and the page about it.
func documents(ws *specs.Workspace, publish specs.PublishConfig) ([]gateway.Document, error) {
	var out []gateway.Document
	if publish.Contract || publish.Docs {
		json, yaml, err := ws.Contract.Public(ws.FS)
		if err != nil {
			return nil, fmt.Errorf("public form of the contract: %w", err)
		}
		out = append(out,
			gateway.Document{Path: "/openapi.json", Type: "application/json", Body: json},
			gateway.Document{Path: "/openapi.yaml", Type: "application/yaml", Body: yaml})
	}
	if publish.Docs {
		page, err := docspage.Documents(ws.Contract.Title)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	return out, nil
}

// certificates makes the TLS of the data port; nil for plain HTTP.
func certificates(fsys fs.FS, c *specs.GatewayConfig, log logging) (*gateway.Certificates, error) {
	t := c.Edge.TLS
	if t == nil {
		return nil, nil
	}
	o := gateway.CertificateOptions{
		Read: func() (gateway.CertificateFiles, error) { return readCertificates(fsys, t) }, Require: t.Require, HTTP1: !t.HTTP2, Log: log.Logger,
	}
	if t.Minimum == "1.3" {
		o.Minimum = tls.VersionTLS13
	}
	return gateway.NewCertificates(o)
}

func readCertificates(fsys fs.FS, t *specs.ListenTLS) (f gateway.CertificateFiles, err error) {
	for _, file := range []struct {
		name specs.Text
		to   *[]byte
	}{{t.Certificate, &f.Certificate}, {t.Key, &f.Key}, {t.Clients, &f.Clients}} {
		if file.name.Value == "" {
			continue
		}
		if *file.to, err = specs.ReadAny(fsys, file.name.Value); err != nil {
			return f, fmt.Errorf("%s: file cannot be read", file.name.Pos)
		}
	}
	return f, nil
}

// checkListener reports TLS files of the data port that cannot be used.
func checkListener(ws *specs.Workspace) specs.Findings {
	var findings specs.Findings
	if t := ws.Config.Gateway.Edge.TLS; t != nil && t.Certificate.Value != "" && t.Key.Value != "" {
		if _, err := certificates(ws.FS, &ws.Config.Gateway, logging{}); err != nil {
			findings.Add(codeTLS, t.Pos, fmt.Sprintf("TLS of the gateway cannot be set up: %v", err), "name PEM files with a certificate, its key and, for clients, their roots")
		}
	}
	return findings
}

// watchCertificates reads the files of TLS again while ctx lasts.
func watchCertificates(ctx context.Context, c *gateway.Certificates) (stop func()) {
	if c == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Watch(ctx, certificateEvery)
	}()
	return func() {
		cancel()
		<-done
	}
}
