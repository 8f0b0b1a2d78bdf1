// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"

	"lintel/gateway/journal"
	"lintel/specs"
	"lintel/transforms"
)

// ask plays the tests of inquiries and reversals that the pattern chooses.
func (o *offline) ask(pattern string) []testResult {
	var results []testResult
	for _, op := range o.player.plan.operations {
		for _, c := range askedFor(o.player.plan.ws, op.spec.ID) {
			if !matches(pattern, op.spec.ID, c.Name) {
				continue
			}
			asked := op.asked(c.Ask)
			if asked == nil {
				continue // a finding says so
			}
			results = append(results, o.exchange(asked, c, c.Result, func(out *transforms.Output) (string, []string) {
				return o.player.verdict(asked, c, out)
			}))
		}
	}
	return results
}

// asked is the exchange that a test of an inquiry or a reversal is about; nil if there is none.
func (o *operation) asked(a *specs.TestAsk) *operation {
	switch {
	case a.Kind == specs.AskReversal:
		return o.reversal
	case a.Step.Value == "":
		return o.inquiry
	}
	for _, part := range o.parts {
		if !part.undo && o.doc.Steps[part.step].Name.Value == a.Step.Value {
			return part.inquiry
		}
	}
	return nil
}

// verdict is what a reply proves, as the gateway weighs it, and what is not as the test says.
func (p *player) verdict(op *operation, c *specs.TestCase, out *transforms.Output) (end string, failures []string) {
	if out == nil {
		return "in doubt", nil
	}
	if out.Invalid != nil {
		failures = append(failures, "the answer breaks the contract: "+out.Invalid.Error())
	}
	v := p.gateway.Verdict(op.spec.ID, op.of != nil, out)
	switch {
	case v.End.Open():
		return "in doubt", nil
	case op.asks == specs.AskReversal:
		return "acknowledged", nil // whether it was there to be undone or not, it is not there any more
	}
	if v.Answer != nil {
		w := &playedAnswer{httpAnswer: httpAnswer{header: http.Header{}}}
		v.Answer(w)
		failures = append(failures, answerFailures(op.spec, c, &w.httpAnswer)...)
	}
	if v.End == journal.NotApplied {
		return "not applied", failures
	}
	return "applied", append(failures, toldFailures(op, c, out)...)
}

// toldFailures compares what the inquiry tells of the reply of the step.
func toldFailures(op *operation, c *specs.TestCase, out *transforms.Output) (failures []string) {
	want := c.Ask.Tells
	switch {
	case want == nil:
		return nil
	case out.Body == nil:
		return []string{"the inquiry tells nothing of the reply of the step: it has no body"}
	case want.Record != nil && want.Record.Text != out.Variant:
		return []string{fmt.Sprintf("inquiry tells a %s: want a %s", out.Variant, want.Record.Text)}
	}
	t := op.of.steps.Steps[op.step].Answer(out.Variant)
	got, err := decodeTold(t, out.Body)
	if err != nil {
		return []string{"what the inquiry tells of the step cannot be read back: " + err.Error()}
	}
	for _, d := range jsonDifferences(got, nodeJSON(want.Fields), false) {
		failures = append(failures, "inquiry tells "+d.String()+fieldPlace(t, d.Pointer, out.Body))
	}
	return failures
}

// repliedVariant is which of its records the reply of a test is.
func repliedVariant(op *operation, c *specs.TestCase) string {
	variants := op.transform.Outcomes()
	switch {
	case len(variants) == 1:
		return variants[0].Variant
	case c.Replies.Record != nil:
		return c.Replies.Record.Text
	}
	return ""
}

// decodeTold gives the JSON form of a reply of which parts are told: the others need not be readable, and are null then.
func decodeTold(t *transforms.MessageType, msg []byte) ([]byte, error) {
	codec, isRecord := recordCodec(t)
	if !isRecord {
		return decodeMessage(t, msg)
	}
	got, _, _, err := codec.DecodeTolerant(nil, msg)
	return got, err
}

// checkAskTests reports tests of inquiries and reversals that cannot be played.
func checkAskTests(p *plan) specs.Findings {
	var findings specs.Findings
	for _, op := range p.operations {
		for _, c := range askedFor(p.ws, op.spec.ID) {
			if asked := op.asked(c.Ask); asked != nil && c.Replies != nil {
				hostSide(p.ws, asked, c, &findings)
			}
		}
	}
	return findings
}

// sayLeftOut says how many tests a running gateway cannot play.
func (c *testCommand) sayLeftOut(p *plan, pattern string) error {
	n := 0
	for _, op := range p.operations {
		for _, tc := range askedFor(p.ws, op.spec.ID) {
			if matches(pattern, op.spec.ID, tc.Name) {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	_, err := fmt.Fprintf(c.p.stderr, "left out: %s of inquiries and reversals, which are made when something is in doubt\n", count(n, "test"))
	return err
}
