// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"lintel/transforms"
)

// drawCondition draws a condition of the kinds that are decided without the VM, and others.
func drawCondition(t *rapid.T, depth int) string {
	path := func() string {
		return rapid.SampledFrom([]string{"reply.a", "reply.b", "body.need", "body.may", "body.null", "body.def", "path.id"}).Draw(t, "path")
	}
	literal := func() string {
		return rapid.SampledFrom([]string{`""`, `"x"`, `"xy"`, `"größe"`, `" x"`, `'q"q'`}).Draw(t, "literal")
	}
	if depth > 0 {
		switch rapid.IntRange(0, 4).Draw(t, "node") {
		case 0:
			return fmt.Sprintf("(%s and %s)", drawCondition(t, depth-1), drawCondition(t, depth-1))
		case 1:
			return fmt.Sprintf("(%s || %s)", drawCondition(t, depth-1), drawCondition(t, depth-1))
		case 2:
			return fmt.Sprintf("not (%s)", drawCondition(t, depth-1))
		}
	}
	// The VM looks for nil in a list of texts as if it were "", the native plan does not.
	listed := func() string { return rapid.SampledFrom([]string{`"x"`, `"xy"`, `"größe"`}).Draw(t, "listed") }
	switch rapid.IntRange(0, 4).Draw(t, "leaf") {
	case 0:
		return path() + " == " + literal()
	case 1:
		return path() + " != " + literal()
	case 2:
		return literal() + " == " + path()
	case 3:
		return fmt.Sprintf("%s in [%s, %s]", path(), listed(), listed())
	default:
		return fmt.Sprintf("%s not in [%s]", path(), listed())
	}
}

// TestNativeConditions decides conditions both ways: by the native plan and by the VM, which is
// made to decide by a comparison that has no native plan.
func TestNativeConditions(t *testing.T) {
	s := small{
		path:       "/op/{id}",
		parameters: `[{name: id, in: path, required: true, schema: {type: string, maxLength: 5}}]`,
		body: `{type: object, required: [need, "null"], properties: {need: {type: string}, may: {type: string}, ` +
			`"null": {type: [string, "null"]}, def: {type: string, default: xy}}}`,
		statuses: "\"404\": {description: d}\n",
		copybook: "       01  IN.\n           05  I  PIC X.\n       01  OUT.\n           05  A  PIC X(6).\n           05  B  PIC X(6).\n",
		codepage: "iso8859-1",
	}
	compileWith := func(condition string) (compiled, bool) {
		s := s
		s.transform = "request:\n  record: copybooks/BOOK.cpy#IN\nreply:\n  record: copybooks/BOOK.cpy#OUT\n  outcomes:\n    - status: 404\n      when: |-\n        =" + condition + "\n"
		all, _ := compileWorkspace(s.files())
		c, ok := all["op"]
		return c, ok
	}
	bodies := []string{
		`{"need":"x","may":"xy","null":"","def":"x"}`, `{"need":"","null":null}`, `{"need":"\u0078","may":"gr\u00f6ße","null":"x"}`, `{"need":"q\"q","may":"","null":"xy","def":" x"}`,
	}
	replies := []string{"x     xy", "größe  x", "        ", " x", "", "xy    ", "q\"q   x"}
	rapid.Check(t, func(t *rapid.T) {
		condition := drawCondition(t, 2)
		native, ok := compileWith(condition)
		byVM, both := compileWith("(" + condition + ") == true")
		if !ok || !both {
			return // it never holds, or always
		}
		for _, body := range bodies {
			for _, reply := range replies {
				status := func(c compiled) string {
					r := c.Start()
					defer r.Release()
					in := transforms.Input{Params: []byte(`{"path":{"id":"x"},"query":{},"header":{},"cookie":{}}`), Body: []byte(body)}
					if _, err := r.Request(in); err != nil {
						t.Fatal(err)
					}
					out, err := r.Reply(transforms.Message{Body: latin1(reply)})
					if err != nil {
						return "error"
					}
					return fmt.Sprint(out.Status)
				}
				if a, b := status(native), status(byVM); a != b {
					t.Fatalf("%s is %s natively and %s by the VM\nbody %s reply %q", condition, a, b, body, reply)
				}
			}
		}
	})
}

func latin1(s string) []byte {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r))
	}
	return out
}
