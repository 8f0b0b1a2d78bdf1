// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"fmt"
	"slices"

	"lintel/specs"
)

// emptyLeaf is a field of which some host values stand for null. What the field means otherwise (a
// number, a text, a date, an enum) is the matter of the leaf inside.
type emptyLeaf struct {
	leaf
	base   leaf
	values []emptyValue // the first is what null is written as
}

// emptyValue is a host value that stands for null.
type emptyValue struct {
	raw []byte
	// host and json are the JSON texts that raw decodes to without rules and with those inside; nil if
	// it does not.
	host, json []byte
}

func (l *emptyLeaf) decode(dst, raw []byte) ([]byte, fault) {
	if l.stands(raw) {
		return append(dst, "null"...), ok
	}
	out, f := l.leaf.decode(dst, raw)
	if f != ok {
		// Another form of a value that stands for null, such as zero with another sign?
		if host, bad := l.base.decode(dst, raw); bad == ok && l.reads(host[len(dst):], func(e *emptyValue) []byte { return e.host }) {
			return append(dst, "null"...), ok
		}
		return dst, f
	}
	if l.reads(out[len(dst):], func(e *emptyValue) []byte { return e.json }) {
		return append(dst, "null"...), ok
	}
	return out, ok
}

// stands tells that the bytes of a field stand for null.
func (l *emptyLeaf) stands(raw []byte) bool {
	for i := range l.values {
		if bytes.Equal(raw, l.values[i].raw) {
			return true
		}
	}
	return false
}

func (l *emptyLeaf) reads(text []byte, of func(*emptyValue) []byte) bool {
	for i := range l.values {
		if t := of(&l.values[i]); t != nil && bytes.Equal(t, text) {
			return true
		}
	}
	return false
}

// encode refuses a value whose host value stands for null: it would be read back as null.
func (l *emptyLeaf) encode(field []byte, v scalar) fault {
	f := l.leaf.encode(field, v)
	if f == ok && l.stands(field) {
		return faultEmpty
	}
	return f
}

// encodeNull implements nuller.
func (l *emptyLeaf) encodeNull(field []byte) fault {
	copy(field, l.values[0].raw)
	return ok
}

// setDefault implements defaulter: a field that nothing fills holds what stands for null.
func (l *emptyLeaf) setDefault(field []byte) bool {
	copy(field, l.values[0].raw)
	return true
}

// emptyRule puts the host values that stand for null around the leaf of a field.
func (k *compiler) emptyRule(n *node, values []specs.EmptyValue) {
	l := &emptyLeaf{leaf: n.leaf, base: n.base}
	if k.counts(n) {
		k.findings.Add(codeRuleTarget, values[0].Pos, fmt.Sprintf("%s counts the entries of a table: it is never null", n.item.Name), "remove empty")
		return
	}
	for _, v := range values {
		raw, f := k.emptyBytes(n, v)
		switch {
		case f != ok:
			k.findings.Add(codeRuleValue, v.Pos, fmt.Sprintf("the empty value does not fit %s (%s)", n.item.Name, picture(n.item)),
				"write it as the host holds it, in quotes when it has leading zeros, or as SPACES, ZEROS, LOW-VALUES or HIGH-VALUES")
			continue
		case l.stands(raw):
			k.findings.Add(codeRuleValue, v.Pos, fmt.Sprintf("an empty value of %s stands there twice", n.item.Name), "remove one")
			continue
		}
		e := emptyValue{raw: raw}
		e.host, _ = decoded(n.base, raw)
		e.json, _ = decoded(n.leaf, raw)
		if !k.clears(n, raw) {
			k.findings.Add(codeRuleValue, v.Pos, fmt.Sprintf("the empty value of %s has a name too", n.item.Name), "remove it from one of the rules")
			continue
		}
		l.values = append(l.values, e)
	}
	if len(l.values) > 0 {
		n.leaf = l
	}
}

// decoded is the JSON text of bytes, nil if they cannot be read.
func decoded(l leaf, raw []byte) ([]byte, fault) {
	text, f := l.decode(nil, raw)
	if f != ok {
		return nil, f
	}
	return text, ok
}

// emptyBytes are the bytes of a host value that stands for null.
func (k *compiler) emptyBytes(n *node, v specs.EmptyValue) ([]byte, fault) {
	if v.Word != "" {
		raw := make([]byte, n.size())
		return raw, k.figurative(n, v.Word, raw)
	}
	raw, _, f := hostValue(n, v.Value)
	if f == ok {
		return raw, ok
	}
	// Text that exactly fills a field that is no text.
	raw, err := n.cs.page.AppendEncode(nil, []byte(v.Value))
	if err != nil || len(raw) != n.size() {
		return nil, faultLength
	}
	return raw, ok
}

// clears makes room for an empty value among the names of an enum: one of a level-88 entry gives way;
// false if a rule names it.
func (k *compiler) clears(n *node, raw []byte) bool {
	switch l := n.leaf.(type) {
	case *boolLeaf:
		return findHost(l.pair, raw, l.base, nil) < 0
	case *enumLeaf:
		i := findHost(l.entries, raw, l.base, nil)
		switch {
		case i < 0:
		case n.rule.rule.Enum != nil:
			return false
		default:
			l.entries = slices.Delete(l.entries, i, i+1)
		}
	}
	return true
}
