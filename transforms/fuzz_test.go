// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// wantError fails on errors that are none of those a run may give.
func wantError(t *testing.T, err error) {
	t.Helper()
	var invalid *transforms.InvalidError
	var field *transforms.FieldError
	var expression *transforms.ExprError
	var foreign *transforms.ForeignError
	switch {
	case err == nil:
	case errors.As(err, &invalid):
		if len(invalid.Issues) == 0 || len(invalid.Issues) > 40 {
			t.Errorf("%d issues", len(invalid.Issues))
		}
	case errors.As(err, &field):
		if field.Code == "" || field.Reason == "" {
			t.Errorf("error without code or reason: %#v", field)
		}
	case errors.As(err, &expression), errors.As(err, &foreign):
	default:
		t.Errorf("error of type %T: %v", err, err)
	}
}

// FuzzPlan compiles whatever stands in a transform and in records.yaml, and runs what compiles.
func FuzzPlan(f *testing.F) {
	read := func(name string) string {
		data, err := os.ReadFile("../examples/bank/" + name)
		if err != nil {
			f.Fatal(err)
		}
		return string(data)
	}
	files := small{
		body: `{type: object, required: [type, owners], properties: {type: {type: string}, currency: {type: string}, branch: {type: integer}, overdraftLimit: {type: number}, ` +
			`owners: {type: array, maxItems: 5, items: {type: object, properties: {name: {type: string}, role: {type: string}, address: {type: object, ` +
			`properties: {street: {type: string}, postcode: {type: string}, city: {type: string}, country: {type: string}}}}}}}}`,
		answer:   `{type: object, required: [id], properties: {id: {type: string}, opened: {type: string}}}`,
		copybook: read("copybooks/REGHDR.cpy"),
	}.files()
	files["copybooks/REGHDR.cpy"] = files["copybooks/BOOK.cpy"]
	files["copybooks/ACCTOPEN.cpy"] = &fstest.MapFile{Data: []byte(read("copybooks/ACCTOPEN.cpy"))}
	bankRecords := read("records.yaml")
	for _, name := range []string{"openAccount", "getAccount", "transfer", "listTransactions"} {
		text := strings.Replace(read("transforms/"+name+".yaml"), "operation: "+name, "operation: op", 1)
		f.Add(strings.ReplaceAll(text, "status: 201", "status: 200"), bankRecords)
	}
	f.Add("operation: op\nbackend: core\nrequest: {record: copybooks/ACCTOPEN.cpy#OPN-REQUEST, fields: {OPN-OWNERS: {each: =body.owners, as: o, to: {OPN-NAME: =o.name}}}}\n", "OPN-TYPE: {enum: {C: current}}\n")
	f.Add("operation: op\nbackend: core\nreply: {record: copybooks/ACCTOPEN.cpy#OPN-REPLY, outcomes: [{when: =true, status: 422, problem: {title: =reply.rc, x: =body}}], "+
		"body: {id: {when: =true, then: =reply.account, else: x}}}\n", "")
	in := transforms.Input{Params: []byte(benchParams), Body: openingBody(), Now: time.Unix(0, 0), ExchangeID: "00000000-0000-4000-8000-000000000000"}
	f.Fuzz(func(t *testing.T, transform, records string) {
		if len(transform)+len(records) > 20_000 {
			return
		}
		fsys := maps.Clone(files)
		fsys["records.yaml"] = &fstest.MapFile{Data: []byte(records)}
		fsys["transforms/op.yaml"] = &fstest.MapFile{Data: []byte(transform)}
		all, findings := compileWorkspace(fsys)
		for _, x := range findings {
			if x.Code == "" || x.Message == "" {
				t.Errorf("finding without code or message: %+v", x)
			}
		}
		for _, c := range all {
			r := c.Start()
			_, err := r.Request(in)
			wantError(t, err)
			if err == nil {
				_, err = r.Reply(transforms.Message{Body: make([]byte, 100)})
				wantError(t, err)
			}
			r.Release()
		}
	})
}

// FuzzTypedExpression compiles an expression where it sees a contract and a record, and runs it.
func FuzzTypedExpression(f *testing.F) {
	for _, s := range []string{
		`body.name + "x"`, `body.list[0].n`, `len(body.list)`, `body.maybe ?? "x"`, `any(body.list, #.n > 1)`, `map(body.list, #.n)[1]`,
		`body.num / body.int`, `body.flag ? path.id : query.q`, `body`, `body.sub.deep`, `body?.sub`, `body["name"]`, `exchange.id`, `lookup`,
		`filter(body.list, .n == 1)[0].t`, `body.num == nil`, `"größe" + body.name`, `-body.num`, `not body.flag`, `body.name[0:2]`, `reduce(body.list, #acc + 1)`,
	} {
		f.Add(s)
	}
	s := small{
		path:       "/op/{id}",
		parameters: `[{name: id, in: path, required: true, schema: {type: string, maxLength: 4}}, {name: q, in: query, schema: {type: integer}}]`,
		body: `{type: object, required: [name, num, flag, list], properties: {name: {type: string, maxLength: 9}, num: {type: number}, int: {type: integer}, flag: {type: boolean}, ` +
			`maybe: {type: [string, "null"]}, sub: {type: object, properties: {deep: {type: number}}}, ` +
			`list: {type: array, maxItems: 3, items: {type: object, properties: {n: {type: integer}, t: {type: string}}}}}}`,
		copybook: "       01  IN.\n           05  A  PIC X(20).\n           05  N  PIC S9(5)V99.\n       01  OUT.\n           05  B  PIC X.\n",
	}
	in := transforms.Input{
		Params: []byte(`{"path":{"id":"ab"},"query":{},"header":{},"cookie":{}}`),
		Body:   []byte(`{"name":"größe","num":-1.50,"flag":true,"list":[{"n":1},{"t":"x"},{}]}`),
	}
	f.Fuzz(func(t *testing.T, expression string) {
		quoted := strings.ReplaceAll(expression, "'", "''")
		s := s
		s.transform = "request:\n  record: copybooks/BOOK.cpy#IN\n  fields:\n    A: '=" + quoted + "'\n" +
			"reply:\n  record: copybooks/BOOK.cpy#OUT\n  outcomes:\n    - {when: '=" + quoted + "', status: 500}\n"
		all, _ := compileWorkspace(s.files())
		for _, c := range all {
			r := c.Start()
			_, err := r.Request(in)
			wantError(t, err)
			if err == nil {
				_, err = r.Reply(transforms.Message{Body: []byte{0x40}})
				wantError(t, err)
			}
			r.Release()
		}
	})
}

// FuzzRequestBody writes the record of any body that the contract accepts.
func FuzzRequestBody(f *testing.F) {
	f.Add(openingBody())
	f.Add([]byte(`{"type":"savings","currency":"CHF","branch":1,"owners":[{"name":"Zo\u00eb \"Z\"","role":"holder","address":{"street":"","postcode":"","city":"","country":"DE"}}]}`))
	f.Add([]byte(`{"type":"current","currency":"EUR","branch":1e3,"overdraftLimit":999999999.990,"owners":[]}`))
	c := bank(f, "openAccount")
	f.Fuzz(func(t *testing.T, body []byte) {
		r := c.Start()
		defer r.Release()
		m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: body})
		wantError(t, err)
		if err != nil {
			return
		}
		if len(m.Body) > 1000 {
			t.Errorf("%d bytes", len(m.Body))
		}
		if _, err := c.request.DecodeJSON(nil, m.Body); err != nil {
			t.Errorf("the record cannot be read: %v", err)
		}
	})
}

// FuzzReplyRecord makes the answer of any bytes.
func FuzzReplyRecord(f *testing.F) {
	operations := map[string]transforms.Input{
		"getAccount":       {Params: []byte(`{"path":{"accountId":"0000004711"},"query":{},"header":{},"cookie":{}}`)},
		"listTransactions": {Params: []byte(`{"path":{"accountId":"0000004711"},"query":{"limit":5},"header":{},"cookie":{}}`)},
	}
	all := map[string]compiled{}
	for id := range operations {
		all[id] = bank(f, id)
		for _, status := range []int{0, 404, 502, 503} {
			if js, ok := all[id].ExampleReply(status, []byte(`{"account":"0000004711"}`)); ok {
				if msg, err := all[id].reply.EncodeJSON(nil, js.JSON); err == nil {
					f.Add(msg)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		for id, c := range all {
			r := c.Start()
			if _, err := r.Request(operations[id]); err != nil {
				t.Fatal(err)
			}
			out, err := r.Reply(transforms.Message{Body: msg})
			wantError(t, err)
			if err == nil && out.Body != nil && !jsontext.Value(out.Body).IsValid() {
				t.Errorf("the answer is not JSON: %q", out.Body)
			}
			if len(out.Body) > 100_000 {
				t.Errorf("%d bytes", len(out.Body))
			}
			r.Release()
		}
	})
}
