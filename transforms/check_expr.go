// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"lintel/specs"
)

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
