// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"regexp/syntax"
)

// textFacts is what patterns prove about a text.
type textFacts struct {
	// min and max bound the length in characters; max may be Unbounded.
	min, max int
	// digits and ascii tell that all characters are of that kind.
	digits, ascii bool
}

// patternFacts reads what a pattern proves; ok is false if it proves nothing. Only what is anchored
// at both ends says something about the whole text.
func patternFacts(pattern string) (f textFacts, ok bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return f, false
	}
	return anchoredFacts(re.Simplify())
}

func anchoredFacts(re *syntax.Regexp) (f textFacts, ok bool) {
	switch re.Op {
	case syntax.OpCapture:
		return anchoredFacts(re.Sub[0])
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			one, anchored := anchoredFacts(sub)
			if !anchored {
				return f, false
			}
			if i == 0 {
				f = one
				continue
			}
			f = f.or(one)
		}
		return f, true
	case syntax.OpConcat:
		last := len(re.Sub) - 1
		if last < 1 || re.Sub[0].Op != syntax.OpBeginText || re.Sub[last].Op != syntax.OpEndText {
			return f, false
		}
		return sequenceFacts(re.Sub[1:last]), true
	default:
		return f, false
	}
}

func sequenceFacts(list []*syntax.Regexp) textFacts {
	f := textFacts{digits: true, ascii: true}
	for _, sub := range list {
		f = f.then(partFacts(sub))
	}
	return f
}

// partFacts describes the texts that one part of a pattern matches.
func partFacts(re *syntax.Regexp) textFacts {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return textFacts{digits: true, ascii: true}
	case syntax.OpLiteral:
		f := textFacts{min: len(re.Rune), max: len(re.Rune), digits: true, ascii: true}
		for _, r := range re.Rune {
			f.digits = f.digits && r >= '0' && r <= '9'
			f.ascii = f.ascii && r < 0x80 && re.Flags&syntax.FoldCase == 0
		}
		return f
	case syntax.OpCharClass:
		f := textFacts{min: 1, max: 1, digits: true, ascii: true}
		for i := 0; i+1 < len(re.Rune); i += 2 {
			f.digits = f.digits && re.Rune[i] >= '0' && re.Rune[i+1] <= '9'
			f.ascii = f.ascii && re.Rune[i+1] < 0x80
		}
		return f
	case syntax.OpCapture:
		return partFacts(re.Sub[0])
	case syntax.OpConcat:
		return sequenceFacts(re.Sub)
	case syntax.OpAlternate:
		f := partFacts(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			f = f.or(partFacts(sub))
		}
		return f
	case syntax.OpQuest:
		return partFacts(re.Sub[0]).times(0, 1)
	case syntax.OpStar:
		return partFacts(re.Sub[0]).times(0, Unbounded)
	case syntax.OpPlus:
		return partFacts(re.Sub[0]).times(1, Unbounded)
	case syntax.OpRepeat:
		return partFacts(re.Sub[0]).times(re.Min, re.Max)
	default: // any character
		return textFacts{min: 1, max: 1}
	}
}

func (f textFacts) then(o textFacts) textFacts {
	out := textFacts{min: f.min + o.min, max: Unbounded, digits: f.digits && o.digits, ascii: f.ascii && o.ascii}
	if f.max >= 0 && o.max >= 0 {
		out.max = f.max + o.max
	}
	return out
}

func (f textFacts) or(o textFacts) textFacts {
	out := textFacts{min: min(f.min, o.min), max: Unbounded, digits: f.digits && o.digits, ascii: f.ascii && o.ascii}
	if f.max >= 0 && o.max >= 0 {
		out.max = max(f.max, o.max)
	}
	return out
}

func (f textFacts) times(least, most int) textFacts {
	out := textFacts{min: f.min * least, max: Unbounded, digits: f.digits, ascii: f.ascii}
	switch {
	case f.max == 0:
		out.max = 0
	case f.max > 0 && most >= 0:
		out.max = f.max * most
	}
	return out
}

// textOf gathers what is known about the texts of a type: its bounds, patterns and format.
func textOf(t *Type) textFacts {
	f := textFacts{min: t.MinLength, max: t.MaxLength}
	for _, p := range t.Patterns {
		one, ok := patternFacts(p)
		if !ok {
			continue
		}
		f.min = max(f.min, one.min)
		f.max = tighter(f.max, one.max)
		f.digits, f.ascii = f.digits || one.digits, f.ascii || one.ascii
	}
	if sample := formatSample(t.Format); sample != "" {
		f.ascii = true
		if t.Format != "date-time" && t.Format != "time" {
			f.min, f.max = max(f.min, len(sample)), tighter(f.max, len(sample))
		}
	}
	return f
}

// tighter is the smaller of two maxima.
func tighter(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// formatSample is a text of a format whose texts are all alike, or "".
func formatSample(format string) string {
	switch format {
	case "date":
		return "2024-02-28"
	case "date-time":
		return "2024-02-28T12:30:45Z"
	case "time":
		return "12:30:45Z"
	case "uuid":
		return "123e4567-e89b-12d3-a456-426614174000"
	default:
		return ""
	}
}
