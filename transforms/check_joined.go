// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"

	"lintel/specs"
)

// written is a text that an expression puts into its result, whole.
type written struct {
	*ast.StringNode
	// sure texts are in every result.
	sure bool
}

// joined finds the texts that are written out in an expression and become a part of a longer one: whether the field
// takes their characters does not depend on the rest.
func (k *checker) joined(s Source, t *Type) {
	e, ok := s.(*expression)
	if !ok || t.Shape != StringShape || k.probe == nil || e.move != nil {
		return
	}
	p := k.passes[e.node]
	if p == nil {
		return
	}
	tree, err := parse(p.src)
	if err != nil {
		return
	}
	for _, w := range k.joinedTexts(tree, false, true) {
		var lost []rune
		for _, r := range w.Value {
			if err := k.tryText(t, string(r)); err != nil && err.Code == "unmappable" && !slices.Contains(lost, r) {
				lost = append(lost, r)
			}
		}
		if len(lost) == 0 {
			continue
		}
		severity, can := specs.Error, "has"
		if !w.sure {
			severity, can = specs.Warning, "can have"
		}
		k.report(severity, codeNoCode, k.at(p.node, p.src, w.Location().From), fmt.Sprintf("the result %s %q from this text, which %s cannot hold: a character is not in the host's code page", can, string(lost), hostField(t)),
			"write the text with characters of the code page")
	}
}

// joinedTexts are the texts below n that are parts of its result. inside tells that n itself is one part of a longer text:
// a text that is the whole result is checked as a value.
func (k *checker) joinedTexts(n ast.Node, inside, sure bool) []written {
	both := func(a, b ast.Node, inside, sure bool) []written {
		return append(k.joinedTexts(a, inside, sure), k.joinedTexts(b, inside, sure)...)
	}
	switch n := n.(type) {
	case *ast.StringNode:
		if inside {
			return []written{{n, sure}}
		}
	case *ast.ChainNode:
		return k.joinedTexts(n.Node, inside, sure)
	case *ast.ConditionalNode:
		return both(n.Exp1, n.Exp2, inside, false)
	case *ast.BinaryNode:
		switch n.Operator {
		case "+":
			return both(n.Left, n.Right, true, sure)
		case "??":
			return both(n.Left, n.Right, inside, false)
		}
	case *ast.CallNode: // those that fill, join or replace put their last argument in, where there is a place for it
		id, ok := n.Callee.(*ast.IdentifierNode)
		if f := k.funcs; ok && len(n.Arguments) > 1 && slices.Contains([]Growth{GrowsToLength, GrowsByJoining, GrowsByReplacing}, f[id.Value].Growth) {
			return k.joinedTexts(n.Arguments[len(n.Arguments)-1], true, false)
		}
	}
	return nil
}
