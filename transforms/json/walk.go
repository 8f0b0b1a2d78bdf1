// SPDX-License-Identifier: Apache-2.0

package json

import (
	"slices"
	"strconv"
	"strings"

	"lintel/transforms"
)

// maxPointer bounds what a pointer in an issue may hold of names that a caller made up.
const maxPointer = 256

const unknownMember = "the contract has no member of this name"

// walker is one use of a reader. It lives in a pool.
type walker struct {
	f     *format
	msg   []byte
	slots *transforms.Slots
	path  []step
	// last is the quoted name of a member below the path that is not in msg, or nil.
	last []byte
	// seen holds one bit per entry of each object that is being walked.
	seen    []uint64
	scratch []byte

	issues []transforms.Issue
	// trial is how many alternatives deep the walk is: there, the first failure stops the walk
	// and nothing is reported.
	trial int
	stop  bool
	// lax is how deep the walk is in trials by the meaning of JSON Schema alone.
	lax int
	// fuel bounds the work of alternatives, in bytes.
	fuel int
	dry  bool
	// bad is set when the text is not JSON, or may not be.
	bad bool
	// unsure: there are members whose names were not compared with each other by the walk.
	unsure bool
	// naming: it is the name of a member that is looked at.
	naming bool
	// rows is how many more array entries may be captured.
	rows int
}

// step is one level of the path: the offset of a quoted member name in msg, or else an index.
type step struct {
	name  int // 0 for an index: no name stands there
	index int
}

// fail notes that the value at the present path breaks the contract.
func (w *walker) fail(code, detail string) {
	if w.trial > 0 {
		w.stop = true
		return
	}
	if w.stop {
		return
	}
	if w.naming {
		code, detail = "propertyNames", "the name of the member is not allowed: "+detail
	}
	is := transforms.Issue{Pointer: w.pointer(), Code: code, Detail: detail}
	if slices.Contains(w.issues, is) {
		return // two schemas applied to one value say the same
	}
	w.issues = append(w.issues, is)
	w.stop = len(w.issues) >= w.f.o.MaxIssues
}

// failMember is fail for a member of the object at the present path.
func (w *walker) failMember(quoted []byte, code, detail string) {
	w.last = quoted
	w.fail(code, detail)
	w.last = nil
}

// pointer writes the present path. It ends early where a made-up name would make it too long.
func (w *walker) pointer() string {
	b := append([]byte(nil), w.f.o.Prefix...)
	for _, s := range w.path {
		if s.name == 0 {
			b = strconv.AppendInt(append(b, '/'), int64(s.index), 10)
			continue
		}
		var short bool
		if b, short = appendStep(b, w.nameAt(s)); !short {
			return string(b)
		}
	}
	if w.last != nil {
		b, _ = appendStep(b, w.last)
	}
	return string(b)
}

// nameAt gives the quoted name of a step.
func (w *walker) nameAt(s step) []byte {
	end, _ := skipString(w.msg, s.name)
	return w.msg[s.name:end]
}

// appendStep appends a quoted name to a pointer; short is false for one that is too long.
func appendStep(b, quoted []byte) (out []byte, short bool) {
	name := unquote(nil, quoted)
	if len(name) > maxPointer {
		return b, false
	}
	return append(append(b, '/'), escapePointer(string(name))...), true
}

func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// value checks the value that begins at pos, captures it, and returns the offset behind it. After
// w.stop was set the offset means nothing.
func (w *walker) value(p *plan, pos, base int) int {
	if pos >= len(w.msg) {
		w.malformed()
		return pos
	}
	if p == nil {
		return w.skip(pos)
	}
	k := kindOf(w.msg[pos])
	if p.kinds&k == 0 {
		w.failType(p)
		return skipValue(w.msg, pos)
	}
	var end, first, count int
	switch k {
	case kindString:
		end = w.text(p, pos)
	case kindNumber:
		end = w.number(p, pos)
	case kindObject:
		end = w.object(p, pos, base)
	case kindArray:
		end, first, count = w.array(p, pos)
	default:
		end = w.literal(pos)
		if p.enum != nil && !w.stop {
			w.other(p.enum, k, pos, end)
		}
	}
	if w.stop {
		return end
	}
	if p.slot >= 0 {
		v := w.slots.At(base + p.slot)
		v.Kind, v.Text = valueKind(k), w.msg[pos:end:end]
		v.First, v.Len = int32(first), int32(count)
	}
	if p.inPlace {
		w.applyInPlace(p, k, pos, end)
	}
	return end
}

func (w *walker) failType(p *plan) {
	if p.never {
		w.fail("false", "no value is allowed here")
		return
	}
	w.fail("type", p.typeDetail)
}

func valueKind(k kind) transforms.Kind {
	switch k {
	case kindNull:
		return transforms.Null
	case kindBool:
		return transforms.Bool
	case kindNumber:
		return transforms.Number
	case kindString:
		return transforms.String
	case kindArray:
		return transforms.Array
	default:
		return transforms.Object
	}
}

// other compares a value that is neither string nor number with an enum.
func (w *walker) other(e *enumCheck, k kind, pos, end int) {
	if e.kinds&k != 0 {
		for _, o := range e.others {
			if Equal([]byte(o), w.msg[pos:end]) {
				return
			}
		}
	}
	w.fail(e.code, e.detail)
}

// object walks the members of the object at pos.
func (w *walker) object(p *plan, pos, base int) int {
	o := p.obj
	if o == nil {
		end := w.skip(pos)
		w.enumNested(p, kindObject, pos, end)
		return end
	}
	bits := len(w.seen)
	for n := len(o.names.entries); n > 0; n -= 64 {
		w.seen = append(w.seen, 0)
	}
	count, guess := 0, 0
	at, more := w.nextMember(pos+1, true)
	for more {
		count++
		w.path = append(w.path, step{name: at})
		if o.nameOf != nil && !w.name(o.nameOf, at) { // before the name is read: both use the scratch
			return at
		}
		key, i, value := o.names.expect(w.msg, at, guess)
		if i < 0 {
			if key, value = w.nameOf(at); value == 0 {
				return len(w.msg)
			}
			i = o.names.find(key)
		}
		if i >= 0 {
			guess = i + 1
			w.see(bits, i)
		} else {
			w.unsure = true
		}
		at = w.member(o, i, key, value, base)
		w.path = w.path[:len(w.path)-1]
		if w.stop {
			return at
		}
		at, more = w.nextMember(at, false)
	}
	if w.bad {
		return at
	}
	w.finishObject(o, bits, count)
	w.seen = w.seen[:bits]
	w.enumNested(p, kindObject, pos, at)
	return at
}

// name checks the name of a member as a text. It is false when the walk has stopped.
func (w *walker) name(p *plan, at int) bool {
	w.naming = true
	w.value(p, at, 0)
	w.naming = false
	return !w.stop
}

// see notes that entry i of the object is there.
func (w *walker) see(bits, i int) {
	word, bit := &w.seen[bits+i/64], uint64(1)<<(i%64)
	if *word&bit != 0 {
		w.fail("duplicate", "the member is there more than once")
	}
	*word |= bit
}

func (w *walker) enumNested(p *plan, k kind, pos, end int) {
	if p.enum != nil && !w.stop {
		w.other(p.enum, k, pos, end)
	}
}

// member checks one member; i is its entry or -1. The path ends in the member.
func (w *walker) member(o *objectCheck, i int, key []byte, at, base int) int {
	var e *entry
	if i >= 0 {
		e = &o.names.entries[i]
		if e.refuse != "" && w.lax == 0 {
			w.failRefused(e.refuse)
			return skipValue(w.msg, at)
		}
		if e.declared && o.patterns == nil {
			return w.value(e.plan, at, base)
		}
	}
	matched := e != nil && e.declared
	end := -1
	for j := range o.patterns {
		if o.patterns[j].match.Match(key) { // before the walk goes on: key may be scratch
			matched = true
			end = w.value(o.patterns[j].plan, at, base)
			if w.stop {
				return end
			}
			key = w.memberName()
		}
	}
	switch {
	case matched && e == nil:
		return end
	case matched:
		return w.value(e.plan, at, base)
	case o.closed:
		w.fail("unknown", "the contract does not allow this member")
		return skipValue(w.msg, at)
	case o.strict && w.lax == 0 && e == nil && !o.knownPattern(key):
		w.fail("unknown", unknownMember)
		return skipValue(w.msg, at)
	case e != nil:
		return w.value(e.plan, at, base)
	default:
		return w.value(o.additional, at, base)
	}
}

// memberName gives the name of the member that the path ends in once more.
func (w *walker) memberName() []byte {
	w.scratch = append(w.scratch[:0], unquote(w.scratch[:0], w.nameAt(w.path[len(w.path)-1]))...)
	return w.scratch
}

func (w *walker) failRefused(code string) {
	if code == "readOnly" {
		w.fail(code, "the member is read-only and may not be sent in a request")
		return
	}
	w.fail(code, "the member is write-only and may not be sent in a response")
}

func (o *objectCheck) knownPattern(key []byte) bool {
	for _, re := range o.strictPatterns {
		if re.Match(key) {
			return true
		}
	}
	return false
}

// finishObject reports what is missing and the bounds.
func (w *walker) finishObject(o *objectCheck, bits, count int) {
	for _, i := range o.required {
		if !w.marked(bits, i) {
			w.failMember(quoteName(o.names.entries[i].name), "required", "the member is missing")
			if w.stop {
				return
			}
		}
	}
	for i := range o.needs {
		w.needed(o, &o.needs[i], bits)
	}
	if o.min.n > 0 && count < o.min.n {
		w.fail("minProperties", o.min.detail)
	}
	if o.max.n >= 0 && count > o.max.n {
		w.fail("maxProperties", o.max.detail)
	}
}

// needed reports the members that are missing beside another.
func (w *walker) needed(o *objectCheck, n *need, bits int) {
	if !w.marked(bits, n.of) {
		return
	}
	for _, i := range n.entries {
		if !w.marked(bits, i) && !w.stop {
			w.failMember(quoteName(o.names.entries[i].name), "dependentRequired", n.detail)
		}
	}
}

// marked tells a bit of the bits that begin at a word of seen.
func (w *walker) marked(bits, i int) bool { return w.seen[bits+i/64]&(1<<(i%64)) != 0 }
