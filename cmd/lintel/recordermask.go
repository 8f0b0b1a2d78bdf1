// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"lintel/transforms"
	"lintel/transforms/record"
)

// errUnmaskable says that a message has sensitive fields and cannot be read.
var errUnmaskable = errors.New("a message with sensitive fields cannot be read, so that they cannot be masked")

// flow follows sensitive values through the transform of an exchange, or of an operation of several steps.
func (r *recorder) flow(op *operation) transforms.Flow {
	name, t := tapeName(op.spec.ID, partName(op)), op.transform
	if op.steps != nil {
		t = op.steps.Answer
	}
	f := r.flows[name]
	if f.of == t {
		return f.flow
	}
	f = transformFlow{t, t.Flow()}
	for _, part := range op.parts { // what the app sent goes to all of them
		f.flow.Input = append(f.flow.Input, part.transform.Flow().Input...)
	}
	r.flows[name] = f
	return f.flow
}

// masked is an exchange as it may be kept.
func (r *recorder) masked(x *exchanged) (*taped, error) {
	if x.heard != nil {
		return x.heard.masked()
	}
	t, flow := x.op.transform, r.flow(x.op)
	if x.whole {
		out := &taped{Time: x.in.Now, Exchange: x.in.ExchangeID, Operation: x.op.spec.ID}
		return out, maskInput(out, x, flow)
	}
	out := &taped{Time: x.in.Now, Exchange: x.in.ExchangeID, Operation: x.op.spec.ID, Part: partName(x.op), Millis: float64(x.took.Microseconds()) / 1000}
	secret := sensitiveExchange(x.op)
	var err error
	if out.Request, err = maskedMessage(t.Request, x.request, secret); err != nil {
		return nil, err
	}
	if x.reply != nil {
		types := []*transforms.MessageType{t.Answer(x.variant)}
		if x.output == nil { // it could not be read
			types = answerTypes(t)
		}
		for _, of := range types {
			if x.output == nil && transforms.HasSensitive(of.Type) {
				return nil, errUnmaskable
			}
			if out.Reply, err = maskedMessage(of, *x.reply, secret); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case x.op.of == nil:
		err = maskInput(out, x, flow)
	case x.output != nil && !x.goesOn: // the step has ended the operation
		out.Answer = x.output
		out.Answer.Body, err = transforms.MaskAt(out.Answer.Body, flow.Answer)
	}
	return out, err
}

// maskInput keeps what the app sent and got.
func maskInput(out *taped, x *exchanged, flow transforms.Flow) error {
	out.Media = x.in.Media
	var params, body []string
	for _, p := range flow.Input {
		if rest, ok := strings.CutPrefix(p, "/body"); ok {
			body = append(body, rest)
			continue
		}
		params = append(params, p)
	}
	var err error
	if out.Params, err = transforms.MaskAt(x.in.Params, params); err != nil {
		return err
	}
	if out.Body, err = transforms.MaskAt(x.in.Body, body); err != nil {
		return err
	}
	if out.Answer = x.output; out.Answer != nil {
		out.Answer.Body, err = transforms.MaskAt(out.Answer.Body, flow.Answer)
	}
	return err
}

// partName names a step, or the undo of one.
func partName(op *operation) string {
	switch {
	case op.of == nil:
		return ""
	case op.undo:
		return "undo " + op.of.doc.Steps[op.step].Name.Value
	default:
		return op.of.doc.Steps[op.step].Name.Value
	}
}

// answerTypes are all records that a reply may be.
func answerTypes(t *transforms.Transform) []*transforms.MessageType {
	var out []*transforms.MessageType
	for _, v := range t.Outcomes() {
		if of := t.Answer(v.Variant); of != nil {
			out = append(out, of)
		}
	}
	return out
}

// sensitiveExchange tells that a message of the exchange has sensitive fields.
func sensitiveExchange(op *operation) bool {
	for _, t := range append(answerTypes(op.transform), op.transform.Request) {
		if transforms.HasSensitive(t.Type) {
			return true
		}
	}
	return false
}

// maskedMessage is a message without its sensitive values. secret tells that the exchange has such; its properties say
// then only what the wire itself has to say.
func maskedMessage(t *transforms.MessageType, m transforms.Message, secret bool) (*tapedMessage, error) {
	out := &tapedMessage{Bytes: m.Body, Properties: tapedProperties(m.Properties, secret)}
	if !transforms.HasSensitive(t.Type) {
		return out, nil
	}
	codec, ok := t.Format.(transforms.Codec)
	if !ok {
		return nil, errUnmaskable
	}
	text, err := codec.DecodeJSON(nil, m.Body)
	if err != nil {
		return nil, errUnmaskable
	}
	if text, out.Masked, err = transforms.Mask(t, text); err != nil {
		return nil, errUnmaskable
	}
	again, err := codec.EncodeJSON(nil, text)
	if err != nil {
		return nil, errUnmaskable
	}
	out.Bytes = overlaySensitive(t, m.Body, again)
	return out, nil
}

// overlaySensitive puts the sensitive fields of masked over the message, where their places are known. Else it is masked
// itself, the message written again.
func overlaySensitive(t *transforms.MessageType, msg, masked []byte) []byte {
	codec, ok := t.Format.(*record.Codec)
	if !ok || len(masked) != len(msg) {
		return masked
	}
	out, secret := bytes.Clone(msg), []string(nil)
	for f := range codec.Fields() {
		if f.Type != nil && f.Type.Sensitive {
			secret = append(secret, f.Pointer)
		}
	}
	for f := range codec.Fields() {
		for _, p := range secret {
			if f.Pointer != p {
				continue
			}
			if f.Moves || strings.Contains(f.Pointer, "*") || f.MaxOccurs > 1 {
				return masked
			}
			copy(out[f.Offset:f.Offset+f.Length], masked[f.Offset:f.Offset+f.Length])
		}
	}
	return out
}

// credential tells a name of a header or property that carries one.
func credential(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"authorization", "cookie", "token", "api-key"}, func(s string) bool { return strings.Contains(name, s) })
}

// tapedProperties keeps properties. Credentials are left out.
func tapedProperties(in map[string]any, secret bool) map[string]tapedProperty {
	out := map[string]tapedProperty{}
	for name, v := range in {
		if credential(name) {
			continue
		}
		if secret && (strings.Contains(name, ".") || name == "path") {
			continue
		}
		switch v := v.(type) {
		case string:
			out[name] = tapedProperty{Text: &v}
		case int64:
			out[name] = tapedProperty{Whole: &v}
		case bool:
			out[name] = tapedProperty{Flag: &v}
		case []byte:
			out[name] = tapedProperty{Bytes: v}
		}
	}
	return out
}

// message gives a kept message back.
func (m *tapedMessage) message() transforms.Message {
	out := transforms.Message{Body: m.Bytes}
	if len(m.Properties) > 0 {
		out.Properties = map[string]any{}
	}
	for name, p := range m.Properties {
		switch {
		case p.Text != nil:
			out.Properties[name] = *p.Text
		case p.Whole != nil:
			out.Properties[name] = *p.Whole
		case p.Flag != nil:
			out.Properties[name] = *p.Flag
		default:
			out.Properties[name] = p.Bytes
		}
	}
	return out
}
