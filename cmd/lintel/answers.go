// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"

	"lintel/adapters/hosthttp"
	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
	"lintel/transforms/json"
)

// answers decides what a simulated host does with a message, by simulate.yaml and the exchanges of the workspace's tests.
type answers struct {
	cases    []*hostCase
	fallback []*operation
	sim      *specs.Simulation
	behaves  map[*operation]*behavior
	state    *hostState
	luck     *luck
	// taped, if set, are recorded replies, which come before tests.
	taped *tapedReplies
}

// hostCase is the host's side of one test.
type hostCase struct {
	name  string
	op    *operation
	match func(msg transforms.Message) bool
	// says is how much the test says of the message: of two that match, the one that says more is meant.
	says    int
	reply   transforms.Message
	variant string
	// lost hosts close the connection without a reply.
	lost bool
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
	return append(findings, checkListenerTests(p)...)
}

// newAnswers prepares the tests and the behavior of all operations of one backend.
func newAnswers(p *plan, backend *specs.Backend, sim *specs.Simulation) (*answers, specs.Findings) {
	a := &answers{sim: sim, behaves: map[*operation]*behavior{}, state: &hostState{}, luck: newLuck(sim.Seed)}
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
				if hc := hostSide(p.ws, op, c, &findings); hc != nil {
					a.cases = append(a.cases, hc)
				}
			}
		}
	}
	slices.SortStableFunc(a.cases, func(x, y *hostCase) int { return cmp.Compare(y.says, x.says) })
	return a, append(findings, scenes.findings...)
}

// section is what simulate.yaml says of an exchange, or nil.
func section(sim *specs.Simulation, op *operation) *specs.SimulatedExchange {
	if op.of == nil {
		return sim.Exchange(op.spec.ID, "", false)
	}
	return sim.Exchange(op.spec.ID, op.of.doc.Steps[op.step].Name.Value, op.undo)
}

// hostSide prepares one test; nil if it says nothing of a reply.
func hostSide(ws *specs.Workspace, op *operation, c *specs.TestCase, findings *specs.Findings) *hostCase {
	hc := &hostCase{name: c.Name, op: op, lost: c.Fails == "in doubt"}
	var err error
	switch {
	case hc.lost:
	case c.Replies == nil:
		return nil
	default:
		if c.Replies.Record != nil {
			hc.variant = c.Replies.Record.Text
		}
		if hc.reply, err = replyMessage(ws, op, c.Replies, findings); err != nil {
			findings.Add(codeNoExchange, c.Replies.Pos, fmt.Sprintf("reply of test %q cannot be made: %v", c.Name, err), "")
			return nil
		}
	}
	if hc.match, err = received(ws, op, c, findings); err != nil {
		findings.Add(codeNoExchange, c.Pos, fmt.Sprintf("request of test %q cannot be made: %v", c.Name, err), "")
		return nil
	}
	hc.says = saidOf(c.Receives)
	return hc
}

// saidOf counts the values that a test says of a message; every byte is more than any of them.
func saidOf(m *specs.HostMessage) int {
	if m == nil || m.Hex != nil || m.File != nil {
		return math.MaxInt
	}
	return valuesIn(m.Properties) + valuesIn(m.Fields)
}

// valuesIn counts the scalars below a node; nil has none.
func valuesIn(n *specs.Node) int {
	if n == nil {
		return 0
	}
	if n.Kind == specs.ScalarNode {
		return 1
	}
	count := 0
	for _, f := range n.Fields {
		count += valuesIn(f.Value)
	}
	for _, item := range n.Items {
		count += valuesIn(item)
	}
	return count
}

// received makes what tells whether a message is the one of a test: what the host receives, or else
// what the test's request leads to.
func received(ws *specs.Workspace, op *operation, c *specs.TestCase, findings *specs.Findings) (func(transforms.Message) bool, error) {
	if c.Receives == nil {
		want, err := requestMessage(ws, op, c)
		return func(msg transforms.Message) bool {
			return bytes.Equal(msg.Body, want.Body) && transforms.HasProperties(msg.Properties, want.Properties)
		}, err
	}
	properties, fs := transforms.LiteralProperties(op.backend.Wire, true, c.Receives.Properties)
	*findings = append(*findings, fs...)
	body, err := receivedBody(ws, op, c.Receives)
	return func(msg transforms.Message) bool {
		return transforms.HasProperties(msg.Properties, properties) && body(msg.Body)
	}, err
}

// receivedBody tells whether the bytes of a message are the ones described. Fields may be some of those
// that the message has.
func receivedBody(ws *specs.Workspace, op *operation, m *specs.HostMessage) (func(msg []byte) bool, error) {
	switch {
	case m.Fields != nil:
		want := nodeJSON(m.Fields)
		return func(msg []byte) bool { return decodesTo(op, msg, want) }, nil
	case m.Hex != nil || m.File != nil:
		want, err := hostBytes(ws, op.transform.Request, m)
		return func(msg []byte) bool { return bytes.Equal(msg, want) }, err
	default:
		return func(msg []byte) bool { return belongs(op, msg) != nil }, nil
	}
}

// hostBytes gives the bytes of a message described by fields, hex or a file.
func hostBytes(ws *specs.Workspace, t *transforms.MessageType, m *specs.HostMessage) ([]byte, error) {
	switch {
	case m.Hex != nil:
		return hex.DecodeString(strings.Join(strings.Fields(m.Hex.Value), ""))
	case m.File != nil:
		return fs.ReadFile(ws.FS, m.File.Value)
	case m.Fields == nil:
		return nil, nil
	default:
		codec, ok := t.Format.(transforms.Codec)
		if !ok {
			return nil, fmt.Errorf("this format has no fields")
		}
		return codec.EncodeJSON(nil, nodeJSON(m.Fields))
	}
}

// replyMessage makes a reply with its properties; where it has variants the test names the record.
func replyMessage(ws *specs.Workspace, op *operation, m *specs.HostMessage, findings *specs.Findings) (transforms.Message, error) {
	ref := ""
	if m.Record != nil {
		ref = m.Record.Text
	}
	t := op.transform.Answer(ref)
	if t == nil {
		return transforms.Message{}, fmt.Errorf("no variant of the reply is %s", ref)
	}
	properties, fs := transforms.LiteralProperties(op.backend.Wire, false, m.Properties)
	*findings = append(*findings, fs...)
	body, err := hostBytes(ws, t, m)
	return withMediaType(t, transforms.Message{Body: body, Properties: properties}), err
}

// decodesTo reports whether msg is a request of op that holds the wanted fields.
func decodesTo(op *operation, msg, want []byte) bool {
	codec, ok := op.transform.Request.Format.(transforms.Codec)
	if !ok {
		return false
	}
	got, err := codec.DecodeJSON(nil, msg)
	return err == nil && contains(got, want)
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

// exampleMessage makes a reply that leads to the status; false if there is none.
func exampleMessage(op *operation, status int, request []byte) (transforms.Message, bool) {
	return written(op.transform.ExampleReply(status, request))
}

// written writes an example; false if there is none or it cannot be written.
func written(example transforms.Example, ok bool) (transforms.Message, bool) {
	if !ok {
		return transforms.Message{}, false
	}
	codec, ok := example.Type.Format.(transforms.Codec)
	if !ok {
		return transforms.Message{}, false
	}
	reply, err := codec.EncodeJSON(nil, example.JSON)
	return withMediaType(example.Type, transforms.Message{Body: reply}), err == nil
}

// withMediaType gives a message that a format wrote the media type that it has, unless it has one.
func withMediaType(t *transforms.MessageType, m transforms.Message) transforms.Message {
	typed, ok := t.Format.(transforms.Typed)
	if !ok || m.Properties[hosthttp.PropertyContentType] != nil {
		return m
	}
	if media := typed.MediaType(m.Body); media != "" {
		m.Properties = maps.Clone(m.Properties)
		if m.Properties == nil {
			m.Properties = map[string]any{}
		}
		m.Properties[hosthttp.PropertyContentType] = media
	}
	return m
}

// belongs tells by its constants whether a message is a request of the operation, and returns its
// JSON form; nil if it is not.
func belongs(op *operation, msg []byte) []byte {
	codec, ok := op.transform.Request.Format.(transforms.Codec)
	if !ok {
		return nil
	}
	got, err := codec.DecodeJSON(nil, msg)
	if err != nil {
		return nil
	}
	for pointer, want := range op.transform.Constants() {
		if !json.Equal(transforms.JSONAt(got, pointer), []byte(want)) {
			return nil
		}
	}
	return got
}
