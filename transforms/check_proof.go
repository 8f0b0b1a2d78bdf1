// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// A value that may be absent or null is there all the same where a condition around it says so. Conditions
// prove that by comparing it (reply.closed != nil, reply.state == "open"), or by the field that chooses an
// alternative of a REDEFINES.

// standing notes what is proven where p stands; the function that it returns forgets that.
func (k *checker) standing(p *pathPass) func() {
	if p == nil {
		return func() {}
	}
	before := k.present
	k.present = (&missingPass{k: k, p: p, shapes: newShapes(p)}).proven()
	return func() { k.present = before }
}

// proven lists what has a value by the conditions around an expression.
func (m *missingPass) proven() []string {
	var present []string
	for _, known := range m.p.under {
		if !known.node.IsExpression() {
			continue
		}
		if cond, err := parse(known.node.Text[1:]); err == nil {
			present = append(present, m.proves(cond, known.result)...)
		}
	}
	return present
}

// inferUnder is infer for what stands under a condition.
func (k *checker) inferUnder(cond ast.Node, result bool, n ast.Node, p *pathPass) facts {
	present, known := k.present, k.world
	m := &missingPass{k: k, p: p, shapes: newShapes(p)}
	k.present = append(slices.Clip(present), m.proves(cond, result)...)
	k.world = known.clone()
	k.assumeNode(cond, result, p)
	f := k.infer(n, p)
	k.present, k.world = present, known
	return f
}

// assume notes what a condition with the given result says about the values of fields.
func (k *checker) assume(c Condition, result bool) {
	switch c := c.(type) {
	case not:
		k.assume(c.c, !result)
	case *expression:
		if p := k.passes[c.node]; p != nil {
			if tree, err := parse(p.src); err == nil {
				k.assumeNode(tree, result, p)
			}
		}
	default:
		k.world.assume(c, result)
	}
}

// assumeNode is assume for a condition that is not decided natively.
func (k *checker) assumeNode(n ast.Node, result bool, p *pathPass) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			k.assumeNode(n.Node, !result, p)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			if (n.Operator == "and" || n.Operator == "&&") == result {
				k.assumeNode(n.Left, result, p)
				k.assumeNode(n.Right, result, p)
			}
		case "==", "!=":
			k.assumeEqual(n, []ast.Node{n.Right}, (n.Operator == "==") == result, p)
		case "in":
			if list, ok := n.Right.(*ast.ArrayNode); ok {
				k.assumeEqual(n, list.Nodes, result, p)
			}
		}
	}
}

func (k *checker) assumeEqual(n *ast.BinaryNode, literals []ast.Node, equal bool, p *pathPass) {
	rt, path, ok := newShapes(p).quiet.path(n.Left)
	if !ok {
		return
	}
	var texts []string
	for _, l := range literals {
		text, known := literalText(l)
		if !known {
			return
		}
		texts = append(texts, text)
	}
	k.world.isOneOf(typeAt(rt, path), texts, equal)
}

// literalText is a text, or the text of a number.
func literalText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode:
		return DecimalFromInt(int64(n.Value)).String(), true
	}
	return "", false
}

// picked tells that the field which chooses the alternative that t is in is known to choose it.
func (k *checker) picked(t *Type) bool {
	if t.Chooser == nil {
		return false
	}
	d := k.world[t.Chooser]
	if d == nil || d.only == nil {
		return false
	}
	return !slices.ContainsFunc(d.only, func(text string) bool { return !slices.Contains(t.ChosenBy, text) })
}

// forget drops what is known about the entries of an array: others stand in their place now.
func (w world) forget(t *Type, depth int) {
	if t == nil || depth > maxCopied {
		return
	}
	delete(w, t)
	w.forget(t.Items, depth+1)
	for _, m := range t.Members {
		w.forget(m, depth+1)
	}
}

// inEach has the checks of a loop's entries know what where says of each.
func (k *checker) inEach(e *Each, check func()) {
	before := k.world
	k.world = before.clone()
	if ref, ok := e.Source.(*slotRef); ok {
		k.world.forget(ref.typ.Items, 0)
	}
	if e.Where != nil {
		k.assume(e.Where, true)
	}
	check()
	k.world = before
}

// underWhen has the checks of a part know the condition under which it is written.
func (k *checker) underWhen(c Condition, check func()) {
	if c == nil {
		check()
		return
	}
	before := k.world
	k.world = before.clone()
	k.assume(c, true)
	check()
	k.world = before
}
