// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/expr-lang/expr"
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
		if op != "/" {
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
	if i, whole := v.(int); whole {
		return DecimalFromInt(int64(i)), nil
	}
	return v, nil // what is no number comes from a value without a type
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
		items := itemType(t.Items, depth+1)
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

// itemType is the Go type of the entries of an array: objects are pointed to, since the VM copies what it
// looks at.
func itemType(t *Type, depth int) reflect.Type {
	if t == nil {
		return reflect.TypeFor[any]()
	}
	items := goType(t, depth)
	if items != nil && t.Shape == ObjectShape {
		return reflect.PointerTo(items)
	}
	return items
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
