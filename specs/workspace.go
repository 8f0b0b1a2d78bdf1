// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"io/fs"
	"time"
)

// Workspace is the loaded documents of a folder. It is plain data and is not changed after loading.
type Workspace struct {
	// Dir is the folder as the user named it; FS reads below it and nowhere else.
	Dir string
	FS  fs.FS

	// Config is never nil. Contract is nil if the operations could not be read at all.
	Config     *Config
	Contract   *Contract
	Transforms []*Transform
	// Listeners are the files of listeners/.
	Listeners []*Listener
	// SOAP holds what soap.yaml says about the messages of WSDLs; empty if there is no such file.
	SOAP []*SOAPRules
	// Records holds what records.yaml says about fields; empty if there is no such file.
	Records *Records
	Tests   []*TestFile
	// Tables are the code lists and lookup tables of tables/, by file name.
	Tables []*Table
	// Simulation is simulate.yaml; nil if there is none.
	Simulation *Simulation
}

// Text is a scalar of a document with its place.
type Text struct {
	Value string
	Pos   Pos
	// Secret marks a value that came from the environment or a file: it is never printed.
	Secret bool
}

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
	// Open is how long it stays open before a probe; default 10 s. MaxOpen bounds what that grows to;
	// default four times Open.
	Open, MaxOpen time.Duration
	// Ramp is how long it takes after it closed until all slots may be used again; default 5 s, negative
	// if all may at once.
	Ramp time.Duration
}

// Transform is one file of transforms/: how one operation is served.
type Transform struct {
	File string
	Root *Node
	// Operation is the operationId it serves, Backend the backend it calls.
	Operation, Backend Text
	// Public declares an operation that needs no security in the contract.
	Public bool
	// Allow decides, after the request was read, whether this caller may have this; nil if every caller may.
	Allow *Node
	// Safe, if set, overrides what the method says: safe operations change nothing at the host.
	Safe *bool
	// Cache says who may keep answers; nil means nobody.
	Cache *CacheSpec
	// Limits of the exchange of this operation.
	Limits LimitsSpec
	// Steps, if there are any, are the exchanges of an operation that has several; Answer is then what
	// the app gets when all went well, and Backend, Limits, Request and Reply are those of each step.
	Steps  []*StepSpec
	Answer ReplySpec
	// Fallbacks are tried in order when the host of a safe operation gives no usable reply.
	Fallbacks []*FallbackSpec
	Request   RequestSpec
	Reply     ReplySpec
	// Idempotency is "required", "optional" or "off"; empty means the default, required. It matters
	// only for operations that are not safe.
	Idempotency Text
	// Inquiry asks the host what became of an exchange in doubt, Reversal undoes it; nil if there is none.
	Inquiry, Reversal *AskSpec
	// About marks a transform that was made of an AskSpec.
	About bool
}

// StepSpec is one exchange of an operation that has several.
type StepSpec struct {
	Pos  Pos
	Root *Node
	// Name is unique in the operation; later steps name the reply by it.
	Name Text
	// Group numbers what runs at the same time: steps of one group run in parallel, groups one after
	// the other, from 0.
	Group   int
	Backend Text
	// When, if set, decides whether the step runs.
	When *Node
	// Safe steps change nothing at their host; nil means as the operation.
	Safe *bool
	// Optional steps may fail: the answer is then partial.
	Optional bool
	Limits   LimitsSpec
	Request  RequestSpec
	Reply    ReplySpec
	// Undo takes back what the step did when a later one fails; nil if nothing does. Stays declares
	// that what the step did stays.
	Undo  *UndoSpec
	Stays bool
}

// UndoSpec is the exchange that takes back what a step did.
type UndoSpec struct {
	Pos  Pos
	Root *Node
	// Backend is that of the step if it is not given.
	Backend Text
	// InDoubt tells that the undo may be sent when it is not known whether the step was done.
	InDoubt bool
	Limits  LimitsSpec
	Request RequestSpec
	// Reply goes on where the step is undone, and ends with a status where it is not.
	Reply ReplySpec
}

// CacheSpec is the cache section of a transform, of a safe operation.
type CacheSpec struct {
	// Apps is how long an app may use an answer without asking; Gateway how long the gateway gives it
	// again without asking the host. 0 means that they always ask.
	Apps, Gateway time.Duration
	// AllCallers tells that every caller gets the same answer.
	AllCallers bool
	// Coalesce lets calls that ask for the same at the same time share one exchange.
	Coalesce bool
}

// LimitsSpec is what a transform says about its exchange, beside what the backend does.
type LimitsSpec struct {
	// Timeout bounds the exchange; 0 means the backend's.
	Timeout time.Duration
	// Needs is the least time an exchange takes: with less left it is not begun.
	Needs time.Duration
	// Max is how many exchanges of the operation run at once; 0 means as many as the backend allows.
	Max int
	// High puts waiting calls before those of other operations.
	High bool
	// Retries is how often a request that was provably not sent is tried again; 0 means as the backend
	// says, negative never.
	Retries int
	// Hedge asks a second time if there is no reply after so long; 0 means never.
	Hedge time.Duration
}

// AskSpec is an exchange about another exchange of the same operation.
type AskSpec struct {
	Pos Pos
	// Backend is the one of the operation unless the section names another.
	Backend Text
	// Timeout bounds one attempt; 0 means the backend's.
	Timeout time.Duration
	// After is how long after its deadline the host may still begin the exchange; default 30 s.
	After time.Duration
	// Every is the pause before the second attempt; default 1 s.
	Every   time.Duration
	Request RequestSpec
	Reply   ReplySpec
}

// Transform returns the section as a transform of the operation of t.
func (a *AskSpec) Transform(t *Transform) *Transform {
	out := *t
	out.Backend, out.Request, out.Reply, out.Allow = a.Backend, a.Request, a.Reply, nil
	out.Inquiry, out.Reversal, out.About = nil, nil, true
	return &out
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
	// Webhook is told of operations that end when their caller does not wait; its URL is empty if nobody is.
	Webhook WebhookConfig
}

// WebhookConfig says where notifications go and what they are signed with.
type WebhookConfig struct{ URL, Secret Text }

// RequestSpec is the request section of a transform.
type RequestSpec struct {
	Pos Pos
	// Root is the name of the app's body in expressions; empty for "body".
	Root string
	// Format is the format word that was used as a key (record, json), Ref what it names.
	Format string
	Ref    *Node
	// From names an object whose members fill the fields of the same JSON name; nil if there is none.
	From *Node
	// Fields maps target names to literals and expressions; nil if there are none.
	Fields *Node
	// Body is the template of a document; nil for records.
	Body *Node
	// Properties maps the names of message properties to literals and expressions; nil if there are none.
	Properties *Node
	// MQHeaders lists the headers of IBM MQ in front of the message; nil if there are none.
	MQHeaders *Node
}

// ReplySpec is the reply section of a transform.
type ReplySpec struct {
	Pos Pos
	// Root is the name of the message in expressions; empty for "reply".
	Root string
	// MQHeaders lists the headers of IBM MQ in front of the message; nil if there are none.
	MQHeaders *Node
	Format    string
	Ref       *Node
	Outcomes  []*OutcomeSpec
	// Status of the answer when no outcome holds; default: the contract's only 2xx status.
	Status *Node
	// Headers maps header names to literals and expressions.
	Headers *Node
	// Body is the template of the JSON body, or nil.
	Body *Node
	// FaultMeansRollback tells that every fault proves that the host did nothing.
	FaultMeansRollback bool
	// Echo maps fields of the reply to what the request sent in them; nil if there are none.
	Echo *Node
	// Variants, if there are any, say what the message is; Ref is then the head that they look at, nil
	// if there is none, and the other members are those of each variant.
	Variants []*VariantSpec
}

// VariantSpec is one of several records that a reply may be.
type VariantSpec struct {
	// When decides on the head; nil holds always.
	When  *Node
	Reply ReplySpec
}

// OutcomeSpec is one rule of what a reply means.
type OutcomeSpec struct {
	Pos  Pos
	When *Node
	// Status, Headers, Body and Problem shape the answer. Body and Problem exclude each other.
	Status  *Node
	Headers *Node
	Body    *Node
	Problem *Node
	// Continue tells that the operation goes on with its next step: the outcome makes no answer.
	Continue bool
	// Host is "failed" when the outcome means host trouble, else empty.
	Host Text
	// Fate is "not applied" when the outcome proves that nothing was done, "in doubt" when it is not
	// known, else empty.
	Fate Text
}

// Records is records.yaml: what copybooks cannot say.
type Records struct {
	File string
	// Options are the record options under "*": they are for all records. Their values are bound by
	// whoever compiles records; see RecordOptionKeys.
	Options []NodeField
	Fields  []*FieldRule
	// Broken tells that the file has errors: names made with it cannot be relied on.
	Broken bool
}

// FieldRule is what records.yaml says about a field or record.
type FieldRule struct {
	// Name is a data-name, or several from the outside in joined by points (GROUP.FIELD).
	Name string
	Pos  Pos
	// JSON overrides the JSON name.
	JSON Text
	// Prefix, on a record, is dropped from the names of its fields before JSON names are made.
	Prefix []Text
	// Enum maps host values to JSON strings, in the order written.
	Enum []EnumRule
	// Boolean maps true and false to host values.
	Boolean *BooleanRule
	// Date is the picture of a date (yyyyMMdd).
	Date Text
	// Empty are the host values that stand for null: the first is written, all are read.
	Empty []EmptyValue
	// Redefines says which alternative of a REDEFINES block is meant.
	Redefines *RedefinesRule
	// Scale is how many of the digits stand behind a point that the picture does not have, or, below 0,
	// how many zeros follow them that the host does not keep; -18 to 18.
	Scale     int
	Sensitive bool
	// Options are the record options beside the rules: they are for the record of that name.
	Options []NodeField
}

// EmptyValue is a host value that stands for null.
type EmptyValue struct {
	Text
	// Word is a figurative constant of COBOL (SPACES, ZEROS, LOW-VALUES, HIGH-VALUES), empty for a value.
	Word string
}

// EnumRule is one value of an enum rule.
type EnumRule struct{ Host, JSON Text }

// BooleanRule gives the host values of a boolean.
type BooleanRule struct{ True, False Text }

// RedefinesRule chooses an alternative by the value of a field.
type RedefinesRule struct {
	By      Text
	Choices []RedefinesChoice
}

// RedefinesChoice is one value of the discriminator and the alternative it chooses.
type RedefinesChoice struct{ Value, Field Text }

// SOAPRules is what soap.yaml says about the messages of one WSDL.
type SOAPRules struct {
	// File is the WSDL, as transforms name it.
	File string
	Pos  Pos
	// MTOM tells that binary content is sent as attachments.
	MTOM bool
	// OtherParts tells that attachments that nothing names are a member of the message.
	OtherParts bool
	// NonFinite says what becomes of INF, -INF and NaN: "text", "null", or empty for an error.
	NonFinite Text
	// Types are rules for the members of types.
	Types []*SOAPType
}

// SOAPType is what soap.yaml says about a type of a schema.
type SOAPType struct {
	// Name is that of the type, or of the top element it is declared in, with the elements down to it,
	// joined by points.
	Name    string
	Pos     Pos
	Members []*SOAPMember
}

// SOAPMember is what soap.yaml says about a member of a type.
type SOAPMember struct {
	// Name is the name in JSON that follows from the schema.
	Name string
	Pos  Pos
	// JSON overrides it.
	JSON Text
	// As is "text" for a number that is a text in JSON, else empty.
	As Text
	// Single tells that an array has one entry at most, which stands for it.
	Single bool
}

// TestFile is one file of tests/: exchanges of one operation (the file's name).
type TestFile struct {
	File      string
	Operation string
	Cases     []*TestCase
}

// TestCase is one exchange: what the app sends, what the host receives and replies, what the app gets.
type TestCase struct {
	Name string
	Pos  Pos
	// Request has path, query, header (maps), body and identity.
	Request *Node
	// Receives and Replies describe the host's side by fields, hex or a file; nil if not given.
	Receives, Replies *HostMessage
	// Fails, instead of a reply, says what becomes of the exchange: "not sent" or "in doubt"; else empty.
	Fails string
	// Steps are the host's sides of the steps of an operation that has several.
	Steps []*TestStep
	// Response has status, headers and body; nil if not given.
	Response *Node
}

// TestStep is the host's side of one step. Undo tells that it is that of the undo of the step.
type TestStep struct {
	Name              Text
	Undo              bool
	Receives, Replies *HostMessage
	// Fails is that of TestCase.
	Fails string
}

// HostMessage describes a message of the host. At most one of Fields, Hex and File is set; one of
// properties alone has none of them.
type HostMessage struct {
	Pos Pos
	// Record names the record of Fields where a reply has variants, as the transform does; nil otherwise.
	Record *Node
	// Fields gives values by JSON name, Hex the bytes, File a file below the workspace with the bytes.
	Fields *Node
	Hex    *Text
	File   *Text
	// Properties are the message's properties by name; nil if not given.
	Properties *Node
}
