// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/transforms"
)

// shop is a workspace with tables, a group, conditions and problems.
func shop() small {
	return small{
		path:       "/op/{id}",
		parameters: `[{name: id, in: path, required: true, schema: {type: string, maxLength: 4}}, {name: q, in: query, schema: {type: integer, minimum: 0, maximum: 9, default: 7}}]`,
		body: `{type: object, required: [lines], properties: {note: {type: string, maxLength: 10}, kind: {type: string, maxLength: 3, default: std}, flag: {type: boolean}, ` +
			`lines: {type: array, minItems: 0, maxItems: 3, items: {type: object, required: [sku, qty], properties: {sku: {type: string, maxLength: 5}, ` +
			`qty: {type: integer, minimum: 0, maximum: 99}, tags: {type: array, maxItems: 2, items: {type: string, maxLength: 2}}}}}}}`,
		answer: `{type: object, required: [id], additionalProperties: false, properties: {id: {type: string}, note: {type: string}, total: {type: number}, state: {type: string}, skus: {type: string}, ` +
			`lines: {type: array, items: {type: object, properties: {sku: {type: string}, qty: {type: integer}, tags: {type: array, items: {type: string}}, many: {type: boolean}}}}}}`,
		statuses: "\"404\": {description: none}\n\"409\": {description: busy}\n",
		copybook: `       01  IN.
           05  RC     PIC XX.
           05  ID1    PIC X(4).
           05  Q      PIC 9.
           05  KIND   PIC X(3).
           05  NOTE   PIC X(10).
           05  XID    PIC X(36).
           05  TIM    PIC X(24).
           05  SKUS   PIC X(20).
           05  CNT    PIC 9.
           05  LINES1 OCCURS 0 TO 3 TIMES DEPENDING ON CNT.
             10  SKU  PIC X(5).
             10  QTY  PIC 99.
             10  TAG  PIC X(2) OCCURS 2 TIMES.
`,
		records: "IN: {prefix: []}\n",
		transform: `request:
  record: copybooks/BOOK.cpy#IN
  fields:
    RC: "00"
    ID1: =path.id
    Q: =query.q
    KIND: =body.kind
    NOTE: =body.note ?? "none"
    XID: =exchange.id
    TIM: =exchange.time
    SKUS: '=len(body.lines) > 0 ? body.lines[0].sku : "-"'
    LINES1:
      each: =body.lines
      as: l
      to: {SKU: =l.sku, QTY: =l.qty}
reply:
  record: copybooks/BOOK.cpy#IN
  outcomes:
    - when: =reply.rc == "04"
      status: 404
      headers: {X-Rc: =reply.rc, X-Note: =body.note, X-Fixed: "yes"}
      problem: {title: ="none for " + reply.id1, type: "urn:none", detail: =reply.note, code: gone, rc: =reply.rc, first: =body.note, n: =reply.q, why: x}
      fate: not applied
    - when: =reply.rc in ["08", "09"] and not (reply.rc == "09")
      status: 409
      host: failed
  headers: {X-Q: =reply.q}
  body:
    id: =reply.id1
    note: {when: =reply.note != "none", then: =reply.note}
    total: =reply.q * 1.5
    state: {when: =reply.q > 5, then: high, else: low}
    skus: =reply.skus
    lines:
      each: =reply.lines1
      as: l
      to: {sku: =l.sku, qty: =l.qty, many: =l.qty > 10, tags: {each: =l.tag, as: t, to: =t}}
`,
	}
}

func shopInput(body string) transforms.Input {
	return transforms.Input{
		Params: []byte(`{"path":{"id":"A1"},"query":{},"header":{},"cookie":{}}`), Body: []byte(body),
		Now: time.Date(2026, 3, 14, 9, 26, 53, 589e6, time.FixedZone("", 3600)), ExchangeID: "0191d5f0-0000-7000-8000-000000000001",
	}
}

// answer runs an exchange whose reply is the request with another return code.
func answer(t *testing.T, c compiled, in transforms.Input, rc string) (transforms.Output, error) {
	t.Helper()
	r := c.Start()
	defer r.Release()
	m, err := r.Request(in)
	if err != nil {
		return transforms.Output{}, err
	}
	copy(m.Body, latin1(rc))
	out, err := r.Reply(transforms.Message{Body: m.Body})
	out.Body = []byte(string(out.Body))
	return out, err
}

func shopLatin() small {
	s := shop()
	s.codepage = "iso8859-1"
	return s
}

func TestRequestRecord(t *testing.T) {
	c := shopLatin().compile(t)
	r := c.Start()
	defer r.Release()
	m, err := r.Request(shopInput(`{"lines":[{"sku":"s1","qty":5},{"sku":"s2","qty":50}],"note":"hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "00A1  7stdhello     0191d5f0-0000-7000-8000-0000000000012026-03-14T08:26:53.589Zs1                  2s1   05    s2   50    "
	if got := string(m.Body); got != want {
		t.Errorf("record\n%q\nwant\n%q", got, want)
	}
}

func TestAnswer(t *testing.T) {
	c := shopLatin().compile(t)
	in := shopInput(`{"lines":[{"sku":"s1","qty":5},{"sku":"s2","qty":50}],"note":"hello"}`)
	out, err := answer(t, c, in, "00")
	if err != nil || out.Invalid != nil {
		t.Fatal(err, out.Invalid)
	}
	want := `{"id":"A1","note":"hello","total":10.5,"state":"high","skus":"s1","lines":[{"sku":"s1","qty":5,"many":false,"tags":["",""]},{"sku":"s2","qty":50,"many":true,"tags":["",""]}]}`
	if diff := cmp.Diff(want, string(out.Body)); diff != "" {
		t.Error(diff)
	}
	if out.Status != 200 || out.Outcome != "ok" || len(out.Headers) != 1 || out.Headers[0] != (transforms.Header{Name: "X-Q", Value: "7"}) {
		t.Errorf("output %+v", out)
	}
	in = shopInput(`{"lines":[]}`)
	in.Params = []byte(`{"path":{"id":"A1"},"query":{"q":3},"header":{},"cookie":{}}`)
	if out, err = answer(t, c, in, "00"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"id":"A1","total":4.5,"state":"low","skus":"-","lines":[]}`, string(out.Body)); diff != "" {
		t.Error(diff)
	}
}

func TestOutcomes(t *testing.T) {
	c := shopLatin().compile(t)
	out, err := answer(t, c, shopInput(`{"lines":[]}`), "04")
	if err != nil {
		t.Fatal(err)
	}
	want := &transforms.Problem{Type: "urn:none", Title: "none for A1", Detail: "none", Code: "gone", Members: []transforms.Member{
		{Name: "rc", JSON: []byte(`"04"`)}, {Name: "n", JSON: []byte(`7`)}, {Name: "why", JSON: []byte(`"x"`)},
	}}
	if diff := cmp.Diff(want, out.Problem); diff != "" {
		t.Error(diff)
	}
	headers := []transforms.Header{{Name: "X-Rc", Value: "04"}, {Name: "X-Fixed", Value: "yes"}}
	if diff := cmp.Diff(headers, out.Headers); diff != "" {
		t.Error(diff)
	}
	if out.Status != 404 || !out.NotApplied || out.HostFailed || out.Outcome != "404#1" {
		t.Errorf("output %+v", out)
	}
	out, err = answer(t, c, shopInput(`{"lines":[]}`), "08")
	if err != nil || out.Status != 409 || !out.HostFailed || out.NotApplied || out.Problem == nil {
		t.Errorf("output %+v, %v", out, err)
	}
	if out, err = answer(t, c, shopInput(`{"lines":[]}`), "09"); err != nil || out.Status != 200 {
		t.Errorf("output %+v, %v", out, err)
	}
}

func TestInvalidInput(t *testing.T) {
	c := shopLatin().compile(t)
	in := shopInput(`{"lines":[{"sku":"toolong","qty":100}],"more":1}`)
	in.Params = []byte(`{"path":{},"query":{"q":10},"header":{},"cookie":{}}`)
	_, err := answer(t, c, in, "00")
	var invalid *transforms.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("error %v", err)
	}
	var got []string
	for _, i := range invalid.Issues {
		got = append(got, i.Pointer+" "+i.Code)
	}
	want := []string{"/path/id required", "/query/q maximum", "/body/lines/0/sku maxLength", "/body/lines/0/qty maximum", "/body/more unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err = answer(t, c, shopInput(`{"lines":[`), "00"); !errors.As(err, &invalid) || !invalid.Syntax {
		t.Errorf("error %v", err)
	}
	if _, err = answer(t, c, shopInput(`{"lines":[],"note":"日本"}`), "00"); err == nil {
		t.Error("characters that the code page lacks were taken")
	}
}

// TestNothingStays uses the runs of one transform again and again, also after failures: what one
// exchange had must not be in the next.
func TestNothingStays(t *testing.T) {
	c := shopLatin().compile(t)
	full := shopInput(`{"lines":[{"sku":"leak1","qty":1},{"sku":"leak2","qty":2},{"sku":"leak3","qty":3}],"note":"leaknote","kind":"lea"}`)
	empty := shopInput(`{"lines":[]}`)
	want, err := answer(t, shopLatin().compile(t), empty, "04")
	if err != nil {
		t.Fatal(err)
	}
	spoil := []func() error{
		func() error { _, err := answer(t, c, full, "00"); return err },
		func() error { _, err := answer(t, c, full, "04"); return err },
		func() error {
			in := full
			in.Body = []byte(strings.Replace(string(full.Body), `"qty":3`, `"qty":300`, 1))
			_, err := answer(t, c, in, "00")
			return err
		},
		func() error {
			in := full
			in.Body = []byte(strings.Replace(string(full.Body), `leak3`, `日`, 1))
			_, err := answer(t, c, in, "00")
			return err
		},
		func() error {
			r := c.Start()
			defer r.Release()
			if _, err := r.Request(full); err != nil {
				return err
			}
			_, err := r.Reply(transforms.Message{Body: []byte("00leak7x")})
			return err
		},
	}
	for i, f := range spoil {
		for range 3 {
			_ = f()
			got, err := answer(t, c, empty, "04")
			if err != nil {
				t.Fatalf("after %d: %v", i, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("after %d: %s", i, diff)
			}
			r := c.Start()
			m, err := r.Request(empty)
			if err != nil || strings.Contains(string(m.Body), "lea") {
				t.Fatalf("after %d: record %q, %v", i, m.Body, err)
			}
			r.Release()
		}
	}
}

// TestConcurrency runs one transform from many goroutines with values of their own.
func TestConcurrency(t *testing.T) {
	c := shopLatin().compile(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				note := fmt.Sprintf("n%d-%d", g, i)
				out, err := answer(t, c, shopInput(`{"lines":[{"sku":"s","qty":1}],"note":"`+note+`"}`), "00")
				if err != nil || !strings.Contains(string(out.Body), `"note":"`+note+`"`) {
					t.Errorf("%s: %s, %v", note, out.Body, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestLargeBuffers makes a run grow beyond what is kept, and goes on with others.
func TestLargeBuffers(t *testing.T) {
	s := small{
		body: `{type: object, properties: {text: {type: string, maxLength: 100000}}}`, answer: `{type: object, properties: {text: {type: string}}}`,
		copybook: "       01  IN.\n           05  TEXT1  PIC X(90000).\n", codepage: "iso8859-1",
		transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {TEXT1: =body.text}\nreply:\n  record: copybooks/BOOK.cpy#IN\n  body: {text: =reply.text1}\n",
	}
	c := s.compile(t)
	for _, n := range []int{90_000, 1, 80_000, 0} {
		text := strings.Repeat("y", n)
		out, err := exchange(c, `{"text":"`+text+`"}`)
		if err != nil || string(out.Body) != `{"text":"`+text+`"}` {
			t.Errorf("%d: %d bytes, %v", n, len(out.Body), err)
		}
	}
}

// TestGroups moves whole groups and tables, and names fields by their groups.
func TestGroups(t *testing.T) {
	s := small{
		body: `{type: object, required: [g, rows], properties: {g: {type: object, required: [a, b], additionalProperties: false, properties: {a: {type: string, maxLength: 2}, b: {type: integer, minimum: 0, maximum: 99}}}, ` +
			`rows: {type: array, minItems: 2, maxItems: 2, items: {type: array, minItems: 2, maxItems: 2, items: {type: integer, minimum: 0, maximum: 9}}}}}`,
		answer: `{type: object, properties: {g: {type: object}, rows: {type: array, items: {type: array, items: {type: integer}}}}}`,
		copybook: `       01  IN.
           05  G.
             10  A    PIC X(2).
             10  B    PIC 99.
           05  H.
             10  A    PIC X(2).
           05  ROWS1  OCCURS 2 TIMES.
             10  COL  PIC 9 OCCURS 2 TIMES.
`,
		codepage: "iso8859-1",
		transform: `request:
  record: copybooks/BOOK.cpy#IN
  fields: {G: =body.g, H.A: =body.g.a, ROWS1: {each: =body.rows, as: r, to: {COL: {each: =r, as: c, to: =c}}}}
reply:
  record: copybooks/BOOK.cpy#IN
  body: {g: =reply.g, rows: {each: =reply.rows1, as: r, to: {each: =r.col, as: c, to: =c}}}
`,
	}
	c := s.compile(t)
	r := c.Start()
	defer r.Release()
	m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"rows":[[1,2],[3,4]],"g":{"b":7,"a":"xy"}}`)})
	if err != nil || string(m.Body) != "xy07xy1234" {
		t.Fatalf("record %q, %v", m.Body, err)
	}
	out, err := r.Reply(m)
	if err != nil || string(out.Body) != `{"g":{"a":"xy","b":7},"rows":[[1,2],[3,4]]}` || out.Invalid != nil {
		t.Errorf("answer %s, %v, %v", out.Body, out.Invalid, err)
	}
}

// TestAnswerBreaksContract has the host say what the contract does not allow.
func TestAnswerBreaksContract(t *testing.T) {
	s := small{
		answer: `{type: object, required: [code, name], properties: {code: {type: string, pattern: "^[A-Z]+$", maxLength: 3}, name: {type: string, minLength: 1}, ` +
			`list: {type: array, minItems: 1, uniqueItems: true, items: {type: integer, maximum: 5}}}}`,
		copybook: "       01  IN.\n           05  I  PIC X.\n       01  OUT.\n           05  CODE1  PIC X(3).\n           05  NAME1  PIC X(3).\n           05  L  PIC 9 OCCURS 2 TIMES.\n",
		codepage: "iso8859-1",
		transform: "request:\n  record: copybooks/BOOK.cpy#IN\nreply:\n  record: copybooks/BOOK.cpy#OUT\n" +
			"  body: {code: =reply.code1, name: =reply.name1, list: {each: =reply.l, as: x, to: =x}}\n",
	}
	c := s.compile(t)
	for _, tt := range []struct{ reply, want string }{
		{"ABCxyz12", ""},
		{"ab xyz12", "/code pattern"},
		{"ABC   12", "/name minLength"},
		{"   xyz19", "/code pattern, /list/1 maximum"},
		{"ABCxyz11", "/list uniqueItems"},
	} {
		r := c.Start()
		if _, err := r.Request(transforms.Input{Params: []byte(benchParams)}); err != nil {
			t.Fatal(err)
		}
		out, err := r.Reply(transforms.Message{Body: []byte(tt.reply)})
		if err != nil {
			t.Fatalf("%q: %v", tt.reply, err)
		}
		var got []string
		if out.Invalid != nil {
			for _, i := range out.Invalid.Issues {
				got = append(got, i.Pointer+" "+i.Code)
			}
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%q: %v; want %s", tt.reply, got, tt.want)
		}
		r.Release()
	}
}

// TestWhere leaves entries out, on both sides; the counter and the bounds of the table follow.
func TestWhere(t *testing.T) {
	s := shopLatin()
	s.body = strings.Replace(s.body, "minItems: 0, maxItems: 3", "maxItems: 9", 1)
	s.transform = strings.Replace(s.transform, "      as: l\n      to: {SKU", "      as: l\n      where: =l.qty > 10 or l.sku == \"s9\"\n      to: {SKU", 1)
	s.transform = strings.Replace(s.transform, "      as: l\n      to: {sku", "      as: l\n      where: =l.sku != \"s9\"\n      to: {sku", 1)
	c := s.compile(t)
	out, err := answer(t, c, shopInput(`{"lines":[{"sku":"s1","qty":1},{"sku":"s2","qty":50},{"sku":"s3","qty":2},{"sku":"s9","qty":3},{"sku":"s4","qty":11}]}`), "00")
	if err != nil || out.Invalid != nil {
		t.Fatal(err, out.Invalid)
	}
	if want := `"lines":[{"sku":"s2","qty":50,"many":true,"tags":["",""]},{"sku":"s4","qty":11,"many":true,"tags":["",""]}]}`; !strings.HasSuffix(string(out.Body), want) {
		t.Errorf("answer %s", out.Body)
	}
	_, err = answer(t, c, shopInput(`{"lines":[{"sku":"a","qty":20},{"sku":"b","qty":50},{"sku":"c","qty":21},{"sku":"d","qty":33}]}`), "00")
	var field *transforms.FieldError
	if !errors.As(err, &field) || field.Code != "occurs" {
		t.Errorf("error %v", err)
	}
	out, err = answer(t, c, shopInput(`{"lines":[{"sku":"a","qty":1}]}`), "00")
	if err != nil || !strings.HasSuffix(string(out.Body), `"lines":[]}`) {
		t.Errorf("answer %s, %v", out.Body, err)
	}
}
