// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strings"
)

// HostSchema reads the schema of a host's JSON documents: schemas/fraud.json#/$defs/Request names a
// JSON Schema in a file of the workspace by its JSON pointer, openapi.yaml#/components/schemas/Fraud
// a schema of the contract. It returns nil if the findings have errors.
func (w *Workspace) HostSchema(ref *Node) (*Schema, Findings) {
	var findings Findings
	c := &contractReader{
		binder: binder{fs: &findings}, fsys: w.FS, docs: map[string]*Node{}, v31: true, host: true,
		schemas: map[*Node]*Schema{}, index: map[*Node]map[string]*Node{}, once: map[onceKey]bool{}, out: &Contract{},
	}
	file, _, _ := strings.Cut(ref.Text, "#")
	if c.root = c.hostDocument(ref, file); c.root == nil {
		return nil, findings
	}
	at := *ref
	at.Pos.File = c.root.Pos.File // the pointer is looked up in that document
	at.Text = strings.TrimPrefix(ref.Text, file)
	target := c.root
	if pointer := strings.TrimPrefix(at.Text, "#"); pointer != "" {
		if target = c.lookup(&at); target == nil {
			for i := range findings {
				findings[i].Pos = ref.Pos
			}
			return nil, findings
		}
	}
	s := c.schema(target)
	c.inPlaceCycles()
	if findings.HasErrors() {
		return nil, findings
	}
	if s == nil {
		s = unbounded(target)
	}
	return s, findings
}

// hostDocument reads the file of a host's schema.
func (c *contractReader) hostDocument(ref *Node, name string) *Node {
	file, ok := localPath(name)
	if !ok {
		c.add(CodeOutside, ref, "json must name a file below the workspace", "write schemas/NAME.json#/$defs/Name")
		return nil
	}
	src, err := readFile(c.fsys, file)
	if err != nil {
		c.add(CodeFile, ref, fmt.Sprintf("the schema %s cannot be read: %s", file, reason(err)), "check the name; it is relative to the workspace")
		return nil
	}
	root, found := ParseYAML(file, src)
	*c.fs = append(*c.fs, found...)
	if root == nil {
		if len(found) == 0 {
			c.add(CodeWrongType, ref, fmt.Sprintf("the schema %s is empty", file), "write a JSON Schema")
		}
		return nil
	}
	c.docs[file] = root
	if v := root.Get("openapi"); v != nil {
		c.v31 = strings.HasPrefix(v.Text, "3.1.")
	}
	return root
}

// hostKeyword takes the keywords that a JSON Schema has where it stands alone. It reports whether the
// keyword is one.
func (r *schemaReader) hostKeyword(key, v *Node) bool {
	if !r.host || r.docs[r.n.Pos.File] != r.n {
		return false
	}
	switch key.Text {
	case "$id": // references are files of the workspace, whatever the schema is called elsewhere
		return true
	case "$schema":
		if strings.TrimSuffix(v.Text, "#") != "https://json-schema.org/draft/2020-12/schema" {
			r.addOnce(CodeNotEnforced, v, "the schema is written for another version of JSON Schema", "convert it to 2020-12: https://json-schema.org/draft/2020-12/schema")
		}
		return true
	}
	return false
}
