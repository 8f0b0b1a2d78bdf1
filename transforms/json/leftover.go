// SPDX-License-Identifier: Apache-2.0

package json

// What unevaluatedProperties and unevaluatedItems are about is known only when all schemas that apply to the same
// value are: each of those that fits marks the members and items that it looks at (JSON Schema 2020-12, 11.2 and
// 11.3), and what has no mark is left over. Marks are taken anew from the document, so that documents without these
// keywords pay nothing; the schemas that have to be tried for it are paid like alternatives.

// leftover checks what nothing else in p looks at.
func (w *walker) leftover(p *plan, k kind, pos, end int) {
	var rest *plan
	switch k {
	case kindObject:
		rest = p.left.members
	case kindArray:
		rest = p.left.items
	}
	if rest == nil || !w.burn(end-pos) {
		return
	}
	parts := countParts(w.msg, k, pos)
	bits := w.claim(parts)
	m := &marker{walker: w, k: k, pos: pos, end: end, bits: bits, parts: parts}
	m.own(p)
	m.inPlace(p)
	if !w.stop && w.burn(end-pos) {
		if k == kindObject {
			w.leftMembers(rest, pos, bits)
		} else {
			w.leftItems(rest, pos, bits)
		}
	}
	w.seen = w.seen[:bits]
}

func (w *walker) leftMembers(rest *plan, pos, bits int) {
	at, more := w.nextMember(pos+1, true)
	for i := 0; more && !w.stop; i++ {
		_, value := w.nameOf(at)
		if value == 0 {
			return
		}
		if w.marked(bits, i) {
			at, more = w.nextMember(skipValue(w.msg, value), false)
			continue
		}
		w.path = append(w.path, step{name: at})
		if rest.never {
			w.failLeft()
			at = skipValue(w.msg, value)
		} else {
			at = w.value(rest, value, 0)
		}
		w.path = w.path[:len(w.path)-1]
		if !w.stop {
			at, more = w.nextMember(at, false)
		}
	}
}

// failLeft refuses the member that the path ends in, unless another schema has done so in other words.
func (w *walker) failLeft() {
	at := ""
	if w.trial == 0 && len(w.issues) > 0 {
		at = w.pointer()
	}
	for _, is := range w.issues {
		if w.trial == 0 && is.Code == "unknown" && is.Pointer == at {
			return
		}
	}
	w.fail("unknown", unknownMember)
}

func (w *walker) leftItems(rest *plan, pos, bits int) {
	at, more := w.nextItem(pos+1, true)
	for i := 0; more && !w.stop; i++ {
		if w.marked(bits, i) {
			at, more = w.nextItem(skipValue(w.msg, at), false)
			continue
		}
		w.path = append(w.path, step{index: i})
		if rest.never {
			w.fail("unevaluatedItems", "the contract does not allow this item")
			at = skipValue(w.msg, at)
		} else {
			at = w.value(rest, at, 0)
		}
		w.path = w.path[:len(w.path)-1]
		if !w.stop {
			at, more = w.nextItem(at, false)
		}
	}
}

// countParts counts the members of an object or the items of an array.
func countParts(b []byte, k kind, pos int) int {
	if k == kindArray {
		return countItems(b, pos, len(b))
	}
	n := 0
	_, at, _, ok := nextMember(b, pos+1)
	for ok {
		n++
		_, at, _, ok = nextMember(b, skipValue(b, at))
	}
	return n
}

// claim takes n bits for the caller, who gives them back by cutting seen at the word that is returned.
func (w *walker) claim(n int) (bits int) {
	bits = len(w.seen)
	for ; n > 0; n -= 64 {
		w.seen = append(w.seen, 0)
	}
	return bits
}

func (w *walker) mark(bits, i int) { w.seen[bits+i/64] |= 1 << (i % 64) }

// marker marks the members or items of one value that schemas look at.
type marker struct {
	*walker
	k                     kind
	pos, end, bits, parts int
}

// plan marks what p looks at, if there is a plan. The value fits it.
func (m *marker) plan(p *plan) {
	if p == nil || m.stop || !m.burn(m.end-m.pos) {
		return
	}
	if p.left != nil && (m.k == kindObject && p.left.members != nil || m.k == kindArray && p.left.items != nil) {
		m.all()
		return
	}
	m.own(p)
	m.inPlace(p)
}

// fitting marks what p looks at if the value fits it.
func (m *marker) fitting(p *plan) {
	if m.tryLax(p, m.pos, m.end) {
		m.plan(p)
	}
}

func (m *marker) all() {
	for i := range m.parts {
		m.mark(m.bits, i)
	}
}

func (m *marker) inPlace(p *plan) {
	for _, sub := range p.allOf {
		m.plan(sub)
	}
	picked := p.disc != nil && m.k == kindObject
	if picked {
		if one, _, known := m.pick(p.disc, m.pos); known {
			m.plan(one.plan)
		}
	}
	if !picked {
		for _, sub := range p.oneOf {
			m.fitting(sub)
		}
	}
	if !picked || p.oneOf != nil {
		for _, sub := range p.anyOf {
			m.fitting(sub)
		}
	}
	if c := p.cond; c != nil {
		if m.tryLax(c.test, m.pos, m.end) {
			m.plan(c.test)
			m.plan(c.then)
		} else {
			m.plan(c.otherwise)
		}
	}
	if d := p.deps; d != nil && m.k == kindObject {
		bits := m.claim(len(d.list))
		m.present(d, m.pos, bits)
		for i := range d.list {
			if m.marked(bits, i) {
				m.plan(d.list[i].plan)
			}
		}
		m.seen = m.seen[:bits]
	}
}

// own marks what p looks at by itself.
func (m *marker) own(p *plan) {
	switch {
	case m.k == kindObject && p.obj != nil:
		m.members(p.obj)
	case m.k == kindArray && p.arr != nil:
		m.items(p.arr)
	}
}

func (m *marker) members(o *objectCheck) {
	if o.additional != nil || o.closed {
		m.all()
		return
	}
	name, at, _, ok := nextMember(m.msg, m.pos+1)
	for i := 0; ok; i++ {
		key := unquote(m.scratch[:0], name)
		if e := o.names.find(key); e >= 0 && o.names.entries[e].declared || o.matches(key) {
			m.mark(m.bits, i)
		}
		name, at, _, ok = nextMember(m.msg, skipValue(m.msg, at))
	}
}

func (o *objectCheck) matches(key []byte) bool {
	for i := range o.patterns {
		if o.patterns[i].match.Match(key) {
			return true
		}
	}
	return false
}

func (m *marker) items(a *arrayCheck) {
	if a.rest {
		m.all()
		return
	}
	for i := range min(a.first, m.parts) {
		m.mark(m.bits, i)
	}
	if a.contains == nil {
		return
	}
	at, ok := nextItem(m.msg, m.pos+1)
	for i := 0; ok; i++ {
		end := skipValue(m.msg, at)
		if m.tryLax(a.contains.plan, at, end) {
			m.mark(m.bits, i)
		}
		at, ok = nextItem(m.msg, end)
	}
}
