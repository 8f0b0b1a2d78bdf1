// SPDX-License-Identifier: Apache-2.0

package record

import (
	"testing"

	"lintel/transforms/copybook"
)

func TestPolicies(t *testing.T) {
	decode := func(pic, h string, p Policy) (string, string) {
		c := compile(t, "01 R.\n05 F "+pic+".", Options{Policy: p})
		js, err := c.DecodeJSON(nil, unhex(t, h))
		return string(js), code(err)
	}
	for _, tt := range []struct {
		pic, hex string
		p        Policy
		want     string
	}{
		{"PIC X(4)", "40c14040", Policy{Trim: TrimBoth}, `{"f":"A"}`},
		{"PIC X(4)", "40c14040", Policy{Trim: TrimNone}, `{"f":" A  "}`},
		{"PIC 9(2)", "4040", Policy{Blank: SpecialZero}, `{"f":0}`},
		{"PIC 9(2)V9", "404040", Policy{Blank: SpecialZero}, `{"f":0.0}`},
		{"PIC 9(2)", "4040", Policy{Blank: SpecialNull}, `{"f":null}`},
		{"PIC 9(2)", "0000", Policy{Low: SpecialNull}, `{"f":null}`},
		{"PIC 9(2)", "ffff", Policy{High: SpecialNull}, `{"f":null}`},
		{"PIC S9(3) COMP-3", "4040", Policy{Blank: SpecialNull}, `{"f":null}`},
		{"PIC S9(3) COMP-3", "0000", Policy{Low: SpecialZero}, `{"f":0}`},
		{"PIC S9(4) COMP", "0000", Policy{Low: SpecialNull}, `{"f":null}`},
		{"PIC S9(4) COMP", "ffff", Policy{High: SpecialNull}, `{"f":null}`},
		{"PIC S9(4) COMP", "4040", Policy{}, `{"f":16448}`},
		{"PIC S9(4) COMP", "4040", Policy{Blank: SpecialZero}, `{"f":0}`},
		{"PIC ZZ9", "40f1f2", Policy{EditedText: true}, `{"f":" 12"}`},
		{"PIC X", "c1c1", Policy{Excess: ExcessIgnore}, `{"f":"A"}`},
	} {
		if got, bad := decode(tt.pic, tt.hex, tt.p); got != tt.want || bad != "" {
			t.Errorf("%s %s %+v: %s %s, want %s", tt.pic, tt.hex, tt.p, got, bad, tt.want)
		}
	}
	for _, tt := range []struct {
		pic, json string
		p         Policy
		hex, code string
	}{
		{"PIC X(2)", `"ABC"`, Policy{Overflow: OverflowTruncate}, "c1c2", ""},
		{"PIC X(2)", `"ÄÖÜ"`, Policy{Overflow: OverflowTruncate}, "63ec", ""},
		{"PIC N", `"AB"`, Policy{Overflow: OverflowTruncate}, "0041", ""},
		{"PIC X(2) JUST", `"ABC"`, Policy{Overflow: OverflowTruncate}, "c2c3", ""},
		{"PIC X(2) JUST", `"A"`, Policy{Overflow: OverflowTruncate}, "40c1", ""},
		{"PIC X(2) JUST", `"ABC"`, Policy{}, "", "length"},
		{"PIC X(2) JUST", `"Ä\u00d6Ü"`, Policy{Overflow: OverflowTruncate}, "ecfc", ""},
		{"PIC X(2) JUST", `"€\\\"C"`, Policy{Overflow: OverflowTruncate}, "7fc3", ""},
		{"PIC X(2) JUST", `"AB€"`, Policy{Overflow: OverflowTruncate}, "", "unmappable"},
		{"PIC X(2) JUST", `1234`, Policy{Overflow: OverflowTruncate}, "f3f4", ""},
		{"PIC N(2) JUST", `"ABC"`, Policy{Overflow: OverflowTruncate}, "00420043", ""},
		{"PIC N(2) JUST", `"A\ud83d\ude00"`, Policy{Overflow: OverflowTruncate}, "d83dde00", ""},
		{"PIC 9(2)", `123`, Policy{Overflow: OverflowTruncate}, "f2f3", ""},
		{"PIC 9(2)", `1.9`, Policy{Decimals: DecimalsTruncate}, "f0f1", ""},
		{"PIC 9(2)", `1.5`, Policy{Decimals: DecimalsRound}, "f0f2", ""},
		{"PIC 9(2)", `1.49`, Policy{Decimals: DecimalsRound}, "f0f1", ""},
		{"PIC 9(2)", `0.5`, Policy{Decimals: DecimalsRound}, "f0f1", ""},
		{"PIC S9(2)", `-0.5`, Policy{Decimals: DecimalsRound}, "f0d1", ""},
		{"PIC 9(2)", `0.05`, Policy{Decimals: DecimalsRound}, "f0f0", ""},
		{"PIC 9(2)", `99.5`, Policy{Decimals: DecimalsRound}, "", "overflow"},
		{"PIC 9(2)", `99.5`, Policy{Decimals: DecimalsRound, Overflow: OverflowTruncate}, "f0f0", ""},
		{"PIC X(2)", `"€"`, Policy{Unmappable: UnmappableSubstitute}, "6f40", ""},
		{"PIC X(3)", `"A€B"`, Policy{Unmappable: UnmappableSubstitute}, "c16fc2", ""},
		{"PIC ZZ9", `" 12"`, Policy{EditedText: true}, "40f1f2", ""},
		{"PIC ZZ9", `"012"`, Policy{EditedText: true}, "40f1f2", ""},
		{"PIC ZZ9", `"1 2"`, Policy{EditedText: true}, "", "edited"},
		{"PIC X VALUE 'Q'", ``, Policy{UseValue: true}, "d8", ""},
		{"PIC X VALUE 'Q'", ``, Policy{}, "40", ""},
		{"PIC 9(3) VALUE 7", ``, Policy{UseValue: true}, "f0f0f7", ""},
		{"PIC X(4) VALUE ALL 'AB'", ``, Policy{UseValue: true}, "c1c2c1c2", ""},
		{"PIC X(2) VALUE X'0102'", ``, Policy{UseValue: true}, "0102", ""},
		{"PIC X(2) VALUE LOW-VALUES", ``, Policy{UseValue: true}, "0000", ""},
		{"PIC X(2) VALUE QUOTES", ``, Policy{UseValue: true}, "7f7f", ""},
		{"PIC S9(3)V9 COMP-3 VALUE -1.5", ``, Policy{UseValue: true}, "00015d", ""},
	} {
		c := compile(t, "01 R.\n05 F "+tt.pic+".", Options{Policy: tt.p})
		doc := "{}"
		if tt.json != "" {
			doc = `{"f":` + tt.json + `}`
		}
		msg, err := c.EncodeJSON(nil, []byte(doc))
		if code(err) != tt.code || string(msg) != string(unhex(t, tt.hex)) {
			t.Errorf("%s %s %+v: %x %v, want %s%s", tt.pic, tt.json, tt.p, msg, err, tt.hex, tt.code)
		}
	}
	c := compile(t, "01 R.\n05 F PIC X.", Options{Policy: Policy{IgnoreUnknown: true}})
	if msg, err := c.EncodeJSON(nil, []byte(`{"x":{"y":[1,"}"]},"f":"A","z":null}`)); err != nil || string(msg) != string(ebcdic(t, "A")) {
		t.Errorf("unknown members: %x, %v", msg, err)
	}
	c = compile(t, "01 R.\n05 F PIC X.", Options{})
	for in, want := range map[string]string{`{"f":"A","f":"B"}`: "duplicate", `{"f":"A"} x`: "syntax", `[`: "syntax", ``: "syntax", `"A"`: "type", `[]`: "type", ` { "f" : "A" } `: ""} {
		if _, err := c.EncodeJSON(nil, []byte(in)); code(err) != want {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func TestPolicyOfField(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X(2).\n05 G.\n10 B PIC X(2).\n10 C PIC 9.", Options{
		PolicyOf: func(it *copybook.Item, around Policy) Policy {
			if it.Name == "G" {
				around.Trim = TrimNone
				around.Blank = SpecialNull
			}
			return around
		},
	})
	js, err := c.DecodeJSON(nil, ebcdic(t, "A B  "))
	if want := `{"a":"A","g":{"b":"B ","c":null}}`; err != nil || string(js) != want {
		t.Errorf("%s, %v, want %s", js, err, want)
	}
}
