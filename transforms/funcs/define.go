// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"math/big"
	"reflect"
	"strings"
	"unicode/utf8"

	"lintel/transforms"
)

// maxText is how long a function can make a text, in bytes. A result that is no longer than the
// longest text it was given is allowed too.
const maxText = 64 << 10

// define makes a function from its signature, which says everything about its parameters:
//
//	name(text, from: number, fill?: text) text
//
// A parameter has a name and a kind (see kindOf); the kind is the name itself when none is given. A
// question mark makes a parameter, and all behind it, optional.
func define(group, signature, doc string, call func(a *arguments) any, examples ...transforms.FuncExample) transforms.Func {
	name, params, result := parseSignature(signature)
	return transforms.Func{
		Name: name, Group: group, Doc: doc, Signature: signature, Examples: examples,
		Types: signatures(params, result),
		Check: func(args []transforms.FuncArg) *transforms.FuncMistake { return checkLiterals(name, params, args) },
		Call: func(args ...any) (any, error) {
			a := &arguments{name: name, params: params, values: args}
			out := call(a)
			if a.reason == "" {
				a.bound(out)
			}
			if a.reason != "" {
				return nil, fail(name + ": " + a.reason)
			}
			return out, nil
		},
	}
}

// growing says how the result of a function can be larger than its arguments.
func growing(how transforms.Growth, f transforms.Func) transforms.Func {
	f.Growth = how
	return f
}

// param is one parameter of a function.
type param struct {
	name     string
	kind     kind
	optional bool
}

func parseSignature(s string) (name string, params []param, result string) {
	name, rest, _ := strings.Cut(s, "(")
	list, result, _ := strings.Cut(rest, ")")
	for _, p := range strings.Split(list, ",") {
		word, kindWord, typed := strings.Cut(strings.TrimSpace(p), ":")
		word, optional := strings.CutSuffix(word, "?")
		if !typed {
			kindWord = word
		}
		params = append(params, param{name: word, kind: kindOf(strings.TrimSpace(kindWord)), optional: optional})
	}
	return name, params, strings.TrimSpace(result)
}

// signatures lists the Go signatures a call may have: one for every combination of the types a
// parameter takes, with and without what is optional.
func signatures(params []param, result string) []any {
	out := []reflect.Type{kindOf(result).result}
	rows := [][]reflect.Type{{}}
	var types []any
	for _, p := range params {
		if p.optional {
			types = appendSignatures(types, rows, out)
		}
		var next [][]reflect.Type
		for _, row := range rows {
			for _, t := range p.kind.types {
				next = append(next, append(row[:len(row):len(row)], t))
			}
		}
		rows = next
	}
	return appendSignatures(types, rows, out)
}

func appendSignatures(types []any, rows [][]reflect.Type, out []reflect.Type) []any {
	for _, row := range rows {
		types = append(types, reflect.New(reflect.FuncOf(row, out, false)).Interface())
	}
	return types
}

// checkLiterals looks at the arguments that are written out.
func checkLiterals(name string, params []param, args []transforms.FuncArg) *transforms.FuncMistake {
	for i, arg := range args {
		if i >= len(params) || !arg.Known || params[i].kind.check == nil {
			continue
		}
		if message, hint := params[i].kind.check(arg.Value); message != "" {
			return &transforms.FuncMistake{Arg: i, Message: name + ": " + message, Hint: hint}
		}
	}
	return nil
}

// arguments are those of one call. The first that is not what its parameter takes decides what the
// call fails with; the methods then give zero values.
type arguments struct {
	name   string
	params []param
	values []any
	reason string
}

func (a *arguments) fail(reason string) any {
	if a.reason == "" {
		a.reason = reason
	}
	return nil
}

// ok reports whether all arguments so far were what their parameters take.
func (a *arguments) ok() bool { return a.reason == "" }

// given reports whether an optional argument is there.
func (a *arguments) given(i int) bool { return i < len(a.values) }

// wrong notes that an argument is absent or of another type.
func (a *arguments) wrong(i int, want string) {
	if !a.given(i) || a.values[i] == nil {
		a.fail(a.params[i].name + " is absent")
		return
	}
	a.fail(a.params[i].name + " is no " + want)
}

func (a *arguments) text(i int) string {
	if a.given(i) {
		if s, ok := a.values[i].(string); ok {
			return s
		}
	}
	a.wrong(i, "text")
	return ""
}

// number gives a number as coefficient / 10^scale.
func (a *arguments) number(i int) exact {
	if a.given(i) {
		if x, ok := exactOf(a.values[i]); ok {
			return x
		}
	}
	a.wrong(i, "number")
	return exact{c: new(big.Int)}
}

// integer gives a whole number from low to high.
func (a *arguments) integer(i, low, high int) int {
	x := a.number(i)
	whole, lossless := x.rescale(0, modeExact)
	switch {
	case !a.ok():
	case !lossless:
		a.fail(a.params[i].name + " is no whole number")
	case !whole.c.IsInt64() || whole.c.Int64() < int64(low) || whole.c.Int64() > int64(high):
		a.fail(a.params[i].name + " is out of range")
	default:
		return int(whole.c.Int64())
	}
	return max(low, 0)
}

// list gives the entries of an array.
func (a *arguments) list(i int) []any {
	if a.given(i) && a.values[i] != nil {
		if list, any := a.values[i].([]any); any {
			return list
		}
		if v := reflect.ValueOf(a.values[i]); v.Kind() == reflect.Slice {
			out := make([]any, v.Len())
			for j := range out {
				out[j] = v.Index(j).Interface()
			}
			return out
		}
	}
	a.wrong(i, "array")
	return nil
}

// bound refuses a text that has grown too long.
func (a *arguments) bound(out any) {
	longest := maxText
	for _, v := range a.values {
		if s, ok := v.(string); ok {
			longest = max(longest, len(s))
		}
	}
	if s, ok := out.(string); ok && len(s) > longest {
		a.fail("result is longer than 65536 bytes")
	}
}

// runes counts characters.
func runes(s string) int { return utf8.RuneCountInString(s) }

func gives(expression, result string) transforms.FuncExample {
	return transforms.FuncExample{Expression: expression, Result: result}
}

func fails(expression, reason string) transforms.FuncExample {
	return transforms.FuncExample{Expression: expression, Error: reason}
}
