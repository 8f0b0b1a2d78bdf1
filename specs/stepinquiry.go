// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strconv"
)

// stepInquiry binds what asks the host whether a step was done.
func (l *loader) stepInquiry(s *StepSpec, n *Node) {
	l.inStep = "inquiry"
	s.Inquiry = l.ask(n, "inquiry")
	l.inStep = "step"
	reply := n.Get("reply")
	parts := []*Node{reply}
	if v := reply.Get("variants"); v != nil {
		parts = v.Items
	}
	for _, part := range parts {
		for _, key := range []string{"status", "headers"} {
			if k := part.Key(key); k != nil && l.sketches == nil {
				l.add(CodeStepInquiry, k, "the inquiry of a step makes no answer of the operation, and has no "+key, "remove it: a reply for which no outcome holds says that the step was done, and body what it replied")
			}
		}
		if k := part.Key("faultMeansRollback"); k != nil && l.sketches == nil {
			l.add(CodeStepInquiry, k, "a fault of the inquiry says nothing of the step that it asks about", "remove it")
		}
	}
}

// decides reports an outcome of the inquiry of a step that does not say what became of the step. A reply for which no
// outcome holds says that it was done; so every outcome says that it was not, or that it is not known.
func (l *loader) decides(o *OutcomeSpec, n *Node) {
	status := 0
	if o.Status != nil {
		status, _ = strconv.Atoi(o.Status.Text)
	}
	switch {
	case o.Continue:
		l.add(CodeStepInquiry, n.Key("continue"), "the inquiry of a step has nothing to continue with", "remove the outcome: a reply for which no outcome holds says that the step was done")
	case o.Fate.Value == "" && o.Host.Value == "":
		l.add(CodeStepInquiry, n, "the outcome does not say whether the step was done", "add fate: not applied, or fate: in doubt; a reply for which no outcome holds says that it was done")
	case o.Fate.Value == "not applied" && status > 0 && status < 400:
		l.add(CodeStepInquiry, n.Get("status"), "the operation fails when the step was not done, and the status says that all went well", "write a status from 400 to 599")
	}
}

// checkStepInquiry reports an inquiry that is never made.
func (l *loader) checkStepInquiry(ws *Workspace, s *StepSpec, safe bool) {
	if s.Inquiry == nil {
		return
	}
	at, name := s.Root.Key("inquiry"), s.Name.Value
	if b := s.Root.Get("inquiry").Get("backend"); b != nil {
		l.checkBackend(ws, &s.Inquiry.Backend, b)
	}
	switch {
	case s.safe(safe):
		l.report(Warning, CodeAskForNothing, at, fmt.Sprintf("step %q changes nothing, so that inquiry has no effect", name), "remove it, or write safe: false")
	case s.Optional:
		l.report(Warning, CodeAskForNothing, at, fmt.Sprintf("step %q is optional: whether it was done is no part of what the operation promises, and nobody asks", name), "remove it, or remove optional")
	case s.Undo != nil && s.Undo.InDoubt:
		l.add(CodeStepInquiry, at, fmt.Sprintf("the undo of step %q is sent in doubt, so that nobody asks whether it was done", name), "remove inquiry, or remove inDoubt: true")
	}
}
