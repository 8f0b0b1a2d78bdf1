// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// giving is where a value of an answer goes, and under which circumstances.
type giving struct {
	at specs.Pos
	// member values may be left out when there is none; others stand in an array or are the body.
	member bool
	// guarded values are written under a condition only, which may say more than can be proven.
	guarded bool
	// copied values are written as they are: texts and numbers are not converted.
	copied bool
	// probe asks the format that is written which values it allows; nil if it cannot tell.
	probe Prober
	depth int
}

// comparison is a pair of objects compared at a place.
type comparison struct {
	from, to *Type
	at       specs.Pos
}

// maxCopied bounds how deep whole objects are compared: contracts may be recursive.
const maxCopied = 16

// body walks the mapping of an answer.
func (k *checker) body(m *Mapping, g giving) {
	g.at = k.place(m, g.at)
	g.guarded = g.guarded || m.When != nil
	k.underWhen(m.When, func() { k.bodyPart(m, g) })
}

func (k *checker) bodyPart(m *Mapping, g giving) {
	switch {
	case m.Source != nil:
		k.gives(k.factsOf(m.Source), m.Type, g, isPlain(m.Source))
	case m.Each != nil:
		f := k.chosen(m.Each)
		k.givesNothing(f, m.Type, g)
		k.givesArray(f, m.Type, g)
		g.member = false
		g.guarded = g.guarded || m.Each.Where != nil
		k.inEach(m.Each, func() { k.body(m.Each.To, g) })
	default:
		g.member = true
		for _, sub := range m.Members {
			k.leftOut(sub, m, g)
			k.body(sub, g)
		}
	}
}

// isPlain tells that shapes were compared when the mapping was compiled.
func isPlain(s Source) bool {
	switch s.(type) {
	case *slotRef, literal:
		return true
	}
	return false
}

// leftOut reports a required member that is written under a condition only.
func (k *checker) leftOut(m, object *Mapping, g giving) {
	if m.When == nil || m.Type.Optional {
		return
	}
	for _, other := range object.Members {
		if other != m && other.Type == m.Type {
			return // else, or another condition
		}
	}
	k.report(specs.Error, codeMayLack, k.place(m, g.at), fmt.Sprintf(side(m.Type)+" requires %s, and it is left out when the condition does not hold", targetLabel(m.Type)),
		"add else:, or make it optional"+inContract(m.Type))
}

// gives holds the values of a source against the contract's type that promises them.
func (k *checker) gives(f facts, t *Type, g giving, told bool) {
	if f.others != nil {
		k.each(f, func(f facts) { k.gives(f, t, g, told) })
		return
	}
	k.givesNothing(f, t, g)
	k.givesRefused(f, t, g)
	if f.typ == nil || t.Shape == AnyShape || g.depth > maxCopied || samePlace(f.typ, t) {
		return
	}
	from := f.typ
	same := from.Shape == t.Shape || from.Shape == FloatShape && t.Shape == NumberShape
	switch {
	case from.Shape == AnyShape:
		if !f.vague {
			k.report(specs.Warning, codeUnsureForm, g.at, fmt.Sprintf("%s can be any value, and "+side(t)+" has %s for %s", f.name(), t.Shape.one(), targetLabel(t)),
				"give it a type"+f.fixIn())
		}
	case !meets(from.Shape, t.Shape) || g.copied && !same:
		if !told {
			k.misfit(f, t, g.at)
		}
	case t.Shape == ObjectShape:
		k.givesObject(f, t, g)
	case t.Shape == ArrayShape:
		k.givesArray(f, t, g)
		items := facts{typ: from.Items, null: from.Items.Nullable, label: f.label + "[]"}
		g.member, g.copied = false, true
		g.depth++
		k.gives(items, t.Items, g, false)
	case from.Enum != nil:
		k.givesList(f, t, g)
	case t.Enum != nil:
		if !f.vague && from.Shape != BoolShape {
			k.report(specs.Warning, codeNotListed, g.at, fmt.Sprintf("%s can be any %s, and "+side(t)+" lists %s for %s", f.name(), from.Shape, strings.Join(t.Enum, ", "), targetLabel(t)),
				"give the field these values by an enum rule in records.yaml, or take the enum out"+inContract(t))
		}
	case from.Shape == StringShape:
		k.givesText(f, t, g)
	case t.Shape == NumberShape:
		k.givesNumber(f, t, g)
	case t.Shape == StringShape && !f.vague && t.MaxLength >= 0 && numberLength(from) > t.MaxLength:
		k.report(specs.Warning, codeLongerText, g.at, fmt.Sprintf("%s can have %d characters, and "+side(t)+" allows %d for %s", f.name(), numberLength(from), t.MaxLength, targetLabel(t)),
			fmt.Sprintf("set maxLength to %d%s", numberLength(from), inContract(t)))
	}
}

// samePlace tells that two types are those of one schema.
func samePlace(a, b *Type) bool {
	return a == b || a.HostName == "" && a.Pos.Line > 0 && a.Pos == b.Pos && a.Shape == b.Shape
}

// numberLength is how many characters a number can take as text.
func numberLength(t *Type) int {
	if t.Digits < 0 {
		return 0
	}
	n := max(t.Digits-max(t.Scale, 0), 1)
	if t.Scale > 0 {
		n += 1 + t.Scale
	}
	if t.Signed {
		n++
	}
	return n
}

// givesNothing checks null and absent values.
func (k *checker) givesNothing(f facts, t *Type, g giving) {
	severity := specs.Error
	if g.guarded && f.typ != nil && f.typ.HostName != "" {
		severity = specs.Warning // the condition may stand for it, if the program keeps to that
	}
	if f.null && !t.Nullable && (t.Shape != AnyShape || t.Refuses != nil) {
		k.report(severity, codeNullGiven, g.at, fmt.Sprintf("%s can be null, and "+side(t)+" has no null for %s", f.name(), targetLabel(t)),
			`write =... ?? with a value for null, or set type to ["`+contractType(t)+`", "null"]`+inContract(t))
	}
	if f.absent && g.member && !t.Optional {
		k.report(severity, codeMayLack, g.at, fmt.Sprintf(side(t)+" requires %s, and %s can be absent", targetLabel(t), f.name()),
			"write =... ?? with a value for that case, or make it optional"+inContract(t))
	}
}

// givesRefused reports a value of a type that is none of those that the contract lists.
func (k *checker) givesRefused(f facts, t *Type, g giving) {
	if f.typ == nil || t.Shape != AnyShape {
		return
	}
	shape := f.typ.Shape
	if shape == AnyShape && !f.vague && slices.ContainsFunc(t.Refuses, func(s Shape) bool { return !slices.Contains(f.typ.Refuses, s) }) {
		k.report(specs.Warning, codeUnsureForm, g.at, fmt.Sprintf("%s can be any value, and "+side(t)+" lists types for %s", f.name(), targetLabel(t)),
			"give it the same types"+f.fixIn())
		return
	}
	if shape == FloatShape {
		shape = NumberShape
	}
	if slices.Contains(t.Refuses, shape) {
		k.report(specs.Error, codeMismatch, g.at, fmt.Sprintf("%s is %s and cannot fill %s, for which "+side(t)+" lists other types", f.name(), f.typ.Shape.one(), targetLabel(t)),
			"add "+shape.String()+" to type"+inContract(t))
	}
}

// contractType is the word for a type in a contract.
func contractType(t *Type) string {
	if t.Shape == NumberShape && t.Integer {
		return "integer"
	}
	return t.Shape.String()
}

// givesList checks every value that the source can have.
func (k *checker) givesList(f facts, t *Type, g giving) {
	var wrong []string
	why := ""
	for _, text := range f.typ.Enum {
		if text == "null" {
			continue
		}
		if allowed, reason := promised(t, text, g.probe); !allowed {
			wrong, why = append(wrong, text), reason
		}
	}
	if len(wrong) == 0 {
		return
	}
	severity := specs.Error
	if g.guarded && !f.literal {
		severity = specs.Warning
	}
	said := side(t) + " does not allow"
	hint := "write another value"
	if !t.Foreign {
		hint += ", or change the bounds" + inContract(t)
	}
	if why != "" {
		why = ": it " + why
	}
	if t.Enum != nil {
		said, hint, why = side(t)+" does not list", "add it to enum"+inContract(t), ""
		if near := specs.Suggest(wrong[0], t.Enum); near != "" {
			hint = fmt.Sprintf("did you mean %s? Otherwise %s", near, hint)
		}
	}
	verb := "can be"
	if f.literal {
		verb = "is"
	}
	k.report(severity, codeNotListed, g.at, fmt.Sprintf("%s %s %s, which %s for %s%s", f.name(), verb, strings.Join(wrong[:min(len(wrong), 5)], ", "), said, targetLabel(t), why), hint)
}

// promised tells whether the contract allows one value, and if not, what it wants where that is known; texts and
// numbers convert.
func promised(t *Type, json string, probe Prober) (allowed bool, why string) {
	v := JSONValue([]byte(json))
	switch {
	case t.Shape == StringShape && v.Kind == Number:
		json = string(AppendQuoted(nil, json))
	case t.Shape == NumberShape && v.Kind == String:
		text, err := unquote(v.Text)
		if err != nil || !isJSONNumber(string(text)) {
			return false, ""
		}
		json = string(text)
	}
	if probe != nil {
		if err := probe.Try(t, JSONValue([]byte(json))); err != nil {
			return false, err.Reason
		}
	}
	return allows(t, json), ""
}

// givesText compares the length and the form of a text.
func (k *checker) givesText(f facts, t *Type, g giving) {
	from, to := textOf(f.typ), textOf(t)
	sample := formatSample(t.Format)
	switch {
	case t.Shape == NumberShape || t.Shape == FloatShape:
		if !from.digits {
			k.report(specs.Warning, codeUnsureForm, g.at, fmt.Sprintf("%s can be any text, and "+side(t)+" has a number for %s", f.name(), targetLabel(t)),
				"read it with number()")
		}
	case f.vague && from.max < 0:
	case sample != "" && t.Format != f.typ.Format:
		severity := specs.Warning
		if from.max >= 0 && from.max < len("12:30Z") {
			severity = specs.Error
		}
		k.report(severity, codeUnsureForm, g.at, fmt.Sprintf("%s can be any text, and "+side(t)+" promises the format %s for %s", f.name(), t.Format, targetLabel(t)),
			"give the field a date rule in records.yaml, or convert the text with a function")
	case to.max >= 0 && from.max < 0:
		k.report(specs.Warning, codeLongerText, g.at, fmt.Sprintf("%s has no greatest length, and "+side(t)+" allows %d for %s", f.name(), to.max, targetLabel(t)),
			"set maxLength"+f.fixIn())
	case to.max >= 0 && from.max > to.max:
		k.report(specs.Warning, codeLongerText, g.at, fmt.Sprintf("%s can have %d characters, and "+side(t)+" allows %d for %s", f.name(), from.max, to.max, targetLabel(t)),
			fmt.Sprintf("set maxLength to %d%s", from.max, inContract(t)))
	case from.max >= 0 && from.max < to.min:
		k.report(specs.Error, codeLongerText, g.at, fmt.Sprintf("%s has at most %d characters, and "+side(t)+" wants %d for %s", f.name(), from.max, to.min, targetLabel(t)),
			fmt.Sprintf("set minLength to 0 or up to %d%s", from.max, inContract(t)))
	}
}

// givesNumber compares range and decimals.
func (k *checker) givesNumber(f facts, t *Type, g giving) {
	if f.vague && !f.scaled {
		return
	}
	from := f.typ
	if t.Scale >= 0 && (from.Shape == FloatShape || from.Scale > t.Scale || from.Scale < 0 && !from.Integer) {
		given, hint := fmt.Sprintf("can have %d decimals", from.Scale), "set multipleOf to 0."+strings.Repeat("0", max(from.Scale-1, 0))+"1"+inContract(t)
		if from.Shape == FloatShape || from.Scale < 0 {
			given, hint = "can have any number of decimals", "round it with round(), or take multipleOf out"+inContract(t)
		}
		k.report(specs.Warning, codeFiner, g.at, fmt.Sprintf("%s %s, and "+side(t)+" allows %d for %s", f.name(), given, t.Scale, targetLabel(t)), hint)
	}
	if from.Shape == FloatShape || f.vague {
		return
	}
	high, low := sourceRange(from)
	var said, hints []string
	hold := func(word, bound, have string, beyond *Type) {
		if bound == "" || have != "" && inRange(beyond, have) {
			return
		}
		said = append(said, word+" "+plainNumber(bound))
		if have != "" {
			hints = append(hints, word+" to "+have)
		}
	}
	hold("minimum", t.Minimum, low, &Type{Minimum: t.Minimum})
	hold("maximum", t.Maximum, high, &Type{Maximum: t.Maximum})
	if len(said) == 0 {
		return
	}
	hint := "set " + strings.Join(hints, " and ") + inContract(t)
	if len(hints) < len(said) {
		hint = "give it bounds" + f.fixIn()
	}
	k.report(specs.Warning, codeWider, g.at, fmt.Sprintf("%s can be %s, and "+side(t)+" has %s for %s", f.name(), span(high, low), strings.Join(said, " and "), targetLabel(t)), hint)
}

// span names a range of which either bound may be empty.
func span(high, low string) string {
	switch {
	case high == "" && low == "":
		return "any number"
	case high == "":
		return "any number from " + low
	case low == "":
		return "any number up to " + high
	}
	return low + " to " + high
}

// sourceRange gives the bounds of a number as far as there are any: those of a field are its digits, those of
// a contract's number what the contract says.
func sourceRange(t *Type) (high, low string) {
	if t.HostName != "" || t.Digits >= 0 {
		return fieldRange(t)
	}
	if t.Maximum != "" {
		high = plainNumber(t.Maximum)
	}
	switch {
	case t.Minimum != "":
		low = plainNumber(t.Minimum)
	case !t.Signed:
		low = "0"
	}
	return high, low
}

// givesArray compares the number of entries.
func (k *checker) givesArray(f facts, t *Type, g giving) {
	if f.typ == nil || f.typ.Shape != ArrayShape || t.Shape != ArrayShape || f.vague || samePlace(f.typ, t) {
		return
	}
	if t.MaxItems >= 0 && (f.typ.MaxItems < 0 || f.typ.MaxItems > t.MaxItems) {
		have := countOf(f.typ.MaxItems)
		k.report(specs.Warning, codeMoreEntries, g.at, fmt.Sprintf("%s can have %s entries, and "+side(t)+" allows %d for %s", f.name(), have, t.MaxItems, targetLabel(t)),
			fmt.Sprintf("set maxItems to %s%s", have, inContract(t)))
	}
	if f.typ.MinItems < t.MinItems {
		k.report(specs.Warning, codeMoreEntries, g.at, fmt.Sprintf("%s can have %d entries, and "+side(t)+" wants %d for %s", f.name(), f.typ.MinItems, t.MinItems, targetLabel(t)),
			fmt.Sprintf("set minItems to %d%s", f.typ.MinItems, inContract(t)))
	}
}

// givesObject compares an object that is copied as a whole with what the contract has, member by member.
func (k *checker) givesObject(f facts, t *Type, g giving) {
	pair := comparison{f.typ, t, g.at}
	if k.compared[pair] {
		return // schemas may be recursive, and each pair is enough once
	}
	k.compared[pair] = true
	g.member, g.copied = true, true
	g.depth++
	for _, to := range t.Members {
		if !to.Optional && f.typ.Member(to.Name) == nil && !f.typ.Open {
			k.report(specs.Error, codeMayLack, g.at, fmt.Sprintf(side(t)+" requires %s, and %s has no such member", targetLabel(to), f.name()),
				"list the members one by one, or make it optional"+inContract(to))
		}
	}
	for _, from := range f.typ.Members {
		sub := facts{typ: from, absent: from.Optional && from.Default == "", null: from.Nullable, label: f.label + "." + from.Name}
		to := t.Member(from.Name)
		switch {
		case to != nil:
			k.gives(sub, to, g, false)
		case !t.Open:
			k.report(specs.Error, codeExtra, g.at, fmt.Sprintf("%s is copied with %s, which "+side(t)+" does not have", targetLabel(t), sub.label),
				"list the members one by one, or add it"+inContract(t))
		}
	}
}
