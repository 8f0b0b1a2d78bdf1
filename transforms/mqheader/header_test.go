// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector is one line of testdata/vectors.txt.
type vector struct {
	kind    *Kind
	version int32
	coding  Coding
	raw     []byte
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var v vector
		var name, digits string
		var e Encoding
		var ccsid int32
		if _, err := fmt.Sscan(line, &name, &v.version, &e, &ccsid, &digits); err != nil {
			t.Fatalf("%q: %v", line[:40], err)
		}
		for _, k := range Kinds() {
			if k.Name == name {
				v.kind = k
			}
		}
		if v.coding, err = NewCoding(e, ccsid); err != nil {
			t.Fatal(err)
		}
		if v.raw, err = hex.DecodeString(digits); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// written are the values of the vectors that are not the initial ones.
func written(k *Kind) map[string]any {
	up := func(from, n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(from + i)
		}
		return b
	}
	switch k.Name {
	case "mqmd":
		return map[string]any{
			"report": 64, "msgType": 1, "expiry": 300, "encoding": 785, "codedCharSetId": 37, "format": "MQCICS", "priority": 5, "persistence": 1,
			"msgId": up(0, 24), "correlId": up(24, 24), "backoutCount": 2, "replyToQ": "ORDERS.REPLY", "replyToQMgr": "QM1", "userIdentifier": "lintel",
			"accountingToken": up(0, 32), "putApplType": 28, "putApplName": "app", "putDate": "20261127", "putTime": "08153000",
		}
	case "mqcih":
		return map[string]any{
			"format": "MQSTR", "flags": 3, "returnCode": 5, "compCode": 2, "reason": 2000, "uowControl": 17, "getWaitInterval": 30000, "linkType": 1,
			"outputDataLength": -1, "facilityKeepTime": 60, "taskEndStatus": 256, "facility": up(1, 8), "function": "LINK", "abendCode": "ASRA",
			"authenticator": "PASS", "replyToFormat": "MQSTR", "remoteSysId": "SYS1", "transactionId": "ORD1", "startCode": "S", "nextTransactionId": "ORD2",
			"cursorPosition": 7, "errorOffset": 1, "inputItem": 2,
		}
	case "mqiih":
		return map[string]any{
			"format": "MQIMSVS", "flags": 17, "lTermOverride": "LTERM1", "mfsMapName": "MAP1", "replyToFormat": "MQIMSVS", "authenticator": "TICKET",
			"tranInstanceId": up(0, 16), "tranState": "C", "commitMode": "1", "securityScope": "F",
		}
	case "mqdlh":
		return map[string]any{
			"reason": 2053, "destQName": "ORDERS.IN", "destQMgrName": "QM2", "encoding": 785, "codedCharSetId": 37, "format": "MQCICS",
			"putApplType": 2, "putApplName": "CSQCPGM", "putDate": "20261127", "putTime": "08153000",
		}
	default:
		return map[string]any{"encoding": 546, "codedCharSetId": 1208, "format": "MQSTR"}
	}
}

var wantFolders = []Folder{
	{Name: "mcd", Properties: []Property{{Name: "Msd", Value: "jms_bytes"}}},
	{Name: "usr", Properties: []Property{{Name: "Region", Value: "EU \u00e9"}, {Name: "Count", Type: "i4", Value: "-7"}, {Name: "Open", Type: "boolean", Value: "1"}}},
}

// TestVectors reads and writes every vector: each field has its value, and the bytes are those of the
// vector, to the last.
func TestVectors(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		seen[fmt.Sprint(v.kind.Name, v.version)] = true
		name := fmt.Sprintf("%s %d, encoding %d, CCSID %d", v.kind.Name, v.version, v.coding.encoding, v.coding.ccsid)
		h, err := Parse(v.kind, append(bytes.Clone(v.raw), "more"...), v.coding)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if h.Version() != v.version || !bytes.Equal(h.Raw, v.raw) {
			t.Errorf("%s: version %d, %d bytes of %d", name, h.Version(), len(h.Raw), len(v.raw))
		}
		again, err := NewVersion(v.kind, v.version, v.coding)
		if err != nil {
			t.Fatal(err)
		}
		for field, want := range written(v.kind) {
			if f, _ := v.kind.Field(field); f.Offset >= len(again.Raw) {
				continue
			}
			if diff := cmp.Diff(want, get(t, h, field)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", name, field, diff)
			}
			if err := again.Set(field, want); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if v.kind.Name == "mqrfh2" {
			ccsid, _ := h.Int("nameValueCCSID")
			folders, err := h.Folders()
			if diff := cmp.Diff(wantFolders, folders); diff != "" || err != nil {
				t.Errorf("%s: folders (-want +got):\n%s%v", name, diff, err)
			}
			if err := errors.Join(again.Set("nameValueCCSID", ccsid), again.SetFolders(folders...)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !bytes.Equal(again.Raw, v.raw) {
			t.Errorf("%s: written\n%X\nwant\n%X", name, again.Raw, v.raw)
		}
	}
	for _, k := range Kinds() {
		for i := range k.Lengths {
			if name := fmt.Sprint(k.Name, int(k.First)+i); !seen[name] {
				t.Errorf("there is no vector of %s", name)
			}
		}
	}
}

func get(t *testing.T, h *Header, name string) any {
	t.Helper()
	f, _ := h.Kind.Field(name)
	switch f.Type {
	case Long:
		n, err := h.Int(name)
		if err != nil {
			t.Error(err)
		}
		return int(n)
	case Char:
		s, err := h.Text(name)
		if err != nil {
			t.Error(err)
		}
		return s
	default:
		b, err := h.Bytes(name)
		if err != nil {
			t.Error(err)
		}
		return b
	}
}

// TestLengths holds the layouts against the sizes that IBM publishes.
func TestLengths(t *testing.T) {
	for name, want := range map[string][]int{"mqmd": {324, 364}, "mqcih": {164, 180}, "mqiih": {84}, "mqdlh": {172}, "mqrfh2": {36}} {
		for _, k := range Kinds() {
			if k.Name != name {
				continue
			}
			last := k.Fields[len(k.Fields)-1]
			if diff := cmp.Diff(want, k.Lengths); diff != "" || last.Offset+last.Length != want[len(want)-1] {
				t.Errorf("%s ends at %d: %s", name, last.Offset+last.Length, diff)
			}
		}
	}
}

func TestBadHeaders(t *testing.T) {
	c, err := NewCoding(ZOS, 37)
	if err != nil {
		t.Fatal(err)
	}
	good, err := New(MQCIH(), c)
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, b ...byte) []byte {
		p := bytes.Clone(good.Raw)
		copy(p[at:], b)
		return p
	}
	for name, p := range map[string][]byte{
		"nothing": nil, "short": good.Raw[:163], "eye-catcher": change(0, 'C', 'I', 'H', ' '), "version": change(4, 0, 0, 0, 9),
		"order": change(4, 2, 0, 0, 0), "length": change(8, 0, 0, 0, 164), "long": change(8, 0, 1, 0, 0), "negative": change(8, 0xFF), "cut": good.Raw[:170],
	} {
		if _, err := Parse(MQCIH(), p, c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, v := range map[string]any{
		"abendCode": "ASRAX", "transactionId": "\u20ac\u4e00", "flags": int64(1) << 31, "reason": "x", "facility": []byte{1}, "nothing": 1,
		"version": 2, "strucLength": 1, "strucId": "X", "function": 5,
	} {
		if err := good.Set(name, v); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	old, err := NewVersion(MQCIH(), 1, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Set("cursorPosition", 1); err == nil {
		t.Error("version 1 has a field of version 2")
	}
	for _, ccsid := range []int32{0, -1, 1200, 930, 999999} {
		if _, err := NewCoding(ZOS, ccsid); err == nil {
			t.Errorf("CCSID %d: no error", ccsid)
		}
	}
	if _, err := NewCoding(0, 37); err == nil {
		t.Error("encoding 0: no error")
	}
}

// TestChain puts a dead-letter header in front of a JMS header in front of a CICS header, each written in
// another way than the one before, and reads them back.
func TestChain(t *testing.T) {
	coding := func(e Encoding, ccsid int32) Coding {
		c, err := NewCoding(e, ccsid)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one := func(k *Kind, c Coding) *Header {
		h, err := New(k, c)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	rfh := one(MQRFH2(), coding(LittleEndian, 437))
	second := one(MQRFH2(), coding(BigEndian, 819))
	if err := errors.Join(rfh.SetFolders(wantFolders...), second.SetFolders(Folder{Name: "usr", Properties: []Property{{Name: "a.b", Value: "<&>"}}})); err != nil {
		t.Fatal(err)
	}
	cih := one(MQCIH(), coding(ZOS, 1047))
	body := What{Format: "MQSTR", Encoding: ZOS, CCSID: 1047}
	msg, first, err := AppendChain(nil, []*Header{one(MQDLH(), coding(ZOS, 500)), rfh, second, cih}, body)
	if err != nil {
		t.Fatal(err)
	}
	if want := (What{Format: "MQDEAD", Encoding: ZOS, CCSID: 500}); first != want {
		t.Errorf("the descriptor would say %+v, want %+v", first, want)
	}
	headers, rest, of, err := ParseChain(append(msg, "body"...), first)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range headers {
		names = append(names, h.Kind.Name)
	}
	if diff := cmp.Diff([]string{"mqdlh", "mqrfh2", "mqrfh2", "mqcih"}, names); diff != "" || string(rest) != "body" || of != body {
		t.Errorf("%s rest %q, %+v", diff, rest, of)
	}
	folders, err := headers[2].Folders()
	if diff := cmp.Diff([]Folder{{Name: "usr", Properties: []Property{{Name: "a.b", Value: "<&>"}}}}, folders); diff != "" || err != nil {
		t.Errorf("%s %v", diff, err)
	}
	if _, _, err := AppendChain(nil, []*Header{cih}, What{Encoding: LittleEndian, CCSID: 819}); err == nil {
		t.Error("an MQCIH cannot say that what follows is written in another way")
	}
	if _, _, _, err := ParseChain(msg[:200], first); err == nil {
		t.Error("a cut chain is no chain")
	}
}

func TestBadFolders(t *testing.T) {
	c, err := NewCoding(BigEndian, 819)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"<usr>", "usr", "<usr></mcd>", "<usr><a>1</usr>", "<usr/><mcd/>", "<usr>&x;</usr>", "<!DOCTYPE a><usr/>", "<usr><!-- x --></usr>", "<usr>text</usr>",
	} {
		h, err := New(MQRFH2(), c)
		if err != nil {
			t.Fatal(err)
		}
		p := []byte(text)
		for len(p)%4 != 0 {
			p = append(p, ' ')
		}
		h.Raw = append(append(h.Raw, 0, 0, 0, byte(len(p))), p...)
		if f, err := h.Folders(); err == nil {
			t.Errorf("%q is read as %+v", text, f)
		}
	}
	h, err := New(MQRFH2(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []Folder{{Name: "a b"}, {Name: "usr", Properties: []Property{{Name: "1"}}}, {Name: ""}} {
		if err := h.SetFolders(f); err == nil {
			t.Errorf("folder %+v is written", f)
		}
	}
}

func FuzzParseChain(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.raw, v.kind.Format, int32(v.coding.encoding), v.coding.ccsid)
	}
	f.Fuzz(func(t *testing.T, msg []byte, format string, e, ccsid int32) {
		headers, rest, _, err := ParseChain(msg, What{format, Encoding(e), ccsid})
		if err != nil {
			return
		}
		n := len(rest)
		for _, h := range headers {
			n += len(h.Raw)
			if h.Kind.Name != "mqrfh2" {
				continue
			}
			folders, err := h.Folders()
			if err != nil {
				continue
			}
			if err := h.SetFolders(folders...); err == nil {
				again, err := h.Folders()
				if diff := cmp.Diff(folders, again); diff != "" || err != nil {
					t.Fatalf("folders change when they are written: %s %v", diff, err)
				}
			}
		}
		if n != len(msg) && len(headers) > 0 && len(rest) > len(msg) {
			t.Fatalf("%d bytes of %d", n, len(msg))
		}
	})
}
