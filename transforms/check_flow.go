// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
)

// world is what is known about values at a point of the outcomes, by the types of fields and members.
type world map[*Type]*domain

// domain narrows the texts that a value can be.
type domain struct {
	// only are the texts that are left; nil if any.
	only []string
	// not are texts that are ruled out.
	not []string
}

func (w world) clone() world {
	out := make(world, len(w))
	for t, d := range w {
		out[t] = &domain{slices.Clone(d.only), slices.Clone(d.not)}
	}
	return out
}

// narrow applies what is known to the facts about a value.
func (d *domain) narrow(f facts) facts {
	if f.typ == nil {
		return f
	}
	if f.typ.Shape != StringShape {
		if d.only != nil {
			f.null, f.absent = false, false
		}
		return f
	}
	texts, finite := textValues(f.typ)
	if d.only != nil {
		texts, finite, f.null, f.absent = d.only, true, false, false
	}
	if !finite {
		return f
	}
	t := *f.typ
	t.Enum = []string{}
	for _, text := range texts {
		if !slices.Contains(d.not, text) {
			t.Enum = append(t.Enum, string(AppendQuoted(nil, text)))
		}
	}
	f.typ = &t
	return f
}

// textValues lists the texts of an enum.
func textValues(t *Type) (texts []string, finite bool) {
	if t.Enum == nil || t.Shape != StringShape {
		return nil, false
	}
	for _, e := range t.Enum {
		if text, err := unquote([]byte(e)); err == nil && e[0] == '"' {
			texts = append(texts, string(text))
		}
	}
	return texts, true
}

// assume notes that a condition has the given result, as far as that says something about one value.
func (w world) assume(c Condition, result bool) {
	switch c := c.(type) {
	case not:
		w.assume(c.c, !result)
	case allOf:
		if result || len(c) == 1 {
			for _, p := range c {
				w.assume(p, result)
			}
		}
	case oneOf:
		if !result || len(c) == 1 {
			for _, p := range c {
				w.assume(p, result)
			}
		}
	case *textIs:
		texts := make([]string, len(c.texts))
		for i, t := range c.texts {
			texts[i] = string(t)
		}
		w.isOneOf(c.ref.typ, texts, result != c.negated)
	}
}

// isOneOf notes that a value is one of some texts, or none of them.
func (w world) isOneOf(t *Type, texts []string, is bool) {
	d := w[t]
	if d == nil {
		d = &domain{}
		w[t] = d
	}
	if !is {
		d.not = append(d.not, texts...)
		return
	}
	only := []string{}
	for _, text := range texts {
		if d.only == nil || slices.Contains(d.only, text) {
			only = append(only, text)
		}
	}
	d.only = only
}

// judge tells whether a condition can still hold, and whether it can still fail.
func (w world) judge(c Condition) (holds, fails bool) {
	switch c := c.(type) {
	case not:
		holds, fails = w.judge(c.c)
		return fails, holds
	case allOf:
		holds = true
		for _, p := range c {
			h, f := w.judge(p)
			holds, fails = holds && h, fails || f
		}
		return holds, fails
	case oneOf:
		fails = true
		for _, p := range c {
			h, f := w.judge(p)
			holds, fails = holds || h, fails && f
		}
		return holds, fails
	case *textIs:
		equal, unequal := w.judgeText(c)
		if c.negated {
			return unequal, equal
		}
		return equal, unequal
	default:
		return true, true
	}
}

func (w world) judgeText(c *textIs) (equal, unequal bool) {
	t := c.ref.typ
	f := facts{typ: t, null: t.Nullable}
	for i, on := range c.ref.path {
		f.absent = f.absent || on.Optional || on.Nullable && i < len(c.ref.path)-1
	}
	d := w[t]
	if d != nil && c.ref.doc != nil {
		f = d.narrow(f)
	} else {
		d = &domain{}
	}
	texts, finite := textValues(f.typ)
	for _, one := range c.texts {
		switch {
		case finite:
			equal = equal || slices.Contains(texts, string(one))
		default:
			equal = equal || !slices.Contains(d.not, string(one))
		}
	}
	if !finite {
		return equal, true
	}
	unequal = f.null || f.absent
	for _, text := range texts {
		unequal = unequal || !slices.ContainsFunc(c.texts, func(one []byte) bool { return string(one) == text })
	}
	return equal, unequal
}

// outcomes goes through the outcomes of a reply in order: which can be reached, and what is known
// about the reply when they are.
func (k *checker) outcomes(v *variant) {
	k.world = world{}
	if v.when != nil {
		k.assume(v.when, true)
	}
	seen := map[string]specs.Pos{}
	open := true
	for _, o := range v.outcomes {
		if !open {
			k.report(specs.Warning, codeUnreachable, k.outcomePos(o), "this answer is never given: an outcome before it always holds", "remove it, or correct the condition before it")
			break
		}
		before := k.world.clone()
		if o.when != nil {
			open = k.reached(o, seen)
			k.assume(o.when, true)
		}
		k.headers(o)
		switch {
		case o.mapping == nil:
		case o.goesOn && !o.mapping.Type.Foreign:
			k.probe = o.probe
			k.fields(o.mapping, k.outcomePos(o), false)
		default:
			k.body(o.mapping, giving{at: k.outcomePos(o), probe: o.probe})
		}
		k.world = before
		if o.when != nil {
			k.assume(o.when, false)
		}
	}
	k.world = world{}
}

func (k *checker) outcomePos(o *outcome) specs.Pos {
	if o.whenNode != nil {
		return o.whenNode.Pos
	}
	return k.doc.Reply.Pos
}

// reached reports an outcome that cannot be reached. It returns whether later ones can.
func (k *checker) reached(o *outcome, seen map[string]specs.Pos) bool {
	text := strings.Join(strings.Fields(o.whenNode.Text), " ")
	at, twice := seen[text]
	seen[text] = o.whenNode.Pos
	holds, fails := k.world.judge(o.when)
	switch {
	case k.never[o.whenNode]:
		return true // said with the value that does not exist
	case twice:
		k.report(specs.Warning, codeUnreachable, o.whenNode.Pos, "this outcome is never reached: line "+strconv.Itoa(at.Line)+" has the same condition", "remove one of the two")
	case !holds:
		k.report(specs.Warning, codeUnreachable, o.whenNode.Pos, "this condition never holds after the outcomes before it", "remove the outcome, or correct its condition")
	}
	return fails
}

// silentStatuses reports successful statuses of the contract that no answer has.
func (k *checker) silentStatuses(variants []*variant) {
	if len(variants) == 0 {
		return
	}
	for _, r := range k.op.Responses {
		status, err := strconv.Atoi(r.Status)
		if err != nil || status/100 != 2 {
			continue
		}
		given := false
		for _, v := range variants {
			given = given || slices.ContainsFunc(v.outcomes, func(o *outcome) bool { return o.status == status })
		}
		if !given {
			k.report(specs.Warning, codeSilentStatus, k.doc.Reply.Pos, fmt.Sprintf("the contract declares status %d for %s, and no outcome answers with it", status, k.op.ID),
				"add an outcome, or take the response out of the contract")
		}
	}
}
