// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// book parses a free-standing copybook written in the margins of these tests.
func book(t testing.TB, src string, d copybook.Dialect) *copybook.Item {
	t.Helper()
	bk, fs := copybook.Parse("test.cpy", []byte(indent(src)), copybook.Options{Dialect: d})
	if fs.HasErrors() {
		t.Fatalf("copybook: %v", fs)
	}
	return bk.Records[0]
}

// indent puts lines into the text area of fixed form.
func indent(src string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(src), "\n") {
		b.WriteString("       " + strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

func compile(t testing.TB, src string, o Options) *Codec {
	t.Helper()
	if o.Dialect.Name == "" {
		o.Dialect = copybook.ZOS()
	}
	c, fs := Compile(book(t, src, o.Dialect), o)
	if fs.HasErrors() {
		t.Fatalf("compile: %v", fs)
	}
	return c
}

func page(t testing.TB, name string) *codepage.Page {
	t.Helper()
	p, err := codepage.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ebcdic(t testing.TB, s string) []byte {
	t.Helper()
	b, err := page(t, "cp037").AppendEncode(nil, []byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// code gives the code of a field error, "" for no error.
func code(err error) string {
	var fe *transforms.FieldError
	var ie *transforms.InvalidError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fe):
		return fe.Code
	case errors.As(err, &ie):
		return ie.Issues[0].Code
	}
	return "other: " + err.Error()
}

func TestBankLike(t *testing.T) {
	c := compile(t, `
		01  INQ-REPLY.
		    05  INQ-RC PIC X(2).
		        88 INQ-FOUND VALUE '00'.
		        88 INQ-NOT-FOUND VALUE '04'.
		    05  INQ-BALANCE PIC S9(11)V99 COMP-3.
		    05  INQ-AVAILABLE PIC S9(5)V99.
		    05  INQ-BRANCH PIC 9(4) COMP.
		    05  INQ-CLOSE-DATE PIC 9(8).
		    05  FILLER PIC X(3).
		    05  INQ-TYPE PIC X.
		    05  INQ-DETAIL PIC X(6).
		    05  INQ-A-DETAIL REDEFINES INQ-DETAIL.
		        10 INQ-LIMIT PIC 9(4).
		    05  INQ-B-DETAIL REDEFINES INQ-DETAIL.
		        10 INQ-RATE PIC S9(3)V99 COMP-3.
		        10 INQ-CARDS PIC 9(3).
		    05  INQ-COUNT PIC S9(4) COMP.
		    05  INQ-OWNERS OCCURS 0 TO 5 DEPENDING ON INQ-COUNT.
		        10 INQ-NAME PIC X(5).
		        10 INQ-KIND PIC X.
		    05  INQ-LAST PIC X(2).
	`, Options{Rules: []*specs.FieldRule{
		{Name: "INQ-REPLY", Prefix: []specs.Text{{Value: "INQ-"}}},
		{Name: "INQ-CLOSE-DATE", Date: specs.Text{Value: "yyyyMMdd"}, Empty: []specs.EmptyValue{{Text: specs.Text{Value: "00000000"}}}},
		{Name: "INQ-DETAIL", Redefines: &specs.RedefinesRule{By: specs.Text{Value: "INQ-TYPE"}, Choices: []specs.RedefinesChoice{
			{Value: specs.Text{Value: "A"}, Field: specs.Text{Value: "INQ-A-DETAIL"}},
			{Value: specs.Text{Value: "B"}, Field: specs.Text{Value: "INQ-B-DETAIL"}},
		}}},
	}})
	const want = `{"rc":"found","balance":-1234.50,"available":10.05,"branch":77,"closeDate":null,"type":"B",` +
		`"bDetail":{"rate":1.25,"cards":2},"count":2,"owners":[{"name":"ANNA","kind":"H"},{"name":"B","kind":"J"}],"last":"Z"}`
	msg, err := c.EncodeJSON(nil, []byte(want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.DecodeJSON(nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// Counter and discriminator follow from what is given.
	short := strings.NewReplacer(`"type":"B",`, "", `"count":2,`, "").Replace(want)
	again, err := c.EncodeJSON(nil, []byte(short))
	if err != nil || string(again) != string(msg) {
		t.Errorf("without counter and discriminator: %x, %v\nwant %x", again, err, msg)
	}
	t.Logf("%x", msg)
}
