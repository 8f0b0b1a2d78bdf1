// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"lintel/specs"
)

// Most conditions compare a field with a literal: reply.rc == "04". These are decided on the bytes
// of the value, without the expression VM. The types below are that plan; whatever they cannot
// express stays with the VM.

// textIs compares a text with literals: path == "x", path != "x", path in ["x", "y"].
type textIs struct {
	ref     *slotRef
	texts   [][]byte
	negated bool
	// empty stands for an absent value, as in the VM, where the type does not know absence: a field
	// behind the end of a short reply.
	empty bool
	node  *specs.Node
}

// Holds implements Condition. An absent or null value equals no literal, but see empty.
func (c *textIs) Holds(r *Run) (bool, error) {
	v, err := r.JSON(c.ref.raw(r))
	if err != nil {
		return false, err
	}
	var text []byte
	switch {
	case v.Kind == String:
		if text, err = unquote(v.Text); err != nil {
			return false, err
		}
	case !c.empty:
		return c.negated, nil
	}
	for _, t := range c.texts {
		if bytes.Equal(t, text) {
			return !c.negated, nil
		}
	}
	return c.negated, nil
}

type allOf []Condition

// Holds implements Condition.
func (c allOf) Holds(r *Run) (bool, error) {
	for _, p := range c {
		if ok, err := p.Holds(r); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

type oneOf []Condition

// Holds implements Condition.
func (c oneOf) Holds(r *Run) (bool, error) {
	for _, p := range c {
		if ok, err := p.Holds(r); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

type not struct{ c Condition }

// Holds implements Condition.
func (c not) Holds(r *Run) (bool, error) {
	ok, err := c.c.Holds(r)
	return !ok, err
}

// condition compiles a condition: natively where it can, else for the VM. The expression is
// compiled either way, so that the same things are checked and the same errors reported.
func (c *exprCompiler) condition(node *specs.Node, sc *scope) Condition {
	e := c.compile(node, sc)
	if e == nil {
		return nil
	}
	c.evidence = e.reads()
	if !e.isBool() {
		c.findings.Add(codeExprType, node.Pos, "a condition must be true or false", `compare it with something, as in =reply.rc == "00"`)
		return nil
	}
	if e.move != nil {
		return e
	}
	tree, err := parser.Parse(node.Text[1:])
	if err == nil {
		if native := c.native(tree.Node, node, sc); native != nil {
			return native
		}
	}
	return e
}

// reads are the values an expression looks at.
func (e *expression) reads() []*slotRef {
	if e.move != nil {
		return []*slotRef{e.move}
	}
	out := make([]*slotRef, len(e.vars))
	for i := range e.vars {
		out[i] = e.vars[i].ref
	}
	return out
}

func (e *expression) isBool() bool {
	switch {
	case e.move != nil:
		return e.move.typ.Shape == BoolShape || e.move.typ.Shape == AnyShape
	default:
		return e.result == nil || e.result.Kind().String() == "bool" || e.result.Kind().String() == "interface"
	}
}

// native returns the plan of a condition, or nil when the VM has to decide it.
func (c *exprCompiler) native(n ast.Node, node *specs.Node, sc *scope) Condition {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			if inner := c.native(n.Node, node, sc); inner != nil {
				return not{inner}
			}
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			a, b := c.native(n.Left, node, sc), c.native(n.Right, node, sc)
			if a == nil || b == nil {
				return nil
			}
			if n.Operator == "and" || n.Operator == "&&" {
				return allOf{a, b}
			}
			return oneOf{a, b}
		case "==", "!=", "in":
			return c.nativeText(n, node, sc)
		}
	}
	return nil
}

func (c *exprCompiler) nativeText(n *ast.BinaryNode, node *specs.Node, sc *scope) Condition {
	left, right := n.Left, n.Right
	if _, literal := left.(*ast.StringNode); literal && n.Operator != "in" {
		left, right = right, left
	}
	p := &pathPass{c: &exprCompiler{}, node: node, src: node.Text[1:], scope: sc}
	rt, path, ok := p.path(left)
	if !ok || len(path) == 0 && rt.typ.Shape != StringShape || len(path) > 0 && path[len(path)-1].Shape != StringShape {
		return nil
	}
	var literals []ast.Node
	switch r := right.(type) {
	case *ast.StringNode:
		literals = []ast.Node{r}
	case *ast.ArrayNode:
		literals = r.Nodes
	}
	if len(literals) == 0 || (n.Operator == "in") != (len(literals) > 1 || right != literals[0]) {
		return nil
	}
	out := &textIs{ref: rt.want(path), negated: n.Operator == "!=", empty: true, node: node}
	for _, t := range append([]*Type{rt.typ}, path...) {
		if t.Nullable || t.Optional && t.Default == "" {
			out.empty = false
		}
	}
	for _, l := range literals {
		s, ok := l.(*ast.StringNode)
		if !ok {
			return nil
		}
		out.texts = append(out.texts, []byte(s.Value))
	}
	return out
}
