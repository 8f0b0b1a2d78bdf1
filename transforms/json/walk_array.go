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
		at = w.value(a.items, at, row)
		w.path = w.path[:len(w.path)-1]
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
	if a.unique && !w.stop {
		if i, twice := duplicateItem(w.msg, pos); twice {
			w.fail("uniqueItems", fmt.Sprintf("item %d is there twice", i))
		}
	}
	w.enumNested(p, kindArray, pos, at)
	return at, first, count
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
