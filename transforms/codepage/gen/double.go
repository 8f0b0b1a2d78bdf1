// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"slices"
)

// The cells of a double-byte set, in order: the blank 4040, then every pair 41..FE by 41..FE.
const (
	side  = 0xFE - 0x41 + 1
	cells = 1 + side*side
)

// set is one double-byte set inside dbcs.bin.
type set struct {
	pages      []string // the mixed pages that use it
	base       int      // index of the set it is written as a change of, -1 for none
	start, end int
	cells      []int32
	pairs      [][2]rune // cells that stand for two code points
	only       []int     // cells that only decode
}

// packSets gives the mixed pages their sets and compresses these.
// A later page with the same double bytes shares the set of an earlier one.
func packSets(pages []page, dump *icuDump) ([]set, []byte, error) {
	var sets []set
	var blob bytes.Buffer
	for _, p := range pages {
		if p.class != "M" {
			continue
		}
		s, err := makeSet(dump.converters[p.source].double)
		if err != nil {
			return nil, nil, fmt.Errorf("page %s: %w", p.name, err)
		}
		if i := slices.IndexFunc(sets, func(o set) bool { return slices.Equal(o.cells, s.cells) }); i >= 0 {
			sets[i].pages = append(sets[i].pages, p.name)
			continue
		}
		s.pages = []string{p.name}
		s.base = nearest(sets, s.cells)
		var base []int32
		if s.base >= 0 {
			base = sets[s.base].cells
		}
		s.start = blob.Len()
		if err := compress(&blob, s.cells, base); err != nil {
			return nil, nil, err
		}
		s.end = blob.Len()
		sets = append(sets, s)
	}
	return sets, blob.Bytes(), nil
}

func makeSet(from map[uint16]double) (set, error) {
	s := set{cells: make([]int32, cells)}
	for i := range s.cells {
		code := uint16(0x4040)
		if i > 0 {
			code = uint16(0x41+(i-1)/side)<<8 | uint16(0x41+(i-1)%side)
		}
		d, ok := from[code]
		switch {
		case !ok:
			continue
		case len(d.runes) == 1:
			s.cells[i] = d.runes[0]
		case len(d.runes) == 2:
			s.cells[i] = int32(0x110000 + len(s.pairs))
			s.pairs = append(s.pairs, [2]rune{d.runes[0], d.runes[1]})
		default:
			return s, fmt.Errorf("pair %04X stands for %d code points", code, len(d.runes))
		}
		if !d.back {
			s.only = append(s.only, i)
		}
	}
	return s, nil
}

// nearest returns the earlier set with the most equal cells, if that is most of them.
func nearest(sets []set, c []int32) int {
	best, most := -1, 0
	for i, s := range sets {
		same := 0
		for k, v := range s.cells {
			if v != 0 && v == c[k] {
				same++
			}
		}
		if same > most && same > 3000 {
			best, most = i, same
		}
	}
	return best
}

// compress writes a set as deflated varints: 0 for "as in the base", else the
// zigzag difference to the cell before it that was written so, plus one.
func compress(w *bytes.Buffer, c, base []int32) error {
	var raw []byte
	last := int32(0)
	for i, v := range c {
		if base != nil && base[i] == v {
			raw = append(raw, 0)
			continue
		}
		d := v - last
		raw = binary.AppendUvarint(raw, uint64(uint32(d<<1)^uint32(d>>31))+1)
		last = v
	}
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(raw); err != nil {
		return err
	}
	return z.Close()
}
