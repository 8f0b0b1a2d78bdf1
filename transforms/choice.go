// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// An expression that only chooses among values moves one of them: query.limit ?? 20, or a ? b : c with a
// condition that is decided natively. Like a move it does without the expression VM.

// firstOf is the first value that is there: a ?? b.
type firstOf []Source

// Value implements Source.
func (c firstOf) Value(r *Run) (Value, error) {
	s, v, err := c.choose(r)
	if s == nil || err != nil {
		return Value{}, err
	}
	return v, nil
}

func (c firstOf) choose(r *Run) (Source, Value, error) {
	for _, s := range c {
		v, err := s.Value(r)
		if err == nil {
			v, err = r.JSON(v)
		}
		if err != nil || v.Kind != Absent && v.Kind != Null {
			return s, v, err
		}
	}
	return nil, Value{}, nil
}

// Pointer implements Pointed.
func (c firstOf) Pointer(r *Run) string {
	s, _, _ := c.choose(r)
	return pointerOf(s, r)
}

// oneOrOther is a ? b : c.
type oneOrOther struct {
	when        Condition
	then, other Source
}

// Value implements Source.
func (c oneOrOther) Value(r *Run) (Value, error) {
	s, err := c.choose(r)
	if err != nil {
		return Value{}, err
	}
	v, err := s.Value(r)
	if err == nil {
		v, err = r.JSON(v)
	}
	if err != nil || v.Kind == Null {
		return Value{}, err
	}
	return v, nil
}

func (c oneOrOther) choose(r *Run) (Source, error) {
	holds, err := c.when.Holds(r)
	if holds {
		return c.then, err
	}
	return c.other, err
}

// Pointer implements Pointed.
func (c oneOrOther) Pointer(r *Run) string {
	s, err := c.choose(r)
	if err != nil {
		return ""
	}
	return pointerOf(s, r)
}

func pointerOf(s Source, r *Run) string {
	if p, ok := s.(Pointed); ok {
		return p.Pointer(r)
	}
	return ""
}

// choice gives an expression that only chooses, nil for any other.
func (c *exprCompiler) choice(n ast.Node, p *pathPass) Source {
	switch n := n.(type) {
	case *ast.BinaryNode:
		if n.Operator != "??" {
			return nil
		}
		a, b := c.chosen(n.Left, p), c.chosen(n.Right, p)
		if a == nil || b == nil {
			return nil
		}
		if more, ok := b.(firstOf); ok {
			return append(firstOf{a}, more...)
		}
		return firstOf{a, b}
	case *ast.ConditionalNode:
		when, a, b := c.native(n.Cond, p.node, p.scope), c.chosen(n.Exp1, p), c.chosen(n.Exp2, p)
		if when == nil || a == nil || b == nil {
			return nil
		}
		return oneOrOther{when, a, b}
	}
	return nil
}

// chosen gives one of the values to choose from: a literal, a path, or a choice again.
func (c *exprCompiler) chosen(n ast.Node, p *pathPass) Source {
	switch n := n.(type) {
	case *ast.StringNode:
		return literal{value: Value{Kind: String, Text: AppendQuoted(nil, n.Value)}, pos: p.node.Pos}
	case *ast.IntegerNode:
		return literal{value: JSONValue([]byte(DecimalFromInt(int64(n.Value)).String())), pos: p.node.Pos}
	case *ast.BoolNode:
		text := "false"
		if n.Value {
			text = "true"
		}
		return literal{value: Value{Kind: Bool, Text: []byte(text)}, pos: p.node.Pos}
	case *ast.NilNode:
		return literal{pos: p.node.Pos}
	case *ast.FloatNode:
		d, err := ParseDecimal(strings.ReplaceAll(p.textOf(n), "_", ""))
		if err != nil {
			return nil
		}
		return literal{value: JSONValue([]byte(d.String())), pos: p.node.Pos}
	}
	if rt, path, ok := p.path(n); ok {
		if t := typeAt(rt, path); t.Shape == ObjectShape || t.Shape == ArrayShape || t.Shape == AnyShape || t.growing {
			return nil
		}
		return rt.want(path)
	}
	return c.choice(n, p)
}
