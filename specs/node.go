// SPDX-License-Identifier: Apache-2.0

package specs

// NodeKind is the kind of a Node.
type NodeKind uint8

const (
	// ScalarNode has Text.
	ScalarNode NodeKind = iota
	// MapNode has Fields.
	MapNode
	// ListNode has Items.
	ListNode
)

// Node is one value of a YAML (or JSON) document with its place and its exact text: leading zeros,
// trailing zeros and the written form of numbers survive.
type Node struct {
	Kind NodeKind
	// Text is the text of a scalar, after quotes and escapes are taken away.
	Text string
	// Quoted tells that a scalar was written in quotes or as a block: it is text whatever it looks like.
	Quoted bool
	// Null tells that a scalar is empty, ~ or null and not quoted.
	Null bool
	// Fields of a map, in the order written.
	Fields []NodeField
	Items  []*Node
	Pos    Pos
	// Path is the JSON pointer of the node in its document.
	Path string
	// lines maps offsets in Text to places in the file, for scalars: see At.
	lines []linePos
	// secret marks a scalar that held a ${env:...} or ${file:...} reference: its text is never printed.
	secret bool
	// broken marks a scalar whose reference could not be resolved: that is reported, and nothing else about it.
	broken bool
	// origin says where the text of a reference came from; ownDefault that it stands in the file after all.
	origin     string
	ownDefault bool
	// missing marks a node that is not in the document: see settings.go.
	missing bool
}

// Broken tells that the node stands for a reference or fragment that could not be resolved: that is reported,
// and nothing else needs to be said about it.
func (n *Node) Broken() bool { return n.broken }

// NodeField is one entry of a map.
type NodeField struct {
	Key   *Node
	Value *Node
}

// linePos says where one piece of a scalar's Text begins in the file. Within a piece, text and file
// run in step.
type linePos struct {
	offset       int // in Text, bytes
	line, column int
}

// Get returns the value of the field with that key, or nil. It may be called on nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != MapNode {
		return nil
	}
	for _, f := range n.Fields {
		if f.Key.Text == key {
			return f.Value
		}
	}
	return nil
}

// Key returns the node of the key itself, or nil: the place to report about a field.
func (n *Node) Key(key string) *Node {
	if n == nil || n.Kind != MapNode {
		return nil
	}
	for _, f := range n.Fields {
		if f.Key.Text == key {
			return f.Key
		}
	}
	return nil
}

// IsExpression reports whether the node is a scalar whose text begins with "=": an expression. A
// literal that begins with "=" is written "==" in front: "==x" is the text "=x".
func (n *Node) IsExpression() bool {
	return n != nil && n.Kind == ScalarNode && len(n.Text) > 0 && n.Text[0] == '=' &&
		(len(n.Text) == 1 || n.Text[1] != '=')
}

// Literal returns the text of a scalar that is no expression, with the "==" escape undone.
func (n *Node) Literal() string {
	if len(n.Text) > 1 && n.Text[0] == '=' && n.Text[1] == '=' {
		return n.Text[1:]
	}
	return n.Text
}
