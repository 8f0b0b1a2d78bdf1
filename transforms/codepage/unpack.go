// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"compress/flate"
	_ "embed" // for dbcs.bin
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"sync"
)

// packed holds the double-byte sets as the generator compressed them.
//
//go:embed dbcs.bin
var packed string

// setRow says where a double-byte set lies in packed.
type setRow struct {
	base       int // the set it is written as a change of, -1 for none
	start, end int
	pairs      string // code points of the sequences, two each
	only       string // cells that only decode, as code points
}

// newDoubles returns the sets by number, each unpacked at its first use.
func newDoubles() func(int) *doubleSet {
	all := sets()
	cells := make([]func() []int32, len(all))
	made := make([]func() *doubleSet, len(all))
	for i, row := range all {
		cells[i] = sync.OnceValue(func() []int32 {
			var base []int32
			if row.base >= 0 {
				base = cells[row.base]()
			}
			return unpack(packed[row.start:row.end], base)
		})
		made[i] = sync.OnceValue(func() *doubleSet { return newDoubleSet(cells[i](), row) })
	}
	return func(i int) *doubleSet { return made[i]() }
}

// unpack reads the cells of a set; gen/double.go says how they are written.
// The data are a constant of the binary and a test unpacks all of it, so what
// cannot be read ends the table and does not ask each caller for an error path.
func unpack(data string, base []int32) []int32 {
	cells := make([]int32, cellCount)
	raw, err := io.ReadAll(flate.NewReader(strings.NewReader(data)))
	if err != nil {
		return cells
	}
	last := int32(0)
	for i := range cells {
		v, n := binary.Uvarint(raw)
		if n <= 0 {
			break
		}
		raw = raw[n:]
		if v == 0 {
			if base != nil {
				cells[i] = base[i]
			}
			continue
		}
		zigzag := uint32(v - 1)
		last += int32(zigzag>>1) ^ -int32(zigzag&1)
		cells[i] = last
	}
	return cells
}

// newDoubleSet inverts the cells. Where two pairs stand for one character,
// the one that only decodes is not used to encode.
func newDoubleSet(cells []int32, row setRow) *doubleSet {
	s := &doubleSet{cells: cells}
	runes := []rune(row.pairs)
	for i := 0; i+1 < len(runes); i += 2 {
		s.pairs = append(s.pairs, [2]rune{runes[i], runes[i+1]})
	}
	only := []rune(row.only)
	for i, v := range cells {
		code := cellCode(i)
		_, skip := slices.BinarySearch(only, rune(i))
		switch {
		case v == 0:
		case v >= sequence:
			s.tails = append(s.tails, pairCode{s.pairs[v-sequence], code})
		case v > 0xFFFF:
			s.far = append(s.far, farPair{v, code})
		default:
			if s.codes[v>>8] == nil {
				s.codes[v>>8] = new([256]uint16)
			}
			if at := &s.codes[v>>8][v&0xFF]; *at == 0 || !skip {
				*at = code
			}
		}
	}
	slices.SortFunc(s.far, func(a, b farPair) int { return int(a.r - b.r) })
	slices.SortFunc(s.tails, func(a, b pairCode) int { return slices.Compare(a.runes[:], b.runes[:]) })
	return s
}

// cellCode returns the two bytes of a cell.
func cellCode(i int) uint16 {
	if i == 0 {
		return 0x4040
	}
	return uint16(firstByte+(i-1)/side)<<8 | uint16(firstByte+(i-1)%side)
}
