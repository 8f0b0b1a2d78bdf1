// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// workOf counts the parts of an expression whose paths p has found.
func workOf(p *pathPass, n ast.Node) (work, growth) {
	v := &workPass{p: p, quiet: newShapes(p).quiet}
	var w work
	v.node(n, &w)
	return w, v.growth
}

type workPass struct {
	growth
	p     *pathPass
	quiet *pathPass
	// around are the arrays of the loops around, from the outside in.
	around []extent
}

func (v *workPass) node(n ast.Node, w *work) {
	w.nodes++
	switch n := n.(type) {
	case *ast.StringNode:
		v.madeText = max(v.madeText, len(n.Value))
	case *ast.UnaryNode:
		v.node(n.Node, w)
	case *ast.ChainNode:
		v.node(n.Node, w)
	case *ast.MemberNode:
		v.node(n.Node, w)
		v.node(n.Property, w)
	case *ast.ConditionalNode:
		v.all(w, n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		v.madeEntries = max(v.madeEntries, len(n.Nodes))
		v.all(w, n.Nodes...)
	case *ast.BinaryNode:
		v.operator(n, w)
		v.all(w, n.Left, n.Right)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			v.call(id.Value, n.Arguments, w)
		}
		v.all(w, n.Arguments...)
	case *ast.BuiltinNode:
		v.builtin(n, w)
	}
}

func (v *workPass) all(w *work, nodes ...ast.Node) {
	for _, n := range nodes {
		v.node(n, w)
	}
}

// builtin counts a function of expr: a loop when it has a predicate.
func (v *workPass) builtin(n *ast.BuiltinNode, w *work) {
	if _, known := v.p.c.funcs[n.Name]; known {
		v.call(n.Name, n.Arguments, w)
		v.all(w, n.Arguments...)
		return
	}
	if len(n.Arguments) == 0 {
		return
	}
	over := v.extent(n.Arguments[0])
	v.node(n.Arguments[0], w)
	for _, a := range n.Arguments[1:] {
		predicate, ok := a.(*ast.PredicateNode)
		if !ok {
			v.node(a, w)
			continue
		}
		l := loop{over: over}
		v.around = append(v.around, over)
		v.node(predicate.Node, &l.work)
		v.around = v.around[:len(v.around)-1]
		w.loops = append(w.loops, l)
		return
	}
	if n.Name != "len" {
		w.lists = append(w.lists, over)
	}
}

func (v *workPass) operator(n *ast.BinaryNode, w *work) {
	w.texts++
	switch n.Operator {
	case "matches":
		w.patterns++
	case "+":
		v.pluses++
	case "in":
		w.lists = append(w.lists, v.extent(n.Right))
		w.texts++
	}
}

func (v *workPass) call(name string, args []ast.Node, w *work) {
	w.texts++
	w.nodes += 4 // a call costs more than an operator
	f := v.p.c.funcs[name]
	sig := signatureOf(f)
	for i, a := range args {
		if i >= len(sig.args) {
			continue
		}
		if sig.args[i].kinds&listKind != 0 && sig.args[i].kinds != ^kinds(0) {
			w.lists = append(w.lists, v.extent(a))
		}
		if f.Growth != GrowsToLength || sig.args[i].kinds != numberKind {
			continue
		}
		if number, literal := a.(*ast.IntegerNode); literal {
			v.madeText = max(v.madeText, min(number.Value, maxText))
		} else {
			v.madeText = maxText
		}
	}
	v.joins = v.joins || f.Growth == GrowsByJoining
	v.replaces = v.replaces || f.Growth == GrowsByReplacing && !shrinks(args)
	v.splits = v.splits || f.Growth == GrowsBySplitting
}

// shrinks tells that the arguments of replace put nothing longer in the place of what they take away.
func shrinks(args []ast.Node) bool {
	if len(args) != 3 {
		return false
	}
	from, ok := args[1].(*ast.StringNode)
	to, ok2 := args[2].(*ast.StringNode)
	return ok && ok2 && len(to.Value) <= len(from.Value)
}

// extent finds out of which array the entries of a list are.
func (v *workPass) extent(n ast.Node) extent {
	if rt, path, ok := v.quiet.path(n); ok {
		if i := v.p.indexOf(rt, path); i >= 0 {
			return extent{vars: []int{i}}
		}
		return extent{other: true}
	}
	switch n := n.(type) {
	case *ast.ChainNode:
		return v.extent(n.Node)
	case *ast.ArrayNode:
		return extent{made: len(n.Nodes), mapped: true}
	case *ast.PointerNode, *ast.MemberNode:
		return v.inside(n)
	case *ast.ConditionalNode:
		return v.extent(n.Exp1).or(v.extent(n.Exp2))
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return v.extent(n.Left).or(v.extent(n.Right))
		}
	case *ast.BuiltinNode:
		switch n.Name {
		case "filter":
			return v.extent(n.Arguments[0])
		case "map":
			x := v.extent(n.Arguments[0])
			x.mapped = true
			return x
		case "first", "last", "find":
			return v.inside(n)
		}
	}
	return extent{other: true}
}

// inside is the array that stands in an entry, at whatever name.
func (v *workPass) inside(n ast.Node) extent {
	var x extent
	switch n := n.(type) {
	case *ast.PointerNode:
		if len(v.around) == 0 {
			return extent{other: true}
		}
		x = v.around[len(v.around)-1]
		x.inner = true
	case *ast.ChainNode:
		return v.inside(n.Node)
	case *ast.MemberNode:
		if _, name := n.Property.(*ast.StringNode); name {
			return v.inside(n.Node)
		}
		x = v.extent(n.Node)
	case *ast.BuiltinNode:
		if n.Name != "first" && n.Name != "last" && n.Name != "find" {
			return extent{other: true}
		}
		x = v.extent(n.Arguments[0])
	default:
		return extent{other: true}
	}
	if x.mapped || x.other {
		return extent{other: true}
	}
	x.level++
	return x
}

// or is the extent of an array that is one of two.
func (x extent) or(y extent) extent {
	switch {
	case y.vars == nil && !y.other:
		x.made = max(x.made, y.made)
		return x
	case x.vars == nil && !x.other:
		y.made = max(x.made, y.made)
		return y
	case x.other || y.other || x.level != y.level || x.inner != y.inner:
		return extent{other: true}
	}
	x.vars = slices.Concat(x.vars, y.vars)
	x.made = max(x.made, y.made)
	x.mapped = x.mapped || y.mapped
	return x
}
