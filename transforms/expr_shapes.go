// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// of gives the shape of a part of an expression.
func (v *shapes) of(n ast.Node) shaped {
	if rt, path, ok := v.quiet.path(n); ok {
		return v.pathShape(rt, path)
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return shaped{kinds: nilKind}
	case *ast.StringNode:
		return shaped{kinds: textKind}
	case *ast.IntegerNode, *ast.FloatNode:
		return shaped{kinds: numberKind}
	case *ast.BoolNode:
		return shaped{kinds: boolKind}
	case *ast.ChainNode:
		return v.of(n.Node)
	case *ast.PredicateNode:
		return v.of(n.Node)
	case *ast.PointerNode:
		return v.pointer(n)
	case *ast.UnaryNode:
		return v.unary(n)
	case *ast.BinaryNode:
		return v.binary(n)
	case *ast.ConditionalNode:
		v.needs(n.Cond, v.of(n.Cond), boolKind)
		return v.oneOf(n, v.of(n.Exp1), v.of(n.Exp2))
	case *ast.ArrayNode:
		return v.array(n)
	case *ast.MemberNode:
		return v.member(n)
	case *ast.CallNode:
		return v.call(n)
	case *ast.BuiltinNode:
		return v.builtin(n)
	case *ast.IdentifierNode:
		v.add(n, codeExprType, "unknown name "+n.Value, v.p.c.nameHint(n.Value, v.p.scope))
	case *ast.SliceNode:
		v.add(n, codeExprForbidden, "a part of an array or text cannot be taken with [from:to]", "take part of a text with part(text, from, length), entries of an array with filter")
	default:
		v.add(n, codeExprForbidden, "this construct is not allowed in expressions", "expressions are made of names, literals, operators and functions")
	}
	return shaped{kinds: unknownKind | nilKind}
}

func (v *shapes) pointer(n *ast.PointerNode) shaped {
	if n.Name == "index" {
		return shaped{kinds: numberKind}
	}
	if n.Name != "" || len(v.entries) == 0 {
		v.add(n, codeExprType, "there is no #"+n.Name+" here", "# is the entry that a predicate looks at")
		return shaped{kinds: unknownKind | nilKind}
	}
	return v.entries[len(v.entries)-1]
}

// needs reports a value that can be of another kind than is wanted. Absent values are told elsewhere.
func (v *shapes) needs(n ast.Node, s shaped, want kinds) {
	wrong := s.known() &^ want
	switch {
	case wrong == 0:
	case wrong&unknownKind != 0:
		hint := "read it with number() or text()"
		switch {
		case want&boolKind != 0:
			hint = "compare it: == true"
		case want&listKind != 0:
			hint = "give it a type in the contract"
		}
		v.add(n, codeExprType, fmt.Sprintf("%s can be any value, and %s is needed", shown(n), want), hint)
	default:
		hint := ""
		switch {
		case wrong == floatKind && want&numberKind != 0:
			hint = "turn it into an exact number with number()"
		case want == textKind && wrong == numberKind:
			hint = "turn it into a text with text()"
		case want == numberKind && wrong == textKind:
			hint = "turn it into a number with number()"
		}
		v.add(n, codeExprType, fmt.Sprintf("%s is %s, and %s is needed", shown(n), wrong, want), hint)
	}
}

// shown is a part of an expression in a message.
func shown(n ast.Node) string {
	if s := n.String(); len(s) <= 40 {
		return s
	}
	return "the value"
}

func (v *shapes) unary(n *ast.UnaryNode) shaped {
	s := v.of(n.Node)
	if n.Operator == "!" || n.Operator == "not" {
		v.needs(n.Node, s, boolKind)
		return shaped{kinds: boolKind}
	}
	v.needs(n.Node, s, numberKind|floatKind)
	if n.Operator == "+" {
		v.add(n, codeExprForbidden, "a sign + is not allowed in expressions", "leave it out")
	}
	return shaped{kinds: max(s.known()&(numberKind|floatKind), numberKind)}
}

func (v *shapes) binary(n *ast.BinaryNode) shaped {
	a, b := v.of(n.Left), v.of(n.Right)
	switch n.Operator {
	case "and", "&&", "or", "||":
		v.needs(n.Left, a, boolKind)
		v.needs(n.Right, b, boolKind)
		return shaped{kinds: boolKind}
	case "contains", "startsWith", "endsWith", "matches":
		v.needs(n.Left, a, textKind)
		v.needs(n.Right, b, textKind)
		if _, literal := n.Right.(*ast.StringNode); n.Operator == "matches" && !literal {
			v.add(n.Right, codeExprForbidden, "the pattern of matches must be written out", "write it in quotes")
		}
		return shaped{kinds: boolKind}
	case "in":
		v.in(n, a, b)
		return shaped{kinds: boolKind}
	case "==", "!=":
		v.equal(n, a, b)
		return shaped{kinds: boolKind}
	case "<", "<=", ">", ">=":
		if (a.kinds|b.kinds)&unknownKind != 0 { // false if they are not of one kind
			v.needs(n.Left, a, numberKind|textKind|floatKind|unknownKind)
			v.needs(n.Right, b, numberKind|textKind|floatKind|unknownKind)
			return shaped{kinds: boolKind}
		}
		v.alike(n, a, b, numberKind|textKind|floatKind)
		return shaped{kinds: boolKind}
	case "??":
		return v.oneOf(n, a.without(nilKind), b)
	case "+":
		return v.alike(n, a, b, numberKind|textKind|floatKind)
	case "-", "*", "/", "%":
		return v.alike(n, a, b, numberKind|floatKind)
	}
	v.add(n, codeExprForbidden, "operator "+n.Operator+" is not allowed in expressions", "")
	return shaped{kinds: unknownKind | nilKind}
}

// alike is for operators whose two sides must be of one kind.
func (v *shapes) alike(n *ast.BinaryNode, a, b shaped, want kinds) shaped {
	v.needs(n.Left, a, want)
	v.needs(n.Right, b, want)
	x, y := a.known()&want, b.known()&want
	if x != 0 && y != 0 && (x != y || x&(x-1) != 0) {
		hint := "turn one into the other with number() or text()"
		if (x|y)&floatKind != 0 {
			hint = "turn the float into an exact number with number()"
		}
		v.add(n, codeExprType, fmt.Sprintf("mismatched types: operator %s takes two values of one type, and these are %s and %s", n.Operator, x, y), hint)
	}
	out := x | y
	if out == 0 || out&(out-1) != 0 {
		out = want & -want // reported; whatever follows should not be reported too
	}
	return shaped{kinds: out}
}

// equal checks both sides of == and !=.
func (v *shapes) equal(n *ast.BinaryNode, a, b shaped) {
	x, y := a.known(), b.known()
	switch {
	case x == 0 || y == 0 || (x|y)&unknownKind != 0:
	case (x|y)&(listKind|objectKind) != 0:
		v.add(n, codeExprType, fmt.Sprintf("%s cannot be compared with %s", x, y), "compare single values; == nil tells whether a value is there")
	case x&y == 0:
		hint := "turn one into the other with number() or text()"
		if (x|y)&floatKind != 0 {
			hint = "turn the float into an exact number with number()"
		}
		v.add(n, codeExprType, fmt.Sprintf("mismatched types: %s is never %s", x, y), hint)
	}
}

func (v *shapes) in(n *ast.BinaryNode, a, b shaped) {
	v.needs(n.Right, b, listKind|unknownKind)
	v.needs(n.Left, a, textKind|numberKind|boolKind|unknownKind)
	if b.known() != listKind {
		return
	}
	items := b.entries().known()
	if x := a.known(); x != 0 && items != 0 && (x|items)&unknownKind == 0 && x&items == 0 {
		v.add(n, codeExprType, fmt.Sprintf("mismatched types: %s is never in an array of which an entry is %s", x, items), "")
	}
}

// oneOf is a value that is one of two. Texts and numbers convert where the value goes; others must
// be of one kind.
func (v *shapes) oneOf(n ast.Node, a, b shaped) shaped {
	x, y := a.known(), b.known()
	if x != 0 && y != 0 && (x|y)&unknownKind == 0 && x != y && (x|y)&^scalarKinds != 0 {
		v.add(n, codeExprType, fmt.Sprintf("the value is %s or %s", x, y), "make both values of one type")
	}
	return a.join(b)
}

func (v *shapes) array(n *ast.ArrayNode) shaped {
	items := shaped{}
	for i, e := range n.Nodes {
		one := v.of(e)
		if i > 0 {
			one = items.join(one)
		}
		items = one
	}
	return shaped{kinds: listKind, items: &items, typ: &Type{MinItems: len(n.Nodes)}}
}

func (v *shapes) member(n *ast.MemberNode) shaped {
	base := v.of(n.Node)
	name, named := n.Property.(*ast.StringNode)
	if !named {
		v.needs(n.Property, v.of(n.Property), numberKind)
		v.needs(n.Node, base, listKind)
		return base.entries()
	}
	v.needs(n.Node, base, objectKind)
	if base.known() != objectKind || base.typ == nil {
		return shaped{kinds: unknownKind | nilKind}
	}
	m := base.typ.Member(name.Value)
	if m == nil {
		if v.report != nil && !slices.ContainsFunc(base.typ.Members, func(t *Type) bool { return t.growing }) {
			v.add(n.Property, codeExprUnknown, fmt.Sprintf("there is no %q here", name.Value), memberHint(base.typ, name.Value))
		}
		return shaped{kinds: unknownKind | nilKind}
	}
	s := memberShape(m)
	if base.kinds&nilKind != 0 {
		s.kinds |= nilKind
	}
	return s
}

func (v *shapes) call(n *ast.CallNode) shaped {
	callee, named := n.Callee.(*ast.IdentifierNode)
	if !named {
		v.add(n, codeExprForbidden, "only functions are called in expressions", "")
		return shaped{kinds: unknownKind | nilKind}
	}
	return v.function(callee, callee.Value, n.Arguments)
}

func (v *shapes) function(n ast.Node, name string, args []ast.Node) shaped {
	f, known := v.p.c.funcs[name]
	if !known {
		v.add(n, codeExprType, "unknown name "+name, v.p.c.nameHint(name, v.p.scope))
		return shaped{kinds: unknownKind | nilKind}
	}
	sig := signatureOf(f)
	for i, a := range args {
		s := v.of(a)
		if i >= len(sig.args) || s.known() == 0 {
			continue
		}
		want := sig.args[i]
		if want.kinds&scalarKinds == scalarKinds { // it looks at what it gets
			want.kinds |= unknownKind
		}
		v.needs(a, s, want.kinds)
		if want.items != nil && s.known() == listKind {
			if wrong := s.entries().known() &^ want.items.kinds; wrong != 0 {
				v.add(a, codeExprType, fmt.Sprintf("%s takes an array of which each entry is %s, and one can be %s", name, want.items.kinds, wrong), "")
			}
		}
	}
	return sig.result
}

func (v *shapes) builtin(n *ast.BuiltinNode) shaped {
	if !slices.Contains(builtins(), n.Name) { // expr has functions of these names, which are not used
		return v.function(n, n.Name, n.Arguments)
	}
	if len(n.Arguments) == 0 {
		return shaped{kinds: unknownKind | nilKind}
	}
	list := v.of(n.Arguments[0])
	if n.Name == "len" {
		v.needs(n.Arguments[0], list, listKind|textKind)
		return shaped{kinds: numberKind}
	}
	v.needs(n.Arguments[0], list, listKind)
	body := shaped{kinds: boolKind}
	if len(n.Arguments) > 1 {
		v.entries = append(v.entries, list.entries())
		body = v.of(n.Arguments[1])
		v.entries = v.entries[:len(v.entries)-1]
		if n.Name != "map" {
			v.needs(n.Arguments[1], body, boolKind)
		}
	}
	switch n.Name {
	case "count":
		return shaped{kinds: numberKind}
	case "filter":
		items := list.entries()
		return shaped{kinds: listKind, items: &items}
	case "map":
		return shaped{kinds: listKind, items: &body, typ: &Type{MinItems: list.atLeast()}}
	case "find":
		return list.entries().or(nilKind)
	case "first", "last":
		if list.atLeast() > 0 {
			return list.entries()
		}
		return list.entries().or(nilKind)
	default: // all, any, none, one
		return shaped{kinds: boolKind}
	}
}
