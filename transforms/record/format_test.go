// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
)

// capture wants the members with those JSON names of the type, each in the next slot.
func capture(t *transforms.Type, names ...string) *transforms.Capture {
	c := &transforms.Capture{Type: t, Slot: -1, Size: len(names)}
	for i, n := range names {
		c.Members = append(c.Members, &transforms.Capture{Type: t.Member(n), Slot: i})
	}
	return c
}

func read(t *testing.T, c *Codec, want *transforms.Capture, msg []byte) (*transforms.Slots, error) {
	t.Helper()
	r, fs := c.Reader(want)
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	s := &transforms.Slots{}
	s.Reset(want.Size)
	return s, r.Read(msg, s, 0)
}

func text(t *testing.T, v transforms.Value) string {
	t.Helper()
	out, err := v.AppendJSON(nil)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(out)
}

func TestReader(t *testing.T) {
	c := compile(t, nested, Options{})
	typ := c.Type()
	want := capture(typ, "head", "n", "grp", "tail")
	grp := want.Members[2]
	it := grp.Type.Items.Member("it")
	grp.Each = &transforms.Capture{Type: grp.Type.Items, Slot: 0, Size: 3, Members: []*transforms.Capture{
		{Type: grp.Type.Items.Member("k"), Slot: 1},
		{Type: it, Slot: 2, Each: &transforms.Capture{
			Type: it.Items, Slot: -1, Size: 1,
			Members: []*transforms.Capture{{Type: it.Items.Member("amt"), Slot: 0}},
		}},
	}}
	s, err := read(t, c, want, ebcdic(t, "HH2101a202b!3c99"))
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, *s.At(0)) + text(t, *s.At(1)) + text(t, *s.At(3)); got != `"HH"299` {
		t.Errorf("got %s", got)
	}
	rows := s.At(2)
	if rows.Kind != transforms.Array || rows.Len != 2 {
		t.Fatalf("grp is %+v", rows)
	}
	first := int(rows.First)
	if got := text(t, *s.At(first)); got != `{"k":1,"it":[{"amt":1,"tx":"a"}]}` {
		t.Errorf("whole entry: %s", got)
	}
	if got := text(t, *s.At(first + 3 + 1)); got != "2" {
		t.Errorf("k of the second: %s", got)
	}
	inner := s.At(first + 3 + 2)
	if inner.Len != 2 || text(t, *s.At(int(inner.First))) != "2" {
		t.Errorf("it of the second: %+v", inner)
	}
	// The third amount is damaged: found when it is used, with its place.
	_, err = s.At(int(inner.First) + 1).AppendJSON(nil)
	var fe *transforms.FieldError
	if !errors.As(err, &fe) || fe.Field != "R.GRP(2).IT(2).AMT" || fe.Offset != 11 {
		t.Errorf("damaged: %+v", err)
	}
	_, err = s.At(first + 3).AppendJSON(nil)
	if !errors.As(err, &fe) || fe.Field != "R.GRP(2).IT(2).AMT" || fe.Offset != 11 {
		t.Errorf("damaged, in the whole entry: %+v", err)
	}
}

func TestReaderSkipsTables(t *testing.T) {
	c := compile(t, nested, Options{})
	s, err := read(t, c, capture(c.Type(), "tail"), ebcdic(t, "HH2101a202b03c99"))
	if err != nil || text(t, *s.At(0)) != "99" {
		t.Errorf("tail: %s, %v", text(t, *s.At(0)), err)
	}
	for in, want := range map[string]string{"HH!": "counter", "HH4": "occurs", "HH21": "short", "HH0123": "excess", "HH0": ""} {
		if _, err := read(t, c, capture(c.Type(), "tail"), ebcdic(t, in)); code(err) != want {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	root := &transforms.Capture{Type: c.Type(), Slot: 0, Size: 1}
	s, err = read(t, c, root, ebcdic(t, "HH099"))
	if err != nil || text(t, *s.At(0)) != `{"head":"HH","n":0,"grp":[],"tail":99}` {
		t.Errorf("root: %s, %v", text(t, *s.At(0)), err)
	}
}

func TestReaderAlternatives(t *testing.T) {
	const src = "01 R.\n05 T PIC X.\n05 A PIC X(2).\n05 B REDEFINES A PIC 9(2).\n05 C REDEFINES A.\n10 C1 PIC 9.\n10 C2 PIC 9."
	rule := Options{Rules: []*specs.FieldRule{{Name: "A", Redefines: &specs.RedefinesRule{
		By:      specs.Text{Value: "T"},
		Choices: []specs.RedefinesChoice{{Value: specs.Text{Value: "B"}, Field: specs.Text{Value: "B"}}, {Value: specs.Text{Value: "C"}, Field: specs.Text{Value: "C"}}},
	}}}}
	c := compile(t, src, rule)
	for in, want := range map[string]string{"B12": "|12|", "C12": `||{"c1":1,"c2":2}`, "X??": `"??"||`} {
		s, err := read(t, c, capture(c.Type(), "a", "b", "c"), ebcdic(t, in))
		if got := text(t, *s.At(0)) + "|" + text(t, *s.At(1)) + "|" + text(t, *s.At(2)); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
	c = compile(t, src, Options{})
	s, err := read(t, c, capture(c.Type(), "a", "b"), ebcdic(t, "B??"))
	if err != nil || text(t, *s.At(0)) != `"??"` || !strings.HasPrefix(text(t, *s.At(1)), "error") {
		t.Errorf("without a rule: %v", err)
	}
}

// fixed is a Source with one value, literal one that is known when a mapping is compiled.
type fixed struct{ v transforms.Value }

func (f fixed) Value(*transforms.Run) (transforms.Value, error) { return f.v, nil }

type literal struct{ fixed }

func (l literal) Constant() (transforms.Value, bool) { return l.v, true }
func (l literal) Pos() specs.Pos                     { return specs.Pos{File: "t.yaml", Line: 7} }

type holds bool

func (h holds) Holds(*transforms.Run) (bool, error) { return bool(h), nil }

func value(json string) transforms.Source { return fixed{transforms.JSONValue([]byte(json))} }

func write(t *testing.T, c *Codec, m *transforms.Mapping) (string, error) {
	t.Helper()
	w, fs := c.Writer(m)
	if fs.HasErrors() {
		return "", fs
	}
	out, err := w.Write([]byte("prefix"), &transforms.Run{})
	if err != nil {
		return "", err
	}
	dec, err := c.opts.Page.AppendDecode(nil, out[len("prefix"):])
	if err != nil {
		t.Fatal(err)
	}
	// The same writer again, to see that nothing is left over.
	again, err := w.Write(nil, &transforms.Run{})
	if err != nil || string(again) != string(out[len("prefix"):]) {
		t.Errorf("a second time: %x, %v", again, err)
	}
	return string(dec), nil
}

func mapping(t *transforms.Type, src map[string]transforms.Source) *transforms.Mapping {
	m := &transforms.Mapping{Type: t}
	for _, typ := range t.Members {
		if s, found := src[typ.Name]; found {
			m.Members = append(m.Members, &transforms.Mapping{Type: typ, Source: s})
		}
	}
	return m
}

func TestWriter(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X(3).\n05 FILLER PIC X(2).\n05 B PIC 9(3).\n05 G.\n10 D PIC X.\n10 E PIC S9(2).", Options{})
	typ := c.Type()
	for _, tt := range []struct {
		name string
		m    *transforms.Mapping
		want string
		code string
	}{
		{"nothing", &transforms.Mapping{Type: typ}, "     000 0{", ""},
		{"literals", mapping(typ, map[string]transforms.Source{"a": literal{fixed{transforms.JSONValue([]byte(`"X"`))}}, "b": value(`"012"`)}), "X    012 0{", ""},
		{"absent", mapping(typ, map[string]transforms.Source{"a": fixed{}, "b": fixed{}}), "     000 0{", ""},
		{"null", mapping(typ, map[string]transforms.Source{"a": value("null")}), "", "null"},
		{"overflow", mapping(typ, map[string]transforms.Source{"b": value("1234")}), "", "overflow"},
		{"group", mapping(typ, map[string]transforms.Source{"g": value(`{"e":-12,"d":"x"}`)}), "     000x1K", ""},
		{"group absent", mapping(typ, map[string]transforms.Source{"g": fixed{}}), "     000 0{", ""},
		{"group unknown", mapping(typ, map[string]transforms.Source{"g": value(`{"x":1}`)}), "", "unknown"},
		{"root", &transforms.Mapping{Type: typ, Source: value(`{"b":5,"a":"Q"}`)}, "Q    005 0{", ""},
		{"when", &transforms.Mapping{Type: typ, Members: []*transforms.Mapping{
			{Type: typ.Member("a"), Source: value(`"A"`), When: holds(false)},
			{Type: typ.Member("b"), Source: value(`7`), When: holds(true)},
		}}, "     007 0{", ""},
	} {
		got, err := write(t, c, tt.m)
		if code(err) != tt.code || got != tt.want {
			t.Errorf("%s: %q, %v, want %q %s", tt.name, got, err, tt.want, tt.code)
		}
	}
	_, fs := c.Writer(mapping(typ, map[string]transforms.Source{"a": literal{fixed{transforms.JSONValue([]byte(`"TOO LONG"`))}}}))
	if !fs.HasErrors() || fs[0].Code != codeLiteral || fs[0].Line != 7 {
		t.Errorf("literal that is too long: %v", fs)
	}
}

// TestLiteralAlternatives: two alternatives that literals always fill, and fill differently, are a
// finding; those that agree, or depend on a condition, are not.
func TestLiteralAlternatives(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X(2).\n05 B REDEFINES A PIC X(2).\n05 C REDEFINES A PIC 9(2).", Options{})
	lit := func(json string) transforms.Source { return literal{fixed{transforms.JSONValue([]byte(json))}} }
	for _, tt := range []struct {
		b    string
		when transforms.Condition
		want int
	}{{`"YY"`, nil, 1}, {`"XX"`, nil, 0}, {`"YY"`, holds(true), 0}} {
		m := mapping(c.Type(), map[string]transforms.Source{"a": lit(`"XX"`), "b": lit(tt.b)})
		m.Members[1].When = tt.when
		_, fs := c.Writer(m)
		if len(fs) != tt.want || tt.want > 0 && (fs[0].Code != codeMapping || fs[0].Line != 7) {
			t.Errorf("%s: %v", tt.b, fs)
		}
	}
}

// TestSharedCounterFilled: a table is filled, and another one with the same counter is not.
func TestSharedCounterFilled(t *testing.T) {
	const src = "01 R.\n05 N PIC 9.\n05 A PIC X OCCURS 0 TO 3 DEPENDING ON N.\n05 B PIC X OCCURS 0 TO 3 DEPENDING ON N."
	for _, tt := range []struct {
		filled []string
		policy Policy
		want   int
	}{
		{[]string{"a"}, Policy{}, 1},
		{[]string{"b"}, Policy{}, 1},
		{[]string{"a", "b"}, Policy{}, 0},
		{[]string{"n", "a"}, Policy{}, 0},
		{[]string{"a"}, Policy{FillTables: true}, 0},
		{nil, Policy{}, 0},
	} {
		c := compile(t, src, Options{Policy: tt.policy})
		sources := map[string]transforms.Source{}
		for _, name := range tt.filled {
			sources[name] = value(`["X"]`)
		}
		_, fs := c.Writer(mapping(c.Type(), sources))
		if len(fs) != tt.want || tt.want > 0 && fs[0].Code != codeMapping {
			t.Errorf("%v: %v", tt.filled, fs)
		}
	}
}

// TestTryPolicy: a probe asks the policy of the table, not that of the record.
func TestTryPolicy(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X OCCURS 3.\n05 B PIC X OCCURS 3.", Options{PolicyOf: func(it *copybook.Item, around Policy) Policy {
		around.FillTables = it.Name == "A"
		return around
	}})
	for name, fits := range map[string]bool{"a": true, "b": false} {
		if err := c.Try(c.Type().Member(name), transforms.Value{Kind: transforms.Array, Len: 2}); (err == nil) != fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLiteralOfEnum(t *testing.T) {
	c := compile(t, "01 R.\n05 A PIC X.\n88 IS-OPEN VALUE 'O'.\n88 IS-SHUT VALUE 'S'.", Options{})
	_, fs := c.Writer(mapping(c.Type(), map[string]transforms.Source{"a": literal{fixed{transforms.JSONValue([]byte(`"O"`))}}}))
	if !fs.HasErrors() || fs[0].Hint != `it takes "isOpen", "isShut"` {
		t.Errorf("host value as a literal: %+v", fs)
	}
}

func TestWriterTables(t *testing.T) {
	c := compile(t, nested, Options{})
	typ := c.Type()
	grp := typ.Member("grp")
	run := &transforms.Run{}
	run.Slots().Reset(4)
	each := &transforms.Each{
		Source: fixed{transforms.Value{Kind: transforms.Array, First: 0, Len: 2}}, Depth: 1, Size: 1,
		To: mapping(grp.Items, map[string]transforms.Source{"it": value(`[{"amt":5},{"tx":"z"}]`)}),
	}
	for _, tt := range []struct {
		name string
		ms   []*transforms.Mapping
		want string
		code string
	}{
		{"nothing", nil, "  000", ""},
		{"each", []*transforms.Mapping{{Type: grp, Each: each}}, "  2205 00z205 00z00", ""},
		{"array", []*transforms.Mapping{{Type: grp, Source: value(`[{"it":[{}]}]`)}}, "  1100 00", ""},
		{"counter only", []*transforms.Mapping{{Type: typ.Member("n"), Source: value(`1`)}}, "  1100 00", ""},
		{"counter too high", []*transforms.Mapping{{Type: typ.Member("n"), Source: value(`4`)}}, "", "occurs"},
		{"counter disagrees", []*transforms.Mapping{{Type: typ.Member("n"), Source: value(`1`)}, {Type: grp, Each: each}}, "", "counter"},
		{"too many", []*transforms.Mapping{{Type: grp, Source: value(`[{"it":[{}]},{"it":[{}]},{"it":[{}]},{"it":[{}]}]`)}}, "", "occurs"},
		{"when not", []*transforms.Mapping{{Type: grp, Each: each, When: holds(false)}, {Type: typ.Member("tail"), Source: value("7")}}, "  007", ""},
		{"when", []*transforms.Mapping{{Type: grp, Each: each, When: holds(true)}, {Type: typ.Member("tail"), Source: value("7")}}, "  2205 00z205 00z07", ""},
		{"absent", []*transforms.Mapping{{Type: grp, Source: fixed{}}}, "  000", ""},
		{"null", []*transforms.Mapping{{Type: grp, Source: value("null")}}, "", "null"},
	} {
		got, err := write(t, c, &transforms.Mapping{Type: typ, Members: tt.ms})
		if code(err) != tt.code || got != tt.want {
			t.Errorf("%s: %q, %v, want %q %s", tt.name, got, err, tt.want, tt.code)
		}
	}
	fixedTable := compile(t, "01 R.\n05 X OCCURS 3 PIC 9.", Options{})
	for in, want := range map[string]string{`{"x":[1,2,3]}`: "", `{"x":[1,2]}`: "occurs", `{"x":[1,2,3,4]}`: "occurs", `{}`: ""} {
		if _, err := fixedTable.EncodeJSON(nil, []byte(in)); code(err) != want {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	filling := compile(t, "01 R.\n05 X OCCURS 3 PIC 9.", Options{Policy: Policy{FillTables: true}})
	if out, err := filling.EncodeJSON(nil, []byte(`{"x":[1,2]}`)); err != nil || string(out) != string(ebcdic(t, "120")) {
		t.Errorf("filled: %x, %v", out, err)
	}
}
