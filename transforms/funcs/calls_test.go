// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"lintel/transforms"
)

// arguments for a signature: texts, numbers and arrays of them.
func argumentsFor(sig reflect.Type, texts []string, n int, d transforms.Decimal) []any {
	args := make([]any, sig.NumIn())
	for i := range args {
		text := texts[i%len(texts)]
		switch sig.In(i) {
		case reflect.TypeFor[string]():
			args[i] = text
		case reflect.TypeFor[int]():
			args[i] = n
		case reflect.TypeFor[transforms.Decimal]():
			args[i] = d
		case reflect.TypeFor[[]string]():
			args[i] = texts
		case reflect.TypeFor[[]int]():
			args[i] = []int{n, -n}
		case reflect.TypeFor[[]transforms.Decimal]():
			args[i] = []transforms.Decimal{d, {}}
		case reflect.TypeFor[[]any]():
			args[i] = []any{text, n, d, nil}
		default:
			args[i] = true
		}
	}
	return args
}

// call runs a function in every signature and checks what is true of all: no panic, a failure holds
// no argument, a result has the declared type and is bounded.
func call(t *testing.T, f transforms.Func, texts []string, n int, d transforms.Decimal) {
	t.Helper()
	for _, typ := range f.Types {
		sig := reflect.TypeOf(typ).Elem()
		args := argumentsFor(sig, texts, n, d)
		out, err := f.Call(args...)
		if err != nil {
			var safe *transforms.FuncError
			if !errors.As(err, &safe) || !strings.HasPrefix(err.Error(), f.Name+": ") {
				t.Errorf("%s: %v is no failure of a function", f.Name, err)
			}
			continue
		}
		if got := reflect.TypeOf(out); got != sig.Out(0) {
			t.Errorf("%s gave a %v, and declares a %v", f.Name, got, sig.Out(0))
		}
		longest := maxText
		for _, s := range texts {
			longest = max(longest, len(s))
		}
		if s, ok := out.(string); ok && len(s) > longest {
			t.Errorf("%s gave %d bytes", f.Name, len(s))
		}
	}
}

// TestAllCalls runs every function on unpleasant arguments.
func TestAllCalls(t *testing.T) {
	long := strings.Repeat("9", 3*maxText)
	for _, f := range All(Sample()) {
		for _, texts := range [][]string{
			{""},
			{"0"},
			{"a", "b"},
			{long},
			{long, "9", long},
			{"é", "é", "xy"},
			{"\xff"},
			{strings.Repeat("ß", maxText)},
			{"2024-02-30"},
			{"2024-02-29", "yyyyMMdd"},
			{"currencies", "code", "code", "code"},
			{"9999-12-31T23:59:59.999Z", "-14:00"},
			{"DE", strings.Repeat("1", 18)},
			{"123", "1,2"},
		} {
			for _, n := range []int{0, 1, -1, 40, 41, 4096, 4097, 1 << 40, -1 << 63} {
				d, err := transforms.ParseDecimal("-12345678901234567890123456789012345678901234567890.0123456789")
				if err != nil {
					t.Fatal(err)
				}
				call(t, f, texts, n, d)
				call(t, f, texts, n, transforms.Decimal{})
			}
		}
	}
}

// TestAbsentArguments: an absent argument, or one of another type, fails and is named.
func TestAbsentArguments(t *testing.T) {
	for _, f := range All(Sample()) {
		sig := reflect.TypeOf(f.Types[0]).Elem()
		for _, wrong := range []any{nil, []byte{1}, struct{}{}} {
			args := make([]any, sig.NumIn())
			for i := range args {
				args[i] = wrong
			}
			if out, err := f.Call(args...); err == nil {
				t.Errorf("%s of %v gives %v", f.Name, wrong, out)
			} else if wrong == nil && !strings.Contains(err.Error(), "absent") {
				t.Errorf("%s: %v does not say what is absent", f.Name, err)
			}
		}
	}
}

// FuzzCalls calls every function on whatever comes.
func FuzzCalls(f *testing.F) {
	f.Add("20240131", "yyyyMMdd", "x", 2, "1.50")
	f.Add("2024-01-31T10:00:00.5Z", "+01:00", "", -1, "-0")
	f.Add("GB", "WEST12345698765432", "1,2", 97, "1e20")
	all := All(Sample())
	f.Fuzz(func(t *testing.T, a, b, c string, n int, number string) {
		d, err := transforms.ParseDecimal(number)
		if err != nil {
			d = transforms.DecimalFromInt(int64(n))
		}
		for _, fn := range all {
			call(t, fn, []string{a, b, c}, n, d)
			call(t, fn, []string{"currencies", a, "number", b}, n, d)
		}
	})
}

// FuzzDates: what is read by a picture and written by it again is the same text.
func FuzzDates(f *testing.F) {
	f.Add("20240131", "yyyyMMdd")
	f.Add("24060", "yyDDD")
	f.Add("2024-01-31T14:25:03.123456", "yyyy-MM-ddTHH:mm:ss.SSSSSS")
	f.Fuzz(func(t *testing.T, text, pic string) {
		p, problem := parsePicture(pic)
		if problem != "" {
			return
		}
		m, ok := p.read(text, 1950)
		if !ok {
			return
		}
		again, problem := p.write(m, 1950)
		if problem != "" || again != text {
			t.Errorf("%q by %q becomes %q, %s", text, pic, again, problem)
		}
	})
}
