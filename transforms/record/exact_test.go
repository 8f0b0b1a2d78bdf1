// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestExact(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X(2).\n05 FILLER PIC X(2).\n05 P PIC S9(3) COMP-3.\n05 N PIC 9.\n05 T OCCURS 0 TO 3 DEPENDING ON N.\n10 B PIC X.\n10 FILLER PIC X.\n05 Z PIC 9(2).\n05 FILLER PIC X.", Options{})
	msg := unhex(t, "c1c2 0102 123f f2 c103 c204 4040 99")
	js := string(c.DecodeExact(nil, msg))
	if !strings.HasPrefix(js, `{"$bytes":"`) || !strings.HasSuffix(js, `,"a":"AB","p":123,"n":2,"t":[{"b":"A"},{"b":"B"}],"z":null}`) {
		t.Fatal(js)
	}
	for _, tt := range []struct{ from, to, want string }{
		{"", "", "c1c2 0102 123f f2 c103 c204 4040 99"},
		{`"a":"AB",`, ``, "c1c2 0102 123f f2 c103 c204 4040 99"},
		{`"AB"`, `"X"`, "e740 0102 123f f2 c103 c204 4040 99"},
		{`123`, `124`, "c1c2 0102 124c f2 c103 c204 4040 99"},
		{`"z":null`, `"z":7`, "c1c2 0102 123f f2 c103 c204 f0f7 99"},
		{`{"b":"A"}`, `{"b":"Q"}`, "c1c2 0102 123f f2 d803 c204 4040 99"},
		{`,"t":[{"b":"A"},{"b":"B"}]`, ``, "c1c2 0102 123f f2 c103 c204 4040 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}],"z":null`, `"t":[{"b":"A"}],"z":1`, "c1c2 0102 123f f1 c103 f0f1 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}],"z":null`, `"t":[{"b":"A"},{"b":"B"},{"b":"C"}],"z":1`, "c1c2 0102 123f f3 c103 c204 c340 f0f1 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}]`, `"n":1,"t":[{"b":"B"}]`, "c1c2 0102 123f f1 c204 4040 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}]`, `"t":[{"b":"X"},{"b":"A"},{"b":"B"}]`, "c1c2 0102 123f f3 e740 c103 c204 4040 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}]`, `"t":[]`, "c1c2 0102 123f f0 4040 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}]`, `"n":0`, "c1c2 0102 123f f0 4040 99"},
		{`"n":2,"t":[{"b":"A"},{"b":"B"}]`, `"n":3`, "c1c2 0102 123f f3 c103 c204 4040 4040 99"},
	} {
		doc := strings.Replace(js, tt.from, tt.to, 1)
		out, err := c.EncodeExact(nil, []byte(doc))
		if err != nil || !bytes.Equal(out, unhex(t, tt.want)) {
			t.Errorf("%s -> %s: %x, %v, want %s", tt.from, tt.to, out, err, tt.want)
		}
	}
	for _, m := range []string{"", "c1", "c1c20102123ff9", "c1c2 0102 123f f2 c103 c204 4040 99 ffff"} {
		js := c.DecodeExact(nil, unhex(t, m))
		if out, err := c.EncodeExact(nil, js); err != nil || !bytes.Equal(out, unhex(t, m)) {
			t.Errorf("%s: %s became %x, %v", m, js, out, err)
		}
	}
	for _, tt := range []struct{ msg, from, to, want string }{ // records that end early stay short
		{"c1c2", `"AB"`, `"X"`, "e740"},
		{"c1c2 0102 123f f1 c103", `"A"}`, `"Q"}`, "c1c2 0102 123f f1 d803"},
		{"c1c2 0102 123f f1 c103", `"n":1,"t":[{"b":"A"}`, `"t":[{"b":"Q"},{"b":"A"}`, "c1c2 0102 123f f2 d840 c103"},
		{"c1c2", `}`, `,"p":5}`, "c1c2 4040 005c"},
		{"c1c2 0102 123f f2 c103 c204 4040 99 ffff", `"AB"`, `"X"`, "e740 0102 123f f2 c103 c204 4040 99 ffff"},
		{"c1c2 0102 123f f1 c103 f0f1 99 ffff", `"n":1,"t":[{"b":"A"}]`, `"n":0,"t":[]`, "c1c2 0102 123f f0 f0f1 99 ffff"},
	} {
		doc := strings.Replace(string(c.DecodeExact(nil, unhex(t, tt.msg))), tt.from, tt.to, 1)
		out, err := c.EncodeExact(nil, []byte(doc))
		if err != nil || !bytes.Equal(out, unhex(t, tt.want)) {
			t.Errorf("%s: %x, %v, want %s", doc, out, err, tt.want)
		}
	}
	if _, err := c.EncodeExact(nil, []byte(`{"$bytes":"wcIBAhI/+Q==","a":"Q"}`)); code(err) != "unreadable" {
		t.Errorf("a counter that is no number: %v", err)
	}
	if _, err := c.EncodeExact(nil, []byte(`{"$bytes":"?"}`)); code(err) != "type" {
		t.Errorf("no base64: %v", err)
	}
	if out, err := c.EncodeExact(nil, []byte(`{"a":"Q"}`)); err != nil || !bytes.HasPrefix(out, ebcdic(t, "Q")) {
		t.Errorf("without bytes: %x, %v", out, err)
	}
	if _, err := c.EncodeJSON(nil, []byte(js)); code(err) != "unknown" {
		t.Errorf("EncodeJSON took %s: %v", ExactMember, err)
	}
}

func TestExactAlternatives(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X(2).\n05 B REDEFINES A PIC 9(2).", Options{})
	js := string(c.DecodeExact(nil, ebcdic(t, "12")))
	for from, want := range map[string]string{`"b":12`: "12", `"a":"12"`: "12"} {
		for to, bytes := range map[string]string{from: want, strings.Replace(from, "12", "34", 1): "34"} {
			out, err := c.EncodeExact(nil, []byte(strings.Replace(js, from, to, 1)))
			if err != nil || string(out) != string(ebcdic(t, bytes)) {
				t.Errorf("%s -> %s: %x, %v", from, to, out, err)
			}
		}
	}
}

// TestExactRoundTrip: any bytes come back unchanged, and a document that was only spaced anew
// changes no byte.
func TestExactRoundTrip(t *testing.T) {
	c := fuzzCodec(t)
	seeds := fuzzSeeds(t, c)
	rapid.Check(t, func(rt *rapid.T) {
		msg := bytes.Clone(rapid.SampledFrom(seeds).Draw(rt, "seed"))
		msg = msg[:rapid.IntRange(1, len(msg)).Draw(rt, "length")]
		for range rapid.IntRange(0, 5).Draw(rt, "changes") {
			msg[rapid.IntRange(0, len(msg)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "byte")
		}
		js := c.DecodeExact(nil, msg)
		out, err := c.EncodeExact(nil, js)
		if err != nil || !bytes.Equal(out, msg) {
			rt.Fatalf("%x\n%x\n%s %v", msg, out, js, err)
		}
		spaced := append([]byte("{ "), js[1:]...)
		if out, err = c.EncodeExact(nil, spaced); err != nil || !bytes.Equal(out, msg) {
			rt.Fatalf("spaced:\n%x\n%x\n%s %v", msg, out, js, err)
		}
	})
}
