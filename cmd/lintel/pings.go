// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"

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

// setPings gives guards the pings of a workspace, and takes away those that it has not.
func setPings(p *plan, guards map[string]*ownGuard) {
	sent := map[string]*operation{}
	for _, op := range p.pings {
		sent[op.backend.Name] = op
	}
	for name, g := range guards {
		op := sent[name]
		if op == nil {
			g.SetPing(nil)
			continue
		}
		g.SetPing(gateway.NewPing(func() gateway.Runner { return op.transform.Start() }))
	}
}
