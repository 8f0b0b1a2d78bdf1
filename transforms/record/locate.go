// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"strings"
	"unicode"

	"lintel/transforms"
)

// objectTable says where the members of a JSON object go: each has a slot in the frame of the
// writer, and groups have tables of their own in the same frame, so that one scan of an object
// finds all its fields in whatever order they stand.
type objectTable struct {
	n       *node
	entries []memberEntry
	// index finds entries by the name as it stands in JSON, quoted.
	index map[string]int
	// first and size are the slots of the table and all tables below it.
	first, size int
	// scope is the text that the members are in.
	scope int
}

type memberEntry struct {
	quoted []byte
	n      *node
	slot   int
	scope  int
	sub    *objectTable // groups
}

// newScope makes the table of an object that is a text of its own.
func (w *recordWriter) newScope(n *node) *objectTable {
	w.scopes++
	return w.newTable(n, &w.frame, w.scopes-1)
}

// newTable makes the table of a group; next is the first free slot of the frame.
func (w *recordWriter) newTable(n *node, next *int, scope int) *objectTable {
	t := &objectTable{n: n, index: map[string]int{}, first: *next, scope: scope}
	for _, m := range w.c.members(n) {
		e := memberEntry{quoted: m.member[:len(m.member)-1], n: m, slot: *next, scope: scope}
		*next++
		if m.isGroup() && m.table == nil {
			e.sub = w.newTable(m, next, scope)
		}
		t.index[string(e.quoted)] = len(t.entries)
		t.entries = append(t.entries, e)
	}
	t.size = *next - t.first
	return t
}

// locate notes where the members of the object that begins at text[i] are. It returns the offset
// behind the object.
func (w *writing) locate(t *objectTable, text []byte, i int) (int, *transforms.FieldError) {
	if i >= len(text) || text[i] != '{' {
		return i, w.fail(t.n, faultGroup, -1)
	}
	guess := 0
	name, at, more := transforms.NextMember(text, i+1)
	for more {
		e := t.find(name, guess)
		if e < 0 {
			if !w.passes(t, name) && !t.n.policy.IgnoreUnknown {
				return i, w.unknown(t, name)
			}
			at = transforms.SkipValue(text, at)
			name, at, more = transforms.NextMember(text, at)
			continue
		}
		guess = e + 1
		m := &t.entries[e]
		if w.frame[m.slot].end != 0 {
			return i, w.fail(m.n, faultDuplicate, -1)
		}
		var end int
		if m.sub != nil {
			if text[at] == 'n' {
				return i, w.fail(m.n, faultNull, -1)
			}
			var err *transforms.FieldError
			if end, err = w.locate(m.sub, text, at); err != nil {
				return i, err
			}
		} else {
			end = transforms.SkipValue(text, at)
		}
		if end <= at {
			return i, w.fail(m.n, faultSyntax, -1)
		}
		w.frame[m.slot] = span{int32(at), int32(end)}
		name, at, more = transforms.NextMember(text, end)
	}
	at = transforms.SkipSpace(text, at)
	return min(at+1, len(text)), nil
}

// passes tells that a member is no field and yet expected: the bytes of EncodeExact.
func (w *writing) passes(t *objectTable, name []byte) bool {
	return w.exact.old != nil && t.n == w.c.root && string(name) == `"`+ExactMember+`"`
}

// find returns the entry with that quoted name, trying the one that is expected next first.
func (t *objectTable) find(name []byte, guess int) int {
	if guess < len(t.entries) && bytes.Equal(t.entries[guess].quoted, name) {
		return guess
	}
	if e, found := t.index[string(name)]; found {
		return e
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		if plain, f := plainText(name); f == ok {
			if e, found := t.index[string(transforms.AppendQuoted(nil, plain))]; found {
				return e
			}
		}
	}
	return -1
}

// unknown points to the member. The reason does not name it: its name comes from the caller.
func (w *writing) unknown(t *objectTable, quoted []byte) *transforms.FieldError {
	err := w.fail(t.n, faultUnknown, -1)
	err.Reason = "the value has a member that " + t.n.item.Name + " does not have"
	if w.document != nil {
		err.Pointer += "/" + escapePointer(shownName(quoted))
	}
	return err
}

// shownName is the name of a member as it may stand in an error: short, and without control characters.
func shownName(quoted []byte) string {
	plain, f := plainText(quoted)
	if f != ok {
		return "?"
	}
	var b strings.Builder
	shown := 0
	for _, r := range string(plain) {
		if shown++; shown > maxShownName {
			b.WriteString("...")
			break
		}
		if !unicode.IsPrint(r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// maxShownName bounds names of the caller's in errors, in characters.
const maxShownName = 60
