// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/specs"
	"lintel/transforms"
)

// player plays the tests of a workspace offline: each request goes through the whole gateway, and
// instead of the host the test itself answers.
type player struct {
	plan    *plan
	gateway *gateway.Gateway
	// turn is the test that is being played.
	turn *turn
}

// turn is one play of one test: what the host got, and which outcome its reply had.
type turn struct {
	op    *operation
	c     *specs.TestCase
	reply *transforms.Message // of the host; nil if the test gives none

	received transforms.Message
	called   bool
	outcome  string
	variant  string
	invalid  *transforms.InvalidError
	// failed is why the message could not be made, or the reply not be read.
	failed error
}

// httpAnswer is what the app got.
type httpAnswer struct {
	status int
	header http.Header
	body   []byte
}

// newPlayer wires a compiled workspace with the tests in the place of its hosts.
func newPlayer(p *plan) (*player, error) {
	c := p.ws.Config.Gateway
	gw, err := gateway.New(gateway.Options{BodyLimit: c.BodyLimit, Timeout: c.Timeout, Responses: c.Responses, Now: caseTime})
	if err != nil {
		return nil, err
	}
	out := &player{plan: p, gateway: gw}
	routes := make([]gateway.Route, len(p.operations))
	for i, op := range p.operations {
		routes[i] = gateway.Route{
			Operation: op.spec, Backend: out, BackendName: op.backend.Name, Safe: op.safe(), Public: op.doc.Public,
			Start:   func() gateway.Runner { return &playedRun{Run: op.transform.Start(), player: out} },
			Schemes: out.schemes(op.spec),
		}
	}
	return out, gw.Swap(routes)
}

// schemes let the caller that a test names in, whatever scheme the contract asks for.
func (p *player) schemes(op *specs.Operation) map[string]*gateway.Scheme {
	out := map[string]*gateway.Scheme{}
	for _, alternative := range op.Security {
		for _, u := range alternative.Schemes {
			out[u.Name] = &gateway.Scheme{Authenticator: p, Challenge: "Bearer"}
		}
	}
	return out
}

// Authenticate implements gateway.Authenticator: the caller is whom the test says. Where it says nothing
// of scopes or roles the caller has those that the operation asks for. A test without identity is sent
// by such a caller if the operation needs one, else by nobody; identity: null is always nobody.
func (p *player) Authenticate(*http.Request) (*gateway.Identity, error) {
	n, op := p.turn.c.Request.Get("identity"), p.turn.op.spec
	if n == nil && !op.Secured() || n != nil && n.Null {
		return nil, gateway.ErrNoCredential
	}
	id := &gateway.Identity{Subject: "tester", Scopes: needed(op), Roles: needed(op)}
	if s := n.Get("subject"); s != nil {
		id.Subject = s.Text
	}
	if s := n.Get("client"); s != nil {
		id.Client = s.Text
	}
	if list := n.Get("scopes"); list != nil {
		id.Scopes = texts(list)
	}
	if list := n.Get("roles"); list != nil {
		id.Roles = texts(list)
	}
	if c := n.Get("claims"); c != nil {
		id.Claims = nodeJSON(c)
	}
	return id, nil
}

// needed are the scopes, or for schemes without scopes the roles, of the first way to call an operation.
func needed(op *specs.Operation) []string {
	var out []string
	for _, alternative := range op.Security {
		for _, u := range alternative.Schemes {
			out = append(out, u.Scopes...)
		}
		if len(alternative.Schemes) > 0 {
			break
		}
	}
	return out
}

func texts(n *specs.Node) []string {
	out := make([]string, len(n.Items))
	for i, item := range n.Items {
		out[i] = item.Text
	}
	return out
}

// errNoReply says that a test has no reply for a host that was called.
var errNoReply = errors.New("the host was called, and the test has no reply of it")

// Exchange implements gateway.Exchanger: the test plays the host.
func (p *player) Exchange(_ context.Context, c adapters.Call) (adapters.Message, error) {
	t := p.turn
	t.called, t.received = true, transforms.Message{Body: slices.Clone(c.Message.Body), Properties: maps.Clone(c.Message.Properties)}
	if t.reply == nil {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Cause: errNoReply}
	}
	reply := adapters.Message{Body: slices.Clone(t.reply.Body), Properties: t.reply.Properties}
	if c.Judge != nil {
		c.Judge(reply)
	}
	return reply, nil
}

// playedRun is a run of a transform that leaves behind what a test wants to know. Time and exchange id
// are those of tests, the same in every play.
type playedRun struct {
	*transforms.Run
	player *player
}

// Request implements gateway.Runner.
func (r *playedRun) Request(in transforms.Input) (transforms.Message, error) {
	in.Now, in.ExchangeID = caseTime(), caseID
	m, err := r.Run.Request(in)
	r.player.turn.failed = err
	return m, err
}

// Reply implements gateway.Runner.
func (r *playedRun) Reply(m transforms.Message) (transforms.Output, error) {
	out, err := r.Run.Reply(m)
	t := r.player.turn
	t.failed, t.outcome, t.variant, t.invalid = err, out.Outcome, out.Variant, out.Invalid
	return out, err
}

// play plays one test. An error means that the test itself cannot be played.
func (p *player) play(ctx context.Context, op *operation, c *specs.TestCase) (*turn, *httpAnswer, error) {
	t := &turn{op: op, c: c}
	if c.Replies != nil {
		var findings specs.Findings
		reply, err := replyMessage(p.plan.ws, op, c.Replies, &findings)
		if err == nil && findings.HasErrors() {
			err = findings
		}
		if err != nil {
			return nil, nil, err
		}
		t.reply = &reply
	}
	r, err := caseRequest(ctx, "http://localhost", op.spec, c)
	if err != nil {
		return nil, nil, err
	}
	p.turn = t
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	w := &playedAnswer{httpAnswer: httpAnswer{header: http.Header{}}}
	p.gateway.ServeHTTP(w, r)
	return t, &w.httpAnswer, nil
}

// playedAnswer is a http.ResponseWriter that keeps what is written.
type playedAnswer struct{ httpAnswer }

// Header implements http.ResponseWriter.
func (w *playedAnswer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *playedAnswer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *playedAnswer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.body = append(w.body, b...)
	return len(b), nil
}
