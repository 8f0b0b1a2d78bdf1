// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// fuzzBook has an item of every kind.
const fuzzBook = `
	01 R.
	   05 KIND PIC X.
	      88 IS-A VALUE 'A'.
	      88 IS-B VALUE 'B'.
	   05 ZONED PIC S9(5)V99.
	   05 LEAD PIC S9(3) SIGN LEADING SEPARATE.
	   05 PACK PIC S9(7)V99 COMP-3.
	   05 BIN PIC S9(9) COMP.
	   05 FULL PIC 9(18) COMP-5.
	   05 FL COMP-2.
	   05 ED PIC $$,$$9.99CR.
	   05 NAT PIC N(4).
	   05 UTF PIC U(2).
	   05 DAY-OF PIC 9(8).
	   05 N PIC 9(2).
	   05 BODY PIC X(6).
	   05 BODY-A REDEFINES BODY PIC 9(6).
	   05 BODY-B REDEFINES BODY.
	      10 B1 PIC S9(3) COMP-3.
	      10 B2 PIC X(4).
	   05 FREE PIC X(4).
	   05 FREE-N REDEFINES FREE PIC 9(4).
	   05 GRP OCCURS 0 TO 20 DEPENDING ON N.
	      10 K PIC 9.
	      10 IT OCCURS 1 TO 4 DEPENDING ON K.
	         15 AMT PIC 9(2).
	         15 TX PIC X JUSTIFIED.
	   05 TAIL PIC X(3).
`

func fuzzCodec(t testing.TB) *Codec {
	return compile(t, fuzzBook, Options{Limits: Limits{Entries: 100}, Rules: []*specs.FieldRule{
		{Name: "DAY-OF", Date: txt("yyyyMMdd"), Empty: []specs.EmptyValue{{Text: txt("00000000")}}},
		{Name: "BODY", Redefines: &specs.RedefinesRule{By: txt("KIND"), Choices: []specs.RedefinesChoice{
			{Value: txt("A"), Field: txt("BODY-A")}, {Value: txt("B"), Field: txt("BODY-B")},
		}}},
	}})
}

func fuzzSeeds(t testing.TB, c *Codec) [][]byte {
	var out [][]byte
	for _, doc := range []string{
		`{"kind":"isA","bodyA":12,"dayOf":"2024-01-31","free":"ABCD"}`,
		`{"kind":"isB","bodyB":{"b1":-5,"b2":"x"},"dayOf":null,"fl":1.5,"ed":-1.5,"freeN":7,"grp":[{"it":[{"amt":1,"tx":"q"}]},{"it":[{},{}]}],"tail":"end"}`,
	} {
		msg, err := c.EncodeJSON(nil, []byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, msg)
	}
	return out
}

// FuzzDecode: any bytes are decoded or refused; what is decoded is JSON, encodes to a record that
// decodes to the same, and a reader sees the same as the decoder.
func FuzzDecode(f *testing.F) {
	c := fuzzCodec(f)
	for _, s := range fuzzSeeds(f, c) {
		f.Add(s)
	}
	r, _ := c.Reader(&transforms.Capture{Type: c.Type(), Slot: 0, Size: 1})
	f.Fuzz(func(t *testing.T, msg []byte) {
		js, err := c.DecodeJSON(nil, msg)
		slots := &transforms.Slots{}
		slots.Reset(1)
		if rerr := r.Read(msg, slots, 0); err == nil && rerr != nil {
			t.Fatalf("decoded but not read: %v", rerr)
		}
		if err != nil {
			return
		}
		if v := slots.At(0); v.Kind == transforms.Host {
			if out, err := v.AppendJSON(nil); err != nil || !bytes.Equal(out, js) {
				t.Fatalf("reader: %s, %v\ndecoder: %s", out, err, js)
			}
		}
		again, err := c.EncodeJSON(nil, js)
		if code(err) == "overflow" {
			return // a binary number beyond its picture is read, and not written
		}
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		if len(msg) < len(again) {
			return // a short message is filled up
		}
		js2, err := c.DecodeJSON(nil, again)
		if err != nil || !bytes.Equal(js, js2) {
			t.Fatalf("%s\n%s\n%v", js, js2, err)
		}
	})
}

// FuzzExact: any bytes come back unchanged, and so they do when every field is compared with its bytes
// because the document was only spaced anew. Bytes that cannot be followed are refused then.
func FuzzExact(f *testing.F) {
	c := fuzzCodec(f)
	for _, s := range fuzzSeeds(f, c) {
		f.Add(s)
		f.Add(s[:len(s)-5])
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		js := c.DecodeExact(nil, msg)
		out, err := c.EncodeExact(nil, js)
		if err != nil || !bytes.Equal(out, msg) {
			t.Fatalf("%s: %x, %v", js, out, err)
		}
		out, err = c.EncodeExact(nil, append([]byte("{ "), js[1:]...))
		if err != nil || !bytes.Equal(out, msg) {
			t.Fatalf("spaced anew: %s: %x, %v", js, out, err)
		}
	})
}

// FuzzEncode: any JSON is encoded or refused, within the greatest length, and what is encoded can
// be decoded.
func FuzzEncode(f *testing.F) {
	c := fuzzCodec(f)
	for _, s := range fuzzSeeds(f, c) {
		js, err := c.DecodeJSON(nil, s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(js)
	}
	f.Add([]byte(`{"grp":[{"it":[{"amt":1}]},{"k":2,"it":[{},{}]}],"n":2,"zoned":1e3,"utf":"é"}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		msg, err := c.EncodeJSON(nil, doc)
		if err != nil {
			return
		}
		if lo, hi := c.Size(); len(msg) < lo || len(msg) > hi {
			t.Fatalf("%d bytes are not within %d to %d", len(msg), lo, hi)
		}
		if _, err := c.DecodeJSON(nil, msg); err != nil && code(err) != "enum" && code(err) != "date" && code(err) != "text" {
			t.Fatalf("%s\n%x\n%v", doc, msg, err)
		}
	})
}

// FuzzScan: the scanner stays within any text.
func FuzzScan(f *testing.F) {
	c := fuzzCodec(f)
	f.Add([]byte(`{"a":[1,{"b":"\""}],"c`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = c.encoder.write(nil, text, nil)
		if end := transforms.SkipValue(text, 0); end > len(text) {
			t.Fatal(end)
		}
	})
}
