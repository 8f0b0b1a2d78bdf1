// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

func TestEncodeRefuses(t *testing.T) {
	for _, tt := range []struct{ pic, json, code string }{
		{"PIC X(3)", `"ABCD"`, "length"},
		{"PIC X(3)", `"ABC"`, ""},
		{"PIC X(3)", `"AB "`, ""},
		{"PIC X(3)", `"A€"`, "unmappable"},
		{"PIC X(3)", `true`, "type"},
		{"PIC X(3)", `null`, "null"},
		{"PIC X(3)", `{}`, "type"},
		{"PIC X(3)", `["A"]`, "type"},
		{"PIC X(3)", `"\ud800"`, "syntax"},
		{"PIC N(2)", `"ABC"`, "length"},
		{"PIC 9(3)", `999`, ""},
		{"PIC 9(3)", `1000`, "overflow"},
		{"PIC 9(3)", `1e2`, ""},
		{"PIC 9(3)", `1e3`, "overflow"},
		{"PIC 9(3)", `0e999999`, ""},
		{"PIC 9(3)", `1e999999`, "overflow"},
		{"PIC 9(3)", `1e-999999`, "scale"},
		{"PIC 9(3)", `1.0`, ""},
		{"PIC 9(3)", `1.5`, "scale"},
		{"PIC 9(3)", `-1`, "sign"},
		{"PIC 9(3)", `-0`, ""},
		{"PIC 9(3)", `"007"`, ""},
		{"PIC 9(3)", `"+7"`, ""},
		{"PIC 9(3)", `"7x"`, "not-numeric"},
		{"PIC 9(3)", `""`, "not-numeric"},
		{"PIC 9(3)", `"."`, "not-numeric"},
		{"PIC 9(3)", `"1e"`, "not-numeric"},
		{"PIC 9(3)", `" 1"`, "not-numeric"},
		{"PIC 9(3)", `false`, "type"},
		{"PIC 9(3)", `null`, "null"},
		{"PIC 9(3)", strings.Repeat("0", 0) + "0." + strings.Repeat("0", 500), "not-numeric"},
		{"PIC 9(3)PP", `12345`, "scale"},
		{"PIC 9(3)PP", `12300`, ""},
		{"PIC VPP9(3)", `0.01`, "overflow"},
		{"PIC S9(3)V99 COMP-3", `999.99`, ""},
		{"PIC S9(3)V99 COMP-3", `1000`, "overflow"},
		{"PIC S9(3)V99 COMP-3", `0.001`, "scale"},
		{"PIC S9(4) COMP", `9999`, ""},
		{"PIC S9(4) COMP", `10000`, "overflow"},
		{"PIC S9(4) COMP-5", `32767`, ""},
		{"PIC S9(4) COMP-5", `32768`, "overflow"},
		{"PIC S9(4) COMP-5", `-32768`, ""},
		{"PIC S9(4) COMP-5", `-32769`, "overflow"},
		{"PIC 9(4) COMP-5", `65535`, ""},
		{"PIC 9(4) COMP-5", `65536`, "overflow"},
		{"PIC 9(18) COMP-5", `18446744073709551616`, "overflow"},
		{"PIC 9(18) COMP-5", `100000000000000000000000000000000000000000000`, "overflow"},
		{"COMP-1", `1e76`, "overflow"},
		{"COMP-1", `7e75`, ""},
		{"COMP-1", `1e-90`, "overflow"},
		{"COMP-2", `1e400`, "overflow"},
		{"COMP-2", `"NaN"`, "not-numeric"},
		{"PIC ZZ9", `1000`, "overflow"},
		{"PIC ZZ9", `-1`, "sign"},
		{"PIC ZZ9", `1.5`, "scale"},
		{"POINTER", `"0a"`, "hex"},
		{"POINTER", `"0a0b0c0g"`, "hex"},
	} {
		c := compile(t, "01 R.\n05 F "+tt.pic+".", Options{})
		_, err := c.EncodeJSON(nil, []byte(`{"f":`+tt.json+`}`))
		if code(err) != tt.code {
			t.Errorf("%s %.40s: %v (%s), want %q", tt.pic, tt.json, err, code(err), tt.code)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct{ pic, hex, code string }{
		{"PIC 9(3)", "404040", "not-numeric"},
		{"PIC 9(3)", "000000", "not-numeric"},
		{"PIC 9(3)", "ffffff", "not-numeric"},
		{"PIC S9(3) COMP-3", "4040", "not-numeric"},
		{"PIC S9(3) COMP-3", "0000", "not-numeric"},
		{"PIC 9(3)", "f1f2", "short"},
		{"PIC X(3)", "c1c2", ""},
		{"PIC X(3)", "", ""},
		{"PIC 9(3)", "", ""},
		{"PIC 9(3)", "f1f2f3f4", "excess"},
		{"PIC N(2)", "d83d0041", "text"},
		{"PIC ZZ9", "4040c1", "edited"},
		{"PIC ZZ9", "f04040", "edited"},
		{"PIC ZZ9", "404040", "not-numeric"},
		{"PIC ZZZ", "404040", ""},
	} {
		c := compile(t, "01 R.\n05 F "+tt.pic+".", Options{})
		js, err := c.DecodeJSON(nil, unhex(t, tt.hex))
		if code(err) != tt.code {
			t.Errorf("%s %s: %s, %v (%s), want %q", tt.pic, tt.hex, js, err, code(err), tt.code)
		}
	}
}

const nested = `
	01 R.
	   05 HEAD PIC X(2).
	   05 N PIC 9.
	   05 GRP OCCURS 0 TO 3 DEPENDING ON N.
	      10 K PIC 9.
	      10 IT OCCURS 1 TO 4 DEPENDING ON K.
	         15 AMT PIC 9(2).
	         15 TX PIC X.
	   05 TAIL PIC 9(2).
`

func TestErrorPlaces(t *testing.T) {
	c := compile(t, nested, Options{})
	const good = `{"head":"HH","n":2,"grp":[{"k":1,"it":[{"amt":1,"tx":"a"}]},{"k":2,"it":[{"amt":2,"tx":"b"},{"amt":3,"tx":"c"}]}],"tail":99}`
	msg, err := c.EncodeJSON(nil, []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if want := ebcdic(t, "HH2101a202b03c99"); string(msg) != string(want) {
		t.Fatalf("got %x, want %x", msg, want)
	}
	js, err := c.DecodeJSON(nil, msg)
	if err != nil || string(js) != good {
		t.Fatalf("got %s, %v", js, err)
	}
	for _, tt := range []struct {
		json, field, pointer, code string
		offset                     int
	}{
		{strings.Replace(good, `"amt":3`, `"amt":300`, 1), "R.GRP(2).IT(2).AMT", "/grp/1/it/1/amt", "overflow", 11},
		{strings.Replace(good, `"tail":99`, `"tail":"x"`, 1), "R.TAIL", "/tail", "not-numeric", 14},
		{strings.Replace(good, `"n":2`, `"n":3`, 1), "R.N", "/n", "counter", 2},
		{strings.Replace(good, `"k":1,"it":[{"amt":1,"tx":"a"}]`, `"k":1,"it":[]`, 1), "R.GRP(1).IT", "/grp/0/it", "occurs", -1},
		{strings.Replace(good, `"tail"`, `"tial"`, 1), "R", "/tial", "unknown", -1},
		{strings.Replace(good, `"amt":3`, `"a/m\n~t":3`, 1), "R.GRP(2).IT(2)", "/grp/1/it/1/a~1m?~0t", "unknown", -1},
		{strings.Replace(good, `"tail"`, `"`+strings.Repeat("ä", 500)+`"`, 1), "R", "/" + strings.Repeat("ä", 60) + "...", "unknown", -1},
		{strings.Replace(good, `"it":[{"amt":1,"tx":"a"}]`, `"it":{}`, 1), "R.GRP(1).IT", "/grp/0/it", "type", -1},
		{strings.Replace(good, `"it":[{"amt":1,"tx":"a"}]`, `"it":null`, 1), "R.GRP(1).IT", "/grp/0/it", "null", -1},
		{strings.Replace(good, `{"amt":1,"tx":"a"}`, `7`, 1), "R.GRP(1).IT(1)", "/grp/0/it/0", "type", -1},
	} {
		_, err := c.EncodeJSON(nil, []byte(tt.json))
		var fe *transforms.FieldError
		if !errors.As(err, &fe) || fe.Code != tt.code || fe.Field != tt.field || fe.Pointer != tt.pointer || fe.Offset != tt.offset {
			t.Errorf("%s: got %+v, want %s %s %s %d", tt.json, err, tt.field, tt.pointer, tt.code, tt.offset)
			if fe != nil {
				t.Logf("%+v", *fe)
			}
		}
	}
	for _, tt := range []struct {
		text, field, code string
		offset            int
	}{
		{"HH2101a202b0!c99", "R.GRP(2).IT(2).AMT", "sign", 11},
		{"HH4", "R.N", "occurs", 2},
		{"HH!", "R.N", "sign", 2},
		{"HH21", "R.GRP(1).IT(1)", "short", 4},
		{"HH2101a", "R.GRP(2)", "short", 7},
		{"HH2101a202b03c9", "R.TAIL", "short", 14},
		{"HH2101a202b03c99!", "R", "excess", 16},
		{"HH2001a", "R.GRP(1).K", "occurs", 3},
	} {
		_, err := c.DecodeJSON(nil, ebcdic(t, tt.text))
		var fe *transforms.FieldError
		if !errors.As(err, &fe) || fe.Code != tt.code || fe.Field != tt.field || fe.Offset != tt.offset {
			t.Errorf("%s: got %v, want %s %s %d", tt.text, err, tt.field, tt.code, tt.offset)
		}
	}
	// A message may end between fields.
	js, err = c.DecodeJSON(nil, ebcdic(t, "HH2101a202b03c"))
	if want := strings.Replace(good, `,"tail":99`, "", 1); err != nil || string(js) != want {
		t.Errorf("without tail: %s, %v", js, err)
	}
	js, err = c.DecodeJSON(nil, ebcdic(t, "HH0"))
	if err != nil || string(js) != `{"head":"HH","n":0,"grp":[]}` {
		t.Errorf("no entries: %s, %v", js, err)
	}
	js, err = c.DecodeJSON(nil, nil)
	if err != nil || string(js) != `{}` {
		t.Errorf("empty message: %s, %v", js, err)
	}
}

func TestMaximumStorage(t *testing.T) {
	c := compile(t, nested, Options{Storage: Maximum})
	const doc = `{"head":"HH","n":1,"grp":[{"k":1,"it":[{"amt":1,"tx":"a"}]}],"tail":99}`
	msg, err := c.EncodeJSON(nil, []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	want := "HH1101a00 00 00 " + strings.Repeat("100 00 00 00 ", 0) + "000 00 00 00 " + "000 00 00 00 " + "99"
	if string(msg) != string(ebcdic(t, want)) {
		t.Errorf("got %x\nwant %x", msg, ebcdic(t, want))
	}
	js, err := c.DecodeJSON(nil, msg)
	if err != nil || string(js) != doc {
		t.Errorf("got %s, %v", js, err)
	}
}

func TestRedefinesWithoutRule(t *testing.T) {
	c := compile(t, `
		01 R.
		   05 A PIC X(4).
		   05 B REDEFINES A PIC 9(4).
		   05 C REDEFINES A.
		      10 C1 PIC S9(3) COMP-3.
		      10 C2 PIC X(2).
		   05 D PIC X.
	`, Options{})
	for _, tt := range []struct{ json, hex, back, code string }{
		{`{"a":"ABCD","d":"Z"}`, "c1c2c3c4e9", ``, ""},
		{`{"b":12,"d":"Z"}`, "f0f0f1f2e9", `{"a":"0012","b":12,"d":"Z"}`, ""},
		{`{"a":"0012","b":12,"d":"Z"}`, "f0f0f1f2e9", `{"a":"0012","b":12,"d":"Z"}`, ""},
		{`{"a":"0012","b":13,"d":"Z"}`, "", ``, "redefines"},
		{`{"c":{"c1":-5,"c2":"XY"}}`, "005de7e840", `{"a":"\u0000)XY","c":{"c1":-5,"c2":"XY"},"d":""}`, ""},
		{`{"d":"Z"}`, "40404040e9", `{"a":"","d":"Z"}`, ""},
	} {
		msg, err := c.EncodeJSON(nil, []byte(tt.json))
		if code(err) != tt.code {
			t.Errorf("%s: %v, want %s", tt.json, err, tt.code)
		}
		if tt.code != "" {
			continue
		}
		if string(msg) != string(unhex(t, tt.hex)) {
			t.Errorf("%s: %x, want %s", tt.json, msg, tt.hex)
		}
		want := tt.back
		if want == "" {
			want = tt.json
		}
		js, err := c.DecodeJSON(nil, msg)
		if err != nil || string(js) != want {
			t.Errorf("%s: decodes to %s, %v, want %s", tt.hex, js, err, want)
		}
	}
}

func TestDiscriminator(t *testing.T) {
	rule := func(by string) Options {
		return Options{Rules: []*specs.FieldRule{{Name: "A", Redefines: &specs.RedefinesRule{
			By: specs.Text{Value: by},
			Choices: []specs.RedefinesChoice{
				{Value: specs.Text{Value: "1"}, Field: specs.Text{Value: "B"}},
				{Value: specs.Text{Value: "02"}, Field: specs.Text{Value: "C"}},
			},
		}}}}
	}
	const before = "01 R.\n05 T PIC 9(2).\n05 A PIC X(4).\n05 B REDEFINES A PIC 9(4).\n05 C REDEFINES A.\n10 C1 PIC 9(2).\n10 C2 PIC X(5)."
	const behind = "01 R.\n05 A PIC X(4).\n05 B REDEFINES A PIC 9(4).\n05 C REDEFINES A.\n10 C1 PIC 9(2).\n10 C2 PIC X(5).\n05 T PIC 9(2)."
	for _, src := range []string{before, behind} {
		c := compile(t, src, rule("T"))
		for _, tt := range []struct{ json, back, code string }{
			{`{"b":12}`, `{"t":1,"b":12}`, ""},
			{`{"t":1,"b":12}`, `{"t":1,"b":12}`, ""},
			{`{"t":2,"b":12}`, ``, "discriminator"},
			{`{"c":{"c1":1,"c2":"x"}}`, `{"t":2,"c":{"c1":1,"c2":"x"}}`, ""},
			{`{"t":3,"a":"qqqq"}`, `{"t":3,"a":"qqqq"}`, ""},
			{`{"t":1,"a":"qqqq"}`, ``, "discriminator"},
			{`{"a":"qqqq"}`, ``, "discriminator"},
			{`{"t":2}`, `{"t":2,"c":{"c1":0,"c2":""}}`, ""},
			{`{"t":1}`, `{"t":1,"b":0}`, ""},
		} {
			msg, err := c.EncodeJSON(nil, []byte(tt.json))
			if code(err) != tt.code {
				t.Errorf("%s: %v, want %q", tt.json, err, tt.code)
			}
			if err != nil {
				continue
			}
			want := tt.back
			if src == behind {
				t0, rest, _ := strings.Cut(strings.Trim(want, "{"), ",")
				want = "{" + strings.TrimSuffix(rest, "}") + "," + t0 + "}"
			}
			js, err := c.DecodeJSON(nil, msg)
			if err != nil || string(js) != want {
				t.Errorf("%s: %x decodes to %s, %v, want %s", tt.json, msg, js, err, want)
			}
		}
	}
}
