// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// fragmentsDir holds pieces of YAML that transforms share.
const fragmentsDir = "fragments"

// maxExpanded bounds the nodes that fragments bring into one transform.
const maxExpanded = 20000

// expansion puts fragments in the place of "use: NAME". It works on nodes, not on text: a fragment
// is read once, and findings about it name its own file and line.
type expansion struct {
	l *loader
	// open are the fragments being expanded, for cycles.
	open  []string
	nodes int
}

// expand returns the document with all fragments in place.
//
//   - a list entry {use: NAME} becomes the fragment, or its entries if the fragment is a list;
//   - a value {use: NAME} becomes the fragment;
//   - a map with use: NAME among other keys gets the keys of the fragment that it does not have itself.
func (l *loader) expand(root *Node) *Node {
	return (&expansion{l: l}).value(root)
}

func (e *expansion) value(n *Node) *Node {
	if e.nodes++; e.nodes > maxExpanded {
		return n
	}
	switch n.Kind {
	case ListNode:
		out := *n
		out.Items = make([]*Node, 0, len(n.Items))
		for _, item := range n.Items {
			out.Items = append(out.Items, e.item(item)...)
		}
		return &out
	case MapNode:
		return e.mapping(n)
	default:
		return n
	}
}

// item expands a list entry; a fragment that is a list brings all its entries.
func (e *expansion) item(n *Node) []*Node {
	use := useOf(n)
	if use == nil || len(n.Fields) > 1 {
		return []*Node{e.value(n)}
	}
	f := e.fragment(use)
	if f != nil && f.Kind == ListNode {
		return f.Items
	}
	if f == nil {
		return nil
	}
	return []*Node{f}
}

func (e *expansion) mapping(n *Node) *Node {
	use := useOf(n)
	if use != nil && len(n.Fields) == 1 {
		if f := e.fragment(use); f != nil {
			return f
		}
		return &Node{Kind: ScalarNode, Null: true, Pos: n.Pos, Path: n.Path, broken: true}
	}
	out := *n
	out.Fields = make([]NodeField, 0, len(n.Fields))
	for _, f := range n.Fields {
		if use != nil && f.Value == use {
			out.Fields = append(out.Fields, e.missing(n, use)...)
			continue
		}
		out.Fields = append(out.Fields, NodeField{Key: f.Key, Value: e.value(f.Value)})
	}
	return &out
}

// missing are the fields of a fragment that the map n does not have itself.
func (e *expansion) missing(n, use *Node) []NodeField {
	f := e.fragment(use)
	if f == nil {
		return nil
	}
	if f.Kind != MapNode {
		e.l.add(CodeFragment, use, fmt.Sprintf("fragment %s is %s, and only a map can be used beside other keys", show(use), kindName(f)),
			"let use: stand alone, or make the fragment a map")
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Fields), func(x NodeField) bool { return n.Key(x.Key.Text) != nil })
}

// useOf returns the value of an unquoted key use, or nil.
func useOf(n *Node) *Node {
	if n.Kind != MapNode {
		return nil
	}
	for _, f := range n.Fields {
		if f.Key.Text == "use" && !f.Key.Quoted {
			return f.Value
		}
	}
	return nil
}

// fragment returns the expanded content of the fragment that use names, or nil after a finding.
func (e *expansion) fragment(use *Node) *Node {
	if !e.l.scalar(use, "use") {
		return nil
	}
	name := use.Text
	if slices.Contains(e.open, name) {
		e.l.add(CodeFragment, use, fmt.Sprintf("fragment %s uses itself", show(use)), "take it out of the circle "+strings.Join(append(e.open, name), ", "))
		return nil
	}
	root := e.l.fragmentFile(use)
	if root == nil {
		return nil
	}
	e.open = append(e.open, name)
	out := e.value(root)
	e.open = e.open[:len(e.open)-1]
	if e.nodes > maxExpanded {
		e.l.add(CodeFragment, use, fmt.Sprintf("fragments bring more than %d nodes into one transform", maxExpanded), "use fewer or smaller ones")
		return nil
	}
	return out
}

// fragmentFile reads a fragment once.
func (l *loader) fragmentFile(use *Node) *Node {
	if l.fragments == nil {
		l.fragments = map[string]*Node{}
		for _, file := range l.list(fragmentsDir, false) {
			name := strings.TrimSuffix(path.Base(file), ".yaml")
			root, ok := l.document(file, true)
			if !ok {
				root = nil
			}
			l.fragments[name] = root
		}
	}
	root, there := l.fragments[use.Text]
	if !there {
		l.add(CodeFragment, use, fmt.Sprintf("there is no fragment %s", show(use)), didYouMean(use.Text, slices.Sorted(maps.Keys(l.fragments))))
	}
	return root
}
