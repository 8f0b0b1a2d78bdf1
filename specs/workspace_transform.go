// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"time"
)

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
	// About marks a transform that was made of an AskSpec, Ping one that was made of a Ping.
	About, Ping bool
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
	// Inquiry asks the host whether the step was done when that is not known; nil if nothing does. The body of its
	// reply is what the step replied, as far as the inquiry tells.
	Inquiry *AskSpec
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
