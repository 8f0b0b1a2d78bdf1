// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"lintel/transforms"
)

// want builds a capture tree by member names: "a", "a.b", "list[]" and "list[].x" each take a slot.
func want(t testing.TB, root *transforms.Type, paths ...string) (*transforms.Capture, map[string]int) {
	t.Helper()
	c := &transforms.Capture{Type: root, Slot: -1}
	at := map[string]int{}
	for _, path := range paths {
		node, frame := c, c
		for _, step := range strings.Split(path, ".") {
			name, isEach := strings.CutSuffix(step, "[]")
			node = memberCapture(t, node, name)
			if isEach {
				if node.Each == nil {
					node.Each = &transforms.Capture{Type: node.Type.Items, Slot: -1}
					if node.Slot < 0 {
						node.Slot = frame.Size
						frame.Size++
					}
				}
				node = node.Each
				frame = node
			}
		}
		if node.Slot < 0 {
			node.Slot = frame.Size
			frame.Size++
		}
		at[path] = node.Slot
	}
	return c, at
}

func memberCapture(t testing.TB, c *transforms.Capture, name string) *transforms.Capture {
	for _, m := range c.Members {
		if m.Type.Name == name {
			return m
		}
	}
	typ := c.Type.Member(name)
	if typ == nil {
		t.Fatalf("the type has no member %s", name)
	}
	m := &transforms.Capture{Type: typ, Slot: -1}
	c.Members = append(c.Members, m)
	return m
}

func TestReaderCaptures(t *testing.T) {
	mt := newType(t, `{"type":"object","properties":{
		"id":{"type":"string"},"amount":{"type":"number"},"flag":{"type":["boolean","null"]},"gone":{"type":"string"},
		"party":{"allOf":[{"properties":{"name":{"type":"string"}}},{"properties":{"tags":{"type":"array","items":{"type":"string"}}}}]},
		"rows":{"type":"array","items":{"type":"object","properties":{"n":{"type":"number"},
			"sub":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}}}}}}}}`, Options{})
	c, at := want(t, mt.Type, "id", "amount", "flag", "gone", "party", "party.name", "party.tags[]", "rows[].n", "rows[].sub[].k")
	r, fs := mt.Format.Reader(c)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	doc := []byte(`{ "rows" : [ {"n": 1, "sub": [{"k":"a"},{"k":"b"}]}, {"sub": []}, {"n": 2.50, "sub": [{"k":"c"}, {}]} ],
		"party": {"name":"Z\u00fcrich","tags":["x","y"]}, "flag":null, "amount": -1.50e1, "\u0069d": "7" }`)
	var s transforms.Slots
	s.Reset(c.Size)
	if err := r.Read(doc, &s, 0); err != nil {
		t.Fatal(err)
	}
	text := func(path string, base int) string {
		v := s.At(base + at[path])
		return fmt.Sprintf("%d %s", v.Kind, v.Text)
	}
	got := []string{
		text("id", 0), text("amount", 0), text("flag", 0), text("gone", 0), text("party", 0), text("party.name", 0),
	}
	wanted := []string{
		`4 "7"`, `3 -1.50e1`, `1 null`, `0 `, `5 {"name":"Z\u00fcrich","tags":["x","y"]}`, `4 "Z\u00fcrich"`,
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
	var rows []string
	list := s.At(c.Members[len(c.Members)-1].Slot)
	each := c.Members[len(c.Members)-1].Each
	for i := range int(list.Len) {
		row := int(list.First) + i*each.Size
		line := text("rows[].n", row)
		sub := each.Members[1]
		inner := s.At(row + sub.Slot)
		for j := range int(inner.Len) {
			line += " | " + text("rows[].sub[].k", int(inner.First)+j*sub.Each.Size)
		}
		rows = append(rows, line)
	}
	if diff := cmp.Diff([]string{`3 1 | 4 "a" | 4 "b"`, `0 `, `3 2.50 | 4 "c" | 0 `}, rows); diff != "" {
		t.Error(diff)
	}
}

// body is a document of 22 members and about 630 bytes, as a payment API would take it.
const (
	body = `{"paymentId":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789ab","account":"DE89370400440532013000","amount":12345.67,"currency":"EUR",` +
		`"bookingDate":"2026-03-14","valueDate":"2026-03-16","createdAt":"2026-03-14T09:26:53Z","status":"PENDING","priority":3,` +
		`"urgent":false,"reference":"INV-2026-000471","creditorName":"Stadtwerke Musterstadt GmbH","creditorAccount":"DE02120300000000202051",` +
		`"creditorBic":"BYLADEM1001","remittance":"Invoice 471 of March","charges":"SHA","branch":"0047","channel":"MOBILE",` +
		`"exchangeRate":1.000000,"sequence":40017,"retry":0,"note":null}`
	bodySchema = `{"type":"object","additionalProperties":false,"required":["paymentId","account","amount","currency","creditorName","creditorAccount"],"properties":{
		"paymentId":{"type":"string","format":"uuid"},"account":{"type":"string","pattern":"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"},
		"amount":{"type":"number","minimum":0.01,"maximum":9999999999999.99,"multipleOf":0.01},"currency":{"type":"string","enum":["EUR","USD","GBP","CHF"]},
		"bookingDate":{"type":"string","format":"date"},"valueDate":{"type":"string","format":"date"},"createdAt":{"type":"string","format":"date-time"},
		"status":{"type":"string","enum":["PENDING","BOOKED","REJECTED"]},"priority":{"type":"integer","minimum":0,"maximum":9},"urgent":{"type":"boolean"},
		"reference":{"type":"string","minLength":1,"maxLength":35},"creditorName":{"type":"string","minLength":1,"maxLength":70},
		"creditorAccount":{"type":"string","pattern":"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"},"creditorBic":{"type":"string","pattern":"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"},
		"remittance":{"type":"string","maxLength":140},"charges":{"type":"string","enum":["SHA","OUR","BEN"]},"branch":{"type":"string","minLength":4,"maxLength":4},
		"channel":{"type":"string"},"exchangeRate":{"type":"number","exclusiveMinimum":0},"sequence":{"type":"integer","format":"int64"},
		"retry":{"type":"integer","minimum":0},"note":{"type":["string","null"],"maxLength":80}}}`
)

func bodyReader(t testing.TB) (transforms.Reader, *transforms.Capture) {
	mt := newType(t, bodySchema, Options{})
	var paths []string
	for _, m := range mt.Type.Members {
		paths = append(paths, m.Name)
	}
	c, _ := want(t, mt.Type, paths...)
	r, fs := mt.Format.Reader(c)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	return r, c
}

func TestReadAllocatesNothing(t *testing.T) {
	r, c := bodyReader(t)
	msg := []byte(body)
	var s transforms.Slots
	read := func() {
		s.Reset(c.Size)
		if err := r.Read(msg, &s, 0); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if n := testing.AllocsPerRun(200, read); n > 0 && !raceEnabled {
		t.Errorf("reading allocates %v times", n)
	}
}

func BenchmarkRead(b *testing.B) {
	r, c := bodyReader(b)
	msg := []byte(body)
	var s transforms.Slots
	b.Run("validate and capture", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(msg)))
		for b.Loop() {
			s.Reset(c.Size)
			if err := r.Read(msg, &s, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare tokens", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(msg)))
		var buf bytes.Buffer
		d := jsontext.NewDecoder(&buf)
		for b.Loop() {
			buf = *bytes.NewBuffer(msg)
			d.Reset(&buf)
			for {
				if _, err := d.ReadToken(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("well-formed only", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := wellFormed(msg, 32, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}
