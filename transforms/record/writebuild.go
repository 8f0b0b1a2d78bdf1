// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"sort"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// constant is a Source whose value is known when a transform is compiled.
type constant interface {
	Constant() (transforms.Value, bool)
}

// placed is a Source that knows where it is written.
type placed interface{ Pos() specs.Pos }

// Writer compiles a plan that builds a record from m. Literals are encoded now, and one that does
// not fit its field is a finding.
func (c *Codec) Writer(m *transforms.Mapping) (transforms.Writer, specs.Findings) {
	w, fs := c.writer(m)
	if fs.HasErrors() {
		return nil, fs
	}
	return w, fs
}

func (c *Codec) writer(m *transforms.Mapping) (*recordWriter, specs.Findings) {
	w := &recordWriter{c: c, base: c.template, plan: &writePlan{}}
	b := &writeBuilder{c: c, w: w, filled: map[*node]*transforms.Mapping{}, variable: map[*node][]*node{}}
	b.frame(w.plan, c.root, []*transforms.Mapping{m})
	b.sharedCounters()
	frame, scopes, registers, blocks := w.frame, w.scopes, c.registers, c.blocks
	w.pool.New = func() any {
		return &writing{
			walk: walk{regs: make([]register, registers)}, c: c, w: w,
			frame: make([]span, frame), texts: make([][]byte, scopes), chosen: make([]chosenAlts, blocks),
		}
	}
	return w, b.findings
}

// writeBuilder compiles a Mapping.
type writeBuilder struct {
	c        *Codec
	w        *recordWriter
	findings specs.Findings
	// top is the root or table whose entry is being compiled.
	top *node
	// settle are the blocks of the frame whose discriminator stands behind them.
	settle []*node
	// filled are the tables and fields that something is mapped to, empty the tables without.
	filled map[*node]*transforms.Mapping
	empty  []*node
	// variable are the tables of variable length of each frame.
	variable map[*node][]*node
}

// sharedCounters reports tables that nothing fills and whose counter follows from another table: they
// would get as many entries without contents.
func (b *writeBuilder) sharedCounters() {
	for _, n := range b.empty {
		c := n.table.counter
		if c == nil || b.filled[n] != nil || b.filled[c] != nil || n.policy.FillTables || n.table.max == n.table.min {
			continue
		}
		b.c.root.walk(func(x *node) {
			if m := b.filled[x]; m != nil && x.table != nil && x.table.counter == c {
				b.findingWithHint(codeMapping, m, fmt.Sprintf("%s and %s have the counter %s in common, and nothing fills %s",
					x.item.Name, n.item.Name, c.item.Name, n.item.Name), "fill both, or set fillTables if entries without contents are meant")
			}
		})
	}
}

// bind is what the fields of a group are filled from: mappings, located members, or nothing.
type bind struct {
	maps  map[*node][]*transforms.Mapping
	slots map[*node]*memberEntry
}

func bindMembers(ms []*transforms.Mapping) bind {
	b := bind{maps: map[*node][]*transforms.Mapping{}}
	for _, m := range ms {
		if n, isNode := m.Type.Ref.(*node); isNode {
			b.maps[n] = append(b.maps[n], m)
		}
	}
	return b
}

func bindTable(t *objectTable) bind {
	b := bind{slots: map[*node]*memberEntry{}}
	for i := range t.entries {
		b.slots[t.entries[i].n] = &t.entries[i]
	}
	return b
}

// frame compiles the record, or one entry of a table, filled from at most one of ms.
func (b *writeBuilder) frame(p *writePlan, n *node, ms []*transforms.Mapping) {
	b.inFrame(p, n, func() { b.mapped(p, n, ms) })
}

// inFrame begins a frame: what varies in length is appended piece by piece.
func (b *writeBuilder) inFrame(p *writePlan, n *node, body func()) {
	top, settle := b.top, b.settle
	b.top, b.settle = n, nil
	if n.variable || n.parent == nil {
		b.fill(p, n.off())
	}
	body()
	for _, s := range b.settle {
		p.steps = append(p.steps, writeStep{op: writeSettle, n: s})
	}
	b.top, b.settle = top, settle
}

// fill appends the bytes from offset from up to the next table of variable length.
func (b *writeBuilder) fill(p *writePlan, from int) {
	to := b.top.off() + b.top.size()
	tables := b.variable[b.top]
	if tables == nil {
		tables = []*node{}
		b.direct(b.top, &tables)
		b.variable[b.top] = tables
	}
	next := sort.Search(len(tables), func(i int) bool { return tables[i].off() >= from })
	if next < len(tables) {
		to = tables[next].off()
	}
	if to > from {
		p.steps = append(p.steps, writeStep{op: writeFill, off: from, size: to - from, n: b.top})
	}
}

// direct lists the tables of variable length below n that are in no other table, in layout order.
func (b *writeBuilder) direct(n *node, tables *[]*node) {
	for _, kid := range n.kids {
		switch {
		case kid.table == nil:
			b.direct(kid, tables)
		case kid.variable:
			*tables = append(*tables, kid)
		}
	}
}

// mapped compiles one occurrence of n, filled from the first mapping whose condition holds.
func (b *writeBuilder) mapped(p *writePlan, n *node, ms []*transforms.Mapping) {
	if len(ms) == 0 {
		b.single(p, n, nil)
		return
	}
	if ms[0].When == nil {
		b.single(p, n, ms[0])
		return
	}
	s := writeStep{op: writeWhen, n: n, parts: &stepParts{when: ms[0].When, sub: &writePlan{}, blank: &writePlan{}}}
	settle := b.settle
	b.single(s.parts.sub, n, ms[0])
	b.settle = settle
	b.mapped(s.parts.blank, n, ms[1:])
	p.steps = append(p.steps, s)
}

// single compiles one occurrence of n from m, nil for defaults.
func (b *writeBuilder) single(p *writePlan, n *node, m *transforms.Mapping) {
	switch {
	case !n.isGroup():
		if m != nil && m.Source != nil {
			b.leaf(p, n, m)
		} else if m != nil && (m.Each != nil || len(m.Members) > 0) {
			b.finding(codeMapping, m, fmt.Sprintf("%s is a single field", n.item.Name))
		}
	case m != nil && m.Source != nil:
		t := b.w.newScope(n)
		p.steps = append(p.steps, writeStep{op: writeLocate, n: n, parts: &stepParts{source: m.Source, table: t}})
		b.parts(p, n, bindTable(t))
	case m != nil && m.Each != nil:
		b.finding(codeMapping, m, fmt.Sprintf("%s is not a table", n.item.Name))
	case m != nil:
		b.parts(p, n, bindMembers(m.Members))
	default:
		b.parts(p, n, bind{})
	}
}

func (b *writeBuilder) finding(code string, m *transforms.Mapping, message string) {
	b.findingWithHint(code, m, message, "")
}

func (b *writeBuilder) findingWithHint(code string, m *transforms.Mapping, message, hint string) {
	pos := m.Type.Pos
	if at, known := m.Source.(placed); known {
		pos = at.Pos()
	}
	b.findings.Add(code, pos, message, hint)
}

// leaf compiles a field; a literal is encoded now.
func (b *writeBuilder) leaf(p *writePlan, n *node, m *transforms.Mapping) {
	b.filled[n] = m
	if k, isConstant := m.Source.(constant); isConstant {
		if v, known := k.Constant(); known {
			field := make([]byte, n.size())
			f := encodeValue(n.leaf, field, v)
			if v.Kind == transforms.Absent {
				return
			}
			if f != ok {
				_, reason := f.explain()
				b.findingWithHint(codeLiteral, m, fmt.Sprintf("the literal does not fit %s (%s): %s", n.item.Name, picture(n.item), reason), takes(n.leaf))
				return
			}
			p.steps = append(p.steps, writeStep{op: writeBytes, n: n, off: n.off(), size: n.size(), parts: &stepParts{bytes: field}})
			return
		}
	}
	parts := &stepParts{source: m.Source}
	parts.captured, _ = m.Source.(transforms.Captured)
	p.steps = append(p.steps, writeStep{op: writeLeaf, n: n, off: n.off(), size: n.size(), leaf: n.leaf, parts: parts})
}

// takes lists the names that an enum takes, for hints.
func takes(l leaf) string {
	e, isEnum := l.(*enumLeaf)
	if !isEnum {
		return ""
	}
	names := make([]string, 0, len(e.entries))
	for _, entry := range e.entries[:min(len(e.entries), 12)] {
		names = append(names, string(entry.json))
	}
	return "it takes " + strings.Join(names, ", ")
}

func (b *writeBuilder) parts(p *writePlan, n *node, from bind) {
	for _, part := range n.parts {
		if part.block != nil {
			b.block(p, part.block, from)
		} else {
			b.node(p, part.node, from)
		}
	}
}

func (b *writeBuilder) note(p *writePlan, n *node) {
	if n.reg >= 0 {
		p.steps = append(p.steps, writeStep{op: writeNote, n: n, off: n.off()})
	}
}

// node compiles one child of a group.
func (b *writeBuilder) node(p *writePlan, n *node, from bind) {
	b.note(p, n)
	entry := from.slots[n]
	switch {
	case n.table != nil:
		b.table(p, n, from.maps[n], entry)
	case entry == nil && n.isGroup() && n.name == "":
		b.parts(p, n, from) // a FILLER group: its children are members of the group around it
	case entry == nil:
		b.mapped(p, n, from.maps[n])
	case n.isGroup():
		b.parts(p, n, bindTable(entry.sub))
	default:
		p.steps = append(p.steps, writeStep{op: writeSlot, n: n, leaf: n.leaf, off: n.off(), size: n.size(), slot: int32(entry.slot), scope: int32(entry.scope)})
	}
}

// table compiles a table.
func (b *writeBuilder) table(p *writePlan, n *node, ms []*transforms.Mapping, entry *memberEntry) {
	var rest []*transforms.Mapping
	into := p
	var when *writeStep
	if len(ms) > 0 {
		b.filled[n] = ms[0]
	}
	if len(ms) > 0 && ms[0].When != nil {
		when = &writeStep{op: writeWhen, n: n, parts: &stepParts{when: ms[0].When, sub: &writePlan{}, blank: &writePlan{}}}
		into, rest = when.parts.sub, ms[1:]
	}
	s := writeStep{op: writeTable, n: n, off: n.off(), size: n.size(), slot: -1, parts: &stepParts{scalar: -1, sub: &writePlan{}, blank: &writePlan{}}}
	b.inFrame(s.parts.blank, n, func() { b.single(s.parts.blank, n, nil) })
	switch {
	case entry != nil:
		s.slot, s.scope = int32(entry.slot), int32(entry.scope)
		b.located(&s, n)
	case len(ms) == 0:
		s.parts.sub = s.parts.blank
		b.empty = append(b.empty, n)
	case ms[0].Each != nil:
		s.parts.each = ms[0].Each
		b.frame(s.parts.sub, n, []*transforms.Mapping{s.parts.each.To})
	case ms[0].Source != nil:
		s.parts.source = ms[0].Source
		b.located(&s, n)
	default:
		b.finding(codeMapping, ms[0], fmt.Sprintf("%s is a table: it needs an array", n.item.Name))
		return
	}
	into.steps = append(into.steps, s)
	if when != nil {
		b.tableAlone(when.parts.blank, n, rest)
		p.steps = append(p.steps, *when)
	}
	if n.variable {
		b.fill(p, n.off()+n.total())
	}
}

// tableAlone compiles the other mappings of a table, without what follows it.
func (b *writeBuilder) tableAlone(p *writePlan, n *node, ms []*transforms.Mapping) {
	sub := &writePlan{}
	b.table(sub, n, ms, nil)
	if k := len(sub.steps) - 1; n.variable && k >= 0 && sub.steps[k].op == writeFill {
		sub.steps = sub.steps[:k]
	}
	p.steps = append(p.steps, sub.steps...)
}

// located compiles the entries of a table that is filled from a JSON array.
func (b *writeBuilder) located(s *writeStep, n *node) {
	if !n.isGroup() {
		s.parts.scalar = b.w.frame
		b.w.frame++
		s.parts.inside = b.w.scopes
		b.w.scopes++
		b.inFrame(s.parts.sub, n, func() {
			s.parts.sub.steps = append(s.parts.sub.steps, writeStep{op: writeSlot, n: n, leaf: n.leaf, off: n.off(), size: n.size(), slot: int32(s.parts.scalar), scope: int32(s.parts.inside)})
		})
		return
	}
	s.parts.entry = b.w.newScope(n)
	s.parts.inside = s.parts.entry.scope
	b.inFrame(s.parts.sub, n, func() { b.parts(s.parts.sub, n, bindTable(s.parts.entry)) })
}
