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
	own := []string{
		"connection", "content-length", "content-type", "date", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection",
		"te", "trailer", "transfer-encoding", "upgrade",
	}
	return []WireProperty{
		{Name: "status", Type: WholeProperty, Reply: true, Always: true, Doc: "Status of the reply."},
		{Name: "method", Request: true, Words: []string{"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD"}, Doc: "Method of the request."},
		{Name: "path", Request: true, Doc: "Path and query of the request, added to the URL of the backend."},
		{Name: "contentType", Request: true, Reply: true, Doc: "Media type of the body."},
		{Name: "soapAction", Request: true, Doc: "SOAP action of the request."},
		{Name: "header.", Request: true, Reply: true, Folded: true, Token: true, Except: own, Doc: "Any other header; upper and lower case are the same."},
	}
}

func amqpProperties() []WireProperty { return userProperties() }

func mqProperties() []WireProperty { return userProperties() }

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
