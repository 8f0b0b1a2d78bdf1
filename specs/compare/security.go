// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// security compares what callers must show. Every way that was enough before must still be enough.
func (c *contracts) security(old, now *specs.Operation) {
	const where = "security"
	before, after := ways(c.from, old), ways(c.to, now)
	for _, w := range before {
		if !slices.ContainsFunc(after, func(a way) bool { return a.within(w) }) {
			c.add(Callers, "security-required", where, old.Pos, now.Pos, "%s is not enough any more; needed is %s", w, wayWords(after))
		}
	}
	for _, a := range after {
		if slices.ContainsFunc(before, func(w way) bool { return w.within(a) }) {
			continue
		}
		if len(a) == 0 {
			c.add(Review, "security-removed", where, old.Pos, now.Pos, "everybody may call the operation now; it needed %s", wayWords(before))
			continue
		}
		c.add(Review, "security-added", where, old.Pos, now.Pos, "%s is enough now", a)
	}
}

// way is a set of credentials that together are enough, each with what has to be shown, and its scopes.
type way []string

// within reports whether whoever can show other can show w.
func (w way) within(other way) bool {
	for _, need := range w {
		if !slices.Contains(other, need) {
			return false
		}
	}
	return true
}

// String names the credentials.
func (w way) String() string {
	if len(w) == 0 {
		return "nothing"
	}
	return strings.Join(w, " and ")
}

func wayWords(list []way) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = w.String()
	}
	return strings.Join(words, ", or ")
}

// ways lists the alternatives of an operation by what is shown, not by the names of schemes.
func ways(c *specs.Contract, o *specs.Operation) []way {
	if len(o.Security) == 0 {
		return []way{{}}
	}
	var out []way
	for _, requirement := range o.Security {
		w := way{}
		for _, use := range requirement.Schemes {
			shown := credential(c, use.Name)
			w = append(w, shown)
			for _, scope := range use.Scopes {
				w = append(w, shown+" with scope "+scope)
			}
		}
		out = append(out, w)
	}
	return out
}

// credential says what a caller has to show for a scheme. Tokens of several schemes are told apart by
// their names, for nothing else in a contract says whose they are.
func credential(c *specs.Contract, name string) string {
	s := c.Scheme(name)
	switch {
	case s == nil:
		return name
	case s.Key():
		return fmt.Sprintf("a key in the %s %s", s.In, s.Parameter)
	case s.Basic():
		return "name and password"
	case s.Certificate():
		return "a client certificate"
	case s.Bearer():
		for _, o := range c.Schemes {
			if o != s && o.Bearer() {
				return "a token of " + s.Name
			}
		}
		return "a token"
	default:
		return name
	}
}
