// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/go-json-experiment/json/jsontext"
)

// maxText bounds a text made by joining texts in an expression, in bytes.
const maxText = 64 << 10

// minusName is the function behind the operator -.
const minusName = "subtract"

// operators overloads arithmetic and comparison with exact decimals, and + of texts with a bound.
func operators() []expr.Option {
	var out []expr.Option
	for i, op := range []string{"+", "-", "*", "/", "%"} {
		types := []any{new(func(Numeric, Numeric) Decimal), new(func(Numeric, int) Decimal), new(func(int, Numeric) Decimal)}
		if op == "/" {
			types = append(types, new(func(int, int) Decimal))
		}
		name := fmt.Sprintf("arithmetic%d", i)
		if op == "-" {
			name = minusName
		}
		out = append(out, expr.Function(name, func(args ...any) (any, error) {
			return arithmetic(op, args[0], args[1])
		}, types...))
		names := []string{name}
		if op == "+" || op == "-" || op == "*" {
			whole := fmt.Sprintf("whole%d", i)
			out = append(out, expr.Function(whole, func(args ...any) (any, error) {
				return wholeArithmetic(op, args[0], args[1])
			}, new(func(int, int) int)))
			names = append(names, whole)
		}
		if op == "+" {
			out = append(out, expr.Function("joinText", joinText, new(func(string, string) string)))
			names = append(names, "joinText")
		}
		out = append(out, expr.Operator(op, names...))
	}
	out = append(out, expr.Function("orElse", orElse, new(func(Numeric, Decimal) Decimal), new(func(Numeric, int) Decimal),
		new(func(Numeric, Numeric) Numeric)), expr.Operator("??", "orElse"))
	for i, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
		name := fmt.Sprintf("compare%d", i)
		out = append(out, expr.Function(name, func(args ...any) (any, error) {
			return compare(op, args[0], args[1])
		}, new(func(Numeric, Numeric) bool), new(func(Numeric, int) bool), new(func(int, Numeric) bool)),
			expr.Operator(op, name))
	}
	return out
}

// wholeArithmetic is arithmetic of whole numbers (literals, lengths, counts): one that leaves the range of
// 64 bits is an error.
func wholeArithmetic(op string, a, b any) (any, error) {
	d, err := arithmetic(op, a, b)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(d.String())
	if err != nil {
		return nil, errDecimalTooBig
	}
	return i, nil
}

// orElse is ?? of numbers: typed, so that arithmetic with its result is exact.
func orElse(args ...any) (any, error) {
	v := args[0]
	if v == nil {
		v = args[1]
	}
	if v == nil {
		return nil, nil
	}
	return decimalOf(v)
}

func joinText(args ...any) (any, error) {
	a, _ := args[0].(string)
	b, _ := args[1].(string)
	if len(a)+len(b) > maxText {
		return nil, fmt.Errorf("text is longer than %d bytes", maxText)
	}
	return a + b, nil
}

// goType is the Go type by which expr checks and holds values of t; nil if it nests too deep.
func goType(t *Type, depth int) reflect.Type {
	if depth > 6 {
		return nil
	}
	switch t.Shape {
	case StringShape:
		return reflect.TypeFor[string]()
	case NumberShape:
		return reflect.TypeFor[Decimal]()
	case FloatShape:
		return reflect.TypeFor[float64]()
	case BoolShape:
		return reflect.TypeFor[bool]()
	case ArrayShape:
		items := goType(t.Items, depth+1)
		if items == nil {
			return nil
		}
		return reflect.SliceOf(items)
	case ObjectShape:
		return structType(t, depth)
	default:
		return reflect.TypeFor[any]()
	}
}

func structType(t *Type, depth int) reflect.Type {
	fields := make([]reflect.StructField, 0, len(t.Members))
	for i, m := range t.Members {
		typ := goType(m, depth+1)
		if typ == nil {
			return nil
		}
		if m.Optional || m.Nullable {
			typ = optional(typ)
		}
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", i), Type: typ,
			Tag: reflect.StructTag(fmt.Sprintf(`expr:%q`, m.Name)),
		})
	}
	return reflect.StructOf(fields)
}

// optional is the type of a value that may be nil.
func optional(t reflect.Type) reflect.Type {
	if t == reflect.TypeFor[Decimal]() {
		return reflect.TypeFor[Numeric]()
	}
	if t.Kind() == reflect.Slice {
		return t // nil when absent
	}
	return reflect.TypeFor[any]()
}

// setGo stores v into the Go value dst, whose type goType made for t.
func (r *Run) setGo(dst reflect.Value, v Value, t *Type) error {
	v, err := r.JSON(v)
	if err != nil {
		return err
	}
	switch v.Kind {
	case Absent, Null:
		dst.SetZero()
		return nil
	}
	if t.growing || t.Shape == AnyShape {
		return r.setAny(dst, v.Text)
	}
	if v.Kind == Object || v.Kind == Array {
		return r.setJSON(dst, v.Text, t)
	}
	return r.setScalar(dst, v)
}

// setAny stores a value of which the contract says nothing.
func (r *Run) setAny(dst reflect.Value, text []byte) error {
	x, err := r.anyJSON(text, 0)
	if err == nil && x != nil {
		dst.Set(reflect.ValueOf(x))
	}
	return err
}

// setScalar stores a string, number or boolean.
func (r *Run) setScalar(dst reflect.Value, v Value) error {
	var x any
	switch v.Kind {
	case String:
		text, err := unquote(v.Text)
		if err != nil {
			return err
		}
		x = string(text)
		r.met.text = max(r.met.text, len(text))
	case Bool:
		x = v.Text[0] == 't'
	case Number:
		if dst.Kind() == reflect.Float64 {
			f, err := parseFloat(v.Text)
			if err != nil {
				return err
			}
			dst.SetFloat(f)
			return nil
		}
		d, err := ParseDecimal(string(v.Text))
		if err != nil {
			return err
		}
		x = d
	}
	rv := reflect.ValueOf(x)
	if !rv.Type().AssignableTo(dst.Type()) {
		return fmt.Errorf("value is no %s", dst.Kind())
	}
	dst.Set(rv)
	return nil
}

// setJSON stores an object or array from its JSON text.
func (r *Run) setJSON(dst reflect.Value, text []byte, t *Type) error {
	if dst.Kind() == reflect.Interface {
		typ := goType(t, 0)
		if typ == nil || typ.Kind() == reflect.Interface {
			return fmt.Errorf("value is too deep for an expression")
		}
		inner := reflect.New(typ).Elem()
		if err := r.setJSON(inner, text, t); err != nil {
			return err
		}
		dst.Set(inner)
		return nil
	}
	dst.SetZero() // environments are used again: nothing of the last exchange may stay
	return eachChild(text, func(name string, i int, raw []byte) error {
		if t.Shape == ArrayShape {
			r.met.entries = max(r.met.entries, i+1)
			dst.Set(reflect.Append(dst, reflect.Zero(dst.Type().Elem())))
			return r.setChild(dst.Index(i), raw, t.Items)
		}
		for j, m := range t.Members {
			if m.Name == name {
				return r.setChild(dst.Field(j), raw, m)
			}
		}
		return nil
	})
}

func (r *Run) setChild(dst reflect.Value, raw []byte, t *Type) error {
	switch v := JSONValue(raw); v.Kind {
	case Null, Absent:
		dst.SetZero()
		return nil
	}
	if t == nil || t.Shape == AnyShape {
		return r.setAny(dst, raw)
	}
	switch v := JSONValue(raw); v.Kind {
	case Object, Array:
		return r.setJSON(dst, raw, t)
	default:
		return r.setScalar(dst, v)
	}
}

// eachChild calls f for every member or entry of a JSON object or array.
func eachChild(text []byte, f func(name string, i int, raw []byte) error) error {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	open, err := d.ReadToken()
	if err != nil {
		return err
	}
	for i := 0; d.PeekKind() != '}' && d.PeekKind() != ']'; i++ {
		name := ""
		if open.Kind() == '{' {
			tok, err := d.ReadToken()
			if err != nil {
				return err
			}
			name = tok.String()
		}
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		// The decoder reuses its buffer: what is kept must lie in text itself.
		end := d.InputOffset()
		if err := f(name, i, text[end-int64(len(raw)):end]); err != nil {
			return err
		}
	}
	return nil
}
