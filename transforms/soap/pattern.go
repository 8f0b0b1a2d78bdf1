// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// xsdPattern writes a pattern of XML Schema (part 2, appendix F) for package regexp; false if it is none,
// or names a block of characters that is not known here. The whole text has to match, and lines have no
// meaning: ^ and $ are characters.
func xsdPattern(p string) (string, bool) {
	x := &patternReader{rest: p}
	var out strings.Builder
	for x.rest != "" {
		switch c := x.rest[0]; c {
		case '[':
			set, ok := x.class(0)
			if !ok {
				return "", false
			}
			out.WriteString(set.class())
		case '\\':
			set, ok := x.escape()
			if !ok {
				return "", false
			}
			out.WriteString(set.class())
		case '.':
			x.rest = x.rest[1:]
			out.WriteString(xmlRunes().minus(runes{'\n', '\n', '\r', '\r'}).class())
		case '^', '$':
			x.rest = x.rest[1:]
			out.WriteString("\\" + string(c))
		case '(':
			x.rest = x.rest[1:]
			if strings.HasPrefix(x.rest, "?") {
				return "", false
			}
			out.WriteString("(?:")
		case '*', '+', '?', '}':
			x.rest = x.rest[1:]
			if strings.HasPrefix(x.rest, "?") || strings.HasPrefix(x.rest, "+") {
				return "", false // what is greedy elsewhere has no meaning here
			}
			out.WriteByte(c)
		case ']':
			return "", false
		default:
			r, n := utf8.DecodeRuneInString(x.rest)
			x.rest = x.rest[n:]
			out.WriteRune(r)
		}
	}
	return out.String(), true
}

// runes is a set of characters: pairs of first and last, in order, without overlap.
type runes []rune

// class writes the set for package regexp.
func (s runes) class() string {
	if len(s) == 0 {
		return `[^\x{0}-\x{10FFFF}]`
	}
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; i < len(s); i += 2 {
		_, _ = fmt.Fprintf(&b, `\x{%X}`, s[i])
		if s[i+1] != s[i] {
			_, _ = fmt.Fprintf(&b, `-\x{%X}`, s[i+1])
		}
	}
	return b.String() + "]"
}

// normal orders pairs and joins those that touch.
func normal(pairs runes) runes {
	order := make([][2]rune, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		order = append(order, [2]rune{pairs[i], pairs[i+1]})
	}
	slices.SortFunc(order, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var out runes
	for _, p := range order {
		if n := len(out); n > 0 && p[0] <= out[n-1]+1 {
			out[n-1] = max(out[n-1], p[1])
			continue
		}
		out = append(out, p[0], p[1])
	}
	return out
}

// xmlRunes are all characters that a document can have.
func xmlRunes() runes {
	return runes{'\t', '\n', '\r', '\r', 0x20, 0xD7FF, 0xE000, 0xFFFD, 0x10000, utf8.MaxRune}
}

// minus is the set without the characters of another.
func (s runes) minus(o runes) runes {
	var out runes
	for i := 0; i < len(s); i += 2 {
		from := s[i]
		for j := 0; j < len(o) && from <= s[i+1]; j += 2 {
			if o[j+1] < from || o[j] > s[i+1] {
				continue
			}
			if o[j] > from {
				out = append(out, from, o[j]-1)
			}
			from = o[j+1] + 1
		}
		if from <= s[i+1] {
			out = append(out, from, s[i+1])
		}
	}
	return out
}

func tableRunes(tables ...*unicode.RangeTable) runes {
	var out runes
	for _, t := range tables {
		for _, r := range t.R16 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				if r.Stride == 1 {
					out = append(out, c, rune(r.Hi))
					break
				}
				out = append(out, c, c)
			}
		}
		for _, r := range t.R32 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) { //nolint:gosec // characters
				if r.Stride == 1 {
					out = append(out, c, rune(r.Hi)) //nolint:gosec // characters
					break
				}
				out = append(out, c, c)
			}
		}
	}
	return normal(out)
}

type patternReader struct{ rest string }

// class reads a class in brackets, with what is subtracted from it.
func (x *patternReader) class(depth int) (runes, bool) {
	x.rest = x.rest[1:]
	negative := strings.HasPrefix(x.rest, "^")
	if negative {
		x.rest = x.rest[1:]
	}
	var set, less runes
	for first := true; ; first = false {
		switch {
		case x.rest == "" || depth > 20:
			return nil, false
		case x.rest[0] == ']' && !first:
			x.rest = x.rest[1:]
			if set = normal(set); negative {
				set = xmlRunes().minus(set)
			}
			return set.minus(less), true
		case strings.HasPrefix(x.rest, "-[") && !first:
			x.rest = x.rest[1:]
			var ok bool
			if less, ok = x.class(depth + 1); !ok || !strings.HasPrefix(x.rest, "]") {
				return nil, false
			}
		default:
			more, ok := x.item()
			if !ok {
				return nil, false
			}
			set = append(set, more...)
		}
	}
}

// item reads a character, a range, or an escape in a class.
func (x *patternReader) item() (runes, bool) {
	low, ok := x.one()
	if !ok || len(low) != 2 || low[0] != low[1] || !strings.HasPrefix(x.rest, "-") || strings.HasPrefix(x.rest, "-]") || strings.HasPrefix(x.rest, "-[") {
		return low, ok
	}
	x.rest = x.rest[1:]
	high, ok := x.one()
	if !ok || len(high) != 2 || high[0] != high[1] || high[0] < low[0] {
		return nil, false
	}
	return runes{low[0], high[0]}, true
}

func (x *patternReader) one() (runes, bool) {
	switch {
	case x.rest == "" || x.rest[0] == '[':
		return nil, false
	case x.rest[0] == '\\':
		return x.escape()
	}
	r, n := utf8.DecodeRuneInString(x.rest)
	x.rest = x.rest[n:]
	return runes{r, r}, true
}

// escape reads what begins with a backslash.
func (x *patternReader) escape() (runes, bool) {
	if len(x.rest) < 2 {
		return nil, false
	}
	c := x.rest[1]
	if c == 'p' || c == 'P' {
		return x.category(c == 'P')
	}
	x.rest = x.rest[2:]
	switch c {
	case 'n':
		return runes{'\n', '\n'}, true
	case 'r':
		return runes{'\r', '\r'}, true
	case 't':
		return runes{'\t', '\t'}, true
	}
	if strings.IndexByte(`\|.-^?*+{}()[]$/,`, c) >= 0 {
		return runes{rune(c), rune(c)}, true
	}
	set, ok := map[byte]func() runes{
		'd': func() runes { return tableRunes(unicode.Nd) },
		's': func() runes { return runes{'\t', '\n', '\r', '\r', ' ', ' '} },
		'w': func() runes { return tableRunes(unicode.L, unicode.M, unicode.N, unicode.S) },
		'i': func() runes { return nameRunes(true) },
		'c': func() runes { return nameRunes(false) },
	}[c|0x20]
	if !ok {
		return nil, false
	}
	if c < 'a' {
		return xmlRunes().minus(set()), true
	}
	return set(), true
}

// category reads \p{L} and its like, and blocks: \p{IsGreek}.
func (x *patternReader) category(negative bool) (runes, bool) {
	name, rest, ok := strings.Cut(x.rest[2:], "}")
	if !ok || !strings.HasPrefix(name, "{") {
		return nil, false
	}
	x.rest = rest
	var set runes
	if block, is := strings.CutPrefix(name[1:], "Is"); is {
		if set = blockRunes(block); set == nil {
			return nil, false
		}
	} else if t := unicode.Categories[name[1:]]; t != nil {
		set = tableRunes(t)
	} else {
		return nil, false
	}
	others := xmlRunes().minus(set)
	if negative {
		return others, true
	}
	return xmlRunes().minus(others), true
}

// nameRunes are the characters of names (XML 1.0, section 2.3): those that can begin one, or all.
func nameRunes(first bool) runes {
	out := runes{
		':', ':', 'A', 'Z', '_', '_', 'a', 'z', 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2FF, 0x370, 0x37D, 0x37F, 0x1FFF, 0x200C, 0x200D,
		0x2070, 0x218F, 0x2C00, 0x2FEF, 0x3001, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0xEFFFF,
	}
	if !first {
		out = append(out, '-', '.', '0', '9', 0xB7, 0xB7, 0x300, 0x36F, 0x203F, 0x2040)
	}
	return normal(out)
}

// blockRunes are the characters of a block of Unicode; nil for one that is not known here.
func blockRunes(name string) runes {
	block, ok := map[string][2]rune{
		"BasicLatin": {0, 0x7F}, "Latin-1Supplement": {0x80, 0xFF}, "LatinExtended-A": {0x100, 0x17F}, "LatinExtended-B": {0x180, 0x24F},
		"IPAExtensions": {0x250, 0x2AF}, "SpacingModifierLetters": {0x2B0, 0x2FF}, "CombiningDiacriticalMarks": {0x300, 0x36F},
		"Greek": {0x370, 0x3FF}, "GreekandCoptic": {0x370, 0x3FF}, "Cyrillic": {0x400, 0x4FF}, "Armenian": {0x530, 0x58F},
		"Hebrew": {0x590, 0x5FF}, "Arabic": {0x600, 0x6FF}, "Devanagari": {0x900, 0x97F}, "Thai": {0xE00, 0xE7F}, "Georgian": {0x10A0, 0x10FF},
		"HangulJamo": {0x1100, 0x11FF}, "LatinExtendedAdditional": {0x1E00, 0x1EFF}, "GreekExtended": {0x1F00, 0x1FFF},
		"GeneralPunctuation": {0x2000, 0x206F}, "SuperscriptsandSubscripts": {0x2070, 0x209F}, "CurrencySymbols": {0x20A0, 0x20CF},
		"LetterlikeSymbols": {0x2100, 0x214F}, "NumberForms": {0x2150, 0x218F}, "Arrows": {0x2190, 0x21FF}, "MathematicalOperators": {0x2200, 0x22FF},
		"BoxDrawing": {0x2500, 0x257F}, "GeometricShapes": {0x25A0, 0x25FF}, "CJKSymbolsandPunctuation": {0x3000, 0x303F},
		"Hiragana": {0x3040, 0x309F}, "Katakana": {0x30A0, 0x30FF}, "CJKUnifiedIdeographs": {0x4E00, 0x9FFF}, "HangulSyllables": {0xAC00, 0xD7A3},
		"PrivateUse": {0xE000, 0xF8FF}, "HalfwidthandFullwidthForms": {0xFF00, 0xFFEF},
	}[name]
	if !ok {
		return nil
	}
	return runes{block[0], block[1]}
}
