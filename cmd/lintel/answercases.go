// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"strings"

	"lintel/adapters/hosthttp"
	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// hostCase is the host's side of one test.
type hostCase struct {
	name  string
	op    *operation
	match func(msg transforms.Message) bool
	// says is how much the test says of the message: of two that match, the one that says more is meant.
	says    int
	reply   transforms.Message
	variant string
	// lost hosts close the connection without a reply.
	lost bool
}

// hostSide prepares one test; nil if it says nothing of a reply.
func hostSide(ws *specs.Workspace, op *operation, c *specs.TestCase, findings *specs.Findings) *hostCase {
	hc := &hostCase{name: c.Name, op: op, lost: c.Fails == "in doubt"}
	var err error
	switch {
	case hc.lost:
	case c.Replies == nil:
		return nil
	default:
		if c.Replies.Record != nil {
			hc.variant = c.Replies.Record.Text
		}
		if hc.reply, err = replyMessage(ws, op, c.Replies, findings); err != nil {
			findings.Add(codeNoExchange, c.Replies.Pos, fmt.Sprintf("reply of test %q cannot be made: %v", c.Name, err), "")
			return nil
		}
	}
	if hc.match, err = received(ws, op, c, findings); err != nil {
		findings.Add(codeNoExchange, c.Pos, fmt.Sprintf("request of test %q cannot be made: %v", c.Name, err), "")
		return nil
	}
	hc.says = saidOf(c.Receives)
	return hc
}

// saidOf counts the values that a test says of a message; every byte is more than any of them.
func saidOf(m *specs.HostMessage) int {
	if m == nil || m.Hex != nil || m.File != nil {
		return math.MaxInt
	}
	return valuesIn(m.Properties) + valuesIn(m.Fields)
}

// valuesIn counts the scalars below a node; nil has none.
func valuesIn(n *specs.Node) int {
	if n == nil {
		return 0
	}
	if n.Kind == specs.ScalarNode {
		return 1
	}
	count := 0
	for _, f := range n.Fields {
		count += valuesIn(f.Value)
	}
	for _, item := range n.Items {
		count += valuesIn(item)
	}
	return count
}

// received makes what tells whether a message is the one of a test: what the host receives, or else
// what the test's request leads to.
func received(ws *specs.Workspace, op *operation, c *specs.TestCase, findings *specs.Findings) (func(transforms.Message) bool, error) {
	if c.Receives == nil {
		want, err := requestMessage(ws, op, c)
		return func(msg transforms.Message) bool {
			return bytes.Equal(msg.Body, want.Body) && transforms.HasProperties(msg.Properties, want.Properties)
		}, err
	}
	properties, fs := transforms.LiteralProperties(op.backend.Wire, true, c.Receives.Properties)
	*findings = append(*findings, fs...)
	body, err := receivedBody(ws, op, c.Receives)
	return func(msg transforms.Message) bool {
		return transforms.HasProperties(msg.Properties, properties) && body(msg.Body)
	}, err
}

// receivedBody tells whether the bytes of a message are the ones described. Fields may be some of those
// that the message has.
func receivedBody(ws *specs.Workspace, op *operation, m *specs.HostMessage) (func(msg []byte) bool, error) {
	switch {
	case m.Fields != nil:
		want := nodeJSON(m.Fields)
		return func(msg []byte) bool { return decodesTo(op, msg, want) }, nil
	case m.Hex != nil || m.File != nil:
		want, err := hostBytes(ws, op.transform.Request, m)
		return func(msg []byte) bool { return bytes.Equal(msg, want) }, err
	default:
		return func(msg []byte) bool { return belongs(op, msg) != nil }, nil
	}
}

// hostBytes gives the bytes of a message described by fields, hex or a file.
func hostBytes(ws *specs.Workspace, t *transforms.MessageType, m *specs.HostMessage) ([]byte, error) {
	switch {
	case m.Hex != nil:
		return hex.DecodeString(strings.Join(strings.Fields(m.Hex.Value), ""))
	case m.File != nil:
		return fs.ReadFile(ws.FS, m.File.Value)
	case m.Fields == nil:
		return nil, nil
	default:
		codec, ok := t.Format.(transforms.Codec)
		if !ok {
			return nil, fmt.Errorf("this format has no fields")
		}
		return codec.EncodeJSON(nil, nodeJSON(m.Fields))
	}
}

// replyMessage makes a reply with its properties; where it has variants the test names the record.
func replyMessage(ws *specs.Workspace, op *operation, m *specs.HostMessage, findings *specs.Findings) (transforms.Message, error) {
	ref := ""
	if m.Record != nil {
		ref = m.Record.Text
	}
	t := op.transform.Answer(ref)
	if t == nil {
		return transforms.Message{}, fmt.Errorf("no variant of the reply is %s", ref)
	}
	properties, fs := transforms.LiteralProperties(op.backend.Wire, false, m.Properties)
	*findings = append(*findings, fs...)
	body, err := hostBytes(ws, t, m)
	return withMediaType(t, transforms.Message{Body: body, Properties: properties}), err
}

// decodesTo reports whether msg is a request of op that holds the wanted fields.
func decodesTo(op *operation, msg, want []byte) bool {
	codec, ok := op.transform.Request.Format.(transforms.Codec)
	if !ok {
		return false
	}
	got, err := codec.DecodeJSON(nil, msg)
	return err == nil && contains(got, want)
}

// exampleMessage makes a reply that leads to the status; false if there is none.
func exampleMessage(op *operation, status int, request []byte) (transforms.Message, bool) {
	return written(op.transform.ExampleReply(status, request))
}

// written writes an example; false if there is none or it cannot be written.
func written(example transforms.Example, ok bool) (transforms.Message, bool) {
	if !ok {
		return transforms.Message{}, false
	}
	codec, ok := example.Type.Format.(transforms.Codec)
	if !ok {
		return transforms.Message{}, false
	}
	reply, err := codec.EncodeJSON(nil, example.JSON)
	return withMediaType(example.Type, transforms.Message{Body: reply}), err == nil
}

// withMediaType gives a message that a format wrote the media type that it has, unless it has one.
func withMediaType(t *transforms.MessageType, m transforms.Message) transforms.Message {
	typed, ok := t.Format.(transforms.Typed)
	if !ok || m.Properties[hosthttp.PropertyContentType] != nil {
		return m
	}
	if media := typed.MediaType(m.Body); media != "" {
		m.Properties = maps.Clone(m.Properties)
		if m.Properties == nil {
			m.Properties = map[string]any{}
		}
		m.Properties[hosthttp.PropertyContentType] = media
	}
	return m
}

// belongs tells by its constants whether a message is a request of the operation, and returns its
// JSON form; nil if it is not.
func belongs(op *operation, msg []byte) []byte {
	codec, ok := op.transform.Request.Format.(transforms.Codec)
	if !ok {
		return nil
	}
	got, err := codec.DecodeJSON(nil, msg)
	if err != nil {
		return nil
	}
	for pointer, want := range op.transform.Constants() {
		if !json.Equal(transforms.JSONAt(got, pointer), []byte(want)) {
			return nil
		}
	}
	return got
}
