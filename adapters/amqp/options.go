// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Defaults of Options.
const (
	DefaultConnect  = 5 * time.Second
	DefaultIdle     = time.Minute
	DefaultMaxReply = 1 << 20
	DefaultCredit   = 100
)

// Section is the part of an AMQP message that holds the bytes of a request.
type Section int

const (
	// Data is binary: the zero value.
	Data Section = iota
	// Text is an amqp-value of type string, what JMS calls a TextMessage. The bytes must be UTF-8.
	Text
	// Binary is an amqp-value of type binary.
	Binary
)

// Mechanism is how a client says who it is.
type Mechanism int

const (
	// Anonymous is SASL ANONYMOUS: the zero value.
	Anonymous Mechanism = iota
	// Plain is SASL PLAIN: user and password. Use it over TLS only.
	Plain
	// External is SASL EXTERNAL: the TLS client certificate says who it is.
	External
	// None leaves SASL out.
	None
)

// Options say how to reach a queue.
type Options struct {
	// Address is host:port of the broker.
	Address string
	// Target is the address of the queue that the host reads, in the words of the broker.
	Target string
	// ReplyTo is the address of the replies. Empty means that the broker makes a queue for this
	// connection and names it. In a name, {instance} stands for 16 hexadecimal digits that are
	// different for each Adapter. No two adapters may share an address: each would take the
	// other's replies.
	ReplyTo string
	// Datagram sends without waiting for a reply: an exchange ends when the broker has accepted.
	Datagram bool
	// Durable asks the broker to keep requests through a restart.
	Durable bool
	// Body is the section that holds a request. Replies are read from any section that holds bytes.
	Body Section
	// IBMMQ keeps to what AMQP channels of IBM MQ take: ids of 24 bytes in binary, and asks the
	// server to copy the correlation id, since this side never learns the message id.
	IBMMQ bool
	// NoCapability leaves the capability "queue" out of attaches. IBM MQ takes addresses without it
	// for topics.
	NoCapability bool
	// Ints names application properties that are sent as AMQP int (32 bits); others are long.
	Ints []string

	// Trace writes the trace context of an exchange into application properties.
	Trace bool

	// Credit is how many replies the broker may send ahead; 0 means DefaultCredit. Keep it above the
	// number of exchanges that run at once: with less, RabbitMQ 3 was seen to stop delivering.
	Credit int
	// Connect bounds making a connection: TCP, TLS, SASL and links together; 0 means DefaultConnect.
	Connect time.Duration
	// Idle is how long the broker may be silent before the connection is taken for lost; 0 means DefaultIdle.
	Idle time.Duration
	// MaxReply is the largest body of a reply in bytes; 0 means DefaultMaxReply.
	MaxReply int
	// Host is the virtual host named in the open frame; empty means the host of Address.
	Host string
	// Container names this client to the broker; empty means a random name.
	Container string

	// TLS, if set, is used towards the broker; a missing ServerName is taken from Address.
	TLS *tls.Config
	// SASL, User and Password say who we are.
	SASL           Mechanism
	User, Password string
}

// check reports what cannot work and fills in the defaults.
func (o *Options) check() error {
	host, port, err := net.SplitHostPort(o.Address)
	switch {
	case err != nil:
		return fmt.Errorf("amqp address: %w", err)
	case host == "" || port == "":
		return errors.New("amqp address: host and port are both needed")
	case o.Target == "":
		return errors.New("amqp target: the address of a queue is needed")
	case o.Datagram && o.ReplyTo != "":
		return errors.New("amqp replyTo: a datagram has no reply")
	case o.SASL == Plain && o.User == "":
		return errors.New("amqp sasl: plain needs a user")
	case o.SASL == External && o.TLS == nil:
		return errors.New("amqp sasl: external needs TLS with a client certificate")
	case o.Credit < 0 || o.Connect < 0 || o.Idle < 0 || o.MaxReply < 0:
		return errors.New("amqp options: durations, sizes and credit cannot be negative")
	}
	o.Credit = cmp.Or(o.Credit, DefaultCredit)
	o.Connect = cmp.Or(o.Connect, DefaultConnect)
	o.Idle = cmp.Or(o.Idle, DefaultIdle)
	o.MaxReply = cmp.Or(o.MaxReply, DefaultMaxReply)
	o.Host = cmp.Or(o.Host, host)
	if o.TLS != nil {
		o.TLS = o.TLS.Clone()
		o.TLS.ServerName = cmp.Or(o.TLS.ServerName, host)
	}
	o.ReplyTo = strings.ReplaceAll(o.ReplyTo, "{instance}", newID()[:16])
	return nil
}
