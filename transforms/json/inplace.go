// SPDX-License-Identifier: Apache-2.0

package json

// Alternatives can be nested, and a recursive schema could make a small document cost exponential
// time. Every application of a schema in place therefore pays the length of the value out of a
// budget that grows with the document only.
const (
	fuelBase    = 1 << 20
	fuelPerByte = 64
)

// applyInPlace checks allOf, anyOf, oneOf and not on the value between pos and end.
func (w *walker) applyInPlace(p *plan, k kind, pos, end int) {
	for _, sub := range p.allOf {
		if !w.burn(end - pos) {
			return
		}
		w.value(sub, pos, 0)
		if w.stop {
			return
		}
	}
	picked := p.disc != nil && k == kindObject // then the discriminator stands for its oneOf or anyOf
	if picked {
		w.discriminate(p, pos, end)
	}
	if p.oneOf != nil && !picked && !w.stop {
		w.oneOf(p, k, pos, end)
	}
	if p.anyOf != nil && (!picked || p.oneOf != nil) && !w.stop {
		w.anyOf(p, k, pos, end)
	}
	if p.not != nil && !w.stop && w.tryLax(p.not, pos, end) && !w.dry {
		w.fail("not", "the contract rules this value out")
	}
	if p.cond != nil && !w.stop {
		w.condition(p.cond, k, pos, end)
	}
	if p.deps != nil && k == kindObject && !w.stop {
		w.dependents(p.deps, pos, end)
	}
	if p.left != nil && !w.stop {
		w.leftover(p, k, pos, end)
	}
}

// condition checks what follows from whether the value fits: then or else.
func (w *walker) condition(c *condition, k kind, pos, end int) {
	branch, bit := c.otherwise, uint64(1<<1)
	if w.tryLax(c.test, pos, end) {
		branch, bit = c.then, 1
		if w.lax == 0 && w.burn(end-pos) {
			w.value(c.test, pos, 0) // says what this direction refuses
		}
	}
	if w.stop {
		return
	}
	if branch != nil && w.burn(end-pos) {
		w.value(branch, pos, 0)
	}
	w.refuseForeign(c.foreign, bit, k, pos)
}

// dependents checks the schemas that hold because a member is there.
func (w *walker) dependents(d *dependents, pos, end int) {
	if !w.burn(end - pos) {
		return
	}
	bits := w.claim(len(d.list))
	w.present(d, pos, bits)
	for i := range d.list {
		one, bit := &d.list[i], uint64(1<<1)
		if w.marked(bits, i) {
			bit = 1
			if one.plan != nil && w.burn(end-pos) {
				w.value(one.plan, pos, 0)
			}
		}
		if w.stop {
			return
		}
		w.refuseForeign(one.foreign, bit, kindObject, pos)
	}
	w.seen = w.seen[:bits]
}

// present marks the schemas whose member is there.
func (w *walker) present(d *dependents, pos, bits int) {
	name, at, _, ok := nextMember(w.msg, pos+1)
	for ok {
		if i, depends := d.index[string(unquote(w.scratch[:0], name))]; depends {
			w.mark(bits, i)
		}
		name, at, _, ok = nextMember(w.msg, skipValue(w.msg, at))
	}
}

// burn pays for n bytes of work. When the budget is used up the document is refused.
func (w *walker) burn(n int) bool {
	w.fuel -= n + 1
	if w.fuel < 0 {
		w.dry, w.stop = true, true
	}
	return !w.dry
}

// try reports whether the value meets the plan, without reporting anything.
func (w *walker) try(p *plan, pos, end int) bool {
	if !w.burn(end - pos) {
		return false
	}
	depth, bits := len(w.path), len(w.seen)
	w.trial++
	w.value(p, pos, 0)
	w.trial--
	ok := !w.stop
	w.stop = w.dry || w.bad
	w.path, w.seen = w.path[:depth], w.seen[:bits]
	return ok
}

// tryLax is try by the meaning of JSON Schema alone: what this direction refuses on top (unknown,
// read-only and write-only members) must not decide which alternative fits, or a document could
// pass that the contract refuses.
func (w *walker) tryLax(p *plan, pos, end int) bool {
	w.lax++
	ok := w.try(p, pos, end)
	w.lax--
	return ok
}

func (w *walker) anyOf(p *plan, k kind, pos, end int) {
	first, hits := -1, uint64(0)
	passed := false // an alternative fits, and this direction refuses nothing in it
	for i, sub := range p.anyOf {
		if w.tryLax(sub, pos, end) {
			if first < 0 {
				first = i
			}
			if w.lax > 0 || w.try(sub, pos, end) { // only those decide which members are known
				passed = true
				hits |= 1 << min(i, 63)
			}
			if passed && (w.lax > 0 || len(p.anyForeign) == 0) {
				return
			}
		}
		if w.dry {
			return
		}
	}
	switch {
	case first < 0:
		w.failAlternatives("anyOf", p.anyOf, k, pos)
	case !passed:
		w.value(p.anyOf[first], pos, 0) // says what this direction refuses
	default:
		w.refuseForeign(p.anyForeign, hits, k, pos)
	}
}

func (w *walker) oneOf(p *plan, k kind, pos, end int) {
	hits, fits := 0, 0
	for i, sub := range p.oneOf {
		if w.tryLax(sub, pos, end) {
			hits++
			fits = i
		}
		if w.dry {
			return
		}
	}
	switch {
	case hits == 0:
		w.failAlternatives("oneOf", p.oneOf, k, pos)
	case hits > 1:
		w.fail("oneOf", "the value fits more than one of the alternatives of which exactly one must fit")
	case w.lax == 0 && w.burn(end-pos):
		w.value(p.oneOf[fits], pos, 0) // says what this direction refuses
		w.refuseForeign(p.oneForeign, 1<<min(fits, 63), k, pos)
	}
}

// refuseForeign refuses members that only alternatives know that were not chosen: nothing has
// checked them.
func (w *walker) refuseForeign(f foreign, hits uint64, k kind, pos int) {
	if len(f) == 0 || k != kindObject || w.lax > 0 || w.stop {
		return
	}
	name, at, _, ok := nextMember(w.msg, pos+1)
	for ok && !w.stop {
		if missing := f[string(unquote(w.scratch[:0], name))]; missing != 0 && missing&hits == hits {
			w.failMember(name, "unknown", "the member belongs to another alternative of the contract")
		}
		name, at, _, ok = nextMember(w.msg, skipValue(w.msg, at))
	}
}

// failAlternatives reports the issues of the only alternative that takes this type of value, or
// says that none fits.
func (w *walker) failAlternatives(code string, plans []*plan, k kind, pos int) {
	var only *plan
	n := 0
	for _, p := range plans {
		if p != nil && p.kinds&k != 0 {
			only = p
			n++
		}
	}
	if n == 1 && w.trial == 0 {
		before := len(w.issues)
		w.value(only, pos, 0)
		if len(w.issues) > before {
			return
		}
	}
	w.fail(code, "the value fits none of the alternatives of the contract")
}

// discriminate picks the alternative that the discriminator names and checks that one only.
func (w *walker) discriminate(p *plan, pos, end int) {
	one, name, known := w.pick(p.disc, pos)
	switch {
	case !known:
		w.failMember(name, "discriminator", p.disc.detail)
	case w.burn(end - pos):
		w.value(one.plan, pos, 0)
		w.refuseOthers(p, one.bit, pos)
	}
}

// pick finds the alternative that the discriminator of the object at pos names, and the quoted name of the member
// that says so.
func (w *walker) pick(d *discriminator, pos int) (one discriminated, quoted []byte, known bool) {
	name, at, _, ok := nextMember(w.msg, pos+1)
	for ok {
		if string(unquote(w.scratch[:0], name)) == d.property {
			break
		}
		name, at, _, ok = nextMember(w.msg, skipValue(w.msg, at))
	}
	if !ok {
		return one, quoteName(d.property), false
	}
	if w.msg[at] == '"' {
		end, _ := skipString(w.msg, at)
		one, known = d.cases[string(unquote(w.scratch[:0], w.msg[at:end]))]
	}
	return one, name, known
}

// refuseOthers is refuseForeign for the alternative that a discriminator picked.
func (w *walker) refuseOthers(p *plan, bit uint64, pos int) {
	f := p.oneForeign
	if p.oneOf == nil {
		f = p.anyForeign
	}
	if bit != 0 {
		w.refuseForeign(f, bit, kindObject, pos)
	}
}
