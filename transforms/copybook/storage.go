// SPDX-License-Identifier: Apache-2.0

package copybook

import "fmt"

// store sets offsets and sizes of a record.
func (p *parser) store(r *entry) {
	s := &storage{p: p, limit: p.o.Limits.RecordSize}
	s.place(r, 0)
	if r.item.Redefines != nil && r.item.Parent == nil {
		r.item.Offset = 0
	}
}

// storage computes offsets within one record.
type storage struct {
	p     *parser
	limit int
	full  bool
	// natural is the padding of tables as GnuCOBOL has it: the greatest boundary seen since the latest group began,
	// redefining items left out.
	natural int
}

// place sets offset and size of an entry that begins at offset, and of those below. It returns the greatest alignment
// in it, for the padding of tables.
func (s *storage) place(e *entry, offset int) int {
	it := e.item
	it.Offset = offset
	if len(e.children) == 0 {
		s.check(e, it.Size)
		return s.p.alignment(e)
	}
	end, most := offset, 1
	s.natural = 1
	for _, c := range e.children {
		if s.full {
			return 1
		}
		var align int
		if c.item.Redefines != nil {
			align = s.redefining(c)
		} else {
			align = s.sequential(c, end)
		}
		most = max(most, align)
		if c.item.Redefines == nil && len(c.children) == 0 {
			s.natural = max(s.natural, align)
		}
		end = max(end, s.endOf(c))
	}
	if s.p.dialectOf(e).Sync == SyncNatural {
		most = s.natural
	}
	it.Size = end - offset
	if it.Occurs != nil && it.Occurs.Max > 1 && it.Size%most != 0 {
		it.Pad = most - it.Size%most
		it.Size += it.Pad
	}
	s.check(e, it.Size)
	return most
}

// sequential places an item behind the one before it.
func (s *storage) sequential(c *entry, at int) int {
	m := s.leadingAlignment(c)
	if rest := at % m; rest != 0 {
		c.item.Slack = m - rest
		at += c.item.Slack
	}
	return s.place(c, at)
}

// redefining places an item over the one it redefines. It gets no slack in front.
func (s *storage) redefining(c *entry) int {
	at := c.item.Redefines.Offset
	if m := s.leadingAlignment(c); at%m != 0 && s.p.dialectOf(c).Sync == SyncZOS {
		s.p.errorAt(codeRedefinesSync, c.pos, fmt.Sprintf("%s is SYNCHRONIZED, but %s, which it redefines, is not aligned for it", c.name, c.item.Redefines.Name),
			"align the redefined item, or remove SYNCHRONIZED")
	}
	return s.place(c, at)
}

// leadingAlignment is the alignment of an item that stands at the beginning of the entry: on z/OS the slack for the first
// item of a group goes in front of the group.
func (s *storage) leadingAlignment(e *entry) int {
	for len(e.children) > 0 {
		if s.p.dialectOf(e).Sync != SyncZOS {
			return 1
		}
		e = e.children[0]
	}
	return s.p.alignment(e)
}

// endOf is the offset behind all occurrences of an item.
func (s *storage) endOf(e *entry) int {
	it := e.item
	n := it.Size
	if it.Occurs != nil {
		if it.Size > 0 && it.Occurs.Max > s.limit/it.Size {
			s.tooLarge(e)
			return it.Offset
		}
		n *= it.Occurs.Max
	}
	return it.Offset + n
}

func (s *storage) check(e *entry, size int) {
	if size > s.limit || e.item.Offset > s.limit-size {
		s.tooLarge(e)
	}
}

func (s *storage) tooLarge(e *entry) {
	if !s.full {
		s.p.errorAt(codeRecordSize, e.pos, fmt.Sprintf("with %s the record is longer than %d bytes", e.name, s.limit), "check OCCURS and the repetitions of pictures, or raise the limit of record size")
	}
	s.full = true
}

// alignment is the boundary SYNCHRONIZED sets an item on: 1 for none.
func (p *parser) alignment(e *entry) int {
	it := e.item
	if !it.Synchronized {
		return 1
	}
	switch p.dialectOf(e).Sync {
	case SyncZOS:
		return alignZOS(it)
	case SyncNatural:
		return alignNatural(it)
	}
	return 1
}

// alignZOS follows the Enterprise COBOL Language Reference, SYNCHRONIZED clause: halfword for binaries of 1 to 4
// digits, fullword for those of 5 to 18, COMP-1, INDEX and 4-byte pointers, doubleword for COMP-2 and 8-byte pointers.
func alignZOS(it *Item) int {
	switch it.Usage {
	case Binary, Native, CompX:
		switch it.Size {
		case 1:
			return 1
		case 2:
			return 2
		default:
			return 4
		}
	case Float:
		return it.Size
	case Index:
		return 4
	case Pointer:
		if it.Size == 8 {
			return 8
		}
		return 4
	}
	return 1
}

// alignNatural aligns 2, 4, 8 and 16 byte binaries, floats and addresses to their own length (GnuCOBOL).
func alignNatural(it *Item) int {
	switch it.Usage {
	case Binary, Native, CompX, Float, Index, Pointer:
		switch it.Size {
		case 2, 4, 8, 16:
			return it.Size
		}
	}
	return 1
}
