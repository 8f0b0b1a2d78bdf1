// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

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
	// parts are the turns of the exchanges of an operation of several steps.
	parts []*turn
}

// part returns the turn of a part.
func (t *turn) part(op *operation) *turn {
	for _, p := range t.parts {
		if p.op == op {
			return p
		}
	}
	return t
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
		if op.steps != nil {
			if routes[i], err = out.stepsRoute(op); err != nil {
				return nil, err
			}
			continue
		}
		routes[i] = gateway.Route{
			Operation: op.spec, Backend: &playedHost{out, op}, BackendName: op.backend.Name, Safe: op.safe(), Public: op.doc.Public,
			Start:   func() gateway.Runner { return &playedRun{Run: op.transform.Start(), player: out, op: op} },
			Schemes: out.schemes(op.spec), Fallbacks: playedFallbacks(op),
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

// Authenticate implements gateway.Authenticator: the caller is whom the test says.
func (p *player) Authenticate(*http.Request) (*gateway.Identity, error) {
	id := caseCaller(p.turn.op.spec, p.turn.c)
	if id == nil {
		return nil, gateway.ErrNoCredential
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

// playedFallbacks are the fallbacks of an operation; a test has no other host, and none before it.
func playedFallbacks(op *operation) []gateway.Fallback {
	var out []gateway.Fallback
	for _, f := range op.doc.Fallbacks {
		one := gateway.Fallback{Last: f.Last}
		if f.Backend.Value != "" {
			one.Backend, one.Timeout = nobody{}, time.Second
		}
		out = append(out, one)
	}
	return out
}

// nobody is a host that is not there.
type nobody struct{}

// Exchange implements gateway.Exchanger.
func (nobody) Exchange(context.Context, adapters.Call) (adapters.Message, error) {
	return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Cause: errNoReply}
}

// stepsRoute is the route of an operation of several steps.
func (p *player) stepsRoute(op *operation) (gateway.Route, error) {
	start := func(part *operation) func() gateway.Runner {
		return func() gateway.Runner { return &playedRun{Run: part.transform.Start(), player: p, op: part} }
	}
	steps, err := stepRoutes(op, start, func(part *operation, _ *specs.LimitsSpec) (gateway.Exchanger, *adapters.Lane, error) {
		return &playedHost{p, part}, nil, nil
	})
	return gateway.Route{
		Operation: op.spec, Steps: steps, Answer: func() gateway.Answerer { return op.steps.Answer.Start() },
		Safe: op.safe(), Public: op.doc.Public, Schemes: p.schemes(op.spec),
	}, err
}

// playedHost is the host of one exchange: the test plays it.
type playedHost struct {
	player *player
	op     *operation
}

// Exchange implements gateway.Exchanger.
func (h *playedHost) Exchange(_ context.Context, c adapters.Call) (adapters.Message, error) {
	t := h.player.turn.part(h.op)
	t.called, t.received = true, transforms.Message{Body: slices.Clone(c.Message.Body), Properties: maps.Clone(c.Message.Properties)}
	switch t.c.Fails {
	case "not sent":
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "as the test says"}
	case "in doubt":
		return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout, Detail: "as the test says"}
	}
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
	op     *operation
}

// Request implements gateway.Runner.
func (r *playedRun) Request(in transforms.Input) (transforms.Message, error) {
	in.Now, in.ExchangeID = caseTime(), caseID
	m, err := r.Run.Request(in)
	if !errors.Is(err, transforms.ErrSkipped) {
		r.player.turn.part(r.op).failed = err
	}
	return m, err
}

// Reply implements gateway.Runner.
func (r *playedRun) Reply(m transforms.Message) (transforms.Output, error) {
	out, err := r.Run.Reply(m)
	t := r.player.turn.part(r.op)
	t.failed, t.outcome, t.variant, t.invalid = err, out.Outcome, out.Variant, out.Invalid
	return out, err
}

// turnOf prepares what the host replies in a test.
func (p *player) turnOf(op *operation, c *specs.TestCase) (*turn, error) {
	t := &turn{op: op, c: c}
	for _, part := range op.parts {
		side := stepCase(part, c)
		if side == nil {
			side = &specs.TestCase{Name: c.Name, Pos: c.Pos}
		}
		one, err := p.turnOf(part, side)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, one)
	}
	if c.Replies == nil {
		return t, nil
	}
	var findings specs.Findings
	reply, err := replyMessage(p.plan.ws, op, c.Replies, &findings)
	if err == nil && findings.HasErrors() {
		err = findings
	}
	if err != nil {
		return nil, err
	}
	t.reply = &reply
	return t, nil
}

// play plays one test. An error means that the test itself cannot be played.
func (p *player) play(ctx context.Context, op *operation, c *specs.TestCase) (*turn, *httpAnswer, error) {
	t, err := p.turnOf(op, c)
	if err != nil {
		return nil, nil, err
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
