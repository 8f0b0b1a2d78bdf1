// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lintel/transforms"
)

// X15: TestExpressionsAreBounded has expressions that could hold a processor: the VM cannot be stopped, so
// that they must not begin. None of them takes more than 10 ms as long as it is let run.
func TestExpressionsAreBounded(t *testing.T) {
	rows := func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(`{"n":1,"t":"x"},`, n), ",") + "]"
	}
	long := strings.Repeat("x", 60_000)
	for _, tt := range []struct {
		expression string
		name       string
		rows       int
		ok         bool
	}{
		{`any(body.list, .t == "three") ? "a" : "b"`, "n", 9_000, true},
		{`sum(map(filter(body.list, .n != nil), .n ?? 0)) > 1 ? "a" : "b"`, "n", 5_000, true},
		{`any(body.list, any(body.list, .t == "y")) ? "a" : "b"`, "n", 100, true},
		{`any(body.list, any(body.list, .t == "y")) ? "a" : "b"`, "n", 500, false},
		{`any(body.list, any(body.list, .t == "y")) ? "a" : "b"`, "n", 9_000, false},
		{`any(body.list, upper(body.name) == "y") ? "a" : "b"`, long, 1_000, false},
		{`any(body.list, upper(body.name) == "y") ? "a" : "b"`, long, 10, true},
		{`any(body.list, body.name matches "^(x+x+)+y$") ? "a" : "b"`, long, 100, false},
		{`body.name matches "^(x+x+)+y$" ? "a" : "b"`, long, 1, true},
		{`any(body.list, padLeft("a", 60000, "b") == "y") ? "a" : "b"`, "n", 1_000, false},
		{`any(body.list, padLeft("a", len(body.list), "b") == "y") ? "a" : "b"`, "n", 1_000, false},
		{`any(body.list, padLeft("a", 20, "b") == "y") ? "a" : "b"`, "n", 5_000, true},
		{`any(body.list, body.name in (body.words ?? [])) ? "a" : "b"`, "n", 5_000, true},
		{`any(body.list, body.name in map(body.list, .t ?? "")) ? "a" : "b"`, "n", 5_000, false},
		{`any(body.list, .t in (body.words ?? [])) and any(body.list, len(body.list) > 3) ? "a" : "b"`, "n", 9_000, true},
		{`any(body.words ?? [], any(body.list, .t == "y")) ? "a" : "b"`, "n", 9_000, true},
		{`any(body.list, any(body.words ?? [], # == "y")) ? "a" : "b"`, "n", 9_000, true},
		{`any(body.list, any(filter(body.list, .n == 1), .t == "y")) ? "a" : "b"`, "n", 500, false},
		{`any(body.list, len(split(body.name, "x")) > 1) ? "a" : "b"`, long, 1_000, false},
		{`any(body.list, replace(body.name, "x", "xxxxxxxx") == "y") ? "a" : "b"`, strings.Repeat("x", 8000), 1_000, false},
	} {
		c := expressions(tt.expression).compile(t)
		r := c.Start()
		body := fmt.Sprintf(`{"name":%q,"num":1,"list":%s,"sub":{"a":"A"},"words":["a"]}`, tt.name, rows(tt.rows))
		_, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body)})
		var failed *transforms.ExprError
		if tt.ok && err != nil || !tt.ok && (!errors.As(err, &failed) || !strings.Contains(failed.Reason, "steps")) {
			t.Errorf("%s with %d entries: %v", tt.expression, tt.rows, err)
		}
		r.Release()
	}
}
