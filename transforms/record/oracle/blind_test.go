// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"testing"

	"lintel/transforms/copybook"
)

// TestNotBlind gives the codec rules that are wrong for the compiler: the oracle must see each, and
// make the record that shows it small.
func TestNotBlind(t *testing.T) {
	needCOBOL(t)
	tests := []struct {
		name   string
		source string
		spoil  func(d *copybook.Dialect)
		check  string
		fields int
	}{
		{"sign table", "01 R.\n 05 A PIC X(3).\n 05 B PIC S9(4).\n 05 C PIC 9(2) COMP.", func(d *copybook.Dialect) { d.Sign = copybook.SignFujitsu }, "bytes", 1},
		{"byte order", "01 R.\n 05 A PIC 9(4) COMP.\n 05 B PIC 9(4) COMP-5.", func(d *copybook.Dialect) { d.NativeLittle = false }, "bytes", 1},
		{"binary sizes", "01 R.\n 05 A PIC X.\n 05 B PIC 9(2) COMP.", func(d *copybook.Dialect) { d.BinarySize = copybook.Sizes248 }, "places", 1},
		{"alignment", "01 R.\n 05 A PIC X.\n 05 B PIC 9(4) COMP SYNC.", func(d *copybook.Dialect) { d.Sync = copybook.SyncNone }, "places", 2},
		{"float format", "01 R.\n 05 A PIC X.\n 05 B COMP-1.", func(d *copybook.Dialect) { d.Float = copybook.FloatHex }, "bytes", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := plays()[0]
			tt.spoil(&p.dialect)
			l, err := layoutOf(&p, tt.source)
			if err != nil {
				t.Fatal(err)
			}
			l.text = "" // so that it can be made smaller
			failures, err := compare(t, &p, []*layout{l}, roundsOf)
			if err != nil || len(failures) == 0 {
				t.Fatalf("the oracle saw nothing: %v", err)
			}
			small := shrink(t, &p, failures[0])
			if small.check != tt.check {
				t.Errorf("%s differs, want %s\n%s", small.check, tt.check, small.detail)
			}
			if n := len(small.l.items()) - 1; n != tt.fields {
				t.Errorf("made as small as %d fields, want %d\n%s", n, tt.fields, small.l.source())
			}
		})
	}
}
