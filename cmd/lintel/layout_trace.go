// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strconv"
	"strings"

	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// tracer takes a record apart into its elementary fields, FILLER included: what stands where, what
// it means, and what is wrong with it.
type tracer struct {
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
	page    *codepage.Page
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
	t := &tracer{fields: map[*transforms.Type]tracedPlace{}}
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
		item: place.info.Item, page: place.info.Page, pointer: numbered(place.pointer, entries), name: occurrence(place.info.Item, entries),
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
