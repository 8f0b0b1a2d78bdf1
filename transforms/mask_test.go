// SPDX-License-Identifier: Apache-2.0

package transforms

import "testing"

func TestMask(t *testing.T) {
	typ := &Type{Shape: ObjectShape, Members: []*Type{
		{Name: "id", Shape: StringShape},
		{Name: "pin", Shape: StringShape, Sensitive: true},
		{Name: "person", Shape: ObjectShape, Sensitive: true, Members: []*Type{{Name: "age", Shape: NumberShape}, {Name: "glad", Shape: BoolShape}, {Name: "none", Shape: StringShape}}},
		{Name: "cards", Shape: ArrayShape, Items: &Type{Shape: StringShape, Sensitive: true}},
	}}
	in := `{"id":"A1","pin":"ab-CD 12\u00e9é","person":{"age":12.50,"glad":true,"none":null},"cards":["1","22"],"more":"x"}`
	want := `{"id":"A1","pin":"xx-XX 00xx","person":{"age":0,"glad":false,"none":null},"cards":["0","00"],"more":"x"}`
	out, n, err := Mask(&MessageType{Type: typ}, []byte(in))
	if string(out) != want || n != 5 || err != nil {
		t.Errorf("%d %v\n%s\nwant\n%s", n, err, out, want)
	}
	if !HasSensitive(typ) || HasSensitive(typ.Members[0]) {
		t.Error("what is sensitive is not known")
	}
}

func TestMaskAt(t *testing.T) {
	for _, tt := range []struct {
		in       string
		pointers []string
		want     string
	}{
		{`{"a":"secret","b":"open"}`, []string{"/a"}, `{"a":"xxxxxx","b":"open"}`},
		{`{"l":[{"k":"AB","n":1},{"k":"C","n":2}]}`, []string{"/l/*/k"}, `{"l":[{"k":"XX","n":1},{"k":"X","n":2}]}`},
		{`{"o":{"a":"x","b":[true,7]},"p":null}`, []string{"/o", "/p", "/not/there"}, `{"o":{"a":"x","b":[false,0]},"p":null}`},
		{`["a",["b"]]`, []string{""}, `["x",["x"]]`},
		{`{"a/b":"C","d":"E"}`, []string{"/a~1b"}, `{"a/b":"X","d":"E"}`},
		{``, []string{"/a"}, ``},
	} {
		out, err := MaskAt([]byte(tt.in), tt.pointers)
		if string(out) != tt.want || err != nil {
			t.Errorf("%s %v: %s %v, want %s", tt.in, tt.pointers, out, err, tt.want)
		}
	}
}
