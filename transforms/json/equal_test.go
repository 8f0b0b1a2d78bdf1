// SPDX-License-Identifier: Apache-2.0

package json

import "testing"

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b       string
		same, text bool
	}{
		{`1`, `1.0`, true, false},
		{`100`, `1e2`, true, false},
		{`9007199254740993`, `9007199254740992`, false, false},
		{`-0`, `0`, true, false},
		{`"a"`, `"\u0061"`, true, true},
		{`"1"`, `1`, false, false},
		{`{"a":1,"b":[1,2]}`, ` { "b" : [ 1 , 2 ] , "\u0061" : 1 } `, true, true},
		{`{"a":1}`, `{"a":1,"b":1}`, false, false},
		{`{"a":1,"b":1}`, `{"a":1,"c":1}`, false, false},
		{`[1,2]`, `[2,1]`, false, false},
		{`[1,2]`, `[1,2,3]`, false, false},
		{`[1.10]`, `[1.1]`, true, false},
		{`null`, `false`, false, false},
		{`{}`, `[]`, false, false},
		{`{}`, `{ }`, true, true},
		{`oops`, `oops`, true, true},
		{`oops`, `1`, false, false},
		{``, ``, true, true},
		{`1e99999999999999999999`, `1e99999999999999999999`, true, true},
		{`1e99999999999999999999`, `10e99999999999999999998`, false, false},
	} {
		if got := Equal([]byte(c.a), []byte(c.b)); got != c.same {
			t.Errorf("Equal(%s, %s) is %v", c.a, c.b, got)
		}
		if got := EqualText([]byte(c.b), []byte(c.a)); got != c.text {
			t.Errorf("EqualText(%s, %s) is %v", c.b, c.a, got)
		}
	}
}

func TestCompact(t *testing.T) {
	got, err := Compact([]byte("x"), []byte("\t{ \"a b\" : [ 1.0 , \"\\u0061 \" ] }\n"))
	if err != nil || string(got) != `x{"a b":[1.0,"\u0061 "]}` {
		t.Errorf("%s %v", got, err)
	}
	if got, err := Compact([]byte("x"), []byte("{")); err == nil || string(got) != "x" {
		t.Errorf("%s %v", got, err)
	}
}
