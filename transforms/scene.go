// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"fmt"
	"strings"

	"lintel/specs"
)

// Scene compiles what a simulated host computes: expressions over the message it got and the rows it keeps. They
// are those of transforms, with the same checks; what they read are JSON documents with a Type each.
type Scene struct {
	k     *compilation
	scope *scope
	docs  []*document
}

// NewScene begins a scene.
func (c *Compiler) NewScene() *Scene {
	return &Scene{k: c.compilation(&specs.Transform{}, &specs.Operation{}, ""), scope: &scope{}}
}

// Document makes a document known by its name. Absent documents are not read: see Play.
func (s *Scene) Document(name string, t *Type) {
	d := newDocument(&MessageType{Type: t})
	s.docs = append(s.docs, d)
	s.scope.roots = append(s.scope.roots, documentRoot(name, d))
}

// Test compiles a condition; nil after findings.
func (s *Scene) Test(n *specs.Node) Condition { return s.k.condition(n, s.scope) }

// Under compiles what stands under a condition that holds.
func (s *Scene) Under(when *specs.Node, compile func()) {
	if when == nil {
		compile()
		return
	}
	s.k.under(when, true, compile)
}

// ScenePart is a JSON value that is built of literals and expressions.
type ScenePart struct {
	source  Source
	object  bool
	names   []string
	members []*ScenePart
	// list is nil for what is no array.
	list []*ScenePart
}

// Build compiles a value of the type t; nil after findings. Members may be left out. The format, if it is a Prober, says
// which literals its fields take; it may be nil.
func (s *Scene) Build(n *specs.Node, t *Type, f Format) *ScenePart {
	p := &ScenePart{}
	switch n.Kind {
	case specs.ScalarNode:
		if p.source = s.k.source(n, s.scope, t); p.source == nil {
			return nil
		}
		s.k.checkMove(n, p.source, t)
		s.fits(n, p.source, t, f)
		return p
	case specs.ListNode:
		if t.Shape != ArrayShape && t.Shape != AnyShape {
			s.misfit(n, t, ArrayShape)
			return nil
		}
		items := t.Items
		if items == nil {
			items = &Type{Shape: AnyShape}
		}
		p.list = []*ScenePart{}
		for _, item := range n.Items {
			p.list = append(p.list, s.Build(item, items, f))
		}
		return p
	}
	if t.Shape != ObjectShape && t.Shape != AnyShape {
		s.misfit(n, t, ObjectShape)
		return nil
	}
	p.object = true
	for _, x := range n.Fields {
		m := t.Member(x.Key.Text)
		if m == nil && (t.Shape == AnyShape || t.Open) {
			m = &Type{Name: x.Key.Text, Shape: AnyShape}
		}
		if m == nil {
			s.k.findings.Add(codeUnknownField, x.Key.Pos, fmt.Sprintf("there is no %q here", x.Key.Text), memberHint(t, x.Key.Text))
			continue
		}
		p.names, p.members = append(p.names, x.Key.Text), append(p.members, s.Build(x.Value, m, f))
	}
	return p
}

// fits reports a literal that its field does not take.
func (s *Scene) fits(n *specs.Node, from Source, t *Type, f Format) {
	l, isLiteral := from.(literal)
	probe, can := f.(Prober)
	if !isLiteral || !can {
		return
	}
	if err := probe.Try(t, l.value); err != nil {
		hint := ""
		if len(t.Enum) > 0 {
			hint = "it has " + strings.Join(t.Enum[:min(len(t.Enum), 12)], ", ")
		}
		s.k.findings.Add(codeNoCode, n.Pos, fmt.Sprintf("%s does not take this value: %s", hostField(t), err.Reason), hint)
	}
}

func (s *Scene) misfit(n *specs.Node, t *Type, got Shape) {
	s.k.findings.Add(codeMismatch, n.Pos, fmt.Sprintf("this is an %s, and %s is a %s", got, targetLabel(t), t.Shape), "")
}

// Stage plays a compiled scene. It is safe for concurrent use.
type Stage struct {
	docs  []*document
	slots int
}

// Finish ends the compilation. Either the stage is usable or the findings have an error.
func (s *Scene) Finish() (*Stage, specs.Findings) {
	k := &checker{compilation: s.k, never: map[*specs.Node]bool{}}
	k.comparisons()
	k.missing()
	out := &Stage{docs: s.docs}
	for _, d := range s.docs {
		d.base = out.slots
		out.slots += d.capture.Size
	}
	return out, s.k.findings
}

// Play is one use of a stage.
type Play struct{ run Run }

// Start reads the documents, in the order in which they were made known. What is nil is absent, with all that is in it.
func (s *Stage) Start(docs ...[]byte) (*Play, error) {
	p := &Play{run: Run{t: &Transform{}}}
	p.run.slots.Reset(s.slots)
	for i, d := range s.docs {
		if i >= len(docs) || docs[i] == nil {
			continue
		}
		if err := captureJSON(d.capture, docs[i], &p.run.slots, d.base); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// captureJSON puts the wanted parts of a JSON document into their slots. They point into text.
func captureJSON(c *Capture, text []byte, slots *Slots, base int) error {
	if c.Slot >= 0 {
		*slots.At(base + c.Slot) = JSONValue(text)
	}
	if len(c.Members) == 0 {
		return nil
	}
	if len(text) == 0 || text[0] != '{' {
		return nil // absent below
	}
	return eachChild(text, func(name string, _ int, raw []byte) error {
		for _, m := range c.Members {
			if m.Type.Name == name {
				return captureJSON(m, raw, slots, base)
			}
		}
		return nil
	})
}

// Holds reports a condition; nil always holds.
func (p *Play) Holds(c Condition) (bool, error) {
	if c == nil {
		return true, nil
	}
	return c.Holds(&p.run)
}

// JSON appends the JSON text of a part.
func (p *Play) JSON(dst []byte, part *ScenePart) ([]byte, error) {
	switch {
	case part == nil:
		return append(dst, "null"...), nil
	case part.object:
		dst = append(dst, '{')
		for i, m := range part.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(AppendQuoted(dst, part.names[i]), ':')
			var err error
			if dst, err = p.JSON(dst, m); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	case part.list != nil:
		dst = append(dst, '[')
		for i, m := range part.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = p.JSON(dst, m); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	}
	v, err := part.source.Value(&p.run)
	if err != nil {
		return nil, err
	}
	if v.Kind == Absent {
		return append(dst, "null"...), nil
	}
	return v.AppendJSON(dst)
}

// Text is the text of a single value: of a string without its quotes. Absent ones and null have none.
func (p *Play) Text(part *ScenePart) (string, error) {
	b, err := p.JSON(nil, part)
	if err != nil {
		return "", err
	}
	switch v := JSONValue(b); v.Kind {
	case String:
		text, err := unquote(v.Text)
		return string(text), err
	case Null:
		return "", errors.New("the value is absent")
	default:
		return strings.TrimSpace(string(b)), nil
	}
}

// MergeJSON puts what over holds into the document under: objects member by member, everything else as a whole.
func MergeJSON(under, over []byte) ([]byte, error) {
	if JSONValue(under).Kind != Object || JSONValue(over).Kind != Object {
		return over, nil
	}
	patch := map[string][]byte{}
	var order []string
	err := eachChild(over, func(name string, _ int, raw []byte) error {
		patch[name] = raw
		order = append(order, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := []byte{'{'}
	add := func(name string, raw []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(AppendQuoted(out, name), ':'), raw...)
	}
	err = eachChild(under, func(name string, _ int, raw []byte) error {
		p, changed := patch[name]
		if !changed {
			add(name, raw)
			return nil
		}
		delete(patch, name)
		merged, err := MergeJSON(raw, p)
		add(name, merged)
		return err
	})
	for _, name := range order {
		if p, left := patch[name]; left {
			add(name, p)
		}
	}
	return append(out, '}'), err
}
