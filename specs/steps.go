// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
)

// mostSteps is how many steps an operation may have.
const mostSteps = 16

// steps binds the steps of an operation: each entry is a step, or several that run in parallel.
func (l *loader) steps(t *Transform, n *Node) {
	if !l.isList(n, "steps") {
		return
	}
	for group, item := range n.Items {
		l.choose(item, item.Get("parallel") != nil, func(n *Node) { l.parallel(t, n, group) }, func(n *Node) { l.step(t, n, group) })
	}
	if len(t.Steps) > mostSteps || len(n.Items) == 0 && l.sketches == nil {
		l.add(CodeOutOfRange, n, fmt.Sprintf("an operation has 1 to %d steps", mostSteps), "")
	}
}

func (l *loader) parallel(t *Transform, n *Node, group int) {
	l.object(n, "an entry of steps", required("parallel", func(n *Node) {
		if !l.isList(n, "parallel") {
			return
		}
		for _, item := range n.Items {
			l.step(t, item, group)
		}
	}))
}

func (l *loader) step(t *Transform, n *Node, group int) {
	s := &StepSpec{Pos: n.Pos, Root: n, Group: group}
	l.inStep = "step"
	defer func() { l.inStep = "" }()
	ok := l.object(n, "a step", append(l.limits(&s.Limits),
		required("step", l.text(&s.Name, "step")),
		required("backend", l.text(&s.Backend, "backend")),
		optional("when", func(n *Node) { s.When = l.condition(n, "when", `=steps.screening.decision == "review"`) }),
		optional("safe", func(n *Node) {
			s.Safe = new(bool)
			l.boolean(s.Safe, "safe")(n)
		}),
		optional("optional", l.boolean(&s.Optional, "optional")),
		required("request", func(n *Node) { l.request(&s.Request, n) }),
		required("reply", func(n *Node) { l.reply(&s.Reply, n, false) }),
		optional("undo", func(n *Node) { l.undo(s, n) }),
		optional("inquiry", func(n *Node) { l.stepInquiry(s, n) }),
	)...)
	if !ok {
		return
	}
	if a := s.Inquiry; a != nil && a.Backend.Value == "" {
		a.Backend = s.Backend
	}
	l.stepName(t, s, n)
	t.Steps = append(t.Steps, s)
}

// stepName reports a name that expressions could not use, or that another step has.
func (l *loader) stepName(t *Transform, s *StepSpec, n *Node) {
	name := s.Name.Value
	switch {
	case name == "" || l.sketches != nil:
	case !validStepName(name):
		l.add(CodeFormat, n.Get("step"), fmt.Sprintf("the name of a step must be usable in expressions, and %s is not", show(n.Get("step"))), "use up to 40 letters and digits, beginning with a letter: screening, debitAccount")
	case slices.ContainsFunc(t.Steps, func(o *StepSpec) bool { return o.Name.Value == name }):
		l.add(CodeNoStep, n.Get("step"), fmt.Sprintf("two steps have the name %s", show(n.Get("step"))), "rename one of them")
	}
}

func validStepName(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return len(s) <= 40
}

// undo binds what takes a step back: an exchange, or the word none.
func (l *loader) undo(s *StepSpec, n *Node) {
	l.choose(n, n.Kind != ScalarNode, func(n *Node) {
		u := &UndoSpec{Pos: n.Pos, Root: n, Backend: s.Backend}
		l.inStep = "undo"
		ok := l.object(n, "undo", append(l.limits(&u.Limits),
			optional("backend", l.text(&u.Backend, "backend")),
			optional("inDoubt", l.boolean(&u.InDoubt, "inDoubt")),
			required("request", func(n *Node) { l.request(&u.Request, n) }),
			required("reply", func(n *Node) { l.reply(&u.Reply, n, false) }),
		)...)
		l.inStep = "step"
		if ok {
			s.Undo = u
		}
	}, l.word("undo", []string{"none"}, func(*Node) { s.Stays = true }))
}

// answer binds what the app gets when all steps went well. It has the keys of a reply but those of a message.
func (l *loader) answer(r *ReplySpec, n *Node) {
	r.Pos = n.Pos
	l.inStep = "answer"
	l.object(n, "answer",
		optional("outcomes", func(n *Node) { l.outcomes(r, n) }),
		optional("status", func(n *Node) { r.Status = l.status(n) }),
		optional("headers", func(n *Node) { r.Headers = l.headers(n) }),
		optional("body", func(n *Node) { r.Body = n }),
	)
	l.inStep = ""
}

// IsSafe tells whether a step of an operation changes nothing at its host: by declaration, else as the operation.
func (s *StepSpec) IsSafe(t *Transform, o *Operation) bool { return s.safe(t.IsSafe(o)) }

func (s *StepSpec) safe(operation bool) bool {
	if s.Safe != nil {
		return *s.Safe
	}
	return operation
}

// checkSteps compares the steps of an operation with its backends and with each other.
func (l *loader) checkSteps(ws *Workspace, t *Transform, safe bool) {
	for i, s := range t.Steps {
		b := l.checkBackend(ws, &s.Backend, s.Root.Get("backend"))
		if b != nil {
			l.checkLimits(&s.Limits, s.Root, b, s.safe(safe))
		}
		l.checkStepSafety(t, i, safe)
		l.checkStepInquiry(ws, s, safe)
		if u := s.Undo; u != nil {
			b := ws.Config.Backend(u.Backend.Value)
			if at := u.Root.Get("backend"); at != nil {
				b = l.checkBackend(ws, &u.Backend, at)
			}
			if b != nil {
				l.checkLimits(&u.Limits, u.Root, b, false)
			}
			if k := u.Root.Key("needs"); k != nil {
				l.warn(CodeNeverReached, k, "an undo always has the whole of its timeout, so that needs has no effect", "remove it")
			}
		}
	}
}

// checkStepSafety reports steps that change something where nothing may be changed, and those that
// nobody takes back when a later step fails.
func (l *loader) checkStepSafety(t *Transform, i int, safe bool) {
	s := t.Steps[i]
	name := s.Name.Value
	if s.safe(safe) {
		if at := s.Root.Key("undo"); at != nil {
			l.add(CodeUndo, at, fmt.Sprintf("step %q changes nothing, so that there is nothing to undo", name), "remove undo; or write safe: false")
		}
		return
	}
	if safe {
		l.add(CodeUndo, s.Root.Get("safe"), fmt.Sprintf("step %q changes something, and the operation is safe", name), "write safe: false on the operation, or safe: true on the step")
		return
	}
	if s.Undo != nil || s.Stays || s.Optional {
		return
	}
	for j, later := range t.Steps {
		if j != i && later.Group >= s.Group && !later.Optional {
			l.add(CodeUndo, s.Root.Key("step"), fmt.Sprintf("step %q changes something, and nothing takes it back when step %q fails", name, later.Name.Value),
				"declare undo; or undo: none if what it did stays; or make the later step optional")
			return
		}
	}
}
