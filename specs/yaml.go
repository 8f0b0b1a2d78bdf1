// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Limits of one document. They keep a hostile file from costing more than an error.
const (
	// MaxFileSize is the largest document that is read, in bytes.
	MaxFileSize = 4 << 20
	// MaxDepth is how deep maps and lists may nest.
	MaxDepth = 64
	// MaxNodes is how many values a document may have once its aliases are expanded.
	MaxNodes = 500_000
	// maxKey is how long a key may be, in bytes.
	maxKey = 1024
	// maxPaths bounds the memory that the JSON pointers of all values take together, in bytes.
	maxPaths = 64 << 20
)

// ParseYAML reads one YAML or JSON document. The texts of scalars are kept as written and every node
// knows its place. Findings name file. The node is nil when the document cannot be read at all, or
// when it is empty.
func ParseYAML(file string, src []byte) (*Node, Findings) {
	p := &yamlReader{file: file, open: map[*yaml.Node]bool{}, traced: map[*yaml.Node][]linePos{}, cursor: cursor{column: 1}}
	return p.parse(src)
}

// yamlReader turns one document into nodes.
type yamlReader struct {
	file  string
	lines [][]byte
	// ends holds for each line where its content ends, before the white space behind it.
	ends   []int
	cursor cursor
	nodes  int
	paths  int
	// traced keeps the segments of scalars with anchors: they may be expanded many times.
	traced map[*yaml.Node][]linePos
	// open holds the anchors that are being expanded, to find those that contain themselves.
	open map[*yaml.Node]bool
	fs   Findings
}

func (p *yamlReader) add(code string, line, column int, path, message, hint string) {
	p.fs = append(p.fs, Finding{
		Severity: Error, Code: code, Pos: Pos{File: p.file, Line: line, Column: column},
		Path: path, Message: message, Hint: hint,
	})
}

func (p *yamlReader) parse(src []byte) (*Node, Findings) {
	if len(src) > MaxFileSize {
		p.add(CodeTooLarge, 0, 0, "", fmt.Sprintf("the file has %d bytes, at most %d are read", len(src), MaxFileSize),
			"split the document, or move parts of it to other files")
		return nil, p.fs
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if !p.checkText(src) {
		return nil, p.fs
	}
	p.lines = splitLines(src)
	p.ends = make([]int, len(p.lines))
	for i, line := range p.lines {
		p.ends[i] = len(bytes.TrimRight(line, " \t"))
	}
	var pairs surrogates
	if path.Ext(p.file) == ".json" {
		src = pairs.rewrite(src)
	}
	doc := p.load(src)
	if doc == nil || len(doc.Content) == 0 {
		return nil, p.fs
	}
	pairs.restore(doc, map[*yaml.Node]bool{})
	root := p.convert(doc.Content[0], "", 1)
	return root, p.fs
}

// checkText refuses what is not UTF-8, and the three Unicode line breaks: YAML counts them as lines
// and editors do not, so that every place after one would be wrong.
func (p *yamlReader) checkText(src []byte) bool {
	line, column := 1, 1
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			p.add(CodeNotUTF8, line, column, "", "the file is not UTF-8 text",
				"save it as UTF-8; UTF-16 and host code pages are not read")
			return false
		case r == 0x85 || r == 0x2028 || r == 0x2029:
			p.add(CodeNotUTF8, line, column, "", fmt.Sprintf("the line separator U+%04X is not allowed", r),
				fmt.Sprintf(`write \u%04X in a double-quoted scalar`, r))
			return false
		case r == '\n':
			line, column = line+1, 0
		}
		column++
		i += n
	}
	return true
}

// load runs the YAML library. Its own errors end here.
func (p *yamlReader) load(src []byte) (doc *yaml.Node) {
	defer func() {
		// The parser is not ours: a fault in it must cost a finding, not the process.
		if r := recover(); r != nil {
			p.add(CodeSyntax, 0, 0, "", "the document cannot be parsed", "simplify the YAML")
			doc = nil
		}
	}()
	deep := false // the library does not wrap our error
	limits := loaderlimits.New(loaderlimits.AliasNone(), loaderlimits.DepthFunc(func(depth int, _ *yaml.DepthContext) error {
		if depth > 4*MaxDepth {
			deep = true
			return errors.New("nested too deep")
		}
		return nil
	}))
	loader, err := yaml.NewLoader(bytes.NewReader(src), yaml.WithPlugin(limits))
	if err != nil {
		p.add(CodeSyntax, 0, 0, "", "the document cannot be parsed", "")
		return nil
	}
	doc = new(yaml.Node)
	if err := loader.Load(doc); err != nil {
		p.loadError(err, deep)
		return nil
	}
	var next yaml.Node
	switch err := loader.Load(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		p.loadError(err, deep)
	default:
		p.add(CodeDocuments, max(next.Line, 1), max(next.Column, 1), "", "the file holds more than one document",
			"keep one document per file and remove the line ---")
	}
	return doc
}

func (p *yamlReader) loadError(err error, deep bool) {
	var le *yaml.LoadError
	switch {
	case errors.Is(err, io.EOF):
	case deep && errors.As(err, &le):
		p.add(CodeTooDeep, le.Mark.Line, le.Mark.Column, "", fmt.Sprintf("values nest deeper than %d levels", MaxDepth),
			"flatten the document")
	case errors.As(err, &le):
		code, hint := CodeSyntax, syntaxHint(le.Message)
		if strings.Contains(le.Message, "anchor") {
			code, hint = CodeAlias, "define the anchor with &name before it is used"
		}
		line, column := le.Mark.Line, le.Mark.Column
		if line > len(p.lines) { // the end of the file, one line behind the last
			line, column = len(p.lines), utf8.RuneCount(p.lines[len(p.lines)-1])+1
		}
		message := le.Message
		if le.ContextMsg != "" {
			message = le.ContextMsg + ": " + message
		}
		p.add(code, line, column, "", message, hint)
	default:
		p.add(CodeSyntax, 0, 0, "", "the document cannot be parsed", "")
	}
}

// syntaxHint gives advice for the mistakes that are made most.
func syntaxHint(message string) string {
	switch {
	case strings.Contains(message, "tab character"), strings.Contains(message, "cannot start any token"):
		return "indent with spaces, not with tabs, and quote texts that begin with a special character"
	case strings.Contains(message, "mapping values are not allowed"):
		return "check the indentation, and put a text or expression that contains a colon and a space into quotes"
	case strings.Contains(message, "did not find expected"):
		return "check the indentation, and that quotes and brackets are closed"
	case strings.Contains(message, "end of stream"):
		return "close the quote or bracket that was opened"
	default:
		return "check the indentation and the quotes of this line and the one before it"
	}
}

// convert makes a Node of y. It returns nil where the limits are reached.
func (p *yamlReader) convert(y *yaml.Node, path string, depth int) *Node {
	if p.nodes > MaxNodes || p.paths > maxPaths {
		return nil // reported
	}
	p.nodes++
	if p.paths += len(path); p.nodes > MaxNodes || p.paths > maxPaths {
		p.add(CodeAlias, y.Line, y.Column, path, fmt.Sprintf("the document has more than %d values once its aliases are expanded", MaxNodes),
			"use fewer aliases and shorter keys")
		return nil
	}
	if depth > MaxDepth {
		p.add(CodeTooDeep, y.Line, y.Column, path, fmt.Sprintf("values nest deeper than %d levels", MaxDepth), "flatten the document")
		return nil
	}
	n := &Node{Pos: Pos{File: p.file, Line: y.Line, Column: y.Column}, Path: path}
	if y.Style&yaml.TaggedStyle != 0 || y.Tag == "!" {
		p.add(CodeTag, y.Line, y.Column, path, "tags are not used in a workspace", "remove the tag; quote a text that looks like a number")
	}
	switch y.Kind {
	case yaml.ScalarNode:
		p.scalar(n, y)
	case yaml.SequenceNode:
		n.Kind = ListNode
		for i, c := range y.Content {
			if item := p.convert(c, path+"/"+strconv.Itoa(i), depth+1); item != nil {
				n.Items = append(n.Items, item)
			}
		}
	case yaml.MappingNode:
		n.Kind = MapNode
		p.fields(n, y, depth)
	case yaml.AliasNode:
		return p.alias(y, path, depth)
	default:
		return nil
	}
	return n
}

// alias expands an alias in place: a tree is what everything else works on.
func (p *yamlReader) alias(y *yaml.Node, path string, depth int) *Node {
	target := y.Alias
	if target == nil || p.open[target] {
		p.add(CodeAlias, y.Line, y.Column, path, fmt.Sprintf("the alias *%s stands inside the value it names", y.Value), "write the value out")
		return nil
	}
	p.open[target] = true
	defer delete(p.open, target)
	return p.convert(target, path, depth)
}

func (p *yamlReader) scalar(n *Node, y *yaml.Node) {
	n.Text = y.Value
	n.Quoted = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if !n.Quoted {
		switch n.Text {
		case "", "~", "null", "Null", "NULL":
			n.Null = true
		}
	}
	if y.Anchor == "" {
		n.lines = p.segments(y)
		return
	}
	lines, ok := p.traced[y]
	if !ok {
		lines = p.segments(y)
		p.traced[y] = lines
	}
	n.lines = lines
}

func (p *yamlReader) fields(n *Node, y *yaml.Node, depth int) {
	first := make(map[string]*Node, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		ky := y.Content[i]
		if ky.Kind == yaml.AliasNode && ky.Alias != nil && ky.Alias.Kind == yaml.ScalarNode {
			ky = ky.Alias
		}
		if ky.Kind != yaml.ScalarNode {
			p.add(CodeKeyKind, ky.Line, ky.Column, n.Path, "the key of a map is not a text", "write the key as a plain word")
			continue
		}
		if len(ky.Value) > maxKey {
			p.add(CodeKeyKind, ky.Line, ky.Column, n.Path, fmt.Sprintf("the key is longer than %d bytes", maxKey), "use a shorter key")
			continue
		}
		if ky.Value == "<<" && ky.Style == 0 {
			p.add(CodeMerge, ky.Line, ky.Column, n.Path, "merge keys (<<) are not used in a workspace", "write the fields out, or use an alias for the whole value")
			continue
		}
		path := n.Path + "/" + escapePointer(ky.Value)
		key := &Node{Pos: Pos{File: p.file, Line: ky.Line, Column: ky.Column}, Path: path}
		p.scalar(key, ky)
		if before := first[key.Text]; before != nil {
			p.add(CodeDuplicateKey, ky.Line, ky.Column, path, fmt.Sprintf("the key %q stands twice in this map", key.Text),
				fmt.Sprintf("remove one of them; the first is in line %d", before.Pos.Line))
			continue
		}
		first[key.Text] = key
		if value := p.convert(y.Content[i+1], path, depth+1); value != nil {
			n.Fields = append(n.Fields, NodeField{Key: key, Value: value})
		}
	}
}

// escapePointer writes one key as a segment of a JSON pointer (RFC 6901).
func escapePointer(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// splitLines cuts text at the line breaks that YAML counts; the breaks are not part of the lines.
func splitLines(src []byte) [][]byte {
	lines := make([][]byte, 0, bytes.Count(src, []byte{'\n'})+1)
	start := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '\r':
			lines = append(lines, src[start:i])
			if i+1 < len(src) && src[i+1] == '\n' {
				i++
			}
			start = i + 1
		case '\n':
			lines = append(lines, src[start:i])
			start = i + 1
		}
	}
	return append(lines, src[start:])
}
