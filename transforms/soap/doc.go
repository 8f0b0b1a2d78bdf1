// SPDX-License-Identifier: Apache-2.0

// Package soap is the format of SOAP envelopes: a WSDL and its schemas become types, and a plan that
// reads and writes messages of them.
//
// From text to messages: scan.go and tag.go are the tokenizer, strict and without looking anything up;
// text.go and encoding.go the characters. tree.go holds the documents that authors wrote. schema.go finds
// what they declare, build.go, particles.go, derive.go, attributes.go, simple.go, facets.go, pattern.go and
// temporal.go make types of it (model.go), seal.go gives them their names in JSON, override.go those of soap.yaml,
// types.go the tree that transforms are checked against. wsdl.go, port.go and messages.go have the operations.
// format.go is one direction of one: envelope.go and fault.go what stands around
// the body, decode.go XML to JSON, read.go with want.go what a transform wants of a reply, encode.go and
// write.go JSON to XML. attachments.go takes MIME parts from a message, outgoing.go adds them, and mime.go finds
// what a WSDL says of them.
//
// header.go refuses what must be understood and is not, addressing.go writes WS-Addressing, policy.go finds
// what a WSDL demands; tokens.go is the tokenizer for the room wssec.
//
// Nothing here opens a connection, and files only through the file system that Load is given.
package soap
