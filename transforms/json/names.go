// SPDX-License-Identifier: Apache-2.0

package json

// names finds the entry of a member by its name. Documents mostly keep the order of the contract,
// so the entry after the last one found is tried first (expect), then a hash table (find).
type names struct {
	entries []entry
	table   []int32 // entry number + 1; 0 is free; the length is a power of two
}

// entry is a member that the contract or a capture names.
type entry struct {
	name string
	// quoted is the name as most documents have it, with quotes and the colon.
	quoted string
	// plan checks and captures the value; nil accepts and takes nothing.
	plan *plan
	// declared members are listed under properties: additionalProperties does not apply to them.
	declared bool
	// refuse is the code of the issue when the member may not be sent in this direction.
	refuse string
}

func newNames(entries []entry) names {
	size := 4
	for size < 2*len(entries) {
		size *= 2
	}
	n := names{entries: entries, table: make([]int32, size)}
	for i, e := range entries {
		entries[i].quoted = string(quoteName(e.name)) + ":"
		at := hashName(e.name) & uint32(size-1)
		for n.table[at] != 0 {
			at = (at + 1) & uint32(size-1)
		}
		n.table[at] = int32(i + 1)
	}
	return n
}

// expect looks whether the quoted name at i is that of an entry: then it returns the name, the number of the
// entry and the offset of the value, else the number -1.
func (n *names) expect(b []byte, i, number int) (key []byte, entry, value int) {
	if number >= len(n.entries) {
		return nil, -1, 0
	}
	e := &n.entries[number]
	behind := i + len(e.quoted)
	if behind > len(b) || string(b[i:behind]) != e.quoted || len(e.quoted) != len(e.name)+3 {
		return nil, -1, 0
	}
	return b[i+1 : behind-2], number, skipSpace(b, behind)
}

// find returns the number of the entry, or -1.
func (n *names) find(name []byte) int {
	mask := uint32(len(n.table) - 1)
	for at := hashName(name) & mask; n.table[at] != 0; at = (at + 1) & mask {
		i := int(n.table[at] - 1)
		if n.entries[i].name == string(name) {
			return i
		}
	}
	return -1
}

// hashName mixes every byte: names of one contract often differ in a single letter. The table is
// built from the contract alone, so a caller cannot choose what collides.
func hashName[T string | []byte](s T) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h ^ h>>15
}
