// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
)

func TestPatternFacts(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    textFacts
		ok      bool
	}{
		{`^[0-9]{7}$`, textFacts{min: 7, max: 7, digits: true, ascii: true}, true},
		{`^\d+$`, textFacts{min: 1, max: Unbounded, digits: true, ascii: true}, true},
		{`^[A-Z]{2}[0-9]{2,30}$`, textFacts{min: 4, max: 32, ascii: true}, true},
		{`^(AB|CDE)-?x*$`, textFacts{min: 2, max: Unbounded, ascii: true}, true},
		{`^[^a]$`, textFacts{min: 1, max: 1}, true},
		{`^.{0,5}$`, textFacts{min: 0, max: 5}, true},
		{`^(?i:k)$`, textFacts{min: 1, max: 1}, true}, // the Kelvin sign is a k too
		{`^1$|^22$`, textFacts{min: 1, max: 2, digits: true, ascii: true}, true},
		{`^(1|22)$`, textFacts{min: 1, max: 2, digits: true, ascii: true}, true},
		{`[0-9]{7}`, textFacts{}, false},
		{`^[0-9]{7}`, textFacts{}, false},
		{`^1|2$`, textFacts{}, false},
		{`^(`, textFacts{}, false},
	} {
		got, ok := patternFacts(c.pattern)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v %v, want %+v %v", c.pattern, got, ok, c.want, c.ok)
		}
	}
}

// FuzzPatternFacts holds what is proved about a pattern against a text that it matches.
func FuzzPatternFacts(f *testing.F) {
	for _, s := range [][2]string{{`^[0-9]{7}$`, "1234567"}, {`^(a|bb)*$`, "abba"}, {`^(?i)k$`, "\u212A"}, {`^$`, ""}, {`^(?m:^a$)$`, "a"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 1000 || !utf8.ValidString(text) {
			return
		}
		facts, ok := patternFacts(pattern)
		re, err := regexp.Compile(pattern)
		if !ok || err != nil || !re.MatchString(text) {
			return
		}
		n := utf8.RuneCountInString(text)
		if n < facts.min || facts.max >= 0 && n > facts.max {
			t.Errorf("%q matches %q, which is not of length %d to %d", pattern, text, facts.min, facts.max)
		}
		if facts.digits && strings.Trim(text, "0123456789") != "" {
			t.Errorf("%q matches %q, which is not of digits", pattern, text)
		}
		if facts.ascii && strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
			t.Errorf("%q matches %q, which is not ASCII", pattern, text)
		}
	})
}

func TestWorld(t *testing.T) {
	code := &Type{Shape: StringShape, MaxLength: 2}
	name := &Type{Shape: StringShape, MaxLength: 9, Enum: []string{`"ok"`, `"busy"`, `"down"`}}
	none := &Type{Shape: StringShape, MaxLength: 9, Enum: []string{`"ok"`}, Nullable: true}
	doc := &document{}
	is := func(typ *Type, negated bool, texts ...string) *textIs {
		c := &textIs{ref: &slotRef{doc: doc, typ: typ, path: []*Type{typ}}, negated: negated}
		for _, s := range texts {
			c.texts = append(c.texts, []byte(s))
		}
		return c
	}
	type step struct {
		assume Condition
		result bool
	}
	for _, c := range []struct {
		title        string
		steps        []step
		judged       Condition
		holds, fails bool
	}{
		{"nothing known", nil, is(name, false, "ok"), true, true},
		{"ruled out", []step{{is(name, false, "ok"), false}}, is(name, false, "ok"), false, true},
		{"only one left", []step{{is(name, false, "ok", "busy"), false}}, is(name, false, "down"), true, false},
		{"unequal was false", []step{{is(name, true, "ok"), false}}, is(name, false, "ok"), true, false},
		{"any text", []step{{is(code, false, "00"), false}}, is(code, false, "00"), false, true},
		{"any other text", []step{{is(code, false, "00"), false}}, is(code, true, "00"), true, false},
		{"null is another value", nil, is(none, false, "ok"), true, true},
		{"neither of two", []step{{oneOf{is(name, false, "ok"), is(name, false, "busy")}, false}}, is(name, false, "down"), true, false},
		{"one of two failed", []step{{allOf{is(name, false, "ok"), is(code, false, "00")}, false}}, is(name, false, "ok"), true, true},
		{"not", []step{{not{is(name, false, "ok")}, true}}, not{is(name, false, "ok")}, true, false},
		{"and", []step{{is(name, false, "ok"), false}}, allOf{is(name, false, "ok"), is(code, false, "00")}, false, true},
		{"or", []step{{is(name, false, "ok"), true}}, oneOf{is(name, false, "ok"), is(code, false, "00")}, true, false},
		{"a computed condition", nil, &expression{}, true, true},
	} {
		w := world{}
		for _, s := range c.steps {
			w.assume(s.assume, s.result)
		}
		if holds, fails := w.judge(c.judged); holds != c.holds || fails != c.fails {
			t.Errorf("%s: holds %v, fails %v; want %v, %v", c.title, holds, fails, c.holds, c.fails)
		}
	}
}

func TestFieldRange(t *testing.T) {
	for _, c := range []struct {
		typ       Type
		high, low string
	}{
		{Type{Shape: NumberShape, Digits: 5, Scale: 2}, "999.99", "0"},
		{Type{Shape: NumberShape, Digits: 4, Signed: true}, "9999", "-9999"},
		{Type{Shape: NumberShape, Digits: 3, Scale: 3}, "0.999", "0"},
		{Type{Shape: NumberShape, Digits: 5, Minimum: "-32768", Maximum: "32767"}, "32767", "-32768"},
		{Type{Shape: NumberShape, Minimum: "0", Maximum: "65535e-2"}, "655.35", "0"},
		{Type{Shape: StringShape, MaxLength: 3}, "999", "-99"},
	} {
		if high, low := fieldRange(&c.typ); high != c.high || low != c.low {
			t.Errorf("%+v: %s to %s, want %s to %s", c.typ, low, high, c.low, c.high)
		}
	}
}

// TestInfer describes results of expressions without running them.
func TestInfer(t *testing.T) {
	body := &Type{Name: "body", Shape: ObjectShape, Members: []*Type{
		{Name: "name", Shape: StringShape, MaxLength: 10},
		{Name: "kind", Shape: StringShape, MaxLength: 5, Enum: []string{`"small"`, `"large"`}, Optional: true},
		{Name: "count", Shape: NumberShape, Digits: 2, Integer: true, Minimum: "1", Maximum: "20", Optional: true},
		{Name: "any", Shape: AnyShape, Nullable: true},
	}}
	sc := &scope{roots: []root{{name: "body", typ: body, doc: &document{}}}}
	k := &checker{compilation: &compilation{}, world: world{}}
	for _, c := range []struct {
		src, shape    string
		absent, vague bool
		max           int
		enum          []string
		maximum       string
	}{
		{src: `body.name`, shape: "string", max: 10},
		{src: `body.kind`, shape: "string", absent: true, max: 5, enum: []string{`"small"`, `"large"`}},
		{src: `body.kind ?? "huge"`, shape: "string", max: 5, enum: []string{`"small"`, `"large"`, `"huge"`}},
		{src: `body.count ?? 99.50`, shape: "number", max: Unbounded, maximum: "99.50"},
		{src: `body.count ?? -1`, shape: "number", max: Unbounded, maximum: "20"},
		{src: `body.kind ?? nil`, shape: "string", absent: true, max: 5, enum: []string{`"small"`, `"large"`}},
		{src: `body.name + "-" + body.name`, shape: "string", max: 21},
		{src: `body.count ?? 99`, shape: "number", max: Unbounded, maximum: "99"},
		{src: `(body.count ?? 0) + 1`, shape: "number", vague: true, max: Unbounded},
		{src: `body.name == "x" ? "A" : "BC"`, shape: "string", max: 2, enum: []string{`"A"`, `"BC"`}},
		{src: `body.name == "x" ? "A" : 1`, shape: "string", max: 1, enum: []string{`"A"`}}, // and others
		{src: `body.name == "x"`, shape: "boolean", max: Unbounded},
		{src: `body.any`, shape: "any value", absent: true},
		{src: `nil`, absent: true},
	} {
		tree, err := parse(c.src)
		if err != nil {
			t.Fatal(err)
		}
		f := k.infer(tree, &pathPass{c: &exprCompiler{}, node: &specs.Node{}, src: c.src, scope: sc}).folded()
		if f.absent != c.absent || f.vague != c.vague || (f.typ == nil) != (c.shape == "") {
			t.Errorf("%s: %+v", c.src, f)
			continue
		}
		if f.typ == nil {
			continue
		}
		if f.typ.Shape.String() != c.shape || f.typ.MaxLength != c.max || c.maximum != "" && f.typ.Maximum != c.maximum {
			t.Errorf("%s: %s, at most %d characters, maximum %s", c.src, f.typ.Shape, f.typ.MaxLength, f.typ.Maximum)
		}
		if d := cmp.Diff(c.enum, f.typ.Enum); d != "" {
			t.Errorf("%s: %s", c.src, d)
		}
	}
}
