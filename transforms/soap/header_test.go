// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lintel/transforms"
)

func operation(t testing.TB, file, name string) *Operation {
	t.Helper()
	op, err := load(t, file).Find(name)
	if err != nil || op.Open().HasErrors() {
		t.Fatal(err, op.Open())
	}
	return op
}

// TestDemands: policies are found wherever they are attached, alternatives and circles included.
func TestDemands(t *testing.T) {
	var got []string
	for _, d := range operation(t, "policies.wsdl", "GetRate").Demands() {
		got = append(got, fmt.Sprintf("%s %s %v %s", d.Need, d.Assertion, d.Optional, d.Pos))
	}
	want := []string{
		"addressing Addressing false policies.wsdl:11:9", "timestamp IncludeTimestamp false policies.wsdl:14:11", "signature SignedParts false policies.wsdl:16:9",
		"encryption EncryptedParts false policies.wsdl:22:31", "username UsernameToken true policies.wsdl:22:80",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestAddressing: the headers stand before those of the WSDL, with the action that it says, and the id is the
// same for the same message of the same exchange only.
func TestAddressing(t *testing.T) {
	for name, action := range map[string]string{"GetRate": "urn:policies:get-rate", "FindRate": "urn:find", "ReadRate": "urn:policies:Rates:ReadRateRequest"} {
		m := operation(t, "policies.wsdl", name).Request()
		Address(m, &Addressing{To: "urn:rates?a&b", MustUnderstand: true})
		f := codec(t, m)
		plain, err := f.EncodeJSON([]byte("before"), []byte(`{"code":"<wsa:MessageID>urn:mine</wsa:MessageID>"}`))
		if err != nil {
			t.Fatal(err)
		}
		got := string(f.address(slices.Clone(plain), len("before"), "0190-x"))
		want := `<soap:Header xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:To soap:mustUnderstand="1">urn:rates?a&amp;b</wsa:To><wsa:Action soap:mustUnderstand="1">` + action +
			`</wsa:Action><wsa:MessageID>urn:lintel:0190-x:`
		if !strings.HasPrefix(got, `before<?xml version="1.0" encoding="UTF-8"?>`) || !strings.Contains(got, want) {
			t.Errorf("%s does not hold %s", got, want)
		}
		if again := string(f.address(slices.Clone(plain), len("before"), "0190-x")); again != got {
			t.Error(again)
		}
		if back, err := f.DecodeJSON(nil, []byte(strings.TrimPrefix(got, "before"))); err != nil || !strings.Contains(string(back), "urn:mine") {
			t.Error(string(back), err)
		}
		_, rest, _ := strings.Cut(got, messageIDTag)
		id, _, _ := strings.Cut(rest, "<")
		related(t, []byte(got), id)
	}
}

// related tries replies to a request.
func related(t *testing.T, sent []byte, id string) {
	t.Helper()
	relates := func(header string, optional bool) error {
		return Relates(sent, "text/xml", []byte(`<e:Envelope xmlns:e="`+nsEnvelope11+`" xmlns:a="`+nsAddressing+`"><e:Header>`+header+`</e:Header><e:Body/></e:Envelope>`), optional)
	}
	for _, tt := range []struct {
		header   string
		unlinked bool // whether it is taken where the relation is optional
		linked   bool // whether it is taken where it is required
	}{
		{"<a:RelatesTo>\n " + id + " </a:RelatesTo>", true, true},
		{`<a:RelatesTo RelationshipType="` + nsAddressing + `/reply">` + id + `</a:RelatesTo><a:RelatesTo RelationshipType="urn:x">y</a:RelatesTo>`, true, true},
		{"", true, false},
		{"<a:RelatesTo>urn:mine</a:RelatesTo>", false, false},
		{"<a:RelatesTo>" + id + "</a:RelatesTo><a:RelatesTo>" + id + "</a:RelatesTo>", false, false},
		{"<x><a:RelatesTo>" + id + "</a:RelatesTo></x>", true, false},
		{`<a:RelatesTo RelationshipType="urn:x">` + id + `</a:RelatesTo>`, true, false},
	} {
		for optional, taken := range map[bool]bool{true: tt.unlinked, false: tt.linked} {
			if err := relates(tt.header, optional); (err == nil) != taken {
				t.Errorf("%s, optional %v: %v", tt.header, optional, err)
			}
		}
	}
}

// TestMustUnderstand: a reply with a header block that must be understood and is not declared is refused;
// one for another receiver, or that is declared, is not.
func TestMustUnderstand(t *testing.T) {
	m := operation(t, "headers.wsdl", load(t, "headers.wsdl").Operations[0].Name).Reply()
	f := codec(t, m)
	xml, err := f.EncodeJSON(nil, f.Sample(func(int) int { return 0 }))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		block string
		taken bool
	}{
		{`<x xmlns="urn:x"/>`, true},
		{`<x xmlns="urn:x" soap:mustUnderstand="0"/>`, true},
		{`<x xmlns="urn:x" mustUnderstand="1"/>`, true},
		{`<x xmlns="urn:x" soap:mustUnderstand="1"/>`, false},
		{`<x xmlns="urn:x" soap:mustUnderstand="true"><y/></x>`, false},
		{`<x xmlns="urn:x" soap:mustUnderstand="&#49;"/>`, false},
		{`<x xmlns="urn:x" soap:mustUnderstand="1" soap:actor="http://schemas.xmlsoap.org/soap/actor/next"/>`, false},
		{`<x xmlns="urn:x" soap:mustUnderstand="1" soap:actor=""/>`, false},
		{`<x xmlns="urn:x" soap:mustUnderstand="1" soap:actor="urn:other"/>`, true},
		{`<a:Action xmlns:a="` + nsAddressing + `" soap:mustUnderstand="1">x</a:Action>`, false},
		{`<x xmlns="urn:x"><y soap:mustUnderstand="1"/></x>`, true},
	} {
		msg := with(string(xml), tt.block)
		if _, err := f.DecodeJSON(nil, []byte(msg)); (err == nil) != tt.taken {
			t.Errorf("%s: %v", tt.block, err)
		}
		wanted := everything(f.typ, 4)
		r, _ := f.Reader(wanted)
		var slots transforms.Slots
		slots.Reset(wanted.Size)
		if err := r.Read([]byte(msg), &slots, 0); (err == nil) != tt.taken {
			t.Errorf("%s: %v", tt.block, err)
		}
	}
	Address(m, &Addressing{})
	if _, err := f.DecodeJSON(nil, []byte(with(string(xml), `<a:Action xmlns:a="`+nsAddressing+`" soap:mustUnderstand="1">x</a:Action>`))); err != nil {
		t.Error(err)
	}
}

// with is an envelope with one more header block.
func with(xml, block string) string {
	if strings.Contains(xml, "<soap:Header>") {
		return strings.Replace(xml, "<soap:Header>", "<soap:Header>"+block, 1)
	}
	return strings.Replace(xml, "<soap:Body>", "<soap:Header>"+block+"</soap:Header><soap:Body>", 1)
}
