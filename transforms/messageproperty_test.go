// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms"
)

// carried is a workspace whose messages have properties.
func carried(wire, properties, reply string) small {
	return small{
		wire: wire, codepage: "iso8859-1", copybook: "       01  IN.\n           05  A  PIC X(4).\n",
		body:     `{type: object, required: [a], properties: {a: {type: string, maxLength: 4}, n: {type: integer, minimum: 0, maximum: 99}, f: {type: boolean}, t: {type: string, maxLength: 40}}}`,
		answer:   `{type: object, properties: {a: {type: string}, status: {type: integer}, trace: {type: string}, x: {}}}`,
		statuses: "\"404\": {description: none}\n\"409\": {description: none}\n",
		transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: {A: =body.a}\n  properties: " + properties +
			"\nreply:\n  record: copybooks/BOOK.cpy#IN\n" + reply,
	}
}

const plainReply = "  body: {a: =reply.a}\n"

func TestRequestProperties(t *testing.T) {
	s := carried("http", `{method: PUT, path: '="/accounts/" + body.a', header.X-Count: =body.n, header.X-None: =body.t, soapAction: "urn:x"}`, plainReply)
	c := s.compile(t)
	for range 2 { // the second run uses the first one's map again
		r := c.Start()
		m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"a":"x1","n":7}`)})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"method": "PUT", "path": "/accounts/x1", "header.X-Count": "7", "soapAction": "urn:x"}
		if diff := cmp.Diff(want, m.Properties); diff != "" {
			t.Error(diff)
		}
		r.Release()
	}
	s = carried("mq", `{application.count: =body.n, application.flag: =body.f, application.name: =body.a, application.fixed: 12, application.text: "12"}`, plainReply)
	r := s.compile(t).Start()
	defer r.Release()
	m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"a":"x1","n":7,"f":true}`)})
	want := map[string]any{"application.count": int64(7), "application.flag": true, "application.name": "x1", "application.fixed": int64(12), "application.text": "12"}
	if diff := cmp.Diff(want, m.Properties); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestPropertyRefused has values that a property cannot take: nothing is sent.
func TestPropertyRefused(t *testing.T) {
	for _, tt := range []struct{ wire, properties, body, want string }{
		{"http", `{header.X-A: =body.t}`, `{"a":"x","t":"a\r\nX-B: y"}`, "control character"},
		{"http", `{method: =body.a}`, `{"a":"STEAL"}`, "must be one of"},
		{"mq", `{application.x: =(body.n ?? 1) / 2}`, `{"a":"x","n":3}`, "whole number"},
	} {
		s := carried(tt.wire, tt.properties, plainReply)
		s.body = strings.ReplaceAll(s.body, "maxLength: 4}", "maxLength: 9}")
		s.copybook = strings.ReplaceAll(s.copybook, "X(4)", "X(9)")
		r := s.compile(t).Start()
		_, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(tt.body)})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "properties.") {
			t.Errorf("%s: %v", tt.properties, err)
		}
		r.Release()
	}
}

func TestReplyProperties(t *testing.T) {
	s := carried("http", `{method: GET}`, `  outcomes:
    - when: =properties.status == 404
      status: 404
      headers: {X-Trace: '=properties.header["x-trace"]'}
      problem: {title: ="status " + string(properties.status)}
      fate: not applied
    - when: =reply.a == "no"
      status: 409
  body: {a: =reply.a, status: =properties.status, trace: '=properties.header["X-Trace"] ?? "none"'}
`)
	s.transform = strings.Replace(s.transform, `="status " + string(properties.status)`, `none`, 1)
	c := s.compile(t)
	reply := func(body string, properties map[string]any) (transforms.Output, error) {
		r := c.Start()
		defer r.Release()
		if _, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"a":"x1"}`)}); err != nil {
			t.Fatal(err)
		}
		out, err := r.Reply(transforms.Message{Body: []byte(body), Properties: properties})
		out.Body = []byte(string(out.Body))
		return out, err
	}
	out, err := reply("x1  ", map[string]any{"status": int64(200), "header.X-TRACE": "t1"})
	if err != nil || string(out.Body) != `{"a":"x1","status":200,"trace":"t1"}` {
		t.Errorf("%s, %v", out.Body, err)
	}
	if out, err = reply("x1  ", map[string]any{"status": int64(200)}); err != nil || string(out.Body) != `{"a":"x1","status":200,"trace":"none"}` {
		t.Errorf("%s, %v", out.Body, err)
	}
	// The page of a proxy is no record, and its status decides all the same.
	if out, err = reply("<html>nothing here</html>", map[string]any{"status": int64(404)}); err != nil || out.Status != 404 || !out.NotApplied {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err = reply("<html>nothing here</html>", map[string]any{"status": int64(500)}); err == nil {
		t.Errorf("%+v", out)
	}
	for _, bad := range []map[string]any{{"status": "200"}, {"status": int64(200), "header.X-Trace": "\xff"}} {
		if out, err = reply("x1  ", bad); err == nil || strings.Contains(err.Error(), "200") {
			t.Errorf("%+v, %v", out, err)
		}
	}
}

// TestApplicationProperties reads properties whose type is known only when they come.
func TestApplicationProperties(t *testing.T) {
	s := carried("amqp", `{application.a: b}`, `  body: {x: =properties.application.x}`+"\n")
	c := s.compile(t)
	for _, tt := range []struct {
		value any
		want  string
	}{{"text", `{"x":"text"}`}, {int64(-5), `{"x":-5}`}, {true, `{"x":true}`}, {[]byte{0x0A, 0xFF}, `{"x":"0AFF"}`}, {nil, `{}`}} {
		r := c.Start()
		if _, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(`{"a":"x1"}`)}); err != nil {
			t.Fatal(err)
		}
		properties := map[string]any{}
		if tt.value != nil {
			properties["application.x"] = tt.value
		}
		out, err := r.Reply(transforms.Message{Body: []byte("x1  "), Properties: properties})
		if err != nil || string(out.Body) != tt.want {
			t.Errorf("%v: %s, %v", tt.value, out.Body, err)
		}
		r.Release()
	}
}

func TestPropertyFindings(t *testing.T) {
	for _, tt := range []struct{ wire, properties, reply, want string }{
		{"tcp", `{x: y}`, plainReply, "LNT4007 8:16"},
		{"http", `{metod: GET}`, plainReply, "LNT4007 8:16"},
		{"http", `{status: 200}`, plainReply, "LNT4007 8:16"},
		{"http", `{method: FETCH}`, plainReply, "LNT4007 8:24"},
		{"http", `{header.Host: x}`, plainReply, "LNT4007 8:16"},
		{"http", `{"header.a b": x}`, plainReply, "LNT4007 8:16"},
		{"http", `{header.X-A: x, header.x-a: y}`, plainReply, "LNT4007 8:31"},
		{"http", `{header.X-A: =body}`, plainReply, "LNT4004 8:28"},
		{"http", `{header.X-A: =body.f}`, plainReply, "LNT4004 8:28"},
		{"http", `{header.X-A: '=body.a == "x"'}`, plainReply, "LNT4004 8:28"},
		{"mq", `{application.x: =body}`, plainReply, "LNT4004 8:31"},
		{"tcp", `{}`, "  body: {a: =properties.status}\n", "LNT4007 11:14"},
		{"http", `{}`, "  body: {a: =properties.state}\n", "LNT4022 11:25"},
		{"http", `{}`, "  body: {x: =properties.header}\n", "LNT4022 11:25"},
		{"http", `{}`, "  outcomes: [{when: =properties.status == \"200\", status: 404}]\n  body: {a: =reply.a}\n", "LNT4021"},
		{"http", `{}`, "  outcomes: [{when: '=properties.header.x + \"a\" == \"b\"', status: 404}]\n  body: {a: =reply.a}\n", "LNT4052 11:41"},
	} {
		s := carried(tt.wire, tt.properties, tt.reply)
		_, findings := compileOn(s.wire, s.files())
		got := ""
		for _, f := range findings {
			got += fmt.Sprintf("%s %d:%d\n", f.Code, f.Pos.Line, f.Pos.Column)
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s %s%s: want %s\n%v", tt.wire, tt.properties, tt.reply, tt.want, findings)
		}
	}
}

// TestPropertiesCostNothing compares transforms that name no property.
func TestPropertiesCostNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("allocations are counted without the race detector")
	}
	c := carried("http", `{method: GET, header.X-A: b}`, plainReply).compile(t)
	count := func(properties map[string]any) float64 {
		in := transforms.Input{Params: []byte(benchParams), Body: []byte(`{"a":"x1"}`)}
		return testing.AllocsPerRun(100, func() {
			r := c.Start()
			m, err := r.Request(in)
			if err != nil || len(m.Properties) != 2 {
				t.Fatal(err)
			}
			if _, err := r.Reply(transforms.Message{Body: []byte("x1  "), Properties: properties}); err != nil {
				t.Fatal(err)
			}
			r.Release()
		})
	}
	if n := count(nil); n > 1 || n != count(map[string]any{"status": int64(200), "header.X-B": "c"}) {
		t.Errorf("%v allocations", n)
	}
}

// TestWireProperties holds the table against its own rules.
func TestWireProperties(t *testing.T) {
	for _, wire := range specs.WireWords() {
		seen := map[string]bool{}
		for _, p := range specs.WireProperties(wire) {
			if seen[p.Name] || p.Doc == "" || !p.Request && !p.Reply || strings.Contains(strings.TrimSuffix(p.Name, "."), ".") {
				t.Errorf("%s: %+v", wire, p)
			}
			seen[p.Name] = true
		}
	}
}
