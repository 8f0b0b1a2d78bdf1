// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"os"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

func text(s string) specs.Text { return specs.Text{Value: s} }

// claimRules are rules for examples/claims.
func claimRules() *specs.SOAPRules {
	return &specs.SOAPRules{Types: []*specs.SOAPType{
		{Name: "Claim", Members: []*specs.SOAPMember{
			{Name: "claimID", JSON: text("id")}, {Name: "version", As: text("text")}, {Name: "payment", Single: true, JSON: text("paid")},
		}},
		{Name: "{urn:example:claims:types}Party", Members: []*specs.SOAPMember{{Name: "name", JSON: text("called")}}},
		{Name: "{urn:example:claims:types}Claim.Payment", Members: []*specs.SOAPMember{{Name: "on", JSON: text("day")}}},
		{Name: "Amount", Members: []*specs.SOAPMember{{Name: "value", As: text("text")}}},
	}}
}

// TestOverride: names, texts and single entries, in both directions, for types and those derived from them.
func TestOverride(t *testing.T) {
	w, findings := Load(os.DirFS("testdata/wsdl"), "claims/claims.wsdl", specs.Pos{}, claimRules())
	op, err := w.Find("GetClaim")
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	if findings = op.Open(); findings.HasErrors() {
		t.Fatal(findings)
	}
	out := codec(t, op.Reply())
	const json = `{"claim":{"version":"3","id":"C000047","status":"open","reported":"2026-01-02T03:04:05Z",` +
		`"claimant":{"$type":"Person","called":"Anna","born":"1980-02-29"},"vehicle":{"plate":"M-AB 12"},` +
		`"paid":{"day":"2026-01-03","amount":{"currency":"EUR","value":"1200.50"}},"remark":null,"tags":["a","b"]}}`
	xml, err := out.EncodeJSON(nil, []byte(json))
	if err != nil || !strings.Contains(string(xml), ":ClaimID>C000047<") {
		t.Fatalf("%s, %v", xml, err)
	}
	back, err := out.DecodeJSON(nil, xml)
	if err != nil || string(back) != json {
		t.Errorf("%s\n%v", back, err)
	}
	end := strings.Index(string(xml), "<n2:Remark")
	start := strings.Index(string(xml), "<n2:Payment")
	two := string(xml[:end]) + string(xml[start:end]) + string(xml[end:])
	if _, err := out.DecodeJSON(nil, []byte(two)); err == nil || !strings.Contains(err.Error(), "claim.paid") {
		t.Errorf("a second payment: %v", err)
	}
	if m := out.typ.Member("claim").Member("version"); m.Shape != transforms.StringShape {
		t.Errorf("version is %v", m.Shape)
	}
	if unused := w.Unused(); len(unused) > 0 {
		t.Error(unused)
	}
}

// TestOverrideWrong: rules that cannot hold are findings at their place.
func TestOverrideWrong(t *testing.T) {
	at := func(line int) specs.Pos { return specs.Pos{File: "soap.yaml", Line: line, Column: 1} }
	rules := &specs.SOAPRules{Types: []*specs.SOAPType{
		{Name: "Nothing", Pos: at(1)},
		{Name: "Claim", Pos: at(2), Members: []*specs.SOAPMember{
			{Name: "nothing", Pos: at(3)},
			{Name: "claimID", Pos: at(4), JSON: specs.Text{Value: "status", Pos: at(5)}},
			{Name: "reported", Pos: at(6), As: specs.Text{Value: "text", Pos: at(7)}},
			{Name: "remark", Pos: at(8), Single: true},
		}},
	}}
	w, _ := Load(os.DirFS("testdata/wsdl"), "claims/claims.wsdl", specs.Pos{}, rules)
	op, err := w.Find("GetClaim")
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, f := range append(op.Open(), w.Unused()...) {
		if f.Code == CodeRule {
			got = append(got, f.Pos.Line)
		}
	}
	want := map[int]bool{1: true, 3: true, 5: true, 7: true, 8: true}
	for _, l := range got {
		delete(want, l)
	}
	if len(want) > 0 || len(got) != 5 {
		t.Errorf("%v, without %v", got, want)
	}
}

// TestNonFinite: what becomes of INF and NaN.
func TestNonFinite(t *testing.T) {
	for _, tt := range []struct{ policy, text, want string }{
		{"", "INF", ""},
		{"", "1.5", "1.5"},
		{"text", "-INF", `"-INF"`},
		{"text", "1.50", `"1.50"`},
		{"text", "1E3", `"1e3"`},
		{"null", "NaN", "null"},
		{"null", "1.5", "1.5"},
	} {
		b := &builder{overrides: newOverrides(&specs.SOAPRules{NonFinite: text(tt.policy)})}
		s := b.builtin("double")
		got, code, _ := s.appendJSON(nil, tt.text)
		if string(got) != tt.want || (code != "") != (tt.want == "") {
			t.Errorf("%q %s: %s %s", tt.policy, tt.text, got, code)
		}
		if tt.want == "" || tt.want == "null" {
			continue
		}
		if back, err := s.encode(got); err != nil || !strings.EqualFold(back, tt.text) {
			t.Errorf("%q %s: back %s %v", tt.policy, tt.text, back, err)
		}
	}
}

// TestCharset: the media type goes before the declaration, a byte order mark before both.
func TestCharset(t *testing.T) {
	for _, tt := range []struct{ src, charset, want string }{
		{"<a>\xe9</a>", "ISO-8859-1", "<a>é</a>"},
		{"<a>\xa4</a>", "iso-8859-15", "<a>€</a>"},
		{"<a>\x80</a>", "windows-1252", "<a>€</a>"},
		{"<a>\x81</a>", "windows-1252", ""},
		{`<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>`, "utf-8", "<a>é</a>"},
		{`<?xml version="1.0" encoding="ISO-8859-1"?>` + "<a>\xe9</a>", "", "<a>é</a>"},
		{"\xEF\xBB\xBF<a>é</a>", "iso-8859-1", "\xEF\xBB\xBF<a>é</a>"},
		{"\xFF\xFE<\x00a\x00/\x00>\x00", "utf-8", "<a/>"},
		{"<\x00a\x00/\x00>\x00", "utf-16le", "<a/>"},
		{"<a/>", "ebcdic", ""},
		{`<?xml version="1.0" encoding="x"?><a/>`, "", ""},
	} {
		got, err := toUTF8([]byte(tt.src), tt.charset)
		if string(got) != tt.want && (err == nil || tt.want != "") {
			t.Errorf("%q in %q: %q, %v", tt.src, tt.charset, got, err)
		}
	}
}

// TestQNames: prefixes are resolved where a value stands, and made where one is written.
func TestQNames(t *testing.T) {
	in, out := ruled(t, "qnames.wsdl", nil)
	const json = `{"a":"{urn:a&b}x","b":"y","name":"{urn:t}z","kind":["{urn:t}open"]}`
	xml, err := in.EncodeJSON(nil, []byte(json))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := out.DecodeJSON(nil, xml); err != nil || string(back) != json {
		t.Errorf("%s, %v\n%s", back, err, xml)
	}
	msg := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><p:Op xmlns:p="urn:t"><p:Name xmlns="urn:d">here</p:Name><p:Kind xmlns:p="urn:t">p:closed</p:Kind></p:Op></s:Body></s:Envelope>`
	if back, err := out.DecodeJSON(nil, []byte(msg)); err != nil || string(back) != `{"name":"{urn:d}here","kind":["{urn:t}closed"]}` {
		t.Errorf("%s, %v", back, err)
	}
	if _, err := out.DecodeJSON(nil, []byte(strings.Replace(msg, "p:closed", "q:closed", 1))); err == nil || !strings.Contains(err.Error(), "kind[0]: the prefix") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{`"{}x"`, `"{a b}x"`, `"{urn:a}"`, `"p:x"`, `"{urn:a}x y"`} {
		if _, err := in.EncodeJSON(nil, []byte(`{"name":`+bad+`,"kind":["{urn:t}open"]}`)); err == nil {
			t.Errorf("%s was written", bad)
		}
	}
}
