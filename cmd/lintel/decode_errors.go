// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// maxBadRecords is how many bad records are kept for the list at the end.
const maxBadRecords = 1000

// badRecord is a record that could not be decoded, or a line that could not be encoded.
type badRecord struct {
	// number counts records or lines from 1; offset is that of the record in the dataset, -1 for lines.
	number, offset int64
	err            error
	// bytes of the bad field in hexadecimal, where they may be shown.
	bytes string
}

// badRecords collects what is wrong with records.
type badRecords struct {
	p            *program
	keep, unsafe bool
	// sensitive fields, by their qualified name without occurrences.
	sensitive map[string]bool
	list      []badRecord
	// total counts records, count the bad ones, more the faults that are not in the list.
	total, count, more int64
}

// newBadRecords prepares the collection. Without keep the first bad record ends the command.
func newBadRecords(p *program, o *openedRecord, keep, unsafe bool) *badRecords {
	b := &badRecords{p: p, keep: keep, unsafe: unsafe, sensitive: map[string]bool{}}
	secret, depth := false, 0
	for f := range o.codec.Fields() {
		if secret && f.Depth <= depth {
			secret = false
		}
		if !secret && f.Type != nil && (f.Type.Sensitive || f.Type.Items != nil && f.Type.Items.Sensitive) {
			secret, depth = true, f.Depth
		}
		if secret {
			b.sensitive[f.Path] = true
		}
	}
	return b
}

// add notes what is wrong with a record; the error ends the command.
func (b *badRecords) add(rec datasetRecord, faults ...error) error {
	b.count++
	for _, err := range faults {
		r := badRecord{number: rec.number, offset: rec.offset, err: err}
		if b.unsafe {
			r.bytes = b.bytesOf(err, rec.data)
		}
		if !b.keep {
			return b.fail(r)
		}
		if len(b.list) < maxBadRecords {
			b.list = append(b.list, r)
		} else {
			b.more++
		}
	}
	return nil
}

// bytesOf gives the bytes of the field that an error is about.
func (b *badRecords) bytesOf(err error, data []byte) string {
	var fe *transforms.FieldError
	if !errors.As(err, &fe) || fe.Offset < 0 || fe.Offset > len(data) {
		return ""
	}
	if b.sensitive[plainPath(fe.Field)] {
		return maskedBytes
	}
	return hex.EncodeToString(data[fe.Offset:min(fe.Offset+max(fe.Length, 0), len(data))])
}

// plainPath takes the numbers of occurrences out of a qualified name.
func plainPath(field string) string {
	var b strings.Builder
	inside := false
	for _, r := range field {
		switch {
		case r == '(':
			inside = true
		case r == ')':
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// String is the line for people.
func (r *badRecord) String() string {
	var b strings.Builder
	if r.offset < 0 {
		fmt.Fprintf(&b, "line %d: ", r.number)
	} else {
		at := r.offset
		var fe *transforms.FieldError
		if errors.As(r.err, &fe) && fe.Offset > 0 {
			at += int64(fe.Offset)
		}
		fmt.Fprintf(&b, "record %d, byte %d: ", r.number, at)
	}
	var fe *transforms.FieldError
	if errors.As(r.err, &fe) && fe.Pointer != "" {
		b.WriteString(fe.Pointer + ": ")
	}
	b.WriteString(r.err.Error())
	if r.bytes != "" {
		b.WriteString("; bytes " + r.bytes)
	}
	return b.String()
}

// badRecordJSON is the line for programs.
type badRecordJSON struct {
	FormatVersion string `json:"formatVersion"`
	Record        int64  `json:"record,omitempty"`
	Line          int64  `json:"line,omitempty"`
	Byte          *int64 `json:"byte,omitempty"`
	Offset        *int   `json:"offset,omitempty"`
	Pointer       string `json:"pointer,omitempty"`
	Field         string `json:"field,omitempty"`
	Picture       string `json:"picture,omitempty"`
	Code          string `json:"code,omitempty"`
	Reason        string `json:"reason"`
	Bytes         string `json:"bytes,omitempty"`
}

func (r *badRecord) json() badRecordJSON {
	j := badRecordJSON{FormatVersion: "1.0", Reason: r.err.Error(), Bytes: r.bytes}
	if r.offset < 0 {
		j.Line = r.number
	} else {
		j.Record = r.number
		j.Byte = &r.offset
	}
	var fe *transforms.FieldError
	if errors.As(r.err, &fe) {
		j.Pointer, j.Field, j.Picture, j.Code, j.Reason = fe.Pointer, fe.Field, fe.Picture, fe.Code, fe.Reason
		if fe.Offset >= 0 {
			j.Offset = &fe.Offset
			if j.Byte != nil {
				at := r.offset + int64(fe.Offset)
				j.Byte = &at
			}
		}
	}
	return j
}

// print writes one bad record to stderr.
func (b *badRecords) print(r *badRecord) error {
	if b.p.output == "json" {
		e := json.NewEncoder(b.p.stderr)
		e.SetEscapeHTML(false)
		return e.Encode(r.json())
	}
	_, err := fmt.Fprintf(b.p.stderr, "lintel: %s\n", r.String())
	return err
}

// fail prints the record that ends the command.
func (b *badRecords) fail(r badRecord) error {
	if err := b.print(&r); err != nil {
		return err
	}
	return &exitError{code: exitFindings, err: r.err, silent: true}
}

// finish lists the bad records of a command that kept going. err is what ended it, if anything did.
func (b *badRecords) finish(err error) error {
	for i := range b.list {
		if perr := b.print(&b.list[i]); perr != nil {
			return perr
		}
	}
	if !b.keep || b.count == 0 {
		return err
	}
	if b.more > 0 && b.p.output != "json" {
		if _, perr := fmt.Fprintf(b.p.stderr, "lintel: and %d more\n", b.more); perr != nil {
			return perr
		}
	}
	if err != nil {
		return err
	}
	return &exitError{code: exitFindings, err: fmt.Errorf("%d of %d records are bad", b.count, b.total), silent: b.p.output == "json"}
}

// dataError gives an error of reading a dataset its exit code.
func dataError(ctx context.Context, err error) error {
	var de *datasetError
	switch {
	case ctx.Err() != nil:
		return &exitError{code: exitInterrupted, err: errors.New("interrupted")}
	case errors.As(err, &de):
		return &exitError{code: exitFindings, err: err}
	default:
		return &exitError{code: exitLoad, err: fmt.Errorf("the data cannot be read: %w", err)}
	}
}

// ended gives the error of a command its exit code, where it has none: what is left is output that
// cannot be written.
func ended(err error) error {
	var e *exitError
	var findings specs.Findings
	switch {
	case err == nil, errors.As(err, &e):
		return err
	case errors.As(err, &findings):
		return &exitError{code: exitFindings, err: err}
	default:
		return &exitError{code: exitLoad, err: fmt.Errorf("the output cannot be written: %w", err)}
	}
}
