// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"lintel/specs"
)

// proof is a condition that is known to hold, or not to, where an expression stands.
type proof struct {
	node   *specs.Node
	result bool
}

// under compiles what stands under a condition.
func (c *exprCompiler) under(node *specs.Node, result bool, compile func()) {
	before := c.proofs
	c.proofs = append(slices.Clip(before), proof{node, result})
	compile()
	c.proofs = before
}

// missing reports values that may be null or absent where an operator or function needs one.
func (k *checker) missing() {
	for _, p := range k.seen {
		tree, err := parse(p.src)
		if err != nil || p.single != nil {
			continue
		}
		m := &missingPass{k: k, p: p, shapes: newShapes(p)}
		m.node(tree, m.proven())
	}
}

type missingPass struct {
	k      *checker
	p      *pathPass
	shapes *shapes
}

// label names a part of an expression, so that it is known again; entries are those of the innermost
// predicate.
func (m *missingPass) label(n ast.Node) string {
	if chain, ok := n.(*ast.ChainNode); ok {
		n = chain.Node
	}
	if rt, path, ok := m.shapes.quiet.path(n); ok {
		return proofLabel(pathLabel(rt, path))
	}
	return fmt.Sprintf("%s in %d", strings.ReplaceAll(n.String(), "?.", "."), pointerDepth(n, len(m.shapes.entries)))
}

// proofLabel is the label of a value that is named by a path.
func proofLabel(path string) string { return path + " in 0" }

// pointerDepth is depth for what speaks of the entry of a predicate, else 0.
func pointerDepth(n ast.Node, depth int) int {
	v := &pointerPass{}
	ast.Walk(&n, v)
	if v.found {
		return depth
	}
	return 0
}

type pointerPass struct{ found bool }

// Visit implements ast.Visitor.
func (v *pointerPass) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PointerNode); ok {
		v.found = true
	}
}

// node walks an expression; present are the parts that are known to have a value there.
func (m *missingPass) node(n ast.Node, present []string) {
	switch n := n.(type) {
	case *ast.ChainNode:
		m.node(n.Node, present)
	case *ast.UnaryNode:
		m.needs(n.Node, present)
	case *ast.ConditionalNode:
		m.needs(n.Cond, present)
		m.node(n.Exp1, append(slices.Clip(present), m.proves(n.Cond, true)...))
		m.node(n.Exp2, append(slices.Clip(present), m.proves(n.Cond, false)...))
	case *ast.BinaryNode:
		m.binary(n, present)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			m.call(id.Value, n.Arguments, present)
		}
	case *ast.BuiltinNode:
		m.builtin(n, present)
	case *ast.MemberNode:
		m.member(n, present)
	case *ast.ArrayNode:
		for _, a := range n.Nodes {
			m.node(a, present)
		}
	}
}

func (m *missingPass) call(name string, args []ast.Node, present []string) {
	f, known := m.p.c.funcs[name]
	sig := signatureOf(f)
	for i, a := range args {
		if known && i < len(sig.args) && sig.args[i].kinds&nilKind == 0 {
			m.needs(a, present)
			m.needsKnown(a, present)
			m.needsEntries(a, sig.args[i], name)
			continue
		}
		m.node(a, present)
	}
}

// needsKnown reports an argument of which nothing is known, not even that it is there.
func (m *missingPass) needsKnown(a ast.Node, present []string) {
	s := m.shapes.of(a)
	if s.kinds&unknownKind != 0 && s.kinds&nilKind != 0 && !slices.Contains(present, m.label(a)) {
		m.report(a, specs.Error, fmt.Sprintf("%s can be absent or null, and a value is needed here", shown(a)), fmt.Sprintf("write (%s ?? value for that case)", a))
	}
}

// needsEntries reports an array for a function with entries that may be missing.
func (m *missingPass) needsEntries(a ast.Node, want shaped, name string) {
	s := m.shapes.of(a)
	if want.items == nil || want.items.kinds&nilKind != 0 || s.known() != listKind || s.entries().kinds&nilKind == 0 {
		return
	}
	if s.entries().kinds&unknownKind == 0 {
		m.report(a, specs.Error, fmt.Sprintf("an entry of %s can be absent, and %s needs a value for each", shown(a), name), "leave those out with filter, or give them a value: map(..., . ?? 0)")
	}
}

func (m *missingPass) builtin(n *ast.BuiltinNode, present []string) {
	if !slices.Contains(builtins(), n.Name) {
		m.call(n.Name, n.Arguments, present)
		return
	}
	if len(n.Arguments) == 0 {
		return
	}
	m.needsList(n, present)
	list := m.shapes.of(n.Arguments[0])
	for _, a := range n.Arguments[1:] {
		m.shapes.entries = append(m.shapes.entries, list.entries())
		if body, ok := a.(*ast.PredicateNode); ok && n.Name != "map" {
			m.needs(body.Node, present)
		} else if ok {
			m.node(body.Node, present)
		}
		m.shapes.entries = m.shapes.entries[:len(m.shapes.entries)-1]
	}
}

// needsList is needs for what a builtin goes over: an absent array of a message has no entries.
func (m *missingPass) needsList(n *ast.BuiltinNode, present []string) {
	a := n.Arguments[0]
	if s := m.shapes.of(a); s.known() == listKind && s.kinds&unknownKind == 0 && m.isPath(a) {
		m.node(a, present)
		return
	}
	m.needs(a, present)
}

func (m *missingPass) isPath(n ast.Node) bool {
	_, _, ok := m.shapes.quiet.path(n)
	return ok
}

func (m *missingPass) member(n *ast.MemberNode, present []string) {
	if m.isPath(n) {
		return
	}
	base := m.shapes.of(n.Node)
	if !n.Optional {
		m.needs(n.Node, present)
	} else {
		m.node(n.Node, present)
	}
	if _, named := n.Property.(*ast.StringNode); named {
		return
	}
	m.needs(n.Property, present)
	index, known := n.Property.(*ast.IntegerNode)
	at := 0
	if known {
		at = index.Value
	}
	if !known || at < 0 || base.atLeast() <= at && !m.longer(n.Node, at+1, present) {
		m.report(n, specs.Error, fmt.Sprintf("%s may have no such entry", shown(n.Node)),
			fmt.Sprintf("ask first: len(%s) > %d ? ... : ..., or take first(...), which is absent if there is none", n.Node, max(at, 0)))
	}
}

// longer tells that an array is known to have that many entries.
func (m *missingPass) longer(n ast.Node, entries int, present []string) bool {
	prefix := "len(" + m.label(n) + ")>="
	for _, p := range present {
		var have int
		if rest, ok := strings.CutPrefix(p, prefix); ok {
			if _, err := fmt.Sscan(rest, &have); err == nil && have >= entries {
				return true
			}
		}
	}
	return false
}

func (m *missingPass) binary(n *ast.BinaryNode, present []string) {
	right := present
	switch n.Operator {
	case "and", "&&":
		right = append(slices.Clip(present), m.proves(n.Left, true)...)
	case "or", "||":
		right = append(slices.Clip(present), m.proves(n.Left, false)...)
	case "==", "!=", "??", "in":
		m.node(n.Left, present)
		m.node(n.Right, present)
		return
	}
	m.needs(n.Left, present)
	m.needs(n.Right, right)
}

// proves lists the parts that have a value when a condition has the given result.
func (m *missingPass) proves(n ast.Node, result bool) []string {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return m.proves(n.Node, !result)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			if result {
				return append(m.proves(n.Left, true), m.proves(n.Right, true)...)
			}
		case "or", "||":
			if !result {
				return append(m.proves(n.Left, false), m.proves(n.Right, false)...)
			}
		case "in", "contains", "startsWith", "endsWith", "matches":
			if result {
				return []string{m.label(n.Left)}
			}
		default:
			return append(m.provesEqual(n, (n.Operator == "==") == result), m.provesLength(n, result)...)
		}
	}
	return nil
}

// provesEqual handles a comparison that is known to be equal, or unequal.
func (m *missingPass) provesEqual(n *ast.BinaryNode, equal bool) []string {
	if n.Operator != "==" && n.Operator != "!=" {
		return nil
	}
	left, right := n.Left, n.Right
	if isConstant(left) {
		left, right = right, left
	}
	_, isNil := right.(*ast.NilNode)
	if !isConstant(right) || isNil == equal {
		return nil
	}
	return []string{m.label(left)}
}

func isConstant(n ast.Node) bool {
	switch n.(type) {
	case *ast.NilNode, *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return true
	}
	return false
}

// provesLength handles a comparison of the length of an array with a number.
func (m *missingPass) provesLength(n *ast.BinaryNode, result bool) []string {
	list, ok := n.Left.(*ast.BuiltinNode)
	number, whole := n.Right.(*ast.IntegerNode)
	if !ok || !whole || list.Name != "len" || len(list.Arguments) != 1 {
		return nil
	}
	least := 0
	switch {
	case n.Operator == ">" && result, n.Operator == "<=" && !result:
		least = number.Value + 1
	case n.Operator == ">=" && result, n.Operator == "<" && !result, n.Operator == "==" && result, n.Operator == "!=" && !result:
		least = number.Value
	case n.Operator == "!=" && result && number.Value == 0, n.Operator == "==" && !result && number.Value == 0:
		least = 1
	}
	if least < 1 {
		return nil
	}
	return []string{m.label(list.Arguments[0]), fmt.Sprintf("len(%s)>=%d", m.label(list.Arguments[0]), least)}
}

// needs reports n if it is a value that may be missing, and else looks into it.
func (m *missingPass) needs(n ast.Node, present []string) {
	m.node(n, present)
	s := m.shapes.of(n)
	if s.kinds&nilKind == 0 || s.kinds&unknownKind != 0 || slices.Contains(present, m.label(n)) {
		return
	}
	if b, ok := n.(*ast.BuiltinNode); ok && (b.Name == "first" || b.Name == "last") && m.longer(b.Arguments[0], 1, present) && m.shapes.of(b.Arguments[0]).entries().kinds&nilKind == 0 {
		return
	}
	rt, path, ok := m.shapes.quiet.path(n)
	if !ok {
		if s.known() == 0 {
			m.report(n, specs.Error, fmt.Sprintf("%s is never there, and a value is needed here", shown(n)), "write a value in its place")
			return
		}
		m.report(n, specs.Error, fmt.Sprintf("%s can be absent, and a value is needed here", shown(n)), fmt.Sprintf("write (%s ?? value for that case)", n))
		return
	}
	label, t := pathLabel(rt, path), typeAt(rt, path)
	f := m.k.pathFacts(path, t, label)
	absent := f.absent || rootMissing(rt, path)
	if !absent && !f.null || t.Shape == AnyShape || t.Shape == ObjectShape {
		return
	}
	severity, what := specs.Error, "absent"
	skipped := rt.parts != nil && len(path) > 0 && path[0].Optional // a step that may not run is no matter of the host
	if t.HostName != "" && !skipped {
		severity = specs.Warning // the program may never send it so
	}
	switch {
	case absent && f.null:
		what = "absent or null"
	case f.null:
		what = "null"
	}
	m.report(n, severity, fmt.Sprintf("%s can be %s, and a value is needed here", f.name(), what), fmt.Sprintf("write (%s ?? value for that case)", label))
}

func (m *missingPass) report(n ast.Node, severity specs.Severity, message, hint string) {
	at := m.k.at(m.p.node, m.p.src, n.Location().From)
	if slices.ContainsFunc(m.k.findings, func(f specs.Finding) bool { return f.Pos == at && (f.Severity == specs.Error || f.Message == message) }) {
		return // its type did not fit for the same reason
	}
	m.k.report(severity, codeMaybeNull, at, message, hint)
}
