// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"errors"
	"strings"
	"unicode/utf8"

	"lintel/specs"
)

// xname is a name in a namespace.
type xname struct{ space, local string }

func (n xname) String() string {
	if n.space == "" {
		return n.local
	}
	return "{" + n.space + "}" + n.local
}

// node is an element of a document that authors wrote: a WSDL or a schema.
type node struct {
	xname
	attrs []nodeAttr
	kids  []*node
	text  string
	pos   specs.Pos
	scope *scope
}

type nodeAttr struct {
	xname
	value string
}

// scope is the namespace declarations of an element and of those around it.
type scope struct {
	outer *scope
	binds map[string]string
}

func (s *scope) lookup(prefix string) (string, bool) {
	if prefix == "xml" {
		return uriXML, true
	}
	for ; s != nil; s = s.outer {
		if uri, ok := s.binds[prefix]; ok {
			return uri, true
		}
	}
	return "", prefix == ""
}

// get returns the value of an attribute without a namespace; "" if it is not there.
func (n *node) get(name string) string {
	v, _ := n.lookup(name)
	return v
}

func (n *node) lookup(name string) (string, bool) {
	for _, a := range n.attrs {
		if a.space == "" && a.local == name {
			return a.value, true
		}
	}
	return "", false
}

// qname resolves a QName in the value of an attribute.
func (n *node) qname(value string) (xname, bool) {
	prefix, local, ok := strings.Cut(strings.TrimSpace(value), ":")
	if !ok {
		prefix, local = "", prefix
	}
	uri, bound := n.scope.lookup(prefix)
	return xname{uri, local}, bound && local != ""
}

// in lists the children with that namespace and name.
func (n *node) in(space, local string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.space == space && k.local == local {
			out = append(out, k)
		}
	}
	return out
}

// first is the first of in, or nil.
func (n *node) first(space, local string) *node {
	for _, k := range n.kids {
		if k.space == space && k.local == local {
			return k
		}
	}
	return nil
}

// places tells line and column of offsets that only grow.
type places struct {
	file       string
	src        []byte
	at, line   int
	lineBegins int
}

func (p *places) pos(offset int) specs.Pos {
	for ; p.at < offset && p.at < len(p.src); p.at++ {
		if p.src[p.at] == '\n' {
			p.line++
			p.lineBegins = p.at + 1
		}
	}
	return specs.Pos{File: p.file, Line: p.line + 1, Column: utf8.RuneCount(p.src[p.lineBegins:min(offset, len(p.src))]) + 1}
}

// maxNodes bounds the elements of one document.
const maxNodes = 200_000

// parseTree reads a document that authors wrote.
func parseTree(file string, src []byte) (*node, *specs.Finding) {
	s := &scanner{lenient: true}
	s.reset(src, nil)
	p := &places{file: file, src: src}
	fault := func(err error) (*node, *specs.Finding) {
		f := &specs.Finding{Severity: specs.Error, Code: codeXML, Pos: specs.Pos{File: file, Line: 1, Column: 1}, Message: "no XML document"}
		var se *syntaxError
		if errors.As(err, &se) {
			f.Pos, f.Message = (&places{file: file, src: src}).pos(se.offset), "not the XML that is read here: "+se.what
		}
		return nil, f
	}
	if err := s.prolog(); err != nil {
		return fault(err)
	}
	var root *node
	var stack []*node
	for count := 0; ; {
		t, err := s.next()
		if err != nil {
			return fault(err)
		}
		switch t {
		case tokenEOF:
			return root, nil
		case tokenStart:
			if count++; count > maxNodes {
				return fault(s.fail(s.at, "too many elements"))
			}
			n := s.node(p, stack)
			if len(stack) > 0 {
				top := stack[len(stack)-1]
				top.kids = append(top.kids, n)
			} else {
				root = n
			}
			stack = append(stack, n)
		case tokenEnd:
			stack = stack[:len(stack)-1]
		case tokenText:
			if len(stack) == 0 {
				continue
			}
			top := stack[len(stack)-1]
			if s.cdata {
				top.text += string(s.text)
			} else {
				top.text += string(appendText(nil, s.text))
			}
		}
	}
}

// node makes the node of the present start tag.
func (s *scanner) node(p *places, stack []*node) *node {
	n := &node{pos: p.pos(s.at), xname: xname{s.uri(s.prefix), string(s.name.local)}}
	if len(stack) > 0 {
		n.scope = stack[len(stack)-1].scope
	}
	if mine := s.binds[s.open[len(s.open)-1].marks:]; len(mine) > 0 {
		n.scope = &scope{outer: n.scope, binds: map[string]string{}}
		for _, b := range mine {
			n.scope.binds[string(b.prefix)] = string(b.uri)
		}
	}
	for _, a := range s.attrs {
		space := ""
		if a.prefix != nil {
			space = s.uri(a.prefix)
		}
		n.attrs = append(n.attrs, nodeAttr{xname{space, string(a.local)}, string(appendAttrText(nil, a.value))})
	}
	return n
}

func (s *scanner) uri(prefix []byte) string {
	if b := s.lookup(prefix); b != nil {
		return string(b.uri)
	}
	return ""
}
