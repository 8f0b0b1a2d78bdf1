// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// answer is what is known about a value.
type answer uint8

const (
	no answer = iota
	yes
	unknown
)

// accepts tells whether a flat schema takes a value, given as JSON. Of texts with a format, of arrays
// and objects it is not known; the list of values is not looked at.
func (f *flat) accepts(v string) answer {
	if v == "" {
		return no
	}
	out := yes
	if len(f.nots) > 0 {
		out = unknown
	}
	switch v[0] {
	case 'n':
		return f.takes(nullType, out)
	case 't', 'f':
		return f.takes(booleanType, out)
	case '"':
		return f.acceptsText(v, out)
	case '[':
		return f.takes(arrayType, unknown)
	case '{':
		return f.takes(objectType, unknown)
	default:
		return f.acceptsNumber(v, out)
	}
}

func (f *flat) takes(t types, then answer) answer {
	if f.types&t == 0 {
		return no
	}
	return then
}

func (f *flat) acceptsText(v string, out answer) answer {
	var text string
	if f.types&stringType == 0 || json.Unmarshal([]byte(v), &text) != nil {
		return no
	}
	n := utf8.RuneCountInString(text)
	if n < f.minLength || f.maxLength >= 0 && n > f.maxLength {
		return no
	}
	if slices.ContainsFunc(f.patterns, func(p string) bool { return !matches(p, text) }) {
		return no
	}
	for _, format := range f.formats {
		switch hasFormat(text, format) {
		case no:
			return no
		case unknown:
			out = unknown
		case yes:
		}
	}
	return out
}

// hasFormat tells whether a text has a format. Of formats that a list of values seldom has it is not known.
func hasFormat(text, format string) answer {
	var err error
	switch format {
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "date-time":
		_, err = time.Parse(time.RFC3339Nano, text)
	default:
		return unknown
	}
	if err != nil {
		return no
	}
	return yes
}

func (f *flat) acceptsNumber(v string, out answer) answer {
	n := number(v)
	if n == nil {
		return unknown
	}
	t := fractionType
	if n.IsInt() {
		t = integerType
	}
	at := bound{value: n}
	if f.types&t == 0 || f.low.above(at) || at.above(f.high) {
		return no
	}
	for _, m := range f.multiples {
		if d := number(m); d == nil || d.Sign() == 0 || !new(big.Rat).Quo(n, d).IsInt() {
			return no
		}
	}
	return out
}

// valuesOf compares two schemas of which one at least lists its values. It reports whether that is so.
func (w *walk) valuesOf(path string, a, b *flat) bool {
	if !a.listed && !b.listed {
		return false
	}
	var lost, gained []string
	var r relation
	besides := w.besidesValues(a, b)
	for _, v := range a.values {
		if answer := b.contains(v); answer == no || answer == unknown && besides.narrows {
			lost = append(lost, v)
		}
	}
	for _, v := range b.values {
		if answer := a.contains(v); answer == no || answer == unknown && besides.widens {
			gained = append(gained, v)
		}
	}
	switch {
	case !b.listed:
		r.widens = true
		w.change(path, a, b, r, "enum-removed", "the list of values is gone: other values are allowed too")
	case !a.listed:
		r.narrows = true
		w.change(path, a, b, r, "enum-added", "only %s allowed now", areValues(b.values))
	}
	if len(lost) > 0 {
		w.change(path, a, b, relation{narrows: true}, "enum-value-removed", "%s not allowed any more", areValues(lost))
	}
	if len(gained) > 0 {
		w.change(path, a, b, relation{widens: true}, "enum-value-added", "%s allowed now", areValues(gained))
	}
	return true
}

// besidesValues compares what two schemas ask for beside their lists: it decides about values of which
// nothing else does.
func (w *walk) besidesValues(a, b *flat) relation {
	x, y := *a, *b
	x.listed, y.listed = false, false
	return w.flats(&x, &y)
}

// contains tells whether a flat schema takes a value, by its list if it has one.
func (f *flat) contains(v string) answer {
	if f.listed && !slices.ContainsFunc(f.values, func(o string) bool { return equalJSON(o, v) }) {
		return no
	}
	return f.accepts(v)
}

// areValues lists at most a few values, with the verb.
func areValues(list []string) string {
	const few = 8
	shown := list
	if len(list) > few {
		shown = list[:few]
	}
	text := strings.Join(shown, ", ")
	if len(list) > few {
		text += ", ..."
	}
	if len(list) == 1 {
		return text + " is"
	}
	return text + " are"
}

// equalJSON reports whether two JSON texts are the same value: numbers by value, texts after escapes.
func equalJSON(a, b string) bool {
	if a == b {
		return true
	}
	x, y := number(a), number(b)
	if x != nil && y != nil {
		return x.Cmp(y) == 0
	}
	if a == "" || b == "" || a[0] != b[0] {
		return false
	}
	switch a[0] {
	case '"':
		var s, t string
		return json.Unmarshal([]byte(a), &s) == nil && json.Unmarshal([]byte(b), &t) == nil && s == t
	case '[':
		var s, t []json.RawMessage
		return json.Unmarshal([]byte(a), &s) == nil && json.Unmarshal([]byte(b), &t) == nil &&
			slices.EqualFunc(s, t, func(v, w json.RawMessage) bool { return equalJSON(string(v), string(w)) })
	case '{':
		return equalObjects(a, b)
	default:
		return false
	}
}

func equalObjects(a, b string) bool {
	var s, t map[string]json.RawMessage
	if json.Unmarshal([]byte(a), &s) != nil || json.Unmarshal([]byte(b), &t) != nil || len(s) != len(t) {
		return false
	}
	for name, v := range s {
		other, ok := t[name]
		if !ok || !equalJSON(string(v), string(other)) {
			return false
		}
	}
	return true
}

// quote writes a text as JSON.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
