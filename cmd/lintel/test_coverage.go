// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"lintel/transforms"
	"lintel/transforms/json"
)

// coverage is what the tests of a workspace reach.
type coverage struct {
	operations []*operationCoverage
}

// operationCoverage is what the tests of one operation reach: fields of its records by JSON pointer,
// and outcomes.
type operationCoverage struct {
	op       *operation
	listener *listening  // of which it is, if it is of none
	Name     string      `json:"operation"`
	Request  *reachedSet `json:"request"`
	// Replies is empty for a ping: nobody gets anything of its reply.
	Replies  []*reached  `json:"replies"`
	Outcomes *reachedSet `json:"outcomes"`
	// variants is how many records a reply may be.
	variants int
}

// reached is the fields of one record that a reply may be.
type reached struct {
	Record string      `json:"record"`
	Fields *reachedSet `json:"fields"`
}

// reachedSet is a list of names, with those that were reached.
type reachedSet struct {
	Total   int      `json:"total"`
	Reached int      `json:"reached"`
	Missing []string `json:"missing,omitempty"`
}

func newReachedSet(names []string) *reachedSet {
	return &reachedSet{Total: len(names), Missing: names}
}

func (s *reachedSet) add(name string) {
	if i := slices.Index(s.Missing, name); i >= 0 {
		s.Missing = slices.Delete(s.Missing, i, i+1)
		s.Reached++
	}
}

func newCoverage(p *plan) *coverage {
	out := &coverage{}
	for _, op := range slices.Concat(p.exchanges(), p.asks()) {
		oc := &operationCoverage{op: op, Name: op.name(), Request: newReachedSet(filledPointers(op.transform)), Replies: []*reached{}}
		var outcomes []string
		variants := op.transform.Outcomes()
		oc.variants = len(variants)
		for _, v := range variants {
			if !op.doc.Ping {
				oc.Replies = append(oc.Replies, &reached{v.Variant, newReachedSet(fieldPointers(op.transform.Answer(v.Variant)))})
			}
			for _, o := range v.Outcomes {
				outcomes = append(outcomes, op.outcomeName(len(variants), v.Variant, o))
			}
		}
		oc.Outcomes = newReachedSet(outcomes)
		out.operations = append(out.operations, oc)
	}
	for _, l := range p.listeners {
		out.operations = append(out.operations, coverageOf(l))
	}
	return out
}

// coverageOf is that of a listener: the fields of its message, of the answer that it fills, and what may become of a message.
func coverageOf(l *listening) *operationCoverage {
	oc := &operationCoverage{listener: l, Name: l.config.Name, Request: newReachedSet(nil)}
	if l.answer != nil {
		oc.Request = newReachedSet(filledPointers(l.answer))
	}
	message := ""
	if l.doc.Message.Ref != nil {
		message = l.doc.Message.Ref.Text
	}
	oc.Replies = []*reached{{message, newReachedSet(fieldPointers(l.read.Answer("")))}}
	poison := becameDead
	if l.config.Backout.Value != "" {
		poison = becameBackout
	}
	oc.Outcomes = newReachedSet([]string{becameDone, poison})
	return oc
}

// heard counts what a test of a listener has reached.
func (c *coverage) heard(h *heard) {
	i := slices.IndexFunc(c.operations, func(oc *operationCoverage) bool { return oc.listener == h.l })
	oc := c.operations[i]
	oc.Outcomes.add(h.result)
	if h.said.attributes != nil {
		oc.Replies[0].Fields.addFields(h.l.read.Answer(""), h.body)
	}
	if h.answer != nil {
		oc.Request.addFields(h.l.answer.Request, h.answer.Body)
	}
	if h.turn != nil && h.turn.called {
		c.add(h.turn)
	}
}

// outcomeName tells outcomes of several variants apart. The author of a ping knows of no statuses.
func (o *operation) outcomeName(variants int, variant, outcome string) string {
	if o.doc.Ping {
		outcome = strings.NewReplacer("503#", "failed#", "204#", "succeeded#").Replace(outcome)
	}
	if variants == 1 {
		return outcome
	}
	return variant + " " + outcome
}

// fieldPointers are the single values of a message: fields of a record, or what a schema names.
func fieldPointers(t *transforms.MessageType) []string {
	if t == nil {
		return nil
	}
	if _, isRecord := recordCodec(t); !isRecord {
		return valuePointers(nil, t.Type, "", nil)
	}
	var out []string
	for _, f := range recordFields(t) {
		if f.Pointer != "" {
			out = append(out, f.Pointer)
		}
	}
	return out
}

// maxCovered bounds the values that are counted of a message: a schema can name any number.
const maxCovered = 2000

// valuePointers adds the single values below a type. A type that holds itself counts as one value there.
func valuePointers(out []string, t *transforms.Type, pointer string, around []*transforms.Type) []string {
	if len(out) >= maxCovered {
		return out
	}
	switch {
	case slices.ContainsFunc(around, func(a *transforms.Type) bool { return sameMembers(a, t) }):
	case t.Shape == transforms.ObjectShape && len(t.Members) > 0:
		for _, m := range t.Members {
			out = valuePointers(out, m, pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(m.Name), append(around[:len(around):len(around)], t))
		}
		return out
	case t.Shape == transforms.ArrayShape && t.Items != nil:
		return valuePointers(out, t.Items, pointer+"/*", around)
	}
	if pointer == "" {
		return out
	}
	return append(out, pointer)
}

// sameMembers tells that two types are one that was named twice.
func sameMembers(a, b *transforms.Type) bool {
	return a == b || len(a.Members) > 0 && len(a.Members) == len(b.Members) && a.Members[0] == b.Members[0]
}

// filledPointers are the fields of the request that the transform fills.
func filledPointers(t *transforms.Transform) []string {
	filled := t.Filled()
	return slices.DeleteFunc(fieldPointers(t.Request), func(pointer string) bool {
		return !slices.ContainsFunc(filled, func(f string) bool { return pointer == f || strings.HasPrefix(pointer, f+"/") })
	})
}

// add counts what a test has reached.
func (c *coverage) add(t *turn) {
	if len(t.parts) > 0 {
		for _, part := range t.parts {
			c.add(part)
		}
		return
	}
	i := slices.IndexFunc(c.operations, func(oc *operationCoverage) bool { return oc.op == t.op })
	oc := c.operations[i]
	oc.Request.addFields(t.op.transform.Request, t.received.Body)
	if t.outcome == "" {
		return
	}
	oc.Outcomes.add(t.op.outcomeName(oc.variants, t.variant, t.outcome))
	for _, r := range oc.Replies {
		if r.Record == t.variant {
			r.Fields.addFields(t.op.transform.Answer(r.Record), t.reply.Body)
		}
	}
}

// addFields counts the fields of a message that hold something else than an empty record does, or that are there.
func (s *reachedSet) addFields(t *transforms.MessageType, msg []byte) {
	doc, err := decodeMessage(t, msg)
	if err != nil {
		return
	}
	values, ok := tree(doc)
	if !ok {
		return
	}
	codec, isRecord := recordCodec(t)
	if !isRecord {
		for _, pointer := range slices.Clone(s.Missing) {
			if holdsOther(values, strings.Split(pointer, "/")[1:], nil) {
				s.add(pointer)
			}
		}
		return
	}
	for _, f := range recordFields(t) {
		if f.Pointer == "" || f.Type == nil || !slices.Contains(s.Missing, f.Pointer) {
			continue
		}
		blank, _ := codec.Blank(f.Type)
		if holdsOther(values, strings.Split(f.Pointer, "/")[1:], blank) {
			s.add(f.Pointer)
		}
	}
}

// holdsOther reports whether a value at the path, in any entry of the arrays on it, is not the blank one.
func holdsOther(v any, path []string, blank []byte) bool {
	if len(path) == 0 {
		text := []byte(jsonText(v))
		return v != nil && !json.Equal(text, blank)
	}
	if list, ok := v.([]any); ok && path[0] == "*" {
		return slices.ContainsFunc(list, func(e any) bool { return holdsOther(e, path[1:], blank) })
	}
	m, ok := v.(map[string]any)
	if !ok {
		return false
	}
	next, there := m[strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])]
	return there && holdsOther(next, path[1:], blank)
}

// print shows it for people: one line for each set, with what is missing.
func (c *coverage) print(w io.Writer) error {
	for _, oc := range c.operations {
		request, reply := ": request fields", ": reply fields"
		if oc.listener != nil {
			request, reply = ": answer fields", ": message fields"
		}
		lines := []string{oc.Request.line(oc.Name + request)}
		for _, r := range oc.Replies {
			what := oc.Name + reply
			if r.Record != "" {
				what += " of " + r.Record
			}
			lines = append(lines, r.Fields.line(what))
		}
		lines = append(lines, oc.Outcomes.line(oc.Name+": outcomes"))
		if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
	return nil
}

func (s *reachedSet) line(what string) string {
	if s.Total == 0 {
		return what + ": there are none"
	}
	text := fmt.Sprintf("%s %d of %d", what, s.Reached, s.Total)
	if len(s.Missing) > 0 {
		text += "; missing " + strings.Join(s.Missing, ", ")
	}
	return text
}
