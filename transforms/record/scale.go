// SPDX-License-Identifier: Apache-2.0

package record

import "fmt"

// maxScale bounds the decimals of a number, those of the picture and those of a rule together.
const maxScale = maxDigits - 2

// scaleRule gives a field the decimals that its picture does not have: the host keeps 1234567 and
// means 12345.67, or, with a scale below 0, 12 and means 12000. What the copybook and other rules say of the field (VALUE, level 88, a
// discriminator's values) stays in the host's own terms, that is in those of the base.
func (k *compiler) scaleRule(n *node) {
	r := n.rule.rule
	places := r.Scale
	switch l := n.base.(type) {
	case *zonedLeaf:
		n.leaf = l.shifted(places)
	case *packedLeaf:
		c := *l
		c.scale += places
		c.oneWord = c.oneWord && c.quick()
		n.leaf = &c
	case *binaryLeaf:
		c := *l
		c.scale += places
		n.leaf = &c
	case *nationalNumberLeaf:
		n.leaf = newNationalNumber(l.zoned.shifted(places), l.cs)
	case *editedLeaf:
		n.leaf = k.scaledEdited(n, l)
	case *nationalLeaf:
		edited, isEdited := l.inner.(*editedLeaf)
		if !isEdited {
			k.noScale(n)
			return
		}
		n.leaf = &nationalLeaf{k.scaledEdited(n, edited), l.cs}
	default:
		k.noScale(n)
		return
	}
	if all := n.item.Scale + places; all > maxScale {
		k.findings.Add(codeRuleTarget, r.Pos, fmt.Sprintf("%s has %d decimals with its scale, and the limit is %d", n.item.Name, all, maxScale), "")
	}
	if whole := n.item.Digits - n.item.Scale - places; whole > maxScale {
		k.findings.Add(codeRuleTarget, r.Pos, fmt.Sprintf("%s has %d integer digits with its scale, and the limit is %d", n.item.Name, whole, maxScale), "")
	}
	if k.counts(n) {
		k.findings.Add(codeRuleTarget, r.Pos, fmt.Sprintf("%s counts the entries of a table: it has no decimals", n.item.Name), "remove scale")
	}
}

func (k *compiler) noScale(n *node) {
	k.findings.Add(codeRuleTarget, n.rule.rule.Pos, fmt.Sprintf("%s (%s) is no decimal number, and scale is for those", n.item.Name, picture(n.item)), "remove scale")
}

func (k *compiler) scaledEdited(n *node, l *editedLeaf) *editedLeaf {
	if l.text {
		k.findings.Add(codeRuleTarget, n.rule.rule.Pos, fmt.Sprintf("%s is given as text (editedText), which has no scale", n.item.Name), "remove scale, or editedText")
		return l
	}
	c := *l
	c.scale += n.rule.rule.Scale
	return &c
}

func (l *zonedLeaf) shifted(places int) *zonedLeaf {
	c := *l
	c.scale += places
	c.oneWord = c.oneWord && c.quick()
	return &c
}

// counts tells that n is the counter of a table.
func (k *compiler) counts(n *node) bool {
	found := false
	k.root.walk(func(x *node) { found = found || x.table != nil && x.table.counter == n })
	return found
}
