// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"
	"testing"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

const lenientBook = `01 R.
   05 KEY PIC 9(2).
   05 N PIC 9.
   05 T OCCURS 0 TO 3 DEPENDING ON N.
      10 A PIC 9(2).
      10 B PIC X.
   05 KIND PIC X.
   05 D PIC X(2).
   05 P REDEFINES D PIC 9(2).
   05 FILLER PIC 9.
   05 G.
      10 S PIC S9(3) COMP-3.
      10 L PIC 9(2) OCCURS 2.
`

// lenient makes all of the record but KEY null where it cannot be read.
func lenient(t *testing.T) *Codec {
	return compile(t, lenientBook, Options{Policy: Policy{Unreadable: UnreadableNull}, PolicyOf: func(it *copybook.Item, around Policy) Policy {
		if it.Name == "KEY" {
			around.Unreadable = UnreadableError
		}
		return around
	}})
}

// TestLenient reads records with broken fields: by DecodeJSON, and by readers that want all, one and
// nothing of them. All notice the same fields.
func TestLenient(t *testing.T) {
	c := lenient(t)
	for _, tt := range []struct {
		name, hex, json string
		bad             []string
	}{
		{"fine", "f0f1 f1 f0f2c1 c1 f0f3 40 001c f0f1f0f2", `{"key":1,"n":1,"t":[{"a":2,"b":"A"}],"kind":"A","d":"03","p":3,"g":{"s":1,"l":[1,2]}}`, nil},
		{"in a table", "f0f1 f2 f0f2c1 4040c2 c1 f0f3 40 001c f0f1f0f2", `{"key":1,"n":2,"t":[{"a":2,"b":"A"},{"a":null,"b":"B"}],"kind":"A","d":"03","p":3,"g":{"s":1,"l":[1,2]}}`, []string{"R.T(2).A"}},
		{"two in a group", "f0f1 f0 c1 f0f3 40 00a0 f0f14040", `{"key":1,"n":0,"t":[],"kind":"A","d":"03","p":3,"g":{"s":null,"l":[1,null]}}`, []string{"R.G.S", "R.G.L(2)"}},
		{"an alternative", "f0f1 f0 c1 c1c1 40 000c f0f1f0f2", `{"key":1,"n":0,"t":[],"kind":"A","d":"AA","g":{"s":0,"l":[1,2]}}`, nil},
		{"cut in a field", "f0f1 f0 c1 f0f3 40 00", `{"key":1,"n":0,"t":[],"kind":"A","d":"03","p":3,"g":{"s":null}}`, []string{"R.G.S"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			msg := unhex(t, tt.hex)
			if js, err := c.DecodeJSON(nil, msg); err != nil || string(js) != tt.json {
				t.Errorf("%s, %v, want %s", js, err, tt.json)
			}
			typ := c.Type()
			for what, want := range map[string]*transforms.Capture{
				"whole":   {Type: typ, Slot: 0, Size: 1},
				"nothing": {Type: typ, Slot: -1},
				"group":   {Type: typ, Slot: -1, Size: 1, Members: []*transforms.Capture{{Type: typ.Member("g"), Slot: 0}}},
			} {
				r, fs := c.Reader(want)
				if fs.HasErrors() {
					t.Fatal(fs)
				}
				var s transforms.Slots
				s.Reset(want.Size)
				if err := r.Read(msg, &s, 0); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				var names []string
				for _, f := range s.Noted() {
					names = append(names, f.Field)
				}
				if !slices.Equal(names, tt.bad) {
					t.Errorf("%s: noted %q, want %q", what, names, tt.bad)
				}
				if what == "whole" {
					if got := text(t, *s.At(0)); got != tt.json {
						t.Errorf("captured %s, want %s", got, tt.json)
					}
				}
			}
		})
	}
	for in, want := range map[string]string{"4040": "not-numeric", "f0f1 40": "counter", "f0f1 f4": "occurs"} {
		if _, err := c.DecodeJSON(nil, unhex(t, in)); code(err) != want {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
	if g := c.Type().Member("g"); !g.Member("s").Nullable || !g.Member("l").Items.Nullable || c.Type().Member("key").Nullable {
		t.Error("fields that may become null are not nullable, or others are")
	}
	if _, bad, _, err := c.DecodeTolerant(nil, unhex(t, "f0f1 f0 c1 f0f3 40 00a0 f0f14040")); err != nil || len(bad) != 2 {
		t.Errorf("tolerant: %d bad fields, %v", len(bad), err)
	}
}
