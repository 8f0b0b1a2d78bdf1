// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net"
	"slices"
	"time"
)

// AMQPConfig is the amqp section of a backend.
type AMQPConfig struct {
	Pos Pos
	// Addresses are the ways to the broker, the first one first. Spread uses them in turn.
	Addresses []Text
	Spread    bool
	// Queue is the address that requests are sent to, in the words of the broker.
	Queue Text
	// Datagram tells that there are no replies: an exchange ends when the broker has the message.
	Datagram bool
	// ReplyTo is the address of the replies; empty if the broker names one.
	ReplyTo Text
	// Broker is "ibmmq" for the AMQP channel of IBM MQ, else "standard".
	Broker string
	// Body is the section that holds a request: "data", "text" or "binary".
	Body string
	// Durable asks the broker to keep requests through a restart.
	Durable bool
	// Capability tells to ask for a queue when a link is made.
	Capability bool
	// Ints names application properties that are sent as int of 32 bits.
	Ints []string
	// Trace writes the trace context of an exchange into application properties; a listener reads it there.
	Trace bool
	// Credit is how many replies may be on their way; 0 for the default.
	Credit int
	// Connect bounds a connection with login and links; default 5 s. Idle is how long the broker may be
	// silent; default 1 min.
	Connect, Idle time.Duration
	// MaxReply is the largest reply in bytes; default 1 MiB.
	MaxReply int64
	// Host is the virtual host, Container the name of this client; empty for the defaults.
	Host, Container Text
	TLS             *TLSConfig
	SASL            SASLConfig
}

// SASLConfig is how Lintel logs in to a broker.
type SASLConfig struct {
	// Mechanism is "anonymous", "plain", "external" or "none".
	Mechanism      string
	User, Password Text
}

func (l *loader) amqp(b *Backend, n *Node) {
	a := newAMQP(n)
	b.AMQP, b.Wire = a, "amqp"
	l.object(n, "amqp", append(l.amqpBroker(a),
		optional("spread", l.boolean(&a.Spread, "spread")),
		required("queue", l.text(&a.Queue, "queue")),
		optional("pattern", l.word("pattern", []string{"request", "datagram"}, func(n *Node) { a.Datagram = n.Text == "datagram" })),
		optional("replyTo", l.text(&a.ReplyTo, "replyTo")),
		optional("body", l.word("body", []string{"data", "text", "binary"}, func(n *Node) { a.Body = n.Text })),
		optional("durable", l.boolean(&a.Durable, "durable")),
		optional("ints", func(n *Node) { l.names(&a.Ints, n, "ints") }),
		optional("maxReply", l.size(&a.MaxReply, "maxReply", 1, 1<<30)),
	)...)
	if a.ReplyTo.Value == "dynamic" {
		a.ReplyTo = Text{}
	}
	if k := n.Key("replyTo"); a.Datagram && k != nil {
		l.add(CodeExclusive, k, "a datagram has no reply, and replyTo says where it comes", "remove replyTo, or write pattern: request")
	}
	l.amqpLogin(a, n)
}

func newAMQP(n *Node) *AMQPConfig {
	return &AMQPConfig{
		Pos: n.Pos, Broker: "standard", Body: "data", Capability: true,
		Connect: 5 * time.Second, Idle: time.Minute, MaxReply: 1 << 20, SASL: SASLConfig{Mechanism: "anonymous"},
	}
}

// amqpBroker are the keys that say how a broker is reached.
func (l *loader) amqpBroker(a *AMQPConfig) []field {
	return []field{
		optional("address", func(n *Node) { l.way(&a.Addresses, l.hostAddress, n) }),
		optional("addresses", func(n *Node) { l.waysOf(&a.Addresses, "addresses", l.hostAddress, n) }),
		optional("broker", l.word("broker", []string{"standard", "ibmmq"}, func(n *Node) { a.Broker = n.Text })),
		optional("capability", l.boolean(&a.Capability, "capability")),
		optional("credit", l.integer(&a.Credit, "credit", 1, 65_536)),
		optional("connect", l.duration(&a.Connect, "connect", time.Millisecond, hour)),
		optional("idle", l.duration(&a.Idle, "idle", time.Second, 24*hour)),
		optional("trace", l.boolean(&a.Trace, "trace")),
		optional("host", l.text(&a.Host, "host")),
		optional("container", l.text(&a.Container, "container")),
		optional("tls", func(n *Node) { l.tls(&a.TLS, n) }),
		optional("sasl", func(n *Node) { l.sasl(&a.SASL, n) }),
	}
}

func (l *loader) sasl(s *SASLConfig, n *Node) {
	l.object(n, "sasl",
		required("mechanism", l.word("mechanism", []string{"anonymous", "plain", "external", "none"}, func(n *Node) { s.Mechanism = n.Text })),
		optional("user", l.text(&s.User, "user")),
		optional("password", l.secret(&s.Password, "password")),
	)
	plain := s.Mechanism == "plain"
	for _, key := range []string{"user", "password"} {
		k := n.Key(key)
		switch {
		case plain && k == nil && n.Kind == MapNode:
			l.add(CodeTogether, n, "mechanism plain needs user and password", "add "+key+":")
		case !plain && k != nil:
			l.add(CodeExclusive, k, fmt.Sprintf("%s is for mechanism plain, and this is %s", key, s.Mechanism), "remove it, or write mechanism: plain")
		}
	}
}

// amqpLogin checks how login and TLS go together.
func (l *loader) amqpLogin(a *AMQPConfig, n *Node) {
	if l.sketches == nil && n.Kind == MapNode {
		l.oneOrSeveral(n, "amqp", "address", "addresses")
	}
	at := n.Key("sasl")
	if a.SASL.Mechanism == "external" && (a.TLS == nil || a.TLS.Certificate.Value == "") {
		l.add(CodeTogether, at, "mechanism external needs a client certificate", "add tls: with certificate and key")
	}
	far := func(t Text) bool {
		host, _, err := net.SplitHostPort(t.Value)
		return err == nil && !loopback(host)
	}
	if a.SASL.Mechanism == "plain" && a.TLS == nil && slices.ContainsFunc(a.Addresses, far) {
		l.warn(CodePlainLogin, at, "user and password go over the network as they are: there is no TLS", "add tls:")
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// names binds a list of names.
func (l *loader) names(to *[]string, n *Node, what string) {
	if !l.isList(n, what) {
		return
	}
	for _, item := range n.Items {
		var t Text
		l.text(&t, "an entry of "+what)(item)
		if t.Value != "" {
			*to = append(*to, t.Value)
		}
	}
}
