// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16be is text as national characters, in hexadecimal.
func utf16be(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		const digits = "0123456789abcdef"
		b.WriteByte(digits[u>>12])
		b.WriteByte(digits[u>>8&15])
		b.WriteByte(digits[u>>4&15])
		b.WriteByte(digits[u&15])
	}
	return b.String()
}

// National numbers are what the same picture gives in DISPLAY, each character in UTF-16 (Enterprise
// COBOL for z/OS Language Reference, "Data categories and PICTURE rules": numeric-edited and external
// floating-point items may have USAGE NATIONAL).
func TestNationalNumbers(t *testing.T) {
	for _, tt := range []struct{ pic, json, text string }{
		{"PIC $$,$$9.99CR", "-1234.50", "$1,234.50CR"},
		{"PIC ZZ9.99-", "-12.34", " 12.34-"},
		{"PIC ZZZ", "0", "   "},
		{"PIC 99/99/99", "311299", "31/12/99"},
		{"PIC -9.99E+99", "-1.23E4", "-1.23E+04"},
		{"PIC +9V99E-99", "1.23E-4", "+123E-04"},
		{"PIC 9(4)", "1234", "1234"},
		{"PIC S9(3)V9 SIGN LEADING SEPARATE", "-12.5", "-0125"},
		{"PIC S9(3) SIGN TRAILING SEPARATE", "123", "123+"},
	} {
		checkVectors(t, Options{}, []vector{{tt.pic + " NATIONAL", tt.json, utf16be(t, tt.text), ""}})
	}
	c := compile(t, "01 R.\n05 F PIC ZZ9 NATIONAL.", Options{Policy: Policy{EditedText: true}})
	if js, err := c.DecodeJSON(nil, unhex(t, utf16be(t, " 12"))); err != nil || string(js) != `{"f":" 12"}` {
		t.Errorf("as text: %s, %v", js, err)
	}
	special := Options{Policy: Policy{Blank: SpecialNull, Low: SpecialZero, High: SpecialNull}}
	for _, pic := range []string{"9(2)", "Z9"} {
		c = compile(t, "01 R.\n05 F PIC "+pic+" NATIONAL.", special)
		for in, want := range map[string]string{"00200020": "null", "00000000": "0", "ffffffff": "null", "00310037": "17"} {
			if js, err := c.DecodeJSON(nil, unhex(t, in)); err != nil || string(js) != `{"f":`+want+`}` {
				t.Errorf("%s %s: %s, %v", pic, in, js, err)
			}
		}
		if msg, err := c.EncodeJSON(nil, []byte(`{"f":null}`)); err != nil || string(msg) != "\x00 \x00 " {
			t.Errorf("%s null: %x, %v", pic, msg, err)
		}
		for _, in := range []string{"00ff00ff", "01300131", "0030ffff"} {
			if js, err := c.DecodeJSON(nil, unhex(t, in)); code(err) != "not-numeric" && code(err) != "edited" {
				t.Errorf("%s %s: %s, %v", pic, in, js, err)
			}
		}
	}
	c = compile(t, "01 R.\n05 F PIC Z9 NATIONAL VALUE SPACES.", Options{Policy: Policy{UseValue: true}})
	if msg, err := c.EncodeJSON(nil, []byte(`{}`)); err != nil || string(msg) != "\x00 \x00 " {
		t.Errorf("VALUE SPACES: %x, %v", msg, err)
	}
}

// PIC U(n) counts characters of one to four bytes and pads with X'20' (Enterprise COBOL for z/OS
// Programming Guide, "Defining UTF-8 data items"); BYTE-LENGTH counts bytes.
func TestUTF8Characters(t *testing.T) {
	const blank = "20"
	checkVectors(t, Options{}, []vector{
		{"PIC U(2)", `"AB"`, "4142" + strings.Repeat(blank, 6), ""},
		{"PIC U(2)", `"é😀"`, "c3a9f09f9880" + strings.Repeat(blank, 2), ""},
		{"PIC U(2)", `"😀😀"`, "f09f9880f09f9880", ""},
		{"PIC U(2)", `""`, strings.Repeat(blank, 8), ""},
		{"PIC U(2)", `12`, "3132" + strings.Repeat(blank, 6), `"12"`},
		{"PIC U(3) JUSTIFIED", `"é"`, "2020c3a9" + strings.Repeat(blank, 8), ""},
		{"PIC U BYTE-LENGTH 6", `"é😀"`, "c3a9f09f9880", ""},
		{"PIC U BYTE-LENGTH 5", `"é"`, "c3a9202020", ""},
	})
	for _, tt := range []struct {
		pic, json, want string
		overflow        Overflow
	}{
		{"PIC U(2)", `"ABC"`, "length", OverflowReject},
		{"PIC U BYTE-LENGTH 5", `"é😀"`, "length", OverflowReject},
		{"PIC U(2)", `"ABC"`, "AB      ", OverflowTruncate},
		{"PIC U(2) JUSTIFIED", `"ABé"`, "Bé     ", OverflowTruncate},
	} {
		c := compile(t, "01 R.\n05 F "+tt.pic+".", Options{Policy: Policy{Overflow: tt.overflow}})
		msg, err := c.EncodeJSON(nil, []byte(`{"f":`+tt.json+`}`))
		if code(err) != tt.want && string(msg) != tt.want {
			t.Errorf("%s %s: %q, %v, want %s", tt.pic, tt.json, msg, err, tt.want)
		}
	}
	c := compile(t, "01 R.\n05 F PIC U(2).", Options{})
	if js, err := c.DecodeJSON(nil, []byte("ABC     ")); code(err) != "length" {
		t.Errorf("too many characters: %s, %v", js, err)
	}
	if js, err := c.DecodeJSON(nil, []byte("A\xff      ")); code(err) != "text" {
		t.Errorf("no UTF-8: %s, %v", js, err)
	}
	if typ := c.Type().Member("f"); typ.MaxLength != 2 {
		t.Errorf("greatest length %d", typ.MaxLength)
	}
	whole := compile(t, "01 R.\n05 F PIC U(2).", Options{Policy: Policy{Trim: TrimNone}})
	if js, err := whole.DecodeJSON(nil, []byte("é      ")); err != nil || string(js) != `{"f":"é "}` {
		t.Errorf("not trimmed: %s, %v", js, err)
	}
}

// Digits beyond the mantissa are rounded or cut where a policy says so, and the exponent follows.
func TestFloatEditedDecimals(t *testing.T) {
	for _, tt := range []struct {
		json, want string
		decimals   Decimals
	}{
		{"1.236", "scale", DecimalsReject},
		{"1.236", "+1.24E+00", DecimalsRound},
		{"1.236", "+1.23E+00", DecimalsTruncate},
		{"9.996", "+1.00E+01", DecimalsRound},
		{"-0.0099951", "-1.00E-02", DecimalsRound},
		{"9.996", "+9.99E+00", DecimalsTruncate},
		{"12345", "+1.23E+04", DecimalsTruncate},
		{"9.996E99", "overflow", DecimalsRound},
	} {
		for _, overflow := range []Overflow{OverflowReject, OverflowTruncate} {
			c := compile(t, "01 R.\n05 F PIC +9.99E+99.", Options{Policy: Policy{Decimals: tt.decimals, Overflow: overflow}})
			msg, err := c.EncodeJSON(nil, []byte(`{"f":`+tt.json+`}`))
			if code(err) != tt.want && string(msg) != string(ebcdic(t, tt.want)) {
				t.Errorf("%s: %x, %v, want %s", tt.json, msg, err, tt.want)
			}
		}
	}
}
