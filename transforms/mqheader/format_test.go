// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms"
)

// open opens a list of headers as a transform would.
func open(t *testing.T, list string) *Chain {
	t.Helper()
	root, found := specs.ParseYAML("t.yaml", []byte("mqHeaders: "+list))
	if len(found) > 0 {
		t.Fatal(found)
	}
	typ, found := Opener{}.Open(root.Get("mqHeaders"), &specs.Backend{CodePage: specs.Text{Value: "cp1047"}}, true)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return typ.Format.(*Chain)
}

// TestFormat writes a chain from JSON and reads it back, whole and by single values.
func TestFormat(t *testing.T) {
	c := open(t, "[{mqrfh2: {usr: [Region, Count, Open, None], mcd: [Msd]}}, mqcih, program]")
	const in = `{"mqrfh2":{"usr":{"Region":"EU","Count":7,"Open":true,"None":null},"mcd":{"Msd":"x"}},"mqcih":{"transactionId":"ORD1","returnCode":5,"abendCode":"ASRA","facility":"0102030405060708"},"program":"ORDUPD"}`
	raw, err := c.EncodeJSON(nil, []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(raw, []byte{0xD6, 0xD9, 0xC4, 0xE4, 0xD7, 0xC4, 0x40, 0x40}) {
		t.Errorf("the name of the program is %X", raw[len(raw)-8:])
	}
	headers, rest, _, err := ParseChain(raw, What{Format: "MQHRF2", Encoding: ZOS, CCSID: 1047})
	if err != nil || len(headers) != 2 || len(rest) != 8 {
		t.Fatalf("%d headers, %d bytes behind them, %v", len(headers), len(rest), err)
	}
	json, rest, err := c.DecodePrefix(nil, append(raw, "body"...))
	if err != nil || string(rest) != "body" {
		t.Fatalf("rest %q, %v", rest, err)
	}
	for _, want := range []string{
		`"usr":{"Region":"EU","Count":7,"Open":true}`, `"mcd":{"Msd":"x"}`, `"transactionId":"ORD1"`, `"returnCode":5`, `"abendCode":"ASRA"`,
		`"facility":"0102030405060708"`, `"program":"ORDUPD"`, `"uowControl":273`, `"format":"MQCICS"`,
	} {
		if !strings.Contains(string(json), want) {
			t.Errorf("%s is not in %s", want, json)
		}
	}
	again, err := c.EncodeJSON(nil, json)
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("written again: %v\n%X\n%X", err, again, raw)
	}
	mqcih, usr := c.typ.Member("mqcih"), c.typ.Member("mqrfh2").Member("usr")
	capture := &transforms.Capture{Type: c.typ, Slot: -1, Size: 5, Members: []*transforms.Capture{
		{Type: mqcih, Slot: -1, Members: []*transforms.Capture{{Type: mqcih.Member("returnCode"), Slot: 0}, {Type: mqcih.Member("abendCode"), Slot: 1}}},
		{Type: c.typ.Member("mqrfh2"), Slot: -1, Members: []*transforms.Capture{{Type: usr, Slot: 2, Members: []*transforms.Capture{{Type: usr.Member("Count"), Slot: 3}}}}},
		{Type: c.typ.Member("program"), Slot: 4},
	}}
	r, found := c.Reader(capture)
	if len(found) > 0 {
		t.Fatal(found)
	}
	var slots transforms.Slots
	slots.Reset(5)
	if err := r.Read(raw, &slots, 0); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range 5 {
		got = append(got, string(slots.At(i).Text))
	}
	if diff := cmp.Diff([]string{"5", `"ASRA"`, `{"Region":"EU","Count":7,"Open":true}`, "7", `"ORDUPD"`}, got); diff != "" {
		t.Errorf("captured (-want +got):\n%s", diff)
	}
}

// TestSegment: LL counts itself and all that follows.
func TestSegment(t *testing.T) {
	c := open(t, "[{coding: {encoding: 546, ccsid: 437}}, {mqiih: {commitMode: '1'}}, llzz]")
	raw, err := c.EncodeJSON(nil, []byte(`{"mqiih":{"format":"MQIMSVS"}}`))
	if err != nil {
		t.Fatal(err)
	}
	msg := append(bytes.Clone(raw), "TRANCODE data"...)
	if err := c.Close(msg, len(raw)); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(msg[84:88]); len(msg) != 84+4+13 || got != "00110000" {
		t.Errorf("%d bytes, LLZZ %s: LL is big-endian whatever the encoding", len(msg), got)
	}
	if _, rest, err := c.DecodePrefix(nil, msg); err != nil || string(rest) != "TRANCODE data" {
		t.Errorf("%q, %v", rest, err)
	}
	if _, _, err := c.DecodePrefix(nil, msg[:90]); err == nil {
		t.Error("a cut segment is read")
	}
	if err := c.Close(make([]byte, 40_000), 88); err == nil {
		t.Error("a segment of 40000 bytes is written")
	}
}

// TestUnreadable: what is no such header is told with its place.
func TestUnreadable(t *testing.T) {
	c := open(t, "[mqdlh, mqcih]")
	raw, err := c.EncodeJSON(nil, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	raw[172] = 0
	_, _, err = c.DecodePrefix(nil, raw)
	var f *transforms.FieldError
	if !errors.As(err, &f) || f.Offset != 172 || f.Field != "mqHeaders.mqcih" {
		t.Errorf("got %v, want an error of mqHeaders.mqcih at offset 172", err)
	}
	for _, json := range []string{`[]`, `{"mqcih":{"abendCode":"ASRAX"}}`, `{"mqcih":{"nothing":1}}`, `{"mqxyz":{}}`, `{"mqcih":{"flags":"x"}}`} {
		if _, err := c.EncodeJSON(nil, []byte(json)); err == nil {
			t.Errorf("%s is written", json)
		}
	}
}
