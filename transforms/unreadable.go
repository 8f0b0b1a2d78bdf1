// SPDX-License-Identifier: Apache-2.0

package transforms

import "lintel/specs"

// A field of a reply may be allowed to become null where its bytes cannot be read. Which fields of a
// reply did is told to expressions by the name unreadable, and to logs and metrics by Output.

// Unreadable are the fields of a reply that became null because their bytes could not be read.
type Unreadable struct {
	// Fields are at most 100 of them, More how many there are beyond.
	Fields []*FieldError
	More   int
}

// Count is how many there are.
func (u *Unreadable) Count() int { return len(u.Fields) + u.More }

// unreadableSchema is what expressions know by the name unreadable: the names of fields.
func unreadableSchema() *specs.Schema {
	text := objectSchema(nil)
	text.Types = []string{"string"}
	list := objectSchema(nil)
	list.Types, list.Items, list.MaxItems = []string{"array"}, text, maxNotes
	return list
}

// unreadableRoot is the name unreadable. Where every field of the reply must be readable it is known
// only to say so.
func (k *compilation) unreadableRoot(reply *document) root {
	r := documentRoot("unreadable", k.t.unreadable)
	if !reply.typ.Type.hasLenient(map[*Type]bool{}) {
		r.refused = &refusal{
			codeExprUnknown, "no field of this reply becomes null where its bytes cannot be read, so that nothing is listed",
			"write unreadable: null at the fields, or the record, in records.yaml",
		}
	}
	return r
}

// hasLenient looks for a lenient value in a type.
func (t *Type) hasLenient(seen map[*Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.Lenient || t.Items.hasLenient(seen) {
		return true
	}
	for _, m := range t.Members {
		if m.hasLenient(seen) {
			return true
		}
	}
	return false
}

// readUnreadable fills in the names of the fields that could not be read.
func (r *Run) readUnreadable() error {
	d := r.t.unreadable
	if d == nil || d.named == 0 {
		return nil
	}
	text := append(make([]byte, 0, 64), '[')
	for i, f := range r.slots.bad {
		if i > 0 {
			text = append(text, ',')
		}
		text = AppendQuoted(text, f.Field)
	}
	return d.reader.Read(append(text, ']'), &r.slots, d.base)
}

// Unreadable tells which fields of the reply could not be read.
func (r *Run) Unreadable() Unreadable { return Unreadable{r.slots.bad, r.slots.more} }
