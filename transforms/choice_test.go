// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"strings"
	"testing"

	"lintel/transforms"
)

// TestChoices has expressions that only choose: they give what the expression VM would give, without it.
func TestChoices(t *testing.T) {
	for _, tt := range []struct{ expression, rich, poor string }{
		{`body.may ?? "none"`, "yes", "none"},
		{`body.may ?? body.name`, "yes", ""},
		{`body.cnt ?? body.null ?? 7`, "3", "7"},
		{`body.null ?? -1`, "2", "-1"},
		{`body.null ?? 0.50`, "2", "0.50"},
		{`body.cnt ?? nil`, "3", ""},
		{`body.name == "name" ? body.may : body.sub.a`, "yes", "B"},
		{`body.name in ["x", "name"] and not (body.sub.a == "B") ? "in" : body.may ?? "out"`, "in", "out"},
		{`body.name == "" ? body.null : body.num`, "1.50", ""},
		{`(body.flag ?? false) ? "set" : "unset"`, "set", "unset"},
	} {
		c := expressions(tt.expression).compile(t)
		for i, body := range []string{richBody, poorBody} {
			want := []string{tt.rich, tt.poor}[i]
			r := c.Start()
			m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body)})
			if got := strings.TrimRight(string(m.Body), " "); err != nil || got != want {
				t.Errorf("%s: %q, %v; want %q", tt.expression, got, err, want)
			}
			r.Release()
		}
	}
}

// TestChoicePointer has what does not fit stand where the value stood that was chosen.
func TestChoicePointer(t *testing.T) {
	for expression, want := range map[string]string{
		`body.may ?? body.name`:                    "/body/name",
		`body.cnt == nil ? body.name : body.may`:   "",
		`body.sub.a == "A" ? body.name : body.may`: "/body/name",
	} {
		c := expressions(expression).compile(t)
		r := c.Start()
		body := `{"name":"` + strings.Repeat("x", 31) + `","num":1,"list":[],"sub":{"a":"A"}}`
		_, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body)})
		var field *transforms.FieldError
		if !errors.As(err, &field) || want != "" && field.Pointer != want {
			t.Errorf("%s: %v", expression, err)
		}
		r.Release()
	}
}
