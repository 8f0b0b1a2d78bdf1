// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"

	"lintel/specs"
)

// Message is the layout of one message of a host.
type Message struct {
	// Name is what the transform names: copybooks/ACCT.cpy#REQ.
	Name string
	Pos  specs.Pos
	// Document tells that the fields stand in a document and not at offsets.
	Document bool
	// Reply tells that the host sends it.
	Reply bool
	// Least and Greatest are its length in bytes.
	Least, Greatest int
	Fields          []Field
}

// Field is one item of a message, groups included.
type Field struct {
	// Path is the qualified name, unique in the message but for fillers.
	Path string
	Pos  specs.Pos
	// Group tells that it has no bytes of its own; Filler that it means nothing; Text that its bytes are plain
	// characters.
	Group, Filler, Text bool
	Offset, Length      int
	// Encoding says all that decides what the bytes of a value are: picture, usage, sign, byte order, code page.
	Encoding string
	// Shown is picture and usage for people.
	Shown string
	// Least and Greatest are the number of occurrences, 1 for what is no table; Counter names what counts them.
	Least, Greatest int
	Counter         string
	// Redefines is the item whose storage it shares; Shared tells that it or a group around it does.
	Redefines string
	Shared    bool
	// Needed tells that a field of a document must be there.
	Needed bool
	// Values are what condition-names stand for, by name.
	Values map[string]string
}

// layouts compares two messages.
type layouts struct {
	operation, where string
	from, to         *Message
	out              []Change
}

// Layouts says what changed for the host in one message. where says which one it is: "request record".
func Layouts(operation, where string, from, to *Message) []Change {
	l := &layouts{operation: operation, where: where, from: from, to: to}
	if from.Document != to.Document {
		l.add(Host, "message-format", "", from.Pos, to.Pos, "the message was %s and is %s", kindOf(from), kindOf(to))
		return l.out
	}
	if !from.Document {
		l.lengths()
	}
	l.fields()
	return Sort(l.out)
}

func kindOf(m *Message) string {
	if m.Document {
		return "a document"
	}
	return "a record"
}

func (l *layouts) add(e Effect, rule, field string, old, now specs.Pos, format string, args ...any) {
	where := l.where
	if field != "" {
		where += " " + field
	}
	l.out = append(l.out, Change{
		Effect: e, Part: Layout, Rule: rule, Operation: l.operation, Where: where, Message: fmt.Sprintf(format, args...), Old: old, New: now,
	})
}

func (l *layouts) lengths() {
	if l.from.Least != l.to.Least || l.from.Greatest != l.to.Greatest {
		l.add(Host, "record-length", "", l.from.Pos, l.to.Pos, "the record was %s long and is %s", bytesOf(l.from), bytesOf(l.to))
	}
}

func bytesOf(m *Message) string {
	if m.Least == m.Greatest {
		return fmt.Sprintf("%d bytes", m.Least)
	}
	return fmt.Sprintf("%d to %d bytes", m.Least, m.Greatest)
}

// fields pairs the fields by name, then those without a partner by their bytes: they have another name only.
func (l *layouts) fields() {
	used := make([]bool, len(l.to.Fields))
	partner := make([]int, len(l.from.Fields))
	pairUp := func(same func(a, b *Field) bool) {
		for i := range l.from.Fields {
			if partner[i] > 0 {
				continue
			}
			for k := range l.to.Fields {
				if !used[k] && same(&l.from.Fields[i], &l.to.Fields[k]) {
					partner[i], used[k] = k+1, true
					break
				}
			}
		}
	}
	pairUp(func(a, b *Field) bool { return !a.Filler && !b.Filler && a.Path == b.Path })
	if !l.from.Document {
		pairUp(func(a, b *Field) bool { return a.Filler == b.Filler && a.sameBytes(b) })
	}
	l.pairs(partner)
	for i := range l.from.Fields {
		if partner[i] == 0 {
			l.removed(&l.from.Fields[i])
		}
	}
	for k := range l.to.Fields {
		if !used[k] {
			l.added(&l.to.Fields[k])
		}
	}
}

// sameBytes reports whether two fields are the same but for their names.
func (f *Field) sameBytes(o *Field) bool {
	return f.Group == o.Group && f.Offset == o.Offset && f.Length == o.Length && f.Encoding == o.Encoding && f.Least == o.Least && f.Greatest == o.Greatest
}

// pairs compares fields with what they have become. Fields that moved one after the other by as many bytes
// are one change.
func (l *layouts) pairs(partner []int) {
	var moved []*Field
	by := 0
	flush := func() {
		if len(moved) > 0 {
			l.moved(moved, by)
		}
		moved = nil
	}
	for i := range l.from.Fields {
		if partner[i] == 0 {
			continue
		}
		a, b := &l.from.Fields[i], &l.to.Fields[partner[i]-1]
		if d := b.Offset - a.Offset; d != by || d == 0 {
			flush()
			by = d
		}
		if a.Offset != b.Offset && !a.Filler {
			moved = append(moved, b)
		}
		l.pair(a, b)
	}
	flush()
}

func (l *layouts) moved(list []*Field, by int) {
	first := list[0]
	others := ""
	if n := len(list) - 1; n > 0 {
		others = fmt.Sprintf(", and %d more up to %s", n, list[n].Path)
	}
	l.add(Host, "field-moved", first.Path, specs.Pos{}, first.Pos, "moved by %+d bytes to offset %d%s", by, first.Offset, others)
}

func (l *layouts) pair(a, b *Field) {
	if a.Path != b.Path && !a.Filler {
		l.add(Safe, "field-renamed", b.Path, a.Pos, b.Pos, "the name was %s", a.Path)
	}
	switch {
	case a.Group != b.Group:
		l.add(Host, "field-kind", b.Path, a.Pos, b.Pos, "was %s and is %s", groupWords(a), groupWords(b))
	case a.Encoding != b.Encoding:
		l.add(Host, "field-encoding", b.Path, a.Pos, b.Pos, "was %s and is %s", a.Shown, b.Shown)
	case a.Length != b.Length && !a.Group:
		l.add(Host, "field-length", b.Path, a.Pos, b.Pos, "was %d bytes long and is %d", a.Length, b.Length)
	}
	if a.Least != b.Least || a.Greatest != b.Greatest || a.Counter != b.Counter {
		l.add(Host, "field-occurs", b.Path, a.Pos, b.Pos, "was %s and is %s", a.occurs(), b.occurs())
	}
	if a.Redefines != b.Redefines {
		l.add(Review, "field-redefines", b.Path, a.Pos, b.Pos, "redefined %s and redefines %s", orNothing(a.Redefines), orNothing(b.Redefines))
	}
	if b.Needed != a.Needed {
		breaks := b.Needed != l.to.Reply // a request must have it, or a reply may lack it
		l.add(effectIf(breaks, Host), "field-needed", b.Path, a.Pos, b.Pos, "must be there: was %t and is %t", a.Needed, b.Needed)
	}
	l.values(a, b)
}

func groupWords(f *Field) string {
	if f.Group {
		return "a group"
	}
	return f.Shown
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (f *Field) occurs() string {
	switch {
	case f.Greatest < 0:
		return fmt.Sprintf("a table of %d or more", f.Least)
	case f.Least == 1 && f.Greatest == 1 && f.Counter == "":
		return "no table"
	case f.Least == f.Greatest && f.Counter == "":
		return fmt.Sprintf("a table of %d", f.Least)
	case f.Counter == "":
		return fmt.Sprintf("a table of %d to %d", f.Least, f.Greatest)
	default:
		return fmt.Sprintf("a table of %d to %d by %s", f.Least, f.Greatest, f.Counter)
	}
}

// values compares what names of values stand for at the host.
func (l *layouts) values(a, b *Field) {
	names := make([]string, 0, len(a.Values)+len(b.Values))
	for name := range a.Values {
		names = append(names, name)
	}
	for name := range b.Values {
		names = addNew(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		was, before := a.Values[name]
		is, after := b.Values[name]
		switch {
		case before && after && was != is:
			l.add(Host, "value-changed", b.Path, a.Pos, b.Pos, "%s stood for %s and stands for %s", name, was, is)
		case before && !after:
			l.add(Review, "value-removed", b.Path, a.Pos, b.Pos, "%s, which stood for %s, is gone", name, was)
		case after && !before:
			l.add(Safe, "value-added", b.Path, a.Pos, b.Pos, "%s stands for %s", name, is)
		}
	}
}

// removed reports a field that is not in the new layout. Its bytes may still be there.
func (l *layouts) removed(f *Field) {
	switch {
	case f.Group || f.Filler:
		return // what is in them is reported
	case l.from.Document:
		l.add(Host, "field-removed", f.Path, f.Pos, l.to.Pos, "%s is gone", f.Shown)
	case f.Text && coveredBy(l.to, f, func(o *Field) bool { return o.Text && !o.Filler }):
		l.add(Review, "field-divided", f.Path, f.Pos, l.to.Pos, "%s is gone, its bytes are texts of other fields", f.Shown)
	case l.to.Reply && coveredBy(l.to, f, func(o *Field) bool { return o.Filler }):
		l.add(Review, "field-unused", f.Path, f.Pos, l.to.Pos, "%s is gone, its bytes are FILLER: nothing reads them any more", f.Shown)
	default:
		l.add(Host, "field-removed", f.Path, f.Pos, l.to.Pos, "%s at offset %d is gone", f.Shown, f.Offset)
	}
}

func (l *layouts) added(f *Field) {
	switch {
	case f.Group || f.Filler:
		return
	case l.from.Document:
		l.add(effectIf(f.Needed && !l.to.Reply, Host), "field-added", f.Path, l.from.Pos, f.Pos, "%s is new", f.Shown)
	case f.Text && coveredBy(l.from, f, func(o *Field) bool { return o.Text && !o.Filler }):
		l.add(Review, "field-divided", f.Path, l.from.Pos, f.Pos, "%s is new, its bytes were texts of other fields", f.Shown)
	case coveredBy(l.from, f, func(o *Field) bool { return o.Filler }):
		l.add(Review, "field-used", f.Path, l.from.Pos, f.Pos, "%s at offset %d is new, its bytes were FILLER: see that the host uses them so", f.Shown, f.Offset)
	case f.Shared:
		l.add(Review, "field-redefines", f.Path, l.from.Pos, f.Pos, "%s at offset %d is new in bytes that have another meaning too", f.Shown, f.Offset)
	default:
		l.add(Host, "field-added", f.Path, l.from.Pos, f.Pos, "%s at offset %d is new", f.Shown, f.Offset)
	}
}

// coveredBy reports whether each byte of a field belongs to fields of some kind in a message, and to no others.
func coveredBy(m *Message, f *Field, kind func(*Field) bool) bool {
	var covered []bool
	if f.Length <= 0 || f.Greatest != 1 {
		return false
	}
	covered = make([]bool, f.Length)
	for i := range m.Fields {
		o := &m.Fields[i]
		if o.Group || o.Offset+o.Length <= f.Offset || o.Offset >= f.Offset+f.Length {
			continue
		}
		if !kind(o) {
			return false
		}
		for k := max(o.Offset, f.Offset); k < min(o.Offset+o.Length, f.Offset+f.Length); k++ {
			covered[k-f.Offset] = true
		}
	}
	return !slices.Contains(covered, false)
}
