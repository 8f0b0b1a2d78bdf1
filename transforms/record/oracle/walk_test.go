// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"strings"

	"lintel/transforms/record"
)

// fields calls f for every elementary item that is there in a round, in the order of the record, with
// the occurrences, from 0, of the tables around and at it. FILLER is passed over.
func (r round) fields(f func(it *item, occ []int)) { r.walk(r.l.root, nil, f) }

func (r round) walk(it *item, occ []int, f func(*item, []int)) {
	if it.redefines == nil {
		if alts := it.alternatives(); len(alts) > 1 {
			it = alts[r.choice(it)]
		}
	} else if !r.chosen(it) {
		return
	}
	r.entries(it, occ, f)
}

func (r round) chosen(it *item) bool {
	first := it
	if it.redefines != nil {
		first = it.redefines
	}
	return first.alternatives()[r.choice(first)] == it
}

func (r round) entries(it *item, occ []int, f func(*item, []int)) {
	if it.occurs == nil {
		r.entry(it, occ, f)
		return
	}
	for i := range r.count(it, occ) {
		r.entry(it, append(occ[:len(occ):len(occ)], i), f)
	}
}

func (r round) entry(it *item, occ []int, f func(*item, []int)) {
	if !it.isGroup() {
		if !it.filler {
			f(it, occ)
		}
		return
	}
	for _, k := range it.kids {
		if k.redefines == nil {
			r.walk(k, occ, f)
		}
	}
}

// json is the message of a round, kept is it once its values have been cut.
func (r round) json() string { return r.message(func(v value) string { return v.json }) }
func (r round) kept() string { return r.message(func(v value) string { return v.kept }) }

func (r round) message(text func(value) string) string {
	m := message{round: r, text: text}
	m.object(r.l.root, nil)
	return m.String()
}

// message is JSON text in the making.
type message struct {
	round
	strings.Builder
	text func(value) string
}

func (b *message) object(g *item, occ []int) {
	b.WriteByte('{')
	b.members(g, occ)
	b.WriteByte('}')
}

func (b *message) members(g *item, occ []int) {
	for _, it := range g.kids {
		if !b.chosen(it) {
			continue
		}
		if it.filler {
			if it.isGroup() {
				b.members(it, occ) // in the place of the FILLER group
			}
			continue
		}
		if s := b.String(); s[len(s)-1] != '{' {
			b.WriteByte(',')
		}
		b.WriteString(quoted(jsonName(it)) + ":")
		if it.occurs == nil {
			b.member(it, occ)
			continue
		}
		b.WriteByte('[')
		for i := range b.count(it, occ) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.member(it, append(occ[:len(occ):len(occ)], i))
		}
		b.WriteByte(']')
	}
}

func (b *message) member(it *item, occ []int) {
	if it.isGroup() {
		b.object(it, occ)
		return
	}
	b.WriteString(b.text(b.of(it, occ)))
}

func jsonName(it *item) string { return record.JSONName(it.id(), nil) }
