// SPDX-License-Identifier: Apache-2.0

package specs

// TestFile is one file of tests/: exchanges of one operation (the file's name).
type TestFile struct {
	File      string
	Operation string
	Cases     []*TestCase
	// Asks are exchanges about exchanges of the operation: its inquiries and its reversal.
	Asks []*TestCase
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
	// Ask tells that it is the test of an inquiry or a reversal, whose host Receives and Replies; else nil.
	Ask *TestAsk
	// Response has status, headers and body; nil if not given.
	Response *Node

	// Message is what a listener takes from its queue; nil in a test of an operation. The rest of this part belongs to it.
	Message *HostMessage
	// Key, Event and Call are what must be read from it: a text, attributes and data of the event, or parameters and body
	// of the call. Answer is the message that must go back.
	Key, Event, Call *Node
	Answer           *HostMessage
	// Webhook has the status that the receiver of the event answers.
	Webhook *Node
	// Result says what must become of the message: done, backout, dead or retried; empty means done. In a test of
	// a ping it is succeeded, which is meant by empty, or failed; in that of an inquiry applied, not applied or in doubt, in
	// that of a reversal acknowledged or in doubt: these are never empty.
	Result string
}

// pingResult tells that the result is that of a ping.
func (c *TestCase) pingResult() bool { return c.Result == "succeeded" || c.Result == "failed" }

// TestAsk is an exchange about the exchange of a test, which got no reply.
type TestAsk struct {
	Kind string // AskInquiry or AskReversal
	Pos  Pos
	// Step is the one that is asked about; empty for the operation itself.
	Step Text
	// Tells is what the step replied, as far as its inquiry tells; nil if not given.
	Tells *HostMessage
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
