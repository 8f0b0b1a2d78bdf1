// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"slices"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// inquired is planned with an inquiry of the step book, and of the last.
func inquired() string {
	text := strings.Replace(planned, "    undo:\n", `    inquiry:
      request: {record: copybooks/BOOK.cpy#IN, fields: {A: =body.id}}
      reply:
        record: copybooks/BOOK.cpy#OUT
        outcomes:
          - {when: =reply.rc == "4", status: 409, fate: not applied}
          - {when: =reply.rc != "0", status: 502, fate: in doubt}
        body: {k: =upper(reply.k)}
    undo:
`, 1)
	return strings.Replace(text, "    undo: none\n", `    undo: none
    inquiry:
      request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.book.k}}
      reply: {record: copybooks/BOOK.cpy#OUT, outcomes: [{when: =reply.rc == "4", status: 502, fate: not applied}]}
`, 1)
}

// TestPlanInquiry: the reply to an inquiry says what became of the step, and what the step had replied.
func TestPlanInquiry(t *testing.T) {
	p, findings := plan(t, inquired())
	if p == nil || findings.HasErrors() {
		t.Fatal(findings)
	}
	book, tell := p.Steps[3], p.Steps[4]
	in := transforms.Input{Params: []byte(benchParams), Body: []byte(`{"id":"ID","rated":false}`), Steps: make([]transforms.StepResult, 5)}
	reply := func(step *transforms.Transform, text string) (transforms.Output, string) {
		r := step.Start()
		defer r.Release()
		if _, err := r.Request(in); err != nil {
			t.Fatal(err)
		}
		out, err := r.Reply(transforms.Message{Body: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		return out, string(out.Body)
	}
	if out, _ := reply(book.Inquiry, "4none"); !out.NotApplied || out.Status != 409 || out.Continue {
		t.Errorf("not done: %+v", out)
	}
	if out, _ := reply(book.Inquiry, "9none"); !out.InDoubt || out.Continue {
		t.Errorf("not known: %+v", out)
	}
	out, body := reply(book.Inquiry, "0key ")
	if !out.Continue || body != " KEY " {
		t.Errorf("done: %+v, told %q", out, body)
	}
	// What it told is the reply of the step, for its undo and for the inquiry of the next.
	in.Steps[3] = transforms.StepResult{Ran: true, Reply: transforms.Message{Body: []byte(body)}, Variant: out.Variant}
	for name, step := range map[string]*transforms.Transform{"undo": book.Undo, "inquiry of the next": tell.Inquiry} {
		if got := stepMessage(t, step, in, in.Steps); got != "KEY " {
			t.Errorf("%s asks for %q", name, got)
		}
	}
	if out, body := reply(tell.Inquiry, "0key "); !out.Continue || body != "" {
		t.Errorf("done, and nothing told: %+v %q", out, body)
	}
	if needs := p.Needs(); !slices.Equal(needs, []int{0, 1, 2, 3}) {
		t.Errorf("the answer needs %v", needs)
	}
	if !p.Told(3) || !p.Told(4) || p.CanFail() {
		t.Error("told or failing are not those of the file")
	}
}

// TestPlanTold: what the answer names of a step is not always what its inquiry tells.
func TestPlanTold(t *testing.T) {
	for old, change := range map[string]string{
		"body: {k: =upper(reply.k)}":             "body: {rc: =reply.rc, k: =reply.k}",
		"booked: =steps.book.k}\n":               "booked: =steps.book.rc}\n",
		"answer:\n  status: 200\n  body: {found": "answer:\n  status: 200\n  outcomes: [{when: not done.note, status: 409}]\n  body: {found",
	} {
		change = strings.Replace(change, "when: not", "when: =not", 1)
		p, findings := plan(t, strings.Replace(inquired(), old, change, 1))
		if p == nil {
			t.Fatal(findings)
		}
		if told, fails := strings.HasPrefix(old, "booked"), strings.HasPrefix(old, "answer"); p.Told(3) == told || p.CanFail() != fails {
			t.Errorf("%s: told %t, can fail %t", change, p.Told(3), p.CanFail())
		}
	}
}

// TestPlanInquiryFindings breaks it.
func TestPlanInquiryFindings(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"an undo that needs what nobody tells", "body: {k: =upper(reply.k)}", "body: {rc: =reply.rc}", `"k" is not known when it is the inquiry that says that step "book" was done`},
		{"an inquiry that tells nothing", "        body: {k: =upper(reply.k)}\n", "", `"k" is not known`},
		{"a name that the step has not", "body: {k: =upper(reply.k)}", "body: {k: =reply.k, q: x}", `the reply of step "book" has no "q" here`},
		{"a value that does not fit", "body: {k: =upper(reply.k)}", "body: {k: TOOLONG}", "the literal does not fit K"},
		{"not an object", "body: {k: =upper(reply.k)}", "body: x", "a string cannot fill OUT"},
		{"the reply as a whole", "fields: {A: =steps.book.k}}\n      reply: {record: copybooks/BOOK.cpy#OUT}\n  - step: tell", "fields: {A: =steps.book}}\n      reply: {record: copybooks/BOOK.cpy#OUT}\n  - step: tell", "not all of the step's reply is known here"},
		{"the step itself", "request: {record: copybooks/BOOK.cpy#IN, fields: {A: =body.id}}\n      reply:\n        record", "request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.book.k}}\n      reply:\n        record", `there is no "book" here`},
		{"a step whose reply is not kept", "request: {record: copybooks/BOOK.cpy#IN, fields: {A: =body.id}}\n      reply:\n        record", "request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.find.k}}\n      reply:\n        record", `step "find" changes nothing, and its reply is not kept`},
		{"an undo that names such a step", "undo:\n      request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.book.k}}", "undo:\n      request: {record: copybooks/BOOK.cpy#IN, fields: {A: =steps.find.k}}", `step "find" changes nothing, and its reply is not kept`},
		{"a status that the contract has not", "status: 409, fate: not applied}\n          -", "status: 418, fate: not applied}\n          -", "status 418 is not declared"},
	} {
		text := strings.Replace(inquired(), tt.old, tt.new, 1)
		if text == inquired() {
			t.Fatalf("%s changes nothing", tt.name)
		}
		_, findings := plan(t, text)
		if !slices.ContainsFunc(findings, func(f specs.Finding) bool {
			return f.Severity == specs.Error && strings.Contains(f.Message, tt.want) && f.Pos.Line > 0
		}) {
			t.Errorf("%s: %v", tt.name, findings)
		}
	}
}
