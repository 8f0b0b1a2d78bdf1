// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"fmt"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
)

// enumLeaf gives host values JSON names.
type enumLeaf struct {
	base    leaf
	entries []enumEntry
}

type enumEntry struct {
	json []byte // the name as a JSON string
	raw  []byte // what is written
	host []byte // the JSON text that raw decodes to by itself; nil if it does not
}

// EnumName is the name in JSON, as a JSON string, that a field of type t has for a host value, written as in rules;
// false if t is no listed value of this record, or the list does not have it.
func (c *Codec) EnumName(t *transforms.Type, host string) (string, bool) {
	n := c.root.of(t)
	if n == nil {
		return "", false
	}
	inner := n.leaf
	if e, isEmpty := inner.(*emptyLeaf); isEmpty {
		inner = e.leaf
	}
	l, listed := inner.(*enumLeaf)
	if !listed {
		return "", false
	}
	raw, _, f := hostValue(n, host)
	if f != ok {
		return "", false
	}
	i := findHost(l.entries, raw, l.base, nil)
	if i < 0 {
		return "", false
	}
	return string(l.entries[i].json), true
}

// of finds the item whose member has the type.
func (n *node) of(t *transforms.Type) *node {
	if n.typ == t {
		return n
	}
	for _, kid := range n.kids {
		if found := kid.of(t); found != nil {
			return found
		}
	}
	return nil
}

func (l *enumLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if e := findHost(l.entries, raw, l.base, dst); e >= 0 {
		return append(dst, l.entries[e].json...), ok
	}
	return dst, faultEnum
}

// findHost finds an entry by its bytes, or else by their value: numbers have several forms. dst is
// only used as room.
func findHost(entries []enumEntry, raw []byte, base leaf, dst []byte) int {
	for i := range entries {
		if bytes.Equal(entries[i].raw, raw) {
			return i
		}
	}
	out, f := base.decode(dst, raw)
	if f != ok {
		return -1
	}
	for i := range entries {
		if e := &entries[i]; e.host != nil && bytes.Equal(e.host, out[len(dst):]) {
			return i
		}
	}
	return -1
}

func (l *enumLeaf) encode(field []byte, v scalar) fault {
	text := v.text
	if v.kind != transforms.String {
		return faultEnumName
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		plain, f := plainText(text)
		if f != ok {
			return faultEnumName
		}
		text = transforms.AppendQuoted(nil, plain)
	}
	for i := range l.entries {
		if bytes.Equal(l.entries[i].json, text) {
			copy(field, l.entries[i].raw)
			return ok
		}
	}
	return faultEnumName
}

// describe implements describer.
func (l *enumLeaf) describe(t *transforms.Type) {
	t.Shape = transforms.StringShape
	t.MaxLength, t.MinLength = 0, transforms.Unbounded
	for _, e := range l.entries {
		t.Enum = append(t.Enum, string(e.json))
		if text, f := plainText(e.json); f == ok {
			n := len([]rune(string(text)))
			t.MaxLength = max(t.MaxLength, n)
			if t.MinLength < 0 || n < t.MinLength {
				t.MinLength = n
			}
		}
	}
	t.MinLength = max(t.MinLength, 0)
}

// boolLeaf is a field whose two host values are true and false.
type boolLeaf struct {
	base leaf
	pair []enumEntry // true, false
}

func (l *boolLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if e := findHost(l.pair, raw, l.base, dst); e >= 0 {
		return append(dst, l.pair[e].json...), ok
	}
	return dst, faultEnum
}

func (l *boolLeaf) encode(field []byte, v scalar) fault {
	if v.kind != transforms.Bool || len(v.text) == 0 {
		return faultNotBool
	}
	if v.text[0] == 't' {
		copy(field, l.pair[0].raw)
	} else {
		copy(field, l.pair[1].raw)
	}
	return ok
}

// describe implements describer.
func (l *boolLeaf) describe(t *transforms.Type) { t.Shape = transforms.BoolShape }

// wrap puts the rules of a field around its leaf.
func (k *compiler) wrap(n *node) {
	r := n.rule.rule
	switch {
	case r != nil && r.Enum != nil:
		k.enumRule(n, r.Enum)
	case r != nil && r.Boolean != nil:
		k.booleanRule(n, r.Boolean)
	case r != nil && r.Date.Value != "":
		k.dateRule(n, r)
	case r != nil && r.Scale != 0:
		k.scaleRule(n)
	default:
		k.conditionNames(n)
	}
	if r != nil && len(r.Empty) > 0 {
		k.emptyRule(n, r.Empty)
	}
}

// entry makes one entry from a host value of a rule.
func (k *compiler) entry(n *node, host specs.Text, json []byte) (enumEntry, bool) {
	raw, text, f := hostValue(n, host.Value)
	if f != ok {
		_, reason := f.explain()
		k.findings.Add(codeRuleValue, host.Pos, fmt.Sprintf("the value does not fit %s (%s): %s", n.item.Name, picture(n.item), reason), "")
		return enumEntry{}, false
	}
	return enumEntry{json: json, raw: raw, host: text}, true
}

func (k *compiler) enumRule(n *node, rules []specs.EnumRule) {
	l := &enumLeaf{base: n.base}
	for _, r := range rules {
		e, valid := k.entry(n, r.Host, transforms.AppendQuoted(nil, r.JSON.Value))
		if !valid {
			continue
		}
		for _, other := range l.entries {
			if bytes.Equal(other.raw, e.raw) || bytes.Equal(other.json, e.json) {
				k.findings.Add(codeRuleValue, r.Host.Pos, fmt.Sprintf("a value or name of %s stands there twice", n.item.Name), "")
			}
		}
		l.entries = append(l.entries, e)
	}
	if len(l.entries) > 0 { // an empty rule turns the level-88 names off
		n.leaf, n.partial = l, false
	}
}

func (k *compiler) booleanRule(n *node, r *specs.BooleanRule) {
	yes, valid := k.entry(n, r.True, []byte("true"))
	no, valid2 := k.entry(n, r.False, []byte("false"))
	if !valid || !valid2 {
		return
	}
	if bytes.Equal(yes.raw, no.raw) {
		k.findings.Add(codeRuleValue, r.False.Pos, fmt.Sprintf("true and false of %s are the same value", n.item.Name), "")
		return
	}
	n.leaf, n.partial = &boolLeaf{base: n.base, pair: []enumEntry{yes, no}}, false
}

// conditionNames makes an enum of level-88 entries that are all single values, none of them twice.
func (k *compiler) conditionNames(n *node) {
	l := &enumLeaf{base: n.base}
	names := nameSet{}
	for _, c := range n.item.Conditions {
		if len(c.Values) != 1 || c.Values[0].To != nil || c.Values[0].From == nil {
			return
		}
		e, valid := k.condition(n, c)
		if !valid {
			return
		}
		for _, other := range l.entries {
			if bytes.Equal(other.raw, e.raw) {
				return
			}
		}
		e.json = transforms.AppendQuoted(nil, names.take(JSONName(c.Name, n.prefixes)))
		l.entries = append(l.entries, e)
	}
	if len(l.entries) > 0 {
		n.leaf, n.partial = l, false
	}
}

func (k *compiler) condition(n *node, c copybook.Condition) (enumEntry, bool) {
	raw := make([]byte, n.size())
	if f := k.literal(n, c.Values[0].From, raw); f != ok {
		_, reason := f.explain()
		k.findings.Warn(codeValue, c.Pos, fmt.Sprintf("the value of %s does not fit %s (%s): %s; the names of %s are not used",
			c.Name, n.item.Name, picture(n.item), reason, n.item.Name), "")
		return enumEntry{}, false
	}
	e := enumEntry{raw: raw}
	if text, f := n.base.decode(nil, raw); f == ok {
		e.host = text
	}
	return e, true
}
