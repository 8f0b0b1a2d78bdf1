// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms/copybook"
)

// TestKnownMistakes pins what other codecs were found to do wrong. The names say what they did.
func TestKnownMistakes(t *testing.T) {
	null := Options{Policy: Policy{Blank: SpecialNull}}
	latin := Options{Dialect: copybook.GnuCOBOL(), Page: page(t, "iso8859-1")}
	for _, tt := range []struct {
		name, pic string
		o         Options
		vectors   []vector
	}{
		{"4-byte hex floats lose their exponent", "COMP-1", Options{}, []vector{{"", "", "43142efc", "322.9365"}, {"", "", "c276a000", "-118.625"}}},
		{"CR and LF change places", "PIC X(2)", Options{}, []vector{{"", `"\r\n"`, "0d25", ""}}},
		{"packed signs A, B and E are null", "PIC S9(3) COMP-3", Options{}, []vector{{"", "", "123a", "123"}, {"", "", "123b", "-123"}, {"", "", "123e", "123"}}},
		{"a leading sign costs its digit", "PIC S9(3) SIGN LEADING", Options{}, []vector{{"", "-123", "d1f2f3", ""}}},
		{"negative digits of GnuCOBOL are capitals", "PIC S9(3)", latin, []vector{{"", "-123", "313273", ""}, {"", "-120", "313270", ""}}},
		{"P takes storage", "PIC 9(3)PP", Options{}, []vector{{"", "12300", "f1f2f3", ""}}},
		{"a currency picture is one byte short", "PIC $ZZZZ9999", Options{}, []vector{{"", "1234", "5b40404040f1f2f3f4", ""}}},
		{"blank integers are null and blank decimals zero", "PIC 9(3)", null, []vector{{"", "null", "404040", ""}}},
		{"blank integers are null and blank decimals zero", "PIC 9V99", null, []vector{{"", "null", "404040", ""}}},
		{"unsigned binaries above 2^31 are null", "PIC 9(9) COMP", Options{}, []vector{{"", "", "ffffffff", "4294967295"}}},
		{"an unsigned field with sign C is refused", "PIC 9(3) COMP-3", Options{}, []vector{{"", "", "123c", "123"}}},
		{"the sign is looked for in the character", "PIC S9(2)", Options{Page: page(t, "cp273")}, []vector{{"", "10", "f1c0", ""}, {"", "-10", "f1d0", ""}}},
		{"blanks amid digits are passed over", "PIC 9(3)", Options{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.vectors {
				tt.vectors[i].pic = tt.pic
			}
			checkVectors(t, tt.o, tt.vectors)
		})
	}
	c := compile(t, "01 R.\n05 A PIC 9(3).\n05 FILLER PIC X.\n05 T OCCURS 2.\n10 S PIC S9(18) COMP SYNC.\n10 B PIC X.", Options{})
	if _, greatest := c.Size(); greatest != 4+2*12 {
		t.Errorf("8-byte binaries stand on multiples of 8: %d bytes", greatest)
	}
	for in, want := range map[string]string{`{"a":1000}`: "overflow", `{"a":null}`: "null", `{"a":-1}`: "sign"} {
		if out, err := c.EncodeJSON(nil, []byte(in)); code(err) != want {
			t.Errorf("%s is written as %x, %v", in, out, err)
		}
	}
	for i, bytes := range []string{"f140f2", "40f1f2", "f1f240"} {
		if js, err := compile(t, "01 R.\n05 A PIC 9(3).", Options{}).DecodeJSON(nil, unhex(t, bytes)); code(err) == "" {
			t.Errorf("blank %d is passed over: %s, %v", i, js, err)
		}
	}
	out, err := c.EncodeJSON(nil, []byte(`{}`))
	if got := fmt.Sprintf("%x", out[:4]); err != nil || got != "f0f0f040" {
		t.Errorf("FILLER is written as %s, %v", got, err)
	}
	alternatives := compile(t, "01 R.\n05 A PIC X(2).\n05 B REDEFINES A PIC 9(2).", Options{})
	if out, err := alternatives.EncodeJSON(nil, []byte(`{"b":42}`)); err != nil || string(out) != string(ebcdic(t, "42")) {
		t.Errorf("the second alternative is written as %x, %v", out, err)
	}
}

// TestCountedAlternatives: entries beyond the counter of a table say nothing against another
// alternative of a REDEFINES.
func TestCountedAlternatives(t *testing.T) {
	d := copybook.GnuCOBOL()
	c := compile(t, "01 R.\n05 N PIC 9.\n05 G.\n10 T PIC X OCCURS 1 TO 3 DEPENDING ON N.\n05 H REDEFINES G PIC X(3).", Options{Dialect: d, Storage: Maximum})
	msg := ebcdic(t, "2ABC")
	js, err := c.DecodeJSON(nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.EncodeJSON(nil, js); err != nil || string(out) != string(msg) {
		t.Errorf("%s: %x, %v", js, out, err)
	}
	if _, err := c.EncodeJSON(nil, []byte(`{"g":{"t":["A","X"]},"h":"ABC"}`)); code(err) != "redefines" {
		t.Errorf("they do not agree: %v", err)
	}
}

// TestOverlaid: a counter or discriminator that follows by itself does not write over what was given.
func TestOverlaid(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X(2).\n05 B REDEFINES A.\n10 N PIC 9(2).\n05 T PIC X OCCURS 0 TO 5 DEPENDING ON N.", Options{})
	for doc, want := range map[string]string{
		`{"a":"XX","t":["Q"]}`: "redefines", `{"a":"01","t":["Q"]}`: "01Q", `{"t":["Q"]}`: "01Q", `{"b":{},"t":["Q"]}`: "01Q", `{"b":{"n":2},"t":["Q"]}`: "counter",
	} {
		out, err := c.EncodeJSON(nil, []byte(doc))
		if code(err) != want && !(err == nil && string(out) == string(ebcdic(t, want))) {
			t.Errorf("%s: %x, %v, want %s", doc, out, err, want)
		}
	}
	c = compile(t, "01 R.\n05 H PIC X(2).\n05 HG REDEFINES H.\n10 K PIC X.\n10 FILLER PIC X.\n05 A PIC X(2).\n05 B REDEFINES A PIC 9(2).", Options{
		Rules: []*specs.FieldRule{{Name: "A", Redefines: &specs.RedefinesRule{By: txt("K"), Choices: []specs.RedefinesChoice{{Value: txt("B"), Field: txt("B")}}}}},
	})
	for doc, want := range map[string]string{`{"h":"XX","b":12}`: "redefines", `{"h":"BX","b":12}`: "BX12", `{"b":12}`: "B 12", `{"hg":{"k":"C"},"b":12}`: "discriminator"} {
		out, err := c.EncodeJSON(nil, []byte(doc))
		if code(err) != want && !(err == nil && string(out) == string(ebcdic(t, want))) {
			t.Errorf("%s: %x, %v, want %s", doc, out, err, want)
		}
	}
}

// TestFillerTables: tables of FILLER that vary in length are passed over, whatever is in them.
func TestFillerTables(t *testing.T) {
	for book, want := range map[string]string{
		"05 FILLER PIC 9 OCCURS 0 TO 3 DEPENDING ON N.":                                                            `2XYZ`,
		"05 FILLER OCCURS 0 TO 3 DEPENDING ON N.\n10 FILLER PIC 9(2).":                                             `2XXYYZ`,
		"05 FILLER OCCURS 0 TO 3 DEPENDING ON N.\n10 FILLER PIC 9 OCCURS 1 TO 2 DEPENDING ON N.\n10 FILLER PIC X.": `2XXYXXYZ`,
	} {
		c := compile(t, "01 R.\n05 N PIC 9.\n"+book+"\n05 Z PIC X.", Options{})
		js, err := c.DecodeJSON(nil, ebcdic(t, want))
		if err != nil || string(js) != `{"n":2,"z":"Z"}` {
			t.Errorf("%s: %s, %v", book, js, err)
		}
		out, err := c.EncodeJSON(nil, js)
		if again, err2 := c.DecodeJSON(nil, out); err != nil || err2 != nil || string(again) != string(js) {
			t.Errorf("%s: %x, %v, %s, %v", book, out, err, again, err2)
		}
		exact := c.DecodeExact(nil, ebcdic(t, want))
		if out, err := c.EncodeExact(nil, []byte(strings.Replace(string(exact), `"Z"`, `"Q"`, 1))); err != nil || string(out) != string(ebcdic(t, want[:len(want)-1]+"Q")) {
			t.Errorf("%s: %s, %x, %v", book, exact, out, err)
		}
		s, err := read(t, c, capture(c.Type(), "n", "z"), ebcdic(t, want))
		if err != nil || text(t, *s.At(1)) != `"Z"` {
			t.Errorf("%s: %v", book, err)
		}
	}
}

// TestShiftCutOff: a mixed text whose shift-in was cut off is read where texts may be cut.
func TestShiftCutOff(t *testing.T) {
	for in, want := range map[string]string{"c10e42c1": `{"a":"AＡ"}`, "c1c1c10e": `{"a":"AAA"}`, "c1c10e42": "text"} {
		for overflow, want := range map[Overflow]string{OverflowReject: "text", OverflowTruncate: want} {
			c := compile(t, "01 R.\n05 A PIC X(4).", Options{Page: page(t, "cp939"), Policy: Policy{Overflow: overflow}})
			if js, err := c.DecodeJSON(nil, unhex(t, in)); string(js)+code(err) != want {
				t.Errorf("%s (%d): %s, %v, want %s", in, overflow, js, err, want)
			}
		}
	}
}
