// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"github.com/expr-lang/expr/ast"
)

// call has the function that is called look at the arguments that are written out: what is wrong in
// them is wrong in every exchange.
func (p *pathPass) call(name string, args []ast.Node) {
	f, known := p.c.funcs[name]
	if !known || f.Check == nil || p.replace || p.failed {
		return
	}
	given := make([]FuncArg, len(args))
	for i, a := range args {
		given[i] = knownArg(a)
	}
	m := f.Check(given)
	if m == nil || m.Arg < 0 || m.Arg >= len(args) {
		return
	}
	p.fail(args[m.Arg], codeExprArgument, m.Message, m.Hint)
}

func knownArg(n ast.Node) FuncArg {
	switch n := n.(type) {
	case *ast.StringNode:
		return FuncArg{Known: true, Value: n.Value}
	case *ast.IntegerNode:
		return FuncArg{Known: true, Value: n.Value}
	case *ast.BoolNode:
		return FuncArg{Known: true, Value: n.Value}
	case *ast.UnaryNode:
		if i, ok := n.Node.(*ast.IntegerNode); ok && n.Operator == "-" {
			return FuncArg{Known: true, Value: -i.Value}
		}
	}
	return FuncArg{}
}

// callHint shows how a function is called, for an argument of the wrong type or number.
func (c *exprCompiler) callHint(name string) string {
	if f, known := c.funcs[name]; known {
		return "write " + f.Signature
	}
	return ""
}
