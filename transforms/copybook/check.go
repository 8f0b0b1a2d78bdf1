// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// check looks at what only a laid-out record shows.
func (p *parser) check(e *entry) {
	p.sameNames(e)
	p.counterOrder(e)
	p.redefinitionSize(e)
	p.conditionValues(e)
	p.valueFits(e)
	p.keys(e)
	for _, c := range e.children {
		p.check(c)
	}
}

// sameNames warns of siblings that no qualification can tell apart.
func (p *parser) sameNames(e *entry) {
	seen := map[string]bool{}
	for _, c := range e.children {
		name := strings.ToUpper(c.name)
		if c.name != fillerName && seen[name] {
			p.warnAt(codeSameName, c.namePos, fmt.Sprintf("%s stands twice in %s", c.name, e.name), "give one of them another name")
		}
		seen[name] = true
	}
}

// sameRecords warns of records with one name.
func (p *parser) sameRecords(records []*entry) {
	seen := map[string]bool{}
	for _, r := range records {
		name := strings.ToUpper(r.name)
		if r.name != fillerName && seen[name] {
			p.warnAt(codeSameName, r.namePos, fmt.Sprintf("the record %s stands twice in the book", r.name), "give one of them another name")
		}
		seen[name] = true
	}
}

// counterOrder refuses counters behind their table: the place of such a counter depends on its own value.
func (p *parser) counterOrder(e *entry) {
	o := e.item.Occurs
	if o == nil || o.DependingOn == nil || e.occurs == nil || rootItem(o.DependingOn) != rootItem(e.item) {
		return
	}
	if o.DependingOn.Offset >= e.item.Offset {
		p.errorAt(codeDependingOrder, e.occurs.depending.pos, fmt.Sprintf("the counter %s stands behind the table %s", o.DependingOn.Name, e.name), "the counter must stand in front of the table")
	}
}

func rootItem(it *Item) *Item {
	for it.Parent != nil {
		it = it.Parent
	}
	return it
}

// redefinitionSize warns of a redefinition that is longer than what it redefines.
func (p *parser) redefinitionSize(e *entry) {
	it := e.item
	if it.Redefines == nil || it.Parent == nil || e.level == 1 {
		return
	}
	size := it.Size
	if it.Occurs != nil {
		size *= it.Occurs.Max
	}
	if size > it.Redefines.Size {
		p.warnAt(codeRedefinesSize, e.redefines.pos, fmt.Sprintf("%s has %d bytes, but %s, which it redefines, has %d", e.name, size, it.Redefines.Name, it.Redefines.Size),
			"the longest of them counts; check that this is meant")
	}
}

// keys warns of a KEY that is no item of its table.
func (p *parser) keys(e *entry) {
	if e.occurs == nil {
		return
	}
	for _, k := range e.occurs.keys {
		if len(p.search(e, k.names)) == 0 {
			p.warnAt(codeKey, k.pos, fmt.Sprintf("the key %s is no item of the table %s", k.names[0], e.name), "keys do not change the layout; check the name")
		}
	}
}

// values takes VALUE of an elementary item.
func (p *parser) values(e *entry) {
	if len(e.values) == 0 || e.item == nil {
		return
	}
	if len(e.values) > 1 || e.values[0].To != nil {
		p.errorAt(codeValue, e.valuePos, "an item has one value; lists and ranges belong to level 88", "")
		return
	}
	e.item.Value = e.values[0].From
}

// numericItem reports an item that holds a number rather than text.
func numericItem(it *Item) bool {
	switch it.Category {
	case Numeric:
		return true
	case NoPicture:
		return it.Usage == Float || it.Digits > 0
	}
	return false
}

// valueFits checks the kind and the length of VALUE.
func (p *parser) valueFits(e *entry) {
	it, v := e.item, e.item.Value
	if v == nil {
		return
	}
	if e.item.Redefines != nil {
		p.warnAt(codeValuePlace, e.valuePos, fmt.Sprintf("%s redefines an item: its VALUE is not used", e.name), "put VALUE at the item that is redefined")
	}
	switch problem := literalProblem(it, v, p.o.DecimalComma); problem {
	case "":
	case tooLong:
		p.warnAt(codeValue, v.Pos, fmt.Sprintf("the value of %s is longer than the item and would be cut", e.name), "shorten the value, or check the picture")
	default:
		p.errorAt(codeValue, v.Pos, fmt.Sprintf("the value of %s %s", e.name, problem), "check the value and the picture")
	}
}

const tooLong = "is longer than the item"

// literalProblem says what is wrong with a literal for an item; empty if nothing.
func literalProblem(it *Item, v *Literal, comma bool) string {
	if numericItem(it) {
		switch {
		case v.Figurative == "ZERO":
			return ""
		case v.Number != "":
			return numberProblem(it, v.Number)
		case it.Usage != Display && it.Usage != National && len(v.Bytes) == 0 || v.Figurative == "SPACE" || v.Figurative == "QUOTE":
			return "is not a number"
		}
		if v.Figurative == "" && len(v.Bytes) == 0 {
			if _, ok := numericLiteral(v.Text, comma); !ok {
				return "is not a number"
			}
			return "is text, but the item is a number"
		}
		return ""
	}
	if it.Category == NoPicture {
		if v.Figurative != "" || v.Number != "" {
			return ""
		}
		return "is no address"
	}
	if v.Number != "" {
		if it.Category == NumericEdited || it.Category == FloatEdited {
			return ""
		}
		return "is a number, but the item is text"
	}
	if length := literalLength(it, v); length > it.Size {
		return tooLong
	}
	return ""
}

// literalLength is the number of bytes a text literal takes in an item, as far as that is known without a code page.
func literalLength(it *Item, v *Literal) int {
	switch {
	case v.Figurative != "" || v.All:
		return 0
	case len(v.Bytes) > 0:
		return len(v.Bytes)
	}
	n := utf8.RuneCountInString(v.Text)
	switch it.Usage {
	case National, DBCS:
		return 2 * n
	case UTF8:
		return len(v.Text)
	}
	return n
}

// numberProblem checks a number against the digits of an item.
func numberProblem(it *Item, number string) string {
	if it.Usage == Float || it.Category == FloatEdited {
		return ""
	}
	if strings.ContainsRune(number, 'E') {
		return "is a floating-point number, but the item is none"
	}
	digits, negative := strings.CutPrefix(number, "-")
	if negative && !it.Signed && strings.Trim(digits, "0.") != "" {
		return "is negative, but the item has no sign"
	}
	whole, part, _ := strings.Cut(digits, ".")
	whole, part = strings.TrimLeft(whole, "0"), strings.TrimRight(part, "0")
	switch {
	case it.FullRange:
		return ""
	case len(part) > max(it.Scale, 0):
		return "has more decimals than the item"
	case len(whole) > max(it.Digits-it.Scale, 0):
		return "has more digits than the item"
	}
	return ""
}

// conditionValues checks the values of the condition-names of an item.
func (p *parser) conditionValues(e *entry) {
	for _, c := range e.item.Conditions {
		for _, v := range c.Values {
			p.conditionLiteral(e, c.Name, v.From)
			if v.To == nil {
				continue
			}
			p.conditionLiteral(e, c.Name, v.To)
			if v.From.Number != "" && v.To.Number != "" && compareNumbers(v.From.Number, v.To.Number) > 0 {
				p.errorAt(codeCondition, v.From.Pos, fmt.Sprintf("the range of %s is empty: %s THRU %s", c.Name, v.From.Number, v.To.Number), "write the smaller value first")
			}
		}
		if c.False != nil {
			p.conditionLiteral(e, c.Name, c.False)
		}
	}
}

func (p *parser) conditionLiteral(e *entry, name string, v *Literal) {
	if e.item.Category == Group && v.Number != "" {
		p.warnAt(codeConditionKind, v.Pos, fmt.Sprintf("a value of %s is a number, but %s is a group", name, e.name), "write the value in quotes")
		return
	}
	if problem := literalProblem(e.item, v, p.o.DecimalComma); problem != "" {
		p.warnAt(codeConditionKind, v.Pos, fmt.Sprintf("a value of %s %s", name, problem), "the condition can never hold, or compares as text; check value and picture")
	}
}
