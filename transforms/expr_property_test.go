// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
)

// typedBody is a contract with every kind of value, there, optional, nullable, with a default and in arrays.
const typedBody = `{type: object, required: [t, tn, n, nn, i, b, texts, nums, rows, sub], additionalProperties: false, properties: {` +
	`t: {type: string, maxLength: 10}, to: {type: string}, tn: {type: [string, "null"]}, td: {type: string, default: d}, ` +
	`n: {type: number, multipleOf: 0.01, minimum: -999, maximum: 999}, no: {type: number}, nn: {type: [number, "null"]}, ` +
	`i: {type: integer, minimum: 0, maximum: 9}, io: {type: integer}, b: {type: boolean}, bo: {type: boolean}, ` +
	`texts: {type: array, items: {type: string}}, textso: {type: array, items: {type: string}}, textsn: {type: array, items: {type: [string, "null"]}}, ` +
	`nums: {type: array, minItems: 1, items: {type: number}}, ` +
	`rows: {type: array, items: {type: object, required: [t, n, tags], properties: {t: {type: string}, n: {type: number}, to: {type: string}, no: {type: number}, ` +
	`tags: {type: array, items: {type: string}}, sub: {type: object, properties: {x: {type: string}}}}}}, ` +
	`rowso: {type: array, items: {type: [object, "null"], properties: {t: {type: string}}}}, ` +
	`sub: {type: object, required: [x], properties: {x: {type: string}, y: {type: number}}}, subo: {type: object, required: [x], properties: {x: {type: string}}}, any: {}}}`

// typedBook is a reply of the same kind: with "no value" of its own, scaled integers and a field that may be
// broken.
const (
	typedBook = `       01  IN.
           05  A  PIC X.
       01  OUT.
           05  U  PIC 9(3).
           05  T  PIC X(5).
           05  N  PIC S9(3)V99 COMP-3.
           05  P  PIC 9(3)P(2).
           05  Q  PIC VP(2)9(2).
           05  S  PIC 9(3).
           05  D  PIC 9(8).
           05  E  PIC X.
               88 SMALL VALUE 'S'.
               88 LARGE VALUE 'L'.
           05  F  COMP-2.
           05  Z  PIC X(4).
           05  C  PIC 9.
           05  R OCCURS 0 TO 3 TIMES DEPENDING ON C.
               10  RT PIC X(3).
               10  RN PIC 9(3).
`
	typedRules = "D: {date: yyyyMMdd, empty: zeros}\nU: {unreadable: null}\nS: {scale: -2}\nZ: {empty: spaces}\nRN: {empty: \"999\"}\n"
)

// leaves are what expressions are made of, by kind.
func leaves() map[string][]string {
	return map[string][]string{
		"text": {
			`body.t`, `body.to`, `body.tn`, `body.td`, `body.sub.x`, `body.subo.x`, `body.subo?.x`, `reply.t`, `reply.d`, `reply.e`, `reply.z`, `exchange.id`,
			`""`, `"a"`, `"12"`, `"2024-02-29"`, `"yyyyMMdd"`, `"half-up"`, `first(body.texts)`, `body.texts[0]`, `first(reply.r)?.rt`, `find(body.rows, .n > 1)?.to`,
			`first(unreadable)`, `body.tn ?? "x"`, `body.to ?? body.t`, `(body.subo?.x ?? "y")`,
		},
		"number": {
			`body.n`, `body.no`, `body.nn`, `body.i`, `body.io`, `body.sub.y`, `reply.n`, `reply.p`, `reply.q`, `reply.s`, `reply.u`, `reply.c`, `0`, `1`, `2.50`, `-3`, `len(body.texts)`,
			`len(body.t)`, `len(unreadable)`, `body.nums[0]`, `first(body.nums)`, `sum(body.nums)`, `sum(map(body.rows, .n))`, `sum(map(reply.r, .rn ?? 0))`,
			`count(body.rows, .no != nil)`, `number(reply.f)`, `(body.no ?? 0)`, `(body.nn ?? body.n)`, `(reply.u ?? 1)`,
		},
		"boolean": {
			`body.b`, `body.bo`, `true`, `any(body.rows, .t == "a")`, `all(reply.r, .rn > 1)`, `body.to == nil`, `body.no != nil`, `reply.d != nil`, `body.t in body.texts`,
			`"U" in unreadable`, `reply.e == "small"`, `any(body.rows, any(.tags, # == "a"))`, `none(body.rowso ?? [], .t == "a")`, `body.any == 1`, `(body.bo ?? false)`,
			`any(body.textsn, # startsWith "a")`, `any(body.rows, .to != nil and .to startsWith "a")`, `body.nn == nil or body.nn > 1`,
		},
		"list": {
			`body.texts`, `body.textso`, `body.textsn`, `body.nums`, `map(body.rows, .t)`, `map(body.rows, .to)`, `map(body.rows, .to ?? "x")`, `["a", "b"]`, `[1, 2]`, `unreadable`,
			`filter(body.textsn ?? [], # != nil)`, `split(body.t, "a")`, `map(reply.r, .rt)`, `map(reply.r, .rn)`, `(body.textso ?? ["x"])`,
		},
		"any": {`body.any`, `body.rows`, `nil`, `reply.f`},
	}
}

// drawer draws expressions that mostly fit together.
type drawer struct {
	t      *rapid.T
	leaves map[string][]string
	funcs  []transforms.Func
}

func (d drawer) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.t, label)
}

func (d drawer) n(label string, most int) int { return rapid.IntRange(0, most).Draw(d.t, label) }

func (d drawer) expression(kind string, depth int) string {
	if d.n("other kind", 24) == 0 {
		kind = d.pick("kind", "text", "number", "boolean", "list", "any")
	}
	if depth == 0 || d.n("leaf", 4) == 0 || kind == "any" {
		return d.pick("leaf", d.leaves[kind]...)
	}
	sub := func(kind string) string { return d.expression(kind, depth-1) }
	switch how := d.n("how", 5); {
	case how == 0:
		return "(" + sub("boolean") + " ? " + sub(kind) + " : " + sub(kind) + ")"
	case how == 1:
		return "(" + sub(kind) + " ?? " + sub(kind) + ")"
	case how == 2: // asked first whether it is there
		path := d.pick("path", "body.to", "body.no", "body.tn", "body.nn", "reply.d", "reply.u", "body.io")
		return fmt.Sprintf("(%s != nil ? %s : %s)", path, sub(kind), sub(kind))
	case how == 3 && kind != "list" || kind == "list":
		return d.call(kind, depth)
	case kind == "text":
		return "(" + sub("text") + " + " + sub("text") + ")"
	case kind == "number":
		return "(" + sub("number") + " " + d.pick("operator", "+", "-", "*", "/", "%") + " " + sub("number") + ")"
	}
	of := d.pick("of", "text", "number")
	switch d.n("boolean", 3) {
	case 0:
		return "(" + sub("boolean") + " " + d.pick("operator", "and", "or") + " " + sub("boolean") + ")"
	case 1:
		return "not (" + sub("boolean") + ")"
	case 2:
		return "(" + sub("text") + " " + d.pick("operator", "contains", "startsWith", "in", "==") + " " + sub(d.pick("right", "text", "list")) + ")"
	default:
		return "(" + sub(of) + " " + d.pick("operator", "==", "!=", "<", "<=", ">", ">=") + " " + sub(of) + ")"
	}
}

// call draws a call of a function that gives the kind.
func (d drawer) call(kind string, depth int) string {
	want := map[string][]string{"text": {"text"}, "number": {"number", "integer"}, "boolean": {"boolean"}, "list": {"texts"}}[kind]
	var fit []transforms.Func
	for _, f := range d.funcs {
		_, result, _ := strings.Cut(f.Signature, ") ")
		for _, w := range want {
			if result == w {
				fit = append(fit, f)
			}
		}
	}
	f := rapid.SampledFrom(fit).Draw(d.t, "function")
	_, rest, _ := strings.Cut(f.Signature, "(")
	list, _, _ := strings.Cut(rest, ")")
	var args []string
	for _, p := range strings.Split(list, ", ") {
		name, kind, typed := strings.Cut(p, ":")
		name, optional := strings.CutSuffix(name, "?")
		if optional && d.n("optional", 1) == 0 {
			break
		}
		if !typed {
			kind = name
		}
		args = append(args, d.argument(strings.TrimSpace(kind), depth))
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

func (d drawer) argument(kind string, depth int) string {
	switch kind {
	case "number", "integer":
		return d.expression("number", depth-1)
	case "value":
		return d.expression(d.pick("value", "text", "number"), depth-1)
	case "numbers", "texts":
		return d.expression("list", depth-1)
	case "picture":
		return d.pick("picture", `"yyyyMMdd"`, `"HHmmss"`, `"yyDDD"`)
	case "rounding":
		return d.pick("rounding", `"half-up"`, `"half-even"`, `"down"`)
	case "places":
		return d.pick("places", "0", "2")
	case "weights":
		return `"13"`
	case "offset":
		return d.pick("offset", `"+01:00"`, `"Z"`)
	default:
		return d.expression("text", depth-1)
	}
}

// document draws a body of typedBody.
func (d drawer) document() string {
	text := func() string { return d.pick("text", `"a"`, `""`, `"12"`, `"2024-02-29"`, `"zz"`) }
	number := func() string { return d.pick("number", "0", "1.50", "-2", "999", "1e1") }
	list := func(entry func() string, least int) string {
		var out []string
		for range least + d.n("entries", 2) {
			out = append(out, entry())
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	maybe := func(name string, value func() string) string {
		if d.n(name, 1) == 0 {
			return ""
		}
		return `"` + name + `":` + value() + ","
	}
	null := func(value func() string) func() string {
		return func() string {
			if d.n("null", 1) == 0 {
				return "null"
			}
			return value()
		}
	}
	texts := func() string { return list(text, 0) }
	row := func() string {
		return `{` + maybe("to", text) + maybe("no", number) + maybe("sub", func() string { return `{"x":"a"}` }) + `"t":` + text() + `,"n":` + number() + `,"tags":` + texts() + `}`
	}
	return `{` + maybe("to", text) + maybe("td", text) + maybe("no", number) + maybe("io", func() string { return "3" }) + maybe("bo", func() string { return "true" }) +
		maybe("textso", texts) + maybe("textsn", func() string { return list(null(text), 0) }) +
		maybe("rowso", func() string {
			return list(null(func() string { return `{` + strings.TrimSuffix(maybe("t", text), ",") + `}` }), 0)
		}) +
		maybe("subo", func() string { return `{"x":"a"}` }) + maybe("any", func() string { return d.pick("any", "1", `"1"`, "null", "[1]", `{"a":1}`, "true") }) +
		`"t":` + text() + `,"tn":` + null(text)() + `,"n":` + number() + `,"nn":` + null(number)() + `,"i":` + d.pick("i", "0", "9") + `,"b":true,"texts":` + texts() +
		`,"nums":` + list(number, 1) + `,"rows":` + list(row, 0) + `,"sub":{` + maybe("y", number) + `"x":"a"}}`
}

// reply draws the bytes of a reply.
func (d drawer) reply(c transforms.Codec) []byte {
	r := `[]`
	if d.n("r", 1) == 1 {
		r = `[{"rt":"a","rn":` + d.pick("rn", "1", "null", "998") + `}]`
	}
	doc := `{"u":1,"t":"` + d.pick("t", "", "a", "12") + `","n":-1.50,"p":` + d.pick("p", "0", "99900") + `,"q":0.0012,"s":1200,"d":` + d.pick("d", "null", `"2024-02-29"`) +
		`,"e":"` + d.pick("e", "small", "large") + `","f":0.1,"z":` + d.pick("z", "null", `"zz"`) + `,"r":` + r + `}`
	bytes, err := c.EncodeJSON(nil, []byte(doc))
	if err != nil {
		d.t.Fatal(err)
	}
	if d.n("broken", 1) == 1 {
		bytes[0] = 'A'
	}
	return bytes
}

// typeReason tells that an expression failed because a value was absent or of another type: check has to find
// that. Values that are no date, beyond a range or divide by zero are for the exchange to tell.
func typeReason(err error) bool {
	var failed *transforms.ExprError
	if !errors.As(err, &failed) || strings.Contains(failed.Reason, "number: text is no number") {
		return false
	}
	for _, word := range []string{"absent", "another type", "different types", "not a number", " is no text", " is no number", " is no array", " is no boolean", "no text, number or boolean", "neither true"} {
		if strings.Contains(failed.Reason, word) {
			return true
		}
	}
	return false
}

// TestCheckedExpressionIsServed draws an expression over typed names, and a contract for its result. Where
// check has no error the expression never fails for a type or an absent value, and where it says nothing at
// all the answer keeps to the contract.
func TestCheckedExpressionIsServed(t *testing.T) {
	served, refused, clean := 0, 0, 0
	all := funcs.All()
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{t: t, leaves: leaves(), funcs: all}
		kind := d.pick("kind", "text", "number", "boolean")
		expression := d.expression(kind, 3)
		answer := d.pick("answer", `{}`, `{type: `+strings.NewReplacer("text", "string").Replace(kind)+`}`, `{type: [string, number, boolean, "null"]}`)
		required := d.pick("required", "", "required: [v], ")
		s := small{
			body: typedBody, copybook: typedBook, records: typedRules,
			answer: "{type: object, " + required + "additionalProperties: false, properties: {v: " + answer + "}}",
			transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields:\n    A: x\n" +
				"reply:\n  record: copybooks/BOOK.cpy#OUT\n  body:\n    v: |-\n      =" + expression + "\n",
		}
		ops, findings := compileWorkspace(s.files())
		c, ok := ops["op"]
		if !ok || findings.HasErrors() {
			refused++
			return
		}
		said := 0
		for _, f := range findings {
			if f.Severity != specs.Info && f.Code != "LNT4053" { // a required member that no expression uses
				said++
			}
		}
		served++
		for range 4 {
			body, reply := d.document(), d.reply(c.reply)
			r := c.Start()
			_, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body), ExchangeID: "0190a4f0-0000-7000-8000-000000000001"})
			if err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			out, err := r.Reply(transforms.Message{Body: reply})
			var failed *transforms.ExprError
			switch {
			case typeReason(err), err != nil && !errors.As(err, &failed):
				if said == 0 || typeReason(err) && !warned(findings) {
					t.Fatalf("%s\n%v\nbody  %s\nfindings %v", expression, err, body, findings)
				}
			case err == nil && said == 0 && out.Invalid != nil:
				t.Fatalf("%s gives %s for %s %s\n%v\nbody %s", expression, out.Body, required, answer, out.Invalid, body)
			case err == nil && !json.Valid(out.Body):
				t.Fatalf("%s gives %s", expression, out.Body)
			}
			r.Release()
		}
		if said == 0 {
			clean++
		}
	})
	t.Logf("%d served, %d of them without a warning, %d refused", served, clean, refused)
	if !testing.Short() && (clean == 0 || refused == 0) {
		t.Errorf("%d clean and %d refused: the test shows nothing", clean, refused)
	}
}

// warned tells that check warned of a value of the host that may be absent.
func warned(fs specs.Findings) bool {
	for _, f := range fs {
		if f.Severity == specs.Warning && strings.Contains(f.Message, "a value is needed here") {
			return true
		}
	}
	return false
}
