// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/transforms"
	"lintel/transforms/record"
)

// bookItem is one entry of a copybook that is made.
type bookItem struct {
	name, clauses string
	children      []*bookItem
	// json is the name in JSON; table tells that it has entries.
	json  string
	table bool
	// counter stands in front of a table of variable length.
	counter string
	digits  int
}

// bookRecord is one record that is made for a part of a contract.
type bookRecord struct {
	*contractFirst
	name, prefix string
	items        []*bookItem
	names        map[string]bool
	// reply tells that the host writes it.
	reply bool
	// open are the types around the one at hand, to find those that contain themselves.
	open []*transforms.Type
}

// maxDataName is how long a COBOL name may be.
const maxDataName = 30

// cobolName makes a data-name of a name: orderLines is ORDER-LINES.
func cobolName(prefix, name string, most int) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			lower = false
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
			lower = true
		default:
			b.WriteByte('-')
			lower = false
		}
	}
	parts := strings.FieldsFunc(strings.ToUpper(b.String()), func(r rune) bool { return r == '-' })
	out := prefix + strings.Join(parts, "-")
	if len(parts) == 0 {
		out = prefix + "FIELD"
	}
	if len(out) > most {
		out = strings.TrimRight(out[:most], "-")
	}
	return out
}

// unique makes a data-name that the record does not have yet.
func (r *bookRecord) unique(name string) string {
	const room = 4 // for a number
	base := cobolName(r.prefix, name, maxDataName-room)
	out := base
	for n := 2; r.names[out]; n++ {
		out = fmt.Sprintf("%s-%d", base, n)
	}
	r.names[out] = true
	return out
}

func (r *bookRecord) rule(name string, format string, args ...any) {
	fmt.Fprintf(&r.rules, "%s.%s: {%s}\n", r.name, name, fmt.Sprintf(format, args...))
}

// item lays out a value of the contract. at says where it is, for people.
func (r *bookRecord) item(jsonName string, t *transforms.Type, at string) *bookItem {
	i := &bookItem{name: r.unique(jsonName), json: jsonName, table: t.Shape == transforms.ArrayShape}
	var rules []string
	if record.JSONName(i.name, []string{r.prefix}) != jsonName {
		rules = append(rules, "json: "+yamlText(jsonName))
	}
	if slices.Contains(r.open, t) {
		r.wrong = append(r.wrong, at+": the schema contains itself")
		return i
	}
	r.open = append(r.open, t)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	value := t
	if t.Shape == transforms.ArrayShape {
		if value = t.Items; value == nil || value.Shape == transforms.ArrayShape {
			r.wrong = append(r.wrong, at+": an array whose entries are arrays, or of any type")
			return i
		}
		r.table(i, t, jsonName, at)
	}
	if t.Nullable && (t.Shape == transforms.ArrayShape || t.Shape == transforms.ObjectShape) {
		r.wrong = append(r.wrong, at+": an object or array that may be null")
	}
	if value.Shape == transforms.ObjectShape {
		r.group(i, value, at)
	} else {
		clauses, more := r.scalar(value, at)
		i.clauses += clauses
		rules = append(rules, more...)
	}
	if len(rules) > 0 {
		r.rule(i.name, "%s", strings.Join(rules, ", "))
	}
	return i
}

func (r *bookRecord) group(i *bookItem, t *transforms.Type, at string) {
	if len(t.Members) == 0 {
		r.wrong = append(r.wrong, at+": an object whose members the contract does not name")
		return
	}
	for _, m := range t.Members {
		i.children = append(i.children, r.item(m.Name, m, at+"/"+m.Name))
	}
}

func (r *bookRecord) table(i *bookItem, t *transforms.Type, jsonName, at string) {
	most := t.MaxItems
	if most < 0 {
		most = max(r.entries, t.MinItems)
		r.assumed = append(r.assumed, fmt.Sprintf("%s has at most %d entries", at, most))
	}
	if most == 0 {
		r.wrong = append(r.wrong, at+": an array that is always empty")
		return
	}
	if t.MinItems == most {
		i.clauses = fmt.Sprintf(" OCCURS %d TIMES", most)
		return
	}
	i.counter, i.digits = r.unique(jsonName+"Count"), len(strconv.Itoa(most))
	i.clauses = fmt.Sprintf(" OCCURS %d TO %d TIMES DEPENDING ON %s", t.MinItems, most, i.counter)
}

// scalar is the picture of a value, with the rules that belong to it.
func (r *bookRecord) scalar(t *transforms.Type, at string) (clauses string, rules []string) {
	empty := func() {
		if t.Nullable {
			rules = append(rules, "empty: SPACES")
		}
	}
	switch t.Shape {
	case transforms.BoolShape:
		empty()
		return " PIC X", append(rules, "boolean: {true: Y, false: N}")
	case transforms.StringShape:
		empty()
		return r.textPicture(t, at, rules)
	case transforms.NumberShape, transforms.FloatShape:
		empty()
		return r.numberPicture(t, at), rules
	default:
		r.wrong = append(r.wrong, at+": a value of any type, or of several")
		return " PIC X", nil
	}
}

func (r *bookRecord) textPicture(t *transforms.Type, at string, rules []string) (string, []string) {
	if len(t.Enum) > 0 {
		longest := 1
		var pairs []string
		for _, text := range t.Enum {
			v := textOf(text)
			if text == "null" {
				continue
			}
			longest = max(longest, len([]rune(v)))
			pairs = append(pairs, fmt.Sprintf("%q: %q", v, v))
		}
		return fmt.Sprintf(" PIC X(%d)", longest), append(rules, "enum: {"+strings.Join(pairs, ", ")+"}")
	}
	if t.Format == "date" {
		rules = slices.DeleteFunc(rules, func(s string) bool { return strings.HasPrefix(s, "empty") })
		rules = append(rules, "date: yyyyMMdd")
		if t.Nullable || !r.reply { // what is not sent must have a value too
			rules = append(rules, `empty: "00000000"`)
		}
		return " PIC 9(8)", rules
	}
	n := t.MaxLength
	if n < 0 {
		lengths := map[string]int{"uuid": 36, "date-time": 35, "time": 21, "ipv4": 15, "ipv6": 39}
		if n = lengths[t.Format]; n == 0 {
			n = max(r.text, t.MinLength)
			r.assumed = append(r.assumed, fmt.Sprintf("%s has at most %d characters", at, n))
		}
	}
	return fmt.Sprintf(" PIC X(%d)", max(n, 1)), rules
}

// textOf is the text of a JSON string.
func textOf(text string) string {
	v, err := transforms.Unquote(nil, []byte(text))
	if err != nil {
		return text
	}
	return string(v)
}

func (r *bookRecord) numberPicture(t *transforms.Type, at string) string {
	switch {
	case t.Nullable:
	case t.Minimum == "-2147483648" && t.Maximum == "2147483647":
		return " PIC S9(9) COMP-5"
	case t.Minimum == "-9223372036854775808" && t.Maximum == "9223372036854775807":
		return " PIC S9(18) COMP-5"
	}
	scale := t.Scale
	if t.Integer {
		scale = 0
	}
	if scale < 0 {
		scale = 2
		r.assumed = append(r.assumed, at+" has at most 2 digits behind the point")
	}
	whole := t.Digits - scale
	if t.Digits < 0 || t.Scale < 0 && !t.Integer {
		whole = max(wholeDigits(t), 0)
	}
	if whole <= 0 && scale == 0 || t.Digits < 0 && wholeDigits(t) < 0 {
		whole = r.whole
		r.assumed = append(r.assumed, fmt.Sprintf("%s has at most %d digits before the point", at, whole))
	}
	if whole+scale > 31 {
		r.wrong = append(r.wrong, at+": a number of more than 31 digits")
	}
	pic := " PIC "
	if t.Signed {
		pic += "S"
	}
	if whole > 0 {
		pic += fmt.Sprintf("9(%d)", whole)
	}
	if scale > 0 {
		pic += fmt.Sprintf("V9(%d)", scale)
		if !t.Nullable {
			pic += " COMP-3"
		}
	}
	return pic
}

// wholeDigits is how many digits before the point the bounds leave; -1 if one of them is missing.
func wholeDigits(t *transforms.Type) int {
	if t.Maximum == "" || t.Signed && t.Minimum == "" {
		return -1
	}
	most := 1
	for _, bound := range []string{t.Minimum, t.Maximum} {
		whole, _, _ := strings.Cut(strings.TrimLeft(bound, "-"), ".")
		if strings.ContainsAny(bound, "eE") {
			return -1
		}
		most = max(most, len(whole))
	}
	return most
}

// counted reports whether there is a counter below an item: JSON does not have those.
func (i *bookItem) counted() bool {
	return slices.ContainsFunc(i.children, func(c *bookItem) bool { return c.counter != "" || c.counted() })
}

// answer writes the template of an item under a key: as a whole, or member by member where the record has counters
// between them.
func (i *bookItem) answer(y *yamlLines, key, from string, depth int) {
	switch {
	case !i.counted():
		y.line("%s: =%s", key, from)
	case i.table:
		entry := fmt.Sprintf("entry%d", depth+1)
		y.within(key, func() {
			y.line("each: =%s", from)
			y.line("as: %s", entry)
			y.within("to", func() { i.answerMembers(y, entry, depth+1) })
		})
	default:
		y.within(key, func() { i.answerMembers(y, from, depth) })
	}
}

func (i *bookItem) answerMembers(y *yamlLines, from string, depth int) {
	for _, c := range i.children {
		c.answer(y, yamlText(c.json), from+memberAccess(c.json), depth)
	}
}

// bookLines writes items at a level.
func bookLines(b *strings.Builder, items []*bookItem, level int) {
	margin := "       " + strings.Repeat("    ", level/5)
	for _, i := range items {
		if i.counter != "" {
			bookLine(b, fmt.Sprintf("%s%02d  %s PIC 9(%d).", margin, level, i.counter, i.digits))
		}
		bookLine(b, fmt.Sprintf("%s%02d  %s%s.", margin, level, i.name, i.clauses))
		bookLines(b, i.children, min(level+5, 45))
	}
}

// bookLine writes an entry, in two lines if one is too short for it.
func bookLine(b *strings.Builder, text string) {
	const last = 72
	for len(text) > last {
		cut := strings.LastIndexByte(text[:last], ' ')
		if strings.TrimSpace(text[:max(cut, 0)]) == "" {
			break
		}
		b.WriteString(text[:cut] + "\n")
		text = strings.Repeat(" ", 19) + text[cut+1:]
	}
	b.WriteString(text + "\n")
}
