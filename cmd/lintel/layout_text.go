// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// printLayoutText prints a table.
func printLayoutText(w io.Writer, d *drawnLayout) error {
	o := d.opened
	if _, err := fmt.Fprintf(w, "%s  %s  code page %s, dialect %s\n\n", o.item.Name, o.lengthWords(), o.settings.page.Name(), o.book.Dialect.Name); err != nil {
		return err
	}
	head := []string{"OFFSET", "LENGTH", "ITEM", "JSON", "PICTURE", "USAGE"}
	if d.traced != nil {
		head = append(head, "HEX", "TEXT", "VALUE")
	}
	rows := [][]string{append(head, "NOTES")}
	for f := range o.fields() {
		rows = append(rows, d.rows(f)...)
	}
	return printColumns(w, rows, 0, 1)
}

// rows are the lines of one item: a second and further occurrence of a table has a line of its own.
func (d *drawnLayout) rows(f record.FieldInfo) [][]string {
	it := f.Item
	line := []string{
		strconv.Itoa(f.Offset), strconv.Itoa(f.Length), strings.Repeat("  ", f.Depth) + levelName(it),
		jsonName(f), it.Picture, usageWords(it),
	}
	if d.traced == nil {
		return [][]string{append(line, noteWords(f))}
	}
	var rows [][]string
	for i := range d.traced {
		t := &d.traced[i]
		if t.item != it {
			continue
		}
		if len(rows) > 0 {
			line = []string{strconv.Itoa(t.offset), strconv.Itoa(len(t.raw)), strings.Repeat("  ", f.Depth) + "   " + t.name, "", "", ""}
		} else {
			line[0] = strconv.Itoa(t.offset)
		}
		row := append(line, t.hex(), "|"+t.text()+"|", t.meaning())
		if len(rows) == 0 {
			row = append(row, noteWords(f))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		rows = [][]string{append(line, "", "", "", noteWords(f))}
	}
	return rows
}

// levelName is the level, two digits, and the name.
func levelName(it *copybook.Item) string { return fmt.Sprintf("%02d %s", max(it.Level, 1), it.Name) }

// jsonName is the last part of the pointer.
func jsonName(f record.FieldInfo) string {
	p := strings.TrimSuffix(f.Pointer, "/*")
	name := p[strings.LastIndexByte(p, '/')+1:]
	return strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
}

// usageWords is the usage with the place of a sign that is not the usual one.
func usageWords(it *copybook.Item) string {
	if len(it.Children) > 0 {
		return ""
	}
	words := []string{"DISPLAY"}
	if it.UsageClause != "" {
		words[0] = it.UsageClause
	}
	if it.Signed {
		switch it.Sign {
		case copybook.Leading:
			words = append(words, "SIGN LEADING")
		case copybook.TrailingSeparate:
			words = append(words, "SIGN TRAILING SEPARATE")
		case copybook.LeadingSeparate:
			words = append(words, "SIGN LEADING SEPARATE")
		case copybook.Trailing:
		}
	}
	return strings.Join(words, " ")
}

// noteWords is the rest: occurrences, redefinition, clauses and condition-names.
func noteWords(f record.FieldInfo) string {
	it := f.Item
	var notes []string
	switch {
	case it.Occurs == nil:
	case f.Counter != "":
		notes = append(notes, fmt.Sprintf("occurs %d to %d by %s", f.MinOccurs, f.MaxOccurs, f.Counter))
	default:
		notes = append(notes, fmt.Sprintf("occurs %d", f.MaxOccurs))
	}
	if it.Redefines != nil {
		notes = append(notes, "redefines "+it.Redefines.Name)
	}
	for _, n := range []struct {
		on   bool
		word string
	}{
		{it.Justified, "justified"},
		{it.BlankWhenZero, "blank when zero"},
		{it.Synchronized, "synchronized"},
		{f.Moves, "moves with the tables before it"},
	} {
		if n.on {
			notes = append(notes, n.word)
		}
	}
	if it.Slack > 0 {
		notes = append(notes, count(it.Slack, "slack byte")+" in front")
	}
	if it.Pad > 0 {
		notes = append(notes, count(it.Pad, "slack byte")+" at the end")
	}
	if names := conditionNames(it); len(names) > 0 {
		notes = append(notes, "88 "+strings.Join(names, " "))
	}
	return strings.Join(notes, "; ")
}

func conditionNames(it *copybook.Item) []string {
	names := make([]string, len(it.Conditions))
	for i, c := range it.Conditions {
		names[i] = c.Name
	}
	return names
}
