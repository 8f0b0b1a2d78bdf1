// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lintel/transforms"
	"lintel/transforms/copybook"
)

// drawn is a random item with a generator of JSON values that it can hold, in the form that
// decoding gives them.
type drawn struct {
	lines []string
	json  func(t *rapid.T) string
}

var fieldUsages = []string{"", " COMP-3", " COMP", " COMP-5", " SIGN LEADING", " SIGN TRAILING SEPARATE", " SIGN LEADING SEPARATE"}

func drawNumber(t *rapid.T, level int, name string) drawn {
	whole, frac := rapid.IntRange(0, 9).Draw(t, "whole"), rapid.IntRange(0, 9).Draw(t, "frac")
	if whole+frac == 0 {
		whole = 1
	}
	usage := rapid.SampledFrom(fieldUsages).Draw(t, "usage")
	signed := strings.Contains(usage, "SIGN") || rapid.Bool().Draw(t, "signed")
	pic := ""
	if signed {
		pic = "S"
	}
	if whole > 0 {
		pic += fmt.Sprintf("9(%d)", whole)
	}
	if frac > 0 {
		pic += fmt.Sprintf("V9(%d)", frac)
	}
	return drawn{
		lines: []string{fmt.Sprintf("%02d %s PIC %s%s.", level, name, pic, usage)},
		json: func(t *rapid.T) string {
			digits := rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", whole+frac)).Draw(t, "digits")
			return canonical(digits, frac, signed && rapid.Bool().Draw(t, "neg"))
		},
	}
}

// canonical writes digits with frac decimals as decoding does.
func canonical(digits string, frac int, neg bool) string {
	v, _ := new(big.Int).SetString(digits, 10)
	s := v.String()
	if frac > 0 {
		for len(s) <= frac {
			s = "0" + s
		}
		s = s[:len(s)-frac] + "." + s[len(s)-frac:]
	}
	if neg && v.Sign() != 0 {
		s = "-" + s
	}
	return s
}

func drawText(t *rapid.T, level int, name string) drawn {
	n := rapid.IntRange(1, 20).Draw(t, "n")
	just := ""
	pattern := fmt.Sprintf(`([A-Za-z0-9 "\\é<>&]{0,%d}[A-Za-z0-9é"])?`, n-1)
	if rapid.Bool().Draw(t, "just") {
		just = " JUSTIFIED RIGHT"
		pattern = fmt.Sprintf(`([A-Za-z0-9é"][A-Za-z0-9 "\\é]{0,%d})?`, n-1)
	}
	return drawn{
		lines: []string{fmt.Sprintf("%02d %s PIC X(%d)%s.", level, name, n, just)},
		json: func(t *rapid.T) string {
			s := rapid.StringMatching(pattern).Draw(t, "text")
			return `"` + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`) + `"`
		},
	}
}

// drawItems draws the children of a group; tables of variable length come with their counter.
func drawItems(t *rapid.T, level, depth int, prefix string) drawn {
	var out drawn
	var parts []func(t *rapid.T) string
	for i := range rapid.IntRange(1, 5).Draw(t, "items") {
		name := fmt.Sprintf("%s%c", prefix, 'A'+i)
		member := strings.ToLower(name)
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		if depth == 0 {
			kind %= 3
		}
		var d drawn
		switch kind {
		case 0, 1:
			d = drawNumber(t, level, name)
		case 2:
			d = drawText(t, level, name)
		case 3:
			d = drawItems(t, level+5, depth-1, name)
			d.lines = append([]string{fmt.Sprintf("%02d %s.", level, name)}, d.lines...)
		case 4:
			d = drawTable(t, level, depth, name, 3, 3, "")
		default:
			counter := name + "N"
			lo, hi := rapid.IntRange(0, 2).Draw(t, "min"), rapid.IntRange(2, 4).Draw(t, "max")
			out.lines = append(out.lines, fmt.Sprintf("%02d %s PIC 9(2).", level, counter))
			d = drawTable(t, level, depth, name, lo, hi, counter)
			inner := d.json
			parts = append(parts, func(t *rapid.T) string {
				list := inner(t)
				return fmt.Sprintf(`"%s":%d,"%s":%s`, strings.ToLower(counter), topLevelItems(list), member, list)
			})
			out.lines = append(out.lines, d.lines...)
			continue
		}
		out.lines = append(out.lines, d.lines...)
		value := d.json
		parts = append(parts, func(t *rapid.T) string { return fmt.Sprintf("%q:%s", member, value(t)) })
	}
	out.json = func(t *rapid.T) string {
		members := make([]string, len(parts))
		for i, p := range parts {
			members[i] = p(t)
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	return out
}

func topLevelItems(list string) int {
	n := 0
	item, more := transforms.NextItem([]byte(list), 1)
	for more {
		n++
		item, more = transforms.NextItem([]byte(list), transforms.SkipValue([]byte(list), item))
	}
	return n
}

func drawTable(t *rapid.T, level, depth int, name string, lo, hi int, counter string) drawn {
	occurs := fmt.Sprintf("OCCURS %d TIMES", hi)
	if counter != "" {
		occurs = fmt.Sprintf("OCCURS %d TO %d TIMES DEPENDING ON %s", lo, hi, counter)
	}
	d := drawItems(t, level+5, depth-1, name)
	entry := d.json
	return drawn{
		lines: append([]string{fmt.Sprintf("%02d %s %s.", level, name, occurs)}, d.lines...),
		json: func(t *rapid.T) string {
			n := hi
			if counter != "" {
				n = rapid.IntRange(lo, hi).Draw(t, "entries")
			}
			items := make([]string, n)
			for i := range items {
				items[i] = entry(t)
			}
			return "[" + strings.Join(items, ",") + "]"
		},
	}
}

// TestRoundTrip: decode(encode(v)) == v for random records and values, in both storages, and what is
// encoded is as long as the codec says.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawItems(rt, 5, 2, "F")
		src := "01 R.\n" + strings.Join(d.lines, "\n")
		bk, fs := copybook.Parse("t.cpy", []byte(indent(src)), copybook.Options{})
		if fs.HasErrors() {
			rt.Fatalf("%s\n%v", src, fs)
		}
		for _, storage := range []Storage{Actual, Maximum} {
			c, fs := Compile(bk.Records[0], Options{Storage: storage})
			if fs.HasErrors() {
				rt.Fatalf("%s\n%v", src, fs)
			}
			doc := d.json(rt)
			msg, err := c.EncodeJSON(nil, []byte(doc))
			if err != nil {
				rt.Fatalf("%s\n%s\n%v", src, doc, err)
			}
			if lo, hi := c.Size(); len(msg) < lo || len(msg) > hi {
				rt.Fatalf("%s\n%d bytes are not within %d to %d", src, len(msg), lo, hi)
			}
			js, err := c.DecodeJSON(nil, msg)
			if err != nil || string(js) != doc {
				rt.Fatalf("%s\n%s\n%s\n%v", src, doc, js, err)
			}
			checkPrefixes(rt, c, msg)
			checkOver(rt, c, msg, d.json(rt))
		}
	})
}

// checkOver: another document written over a record, whole or cut short, decodes to that document.
func checkOver(t *rapid.T, c *Codec, msg []byte, doc string) {
	old := msg[:rapid.IntRange(0, len(msg)).Draw(t, "old")]
	if _, _, _, err := c.DecodeTolerant(nil, old); err != nil {
		return // it cannot be followed
	}
	over := `{"$bytes":"` + base64.StdEncoding.EncodeToString(old) + `",` + doc[1:]
	out, err := c.EncodeExact(nil, []byte(over))
	if err != nil {
		t.Fatalf("%s: %v", over, err)
	}
	if js, err := c.DecodeJSON(nil, out); err != nil || string(js) != doc {
		t.Fatalf("over %x\n%x\n%s\n%s\n%v", old, out, doc, js, err)
	}
}

// checkPrefixes: a message that ends early is read or refused, and what was read of it is JSON that
// the whole message has too.
func checkPrefixes(t *rapid.T, c *Codec, msg []byte) {
	n := rapid.IntRange(0, len(msg)).Draw(t, "cut")
	if js, err := c.DecodeJSON(nil, msg[:n]); err == nil && transforms.SkipValue(js, 0) != len(js) {
		t.Fatalf("cut at %d: %s", n, js)
	}
}

// TestNumeralAgainstBig compares the placing of digits with exact arithmetic.
func TestNumeralAgainstBig(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scaled{n: rapid.IntRange(1, 38).Draw(rt, "n"), scale: rapid.IntRange(-5, 40).Draw(rt, "scale"), signed: true}
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?`).Draw(rt, "number")
		x, f := parseNumeral([]byte(text))
		if f != ok {
			rt.Fatal(text)
		}
		var buf digitBuf
		neg, f := s.place(x, buf[:s.n])
		var direct digitBuf
		if neg2, f2 := s.put(scalar{[]byte(text), transforms.Number}, direct[:s.n]); f2 != f || f == ok && (neg2 != neg || direct != buf) {
			rt.Fatalf("%s in %+v: put %v %d %v, place %v %d %v", text, s, neg2, f2, direct, neg, f, buf)
		}
		want, _ := new(big.Rat).SetString(text)
		unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(s.scale, -s.scale))), nil))
		stored := new(big.Rat)
		if s.scale >= 0 {
			stored.Mul(want, unit)
		} else {
			stored.Quo(want, unit)
		}
		limit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(s.n)), nil))
		fits := stored.IsInt() && new(big.Rat).Abs(stored).Cmp(limit) < 0
		if fits != (f == ok) {
			rt.Fatalf("%s in %+v: fault %d, fits %v", text, s, f, fits)
		}
		if f != ok {
			return
		}
		out := s.appendDigits(nil, &buf, s.n, neg)
		got, valid := new(big.Rat).SetString(string(out))
		if !valid || got.Cmp(want) != 0 {
			rt.Fatalf("%s in %+v became %s", text, s, out)
		}
	})
}

// TestBinaryAgainstBig compares all lengths of binary numbers with exact arithmetic.
func TestBinaryAgainstBig(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, 16).Draw(rt, "size")
		raw := rapid.SliceOfN(rapid.Byte(), size, size).Draw(rt, "raw")
		l := &binaryLeaf{scaled: scaled{n: 1, signed: rapid.Bool().Draw(rt, "signed")}, full: true, little: rapid.Bool().Draw(rt, "little")}
		v := new(big.Int)
		for i := range raw {
			b := raw[i]
			if l.little {
				b = raw[size-1-i]
			}
			v.Or(v.Lsh(v, 8), big.NewInt(int64(b)))
		}
		if l.signed && v.Bit(8*size-1) == 1 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
		}
		out, f := l.decode(nil, raw)
		if f != ok || string(out) != v.String() {
			rt.Fatalf("%x: %s, want %s", raw, out, v)
		}
		back := make([]byte, size)
		if f := encodeJSON(l, back, out); f != ok || string(back) != string(raw) {
			rt.Fatalf("%x became %x (%d)", raw, back, f)
		}
		over := new(big.Int).Lsh(big.NewInt(1), uint(8*size))
		if l.signed {
			over.Rsh(over, 1)
		}
		if f := encodeJSON(l, back, []byte(over.String())); f != faultRange {
			rt.Fatalf("%s was taken in %d bytes", over, size)
		}
	})
}

// TestHexFloatRoundTrip: every normalised number reads back to its bytes, and so do those that are
// too small to be normalised.
func TestHexFloatRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := &floatLeaf{size: rapid.SampledFrom([]int{4, 8}).Draw(rt, "size"), hex: true}
		raw := rapid.SliceOfN(rapid.Byte(), l.size, l.size).Draw(rt, "raw")
		if rapid.Bool().Draw(rt, "tiny") {
			raw[0] &= 0x80
			raw[1] |= 1
		} else {
			raw[1] |= 0x10
		}
		out, f := l.decode(nil, raw)
		if f != ok {
			rt.Fatal(f)
		}
		back := make([]byte, l.size)
		if f := encodeJSON(l, back, out); f != ok || string(back) != string(raw) {
			rt.Fatalf("%x: %s became %x (%d)", raw, out, back, f)
		}
	})
}
