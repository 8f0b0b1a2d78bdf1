// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"lintel/specs"
)

// Format is the grammar of the bytes of one message: a record layout with its code page, a SOAP
// envelope, a JSON document with its schema. Values of it are made when a workspace is loaded and
// are safe for concurrent use.
type Format interface {
	// Reader compiles a flat plan that takes what c wants out of a message.
	Reader(c *Capture) (Reader, specs.Findings)
	// Writer compiles a flat plan that builds a message from m.
	Writer(m *Mapping) (Writer, specs.Findings)
}

// MessageType is one kind of message: its tree and its grammar.
type MessageType struct {
	Type   *Type
	Format Format
}

// Codec converts whole messages, without a transform: for tools, tests and simulated hosts. A
// Format may also be a Codec.
type Codec interface {
	// DecodeJSON appends the JSON text of a whole message.
	DecodeJSON(dst, msg []byte) ([]byte, error)
	// EncodeJSON appends the message that a JSON object describes; absent members get defaults.
	EncodeJSON(dst, json []byte) ([]byte, error)
}

// DropFormat is a Format that can keep members that no schema names out of a document.
type DropFormat interface {
	// Dropper returns nil when what m writes cannot have such members.
	Dropper(m *Mapping) Dropper
}

// Dropper takes members that no schema names out of a document.
type Dropper interface {
	// Drop returns body itself if it has none. It fails when they are too many; there is no document then.
	Drop(body []byte) (out []byte, dropped int, err error)
}

// Prober is a Format that can tell, before any message is written, what its fields take. Checks of
// a workspace ask it about the bounds and the listed values of the contract.
type Prober interface {
	// Try reports why the field of t cannot hold v, or nil. t is a node of the format's own Type.
	Try(t *Type, v Value) *FieldError
	// Blank returns the JSON text of what the field of t holds when nothing fills it; valid is
	// false if those bytes are no value of the field.
	Blank(t *Type) (json []byte, valid bool)
}

// Opener finds the message type that a transform names under request or reply, for example the
// record behind "copybooks/ACCTINQ.cpy#INQ-REPLY". One Opener serves one format word.
type Opener interface {
	// Open resolves ref for a backend. A head is the beginning of messages that go on: bytes behind
	// it are no error. Findings carry the place of ref or of the file it names.
	Open(ref *specs.Node, backend *specs.Backend, head bool) (*MessageType, specs.Findings)
}
