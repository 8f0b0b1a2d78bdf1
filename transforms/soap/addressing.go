// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"lintel/transforms"
)

const (
	nsAddressing = "http://www.w3.org/2005/08/addressing"
	nsWSAW       = "http://www.w3.org/2006/05/addressing/wsdl"
	nsWSAM       = "http://www.w3.org/2007/05/addressing/metadata"
)

// Addressing says that messages carry the headers of WS-Addressing 1.0.
type Addressing struct {
	// To is where the host takes itself to be.
	To string
	// MustUnderstand marks the headers as ones that the host must understand.
	MustUnderstand bool
}

// Address declares WS-Addressing for a message type that Request or Reply just made.
func Address(t *transforms.MessageType, a *Addressing) {
	if f, ok := t.Format.(*Format); ok {
		f.addressing = a
	}
}

// messageIDTag stands before the id of a message in a request. It is there once: no value can hold it.
const messageIDTag = "<wsa:MessageID>"

// address puts the headers of WS-Addressing in front of those that the envelope at start has.
//
// The id of a message is made of that of the exchange and of the message itself: it is the same at every
// attempt, and another for every message of an exchange that has several.
func (f *Format) address(dst []byte, start int, exchange string) []byte {
	start += bytes.Index(dst[start:], []byte("<?xml ")) // attachments have a head before the envelope
	at := start + bytes.IndexByte(dst[start:], '>') + len(">\n<soap:Envelope"+f.declarations+">")
	digest := sha256.Sum256(dst[start:])
	tail := bytes.Clone(dst[at:])
	tail, had := bytes.CutPrefix(tail, []byte("<soap:Header>"))
	must := ""
	if f.addressing.MustUnderstand {
		must = map[int]string{11: ` soap:mustUnderstand="1"`, 12: ` soap:mustUnderstand="true"`}[f.op.Version]
	}
	head := func(name, text string) {
		dst = append(dst, "<wsa:"+name+must+">"...)
		dst = append(appendEscaped(dst, text), "</wsa:"+name+">"...)
	}
	dst = append(dst[:at], `<soap:Header xmlns:wsa="`+nsAddressing+`">`...)
	head("To", f.addressing.To)
	head("Action", f.op.addressingAction())
	dst = append(append(dst, messageIDTag+"urn:lintel:"...), exchange...)
	dst = append(hex.AppendEncode(append(dst, ':'), digest[:8]), "</wsa:MessageID>"...)
	if !f.op.OneWay {
		dst = append(dst, "<wsa:ReplyTo><wsa:Address>"+nsAddressing+"/anonymous</wsa:Address></wsa:ReplyTo>"...)
	}
	if !had {
		dst = append(dst, "</soap:Header>"...)
	}
	return append(dst, tail...)
}

// addressingAction is the action of the request (WS-Addressing 1.0 Metadata, section 4.4).
func (o *Operation) addressingAction() string {
	switch {
	case o.wsaAction != "":
		return o.wsaAction
	case o.Action != "":
		return o.Action
	}
	return o.defaultAction
}

// actions finds what the WSDL says about the action of an operation.
func (p *portReader) actions(op *Operation, abstract *node) {
	in := abstract.first(nsWSDL, "input")
	if in == nil {
		return
	}
	for _, a := range in.attrs {
		if a.local == "Action" && (a.space == nsWSAM || a.space == nsWSAW || a.space == nsAddressing) {
			op.wsaAction = a.value
		}
	}
	x, _ := p.binding.n.qname(p.binding.n.get("type"))
	delimiter, name := "/", in.get("name")
	if strings.HasPrefix(strings.ToLower(x.space), "urn:") {
		delimiter = ":"
	}
	if name == "" {
		if name = op.Name; !op.OneWay {
			name += "Request"
		}
	}
	op.defaultAction = strings.TrimSuffix(x.space, delimiter) + delimiter + x.local + delimiter + name
}

// Relates reports a reply of that media type that does not answer sent, the request as it was written with
// WS-Addressing. With optional it need not say what it answers. The error never holds bytes of a message.
func Relates(sent []byte, mediaType string, reply []byte, optional bool) error {
	_, rest, _ := bytes.Cut(sent, []byte(messageIDTag))
	id, _, _ := bytes.Cut(rest, []byte("<"))
	found, err := relations(mediaType, reply)
	switch {
	case err != nil:
		return err
	case len(found) == 0 && optional, len(found) == 1 && len(id) > 0 && found[0] == string(id):
		return nil
	case len(found) == 0:
		return errors.New("the reply does not say which request it answers")
	}
	return errors.New("the reply answers another request")
}

// relations are the messages that an envelope says it is the reply to.
func relations(mediaType string, msg []byte) ([]string, error) {
	src, err := envelopeOf(mediaType, msg)
	if err != nil {
		return nil, err
	}
	t, err := NewTokens(src)
	if err != nil {
		return nil, err
	}
	var found []string
	inside := false
	for {
		kind, err := t.Next()
		if err != nil {
			return nil, err
		}
		switch depth := t.Depth(); {
		case kind == End:
			return found, nil
		case kind == StartTag && depth == 2:
			if _, _, local := t.Name(); string(local) != "Header" {
				return found, nil
			}
		case kind == StartTag && depth == 3:
			if inside = t.isReplyRelation(); inside {
				found = append(found, "")
			}
		case kind == Characters && depth == 3 && inside:
			found[len(found)-1] = strings.TrimSpace(string(t.AppendText([]byte(found[len(found)-1]))))
		}
	}
}

// isReplyRelation tells whether the present start tag is RelatesTo, for a reply.
func (t *Tokens) isReplyRelation() bool {
	if space, _, local := t.Name(); string(space) != nsAddressing || string(local) != "RelatesTo" {
		return false
	}
	for i := range t.Attributes() {
		if a := t.Attribute(i); string(a.Local) == "RelationshipType" {
			return string(a.AppendValue(nil)) == nsAddressing+"/reply"
		}
	}
	return true
}
