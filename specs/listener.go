// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// listenersDir holds one file for each listener of lintel.yaml.
const listenersDir = "listeners"

// ListenerConfig is one entry of the listeners section of lintel.yaml: where messages come from, and where what
// they say goes.
type ListenerConfig struct {
	Name string
	Pos  Pos
	// AMQP or MQ says how the queue is reached.
	AMQP *AMQPConfig
	MQ   *MQConfig
	// Simulated is the word of the wire that AMQP stands in for; empty if it is the real one.
	Simulated string
	CodePage  Text
	// Workers is how many deliveries run at once; default 8.
	Workers int
	// Attempts is how often a delivery is tried; default 5. First and Most bound the pauses between; default
	// 1 s and 1 min.
	Attempts    int
	First, Most time.Duration
	// Timeout bounds one attempt; default 10 s.
	Timeout time.Duration
	// Backout is the queue that poison goes to; empty leaves it to the broker.
	Backout Text
	// Exactly one of Webhook, Queue and Call is set.
	Webhook *EventHookConfig
	Queue   *QueueConfig
	Call    *CallConfig
}

// EventHookConfig is where events go by HTTP.
type EventHookConfig struct {
	URL Text
	// Secret signs; it is at least 16 bytes.
	Secret  Text
	Headers []HeaderConfig
	TLS     *TLSConfig
}

// QueueConfig is the queue that events go to, at the same broker.
type QueueConfig struct{ Name Text }

// CallConfig is what goes with calls of the gateway's own operations.
type CallConfig struct{ Headers []HeaderConfig }

// Listener returns the listener with that name, or nil.
func (c *Config) Listener(name string) *ListenerConfig {
	for _, l := range c.Listeners {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Listener is one file of listeners/: what the messages of a listener mean.
type Listener struct {
	File string
	Root *Node
	// Name is the listener in lintel.yaml.
	Name Text
	// Message is what comes; only its format and headers are used. Short tells that its record may end early.
	Message ReplySpec
	Short   bool
	// Key orders; nil if messages are independent. ID tells repeats; nil for the message's own.
	Key, ID *Node
	// Event says what an event is; nil for calls.
	Event *EventSpec
	// Call says what is called; nil for events. Answer is what goes back; nil if nothing does.
	Call   *CallSpec
	Answer *RequestSpec
}

// EventSpec is a CloudEvent: literals and expressions.
type EventSpec struct {
	Pos                   Pos
	Type, Source, Subject *Node
	Data                  *Node
}

// CallSpec is a call of an operation of the contract.
type CallSpec struct {
	Pos       Pos
	Operation Text
	// Params has path, query and header: maps from parameter names to literals and expressions.
	Path, Query, Header *Node
	// Body is the template of the body; nil if there is none.
	Body *Node
}

// listeners binds the section of lintel.yaml.
func (l *loader) listeners(c *Config, n *Node) {
	if !l.isMap(n, "listeners") {
		return
	}
	for _, f := range n.Fields {
		if !validBackendName(f.Key.Text) {
			l.add(CodeFormat, f.Key, fmt.Sprintf("the name %s of a listener is not usable", show(f.Key)), "use up to 64 letters, digits, - and _, beginning with a letter")
			continue
		}
		c.Listeners = append(c.Listeners, l.listenerConfig(f.Key, f.Value))
	}
}

func (l *loader) listenerConfig(key, n *Node) *ListenerConfig {
	c := &ListenerConfig{
		Name: key.Text, Pos: key.Pos, CodePage: Text{Value: "cp037", Pos: key.Pos},
		Workers: 8, Attempts: 5, First: time.Second, Most: time.Minute, Timeout: 10 * time.Second,
	}
	what := fmt.Sprintf("listener %q", c.Name)
	ok := l.object(n, what,
		optional("amqp", func(n *Node) { l.listenerAMQP(c, n) }),
		optional("mq", func(n *Node) { l.listenerMQ(c, n) }),
		optional("codepage", l.text(&c.CodePage, "codepage")),
		optional("workers", l.integer(&c.Workers, "workers", 1, 1000)),
		optional("attempts", l.integer(&c.Attempts, "attempts", 1, 1000)),
		optional("pause", func(n *Node) {
			l.object(n, "pause",
				optional("first", l.duration(&c.First, "first", time.Millisecond, hour)),
				optional("most", l.duration(&c.Most, "most", time.Millisecond, 24*hour)),
			)
		}),
		optional("timeout", l.duration(&c.Timeout, "timeout", time.Millisecond, hour)),
		optional("backout", l.text(&c.Backout, "backout")),
		optional("webhook", func(n *Node) { l.eventHook(c, n) }),
		optional("queue", func(n *Node) {
			c.Queue = &QueueConfig{}
			l.object(n, "queue", required("name", l.text(&c.Queue.Name, "name")))
		}),
		optional("call", func(n *Node) {
			c.Call = &CallConfig{}
			l.object(n, "call", optional("headers", func(n *Node) { c.Call.Headers = l.hostHeaders(n) }))
		}),
	)
	if !ok {
		return c
	}
	switch {
	case n.Key("amqp") == nil && n.Key("mq") == nil:
		l.add(CodeMissingKey, key, what+" does not say where messages come from", "add amqp: {address: host:port, queue: NAME}, or mq: {queueManager: NAME, queue: NAME}")
	case c.AMQP != nil && c.MQ != nil:
		l.add(CodeExclusive, n.Key("mq"), what+" has two wires, amqp and mq", "keep one of them")
	}
	found := ""
	for _, way := range []string{"webhook", "queue", "call"} {
		switch k := n.Key(way); {
		case k == nil:
		case found != "":
			l.add(CodeExclusive, k, fmt.Sprintf("%s delivers in two ways, %s and %s", what, found, way), "keep one of them, or make two listeners")
		default:
			found = way
		}
	}
	if found == "" {
		l.add(CodeMissingKey, key, what+" does not say where messages go", "add webhook:, queue: or call:")
	}
	if c.Queue != nil && c.Backout.Value != "" && c.Backout.Value == c.Queue.Name.Value {
		l.add(CodeExclusive, n.Key("backout"), "poison would go where events go", "name another queue")
	}
	return c
}

func (l *loader) listenerAMQP(c *ListenerConfig, n *Node) {
	a := newAMQP(n)
	c.AMQP = a
	l.object(n, "amqp", append(l.amqpBroker(a),
		required("queue", l.text(&a.Queue, "queue")),
		optional("maxMessage", l.size(&a.MaxReply, "maxMessage", 1, 1<<30)),
	)...)
	l.amqpLogin(a, n)
}

func (l *loader) listenerMQ(c *ListenerConfig, n *Node) {
	m := newMQ(n)
	c.MQ = m
	l.object(n, "mq", append(l.mqManager(m),
		required("queue", l.mqName(&m.Queue, "queue")),
		optional("maxMessage", l.size(&m.MaxReply, "maxMessage", 1, mqLongest)),
	)...)
	l.mqChannel(m, n)
}

// Backend describes the queue as the host of exchanges does, for what is common to both.
func (c *ListenerConfig) Backend() *Backend {
	b := &Backend{Name: c.Name, Pos: c.Pos, Wire: "amqp", AMQP: c.AMQP, MQ: c.MQ, CodePage: c.CodePage}
	if c.MQ != nil {
		b.Wire = "mq"
	}
	return b
}

// shortestSecret is the shortest secret that signs, in bytes.
const shortestSecret = 16

func (l *loader) eventHook(c *ListenerConfig, n *Node) {
	w := &EventHookConfig{}
	c.Webhook = w
	l.object(n, "webhook",
		required("url", func(n *Node) { l.hostURL(&w.URL, n) }),
		optional("secret", func(n *Node) {
			l.text(&w.Secret, "secret")(n)
			switch {
			case w.Secret.Value == "":
			case !w.Secret.Secret:
				w.Secret = Text{}
				l.add(CodeInlineSecret, n, "the secret stands here itself", "write ${env:NAME} or ${file:PATH}, and change the secret: this one was seen")
			case len(w.Secret.Value) < shortestSecret:
				l.add(CodeOutOfRange, n, fmt.Sprintf("a secret for signatures must have at least %d bytes", shortestSecret), "make one of random bytes")
			}
		}),
		optional("headers", func(n *Node) { w.Headers = l.hostHeaders(n) }),
		optional("tls", func(n *Node) { l.tls(&w.TLS, n) }),
	)
}

// listener binds one file of listeners/.
func (l *loader) listener(file string, root *Node) *Listener {
	t := &Listener{File: file, Root: root}
	l.object(root, "the listener",
		required("listener", l.text(&t.Name, "listener")),
		required("message", func(n *Node) {
			t.Message.Pos = n.Pos
			if l.object(n, "message", append(l.formats(&t.Message.Format, &t.Message.Ref), l.mqHeaders(&t.Message.MQHeaders),
				optional("short", l.word("short", []string{"refuse", "accept"}, func(n *Node) { t.Short = n.Text == "accept" })))...) {
				l.oneFormat(n, "message", t.Message.Format)
			}
			if k := n.Key("short"); k != nil && t.Message.Format != "record" {
				l.add(CodeTogether, k, "only a record can end early", "remove short")
			}
		}),
		optional("key", l.single(&t.Key, "key")),
		optional("id", l.single(&t.ID, "id")),
		optional("event", func(n *Node) { l.event(t, n) }),
		optional("call", func(n *Node) { l.call(t, n) }),
		optional("answer", func(n *Node) {
			t.Answer = &RequestSpec{}
			l.request(t.Answer, n)
		}),
	)
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); t.Name.Value != "" && t.Name.Value != want {
		l.add(CodeFileName, root.Get("listener"), fmt.Sprintf("the file of listener %q must be named %s.yaml", t.Name.Value, t.Name.Value),
			fmt.Sprintf("rename the file, or write listener: %s", want))
	}
	if k := root.Key("answer"); k != nil && t.Call == nil {
		l.add(CodeTogether, k, "answer is for what a call gave, and there is no call", "remove answer, or add call:")
	}
	return t
}

// single takes a literal or an expression.
func (l *loader) single(to **Node, what string) func(*Node) {
	return func(n *Node) {
		if l.scalar(n, what) {
			*to = n
		}
	}
}

func (l *loader) event(t *Listener, n *Node) {
	e := &EventSpec{Pos: n.Pos}
	t.Event = e
	l.object(n, "event",
		required("type", l.single(&e.Type, "type")),
		optional("source", l.single(&e.Source, "source")),
		optional("subject", l.single(&e.Subject, "subject")),
		required("data", func(n *Node) { e.Data = n }),
	)
}

func (l *loader) call(t *Listener, n *Node) {
	c := &CallSpec{Pos: n.Pos}
	t.Call = c
	params := func(to **Node, what string) field {
		return optional(what, func(n *Node) {
			if l.isMap(n, what) {
				*to = n
			}
		})
	}
	l.object(n, "call",
		required("operation", l.text(&c.Operation, "operation")),
		params(&c.Path, "path"), params(&c.Query, "query"), params(&c.Header, "header"),
		optional("body", func(n *Node) { c.Body = n }),
	)
}

// checkListeners looks at what the files of listeners/ and lintel.yaml say of each other.
func (l *loader) checkListeners(ws *Workspace) {
	files := map[string]*Listener{}
	for _, t := range ws.Listeners {
		if t.Name.Value == "" {
			continue
		}
		files[t.Name.Value] = t
		c := ws.Config.Listener(t.Name.Value)
		switch {
		case c == nil:
			l.findings.Add(CodeListener, t.Name.Pos, fmt.Sprintf("lintel.yaml has no listener %q", t.Name.Value), "add it below listeners")
			continue
		case c.Call != nil && t.Call == nil:
			l.findings.Add(CodeListener, t.Name.Pos, fmt.Sprintf("listener %q calls operations, and this file does not say which", c.Name), "add call:")
		case c.Call == nil && t.Event == nil:
			l.findings.Add(CodeListener, t.Name.Pos, fmt.Sprintf("listener %q delivers events, and this file has none", c.Name), "add event:")
		}
		if t.Call != nil && t.Event != nil {
			l.findings.Add(CodeListener, t.Event.Pos, "a listener delivers events or makes calls, not both", "remove event or call")
		}
		if t.Call != nil && t.Call.Operation.Value != "" && ws.Contract != nil && ws.Contract.Operation(t.Call.Operation.Value) == nil {
			l.findings.Add(CodeNoOperation, t.Call.Operation.Pos, fmt.Sprintf("the contract has no operation %q", t.Call.Operation.Value), "correct the name")
		}
	}
	for _, c := range ws.Config.Listeners {
		if files[c.Name] == nil {
			l.findings.Add(CodeListener, c.Pos, fmt.Sprintf("there is no file %s/%s.yaml", listenersDir, c.Name), "add it: it says what the messages mean")
		}
	}
}
