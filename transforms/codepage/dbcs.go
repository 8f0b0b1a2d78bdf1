// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"slices"
	"unicode/utf8"
)

// A DBCS is a character set of two bytes a character, without shifts: what a
// PIC G field holds, or a PIC N field (see UTF16BE). It is immutable and safe
// for concurrent use.
type DBCS struct {
	name string
	set  *doubleSet // nil for UTF-16
}

// UTF16BE returns the set of national fields (PIC N USAGE NATIONAL): UTF-16,
// big-endian. A character beyond U+FFFF takes two double bytes there.
func UTF16BE() *DBCS { return &DBCS{name: "utf-16be"} }

// Name returns the name of the code page that the set belongs to.
func (d *DBCS) Name() string { return d.name }

// Space returns the double byte that pads a field: X'4040', or X'0020' in UTF-16.
func (d *DBCS) Space() [2]byte {
	if d.set == nil {
		return [2]byte{0x00, 0x20}
	}
	return [2]byte{0x40, 0x40}
}

// Pad fills field with double-byte blanks. A last odd byte is left alone.
func (d *DBCS) Pad(field []byte) {
	space := d.Space()
	for i := 0; i+1 < len(field); i += 2 {
		field[i], field[i+1] = space[0], space[1]
	}
}

// AppendDecode appends the text of src, in UTF-8, to dst. Bytes that are not
// well formed give a *DecodeError; the text before them has been appended then.
func (d *DBCS) AppendDecode(dst, src []byte) ([]byte, error) {
	if d.set == nil {
		return d.decode16(dst, src)
	}
	for i := 0; i < len(src); i += 2 {
		if i+1 == len(src) {
			return dst, d.malformed(i, ErrHalfPair)
		}
		var ok bool
		if dst, ok = d.set.append(dst, src[i], src[i+1]); !ok {
			return dst, d.malformed(i, ErrUnassigned)
		}
	}
	return dst, nil
}

// AppendEncode appends the double bytes of the UTF-8 text src to dst, as
// strict as that of Page: a character without double bytes, such as an ASCII
// letter in a PIC G field, gives an *UnmappableError.
func (d *DBCS) AppendEncode(dst, src []byte) ([]byte, error) {
	out, _, err := d.encode(dst, src, unlimited)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// EncodeInto encodes text into field, as many whole characters as fit, from
// its front. It returns the bytes written and the bytes of text used: used <
// len(text) says that the text was cut. The rest of field is not touched, see
// Pad. After an error the contents of field are undefined.
func (d *DBCS) EncodeInto(field, text []byte) (n, used int, err error) {
	out, used, err := d.encode(field[:0:len(field)], text, len(field))
	return len(out), used, err
}

// encode appends text to dst until the appended bytes would exceed limit.
func (d *DBCS) encode(dst, text []byte, limit int) (out []byte, used int, err error) {
	start := len(dst)
	for used < len(text) {
		r, size, err := runeAt(text, used)
		if err != nil {
			return dst, used, err
		}
		var pair [4]byte
		n, eaten := 0, 0
		if d.set == nil {
			n = put16(&pair, r)
		} else {
			var code uint16
			if code, eaten = d.set.find(r, text[used+size:]); code == 0 {
				return dst, used, &UnmappableError{Page: d.name, Offset: used, Rune: r}
			}
			pair[0], pair[1], n = byte(code>>8), byte(code), 2
		}
		if len(dst)-start+n > limit {
			break
		}
		dst = append(dst, pair[:n]...)
		used += size + eaten
	}
	return dst, used, nil
}

func (d *DBCS) malformed(offset int, reason error) error {
	return &DecodeError{Page: d.name, Offset: offset, Reason: reason}
}

// The cells of a set, in order: the blank 4040, then every pair 41..FE by 41..FE.
const (
	firstByte = 0x41
	lastByte  = 0xFE
	side      = lastByte - firstByte + 1
	cellCount = 1 + side*side
)

// sequence is the first cell value that means a sequence of two code points.
const sequence = utf8.MaxRune + 1

// doubleSet is the table of a DBCS, shared by the pages that have it in common.
type doubleSet struct {
	cells []int32           // what each pair stands for: 0 nothing, from sequence on an index into pairs
	pairs [][2]rune         // two code points as one character, the second a combining mark
	codes [256]*[256]uint16 // bytes of the code points up to U+FFFF, 0 for none
	far   []farPair         // of the others, by code point
	tails []pairCode        // by code points
}

type farPair struct {
	r    rune
	code uint16
}

type pairCode struct {
	runes [2]rune
	code  uint16
}

// append decodes one pair.
func (s *doubleSet) append(dst []byte, hi, lo byte) ([]byte, bool) {
	var v int32
	switch {
	case hi >= firstByte && hi <= lastByte && lo >= firstByte && lo <= lastByte:
		v = s.cells[1+int(hi-firstByte)*side+int(lo-firstByte)]
	case hi == 0x40 && lo == 0x40:
		v = s.cells[0]
	}
	switch {
	case v == 0:
		return dst, false
	case v < sequence:
		return utf8.AppendRune(dst, v), true
	}
	p := s.pairs[v-sequence]
	return utf8.AppendRune(utf8.AppendRune(dst, p[0]), p[1]), true
}

// find returns the pair of the character r, 0 for none. If r and the mark at
// the front of rest are one character, eaten is the length of the mark.
func (s *doubleSet) find(r rune, rest []byte) (code uint16, eaten int) {
	if len(s.tails) > 0 && len(rest) > 1 && rest[0] >= utf8.RuneSelf {
		mark, n := utf8.DecodeRune(rest)
		i, ok := slices.BinarySearchFunc(s.tails, [2]rune{r, mark}, func(p pairCode, runes [2]rune) int {
			return slices.Compare(p.runes[:], runes[:])
		})
		if ok {
			return s.tails[i].code, n
		}
	}
	if r <= 0xFFFF {
		if block := s.codes[r>>8]; block != nil {
			return block[r&0xFF], 0
		}
		return 0, 0
	}
	i, ok := slices.BinarySearchFunc(s.far, r, func(f farPair, r rune) int { return int(f.r - r) })
	if !ok {
		return 0, 0
	}
	return s.far[i].code, 0
}
