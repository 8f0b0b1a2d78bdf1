// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"bytes"
	"cmp"
	"container/heap"
	"time"

	"lintel/gateway/journal"
)

// untold are the entries that somebody is to be told of: while nobody takes what is told, they are many.
type untold struct {
	// claims says when each can be claimed again; a moment that is zero is always over.
	claims map[journal.ID]claim
	// due has the next on top, ended the one that ended first. Both may have what does not count any more: it is left
	// out when it comes to the top.
	due, ended claimHeap
}

// claim is when an entry can be claimed, and when it ended.
type claim struct {
	id      journal.ID
	due     time.Time
	changed int64
}

func newUntold() *untold {
	return &untold{
		claims: map[journal.ID]claim{},
		due: claimHeap{before: func(a, b *claim) int {
			return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.changed, b.changed), bytes.Compare(a.id[:], b.id[:]))
		}},
		ended: claimHeap{before: func(a, b *claim) int { return cmp.Compare(a.changed, b.changed) }},
	}
}

// put notes when an entry can be claimed.
func (u *untold) put(c claim) {
	old, there := u.claims[c.id]
	u.claims[c.id] = c
	heap.Push(&u.due, c)
	if !there || old.changed != c.changed {
		heap.Push(&u.ended, c)
	}
	if len(u.due.list) > 2*len(u.claims)+minStale {
		u.sweep()
	}
}

// minStale is how many that do not count are kept at least before all of them are thrown out.
const minStale = 1000

// sweep throws out what does not count any more.
func (u *untold) sweep() {
	u.due.list, u.ended.list = u.due.list[:0], u.ended.list[:0]
	for _, c := range u.claims {
		u.due.list, u.ended.list = append(u.due.list, c), append(u.ended.list, c)
	}
	heap.Init(&u.due)
	heap.Init(&u.ended)
}

// drop takes an entry out.
func (u *untold) drop(id journal.ID) {
	delete(u.claims, id)
	if len(u.claims) == 0 {
		u.due.list, u.ended.list = nil, nil
	}
}

// next takes the next entry that is due out of the order; the caller puts it back.
func (u *untold) next(now time.Time) (claim, bool) {
	for len(u.due.list) > 0 {
		c := u.due.list[0]
		if counts := u.claims[c.id] == c; counts && now.Before(c.due) {
			return claim{}, false
		} else if heap.Pop(&u.due); counts {
			return c, true
		}
	}
	return claim{}, false
}

// oldest is when the entry ended that ended first; 0 if there is none.
func (u *untold) oldest() int64 {
	for len(u.ended.list) > 0 {
		if c := &u.ended.list[0]; u.claims[c.id].changed == c.changed {
			return c.changed
		}
		heap.Pop(&u.ended)
	}
	return 0
}

// claimHeap implements heap.Interface.
type claimHeap struct {
	list   []claim
	before func(a, b *claim) int
}

// Len implements heap.Interface.
func (h *claimHeap) Len() int { return len(h.list) }

// Less implements heap.Interface.
func (h *claimHeap) Less(i, j int) bool { return h.before(&h.list[i], &h.list[j]) < 0 }

// Swap implements heap.Interface.
func (h *claimHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }

// Push implements heap.Interface.
func (h *claimHeap) Push(x any) { h.list = append(h.list, x.(claim)) } //nolint:forcetypeassert // only claims are pushed

// Pop implements heap.Interface.
func (h *claimHeap) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}
