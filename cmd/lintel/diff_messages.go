// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"lintel/specs"
	"lintel/specs/compare"
	"lintel/transforms"
	"lintel/transforms/record"
)

// namedMessage is one message that a transform names.
type namedMessage struct {
	// where tells it from the others of the operation: "request", "step debit reply".
	where, format string
	ref           *specs.Node
	backend       string
	reply, head   bool
}

// messagesOf lists the messages of a transform.
func messagesOf(t *specs.Transform) []namedMessage {
	var out []namedMessage
	add := func(where, backend string, request *specs.RequestSpec, reply *specs.ReplySpec) {
		out = append(out, namedMessage{where: where + "request", format: request.Format, ref: request.Ref, backend: backend})
		out = append(out, repliesOf(where, backend, reply)...)
	}
	if len(t.Steps) == 0 {
		add("", t.Backend.Value, &t.Request, &t.Reply)
	}
	for _, s := range t.Steps {
		add("step "+s.Name.Value+" ", s.Backend.Value, &s.Request, &s.Reply)
		if a := s.Inquiry; a != nil {
			add("inquiry of step "+s.Name.Value+" ", a.Backend.Value, &a.Request, &a.Reply)
		}
		if s.Undo != nil {
			add("undo of step "+s.Name.Value+" ", s.Undo.Backend.Value, &s.Undo.Request, &s.Undo.Reply)
		}
	}
	for _, a := range []struct {
		name string
		ask  *specs.AskSpec
	}{{"inquiry ", t.Inquiry}, {"reversal ", t.Reversal}} {
		if a.ask != nil {
			add(a.name, a.ask.Backend.Value, &a.ask.Request, &a.ask.Reply)
		}
	}
	return out
}

func repliesOf(where, backend string, r *specs.ReplySpec) []namedMessage {
	if len(r.Variants) == 0 {
		return []namedMessage{{where: where + "reply", format: r.Format, ref: r.Ref, backend: backend, reply: true}}
	}
	var out []namedMessage
	if r.Ref != nil {
		out = append(out, namedMessage{where: where + "head of the reply", format: r.Format, ref: r.Ref, backend: backend, reply: true, head: true})
	}
	for i, v := range r.Variants {
		out = append(out, namedMessage{where: fmt.Sprintf("%sreply variant %d", where, i+1), format: v.Reply.Format, ref: v.Reply.Ref, backend: backend, reply: true})
	}
	return out
}

// messagesOfListener lists what a listener takes and gives back. The host sends the one and takes the other.
func messagesOfListener(l *specs.Listener) []namedMessage {
	out := repliesOf("", "", &l.Message)
	for i := range out {
		out[i].where = "message"
	}
	if l.Answer != nil {
		out = append(out, namedMessage{where: "answer", format: l.Answer.Format, ref: l.Answer.Ref})
	}
	return out
}

// compareMessages compares the messages that have the same place in both versions.
func compareMessages(operation string, from, to *compared, a, b []namedMessage) []compare.Change {
	var out []compare.Change
	add := func(e compare.Effect, rule, where, text string, old, now specs.Pos) {
		out = append(out, compare.Change{Effect: e, Part: compare.Layout, Rule: rule, Operation: operation, Where: where, Message: text, Old: old, New: now})
	}
	find := func(list []namedMessage, where string) *namedMessage {
		for i := range list {
			if list[i].where == where {
				return &list[i]
			}
		}
		return nil
	}
	for i := range a {
		was, is := &a[i], find(b, a[i].where)
		if is == nil {
			add(compare.Review, "message-removed", was.where, "the message is gone", refPos(was), specs.Pos{})
			continue
		}
		if was.format != is.format {
			add(compare.Host, "message-format", was.where, fmt.Sprintf("the message was %s and is %s", formatWord(was), formatWord(is)), refPos(was), refPos(is))
			continue
		}
		x, y := from.message(operation, was), to.message(operation, is)
		if x != nil && y != nil {
			out = append(out, compare.Layouts(operation, was.where, x, y)...)
		}
	}
	for i := range b {
		if find(a, b[i].where) == nil {
			add(compare.Review, "message-added", b[i].where, "the message is new", specs.Pos{}, refPos(&b[i]))
		}
	}
	return out
}

func refPos(m *namedMessage) specs.Pos {
	if m.ref == nil {
		return specs.Pos{}
	}
	return m.ref.Pos
}

func formatWord(m *namedMessage) string {
	if m.format == specs.FormatNothing || m.format == "" {
		return "none"
	}
	return m.format
}

// message lays a message out; nil if there is none.
func (v *compared) message(operation string, m *namedMessage) *compare.Message {
	if m.ref == nil || m.format == specs.FormatNothing {
		return nil
	}
	backend := v.ws.Config.Backend(m.backend)
	if m.backend == "" {
		backend = listenerBackend(v.ws, operation)
	}
	opener := v.formats[m.format]
	if backend == nil || opener == nil {
		return nil
	}
	var t *transforms.MessageType
	if answers, ok := opener.(transforms.Answerer); ok && m.reply {
		t, _ = answers.OpenReply(m.ref, backend)
	} else {
		t, _ = opener.Open(m.ref, backend, m.head)
	}
	if t == nil {
		return nil // its findings would have refused the workspace
	}
	out := &compare.Message{Name: m.ref.Text, Pos: m.ref.Pos, Reply: m.reply}
	if codec, ok := t.Format.(*record.Codec); ok {
		out.Least, out.Greatest = codec.Size()
		out.Fields = comparedFields(codec)
		return out
	}
	out.Document = true
	(&documentFields{out: out, seen: map[*transforms.Type]bool{}}).walk(t.Type, "", true)
	return out
}
