// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"lintel/adapters"
	"lintel/gateway/listener"
	"lintel/specs"
	"lintel/transforms"
)

// What becomes of a message of a test, in the words of the metrics.
const (
	becameDone    = "done"
	becameBackout = "backout"
	becameDead    = "dead"
	becameRetried = "retried"
)

// heard is one play of a test of a listener: what was made of the message.
type heard struct {
	l    *listening
	c    *specs.TestCase
	body []byte
	// said is what was read, event what a webhook or a queue got, to the queue, and answer what went back.
	said   said
	event  []byte
	to     string
	answer *adapters.Message
	// turn and api are of the operation that was called.
	turn *turn
	api  *httpAnswer
	// result is what became of the message, why the reason if it is not done.
	result, why string
}

// replyQueue is where a played message wants its answer, unless its properties say otherwise.
const replyQueue = "REPLIES"

// hear plays one test of a listener: the message goes through everything but the broker and the receiver of the event.
func (p *player) hear(ctx context.Context, l *listening, c *specs.TestCase) (*heard, error) {
	h := &heard{l: l, c: c}
	m, err := h.message(p.plan.ws)
	if err != nil {
		return nil, err
	}
	if h.said, err = l.understand(m); err != nil {
		h.poison("it cannot be read: " + err.Error())
		return h, nil
	}
	api, err := p.called(h)
	if err != nil {
		return nil, err
	}
	job, err := l.reader(api, &http.Client{Transport: h}, nil)(m)
	if err == nil {
		err = job.Deliver(ctx)
	}
	var refused *listener.Refused
	switch {
	case err == nil:
		h.result = becameDone
	case errors.As(err, &refused):
		h.poison("it was refused: " + refused.Why)
	default:
		h.result, h.why = becameRetried, err.Error()
	}
	return h, nil
}

// poison gives the message up.
func (h *heard) poison(why string) {
	h.why, h.result = why, becameDead
	if h.l.config.Backout.Value != "" {
		h.result = becameBackout
	}
}

// message is what a broker would give.
func (h *heard) message(ws *specs.Workspace) (*adapters.Received, error) {
	properties, findings := transforms.LiteralProperties(h.l.config.Backend().Wire, false, h.c.Message.Properties)
	if findings.HasErrors() {
		return nil, findings
	}
	var err error
	if h.body, err = hostBytes(ws, h.l.read.Answer(""), h.c.Message); err != nil {
		return nil, err
	}
	if properties == nil {
		properties = map[string]any{}
	}
	m := &adapters.Received{
		Message: adapters.Message{Body: h.body, Properties: properties}, ID: caseID, Created: caseTime(), ReplyTo: replyQueue, Delivery: h,
	}
	if id, ok := properties["messageId"].(string); ok {
		m.ID = id
	}
	if to, ok := foldedText(properties, "replyTo", "replyToQ"); ok {
		m.ReplyTo = to
	}
	if m.Correlation = properties["correlationId"]; m.Correlation == nil {
		m.Correlation = m.ID
	}
	return m, nil
}

// foldedText is the first of some properties that is a text.
func foldedText(properties map[string]any, names ...string) (string, bool) {
	for _, name := range names {
		if v, ok := properties[name].(string); ok {
			return v, true
		}
	}
	return "", false
}

// called is the API for the operation that a listener calls, whose host the test plays; nil if it calls none.
func (p *player) called(h *heard) (http.Handler, error) {
	if h.l.operation == nil {
		return nil, nil
	}
	for _, op := range p.plan.operations {
		if op.spec != h.l.operation {
			continue
		}
		t, err := p.turnOf(op, h.c)
		h.turn = t
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.turn = t
			a := &playedAnswer{httpAnswer{header: http.Header{}}}
			p.gateway.ServeHTTP(a, r)
			h.api = &a.httpAnswer
			for name, values := range a.header {
				w.Header()[name] = values
			}
			w.WriteHeader(a.status)
			_, _ = w.Write(a.body)
		}), err
	}
	return nil, fmt.Errorf("no transform serves %s", h.l.operation.ID)
}

// RoundTrip implements http.RoundTripper: it is the receiver of an event, and answers as the test says.
func (h *heard) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	h.event = body
	status := http.StatusNoContent
	if n := h.c.Webhook.Get("status"); n != nil {
		_, _ = fmt.Sscan(n.Text, &status)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// Forward implements adapters.Delivery.
func (h *heard) Forward(_ context.Context, address string, m adapters.Message) error {
	h.to = address
	if h.l.operation == nil {
		h.event = m.Body
	} else {
		h.answer = &m
	}
	return nil
}

// Bury implements adapters.Delivery.
func (h *heard) Bury(context.Context, string, map[string]any) error { return nil }

// Settle implements adapters.Delivery.
func (h *heard) Settle(context.Context, adapters.Settlement) error { return nil }

// failures are what is not as the test says.
func (h *heard) failures(p *player) []string {
	want := cmp.Or(h.c.Result, becameDone)
	if h.result != want {
		why := ""
		if h.why != "" {
			why = ": " + h.why
		}
		return []string{fmt.Sprintf("result: want %s, got %s%s", want, h.result, why)}
	}
	var out []string
	if h.c.Key != nil && h.c.Key.Text != h.said.attributes["key"] {
		out = append(out, fmt.Sprintf("key: want %q, got %q", h.c.Key.Text, h.said.attributes["key"]))
	}
	if h.c.Event != nil {
		out = append(out, h.eventFailures()...)
	}
	if h.c.Call != nil {
		out = append(out, nodeDifferences("call", h.callJSON(), h.c.Call)...)
	}
	if h.turn != nil && h.api != nil {
		out = append(out, p.hostFailures(h.turn, h.api)...)
		out = append(out, answerFailures(h.l.operation, h.c, h.api)...)
	}
	return append(out, h.answerFailures(p.plan.ws)...)
}

func nodeDifferences(what string, got []byte, want *specs.Node) []string {
	var out []string
	for _, d := range jsonDifferences(got, nodeJSON(want), false) {
		out = append(out, what+" "+d.String())
	}
	return out
}

func (h *heard) eventFailures() []string {
	if h.event == nil {
		return []string{"no event was delivered"}
	}
	return nodeDifferences("event", h.event, h.c.Event)
}

// callJSON is the call with its parameters by place, and its body.
func (h *heard) callJSON() []byte {
	call := map[string]any{}
	for name, v := range h.said.attributes {
		place, parameter, ok := strings.Cut(name, ".")
		if !ok {
			continue
		}
		group, _ := call[place].(map[string]string)
		if group == nil {
			group = map[string]string{}
			call[place] = group
		}
		group[parameter] = v
	}
	if len(bytes.TrimSpace(h.said.body)) > 0 {
		call["body"] = json.RawMessage(h.said.body)
	}
	out, _ := json.Marshal(call) // of texts, and of what was written as JSON
	return out
}

// answerFailures compares the message that went back.
func (h *heard) answerFailures(ws *specs.Workspace) []string {
	switch {
	case h.c.Answer == nil:
		return nil
	case h.answer == nil:
		return []string{"no answer went back"}
	}
	want, findings := transforms.LiteralProperties(h.l.config.Backend().Wire, false, h.c.Answer.Properties) // as the program reads them
	if findings.HasErrors() {
		return []string{findings.Error()}
	}
	return messageFailures(ws, "answer", h.l.answer.Request, h.c.Answer, want, transforms.Message(*h.answer))
}

// checkListenerTests reports tests of listeners that cannot be played.
func checkListenerTests(p *plan) specs.Findings {
	var findings specs.Findings
	for _, l := range p.listeners {
		for _, c := range casesFor(p.ws, l.config.Name) {
			_, err := (&heard{l: l, c: c}).message(p.ws)
			var own specs.Findings
			if errors.As(err, &own) {
				findings = append(findings, own...)
			} else if err != nil {
				findings.Add(codeNoExchange, c.Message.Pos, fmt.Sprintf("the message of test %q cannot be made: %v", c.Name, err), "")
			}
		}
	}
	return findings
}
