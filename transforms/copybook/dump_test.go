// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
)

// dump prints a book as the golden tables of this package do.
func dump(b *Book) string {
	var s strings.Builder
	for _, r := range b.Records {
		dumpItem(&s, r, 0)
		for _, n := range r.Renames {
			fmt.Fprintf(&s, "66 %s = %s .. %s\n", n.Name, n.From.Name, n.To.Name)
		}
	}
	for _, c := range b.Constants {
		fmt.Fprintf(&s, "78 %s\n", dumpCondition(c))
	}
	return s.String()
}

func dumpItem(s *strings.Builder, it *Item, depth int) {
	fmt.Fprintf(s, "%5d %5d %s%02d %s", it.Offset, it.Size, strings.Repeat("  ", depth), it.Level, it.Name)
	if it.Picture != "" {
		fmt.Fprintf(s, " PIC %s", it.Picture)
	}
	if it.UsageClause != "" && it.Category != Group {
		fmt.Fprintf(s, " %s", it.UsageClause)
	}
	for _, flag := range dumpFlags(it) {
		fmt.Fprintf(s, " %s", flag)
	}
	s.WriteByte('\n')
	for _, c := range it.Conditions {
		fmt.Fprintf(s, "            %s  88 %s\n", strings.Repeat("  ", depth), dumpCondition(c))
	}
	for _, c := range it.Children {
		dumpItem(s, c, depth+1)
	}
}

func dumpFlags(it *Item) []string {
	var out []string
	add := func(on bool, format string, args ...any) {
		if on {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(it.Signed, "signed")
	add(it.Sign != Trailing, "%s", [...]string{"", "leading", "trailing-separate", "leading-separate"}[it.Sign])
	add(it.Digits > 0, "digits=%d,%d", it.Digits, it.Scale)
	add(it.LittleEndian, "little")
	add(it.FullRange, "full")
	add(it.Synchronized && it.Category != Group, "sync")
	add(it.Slack > 0, "slack=%d", it.Slack)
	add(it.Pad > 0, "pad=%d", it.Pad)
	add(it.Justified, "justified")
	add(it.BlankWhenZero, "blank-zero")
	if o := it.Occurs; o != nil {
		add(o.Min == o.Max, "occurs=%d", o.Max)
		add(o.Min != o.Max, "occurs=%d..%d", o.Min, o.Max)
		if o.DependingOn != nil {
			add(true, "on=%s", o.DependingOn.Name)
		}
	}
	if it.Redefines != nil {
		add(true, "redefines=%s", it.Redefines.Name)
	}
	if it.Value != nil {
		add(true, "value=%s", dumpLiteral(it.Value))
	}
	return out
}

func dumpCondition(c Condition) string {
	var parts []string
	for _, v := range c.Values {
		s := dumpLiteral(v.From)
		if v.To != nil {
			s += ".." + dumpLiteral(v.To)
		}
		parts = append(parts, s)
	}
	s := c.Name + " = " + strings.Join(parts, ", ")
	if c.False != nil {
		s += " false " + dumpLiteral(c.False)
	}
	return s
}

func dumpLiteral(l *Literal) string {
	s := ""
	switch {
	case l.Figurative != "":
		s = l.Figurative
	case l.Number != "":
		s = l.Number
	case len(l.Bytes) > 0:
		s = fmt.Sprintf("X'%X'", l.Bytes)
	default:
		s = fmt.Sprintf("%q", l.Text)
	}
	if l.All {
		s = "ALL " + s
	}
	if l.National {
		s = "N" + s
	}
	return s
}
