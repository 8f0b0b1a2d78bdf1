// SPDX-License-Identifier: Apache-2.0

package record

import "lintel/transforms"

// Fields with the policy UnreadableNull become null where their bytes cannot be read. A reader looks at
// all of them in every message, whatever is wanted of it, and notes those that it could not read: what
// is known about a message does not depend on what is asked for.

// lenience marks a field that becomes null where it cannot be read, and the groups around it.
func lenience(n *node) {
	if n.leaf == nil || n.name == "" || n.policy.Unreadable != UnreadableNull || neverFails(n.leaf) {
		return
	}
	for x := n; x != nil; x = x.parent {
		x.lenient = true
	}
}

// neverFails tells that every content of a field can be read: text of one byte a character, and raw bytes.
func neverFails(l leaf) bool {
	switch l := l.(type) {
	case *textLeaf, *rawLeaf:
		return true
	case *emptyLeaf:
		return neverFails(l.leaf)
	default:
		return false
	}
}

// tolerates tells that a field that cannot be read becomes null in this walk.
func (w *walk) tolerates(n *node) bool {
	return !w.strict && (w.tolerant || n.lenient)
}

// probe notes a field that cannot be read.
func (w *walk) probe(n *node, pos int) {
	end := pos + n.size()
	var f fault
	switch {
	case w.strict || pos >= len(w.msg):
		return
	case end > len(w.msg) && !n.partial:
		f = faultShort
	default:
		start := len(w.scratch)
		var out []byte
		out, f = n.leaf.decode(w.scratch, w.msg[pos:min(end, len(w.msg))])
		w.scratch = out[:start]
	}
	if f != ok {
		w.slots.Note(w.fail(n, f, pos))
	}
}

// probed adds what notes a lenient field that cannot be read.
func (p *capturePlan) probed(n *node) {
	if n.lenient && !n.isGroup() {
		p.steps = append(p.steps, captureStep{op: opProbe, n: n})
	}
}

// nullValue is what a field that cannot be read becomes.
func nullValue() transforms.Value {
	return transforms.Value{Kind: transforms.Null, Text: []byte("null")}
}
