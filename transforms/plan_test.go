// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
)

// planned is an operation of several steps over small records.
const planned = `operation: op
public: true
steps:
  - step: find
    backend: core
    safe: true
    request: {record: copybooks/BOOK.cpy#IN, fields: {A: =body.id}}
    reply:
      record: copybooks/BOOK.cpy#OUT
      outcomes:
        - {when: =reply.rc == "4", status: 404}
        - {when: =reply.rc == "1", continue: true}
  - parallel:
      - step: rate
        backend: core
        safe: true
        when: =body.rated
        request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.find.k}}
        reply: {record: copybooks/BOOK.cpy#OUT}
      - step: note
        backend: core
        safe: true
        optional: true
        request: {record: copybooks/BOOK.cpy#IN, fields: {A: note}}
        reply: {record: copybooks/BOOK.cpy#OUT}
  - step: book
    backend: core
    request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.rate.k ?? steps.find.k}}
    reply: {record: copybooks/BOOK.cpy#OUT, outcomes: [{when: =reply.rc != "0", status: 409, fate: not applied}]}
    undo:
      request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.book.k}}
      reply: {record: copybooks/BOOK.cpy#OUT}
  - step: tell
    backend: core
    undo: none
    request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.book.k}}
    reply: {record: copybooks/BOOK.cpy#OUT}
answer:
  status: 200
  body: {found: =steps.find.k, rate: =steps.rate.k, noted: =done.note, booked: =steps.book.k}
`

// plan compiles an operation of several steps.
func plan(t *testing.T, text string) (*transforms.Plan, specs.Findings) {
	t.Helper()
	s := small{
		body: `{type: object, required: [id, rated], properties: {id: {type: string, maxLength: 4}, rated: {type: boolean}}}`,
		answer: `{type: object, required: [found, noted, booked], properties: {found: {type: string}, rate: {type: string}, ` +
			`noted: {type: boolean}, booked: {type: string}}}`,
		statuses: "\"404\": {description: none}\n\"409\": {description: no}\n",
		copybook: "       01  IN.\n           05  A  PIC X(4).\n       01  OUT.\n           05  RC  PIC X.\n           05  K  PIC X(4).\n",
		codepage: "iso8859-1",
	}
	files := s.files()
	files["transforms/op.yaml"].Data = []byte(text)
	ws, findings := specs.LoadFS("test", files, func(string) (string, bool) { return "", false })
	if ws == nil || len(ws.Transforms) != 1 {
		t.Fatal(findings)
	}
	c := &transforms.Compiler{JSON: openSchema, Formats: map[string]transforms.Opener{"record": records{ws}}, Funcs: funcs.All(), Answers: true}
	p, more := c.CompilePlan(ws.Transforms[0], ws.Contract.Operation("op"), ws.Config.Backend)
	return p, append(findings, more...)
}

// stepMessage is what a step asks for, after those before it; it is empty for a step that is skipped.
func stepMessage(t *testing.T, step *transforms.Transform, in transforms.Input, before []transforms.StepResult) string {
	t.Helper()
	r := step.Start()
	defer r.Release()
	in.Steps = before
	m, err := r.Request(in)
	if errors.Is(err, transforms.ErrSkipped) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(m.Body)
}

// replied is what a reply means to the first step.
func replied(t *testing.T, p *transforms.Plan, reply string) transforms.Output {
	t.Helper()
	r := p.Steps[0].Start()
	defer r.Release()
	if _, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"id":"ID","rated":false}`)}); err != nil {
		t.Fatal(err)
	}
	out, err := r.Reply(transforms.Message{Body: []byte(reply)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPlan(t *testing.T) {
	p, findings := plan(t, planned)
	if p == nil || findings.HasErrors() {
		t.Fatal(findings)
	}
	var names []string
	for _, s := range p.Steps {
		names = append(names, s.Spec.Name.Value)
	}
	if diff := cmp.Diff([]string{"find", "rate", "note", "book", "tell"}, names); diff != "" {
		t.Error(diff)
	}
	if p.Steps[1].Spec.Group != p.Steps[2].Spec.Group || p.Steps[3].Undo == nil || p.Steps[4].Undo != nil {
		t.Error("groups or undo are not those of the file")
	}
	for _, tt := range []struct {
		rated            string
		rate, book, body string
	}{
		{"true", "KEY1", "KEY2", `{"found":"KEY1","rate":"KEY2","noted":false,"booked":"KEY3"}`},
		{"false", "", "KEY1", `{"found":"KEY1","noted":false,"booked":"KEY3"}`},
	} {
		in := transforms.Input{Params: []byte(benchParams), Body: []byte(`{"id":"ID","rated":` + tt.rated + `}`)}
		ran := func(key string) transforms.StepResult {
			return transforms.StepResult{Ran: true, Variant: replied(t, p, "0"+key).Variant, Reply: transforms.Message{Body: []byte("0" + key)}}
		}
		done := []transforms.StepResult{ran("KEY1"), {}, {}, {}, {}}
		if got := stepMessage(t, p.Steps[0].Transform, in, nil); got != "ID  " {
			t.Errorf("find asks for %q", got)
		}
		if got := stepMessage(t, p.Steps[1].Transform, in, done); got != tt.rate {
			t.Errorf("rate asks for %q, want %q", got, tt.rate)
		}
		if tt.rate != "" {
			done[1] = ran("KEY2")
		}
		if got := stepMessage(t, p.Steps[3].Transform, in, done); got != tt.book {
			t.Errorf("book asks for %q, want %q", got, tt.book)
		}
		done[3] = ran("KEY3")
		if got := stepMessage(t, p.Steps[3].Undo, in, done); got != "KEY3" {
			t.Errorf("the undo asks for %q", got)
		}
		answer := p.Answer.Start()
		if err := answer.Admit(in); err != nil {
			t.Fatal(err)
		}
		out, err := answer.Finish(done)
		if err != nil || out.Status != 200 || string(out.Body) != tt.body || out.Invalid != nil {
			t.Errorf("answer %d %s, %v, %v", out.Status, out.Body, out.Invalid, err)
		}
		answer.Release()
	}
}

// TestPlanOutcomes has replies that end an operation, and such that let it go on.
func TestPlanOutcomes(t *testing.T) {
	p, findings := plan(t, planned)
	if p == nil {
		t.Fatal(findings)
	}
	for rc, status := range map[string]int{"4": 404, "1": 0, "0": 0} {
		if out := replied(t, p, rc+"KEY1"); out.Status != status || out.Continue != (status == 0) {
			t.Errorf("code %s: status %d, continue %v", rc, out.Status, out.Continue)
		}
	}
	answer := p.Answer.Start()
	defer answer.Release()
	var invalid *transforms.InvalidError
	if err := answer.Admit(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"id":"LONGER","rated":1}`)}); !errors.As(err, &invalid) || len(invalid.Issues) != 2 {
		t.Errorf("a bad request: %v", err)
	}
}

// TestPlanFindings breaks the plan.
func TestPlanFindings(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"a sibling of a parallel step", "fields: {A: note}", "fields: {A: =steps.rate.k}", `there is no "rate" here`},
		{"a step that comes later", "fields: {A: =body.id}", "fields: {A: =steps.book.k}", `"book"`},
		{"a field that may be absent", "A: =steps.rate.k ?? steps.find.k", "A: =upper(steps.rate.k)", "can be absent, and a value is needed"},
		{"a field that does not exist", "booked: =steps.book.k", "booked: =steps.book.x", `there is no "x" here`},
		{"all steps at once", "booked: =steps.book.k", "booked: =steps", "steps are named one by one"},
		{"a required member that may be absent", "found: =steps.find.k", "found: =steps.rate.k", "requires found"},
		{"a reply in the answer", "booked: =steps.book.k", "booked: =reply.k", "reply"},
		{"an unknown step that is done", "noted: =done.note", "noted: =done.nobody", `there is no "nobody" here`},
		{"the same name twice", "step: tell", "step: book", "book"},
	} {
		_, findings := plan(t, strings.Replace(planned, tt.old, tt.new, 1))
		if !slices.ContainsFunc(findings, func(f specs.Finding) bool {
			return f.Severity == specs.Error && strings.Contains(f.Message, tt.want) && f.Pos.Line > 0
		}) {
			t.Errorf("%s: %v", tt.name, findings)
		}
	}
}
