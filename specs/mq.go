// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"time"
)

// MQConfig is the mq section of a backend or a listener: a queue of IBM MQ, reached through IBM's client library.
type MQConfig struct {
	Pos Pos
	// QueueManager is its name; empty for the default of the client.
	QueueManager Text
	// Channel and Connection name a client channel; CCDT is the URL of a table of such. All empty leaves it
	// to what the client library finds.
	Channel, Connection, CCDT Text
	TLS                       *MQTLSConfig
	Login                     MQLogin
	// Application names Lintel to the queue manager.
	Application Text

	// Queue is what the host reads, QueueOwner its queue manager if it is another one.
	Queue, QueueOwner Text
	// Datagram tells that there are no replies: an exchange ends when the queue manager has the message.
	Datagram bool
	// ReplyTo is the queue of the replies; empty for a temporary one that is made from Model. Shared tells that
	// others read it as well. ReplyOwner is the queue manager that requests name for it.
	ReplyTo, Model, ReplyOwner Text
	Shared                     bool
	// Correlation is what the host copies into the correlation id of its reply: "messageId" or "correlationId".
	Correlation string
	// Syncpoint puts every request in a unit of work of its own.
	Syncpoint bool
	// Quarantine is the queue for replies that nobody waits for; empty drops them.
	Quarantine Text

	// Format, CCSID and Encoding describe what is put; CCSID 0 means that of the code page.
	Format          Text
	CCSID, Encoding int
	Persistent      bool
	// Properties tells that message properties are written and read.
	Properties bool
	// Identity tells that transforms may say who a message is from.
	Identity bool
	// Trace writes the trace context of an exchange into message properties.
	Trace bool
	// Putters and Getters are numbers of connections; 0 for the defaults.
	Putters, Getters int
	// MaxReply is the largest message that is taken, in bytes; default 1 MiB.
	MaxReply int64
	// Wait is how long one call waits for a message; default 500 ms.
	Wait time.Duration
}

// MQTLSConfig is TLS of a client channel, in the words of IBM MQ.
type MQTLSConfig struct {
	// CipherSpec names the algorithms; empty if a CCDT does.
	CipherSpec Text
	// KeyRepository is the file of the certificates, as the client library wants it named; Password opens it.
	KeyRepository, Password Text
	// Label names the certificate of Lintel, Peer what the name in that of the queue manager must match.
	Label, Peer Text
}

// MQLogin is who Lintel is to a queue manager: user and password, or a token.
type MQLogin struct{ User, Password, Token Text }

func (l *loader) mq(b *Backend, n *Node) {
	m := newMQ(n)
	b.MQ, b.Wire = m, "mq"
	l.object(n, "mq", append(l.mqManager(m),
		required("queue", l.mqName(&m.Queue, "queue")),
		optional("queueOwner", l.mqName(&m.QueueOwner, "queueOwner")),
		optional("pattern", l.word("pattern", []string{"request", "datagram"}, func(n *Node) { m.Datagram = n.Text == "datagram" })),
		optional("replyTo", l.mqName(&m.ReplyTo, "replyTo")),
		optional("model", l.mqName(&m.Model, "model")),
		optional("replyOwner", l.mqName(&m.ReplyOwner, "replyOwner")),
		optional("shared", l.boolean(&m.Shared, "shared")),
		optional("correlation", l.word("correlation", []string{"messageId", "correlationId"}, func(n *Node) { m.Correlation = n.Text })),
		optional("syncpoint", l.boolean(&m.Syncpoint, "syncpoint")),
		optional("quarantine", l.mqName(&m.Quarantine, "quarantine")),
		optional("persistent", l.boolean(&m.Persistent, "persistent")),
		optional("identity", l.boolean(&m.Identity, "identity")),
		optional("putters", l.integer(&m.Putters, "putters", 1, 1000)),
		optional("getters", l.integer(&m.Getters, "getters", 1, 1000)),
		optional("maxReply", l.size(&m.MaxReply, "maxReply", 1, mqLongest)),
	)...)
	if m.ReplyTo.Value == "dynamic" {
		m.ReplyTo = Text{}
	}
	l.mqChannel(m, n)
	l.mqReplies(m, n)
}

// mqLongest is the longest message that a queue manager takes, in bytes.
const mqLongest = 100 << 20

func newMQ(n *Node) *MQConfig {
	return &MQConfig{Pos: n.Pos, Correlation: "messageId", Encoding: zosEncoding, MaxReply: 1 << 20, Wait: 500 * time.Millisecond}
}

// zosEncoding is how a mainframe writes numbers, in the words of IBM MQ.
const zosEncoding = 785

// mqManager are the keys that say how a queue manager is reached and how messages are written.
func (l *loader) mqManager(m *MQConfig) []field {
	return []field{
		optional("queueManager", l.mqName(&m.QueueManager, "queueManager")),
		optional("channel", l.short(&m.Channel, "channel", 20)),
		optional("connection", l.text(&m.Connection, "connection")),
		optional("ccdt", l.text(&m.CCDT, "ccdt")),
		optional("tls", func(n *Node) { l.mqTLS(m, n) }),
		optional("login", func(n *Node) { l.mqLogin(&m.Login, n) }),
		optional("application", l.short(&m.Application, "application", 28)),
		optional("format", l.short(&m.Format, "format", 8)),
		optional("ccsid", l.integer(&m.CCSID, "ccsid", 1, 65_535)),
		optional("encoding", l.integer(&m.Encoding, "encoding", 1, 4095)),
		optional("properties", l.boolean(&m.Properties, "properties")),
		optional("trace", l.boolean(&m.Trace, "trace")),
		optional("wait", l.duration(&m.Wait, "wait", 10*time.Millisecond, time.Minute)),
	}
}

func (l *loader) mqName(to *Text, what string) func(*Node) { return l.short(to, what, 48) }

// short binds a text of at most so many bytes: IBM MQ would cut it.
func (l *loader) short(to *Text, what string, most int) func(*Node) {
	return func(n *Node) {
		l.text(to, what)(n)
		if len(to.Value) > most {
			l.add(CodeOutOfRange, n, fmt.Sprintf("%s has up to %d characters in IBM MQ, not %d", what, most, len(to.Value)), "correct the name")
			*to = Text{}
		}
	}
}

func (l *loader) mqTLS(m *MQConfig, n *Node) {
	t := &MQTLSConfig{}
	m.TLS = t
	l.object(n, "tls",
		optional("cipherSpec", l.short(&t.CipherSpec, "cipherSpec", 32)),
		required("keyRepository", l.short(&t.KeyRepository, "keyRepository", 256)),
		optional("password", l.secret(&t.Password, "password")),
		optional("label", l.short(&t.Label, "label", 64)),
		optional("peer", l.text(&t.Peer, "peer")),
	)
}

// secret binds a text that must be a reference.
func (l *loader) secret(to *Text, what string) func(*Node) {
	return func(n *Node) {
		l.text(to, what)(n)
		if to.Value != "" && !to.Secret {
			*to = Text{}
			l.add(CodeInlineSecret, n, fmt.Sprintf("the %s stands here itself", what), fmt.Sprintf("write ${env:NAME} or ${file:PATH}, and change the %s: this one was seen", what))
		}
	}
}

func (l *loader) mqLogin(g *MQLogin, n *Node) {
	l.object(n, "login",
		optional("user", l.text(&g.User, "user")),
		optional("password", l.secret(&g.Password, "password")),
		optional("token", l.secret(&g.Token, "token")),
	)
	user, password, token := n.Key("user"), n.Key("password"), n.Key("token")
	switch {
	case n.Kind != MapNode:
	case token != nil && (user != nil || password != nil):
		l.add(CodeExclusive, token, "a token takes the place of user and password", "remove the one or the other")
	case token == nil && (user == nil || password == nil):
		l.add(CodeTogether, n, "a login is user and password, or a token", "add what is missing")
	}
}

// mqChannel checks how channel, table and TLS go together.
func (l *loader) mqChannel(m *MQConfig, n *Node) {
	channel, connection, ccdt := n.Key("channel"), n.Key("connection"), n.Key("ccdt")
	if (channel == nil) != (connection == nil) {
		at := channel
		if at == nil {
			at = connection
		}
		l.add(CodeTogether, at, "a client channel is channel and connection", "add the other: channel: LINTEL.SVRCONN, connection: host(1414)")
	}
	if channel != nil && ccdt != nil {
		l.add(CodeExclusive, ccdt, "a CCDT names the channels, so there is no other", "remove ccdt, or channel and connection")
	}
	switch {
	case m.TLS == nil:
		if k := n.Key("login"); k != nil && channel != nil {
			l.warn(CodePlainLogin, k, "user and password go over the network as they are: there is no TLS", "add tls:")
		}
	case m.TLS.CipherSpec.Value != "" && channel == nil:
		l.add(CodeTogether, n.Key("tls"), "cipherSpec belongs to a channel", "add channel and connection, or leave it to the CCDT")
	case m.TLS.CipherSpec.Value == "" && channel != nil:
		l.add(CodeTogether, n.Key("tls"), "without cipherSpec the channel has no TLS", "add cipherSpec: ANY_TLS12_OR_HIGHER")
	}
	if k := n.Key("trace"); m.Trace && !m.Properties {
		l.add(CodeTogether, k, "a trace goes into message properties", "add properties: true")
	}
}

// mqReplies checks what is said of replies.
func (l *loader) mqReplies(m *MQConfig, n *Node) {
	if m.Datagram {
		for _, key := range []string{"replyTo", "model", "replyOwner", "shared", "correlation", "quarantine", "getters"} {
			if k := n.Key(key); k != nil {
				l.add(CodeExclusive, k, "a datagram has no reply, and "+key+" is about replies", "remove it, or write pattern: request")
			}
		}
		return
	}
	named := m.ReplyTo.Value != ""
	if m.Shared && !named {
		l.add(CodeTogether, n.Key("shared"), "only a queue that is named can be shared", "add replyTo:")
	}
	if m.Shared && m.Quarantine.Value != "" {
		l.add(CodeExclusive, n.Key("quarantine"), "on a shared queue others own what is not ours", "remove quarantine")
	}
	if m.Persistent && !named {
		l.add(CodeTogether, n.Key("persistent"), "replies to persistent requests cannot come to a temporary queue", "name a queue that stays: replyTo: LINTEL.REPLY.{instance}")
	}
	if k := n.Key("model"); named && k != nil {
		l.add(CodeExclusive, k, "model is for temporary queues, and replyTo names one that stays", "remove the one or the other")
	}
	if k := n.Key("getters"); !m.Shared && k != nil {
		l.add(CodeTogether, k, "only a shared queue has several getters", "remove it, or add shared: true")
	}
}
