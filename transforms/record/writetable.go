// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"strconv"

	"lintel/transforms"
)

// table writes the entries of a table and its counter.
func (w *writing) table(s *writeStep, delta int) (int, error) {
	v, err := w.tableValue(s)
	if err != nil {
		return delta, err
	}
	at := delta
	entries := 0
	step := w.oldEntriesOf(s.n, v.Text)
	w.occ = append(w.occ, 0)
	switch {
	case v.Kind == transforms.Absent:
	case s.parts.each != nil:
		entries, at, err = w.eachRow(s, v, at)
	default:
		entries, at, err = w.eachItem(s, v.Text, at, &step)
	}
	if err != nil {
		return delta, err
	}
	w.occ = w.occ[:len(w.occ)-1]
	given := entries
	if entries, err = w.settleCount(s.n, entries, v.Kind != transforms.Absent, step.inStep); err != nil {
		return delta, err
	}
	if w.entries -= entries; w.entries < 0 {
		return delta, w.fail(s.n, faultEntries, -1)
	}
	if s.n.variable { // otherwise the entries that nothing fills are there already
		for i := given; i < entries; i++ {
			from := len(w.out)
			step.begin(i, from)
			if at, err = w.exec(s.parts.blank, at); err != nil {
				return delta, err
			}
			at += s.size
			step.end(from)
		}
		delta = at - s.n.total()
	}
	step.finish(entries)
	return delta, nil
}

// eachRow writes an entry for each captured one that is wanted.
func (w *writing) eachRow(s *writeStep, v transforms.Value, at int) (int, int, error) {
	each, entries := s.parts.each, 0
	if each.Where == nil && int(v.Len) > s.n.table.max {
		w.occ = w.occ[:len(w.occ)-1]
		return 0, at, w.fail(s.n, faultOccurs, -1)
	}
	for i := range int(v.Len) {
		wanted, err := each.Enter(w.run, v, i)
		if err != nil {
			return 0, at, err
		}
		if !wanted {
			continue
		}
		if entries == s.n.table.max {
			w.occ = w.occ[:len(w.occ)-1]
			return 0, at, w.fail(s.n, faultOccurs, -1)
		}
		w.occ[len(w.occ)-1] = int32(entries)
		entries++
		if at, err = w.exec(s.parts.sub, at); err != nil {
			return 0, at, err
		}
		at += s.size
	}
	return entries, at, nil
}

// eachItem writes an entry for each item of a JSON array.
func (w *writing) eachItem(s *writeStep, text []byte, at int, step *oldEntries) (int, int, error) {
	w.texts[s.parts.inside] = text
	entries := 0
	item, more := transforms.NextItem(text, 1)
	for more {
		if entries == s.n.table.max {
			w.occ = w.occ[:len(w.occ)-1]
			return 0, at, w.fail(s.n, faultOccurs, -1)
		}
		w.occ[len(w.occ)-1] = int32(entries)
		from, end := len(w.out), 0
		step.begin(entries, w.start+s.off+at)
		if s.parts.entry == nil {
			end = transforms.SkipValue(text, item)
			w.frame[s.parts.scalar] = span{int32(item), int32(end)}
		} else {
			clear(w.frame[s.parts.entry.first : s.parts.entry.first+s.parts.entry.size])
			var ferr *transforms.FieldError
			if end, ferr = w.locate(s.parts.entry, text, item); ferr != nil {
				return 0, at, ferr
			}
		}
		if end <= item {
			return 0, at, w.fail(s.n, faultSyntax, -1)
		}
		var err error
		if at, err = w.exec(s.parts.sub, at); err != nil {
			return 0, at, err
		}
		at += s.size
		step.end(from)
		entries++
		item, more = transforms.NextItem(text, end)
	}
	return entries, at, nil
}

// settleCount checks the number of entries, and brings the counter into step with it. It returns
// how many entries the table gets in all.
func (w *writing) settleCount(n *node, entries int, given, inStep bool) (int, error) {
	t := n.table
	known := t.counter != nil && (w.regs[t.counter.reg].set || !given && inStep)
	switch {
	case given && entries < t.min && n.policy.FillTables:
		entries = t.min
	case given && entries < t.min:
		return 0, w.fail(n, faultOccurs, -1)
	case !given && !known:
		entries = t.min
	}
	if t.counter == nil {
		return entries, nil
	}
	if !known {
		return entries, w.setCount(n, entries)
	}
	count, ferr := w.givenCount(n)
	if ferr != nil {
		return 0, ferr
	}
	switch by := w.regs[t.counter.reg].by; {
	case given && count != entries && by == nil:
		return 0, w.fail(t.counter, faultAgree, w.regs[t.counter.reg].pos)
	case given && count != entries, !given && by != nil && count > t.min && !n.policy.FillTables && !(inStep && count == w.oldCount(n)):
		return 0, w.disagree(n, by)
	}
	return count, nil
}

// disagree tells of two tables with one counter and different numbers of entries.
func (w *writing) disagree(n, first *node) error {
	err := w.fail(n, faultAgree, -1)
	err.Reason = fmt.Sprintf("tables %s and %s have the counter %s in common, and not the same number of entries",
		first.item.Name, n.item.Name, n.table.counter.item.Name)
	return err
}

// tableValue gets the array a table is filled from.
func (w *writing) tableValue(s *writeStep) (transforms.Value, error) {
	var v transforms.Value
	var err error
	switch {
	case s.parts.each != nil:
		v, err = s.parts.each.Source.Value(w.run)
	case s.parts.source != nil || s.slot >= 0:
		v, err = w.value(s)
	}
	switch {
	case err != nil:
		return v, err
	case v.Kind == transforms.Null:
		return v, w.fail(s.n, faultNull, -1)
	case v.Kind != transforms.Array && v.Kind != transforms.Absent,
		v.Kind == transforms.Array && s.parts.each == nil && v.Text == nil && v.Len > 0: // rows, of which the text was not asked for
		return v, w.fail(s.n, faultArray, -1)
	}
	return v, nil
}

// givenCount reads back a counter that was written before.
func (w *writing) givenCount(n *node) (int, *transforms.FieldError) {
	c := n.table.counter
	pos := w.regs[c.reg].pos
	count, f := w.number(c, w.out[pos:pos+c.size()])
	if f != ok {
		return 0, w.fail(c, f, pos)
	}
	if count < n.table.min || count > n.table.max {
		return 0, w.fail(c, faultOccurs, pos)
	}
	return count, nil
}

// setCount writes the counter of a table.
func (w *writing) setCount(n *node, count int) error {
	c := n.table.counter
	reg := &w.regs[c.reg]
	if now, f := w.number(c, w.out[reg.pos:reg.pos+c.size()]); f == ok && now == count {
		w.exact.reach = max(w.exact.reach, reg.pos-w.start+c.size())
		reg.set, reg.by = true, n
		return nil // it says so already, in whatever form
	}
	if w.overlaid(c) {
		return w.fail(c, faultRedefines, reg.pos)
	}
	start := len(w.scratch)
	w.scratch = strconv.AppendInt(w.scratch, int64(count), 10)
	f := c.base.encode(w.out[reg.pos:reg.pos+c.size()], scalar{kind: transforms.Number, text: w.scratch[start:]})
	w.scratch = w.scratch[:start]
	if f != ok {
		return w.fail(c, f, reg.pos)
	}
	w.exact.changed(reg.pos - w.start + c.size())
	reg.set, reg.by = true, n
	return nil
}
