// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// document is one message that expressions can read from: parameters, body, identity, reply.
type document struct {
	typ     *MessageType
	capture *Capture
	reader  Reader
	// base is the slot of the document's first captured value; known once all is compiled.
	base int
	// named counts how often expressions name something of the document.
	named int
}

func newDocument(t *MessageType) *document {
	return &document{typ: t, capture: &Capture{Type: t.Type, Slot: -1}}
}

// again is a second document of the same type.
func (d *document) again() *document {
	if d == nil {
		return nil
	}
	return newDocument(d.typ)
}

// root is a name that expressions can begin with.
type root struct {
	name string
	typ  *Type
	// capture is where the name's value is captured: a document's root or member, or a loop's entry.
	capture *Capture
	// frame is the capture whose Size counts the slots of the frame.
	frame *Capture
	// doc is set for documents; depth is the loop frame otherwise.
	doc   *document
	depth int
	// source is the document that the values come from, of the entries of a loop too.
	source *document
	// refused says why the name cannot be used here; nil if it can.
	refused *refusal
	// grows tells that members become known as expressions name them.
	grows bool
	// array is what a loop goes over.
	array *slotRef
	// parts are the documents of the steps, by their member of the root; only the root steps has any.
	parts map[*Type]*document
}

// part is the document that a path leads into, as a root, and the rest of the path.
func (rt *root) part(path []*Type) (*root, []*Type) {
	if rt.parts == nil || len(path) == 0 {
		return rt, path
	}
	r := documentRoot(rt.name, rt.parts[path[0]])
	return &r, path[1:]
}

// refusal is why a known name cannot be used.
type refusal struct{ code, message, hint string }

// scope is what an expression may name.
type scope struct {
	roots []root
	loops int
}

func (s *scope) find(name string) *root {
	for i := len(s.roots) - 1; i >= 0; i-- {
		if s.roots[i].name == name {
			return &s.roots[i]
		}
	}
	return nil
}

// names lists the roots for hints.
func (s *scope) names() []string {
	out := make([]string, len(s.roots))
	for i, r := range s.roots {
		out[i] = r.name
	}
	return out
}

// with returns the scope plus one root; the scope itself is not changed.
func (s *scope) with(r root) *scope {
	return &scope{roots: append(slices.Clip(s.roots), r), loops: s.loops}
}

// slotRef is a captured value: a Source.
type slotRef struct {
	doc   *document // nil for loop frames
	depth int
	slot  int
	typ   *Type
	// root is the name the path begins with; path leads from there to the value.
	root string
	path []*Type
	// array is what the loop goes over that the value is an entry of, or nil.
	array *slotRef
	// frame is the capture whose slots make the frame.
	frame *Capture
	// missing is what stands for an absent value.
	missing Value
	// each is set for arrays of which whole entries were captured.
	each *Capture
}

// Value returns what was captured; a host table is turned into JSON text from its entries.
func (x *slotRef) Value(r *Run) (Value, error) {
	v := x.raw(r)
	if v.Kind != Array || v.Text != nil || x.each == nil {
		return v, nil
	}
	return r.jsonArray(v, x.each)
}

// raw returns the slot as it was filled, or the contract's default in place of an absent value.
func (x *slotRef) raw(r *Run) Value {
	v := *r.slots.At(x.index(r))
	if v.Kind == Absent && x.missing.Kind != Absent {
		return x.missing
	}
	return v
}

func (x *slotRef) index(r *Run) int {
	if x.doc != nil {
		return x.doc.base + x.slot
	}
	return r.frames[x.depth] + x.slot
}

// Pointer implements Pointed.
func (x *slotRef) Pointer(r *Run) string {
	var b strings.Builder
	if x.array == nil {
		b.WriteString("/" + x.root)
	} else {
		array := x.array.raw(r)
		b.WriteString(x.array.Pointer(r))
		if size := x.size(); size > 0 {
			fmt.Fprintf(&b, "/%d", (r.frames[x.depth]-int(array.First))/size)
		}
	}
	for _, t := range x.path {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(t.Name))
	}
	return b.String()
}

// size is how many slots an entry of the loop has.
func (x *slotRef) size() int {
	if x.frame == nil {
		return 0
	}
	return x.frame.Size
}

// want makes sure that the value at path below the root is captured and says where.
func (rt *root) want(path []*Type) *slotRef {
	full := path
	rt, path = rt.part(path)
	c := captureAt(rt.capture, path)
	if rt.source != nil {
		rt.source.named++
	}
	if c.Slot < 0 {
		c.Slot = rt.frame.Size
		rt.frame.Size++
	}
	return &slotRef{doc: rt.doc, depth: rt.depth, slot: c.Slot, typ: c.Type, root: rt.name, path: full, array: rt.array, frame: rt.frame, missing: JSONValue([]byte(c.Type.Default))}
}

// wantWhole is want for a value that is used as a whole: of an array, all entries are captured.
func (rt *root) wantWhole(path []*Type) *slotRef {
	ref := rt.want(path)
	if ref.typ.Shape == ArrayShape {
		ref.each = rt.entries(path)
		if ref.each.Slot < 0 {
			ref.each.Slot = ref.each.Size
			ref.each.Size++
		}
	}
	return ref
}

func captureAt(c *Capture, path []*Type) *Capture {
	for _, t := range path {
		i := slices.IndexFunc(c.Members, func(m *Capture) bool { return m.Type == t })
		if i < 0 {
			c.Members = append(c.Members, &Capture{Type: t, Slot: -1})
			i = len(c.Members) - 1
		}
		c = c.Members[i]
	}
	return c
}

// entries opens the entries of the array at path: the capture of one entry, shared by all loops
// over that array.
func (rt *root) entries(path []*Type) *Capture {
	rt, path = rt.part(path)
	c := captureAt(rt.capture, path)
	if c.Each == nil {
		c.Each = &Capture{Type: c.Type.Items, Slot: -1}
	}
	return c.Each
}

// memberNames lists the members of a type for hints, shortest first.
func memberNames(t *Type) []string {
	out := make([]string, 0, len(t.Members))
	for _, m := range t.Members {
		out = append(out, m.Name)
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return out
}
