// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"time"
)

// Config is lintel.yaml.
type Config struct {
	Contract Text
	Backends []*Backend
	// Listeners take messages from queues.
	Listeners []*ListenerConfig
	Gateway   GatewayConfig
	// Operations is what operators see and may do.
	Operations OperationsConfig
	Security   SecurityConfig
	// Settings lists every value that counts with its origin.
	Settings []Setting
	Journal  JournalConfig
}

// Backend returns the backend with that name, or nil.
func (c *Config) Backend(name string) *Backend {
	for _, b := range c.Backends {
		if b.Name == name {
			return b
		}
	}
	return nil
}

// GatewayConfig is the gateway section of lintel.yaml. Zero durations and sizes mean the default.
type GatewayConfig struct {
	// Listen is a host:port address, default :8080; Admin one too, default 127.0.0.1:9901, or unix:
	// and the path of a socket, or off.
	Listen, Admin string
	// BodyLimit is the largest request body in bytes; default 1 MiB.
	BodyLimit int64
	// Timeout bounds a whole request; default 30 s.
	Timeout time.Duration
	// Drain is how long a stop waits for calls in flight; default 30 s.
	Drain time.Duration
	// Replicas is how many gateways serve this workspace at the same time; default 1.
	Replicas    int
	ReplicasPos Pos
	// Responses says what happens to a reply that breaks the contract: "enforce" (default), "report" or "off".
	Responses string
	Edge      EdgeConfig
	// BudgetHeader is the request header in which callers say how long they wait; empty for none.
	BudgetHeader string
}

// Backend is one named host connection.
type Backend struct {
	Name string
	Pos  Pos
	// Wire is the word that names the wire (one of WireWords); empty if none is configured.
	Wire string
	// TCP is set for hosts that are spoken to in frames over TCP.
	TCP *TCPConfig
	// HTTP is set for hosts that are spoken to in HTTP.
	HTTP *HTTPConfig
	// AMQP is set for hosts that read a queue of an AMQP 1.0 broker.
	AMQP *AMQPConfig
	// MQ is set for hosts that read a queue of IBM MQ.
	MQ *MQConfig
	// CodePage is the host's character encoding by IBM number, default cp037.
	CodePage Text
	// Timeout bounds one exchange, wait for a connection included; default 5 s.
	Timeout     time.Duration
	Concurrency ConcurrencyConfig
	// Retries is how often a request that was provably not sent is tried again; default 2.
	Retries int
	Breaker BreakerConfig
}

// TCPConfig is the tcp section of a backend.
type TCPConfig struct {
	// Addresses are the ways to the host, the first one first. Spread uses them in turn.
	Addresses []Text
	Spread    bool
	Frame     FrameConfig
	// Connect bounds the connection and the TLS handshake; default 2 s, with several addresses at most
	// what leaves time for all of them.
	Connect time.Duration
	// Idle closes pooled connections that were not used for so long; default 60 s.
	Idle time.Duration
	// MaxReply is the largest reply in bytes; default 1 MiB.
	MaxReply int64
	TLS      *TLSConfig
}

// FrameConfig says how messages are delimited on the stream. Exactly one member is set.
type FrameConfig struct {
	Length *LengthFrame
}

// LengthFrame is a binary length in front of every message.
type LengthFrame struct {
	// Bytes is 2 or 4.
	Bytes int
	// Little is true for little-endian order.
	Little bool
	// IncludesSelf is true when the length counts its own bytes too.
	IncludesSelf bool
}

// TLSConfig is TLS towards a host.
type TLSConfig struct {
	// ServerName overrides the name that is verified.
	ServerName string
	// CA, Certificate and Key are PEM files below the workspace; CA empty means the system's roots.
	CA, Certificate, Key Text
	// Roots are trusted in place of those of CA: certificates in PEM. No file says them, a simulation does.
	Roots []byte
}

// ConcurrencyConfig limits exchanges at one backend.
type ConcurrencyConfig struct {
	// Max is how many run at once; default 32. Min, if it is not 0, lets the limit follow what the
	// host can do, between the two.
	Max, Min int
	// Wait is how long a further one waits for a slot; default 100 ms, negative if it does not wait.
	Wait time.Duration
	// Queue is how many may wait; default 4 x Max, negative if none may.
	Queue int
}

// BreakerConfig says when a backend is taken for down.
type BreakerConfig struct {
	// Window is the rolling time over which calls are counted; default 30 s.
	Window time.Duration
	// Failures opens at this percentage of failed calls; default 50.
	Failures int
	// SlowOver and SlowRatio open when this percentage of calls took longer; 0 means off.
	SlowOver  time.Duration
	SlowRatio int
	// Minimum is how many calls must have completed in the window before it can open; default 20.
	Minimum int
	// Open is how long it stays open before a probe; default 10 s, with a ping 1 s. MaxOpen bounds what that
	// grows to; default four times Open, with a ping at least 40 s.
	Open, MaxOpen time.Duration
	// Ramp is how long it takes after it closed until all slots may be used again; default 5 s, negative
	// if all may at once.
	Ramp time.Duration
	// Ping finds out whether the host is back; nil leaves it to a call.
	Ping *PingConfig
}

// JournalConfig is the journal section of lintel.yaml.
type JournalConfig struct {
	Pos Pos
	// Directory holds the files of the journal: a path below the workspace, or an absolute one.
	Directory string
	// Postgres is the URL of a database that is used instead; empty if there is none.
	Postgres Text
	// Key is the secret; empty means that one is made beside the directory.
	Key Text
	// Encryption is what is encrypted with from now on; empty means Key. Decryption are the ones before it,
	// of which entries are still kept.
	Encryption Text
	Decryption []Text
	// Retention is how long finished operations are remembered.
	Retention time.Duration
	// BeginAccepted says that where no journal is, one is begun only when an operator accepts it.
	BeginAccepted bool
	// Webhook is told of operations that end when their caller does not wait; its URL is empty if nobody is.
	Webhook WebhookConfig
}

// WebhookConfig says where notifications go and what they are signed with.
type WebhookConfig struct{ URL, Secret Text }
