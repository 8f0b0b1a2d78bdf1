// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"lintel/specs"
)

// resultShape is the shape that the signatures of a function give; nil if they do not agree.
func (f Func) resultShape() *Type {
	shape := AnyShape
	for i, s := range f.Types {
		t := reflect.TypeOf(s)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Func || t.NumOut() == 0 {
			return nil
		}
		one := AnyShape
		switch t.Out(0) {
		case reflect.TypeFor[string]():
			one = StringShape
		case reflect.TypeFor[Decimal](), reflect.TypeFor[int]():
			one = NumberShape
		case reflect.TypeFor[bool]():
			one = BoolShape
		}
		if one == AnyShape || i > 0 && one != shape {
			return nil
		}
		shape = one
	}
	if shape == AnyShape {
		return nil
	}
	return (&Type{Shape: shape}).bare()
}

// takesNil tells that a function accepts a missing argument.
func (f Func) takesNil(arg int) bool {
	for _, s := range f.Types {
		t := reflect.TypeOf(s)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Func || t.NumIn() == 0 {
			return true
		}
		in := t.In(min(arg, t.NumIn()-1))
		if t.IsVariadic() && arg >= t.NumIn()-1 {
			in = in.Elem()
		}
		if in.Kind() == reflect.Interface {
			return true
		}
	}
	return len(f.Types) == 0
}

// comparisons reports texts that a value is compared with and never is.
func (k *checker) comparisons() {
	for _, p := range k.seen {
		if tree, err := parse(p.src); err == nil {
			ast.Walk(&tree, &comparisonPass{k, p})
		}
	}
}

type comparisonPass struct {
	k *checker
	p *pathPass
}

// Visit implements ast.Visitor.
func (v *comparisonPass) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	left, right := n.Left, n.Right
	var literals []ast.Node
	switch n.Operator {
	case "==", "!=":
		if _, text := left.(*ast.StringNode); text {
			left, right = right, left
		}
		literals = []ast.Node{right}
	case "in":
		if list, isList := right.(*ast.ArrayNode); isList {
			literals = list.Nodes
		}
	}
	rt, path, isPath := v.p.path(left)
	if !isPath {
		return
	}
	for _, l := range literals {
		if s, text := l.(*ast.StringNode); text {
			v.k.comparedWith(v.p, typeAt(rt, path), pathLabel(rt, path), s)
		}
	}
}

// comparedWith checks one text that a value is compared with.
func (k *checker) comparedWith(p *pathPass, t *Type, label string, s *ast.StringNode) {
	if t.Shape != StringShape {
		return
	}
	f := facts{typ: t, label: label}
	at := k.at(p.node, p.src, s.Location().From)
	quoted := string(AppendQuoted(nil, s.Value))
	switch {
	case t.Enum != nil && !listed(t.Enum, quoted):
		hint := "it has " + strings.Join(t.Enum[:min(len(t.Enum), 12)], ", ")
		names, _ := textValues(t)
		if near := specs.Suggest(s.Value, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		k.report(specs.Error, codeNoSuchValue, at, fmt.Sprintf("%s is never %s", f.name(), quoted), hint)
	case t.Enum == nil && t.MaxLength >= 0 && utf8.RuneCountInString(s.Value) > t.MaxLength:
		k.report(specs.Error, codeNoSuchValue, at, fmt.Sprintf("%s has at most %d characters and is never %s", f.name(), t.MaxLength, quoted), "correct the text")
	default:
		return
	}
	k.never[p.node] = true
}

// missing reports values that may be null or absent where an operator or function needs one.
func (k *checker) missing() {
	for _, p := range k.seen {
		if k.guarded[p.node] {
			continue
		}
		if tree, err := parse(p.src); err == nil && p.single == nil {
			(&missingPass{k: k, p: p}).node(tree, nil)
		}
	}
}

type missingPass struct {
	k *checker
	p *pathPass
}

// node walks an expression; present are the paths that are known to have a value there.
func (m *missingPass) node(n ast.Node, present []string) {
	switch n := n.(type) {
	case *ast.ChainNode:
		m.node(n.Node, present)
	case *ast.UnaryNode:
		m.needs(n.Node, present)
	case *ast.ConditionalNode:
		m.needs(n.Cond, present)
		m.node(n.Exp1, append(present[:len(present):len(present)], m.proves(n.Cond, true)...))
		m.node(n.Exp2, append(present[:len(present):len(present)], m.proves(n.Cond, false)...))
	case *ast.BinaryNode:
		m.binary(n, present)
	case *ast.CallNode:
		id, _ := n.Callee.(*ast.IdentifierNode)
		for i, a := range n.Arguments {
			if id != nil && !m.k.funcs[id.Value].takesNil(i) {
				m.needs(a, present)
				continue
			}
			m.node(a, present)
		}
	case *ast.BuiltinNode:
		for i, a := range n.Arguments {
			if i == 0 {
				m.needs(a, present)
				continue
			}
			m.node(a, present)
		}
	case *ast.ArrayNode:
		for _, a := range n.Nodes {
			m.node(a, present)
		}
	}
}

func (m *missingPass) binary(n *ast.BinaryNode, present []string) {
	right := present
	switch n.Operator {
	case "and", "&&":
		right = append(present[:len(present):len(present)], m.proves(n.Left, true)...)
	case "or", "||":
		right = append(present[:len(present):len(present)], m.proves(n.Left, false)...)
	case "==", "!=", "??", "in":
		m.node(n.Left, present)
		m.node(n.Right, present)
		return
	}
	m.needs(n.Left, present)
	m.needs(n.Right, right)
}

// proves lists the paths that have a value when a condition has the given result.
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
		case "==", "!=":
			return m.provesEqual(n, (n.Operator == "==") == result)
		}
	}
	return nil
}

// provesEqual handles a comparison that is known to be equal, or unequal.
func (m *missingPass) provesEqual(n *ast.BinaryNode, equal bool) []string {
	left, right := n.Left, n.Right
	if _, _, ok := m.p.path(left); !ok {
		left, right = right, left
	}
	rt, path, ok := m.p.path(left)
	if !ok {
		return nil
	}
	_, isNil := right.(*ast.NilNode)
	constant := isNil
	switch right.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		constant = true
	}
	if !constant || isNil == equal {
		return nil
	}
	return []string{pathLabel(rt, path)}
}

// needs reports n if it is a value that may be missing, and else looks into it.
func (m *missingPass) needs(n ast.Node, present []string) {
	rt, path, ok := m.p.path(n)
	if !ok {
		m.node(n, present)
		return
	}
	label, t := pathLabel(rt, path), typeAt(rt, path)
	f := m.k.pathFacts(path, t, label)
	absent := f.absent || rootMissing(rt, path)
	if !absent && !f.null || t.Shape == AnyShape || t.Shape == ObjectShape {
		return
	}
	if slices.Contains(present, label) {
		return
	}
	at := m.k.at(m.p.node, m.p.src, n.Location().From)
	if slices.ContainsFunc(m.k.findings, func(f specs.Finding) bool { return f.Pos == at && f.Severity == specs.Error }) {
		return // its type did not fit for the same reason
	}
	severity, what := specs.Error, "absent"
	if t.HostName != "" {
		severity = specs.Warning // an outcome before may have ruled that out
	}
	switch {
	case absent && f.null:
		what = "absent or null"
	case f.null:
		what = "null"
	}
	m.k.report(severity, codeMaybeNull, at, fmt.Sprintf("%s can be %s, and a value is needed here", f.name(), what),
		fmt.Sprintf("write (%s ?? value for that case)", label))
}
