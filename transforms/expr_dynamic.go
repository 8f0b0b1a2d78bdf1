// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
)

// dynamic takes over the operators of which a side has a type that expr does not know at load: a
// value that may be absent, the first entry of an array, a claim. expr would compare and add such
// values by their Go types, which is not exact: decimals are no Go numbers.
type dynamic struct{ applied bool }

// Reset implements the visitor that expr runs again until nothing changes.
func (d *dynamic) Reset() { d.applied = false }

// ShouldRepeat implements it too.
func (d *dynamic) ShouldRepeat() bool { return d.applied }

// Visit implements ast.Visitor.
func (d *dynamic) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.UnaryNode:
		if n.Operator == "-" && untyped(n.Node) && !pending(n.Node) {
			d.call(node, dynamicName("-"), dynamicResult("-"), &ast.IntegerNode{Value: 0}, n.Node)
		}
	case *ast.BinaryNode:
		if !slices.Contains(dynamicOperators(), n.Operator) || pending(n.Left) || pending(n.Right) {
			return
		}
		if n.Operator == "in" {
			if plainIn(n) {
				return
			}
		} else if n.Operator == "==" || n.Operator == "!=" {
			if untyped(n.Left) || untyped(n.Right) {
				if plainEqual(n) {
					return
				}
			} else if present(n.Left) && present(n.Right) || overloaded(n) {
				return
			}
		} else if !untyped(n.Left) && !untyped(n.Right) {
			return
		}
		d.call(node, dynamicName(n.Operator), dynamicResult(n.Operator), n.Left, n.Right)
	}
}

func (d *dynamic) call(node *ast.Node, name string, result reflect.Type, args ...ast.Node) {
	call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: args}
	ast.Patch(node, call)
	call.SetType(result)
	d.applied = true
}

// untyped tells that expr knows no type of a value.
func untyped(n ast.Node) bool {
	t := n.Type()
	return t == nil || t == reflect.TypeFor[any]()
}

// present tells that a value has the type that expr knows: it cannot be absent. The first entry of an array
// has a type for expr, and may be nil all the same.
func present(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.ConstantNode, *ast.StringNode, *ast.IntegerNode, *ast.BoolNode, *ast.NilNode, *ast.PointerNode, *ast.CallNode, *ast.UnaryNode:
		return true
	case *ast.BinaryNode:
		return n.Operator != "??" || present(n.Right)
	case *ast.MemberNode:
		_, named := n.Property.(*ast.StringNode)
		return named && present(n.Node)
	case *ast.BuiltinNode:
		return n.Name == "len" || n.Name == "count"
	}
	return false
}

// overloaded tells that a comparison will be one of numbers, or is one with nil: these take absent values.
func overloaded(n *ast.BinaryNode) bool {
	for _, side := range []ast.Node{n.Left, n.Right} {
		if _, null := side.(*ast.NilNode); null {
			return true
		}
		if isNumeric(side) {
			return true
		}
	}
	return false
}

// plainEqual tells that a comparison with nil, a text or a boolean is exact as expr does it.
func plainEqual(n *ast.BinaryNode) bool {
	for _, side := range []ast.Node{n.Left, n.Right} {
		switch side.(type) {
		case *ast.NilNode, *ast.StringNode, *ast.BoolNode:
			return true
		}
		if t := side.Type(); t == reflect.TypeFor[string]() || t == reflect.TypeFor[bool]() {
			return true
		}
	}
	return false
}

// plainIn tells that a text is looked for among texts.
func plainIn(n *ast.BinaryNode) bool {
	if n.Left.Type() != reflect.TypeFor[string]() || !present(n.Left) {
		return false
	}
	if list, ok := n.Right.(*ast.ArrayNode); ok {
		return !slices.ContainsFunc(list.Nodes, func(e ast.Node) bool { _, text := e.(*ast.StringNode); return !text })
	}
	return n.Right.Type() == reflect.TypeFor[[]string]()
}

// pending tells that a part of an expression still has operators that will be overloaded with
// decimals: until then its type is not what it will be.
func pending(n ast.Node) bool {
	p := &pendingPass{}
	ast.Walk(&n, p)
	return p.found
}

type pendingPass struct{ found bool }

// Visit implements ast.Visitor.
func (p *pendingPass) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains([]string{"+", "-", "*", "/", "%", "??"}, n.Operator) {
		return
	}
	left, right := isNumeric(n.Left), isNumeric(n.Right)
	if n.Operator == "??" { // it is overloaded for numbers on both sides only
		p.found = p.found || left && (right || n.Right.Type() == reflect.TypeFor[int]())
		return
	}
	p.found = p.found || left || right
}

// isNumeric tells that expr knows a value for a decimal.
func isNumeric(n ast.Node) bool {
	t := n.Type()
	return t == reflect.TypeFor[Decimal]() || t == reflect.TypeFor[Numeric]()
}

func dynamicOperators() []string {
	return []string{"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"}
}

func dynamicName(op string) string {
	return fmt.Sprintf("dynamic%d", slices.Index(dynamicOperators(), op))
}

func dynamicResult(op string) reflect.Type {
	switch op {
	case "+", "-", "*", "/":
		return reflect.TypeFor[any]() // a text or a float too
	case "%":
		return reflect.TypeFor[Decimal]()
	default:
		return reflect.TypeFor[bool]()
	}
}

// dynamicFunctions are the functions behind those operators.
func dynamicFunctions() []expr.Option {
	var out []expr.Option
	for _, op := range dynamicOperators() {
		var types any
		switch dynamicResult(op) {
		case reflect.TypeFor[bool]():
			types = new(func(any, any) bool)
		case reflect.TypeFor[Decimal]():
			types = new(func(any, any) Decimal)
		default:
			types = new(func(any, any) any)
		}
		out = append(out, expr.Function(dynamicName(op), func(args ...any) (any, error) {
			return dynamically(op, args[0], args[1])
		}, types))
	}
	return out
}

// dynamically applies an operator to values whose types are known only now.
func dynamically(op string, a, b any) (any, error) {
	switch op {
	case "==":
		return equalValues(a, b), nil
	case "!=":
		return !equalValues(a, b), nil
	case "in":
		return inValues(a, b), nil
	case "<", "<=", ">", ">=":
		return ordered(op, a, b), nil
	}
	if y, ok := b.(float64); ok {
		return floatArithmetic(op, a, y)
	}
	if x, text := a.(string); text && op == "+" {
		y, text := b.(string)
		if !text {
			return nil, errMixed
		}
		return joinText(x, y)
	}
	return arithmetic(op, a, b)
}

func floatArithmetic(op string, a any, y float64) (any, error) {
	x, ok := a.(float64)
	if a == 0 { // of a sign
		return -y, nil
	}
	if !ok {
		return nil, errMixed
	}
	switch op {
	case "+":
		return x + y, nil
	case "-":
		return x - y, nil
	case "*":
		return x * y, nil
	case "/":
		return x / y, nil
	}
	return nil, errMixed
}

// equalValues compares by value: numbers exactly, whatever their decimals, lists entry by entry.
// Values of different kinds are not equal.
func equalValues(a, b any) bool {
	x, err := decimalOf(a)
	y, err2 := decimalOf(b)
	if err == nil || err2 == nil {
		return err == nil && err2 == nil && x.Cmp(y) == 0
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		s, ok := b.(string)
		return ok && a == s
	case bool:
		c, ok := b.(bool)
		return ok && a == c
	case float64:
		f, ok := b.(float64)
		return ok && a == f
	}
	p, q := reflect.ValueOf(a), reflect.ValueOf(b)
	if p.Kind() != reflect.Slice || q.Kind() != reflect.Slice || p.Len() != q.Len() {
		return false
	}
	for i := range p.Len() {
		if !equalValues(p.Index(i).Interface(), q.Index(i).Interface()) {
			return false
		}
	}
	return true
}

// inValues tells whether a list has an entry; what is no list has none.
func inValues(x, list any) bool {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return false
	}
	for i := range v.Len() {
		if equalValues(x, v.Index(i).Interface()) {
			return true
		}
	}
	return false
}

// ordered compares two numbers or two texts; values of different kinds have no order.
func ordered(op string, a, b any) bool {
	var c int
	switch a := a.(type) {
	case string:
		s, ok := b.(string)
		if !ok {
			return false
		}
		c = cmp.Compare(a, s)
	case float64:
		f, ok := b.(float64)
		if !ok || a != a || f != f {
			return false
		}
		c = cmp.Compare(a, f)
	default:
		x, err := decimalOf(a)
		y, err2 := decimalOf(b)
		if err != nil || err2 != nil {
			return false
		}
		c = x.Cmp(y)
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}
