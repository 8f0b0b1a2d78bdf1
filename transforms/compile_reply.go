// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
)

// outcome is one compiled rule of what a reply means.
type outcome struct {
	// when is nil for the last one, which always holds.
	when     Condition
	whenNode *specs.Node
	name     string
	status   int
	headers  []headerSource
	body     Writer
	mapping  *Mapping
	// probe tells what the contract allows of the values of mapping; nil if that is not known.
	probe      Prober
	problem    *problemSources
	hostFailed bool
	// goesOn outcomes make no answer: the next step follows. With tells they say that a step was done; their body is then
	// the variant of its reply that tells names.
	goesOn bool
	tells  string
	// notApplied outcomes prove that nothing was done, if all the evidence of their condition is there.
	notApplied bool
	// inDoubt outcomes say that it is not known what was done.
	inDoubt  bool
	evidence []*slotRef
	// looks tells that condition or answer look at something in the reply itself.
	looks bool
	// drop keeps what the contract does not name from the caller; nil if nothing of that can come.
	drop Dropper
	// check validates the body against the contract; nil if there is nothing to check.
	check Reader
}

type problemSources struct {
	typ, title, detail, code Source
	members                  []memberSource
}

type memberSource struct {
	name   string
	source Source
}

// compileReply compiles the reply: one variant, or those chosen by the head.
func (k *compilation) compileReply(backend *specs.Backend) {
	r := &k.doc.Reply
	sc := k.requestScope()
	sc.roots = append(sc.roots, k.propertiesRoot())
	sc = k.replyPrefix(backend, sc)
	if len(r.Variants) == 0 {
		k.compileVariant(&variant{}, r, backend, sc)
		return
	}
	if r.Ref != nil {
		t := k.open(r.Format, r.Ref, backend, true)
		if t == nil {
			return
		}
		k.t.head = newDocument(t)
		sc.roots = append(sc.roots, documentRoot("head", k.t.head))
	}
	for _, spec := range r.Variants {
		v := &variant{}
		if spec.When != nil {
			v.when = k.condition(spec.When, sc)
			k.under(spec.When, true, func() { k.compileVariant(v, &spec.Reply, backend, sc) })
			k.proofs = append(slices.Clip(k.proofs), proof{spec.When, false})
			continue
		}
		k.compileVariant(v, &spec.Reply, backend, sc)
	}
}

// compileVariant compiles what one record means. Its expressions may name all of the request's, the
// head and the reply.
func (k *compilation) compileVariant(v *variant, r *specs.ReplySpec, backend *specs.Backend, sc *scope) {
	t := k.openReply(r.Format, r.Ref, backend)
	if t == nil {
		return
	}
	v.ref, v.reply = r.Ref.Text, newDocument(t)
	k.t.variants = append(k.t.variants, v)
	rt := documentRoot(cmp.Or(r.Root, "reply"), v.reply)
	v.fault, v.rollsBack = faultOf(rt), r.FaultMeansRollback
	sc = sc.with(rt).with(k.unreadableRoot(v.reply))
	k.compileEcho(r.Echo, v, sc)
	around := k.proofs
	defer func() { k.proofs = around }()
	for i, o := range r.Outcomes {
		before := v.reply.named + k.t.unreadable.named
		out := k.compileOutcome(i, o, sc)
		k.proofs = append(slices.Clip(k.proofs), proof{o.When, false})
		if out != nil {
			out.looks = v.reply.named+k.t.unreadable.named > before
			v.outcomes = append(v.outcomes, out)
		}
	}
	last := &outcome{name: "ok"}
	asks := k.steps != nil && k.steps.asks != nil
	if asks || k.steps != nil && !k.steps.answer && r.Status == nil && r.Body == nil && r.Headers == nil {
		last.goesOn = true
		if asks && r.Body != nil {
			k.tells(last, r.Body, sc)
		}
		v.outcomes = append(v.outcomes, last)
		return
	}
	k.lastOutcome(v, last, r, sc)
}

// lastOutcome compiles what holds when no other outcome does.
func (k *compilation) lastOutcome(v *variant, last *outcome, r *specs.ReplySpec, sc *scope) {
	if r.Status != nil {
		last.status = status(r.Status)
	} else {
		last.status = k.onlySuccess(r.Pos)
	}
	if last.status == 0 {
		return
	}
	if r.Body == nil && last.status >= 400 {
		last.name = strconv.Itoa(last.status)
		last.problem = &problemSources{}
		last.headers = k.headers(r.Headers, k.declared(last.status, r.Pos), r.Pos, sc)
	} else {
		k.answer(last, r.Headers, r.Body, r.Pos, sc)
	}
	v.outcomes = append(v.outcomes, last)
}

func (k *compilation) compileOutcome(i int, o *specs.OutcomeSpec, sc *scope) *outcome {
	out := &outcome{whenNode: o.When, hostFailed: o.Host.Value == "failed", notApplied: o.Fate.Value == "not applied", inDoubt: o.Fate.Value == "in doubt"}
	if o.Continue && o.When.IsExpression() {
		out.when = k.condition(o.When, sc)
		out.name, out.goesOn = fmt.Sprintf("continue#%d", i+1), true
		return out
	}
	out.status = status(o.Status)
	if out.status == 0 || !o.When.IsExpression() || o.Problem != nil && o.Body != nil {
		return nil // reported when the file was read
	}
	out.when = k.condition(o.When, sc)
	out.evidence = k.evidence
	out.name = fmt.Sprintf("%d#%d", out.status, i+1)
	k.under(o.When, true, func() { k.outcomeAnswer(out, o, sc) })
	return out
}

// outcomeAnswer compiles what the app gets.
func (k *compilation) outcomeAnswer(out *outcome, o *specs.OutcomeSpec, sc *scope) {
	switch {
	case o.Problem != nil:
		out.problem = k.problem(o.Problem, sc)
		out.headers = k.headers(o.Headers, k.declared(out.status, o.Status.Pos), o.Pos, sc)
	case o.Body == nil && out.status >= 400:
		out.problem = &problemSources{}
		out.headers = k.headers(o.Headers, k.declared(out.status, o.Status.Pos), o.Pos, sc)
	default:
		k.answer(out, o.Headers, o.Body, o.Pos, sc)
	}
}

// status reads a status that specs has checked; 0 if it was found wrong there.
func status(n *specs.Node) int {
	if n == nil {
		return 0
	}
	s, err := strconv.Atoi(n.Text)
	if err != nil {
		return 0
	}
	return s
}

// onlySuccess returns the contract's only 2xx status.
func (k *compilation) onlySuccess(pos specs.Pos) int {
	var found []string
	for _, r := range k.op.Responses {
		if strings.HasPrefix(r.Status, "2") && r.Status != "2XX" {
			found = append(found, r.Status)
		}
	}
	if len(found) != 1 {
		k.findings.Add(codeOutcome, pos, fmt.Sprintf("the contract declares %d successful statuses for %s, so the reply must name one", len(found), k.op.ID),
			"add status: under reply")
		return 0
	}
	s, _ := strconv.Atoi(found[0])
	return s
}

// declared reports a status that the contract does not have. The gateway itself can answer any
// problem, so that only statuses below 500 have to be declared.
func (k *compilation) declared(status int, pos specs.Pos) *specs.Response {
	r := k.op.Response(strconv.Itoa(status))
	if r == nil && status < 500 {
		k.findings.Add(codeUndeclared, pos, fmt.Sprintf("status %d is not declared for %s in the contract", status, k.op.ID),
			"declare the response in the contract, or answer with a declared status")
	}
	return r
}

// answer compiles headers and body of an outcome against the contract's response.
func (k *compilation) answer(o *outcome, headers, body *specs.Node, pos specs.Pos, sc *scope) {
	resp := k.declared(o.status, pos)
	o.headers = k.headers(headers, resp, pos, sc)
	var schema *specs.Schema
	var typ *MessageType
	if resp != nil {
		value, declares := answerValue(resp)
		schema = value
		if !declares && body != nil {
			k.findings.Add(codeUndeclared, body.Pos, fmt.Sprintf("the contract declares no body for status %d of %s that Lintel could answer with", o.status, k.op.ID),
				"declare it in the contract, or remove the body")
			return
		}
		if body == nil && declares && o.status != 204 {
			k.findings.Add(codeUndeclared, pos, fmt.Sprintf("the contract declares a body for status %d of %s, and the transform makes none", o.status, k.op.ID),
				"add body:")
			return
		}
	}
	if body == nil {
		return
	}
	typ, fs := k.JSON(schema, true, "")
	k.findings = append(k.findings, fs...)
	if typ == nil {
		return
	}
	m := &Mapping{Type: typ.Type}
	o.mapping = m
	o.probe, _ = typ.Format.(Prober)
	k.template(body, m, sc)
	k.writerLater(&o.body, typ.Format, m)
	if f, ok := typ.Format.(DropFormat); ok {
		k.writers = append(k.writers, func() specs.Findings {
			o.drop = f.Dropper(m)
			return nil
		})
	}
	if k.Answers {
		k.writers = append(k.writers, func() specs.Findings {
			r, fs := typ.Format.Reader(&Capture{Type: typ.Type, Slot: -1})
			o.check = r
			return fs
		})
	}
}

func (k *compilation) problem(n *specs.Node, sc *scope) *problemSources {
	if n.Kind != specs.MapNode {
		k.findings.Add(codeOutcome, n.Pos, "a problem must be a map: title, detail, type, code or members of your own", "")
		return nil
	}
	p := &problemSources{}
	for _, f := range n.Fields {
		if f.Value.Kind != specs.ScalarNode {
			k.findings.Add(codeOutcome, f.Value.Pos, "a problem's member takes a literal or an =expression", "")
			continue
		}
		text := &Type{Shape: StringShape}
		switch f.Key.Text {
		case "type":
			p.typ = k.source(f.Value, sc, text)
		case "title":
			p.title = k.source(f.Value, sc, text)
		case "detail":
			p.detail = k.source(f.Value, sc, text)
		case "code":
			p.code = k.source(f.Value, sc, text)
		case "status", "instance", "operationId", "traceId", "errors", "outcome", "retry":
			k.findings.Add(codeOutcome, f.Key.Pos, fmt.Sprintf("problem member %q is written by the gateway itself", f.Key.Text), "remove it")
		default:
			if s := k.source(f.Value, sc, nil); s != nil {
				p.members = append(p.members, memberSource{f.Key.Text, s})
			}
		}
	}
	return p
}
