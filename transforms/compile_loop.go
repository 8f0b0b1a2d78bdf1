// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// loop compiles {each: =array, as: name, where: =condition, to: ...} up to its entry: the scope in which "to" is read.
func (k *compilation) loop(n *specs.Node, sc *scope) (*Each, *scope) {
	array, as := n.Get("each"), n.Get("as")
	if !array.IsExpression() {
		k.findings.Add(codeLoop, array.Pos, "each needs an expression that names an array", "write =reply.items, for example")
		return nil, nil
	}
	if as == nil || as.Kind != specs.ScalarNode || !isName(as.Text) {
		k.findings.Add(codeLoop, n.Pos, "each needs as: a name for the entry", "add as: item")
		return nil, nil
	}
	if n.Get("to") == nil {
		k.findings.Add(codeLoop, n.Pos, "each needs to: what an entry becomes", "")
		return nil, nil
	}
	for _, f := range n.Fields {
		if !slices.Contains([]string{"each", "as", "where", "to"}, f.Key.Text) {
			k.findings.Add(codeLoop, f.Key.Pos, fmt.Sprintf("each does not know %q", f.Key.Text), "it has each, as, where and to")
		}
	}
	rt, path := k.namedPath(array, sc, "each takes the name of an array, not a computed value; where: chooses among its entries")
	if rt == nil {
		return nil, nil
	}
	if rt.doc != nil && rt.doc == k.t.identity {
		k.findings.Add(codeLoop, array.Pos, "each cannot loop over what is known of the caller", "use any, all or in, in an expression")
		return nil, nil
	}
	if t := typeAt(rt, path); t.Shape != ArrayShape {
		k.findings.Add(codeLoop, array.Pos, fmt.Sprintf("each takes an array, and this is %s", t.Shape.one()), "")
		return nil, nil
	}
	if sc.loops >= MaxLoops {
		k.findings.Add(codeLoop, array.Pos, fmt.Sprintf("loops nest deeper than %d", MaxLoops), "")
		return nil, nil
	}
	each, inner := k.openLoop(as.Text, rt, path, sc)
	if where := n.Get("where"); where != nil {
		if !where.IsExpression() {
			k.findings.Add(codeLoop, where.Pos, "where takes an expression that is true or false", "write =item.amount > 0, for example")
		} else {
			each.Where = k.condition(where, inner) // what is wrong with it hides nothing of the rest
		}
	}
	return each, inner
}

// where compiles what a loop makes of its entries, for which the condition of where holds.
func (k *compilation) where(n *specs.Node, compile func()) {
	if w := n.Get("where"); w != nil {
		k.under(w, true, compile)
		return
	}
	compile()
}

// openLoop makes the loop over the array at path and the scope of its entries, in which as names one.
func (k *compilation) openLoop(as string, rt *root, path []*Type, sc *scope) (*Each, *scope) {
	ref, entry := rt.want(path), rt.entries(path)
	k.names(ref, &pathPass{c: &k.exprCompiler, node: &specs.Node{}, scope: sc, under: k.proofs})
	each := &Each{Source: ref, Depth: sc.loops + 1}
	k.eachs = append(k.eachs, pendingEach{each, entry})
	inner := sc.with(root{name: as, typ: entry.Type, capture: entry, frame: entry, depth: each.Depth, array: ref, source: rt.source})
	inner.loops = each.Depth
	return each, inner
}

// namedPath resolves an expression that must only name a value.
func (k *compilation) namedPath(n *specs.Node, sc *scope, computed string) (*root, []*Type) {
	p := &pathPass{c: &k.exprCompiler, node: n, src: n.Text[1:], scope: sc}
	tree, err := parse(p.src)
	if err != nil {
		k.syntaxError(n, err)
		return nil, nil
	}
	rt, path, ok := p.path(tree)
	if !ok {
		if !p.failed {
			k.findings.Add(codeLoop, n.Pos, computed, "names begin with "+strings.Join(sc.names(), ", "))
		}
		return nil, nil
	}
	return rt, path
}

func isName(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
