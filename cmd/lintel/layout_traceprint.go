// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lintel/transforms/codepage"
)

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
func (f *tracedField) text() string {
	if f.sensitive {
		return maskedValue
	}
	return printable(f.page, f.raw)
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

func (f *tracedField) json() tracedJSON {
	j := tracedJSON{Pointer: f.pointer, Field: f.name, Offset: f.offset, Length: len(f.raw), Problem: f.problem, Masked: f.sensitive}
	if !f.sensitive {
		j.Hex, j.Text, j.Value = f.hex(), f.text(), f.value
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
		rows[i] = []string{"  " + name, strconv.Itoa(f.offset), f.hex(), "|" + f.text() + "|", f.meaning()}
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
		out.Fields = append(out.Fields, fields[i].json())
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
