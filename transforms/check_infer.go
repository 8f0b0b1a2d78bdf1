// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// infer describes the result of an expression. Nil and absent are one there.
func (k *checker) infer(n ast.Node, p *pathPass) facts {
	if rt, path, ok := p.path(n); ok {
		f := k.pathFacts(path, typeAt(rt, path), pathLabel(rt, path))
		f.absent, f.null = f.absent || f.null || rootMissing(rt, path) && !slices.Contains(k.present, proofLabel(pathLabel(rt, path))), false
		return f
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return literalFacts(Value{Kind: String, Text: AppendQuoted(nil, n.Value)})
	case *ast.IntegerNode, *ast.FloatNode, *ast.UnaryNode:
		if text, ok := writtenNumber(n, p); ok {
			return literalFacts(Value{Kind: Number, Text: []byte(text)})
		}
	case *ast.BoolNode:
		if n.Value {
			return literalFacts(Value{Kind: Bool, Text: []byte("true")})
		}
		return literalFacts(Value{Kind: Bool, Text: []byte("false")})
	case *ast.NilNode:
		return facts{absent: true}
	case *ast.ChainNode:
		return k.infer(n.Node, p)
	case *ast.ConditionalNode:
		return either(k.inferUnder(n.Cond, true, n.Exp1, p), k.inferUnder(n.Cond, false, n.Exp2, p))
	case *ast.BinaryNode:
		return k.inferBinary(n, p)
	case *ast.CallNode:
		return k.inferCall(n, p)
	}
	return shapeFacts(newShapes(p).of(n))
}

// writtenNumber gives the number that is written out in an expression, with its sign.
func writtenNumber(n ast.Node, p *pathPass) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return DecimalFromInt(int64(n.Value)).String(), true
	case *ast.FloatNode:
		d, err := ParseDecimal(strings.ReplaceAll(p.textOf(n), "_", ""))
		return d.String(), err == nil
	case *ast.UnaryNode:
		text, ok = writtenNumber(n.Node, p)
		if n.Operator == "-" && !strings.HasPrefix(text, "-") {
			return "-" + text, ok
		}
		return text, ok && n.Operator == "+"
	}
	return "", false
}

// shapeFacts is what is known of a value whose shape is known.
func shapeFacts(s shaped) facts {
	f := facts{vague: true, absent: s.kinds&nilKind != 0}
	for kind, shape := range map[kinds]Shape{textKind: StringShape, numberKind: NumberShape, floatKind: FloatShape, boolKind: BoolShape} {
		if s.known() == kind {
			f.typ = (&Type{Shape: shape}).bare()
		}
	}
	if s.kinds&unknownKind != 0 {
		f.typ, f.vague = (&Type{}).bare(), false
	}
	return f
}

func (k *checker) inferBinary(n *ast.BinaryNode, p *pathPass) facts {
	switch n.Operator {
	case "??":
		left, right := k.infer(n.Left, p), k.infer(n.Right, p)
		if !left.absent {
			return left
		}
		left.absent = false
		return either(left, right)
	case "+":
		a, b := k.infer(n.Left, p).folded(), k.infer(n.Right, p).folded()
		if a.typ == nil || b.typ == nil || a.typ.Shape != b.typ.Shape {
			return facts{vague: true}
		}
		if a.typ.Shape != StringShape {
			return computed(n.Operator, a, b)
		}
		t := a.typ.bare()
		t.MinLength = a.typ.MinLength + b.typ.MinLength
		if a.typ.MaxLength >= 0 && b.typ.MaxLength >= 0 {
			t.MaxLength = a.typ.MaxLength + b.typ.MaxLength
		}
		return facts{typ: t, vague: a.vague || b.vague || t.MaxLength < 0}
	case "-", "*", "/", "%":
		return computed(n.Operator, k.infer(n.Left, p).folded(), k.infer(n.Right, p).folded())
	default:
		return facts{typ: (&Type{Shape: BoolShape}).bare()}
	}
}

// computed describes the result of arithmetic: how many decimals it can have.
func computed(op string, a, b facts) facts {
	out := facts{vague: true, typ: (&Type{Shape: NumberShape}).bare()}
	if a.typ != nil && a.typ.Shape == FloatShape {
		out.typ.Shape = FloatShape
		return out
	}
	places := func(f facts) (int, bool) {
		if f.typ == nil || f.typ.Shape != NumberShape || f.vague && !f.scaled {
			return 0, false
		}
		if f.typ.Integer {
			return 0, true
		}
		return f.typ.Scale, true
	}
	x, ok := places(a)
	y, ok2 := places(b)
	out.scaled = ok && ok2
	switch {
	case !out.scaled || x < 0 || y < 0 || op == "/":
	case op == "*":
		out.typ.Scale = x + y
	default:
		out.typ.Scale = max(x, y)
	}
	out.typ.Integer = out.typ.Scale == 0
	return out
}

// inferCall describes what a function gives, as far as its signature says.
func (k *checker) inferCall(n *ast.CallNode, p *pathPass) facts {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return facts{vague: true}
	}
	f := k.funcs[id.Value]
	if f.Result != nil {
		args := make([]*Type, len(n.Arguments))
		for i, a := range n.Arguments {
			if one := k.infer(a, p).folded(); one.typ != nil && !one.vague && one.others == nil {
				t := *one.typ
				if t.Shape == StringShape {
					known := textOf(&t)
					t.MinLength, t.MaxLength = known.min, known.max
				}
				args[i] = &t
			}
		}
		if t := f.Result(args); t != nil {
			return facts{typ: t}
		}
	}
	return shapeFacts(signatureOf(f).result)
}
