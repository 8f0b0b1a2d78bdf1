// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Example is a reply that leads to an outcome: its record and its JSON for that record's Codec.
type Example struct {
	Type *MessageType
	JSON []byte
}

// ExampleReply makes a reply that leads to an outcome with the given status (0: to a success).
// Simulated hosts answer with it: request is the message they got, in its JSON form, from which
// echoes are taken; it may be nil. ok is false if the conditions are too involved to find one.
func (t *Transform) ExampleReply(status int, request []byte) (reply Example, ok bool) {
	return t.exampleOf(request, nil, leadsTo(status))
}

// RandomReply is ExampleReply with values that dice choose among those that the record holds and the contract allows.
// What values mean to each other is not known to dice, so that they are thrown until what came can be read back and
// answered.
func (t *Transform) RandomReply(status int, request []byte, dice *rand.Rand) (reply Example, ok bool) {
	plain, ok := t.ExampleReply(status, request)
	if !ok {
		return Example{}, false
	}
	answers := t.rehearse(plain) == nil // else it takes what only a request can tell
	for range 100 {
		if reply, ok = t.exampleOf(request, dice, leadsTo(status)); !ok {
			break
		}
		if err := t.rehearse(reply); err == nil || !answers && !errors.Is(err, errNoMessage) {
			return reply, true
		}
	}
	return plain, true
}

// errNoMessage says that an example is no message of its record.
var errNoMessage = errors.New("the example cannot be written and read back")

// rehearse writes an example, reads it back and answers it, as far as that can be done without a request.
func (t *Transform) rehearse(e Example) error {
	codec, is := e.Type.Format.(Codec)
	if !is {
		return nil
	}
	msg, err := codec.EncodeJSON(nil, e.JSON)
	if err == nil {
		_, err = codec.DecodeJSON(nil, msg)
	}
	if err != nil {
		return errNoMessage
	}
	out, err := t.foresee(Message{Body: msg})
	if err == nil && out.Invalid != nil {
		err = out.Invalid
	}
	return err
}

// foresee answers a reply without a request.
func (t *Transform) foresee(m Message) (out Output, err error) {
	r := t.Start()
	defer r.Release()
	if err := r.readProperties(m.Properties); err != nil {
		return out, err
	}
	if m.Body, err = r.readPrefix(m.Body); err != nil {
		return out, err
	}
	v, err := r.variant(m)
	if err != nil {
		return out, err
	}
	if err := v.reply.reader.Read(m.Body, &r.slots, v.reply.base); err != nil {
		return out, err
	}
	return r.decide(v, m)
}

// Refuses reports whether a reply leads to an outcome that is no success, as far as that can be told without the request.
func (t *Transform) Refuses(reply Message) bool {
	out, err := t.foresee(reply)
	return err == nil && (out.NotApplied || out.Status >= 400)
}

// FailedReply is ExampleReply for an outcome that says that the host is in trouble.
func (t *Transform) FailedReply(request []byte) (reply Example, ok bool) {
	return t.exampleOf(request, nil, func(o *outcome) bool { return o.hostFailed })
}

// UndoneReply is ExampleReply for an outcome that proves that nothing was done.
func (t *Transform) UndoneReply(request []byte) (reply Example, ok bool) {
	return t.exampleOf(request, nil, func(o *outcome) bool { return o.notApplied })
}

// ExchangeIn finds the id of the exchange in a request, in its JSON form; empty if the request has none.
func (t *Transform) ExchangeIn(request []byte) string {
	id := ""
	eachLeaf(t.mapping, "", func(m *Mapping, path string) {
		if from, ok := m.Source.(*slotRef); ok && from.root == "exchange" && from.typ.Name == "id" {
			if text, err := unquote(JSONAt(request, path)); err == nil {
				id = strings.TrimSpace(string(text))
			}
		}
	})
	return id
}

func leadsTo(status int) func(*outcome) bool {
	return func(o *outcome) bool {
		if status == 0 {
			return o.status < 300 && o.problem == nil && !o.hostFailed && !o.notApplied && !o.inDoubt
		}
		return o.status == status
	}
}

func (t *Transform) exampleOf(request []byte, dice *rand.Rand, wanted func(*outcome) bool) (reply Example, ok bool) {
	for i, v := range t.variants {
		w := t.echoed(v, request)
		good := v.when == nil || w.wish(v.when, true)
		for _, earlier := range t.variants[:i] {
			good = good && (earlier.when == nil || w.wish(earlier.when, false))
		}
		if !good {
			continue
		}
		if json, ok := v.example(w, dice, wanted); ok {
			return Example{Type: v.whole, JSON: json}, true
		}
	}
	return Example{}, false
}

// example makes a reply for the first outcome that is wanted, beginning with the wishes given.
func (v *variant) example(base wishes, dice *rand.Rand, wanted func(*outcome) bool) ([]byte, bool) {
	for i, o := range v.outcomes {
		if !wanted(o) {
			continue
		}
		w := base.clone()
		good := true
		for _, earlier := range v.outcomes[:i] {
			good = good && w.wish(earlier.when, false)
		}
		if o.when != nil {
			good = good && w.wish(o.when, true)
		}
		if good {
			s := sampler{wishes: w, dice: dice, counters: counters(v.reply.typ.Type)}
			if dice != nil {
				s.promised = promises(o.mapping)
			}
			return s.sample(nil, v.reply.typ.Type, ""), true
		}
	}
	return nil, false
}

// echoed wishes for what the request sent in the fields that the reply gives back: the values of
// the request's fields that are filled from the same source.
func (t *Transform) echoed(v *variant, request []byte) wishes {
	w := wishes{}
	for _, e := range v.echoes {
		sent, ok := e.sent.(*slotRef)
		if !ok || request == nil {
			continue
		}
		eachLeaf(t.mapping, "", func(m *Mapping, path string) {
			from, ok := m.Source.(*slotRef)
			if !ok || from.doc != sent.doc || from.slot != sent.slot {
				return
			}
			if text, err := unquote(JSONAt(request, path)); err == nil && len(text) > 0 {
				is := string(text)
				w[pathKey(e.field.path)] = &wish{is: &is}
			}
		})
	}
	return w
}

// eachLeaf visits all mappings with their JSON pointers.
func eachLeaf(m *Mapping, path string, visit func(m *Mapping, path string)) {
	visit(m, path)
	for _, sub := range m.Members {
		eachLeaf(sub, path+"/"+sub.Type.Name, visit)
	}
}

// wishes are what conditions ask of the texts of the reply, by path.
type wishes map[string]*wish

// wish is what one text should be and what it must not be.
type wish struct {
	is  *string
	not [][]byte
}

func (w wishes) clone() wishes {
	out := wishes{}
	for path, x := range w {
		out[path] = &wish{is: x.is, not: slices.Clone(x.not)}
	}
	return out
}

func (w wishes) wish(c Condition, want bool) bool {
	switch c := c.(type) {
	case *textIs:
		return w.wishText(c, want != c.negated)
	case not:
		return w.wish(c.c, !want)
	case allOf:
		return w.wishAll(c, want, want)
	case oneOf:
		return w.wishAll(c, want, !want)
	}
	return !want // the VM decides it: a sample will hardly make it true
}

// wishAll wishes for all conditions or, where any one is enough, for the first possible.
func (w wishes) wishAll(cs []Condition, want, all bool) bool {
	for _, c := range cs {
		ok := w.wish(c, want)
		if ok != all {
			return ok
		}
	}
	return all
}

// wishText wishes that a text is one of the condition's (the first that may be), or none of them.
// It reports whether that agrees with what was wished for before.
func (w wishes) wishText(c *textIs, equal bool) bool {
	if c.ref.root == prefixWord {
		return !equal // headers have their initial values
	}
	key := pathKey(c.ref.path)
	have := w[key]
	if have == nil {
		have = &wish{}
		w[key] = have
	}
	if !equal {
		have.not = append(have.not, c.texts...)
		return have.is == nil || !hasText(c.texts, *have.is)
	}
	if have.is != nil {
		return hasText(c.texts, *have.is)
	}
	for _, t := range c.texts {
		if text := string(t); !hasText(have.not, text) {
			have.is = &text
			return true
		}
	}
	return false
}

func hasText(texts [][]byte, text string) bool {
	return slices.ContainsFunc(texts, func(t []byte) bool { return string(t) == text })
}

// text is the JSON text of the value wished for at a path; "" leaves the choice to the sample.
func (w wishes) text(path string, t *Type) string {
	have := w[path]
	switch {
	case have == nil:
		return ""
	case have.is != nil:
		return string(AppendQuoted(nil, *have.is))
	}
	for _, e := range t.Enum {
		if text, err := unquote([]byte(e)); err == nil && !hasText(have.not, string(text)) {
			return e
		}
	}
	return ""
}

func pathKey(path []*Type) string {
	var b strings.Builder
	for _, t := range path {
		b.WriteByte('/')
		b.WriteString(t.Name)
	}
	return b.String()
}

// Constants are the fields of the request message that the transform fills with literals: JSON
// pointer in the message's JSON form and JSON text. A simulated host knows by them which operation
// a message belongs to.
func (t *Transform) Constants() map[string]string {
	out := map[string]string{}
	eachLeaf(t.mapping, "", func(m *Mapping, path string) {
		if l, ok := m.Source.(literal); ok && m.When == nil && l.value.Kind != Null {
			out[path] = string(l.value.Text)
		}
	})
	return out
}

// JSONAt returns the value at a JSON pointer of a document without arrays, or nil.
func JSONAt(doc []byte, pointer string) []byte {
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		var found []byte
		if jsontext.Value(doc).Kind() != '{' {
			return nil
		}
		err := eachChild(doc, func(n string, _ int, raw []byte) error {
			if n == name {
				found = bytes.Clone(raw)
			}
			return nil
		})
		if err != nil || found == nil {
			return nil
		}
		doc = found
	}
	return doc
}
