// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"encoding/base64"
	"strings"

	"lintel/transforms/soap"
)

// maxNodes bounds the elements of one part of a security header.
const maxNodes = 512

// node is an element of a security header as a tree, which is small.
type node struct {
	element
	attrs []nodeAttr
	kids  []*node
	text  []byte
}

type nodeAttr struct{ space, local, value string }

func (n *node) attr(space, local string) string {
	for _, a := range n.attrs {
		if a.space == space && a.local == local {
			return a.value
		}
	}
	return ""
}

// only returns the one child of that name; nil if there is none or more than one.
func (n *node) only(space, local string) *node {
	var found *node
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.is(space, local) {
			if found != nil {
				return nil
			}
			found = k
		}
	}
	return found
}

// at follows one child after the other: each must be the only one of its name.
func (n *node) at(path ...string) *node {
	for i := 0; i+1 < len(path); i += 2 {
		n = n.only(path[i], path[i+1])
	}
	return n
}

// words is the text of a leaf without the white space around it.
func (n *node) words() string {
	if n == nil || len(n.kids) > 0 {
		return ""
	}
	return strings.Trim(string(n.text), " \t\r\n")
}

// bytes decodes the base64 of a leaf; nil if it is none.
func (n *node) bytes() []byte {
	if n == nil || len(n.kids) > 0 {
		return nil
	}
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, string(n.text))
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}

// tree reads the element of the document that begins at a place.
func tree(src []byte, begin int) (*node, error) {
	t, err := soap.NewTokens(src)
	if err != nil {
		return nil, malformed(err)
	}
	var stack []*node
	for count := 0; ; {
		kind, err := t.Next()
		if err != nil {
			return nil, malformed(err)
		}
		_, at, end := t.At()
		switch {
		case kind == soap.End:
			return nil, refuse("an element is not where it was")
		case kind == soap.StartTag && (len(stack) > 0 || at == begin):
			if count++; count > maxNodes {
				return nil, refuse("a part of the security header has more elements than are read")
			}
			n := newNode(t)
			if len(stack) > 0 {
				top := stack[len(stack)-1]
				top.kids = append(top.kids, n)
			}
			stack = append(stack, n)
		case kind == soap.EndTag && len(stack) > 0:
			n := stack[len(stack)-1]
			n.outer, n.end = at, end
			if len(stack) == 1 {
				return n, nil
			}
			stack = stack[:len(stack)-1]
		case kind == soap.Characters && len(stack) > 0:
			n := stack[len(stack)-1]
			n.text = t.AppendText(n.text)
		}
	}
}

func newNode(t *soap.Tokens) *node {
	n := &node{element: newElement(t)}
	for i := range t.Attributes() {
		a := t.Attribute(i)
		n.attrs = append(n.attrs, nodeAttr{string(a.Space), string(a.Local), string(a.AppendValue(nil))})
	}
	return n
}
