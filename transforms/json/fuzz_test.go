// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	stdjson "encoding/json"
	"testing"
	"unicode/utf8"

	"lintel/transforms"
)

const fuzzSchema = `{"type":"object","properties":{
	"id":{"type":"string","pattern":"^[A-Z]{2}[0-9]+$","maxLength":8},"when":{"type":"string","format":"date-time"},"mail":{"type":"string","format":"email"},
	"n":{"type":["number","null"],"multipleOf":0.01,"maximum":99999.99},"u":{"type":"array","uniqueItems":true},
	"any":{"anyOf":[{"type":"string","format":"uri"},{"type":"array","items":{"type":"integer"}}]},
	"one":{"oneOf":[{"type":"object","properties":{"k":{"const":1}},"required":["k"]},{"type":"object","properties":{"k":{"const":"x"}},"required":["k"]}]},
	"pay":{"properties":{"kind":{}},"if":{"properties":{"kind":{"const":"card"}},"required":["kind"]},"then":{"properties":{"no":{"type":"string"}},"required":["no"]},
		"else":{"properties":{"iban":{}}},"dependentRequired":{"no":["kind"]},"dependentSchemas":{"iban":{"maxProperties":2}}},
	"names":{"propertyNames":{"anyOf":[{"maxLength":2},{"pattern":"^\\w+$"}]}},
	"pair":{"allOf":[{"prefixItems":[{"type":"number"},true]}],"contains":{"type":"string"},"minContains":0,"maxContains":2,"unevaluatedItems":{"type":"boolean"}},
	"left":{"anyOf":[{"properties":{"a":{"type":"number"}}},{"patternProperties":{"^b":{"type":"string"}}}],"unevaluatedProperties":false},
	"rows":{"type":"array","maxItems":5,"items":{"type":"object","properties":{"a":{},"sub":{"type":"array","items":{"type":"object","properties":{"b":{}}}}}}}},
	"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}`

// FuzzReader reads anything: no panic, nothing accepted that encoding/json refuses, nothing
// captured but what stands there.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		body, `{}`, `[`, `{"id":"DE12","when":"2026-03-14T09:26:53Z","mail":"a@b.de","n":1.25}`, `{"u":[1,1.0,{"a":1},"\u0061"]}`,
		`{"any":[1,2e0],"one":{"k":"\u0078"},"x-\u0061":"1","n":null}`, `{"rows":[{"a":[{}],"sub":[{"b":1},{}]},{"sub":[]}]}`,
		`{"n":1e99999999999999999999}`, `{"any":"http://a/%zz"}`, "{\"id\":\"\\ud83d\\ude00\"}", `{"a":{"b":1,"b":2}}`,
		`{"pay":{"kind":"card","no":"1"},"names":{"ab":1,"a\u0062c":2},"pair":[1,null,"x",true],"left":{"a":1,"b1":"x"}}`,
		`{"pay":{"iban":1,"no":2},"names":{"a b c":1},"pair":["x","y","z"],"left":{"a":"x","c":{"b":[]}}}`,
	} {
		f.Add([]byte(s))
	}
	mt := newType(f, fuzzSchema, Options{MaxIssues: 3})
	c, at := want(f, mt.Type, "id", "n", "one", "any", "u", "rows[].a", "rows[].sub[].b")
	r, fs := mt.Format.Reader(c)
	if len(fs) > 0 {
		f.Fatal(fs)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var s transforms.Slots
		s.Reset(c.Size)
		kept := bytes.Clone(msg)
		err := r.Read(msg, &s, 0)
		if !bytes.Equal(kept, msg) {
			t.Fatal("the document was changed")
		}
		if n := s.Len(); n > c.Size+len(msg)*8 {
			t.Fatalf("%d slots for %d bytes", n, len(msg))
		}
		if err != nil {
			if n := len(issues(t, err)); n == 0 || n > 3 {
				t.Fatalf("%d issues", n)
			}
			return
		}
		if !stdjson.Valid(msg) || !utf8.Valid(msg) {
			t.Fatal("accepted what is not JSON")
		}
		var members map[string]stdjson.RawMessage
		if err := stdjson.Unmarshal(msg, &members); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"id", "n", "one", "any", "u"} {
			v := s.At(at[name])
			if string(v.Text) != string(members[name]) {
				t.Fatalf("captured %q for %s", v.Text, name)
			}
		}
		var rows []struct{ A stdjson.RawMessage }
		if members["rows"] != nil {
			if err := stdjson.Unmarshal(members["rows"], &rows); err != nil {
				t.Fatal(err)
			}
		}
		checkRows(t, &s, c, rows)
	})
}

func checkRows(t *testing.T, s *transforms.Slots, c *transforms.Capture, rows []struct{ A stdjson.RawMessage }) {
	for _, m := range c.Members {
		if m.Type.Name != "rows" {
			continue
		}
		list := s.At(m.Slot)
		if int(list.Len) != len(rows) {
			t.Fatalf("%d rows captured of %d", list.Len, len(rows))
		}
		for i, row := range rows {
			got := s.At(int(list.First) + i*m.Each.Size + m.Each.Members[0].Slot)
			// encoding/json takes "A" for "a"; the schema does not name it and it is refused.
			if string(got.Text) != string(row.A) && got.Kind != transforms.Null {
				t.Fatalf("row %d: captured %q, want %q", i, got.Text, row.A)
			}
		}
	}
}

// FuzzEqual checks that equality is reflexive, symmetric and survives compaction.
func FuzzEqual(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.0]}`), []byte(`{ "a" : [1.0,2] }`))
	f.Add([]byte(`"\u0061"`), []byte(`"a"`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if Equal(a, b) != Equal(b, a) || EqualText(a, b) != EqualText(b, a) {
			t.Fatal("not symmetric")
		}
		if EqualText(a, b) && !Equal(a, b) {
			t.Fatal("the same text but not equal")
		}
		small, err := Compact(nil, a)
		if err == nil && !EqualText(a, small) {
			t.Fatal("compaction changes the value")
		}
	})
}

// FuzzPattern compiles any pattern and compares the quick matcher with the regexp engine.
func FuzzPattern(f *testing.F) {
	f.Add(`^[A-Z]{2}[0-9]{2,30}$`, "DE12")
	f.Add(`^a?b*c+$`, "abbc")
	f.Add(`^\u00e9\s\cA[\s\d]$`, "é \x011")
	f.Add(`^[a-c]{0,3}[d-f]?x{2}$`, "abcxx")
	f.Add(`^[ -~\u00a0-\u00ff]*$`, "é ÿ\u0100")
	f.Fuzz(func(t *testing.T, text, doc string) {
		p, err := compilePattern(text)
		if err != nil || !utf8.ValidString(doc) {
			return
		}
		if ok, decided := p.quick.match([]byte(doc)); decided && ok != p.re.MatchString(doc) {
			t.Fatalf("quick match of %q on %q is %v", text, doc, ok)
		}
	})
}
