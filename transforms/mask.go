// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"strings"
	"unicode"
)

// Mask replaces every sensitive value in the JSON form of a message by one that its field takes and that says nothing:
// of a text the letters and digits are replaced, other characters and the length stay; numbers are 0. It counts them.
func Mask(t *MessageType, doc []byte) (out []byte, masked int, err error) {
	m := &masker{}
	m.probe, _ = t.Format.(Prober)
	out, err = m.value(nil, t.Type, doc, false)
	return out, m.count, err
}

// MaskAt replaces the values of a JSON document at JSON pointers, with "*" for every entry of an array.
func MaskAt(doc []byte, pointers []string) ([]byte, error) {
	if len(doc) == 0 {
		return doc, nil
	}
	root := &maskTree{}
	for _, p := range pointers {
		at := root
		if p == "" {
			at.all = true
			continue
		}
		for _, name := range strings.Split(strings.TrimPrefix(p, "/"), "/") {
			at = at.child(name)
		}
		at.all = true
	}
	return root.value(nil, doc)
}

// HasSensitive tells that a type has values that are to be masked.
func HasSensitive(t *Type) bool { return hasSensitive(t, 0) }

func hasSensitive(t *Type, depth int) bool {
	if t == nil || depth > 32 {
		return false
	}
	if t.Sensitive || hasSensitive(t.Items, depth+1) {
		return true
	}
	for _, m := range t.Members {
		if hasSensitive(m, depth+1) {
			return true
		}
	}
	return false
}

type masker struct {
	probe Prober
	count int
}

// value writes one value, masked if it or what is around it is sensitive.
func (m *masker) value(dst []byte, t *Type, raw []byte, sensitive bool) ([]byte, error) {
	sensitive = sensitive || t != nil && t.Sensitive
	v := JSONValue(raw)
	switch v.Kind {
	case Object, Array:
		return eachInto(dst, raw, v.Kind, func(dst []byte, name string, child []byte) ([]byte, error) {
			var of *Type
			switch {
			case t == nil:
			case v.Kind == Array:
				of = t.Items
			default:
				of = t.Member(name)
			}
			return m.value(dst, of, child, sensitive)
		})
	}
	if !sensitive || v.Kind == Null || v.Kind == Absent {
		return append(dst, raw...), nil
	}
	m.count++
	return append(dst, m.instead(t, v)...), nil
}

// instead is a value that says nothing and that the field takes, if there is one.
func (m *masker) instead(t *Type, v Value) []byte {
	candidates := [][]byte{maskedScalar(v)}
	if t != nil {
		for _, e := range t.Enum {
			candidates = append(candidates, []byte(e))
		}
		if t.Minimum != "" {
			candidates = append(candidates, []byte(t.Minimum))
		}
	}
	candidates = append(candidates, []byte(`"2000-01-01"`), []byte(`""`), []byte("null"))
	for _, c := range candidates {
		if m.probe == nil || t == nil || m.probe.Try(t, JSONValue(c)) == nil {
			return c
		}
	}
	return candidates[0]
}

// maskedScalar keeps the kind of a value, and of a text its length and what is neither letter nor digit.
func maskedScalar(v Value) []byte {
	switch v.Kind {
	case Number:
		return []byte("0")
	case Bool:
		return []byte("false")
	case String:
		text, err := unquote(v.Text)
		if err != nil {
			return []byte(`""`)
		}
		return AppendQuoted(nil, strings.Map(func(r rune) rune {
			switch {
			case unicode.IsDigit(r):
				return '0'
			case unicode.IsUpper(r):
				return 'X'
			case unicode.IsLetter(r):
				return 'x'
			}
			return r
		}, string(text)))
	}
	return v.Text
}

// eachInto writes an object or array again, every child by f.
func eachInto(dst, raw []byte, kind Kind, f func(dst []byte, name string, child []byte) ([]byte, error)) ([]byte, error) {
	open, end := byte('{'), byte('}')
	if kind == Array {
		open, end = '[', ']'
	}
	dst = append(dst, open)
	err := eachChild(raw, func(name string, i int, child []byte) error {
		if i > 0 {
			dst = append(dst, ',')
		}
		if kind == Object {
			dst = append(AppendQuoted(dst, name), ':')
		}
		var err error
		dst, err = f(dst, name, child)
		return err
	})
	return append(dst, end), err
}

// maskTree is the pointers to be masked.
type maskTree struct {
	all      bool
	children map[string]*maskTree
}

func (t *maskTree) child(name string) *maskTree {
	if t.children == nil {
		t.children = map[string]*maskTree{}
	}
	if t.children[name] == nil {
		t.children[name] = &maskTree{}
	}
	return t.children[name]
}

func (t *maskTree) value(dst, raw []byte) ([]byte, error) {
	if t == nil {
		return append(dst, raw...), nil
	}
	v := JSONValue(raw)
	switch v.Kind {
	case Object, Array:
		return eachInto(dst, raw, v.Kind, func(dst []byte, name string, child []byte) ([]byte, error) {
			below := t
			if !t.all {
				if v.Kind == Array {
					name = "*"
				}
				below = t.children[strings.NewReplacer("~", "~0", "/", "~1").Replace(name)]
			}
			return below.value(dst, child)
		})
	case Null, Absent:
		return append(dst, raw...), nil
	}
	if !t.all {
		return append(dst, raw...), nil
	}
	return append(dst, maskedScalar(v)...), nil
}

// Flow is what a transform tells about values that are not to be compared or kept as they are, by JSON pointers with
// "*" for entries.
type Flow struct {
	// Input are the values of the request that fill sensitive fields, Answer those of the body that come from such.
	Input, Answer []string
	// Own are the fields of the message that Lintel itself fills: the exchange and its time.
	Own []string
}

// Flow follows sensitive values through the transform.
func (t *Transform) Flow() Flow {
	var f Flow
	eachSource(t.mapping, "", false, func(m *Mapping, path string, sensitive bool) {
		for _, ref := range sourceRefs(m.Source) {
			if ref.root == "exchange" {
				f.Own = append(f.Own, path)
			}
			if sensitive || HasSensitive(m.Type) {
				f.Input = append(f.Input, ref.pattern())
			}
		}
	})
	for _, v := range t.variants {
		for _, o := range v.outcomes {
			eachSource(o.mapping, "", false, func(m *Mapping, path string, _ bool) {
				for _, ref := range sourceRefs(m.Source) {
					if ref.sensitive() || HasSensitive(ref.typ) {
						f.Answer = append(f.Answer, path)
					}
				}
			})
		}
	}
	return f
}

// eachSource visits all mappings that have a source. sensitive tells that what is written there, or around it, is.
func eachSource(m *Mapping, path string, sensitive bool, visit func(m *Mapping, path string, sensitive bool)) {
	if m == nil {
		return
	}
	sensitive = sensitive || m.Type != nil && m.Type.Sensitive
	if m.Source != nil {
		visit(m, path, sensitive)
	}
	if m.Each != nil {
		eachSource(m.Each.To, path+"/*", sensitive, visit)
	}
	for _, sub := range m.Members {
		eachSource(sub, path+"/"+sub.Type.Name, sensitive, visit)
	}
}

// sourceRefs are the values that a source reads.
func sourceRefs(s Source) []*slotRef {
	switch s := s.(type) {
	case *slotRef:
		return []*slotRef{s}
	case *expression:
		return s.reads()
	}
	return nil
}

// pattern is the JSON pointer of a value with "*" for the entries of loops.
func (x *slotRef) pattern() string {
	p := "/" + x.root
	if x.array != nil {
		p = x.array.pattern() + "/*"
	}
	for _, t := range x.path {
		p += "/" + t.Name
	}
	return p
}

// sensitive tells that the value, or what is around it, is.
func (x *slotRef) sensitive() bool {
	for _, t := range x.path {
		if t.Sensitive {
			return true
		}
	}
	return x.typ.Sensitive || x.array != nil && x.array.sensitive()
}
