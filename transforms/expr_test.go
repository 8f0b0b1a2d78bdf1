// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"strings"
	"testing"

	"lintel/transforms"
	"lintel/transforms/funcs"
)

func TestEvaluate(t *testing.T) {
	c := &transforms.Compiler{Funcs: funcs.All()}
	for _, tt := range []struct{ expr, want string }{
		{`0.1 + 0.2`, `0.3`},
		{`0.1 + 0.2 == 0.3`, `true`},
		{`1.10 * 3`, `3.30`},
		{`10 / 4`, `2.5`},
		{`10 / 5`, `2`},
		{`1 / 3 * 3 < 1`, `true`},
		{`7 % 3`, `1`},
		{`-1.50`, `-1.50`},
		{`-number("1.50")`, `-1.50`},
		{`9007199254740993.0 + 0`, `9007199254740993.0`},
		{`123456789012345678901234567890.12 + 0.01`, `123456789012345678901234567890.13`},
		{`1.5 > 1`, `true`},
		{`2 >= 2.0`, `true`},
		{`"a" + "b"`, `"ab"`},
		{`true ? "x" : "y"`, `"x"`},
		{`nil ?? "x"`, `"x"`},
		{`"b" in ["a", "b"]`, `true`},
		{`len("größe")`, `5`},
		{`"AB12" matches "^[A-Z]+[0-9]+$"`, `true`},
		{`0.0 * -1`, `0.0`},
		{`2 + 3 * 4 - 1`, `13`},
		{`[5, 6, 7][1 + 1]`, `7`},
	} {
		got, err := c.Evaluate(tt.expr)
		if err != nil || got != tt.want {
			t.Errorf("%s = %s, %v; want %s", tt.expr, got, err, tt.want)
		}
	}
}

// TestExpressionRefused lists what must not compile or must not run to its end: stock expr allows
// some of it to exhaust memory or time.
func TestExpressionRefused(t *testing.T) {
	c := &transforms.Compiler{Funcs: funcs.All()}
	long := strings.Repeat("1+", 3000) + "1"
	doubling := `map(map(["` + strings.Repeat("x", 600) + `"], # + #), # + #)`
	for _, tt := range []struct{ expr, want string }{
		{`repeat("a", 900000)`, "repeat"},
		{`1..1000000`, "not allowed"},
		{`len(1..1000000)`, "not allowed"},
		{`2 ** 100`, "not allowed"},
		{`let x = "a"; x + x`, "not allowed"},
		{`map([1], map([1], map([1], #)))`, "nest 3 deep"},
		{long, "longer"},
		{strings.Repeat("1+", 300) + "1", "nodes"},
		{`any([` + strings.Repeat(`"a",`, 70) + `"b"], upper(padLeft(#, 65000, "-")) == "x")`, "steps"},
		{`1 / 0`, "division by zero"},
		{`5.5 % 0`, "division by zero"},
		{`"a" + 1`, "mismatched"},
		{`"a" == 1`, "mismatched"},
		{`unknown.x`, "unknown name"},
		{`trm("x")`, "trm"},
		{`1e200 * 1e200`, ""},
		{`9223372036854775807 + 1`, "digits"},
		{`1000000 * 1000000 * 1000000 * 10`, "digits"},
		{`-9223372036854775807 - 2`, "digits"},
		{`now()`, "now"},
		{`toJSON([1])`, "toJSON"},
		{`1 +`, "cannot be read"},
		{`[1, 2]`, "this is an array"},
		{doubling + ` == ""`, ""},
	} {
		got, err := c.Evaluate(tt.expr)
		if err == nil {
			t.Errorf("%.60s = %.60s; want an error with %q", tt.expr, got, tt.want)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60s: %.200v; want an error with %q", tt.expr, err, tt.want)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{`0.1 + 0.2`, `trim(" x ") + "y"`, `map([1,2], # + 1)[0]`, `"a" in ["a"]`, `number("1") / 3`, `1 ?? 2`} {
		f.Add(s)
	}
	c := &transforms.Compiler{Funcs: funcs.All()}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := c.Evaluate(s)
		if err == nil && len(out) > 1<<20 {
			t.Errorf("result has %d bytes", len(out))
		}
	})
}
