// SPDX-License-Identifier: Apache-2.0

package copybook

import "fmt"

// redefinitions resolves REDEFINES of the records themselves.
func (p *parser) redefinitions(records []*entry) {
	p.redefinedAmong(records)
	for _, r := range records {
		p.redefinedBelow(r)
	}
}

func (p *parser) redefinedBelow(e *entry) {
	p.redefinedAmong(e.children)
	for _, c := range e.children {
		p.redefinedBelow(c)
	}
}

// redefinedAmong resolves REDEFINES among siblings: the object stands directly before, with nothing between but other
// items that redefine it.
func (p *parser) redefinedAmong(list []*entry) {
	latest := map[string]int{}
	for i, e := range list {
		if i > 0 && list[i-1].name != fillerName {
			latest[list[i-1].name] = i - 1
		}
		if e.redefines == nil {
			continue
		}
		name := e.redefines.names[0]
		target, ok := latest[name]
		if !ok {
			p.errorAt(codeRedefines, e.redefines.pos, fmt.Sprintf("there is no %s in front of %s in the same group", name, e.name), "REDEFINES names an item of the same group and level that stands directly before")
			continue
		}
		p.redefine(list, i, target)
	}
}

func (p *parser) redefine(list []*entry, i, target int) {
	e, t := list[i], list[target]
	block := t.item
	if t.item.Redefines != nil {
		block = t.item.Redefines
	}
	if between := list[i-1]; between != t && between.item.Redefines != block {
		p.errorAt(codeRedefines, e.redefines.pos, fmt.Sprintf("%s stands between %s and %s, which redefines it", between.name, t.name, e.name),
			"put the redefining item directly behind the redefined one")
		return
	}
	switch {
	case t.level != e.level:
		p.errorAt(codeRedefines, e.redefines.pos, fmt.Sprintf("%s has level %02d, but %s, which it redefines, has %02d", e.name, e.level, t.name, t.level), "both need one level number")
	case t.occurs != nil:
		p.errorAt(codeRedefines, e.redefines.pos, fmt.Sprintf("%s is a table and cannot be redefined", t.name), "put the table into a group and redefine the group")
	case p.dialectOf(e).Name == "zos" && (hasDepending(e) != nil || hasDepending(t) != nil):
		d := hasDepending(e)
		if d == nil {
			d = hasDepending(t)
		}
		p.errorAt(codeRedefines, e.redefines.pos, fmt.Sprintf("%s and %s share storage, but the length of %s varies", t.name, e.name, d.name), "Enterprise COBOL refuses OCCURS DEPENDING ON in a redefinition; give the table a fixed number of entries, or set another dialect")
	default:
		e.item.Redefines = block
	}
}

// hasDepending returns the first variable table in an entry, or nil.
func hasDepending(e *entry) *entry {
	if e.occurs != nil && e.occurs.depending != nil {
		return e
	}
	for _, c := range e.children {
		if d := hasDepending(c); d != nil {
			return d
		}
	}
	return nil
}

// references resolves DEPENDING ON below an entry.
func (p *parser) references(e *entry) {
	if e.occurs != nil && e.occurs.depending != nil && e.item.Occurs != nil {
		p.depending(e)
	}
	for _, c := range e.children {
		p.references(c)
	}
}

func (p *parser) depending(e *entry) {
	r := e.occurs.depending
	target, many := p.nearest(e, r.names)
	switch {
	case target == nil:
		p.errorAt(codeDepending, r.pos, fmt.Sprintf("there is no item %s for the number of entries", r), "the counter must stand in the book, in front of the table")
		return
	case many:
		p.errorAt(codeDepending, r.pos, fmt.Sprintf("%s is not unique", r), "qualify it with OF and the name of its group")
		return
	}
	it := target.item
	switch {
	case len(target.children) > 0, it.Category != Numeric && (it.Category != NoPicture || it.Digits == 0), it.Scale != 0:
		p.errorAt(codeDependingBad, r.pos, fmt.Sprintf("%s cannot count entries: it is no integer", target.name), "the counter is an elementary numeric item without decimals")
		return
	case within(target, e):
		p.errorAt(codeDependingBad, r.pos, fmt.Sprintf("the counter %s stands in the table it counts", target.name), "the counter stands in front of the table")
		return
	case foreignTable(target, e) != nil:
		p.errorAt(codeDependingBad, r.pos, fmt.Sprintf("the counter %s stands in the table %s, which the counted table does not stand in", target.name, foreignTable(target, e).name), "a counter must not need a subscript")
		return
	case root(target) != root(e) && !p.o.Sequential: // else all of them are one record
		p.warnAt(codeDependingOther, r.pos, fmt.Sprintf("the counter %s stands in another record: a message does not tell the number of entries", target.name), "put the counter into the record of the table")
	}
	e.item.Occurs.DependingOn = it
}

// foreignTable returns the table around e that is not around table, or nil.
func foreignTable(e, table *entry) *entry {
	for g := e; g != nil; g = g.parent {
		if g.occurs != nil && !within(table, g) {
			return g
		}
	}
	return nil
}

func root(e *entry) *entry {
	for e.parent != nil {
		e = e.parent
	}
	return e
}

func within(e, group *entry) bool {
	for ; e != nil; e = e.parent {
		if e == group {
			return true
		}
	}
	return false
}

// named returns the entries with storage that have the last of the given names, in order.
func (p *parser) named(name string) []*entry {
	if p.byName == nil {
		p.byName = map[string][]*entry{}
		for _, e := range append(p.implied, p.entries...) {
			if e.item != nil && e.name != fillerName {
				p.byName[e.name] = append(p.byName[e.name], e)
			}
		}
	}
	return p.byName[name]
}

// nearest finds the item a name means for an entry: in the innermost group around it that holds exactly one.
func (p *parser) nearest(e *entry, names []string) (found *entry, many bool) {
	for g := e.parent; g != nil; g = g.parent {
		if hits := p.search(g, names); len(hits) > 0 {
			return hits[0], len(hits) > 1
		}
	}
	hits := p.search(nil, names)
	if len(hits) == 0 {
		return nil, false
	}
	return hits[0], len(hits) > 1
}

// search collects the entries in group, itself included, that names mean; a nil group is the whole book.
func (p *parser) search(group *entry, names []string) []*entry {
	var hits []*entry
	for _, e := range p.named(names[0]) {
		if (group == nil || within(e, group)) && qualified(e, names) {
			hits = append(hits, e)
		}
	}
	return hits
}

// qualified reports whether an entry has that name and the qualifiers, in order, among the groups around it.
func qualified(e *entry, names []string) bool {
	if e.name == fillerName || !equalName(e.name, names[0]) {
		return false
	}
	rest := names[1:]
	for g := e.parent; g != nil && len(rest) > 0; g = g.parent {
		if equalName(g.name, rest[0]) {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// renamings resolves the level 66 entries of a record.
func (p *parser) renamings(r *entry) {
	for _, a := range r.aliases {
		from := p.renamed(r, a.renames)
		to := from
		if a.thru != nil {
			to = p.renamed(r, a.thru)
		}
		if from == nil || to == nil {
			continue
		}
		if to != from && (to.Offset < from.Offset || to.Offset+to.Size <= from.Offset) {
			p.errorAt(codeRenames, a.thru.pos, fmt.Sprintf("%s ends before %s begins", to.Name, from.Name), "THRU names an item further on in the record")
			continue
		}
		end := max(from.Offset+from.Size, to.Offset+to.Size)
		r.item.Renames = append(r.item.Renames, Rename{Name: a.name, From: from, To: to, Offset: from.Offset, Size: end - from.Offset, Pos: a.pos})
	}
}

func (p *parser) renamed(r *entry, name *ref) *Item {
	if name == nil {
		return nil
	}
	hits := p.search(r, name.names)
	switch {
	case len(hits) == 0 || hits[0] == r:
		p.errorAt(codeRenames, name.pos, fmt.Sprintf("there is no item %s in the record", name), "RENAMES names items of the record in front of it")
		return nil
	case len(hits) > 1:
		p.errorAt(codeRenames, name.pos, fmt.Sprintf("%s is not unique", name), "qualify it with OF and the name of its group")
		return nil
	}
	for g := hits[0].item; g != nil; g = g.Parent {
		if g.Occurs != nil {
			p.errorAt(codeRenames, name.pos, fmt.Sprintf("%s is a table or stands in one", name), "an item of a table cannot be renamed")
			return nil
		}
	}
	return hits[0].item
}
