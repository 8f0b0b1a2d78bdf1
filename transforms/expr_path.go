// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"lintel/specs"
)

// pathPass finds the paths in an expression (reply.account.balance), and in its second use, as a
// visitor of the compiler, puts the fields of the environment in their place.
type pathPass struct {
	c      *exprCompiler
	node   *specs.Node
	src    string
	scope  *scope
	vars   []variable
	single *slotRef
	failed bool
	// under are the conditions that hold where the expression stands.
	under []proof
	// replace is set for the second use; next counts the paths met, in the same order.
	replace bool
}

// resolve walks the tree and reports whether all paths and constructs are allowed.
func (p *pathPass) resolve(n ast.Node) bool {
	if rt, path, ok := p.path(n); ok {
		if rt.parts != nil && len(path) == 0 {
			p.fail(n, codeExprUnknown, "steps are named one by one", "write steps.NAME.field, for example")
			return false
		}
		if rt.parts != nil && len(path) == 1 && path[0].withheld != nil {
			p.fail(n, codeExprUnknown, "not all of the step's reply is known here", "name its members one by one")
			return false
		}
		if rt.name == "properties" && typeAt(rt, path).Shape == ObjectShape {
			p.fail(n, codeExprUnknown, "properties are named one by one", "write properties.status, for example")
			return false
		}
		p.single = rt.wantWhole(path)
		return true
	}
	root := n
	ast.Walk(&root, growVisitor{p})
	ast.Walk(&root, p)
	if lb := loopDepth(n); lb > maxLoopDepth {
		p.fail(n, codeExprTooLarge, fmt.Sprintf("predicates nest %d deep", lb), fmt.Sprintf("at most %d are allowed", maxLoopDepth))
	}
	return !p.failed
}

func (p *pathPass) fail(n ast.Node, code, message, hint string) {
	p.failed = true
	p.c.findings.Add(code, p.c.at(p.node, p.src, n.Location().From), message, hint)
}

// Visit implements ast.Visitor for both uses.
func (p *pathPass) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.FloatNode:
		p.float(node, n)
		return
	case *ast.IdentifierNode, *ast.MemberNode:
	case *ast.BinaryNode:
		if n.Operator == ".." || n.Operator == "**" || n.Operator == "^" {
			p.refuse(n, "operator "+n.Operator)
		}
		return
	case *ast.VariableDeclaratorNode:
		p.refuse(n, "let")
		return
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			p.call(callee.Value, n.Arguments)
		}
		if p.replace {
			// Its type was found while its arguments were not known yet; expr would not look at them again.
			n.SetType(reflect.TypeFor[any]())
		}
		return
	case *ast.BuiltinNode:
		p.call(n.Name, n.Arguments)
		return
	default:
		return
	}
	rt, path, ok := p.path(*node)
	if !ok || p.failed {
		return
	}
	t := rt.typ
	if len(path) > 0 {
		t = path[len(path)-1]
	}
	if t.Shape == ObjectShape {
		return
	}
	i := p.variable(*node, rt, path)
	if i < 0 || !p.replace {
		return
	}
	ast.Patch(node, &ast.IdentifierNode{Value: fmt.Sprintf("V%d", i)})
}

func (p *pathPass) refuse(n ast.Node, what string) {
	if !p.replace {
		p.fail(n, codeExprForbidden, what+" is not allowed in expressions", "expressions are bounded in cost: write it without")
	}
}

// float replaces a literal such as 0.1 by the exact decimal its text says.
func (p *pathPass) float(node *ast.Node, n *ast.FloatNode) {
	if !p.replace {
		return
	}
	if d, err := ParseDecimal(strings.ReplaceAll(p.textOf(n), "_", "")); err == nil {
		c := &ast.ConstantNode{Value: d}
		ast.Patch(node, c)
		c.SetType(reflect.TypeFor[Decimal]())
	}
}

// textOf is how a part is written; "" if that is not known.
func (p *pathPass) textOf(n ast.Node) string {
	runes, loc := []rune(p.src), n.Location()
	if loc.To <= loc.From || loc.To > len(runes) {
		return ""
	}
	return string(runes[loc.From:loc.To])
}

// path takes a chain of names apart: reply.owner.name. ok is false if the node is no chain that
// begins at a root. A chain that leaves the type is reported.
func (p *pathPass) path(n ast.Node) (rt *root, path []*Type, ok bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		rt = p.scope.find(n.Value)
		if rt != nil && rt.refused != nil {
			p.refuseRoot(rt, n.Location().From)
			return nil, nil, false
		}
		return rt, nil, rt != nil
	case *ast.ChainNode:
		return p.path(n.Node)
	case *ast.MemberNode:
		name, isName := n.Property.(*ast.StringNode)
		if !isName {
			return nil, nil, false
		}
		rt, path, ok = p.path(n.Node)
		if !ok {
			return nil, nil, false
		}
		t := rt.typ
		if len(path) > 0 {
			t = path[len(path)-1]
		}
		if t.Shape == ArrayShape {
			return nil, nil, false
		}
		m := t.Member(name.Value)
		if m == nil && t.growing {
			m = t.grow(name.Value)
		}
		if m == nil {
			p.unknownMember(n, t, name.Value)
			return nil, nil, false
		}
		return rt, append(slices.Clip(path), m), true
	}
	return nil, nil, false
}

func (p *pathPass) unknownMember(n *ast.MemberNode, t *Type, name string) {
	if p.failed {
		return
	}
	at := n.Property
	if t.withheld != nil {
		if why, hint := t.withheld(name); why != "" {
			p.fail(at, codeExprUnknown, why, hint)
			return
		}
	}
	if t.Shape != ObjectShape {
		p.fail(at, codeExprUnknown, fmt.Sprintf("%s has no member %q", t.Shape.one(), name), "")
		return
	}
	p.fail(at, codeExprUnknown, fmt.Sprintf("there is no %q here", name), memberHint(t, name))
}

// memberHint helps with a name that an object does not have.
func memberHint(t *Type, name string) string {
	names := memberNames(t)
	if near := specs.Suggest(name, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(names) == 0 {
		return "it has no members"
	}
	return "there is " + strings.Join(names[:min(len(names), 8)], ", ")
}

// variable returns the index of the environment field for a path.
func (p *pathPass) variable(n ast.Node, rt *root, path []*Type) int {
	if i := p.indexOf(rt, path); i >= 0 {
		return i
	}
	text := pathText(rt, path)
	if p.replace {
		return -1
	}
	t := rt.typ
	if len(path) > 0 {
		t = path[len(path)-1]
	}
	typ := goType(t, 0)
	if typ == nil {
		p.fail(n, codeExprType, text+" is nested too deep for an expression", "move it as a whole, or use each")
		return -1
	}
	for _, on := range append([]*Type{rt.typ}, path...) {
		if on.Nullable || on.Optional && on.Default == "" {
			typ = optional(typ)
		}
	}
	p.vars = append(p.vars, variable{ref: rt.wantWhole(path), typ: typ, path: text, zero: reflect.Zero(typ).Interface()})
	return len(p.vars) - 1
}

// indexOf is the index of the variable for a path, -1 if there is none.
func (p *pathPass) indexOf(rt *root, path []*Type) int {
	text := pathText(rt, path)
	return slices.IndexFunc(p.vars, func(v variable) bool { return v.path == text })
}

func pathText(rt *root, path []*Type) string {
	text := rt.name
	for _, t := range path {
		text += "." + t.Name
	}
	return text
}

// membersNamed are the names of all members that an expression looks at, of whatever object.
func membersNamed(n ast.Node) map[string]bool {
	m := &memberPass{names: map[string]bool{}}
	ast.Walk(&n, m)
	return m.names
}

type memberPass struct{ names map[string]bool }

// Visit implements ast.Visitor.
func (m *memberPass) Visit(node *ast.Node) {
	if member, ok := (*node).(*ast.MemberNode); ok {
		if name, ok := member.Property.(*ast.StringNode); ok {
			m.names[name.Value] = true
		}
	}
}
