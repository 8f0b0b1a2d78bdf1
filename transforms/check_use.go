// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// overlays reports alternatives of one REDEFINES block that are always written together.
func (k *checker) overlays(m *Mapping, at specs.Pos) {
	for i, a := range m.Members {
		if a.Type.Overlay == 0 || !k.surely(a) {
			continue
		}
		for _, b := range m.Members[i+1:] {
			if b.Type.Overlay == a.Type.Overlay && b.Type.Alternative != a.Type.Alternative && k.surely(b) {
				k.report(specs.Warning, codeOverlay, k.place(b, at), fmt.Sprintf("%s and %s share the same bytes, and both are always filled", hostField(a.Type), hostField(b.Type)),
					"fill one of the two, or choose by {when: ...} or by optional members")
				return
			}
		}
	}
}

// surely tells that a mapping always has a value.
func (k *checker) surely(m *Mapping) bool {
	if m.When != nil {
		return false
	}
	present, computed, literals := false, false, false
	var look func(*Mapping)
	look = func(m *Mapping) {
		sources := []Source{m.Source}
		if m.Each != nil {
			sources = append(sources, m.Each.Source)
		}
		for _, s := range sources {
			switch s.(type) {
			case nil:
			case literal:
				literals = true
			default:
				computed = true
				present = present || !k.factsOf(s).absent
			}
		}
		for _, sub := range m.Members {
			look(sub)
		}
	}
	look(m)
	return present || literals && !computed
}

// counters checks the fields below m that count the entries of a table: they are kept in step by
// themselves, and what a transform writes there must agree.
func (k *checker) counters(m *Mapping, around specs.Pos) {
	for _, sub := range m.Members {
		if sub.Source == nil {
			continue
		}
		table := tableOf(k.t.Request.Type, sub.Type, 0)
		if table == nil {
			continue
		}
		if high := highest(k.factsOf(sub.Source)); high == "" || !inRange(&Type{Maximum: fmt.Sprint(table.MaxItems)}, high) {
			if high == "" {
				high = "any number"
			}
			k.report(specs.Warning, codeCounter, k.place(sub, around), fmt.Sprintf("%s counts the entries of %s and can be %s, and OCCURS allows %d", hostField(sub.Type), targetLabel(table), high, table.MaxItems),
				fmt.Sprintf("leave the counter out, since it is kept in step with the table, or set maximum to %d", table.MaxItems))
		}
	}
}

// tableOf finds the table that a field counts.
func tableOf(t, counter *Type, depth int) *Type {
	if t == nil || depth > 64 {
		return nil
	}
	if t.Shape == ArrayShape {
		if t.Counter == counter {
			return t
		}
		return tableOf(t.Items, counter, depth+1)
	}
	for _, m := range t.Members {
		if found := tableOf(m, counter, depth+1); found != nil {
			return found
		}
	}
	return nil
}

// highest is the greatest number a source can give; empty if there is no bound.
func highest(f facts) string {
	if f = f.folded(); f.typ == nil || f.vague || f.others != nil {
		return "0" // checked when it is written
	}
	high := f.typ.Maximum
	for _, text := range f.typ.Enum {
		if high == "" || !inRange(&Type{Maximum: high}, text) {
			high = text
		}
	}
	if high == "" && f.typ.HostName != "" {
		high, _ = fieldRange(f.typ)
	}
	if high == "" {
		return ""
	}
	return plainNumber(high)
}

// unusedInput reports what the contract requires of a request and no expression uses.
func (k *checker) unusedInput() {
	if k.t.Request == nil || k.doc.About { // a question about an exchange needs not all of it
		return
	}
	var params, body *Capture
	if d := k.t.params; d != nil {
		params = d.capture
	}
	if d := k.t.body; d != nil {
		body = d.capture
	}
	k.unusedIn(params, body, k.doc.Request.Pos)
}

// unusedIn is unusedInput for what is captured of parameters and body.
func (k *checker) unusedIn(params, body *Capture, at specs.Pos) {
	var names []string
	if d := k.t.params; d != nil {
		for _, group := range d.typ.Type.Members {
			if group.Name == "path" {
				names = unused(group, captureOf(params, group), "path", names)
			}
		}
	}
	if d := k.t.body; d != nil {
		names = unused(d.typ.Type, body, "body", names)
	}
	if len(names) == 0 {
		return
	}
	more := ""
	if n := len(names) - 8; n > 0 {
		names, more = names[:8], fmt.Sprintf(" and %d more", n)
	}
	k.report(specs.Warning, CodeUnused, at, fmt.Sprintf("the contract requires %s%s, and no expression uses it", strings.Join(names, ", "), more),
		"send it to the host, or take it out of the contract")
}

// captureOf is the part of a capture that is about a member, or nil.
func captureOf(c *Capture, t *Type) *Capture {
	if c == nil {
		return nil
	}
	if i := slices.IndexFunc(c.Members, func(m *Capture) bool { return m.Type == t }); i >= 0 {
		return c.Members[i]
	}
	return nil
}

// unused appends the required parts of t that c does not capture.
func unused(t *Type, c *Capture, label string, names []string) []string {
	switch {
	case t.Shape == ObjectShape && len(t.Members) > 0 && (c == nil || c.Slot < 0):
		if c == nil && label != "path" {
			return append(names, label)
		}
		for _, m := range t.Members {
			sub := captureOf(c, m)
			if sub == nil && (m.Optional || len(m.Enum) == 1) {
				continue
			}
			names = unused(m, sub, label+"."+m.Name, names)
		}
	case t.Shape == ArrayShape && c != nil && c.Each != nil:
		if c.Each.Slot < 0 {
			names = unused(t.Items, c.Each, label+"[]", names)
		}
	case c == nil && label != "path":
		names = append(names, label)
	}
	return names
}
