// SPDX-License-Identifier: Apache-2.0

package transforms

// The functions of this file walk JSON text that is known to be well-formed: the values of a run were proven
// by their reader, and codecs prove a document first. They stay within the text whatever that is.

// SkipSpace returns the offset of the first character at or behind i that is no white space.
func SkipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the offset behind the string that begins at i.
func skipString(b []byte, i int) (end int) {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(b)
}

// SkipValue returns the offset behind the value that begins at i.
func SkipValue(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i
		}
		i++
	}
	return i
}

func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		c := b[i]
		i++
		switch {
		case c == '"':
			for i < len(b) && b[i] != '"' {
				if b[i] == '\\' {
					i++
				}
				i++
			}
			i++
		case c < '[': // digits, signs, blanks, separators
		case c|0x20 == '{':
			depth++
		case c|0x20 == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// NextMember moves from behind '{' or behind a value to the next member: name is its quoted name,
// value the offset of its value. more is false at the end.
func NextMember(b []byte, i int) (name []byte, value int, more bool) {
	i = SkipSpace(b, i)
	if i < len(b) && b[i] == ',' {
		i = SkipSpace(b, i+1)
	}
	if i >= len(b) || b[i] != '"' {
		return nil, i, false
	}
	end := skipString(b, i)
	name = b[i:end]
	i = SkipSpace(b, end)
	if i < len(b) && b[i] == ':' {
		i = SkipSpace(b, i+1)
	}
	return name, i, i < len(b) && len(name) >= 2
}

// NextItem moves from behind '[' or behind an item to the next one; more is false at the end.
func NextItem(b []byte, i int) (item int, more bool) {
	i = SkipSpace(b, i)
	if i < len(b) && b[i] == ',' {
		i = SkipSpace(b, i+1)
	}
	if i >= len(b) || b[i] == ']' {
		return i, false
	}
	return i, true
}
