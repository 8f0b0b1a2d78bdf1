// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"strconv"
	"strings"
	"unicode"
)

// jsonName is the name in JSON of an element or attribute: in lower camel case. Capitals at the
// beginning become small, but for the last of several before a small one: ClaimID is claimID, URLValue
// is urlValue, ID is id. What is no letter or digit is left out, and the letter after it is a capital.
func jsonName(local string) string {
	runes := []rune(local)
	lead := 0
	for lead < len(runes) && unicode.IsUpper(runes[lead]) {
		lead++
	}
	if lead > 1 && lead < len(runes) && unicode.IsLower(runes[lead]) {
		lead--
	}
	var out strings.Builder
	capital := false
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			capital = out.Len() > 0
		case i < lead:
			out.WriteRune(unicode.ToLower(r))
		case capital:
			out.WriteRune(unicode.ToUpper(r))
			capital = false
		default:
			out.WriteRune(r)
		}
	}
	if out.Len() == 0 {
		return "value"
	}
	if first := out.String()[0]; first >= '0' && first <= '9' {
		return "n" + out.String()
	}
	return out.String()
}

// nameTaker makes names different: the second one of a name gets a 2.
type nameTaker map[string]bool

func (t nameTaker) take(name string) string {
	free := name
	for i := 2; t[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	t[free] = true
	return free
}
