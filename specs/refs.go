// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// maxRefChain is how many references may follow each other.
const maxRefChain = 32

// resolve follows the $ref of n, and of what it names, to a node that is none. It returns nil, with
// a finding, if there is no such node. The name is the last part of the reference in n itself.
func (c *contractReader) resolve(n *Node) (target *Node, name string) {
	start := n
	for range maxRefChain {
		ref := n.Get("$ref")
		if ref == nil {
			return n, name
		}
		if ref.Kind != ScalarNode {
			c.add(CodeWrongType, ref, "$ref must be a single value", "write $ref: '#/components/...'")
			return nil, ""
		}
		next := c.lookup(ref)
		if next == nil {
			return nil, ""
		}
		if n == start {
			name = unescapePointer(ref.Text[strings.LastIndexByte(ref.Text, '/')+1:])
		}
		if next == start || next == n {
			break
		}
		n = next
	}
	c.addOnce(CodeRefCycle, start.Get("$ref"), fmt.Sprintf("the reference %s leads back to itself", show(start.Get("$ref"))), "write the definition out in one of the places")
	return nil, ""
}

// target is resolve for everything that is no schema: there, keys beside $ref have no effect.
func (c *contractReader) target(n *Node) *Node {
	if n.Get("$ref") != nil {
		for _, f := range n.Fields {
			switch k := f.Key.Text; {
			case k == "$ref", k == "summary", k == "description", strings.HasPrefix(k, "x-"):
			default:
				c.addOnce(CodeRefSibling, f.Key, fmt.Sprintf("%s beside $ref has no effect", show(f.Key)), "move it to what the $ref names, or write the definition out")
			}
		}
	}
	end, _ := c.resolve(n)
	return end
}

// lookup finds the node one $ref names.
func (c *contractReader) lookup(ref *Node) *Node {
	file, fragment, _ := strings.Cut(ref.Text, "#")
	root := c.docs[ref.Pos.File]
	if file != "" {
		if root = c.otherDocument(ref, file); root == nil {
			return nil
		}
	}
	if fragment == "" {
		return root
	}
	pointer, err := url.PathUnescape(fragment)
	if err != nil || pointer[0] != '/' {
		c.addOnce(CodeRefTarget, ref, fmt.Sprintf("the reference %s is not a JSON pointer", show(ref)), "write #/components/schemas/Name")
		return nil
	}
	n := root
	for _, part := range strings.Split(pointer[1:], "/") {
		part = unescapePointer(part)
		next := c.child(n, part)
		if next == nil {
			c.addOnce(CodeRefTarget, ref, fmt.Sprintf("the target of the reference %s does not exist", show(ref)), didYouMean(part, keysOf(n)))
			return nil
		}
		n = next
	}
	return n
}

// unescapePointer reads one segment of a JSON pointer (RFC 6901).
func unescapePointer(segment string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)
}

// otherDocument loads a document that is named by a reference, relative to the file it stands in.
func (c *contractReader) otherDocument(ref *Node, file string) *Node {
	if strings.Contains(file, "://") || strings.HasPrefix(file, "/") {
		c.addOnce(CodeOutside, ref, fmt.Sprintf("the reference %s leaves the workspace", show(ref)), "copy the document to the workspace and name it relative to this file")
		return nil
	}
	unescaped, err := url.PathUnescape(file)
	if err != nil {
		unescaped = file
	}
	name, ok := localPath(path.Join(path.Dir(ref.Pos.File), unescaped))
	if !ok {
		c.addOnce(CodeOutside, ref, fmt.Sprintf("the reference %s leaves the workspace", show(ref)), "copy the document to the workspace and name it relative to this file")
		return nil
	}
	if root, ok := c.docs[name]; ok {
		return root
	}
	if len(c.docs) >= maxContractFiles {
		c.addOnce(CodeTooLarge, ref, fmt.Sprintf("the contract has more than %d files", maxContractFiles), "put small files together")
		return nil
	}
	src, err := readFile(c.fsys, name)
	if err != nil {
		c.docs[name] = nil
		c.addOnce(CodeRefTarget, ref, fmt.Sprintf("the file of the reference %s cannot be read: %s", show(ref), reason(err)), "check the name; it is relative to the file the reference stands in")
		return nil
	}
	root, found := ParseYAML(name, src)
	*c.fs = append(*c.fs, found...)
	c.docs[name] = root
	return root
}

// child is the value of a map's key or of a list's index, or nil.
func (c *contractReader) child(n *Node, part string) *Node {
	switch {
	case n == nil || n.Kind == ScalarNode:
		return nil
	case n.Kind == MapNode && len(n.Fields) < 32:
		return n.Get(part)
	case n.Kind == MapNode:
		index := c.index[n] // large maps of components are looked at once for every reference
		if index == nil {
			index = make(map[string]*Node, len(n.Fields))
			for _, f := range n.Fields {
				index[f.Key.Text] = f.Value
			}
			c.index[n] = index
		}
		return index[part]
	}
	i, err := strconv.Atoi(part)
	if err != nil || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

// keysOf lists the keys of a map for a suggestion; none if they are too many.
func keysOf(n *Node) []string {
	if n == nil || len(n.Fields) > maxSuggestions {
		return nil
	}
	keys := make([]string, 0, len(n.Fields))
	for _, f := range n.Fields {
		keys = append(keys, f.Key.Text)
	}
	return sorted(keys)
}
