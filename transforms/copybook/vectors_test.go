// SPDX-License-Identifier: Apache-2.0

package copybook

import "testing"

// TestSizesZOS pins sizes worked out by hand from the Enterprise COBOL for z/OS Language Reference (PICTURE and USAGE clauses)
// and Programming Guide (appendix on data items in storage).
func TestSizesZOS(t *testing.T) {
	for _, c := range []struct {
		item string
		size int
	}{
		{"PIC X(1)", 1},
		{"PIC X(32767)", 32767},
		{"PIC A(3)", 3},
		{"PIC 9(18)", 18},
		{"PIC S9(18)", 18},
		{"PIC S9(31)", 31},
		{"PIC S9(17) SIGN TRAILING SEPARATE", 18},
		{"PIC S9(5)V9(3)", 8},
		{"PIC 9(3)PP", 3},
		{"PIC PP9(3)", 3},
		{"PIC ZZ,ZZ9.99CR", 11},
		{"PIC ZZ,ZZ9.99-", 10},
		{"PIC $$,$$9.99", 9},
		{"PIC $ZZZZ9999", 9},
		{"PIC ZZ9V99", 5},
		{"PIC +9.99E+99", 9},
		{"PIC -9V99E-99", 8},
		{"PIC 9(8) BLANK WHEN ZERO", 8},
		{"PIC 99V99 BLANK WHEN ZERO", 4},
		{"PIC N(5)", 10},
		{"PIC 9(5) NATIONAL", 10},
		{"PIC S9(5) NATIONAL SIGN LEADING SEPARATE", 12},
		{"PIC G(5) DISPLAY-1", 10},
		{"PIC U(5)", 20},
		{"PIC U BYTE-LENGTH 7", 7},
		{"PIC S9(1) COMP-3", 1},
		{"PIC S9(2) COMP-3", 2},
		{"PIC 9(30) COMP-3", 16},
		{"PIC S9(31) COMP-3", 16},
		{"PIC SVPP9(5) COMP-3", 3},
		{"PIC S9(4) COMP", 2},
		{"PIC S9(5) COMP", 4},
		{"PIC S9(9) COMP-5", 4},
		{"PIC S9(10) COMP-5", 8},
		{"PIC 9(4)PP COMP", 2},
		{"COMP-1", 4},
		{"COMP-2", 8},
		{"INDEX", 4},
		{"POINTER", 4},
		{"FUNCTION-POINTER", 4},
		{"PROCEDURE-POINTER", 8},
	} {
		b, found := Parse("b.cpy", []byte("01 R.\n 05 A "+c.item+".\n"), Options{})
		if b == nil {
			t.Errorf("%s: %v", c.item, found)
			continue
		}
		if got := b.Records[0].Size; got != c.size {
			t.Errorf("%s has %d bytes, want %d", c.item, got, c.size)
		}
	}
}

// TestSyncZOS pins the boundaries of the SYNCHRONIZED clause (Enterprise COBOL for z/OS Language Reference, "SYNCHRONIZED
// clause" and "Slack bytes within records"): the offset of an item behind one byte.
func TestSyncZOS(t *testing.T) {
	for _, c := range []struct {
		item   string
		offset int
	}{
		{"PIC S9(1) COMP SYNC", 2},
		{"PIC S9(4) COMP SYNC", 2},
		{"PIC S9(5) COMP SYNC", 4},
		{"PIC S9(9) BINARY SYNC", 4},
		{"PIC S9(10) COMP SYNC", 4},
		{"PIC S9(18) COMP-5 SYNC", 4},
		{"PIC 9(3)V99 COMP-4 SYNC RIGHT", 4},
		{"COMP-1 SYNC", 4},
		{"COMP-2 SYNC", 8},
		{"INDEX SYNC LEFT", 4},
		{"POINTER SYNC", 4},
		{"PIC S9(5) COMP-3 SYNC", 1},
		{"PIC S9(5) SYNC", 1},
		{"PIC X(4) SYNC", 1},
		{"PIC S9(5) COMP", 1},
		{"COMP-2", 1},
	} {
		b, found := Parse("b.cpy", []byte("01 R.\n 05 A PIC X.\n 05 B "+c.item+".\n"), Options{})
		if b == nil {
			t.Errorf("%s: %v", c.item, found)
			continue
		}
		it := b.Records[0].Children[1]
		if it.Offset != c.offset || it.Slack != c.offset-1 {
			t.Errorf("%s stands at %d with slack %d, want %d", c.item, it.Offset, it.Slack, c.offset)
		}
	}
}

// TestSyncTables: an occurrence is as long as a multiple of the greatest boundary within ("Slack bytes between
// occurrences"), nested tables included.
func TestSyncTables(t *testing.T) {
	for _, c := range []struct {
		name, book        string
		size, stride, pad int
	}{
		{"halfword", "05 T OCCURS 3.\n10 A PIC S9(4) COMP SYNC.\n10 B PIC X.\n", 12, 4, 1},
		{"doubleword", "05 T OCCURS 2.\n10 A COMP-2 SYNC.\n10 B PIC X.\n", 32, 16, 7},
		{"inner group", "05 T OCCURS 2.\n10 G.\n15 A PIC S9(9) COMP SYNC.\n10 B PIC X.\n", 16, 8, 3},
		{"nested", "05 T OCCURS 2.\n10 U OCCURS 2.\n15 A PIC S9(4) COMP SYNC.\n15 B PIC X.\n10 C PIC X.\n", 20, 10, 1},
		{"one entry", "05 T OCCURS 1.\n10 A PIC S9(4) COMP SYNC.\n10 B PIC X.\n", 3, 3, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, found := Parse("b.cpy", []byte("01 R.\n"+c.book), Options{})
			if b == nil {
				t.Fatal(found)
			}
			r := b.Records[0]
			if it := r.Children[0]; r.Size != c.size || it.Size != c.stride || it.Pad != c.pad {
				t.Errorf("record %d, entry %d, padding %d; want %d, %d, %d", r.Size, it.Size, it.Pad, c.size, c.stride, c.pad)
			}
		})
	}
}

// TestSizesMicroFocus walks the table of byte-storage mode in Micro Focus' language reference ("Selection of character
// representation and radix"): the greatest number of digits of each length.
func TestSizesMicroFocus(t *testing.T) {
	unsigned := []int{2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 26, 28, 31, 33, 36, 38}
	signed := []int{2, 4, 6, 9, 11, 14, 16, 18, 21, 23, 26, 28, 31, 33, 35, 38}
	for sign, table := range map[string][]int{"": unsigned, "S": signed} {
		for digits, size := 1, 1; digits <= 38; digits++ {
			if digits > table[size-1] {
				size++
			}
			src := "01 R PIC " + sign + "9(" + itoa(digits) + ") COMP.\n"
			b, found := Parse("b.cpy", []byte(src), Options{Dialect: MicroFocus()})
			if b == nil {
				t.Fatal(found)
			}
			if got := b.Records[0].Size; got != size {
				t.Errorf("%s has %d bytes, want %d", src, got, size)
			}
		}
	}
}
