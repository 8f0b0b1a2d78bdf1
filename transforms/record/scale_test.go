// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms/copybook"
)

// TestScaleRule: the point moves in types, VALUE stays in the host's terms, and what has no decimals is a
// finding.
func TestScaleRule(t *testing.T) {
	scaleOf := func(name string) []*specs.FieldRule { return []*specs.FieldRule{{Name: name, Scale: 2}} }
	c := compile(t, "01 R.\n05 A PIC 9(7) VALUE 1234567.\n05 B PIC X.", Options{Rules: scaleOf("A"), Policy: Policy{UseValue: true}})
	a := c.Type().Members[0]
	if a.Scale != 2 || a.Digits != 7 || a.Integer {
		t.Errorf("type %+v", a)
	}
	msg, err := c.EncodeJSON(nil, []byte(`{"b":"X"}`))
	if err != nil {
		t.Fatal(err)
	}
	if js, err := c.DecodeJSON(nil, msg); err != nil || string(js) != `{"a":12345.67,"b":"X"}` {
		t.Errorf("%s, %v", js, err)
	}
	for name, field := range map[string]string{
		"text": "A PIC X(4).", "float": "A COMP-2.", "group": "A.\n10 C PIC 9.", "too many": "A PIC V9(37) COMP-3.",
		"counter": "A PIC 9(2).\n05 T PIC X OCCURS 1 TO 3 DEPENDING ON A.",
	} {
		bk, fs := copybook.Parse("t.cpy", []byte(indent("01 R.\n05 "+field+"\n05 Z PIC X.")), copybook.Options{Dialect: copybook.GnuCOBOL()})
		if fs.HasErrors() {
			t.Fatal(name, fs)
		}
		_, fs = Compile(bk.Records[0], Options{Rules: scaleOf("A")})
		if !strings.Contains(fs.Error(), codeRuleTarget) {
			t.Errorf("%s: findings %v", name, fs)
		}
	}
}
