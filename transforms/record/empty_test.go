// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"

	"lintel/transforms"
)

// TestEmptyEntries reads and writes tables whose entries have no bytes, at the end of the record and elsewhere.
func TestEmptyEntries(t *testing.T) {
	const counted = "01 R.\n05 N PIC 9.\n"
	for _, tt := range []struct{ name, book, msg, json string }{
		{"fixed", counted + "05 G OCCURS 2.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", "0", `{"n":0,"g":[{"t":[]},{"t":[]}]}`},
		{"fixed, filled", counted + "05 G OCCURS 2.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", "1AB", `{"n":1,"g":[{"t":["A"]},{"t":["B"]}]}`},
		{"not at the end", counted + "05 G OCCURS 2.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n05 Z PIC X.", "0Z", `{"n":0,"g":[{"t":[]},{"t":[]}],"z":"Z"}`},
		{"counted", "01 R.\n05 M PIC 9.\n05 N PIC 9.\n05 G OCCURS 0 TO 3 DEPENDING ON M.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", "20", `{"m":2,"n":0,"g":[{"t":[]},{"t":[]}]}`},
		{"in a group", counted + "05 G OCCURS 2.\n10 H.\n15 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", "0", `{"n":0,"g":[{"h":{"t":[]}},{"h":{"t":[]}}]}`},
		{"in each other", counted + "05 G OCCURS 2.\n10 H OCCURS 2.\n15 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", "0", `{"n":0,"g":[{"h":[{"t":[]},{"t":[]}]},{"h":[{"t":[]},{"t":[]}]}]}`},
		{"a group at the end", counted + "05 G.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", "0", `{"n":0,"g":{"t":[]}}`},
		{"two at the end", counted + "05 G OCCURS 1.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n05 H OCCURS 1.\n10 U PIC X OCCURS 0 TO 3 DEPENDING ON N.", "0", `{"n":0,"g":[{"t":[]}],"h":[{"u":[]}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := compile(t, tt.book, Options{})
			msg := ebcdic(t, tt.msg)
			if js, err := c.DecodeJSON(nil, msg); err != nil || string(js) != tt.json {
				t.Errorf("decode: %s, %v, want %s", js, err, tt.json)
			}
			if out, err := c.EncodeJSON(nil, []byte(tt.json)); err != nil || string(out) != string(msg) {
				t.Errorf("encode: %x, %v, want %x", out, err, msg)
			}
			if got := capturedLast(t, c, msg); !strings.HasSuffix(tt.json, ":"+got+"}") {
				t.Errorf("captured: %s, want the last member of %s", got, tt.json)
			}
		})
	}
	// What is missing is still absent.
	c := compile(t, counted+"05 G OCCURS 2.\n10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", Options{})
	for msg, want := range map[string]string{"": "{}", "1": `{"n":1}`} {
		if js, err := c.DecodeJSON(nil, ebcdic(t, msg)); err != nil || string(js) != want {
			t.Errorf("%q: %s, %v, want %s", msg, js, err, want)
		}
	}
}

// capturedLast takes the last member out of a record, a table entry by entry.
func capturedLast(t *testing.T, c *Codec, msg []byte) string {
	t.Helper()
	last := c.Type().Members[len(c.Type().Members)-1]
	m := &transforms.Capture{Type: last, Slot: 0}
	if last.Shape == transforms.ArrayShape {
		m.Each = &transforms.Capture{Type: last.Items, Slot: 0, Size: 1}
	}
	s, err := read(t, c, &transforms.Capture{Type: c.Type(), Slot: -1, Size: 1, Members: []*transforms.Capture{m}}, msg)
	if err != nil {
		t.Fatal(err)
	}
	v := *s.At(0)
	if v.Kind != transforms.Array {
		return text(t, v)
	}
	var rows []string
	for i := range int(v.Len) {
		rows = append(rows, text(t, *s.At(int(v.First) + i)))
	}
	return "[" + strings.Join(rows, ",") + "]"
}
