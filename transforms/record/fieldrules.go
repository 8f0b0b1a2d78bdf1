// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// nodeRules is what records.yaml says about one node.
type nodeRules struct {
	rule *specs.FieldRule
	// prefixes to drop from names at and below the node.
	prefixes []string
}

// matchRules finds the node of each rule.
func (k *compiler) matchRules() {
	for _, r := range k.opts.Rules {
		words := strings.Split(r.Name, ".")
		var hits []*node
		k.root.walk(func(n *node) {
			if n.matches(words) {
				hits = append(hits, n)
			}
		})
		// An elementary record is its own only field: the rule is for the field.
		if len(hits) == 2 && hits[0] == k.root && k.root.item.Level == -1 {
			hits = hits[1:]
		}
		switch {
		case len(hits) == 0:
			continue
		case len(hits) > 1:
			k.findings.Add(codeAmbiguousRule, r.Pos, fmt.Sprintf("%d fields of %s are named %s", len(hits), k.root.item.Name, r.Name),
				"name the group in front: "+strings.TrimPrefix(hits[0].qualified(nil), k.root.item.Name+"."))
			continue
		case hits[0].rule.rule != nil:
			k.findings.Add(codeAmbiguousRule, r.Pos, fmt.Sprintf("%s has two rules", hits[0].item.Name), "draw them together")
			continue
		}
		if (r.Enum != nil || r.Boolean != nil || r.Date.Value != "" || r.Scale != 0 || len(r.Empty) > 0) && hits[0].isGroup() {
			k.findings.Add(codeRuleTarget, r.Pos, fmt.Sprintf("%s is a group, and the rule is for a single field", hits[0].item.Name), "")
			continue
		}
		hits[0].rule.rule = r
		for _, p := range r.Prefix {
			hits[0].rule.prefixes = append(hits[0].rule.prefixes, p.Value)
		}
		k.matched = append(k.matched, r)
	}
}

// matches tells that the last word is the node's name and the others are names around it, from
// the outside in.
func (n *node) matches(words []string) bool {
	last := len(words) - 1
	if n.item.Filler || !strings.EqualFold(n.item.Name, words[last]) {
		return false
	}
	i := last - 1
	for x := n.parent; x != nil && i >= 0; x = x.parent {
		if strings.EqualFold(x.item.Name, words[i]) {
			i--
		}
	}
	return i < 0
}

// UnusedRules reports the rules that are for no field of any of the codecs.
func UnusedRules(rules []*specs.FieldRule, codecs []*Codec) specs.Findings {
	used := map[*specs.FieldRule]bool{}
	for _, c := range codecs {
		for _, r := range c.matched {
			used[r] = true
		}
	}
	var fs specs.Findings
	for _, r := range rules {
		if !used[r] {
			fs.Add(codeUnusedRule, r.Pos, fmt.Sprintf("no record has a field %s", r.Name), unusedHint(r.Name, codecs))
		}
	}
	return fs
}

// unusedHint names the data-name that a rule was probably meant for.
func unusedHint(rule string, codecs []*Codec) string {
	var names []string
	var collect func(n *node)
	collect = func(n *node) {
		if !n.item.Filler && n.item.Name != "" {
			names = append(names, n.item.Name)
		}
		for _, kid := range n.kids {
			collect(kid)
		}
	}
	for _, c := range codecs {
		collect(c.root)
	}
	words := strings.Split(strings.ToUpper(rule), ".")
	near := specs.Suggest(words[len(words)-1], names)
	switch near {
	case "":
		return "correct the name or remove the rule"
	case words[len(words)-1]:
		return near + " does not stand in these groups; correct their names"
	}
	return fmt.Sprintf("did you mean %s?", near)
}

// names gives every member its JSON name.
func (k *compiler) names() { k.nameKids(k.root, k.root.rule.prefixes) }

func (k *compiler) nameKids(n *node, prefixes []string) {
	set := nameSet{}
	members := k.members(n)
	for _, m := range members {
		if r := m.rule.rule; r != nil && r.JSON.Value != "" {
			if set[r.JSON.Value] > 0 {
				k.findings.Add(codeName, r.JSON.Pos, fmt.Sprintf("the JSON name %q is given twice in %s", r.JSON.Value, n.item.Name), "")
			}
			set[r.JSON.Value] = 1
			m.name = r.JSON.Value
		}
	}
	for _, m := range members {
		if m.name == "" {
			m.name = set.take(JSONName(m.item.Name, prefixes))
		}
		m.prefixes = prefixes
		m.member = append(transforms.AppendQuoted(nil, m.name), ':')
	}
	for _, m := range members {
		if len(m.kids) > 0 {
			k.nameKids(m, append(prefixes[:len(prefixes):len(prefixes)], m.rule.prefixes...))
		}
	}
}

// members are the nodes that are members of the object of a group: its named children, and those
// of FILLER groups in their place.
func (c *Codec) members(n *node) []*node {
	var out []*node
	for _, kid := range n.kids {
		switch {
		case !kid.item.Filler || kid.policy.KeepFiller && !kid.isGroup():
			out = append(out, kid)
		case !kid.isGroup():
		case kid.table != nil:
			if len(c.members(kid)) > 0 {
				out = append(out, kid)
			}
		default:
			out = append(out, c.members(kid)...)
		}
	}
	return out
}
