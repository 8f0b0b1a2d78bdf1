// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"strings"
	"testing"

	"lintel/transforms/copybook"
)

// TestEditedOracle compares with what GnuCOBOL puts into edited fields, both ways.
func TestEditedOracle(t *testing.T) {
	data, err := os.ReadFile("testdata/edited.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimRight(line, "\n"), "|")
		c := compile(t, "01 R.\n05 F PIC "+f[0]+".", Options{Dialect: copybook.GnuCOBOL()})
		msg, err := c.EncodeJSON(nil, []byte(`{"f":`+f[1]+`}`))
		if err != nil {
			t.Errorf("PIC %s of %s: %v", f[0], f[1], err)
			continue
		}
		if want := ebcdic(t, f[2]); string(msg) != string(want) {
			t.Errorf("PIC %s of %s: %x, want %x", f[0], f[1], msg, want)
		}
		js, err := c.DecodeJSON(nil, msg)
		if err != nil {
			t.Errorf("PIC %s of %s: decode: %v", f[0], f[1], err)
			continue
		}
		again, err := c.EncodeJSON(nil, js)
		if err != nil || string(again) != string(msg) {
			t.Errorf("PIC %s of %s: %s became %x, %v", f[0], f[1], js, again, err)
		}
	}
}
