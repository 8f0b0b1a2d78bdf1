// SPDX-License-Identifier: Apache-2.0

package record

import (
	"testing"

	"lintel/transforms/copybook"
)

// The dialect fujitsu, each rule by itself. No Fujitsu compiler was at hand; the sources are:
//
//   - signs: JRecord's conversion for its binary format "Fujitsu": the last byte of a signed number has
//     the zone X'4' for plus and X'5' for minus, which in ASCII are @ A-I and P-Y;
//   - binary sizes and order: NetCOBOL Language Reference, USAGE clause: 1 to 4, 5 to 9 and 10 to 18 digits
//     take 2, 4 and 8 bytes; COMP and BINARY are big-endian everywhere, COMP-5 has the order of the machine;
//   - packed decimal: the same manual: sign nibbles C, D and F, as on the mainframe;
//   - COMP-1 and COMP-2: IEEE 754 in the order of the machine.
//
// For the boundaries of SYNCHRONIZED no source was found: the dialect takes those of the machine, which
// differ from z/OS for binary items of 8 bytes only (option sync).
func TestFujitsu(t *testing.T) {
	checkVectors(t, Options{Dialect: copybook.Fujitsu(), Page: page(t, "iso8859-1")}, []vector{
		{"PIC S9(3)", "120", "313240", ""},
		{"PIC S9(3)", "121", "313241", ""},
		{"PIC S9(3)", "129", "313249", ""},
		{"PIC S9(3)", "-120", "313250", ""},
		{"PIC S9(3)", "-121", "313251", ""},
		{"PIC S9(3)", "-129", "313259", ""},
		{"PIC S9(3)", "", "313239", "129"},
		{"PIC S9(3) SIGN LEADING", "-129", "513239", ""},
		{"PIC 9(3)", "129", "313239", ""},
		{"PIC S9(3) SIGN TRAILING SEPARATE", "-129", "3132392d", ""},
		{"PIC S9(4) COMP", "-2", "fffe", ""},
		{"PIC 9(2) COMP", "5", "0005", ""},
		{"PIC S9(9) BINARY", "1", "00000001", ""},
		{"PIC S9(10) COMP", "1", "0000000000000001", ""},
		{"PIC S9(4) COMP-5", "-2", "feff", ""},
		{"PIC 9(9) COMP-5", "4294967295", "ffffffff", ""},
		{"PIC S9(18) COMP-5", "1", "0100000000000000", ""},
		{"PIC S9(5) COMP-3", "-12345", "12345d", ""},
		{"PIC S9(5) COMP-3", "12345", "12345c", ""},
		{"PIC 9(5) COMP-3", "12345", "12345f", ""},
		{"COMP-1", "3.14", "c3f54840", ""},
		{"COMP-2", "0.1", "9a9999999999b93f", ""},
	})
	for in, want := range map[string]string{"12P": `{"f":-120}`, "12@": `{"f":120}`, "12p": "sign", "12{": "sign", "12 ": "sign", "1A3": "not-numeric"} {
		c := compile(t, "01 R.\n05 F PIC S9(3).", Options{Dialect: copybook.Fujitsu(), Page: page(t, "iso8859-1")})
		if js, err := c.DecodeJSON(nil, []byte(in)); string(js)+code(err) != want {
			t.Errorf("%s: %s, %v, want %s", in, js, err, want)
		}
	}
	for clause, want := range map[string]int{"PIC S9(4) COMP SYNC": 2, "PIC S9(9) COMP SYNC": 4, "PIC S9(18) COMP SYNC": 8, "COMP-1 SYNC": 4, "COMP-2 SYNC": 8} {
		b, fs := copybook.Parse("f.cpy", []byte("01 R.\n05 A PIC X.\n05 F "+clause+".\n"), copybook.Options{Dialect: copybook.Fujitsu()})
		if b == nil {
			t.Fatal(fs)
		}
		if got := b.Records[0].Children[1].Offset; got != want {
			t.Errorf("%s stands at %d, want %d", clause, got, want)
		}
	}
}
