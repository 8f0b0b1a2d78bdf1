// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"lintel/specs"
)

// overrides are the rules of soap.yaml for the types of a WSDL, and which of them met one.
type overrides struct {
	rules      *specs.SOAPRules
	types      map[*specs.SOAPType]bool
	used       map[*specs.SOAPMember]bool
	operations map[*specs.SOAPOperation]bool
	// told are the rules that were found wrong.
	told map[*specs.SOAPMember]bool
}

func newOverrides(r *specs.SOAPRules) *overrides {
	if r == nil {
		r = &specs.SOAPRules{}
	}
	return &overrides{rules: r, types: map[*specs.SOAPType]bool{}, operations: map[*specs.SOAPOperation]bool{}, used: map[*specs.SOAPMember]bool{}, told: map[*specs.SOAPMember]bool{}}
}

// Unused reports the rules that no message of the operations opened so far has a place for.
func (w *WSDL) Unused() specs.Findings {
	var out specs.Findings
	if w.overrides == nil {
		return out
	}
	for _, o := range w.overrides.rules.Operations {
		if !w.overrides.operations[o] {
			out.Add(CodeRule, o.Pos, fmt.Sprintf("no transform uses an operation %q", o.Name), "write the name that the WSDL gives it, without a port")
		}
	}
	for _, t := range w.overrides.rules.Types {
		if !w.overrides.types[t] {
			out.Add(CodeRule, t.Pos, fmt.Sprintf("no message that is used has a type %q", t.Name),
				"write the name of a complex type, or {namespace}name; of one without a name, that of the element at the top, and the elements below it behind points")
			continue
		}
		for _, m := range t.Members {
			if !w.overrides.used[m] {
				out.Add(CodeRule, m.Pos, fmt.Sprintf("%s has no member %q", t.Name, m.Name), "write the name in JSON that follows from the schema")
			}
		}
	}
	return out
}

// mtom tells whether the messages of an operation have binary content as attachments.
func (r *overrides) mtom(op *Operation) bool {
	for _, o := range r.rules.Operations {
		if o.Name == op.Name {
			r.operations[o] = true
			if o.Attachments.Value != "" {
				return o.Attachments.Value == "mtom"
			}
		}
	}
	return r.rules.MTOM
}

// label is the name of a type for soap.yaml: that of a type, or of the top element it is declared in with the elements
// down to it, and the namespace of the first; empty for a type that has none.
type label struct{ space, path string }

// below is the name of an anonymous type: what it is declared in, and its element.
func (l label) below(x xname) label {
	if l.path == "" {
		return label{x.space, x.local}
	}
	return label{l.space, l.path + "." + x.local}
}

// is tells whether a rule is for the type. Without a namespace it is for all of that name.
func (l label) is(name string) bool {
	return l.path != "" && (name == l.path || name == clark(l.space, l.path))
}

// override applies the rules for a type, those for the types it is derived from included, to its members.
func (b *builder) override(t *ctype) {
	if b.overrides == nil || len(b.overrides.rules.Types) == 0 {
		return
	}
	derived := make([]string, len(t.members))
	for i, m := range t.members {
		derived[i] = m.json
	}
	done := map[int]bool{}
	for at := t; at != nil; at = at.base {
		for _, rule := range b.overrides.rules.Types {
			if !at.label.is(rule.Name) {
				continue
			}
			b.overrides.types[rule] = true
			for _, m := range rule.Members {
				if i := slices.Index(derived, m.Name); i >= 0 && !done[i] {
					b.overrides.used[m], done[i] = true, true
					b.overrideMember(t, t.members[i], m)
				}
			}
		}
	}
}

func (b *builder) overrideMember(t *ctype, m *member, rule *specs.SOAPMember) {
	if rule.JSON.Value != "" {
		if slices.ContainsFunc(t.members, func(o *member) bool { return o != m && o.json == rule.JSON.Value }) || rule.JSON.Value == typeMember {
			b.wrongRule(rule, rule.JSON.Pos, "another member has this name already")
		}
		m.json = rule.JSON.Value
	}
	if rule.As.Value != "" && !m.asText(t) {
		b.wrongRule(rule, rule.As.Pos, "only a number can be a text")
	}
	if !rule.Single {
		return
	}
	if !m.array || m.elem == nil || m.min > 1 {
		b.wrongRule(rule, rule.Pos, "only an array of elements that may be one can be single")
		return
	}
	m.array, m.max, m.optional = false, 1, m.optional || m.min == 0
}

func (b *builder) wrongRule(rule *specs.SOAPMember, pos specs.Pos, message string) {
	if !b.overrides.told[rule] {
		b.overrides.told[rule] = true
		b.tell(specs.Error, CodeRule, pos, message, "")
	}
}

// asText makes a number a text in JSON; false if it is none.
func (m *member) asText(t *ctype) bool {
	text := func(s *simple) *simple {
		if s == nil || s.list != nil || s.kind != kindDecimal && s.kind != kindInteger && s.kind != kindFloat {
			return nil
		}
		own := *s
		own.asText = true
		return &own
	}
	var s *simple
	switch {
	case m.attr != nil:
		if s = text(m.attr.typ); s != nil {
			own := *m.attr
			own.typ, m.attr = s, &own
		}
	case m.text:
		if s = text(t.simple); s != nil {
			t.simple = s
		}
	case m.elem != nil && m.elem.typ.plain():
		if s = text(m.elem.typ.simple); s != nil {
			own, typ := *m.elem, *m.elem.typ
			typ.simple, own.typ, m.elem = s, &typ, &own
		}
	}
	return s != nil
}

// builtin is a built-in type as soap.yaml wants it.
func (b *builder) builtin(local string) *simple {
	s := builtin(local)
	if s != nil && s.kind == kindFloat && b.overrides != nil {
		s.nonFinite = b.overrides.rules.NonFinite.Value
		s.asText = s.nonFinite == nonFiniteText
	}
	return s
}

// What becomes of the values of floats that no JSON number is.
const (
	nonFiniteText = "text"
	nonFiniteNull = "null"
)

// clark is a qualified name in JSON: {namespace}local, or local alone.
func clark(space, local string) string {
	if space == "" {
		return local
	}
	return "{" + space + "}" + local
}

// cutClark cuts a qualified name of JSON; ok is false if it is none.
func cutClark(text string) (space, local string, ok bool) {
	local = text
	if strings.HasPrefix(text, "{") {
		space, local, ok = strings.Cut(text[1:], "}")
		if !ok || space == "" || strings.ContainsAny(space, "{} \t\r\n<>\"") {
			return "", "", false
		}
	}
	return space, local, isNCName(local)
}

// isNCName tells whether a text is a name without a colon.
func isNCName(text string) bool {
	for i, r := range text {
		switch {
		case r >= utf8.RuneSelf && nameRune(r, i == 0):
		case r == ':' || r >= utf8.RuneSelf || !nameByte(byte(r)): //nolint:gosec // ASCII
			return false
		case i == 0 && (r == '-' || r == '.' || r >= '0' && r <= '9'):
			return false
		}
	}
	return text != ""
}

// qualified resolves the raw text of a QName with the namespaces that are bound where it stands.
func qualified(binds []binding, raw []byte) ([]byte, error) {
	prefix, local, ok := splitName(trimmed(plainText(raw)))
	if !ok {
		return nil, misfit("type", "the value is no xs:QName")
	}
	for i := len(binds) - 1; i >= 0; i-- {
		if string(binds[i].prefix) == string(prefix) {
			return appendEscaped(nil, clark(string(binds[i].uri), string(local))), nil
		}
	}
	if len(prefix) > 0 {
		return nil, misfit("type", "the prefix of the value is not bound")
	}
	return local, nil
}

// name writes the text of a QName behind the declaration of its prefix, which begins with q.
func (e *encoder) qualify(text, number string) string {
	space, local, _ := cutClark(text)
	if space == "" {
		return local
	}
	prefix := cmp.Or("q"+number, "q")
	e.str(" xmlns:" + prefix + `="`)
	e.dst = appendEscapedAttr(e.dst, space)
	e.str(`"`)
	return prefix + ":" + local
}
