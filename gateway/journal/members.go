// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// member says where in out a member lies, and where its name ends.
type member struct {
	start, name, end int
	// first has the first bytes of the name, so that few names have to be looked at to be put in order.
	first uint64
}

// firstBytes gives the first eight bytes of a text as a number that is in order as the text is.
func firstBytes(text []byte) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	var room [8]byte
	copy(room[:], text)
	return binary.BigEndian.Uint64(room[:])
}

// rank stands for a member that is put in order.
type rank struct {
	first  uint64
	member int
}

// sort puts the members in the order of their names; false if two have the same.
func (c *canonizer) sort(members []member) bool {
	c.order = c.order[:0]
	for i := range members {
		c.order = append(c.order, rank{members[i].first, i})
	}
	sorted := true
	for i := 1; i < len(c.order) && sorted; i++ {
		sorted = c.compare(members, c.order[i-1], c.order[i]) <= 0
	}
	if !sorted {
		c.rank(members)
	}
	for i := 1; i < len(c.order); i++ {
		if c.compare(members, c.order[i-1], c.order[i]) == 0 {
			return false
		}
	}
	if !sorted {
		c.move(members)
	}
	return true
}

// fewMembers is how many are put in order by insertion: of few that is quicker than anything else.
const fewMembers = 32

// rank finds the order of members. Requests of one operation mostly have theirs in one order: what was found of the
// last document is tried first.
func (c *canonizer) rank(members []member) {
	i := c.ranked
	c.ranked++
	if i < len(c.known) && c.asKnown(members, c.known[i]) {
		return
	}
	c.order = c.order[:0]
	for i := range members {
		c.order = append(c.order, rank{members[i].first, i})
	}
	if len(c.order) > fewMembers {
		slices.SortFunc(c.order, func(a, b rank) int { return c.compare(members, a, b) })
		return
	}
	c.insert(members)
	if i < len(c.known) {
		known := c.known[i][:0]
		for _, r := range c.order {
			known = append(known, r.member)
		}
		c.known[i] = known
	}
}

// asKnown reports whether an order is that of members.
func (c *canonizer) asKnown(members []member, known []int) bool {
	if len(known) != len(members) {
		return false
	}
	c.order = c.order[:0]
	for i, m := range known {
		c.order = append(c.order, rank{members[m].first, m})
		if i > 0 && c.compare(members, c.order[i-1], c.order[i]) > 0 {
			return false
		}
	}
	return true
}

func (c *canonizer) insert(members []member) {
	for i := 1; i < len(c.order); i++ {
		r, at := c.order[i], i
		for ; at > 0 && c.compare(members, c.order[at-1], r) > 0; at-- {
			c.order[at] = c.order[at-1]
		}
		c.order[at] = r
	}
}

func (c *canonizer) compare(members []member, a, b rank) int {
	switch {
	case a.first < b.first:
		return -1
	case a.first > b.first:
		return 1
	}
	m, n := &members[a.member], &members[b.member]
	return bytes.Compare(c.out[m.start:m.name], c.out[n.start:n.name])
}

// move writes members in their order.
func (c *canonizer) move(members []member) {
	c.moved = c.moved[:0]
	for _, r := range c.order {
		m := &members[r.member]
		c.moved = append(c.moved, c.out[m.start:m.end]...)
	}
	copy(c.out[members[0].start:], c.moved)
}
