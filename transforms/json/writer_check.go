// SPDX-License-Identifier: Apache-2.0

package json

import (
	"strings"

	"lintel/transforms"
)

// A document that Lintel writes itself does not have to be read again to know that it keeps to the
// contract. What the writer knows when it is made (the names of members, the bounds of host fields)
// is compared with the schema then; what remains is checked value by value while it is written.
// Only a document that this leaves in doubt is read as a whole, which also words the issues.

// proof is how one value shows that it fits its plan.
type proof uint8

const (
	// proofCovered is for values that need no proof: the schema takes whatever comes, or a value
	// around this one is checked as a whole.
	proofCovered proof = iota
	// proofKind needs the JSON type only: the source cannot give anything else that is wrong.
	proofKind
	// proofParts is for objects and arrays whose parts show it one by one.
	proofParts
	// proofFull has the plan check the text that was written.
	proofFull
	// proofNever leaves the document in doubt.
	proofNever
)

// typed is a source that knows the type of its values.
type typed interface{ Type() *transforms.Type }

// prove decides, for a node and all below it, how its values are checked against p.
func (n *writeNode) prove(p *plan) {
	n.plan = p
	if n.anyTwice() {
		n.proof = proofNever
		return
	}
	switch {
	case n.source != nil:
		n.proof = n.proveLeaf(p)
	case n.each != nil:
		n.proof = n.proveArray(p)
	case n.list && p != nil:
		n.proof = proofFull
	default:
		n.proof = n.proveObject(p)
	}
}

func (n *writeNode) proveLeaf(p *plan) proof {
	if p == nil {
		return proofCovered
	}
	t, known := n.source.(typed)
	if !known || p.inPlace || p.enum != nil {
		return proofFull
	}
	from := t.Type()
	if from.HostName == "" || p.integral && (from.Shape != transforms.NumberShape || !from.Integer) {
		return proofFull
	}
	n.kinds = p.kinds &^ (kindArray | kindObject)
	if !p.str.holds(from) {
		n.kinds &^= kindString
	}
	if !p.num.holds(from) {
		n.kinds &^= kindNumber
	}
	return proofKind
}

// holds tells that every text of a field of type t keeps the bounds.
func (s *stringCheck) holds(t *transforms.Type) bool {
	if s == nil {
		return true
	}
	return t.Shape == transforms.StringShape && s.pattern == nil && s.format == nil &&
		s.min.n <= t.MinLength && (s.max.n < 0 || t.MaxLength >= 0 && t.MaxLength <= s.max.n)
}

// holds tells that every number of a field of type t keeps the bounds: its digits are all that the
// field has room for, and a multiple is one of every number with that scale.
func (c *numberCheck) holds(t *transforms.Type) bool {
	if c == nil {
		return true
	}
	if t.Shape != transforms.NumberShape || !t.Stored || c.format != nil ||
		c.multiple != nil && (c.multiple.m != 1 || c.multiple.exp > int64(-t.Scale)) {
		return false
	}
	nines := strings.Repeat("9", max(t.Digits-t.Scale, 1)) + "." + strings.Repeat("9", max(t.Scale, 1))
	most, least := parseNumber([]byte(nines)), number{zero: true}
	if t.Signed {
		least = parseNumber([]byte("-" + nines))
	}
	return (!c.min.set || compareNumbers(&least, &c.min.value) >= 0) &&
		(!c.above.set || compareNumbers(&least, &c.above.value) > 0) &&
		(!c.max.set || compareNumbers(&most, &c.max.value) <= 0) &&
		(!c.below.set || compareNumbers(&most, &c.below.value) < 0)
}

func (n *writeNode) proveArray(p *plan) proof {
	if p == nil {
		n.item.prove(nil)
		return proofParts
	}
	if p.inPlace || p.enum != nil || p.kinds&kindArray == 0 || p.arr != nil && (p.arr.unique || p.arr.prefix != nil || p.arr.contains != nil) || n.item.when != nil {
		return proofFull
	}
	var items *plan
	if p.arr != nil {
		items = p.arr.items
	}
	n.item.prove(items)
	return proofParts
}

// maxProved is how many members an object can have whose members are noted in one word.
const maxProved = 64

func (n *writeNode) proveObject(p *plan) proof {
	if len(n.members) > maxProved {
		return proofFull
	}
	if p == nil || p.obj == nil {
		if p != nil && (p.inPlace || p.enum != nil || p.kinds&kindObject == 0) {
			return proofFull
		}
		for _, m := range n.members {
			m.prove(nil)
		}
		return proofParts
	}
	o := p.obj
	if p.inPlace || p.enum != nil || p.kinds&kindObject == 0 || o.patterns != nil || o.nameOf != nil || o.needs != nil || o.strict || o.min.n > 0 || o.max.n >= 0 {
		return proofFull
	}
	n.need = 0
	plans := make([]*plan, len(n.members))
	for i, m := range n.members {
		e := o.names.find([]byte(m.name))
		switch {
		case e >= 0 && o.names.entries[e].refuse != "":
			return proofFull
		case e >= 0 && (o.names.entries[e].declared || !o.closed):
			plans[i] = o.names.entries[e].plan
		case o.closed:
			return proofFull
		default:
			plans[i] = o.additional
		}
	}
	for _, e := range o.required {
		i := n.memberNamed(o.names.entries[e].name)
		if i < 0 {
			return proofFull
		}
		n.need |= 1 << i
	}
	for i, m := range n.members {
		m.prove(plans[i])
	}
	return proofParts
}

func (n *writeNode) memberNamed(name string) int {
	for i, m := range n.members {
		if m.name == name {
			return i
		}
	}
	return -1
}

// anyTwice tells that an object written here has two members of one name, such as then and else.
func (n *writeNode) anyTwice() bool {
	for i, m := range n.members {
		if n.memberNamed(m.name) != i || m.anyTwice() {
			return true
		}
	}
	return n.item != nil && n.item.anyTwice()
}

// checking is the state of one checked write.
type checking struct {
	w     *walker
	doubt bool
}

// value checks what was written from start on.
func (c *checking) value(n *writeNode, dst []byte, start int) {
	switch n.proof {
	case proofCovered, proofParts:
		return
	case proofNever:
		c.doubt = true
		return
	case proofKind, proofFull:
	}
	w := c.w
	w.msg, w.fuel = dst, fuelBase+fuelPerByte*(len(dst)-start)
	w.value(n.plan, start, 0)
	c.doubt = c.doubt || w.stop || len(w.issues) > 0
}

// items checks the number of items.
func (c *checking) items(n *writeNode, count int) {
	if n.proof != proofParts || n.plan == nil || n.plan.arr == nil {
		return
	}
	a := n.plan.arr
	c.doubt = c.doubt || count < a.min.n || a.max.n >= 0 && count > a.max.n
}

// WriteChecked implements transforms.CheckedWriter.
func (w *checkedWriter) WriteChecked(dst []byte, r *transforms.Run) (out []byte, sure bool, err error) {
	walk := w.f.walker()
	c := checking{w: walk}
	out, err = w.write(dst, r, &c)
	sure = !c.doubt && len(out) > len(dst)
	walk.release()
	w.f.pool.Put(walk)
	return out, sure, err
}
