// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"slices"
	"strings"
)

// PropertyType is the type of the values of a message property.
type PropertyType uint8

const (
	// TextProperty is a string.
	TextProperty PropertyType = iota
	// WholeProperty is a whole number of 64 bits.
	WholeProperty
	// BooleanProperty is true or false.
	BooleanProperty
	// BytesProperty is bytes; expressions and JSON have them as hexadecimal text in capitals.
	BytesProperty
	// AnyProperty is one of the others: what users of the wire add themselves.
	AnyProperty
)

// String gives the word of the reference: text, whole number, boolean, bytes, any.
func (t PropertyType) String() string {
	return [...]string{"text", "whole number", "boolean", "bytes", "any"}[t]
}

// WireProperty is one property that a wire carries beside the bytes of a message, or all of an open
// set of them.
type WireProperty struct {
	// Name is the key in the properties of a message. The name of an open set ends with a point, and
	// any name may follow: "header." stands for header.X-Branch.
	Name string
	Type PropertyType
	// Request properties may be set by transforms, Reply properties read by them.
	Request, Reply bool
	// Always tells that every reply has it.
	Always bool
	// Folded names are the same in upper and lower case.
	Folded bool
	// Token names follow the grammar of HTTP header names (RFC 9110, section 5.6.2).
	Token bool
	// Except are names of an open set that the wire fills itself, in lower case.
	Except []string
	// Words are the only values that a request may give; nil if any.
	Words []string
	// Doc is a sentence for the reference.
	Doc string
}

// Open tells that the property is a set of names.
func (p WireProperty) Open() bool { return strings.HasSuffix(p.Name, ".") }

// WireWords are the wires, by the word that names each in lintel.yaml.
func WireWords() []string { return []string{"tcp", "http", "amqp", "mq"} }

// WireProperties lists the properties of a wire; nil if it carries none. Each wire has its list
// here, since specs knows no adapter: an adapter's test compares its own with it.
func WireProperties(wire string) []WireProperty {
	switch wire {
	case "http":
		return httpProperties()
	case "amqp":
		return amqpProperties()
	case "mq":
		return mqProperties()
	default: // frames on a stream are bytes and nothing else
		return nil
	}
}

func httpProperties() []WireProperty {
	return []WireProperty{
		{Name: "status", Type: WholeProperty, Reply: true, Always: true, Doc: "Status of the reply."},
		{Name: "method", Request: true, Words: []string{"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD"}, Doc: "Method of the request."},
		{Name: "path", Request: true, Doc: "Path and query of the request, added to the URL of the backend."},
		{Name: "contentType", Request: true, Reply: true, Doc: "Media type of the body."},
		{Name: "soapAction", Request: true, Doc: "SOAP action of the request."},
		{Name: "header.", Request: true, Reply: true, Folded: true, Token: true, Except: ownHeaders(), Doc: "Any other header; upper and lower case are the same."},
	}
}

// ownHeaders lists the headers of requests to a host that have a property of their own, belong to the
// connection, or would let a request be sent again on the way; in lower case.
func ownHeaders() []string {
	return []string{
		"connection", "content-length", "content-type", "date", "expect", "host", "idempotency-key", "keep-alive", "proxy-authorization",
		"proxy-connection", "soapaction", "te", "trailer", "transfer-encoding", "upgrade", "x-idempotency-key",
	}
}

// amqpProperties are the properties and the header of AMQP 1.0 (part 3.2), by the names of the standard.
func amqpProperties() []WireProperty {
	both := func(name, doc string) WireProperty {
		return WireProperty{Name: name, Request: true, Reply: true, Doc: doc}
	}
	return append([]WireProperty{
		both("subject", "Subject of the message: what it is about, for whoever sorts messages."),
		both("to", "The address that the message is for, where it is not the queue it is sent to."),
		both("contentType", "Media type of the body."),
		both("contentEncoding", "Coding of the body beside its media type."),
		both("groupId", "The group that the message belongs to."),
		{Name: "groupSequence", Type: WholeProperty, Request: true, Reply: true, Doc: "Place of the message in its group, 0 to 4294967295."},
		both("replyToGroupId", "The group that replies shall belong to."),
		{Name: "userId", Type: BytesProperty, Request: true, Reply: true, Doc: "Who made the message; brokers may check it."},
		{Name: "durable", Type: BooleanProperty, Request: true, Reply: true, Doc: "Whether the broker keeps the message through a restart; `amqp.durable` of the backend is the default."},
		{Name: "priority", Type: WholeProperty, Request: true, Reply: true, Doc: "Priority, 0 to 255; 4 is the default, and the common one."},
		{Name: "ttl", Type: WholeProperty, Request: true, Reply: true, Doc: "Time to live in milliseconds. Of a request that waits for a reply it is what is left of the deadline, whatever the transform says."},
		{Name: "messageId", Reply: true, Doc: "Id of the message."},
		{Name: "correlationId", Reply: true, Doc: "Id of the request that the message answers."},
		{Name: "replyTo", Reply: true, Doc: "Address for replies."},
		{Name: "deliveryCount", Type: WholeProperty, Reply: true, Doc: "How often the message was delivered before, without success."},
		{Name: "creationTime", Reply: true, Doc: "When the message was made, as RFC 3339 writes it."},
	}, userProperties()...)
}

// mqProperties are the fields of the message descriptor of IBM MQ (MQMD) that transforms may set or read.
func mqProperties() []WireProperty {
	number := func(name string, request bool, doc string) WireProperty {
		return WireProperty{Name: name, Type: WholeProperty, Request: request, Reply: true, Always: true, Doc: doc}
	}
	text := func(name string, request bool, doc string) WireProperty {
		return WireProperty{Name: name, Request: request, Reply: true, Always: true, Doc: doc}
	}
	return append([]WireProperty{
		text("format", true, "Format of the body, up to 8 characters; `mq.format` of the backend is the default, and mqHeaders set it."),
		number("ccsid", true, "CCSID of the body; `mq.ccsid` of the backend is the default."),
		number("encoding", true, "How numbers of the body are written; `mq.encoding` of the backend is the default."),
		number("priority", true, "Priority, 0 to 9; the queue has a default."),
		{Name: "persistent", Type: BooleanProperty, Request: true, Reply: true, Always: true, Doc: "Whether the message is kept through a restart; `mq.persistent` of the backend is the default."},
		number("expiry", true, "Time to live in tenths of a second. Of a request that waits for a reply it is what is left of the deadline, whatever the transform says."),
		number("report", true, "Report options: confirmations, expiration and exception reports that are asked for."),
		text("userId", true, "Who the message is from; to set it needs `mq.identity` of the backend."),
		{Name: "accountingToken", Type: BytesProperty, Request: true, Reply: true, Always: true, Doc: "Accounting token, 32 bytes; to set it needs `mq.identity` of the backend."},
		text("applicationIdentity", true, "ApplIdentityData, up to 32 characters; to set it needs `mq.identity` of the backend."),
		{Name: "correlationId", Type: BytesProperty, Request: true, Reply: true, Always: true, Doc: "Correlation id, up to 24 bytes. A request can have one where the host copies the message id."},
		{Name: "messageId", Type: BytesProperty, Reply: true, Always: true, Doc: "Message id, 24 bytes."},
		number("messageType", false, "1 request, 2 reply, 4 report, 8 datagram."),
		number("feedback", false, "What a report tells, or the host with its reply."),
		number("backoutCount", false, "How often the message was given back before."),
		text("putApplication", false, "Name of the program that put the message."),
		text("replyTo", false, "Queue for replies; blank in most replies."),
		text("replyToManager", false, "Its queue manager."),
	}, userProperties()...)
}

// userProperties are the names that the users of a message system give themselves.
func userProperties() []WireProperty {
	return []WireProperty{
		{Name: "application.", Type: AnyProperty, Request: true, Reply: true, Doc: "Properties that the applications agreed on."},
	}
}

// FindProperty finds the property of a wire that a key of a message's properties belongs to.
func FindProperty(wire, key string) (WireProperty, bool) {
	for _, p := range WireProperties(wire) {
		if p.Name == key || p.Open() && len(key) > len(p.Name) && strings.HasPrefix(key, p.Name) {
			return p, true
		}
	}
	return WireProperty{}, false
}

// Suits reports why a key cannot be a name of the open set; empty if it can.
func (p WireProperty) Suits(key string) string {
	name := strings.TrimPrefix(key, p.Name)
	switch {
	case !p.Open():
		return ""
	case p.Token && !validToken(name):
		return "it is not the name of a header"
	case slices.Contains(p.Except, strings.ToLower(name)):
		return "the wire writes it itself"
	}
	return ""
}
