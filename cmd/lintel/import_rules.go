// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms/copybook"
)

// foundRecord is a record of one of the copybooks.
type foundRecord struct {
	file string // below copybooks/
	item *copybook.Item
}

// rules chooses the two records and writes to records.yaml what the copybooks cannot say.
func (i *imported) rules() error {
	found, err := i.find()
	if err != nil {
		return err
	}
	request, err := i.pickRecord(found, &i.request, "Which record does the host receive?", 0)
	if err != nil {
		return err
	}
	reply, err := i.pickRecord(found, &i.reply, "Which record does the host reply?", min(1, len(found)-1))
	if err != nil {
		return err
	}
	w := &ruleWriter{i: i}
	if err := w.start(); err != nil {
		return err
	}
	w.options()
	records := []*copybook.Item{request.item}
	if reply.item != request.item {
		records = append(records, reply.item)
	}
	w.prefix(records)
	for _, r := range records {
		w.single(r)
		w.askDates(r)
		w.ask(r)
	}
	if err := w.dates(records); err != nil {
		return err
	}
	if err := w.redefines(records); err != nil {
		return err
	}
	return w.finish()
}

// find lists the records of the copybooks that were given.
func (i *imported) find() ([]foundRecord, error) {
	var out []foundRecord
	for _, name := range i.bookFiles {
		opened, err := i.p.openRecords(name, "", i.flags)
		if err != nil {
			return nil, err
		}
		for _, o := range opened {
			out = append(out, foundRecord{filepath.Base(name), o.item})
		}
	}
	return out, nil
}

// pickRecord finds the record of a name, or asks for it, and makes the name a reference.
func (i *imported) pickRecord(found []foundRecord, name *string, question string, def int) (foundRecord, error) {
	names := make([]string, len(found))
	for n, r := range found {
		names[n] = r.item.Name
	}
	if *name == "" {
		*name = found[def].item.Name
		if len(found) > 1 {
			*name = i.ask.text(question+" ("+strings.Join(names, ", ")+")", *name)
		}
	}
	for _, r := range found {
		if strings.EqualFold(r.item.Name, *name) {
			*name = "copybooks/" + r.file + "#" + r.item.Name
			return r, nil
		}
	}
	return foundRecord{}, usageError("there is no record %q; the copybooks have %s", *name, strings.Join(names, ", "))
}

// ruleWriter adds rules to records.yaml.
type ruleWriter struct {
	i     *imported
	have  *specs.Node
	text  strings.Builder
	added []string
}

// start reads what is there.
func (w *ruleWriter) start() error {
	if !w.i.draft.has("records.yaml") {
		return nil
	}
	src, err := w.i.draft.read("records.yaml")
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	root, findings := specs.ParseYAML("records.yaml", src)
	if findings.HasErrors() {
		return w.i.failed(nil, findings)
	}
	if root != nil && root.Kind == specs.MapNode && len(root.Fields) > 0 && root.Fields[0].Key.Pos.Column != 1 {
		return &exitError{code: exitFindings, err: fmt.Errorf("records.yaml is written in braces: put its keys on lines of their own first")}
	}
	w.have = root
	if text := strings.TrimRight(string(src), "\n"); text != "" {
		w.text.WriteString(text + "\n")
	}
	return nil
}

// add writes a rule unless the item has one.
func (w *ruleWriter) add(key, value string) {
	if w.have.Get(key) != nil || slices.Contains(w.added, key) {
		return
	}
	w.added = append(w.added, key)
	fmt.Fprintf(&w.text, "%s: %s\n", yamlText(key), value)
}

// options writes the record options that were given as flags.
func (w *ruleWriter) options() {
	var parts []string
	for _, o := range w.i.flags.table {
		values := w.i.flags.given[o.key]
		if len(values) == 0 || o.key == "codepage" && slices.Contains(w.i.draft.written, "lintel.yaml") {
			continue
		}
		quoted := make([]string, len(values))
		for n, v := range values {
			quoted[n] = yamlText(v)
		}
		text := strings.Join(quoted, ", ")
		if o.list {
			text = "[" + text + "]"
		}
		parts = append(parts, o.key+": "+text)
	}
	if len(parts) > 0 {
		w.add("*", "{"+strings.Join(parts, ", ")+"}")
	}
}

// namedItems are the named items below a record.
func namedItems(it *copybook.Item) []*copybook.Item {
	var out []*copybook.Item
	for _, c := range it.Children {
		if !c.Filler {
			out = append(out, c)
		}
		out = append(out, namedItems(c)...)
	}
	return out
}

// prefix drops from the names of fields what many of them begin with, in both records alike.
func (w *ruleWriter) prefix(records []*copybook.Item) {
	counts := map[string]int{}
	heads := make([][]string, len(records))
	total := 0
	for n, record := range records {
		for _, it := range namedItems(record) {
			total++
			head, rest, ok := strings.Cut(it.Name, "-")
			if !ok || rest == "" {
				continue
			}
			counts[head]++
			if !slices.Contains(heads[n], head) {
				heads[n] = append(heads[n], head)
			}
		}
	}
	for n, record := range records {
		var prefixes []string
		for _, head := range heads[n] {
			if c := counts[head]; c >= 3 || c == 2 && total <= 4 {
				prefixes = append(prefixes, yamlText(head+"-"))
			}
		}
		switch len(prefixes) {
		case 0:
		case 1:
			w.add(record.Name, "{prefix: "+prefixes[0]+"}")
		default:
			w.add(record.Name, "{prefix: ["+strings.Join(prefixes, ", ")+"]}")
		}
	}
}

// single keeps an item with one level-88 value from becoming a list of that value alone: the others that
// the host uses are not in the copybook.
func (w *ruleWriter) single(record *copybook.Item) {
	for _, it := range namedItems(record) {
		if len(it.Conditions) == 1 && len(it.Conditions[0].Values) == 1 && it.Conditions[0].Values[0].To == nil && len(it.Children) == 0 {
			w.add(it.Name, "{enum: off}")
		}
	}
}

// ask asks which alternative of a REDEFINES is meant, where no flag says it.
func (w *ruleWriter) ask(record *copybook.Item) {
	for _, it := range namedItems(record) {
		if it.Redefines == nil || it.Redefines.Filler || w.have.Get(it.Redefines.Name) != nil {
			continue
		}
		first := it.Redefines.Name
		if slices.ContainsFunc(w.i.redefines, func(s string) bool { return strings.HasPrefix(strings.ToUpper(s), strings.ToUpper(first)+"=") }) {
			continue
		}
		answer := w.i.ask.text(fmt.Sprintf("%s redefines %s. Which is meant when? FIELD:VALUE=%s,... or nothing to have %s only", it.Name, first, it.Name, first), "")
		w.i.redefines = append(w.i.redefines, first+"="+answer)
	}
}

// datelike tells that an item of eight digits is called a date.
func datelike(it *copybook.Item) bool {
	words := strings.FieldsFunc(it.Name, func(r rune) bool { return r == '-' || r == '_' })
	return it.Digits == 8 && it.Scale == 0 && len(it.Conditions) == 0 && it.Category == copybook.Numeric &&
		slices.ContainsFunc(words, func(word string) bool { return word == "DATE" || word == "DT" })
}

// askDates asks which fields are dates, where no flag says it.
func (w *ruleWriter) askDates(record *copybook.Item) {
	for _, it := range namedItems(record) {
		given := slices.ContainsFunc(w.i.dates, func(s string) bool { return strings.HasPrefix(strings.ToUpper(s), it.Name+"=") })
		if !datelike(it) || given || w.have.Get(it.Name) != nil {
			continue
		}
		picture := w.i.ask.text(fmt.Sprintf("%s looks like a date. With which picture, such as yyyyMMdd?", it.Name), "")
		if picture != "" {
			w.i.dates = append(w.i.dates, it.Name+"="+picture)
			continue
		}
		if !slices.Contains(w.i.datelike, it.Name) {
			w.i.datelike = append(w.i.datelike, it.Name)
		}
	}
}

// dates writes the rules of --date.
func (w *ruleWriter) dates(records []*copybook.Item) error {
	for _, text := range w.i.dates {
		name, picture, ok := strings.Cut(text, "=")
		if !ok || picture == "" || !knownItem(records, name) {
			return usageError("--date %s: it must be FIELD=PICTURE or FIELD=PICTURE:EMPTY with a field of the records", text)
		}
		picture, empty, hasEmpty := strings.Cut(picture, ":")
		rule := "{date: " + yamlText(picture)
		if hasEmpty {
			rule += fmt.Sprintf(", empty: %q", empty)
		}
		w.add(strings.ToUpper(name), rule+"}")
	}
	return nil
}

func knownItem(records []*copybook.Item, name string) bool {
	return slices.ContainsFunc(records, func(r *copybook.Item) bool {
		return slices.ContainsFunc(namedItems(r), func(it *copybook.Item) bool { return strings.EqualFold(it.Name, name) })
	})
}

// redefines writes the rules of --redefines.
func (w *ruleWriter) redefines(records []*copybook.Item) error {
	for _, text := range w.i.redefines {
		name, rule, _ := strings.Cut(text, "=")
		if rule == "" {
			continue // asked, and left as it is
		}
		by, list, ok := strings.Cut(rule, ":")
		if !ok || by == "" || list == "" {
			return usageError("--redefines must be ITEM=FIELD:VALUE=ALTERNATIVE,..., not %q", text)
		}
		out := "{redefines: {by: " + yamlText(strings.ToUpper(by))
		for _, part := range strings.Split(list, ",") {
			value, alternative, ok := strings.Cut(part, "=")
			if !ok || !knownItem(records, alternative) {
				return usageError("--redefines %s: %q must be VALUE=ALTERNATIVE with an item of the record", name, part)
			}
			out += fmt.Sprintf(", %q: %s", value, yamlText(strings.ToUpper(alternative)))
		}
		for _, n := range []string{name, by} {
			if !knownItem(records, n) {
				return usageError("--redefines: there is no item %q in the records", n)
			}
		}
		w.add(strings.ToUpper(name), out+"}}")
	}
	return nil
}

func (w *ruleWriter) finish() error {
	if len(w.added) == 0 {
		return nil
	}
	return w.i.draft.write("records.yaml", w.text.String())
}
