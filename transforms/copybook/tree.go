// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"

	"lintel/specs"
)

// tree nests the entries by their level numbers and returns the records.
func (p *parser) tree() []*entry {
	t := &nesting{p: p}
	for _, e := range p.entries {
		t.add(e)
	}
	t.closeRoots()
	return t.records
}

// nesting is the state while entries are nested.
type nesting struct {
	p       *parser
	records []*entry
	// path is the groups that are open, outermost first; the last is the latest storage entry.
	path []*entry
	// last is the latest entry that a level 88 can belong to.
	last *entry
	// implied is the record of entries in front of the first 01, of a book that begins at another level.
	implied *entry
}

func (t *nesting) add(e *entry) {
	switch e.level {
	case 88:
		t.condition(e)
	case 66:
		t.rename(e)
	case 1, 77:
		t.closeRoots()
		t.newItem(e)
		t.records = append(t.records, e)
		t.path = append(t.path[:0], e)
	default:
		t.nest(e)
	}
}

func (t *nesting) newItem(e *entry) {
	e.item = &Item{Level: e.level, Name: e.name, Filler: e.name == fillerName, Pos: e.pos, Comment: e.comment}
	t.last = e
}

// closeRoots ends the record that is open.
func (t *nesting) closeRoots() {
	t.implied = nil
	t.path = t.path[:0]
}

// nest puts an entry of level 02 to 49 below the group it belongs to.
func (t *nesting) nest(e *entry) {
	t.newItem(e)
	for len(t.path) > 0 && t.path[len(t.path)-1].level >= e.level {
		if t.path[len(t.path)-1] == t.implied {
			break
		}
		if t.path[len(t.path)-1].level == 77 {
			t.p.errorAt(codeNesting, e.pos, "nothing can belong to a level 77 item", "use level 01 for a group")
			e.bad = true
			return
		}
		t.path = t.path[:len(t.path)-1]
	}
	if len(t.path) == 0 {
		t.imply(e)
	}
	parent := t.path[len(t.path)-1]
	if len(parent.children) > 0 && parent != t.implied && parent.children[0].level != e.level {
		t.p.warnAt(codeUnevenLevel, e.pos, fmt.Sprintf("level %02d stands beside level %02d in %s; it is taken as its sibling", e.level, parent.children[0].level, parent.name),
			"give the items of a group one level number")
	}
	e.parent = parent
	e.item.Parent = parent.item
	parent.children = append(parent.children, e)
	parent.item.Children = append(parent.item.Children, e.item)
	t.path = append(t.path, e)
}

// imply makes the record of a book that begins at another level than 01.
func (t *nesting) imply(e *entry) {
	r := &entry{level: 0, name: baseName(t.p.book.File), pos: e.pos, namePos: e.pos}
	r.item = &Item{Level: 1, Name: r.name, Pos: e.pos}
	t.implied = r
	t.p.implied = append(t.p.implied, r)
	t.records = append(t.records, r)
	t.path = append(t.path[:0], r)
}

func (t *nesting) condition(e *entry) {
	pos := e.pos
	switch {
	case t.last == nil:
		t.p.errorAt(codeCondition, pos, "a level 88 entry needs an item in front of it", "")
		return
	case e.name == fillerName:
		t.p.errorAt(codeCondition, pos, "a level 88 entry needs a name", "")
		return
	case len(e.values) == 0:
		if !e.bad {
			t.p.errorAt(codeCondition, pos, fmt.Sprintf("the condition-name %s has no VALUE", e.name), "")
		}
		return
	}
	t.p.onlyClauses(e, codeCondition, "a level 88 entry has a VALUE clause only", true)
	t.last.item.Conditions = append(t.last.item.Conditions, Condition{Name: e.name, Values: e.values, False: e.whenFalse, Pos: pos})
	t.last.conditions = append(t.last.conditions, e)
}

// onlyClauses refuses clauses at a level that stores nothing.
func (p *parser) onlyClauses(e *entry, code, message string, values bool) {
	var at specs.Pos
	switch {
	case e.picture != nil:
		at = e.picture.pos()
	case e.usage != nil:
		at = e.usage.pos
	case e.occurs != nil:
		at = e.occurs.pos
	case e.redefines != nil:
		at = e.redefines.pos
	case e.sign != nil:
		at = e.sign.pos
	case e.sync != nil:
		at = e.sync.pos()
	case e.justified != nil:
		at = e.justified.pos()
	case e.blank != nil:
		at = e.blank.pos()
	case !values && len(e.values) > 0:
		at = e.valuePos
	default:
		return
	}
	p.errorAt(code, at, message, "")
}

func (t *nesting) rename(e *entry) {
	switch {
	case len(t.records) == 0:
		t.p.errorAt(codeRenames, e.pos, "a level 66 entry needs a record in front of it", "")
		return
	case e.renames == nil:
		if !e.bad {
			t.p.errorAt(codeRenames, e.pos, "a level 66 entry needs RENAMES", "")
		}
		return
	case e.name == fillerName:
		t.p.errorAt(codeRenames, e.pos, "a level 66 entry needs a name", "")
		return
	}
	t.p.onlyClauses(e, codeRenames, "a level 66 entry has a RENAMES clause only", false)
	r := t.records[len(t.records)-1]
	r.aliases = append(r.aliases, e)
	t.last = nil
}
