// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// fieldOptions are record options at the names of fields and groups: they hold for the item and all
// below it.
type fieldOptions struct{ rules []fieldOption }

type fieldOption struct {
	rule   *specs.FieldRule
	values optionValues
}

// newFieldOptions collects the options of a document; keys in given, which come from flags, win over
// them.
func newFieldOptions(r *specs.Records, given optionValues) *fieldOptions {
	f := &fieldOptions{}
	for _, rule := range r.Fields {
		values, _ := bindOptions(rule.Options, true)
		for key := range given {
			delete(values, key)
		}
		if len(values) > 0 {
			f.rules = append(f.rules, fieldOption{rule, values})
		}
	}
	return f
}

// items are those of a record that the options are for; at the name of the record itself they are
// for the record.
func (o *fieldOption) items(rec *copybook.Item) []*copybook.Item {
	if strings.EqualFold(o.rule.Name, rec.Name) {
		return nil
	}
	return itemsNamed(rec, o.rule.Name)
}

// itemsNamed finds the items below a record that a rule of that name is for: the last word is the
// name of the item, those in front are names around it.
func itemsNamed(item *copybook.Item, name string) []*copybook.Item {
	words := strings.Split(name, ".")
	var out []*copybook.Item
	for _, c := range item.Children {
		if !c.Filler && named(c, words) {
			out = append(out, c)
		}
		out = append(out, itemsNamed(c, name)...)
	}
	return out
}

func named(item *copybook.Item, words []string) bool {
	last := len(words) - 1
	if !strings.EqualFold(item.Name, words[last]) {
		return false
	}
	left := last - 1
	for x := item.Parent; x != nil && left >= 0; x = x.Parent {
		if strings.EqualFold(x.Name, words[left]) {
			left--
		}
	}
	return left < 0
}

// byItem gives the options of every item of a record that has some of its own.
func (f *fieldOptions) byItem(rec *copybook.Item) map[*copybook.Item]optionValues {
	out := map[*copybook.Item]optionValues{}
	for _, o := range f.rules {
		if items := o.items(rec); len(items) == 1 {
			out[items[0]] = o.values
		}
	}
	return out
}

// check finds options at fields of a record that are for whole records, and names that mean more
// than one field.
func (f *fieldOptions) check(rec *copybook.Item) specs.Findings {
	var findings specs.Findings
	table := recordOptions()
	for _, o := range f.rules {
		items := o.items(rec)
		if len(items) == 0 {
			continue
		}
		if len(items) > 1 {
			findings.Add(codeFieldOption, o.rule.Pos, fmt.Sprintf("%d fields of %s are named %s", len(items), rec.Name, o.rule.Name), "put the names of its groups in front: GROUP.FIELD")
			continue
		}
		if d := items[0].Dialect; d != nil && d.FloatLittle && d.Float == copybook.FloatHex {
			findings.Add(codeOptionClash, o.rule.Pos, fmt.Sprintf("floatOrder little at %s needs float ieee: hexadecimal floats are big-endian", o.rule.Name), "")
		}
		for _, n := range o.rule.Options {
			i := slices.IndexFunc(table, func(opt recordOption) bool { return opt.key == n.Key.Text })
			if _, bound := o.values[n.Key.Text]; bound && !table[i].field {
				findings.Add(codeFieldOption, n.Key.Pos, fmt.Sprintf("%s is for whole records, and %s is a field of %s", n.Key.Text, o.rule.Name, rec.Name),
					"put it at the name of a level 01 entry, or under \"*\"")
			}
		}
	}
	return findings
}

// unknown warns of options at names that a copybook does not have, once for all of them: a document
// may serve several copybooks.
func (f *fieldOptions) unknown(book *copybook.Book, file string) specs.Findings {
	var findings specs.Findings
	var names []string
	for i := range f.rules {
		o := &f.rules[i]
		known := slices.ContainsFunc(book.Records, func(rec *copybook.Item) bool {
			return strings.EqualFold(rec.Name, o.rule.Name) || len(o.items(rec)) > 0
		})
		if !known {
			names = append(names, o.rule.Name)
			if len(names) == 1 {
				findings.Warn(codeUnusedOption, o.rule.Pos, "", "this is fine where the options are for other copybooks")
			}
		}
	}
	switch {
	case len(names) == 1:
		findings[0].Message = fmt.Sprintf("nothing in %s is named %s: its options are not used", file, names[0])
	case len(names) > 1:
		findings[0].Message = fmt.Sprintf("nothing in %s is named %s, nor as %s below: their options are not used", file, names[0], count(len(names)-1, "name"))
	}
	return findings
}

// applyOptions takes the options of a group over.
func applyOptions(s *recordSettings, values optionValues, group optionGroup) {
	table := recordOptions()
	for i := range table {
		if table[i].group != group || !table[i].field {
			continue
		}
		for _, text := range values[table[i].key] {
			_ = table[i].set(s, text) // checked when it was bound
		}
	}
}

// policyOf gives single items of a record policies of their own; nil if none has one.
func (f *fieldOptions) policyOf(rec *copybook.Item) func(*copybook.Item, record.Policy) record.Policy {
	own := f.byItem(rec)
	if len(own) == 0 {
		return nil
	}
	return func(item *copybook.Item, around record.Policy) record.Policy {
		var s recordSettings
		s.record.Policy = around
		applyOptions(&s, own[item], groupValues)
		return s.record.Policy
	}
}

// pageOf gives single items of a record code pages of their own; nil if none has one.
func (f *fieldOptions) pageOf(rec *copybook.Item) func(*copybook.Item, *codepage.Page) *codepage.Page {
	own := f.byItem(rec)
	if len(own) == 0 {
		return nil
	}
	return func(item *copybook.Item, around *codepage.Page) *codepage.Page {
		s := recordSettings{page: around}
		applyOptions(&s, own[item], groupValues)
		return s.page
	}
}

// dialects reports whether a field has an option of its own about the layout.
func (f *fieldOptions) dialects() bool {
	for _, opt := range dialectOptions() {
		for _, o := range f.rules {
			if _, given := o.values[opt.key]; given {
				return true
			}
		}
	}
	return false
}

// overrides gives single items of a record dialects of their own. The structure of the record must
// be known for that: parse reads the book with the options it is handed.
func (f *fieldOptions) overrides(name string, o copybook.Options, parse func(copybook.Options) *copybook.Book) []copybook.Override {
	if !f.dialects() {
		return nil
	}
	lenient := o
	lenient.Dialect.WideBinary, lenient.Dialect.MaxDigits = true, 38
	book := parse(lenient)
	if book == nil {
		return nil // the book is read again, and its findings are told then
	}
	rec := pick(book, name)
	if rec == nil {
		return nil
	}
	own := f.byItem(rec)
	var out []copybook.Override
	var walk func(item *copybook.Item, d copybook.Dialect)
	walk = func(item *copybook.Item, d copybook.Dialect) {
		for _, c := range item.Children {
			inner := recordSettings{}
			inner.book.Dialect = d
			applyOptions(&inner, own[c], groupDialect)
			if inner.book.Dialect != d {
				out = append(out, copybook.Override{Names: pathOf(c), Dialect: inner.book.Dialect})
			}
			walk(c, inner.book.Dialect)
		}
	}
	walk(rec, o.Dialect)
	return out
}

// pathOf lists the names from the record to an item.
func pathOf(item *copybook.Item) []string {
	var names []string
	for x := item; x != nil; x = x.Parent {
		if !x.Filler {
			names = append(names, x.Name)
		}
	}
	slices.Reverse(names)
	return names
}

// fieldRules are the rules of a document that say something about a field beside record options.
func fieldRules(r *specs.Records) []*specs.FieldRule {
	var out []*specs.FieldRule
	for _, rule := range r.Fields {
		rest := *rule
		rest.Options = nil
		if len(rule.Options) == 0 || !reflect.DeepEqual(rest, specs.FieldRule{Name: rule.Name, Pos: rule.Pos}) {
			out = append(out, rule)
		}
	}
	return out
}
