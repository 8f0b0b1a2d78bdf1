// SPDX-License-Identifier: Apache-2.0

package main

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// testOf reads the lines of a test: request, host and response.
func testOf(lines []string) (*specs.TestCase, error) {
	root, findings := specs.ParseYAML("call", []byte(strings.Join(lines, "\n")+"\n"))
	if root == nil || findings.HasErrors() || root.Get("request") == nil {
		return nil, errors.New("it cannot be written as YAML")
	}
	tc := &specs.TestCase{Pos: root.Pos, Request: root.Get("request"), Response: root.Get("response")}
	message := func(n *specs.Node) *specs.HostMessage {
		if n == nil {
			return nil
		}
		m := &specs.HostMessage{Pos: n.Pos, Fields: n.Get("fields"), Properties: n.Get("properties")}
		if hex := n.Get("hex"); hex != nil {
			m.Hex = &specs.Text{Value: hex.Text, Pos: hex.Pos}
		}
		return m
	}
	tc.Steps = testSteps(root.Get("steps"), message)
	tc.Receives, tc.Replies = message(root.Get("host").Get("receives")), message(root.Get("host").Get("replies"))
	return tc, nil
}

// requestText is what the app sent, as a test says it.
func requestText(op *operation, x *taped) string {
	var parts []string
	groups, values := members(x.Params)
	for i, group := range groups {
		var given []string
		names, texts := members(values[i])
		for k, name := range names {
			if string(texts[k]) == "null" || group != "path" && credential(name) {
				continue
			}
			given = append(given, string(transforms.AppendQuoted(nil, name))+": "+string(texts[k]))
		}
		if len(given) > 0 {
			parts = append(parts, group+": {"+strings.Join(given, ", ")+"}")
		}
	}
	if x.Body != nil {
		if b := op.spec.Body; b != nil && x.Media > 0 && x.Media <= len(b.Content) {
			if _, usual := caseMedia(op.spec, nil); usual != x.Media {
				parts = append(parts, fmt.Sprintf("media: %q", b.Content[x.Media-1].Base()))
			}
		}
		parts = append(parts, "body: "+string(x.Body))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// hostText is the host's side of a test, in hexadecimal until the variant of the reply is known. What the host
// received is left out where values of it are masked; so are some of its members.
func hostText(op *operation, x *taped, variant *string, but []string) string {
	var parts []string
	if x.Request.Masked == 0 {
		if got, err := decodeMessage(op.transform.Request, x.Request.Bytes); err == nil {
			parts = append(parts, "receives: {fields: "+string(without(got, append(op.transform.Flow().Own, but...)))+"}")
		}
	}
	text := fmt.Sprintf("hex: \"%x\"", x.Reply.Bytes)
	if variant != nil {
		text = replyText(op, x, *variant, text)
	}
	if properties := replyProperties(op, x.Reply); properties != "" {
		text += ", properties: {" + properties + "}"
	}
	return "{" + strings.Join(append(parts, "replies: {"+text+"}"), ", ") + "}"
}

// replyText says a reply in its fields, where they say all of it.
func replyText(op *operation, x *taped, variant, otherwise string) string {
	t := op.transform.Answer(variant)
	if t == nil {
		return otherwise
	}
	fields, err := decodeMessage(t, x.Reply.Bytes)
	switch {
	case err != nil || !rewritten(t, fields, x.Reply.Bytes):
		return otherwise
	case t != op.transform.Answer(""):
		return fmt.Sprintf("record: %s, fields: %s", transforms.AppendQuoted(nil, variant), fields)
	}
	return "fields: " + string(fields)
}

// rewritten tells that the fields say all that is in the message: written again they mean the same.
func rewritten(t *transforms.MessageType, fields, msg []byte) bool {
	codec, ok := t.Format.(transforms.Codec)
	if !ok {
		return false
	}
	again, err := codec.EncodeJSON(nil, fields)
	if err != nil {
		return false
	}
	same, err := decodeMessage(t, again)
	return err == nil && json.Equal(same, fields) && (recordFields(t) == nil || len(again) == len(msg))
}

// replyProperties are the properties of a reply that a test can say, without those that a server adds to
// every answer.
func replyProperties(op *operation, m *tapedMessage) string {
	noise := []string{"header.date", "header.server", "header.content-length", "header.connection", "header.keep-alive"}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m.Properties)) {
		p, found := specs.FindProperty(op.backend.Wire, name)
		if !found || !p.Reply || slices.Contains(noise, strings.ToLower(name)) {
			continue
		}
		var v any
		switch of := m.Properties[name]; {
		case of.Text != nil:
			v = *of.Text
		case of.Whole != nil:
			v = *of.Whole
		case of.Flag != nil:
			v = *of.Flag
		default:
			continue
		}
		out = append(out, fmt.Sprintf("%s: %s", transforms.AppendQuoted(nil, name), jsonText(v)))
	}
	return strings.Join(out, ", ")
}

// calledBy are the members of the host's message that another caller makes differently: the test is sent by
// one that may everything.
func calledBy(t *turn, tc *specs.TestCase) []string {
	if !t.op.spec.Secured() || tc.Receives == nil || tc.Receives.Fields == nil {
		return nil
	}
	got, err := decodeMessage(t.op.transform.Request, t.received.Body)
	if err != nil {
		return nil
	}
	var out []string
	for _, d := range jsonDifferences(got, nodeJSON(tc.Receives.Fields), false) {
		first, _, _ := strings.Cut(strings.TrimPrefix(d.Pointer, "/"), "/")
		out = append(out, "/"+first)
	}
	return out
}

// without leaves the values at JSON pointers out of a document; "*" stands for the entries of an array.
func without(doc []byte, pointers []string) []byte {
	if slices.Contains(pointers, "") || len(pointers) == 0 || len(doc) == 0 {
		return doc
	}
	below := func(name string) (rest []string, all bool) {
		for _, p := range pointers {
			first, more, deeper := strings.Cut(strings.TrimPrefix(p, "/"), "/")
			switch {
			case first != name:
			case deeper:
				rest = append(rest, "/"+more)
			default:
				all = true
			}
		}
		return rest, all
	}
	var parts []string
	switch doc[0] {
	case '{':
		names, values := members(doc)
		for i, name := range names {
			rest, all := below(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
			if !all {
				parts = append(parts, string(transforms.AppendQuoted(nil, name))+":"+string(without(values[i], rest)))
			}
		}
		return []byte("{" + strings.Join(parts, ",") + "}")
	case '[':
		var items []stdjson.RawMessage
		if stdjson.Unmarshal(doc, &items) != nil {
			return doc
		}
		rest, _ := below("*")
		for _, item := range items {
			parts = append(parts, string(without(item, rest)))
		}
		return []byte("[" + strings.Join(parts, ",") + "]")
	}
	return doc
}
