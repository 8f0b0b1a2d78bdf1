// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
)

// answers decides what a simulated host does with a message, by simulate.yaml and the exchanges of the workspace's tests.
type answers struct {
	cases    []*hostCase
	fallback []*operation
	sim      *specs.Simulation
	behaves  map[*operation]*behavior
	kinds    map[*operation]string // of work
	state    *hostState
	luck     *luck
	// taped, if set, are recorded replies, which come before tests.
	taped *tapedReplies
}

// checkTests reports tests, and sections of simulate.yaml, that cannot be played.
func checkTests(p *plan) specs.Findings {
	var findings specs.Findings
	sim, err := (&simulationFlags{seed: -1}).over(p.ws.Simulation)
	if err != nil {
		return findings // there are no flags that could be wrong
	}
	for _, b := range p.ws.Config.Backends {
		_, fs := newAnswers(p, b, sim)
		findings = append(findings, fs...)
	}
	findings = append(findings, checkAskTests(p)...)
	return append(findings, checkListenerTests(p)...)
}

// newAnswers prepares the tests and the behavior of all operations of one backend.
func newAnswers(p *plan, backend *specs.Backend, sim *specs.Simulation) (*answers, specs.Findings) {
	a := &answers{sim: sim, behaves: map[*operation]*behavior{}, kinds: kindsOfWork(p, backend), state: &hostState{}, luck: newLuck(sim.Seed)}
	a.state.begin(sim)
	scenes := &sceneCompiler{compiler: &transforms.Compiler{Funcs: funcs.All(p.ws.Tables...)}, sim: sim}
	var findings specs.Findings
	for _, op := range p.exchanges() {
		if op.backend != backend {
			continue
		}
		a.fallback = append(a.fallback, op)
		a.behaves[op] = scenes.compile(op, section(sim, op))
		for _, file := range p.ws.Tests {
			if file.Operation != op.spec.ID {
				continue
			}
			for _, c := range file.Cases {
				if op.of != nil {
					steps := c.Steps
					if c = stepCase(op, c); c == nil {
						continue
					}
					c.Steps = steps
				}
				if hc := hostSide(p.ws, op, c, &findings); hc != nil && (!op.doc.Ping || c.Result != pingFailed) { // a simulated host works
					a.cases = append(a.cases, hc)
				}
			}
		}
	}
	for _, op := range p.asks() {
		if op.backend == backend {
			a.fallback = append(a.fallback, op)
			a.behaves[op] = scenes.compile(op, nil)
		}
	}
	slices.SortStableFunc(a.cases, func(x, y *hostCase) int { return cmp.Compare(y.says, x.says) })
	return a, append(findings, scenes.findings...)
}

// section is what simulate.yaml says of an exchange, or nil.
func section(sim *specs.Simulation, op *operation) *specs.SimulatedExchange {
	if op.asks != "" {
		return nil
	}
	if op.of == nil {
		return sim.Exchange(op.spec.ID, "", false)
	}
	return sim.Exchange(op.spec.ID, op.of.doc.Steps[op.step].Name.Value, op.undo)
}

// react decides what the host does with a message.
func (a *answers) react(msg transforms.Message) reaction {
	if a.taped != nil {
		if out, ok := a.taped.react(a.fallback, msg); ok {
			return out
		}
	}
	test := a.test(msg)
	op, request := a.operation(test, msg)
	if op == nil {
		return reaction{act: "disconnect", how: answered{"", "no operation sends such a message: connection closed"}}
	}
	b, m := a.behaves[op], momentOf(request, msg)
	f, err := b.fault(a.luck, m)
	var out reaction
	switch {
	case err != nil:
		out = reaction{act: "disconnect", how: answered{source: "a fault cannot be decided, connection closed: " + err.Error()}}
	case f != nil && f.Kind == "abend": // nothing was done
		out = reaction{act: "abend", how: answered{source: f.Kind}}
		if reply, ok := written(op.transform.FailedReply(request)); ok {
			out.reply, out.act = reply, ""
		}
	default: // what the host was asked for is done, whatever becomes of the reply
		out = a.answer(b, m, test)
		a.note(op, request, out)
		out.spoil(f)
	}
	out.how.operation, out.after = op.name(), a.luck.between(b.latency)
	return out
}

// spoil lets something go wrong with a reply; nil for nothing.
func (r *reaction) spoil(f *hostFault) {
	if f == nil {
		return
	}
	r.how.source = f.Kind
	if f.Kind == "garbage" {
		r.reply.Body, r.act = junk(r.reply.Body), ""
		return
	}
	r.act, r.over = f.Kind, f.Over
}

// test finds the test whose message this is, or nil.
func (a *answers) test(msg transforms.Message) *hostCase {
	for _, c := range a.cases {
		if c.match(msg) {
			return c
		}
	}
	return nil
}

// operation finds out whose request a message is, and its JSON form.
func (a *answers) operation(test *hostCase, msg transforms.Message) (*operation, []byte) {
	if test != nil {
		request, err := decodeMessage(test.op.transform.Request, msg.Body)
		if err != nil {
			request = []byte("{}")
		}
		return test.op, request
	}
	var first *operation
	var got []byte
	for _, op := range a.fallback {
		request := belongs(op, msg.Body)
		if request == nil {
			continue
		}
		if section(a.sim, op) != nil { // it was meant, where others send the same message
			return op, request
		}
		if first == nil {
			first, got = op, request
		}
	}
	return first, got
}

// answer finds the reply to a message: by a rule, a test's, the host's "not found", or one made from the layout.
func (a *answers) answer(b *behavior, m *moment, test *hostCase) reaction {
	if b.op.asks != "" {
		return a.about(b.op, m)
	}
	base := func(variant string) []byte { return a.base(b.op, m, test, variant) }
	reply, where, ok, err := b.rule(a.state, m, base)
	switch {
	case err != nil:
		return reaction{act: "disconnect", how: answered{source: "a rule cannot be played, connection closed: " + err.Error()}}
	case ok:
		return reaction{reply: reply, how: answered{source: where}}
	case test != nil && test.lost:
		return reaction{act: "disconnect", how: answered{source: fmt.Sprintf("test %q: no reply, connection closed", test.name)}}
	case test != nil:
		return reaction{reply: test.reply, how: answered{source: fmt.Sprintf("test %q", test.name)}}
	}
	if a.sim.Unknown == "generated" {
		dice := dataFor(a.sim.Seed, m.message.Body)
		if reply, ok := written(b.op.transform.RandomReply(0, m.request, dice)); ok {
			return reaction{reply: reply, how: answered{source: "no test matches: generated"}}
		}
	}
	if reply, ok := exampleMessage(b.op, 404, m.request); ok {
		return reaction{reply: reply, how: answered{source: "no test matches: not found"}}
	}
	if reply, ok := exampleMessage(b.op, 0, m.request); ok {
		return reaction{reply: reply, how: answered{source: "no test matches: made from the layout"}}
	}
	return reaction{act: "disconnect", how: answered{source: "no reply can be made: connection closed"}}
}

// base is the JSON form of what a rule writes over: the reply of the test, or one made from the layout.
func (a *answers) base(op *operation, m *moment, test *hostCase, variant string) []byte {
	t := op.transform.Answer(variant)
	if test != nil && !test.lost && test.variant == variant {
		if json, err := decodeMessage(t, test.reply.Body); err == nil {
			return json
		}
	}
	if a.sim.Unknown == "generated" {
		example, ok := op.transform.RandomReply(0, m.request, dataFor(a.sim.Seed, m.message.Body))
		if _, can := written(example, ok); can && example.Type == t {
			return example.JSON
		}
	}
	if example, ok := op.transform.ExampleReply(0, m.request); ok && example.Type == t {
		return example.JSON
	}
	return []byte("{}")
}
