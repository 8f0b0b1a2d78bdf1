// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"fmt"
	"slices"
	"testing"
)

// maxShrinks bounds how many programs are compiled to make one failure small.
const maxShrinks = 12

// shrink looks for a smaller record that fails in the same way: first each field alone, then the record
// with one entry, clause or table less, as long as that helps. All candidates of a step share a program.
func shrink(t *testing.T, p *play, f *failure) *failure {
	t.Helper()
	if smaller := firstFailure(t, p, f, alone(f.l)); smaller != nil {
		return smaller
	}
	for range maxShrinks {
		smaller := firstFailure(t, p, f, without(f.l))
		if smaller == nil {
			return f
		}
		f = smaller
	}
	return f
}

// firstFailure compares the candidates and returns the failure of the first that fails in the same check.
func firstFailure(t *testing.T, p *play, f *failure, candidates []*layout) *failure {
	t.Helper()
	var good []*layout
	for i, l := range candidates {
		l.root.prefix = fmt.Sprintf("V%02d-", i)
		if _, err := compileLayout(l, p.options(t)); (err == nil) == (f.check != "compile") && (err != nil || touchesLayout(p, l) == "") {
			good = append(good, l)
		}
	}
	if len(good) == 0 {
		return nil
	}
	failures, err := compare(t, p, good, roundsOf)
	if err != nil {
		return nil // the shape of a candidate is not to COBOL's liking
	}
	for _, l := range good {
		for _, other := range failures {
			if other.l == l && other.check == f.check {
				return other
			}
		}
	}
	return nil
}

// alone gives a record for each elementary field, which is no table then.
func alone(l *layout) []*layout {
	var out []*layout
	for _, it := range l.items() {
		if it.isGroup() || it.filler || it.counterFor != nil {
			continue
		}
		field := *it
		field.occurs, field.redefines = nil, nil
		c := *l
		c.root = &item{level: 1, name: l.root.name, cut: l.root.cut, kids: []*item{&field}}
		field.parent = c.root
		out = append(out, &c)
	}
	return out
}

// without gives the record without each of its entries, and without each OCCURS and REDEFINES.
func without(l *layout) []*layout {
	var out []*layout
	for n, it := range l.items() {
		if it.parent == nil {
			continue
		}
		if c := edit(l, n, remove); c != nil {
			out = append(out, c)
		}
		if it.occurs != nil && it.occurs.counter == nil {
			if c := edit(l, n, func(it *item) bool { it.occurs = nil; return true }); c != nil {
				out = append(out, c)
			}
		}
		if it.isGroup() && it.occurs == nil && it.redefines == nil && len(it.alternatives()) == 1 {
			if c := edit(l, n, unwrap); c != nil {
				out = append(out, c)
			}
		}
	}
	return out
}

// remove takes an entry out, unless others depend on it.
func remove(it *item) bool {
	inner := false
	it.each(func(x *item) { inner = inner || x.counterFor != nil })
	if t := it.parent; t.occurs != nil && t.occurs.key == it {
		return false
	}
	if inner || len(it.alternatives()) > 1 {
		return false
	}
	if o := it.occurs; o != nil && o.counter != nil {
		o.counter.counterFor = nil
	}
	it.parent.kids = slices.DeleteFunc(it.parent.kids, func(k *item) bool { return k == it })
	return len(it.parent.kids) > 0
}

// unwrap puts the members of a group in its place.
func unwrap(it *item) bool {
	at := slices.Index(it.parent.kids, it)
	for _, k := range it.kids {
		k.parent = it.parent
		k.each(func(x *item) { x.level = depth(x) + 1 })
	}
	it.parent.kids = slices.Replace(it.parent.kids, at, at+1, it.kids...)
	for _, k := range it.parent.kids {
		k.level = it.level
		for _, x := range k.kids {
			x.each(func(y *item) { y.level = it.level + depth(y) - depth(k) })
		}
	}
	return true
}

// edit copies a record and changes its entry number n; nil if that cannot be.
func edit(l *layout, n int, change func(*item) bool) *layout {
	c := *l
	known := map[*item]*item{}
	c.root = copyItem(nil, l.root, known)
	for _, it := range known {
		if it.redefines != nil {
			it.redefines = known[it.redefines]
		}
		if it.counterFor != nil {
			it.counterFor = known[it.counterFor]
		}
		if it.occurs != nil {
			o := *it.occurs
			o.counter, o.key = known[o.counter], known[o.key]
			it.occurs = &o
		}
	}
	if !change(c.items()[n]) {
		return nil
	}
	return &c
}

func copyItem(parent, it *item, known map[*item]*item) *item {
	c := *it
	c.parent, c.kids = parent, nil
	known[it] = &c
	for _, k := range it.kids {
		c.kids = append(c.kids, copyItem(&c, k, known))
	}
	return &c
}
