// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of TestAsk, which are the keys of a test.
const (
	AskInquiry  = "inquiry"
	AskReversal = "reversal"
)

// testAsk binds the host's side of an inquiry or a reversal.
func (l *loader) testAsk(c *TestCase, kind string) func(*Node) {
	return func(n *Node) {
		a := &TestAsk{Kind: kind, Pos: n.Pos}
		known := []field{
			optional("receives", func(n *Node) { c.Receives = l.hostMessage(n, "receives") }),
			required("replies", func(n *Node) { c.Replies = l.hostMessage(n, "replies") }),
		}
		if kind == AskInquiry {
			known = append(known, optional("step", l.text(&a.Step, "step")),
				optional("tells", func(n *Node) { a.Tells = l.told(n) }))
		}
		if l.object(n, kind, known...) {
			c.Ask = a
		}
	}
}

// told binds what a step replied, as far as its inquiry tells.
func (l *loader) told(n *Node) *HostMessage {
	m := &HostMessage{Pos: n.Pos}
	ok := l.object(n, "tells",
		required("fields", func(n *Node) {
			if l.isMap(n, "fields") {
				m.Fields = n
			}
		}),
		optional("record", func(n *Node) {
			if l.scalar(n, "record") {
				m.Record = n
			}
		}),
	)
	if !ok {
		return nil
	}
	return m
}

// results are the words for what becomes of what was in doubt; the first is meant where a test says nothing.
func (a *TestAsk) results() []string {
	if a.Kind == AskReversal {
		return []string{"acknowledged", "in doubt"}
	}
	return []string{"applied", "not applied", "in doubt"}
}

// isAskResult tells the result of an inquiry or a reversal from those of others.
func isAskResult(word string) bool {
	return word == "acknowledged" || slices.Contains((&TestAsk{}).results(), word)
}

// askedTest reports what does not belong to the test of an inquiry or a reversal, and what belongs to such a test alone.
func (l *loader) askedTest(c *TestCase, n *Node) {
	if c.Ask == nil {
		if isAskResult(c.Result) && n.Key(AskInquiry) == nil && n.Key(AskReversal) == nil {
			l.add(CodeTestOperation, n.Get("result"), fmt.Sprintf("result %s is that of an inquiry or a reversal", c.Result), "write inquiry: or reversal: with what the host receives and replies, in place of host:")
		}
		return
	}
	kind := c.Ask.Kind
	for _, other := range []string{"host", "message", AskInquiry, AskReversal} {
		if k := n.Key(other); k != nil && other != kind {
			l.add(CodeExclusive, k, fmt.Sprintf("a test has %s or %s, not both", kind, other), "write a test of its own for each")
		}
	}
	if n.Key("request") == nil {
		l.add(CodeMissingKey, n, fmt.Sprintf(`a test of the %s needs the key "request"`, kind), "add what the app had sent when no reply came")
	}
	if c.Result == "" {
		c.Result = c.Ask.results()[0]
	}
	if words := c.Ask.results(); !slices.Contains(words, c.Result) {
		l.add(CodeTestOperation, n.Get("result"), fmt.Sprintf("the test of the %s cannot end with result %s", kind, c.Result), "write one of: "+strings.Join(words, ", "))
		return
	}
	l.askedParts(c, n)
}

// askedParts reports parts of the test of an inquiry or a reversal that nothing would be compared with.
func (l *loader) askedParts(c *TestCase, n *Node) {
	a := c.Ask
	ofStep := a.Step.Value != ""
	if k := n.Key("response"); k != nil {
		switch {
		case a.Kind == AskReversal:
			l.add(CodeExclusive, k, "the reply to a reversal makes no answer of the operation", "remove response")
		case c.Result == "in doubt":
			l.add(CodeExclusive, k, "what stays in doubt has no answer", "remove response")
		case ofStep && c.Result == "applied":
			l.add(CodeExclusive, k, "the inquiry of a step makes no answer of the operation when the step was done", "write in inquiry.tells: what the step replied, as far as the inquiry tells")
		}
	}
	if k := n.Get(AskInquiry).Key("tells"); k != nil && (!ofStep || c.Result != "applied") {
		l.add(CodeExclusive, k, "tells is what a step replied that was done", "remove it, or write step: and result: applied")
	}
	if steps := n.Get("steps"); steps != nil {
		for _, item := range steps.Items {
			for _, key := range []string{"undo", "receives", "fails"} {
				if k := item.Key(key); k != nil {
					l.add(CodeExclusive, k, fmt.Sprintf("the steps in a test of the %s say what is known of those before, which is their replies; they have no %s", a.Kind, key), "remove it")
				}
			}
		}
	}
}

// checkTestAsk reports the test of an inquiry or a reversal that the operation does not have.
func (l *loader) checkTestAsk(ws *Workspace, operation string, c *TestCase) {
	i := slices.IndexFunc(ws.Transforms, func(t *Transform) bool { return t.Operation.Value == operation })
	if i < 0 {
		return
	}
	t, a := ws.Transforms[i], c.Ask
	of := map[string]*AskSpec{AskInquiry: t.Inquiry, AskReversal: t.Reversal}
	switch {
	case len(t.Steps) > 0 && a.Kind == AskInquiry:
		l.checkTestInquiry(t, c)
	case a.Step.Value != "":
		l.findings.Add(CodeNoStep, a.Step.Pos, fmt.Sprintf("operation %q has no step %q", operation, a.Step.Value), "remove step: the inquiry is that of the operation")
	case of[a.Kind] == nil:
		l.findings.Add(CodeTestOperation, a.Pos, fmt.Sprintf("operation %q has no %s", operation, a.Kind), fmt.Sprintf("write it into %s, or remove the test", t.File))
	}
}

// checkTestInquiry reports the test of the inquiry of a step that has none, and steps that are not known then.
func (l *loader) checkTestInquiry(t *Transform, c *TestCase) {
	a := c.Ask
	var asked []string
	for _, s := range t.Steps {
		if s.Inquiry != nil {
			asked = append(asked, s.Name.Value)
		}
	}
	if a.Step.Value == "" {
		l.findings.Add(CodeMissingKey, a.Pos, fmt.Sprintf("operation %q has several steps: the test does not say which of them is asked about", t.Operation.Value), "add step: with its name")
		return
	}
	if !slices.Contains(asked, a.Step.Value) {
		l.findings.Add(CodeNoStep, a.Step.Pos, fmt.Sprintf("operation %q has no step %q with an inquiry", t.Operation.Value, a.Step.Value), didYouMean(a.Step.Value, sorted(asked)))
		return
	}
	number := func(name string) int {
		return slices.IndexFunc(t.Steps, func(s *StepSpec) bool { return s.Name.Value == name })
	}
	for _, s := range c.Steps {
		if i := number(s.Name.Value); i >= number(a.Step.Value) {
			l.findings.Add(CodeExclusive, s.Name.Pos, fmt.Sprintf("step %q does not come before %q, and the inquiry knows nothing of it", s.Name.Value, a.Step.Value), "remove it")
		}
	}
}
