// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lintel/specs"

	"pgregory.net/rapid"
)

// exactRow is an entry of a table with bytes that have no name behind each of its fields.
type exactRow struct {
	name, filler byte
	inner        []exactRow
}

func (r exactRow) json(list string) string {
	s := fmt.Sprintf(`{%q:"%c"`, map[string]string{"t": "b", "u": "c"}[list], r.name)
	if list == "t" {
		s += `,` + rowsJSON("u", r.inner)
	}
	return s + `}`
}

func rowsJSON(list string, rows []exactRow) string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.json(list)
	}
	return `"` + list + `":[` + strings.Join(all, ", ") + `]`
}

func rowsBytes(list string, rows []exactRow) []byte {
	out := []byte{0xF0 + byte(len(rows))}
	for _, r := range rows {
		out = append(out, letterByte(r.name), r.filler)
		if list == "t" {
			out = append(out, rowsBytes("u", r.inner)...)
		}
	}
	return out
}

// letterByte is a capital letter in EBCDIC.
func letterByte(c byte) byte {
	switch {
	case c < 'J':
		return 0xC1 + c - 'A'
	case c < 'S':
		return 0xD1 + c - 'J'
	default:
		return 0xE2 + c - 'S'
	}
}

// TestExactEdits: entries are put in, taken out and changed, and every byte that has no name stays
// where it belongs: in its entry, or behind the table.
func TestExactEdits(t *testing.T) {
	c := compile(t, "01 R.\n05 FILLER PIC X.\n05 N PIC 9.\n05 T OCCURS 0 TO 9 DEPENDING ON N.\n10 B PIC X.\n10 FILLER PIC X.\n"+
		"10 M PIC 9.\n10 U OCCURS 0 TO 9 DEPENDING ON M.\n15 C PIC X.\n15 FILLER PIC X.\n05 FILLER PIC X(2).\n05 Z PIC X.", Options{})
	rapid.Check(t, func(rt *rapid.T) {
		next := byte(0)
		row := func() exactRow {
			next++
			return exactRow{name: 'A' + next - 1, filler: 0x80 + next} // no two have the same name
		}
		var rows []exactRow
		for range rapid.IntRange(0, 4).Draw(rt, "rows") {
			r := row()
			for range rapid.IntRange(0, 3).Draw(rt, "inner") {
				r.inner = append(r.inner, row())
			}
			rows = append(rows, r)
		}
		record := func() []byte { return append(append([]byte{7}, rowsBytes("t", rows)...), 8, 9, 0xE9) }
		doc := string(c.DecodeExact(nil, record()))
		head, _, _ := strings.Cut(doc, `,"n"`)
		list := &rows
		if len(rows) > 0 && rapid.Bool().Draw(rt, "in an entry") {
			list = &rows[rapid.IntRange(0, len(rows)-1).Draw(rt, "entry")].inner
		}
		switch at := rapid.IntRange(0, len(*list)).Draw(rt, "at"); {
		case rapid.Bool().Draw(rt, "insert"):
			r := row()
			r.filler = 0x40
			*list = slices.Insert(*list, at, r)
		case at < len(*list):
			*list = slices.Delete(*list, at, at+1)
		}
		doc = head + "," + rowsJSON("t", rows) + `,"z":"Z"}`
		got, err := c.EncodeExact(nil, []byte(doc))
		if want := record(); err != nil || !bytes.Equal(got, want) {
			rt.Fatalf("%s\n%x, %v\n%x", doc, got, err, want)
		}
	})
}

// TestExactMaximum: the same in tables that always have their greatest size, one in the other.
func TestExactMaximum(t *testing.T) {
	c := compile(t, "01 R.\n05 N PIC 9.\n05 T OCCURS 0 TO 3 DEPENDING ON N.\n10 B PIC X.\n10 FILLER PIC X.\n05 U OCCURS 2.\n10 M PIC 9.\n"+
		"10 V OCCURS 0 TO 2 DEPENDING ON M.\n15 C PIC X.\n15 FILLER PIC X.\n05 FILLER PIC X.\n05 Z PIC X.", Options{Storage: Maximum})
	msg := ebcdic(t, "3AaBbCc"+"1DdEe"+"2FfGg"+"!Z")
	js := string(c.DecodeExact(nil, msg))
	for _, tt := range []struct{ from, to, want string }{
		{`"z":"Z"`, `"z":"Y"`, "3AaBbCc" + "1DdEe" + "2FfGg" + "!Y"},
		{`"n":3,"t":[{"b":"A"},{"b":"B"},{"b":"C"}]`, `"t":[{"b":"A"},{"b":"C"}]`, "2AaCcCc" + "1DdEe" + "2FfGg" + "!Z"},
		{`"n":3,"t":[{"b":"A"},{"b":"B"},{"b":"C"}]`, `"t":[{"b":"C"}]`, "1CcBbCc" + "1DdEe" + "2FfGg" + "!Z"},
		{`"n":3,"t":[{"b":"A"},{"b":"B"},{"b":"C"}]`, `"t":[]`, "0AaBbCc" + "1DdEe" + "2FfGg" + "!Z"},
		{`{"m":2,"v":[{"c":"F"},{"c":"G"}]}`, `{"v":[{"c":"G"}]}`, "3AaBbCc" + "1DdEe" + "1GgGg" + "!Z"},
		{`{"m":1,"v":[{"c":"D"}]}`, `{"v":[{"c":"X"},{"c":"D"}]}`, "3AaBbCc" + "2X Dd" + "2FfGg" + "!Z"},
	} {
		out, err := c.EncodeExact(nil, []byte(strings.Replace(js, tt.from, tt.to, 1)))
		if err != nil || !bytes.Equal(out, ebcdic(t, tt.want)) {
			t.Errorf("%s -> %s: %x, %v, want %s", tt.from, tt.to, out, err, tt.want)
		}
	}
}

// TestExactFilled: entries that fillTables puts in cost nothing behind the table.
func TestExactFilled(t *testing.T) {
	c := compile(t, "01 R.\n05 N PIC 9.\n05 T OCCURS 2 TO 5 DEPENDING ON N.\n10 B PIC X.\n10 FILLER PIC X.\n05 FILLER PIC X(2).\n05 Z PIC X.",
		Options{Policy: Policy{FillTables: true}})
	for count, rows := range map[int]string{2: "AaBb", 3: "AaBbCc", 5: "AaBbCcDdEe"} {
		js := string(c.DecodeExact(nil, ebcdic(t, fmt.Sprint(count)+rows+"!!Z")))
		head, _, _ := strings.Cut(js, `,"n"`)
		out, err := c.EncodeExact(nil, []byte(head+`,"t":[{"b":"A"}],"z":"Z"}`))
		if err != nil || !bytes.Equal(out, ebcdic(t, "2Aa  !!Z")) {
			t.Errorf("%d entries: %x, %v", count, out, err)
		}
	}
}

// TestExactCut: of a record that ended early only what is not given stays away.
func TestExactCut(t *testing.T) {
	const inner = "01 R.\n05 N PIC 9.\n05 T OCCURS 0 TO 2 DEPENDING ON N.\n10 M PIC 9.\n10 U OCCURS 1 TO 2 DEPENDING ON M.\n15 A PIC 9.\n15 B PIC 9."
	const just = "01 R.\n05 N PIC 9.\n05 T PIC X(2) JUSTIFIED OCCURS 0 TO 2 DEPENDING ON N."
	for _, tt := range []struct {
		book, old, doc string
		storage        Storage
	}{
		{inner, "22000010", `{"n":1,"t":[{"m":1,"u":[{"a":0,"b":0}]}]}`, Actual},
		{just, `2 " `, `{"n":1,"t":[""]}`, Maximum},
		{just, `2 " `, `{"n":1,"t":[""]}`, Actual},
	} {
		c := compile(t, tt.book, Options{Storage: tt.storage})
		over := `{"$bytes":"` + base64.StdEncoding.EncodeToString(ebcdic(t, tt.old)) + `",` + tt.doc[1:]
		out, err := c.EncodeExact(nil, []byte(over))
		if err != nil {
			t.Fatal(err)
		}
		if js, err := c.DecodeJSON(nil, out); err != nil || string(js) != tt.doc {
			t.Errorf("over %q: %x decodes to %s, %v, want %s", tt.old, out, js, err, tt.doc)
		}
	}
}

// TestExactChoice: the discriminator keeps its byte where it says the same, and a document in which it
// says another alternative than the member is refused.
func TestExactChoice(t *testing.T) {
	choice := func(value, field string) specs.RedefinesChoice {
		return specs.RedefinesChoice{Value: specs.Text{Value: value}, Field: specs.Text{Value: field}}
	}
	c := compile(t, "01 R.\n05 K PIC X.\n05 A PIC X(2).\n05 B REDEFINES A.\n10 C PIC X.\n10 FILLER PIC X.", Options{Rules: []*specs.FieldRule{{
		Name: "A", Redefines: &specs.RedefinesRule{By: specs.Text{Value: "K"}, Choices: []specs.RedefinesChoice{choice("B", "B"), choice("D", "B")}},
	}}})
	js := string(c.DecodeExact(nil, ebcdic(t, "DXY")))
	for _, tt := range []struct{ from, to, want, code string }{
		{`"X"`, `"Q"`, "DQY", ""},
		{`"k":"D","b":{"c":"X"}`, `"b":{"c":"Q"}`, "DQY", ""},
		{`"k":"D",`, ``, "DXY", ""},
		{`"k":"D"`, `"k":"B"`, "BXY", ""},
		{`"k":"D"`, `"k":"A"`, "", "discriminator"},
		{`"k":"D","b":{"c":"X"}`, `"k":"A","a":"XZ"`, "AXZ", ""},
	} {
		out, err := c.EncodeExact(nil, []byte(strings.Replace(js, tt.from, tt.to, 1)))
		if code(err) != tt.code || err == nil && !bytes.Equal(out, ebcdic(t, tt.want)) {
			t.Errorf("%s -> %s: %x, %v, want %s%s", tt.from, tt.to, out, err, tt.want, tt.code)
		}
	}
}

// TestSharedCounter: two tables with one counter have the same number of entries.
func TestSharedCounter(t *testing.T) {
	const src = "01 R.\n05 N PIC 9.\n05 A PIC X OCCURS 0 TO 5 DEPENDING ON N.\n05 B PIC 9 OCCURS 0 TO 5 DEPENDING ON N."
	for _, storage := range []Storage{Actual, Maximum} {
		c := compile(t, src, Options{Storage: storage})
		for _, doc := range []string{`{"a":["X","Y"],"b":[1]}`, `{"a":["X"],"b":[1,2]}`, `{"a":["X"]}`, `{"b":[1]}`, `{"a":["X"],"b":[]}`} {
			_, err := c.EncodeJSON(nil, []byte(doc))
			if code(err) != "counter" || !strings.Contains(err.Error(), "tables A and B") {
				t.Errorf("%s: %v", doc, err)
			}
		}
		for _, doc := range []string{`{}`, `{"a":[],"b":[]}`, `{"a":[]}`, `{"n":0}`, `{"a":["X"],"b":[1]}`, `{"n":2}`} {
			if _, err := c.EncodeJSON(nil, []byte(doc)); err != nil {
				t.Errorf("%s: %v", doc, err)
			}
		}
		filling := compile(t, src, Options{Storage: storage, Policy: Policy{FillTables: true}})
		if out, err := filling.EncodeJSON(nil, []byte(`{"a":["X"]}`)); err != nil || !bytes.HasPrefix(out, ebcdic(t, "1X")) {
			t.Errorf("filled: %x, %v", out, err)
		}
	}
	c := compile(t, src, Options{})
	js := c.DecodeExact(nil, ebcdic(t, "2XY12"))
	for doc, want := range map[string]string{`,"a":["X","Q"]}`: "2XQ12", `,"a":["X","Y"],"b":[1,3]}`: "2XY13", `,"a":["X"]}`: "counter", `,"a":["Y"],"b":[2]}`: "1Y2"} {
		head, _, _ := strings.Cut(string(js), `,"n"`)
		out, err := c.EncodeExact(nil, []byte(head+doc))
		if code(err) != want && !(err == nil && bytes.Equal(out, ebcdic(t, want))) {
			t.Errorf("%s: %x, %v, want %s", doc, out, err, want)
		}
	}
}
