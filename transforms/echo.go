// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"fmt"
	"strings"

	"lintel/specs"
)

// ForeignError says that a reply is not the answer to its request: a field that the host gives back
// as it got it holds something else. It never holds a value.
type ForeignError struct {
	// Field is the path of the field in the reply.
	Field string
}

// Error names the field.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("reply belongs to another request: %s is not what was sent", e.Field)
}

// echo is a field of the reply that must hold what the request sent.
type echo struct {
	name  string
	field *slotRef
	sent  Source
}

// compileEcho compiles "echo: {account: =path.accountId}": paths of the reply to what they give back.
func (k *compilation) compileEcho(n *specs.Node, v *variant, sc *scope) {
	if n == nil {
		return
	}
	for _, f := range n.Fields {
		path := *f.Key
		path.Text = "=reply." + f.Key.Text
		e := k.compile(&path, sc)
		if e == nil {
			continue
		}
		if e.move == nil || e.move.typ.Shape == ObjectShape || e.move.typ.Shape == ArrayShape {
			k.findings.Add(codeMapping, f.Key.Pos, fmt.Sprintf("%s is no single field of the reply", f.Key.Text), "name one, such as account")
			continue
		}
		if f.Value.Kind != specs.ScalarNode {
			k.findings.Add(codeMapping, f.Value.Pos, "echo takes a literal or an =expression", "write what the request sent in the field")
			continue
		}
		if s := k.source(f.Value, sc, e.move.typ); s != nil {
			v.echoes = append(v.echoes, echo{name: f.Key.Text, field: e.move, sent: s})
		}
	}
}

// check compares the field with what was sent. A field that is absent, as in a reply of the header
// alone, says nothing.
func (e *echo) check(r *Run) error {
	got, err := r.JSON(e.field.raw(r))
	if err != nil || got.Kind == Absent {
		return err
	}
	want, err := e.sent.Value(r)
	if err != nil {
		return err
	}
	if want, err = r.JSON(want); err != nil {
		return err
	}
	if same(got, want) {
		return nil
	}
	return &ForeignError{Field: e.name}
}

// same compares what came back with what was sent: texts without the blanks that pad a field, numbers
// by their value. What was not sent comes back as blanks, zero or null.
func same(a, b Value) bool {
	if b.Kind == Absent || b.Kind == Null {
		return a.Kind == Null || strings.Trim(string(a.Text), ` "0.-`) == ""
	}
	if a.Kind == Number || b.Kind == Number {
		x, err := decimalText(a)
		y, err2 := decimalText(b)
		return err == nil && err2 == nil && x.Cmp(y) == 0
	}
	if a.Kind != String || b.Kind != String {
		return bytes.Equal(a.Text, b.Text)
	}
	x, err := unquote(a.Text)
	y, err2 := unquote(b.Text)
	return err == nil && err2 == nil && bytes.Equal(bytes.Trim(x, " "), bytes.Trim(y, " "))
}

// decimalText reads a number, or a text that holds one.
func decimalText(v Value) (Decimal, error) {
	text := v.Text
	if v.Kind == String {
		var err error
		if text, err = unquote(text); err != nil {
			return Decimal{}, err
		}
	}
	return ParseDecimal(string(text))
}
