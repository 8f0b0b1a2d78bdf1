// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"lintel/transforms"
)

// want says what of an element a transform wants: the value itself, or parts of it.
type want struct {
	slot int
	// field decodes the value of an element that is a single one.
	field *value
	// empty is the raw text of an element without content that has a default.
	empty []byte
	// kids are the parts, by the index of the member, for each type the element may have; nil for one
	// of which nothing is wanted.
	kids     []kidsOf
	typeSlot int
	// each is what is wanted of every entry of an array, in rows of size slots.
	each *want
	size int
	// named are the parts by their names, to take them from JSON.
	named map[string]*want
}

type kidsOf struct {
	t    *ctype
	kids []*want
}

func (w *want) of(t *ctype) []*want {
	for i := range w.kids {
		if w.kids[i].t == t {
			return w.kids[i].kids
		}
	}
	return nil
}

// parts compiles the members of a capture for a type and those derived from it.
func (w *want) parts(c *transforms.Capture, t *ctype, path string) {
	if len(c.Members) == 0 || t == nil {
		return
	}
	for _, v := range append([]*ctype{t}, t.derived...) {
		k := kidsOf{v, make([]*want, len(v.members))}
		for _, cm := range c.Members {
			if cm.Type.Name == typeMember {
				w.typeSlot = cm.Slot
				continue
			}
			if m := v.byName[cm.Type.Name]; m != nil {
				k.kids[m.index] = wantMember(cm, m, v, path)
			}
		}
		w.kids = append(w.kids, k)
	}
}

func wantMember(c *transforms.Capture, m *member, t *ctype, path string) *want {
	w := &want{slot: c.Slot, typeSlot: -1}
	path += "." + m.json
	switch {
	case m.attr != nil:
		w.field = &value{simple: m.attr.typ, path: path, attr: true}
	case m.text:
		w.field = &value{simple: t.simple, path: path}
	case m.array:
		if c.Each != nil {
			w.each, w.size = wantValue(c.Each, m, path+"[]"), c.Each.Size
		}
	default:
		return wantValue(c, m, path)
	}
	return w
}

// wantValue is what is wanted of one element, or of one turn of a repeated group.
func wantValue(c *transforms.Capture, m *member, path string) *want {
	w := &want{slot: c.Slot, typeSlot: -1}
	if m.group != nil && c.Slot >= 0 {
		return wantJSON(c)
	}
	if m.group != nil {
		w.parts(c, m.group, path)
		return w
	}
	return wantElement(c, m.elem, path)
}

func wantElement(c *transforms.Capture, e *elem, path string) *want {
	w := &want{slot: c.Slot, typeSlot: -1}
	if e.typ.plain() {
		w.field = &value{simple: e.typ.simple, path: path}
		if text := e.def + e.fixed; text != "" {
			w.empty = appendEscaped(nil, text)
		}
		if c.Each != nil {
			w.each, w.size = &want{slot: c.Each.Slot, typeSlot: -1, field: &value{simple: e.typ.simple.list, path: path + "[]"}}, c.Each.Size
		}
		return w
	}
	w.parts(c, e.typ, path)
	return w
}

// wantJSON compiles a capture for values that are JSON already.
func wantJSON(c *transforms.Capture) *want {
	w := &want{slot: c.Slot, typeSlot: -1}
	if c.Each != nil {
		w.each, w.size = wantJSON(c.Each), c.Each.Size
	}
	for _, m := range c.Members {
		if w.named == nil {
			w.named = map[string]*want{}
		}
		w.named[m.Type.Name] = wantJSON(m)
	}
	return w
}

// fill takes what is wanted from JSON text.
func (w *want) fill(json []byte, slots *transforms.Slots, base int) {
	v := transforms.JSONValue(json)
	switch v.Kind {
	case transforms.Object:
		if w.named != nil {
			for name, sub := range members(json) {
				plain, err := transforms.Unquote(nil, name)
				if k := w.named[string(plain)]; err == nil && k != nil {
					k.fill(sub, slots, base)
				}
			}
		}
	case transforms.Array:
		if w.each != nil {
			n := 0
			for range items(json) {
				n++
			}
			first := slots.Grow(n * w.size)
			i := 0
			for item := range items(json) {
				w.each.fill(item, slots, first+i*w.size)
				i++
			}
			v = transforms.Value{Kind: transforms.Array, First: int32(first), Len: int32(n)} //nolint:gosec // bounded by the message
		}
	default:
	}
	if w.slot >= 0 {
		*slots.At(base + w.slot) = v
	}
}
