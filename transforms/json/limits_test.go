// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms"
)

func TestMalformedDocuments(t *testing.T) {
	mt := newType(t, `{"type":"object","properties":{"a":{},"n":{"type":"number"},"o":{"type":"object"}}}`, Options{Prefix: "/body"})
	for _, c := range []struct {
		name, doc, want string
		syntax          bool
	}{
		{"empty", ``, "/body syntax", true},
		{"spaces", "  \n", "/body syntax", true},
		{"cut", `{"a":`, "/body/a syntax", true},
		{"trailing value", `{} {}`, "/body syntax", true},
		{"trailing bytes", `{}x`, "/body syntax", true},
		{"comma", `{"a":1,}`, "/body syntax", true},
		{"NaN", `{"n":NaN}`, "/body/n syntax", true},
		{"leading zero", `{"n":01}`, "/body syntax", true},
		{"byte order mark", "\ufeff{}", "/body syntax", true},
		{"not UTF-8", "{\"a\":\"\xff\"}", "/body/a syntax", true},
		{"overlong UTF-8", "{\"a\":\"\xc0\x80\"}", "/body/a syntax", true},
		{"lone surrogate", `{"a":"\ud800"}`, "/body/a syntax", true},
		{"control character", "{\"a\":\"\x01\"}", "/body/a syntax", true},
		{"duplicate", `{"a":1,"a":2}`, "/body/a duplicate", false},
		{"duplicate by escape", `{"a":1,"\u0061":2}`, "/body/a duplicate", false},
		{"duplicate where nothing is checked", `{"o":{"x":1,"\u0078":2}}`, "/body/o/x duplicate", false},
		{"duplicate in an unchecked array", `{"a":[{"x":1,"x":1}]}`, "/body/a/0/x duplicate", false},
		{"by case", `{"a":1,"A":2}`, "/body/A unknown", false},
		{"null for number", `{"n":null}`, "/body/n type", false},
		{"huge exponent", `{"n":1e99999999999999999999}`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := check(t, mt, c.doc)
			if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
			r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
			if err := r.Read([]byte(c.doc), new(transforms.Slots), 0); err != nil {
				var inv *transforms.InvalidError
				if !errors.As(err, &inv) || inv.Syntax != c.syntax {
					t.Errorf("Syntax is not %v", c.syntax)
				}
			}
		})
	}
}

func TestIssuesNeverHoldTheValue(t *testing.T) {
	mt := newType(t, bodySchema, Options{})
	doc := strings.ReplaceAll(body, `"EUR"`, `"SECRET"`)
	doc = strings.ReplaceAll(doc, `12345.67`, `-4711.4711`)
	doc = strings.ReplaceAll(doc, `"2026-03-14"`, `"SECRET"`)
	r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	err := r.Read([]byte(doc), new(transforms.Slots), 0)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, secret := range []string{"SECRET", "4711.4711"} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("the error shows a value: %v", err)
		}
	}
}

func TestIssuesAreBounded(t *testing.T) {
	mt := newType(t, `{"type":"array","items":{"type":"string"}}`, Options{MaxIssues: 3})
	if got := check(t, mt, `[1,2,3,4,5]`); len(got) != 3 {
		t.Errorf("got %v", got)
	}
	long := strings.Repeat("x", 100000)
	mt = newType(t, `{"type":"object","properties":{"a":{}}}`, Options{})
	if got := check(t, mt, `{"`+long+`":1}`); len(got) != 1 || got[0] != "unknown" {
		t.Errorf("a made-up name is shown in full or not reported: %d issues", len(got))
	}
}

// X01: documents that nest too deep.
func TestX01Depth(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	mt := newType(t, `{}`, Options{})
	for _, c := range []struct {
		doc  string
		want []string
	}{
		{nest(32), nil},
		{nest(33), []string{"depth"}},
		{nest(10001), []string{"depth"}},
		{strings.Repeat("[", 1<<20), []string{"depth"}},
		{strings.Repeat(`{"a":`, 1<<18), []string{"depth"}},
		{`["` + strings.Repeat("[", 100) + `"]`, nil},
	} {
		if diff := cmp.Diff(c.want, check(t, mt, c.doc)); diff != "" {
			t.Errorf("%.20s of %d bytes: %s", c.doc, len(c.doc), diff)
		}
	}
}

func TestX01DepthHoldsLittleMemory(t *testing.T) {
	msg := []byte(strings.Repeat("[", 1<<20))
	mt := newType(t, `{}`, Options{})
	r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	total := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if r.Read(msg, new(transforms.Slots), 0) == nil {
				b.Fatal("accepted")
			}
		}
	}).AllocedBytesPerOp()
	if total > 64<<10 {
		t.Errorf("refusing a document that is too deep takes %d bytes", total)
	}
}

// fill repeats unit between the brackets up to about 1 MiB.
func fill(open, unit, end string) string {
	n := 1 << 20 / len(unit)
	return open + strings.Repeat(unit, n-1) + strings.TrimSuffix(unit, ",") + end
}

// X02: what one document makes the reader allocate in all, garbage included,
// stays within four times the document.
func TestX02Memory(t *testing.T) {
	numbers := func() string {
		var b strings.Builder
		b.WriteString("[0")
		for i := 1; b.Len() < 1<<20; i++ {
			fmt.Fprintf(&b, ",%d", i)
		}
		return b.String() + "]"
	}
	for _, c := range []struct{ name, schema, doc string }{
		{"objects", `{}`, fill("[", `{"":0},`, "]")},
		{"numbers", `{}`, fill("[", `0,`, "]")},
		{"empty objects", `{}`, fill("[", `{},`, "]")},
		{"objects that are walked", `{"type":"array","items":{"type":"object","properties":{"":{"type":"integer"}}}}`, fill("[", `{"":0},`, "]")},
		{"numbers that are walked", `{"type":"array","items":{"type":"string"}}`, fill("[", `0,`, "]")},
		{"unique items", `{"type":"array","uniqueItems":true}`, numbers()},
		{"items that are counted", `{"contains":{"const":7},"maxContains":1,"prefixItems":[{"type":"number"}]}`, numbers()},
		{"items that are left over", `{"allOf":[{"prefixItems":[true]}],"unevaluatedItems":{"type":"string"}}`, fill("[", `0,`, "]")},
	} {
		t.Run(c.name, func(t *testing.T) {
			mt := newType(t, c.schema, Options{})
			r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
			msg := []byte(c.doc)
			var slots transforms.Slots
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_ = r.Read(msg, &slots, 0)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 4*uint64(len(msg)) {
				t.Errorf("%d bytes for a document of %d", used, len(msg))
			}
		})
	}
}

func TestCapturedRowsAreBounded(t *testing.T) {
	mt := newType(t, `{"type":"object","properties":{"l":{"type":"array","items":{"type":"integer"}}}}`, Options{MaxRows: 100})
	c, _ := want(t, mt.Type, "l[]")
	r, _ := mt.Format.Reader(c)
	read := func(n int) ([]string, int) {
		var s transforms.Slots
		s.Reset(c.Size)
		doc := `{"l":[` + strings.TrimSuffix(strings.Repeat("1,", n), ",") + `]}`
		return issues(t, r.Read([]byte(doc), &s, 0)), s.Len()
	}
	if got, _ := read(100); got != nil {
		t.Error(got)
	}
	got, slots := read(10000)
	if diff := cmp.Diff([]string{"/l maxItems"}, got); diff != "" || slots > 101 {
		t.Errorf("%d slots: %s", slots, diff)
	}
}

// TestAlternativesAreBounded reads documents whose check would take exponential time.
func TestAlternativesAreBounded(t *testing.T) {
	const tree = `{"$ref":"#/$defs/T","$defs":{"T":{"anyOf":[
		{"type":"object","properties":{"c":{"$ref":"#/$defs/T"},"x":{"const":1}},"required":["x"]},
		{"type":"object","properties":{"c":{"$ref":"#/$defs/T"},"x":{"const":2}},"required":["x"]},
		{"type":"object","properties":{"c":{"$ref":"#/$defs/T"},"x":{"const":3}},"required":["x"]}]}}}`
	mt := newType(t, tree, Options{Direction: Response})
	doc := strings.Repeat(`{"c":`, 30) + "0" + strings.Repeat("}", 30)
	got := check(t, mt, doc)
	if len(got) == 0 {
		t.Error("accepted")
	}
	deep := strings.Repeat(`{"c":`, 30) + `{"x":3}` + strings.Repeat(`,"x":3}`, 30)
	if got := check(t, mt, deep); len(got) > 0 && got[len(got)-1] != "complexity" {
		t.Errorf("got %v", got)
	}
	shallow := strings.Repeat(`{"c":`, 3) + `{"x":3}` + strings.Repeat(`,"x":3}`, 3)
	if got := check(t, mt, shallow); got != nil {
		t.Errorf("got %v", got)
	}
}

// TestConditionsAreBounded reads documents that conditions, contains and what is left over make costly: each of them
// looks at the same part of the document more than once, on every level.
func TestConditionsAreBounded(t *testing.T) {
	nested := strings.Repeat(`{"c":`, 30) + `{}` + strings.Repeat("}", 30)
	lists := strings.Repeat(`[`, 31) + strings.Repeat("]", 31)
	for _, c := range []struct{ name, schema, doc string }{
		{"if", `{"$ref":"#/$defs/T","$defs":{"T":{"if":{"properties":{"c":{"$ref":"#/$defs/T"}},"required":["c"]},"then":{"properties":{"c":{"$ref":"#/$defs/T"}}},"else":{"maxProperties":0}}}}`, nested},
		{"dependentSchemas", `{"$ref":"#/$defs/T","$defs":{"T":{"properties":{"c":{"$ref":"#/$defs/T"}},"dependentSchemas":{"c":{"properties":{"c":{"$ref":"#/$defs/T"}}}}}}}`, nested},
		{"contains", `{"$ref":"#/$defs/T","$defs":{"T":{"items":{"$ref":"#/$defs/T"},"contains":{"$ref":"#/$defs/T"},"minContains":0,"maxContains":9}}}`, lists},
		{"unevaluatedProperties", `{"$ref":"#/$defs/T","$defs":{"T":{"anyOf":[{"properties":{"c":{"$ref":"#/$defs/T"}}},{"properties":{"d":true}}],"unevaluatedProperties":false}}}`, nested},
		{"unevaluatedItems", `{"$ref":"#/$defs/T","$defs":{"T":{"oneOf":[{"prefixItems":[{"$ref":"#/$defs/T"}]},false],"unevaluatedItems":{"$ref":"#/$defs/T"}}}}`, lists},
	} {
		t.Run(c.name, func(t *testing.T) {
			mt := newType(t, c.schema, Options{Direction: Hosts})
			if got := check(t, mt, c.doc); len(got) != 1 || got[0] != "complexity" {
				t.Errorf("got %v", got)
			}
			few := strings.NewReplacer(strings.Repeat(`{"c":`, 27), "", strings.Repeat("}", 27), "", strings.Repeat("[", 28), "", strings.Repeat("]", 28), "").Replace(c.doc)
			if got := check(t, mt, few); got != nil {
				t.Errorf("%s: got %v", few, got)
			}
		})
	}
}

// TestManyConditions reads a large document against many conditions: the work is in proportion to both.
func TestManyConditions(t *testing.T) {
	var parts []string
	for i := range 12 {
		parts = append(parts, fmt.Sprintf(`{"if":{"properties":{"k%d":{"const":1}},"required":["k%d"]},"then":{"required":["v%d"]}}`, i, i, i))
	}
	schema := `{"type":"object","additionalProperties":{},"allOf":[` + strings.Join(parts, ",") + `]}`
	doc := `{"k3":1,"v3":1,"list":` + fill("[", `"abcdefgh",`, "]") + `}`
	if got := check(t, newType(t, schema, Options{}), doc); got != nil {
		t.Errorf("got %v", got)
	}
	if got := check(t, newType(t, schema, Options{}), strings.Replace(doc, `"v3"`, `"w3"`, 1)); len(got) != 1 || got[0] != "/v3 required" {
		t.Errorf("got %v", got)
	}
}

// X14: patterns take linear time.
func TestX14Patterns(t *testing.T) {
	mt := newType(t, `{"type":"string","pattern":"(a+)+$"}`, Options{})
	if got := check(t, mt, `"`+strings.Repeat("a", 10000)+`!"`); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	_ = check(t, mt, `"`+strings.Repeat("a", 1<<20)+`!"`)
}

func TestFindings(t *testing.T) {
	one := "1"
	self := anything()
	self.AllOf = []*specs.Schema{self}
	with := func(f func(s *specs.Schema)) *specs.Schema {
		s := anything()
		s.Pos = specs.Pos{File: "openapi.yaml", Line: 3, Column: 5}
		f(s)
		return s
	}
	for _, c := range []struct {
		name, code string
		schema     *specs.Schema
	}{
		{"look-ahead", "LNT3501", with(func(s *specs.Schema) { s.Pattern = `(?=a)b` })},
		{"back-reference", "LNT3501", with(func(s *specs.Schema) { s.Pattern = `(a)\1` })},
		{"repetition", "LNT3502", with(func(s *specs.Schema) { s.Pattern = `(abcdefghij[k-m]){1000}` })},
		{"nested repetition", "LNT3501", with(func(s *specs.Schema) { s.Pattern = `((a{1000}){1000}){1000}` })},
		{"circle", "LNT3503", self},
		{"zero divisor", "LNT3504", with(func(s *specs.Schema) { s.MultipleOf = "0" })},
		{"long divisor", "LNT3504", with(func(s *specs.Schema) { s.MultipleOf = "0.12345678901234567891" })},
		{"bound", "LNT3505", with(func(s *specs.Schema) { s.Minimum = "ten" })},
		{"enum", "LNT3506", with(func(s *specs.Schema) { s.Enum = []string{one, "oops"} })},
		{"pattern property", "LNT3501", with(func(s *specs.Schema) {
			s.PatternProperties = []*specs.Property{{Name: "(", Schema: nil}}
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, fs := New(c.schema, Options{})
			if len(fs) != 1 || fs[0].Code != c.code || !fs.HasErrors() {
				t.Fatalf("findings %v", fs)
			}
			if c.schema != self && fs[0].Line != 3 {
				t.Errorf("place %v", fs[0].Pos)
			}
		})
	}
}
