// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"maps"
	"slices"
	"strings"

	"lintel/specs"
)

// Answerer is an Opener for which the name of a message means one thing in a request and another in a
// reply, as the name of an operation does.
type Answerer interface {
	// OpenReply is Open for replies.
	OpenReply(ref *specs.Node, backend *specs.Backend) (*MessageType, specs.Findings)
}

// Carried is a Format whose messages need message properties: a media type, a SOAP action, the format that a
// queue manager has to know.
type Carried interface {
	// Properties are the values by name, for wires that have such properties.
	Properties() map[string]string
}

// Faulted is a Format whose replies may be faults: messages that say that the host did not do what it
// was asked. Their member code says whose fault it was.
type Faulted interface {
	// FaultMember is the member of a reply that is there in a fault only.
	FaultMember() string
}

// openReply resolves the message of a reply.
func (k *compilation) openReply(word string, ref *specs.Node, backend *specs.Backend) *MessageType {
	a, ok := k.Formats[word].(Answerer)
	if !ok || ref == nil {
		return k.open(word, ref, backend, false)
	}
	t, fs := a.OpenReply(ref, backend)
	k.findings = append(k.findings, fs...)
	return t
}

// carry sets the properties that the format of the request needs and the transform does not set. What stands
// in front comes first. constant tells that all of them are known at load.
func (k *compilation) carry(backend *specs.Backend) (constant bool) {
	var formats []Format
	if k.t.prefix != nil {
		formats = append(formats, k.t.prefix.format)
	}
	if k.t.Request != nil {
		formats = append(formats, k.t.Request.Format)
	}
	constant = true
	for _, format := range formats {
		f, ok := format.(Carried)
		if !ok {
			continue
		}
		values := f.Properties()
		for _, name := range slices.Sorted(maps.Keys(values)) {
			p, found := specs.FindProperty(backend.Wire, name)
			typed, attaches := format.(Typed)
			if attaches = attaches && typed.Attaches() && name == propertyMediaType; attaches {
				k.ownMediaType()
			}
			if !found || !p.Request || slices.ContainsFunc(k.t.properties, func(o *property) bool { return o.same(name) }) {
				continue
			}
			v := Value{Kind: String, Text: AppendQuoted(nil, values[name])}
			if p.Type == specs.WholeProperty {
				v = Value{Kind: Number, Text: []byte(values[name])}
			}
			var source Source = literal{value: v}
			if attaches {
				source, constant = mediaTypeOf{typed, values[name]}, false
			}
			k.t.properties = append(k.t.properties, &property{WireProperty: p, key: name, source: source})
		}
	}
	return constant
}

// ownMediaType reports a media type of the author's for messages with attachments.
func (k *compilation) ownMediaType() {
	for _, p := range k.t.properties {
		if p.same(propertyMediaType) && p.node != nil {
			k.findings.Add(codeProperty, p.node.Pos, "the media type of messages with attachments cannot be set: their boundary stands there", "remove contentType")
		}
	}
}

// faultOf captures what tells a fault from other replies; nil if the format has none.
func faultOf(rt root) *slotRef {
	f, ok := rt.doc.typ.Format.(Faulted)
	if !ok {
		return nil
	}
	member := rt.typ.Member(f.FaultMember())
	if member == nil || member.Member("code") == nil {
		return nil
	}
	return rt.want([]*Type{member, member.Member("code")})
}

// Outcomes of replies that no outcome of the transform takes.
const (
	outcomeRefused = "fault.client"
	outcomeFailed  = "fault.server"
)

// faulted makes the answer to a fault that no outcome takes. A fault of the sender was found before any
// work was done. One of the host may have come after it, unless the transform says that faults roll it
// back. A status that tells of failure, without a fault, proves as little.
func (v *variant) faulted(r *Run, m Message) (out Output, ok bool, err error) {
	if v.fault == nil {
		return Output{}, false, nil
	}
	code, is, err := r.text(v.fault)
	if err != nil {
		return Output{}, false, err
	}
	status, _ := m.Properties["status"].(int64)
	if !is && status < 300 {
		return Output{}, false, nil
	}
	out = Output{
		Status: 502, Outcome: outcomeFailed, HostFailed: true, NotApplied: is && v.rollsBack, Variant: v.ref,
		Problem: &Problem{Title: "The host reports a fault"},
	}
	if is && senderFault(code) {
		out.Status, out.Outcome, out.HostFailed, out.NotApplied = 422, outcomeRefused, false, true
		out.Problem.Title = "The host refused the request"
	}
	return out, true, nil
}

// senderFault tells by its code whether a fault is the sender's: Client of SOAP 1.1, with what may follow
// behind a point, and Sender of SOAP 1.2; a message that was not understood was not worked on either.
func senderFault(code string) bool {
	code, _, _ = strings.Cut(code, ".")
	return slices.Contains([]string{"Client", "Sender", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown"}, code)
}
