// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// The VM cannot be stopped, so that what an expression can cost is known before it runs: its parts
// are counted at load, by how deep in predicates they stand, and the sizes of its values are known
// when they are read. A step is the time of one part that looks at a small value, some 30 ns.

const (
	// maxSteps bounds the steps of one expression: less than 10 ms.
	maxSteps = 250_000
	// bytesPerStep is how much of a text an operator or function goes through in a step; a regular
	// expression goes through one byte.
	bytesPerStep = 16
)

// work is what the parts of an expression cost, by the number of predicates around them.
type work [maxLoopDepth + 1]struct {
	// nodes are all parts; texts those that go through a text, patterns those that do so for a regular
	// expression, lists those that go through an array.
	nodes, texts, patterns, lists int
}

// sizes are the greatest sizes among some values.
type sizes struct{ text, entries int }

// affordable refuses to run an expression on values with which it would take too long.
func (e *expression) affordable(met sizes) error {
	if met.entries == 0 && met.text <= e.safe {
		return nil
	}
	if e.work.steps(e.grown(met)) > maxSteps {
		return &ExprError{Pos: e.node.Pos, Reason: fmt.Sprintf("its values are so large that it would take more than %d steps", maxSteps)}
	}
	return nil
}

// safeText is how long the texts of an expression without arrays may be so that it is affordable.
func (e *expression) safeText() int {
	for safe := 1 << 20; safe > 0; safe /= 4 {
		if e.work.steps(e.grown(sizes{text: safe})) <= maxSteps {
			return safe
		}
	}
	return -1
}

// grown are the sizes of the values that an expression can make of what it was given.
func (e *expression) grown(met sizes) sizes {
	out := sizes{text: max(met.text, e.made.text), entries: max(met.entries, e.made.entries)}
	if e.joins {
		out.text = max(out.text, min(maxText, out.text*max(out.entries, 1)))
	}
	if e.replaces {
		out.text = max(out.text, min(maxText, out.text*(out.text+1)))
	}
	if e.splits {
		out.entries = max(out.entries, min(maxParts, out.text+1))
	}
	out.text *= 1 + e.pluses
	return out
}

// maxParts is how many entries a function makes of a text at most.
const maxParts = 1000

// steps are those of an expression on values of these sizes. They are counted up to the bound.
func (w work) steps(s sizes) int {
	total, times := 0, 1
	for _, at := range w {
		each := at.nodes + at.texts*(s.text/bytesPerStep) + at.patterns*s.text + at.lists*s.entries
		if each > 0 && times > maxSteps {
			return maxSteps + 1
		}
		if total += times * min(each, maxSteps+1); total > maxSteps {
			return total
		}
		times *= max(s.entries, 1)
	}
	return total
}

// growth is how an expression can make values that are larger than what it is given.
type growth struct {
	// made are the sizes of what is written out in it.
	made sizes
	// joins, replaces and splits tell that it calls functions of that Growth; pluses are its operators +.
	joins, replaces, splits bool
	pluses                  int
}

// workOf counts the parts of an expression.
func workOf(n ast.Node, funcs map[string]Func) (work, growth) {
	v := &workPass{funcs: funcs}
	v.node(n, 0)
	return v.work, v.growth
}

type workPass struct {
	work
	growth
	funcs map[string]Func
}

func (v *workPass) node(n ast.Node, depth int) {
	at := &v.work[min(depth, maxLoopDepth)]
	at.nodes++
	switch n := n.(type) {
	case *ast.StringNode:
		v.made.text = max(v.made.text, len(n.Value))
	case *ast.UnaryNode:
		v.node(n.Node, depth)
	case *ast.ChainNode:
		v.node(n.Node, depth)
	case *ast.PredicateNode:
		v.node(n.Node, depth+1)
	case *ast.MemberNode:
		v.node(n.Node, depth)
		v.node(n.Property, depth)
	case *ast.ConditionalNode:
		v.all(depth, n.Cond, n.Exp1, n.Exp2)
	case *ast.ArrayNode:
		v.made.entries = max(v.made.entries, len(n.Nodes))
		v.all(depth, n.Nodes...)
	case *ast.BinaryNode:
		v.operator(n, depth)
		v.all(depth, n.Left, n.Right)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			v.call(id.Value, n.Arguments, depth)
		}
		v.all(depth, n.Arguments...)
	case *ast.BuiltinNode:
		if _, known := v.funcs[n.Name]; known {
			v.call(n.Name, n.Arguments, depth)
		} else if n.Name != "len" {
			at.lists++
		}
		v.all(depth, n.Arguments...)
	}
}

func (v *workPass) all(depth int, nodes ...ast.Node) {
	for _, n := range nodes {
		v.node(n, depth)
	}
}

func (v *workPass) operator(n *ast.BinaryNode, depth int) {
	at := &v.work[min(depth, maxLoopDepth)]
	at.texts++
	switch n.Operator {
	case "matches":
		at.patterns++
	case "+":
		v.pluses++
	case "in":
		at.lists++
		at.texts++
	}
}

func (v *workPass) call(name string, args []ast.Node, depth int) {
	at := &v.work[min(depth, maxLoopDepth)]
	at.texts++
	at.nodes += 4 // a call costs more than an operator
	f := v.funcs[name]
	sig := signatureOf(f)
	for i, a := range args {
		if i >= len(sig.args) {
			continue
		}
		if sig.args[i].kinds&listKind != 0 && sig.args[i].kinds != ^kinds(0) {
			at.lists++
		}
		if f.Growth != GrowsToLength || sig.args[i].kinds != numberKind {
			continue
		}
		if number, literal := a.(*ast.IntegerNode); literal {
			v.made.text = max(v.made.text, min(number.Value, maxText))
		} else {
			v.made.text = maxText
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
