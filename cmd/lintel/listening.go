// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/adapters/queue"
	"lintel/gateway/listener"
	"lintel/specs"
	"lintel/transforms"
)

// said is what a message says: attributes by name, and the body.
type said struct {
	attributes map[string]string
	body       []byte
}

// understand reads a message.
func (l *listening) understand(m *adapters.Received) (said, error) {
	return l.understandAt(transforms.Message(m.Message), l.id(m), time.Now())
}

// understandAt reads a message that has an id and came at a time.
func (l *listening) understandAt(m transforms.Message, id string, now time.Time) (said, error) {
	run := l.read.Start()
	defer run.Release()
	if _, err := run.Request(transforms.Input{Params: []byte(transforms.NoParams), Now: now, ExchangeID: id}); err != nil {
		return said{}, err
	}
	out, err := run.Reply(m)
	if err != nil {
		return said{}, err
	}
	if out.Invalid != nil {
		return said{}, out.Invalid
	}
	s := said{attributes: map[string]string{}, body: bytes.Clone(out.Body)}
	for _, h := range out.Headers {
		s.attributes[h.Name] = strings.Clone(h.Value)
	}
	return s, nil
}

// id names a message for this listener, in the form of an idempotency key.
func (l *listening) id(m *adapters.Received) string {
	sum := sha256.Sum256([]byte(l.config.Name + "\n" + listener.MessageID(m)))
	return "msg-" + hex.EncodeToString(sum[:16])
}

// reader makes jobs for the listener. api is the gateway, client makes requests to webhooks, tape keeps the messages.
func (l *listening) reader(api http.Handler, client *http.Client, tape *recorder) func(*adapters.Received) (listener.Job, error) {
	return func(m *adapters.Received) (listener.Job, error) {
		s, err := l.understand(m)
		if err != nil {
			tape.hear(l, m, nil)
			return listener.Job{}, err
		}
		tape.hear(l, m, &s)
		job := listener.Job{Key: s.attributes["key"]}
		switch {
		case l.operation != nil:
			job.Deliver = l.caller(m, s, api)
		case l.config.Webhook != nil:
			job.Deliver = l.poster(m, s, client)
		default:
			job.Deliver = func(ctx context.Context) error {
				body, err := l.event(m, s).JSON()
				if err != nil {
					return err
				}
				return forward(ctx, m, l.config.Queue.Name.Value, adapters.Message{
					Body: body, Properties: map[string]any{"contentType": listener.ContentType, "messageId": l.event(m, s).ID},
				})
			}
		}
		return job, nil
	}
}

// forward sends to a queue. What the broker refuses because it is set up so is refused for good.
func forward(ctx context.Context, m *adapters.Received, queue string, out adapters.Message) error {
	err := m.Forward(ctx, queue, out)
	var e *adapters.Error
	if errors.As(err, &e) && e.Kind == adapters.TooLarge {
		return &listener.Refused{Why: e.Detail}
	}
	return err
}

// event is the CloudEvent of a message.
func (l *listening) event(m *adapters.Received, s said) listener.Event {
	e := listener.Event{
		ID: s.attributes["id"], Type: s.attributes["type"], Source: s.attributes["source"], Subject: s.attributes["subject"],
		Time: m.Created, Data: s.body,
	}
	if e.ID == "" {
		e.ID = listener.MessageID(m)
	}
	if e.Source == "" {
		e.Source = "/listeners/" + l.config.Name
	}
	return e
}

func (l *listening) poster(m *adapters.Received, s said, client *http.Client) func(context.Context) error {
	w := &listener.Webhook{
		URL: l.config.Webhook.URL.Value, Secret: []byte(l.config.Webhook.Secret.Value), Headers: l.headers(l.config.Webhook.Headers, m), Client: client,
	}
	e := l.event(m, s)
	return func(ctx context.Context) error { return w.Deliver(ctx, e) }
}

func headerMap(headers []specs.HeaderConfig) map[string]string {
	out := make(map[string]string, len(headers))
	for _, h := range headers {
		out[h.Name] = h.Value.Value
	}
	return out
}

// headers are those of the configuration, and those of the message's trace where the listener goes on with it.
func (l *listening) headers(own []specs.HeaderConfig, m *adapters.Received) map[string]string {
	out := headerMap(own)
	c := l.config
	if !(c.AMQP != nil && c.AMQP.Trace || c.MQ != nil && c.MQ.Trace) {
		return out
	}
	if t := queue.TraceOf(m.Message); t.Parent != "" {
		out["Traceparent"] = t.Parent
		if t.State != "" {
			out["Tracestate"] = t.State
		}
	}
	return out
}

// caller calls the operation once and, if the message wants an answer, sends it; only that is tried again once
// the call is done.
func (l *listening) caller(m *adapters.Received, s said, api http.Handler) func(context.Context) error {
	call := listener.Call{
		Method: l.operation.Method, Path: l.operation.Path, Params: s.attributes, Body: s.body, ID: l.id(m), Headers: l.headers(l.config.Call.Headers, m),
	}
	var done *listener.Answer
	return func(ctx context.Context) error {
		if done == nil {
			a, err := call.Do(ctx, api)
			if err != nil {
				return err
			}
			if err := a.Retry(); err != nil {
				return err
			}
			done = &a
		}
		if l.answer == nil || m.ReplyTo == "" {
			if done.Status >= 400 {
				return &listener.Refused{Why: fmt.Sprintf("the operation answered %d", done.Status)}
			}
			return nil
		}
		out, err := l.answerTo(m, done)
		if err != nil {
			return &listener.Refused{Why: "the answer cannot be written: " + err.Error()}
		}
		return forward(ctx, m, m.ReplyTo, out)
	}
}

// answerTo makes the message that goes back.
func (l *listening) answerTo(m *adapters.Received, a *listener.Answer) (adapters.Message, error) {
	body := []byte(`{"status":` + strconv.Itoa(a.Status))
	switch {
	case len(bytes.TrimSpace(a.Body)) == 0:
	case a.Status < 300:
		body = append(append(body, `,"body":`...), a.Body...)
	default:
		body = append(append(body, `,"problem":`...), a.Body...)
	}
	run := l.answer.Start()
	defer run.Release()
	out, err := run.Request(transforms.Input{Params: []byte(transforms.NoParams), Body: append(body, '}'), Now: time.Now(), ExchangeID: l.id(m)})
	if err != nil {
		return adapters.Message{}, err
	}
	reply := adapters.Message{Body: bytes.Clone(out.Body), Properties: map[string]any{}}
	for name, v := range out.Properties {
		reply.Properties[name] = v
	}
	if m.Correlation != nil {
		reply.Properties["correlationId"] = m.Correlation
	}
	return reply, nil
}

// newListener makes the listener that runs.
func (l *listening) newListener(ws *specs.Workspace, api http.Handler, tape *recorder, log logging, grace time.Duration) (*listener.Listener, error) {
	c := l.config
	source, err := newSource(ws.FS, c)
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", c.Name, err)
	}
	client, err := webhookClient(ws, c)
	if err != nil {
		return nil, err
	}
	return listener.New(listener.Options{
		Name: c.Name, Source: source, Read: l.reader(api, client, tape), Workers: c.Workers, Attempts: c.Attempts,
		First: c.First, Most: c.Most, Timeout: c.Timeout, Grace: grace, Backout: c.Backout.Value, Log: log.Logger,
	})
}

// webhookClient makes the client of a webhook: no redirects, which would take the event elsewhere, and no proxy's
// cookies.
func webhookClient(ws *specs.Workspace, c *specs.ListenerConfig) (*http.Client, error) {
	if c.Webhook == nil {
		return nil, nil
	}
	t, err := tlsConfig(ws.FS, c.Webhook.TLS)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: t, MaxIdleConnsPerHost: c.Workers, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
