// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"strings"
	"testing"

	"github.com/expr-lang/expr/vm"

	"lintel/transforms"
)

// exprCase is an expression and what a programmer would write to run it by hand.
type exprCase struct {
	name, expression string
	// env makes the environment and a function that fills it from the JSON texts of the values.
	env func() (env any, fill func() error)
}

func exprCases() []exprCase {
	const name, city = `"Maria Fernandez-Lopez  "`, `"Zaragoza"`
	const sum, age = `250000.00`, `41`
	text := func(token string) string { return string([]byte(token)[1 : len(token)-1]) }
	return []exprCase{
		{"text", `=body.name + ", " + body.city`, func() (any, func() error) {
			env := &struct{ V0, V1 string }{}
			return env, func() error { env.V0, env.V1 = text(name), text(city); return nil }
		}},
		{"function", `=upper(trim(body.name))`, func() (any, func() error) {
			env := &struct{ V0 string }{}
			return env, func() error { env.V0 = text(name); return nil }
		}},
		{"condition", `=body.sum > 1000 and body.age < 65 ? body.name : body.city`, func() (any, func() error) {
			env := &struct {
				V0, V1 transforms.Decimal
				V2, V3 string
			}{}
			return env, func() (err error) {
				if env.V0, err = transforms.ParseDecimal(string([]byte(sum))); err != nil {
					return err
				}
				env.V1, err = transforms.ParseDecimal(string([]byte(age)))
				env.V2, env.V3 = text(name), text(city)
				return err
			}
		}},
		{"arithmetic", `=body.sum * 1.19 + body.age`, func() (any, func() error) {
			env := &struct{ V0, V1 transforms.Decimal }{}
			return env, func() (err error) {
				if env.V0, err = transforms.ParseDecimal(string([]byte(sum))); err != nil {
					return err
				}
				env.V1, err = transforms.ParseDecimal(string([]byte(age)))
				return err
			}
		}},
	}
}

// BenchmarkExpression compares an expression in a transform, from the captured values to the JSON
// text of its result, with the bare VM on a struct that is filled by hand.
func BenchmarkExpression(b *testing.B) {
	for _, c := range exprCases() {
		b.Run(c.name, func(b *testing.B) {
			t := small{
				body: `{type: object, required: [name, city, sum, age], properties: {name: {type: string}, city: {type: string}, ` +
					`sum: {type: number, minimum: 0, maximum: 999999.99, multipleOf: 0.01}, age: {type: integer, minimum: 0, maximum: 200}}}`,
				copybook:  "       01  IN.\n           05  A  PIC X(60).\n       01  OUT.\n           05  B  PIC X.\n",
				transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields:\n    A: '" + c.expression + "'\nreply:\n  record: copybooks/BOOK.cpy#OUT\n",
			}.compile(b)
			r := t.Start()
			defer r.Release()
			in := transforms.Input{
				Params: []byte(benchParams),
				Body:   []byte(`{"name":"Maria Fernandez-Lopez  ","city":"Zaragoza","sum":250000.00,"age":41}`),
			}
			if _, err := r.Request(in); err != nil {
				b.Fatal(err)
			}
			source, program := transforms.RequestSource(t.Transform, 0)
			env, fill := c.env()
			bare := &vm.VM{}
			turns(b, func() error {
				_, err := source.Value(r)
				r.Forget()
				return err
			}, func() error {
				if err := fill(); err != nil {
					return err
				}
				_, err := bare.Run(program, env)
				return err
			})
		})
	}
}

// BenchmarkPredicate looks at 9,000 entries: the longest array that a document may have by default is not much
// longer. The time is that of the expression alone, the array read from its JSON text.
func BenchmarkPredicate(b *testing.B) {
	body := []byte(`{"name":"n","num":1,"list":[` + strings.TrimSuffix(strings.Repeat(`{"n":1,"t":"x"},`, 9000), ",") + `],"sub":{"a":"A"}}`)
	for _, expression := range []string{
		`any(body.list, .t == "three") ? "a" : "b"`,
		`text(len(filter(body.list, (.n ?? 0) > 1)))`,
		`text(sum(map(body.list, .n ?? 0)))`,
		`text(count(body.list, .t in ["a", "b", "c"]))`,
	} {
		b.Run(expression, func(b *testing.B) {
			t := expressions(expression).compile(b)
			r := t.Start()
			defer r.Release()
			if _, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: body}); err != nil {
				b.Fatal(err)
			}
			source, _ := transforms.RequestSource(t.Transform, 0)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := source.Value(r); err != nil {
					b.Fatal(err)
				}
				r.Forget()
			}
		})
	}
}
