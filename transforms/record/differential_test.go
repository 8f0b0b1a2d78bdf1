// SPDX-License-Identifier: Apache-2.0

package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lintel/specs"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// layout is a random copybook with a generator of JSON values for it, of which some do not fit.
type layout struct {
	lines []string
	doc   func(t *rapid.T) string
	odd   bool // values that do not fit may be drawn
}

func (l *layout) add(level int, format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf("       %02d ", level)+fmt.Sprintf(format, args...)+".")
}

func (l *layout) number(t *rapid.T, level int, name string) func(*rapid.T) string {
	n := rapid.IntRange(1, 20).Draw(t, "digits")
	usage := rapid.SampledFrom([]string{"", " COMP-3", " COMP", " COMP-5", " SIGN LEADING", " SIGN TRAILING SEPARATE", " SIGN LEADING SEPARATE"}).Draw(t, "usage")
	if strings.HasPrefix(usage, " COMP") && usage != " COMP-3" {
		n = min(n, 18)
	}
	pic := ""
	if strings.Contains(usage, "SIGN") || rapid.Bool().Draw(t, "signed") {
		pic = "S"
	}
	frac := rapid.IntRange(0, n).Draw(t, "frac")
	p := rapid.IntRange(1, 3).Draw(t, "p")
	form := rapid.IntRange(0, 7).Draw(t, "form")
	if strings.HasPrefix(usage, " COMP") && n+p > 18 {
		form = 2
	}
	switch {
	case form == 0:
		pic += fmt.Sprintf("9(%d)P(%d)", n, p)
	case form == 1:
		pic += fmt.Sprintf("VP(%d)9(%d)", p, n)
	case frac == 0:
		pic += fmt.Sprintf("9(%d)", n)
	case frac == n:
		pic += fmt.Sprintf("V9(%d)", n)
	default:
		pic += fmt.Sprintf("9(%d)V9(%d)", n-frac, frac)
	}
	l.add(level, "%s PIC %s%s", name, pic, usage)
	return func(t *rapid.T) string {
		whole, decimals := n-frac, frac
		switch form {
		case 0:
			whole, decimals = n, 0
		case 1:
			whole, decimals = 0, n+p
		}
		spare := 0
		if l.odd {
			spare = rapid.IntRange(0, 8).Draw(t, "spare") / 8
		}
		digits := rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", whole+spare)).Draw(t, "whole")
		s := strings.TrimLeft(digits, "0")
		if s == "" {
			s = "0"
		}
		if form == 0 && s != "0" {
			s += strings.Repeat("0", p)
		}
		if form == 1 {
			s += "." + strings.Repeat("0", p) + rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", n+spare)).Draw(t, "frac")
		} else if k := rapid.IntRange(0, decimals+spare).Draw(t, "decimals"); k > 0 {
			s += "." + rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", k)).Draw(t, "frac")
		}
		if rapid.Bool().Draw(t, "minus") && (l.odd || pic[0] == 'S') {
			s = "-" + s
		}
		return s
	}
}

func (l *layout) text(t *rapid.T, level int, name string) func(*rapid.T) string {
	n := rapid.IntRange(1, 20).Draw(t, "n")
	l.add(level, "%s PIC X(%d)%s", name, n, rapid.SampledFrom([]string{"", " JUSTIFIED RIGHT"}).Draw(t, "just"))
	return func(t *rapid.T) string {
		most := n
		if l.odd && rapid.IntRange(0, 8).Draw(t, "spare") == 0 {
			most++
		}
		return `"` + rapid.StringMatching(fmt.Sprintf(`[A-Za-z0-9 é<>&.]{0,%d}`, most)).Draw(t, "text") + `"`
	}
}

// item draws one or several items and gives members of their object.
func (l *layout) item(t *rapid.T, level, depth int, name string) func(*rapid.T) string {
	member := func(value func(*rapid.T) string) func(*rapid.T) string {
		return func(t *rapid.T) string { return fmt.Sprintf("%q:%s", strings.ToLower(name), value(t)) }
	}
	kind := rapid.IntRange(0, 7).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0, 1, 2:
		return member(l.number(t, level, name))
	case 3, 4:
		return member(l.text(t, level, name))
	case 5:
		l.add(level, "%s", name)
		return member(l.group(t, level+2, depth-1, name))
	case 6:
		times := rapid.IntRange(1, 3).Draw(t, "times")
		l.add(level, "%s OCCURS %d", name, times)
		entry := l.group(t, level+2, depth-1, name)
		return member(func(t *rapid.T) string { return l.list(t, entry, times, times) })
	}
	lo, hi := rapid.IntRange(0, 2).Draw(t, "least"), rapid.IntRange(3, 4).Draw(t, "most")
	l.add(level, "%sN PIC 9(2)%s", name, rapid.SampledFrom([]string{"", " COMP-3", " COMP"}).Draw(t, "usage"))
	l.add(level, "%s OCCURS %d TO %d DEPENDING ON %sN", name, lo, hi, name)
	entry := l.group(t, level+2, depth-1, name)
	return func(t *rapid.T) string {
		list := l.list(t, entry, lo, hi)
		n := strings.Count(list, "\x00")
		return fmt.Sprintf(`"%sn":%d,%q:%s`, strings.ToLower(name), n, strings.ToLower(name), list)
	}
}

// list draws entries; a mark, taken out later, counts them.
func (l *layout) list(t *rapid.T, entry func(*rapid.T) string, lo, hi int) string {
	n := rapid.IntRange(lo, hi).Draw(t, "entries")
	if l.odd && rapid.IntRange(0, 8).Draw(t, "more") == 0 {
		n++
	}
	items := make([]string, n)
	for i := range items {
		items[i] = "\x00" + strings.ReplaceAll(entry(t), "\x00", "")
	}
	return "[" + strings.Join(items, ",") + "]"
}

func (l *layout) group(t *rapid.T, level, depth int, prefix string) func(*rapid.T) string {
	var parts []func(*rapid.T) string
	for i := range rapid.IntRange(1, 4).Draw(t, "items") {
		parts = append(parts, l.item(t, level, depth, fmt.Sprintf("%s%c", prefix, 'A'+i)))
	}
	return func(t *rapid.T) string {
		members := make([]string, len(parts))
		for i, p := range parts {
			members[i] = p(t)
		}
		return "{" + strings.Join(members, ",") + "}"
	}
}

// drawLayout draws a record; some have a block of alternatives in front.
func drawLayout(t *rapid.T) *layout {
	l := &layout{lines: []string{"       01 R."}}
	var block func(*rapid.T) string
	if rapid.Bool().Draw(t, "block") {
		l.add(5, "KIND PIC X")
		l.add(5, "ALT PIC X(24)")
		l.add(5, "ALTB REDEFINES ALT")
		b := l.number(t, 10, "BA")
		l.add(5, "ALTC REDEFINES ALT PIC S9(9) COMP-3")
		block = func(t *rapid.T) string {
			k := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "alternative")
			kind := k
			if l.odd && rapid.IntRange(0, 5).Draw(t, "wrong") == 0 {
				kind = rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "kind")
			}
			value := map[string]string{"A": `"alt":"x"`, "B": `"altb":{"ba":` + b(t) + `}`, "C": `"altc":-5`}[k]
			return fmt.Sprintf(`{"kind":%q,%s,`, kind, value)
		}
	}
	rest := l.group(t, 5, 2, "F")
	l.doc = func(t *rapid.T) string {
		s := strings.ReplaceAll(rest(t), "\x00", "")
		if block != nil {
			s = block(t) + s[1:]
		}
		return s
	}
	return l
}

// TestAgainstNaive compares the codec with the naive one on random layouts: the same bytes for the
// same JSON, the same JSON for the same bytes, and the same refusals, on values that do not fit and
// on bytes that were damaged.
func TestAgainstNaive(t *testing.T) {
	rules := []*specs.FieldRule{{Name: "ALT", Redefines: &specs.RedefinesRule{By: specs.Text{Value: "KIND"}, Choices: []specs.RedefinesChoice{
		{Value: specs.Text{Value: "B"}, Field: specs.Text{Value: "ALTB"}}, {Value: specs.Text{Value: "C"}, Field: specs.Text{Value: "ALTC"}},
	}}}}
	rapid.Check(t, func(rt *rapid.T) {
		l := drawLayout(rt)
		src := strings.Join(l.lines, "\n") + "\n"
		bk, fs := copybook.Parse("t.cpy", []byte(src), copybook.Options{})
		if fs.HasErrors() {
			rt.Fatalf("%s\n%v", src, fs)
		}
		root := bk.Records[0]
		c, fs := record.Compile(root, record.Options{Rules: rules})
		if fs.HasErrors() {
			rt.Fatalf("%s\n%v", src, fs)
		}
		for _, odd := range []bool{false, true} {
			l.odd = odd
			doc := l.doc(rt)
			want, wantErr := encodeNaive(root, doc)
			got, err := c.EncodeJSON(nil, []byte(doc))
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
				rt.Fatalf("%s\n%s\n%X, %v\nnaive\n%X, %v", src, doc, got, err, want, wantErr)
			}
			if !odd && err != nil {
				rt.Fatalf("%s\n%s\n%v", src, doc, err)
			}
			if err == nil {
				compareDecode(rt, c, root, src, got)
				compareDecode(rt, c, root, src, damage(rt, got))
			}
		}
		size := rapid.IntRange(0, 120).Draw(rt, "size")
		compareDecode(rt, c, root, src, rapid.SliceOfN(rapid.Byte(), size, size).Draw(rt, "noise"))
	})
}

// damage changes a few bytes, or the length.
func damage(t *rapid.T, msg []byte) []byte {
	out := bytes.Clone(msg)
	for range rapid.IntRange(0, 3).Draw(t, "damages") {
		out[rapid.IntRange(0, len(out)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
	}
	if rapid.IntRange(0, 9).Draw(t, "longer") == 0 {
		out = append(out, 0x40)
	}
	return out
}

func compareDecode(t *rapid.T, c *record.Codec, root *copybook.Item, src string, msg []byte) {
	d := &naive{msg: msg, counts: map[*copybook.Item]int{}}
	want, wantErr := d.decode(root)
	if errors.Is(wantErr, errCut) {
		return
	}
	got, err := c.DecodeJSON(nil, msg)
	if (err == nil) != (wantErr == nil) || err == nil && string(got) != want {
		t.Fatalf("%s\n%X\n%s, %v\nnaive\n%s, %v", src, msg, got, err, want, wantErr)
	}
}
