// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"strings"
	"testing"

	"lintel/transforms/copybook"
)

// vector is one field with a value and its bytes. Bytes are worked out by hand from the manual
// named beside them, not taken from this codec.
type vector struct {
	pic  string // PIC and USAGE
	json string
	hex  string
	back string // what the bytes decode to, if it is not json
}

func checkVectors(t *testing.T, o Options, vs []vector) {
	t.Helper()
	for _, v := range vs {
		c := compile(t, "01 R.\n05 F "+v.pic+".", o)
		if v.json != "" {
			msg, err := c.EncodeJSON(nil, []byte(`{"f":`+v.json+`}`))
			if got := fmt.Sprintf("%x", msg); err != nil || got != strings.ReplaceAll(v.hex, " ", "") {
				t.Errorf("%s: %s encodes to %s, %v; want %s", v.pic, v.json, got, err, v.hex)
			}
		}
		want := v.back
		if want == "" {
			want = v.json
		}
		js, err := c.DecodeJSON(nil, unhex(t, v.hex))
		if got := string(js); err != nil || got != `{"f":`+want+`}` {
			t.Errorf("%s: %s decodes to %s, %v; want %s", v.pic, v.hex, got, err, want)
		}
	}
}

// Enterprise COBOL for z/OS Programming Guide, "Examples: numeric data and internal representation":
// zones C, D and F in EBCDIC, separate signs X'4E' and X'60', packed C, D, F, two's complement.
func TestEnterpriseCOBOL(t *testing.T) {
	checkVectors(t, Options{}, []vector{
		{"PIC S9(4)", "1234", "f1f2f3c4", ""},
		{"PIC S9(4)", "-1234", "f1f2f3d4", ""},
		{"PIC S9(4)", "0", "f0f0f0c0", ""},
		{"PIC S9(4)", "-0", "f0f0f0c0", "0"},
		{"PIC 9(4)", "1234", "f1f2f3f4", ""},
		{"PIC 9(4)", "7", "f0f0f0f7", ""},
		{"PIC S9(4) SIGN LEADING", "1234", "c1f2f3f4", ""},
		{"PIC S9(4) SIGN LEADING", "-1234", "d1f2f3f4", ""},
		{"PIC S9(4) SIGN LEADING SEPARATE", "1234", "4ef1f2f3f4", ""},
		{"PIC S9(4) SIGN LEADING SEPARATE", "-1234", "60f1f2f3f4", ""},
		{"PIC S9(4) SIGN TRAILING SEPARATE", "1234", "f1f2f3f44e", ""},
		{"PIC S9(4) SIGN TRAILING SEPARATE", "-1234", "f1f2f3f460", ""},
		{"PIC S9(4) COMP", "1234", "04d2", ""},
		{"PIC S9(4) COMP", "-1234", "fb2e", ""},
		{"PIC S9(4) COMP-5", "12345", "3039", ""},
		{"PIC S9(4) COMP-5", "-12345", "cfc7", ""},
		{"PIC 9(4) COMP", "1234", "04d2", ""},
		{"PIC 9(4) COMP-5", "60000", "ea60", ""},
		{"PIC S9(4) COMP-3", "1234", "01234c", ""},
		{"PIC S9(4) COMP-3", "-1234", "01234d", ""},
		{"PIC 9(4) COMP-3", "1234", "01234f", ""},
		{"PIC S9(5) COMP-3", "-12345", "12345d", ""},
	})
}

func TestScale(t *testing.T) {
	checkVectors(t, Options{}, []vector{
		{"PIC S9(5)V99 COMP-3", "100.50", "0010050c", ""},
		{"PIC S9(5)V99 COMP-3", "100.5", "0010050c", "100.50"},
		{"PIC S9(5)V99 COMP-3", "1.005e2", "0010050c", "100.50"},
		{"PIC S9(5)V99 COMP-3", "10050E-2", "0010050c", "100.50"},
		{"PIC S9(5)V99 COMP-3", `"100.50"`, "0010050c", "100.50"},
		{"PIC V99", "0.05", "f0f5", ""},
		{"PIC SV9 COMP-3", "-0.5", "5d", ""},
		{"PIC 9(3)PP", "12300", "f1f2f3", ""},
		{"PIC 9(3)PP", "0", "f0f0f0", ""},
		{"PIC VPP9(3)", "0.00123", "f1f2f3", ""},
		{"PIC PP9(3)", "0.00123", "f1f2f3", ""},
		{"PIC SVPP9(5) COMP-3", "-0.0012345", "12345d", ""},
		{"PIC S9(3)PP COMP", "-12300", "ff85", ""},
		{"PIC 9(3)V99 COMP", "0.05", "00000005", ""},
		{"PIC 9(3)V99 COMP", "123.45", "00003039", ""},
		{"PIC S9(18)V9(13) COMP-3", "-999999999999999999.9999999999999", "9999999999999999999999999999999d", ""},
		{"PIC 9(18) COMP-5", "18446744073709551615", "ffffffffffffffff", ""},
		{"PIC S9(18) COMP-5", "-9223372036854775808", "8000000000000000", ""},
		{"PIC S9(18) COMP", "-999999999999999999", "f21f494c589c0001", ""},
	})
}

func TestWideDigits(t *testing.T) {
	d := copybook.GnuCOBOL()
	checkVectors(t, Options{Dialect: d}, []vector{
		{"PIC S9(38) COMP-3", "-12345678901234567890123456789012345678", "012345678901234567890123456789012345678d", ""},
		{"PIC 9(38)", "99999999999999999999999999999999999999", strings.Repeat("f9", 38), ""},
		{"PIC 9(4) COMP-6", "1234", "1234", ""},
		{"PIC 9(3) COMP-6", "123", "0123", ""},
		{"PIC 9(2) COMP-X", "255", "ff", ""},
	})
}

// The signs that NUMPROC(NOPFD) reads: Enterprise COBOL Programming Guide, NUMPROC.
func TestSignsRead(t *testing.T) {
	for _, tt := range []struct {
		pic, hex   string
		policy     Sign
		want, code string
	}{
		{"PIC S9(3) COMP-3", "123a", SignNoPfd, "123", ""},
		{"PIC S9(3) COMP-3", "123b", SignNoPfd, "-123", ""},
		{"PIC S9(3) COMP-3", "123e", SignNoPfd, "123", ""},
		{"PIC S9(3) COMP-3", "123f", SignNoPfd, "123", ""},
		{"PIC S9(3) COMP-3", "1239", SignNoPfd, "", "sign"},
		{"PIC S9(3) COMP-3", "000d", SignNoPfd, "0", ""},
		{"PIC 9(3) COMP-3", "123c", SignNoPfd, "123", ""},
		{"PIC 9(3) COMP-3", "123d", SignNoPfd, "", "sign"},
		{"PIC 9(3) COMP-3", "000d", SignNoPfd, "0", ""},
		{"PIC 9(3) COMP-3", "123d", SignLax, "123", ""},
		{"PIC S9(3) COMP-3", "123c", SignPreferred, "123", ""},
		{"PIC S9(3) COMP-3", "123f", SignPreferred, "", "sign"},
		{"PIC S9(3) COMP-3", "123a", SignPreferred, "", "sign"},
		{"PIC 9(3) COMP-3", "123f", SignPreferred, "123", ""},
		{"PIC 9(3) COMP-3", "123c", SignPreferred, "", "sign"},
		{"PIC S9(3) COMP-3", "1a3c", SignNoPfd, "", "not-numeric"},
		{"PIC S9(4) COMP-3", "11234c", SignNoPfd, "", "not-numeric"},
		{"PIC S9(3)", "f1f2f3", SignNoPfd, "123", ""},
		{"PIC S9(3)", "f1f2a3", SignNoPfd, "123", ""},
		{"PIC S9(3)", "f1f2b3", SignNoPfd, "-123", ""},
		{"PIC S9(3)", "f1f2e3", SignNoPfd, "123", ""},
		{"PIC S9(3)", "f1f283", SignNoPfd, "", "sign"},
		{"PIC S9(3)", "f1f283", SignLax, "123", ""},
		{"PIC S9(3)", "f1f2f3", SignPreferred, "", "sign"},
		{"PIC S9(3)", "f1c2f3", SignNoPfd, "", "not-numeric"},
		{"PIC S9(3) SIGN LEADING", "d1f2f3", SignNoPfd, "-123", ""},
		{"PIC S9(3) SIGN LEADING", "f1f2d3", SignNoPfd, "", "not-numeric"},
		{"PIC 9(3)", "f1f2c3", SignNoPfd, "123", ""},
		{"PIC 9(3)", "f1f2d3", SignNoPfd, "", "sign"},
		{"PIC 9(3)", "f1f2d3", SignLax, "123", ""},
		{"PIC 9(3)", "f0f0d0", SignNoPfd, "0", ""},
		{"PIC 9(3)", "f1f2fa", SignNoPfd, "", "sign"},
		{"PIC 9(3)", "40f1f2", SignNoPfd, "", "not-numeric"},
		{"PIC S9(2) SIGN TRAILING SEPARATE", "f1f240", SignNoPfd, "", "sign"},
	} {
		c := compile(t, "01 R.\n05 F "+tt.pic+".", Options{Policy: Policy{Sign: tt.policy}})
		js, err := c.DecodeJSON(nil, unhex(t, tt.hex))
		want := ""
		if tt.code == "" {
			want = `{"f":` + tt.want + `}`
		}
		if code(err) != tt.code || string(js) != want {
			t.Errorf("%s %s (%d): %s, %v; want %s%s", tt.pic, tt.hex, tt.policy, js, err, tt.want, tt.code)
		}
	}
}

// The five tables of overpunched signs in ASCII data.
func TestASCIISigns(t *testing.T) {
	for _, tt := range []struct {
		table    copybook.ASCIISign
		pos, neg string
	}{
		{copybook.SignTranslated, "12C", "12L"},
		{copybook.SignStandard, "123", "12s"},
		{copybook.SignFujitsu, "12C", "12S"},
		{copybook.SignRealia, "123", "12#"},
		{copybook.SignTandem, "123", "12\x83"},
	} {
		d := copybook.ZOS()
		d.Sign = tt.table
		c := compile(t, "01 R.\n05 F PIC S9(3).", Options{Dialect: d, Page: page(t, "iso8859-1")})
		for json, bytes := range map[string]string{`{"f":123}`: tt.pos, `{"f":-123}`: tt.neg} {
			msg, err := c.EncodeJSON(nil, []byte(json))
			if err != nil || string(msg) != bytes {
				t.Errorf("table %d: %s is %q, %v; want %q", tt.table, json, msg, err, bytes)
			}
			js, err := c.DecodeJSON(nil, []byte(bytes))
			if err != nil || string(js) != json {
				t.Errorf("table %d: %q is %s, %v; want %s", tt.table, bytes, js, err, json)
			}
		}
		js, err := c.DecodeJSON(nil, []byte("123"))
		if err != nil || string(js) != `{"f":123}` {
			t.Errorf("table %d: plain digits are %s, %v", tt.table, js, err)
		}
	}
}

// z/Architecture Principles of Operation, "Hexadecimal floating point": X'42640000' is 100,
// X'C276A000' is -118.625, and X'43142EFC' is what one well-known codec gets wrong.
func TestHexFloat(t *testing.T) {
	checkVectors(t, Options{}, []vector{
		{"COMP-1", "100", "42640000", ""},
		{"COMP-1", "-118.625", "c276a000", ""},
		{"COMP-1", "1", "41100000", ""},
		{"COMP-1", "0.5", "40800000", ""},
		{"COMP-1", "0", "00000000", ""},
		{"COMP-1", "322.937", "43142efe", ""},
		{"COMP-1", "0.1", "4019999a", ""},
		{"COMP-1", "", "43142efc", "322.9365"},
		{"COMP-1", "", "40000000", "0"},
		{"COMP-1", "", "42010000", "1"}, // not normalised
		{"COMP-2", "1", "4110000000000000", ""},
		{"COMP-2", "-118.625", "c276a00000000000", ""},
		{"COMP-2", "0.1", "401999999999999a", ""},
		{"COMP-2", "3.1415926535897931", "413243f6a8885a30", ""},
		{"COMP-2", "0.00001", "3ca7c5ac471b4784", "1e-05"},
	})
}

func TestIEEEFloat(t *testing.T) {
	d := copybook.ZOS()
	d.Float = copybook.FloatIEEE
	checkVectors(t, Options{Dialect: d}, []vector{
		{"COMP-1", "3.14", "4048f5c3", ""},
		{"COMP-1", "-1", "bf800000", ""},
		{"COMP-2", "0.1", "3fb999999999999a", ""},
		{"COMP-2", "1e+300", "7e37e43c8800759c", ""},
		{"COMP-2", "0", "0000000000000000", ""},
		{"COMP-2", "", "8000000000000000", "0"},
	})
	d.FloatLittle = true
	checkVectors(t, Options{Dialect: d}, []vector{
		{"COMP-1", "3.14", "c3f54840", ""},
		{"COMP-2", "0.1", "9a9999999999b93f", ""},
	})
}

func TestText(t *testing.T) {
	checkVectors(t, Options{}, []vector{
		{"PIC X(5)", `"AB"`, "c1c2404040", ""},
		{"PIC X(5)", `""`, "4040404040", ""},
		{"PIC X(5)", `" A"`, "40c1404040", ""},
		{"PIC X(5)", `107`, "f1f0f74040", `"107"`},
		{"PIC X(5) JUSTIFIED RIGHT", `"AB"`, "404040c1c2", ""},
		{"PIC X(5) JUSTIFIED RIGHT", `"AB "`, "4040c1c240", ""},
		{"PIC X(3)", `"é\"\\"`, "517fe0", ""},
		{"PIC X(3)", `"\u00e9\n\/"`, "512561", `"é\n/"`},
		{"PIC X(2)", "", "0015", `"\u0000` + "\u0085" + `"`},
		{"PIC A(3)", `"ABC"`, "c1c2c3", ""},
		{"PIC N(3)", `"Aé"`, "004100e90020", ""},
		{"PIC N(2)", `"😀"`, "d83dde00", ""},
		{"PIC 9(3) NATIONAL", "42", "003000340032", ""},
		{"PIC S9(3) NATIONAL SIGN TRAILING SEPARATE", "-42", "003000340032002d", ""},
		{"PIC U(2)", `"é"`, "c3a9202020202020", ""},
		{"POINTER", `"0a0b0c0d"`, "0a0b0c0d", ""},
		{"INDEX", `"00000001"`, "00000001", ""},
		{"PIC XXBXX", `"AB CD"`, "c1c240c3c4", ""},
		{"PIC 9(3) BLANK WHEN ZERO", "0", "404040", ""},
		{"PIC 9(3) BLANK WHEN ZERO", "7", "f0f0f7", ""},
		{"PIC +9.99E+99", "12.3", "4ef14bf2f3c54ef0f1", "1.23E1"},
		{"PIC -9V99E-99", "-0.00123", "60f1f2f3c560f0f3", "-1.23E-3"},
	})
}
