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
	"slices"
	"strconv"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/gateway/listener"
	"lintel/specs"
	"lintel/transforms"
)

// listening is one listener of a compiled workspace.
type listening struct {
	config *specs.ListenerConfig
	doc    *specs.Listener
	// read takes from a message what it says: the event or the call.
	read *transforms.Transform
	// operation is what is called, answer makes the message that goes back; nil if there is none.
	operation *specs.Operation
	answer    *transforms.Transform
}

// listenedBackend is the host of a listener, as far as messages depend on it.
func listenedBackend(c *specs.ListenerConfig) *specs.Backend {
	return &specs.Backend{Name: c.Name, Pos: c.Pos, Wire: "amqp", AMQP: c.AMQP, CodePage: c.CodePage}
}

// compileListeners compiles the listeners of a workspace. They are transforms the other way around: the message
// is what a host sent, and what is made of it the body of an answer.
func compileListeners(c *transforms.Compiler, ws *specs.Workspace) ([]*listening, specs.Findings) {
	var out []*listening
	var findings specs.Findings
	for _, doc := range ws.Listeners {
		config := ws.Config.Listener(doc.Name.Value)
		if config == nil || config.AMQP == nil || doc.Event == nil && doc.Call == nil {
			continue // reported when they were read
		}
		l := &listening{config: config, doc: doc}
		backend := listenedBackend(config)
		var fs specs.Findings
		if doc.Call != nil {
			l.operation = ws.Contract.Operation(doc.Call.Operation.Value)
			if l.operation == nil {
				continue
			}
			if fs = checkCall(doc.Call, l.operation); len(fs) > 0 {
				findings = append(findings, fs...)
				continue
			}
		}
		l.read, fs = c.Compile(readingOf(doc), l.target(), backend)
		findings = append(findings, fs...)
		if doc.Answer != nil && l.operation != nil {
			l.answer, fs = c.Compile(answerOf(doc), answerTarget(l.operation), backend)
			// An answer need not use all that the operation gives.
			findings = append(findings, slices.DeleteFunc(fs, func(f specs.Finding) bool { return f.Code == transforms.CodeUnused })...)
		}
		if l.read != nil && (doc.Answer == nil || l.answer != nil) {
			out = append(out, l)
		}
	}
	return out, findings
}

// readingOf is the transform that reads a message: its headers are the attributes, its body the data.
func readingOf(doc *specs.Listener) *specs.Transform {
	m := doc.Message
	m.Root, m.Status = "message", &specs.Node{Text: "200", Pos: doc.Message.Pos}
	m.Headers = &specs.Node{Kind: specs.MapNode, Pos: doc.Message.Pos}
	add := func(name string, n *specs.Node) {
		if n != nil {
			m.Headers.Fields = append(m.Headers.Fields, specs.NodeField{Key: &specs.Node{Text: name, Pos: n.Pos}, Value: n})
		}
	}
	add("key", doc.Key)
	add("id", doc.ID)
	if e := doc.Event; e != nil {
		add("type", e.Type)
		add("source", e.Source)
		add("subject", e.Subject)
		m.Body = e.Data
	}
	if c := doc.Call; c != nil {
		for place, params := range map[string]*specs.Node{"path": c.Path, "query": c.Query, "header": c.Header} {
			if params == nil {
				continue
			}
			for _, f := range params.Fields {
				add(place+"."+f.Key.Text, f.Value)
			}
		}
		m.Body = c.Body
	}
	return &specs.Transform{
		File: doc.File, Root: doc.Root, Operation: doc.Name, Backend: doc.Name, Public: true,
		Request: specs.RequestSpec{Pos: doc.Message.Pos, Format: specs.FormatNothing, Ref: doc.Root}, Reply: m,
	}
}

// answerOf is the transform that makes what goes back.
func answerOf(doc *specs.Listener) *specs.Transform {
	r := *doc.Answer
	r.Root = "answer"
	return &specs.Transform{
		File: doc.File, Root: doc.Root, Operation: doc.Name, Backend: doc.Name, Public: true, Request: r,
		Reply: specs.ReplySpec{Pos: doc.Answer.Pos, Format: specs.FormatNothing, Ref: doc.Root, Status: &specs.Node{Text: "204", Pos: doc.Answer.Pos}},
	}
}

// target is the operation that a message is read for: its answer has the schema of the event's data, which is
// any, or of the body of what is called.
func (l *listening) target() *specs.Operation {
	o := &specs.Operation{ID: l.config.Name, Method: http.MethodPost, Path: "/", Pos: l.doc.Message.Pos}
	r := &specs.Response{Status: "200", Pos: o.Pos}
	switch {
	case l.operation == nil:
		r.Content = []*specs.MediaType{specs.NewMediaType("application/json", anySchema(), o.Pos)}
	case l.operation.Body != nil:
		for _, m := range l.operation.Body.Content {
			if m.Kind == specs.MediaJSON { // which is what a call sends
				r.Content = append(r.Content, m)
			}
		}
	}
	o.Responses = []*specs.Response{r}
	return o
}

func anySchema() *specs.Schema {
	return &specs.Schema{MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1}
}

// answerTarget describes what an operation gave as the body of a request: its status, and its body or problem.
func answerTarget(op *specs.Operation) *specs.Operation {
	whole := anySchema()
	whole.Types = []string{"object"}
	typed := func(t string) *specs.Schema {
		s := anySchema()
		s.Types = []string{t}
		return s
	}
	property := func(name string, s *specs.Schema) *specs.Property {
		return &specs.Property{Name: name, Schema: s, Pos: op.Pos}
	}
	problem := typed("object")
	problem.Additional = anySchema() // more than these, whatever it is
	for _, name := range []string{"type", "title", "detail", "code"} {
		problem.Properties = append(problem.Properties, property(name, typed("string")))
	}
	status := typed("integer")
	status.Minimum, status.Maximum = "100", "599"
	whole.Properties = []*specs.Property{property("status", status), property("problem", problem)}
	whole.Required = []string{"status"}
	for _, r := range op.Responses {
		if !strings.HasPrefix(r.Status, "2") {
			continue
		}
		for _, m := range r.Content {
			if m.Kind == specs.MediaJSON {
				whole.Properties = append(whole.Properties, property("body", m.Schema))
				break
			}
		}
		break
	}
	return &specs.Operation{
		ID: op.ID, Method: http.MethodPost, Path: "/", Pos: op.Pos,
		Body:      &specs.Body{Required: true, Pos: op.Pos, Content: []*specs.MediaType{specs.NewMediaType("application/json", whole, op.Pos)}},
		Responses: []*specs.Response{{Status: "204", Pos: op.Pos}},
	}
}

// checkCall compares the parameters of a call with those of the operation.
func checkCall(c *specs.CallSpec, op *specs.Operation) specs.Findings {
	var findings specs.Findings
	places := map[string]*specs.Node{"path": c.Path, "query": c.Query, "header": c.Header}
	for _, place := range []string{"path", "query", "header"} {
		n := places[place]
		if n == nil {
			continue
		}
		for _, f := range n.Fields {
			if findParameter(op, place, f.Key.Text) == nil {
				findings.Add(codeCall, f.Key.Pos, fmt.Sprintf("%s has no parameter %s in %s", op.ID, f.Key.Text, place), "correct its name, or remove it")
			}
		}
	}
	for _, p := range op.Parameters {
		if p.Required && places[p.In].Get(p.Name) == nil {
			findings.Add(codeCall, c.Pos, fmt.Sprintf("%s needs the parameter %s in %s", op.ID, p.Name, p.In), fmt.Sprintf("add %s: {%s: ...}", p.In, p.Name))
		}
	}
	if op.Body != nil && op.Body.Required && c.Body == nil {
		findings.Add(codeCall, c.Pos, op.ID+" needs a body", "add body:")
	}
	if op.Body == nil && c.Body != nil {
		findings.Add(codeCall, c.Body.Pos, op.ID+" takes no body", "remove it")
	}
	return findings
}

func findParameter(op *specs.Operation, in, name string) *specs.Parameter {
	for _, p := range op.Parameters {
		if p.In == in && p.Name == name {
			return p
		}
	}
	return nil
}

// emptyInput is the input of a transform that reads nothing of the app's side.
const emptyInput = `{"path":{},"query":{},"header":{},"cookie":{}}`

// said is what a message says: attributes by name, and the body.
type said struct {
	attributes map[string]string
	body       []byte
}

// understand reads a message.
func (l *listening) understand(m *adapters.Received) (said, error) {
	run := l.read.Start()
	defer run.Release()
	if _, err := run.Request(transforms.Input{Params: []byte(emptyInput), Now: time.Now(), ExchangeID: l.id(m)}); err != nil {
		return said{}, err
	}
	out, err := run.Reply(transforms.Message(m.Message))
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

// reader makes jobs for the listener. api is the gateway, client makes requests to webhooks.
func (l *listening) reader(api http.Handler, client *http.Client) func(*adapters.Received) (listener.Job, error) {
	return func(m *adapters.Received) (listener.Job, error) {
		s, err := l.understand(m)
		if err != nil {
			return listener.Job{}, err
		}
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
		URL: l.config.Webhook.URL.Value, Secret: []byte(l.config.Webhook.Secret.Value), Headers: headerMap(l.config.Webhook.Headers), Client: client,
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

// caller calls the operation once and, if the message wants an answer, sends it; only that is tried again once
// the call is done.
func (l *listening) caller(m *adapters.Received, s said, api http.Handler) func(context.Context) error {
	call := listener.Call{
		Method: l.operation.Method, Path: l.operation.Path, Params: s.attributes, Body: s.body, ID: l.id(m), Headers: headerMap(l.config.Call.Headers),
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
	out, err := run.Request(transforms.Input{Params: []byte(emptyInput), Body: append(body, '}'), Now: time.Now(), ExchangeID: l.id(m)})
	if err != nil {
		return adapters.Message{}, err
	}
	reply := adapters.Message{Body: bytes.Clone(out.Body), Properties: map[string]any{}}
	for name, v := range out.Properties {
		reply.Properties[name] = v
	}
	reply.Properties["correlationId"] = m.Message.Properties["messageId"]
	if id := m.Message.Properties["correlationId"]; id != nil {
		reply.Properties["correlationId"] = id
	}
	if reply.Properties["correlationId"] == nil {
		delete(reply.Properties, "correlationId")
	}
	return reply, nil
}

// newListener makes the listener that runs.
func (l *listening) newListener(ws *specs.Workspace, api http.Handler, log logging, grace time.Duration) (*listener.Listener, error) {
	c := l.config
	t, err := tlsConfig(ws.FS, c.AMQP.TLS)
	if err != nil {
		return nil, err
	}
	o := amqpOptions(c.AMQP, c.Workers, t)
	source, err := amqp.NewSource(o)
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", c.Name, err)
	}
	client, err := webhookClient(ws, c)
	if err != nil {
		return nil, err
	}
	return listener.New(listener.Options{
		Name: c.Name, Source: source, Read: l.reader(api, client), Workers: c.Workers, Attempts: c.Attempts,
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
