// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// tracer takes a record apart into its elementary fields, FILLER included: what stands where, what
// it means, and what is wrong with it.
type tracer struct {
	page   *codepage.Page
	reader transforms.Reader
	root   *transforms.Capture
	slots  transforms.Slots
	// fields has what is known about each node of the type, before the tables around it are counted.
	fields map[*transforms.Type]tracedPlace
	out    []tracedField
	raw    []byte
}

type tracedPlace struct {
	info record.FieldInfo
	// pointer is the JSON pointer with * for entries; empty for what is no member.
	pointer string
}

// tracedField is one field of one record.
type tracedField struct {
	item    *copybook.Item
	pointer string
	// name is the data-name with the numbers of its occurrences.
	name      string
	offset    int
	raw       []byte
	value     []byte // JSON
	problem   string
	sensitive bool
}

// newTracer compiles the record once more, with members for FILLER items; pointers are those of the
// record as it is decoded.
func newTracer(o *openedRecord) (*tracer, error) {
	options := o.settings.record
	options.Policy.KeepFiller = true
	codec, findings := record.Compile(o.item, options)
	if findings.HasErrors() {
		return nil, findings
	}
	pointers := map[*copybook.Item]string{}
	for f := range o.codec.Fields() {
		if f.Pointer != "" {
			pointers[f.Item] = f.Pointer
		}
	}
	t := &tracer{page: o.settings.page, fields: map[*transforms.Type]tracedPlace{}}
	for f := range codec.Fields() {
		if f.Type != nil {
			t.fields[f.Type] = tracedPlace{info: f, pointer: pointers[f.Item]}
		}
	}
	frame := 0
	t.root = capture(codec.Type(), &frame)
	t.root.Size = frame
	reader, findings := codec.Reader(t.root)
	if findings.HasErrors() {
		return nil, findings
	}
	t.reader = reader
	return t, nil
}

// capture asks for every elementary field below a type; next is the first free slot of the frame.
func capture(t *transforms.Type, next *int) *transforms.Capture {
	c := &transforms.Capture{Type: t, Slot: -1}
	switch t.Shape {
	case transforms.ObjectShape:
		for _, m := range t.Members {
			c.Members = append(c.Members, capture(m, next))
		}
	case transforms.ArrayShape:
		c.Slot = *next
		*next++
		size := 0
		c.Each = capture(t.Items, &size)
		c.Each.Size = size
	default:
		c.Slot = *next
		*next++
	}
	return c
}

// trace returns the fields of a record as far as it can be followed, and the error that stopped it.
// The fields are good until the next call.
func (t *tracer) trace(rec []byte) ([]tracedField, error) {
	t.slots.Reset(t.root.Size)
	t.out, t.raw = t.out[:0], rec
	err := t.reader.Read(rec, &t.slots, 0)
	t.walk(t.root, 0, nil, false)
	return t.out, err
}

func (t *tracer) walk(c *transforms.Capture, base int, entries []int, sensitive bool) {
	sensitive = sensitive || c.Type.Sensitive
	switch {
	case c.Each != nil:
		v := *t.slots.At(base + c.Slot)
		for i := range int(v.Len) {
			t.entry(c, int(v.First)+i*c.Each.Size, append(entries[:len(entries):len(entries)], i), sensitive)
		}
	case c.Slot >= 0:
		t.leaf(c.Type, *t.slots.At(base + c.Slot), entries, sensitive)
	default:
		for _, m := range c.Members {
			t.walk(m, base, entries, sensitive)
		}
	}
}

// entry walks one entry of a table. The place of an elementary entry is that of its table.
func (t *tracer) entry(c *transforms.Capture, base int, entries []int, sensitive bool) {
	if c.Each.Slot >= 0 && c.Each.Each == nil {
		t.leaf(c.Type, *t.slots.At(base + c.Each.Slot), entries, sensitive || c.Each.Type.Sensitive)
		return
	}
	t.walk(c.Each, base, entries, sensitive)
}

func (t *tracer) leaf(typ *transforms.Type, v transforms.Value, entries []int, sensitive bool) {
	if v.Kind != transforms.Host {
		return // absent
	}
	place := t.fields[typ]
	f := tracedField{
		item: place.info.Item, pointer: numbered(place.pointer, entries), name: occurrence(place.info.Item, entries),
		offset: int(v.First), raw: v.Text, sensitive: sensitive,
	}
	value, err := v.Field.AppendJSON(nil, v.Text)
	var fe *transforms.FieldError
	switch {
	case err == nil:
		f.value = value
	case errors.As(err, &fe):
		f.problem = fe.Reason
	default:
		f.problem = err.Error()
	}
	t.out = append(t.out, f)
}

// numbered puts the indexes of entries into a pointer with stars.
func numbered(pointer string, entries []int) string {
	for _, i := range entries {
		pointer = strings.Replace(pointer, "*", strconv.Itoa(i), 1)
	}
	return pointer
}

// occurrence is the data-name with the numbers of the occurrences, as COBOL writes them.
func occurrence(item *copybook.Item, entries []int) string {
	if len(entries) == 0 {
		return item.Name
	}
	words := make([]string, len(entries))
	for i, n := range entries {
		words[i] = strconv.Itoa(n + 1)
	}
	return item.Name + "(" + strings.Join(words, ",") + ")"
}

// Masks of what must not be shown.
const (
	maskedBytes = "**"
	maskedValue = "***"
)

// hex gives the bytes in hexadecimal.
func (f *tracedField) hex() string {
	if f.sensitive {
		return maskedBytes
	}
	return hex.EncodeToString(f.raw)
}

// text gives the bytes as characters of the code page.
func (f *tracedField) text(page *codepage.Page) string {
	if f.sensitive {
		return maskedValue
	}
	return printable(page, f.raw)
}

// meaning gives the value, or what is wrong with it.
func (f *tracedField) meaning() string {
	switch {
	case f.problem != "":
		return "error: " + f.problem
	case f.sensitive:
		return maskedValue
	default:
		return printableText(f.value)
	}
}

// printable decodes bytes for people; a point stands for what cannot be shown.
func printable(page *codepage.Page, raw []byte) string {
	if table := page.DecodeTable(); table != nil {
		var b strings.Builder
		for _, c := range raw {
			b.WriteRune(visible(table[c]))
		}
		return b.String()
	}
	text, err := page.AppendDecode(nil, raw)
	if err != nil {
		return strings.Repeat(".", len(raw))
	}
	return printableText(text)
}

func printableText(text []byte) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		b.WriteRune(visible(r))
		text = text[n:]
	}
	return b.String()
}

func visible(r rune) rune {
	if unicode.IsPrint(r) && r != utf8.RuneError {
		return r
	}
	return '.'
}

// tracedJSON is a traced field in JSON.
type tracedJSON struct {
	Pointer string          `json:"pointer,omitempty"`
	Field   string          `json:"field"`
	Offset  int             `json:"offset"`
	Length  int             `json:"length"`
	Hex     string          `json:"hex"`
	Text    string          `json:"text"`
	Value   json.RawMessage `json:"value,omitempty"`
	Problem string          `json:"problem,omitempty"`
	Masked  bool            `json:"masked,omitempty"`
}

func (f *tracedField) json(page *codepage.Page) tracedJSON {
	j := tracedJSON{Pointer: f.pointer, Field: f.name, Offset: f.offset, Length: len(f.raw), Problem: f.problem, Masked: f.sensitive}
	if !f.sensitive {
		j.Hex, j.Text, j.Value = f.hex(), f.text(page), f.value
	}
	return j
}

// printTrace prints a record, one line per field: pointer, offset, hex, characters, and value or what is wrong.
func printTrace(w io.Writer, t *tracer, rec datasetRecord) error {
	fields, err := t.trace(rec.data)
	if _, err := fmt.Fprintf(w, "record %d at byte %d, %s\n", rec.number, rec.offset, count(len(rec.data), "byte")); err != nil {
		return err
	}
	rows := make([][]string, len(fields))
	for i := range fields {
		f := &fields[i]
		name := f.pointer
		if name == "" {
			name = f.name
		}
		rows[i] = []string{"  " + name, strconv.Itoa(f.offset), f.hex(), "|" + f.text(t.page) + "|", f.meaning()}
	}
	if werr := printColumns(w, rows, 1); werr != nil {
		return werr
	}
	if err != nil {
		_, werr := fmt.Fprintf(w, "  error: %v\n", err)
		return werr
	}
	return nil
}

// tracedRecord is a record in the JSON form of a trace.
type tracedRecord struct {
	FormatVersion string       `json:"formatVersion"`
	Record        int64        `json:"record"`
	Offset        int64        `json:"offset"`
	Length        int          `json:"length"`
	Fields        []tracedJSON `json:"fields"`
	Problem       string       `json:"problem,omitempty"`
}

// printTraceJSON prints a record as one line of JSON.
func printTraceJSON(w io.Writer, t *tracer, rec datasetRecord) error {
	fields, err := t.trace(rec.data)
	out := tracedRecord{FormatVersion: "1.0", Record: rec.number, Offset: rec.offset, Length: len(rec.data), Fields: []tracedJSON{}}
	for i := range fields {
		out.Fields = append(out.Fields, fields[i].json(t.page))
	}
	if err != nil {
		out.Problem = err.Error()
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

// printColumns prints rows with their columns under each other; numeric lists those that are set
// to the right.
func printColumns(w io.Writer, rows [][]string, numeric ...int) error {
	var widths []int
	for _, row := range rows {
		for len(widths) < len(row) {
			widths = append(widths, 0)
		}
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	right := map[int]bool{}
	for _, i := range numeric {
		right[i] = true
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if right[i] {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
			b.WriteString("  ")
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
