// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Defaults of Options.
const (
	DefaultModel    = "SYSTEM.DEFAULT.MODEL.QUEUE"
	DefaultPutters  = 2
	DefaultGetters  = 16
	DefaultMaxReply = 1 << 20
	DefaultSlice    = 500 * time.Millisecond
	DefaultName     = "lintel"
)

// Correlation is what the host copies into the correlation id of its reply.
type Correlation int

const (
	// MessageID is the rule of IBM MQ: the message id of the request. The zero value.
	MessageID Correlation = iota
	// CorrelationID is the correlation id of the request; MQRO_PASS_CORREL_ID asks for it.
	CorrelationID
)

// Options say how to reach a queue. Names are those of IBM MQ.
type Options struct {
	// QueueManager is the name of the queue manager, or *NAME for a group of a CCDT; empty for the default.
	QueueManager string
	// Channel and Connection define a client channel: its name, and host(port), several with commas.
	// Without them CCDT, or what the client library finds by itself, decides.
	Channel, Connection string
	// CCDT is the URL of a client channel definition table.
	CCDT string
	// CipherSpec turns TLS on for Channel. KeyRepository holds the certificates, KeyPassword opens it,
	// Label names ours, Peer is what the name in the queue manager's certificate must match.
	CipherSpec, KeyRepository, KeyPassword, Label, Peer string
	// User and Password log in; Token is a JSON web token in place of both.
	User, Password, Token string
	// Application names this program to the queue manager, up to 28 bytes; empty means DefaultName.
	Application string

	// Queue is the queue that the host reads, QueueOwner its queue manager if it is another one.
	Queue, QueueOwner string
	// ReplyQueue is the queue of the replies. Empty means a temporary dynamic queue for this adapter,
	// made from Model. In a name, {instance} stands for 16 hexadecimal digits that are different for each
	// Adapter. Unless Shared, no two adapters may use a queue: each would take the other's replies.
	ReplyQueue string
	// Model is the model queue for temporary reply queues; empty means DefaultModel.
	Model string
	// Shared gets each reply by its correlation id from ReplyQueue, which others may use as well.
	Shared bool
	// ReplyOwner is written into requests as the queue manager of the reply queue; empty means ours.
	ReplyOwner string
	// Datagram puts without waiting for a reply: an exchange ends when the queue manager has accepted.
	Datagram bool
	// Correlation is what the host copies into its reply.
	Correlation Correlation
	// Syncpoint puts each request in a unit of work of its own. A put that fails is then known not to have
	// happened; only a commit can be in doubt. It costs one more call.
	Syncpoint bool
	// Quarantine is a queue for replies that nobody waits for; empty drops them.
	Quarantine string

	// Format, CCSID and Encoding describe the body of requests: empty, 0 and 0 mean no format, and those
	// of the queue manager and this machine.
	Format          string
	CCSID, Encoding int32
	// Persistent keeps requests through a restart of the queue manager.
	Persistent bool
	// Properties reads and writes message properties as application.NAME. Without it a body may begin with
	// an MQRFH2, as the queue says.
	Properties bool

	// Identity lets requests say who they are from. It needs the authority to set the identity context.
	Identity bool
	// Trace writes the trace context of an exchange into message properties.
	Trace bool
	// Listens is for Diagnose: the queue is read, not written.
	Listens bool

	// Putters is how many connections put, Getters how many wait at once with Shared; 0 means the defaults.
	Putters, Getters int
	// MaxReply is the largest body of a reply in bytes; 0 means DefaultMaxReply.
	MaxReply int
	// Slice is how long one call waits for a message at most, and how often a connection that nobody uses is
	// tried; 0 means DefaultSlice.
	Slice time.Duration
}

// check reports what cannot work and fills in the defaults.
func (o *Options) check() error {
	switch {
	case o.Queue == "":
		return errors.New("mq queue: the name of a queue is needed")
	case (o.Channel == "") != (o.Connection == ""):
		return errors.New("mq channel: channel and connection are both needed")
	case o.Channel != "" && o.CCDT != "":
		return errors.New("mq ccdt: the table names the channels, so there is no other")
	case o.CipherSpec != "" && o.Channel == "":
		return errors.New("mq cipherSpec: it belongs to a channel")
	case o.Datagram && (o.ReplyQueue != "" || o.Shared):
		return errors.New("mq replyQueue: a datagram has no reply")
	case o.Shared && o.ReplyQueue == "":
		return errors.New("mq shared: the name of the reply queue is needed")
	case o.Shared && o.Quarantine != "":
		return errors.New("mq quarantine: on a shared queue others own what is not ours")
	case o.Token != "" && o.User != "":
		return errors.New("mq token: it takes the place of user and password")
	case !o.Datagram && o.ReplyQueue == "" && o.Persistent:
		return errors.New("mq persistent: replies to persistent requests cannot come to a temporary queue; name a replyQueue")
	case o.Trace && !o.Properties:
		return errors.New("mq trace: a trace goes into message properties")
	case o.Putters < 0 || o.Getters < 0 || o.MaxReply < 0 || o.Slice < 0:
		return errors.New("mq options: numbers, sizes and durations cannot be negative")
	case len(o.Format) > 8:
		return errors.New("mq format: a format has up to 8 characters")
	case len(o.Application) > 28:
		return errors.New("mq application: a name has up to 28 characters")
	}
	o.ReplyQueue = strings.ReplaceAll(o.ReplyQueue, "{instance}", strings.ToUpper(newID().String()[:16]))
	for _, n := range []string{o.QueueManager, o.Queue, o.QueueOwner, o.ReplyQueue, o.Model, o.ReplyOwner, o.Quarantine} {
		if len(n) > 48 {
			return fmt.Errorf("mq name %s: names have up to 48 characters", n)
		}
	}
	o.Model = cmp.Or(o.Model, DefaultModel)
	o.Application = cmp.Or(o.Application, DefaultName)
	o.Putters, o.Getters = cmp.Or(o.Putters, DefaultPutters), cmp.Or(o.Getters, DefaultGetters)
	o.MaxReply = cmp.Or(o.MaxReply, DefaultMaxReply)
	o.Slice = cmp.Or(o.Slice, DefaultSlice)
	return nil
}
