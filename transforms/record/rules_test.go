// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
)

func txt(s string) specs.Text {
	return specs.Text{Value: s, Pos: specs.Pos{File: "records.yaml", Line: 3}}
}

func TestJSONName(t *testing.T) {
	for _, tt := range []struct{ name, prefix, want string }{
		{"ACCT-OPEN-DATE", "", "acctOpenDate"},
		{"ACCT-OPEN-DATE", "ACCT-", "openDate"},
		{"ACCT-OPEN-DATE", "acct", "openDate"},
		{"ACCT", "ACCT", "acct"},
		{"ACCT-", "ACCT", "acct"},
		{"LINE-1", "", "line1"},
		{"9A-REQ", "", "_9aReq"},
		{"A--B", "", "aB"},
		{"CUST#", "", "cust"},
		{"X_Y@Z$Q:W", "", "xYZQW"},
		{"---", "", "field"},
		{"STRASSE-GRÖSSE", "", "strasseGrösse"},
	} {
		if got := JSONName(tt.name, []string{tt.prefix}); got != tt.want {
			t.Errorf("%s without %s: %s, want %s", tt.name, tt.prefix, got, tt.want)
		}
	}
}

func memberNames(t *transforms.Type) []string {
	var out []string
	for _, m := range t.Members {
		out = append(out, m.Name)
	}
	return out
}

func TestNamesInGroup(t *testing.T) {
	c := compile(t, `
		01 R.
		   05 A-B PIC X.
		   05 A_B PIC X.
		   05 FILLER.
		      10 AB PIC X.
		      10 C PIC X.
		   05 FILLER PIC X.
		   05 OWN PIC X.
		   05 A-B3 PIC X.
		   05 FILLER OCCURS 2.
		      10 D PIC X.
	`, Options{Rules: []*specs.FieldRule{{Name: "OWN", JSON: txt("aB2")}}})
	want := []string{"aB", "aB3", "ab", "c", "aB2", "aB32", "filler"}
	if diff := cmp.Diff(want, memberNames(c.Type())); diff != "" {
		t.Error(diff)
	}
	c = compile(t, "01 R.\n05 FILLER PIC X.\n05 A PIC X.\n05 FILLER PIC X.", Options{Policy: Policy{KeepFiller: true}})
	if got := memberNames(c.Type()); !slices.Equal(got, []string{"filler", "a", "filler2"}) {
		t.Errorf("with fillers: %v", got)
	}
	js, err := c.DecodeJSON(nil, ebcdic(t, "1X2"))
	if err != nil || string(js) != `{"filler":"1","a":"X","filler2":"2"}` {
		t.Errorf("%s, %v", js, err)
	}
}

// checkField decodes and encodes one field under a rule.
func checkField(t *testing.T, src string, o Options, hexes map[string]string, refused map[string]string) {
	t.Helper()
	c := compile(t, "01 R.\n05 F "+src+".", o)
	for h, want := range hexes {
		js, err := c.DecodeJSON(nil, unhex(t, h))
		if err != nil || string(js) != `{"f":`+want+`}` {
			t.Errorf("%s %s: %s, %v, want %s", src, h, js, err, want)
		}
	}
	for in, want := range refused {
		if _, err := c.EncodeJSON(nil, []byte(`{"f":`+in+`}`)); code(err) != want {
			t.Errorf("%s %s: %v, want %q", src, in, err, want)
		}
	}
}

func TestEnum(t *testing.T) {
	checkField(t, "PIC X(2).\n88 IS-OPEN VALUE 'OP'.\n88 IS-SHUT VALUE 'S'.\n88 IS-NONE VALUE SPACES", Options{},
		map[string]string{"d6d7": `"isOpen"`, "e240": `"isShut"`, "4040": `"isNone"`},
		map[string]string{`"isOpen"`: "", `"\u0069sOpen"`: "", `"OP"`: "enum", `"x"`: "enum", `7`: "enum", `null`: "null", `true`: "enum"})
	checkField(t, "PIC S9(3) COMP-3.\n88 LOW VALUE 1.\n88 HIGH VALUE 2", Options{},
		map[string]string{"001c": `"low"`, "001f": `"low"`, "002c": `"high"`}, nil)
	// A range, several values or a value twice make no enum.
	for _, cond := range []string{"88 A VALUE 1 THRU 5", "88 A VALUES 1 2", "88 A VALUE 1.\n88 B VALUE 1"} {
		checkField(t, "PIC 9.\n"+cond, Options{}, map[string]string{"f1": "1"}, nil)
	}
	rule := func(r specs.FieldRule) Options { r.Name = "F"; return Options{Rules: []*specs.FieldRule{&r}} }
	checkField(t, "PIC X.\n88 A VALUE 'A'", rule(specs.FieldRule{Enum: []specs.EnumRule{{Host: txt("A"), JSON: txt("active")}, {Host: txt("C"), JSON: txt("closed")}}}),
		map[string]string{"c1": `"active"`, "c3": `"closed"`}, map[string]string{`"a"`: "enum", `"active"`: ""})
	checkField(t, "PIC X.\n88 A VALUE 'A'", rule(specs.FieldRule{Enum: []specs.EnumRule{}}),
		map[string]string{"c1": `"A"`, "c3": `"C"`}, nil)
	checkField(t, "PIC X", rule(specs.FieldRule{Boolean: &specs.BooleanRule{True: txt("Y"), False: txt("N")}}),
		map[string]string{"e8": `true`, "d5": `false`}, map[string]string{"true": "", `"Y"`: "type", "null": "null"})
	checkField(t, "PIC 9(2)", rule(specs.FieldRule{Boolean: &specs.BooleanRule{True: txt("1"), False: txt("00")}}),
		map[string]string{"f0f1": `true`, "f0f0": `false`}, nil)

	c := compile(t, "01 R.\n05 F PIC X.\n88 A VALUE 'A'.", Options{})
	if _, err := c.DecodeJSON(nil, ebcdic(t, "B")); code(err) != "enum" {
		t.Errorf("value without a name: %v", err)
	}
	if typ := c.Type().Members[0]; !slices.Equal(typ.Enum, []string{`"a"`}) || typ.Shape != transforms.StringShape {
		t.Errorf("type is %+v", typ)
	}
}

func TestDate(t *testing.T) {
	date := func(picture, empty string) Options {
		r := specs.FieldRule{Name: "F", Date: txt(picture)}
		if empty != "" {
			r.Empty = []specs.EmptyValue{{Text: txt(empty)}}
		}
		return Options{Rules: []*specs.FieldRule{&r}, Policy: Policy{Century: 1970}}
	}
	checkField(t, "PIC 9(8)", date("yyyyMMdd", "00000000"),
		map[string]string{"f2f0f2f4f0f1f3f1": `"2024-01-31"`, "f0f0f0f0f0f0f0f0": "null", "f0f0f0f0f0f0f0c0": "null"},
		map[string]string{
			`"2024-01-31"`: "", `null`: "", `"2024-02-30"`: "date", `"2023-02-29"`: "date", `"2024-02-29"`: "", `"20240131"`: "date",
			`"2024-1-31"`: "date", `20240131`: "date", `""`: "date", `"0000-01-01"`: "date",
		})
	checkField(t, "PIC 9(8)", date("yyyyMMdd", ""), nil, map[string]string{`null`: "null"})
	checkField(t, "PIC S9(7) COMP-3", date("yyyyDDD", ""), map[string]string{"2024366c": `"2024-12-31"`, "2024060c": `"2024-02-29"`}, nil)
	checkField(t, "PIC 9(8) COMP", date("yyyyMMdd", "0"), map[string]string{"0134d703": `"2024-01-31"`, "00000000": "null"}, nil)
	checkField(t, "PIC 9(6)", date("yyMMdd", ""), map[string]string{"f7f0f0f1f0f1": `"1970-01-01"`, "f6f9f1f2f3f1": `"2069-12-31"`},
		map[string]string{`"1969-12-31"`: "date", `"2070-01-01"`: "date", `"2000-01-01"`: ""})
	checkField(t, "PIC X(10)", date("dd.MM.yyyy", " "), map[string]string{"f3f14bf0f14bf2f0f2f4": `"2024-01-31"`, "40404040404040404040": "null"}, nil)
	checkField(t, "PIC 9(14)", date("yyyyMMddHHmmss", ""), map[string]string{"f2f0f2f4f0f1f3f1f2f3f5f9f5f8": `"2024-01-31T23:59:58"`},
		map[string]string{`"2024-01-31T24:00:00"`: "date", `"2024-01-31"`: "date"})
	checkField(t, "PIC 9(4)", date("HHmm", ""), map[string]string{"f2f3f5f9": `"23:59"`}, nil)
	checkField(t, "PIC 9(6)", date("yyyyMM", ""), map[string]string{"f2f0f2f4f0f1": `"2024-01"`}, map[string]string{`"2024-13"`: "date"})

	c := compile(t, "01 R.\n05 F PIC 9(8).", date("yyyyMMdd", "00000000"))
	for _, bad := range []string{"20241301", "20240132", "        "} {
		if _, err := c.DecodeJSON(nil, ebcdic(t, bad)); code(err) == "" {
			t.Errorf("%s was taken", bad)
		}
	}
	typ := c.Type().Members[0]
	if typ.Format != "date" || !typ.Nullable || typ.MaxLength != 10 {
		t.Errorf("type is %+v", typ)
	}
}

func TestRuleFindings(t *testing.T) {
	const src = "01 R.\n05 A PIC X.\n05 G.\n10 B PIC X(2).\n05 H.\n10 B PIC X(2).\n05 N PIC 9(6).\n05 P PIC X(4).\n05 Q REDEFINES P PIC 9(4)."
	for _, tt := range []struct {
		rule specs.FieldRule
		code string
	}{
		{specs.FieldRule{Name: "B"}, codeAmbiguousRule},
		{specs.FieldRule{Name: "G.B"}, ""},
		{specs.FieldRule{Name: "r.g.b"}, ""},
		{specs.FieldRule{Name: "NOWHERE"}, ""},
		{specs.FieldRule{Name: "G", Enum: []specs.EnumRule{{Host: txt("A"), JSON: txt("a")}}}, codeRuleTarget},
		{specs.FieldRule{Name: "A", Enum: []specs.EnumRule{{Host: txt("AB"), JSON: txt("a")}}}, codeRuleValue},
		{specs.FieldRule{Name: "A", Enum: []specs.EnumRule{{Host: txt("A"), JSON: txt("a")}, {Host: txt("A"), JSON: txt("b")}}}, codeRuleValue},
		{specs.FieldRule{Name: "A", Boolean: &specs.BooleanRule{True: txt("A"), False: txt("A")}}, codeRuleValue},
		{specs.FieldRule{Name: "N", Date: txt("yyMMdd")}, codeDatePicture},
		{specs.FieldRule{Name: "N", Date: txt("yyyyMMdd")}, codeDatePicture},
		{specs.FieldRule{Name: "N", Date: txt("yyyy-M")}, codeDatePicture},
		{specs.FieldRule{Name: "N", Date: txt("ddMM")}, codeDatePicture},
		{specs.FieldRule{Name: "A", Redefines: &specs.RedefinesRule{By: txt("N")}}, codeRuleTarget},
		{specs.FieldRule{Name: "P", Redefines: &specs.RedefinesRule{By: txt("Z")}}, codeRedefines},
		{specs.FieldRule{Name: "P", Redefines: &specs.RedefinesRule{By: txt("Q")}}, codeRedefines},
		{specs.FieldRule{Name: "P", Redefines: &specs.RedefinesRule{By: txt("A"), Choices: []specs.RedefinesChoice{{Value: txt("1"), Field: txt("N")}}}}, codeRedefines},
		{specs.FieldRule{Name: "P", Redefines: &specs.RedefinesRule{By: txt("A"), Choices: []specs.RedefinesChoice{{Value: txt("12"), Field: txt("Q")}}}}, codeRuleValue},
	} {
		rule := tt.rule
		rule.Pos = specs.Pos{File: "records.yaml", Line: 2}
		_, fs := Compile(book(t, src, copybook.ZOS()), Options{Rules: []*specs.FieldRule{&rule}})
		got := ""
		if len(fs) > 0 {
			got = fs[0].Code
			if fs[0].File != "records.yaml" || fs[0].Line == 0 {
				t.Errorf("%s: no place: %v", rule.Name, fs[0])
			}
		}
		if got != tt.code {
			t.Errorf("%s %+v: %v, want %s", rule.Name, rule, fs, tt.code)
		}
	}
	c := compile(t, src, Options{Rules: []*specs.FieldRule{{Name: "A"}}})
	unused := &specs.FieldRule{Name: "NOWHERE"}
	if fs := UnusedRules([]*specs.FieldRule{c.MatchedRules()[0], unused}, []*Codec{c}); len(fs) != 1 || fs[0].Code != codeUnusedRule {
		t.Errorf("unused: %v", fs)
	}
}

func TestRulesAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Code] || r.Title == "" || r.Cause == "" || r.Cure == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.Code] = true
	}
}

func TestCounterFindings(t *testing.T) {
	for _, tt := range []struct{ src, code string }{
		{"01 R.\n05 T OCCURS 0 TO 3 DEPENDING ON C PIC X.\n05 C PIC 9.", codeCounter},
		{"01 R.\n05 C PIC 9V9.\n05 T OCCURS 0 TO 3 DEPENDING ON C PIC X.", codeCounter},
		{"01 R.\n05 P PIC X(4).\n05 C PIC 9.\n05 Q REDEFINES P.\n10 T OCCURS 0 TO 3 DEPENDING ON C PIC X.", ""},
	} {
		bk, fs := copybook.Parse("t.cpy", []byte(indent(tt.src)), copybook.Options{})
		if fs.HasErrors() {
			continue // refused earlier
		}
		_, fs = Compile(bk.Records[0], Options{})
		if tt.code != "" && (len(fs) == 0 || fs[0].Code != tt.code) {
			t.Errorf("%s: %v, want %s", tt.src, fs, tt.code)
		}
	}
}

// TestManyFindings: what a hostile book gives is bounded, and the rest counted.
func TestManyFindings(t *testing.T) {
	src := "01 R.\n"
	for i := range 300 {
		src += fmt.Sprintf("05 F%d PIC 9(2) OCCURS 2 DEPENDING ON G.\n", i)
	}
	b, fs := copybook.Parse("test.cpy", []byte(src+"05 G PIC X.\n"), copybook.Options{Format: copybook.Free})
	last := fs[len(fs)-1]
	for _, f := range fs {
		if f.Code == copybook.CodeMore {
			last = f
		}
	}
	if b != nil || len(fs) > 401 || last.Code != copybook.CodeMore || !strings.Contains(last.Message, "more errors") {
		t.Errorf("%d findings, the last is %v", len(fs), last)
	}
	b, fs = copybook.Parse("test.cpy", []byte("01 R.\n05 T PIC X.\n05 N PIC 9.\n05 G.\n10 H PIC X OCCURS 0 TO 2 DEPENDING ON N.\n"), copybook.Options{Format: copybook.Free})
	if b == nil {
		t.Fatal(fs)
	}
	rules := make([]*specs.FieldRule, 300)
	for i := range rules {
		rules[i] = &specs.FieldRule{Name: "T", Scale: 1, Pos: specs.Pos{File: "records.yaml", Line: i + 1}}
	}
	_, fs = Compile(b.Records[0], Options{Rules: rules})
	if len(fs) == 0 || len(fs) > 201 {
		t.Errorf("%d findings", len(fs))
	}
}
