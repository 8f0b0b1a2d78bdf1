// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// fields walks the mapping of the request message. guarded tells that a condition stands around it.
func (k *checker) fields(m *Mapping, around specs.Pos, guarded bool) {
	guarded = guarded || m.When != nil
	k.underWhen(m.When, func() { k.fieldPart(m, around, guarded) })
}

func (k *checker) fieldPart(m *Mapping, around specs.Pos, guarded bool) {
	at := k.place(m, around)
	switch {
	case m.Source != nil:
		if len(m.Members) > 0 {
			k.report(specs.Error, codeOverlap, at, fmt.Sprintf("%s is filled as a whole and in parts", hostField(m.Type)),
				"fill it as a whole, or its fields one by one")
		}
		if _, isLiteral := m.Source.(literal); !isLiteral { // those are encoded, and reported, by the format
			f := k.factsOf(m.Source)
			_, plain := m.Source.(*slotRef)
			k.takes(f, m.Type, at, guarded, plain)
			k.joined(m.Source, m.Type)
		}
	case m.Each != nil:
		f := k.chosen(m.Each)
		k.takesNothing(f, m.Type, at, guarded)
		k.takesArray(f, m.Type, at)
		k.inEach(m.Each, func() { k.fields(m.Each.To, at, guarded || m.Each.Where != nil) })
	default:
		for _, sub := range m.Members {
			k.fields(sub, around, guarded)
		}
		k.overlays(m, at)
		k.counters(m, around)
	}
}

// takes holds the values of a source against the field, group or table that takes them. told means
// that a mismatch of shapes is reported already.
func (k *checker) takes(f facts, t *Type, at specs.Pos, guarded, told bool) {
	if f.others != nil {
		k.each(f, func(f facts) { k.takes(f, t, at, guarded, told) })
		return
	}
	k.takesNothing(f, t, at, guarded)
	if f.typ == nil {
		return
	}
	if !meets(f.typ.Shape, t.Shape) {
		if !told {
			k.misfit(f, t, at)
		}
		return
	}
	k.takesEmpty(f, t, at)
	switch {
	case t.Shape == ObjectShape && f.typ.Shape == ObjectShape:
		k.takesGroup(f, t, at, guarded)
	case t.Shape == ArrayShape && f.typ.Shape == ArrayShape:
		k.takesArray(f, t, at)
		k.takes(facts{typ: f.typ.Items, null: f.typ.Items.Nullable, label: f.label + "[]"}, t.Items, at, guarded, false)
	case k.probe == nil || t.Shape == AnyShape:
	case f.typ.Shape == AnyShape:
		if !f.vague {
			k.report(specs.Warning, codeUnsureText, at, fmt.Sprintf("%s can be any value, and %s is %s", f.name(), hostField(t), t.Shape.one()),
				"give it a type"+f.fixIn())
		}
	case f.typ.Enum != nil:
		k.takesList(f, t, at)
	case f.typ.Shape == StringShape:
		k.takesText(f, t, at)
	case f.typ.Shape == NumberShape:
		k.takesNumber(f, t, at)
	case f.typ.Shape == BoolShape:
		values := *f.typ
		values.Enum = []string{"true", "false"}
		f.typ = &values
		k.takesList(f, t, at)
	}
}

// takesNothing checks null and absent values.
func (k *checker) takesNothing(f facts, t *Type, at specs.Pos, guarded bool) {
	severity := specs.Error
	if guarded && f.typ != nil && f.typ.HostName != "" {
		severity = specs.Warning // see givesNothing
	}
	if f.null && (t.Shape == ObjectShape || t.Shape == ArrayShape || k.try(t, Value{Kind: Null, Text: []byte("null")}) != nil) {
		k.report(severity, codeNoNull, at, fmt.Sprintf("%s can be null, and %s has no value for that", f.name(), hostField(t)),
			"write =... ?? with a value for null, give the field an empty value in records.yaml, or take null out"+f.fixIn())
	}
	if !f.absent || k.probe == nil || t.Shape == ObjectShape || t.Shape == ArrayShape {
		return
	}
	blank, valid := k.probe.Blank(t)
	switch {
	case !valid:
		k.report(specs.Warning, codeLostAbsent, at, fmt.Sprintf("%s can be absent, and %s is then left at its default, which is none of its values", f.name(), hostField(t)),
			"write =... ?? with the value to send, or make it required"+f.fixIn())
	case f.typ != nil && string(blank) != "null" && allows(f.typ, string(blank)):
		k.report(specs.Info, codeLostAbsent, at, fmt.Sprintf("%s can be absent, and %s then holds %s, as if that had been sent", f.name(), hostField(t), blank),
			fmt.Sprintf("write =... ?? %s if that is meant", blank))
	}
}

// takesEmpty finds values that the contract allows and the field keeps as null: mostly "" and 0.
func (k *checker) takesEmpty(f facts, t *Type, at specs.Pos) {
	if f.vague || f.typ.Enum != nil {
		return
	}
	values := []string{`""`, "0"}
	for _, blank := range t.Blanks {
		if !slices.Contains(values, blank) {
			values = append(values, blank)
		}
	}
	for _, json := range values {
		if err := k.try(t, JSONValue([]byte(json))); err == nil || err.Code != "empty" || !allows(f.typ, json) {
			continue
		}
		hint := "rule it out"
		switch json {
		case `""`:
			hint = "set minLength to 1"
		case "0":
			hint = "set exclusiveMinimum to 0"
		}
		k.report(specs.Warning, codeNoCode, at, fmt.Sprintf("%s can be %s, and %s keeps that for null", f.name(), json, hostField(t)),
			hint+f.fixIn()+", or send null for it")
	}
}

// try asks the format whether a field takes a value; nil if it does, or cannot tell.
func (k *checker) try(t *Type, v Value) *FieldError {
	if k.probe == nil {
		return nil
	}
	return k.probe.Try(t, v)
}

func (k *checker) tryText(t *Type, text string) *FieldError {
	return k.try(t, Value{Kind: String, Text: AppendQuoted(nil, text)})
}

func (k *checker) tryNumber(t *Type, text string) *FieldError {
	return k.try(t, Value{Kind: Number, Text: []byte(text)})
}

// takesList tries every value that the source can have.
func (k *checker) takesList(f facts, t *Type, at specs.Pos) {
	var failed []string
	var why *FieldError
	for _, text := range f.typ.Enum {
		v := JSONValue([]byte(text))
		if v.Kind == Null {
			continue // null is a matter of its own
		}
		if err := k.try(t, v); err != nil {
			failed, why = append(failed, text), err
		}
	}
	if len(failed) == 0 {
		return
	}
	hint := "take it out of the enum" + f.fixIn() + ", or give it a code in records.yaml"
	if f.fixIn() == "" {
		hint = "write another value, or give it a code in records.yaml"
	}
	if len(t.Enum) > 0 {
		hint = fmt.Sprintf("%s has %s; %s", targetLabel(t), strings.Join(t.Enum[:min(len(t.Enum), 8)], ", "), hint)
	}
	k.report(specs.Error, codeNoCode, at, fmt.Sprintf("%s can be %s, which %s cannot hold: %s", f.name(),
		strings.Join(failed[:min(len(failed), 5)], ", "), hostField(t), why.Reason), hint)
}

// takesArray compares the number of entries.
func (k *checker) takesArray(f facts, t *Type, at specs.Pos) {
	if f.typ == nil || f.typ.Shape != ArrayShape || t.Shape != ArrayShape || f.vague {
		return
	}
	count := func(n int) bool { return k.try(t, Value{Kind: Array, Len: int32(min(n, 1<<30))}) == nil }
	switch {
	case t.MaxItems >= 0 && f.typ.MinItems > t.MaxItems:
		k.report(specs.Error, codeEntries, at, fmt.Sprintf("%s has at least %d entries, and %s at most %d", f.name(), f.typ.MinItems, hostField(t), t.MaxItems),
			fmt.Sprintf("set maxItems to %d%s", t.MaxItems, f.fixIn()))
		return
	case t.MaxItems >= 0 && f.typ.MaxItems < 0:
		k.report(specs.Warning, codeEntries, at, fmt.Sprintf("%s has no maxItems, and %s holds %d entries", f.name(), hostField(t), t.MaxItems),
			fmt.Sprintf("set maxItems to %d%s", t.MaxItems, f.fixIn()))
	case t.MaxItems >= 0 && f.typ.MaxItems > t.MaxItems:
		k.report(specs.Warning, codeEntries, at, fmt.Sprintf("%s can have %d entries, and %s holds %d", f.name(), f.typ.MaxItems, hostField(t), t.MaxItems),
			fmt.Sprintf("set maxItems to %d%s", t.MaxItems, f.fixIn()))
	}
	if f.typ.MinItems < t.MinItems && !count(f.typ.MinItems) {
		k.report(specs.Warning, codeEntries, at, fmt.Sprintf("%s can have %d entries, and %s needs %d", f.name(), f.typ.MinItems, hostField(t), t.MinItems),
			fmt.Sprintf("set minItems to %d%s, or let records.yaml fill the table", t.MinItems, f.fixIn()))
	}
}

// takesGroup compares an object with the group that it fills as a whole, member by member.
func (k *checker) takesGroup(f facts, t *Type, at specs.Pos, guarded bool) {
	for _, from := range f.typ.Members {
		sub := facts{typ: from, absent: from.Optional && from.Default == "", null: from.Nullable, label: f.label + "." + from.Name}
		to := t.Member(from.Name)
		if to == nil {
			k.report(specs.Warning, codeNoMember, at, fmt.Sprintf("%s has no field for %s", hostField(t), sub.label),
				"fill the fields of the group one by one, or take the member out"+sub.fixIn())
			continue
		}
		k.takes(sub, to, at, guarded, false)
	}
}
