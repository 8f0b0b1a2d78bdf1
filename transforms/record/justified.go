// SPDX-License-Identifier: Apache-2.0

package record

import "unicode/utf8"

// lastCharacters cuts text on the left to at most n characters: what MOVE leaves of a text that is too long
// for a JUSTIFIED item. Where text is the inside of a JSON string escapes tells so.
func lastCharacters(text []byte, n int, escapes bool) ([]byte, fault) {
	if len(text) <= n {
		return text, ok
	}
	count := 0
	for i := 0; i < len(text); count++ {
		_, size := nextRune(text[i:], escapes)
		if size == 0 {
			return nil, faultText
		}
		i += size
	}
	for ; count > n; count-- {
		_, size := nextRune(text, escapes)
		text = text[size:]
	}
	return text, ok
}

// lastThatFit cuts text on the left to as many characters as the field has room for. The field is only used
// as room.
func (l *wideLeaf) lastThatFit(field, text []byte) []byte {
	last, f := lastCharacters(text, len(field), false) // none of them takes less than a byte
	if f != ok {
		return text // for put to refuse
	}
	if l.fits(field, last) {
		return last
	}
	low, high := 0, len(last) // what begins at high fits
	for low < high {
		mid := low + (high-low)/2
		for mid > low && !utf8.RuneStart(last[mid]) {
			mid--
		}
		if l.fits(field, last[mid:]) {
			high = mid
			continue
		}
		_, size := utf8.DecodeRune(last[mid:])
		low = mid + size
	}
	return last[high:]
}

// fits tells that the field has room for all of text. Characters that the code page lacks take as much of
// it as a question mark: whether they are refused is not decided here.
func (l *wideLeaf) fits(field, text []byte) bool {
	mark := "?"
	if len(l.pad) > 1 {
		mark = "\uFF1F"
	}
	_, whole, f := l.put(field, text, []byte(mark))
	return f == ok && whole
}
