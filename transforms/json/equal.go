// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Equal reports whether two JSON values are the same: numbers by value (1, 1.0 and 10e-1 are
// equal), strings by their characters, objects without regard to order. Text that is not JSON is
// equal to nothing that differs from it in a byte.
func Equal(a, b []byte) bool { return equalTexts(a, b, false) }

// EqualText is Equal, but numbers must be written with the same digits, so that 1.10 and 1.1 differ.
func EqualText(a, b []byte) bool { return equalTexts(a, b, true) }

func equalTexts(a, b []byte, written bool) bool {
	a, b = bytes.TrimSpace(a), bytes.TrimSpace(b)
	if !jsontext.Value(a).IsValid() || !jsontext.Value(b).IsValid() {
		return bytes.Equal(a, b)
	}
	return equal(a, b, written)
}

// Compact appends the JSON value without white space between its tokens; strings and numbers stay
// as they are written.
func Compact(dst, src []byte) ([]byte, error) {
	if err := wellFormed(src, maxNesting, ""); err != nil {
		return dst, fmt.Errorf("cannot compact: %w", err)
	}
	for i := 0; i < len(src); {
		switch src[i] {
		case ' ', '\n', '\t', '\r':
			i++
		case '"':
			end, _ := skipString(src, i)
			dst = append(dst, src[i:end]...)
			i = end
		default:
			dst = append(dst, src[i])
			i++
		}
	}
	return dst, nil
}

// maxNesting is what jsontext itself accepts.
const maxNesting = 10000

// equal compares two values whose texts have been accepted and begin at their first byte.
func equal(a, b []byte, written bool) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	k := kindOf(a[0])
	if k != kindOf(b[0]) {
		return false
	}
	switch k {
	case kindNumber:
		return equalNumbers(a, b, written)
	case kindString:
		return bytes.Equal(a, b) || bytes.Equal(unquote(nil, a), unquote(nil, b))
	case kindArray:
		return equalArrays(a, b, written)
	case kindObject:
		return equalObjects(a, b, written)
	default:
		return bytes.Equal(a, b)
	}
}

func equalNumbers(a, b []byte, written bool) bool {
	if written || bytes.Equal(a, b) {
		return bytes.Equal(a, b)
	}
	x, y := parseNumber(a), parseNumber(b)
	return !x.huge && !y.huge && compareNumbers(&x, &y) == 0
}

func equalArrays(a, b []byte, written bool) bool {
	i, more := nextItem(a, 1)
	j, other := nextItem(b, 1)
	for more && other {
		endI, endJ := skipValue(a, i), skipValue(b, j)
		if !equal(a[i:endI], b[j:endJ], written) {
			return false
		}
		i, more = nextItem(a, endI)
		j, other = nextItem(b, endJ)
	}
	return more == other
}

type member struct{ name, value []byte }

func equalObjects(a, b []byte, written bool) bool {
	x, y := sortedMembers(a), sortedMembers(b)
	return slices.EqualFunc(x, y, func(m, n member) bool {
		return bytes.Equal(m.name, n.name) && equal(m.value, n.value, written)
	})
}

func sortedMembers(b []byte) []member {
	var list []member
	name, at, _, ok := nextMember(b, 1)
	for ok {
		end := skipValue(b, at)
		list = append(list, member{unquote(nil, name), b[at:end]})
		name, at, _, ok = nextMember(b, end)
	}
	slices.SortFunc(list, func(m, n member) int { return bytes.Compare(m.name, n.name) })
	return list
}

// duplicateItem finds an item of the array at pos that equals an earlier one. It keeps eight bytes
// per item, in a table that grows with the items seen.
func duplicateItem(msg []byte, pos int) (index int, found bool) {
	seed := maphash.MakeSeed()
	set := itemSet{msg: msg, first: 16}
	for length := skipValue(msg, pos) - pos; set.first < length/16; {
		set.first *= 2
	}
	at, ok := nextItem(msg, pos+1)
	for ok {
		end := skipValue(msg, at)
		h := hashValue(seed, msg[at:end])
		if set.has(uint32(h), at, end) {
			return set.n, true
		}
		set.add(uint32(h), uint32(at))
		at, ok = nextItem(msg, end)
	}
	return 0, false
}

// itemSet is a hash table of items by the offset of each.
type itemSet struct {
	msg   []byte
	table []itemSlot
	n     int
	first int // size of the first table
}

// itemSlot is free while its offset is 0: no item begins at the start of a document.
type itemSlot struct{ hash, at uint32 }

func (s *itemSet) has(hash uint32, at, end int) bool {
	if len(s.table) == 0 {
		return false
	}
	mask := uint32(len(s.table) - 1)
	for i := hash & mask; s.table[i].at != 0; i = (i + 1) & mask {
		if s.table[i].hash != hash {
			continue
		}
		other := int(s.table[i].at)
		if equal(s.msg[other:skipValue(s.msg, other)], s.msg[at:end], false) {
			return true
		}
	}
	return false
}

func (s *itemSet) add(hash, at uint32) {
	if 4*s.n >= 3*len(s.table) {
		old := s.table
		s.table = make([]itemSlot, max(s.first, 2*len(old)))
		for _, slot := range old {
			if slot.at != 0 {
				s.put(slot)
			}
		}
	}
	s.put(itemSlot{hash, at})
	s.n++
}

func (s *itemSet) put(slot itemSlot) {
	mask := uint32(len(s.table) - 1)
	i := slot.hash & mask
	for s.table[i].at != 0 {
		i = (i + 1) & mask
	}
	s.table[i] = slot
}

// hashValue gives equal values equal hashes. The seed keeps callers from choosing collisions.
func hashValue(seed maphash.Seed, b []byte) uint64 {
	const arrays, objects = 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f
	switch kindOf(b[0]) {
	case kindNumber:
		return hashNumber(seed, b)
	case kindString:
		return maphash.Bytes(seed, unquote(nil, b))
	case kindArray:
		h := uint64(arrays)
		at, ok := nextItem(b, 1)
		for ok {
			end := skipValue(b, at)
			h = maphash.Comparable(seed, [2]uint64{h, hashValue(seed, b[at:end])})
			at, ok = nextItem(b, end)
		}
		return h
	case kindObject:
		h := uint64(objects)
		name, at, _, ok := nextMember(b, 1)
		for ok { // a sum, because order does not matter
			end := skipValue(b, at)
			h += maphash.Comparable(seed, [2]uint64{maphash.Bytes(seed, unquote(nil, name)), hashValue(seed, b[at:end])})
			name, at, _, ok = nextMember(b, end)
		}
		return h
	default:
		return maphash.Bytes(seed, b)
	}
}

func hashNumber(seed maphash.Seed, b []byte) uint64 {
	v := parseNumber(b)
	if v.zero {
		return maphash.Comparable(seed, 0)
	}
	if v.huge {
		return maphash.Bytes(seed, b)
	}
	var h maphash.Hash
	h.SetSeed(seed)
	head, tail, _ := bytes.Cut(v.digits, []byte("."))
	_, _ = h.Write(head)
	_, _ = h.Write(tail)
	return maphash.Comparable(seed, [3]uint64{h.Sum64(), uint64(v.point), uint64(cmp.Compare(0, boolInt(v.neg)))})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
