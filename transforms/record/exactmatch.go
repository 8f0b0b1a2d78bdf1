// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"

	"lintel/transforms"
)

// items are the items of a JSON array.
func items(array []byte) (list [][]byte) {
	if len(array) == 0 || array[0] != '[' {
		return nil
	}
	at, more := transforms.NextItem(array, 1)
	for more {
		end := transforms.SkipValue(array, at)
		if end <= at {
			return nil
		}
		list = append(list, array[at:end])
		at, more = transforms.NextItem(array, end)
	}
	return list
}

// sameJSON tells that a value says nothing else than before does: members that it lacks do not count.
func sameJSON(now, before []byte) bool {
	if bytes.Equal(now, before) {
		return true
	}
	if len(now) == 0 || len(before) == 0 || now[0] != before[0] {
		return false
	}
	switch now[0] {
	case '{':
		name, at, more := transforms.NextMember(now, 1)
		for more {
			end := transforms.SkipValue(now, at)
			was := memberOf(before, name)
			if end <= at || was == nil || !sameJSON(now[at:end], was) {
				return false
			}
			name, at, more = transforms.NextMember(now, end)
		}
		return true
	case '[':
		a, b := items(now), items(before)
		for i := range a {
			if len(a) != len(b) || !sameJSON(a[i], b[i]) {
				return false
			}
		}
		return len(a) == len(b)
	}
	return false
}

// oldArray is the array that a table decoded to.
func (w *writing) oldArray(n *node) []byte {
	value := w.exact.document
	entry := w.exact.entry[:len(w.exact.entry)-1]
	for _, x := range n.ancestors() {
		if x.name == "" {
			continue
		}
		if value = memberOf(value, x.member[:len(x.member)-1]); value == nil {
			return nil
		}
		if x.table != nil && x != n {
			list := items(value)
			if len(entry) == 0 || int(entry[0]) >= len(list) {
				return nil
			}
			value, entry = list[entry[0]], entry[1:]
		}
	}
	return value
}

// ancestors are the items around n below the record, from the outside in, and n.
func (n *node) ancestors() (list []*node) {
	for x := n; x.parent != nil; x = x.parent {
		list = append([]*node{x}, list...)
	}
	return list
}

// memberOf finds a member by its name as it stands in JSON.
func memberOf(object []byte, quoted []byte) []byte {
	if len(object) == 0 || object[0] != '{' {
		return nil
	}
	name, at, more := transforms.NextMember(object, 1)
	for more {
		end := transforms.SkipValue(object, at)
		if bytes.Equal(name, quoted) {
			return object[at:end]
		}
		name, at, more = transforms.NextMember(object, end)
	}
	return nil
}
