// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// redefinesRules compiles the rules that choose alternatives.
func (k *compiler) redefinesRules() {
	k.root.walk(func(n *node) {
		r := n.rule.rule
		if r == nil || r.Redefines == nil {
			return
		}
		if n.block == nil || n.block.alts[0] != n {
			k.findings.Add(codeRuleTarget, r.Pos, fmt.Sprintf("%s is not redefined by another item", n.item.Name),
				"put the redefines rule at the item that the others redefine")
			return
		}
		k.redefinesRule(n.block, r.Redefines)
	})
}

func (k *compiler) redefinesRule(b *block, r *specs.RedefinesRule) {
	if b.disc = k.discriminator(b, r.By); b.disc == nil {
		return
	}
	named := map[*node]bool{}
	for _, c := range r.Choices {
		alt := b.alternative(c.Field.Value)
		if alt == nil {
			k.findings.Add(codeRedefines, c.Field.Pos, fmt.Sprintf("%s is no alternative of %s", c.Field.Value, b.alts[0].item.Name),
				"there is "+b.names())
			continue
		}
		named[alt] = true
		bytes, text, f := hostValue(b.disc, c.Value.Value)
		if f != ok {
			_, reason := f.explain()
			k.findings.Add(codeRuleValue, c.Value.Pos, fmt.Sprintf("the value does not fit %s (%s): %s", b.disc.item.Name, picture(b.disc.item), reason), "")
			continue
		}
		b.choices = append(b.choices, choice{json: text, bytes: bytes, alt: alt})
	}
	if !named[b.alts[0]] {
		b.rest = b.alts[0]
	}
}

// discriminator finds the field named by a rule: the one nearest to the block.
func (k *compiler) discriminator(b *block, by specs.Text) *node {
	words := strings.Split(by.Value, ".")
	var hit *node
	for around := b.alts[0].parent; around != nil && hit == nil; around = around.parent {
		around.walk(func(n *node) {
			if hit == nil && !n.isGroup() && n.table == nil && n.matches(words) && k.sameEntry(n, b.alts[0]) {
				hit = n
			}
		})
	}
	if hit == nil || hit.base == nil {
		k.findings.Add(codeRedefines, by.Pos, fmt.Sprintf("there is no field %s that could choose the alternative of %s", by.Value, b.alts[0].item.Name), "")
		return nil
	}
	for _, alt := range b.alts {
		if hit.within(alt) {
			k.findings.Add(codeRedefines, by.Pos, fmt.Sprintf("%s stands inside the block it is to choose in", by.Value), "")
			return nil
		}
	}
	k.register(hit)
	k.behind(b, hit)
	if b.discBehind && k.variableBetween(b, hit) {
		k.findings.Add(codeRedefines, by.Pos, fmt.Sprintf("%s stands behind a table of variable length", by.Value), "")
		return nil
	}
	return hit
}

// behind finds out whether the discriminator comes after the block.
func (k *compiler) behind(b *block, disc *node) {
	seen := false
	k.root.walk(func(n *node) {
		switch n {
		case b.alts[0]:
			seen = true
		case disc:
			b.discBehind = seen
		}
	})
}

func (k *compiler) variableBetween(b *block, disc *node) bool {
	between, found := false, false
	k.root.walk(func(n *node) {
		switch {
		case n == b.alts[0]:
			between = true
		case n == disc:
			between = false
		case between && n.table != nil && n.table.counter != nil && n.table.min != n.table.max && k.opts.Storage == Actual:
			found = true
		}
	})
	return found || disc.tables() != b.alts[0].parentTables()
}

func (b *block) alternative(name string) *node {
	for _, alt := range b.alts {
		if !alt.item.Filler && strings.EqualFold(alt.item.Name, name) {
			return alt
		}
	}
	return nil
}

func (b *block) names() string {
	var out []string
	for _, alt := range b.alts {
		if !alt.item.Filler {
			out = append(out, alt.item.Name)
		}
	}
	return strings.Join(out, ", ")
}

// hostValue encodes a host value that is written in a rule: its bytes, and the JSON text that they
// decode to without any rule.
func hostValue(n *node, text string) (bytes, json []byte, f fault) {
	bytes = make([]byte, n.size())
	quoted := transforms.AppendQuoted(nil, text)
	if f = n.base.encode(bytes, scalar{kind: transforms.String, text: quoted}); f != ok {
		return nil, nil, f
	}
	json, f = n.base.decode(nil, bytes)
	return bytes, json, f
}
