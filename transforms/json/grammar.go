// SPDX-License-Identifier: Apache-2.0

package json

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The walk over a document checks the grammar of JSON on its way: a document that it gets through
// without a complaint is well-formed, and is read once only. Whatever it does not accept is left to
// jsontext, which has the last word and finds the words for it.

// malformed stops the walk.
func (w *walker) malformed() {
	w.bad, w.stop = true, true
}

// nextMember moves from behind '{' (first) or behind a value to the quoted name of the next member; ok is
// false at the end, and the offset is then behind '}'.
func (w *walker) nextMember(i int, first bool) (name int, ok bool) {
	b := w.msg
	i = skipSpace(b, i)
	switch {
	case i >= len(b):
		w.malformed()
		return len(b), false
	case b[i] == '}':
		return i + 1, false
	case !first && b[i] == ',':
		i = skipSpace(b, i+1)
	case !first:
		w.malformed()
		return len(b), false
	}
	if i >= len(b) || b[i] != '"' {
		w.malformed()
		return len(b), false
	}
	return i, true
}

// nameOf reads the quoted name at i. It returns the name without quotes and escapes and the offset of the
// value, which is 0 when there is none.
func (w *walker) nameOf(i int) (key []byte, value int) {
	b := w.msg
	end, plain := w.str(i)
	value = skipSpace(b, end)
	if value >= len(b) || b[value] != ':' {
		w.malformed()
		return nil, 0
	}
	key = b[i+1 : end-1]
	if !plain {
		w.scratch = append(w.scratch[:0], unquote(w.scratch[:0], b[i:end])...)
		key = w.scratch
	}
	return key, skipSpace(b, value+1)
}

// nextItem moves from behind '[' (first) or behind an item to the next one; ok is false at the end,
// and the offset is then behind ']'.
func (w *walker) nextItem(i int, first bool) (item int, ok bool) {
	b := w.msg
	i = skipSpace(b, i)
	switch {
	case i >= len(b):
	case b[i] == ']':
		return i + 1, false
	case first:
		return i, true
	case b[i] == ',':
		return skipSpace(b, i+1), true
	}
	w.malformed()
	return len(b), false
}

// Eight characters at a time: the top bit of a byte is set in the result where one of the
// conditions holds; above the first such byte the bits mean nothing.
const (
	eachOne    = 0x0101010101010101
	eachTop    = 0x8080808080808080
	eachQuote  = 0x2222222222222222
	eachSlash  = 0x5C5C5C5C5C5C5C5C
	eachSpace  = 0x2020202020202020
	eachDelete = 0x7F7F7F7F7F7F7F7F
)

func special(x uint64) uint64 {
	q, s := x^eachQuote, x^eachSlash
	return ((q-eachOne)&^q | (s-eachOne)&^s | (x-eachSpace)&^x | x) & eachTop
}

// str returns the offset behind the string that begins at i, and whether it holds only ASCII
// characters without escapes.
func (w *walker) str(i int) (end int, plain bool) {
	b := w.msg
	j := i + 1
	for j+8 <= len(b) {
		if m := special(binary.LittleEndian.Uint64(b[j:])); m != 0 {
			j += bits.TrailingZeros64(m) >> 3
			break
		}
		j += 8
	}
	escapes, wide := false, false
	for ; j < len(b); j++ {
		switch c := b[j]; {
		case c == '"':
			switch {
			case escapes && !jsontext.Value(b[i:j+1]).IsValid(), !escapes && wide && !utf8.Valid(b[i:j]):
				w.malformed()
			}
			return j + 1, !escapes && !wide
		case c == '\\':
			escapes = true
			j++
		case c < ' ':
			w.malformed()
			return len(b), false
		case c >= utf8.RuneSelf:
			wide = true
		}
	}
	w.malformed()
	return len(b), false
}

// literal returns the offset behind null, true or false.
func (w *walker) literal(i int) int {
	word := "null"
	switch w.msg[i] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	}
	end := i + len(word)
	if end > len(w.msg) || string(w.msg[i:end]) != word {
		w.malformed()
		return len(w.msg)
	}
	return end
}

// skip returns the offset behind a value that nobody asks for, and refuses members that are there
// twice in it.
func (w *walker) skip(i int) int {
	switch kindOf(w.msg[i]) {
	case kindString:
		end, _ := w.str(i)
		return end
	case kindNumber:
		_, end := w.digits(i)
		return end
	case kindObject, kindArray:
		end := skipNested(w.msg, i)
		if w.trial == 0 && !jsontext.Value(w.msg[i:end]).IsValid() {
			w.malformed()
		}
		return end
	default:
		return w.literal(i)
	}
}

// small is a number with up to 18 digits and without an exponent: m x 10^-scale.
type small struct {
	m     int64
	scale int
	ok    bool
}

// digits reads the number that begins at i.
func (w *walker) digits(i int) (v small, end int) {
	b := w.msg
	neg := i < len(b) && b[i] == '-'
	if neg {
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		v.m = v.m*10 + int64(b[i]-'0')
		i++
	}
	n := i - first
	good := n == 1 || n > 1 && b[first] != '0'
	if i < len(b) && b[i] == '.' {
		i++
		dot := i
		for i < len(b) && b[i]-'0' <= 9 {
			v.m = v.m*10 + int64(b[i]-'0')
			i++
		}
		v.scale = i - dot
		n += v.scale
		good = good && v.scale > 0
	}
	v.ok = n <= 18
	if i < len(b) && b[i]|0x20 == 'e' {
		v.ok = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		run := digitRun(b[i:])
		i += run
		good = good && run > 0
	}
	if !good {
		w.malformed()
		return small{}, len(b)
	}
	if neg {
		v.m = -v.m
	}
	return v, i
}

// quickBounds are the bounds of a numberCheck as integers of one scale.
type quickBounds struct {
	lo, hi, multiple int64
	scale            int
}

// maxQuick keeps bounds and values far from the end of int64.
const maxQuick = 1e17

func powerOfTen(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// quick gives the bounds as integers, nil if they are none.
func (c *numberCheck) quick() *quickBounds {
	if c.format != nil {
		return nil
	}
	q := &quickBounds{lo: -maxQuick, hi: maxQuick}
	all := []*bound{&c.min, &c.above, &c.max, &c.below}
	for _, b := range all {
		if b.set && !b.value.zero {
			q.scale = max(q.scale, b.value.n-int(b.value.point))
		}
	}
	if c.multiple != nil {
		q.scale = max(q.scale, int(-c.multiple.exp))
	}
	if q.scale > 12 {
		return nil
	}
	whole := [4]int64{}
	for i, b := range all {
		var fits bool
		if whole[i], fits = b.value.scaled(q.scale); b.set && !fits {
			return nil
		}
	}
	if c.min.set {
		q.lo = max(q.lo, whole[0])
	}
	if c.above.set {
		q.lo = max(q.lo, whole[1]+1)
	}
	if c.max.set {
		q.hi = min(q.hi, whole[2])
	}
	if c.below.set {
		q.hi = min(q.hi, whole[3]-1)
	}
	if m := c.multiple; m != nil {
		shift := int64(q.scale) + m.exp
		if m.m > maxQuick || shift > 12 || int64(m.m) > maxQuick/powerOfTen(int(shift)) {
			return nil
		}
		q.multiple = int64(m.m) * powerOfTen(int(shift))
	}
	return q
}

// scaled gives the number as an integer of a scale that it has no more decimals than.
func (v *number) scaled(scale int) (int64, bool) {
	if v.zero {
		return 0, true
	}
	zeros := v.point + int64(scale) - int64(v.n)
	if zeros < 0 || int64(v.n)+zeros > 17 {
		return 0, false
	}
	m := int64(0)
	for _, c := range v.digits {
		if c != '.' {
			m = m*10 + int64(c-'0')
		}
	}
	m *= powerOfTen(int(zeros))
	if v.neg {
		m = -m
	}
	return m, true
}

// holds tells that the bounds hold; a number it cannot compare may keep them too.
func (q *quickBounds) holds(v small) bool {
	up := q.scale - v.scale
	if up < 0 {
		return false
	}
	m := v.m
	for range up {
		if m > maxQuick || m < -maxQuick {
			return false
		}
		m *= 10
	}
	return m >= q.lo && m <= q.hi && (q.multiple == 0 || m%q.multiple == 0)
}
