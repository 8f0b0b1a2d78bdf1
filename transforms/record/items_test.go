// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/hex"
	"testing"

	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// TestDialectOfItem lays out single items with another dialect than the book's, in both directions.
func TestDialectOfItem(t *testing.T) {
	other := copybook.ZOS()
	other.Sign, other.Float, other.FloatLittle = copybook.SignFujitsu, copybook.FloatIEEE, true
	for _, tt := range []struct{ name, pic, own, rest, json string }{
		{"sign table", "PIC S9", "51", "4a", "-1"},
		{"floats", "COMP-1", "0000803f", "41100000", "1"},
		{"insertions of gnucobol", "PIC Z/ZZ9", "202f202031", "2020202031", "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := other
			if tt.name == "insertions of gnucobol" {
				d = copybook.GnuCOBOL()
			}
			src := "01 R.\n05 A " + tt.pic + ".\n05 G.\n10 B " + tt.pic + "."
			bk, fs := copybook.Parse("test.cpy", []byte(indent(src)), copybook.Options{
				Dialect:   copybook.ZOS(),
				Overrides: []copybook.Override{{Names: []string{"R", "G"}, Dialect: d}},
			})
			if fs.HasErrors() {
				t.Fatal(fs)
			}
			c, fs := Compile(bk.Records[0], Options{Page: page(t, "cp819")})
			if fs.HasErrors() {
				t.Fatal(fs)
			}
			bothWays(t, c, tt.rest+tt.own, `{"a":`+tt.json+`,"g":{"b":`+tt.json+`}}`)
		})
	}
}

// TestPageOfItem reads and writes fields that have a code page of their own.
func TestPageOfItem(t *testing.T) {
	ascii, german := page(t, "cp819"), page(t, "cp273")
	o := Options{
		Rules: []*specs.FieldRule{
			{Name: "D", Date: specs.Text{Value: "yyyy-MM-dd"}, Empty: []specs.EmptyValue{{Text: specs.Text{Value: "0000-00-00"}}}},
			{Name: "S", Enum: []specs.EnumRule{{Host: specs.Text{Value: "A"}, JSON: specs.Text{Value: "active"}}}},
		},
		PageOf: func(it *copybook.Item, around *codepage.Page) *codepage.Page {
			switch it.Name {
			case "G":
				return ascii
			case "H":
				return german
			case "V":
				return nil
			}
			return around
		},
		Policy: Policy{UseValue: true},
	}
	c := compile(t, "01 R.\n05 X PIC X(2).\n05 G.\n10 T PIC X(2).\n10 N PIC S9(2).\n10 L PIC S9 SIGN LEADING SEPARATE.\n10 E PIC $ZZ9-.\n"+
		"10 D PIC X(10).\n10 S PIC X.\n10 P PIC S9 COMP-3.\n10 H PIC X.\n10 V PIC X(3) VALUE ALL '*'.\n05 Y PIC X.", o)
	const head, tail = "6340 c420 314b 2d31 242031322d", "41 1d 4a 2a2a2a c1"
	const begin, end = `{"x":"Ä","g":{"t":"Ä","n":-12,"l":-1,"e":-12,"d":`, `,"s":"active","p":-1,"h":"Ä","v":"***"},"y":"A"}`
	bothWays(t, c, head+"323032342d30322d3239"+tail, begin+`"2024-02-29"`+end)
	bothWays(t, c, head+"303030302d30302d3030"+tail, begin+`null`+end)

	out, err := c.EncodeJSON(nil, []byte(`{"g":{"d":null,"s":"active"}}`))
	if want := unhex(t, "4040 2020 307b 2b30 2420203020 303030302d30302d3030 41 0c 40 2a2a2a 40"); err != nil || string(out) != string(want) {
		t.Errorf("defaults: %x, %v, want %x", out, err, want)
	}
	for f := range c.Fields() {
		want := map[string]string{"X": "cp037", "G": ascii.Name(), "T": ascii.Name(), "H": german.Name(), "V": ascii.Name(), "Y": "cp037"}[f.Item.Name]
		if want != "" && f.Page.Name() != want {
			t.Errorf("page of %s is %s, want %s", f.Item.Name, f.Page.Name(), want)
		}
	}
}

// TestDoubleBytesOfItem has a group in a page with double bytes inside a record whose page has none.
func TestDoubleBytesOfItem(t *testing.T) {
	mixed := page(t, "cp939")
	c := compile(t, "01 R.\n05 X PIC X(2).\n05 G.\n10 T PIC X(6).\n10 D PIC G(2).\n10 J PIC X(7) JUST.", Options{
		PageOf: func(it *copybook.Item, around *codepage.Page) *codepage.Page {
			if it.Name == "G" {
				return mixed
			}
			return around
		},
		Policy: Policy{Overflow: OverflowTruncate},
	})
	bothWays(t, c, "c1c2 0e45620f4040 45624562 c10e45620fc240", `{"x":"AB","g":{"t":"日","d":"日日","j":"A日B "}}`)
	// What does not fit goes on the left, in whole characters, and is not looked at.
	for in, want := range map[string]string{
		"日日日AB": "400e45620fc1c2", "日本A": "0e456245660fc1", "A日B日C": "40c20e45620fc3", "XXXXXABCDEFG": "c1c2c3c4c5c6c7",
		"€€日本AB": "400e45660fc1c2", "€日AB": "unmappable", "€€日AB": "unmappable",
	} {
		out, err := c.EncodeJSON(nil, []byte(`{"g":{"j":"`+in+`"}}`))
		if got := hex.EncodeToString(out[min(12, len(out)):]) + code(err); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// bothWays decodes and encodes.
func bothWays(t *testing.T, c *Codec, h, json string) {
	t.Helper()
	if js, err := c.DecodeJSON(nil, unhex(t, h)); err != nil || string(js) != json {
		t.Errorf("decode: %s, %v, want %s", js, err, json)
	}
	if out, err := c.EncodeJSON(nil, []byte(json)); err != nil || string(out) != string(unhex(t, h)) {
		t.Errorf("encode: %x, %v, want %s", out, err, h)
	}
}
