// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"lintel/gateway"
	"lintel/transforms"
	"lintel/transforms/record"
)

// kept is where a recorder puts exchanges: a file, or the memory of lintel dev.
type kept interface {
	add(x *taped) error
	// size is how many bytes it has.
	size() int64
	Close() error
}

// recorder keeps exchanges with hosts. Calls never wait for it: what cannot be taken in time is left out
// and counted. Sensitive values are masked before anything is written.
type recorder struct {
	tape kept
	most int64
	log  logging
	in   chan *exchanged
	done chan struct{}

	mu     sync.Mutex
	closed bool
	counts tapeCounts
	// flows are those of the transforms by name; a reload puts others in their place.
	flows map[string]transformFlow
}

// tapeCounts says what became of the exchanges.
type tapeCounts struct{ kept, masked, unmaskable, missed, beyond int }

// exchanged is one exchange as it happened.
type exchanged struct {
	op      *operation
	in      transforms.Input
	begun   time.Time
	request transforms.Message
	reply   *transforms.Message
	took    time.Duration
	output  *tapedAnswer
	variant string
}

// transformFlow is a transform with its flow.
type transformFlow struct {
	of   *transforms.Transform
	flow transforms.Flow
}

// waitingExchanges is how many exchanges wait to be written.
const waitingExchanges = 1024

func newRecorder(tape kept, most int64, log logging) *recorder {
	r := &recorder{
		tape: tape, most: most, log: log, in: make(chan *exchanged, waitingExchanges), done: make(chan struct{}),
		flows: map[string]transformFlow{},
	}
	go func() {
		defer close(r.done)
		for x := range r.in {
			r.keep(x)
		}
	}()
	return r
}

// Close writes what waits and ends the recording.
func (r *recorder) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	close(r.in)
	r.mu.Unlock()
	<-r.done
	return r.tape.Close()
}

// start begins uses of a transform that are recorded; a nil recorder records nothing.
func (r *recorder) start(op *operation) func() gateway.Runner {
	if r == nil {
		return func() gateway.Runner { return op.transform.Start() }
	}
	return func() gateway.Runner { return &recordedRun{Run: op.transform.Start(), to: r, op: op} }
}

// recordedRun is a run of a transform whose exchange is kept.
type recordedRun struct {
	*transforms.Run
	to *recorder
	op *operation
	x  *exchanged
}

// Request implements gateway.Runner.
func (r *recordedRun) Request(in transforms.Input) (transforms.Message, error) {
	m, err := r.Run.Request(in)
	if err == nil {
		kept := in
		kept.Params, kept.Body, kept.Identity, kept.Steps = bytes.Clone(in.Params), bytes.Clone(in.Body), nil, nil
		r.x = &exchanged{op: r.op, in: kept, begun: time.Now(), request: cloneMessage(m)}
	}
	return m, err
}

// Reply implements gateway.Runner.
func (r *recordedRun) Reply(m transforms.Message) (transforms.Output, error) {
	if r.x != nil {
		reply := cloneMessage(m)
		r.x.reply, r.x.took = &reply, time.Since(r.x.begun)
	}
	out, err := r.Run.Reply(m)
	if r.x != nil && err == nil {
		r.x.output, r.x.variant = &tapedAnswer{Status: out.Status, Outcome: out.Outcome, Body: bytes.Clone(out.Body)}, out.Variant
	}
	return out, err
}

// Release implements gateway.Runner.
func (r *recordedRun) Release() {
	if r.x != nil {
		r.to.put(r.x)
		r.x = nil
	}
	r.Run.Release()
}

func cloneMessage(m transforms.Message) transforms.Message {
	return transforms.Message{Body: bytes.Clone(m.Body), Properties: maps.Clone(m.Properties)}
}

// put hands an exchange over, unless too many wait.
func (r *recorder) put(x *exchanged) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	select {
	case r.in <- x:
	default:
		r.counts.missed++
	}
}

// keep masks an exchange and writes it.
func (r *recorder) keep(x *exchanged) {
	count := func(n *int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		*n++
	}
	if r.tape.size() >= r.most {
		if r.counts.beyond == 0 {
			r.log.Warn("the recording has reached its size: nothing more is recorded", "bytes", r.tape.size())
		}
		count(&r.counts.beyond)
		return
	}
	kept, err := r.masked(x)
	if err != nil {
		count(&r.counts.unmaskable)
		return
	}
	if err := r.tape.add(kept); err != nil {
		r.log.Error("an exchange was not recorded", "error", err.Error())
		count(&r.counts.missed)
		return
	}
	count(&r.counts.kept)
	if kept.Request.Masked > 0 || kept.Reply != nil && kept.Reply.Masked > 0 {
		count(&r.counts.masked)
	}
}

// errUnmaskable says that a message has sensitive fields and cannot be read.
var errUnmaskable = errors.New("a message with sensitive fields cannot be read, so that they cannot be masked")

// masked is an exchange as it may be kept.
func (r *recorder) masked(x *exchanged) (*taped, error) {
	t := x.op.transform
	name := tapeName(x.op.spec.ID, partName(x.op))
	f := r.flows[name]
	if f.of != t {
		f = transformFlow{t, t.Flow()}
		r.flows[name] = f
	}
	out := &taped{Time: x.in.Now, Exchange: x.in.ExchangeID, Operation: x.op.spec.ID, Part: partName(x.op), Millis: float64(x.took.Microseconds()) / 1000}
	secret := sensitiveExchange(x.op)
	var err error
	if out.Request, err = maskedMessage(t.Request, x.request, secret); err != nil {
		return nil, err
	}
	if x.reply != nil {
		types := []*transforms.MessageType{t.Answer(x.variant)}
		if x.output == nil { // it could not be read
			types = answerTypes(t)
		}
		for _, of := range types {
			if x.output == nil && transforms.HasSensitive(of.Type) {
				return nil, errUnmaskable
			}
			if out.Reply, err = maskedMessage(of, *x.reply, secret); err != nil {
				return nil, err
			}
		}
	}
	if x.op.of == nil {
		if err := maskInput(out, x, f.flow); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// maskInput keeps what the app sent and got.
func maskInput(out *taped, x *exchanged, flow transforms.Flow) error {
	out.Media = x.in.Media
	var params, body []string
	for _, p := range flow.Input {
		if rest, ok := strings.CutPrefix(p, "/body"); ok {
			body = append(body, rest)
			continue
		}
		params = append(params, p)
	}
	var err error
	if out.Params, err = transforms.MaskAt(x.in.Params, params); err != nil {
		return err
	}
	if out.Body, err = transforms.MaskAt(x.in.Body, body); err != nil {
		return err
	}
	if out.Answer = x.output; out.Answer != nil {
		out.Answer.Body, err = transforms.MaskAt(out.Answer.Body, flow.Answer)
	}
	return err
}

// partName names a step, or the undo of one.
func partName(op *operation) string {
	switch {
	case op.of == nil:
		return ""
	case op.undo:
		return "undo " + op.of.doc.Steps[op.step].Name.Value
	default:
		return op.of.doc.Steps[op.step].Name.Value
	}
}

// answerTypes are all records that a reply may be.
func answerTypes(t *transforms.Transform) []*transforms.MessageType {
	var out []*transforms.MessageType
	for _, v := range t.Outcomes() {
		if of := t.Answer(v.Variant); of != nil {
			out = append(out, of)
		}
	}
	return out
}

// sensitiveExchange tells that a message of the exchange has sensitive fields.
func sensitiveExchange(op *operation) bool {
	for _, t := range append(answerTypes(op.transform), op.transform.Request) {
		if transforms.HasSensitive(t.Type) {
			return true
		}
	}
	return false
}

// maskedMessage is a message without its sensitive values. secret tells that the exchange has such; its properties say
// then only what the wire itself has to say.
func maskedMessage(t *transforms.MessageType, m transforms.Message, secret bool) (*tapedMessage, error) {
	out := &tapedMessage{Bytes: m.Body, Properties: tapedProperties(m.Properties, secret)}
	if !transforms.HasSensitive(t.Type) {
		return out, nil
	}
	codec, ok := t.Format.(transforms.Codec)
	if !ok {
		return nil, errUnmaskable
	}
	text, err := codec.DecodeJSON(nil, m.Body)
	if err != nil {
		return nil, errUnmaskable
	}
	if text, out.Masked, err = transforms.Mask(t, text); err != nil {
		return nil, errUnmaskable
	}
	again, err := codec.EncodeJSON(nil, text)
	if err != nil {
		return nil, errUnmaskable
	}
	out.Bytes = overlaySensitive(t, m.Body, again)
	return out, nil
}

// overlaySensitive puts the sensitive fields of masked over the message, where their places are known. Else it is masked
// itself, the message written again.
func overlaySensitive(t *transforms.MessageType, msg, masked []byte) []byte {
	codec, ok := t.Format.(*record.Codec)
	if !ok || len(masked) != len(msg) {
		return masked
	}
	out, secret := bytes.Clone(msg), []string(nil)
	for f := range codec.Fields() {
		if f.Type != nil && f.Type.Sensitive {
			secret = append(secret, f.Pointer)
		}
	}
	for f := range codec.Fields() {
		for _, p := range secret {
			if f.Pointer != p {
				continue
			}
			if f.Moves || strings.Contains(f.Pointer, "*") || f.MaxOccurs > 1 {
				return masked
			}
			copy(out[f.Offset:f.Offset+f.Length], masked[f.Offset:f.Offset+f.Length])
		}
	}
	return out
}

// credential tells a name of a header or property that carries one.
func credential(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"authorization", "cookie", "token", "api-key"}, func(s string) bool { return strings.Contains(name, s) })
}

// tapedProperties keeps properties. Credentials are left out.
func tapedProperties(in map[string]any, secret bool) map[string]tapedProperty {
	out := map[string]tapedProperty{}
	for name, v := range in {
		if credential(name) {
			continue
		}
		if secret && (strings.Contains(name, ".") || name == "path") {
			continue
		}
		switch v := v.(type) {
		case string:
			out[name] = tapedProperty{Text: &v}
		case int64:
			out[name] = tapedProperty{Whole: &v}
		case bool:
			out[name] = tapedProperty{Flag: &v}
		case []byte:
			out[name] = tapedProperty{Bytes: v}
		}
	}
	return out
}

// message gives a kept message back.
func (m *tapedMessage) message() transforms.Message {
	out := transforms.Message{Body: m.Bytes}
	if len(m.Properties) > 0 {
		out.Properties = map[string]any{}
	}
	for name, p := range m.Properties {
		switch {
		case p.Text != nil:
			out.Properties[name] = *p.Text
		case p.Whole != nil:
			out.Properties[name] = *p.Whole
		case p.Flag != nil:
			out.Properties[name] = *p.Flag
		default:
			out.Properties[name] = p.Bytes
		}
	}
	return out
}
