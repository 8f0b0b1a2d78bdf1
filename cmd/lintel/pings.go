// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net/http"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/specs"
	"lintel/transforms"
)

// compilePings compiles the pings of a workspace; false if the message of one could not be opened. A ping is a
// transform of an operation that takes nothing and answers nothing.
func (p *plan) compilePings(c *transforms.Compiler) (opened bool, findings specs.Findings) {
	opened = true
	for _, doc := range p.ws.Pings {
		backend := p.ws.Config.Backend(doc.Backend.Value)
		if backend == nil || backend.Datagram() {
			opened = false
			continue // reported when it was read
		}
		op := &operation{spec: pingTarget(doc), doc: doc.Transform(), backend: backend}
		t, fs := c.Compile(op.doc, op.spec, backend)
		findings = append(findings, fs...)
		if t == nil {
			opened = false
			continue
		}
		op.transform = t
		if backend.Breaker.Ping != nil {
			p.pings = append(p.pings, op)
		}
	}
	return opened, findings
}

// pingTarget is the operation that a ping is a transform of.
func pingTarget(doc *specs.Ping) *specs.Operation {
	return &specs.Operation{
		ID: doc.Backend.Value, Method: http.MethodGet, Path: "/", Pos: doc.Root.Pos,
		Responses: []*specs.Response{{Status: "204", Pos: doc.Root.Pos}},
	}
}

// pingOf is the ping of a backend; nil if it has none, or one with errors.
func (p *plan) pingOf(backend string) *operation {
	for _, op := range p.pings {
		if op.backend.Name == backend {
			return op
		}
	}
	return nil
}

// ping is the ping as a guard sends it.
func (o *operation) ping() adapters.Ping {
	return gateway.NewPing(func() gateway.Runner { return o.transform.Start() })
}

// pingOnce sends the ping of a backend over a connection of its own. An error means that the host does not work.
func pingOnce(ctx context.Context, p *plan, b *specs.Backend) error {
	op := p.pingOf(b.Name)
	if op == nil {
		return errors.New("the ping has errors: lintel check shows them")
	}
	g, err := newGuard(p.ws.FS, b, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	m, judge, err := op.ping()()
	if err != nil {
		return err
	}
	failed := false
	_, err = g.Exchange(ctx, adapters.Call{Message: m, Timeout: b.Breaker.Ping.Timeout, Safe: true, Judge: func(reply adapters.Message) adapters.Judgement {
		j := judge(reply)
		failed = j.HostFailed
		return j
	}})
	if err == nil && failed {
		return errors.New("the host says that it does not work")
	}
	return err
}

// setPings gives guards the pings of a workspace, and takes away those that it has not.
func setPings(p *plan, guards map[string]*ownGuard) {
	for name, g := range guards {
		if op := p.pingOf(name); op != nil {
			g.SetPing(op.ping())
		} else {
			g.SetPing(nil)
		}
	}
}
