// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
)

// roundTrip encodes a document, compares the bytes and decodes them again.
func roundTrip(t *testing.T, c *Codec, doc, hex, back string) {
	t.Helper()
	msg, err := c.EncodeJSON(nil, []byte(doc))
	if err != nil || !bytes.Equal(msg, unhex(t, hex)) {
		t.Errorf("%s: %x, %v, want %s", doc, msg, err, hex)
		return
	}
	js, err := c.DecodeJSON(nil, msg)
	if err != nil || string(js) != back {
		t.Errorf("%s: %s, %v, want %s", hex, js, err, back)
	}
}

// Double-byte text: IBM-300 has HIRAGANA A at X'4481'; in PIC X it stands between SO and SI.
func TestDoubleByte(t *testing.T) {
	jp := Options{Page: page(t, "cp939")}
	c := compile(t, "01 R.\n05 G PIC G(2) DISPLAY-1.\n05 X PIC X(6).", jp)
	roundTrip(t, c, `{"g":"あ","x":"あA"}`, "4481 4040 0e4481 0f c1 40", `{"g":"あ","x":"あA"}`)
	for doc, want := range map[string]string{`{"x":"ああ"}`: "", `{"x":"ああA"}`: "length", `{"g":"A"}`: "unmappable", `{"g":"あああ"}`: "length"} {
		if _, err := c.EncodeJSON(nil, []byte(doc)); code(err) != want {
			t.Errorf("%s: %v, want %q", doc, err, want)
		}
	}
	for h, want := range map[string]string{"4481 4040 0e4481404040": "text", "4481 4040 0e44810f4040": ""} {
		if _, err := c.DecodeJSON(nil, unhex(t, h)); code(err) != want {
			t.Errorf("%s: %v, want %q", h, err, want)
		}
	}
	jp.Policy.Overflow = OverflowTruncate
	c = compile(t, "01 R.\n05 X PIC X(6).", jp)
	roundTrip(t, c, `{"x":"ああA"}`, "0e448144810f", `{"x":"ああ"}`)
	roundTrip(t, c, `{"x":"Aああ"}`, "c10e44810f40", `{"x":"Aあ"}`)
	_, fs := Compile(book(t, "01 R.\n05 G PIC G(2) DISPLAY-1.", copybook.ZOS()), Options{})
	if !fs.HasErrors() || fs[0].Code != codeUnsupported {
		t.Errorf("PIC G without a double-byte page: %v", fs)
	}
}

func TestUTF8Page(t *testing.T) {
	c := compile(t, "01 R.\n05 X PIC X(4).\n05 N PIC S9(3).", Options{Page: page(t, "utf-8"), Dialect: copybook.GnuCOBOL()})
	roundTrip(t, c, `{"x":"é","n":-12}`, "c3a92020 303172", `{"x":"é","n":-12}`)
	if _, err := c.EncodeJSON(nil, []byte(`{"x":"ééé"}`)); code(err) != "length" {
		t.Errorf("three characters of two bytes: %v", err)
	}
	if _, err := c.DecodeJSON(nil, unhex(t, "c3c3c3c3 303030")); code(err) != "text" {
		t.Errorf("bytes that are no UTF-8: %v", err)
	}
}

func TestShapes(t *testing.T) {
	roundTrip(t, compile(t, "01 ONLY-FIELD PIC 9(2).", Options{}), `{"onlyField":7}`, "f0f7", `{"onlyField":7}`)
	roundTrip(t, compile(t, "77 X PIC X.", Options{}), `{"x":"A"}`, "c1", `{"x":"A"}`)
	// Slack bytes of SYNCHRONIZED are X'00' and no member.
	roundTrip(t, compile(t, "01 R.\n05 A PIC X.\n05 B PIC S9(9) COMP SYNC.", Options{}), `{"a":"A","b":1}`, "c1 000000 00000001", `{"a":"A","b":1}`)
	// A FILLER group gives its children to the group around it, also as an alternative.
	filler := compile(t, "01 R.\n05 A PIC X(2).\n05 FILLER REDEFINES A.\n10 B PIC 9.\n10 FILLER PIC X.\n05 FILLER.\n10 C PIC X.", Options{})
	roundTrip(t, filler, `{"b":7,"c":"C"}`, "f740 c3", `{"a":"7","b":7,"c":"C"}`)
	roundTrip(t, filler, `{"a":"?Y","c":"C"}`, "6fe8 c3", `{"a":"?Y","c":"C"}`)
	// Tables of elementary items, tables in tables.
	roundTrip(t, compile(t, "01 R.\n05 T OCCURS 2.\n10 U PIC 9 OCCURS 3.", Options{}),
		`{"t":[{"u":[1,2,3]},{"u":[4,5,6]}]}`, "f1f2f3f4f5f6", `{"t":[{"u":[1,2,3]},{"u":[4,5,6]}]}`)
	// Two tables with one counter.
	two := compile(t, "01 R.\n05 N PIC 9.\n05 T OCCURS 0 TO 3 DEPENDING ON N PIC X.\n05 U OCCURS 0 TO 3 DEPENDING ON N PIC 9.\n05 V PIC X.", Options{})
	roundTrip(t, two, `{"t":["A","B"],"u":[1,2],"v":"V"}`, "f2c1c2f1f2e5", `{"n":2,"t":["A","B"],"u":[1,2],"v":"V"}`)
	if _, err := two.EncodeJSON(nil, []byte(`{"t":["A","B"],"u":[1]}`)); code(err) != "counter" {
		t.Errorf("two lengths, one counter: %v", err)
	}
	// An optional item, and a group that is nothing but a table.
	roundTrip(t, compile(t, "01 R.\n05 N PIC 9.\n05 G.\n10 T OCCURS 0 TO 1 DEPENDING ON N PIC X.", Options{}), `{"g":{"t":[]}}`, "f0", `{"n":0,"g":{"t":[]}}`)
	// The counter in an alternative.
	roundTrip(t, compile(t, "01 R.\n05 A PIC X(2).\n05 B REDEFINES A.\n10 N PIC 9(2).\n05 T OCCURS 0 TO 3 DEPENDING ON N PIC X.", Options{Policy: Policy{}}),
		`{"b":{"n":1},"t":["Q"]}`, "f0f1d8", `{"a":"01","b":{"n":1},"t":["Q"]}`)
}

func TestNullPolicies(t *testing.T) {
	for _, tt := range []struct {
		pic, hex string
		p        Policy
	}{
		{"PIC 9(3)", "404040", Policy{Blank: SpecialNull}},
		{"PIC 9(3)", "000000", Policy{Low: SpecialNull}},
		{"PIC S9(3) COMP-3", "ffff", Policy{High: SpecialNull}},
		{"PIC S9(4) COMP", "0000", Policy{Low: SpecialNull}},
		{"PIC ZZ9", "404040", Policy{Blank: SpecialNull}},
		{"PIC 9(2) NATIONAL", "00200020", Policy{Blank: SpecialNull}},
		{"PIC 9(2) NATIONAL", "ffffffff", Policy{High: SpecialNull}},
	} {
		roundTrip(t, compile(t, "01 R.\n05 F "+tt.pic+".", Options{Policy: tt.p}), `{"f":null}`, tt.hex, `{"f":null}`)
	}
}

func TestFields(t *testing.T) {
	c := compile(t, nested, Options{})
	var got []string
	for f := range c.Fields() {
		got = append(got, f.Path+" "+f.Pointer)
		if f.Path == "R.TAIL" && (!f.Moves || f.Offset != 42 || f.Length != 2 || f.Picture != "PIC 9(2)") {
			t.Errorf("%+v", f)
		}
		if f.Path == "R.GRP" && (f.Counter != "N" || f.MinOccurs != 0 || f.MaxOccurs != 3 || f.Moves) {
			t.Errorf("%+v", f)
		}
	}
	want := "R ,R.HEAD /head,R.N /n,R.GRP /grp/*,R.GRP.K /grp/*/k,R.GRP.IT /grp/*/it/*,R.GRP.IT.AMT /grp/*/it/*/amt,R.GRP.IT.TX /grp/*/it/*/tx,R.TAIL /tail"
	if strings.Join(got, ",") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ","), want)
	}
	if lo, hi := c.Size(); lo != 5 || hi != 44 {
		t.Errorf("size is %d to %d", lo, hi)
	}
}

func TestVariableInRedefines(t *testing.T) {
	const src = "01 R.\n05 N PIC 9.\n05 A PIC X(4).\n05 B REDEFINES A.\n10 T OCCURS 0 TO 4 DEPENDING ON N PIC X."
	bk, fs := copybook.Parse("t.cpy", []byte(indent(src)), copybook.Options{Dialect: copybook.GnuCOBOL()})
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	if _, fs = Compile(bk.Records[0], Options{}); !fs.HasErrors() || fs[0].Code != codeUnsupported {
		t.Errorf("at actual length: %v", fs)
	}
	c, fs := Compile(bk.Records[0], Options{Storage: Maximum})
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	roundTrip(t, c, `{"b":{"t":["X","Y"]}}`, "f2e7e84040", `{"n":2,"a":"XY","b":{"t":["X","Y"]}}`)
}

func TestLimits(t *testing.T) {
	_, fs := Compile(book(t, "01 R.\n05 A PIC X(100).", copybook.ZOS()), Options{Limits: Limits{Record: 99}})
	if !fs.HasErrors() || fs[0].Code != codeTooLarge {
		t.Errorf("record of 100 bytes: %v", fs)
	}
	c := compile(t, "01 R.\n05 T OCCURS 10.\n10 U OCCURS 10 PIC X.", Options{Limits: Limits{Entries: 60}})
	if _, err := c.DecodeJSON(nil, bytes.Repeat([]byte{0x40}, 100)); code(err) != "entries" {
		t.Errorf("110 entries: %v", err)
	}
	doc := `{"t":[` + strings.TrimSuffix(strings.Repeat(`{"u":["1","2","3","4","5","6","7","8","9","0"]},`, 10), ",") + `]}`
	if _, err := c.EncodeJSON(nil, []byte(doc)); code(err) != "entries" {
		t.Errorf("110 entries: %v", err)
	}
}

// TestNoAllocations: in steady state nothing is allocated for a record.
func TestNoAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes allocations of its own")
	}
	for _, r := range benchRecords() {
		c := compile(t, r.book, Options{})
		doc := []byte(r.doc)
		msg, err := c.EncodeJSON(nil, doc)
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]byte, 0, 2*len(doc))
		if n := testing.AllocsPerRun(20, func() { dst, _ = c.DecodeJSON(dst[:0], msg) }); n >= 1 {
			t.Errorf("%s: decode makes %v allocations", r.name, n)
		}
		if n := testing.AllocsPerRun(20, func() { dst, _ = c.EncodeJSON(dst[:0], doc) }); n >= 1 {
			t.Errorf("%s: encode makes %v allocations", r.name, n)
		}
		want := &transforms.Capture{Type: c.Type(), Slot: -1, Size: 2, Members: []*transforms.Capture{
			{Type: c.Type().Members[0], Slot: 0}, {Type: c.Type().Members[2], Slot: 1},
		}}
		rd, _ := c.Reader(want)
		slots := &transforms.Slots{}
		if n := testing.AllocsPerRun(20, func() { slots.Reset(2); _ = rd.Read(msg, slots, 0) }); n >= 1 {
			t.Errorf("%s: read makes %v allocations", r.name, n)
		}
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	c := fuzzCodec(t)
	seeds := fuzzSeeds(t, c)
	done := make(chan error)
	for i := range 4 {
		go func() {
			for range 50 {
				js, err := c.DecodeJSON(nil, seeds[i%2])
				if err == nil {
					_, err = c.EncodeJSON(nil, js)
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestSensitive(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X.", Options{Rules: []*specs.FieldRule{{Name: "A", Sensitive: true}}})
	if !c.Type().Members[0].Sensitive {
		t.Error("sensitive is lost")
	}
}

// TestWhole: a record is whole when every field of it is there, tables with the entries that they have.
func TestWhole(t *testing.T) {
	c := compile(t, "01 R.\n05 N PIC 9.\n05 T PIC X(2) OCCURS 0 TO 3 DEPENDING ON N.\n05 Z PIC X.", Options{})
	for msg, whole := range map[string]bool{
		"f0 e9": true, "f2 c1c1 c2c2 e9": true, "f3 c1c1 c2c2 c3c3 e9": true,
		"": false, "f0": false, "f2 c1c1 c2c2": false, "f2 c1c1": false, "f2 c1": false,
	} {
		if err := c.Whole(unhex(t, msg)); (err == nil) != whole || err != nil && code(err) != "short" {
			t.Errorf("%s: %v", msg, err)
		}
	}
}
