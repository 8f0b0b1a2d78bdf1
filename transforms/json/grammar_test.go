// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// everything is a schema that accepts all JSON and has the walk look at every value down to three
// levels.
func everything() string {
	s := `{}`
	for range 3 {
		s = fmt.Sprintf(`{"type":["null","boolean","number","string","array","object"],"properties":{"a":%s},"additionalProperties":%s,"items":%s}`, s, s, s)
	}
	return s
}

// FuzzGrammar holds the walk to the verdict of jsontext: what the walk takes is JSON, and what it
// does not take is none.
func FuzzGrammar(f *testing.F) {
	for _, s := range []string{
		``, ` `, `{`, `{}`, `[]`, `[1,]`, `[,1]`, `{"a":1,}`, `{"a" 1}`, `{"a":}`, `{,"a":1}`, `{"a":1 "b":2}`, `[1 2]`, ` { "a" : [ 1 , true ] } `,
		`tru`, `truex`, `nul`, `null `, `01`, `-`, `-0`, `1.`, `.5`, `1e`, `1e+`, `1e+5`, `1E-5x`, `-1.50e10`, `12345678901234567890.12345678901234567890`,
		`"a`, `"\`, `"\u00`, `"\ud800"`, `"\ud83d\ude00"`, `"\x"`, "\"\x01\"", "\"\x7f\"", "\"\xff\"", `"größe"`, "\"0123456\x1f\"", `"01234567\""`,
		`{"a":1,"a":2}`, `{"a":{"a":{"a":{"a":1,"a":2}}}}`, `{"\u0061":1,"a":2}`, `[[[[[{"x":1,"x":2}]]]]]`, "\ufeff{}", `{}}`, `[]]`, `{} {}`, `[1}`, `{"a":1]`,
		`[[[[[1,]]]]]`, `[[[[tru]]]]`, `[[[["a]]]]`, `{"a":[{"b":[{"c":01}]}]}`,
	} {
		f.Add([]byte(s))
	}
	mt := newType(f, everything(), Options{MaxDepth: 20})
	r, fs := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	if len(fs) > 0 {
		f.Fatal(fs)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var s transforms.Slots
		err := r.Read(msg, &s, 0)
		_, deep := tooDeep(msg, 20)
		if valid := jsontext.Value(msg).IsValid() && !deep; valid != (err == nil) {
			t.Fatalf("jsontext says %v, the walk %v", valid, err)
		}
		var invalid *transforms.InvalidError
		if errors.As(err, &invalid) && strings.HasSuffix(invalid.Issues[0].Detail, "the document is not JSON") {
			t.Fatal("the walk refuses what jsontext takes")
		}
	})
}

// TestQuickBounds compares the bounds for numbers of few digits with those for all numbers.
func TestQuickBounds(t *testing.T) {
	texts := []string{
		"0", "-0", "0.0", "1", "-1", "0.01", "0.010", "0.005", "10", "9.99", "10.00", "10.01", "-9.99", "-10", "99999999999999999", "100000000000000000",
		"123456789012345678", "1234567890123456789", "0.000000000001", "0.0000000000001", "1e1", "1e-2", "7", "14.0", "0.07",
	}
	for _, schema := range []string{
		`{"minimum":0}`, `{"maximum":10}`, `{"exclusiveMinimum":0}`, `{"exclusiveMaximum":10}`, `{"minimum":-9.99,"maximum":9.99}`,
		`{"multipleOf":0.01}`, `{"multipleOf":7}`, `{"multipleOf":0.07,"minimum":0.01}`, `{"multipleOf":10}`, `{"type":"integer"}`,
		`{"minimum":0,"exclusiveMinimum":0.01,"maximum":1e2}`, `{"maximum":123456789012345678901234567890}`, `{"minimum":0.0000000000001}`,
		`{"exclusiveMinimum":-1e-12,"exclusiveMaximum":1e-12}`, `{"multipleOf":1e15}`, `{"multipleOf":1e17}`, `{"maximum":99999999999999999}`,
	} {
		mt := newType(t, schema, Options{})
		f, _ := mt.Format.(*format)
		for _, text := range texts {
			w := f.walker()
			w.msg, w.fuel = []byte(text), fuelBase
			w.value(f.whole, 0, 0)
			quick := len(w.issues) == 0
			if f.whole.num != nil {
				slow := *f.whole
				c := *slow.num
				c.bounds, slow.num = nil, &c
				w.release()
				w.msg, w.fuel = []byte(text), fuelBase
				w.value(&slow, 0, 0)
				if all := len(w.issues) == 0; all != quick {
					t.Errorf("%s with %s: %v by the quick way, %v by the long one", text, schema, quick, all)
				}
			}
			w.release()
		}
	}
}

// TestSpecial tries every byte at every place of a word.
func TestSpecial(t *testing.T) {
	f, _ := newType(t, `{"maxLength":100}`, Options{}).Format.(*format)
	for at := range 20 {
		for c := range 256 {
			if c == '"' {
				continue
			}
			text := []byte(`"` + strings.Repeat("x", 20) + `"`)
			text[at+1] = byte(c)
			w := f.walker()
			w.msg = text
			end, plain := w.str(0)
			if want := jsontext.Value(text).IsValid(); want == w.bad {
				t.Errorf("byte %02x at %d: bad %v, jsontext %v", c, at, w.bad, want)
			} else if want && (end != len(text) || plain != (c < 0x80)) {
				t.Errorf("byte %02x at %d: end %d, plain %v", c, at, end, plain)
			}
			w.release()
		}
	}
}
