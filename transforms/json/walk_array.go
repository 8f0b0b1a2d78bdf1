// SPDX-License-Identifier: Apache-2.0

package json

import "fmt"

// array walks the items of the array at pos. first and count describe the captured rows.
func (w *walker) array(p *plan, pos int) (end, first, count int) {
	a := p.arr
	if a == nil {
		end = w.skip(pos)
		w.enumNested(p, kindArray, pos, end)
		return end, 0, 0
	}
	most, detail := a.most(w.rows)
	if a.nested {
		// Entries must lie side by side, and those of inner arrays come in between: count first.
		n := countItems(w.msg, pos, most)
		first = w.slots.Grow(a.size * n)
		w.rows -= n
	}
	fits := 0
	at, ok := w.nextItem(pos+1, true)
	for ok {
		if count == most {
			w.fail("maxItems", detail)
			return skipValue(w.msg, pos), first, 0
		}
		row := first + count*a.size
		if a.size > 0 && !a.nested {
			row = w.slots.Grow(a.size)
			first = row - count*a.size
			w.rows--
		}
		w.path = append(w.path, step{index: count})
		begin := at
		at = w.value(a.at(count), at, row)
		w.path = w.path[:len(w.path)-1]
		if a.contains != nil && !w.stop && a.contains.fits(w, fits, begin, at) {
			fits++
		}
		if w.stop {
			return at, first, count
		}
		count++
		at, ok = w.nextItem(at, false)
	}
	if w.bad {
		return at, first, count
	}
	if count < a.min.n {
		w.fail("minItems", a.min.detail)
	}
	if a.contains != nil && !w.stop {
		a.contains.finish(w, fits)
	}
	if a.unique && !w.stop {
		if i, twice := duplicateItem(w.msg, pos); twice {
			w.fail("uniqueItems", fmt.Sprintf("item %d is there twice", i))
		}
	}
	w.enumNested(p, kindArray, pos, at)
	return at, first, count
}

// at is the plan of the item at a place.
func (a *arrayCheck) at(i int) *plan {
	if i < len(a.prefix) {
		return a.prefix[i]
	}
	return a.items
}

// fits looks whether an item fits, as long as it matters; before are those that did.
func (c *containsCheck) fits(w *walker, before, pos, end int) bool {
	if before >= c.min.n && c.max.n < 0 {
		return false
	}
	return w.tryLax(c.plan, pos, end)
}

func (c *containsCheck) finish(w *walker, fits int) {
	switch {
	case fits < c.min.n && c.min.n == 1:
		w.fail("contains", c.min.detail)
	case fits < c.min.n:
		w.fail("minContains", c.min.detail)
	case c.max.n >= 0 && fits > c.max.n:
		w.fail("maxContains", c.max.detail)
	}
}

// most is how many items may be walked, and what to say about one more. An array whose entries are
// captured is bounded even if the contract does not bound it, because every entry takes slots.
func (a *arrayCheck) most(rows int) (n int, detail string) {
	switch {
	case a.max.n >= 0 && (a.size == 0 || a.max.n <= rows):
		return a.max.n, a.max.detail
	case a.size > 0:
		return rows, "the arrays of the document have more items than can be taken over"
	default:
		return -1, ""
	}
}
