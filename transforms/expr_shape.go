// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"reflect"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// expr checks Go types, and lets pass whatever has none at load: a value that may be absent, the
// first entry of an array, a claim. What follows knows the shapes of contract and record for these
// too, so that an expression that is accepted cannot meet a value of another type than its operators
// take.

// kinds is a set of the kinds of values that an expression can have.
type kinds uint8

const (
	textKind kinds = 1 << iota
	numberKind
	floatKind
	boolKind
	listKind
	objectKind
	// nilKind is the absent value.
	nilKind
	// unknownKind is a value of which the contract says nothing.
	unknownKind
)

// scalarKinds convert into each other where they go.
const scalarKinds = textKind | numberKind | floatKind

// String names the kinds for messages, without nil.
func (k kinds) String() string {
	var words []string
	for i, w := range []string{"a text", "a number", "a float", "a boolean", "an array", "an object", "", "any value"} {
		if k&(1<<i) != 0 && w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " or ")
}

// known are the kinds but nil.
func (k kinds) known() kinds { return k &^ nilKind }

// shaped is what is known about the values of an expression.
type shaped struct {
	kinds
	// typ describes an object, or an array if it is one of a message.
	typ *Type
	// items are the entries of an array; nil if nothing is known.
	items *shaped
}

func (s shaped) or(k kinds) shaped {
	s.kinds |= k
	return s
}

func (s shaped) without(k kinds) shaped {
	s.kinds &^= k
	return s
}

// join is what a value can be that is one of two.
func (s shaped) join(o shaped) shaped {
	out := shaped{kinds: s.kinds | o.kinds, typ: s.typ, items: s.items}
	switch {
	case s.kinds&(listKind|objectKind) == 0:
		out.typ, out.items = o.typ, o.items
	case o.kinds&(listKind|objectKind) == 0 || s.typ == o.typ:
	default:
		out.typ = nil
		a, b := s.entries(), o.entries()
		both := a.join(b)
		out.items = &both
	}
	return out
}

// shapeOf gives the values of a type. Whether the value may be absent is a matter of its place.
func shapeOf(t *Type) shaped {
	if t == nil {
		return shaped{kinds: unknownKind | nilKind}
	}
	switch t.Shape {
	case ObjectShape:
		return shaped{kinds: objectKind, typ: t}
	case ArrayShape:
		return shaped{kinds: listKind, typ: t}
	case StringShape:
		return shaped{kinds: textKind}
	case NumberShape:
		return shaped{kinds: numberKind}
	case FloatShape:
		return shaped{kinds: floatKind}
	case BoolShape:
		return shaped{kinds: boolKind}
	default:
		return shaped{kinds: unknownKind | nilKind}
	}
}

// memberShape is the value of a member, of which the place says whether it is always there.
func memberShape(t *Type) shaped {
	s := shapeOf(t)
	if t.Nullable || t.Optional && t.Default == "" {
		s.kinds |= nilKind
	}
	return s
}

// entries are the entries of an array.
func (s shaped) entries() shaped {
	switch {
	case s.items != nil:
		return *s.items
	case s.typ != nil && s.typ.Shape == ArrayShape:
		e := shapeOf(s.typ.Items)
		if s.typ.Items != nil && s.typ.Items.Nullable {
			e.kinds |= nilKind
		}
		return e
	default:
		return shaped{kinds: unknownKind | nilKind}
	}
}

// atLeast is how many entries an array always has.
func (s shaped) atLeast() int {
	if s.typ == nil || s.kinds.known() != listKind || s.kinds&nilKind != 0 {
		return 0
	}
	return s.typ.MinItems
}

// signature is what the types of a function say: the kinds each argument takes, and the result.
type signature struct {
	args   []shaped
	result shaped
}

// goShape gives the values of a Go type of a signature.
func goShape(t reflect.Type) shaped {
	switch t {
	case reflect.TypeFor[string]():
		return shaped{kinds: textKind}
	case reflect.TypeFor[Decimal](), reflect.TypeFor[int]():
		return shaped{kinds: numberKind}
	case reflect.TypeFor[float64]():
		return shaped{kinds: floatKind}
	case reflect.TypeFor[bool]():
		return shaped{kinds: boolKind}
	case reflect.TypeFor[Numeric]():
		return shaped{kinds: numberKind | nilKind}
	}
	if t.Kind() == reflect.Slice {
		if t.Elem().Kind() == reflect.Interface {
			return shaped{kinds: listKind} // its entries are said by the other signatures
		}
		items := goShape(t.Elem())
		return shaped{kinds: listKind, items: &items}
	}
	return shaped{kinds: ^kinds(0)}
}

// signatureOf puts the signatures of a function together.
func signatureOf(f Func) signature {
	var out signature
	for i, s := range f.Types {
		t := reflect.TypeOf(s)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Func {
			continue
		}
		for j := range t.NumIn() {
			one := goShape(t.In(j))
			if j == len(out.args) {
				out.args = append(out.args, one)
				continue
			}
			have := &out.args[j]
			have.kinds |= one.kinds
			switch {
			case have.items == nil:
				have.items = one.items
			case one.items != nil:
				both := have.items.join(*one.items)
				have.items = &both
			}
		}
		if t.NumOut() == 0 {
			continue
		}
		if result := goShape(t.Out(0)); i == 0 {
			out.result = result
		} else {
			out.result = out.result.join(result)
		}
	}
	if out.result.kinds == 0 || out.result.kinds == ^kinds(0) {
		out.result = shaped{kinds: unknownKind | nilKind}
	}
	return out
}

// shapes finds out the shape of every part of an expression, and reports what does not fit.
type shapes struct {
	p *pathPass
	// quiet is p for looking only.
	quiet *pathPass
	// entries are those of the arrays that the predicates around go over, from the outside in.
	entries []shaped
	// report is told what is wrong; nil if nobody wants to know.
	report func(n ast.Node, code, message, hint string)
}

func newShapes(p *pathPass) *shapes {
	return &shapes{p: p, quiet: &pathPass{c: &exprCompiler{}, node: p.node, src: p.src, scope: p.scope, failed: true}}
}

func (v *shapes) add(n ast.Node, code, message, hint string) {
	if v.report != nil {
		v.report(n, code, message, hint)
	}
}

// pathShape is the value that a chain of names leads to.
func (v *shapes) pathShape(rt *root, path []*Type) shaped {
	s := shapeOf(typeAt(rt, path))
	for _, on := range path {
		if on.Nullable || on.Optional && on.Default == "" {
			s.kinds |= nilKind
		}
	}
	if rt.typ.Nullable && (rt.doc == nil || len(path) == 0) {
		s.kinds |= nilKind
	}
	return s
}
