// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/record"
)

// listening is one listener of a compiled workspace.
type listening struct {
	config *specs.ListenerConfig
	doc    *specs.Listener
	// read takes from a message what it says: the event or the call.
	read *transforms.Transform
	// operation is what is called, answer makes the message that goes back; nil if there is none.
	operation *specs.Operation
	answer    *transforms.Transform
}

// compileListeners compiles the listeners of a workspace. They are transforms the other way around: the message
// is what a host sent, and what is made of it the body of an answer.
func compileListeners(c *transforms.Compiler, ws *specs.Workspace) ([]*listening, specs.Findings) {
	var out []*listening
	var findings specs.Findings
	for _, doc := range ws.Listeners {
		config := ws.Config.Listener(doc.Name.Value)
		if config == nil || config.AMQP == nil && config.MQ == nil || doc.Event == nil && doc.Call == nil {
			continue // reported when they were read
		}
		l := &listening{config: config, doc: doc}
		backend := config.Backend()
		var fs specs.Findings
		if doc.Call != nil {
			l.operation = ws.Contract.Operation(doc.Call.Operation.Value)
			if l.operation == nil {
				continue
			}
			if fs = checkCall(doc.Call, l.operation); len(fs) > 0 {
				findings = append(findings, fs...)
				continue
			}
		}
		reading := *c
		reading.Formats = maps.Clone(c.Formats)
		if !doc.Short {
			reading.Formats["record"] = wholeRecords{c.Formats["record"]}
		}
		l.read, fs = reading.Compile(readingOf(doc), l.target(), backend)
		findings = append(findings, fs...)
		if doc.Answer != nil && l.operation != nil {
			l.answer, fs = c.Compile(answerOf(doc), answerTarget(l.operation), backend)
			// An answer need not use all that the operation gives.
			findings = append(findings, slices.DeleteFunc(fs, func(f specs.Finding) bool { return f.Code == transforms.CodeUnused })...)
		}
		if l.read != nil && (doc.Answer == nil || l.answer != nil) {
			out = append(out, l)
		}
	}
	return out, findings
}

// wholeRecords opens records that may not end early: nobody waits for the message of a listener who would see that a
// field is missing.
type wholeRecords struct{ transforms.Opener }

// Open implements transforms.Opener.
func (o wholeRecords) Open(ref *specs.Node, backend *specs.Backend, head bool) (*transforms.MessageType, specs.Findings) {
	t, findings := o.Opener.Open(ref, backend, head)
	if t == nil {
		return nil, findings
	}
	c, ok := t.Format.(*record.Codec)
	if !ok {
		return t, findings
	}
	return &transforms.MessageType{Type: t.Type, Format: wholeRecord{c}}, findings
}

type wholeRecord struct{ *record.Codec }

// Reader implements transforms.Format.
func (r wholeRecord) Reader(want *transforms.Capture) (transforms.Reader, specs.Findings) {
	inner, findings := r.Codec.Reader(want)
	return wholeReader{inner, r.Codec}, findings
}

type wholeReader struct {
	transforms.Reader
	codec *record.Codec
}

// Read implements transforms.Reader.
func (r wholeReader) Read(msg []byte, slots *transforms.Slots, base int) error {
	if err := r.codec.Whole(msg); err != nil {
		return err
	}
	return r.Reader.Read(msg, slots, base)
}

// readingOf is the transform that reads a message: its headers are the attributes, its body the data.
func readingOf(doc *specs.Listener) *specs.Transform {
	m := doc.Message
	m.Root, m.Status = "message", &specs.Node{Text: "200", Pos: doc.Message.Pos}
	m.Headers = &specs.Node{Kind: specs.MapNode, Pos: doc.Message.Pos}
	add := func(name string, n *specs.Node) {
		if n != nil {
			m.Headers.Fields = append(m.Headers.Fields, specs.NodeField{Key: &specs.Node{Text: name, Pos: n.Pos}, Value: n})
		}
	}
	add("key", doc.Key)
	add("id", doc.ID)
	if e := doc.Event; e != nil {
		add("type", e.Type)
		add("source", e.Source)
		add("subject", e.Subject)
		m.Body = e.Data
	}
	if c := doc.Call; c != nil {
		for place, params := range map[string]*specs.Node{"path": c.Path, "query": c.Query, "header": c.Header} {
			if params == nil {
				continue
			}
			for _, f := range params.Fields {
				add(place+"."+f.Key.Text, f.Value)
			}
		}
		m.Body = c.Body
	}
	return &specs.Transform{
		File: doc.File, Root: doc.Root, Operation: doc.Name, Backend: doc.Name, Public: true,
		Request: specs.RequestSpec{Pos: doc.Message.Pos, Format: specs.FormatNothing, Ref: doc.Root}, Reply: m,
	}
}

// answerOf is the transform that makes what goes back.
func answerOf(doc *specs.Listener) *specs.Transform {
	r := *doc.Answer
	r.Root = "answer"
	return &specs.Transform{
		File: doc.File, Root: doc.Root, Operation: doc.Name, Backend: doc.Name, Public: true, Request: r,
		Reply: specs.ReplySpec{Pos: doc.Answer.Pos, Format: specs.FormatNothing, Ref: doc.Root, Status: &specs.Node{Text: "204", Pos: doc.Answer.Pos}},
	}
}

// target is the operation that a message is read for: its answer has the schema of the event's data, which is
// any, or of the body of what is called.
func (l *listening) target() *specs.Operation {
	o := &specs.Operation{ID: l.config.Name, Method: http.MethodPost, Path: "/", Pos: l.doc.Message.Pos}
	r := &specs.Response{Status: "200", Pos: o.Pos}
	switch {
	case l.operation == nil:
		r.Content = []*specs.MediaType{specs.NewMediaType("application/json", anySchema(), o.Pos)}
	case l.operation.Body != nil:
		for _, m := range l.operation.Body.Content {
			if m.Kind == specs.MediaJSON { // which is what a call sends
				r.Content = append(r.Content, m)
			}
		}
	}
	o.Responses = []*specs.Response{r}
	return o
}

func anySchema() *specs.Schema {
	return &specs.Schema{MinLength: -1, MaxLength: -1, MinItems: -1, MaxItems: -1, MinProperties: -1, MaxProperties: -1}
}

// answerTarget describes what an operation gave as the body of a request: its status, and its body or problem.
func answerTarget(op *specs.Operation) *specs.Operation {
	whole := anySchema()
	whole.Types = []string{"object"}
	typed := func(t string) *specs.Schema {
		s := anySchema()
		s.Types = []string{t}
		return s
	}
	property := func(name string, s *specs.Schema) *specs.Property {
		return &specs.Property{Name: name, Schema: s, Pos: op.Pos}
	}
	problem := typed("object")
	problem.Additional = anySchema() // more than these, whatever it is
	for _, name := range []string{"type", "title", "detail", "code"} {
		problem.Properties = append(problem.Properties, property(name, typed("string")))
	}
	status := typed("integer")
	status.Minimum, status.Maximum = "100", "599"
	whole.Properties = []*specs.Property{property("status", status), property("problem", problem)}
	whole.Required = []string{"status"}
	for _, r := range op.Responses {
		if !strings.HasPrefix(r.Status, "2") {
			continue
		}
		for _, m := range r.Content {
			if m.Kind == specs.MediaJSON {
				whole.Properties = append(whole.Properties, property("body", m.Schema))
				break
			}
		}
		break
	}
	return &specs.Operation{
		ID: op.ID, Method: http.MethodPost, Path: "/", Pos: op.Pos,
		Body:      &specs.Body{Required: true, Pos: op.Pos, Content: []*specs.MediaType{specs.NewMediaType("application/json", whole, op.Pos)}},
		Responses: []*specs.Response{{Status: "204", Pos: op.Pos}},
	}
}

// checkCall compares the parameters of a call with those of the operation.
func checkCall(c *specs.CallSpec, op *specs.Operation) specs.Findings {
	var findings specs.Findings
	places := map[string]*specs.Node{"path": c.Path, "query": c.Query, "header": c.Header}
	for _, place := range []string{"path", "query", "header"} {
		n := places[place]
		if n == nil {
			continue
		}
		for _, f := range n.Fields {
			if findParameter(op, place, f.Key.Text) == nil {
				findings.Add(codeCall, f.Key.Pos, fmt.Sprintf("%s has no parameter %s in %s", op.ID, f.Key.Text, place), "correct its name, or remove it")
			}
		}
	}
	for _, p := range op.Parameters {
		if p.Required && places[p.In].Get(p.Name) == nil {
			findings.Add(codeCall, c.Pos, fmt.Sprintf("%s needs the parameter %s in %s", op.ID, p.Name, p.In), fmt.Sprintf("add %s: {%s: ...}", p.In, p.Name))
		}
	}
	if op.Body != nil && op.Body.Required && c.Body == nil {
		findings.Add(codeCall, c.Pos, op.ID+" needs a body", "add body:")
	}
	if op.Body == nil && c.Body != nil {
		findings.Add(codeCall, c.Body.Pos, op.ID+" takes no body", "remove it")
	}
	return findings
}

func findParameter(op *specs.Operation, in, name string) *specs.Parameter {
	for _, p := range op.Parameters {
		if p.In == in && p.Name == name {
			return p
		}
	}
	return nil
}
