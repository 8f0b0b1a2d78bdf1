// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// layoutCommand is the flags of lintel layout.
type layoutCommand struct {
	p      *program
	flags  *optionFlags
	record string
	with   string
	hex    bool
}

func newLayout(p *program) *cobra.Command {
	c := &layoutCommand{p: p}
	cmd := &cobra.Command{
		Use:   "layout FILE.cpy",
		Short: "Show the layout of the records of a copybook",
		Long: `Layout shows every item of a record: level, name, JSON name, offset and length in bytes, picture,
usage, occurrences, redefinitions and level-88 names. With --with it puts the bytes and the value
of every field of a record beside it; fields that are declared sensitive are masked.
Exit code 0: fine; 1: findings in the copybook or the options, or a record that does not fit;
2: wrong usage; 3: a file cannot be read.`,
		Example: `  lintel layout ACCTINQ.cpy
  lintel layout ACCTINQ.cpy --record INQ-REPLY --output svg > inq-reply.svg
  lintel layout ACCTINQ.cpy --record INQ-REPLY --with reply.bin --codepage cp1140`,
		Args: cobra.ExactArgs(1),
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if !slices.Contains([]string{"text", "json", "svg"}, p.output) {
				return fmt.Errorf("--output must be text, json or svg, not %q", p.output)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0]) },
	}
	cmd.Flags().StringVar(&c.record, "record", "", "`NAME` of the level 01 entry; without it all are shown")
	cmd.Flags().StringVar(&c.with, "with", "", "`DATA`: a file, or - for standard input, whose first record is shown beside the layout")
	cmd.Flags().BoolVar(&c.hex, "hex", false, "the data is text in hexadecimal digits")
	c.flags = addOptionFlags(cmd)
	return cmd
}

func (c *layoutCommand) run(cmd *cobra.Command, file string) error {
	if c.hex && c.with == "" {
		return usageError("--hex is for --with: name the data")
	}
	opened, err := c.p.openRecords(file, c.record, c.flags)
	if err != nil {
		return err
	}
	if c.with != "" && len(opened) > 1 {
		return usageError("%s has several records; say which by --record: %s", file, recordNames(opened[0].book))
	}
	drawn := make([]drawnLayout, len(opened))
	for i, o := range opened {
		drawn[i] = drawnLayout{opened: o}
	}
	var problem error
	if c.with != "" {
		if problem, err = c.data(cmd, &drawn[0]); err != nil {
			return err
		}
	}
	if err := c.print(drawn); err != nil {
		return err
	}
	if problem != nil {
		return &exitError{code: exitFindings, err: problem}
	}
	return nil
}

// drawnLayout is a record with, where asked for, the values of one.
type drawnLayout struct {
	opened *openedRecord
	traced []tracedField
}

// data reads the first record and takes it apart; problem is what is wrong with it.
func (c *layoutCommand) data(cmd *cobra.Command, d *drawnLayout) (problem, err error) {
	f, err := d.opened.framing(c.flags, framingWhole)
	if err != nil {
		return nil, err
	}
	in, done, err := openInput(cmd.Context(), cmd.InOrStdin(), c.with)
	if err != nil {
		return nil, err
	}
	defer done()
	if c.hex {
		in = newHexReader(in)
	}
	rec, err := d.opened.reader(in, f).next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &exitError{code: exitFindings, err: errors.New("there is no record in the data")}
	case err != nil:
		return nil, dataError(cmd.Context(), err)
	}
	t, err := newTracer(d.opened)
	if err != nil {
		return nil, err
	}
	d.traced, problem = t.trace(rec.data)
	for i := range d.traced {
		if problem == nil && d.traced[i].problem != "" {
			problem = fmt.Errorf("field %s: %s", d.traced[i].name, d.traced[i].problem)
		}
	}
	return problem, nil
}

func (c *layoutCommand) print(drawn []drawnLayout) error {
	switch c.p.output {
	case "json":
		return printLayoutJSON(c.p.stdout, drawn)
	case "svg":
		if len(drawn) > 1 {
			return usageError("a picture shows one record; say which by --record: %s", recordNames(drawn[0].opened.book))
		}
		return printLayoutSVG(c.p.stdout, &drawn[0])
	}
	for i := range drawn {
		if i > 0 {
			if _, err := fmt.Fprintln(c.p.stdout); err != nil {
				return err
			}
		}
		if err := printLayoutText(c.p.stdout, &drawn[i]); err != nil {
			return err
		}
	}
	return nil
}

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
	for f := range o.codec.Fields() {
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
		row := append(line, t.hex(), "|"+t.text(d.opened.settings.page)+"|", t.meaning())
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
		{it.Justified, "justified"}, {it.BlankWhenZero, "blank when zero"}, {it.Synchronized, "synchronized"},
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

// layoutJSON is the JSON form of layout.
type layoutJSON struct {
	FormatVersion string             `json:"formatVersion"`
	File          string             `json:"file"`
	Dialect       string             `json:"dialect"`
	Records       []layoutRecordJSON `json:"records"`
}

type layoutRecordJSON struct {
	Name      string             `json:"name"`
	CodePage  string             `json:"codepage"`
	MinLength int                `json:"minLength"`
	MaxLength int                `json:"maxLength"`
	Fields    []layoutFieldJSON  `json:"fields"`
	Renames   []layoutRenameJSON `json:"renames,omitempty"`
}

type layoutFieldJSON struct {
	Level      int           `json:"level"`
	Depth      int           `json:"depth"`
	Name       string        `json:"name"`
	Path       string        `json:"path"`
	JSONName   string        `json:"jsonName,omitempty"`
	Pointer    string        `json:"pointer,omitempty"`
	Offset     int           `json:"offset"`
	Length     int           `json:"length"`
	Moves      bool          `json:"moves,omitempty"`
	Slack      int           `json:"slack,omitempty"`
	Pad        int           `json:"pad,omitempty"`
	Picture    string        `json:"picture,omitempty"`
	Usage      string        `json:"usage,omitempty"`
	Digits     int           `json:"digits,omitempty"`
	Scale      int           `json:"scale,omitempty"`
	Signed     bool          `json:"signed,omitempty"`
	MinOccurs  int           `json:"minOccurs,omitempty"`
	MaxOccurs  int           `json:"maxOccurs,omitempty"`
	Counter    string        `json:"dependingOn,omitempty"`
	Redefines  string        `json:"redefines,omitempty"`
	Conditions []string      `json:"conditions,omitempty"`
	Comment    string        `json:"comment,omitempty"`
	Line       int           `json:"line,omitempty"`
	Values     *[]tracedJSON `json:"values,omitempty"`
}

type layoutRenameJSON struct {
	Name   string `json:"name"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

// printLayoutJSON prints records as one JSON document.
func printLayoutJSON(w io.Writer, drawn []drawnLayout) error {
	out := layoutJSON{FormatVersion: "1.0", File: drawn[0].opened.file, Dialect: drawn[0].opened.book.Dialect.Name}
	for i := range drawn {
		out.Records = append(out.Records, drawn[i].json())
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (d *drawnLayout) json() layoutRecordJSON {
	o := d.opened
	r := layoutRecordJSON{Name: o.item.Name, CodePage: o.settings.page.Name()}
	r.MinLength, r.MaxLength = o.codec.Size()
	for f := range o.codec.Fields() {
		it := f.Item
		j := layoutFieldJSON{
			Level: max(it.Level, 1), Depth: f.Depth, Name: it.Name, Path: f.Path, JSONName: jsonName(f), Pointer: f.Pointer,
			Offset: f.Offset, Length: f.Length, Moves: f.Moves, Slack: it.Slack, Pad: it.Pad, Picture: it.Picture, Usage: usageWords(it),
			Digits: it.Digits, Scale: it.Scale, Signed: it.Signed, Counter: f.Counter, Conditions: conditionNames(it),
			Comment: it.Comment, Line: it.Pos.Line,
		}
		if it.Occurs != nil {
			j.MinOccurs, j.MaxOccurs = f.MinOccurs, f.MaxOccurs
		}
		if it.Redefines != nil {
			j.Redefines = it.Redefines.Name
		}
		if d.traced != nil && len(it.Children) == 0 {
			j.Values = d.values(it)
		}
		r.Fields = append(r.Fields, j)
	}
	for _, n := range o.item.Renames {
		r.Renames = append(r.Renames, layoutRenameJSON{Name: n.Name, Offset: n.Offset, Length: n.Size})
	}
	return r
}

// values are those of one field, one for each occurrence.
func (d *drawnLayout) values(it *copybook.Item) *[]tracedJSON {
	out := []tracedJSON{}
	for i := range d.traced {
		if d.traced[i].item == it {
			out = append(out, d.traced[i].json(d.opened.settings.page))
		}
	}
	return &out
}
