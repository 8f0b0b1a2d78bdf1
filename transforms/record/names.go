// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strconv"
	"strings"
	"unicode"
)

// JSONName turns a COBOL name into a JSON name by the rule in the package documentation. The
// longest of the prefixes that the name begins with is dropped first, unless nothing would be left.
func JSONName(name string, prefixes []string) string {
	rest := name
	for _, p := range prefixes {
		if len(p) > 0 && len(name) > len(p) && strings.EqualFold(name[:len(p)], p) &&
			len(name)-len(p) < len(rest) && camel(name[len(p):]) != "" {
			rest = name[len(p):]
		}
	}
	out := camel(rest)
	switch {
	case out == "":
		return "field"
	case out[0] >= '0' && out[0] <= '9':
		return "_" + out
	}
	return out
}

// camel makes lower camel case of words parted by anything but letters and digits.
func camel(name string) string {
	var b strings.Builder
	upper := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = b.Len() > 0
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// nameSet gives out names that are different from each other. It keeps, for every name given out,
// the number to try next, so that many equal names take no longer than many different ones.
type nameSet map[string]int

// take reserves name, or the first of name2, name3 ... that is free.
func (s nameSet) take(name string) string {
	out := name
	for s[out] > 0 {
		s[name] = max(s[name], 1) + 1
		out = name + strconv.Itoa(s[name])
	}
	s[out] = max(s[out], 1)
	return out
}
