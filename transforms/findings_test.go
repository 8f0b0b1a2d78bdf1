// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRefused has one mistake in each transform and wants its code at its place.
func TestRefused(t *testing.T) {
	const request, reply = "request:\n  record: copybooks/BOOK.cpy#IN\n", "reply:\n  record: copybooks/BOOK.cpy#IN\n"
	fields := func(s string) string {
		return request + "  fields: {" + s + "}\n" + reply + "  body: {id: =reply.id1}\n"
	}
	body := func(s string) string { return request + reply + "  body: " + s + "\n" }
	outcome := func(s string) string {
		return request + reply + "  outcomes: [{when: =reply.rc == \"04\", status: 404, " + s + "}]\n  body: {id: =reply.id1}\n"
	}
	for _, tt := range []struct{ name, transform, want string }{
		{"unknown field", fields("NOTA: x"), "LNT4002 7:12"},
		{"very unknown field", fields("ZZZZZZZZZ: x"), "LNT4002 7:12"},
		{"field twice", fields("NOTE: x, IN.NOTE: y"), "LNT4002 7:21"},
		{"map for a field", fields("NOTE: {A: x}"), "LNT4003 7:18"},
		{"value for a table", fields("LINES1: x"), "LNT4004 7:20"},
		{"map for a table", fields("LINES1: {SKU: x}"), "LNT4003 7:20"},
		{"array for a field", fields("NOTE: =body.lines"), "LNT4004 7:18"},
		{"boolean for a field", fields("NOTE: =body.flag"), "LNT4004 7:18"},
		{"each of a literal", fields("LINES1: {each: x, as: l, to: {SKU: =l.sku}}"), "LNT4005 7:27"},
		{"each of a text", fields("LINES1: {each: =body.note, as: l, to: {SKU: x}}"), "LNT4005 7:27"},
		{"each of a computed value", fields("LINES1: {each: '=filter(body.lines, true)', as: l, to: {SKU: x}}"), "LNT4005 7:27"},
		{"each with a wrong path", fields("LINES1: {each: =body.linse, as: l, to: {SKU: x}}"), "LNT4022 7:33"},
		{"each that cannot be read", fields("LINES1: {each: '=body.', as: l, to: {SKU: x}}"), "LNT4020"},
		{"each without a name", fields("LINES1: {each: =body.lines, to: {SKU: x}}"), "LNT4005 7:20"},
		{"each with a bad name", fields("LINES1: {each: =body.lines, as: 1x, to: {SKU: x}}"), "LNT4005 7:20"},
		{"each without to", fields("LINES1: {each: =body.lines, as: l}"), "LNT4005 7:20"},
		{"each with more", fields("LINES1: {each: =body.lines, as: l, if: x, to: {SKU: x}}"), "LNT4005 7:47"},
		{"where that is no expression", fields("LINES1: {each: =body.lines, as: l, where: x, to: {SKU: x}}"), "LNT4005 7:54"},
		{"where that is a text", fields("LINES1: {each: =body.lines, as: l, where: =l.sku, to: {SKU: x}}"), "LNT4021 7:54"},
		{"unknown member", fields("NOTE: =body.nota"), "LNT4022 7:24"},
		{"member of a text", fields("NOTE: =body.note.x"), "LNT4022 7:29"},
		{"unknown root", fields("NOTE: =bodi.note"), "LNT4021 7:19"},
		{"syntax", fields("NOTE: '=body.note +'"), "LNT4020"},
		{"types", fields("NOTE: =body.kind + 1"), "LNT4021"},
		{"range", fields("NOTE: '=len(1..9) > 1 ? \"a\" : \"b\"'"), "LNT4023"},
		{"power", fields("Q: '=2 ** 3'"), "LNT4023"},
		{"let", fields("NOTE: '=let x = \"a\"; x'"), "LNT4023"},
		{"too long", fields("NOTE: '=\"" + strings.Repeat("x", 5000) + "\"'"), "LNT4024 7:18"},
		{"predicates", fields("NOTE: '=any(body.lines, any(body.lines, any(body.lines, true))) ? \"a\" : \"b\"'"), "LNT4024"},
		{"member that the contract lacks", body("{id: x, nota: y}"), "LNT4012 9:17"},
		{"required member missing", body("{note: x}"), "LNT4013 9:9"},
		{"object for a text", body("{id: {a: x}}"), "LNT4004 9:14"},
		{"array for a text", body("{id: {each: =reply.lines1, as: l, to: x}}"), "LNT4004 9:14"},
		{"list for a text", body("{id: [x]}"), "LNT4004 9:14"},
		{"condition at the root", body("{when: =true, then: x}"), "LNT4012 9:9"},
		{"condition that is none", body("{id: {when: x, then: y}}"), "LNT4012 9:21"},
		{"condition with more", body("{id: {when: =reply.q > 1, then: y, otherwise: z}}"), "LNT4012 9:44"},
		{"condition that is a text", body("{id: {when: =reply.rc, then: y}}"), "LNT4021 9:21"},
		{"status of its own", outcome("headers: {X Y: x}"), "LNT1106 9:63"},
		{"header of the gateway", outcome("headers: {Content-Type: x}"), "LNT4010 9:63"},
		{"headers that are none", outcome("headers: x"), "LNT1102 9:62"},
		{"problem that is none", outcome("problem: x"), "LNT1102 9:62"},
		{"member of the gateway", outcome("problem: {status: 1}"), "LNT4010 9:63"},
		{"deep problem", outcome("problem: {own: {a: 1}}"), "LNT4010 9:68"},
		{"body that is not declared", outcome("body: {id: x}"), "LNT4011 9:59"},
		{"status that is not declared", strings.Replace(outcome("problem: {title: x}"), "status: 404", "status: 405", 1), "LNT4011"},
		{"from of a computed value", request + "  from: '=body.note + \"x\"'\n" + reply + "  body: {id: x}\n", "LNT4005 7:9"},
		{"from of a text", request + "  from: =body.note\n" + reply + "  body: {id: x}\n", "LNT4006 7:9"},
		{"no body made", request + reply, "LNT4011"},
	} {
		s := shop()
		s.transform = tt.transform
		all, findings := compileWorkspace(s.files())
		var got []string
		for _, f := range errorsOf(findings) {
			got = append(got, fmt.Sprintf("%s %d:%d", f.Code, f.Pos.Line, f.Pos.Column))
		}
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) || len(all) > 0 && !strings.HasPrefix(tt.want, "LNT1") {
			t.Errorf("%s: %s; want %s\n%v", tt.name, strings.Join(got, ", "), tt.want, findings)
		}
	}
}
