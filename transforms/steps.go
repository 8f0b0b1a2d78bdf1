// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"slices"

	"lintel/specs"
)

// Plan serves an operation of several steps. Each step is a Transform of its own that reads the
// request, and the replies of the steps before it as far as it names them.
type Plan struct {
	Operation *specs.Operation
	// Steps in the order they are written; those with the same Group run in parallel.
	Steps []*Step
	// Answer admits the request at first, and makes the answer at last.
	Answer *Transform
}

// Step is one exchange of a Plan.
type Step struct {
	*Transform
	Spec *specs.StepSpec
	// Undo takes back what the step did; nil if nothing does.
	Undo *Transform
	// Inquiry asks the host whether the step was done; nil if nothing does. Its Output goes on if it was, and has then
	// as Body what the step replied, as far as that is told.
	Inquiry *Transform

	told []*Type
}

// Needs lists the steps that the answer names, by their number, in order.
func (p *Plan) Needs() []int {
	var out []int
	for i := range p.Steps {
		if p.named(i) != nil || p.Answer.namesDone(i) {
			out = append(out, i)
		}
	}
	return out
}

// named is what the answer names of the reply of a step; nil if that is nothing.
func (p *Plan) named(i int) *Capture {
	for _, past := range p.Answer.past {
		if past.index == i && past.doc.capture.Size > 0 {
			return past.doc.capture
		}
	}
	return nil
}

func (t *Transform) namesDone(i int) bool {
	if t.done == nil || i >= len(t.done.typ.Type.Members) {
		return false
	}
	c := captureOf(t.done.capture, t.done.typ.Type.Members[i])
	return c != nil && c.Slot >= 0
}

// Told reports that the inquiry of a step tells all that the answer names of its reply.
func (p *Plan) Told(i int) bool {
	c := p.named(i)
	if c == nil {
		return true
	}
	if c.Slot >= 0 {
		return false // the reply as a whole
	}
	for _, m := range c.Members {
		if !slices.Contains(p.Steps[i].told, m.Type) {
			return false
		}
	}
	return true
}

// CanFail reports that the answer can be one of a failure although all steps went well.
func (p *Plan) CanFail() bool {
	return slices.ContainsFunc(p.Answer.variants[0].outcomes, func(o *outcome) bool { return o.status >= 400 })
}

// StepResult is what became of a step, for the steps after it.
type StepResult struct {
	// Ran tells that the step was asked for and its reply lets the operation go on.
	Ran bool
	// Reply is the host's reply, without what stood in front of it.
	Reply Message
	// Variant names what the reply was: that of Output.
	Variant string
}

// Result is the result of a step that goes on after a reply, of which o was made.
func (o *Output) Result(reply Message) StepResult {
	return StepResult{Ran: true, Reply: Message{Body: reply.Body[o.Front:]}, Variant: o.Variant}
}

// ErrSkipped is the error of a request whose step is not wanted: its condition does not hold.
var ErrSkipped = errors.New("the step is not wanted")

// pastStep is a step before this one, as this one sees it.
type pastStep struct {
	index   int
	variant string
	doc     *document
}

// readSteps fills the slots of what is named of the steps before, and decides whether this one runs.
func (r *Run) readSteps() error {
	t := r.t
	if t.done == nil {
		return nil
	}
	r.readDone()
	for _, p := range t.past {
		if p.doc.capture.Size == 0 || p.index >= len(r.in.Steps) {
			continue
		}
		s := &r.in.Steps[p.index]
		if !s.Ran || s.Variant != p.variant {
			continue
		}
		if err := p.doc.reader.Read(s.Reply.Body, &r.slots, p.doc.base); err != nil {
			return err
		}
	}
	if t.when == nil {
		return nil
	}
	wanted, err := t.when.Holds(r)
	if err == nil && !wanted {
		err = ErrSkipped
	}
	return err
}

// readDone fills in which steps ran.
func (r *Run) readDone() {
	d := r.t.done
	for i, m := range d.typ.Type.Members {
		c := captureOf(d.capture, m)
		if c == nil || c.Slot < 0 {
			continue
		}
		ran := `false`
		if i < len(r.in.Steps) && r.in.Steps[i].Ran {
			ran = `true`
		}
		*r.slots.At(d.base + c.Slot) = Value{Kind: Bool, Text: []byte(ran)}
	}
}

// Admit checks the input against the contract and applies the allow rule, for an operation of several
// steps, before the first. Errors are *InvalidError and *DeniedError.
func (r *Run) Admit(in Input) error {
	r.in = in
	if err := r.readInput(); err != nil {
		return err
	}
	return r.allowed()
}

// Finish makes the answer of an operation when its steps are done. It must come after Admit on the
// same run. Errors are *ExprError.
func (r *Run) Finish(steps []StepResult) (Output, error) {
	r.in.Steps = steps
	if err := r.readSteps(); err != nil {
		return Output{}, err
	}
	return r.decide(r.t.variants[0], Message{})
}
